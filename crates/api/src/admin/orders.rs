//! `GET /admin/orders`.

use crate::access::Operator;
use crate::input::{Check, Filter, Query, decode_cursor, encode_cursor, no_such_page};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{ok, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::id::OrderId;
use cartwright_domain::order::OrderStatus;
use cartwright_engine::OrderQuery;
use cartwright_wire::{Order, Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: usize = 20;

/// Which orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderFilter {
    /// Only those in this state.
    #[param(inline, nullable = false)]
    status: Option<Status>,
    /// Orders per page, 1 to 100; 20 unless given.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 200, nullable = false)]
    cursor: Option<String>,
    /// Locale in which amounts are written for people; the store's own unless given.
    #[param(inline, nullable = false)]
    locale: Option<Locale>,
}

/// State of an order.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    PendingPayment,
    Placed,
    Cancelled,
    PaymentFailed,
    Expired,
}

impl From<Status> for OrderStatus {
    fn from(status: Status) -> OrderStatus {
        match status {
            Status::PendingPayment => OrderStatus::PendingPayment,
            Status::Placed => OrderStatus::Placed,
            Status::Cancelled => OrderStatus::Cancelled,
            Status::PaymentFailed => OrderStatus::PaymentFailed,
            Status::Expired => OrderStatus::Expired,
        }
    }
}

impl Filter for OrderFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=100);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=200);
    }
}

/// Lists orders
///
/// Newest first.
#[utoipa::path(
    get, path = "/api/v1/admin/orders", tag = "Orders", params(OrderFilter),
    responses(
        (status = 200, description = "A page of orders.", body = Page<Order>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_orders(
    State(api): State<Shared>,
    operator: Operator,
    Query(filter): Query<OrderFilter>,
) -> Outcome {
    let before =
        filter.cursor.map(|cursor| decode_cursor(&cursor).map(OrderId).ok_or_else(no_such_page)).transpose()?;
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let status = filter.status.map(|status| OrderStatus::from(status).as_str());
    // One more than asked tells whether there is a page after.
    let query = OrderQuery { status, before, limit: limit + 1 };
    let mut orders = api.engine.reader().orders(operator.store.store.id, &query).await?;
    let more = orders.len() > limit;
    orders.truncate(limit);
    let next = orders.last().filter(|_| more).map(|last| encode_cursor(&last.id.0));
    let locale = filter.locale.or_else(|| Locale::of_store(&operator.store));
    Ok(ok(&Page { items: orders.iter().map(|order| order_of(order, locale.as_ref())).collect(), next }))
}
