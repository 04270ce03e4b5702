//! `/events`, and the timelines of orders and carts.

use crate::access::{Operator, Visitor};
use crate::input::{CartPath, Check, Filter, OrderPath, Query};
use crate::problem::Outcome;
use crate::respond::ok;
use crate::state::{Api, Shared};
use axum::extract::State;
use axum::response::Response;
use cartwright_domain::command::Access;
use cartwright_domain::event::{EventKind, LoggedEvent, Subject};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use cartwright_engine::EventQuery;
use cartwright_wire::{Event, Page};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: i64 = 100;
/// Beyond it not every reader of JSON tells one number from the next.
const LAST_NUMBER: i64 = 9_007_199_254_740_991;

/// Which events to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventFilter {
    /// Only those with a higher `sequence`: that of the last event one has, or `next` of the page before.
    #[param(minimum = 0, maximum = 9007199254740991_i64, nullable = false)]
    after: Option<i64>,
    /// Events per page, 1 to 1,000; 100 unless given.
    #[param(minimum = 1, maximum = 1000, nullable = false)]
    limit: Option<i64>,
    /// Only these types, with commas between them.
    #[param(nullable = false)]
    types: Option<String>,
}

impl Filter for EventFilter {
    fn check(&self, check: &mut Check) {
        check_place(self.after, self.limit, check);
        let known =
            || self.types.iter().flat_map(|types| types.split(',')).all(|name| EventKind::named(name).is_some());
        check.expect(known(), || "types".to_owned(), "must be names of types with commas between them");
    }
}

/// Which part of a timeline to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineFilter {
    /// Only events with a higher `sequence`: `next` of the page before.
    #[param(minimum = 0, maximum = 9007199254740991_i64, nullable = false)]
    after: Option<i64>,
    /// Events per page, 1 to 1,000; 100 unless given.
    #[param(minimum = 1, maximum = 1000, nullable = false)]
    limit: Option<i64>,
}

impl Filter for TimelineFilter {
    fn check(&self, check: &mut Check) {
        check_place(self.after, self.limit, check);
    }
}

fn check_place(after: Option<i64>, limit: Option<i64>, check: &mut Check) {
    if let Some(after) = after {
        check.number("after", after, 0..=LAST_NUMBER);
    }
    if let Some(limit) = limit {
        check.number("limit", limit, 1..=1000);
    }
}

/// Lists events
///
/// What happened to carts and orders, in the order in which it was committed: each store counts its own. Whoever asks again with
/// the last `sequence` misses nothing and gets nothing twice. Events of carts are kept for `cart_event_days`, those of orders for good.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "Events", params(EventFilter),
    responses((status = 200, description = "A page of events, the oldest first.", body = Page<Event>)),
)]
pub(crate) async fn list_events(
    State(api): State<Shared>,
    operator: Operator,
    Query(filter): Query<EventFilter>,
) -> Outcome {
    let kinds = filter.types.iter().flat_map(|types| types.split(',')).filter_map(EventKind::named).collect();
    let query = EventQuery { kinds, ..query(None, filter.after, filter.limit) };
    page(&api, &operator.store, query, LoggedEvent::to_json).await
}

/// Lists what happened to an order
///
/// Opens with the `Cart-Token` of the cart it was made of, or with an operator's key. Shoppers do not see what is the shop's own
/// business: notes, reasons, disputes.
#[utoipa::path(
    get, path = "/api/v1/orders/{order_id}/timeline", tag = "Orders", params(TimelineFilter),
    responses(
        (status = 200, description = "A page of events, the oldest first.", body = Page<Event>),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_order_timeline(
    State(api): State<Shared>,
    visitor: Visitor,
    OrderPath(id): OrderPath,
    Query(filter): Query<TimelineFilter>,
) -> Outcome {
    api.engine.order(&visitor.store, id, &visitor.order_access()?).await?;
    let query = query(Some(Subject::Order(id)), filter.after, filter.limit);
    if visitor.is_operator() {
        return page(&api, &visitor.store, query, LoggedEvent::to_json).await;
    }
    let kinds = EventKind::ALL.into_iter().filter(|kind| kind.is_for_shoppers()).collect();
    page(&api, &visitor.store, EventQuery { kinds, ..query }, LoggedEvent::to_json_for_shoppers).await
}

/// Lists what happened to a cart
///
/// Every change with its cause, for operators.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}/timeline", tag = "Carts", params(TimelineFilter),
    responses(
        (status = 200, description = "A page of events, the oldest first.", body = Page<Event>),
        (status = 403, description = "`operator_required`."),
        (status = 404, description = "`cart_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart_timeline(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    Query(filter): Query<TimelineFilter>,
) -> Outcome {
    let cart = api.engine.reader().cart(visitor.store.store.id, id).await?;
    let access = visitor.cart_access()?;
    cart.filter(|cart| cart.is_opened_by(&access)).ok_or(Refusal::CartNotFound)?;
    if access != Access::Operator {
        let detail = "The timeline of a cart is for operators.";
        return Err(crate::problem::Problem::new(&crate::problem::registry::OPERATOR_REQUIRED, detail));
    }
    page(&api, &visitor.store, query(Some(Subject::Cart(id)), filter.after, filter.limit), LoggedEvent::to_json).await
}

/// One more than asked tells whether there is a page after.
fn query(subject: Option<Subject>, after: Option<i64>, limit: Option<i64>) -> EventQuery {
    let limit = usize::try_from(limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(1) + 1;
    EventQuery { subject, kinds: Vec::new(), after: after.unwrap_or(0), limit }
}

async fn page(
    api: &Api,
    store: &StoreConfig,
    query: EventQuery,
    show: fn(&LoggedEvent, &str) -> serde_json::Value,
) -> Outcome<Response> {
    let mut events = api.engine.reader().events(store.store.id, &query).await?;
    let more = events.len() >= query.limit;
    events.truncate(query.limit - 1);
    let next = events.last().filter(|_| more).map(|last| last.sequence.to_string());
    let items = events.iter().map(|event| show(event, &store.store.handle)).collect();
    Ok(ok(&Page { items, next }))
}
