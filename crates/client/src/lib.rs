//! A typed client of the Cartwright HTTP interface: one method per operation, for shoppers and for operators. It sends
//! what it is told and never computes a price, a total or a discount of its own.
//!
//! ```no_run
//! use cartwright_client::{CartAccess, Client, wire};
//!
//! # async fn example() -> Result<(), cartwright_client::Error> {
//! let shop = Client::builder().url("http://127.0.0.1:8080").store("default").build()?;
//!
//! // A guest's cart: its secret comes back once, in the answer that creates it.
//! let line = wire::LineInput { sku: Some("PEN".to_owned()), quantity: 2, ..Default::default() };
//! let cart = shop.create_cart(&wire::CreateCart { lines: vec![line], ..Default::default() }).await?;
//! println!("Total: {}", cart.totals.total.formatted);
//!
//! // The same key again answers the same order, so that a lost answer never buys twice.
//! let access = CartAccess::of(&cart);
//! let way = shop.cart_payment_methods(&access).await?.methods.remove(0);
//! let payment = wire::PaymentInput { gateway: way.gateway, method: way.method };
//! let checkout = wire::Checkout { expected_total: Some(cart.totals.total.amount), payment, idempotency_key: None };
//! let order = shop.checkout(&access, "order-of-this-morning", &checkout).await?;
//! println!("{} is {}", order.id, order.status);
//!
//! // Lists come in pages.
//! let mut pages = shop.products(&Default::default());
//! while let Some(page) = pages.next().await? {
//!     for product in page.items {
//!         println!("{}", product.name);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Requests that may safely be sent again (reads, requests that state an absolute value, requests with an idempotency
//! key) are sent again when the server answers 429 or 503 with `Retry-After`, a bounded number of times.

mod call;
mod client;
mod error;
mod live;
mod mails;
mod operator;
mod pages;
mod people;
mod reports;
mod shopper;

pub use cartwright_wire as wire;
pub use client::{Builder, Client};
pub use error::Error;
pub use live::CartWatch;
pub use operator::OrderQuery;
pub use pages::Pages;
pub use reports::ReportQuery;
pub use shopper::{CartAccess, ProductQuery};
