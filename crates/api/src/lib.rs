//! The HTTP interface: routes, problems, OpenAPI, authentication. It turns requests into commands and queries of the engine
//! and answers into bodies; it decides nothing about goods or money. HTTP status codes stand nowhere else.

mod access;
mod account;
mod admin;
mod background;
mod carts;
mod coupon_attempts;
mod events;
mod gate;
mod in_flight;
mod input;
mod limiter;
mod locale;
mod login_attempts;
mod login_watch;
mod network;
mod openapi;
mod orders;
mod passwords;
mod peer;
mod problem;
mod products;
mod rate;
mod reports;
mod respond;
mod router;
mod serve;
mod service;
mod settings;
mod state;
mod turns;
mod weak_passwords;
mod webhooks;

pub use access::scopes;
pub use gate::Gate;
pub use router::{Routers, routers};
pub use serve::serve;
pub use settings::{ApiSettings, RequestRate};
