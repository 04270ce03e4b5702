//! What somebody who is logged in buys: the cart, and the orders.

use crate::access::Person;
use crate::carts::reply;
use crate::input::{Check, Filter, Query, decode_cursor, encode_cursor, no_such_page};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, ok, order_of};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Access, Command, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::OrderId;
use cartwright_engine::CartView;
use cartwright_wire::{Cart, Order, Page};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use uuid::Uuid;

const DEFAULT_LIMIT: usize = 20;

/// Reads one's cart
///
/// Everybody who is logged in has one cart in a store; it is made where there is none.
#[utoipa::path(
    get, path = "/api/v1/account/cart", tag = "Account",
    responses((status = 200, description = "The cart.", body = Cart)),
)]
pub(crate) async fn read_account_cart(State(api): State<Shared>, person: Person) -> Outcome {
    Ok(reply::cart(&*own_cart(&api, &person).await?))
}

/// The cart of somebody who is logged in.
pub(super) async fn own_cart(api: &Api, person: &Person) -> Outcome<Arc<CartView>> {
    let command = Command::CreateCart {
        token_hash: None,
        customer: Some(person.account.customer()),
        currency: None,
        email: EmailAddress::parse(&person.account.email).ok(),
        lines: Vec::new(),
        own: None,
        idempotency: None,
    };
    match api.engine.run(&person.store, command).await? {
        Reply::Cart(cart) | Reply::CartCreated(cart) => {
            let view = api.engine.view_changed(&person.store, cart).await?;
            let access = Access::Customer(person.account.customer());
            Ok(api.engine.without_unavailable(&person.store, view, &access).await?)
        }
        other => Err(reply::unexpected(&other)),
    }
}

/// Which of one's orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnOrders {
    /// Orders per page, 1 to 100; 20 unless given.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 200, nullable = false)]
    cursor: Option<String>,
}

impl Filter for OwnOrders {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=100);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=200);
    }
}

/// Lists one's orders
///
/// Newest first; with those that were made as a guest with the address that the account has confirmed, and those of customers
/// that the shop has linked to it.
/// An order whose payment was replaced by another way to pay is left out: its cart made a new one.
#[utoipa::path(
    get, path = "/api/v1/account/orders", tag = "Account", params(OwnOrders),
    responses(
        (status = 200, description = "A page of orders.", body = Page<Order>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_account_orders(
    State(api): State<Shared>,
    person: Person,
    Query(filter): Query<OwnOrders>,
) -> Outcome {
    let before = filter.cursor.map(|cursor| decode_cursor(&cursor).ok_or_else(no_such_page)).transpose()?;
    let before = OrderId(before.unwrap_or(Uuid::max()));
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let store = person.store.store.id;
    let names = api.engine.names_of_account(store, &person.account).await?;
    let mut orders = api.engine.reader().orders_of(store, &names, before, limit + 1).await?;
    let more = orders.len() > limit;
    orders.truncate(limit);
    let next = orders.last().filter(|_| more).map(|last| encode_cursor(&last.id.0));
    let locale = Locale::of_store(&person.store);
    Ok(ok(&Page {
        items: orders
            .iter()
            .filter(|order| !order.detail.replaced)
            .map(|order| order_of(order, locale.as_ref(), Audience::Shopper))
            .collect(),
        next,
    }))
}
