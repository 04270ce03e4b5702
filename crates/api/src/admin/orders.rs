//! `GET /admin/orders`.

use crate::access::Operator;
use crate::input::{Check, Day, Filter, Query, decode_cursor, encode_cursor, no_such_page};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, ok, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::fulfilment::FulfilmentStatus;
use cartwright_domain::id::{OrderId, first_id_at};
use cartwright_domain::order::{OrderStatus, PaymentStatus};
use cartwright_domain::time_zone::TimeZone;
use cartwright_engine::OrderQuery;
use cartwright_wire::{Order, Page};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

const DEFAULT_LIMIT: usize = 20;

/// Which orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderFilter {
    /// Only those in this state.
    #[param(inline, nullable = false)]
    status: Option<Status>,
    /// Only those whose payment is in this state.
    #[param(inline, nullable = false)]
    payment_status: Option<PaymentState>,
    /// Only placed orders that are fulfilled so far.
    #[param(inline, nullable = false)]
    fulfilment_status: Option<Progress>,
    /// Only those of this customer.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    customer: Option<String>,
    /// Only those with this e-mail address; case does not matter.
    #[param(min_length = 3, max_length = 254, nullable = false)]
    email: Option<String>,
    /// Only those made on this day, by the store's clock, or later.
    #[param(inline, nullable = false)]
    created_from: Option<Day>,
    /// Only those made on this day, by the store's clock, or earlier.
    #[param(inline, nullable = false)]
    created_to: Option<Day>,
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

/// State of a payment, one of [`PaymentStatus::ALL`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaymentState(pub PaymentStatus);

impl<'de> Deserialize<'de> for PaymentState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PaymentState, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = PaymentStatus::ALL.into_iter().find(|status| status.as_str() == text);
        known.map(PaymentState).ok_or_else(|| serde::de::Error::custom("must be a state of a payment such as captured"))
    }
}

impl PartialSchema for PaymentState {
    fn schema() -> RefOr<Schema> {
        let states = PaymentStatus::ALL.into_iter().map(PaymentStatus::as_str);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(states)).build().into()
    }
}

impl ToSchema for PaymentState {}

/// How far an order is fulfilled.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Progress {
    Unfulfilled,
    PartiallyFulfilled,
    Fulfilled,
    Delivered,
}

impl From<Progress> for FulfilmentStatus {
    fn from(status: Progress) -> FulfilmentStatus {
        match status {
            Progress::Unfulfilled => FulfilmentStatus::Unfulfilled,
            Progress::PartiallyFulfilled => FulfilmentStatus::PartiallyFulfilled,
            Progress::Fulfilled => FulfilmentStatus::Fulfilled,
            Progress::Delivered => FulfilmentStatus::Delivered,
        }
    }
}

/// State of an order.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
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
        check.optional_text("customer", self.customer.as_deref(), 1..=100);
        check.optional_text("email", self.email.as_deref(), 3..=254);
    }
}

impl OrderFilter {
    fn query(&self, before: Option<OrderId>, limit: usize, clock: &TimeZone) -> OrderQuery {
        let end = self.created_to.map(|day| OrderId(first_id_at(day.end(clock))));
        OrderQuery {
            status: self.status.map(|status| OrderStatus::from(status).as_str()),
            payment: self.payment_status.map(|status| status.0.as_str()),
            fulfilment: self.fulfilment_status.map(|status| FulfilmentStatus::from(status).as_str()),
            customer: self.customer.clone(),
            email: self.email.as_deref().map(|email| email.trim().to_lowercase()),
            from: self.created_from.map(|day| OrderId(first_id_at(day.start(clock)))),
            before: before.into_iter().chain(end).min(),
            limit,
        }
    }
}

/// Lists orders
///
/// Newest first. Filters narrow each other; each of them alone is answered from an index, however many orders there are.
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
    let cursor = filter.cursor.as_deref();
    let before = cursor.map(|cursor| decode_cursor(cursor).map(OrderId).ok_or_else(no_such_page)).transpose()?;
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    // One more than asked tells whether there is a page after.
    let query = filter.query(before, limit + 1, &operator.store.store.settings.time_zone);
    let mut orders = api.engine.reader().orders(operator.store.store.id, &query).await?;
    let more = orders.len() > limit;
    orders.truncate(limit);
    let next = orders.last().filter(|_| more).map(|last| encode_cursor(&last.id.0));
    let locale = filter.locale.clone().or_else(|| Locale::of_store(&operator.store));
    Ok(ok(&Page {
        items: orders.iter().map(|order| order_of(order, locale.as_ref(), Audience::Operator)).collect(),
        next,
    }))
}
