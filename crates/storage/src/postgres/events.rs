//! The log of events: read in its order or by cart and order. Batches append to it at their end.

use super::rows::{self, Result};
use super::session::{Value, column};
use cartwright_domain::event::{Actor, Event, EventKind, LoggedEvent, Subject};
use cartwright_domain::id::{CartId, EventId, OrderId, Timestamp};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::EventQuery;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// Forgets events of old carts; one that is old itself is found by its id.
pub const FORGET: &str = "DELETE FROM events WHERE store_id = $1 AND sequence IN (SELECT e.sequence FROM events e \
     WHERE e.store_id = $1 AND e.cart_id < $2 AND e.cart_id IS NOT NULL AND e.at < $3 LIMIT 5000)";

macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT sequence, event_id, at, kind, cart_id, order_id, actor, data FROM events WHERE store_id = $1 ",
            "AND sequence > $2 AND ($4::text[] = '{}' OR kind = ANY($4)) ",
            $condition,
            " ORDER BY sequence LIMIT $3"
        )
    };
}

/// The statement for a page of the log, and the subject that it is bound to.
pub fn page(query: &EventQuery) -> (&'static str, Option<Uuid>) {
    match query.subject {
        Some(Subject::Cart(id)) => (page!("AND cart_id = $5"), Some(id.0)),
        Some(Subject::Order(id)) => (page!("AND order_id = $5"), Some(id.0)),
        None => (page!("AND $5::uuid IS NULL"), None),
    }
}

pub const OF_ORDERS: &str = "SELECT sequence, event_id, at, kind, cart_id, order_id, actor, data FROM events \
     WHERE store_id = $1 AND order_id = ANY($2) AND order_id IS NOT NULL AND sequence > $3 ORDER BY sequence LIMIT $4";

pub const OF_CARTS: &str = "SELECT sequence, event_id, at, kind, cart_id, order_id, actor, data FROM events \
     WHERE store_id = $1 AND cart_id = ANY($2) AND cart_id IS NOT NULL AND sequence > $3 ORDER BY sequence LIMIT $4";

/// New events as columns, numbered after `last`.
pub fn columns<'a>(set: &'a WorkingSet, last: i64) -> [Value<'a>; 8] {
    let all = || set.events.iter();
    [
        column((last + 1..).zip(all()).map(|(sequence, _)| sequence)),
        column(all().map(|event| event.id.0)),
        column(all().map(|event| event.at.0)),
        column(all().map(|event| event.kind.as_str())),
        column(all().map(|event| event.subject.cart().map(|id| id.0))),
        column(all().map(|event| event.subject.order().map(|id| id.0))),
        column(all().map(|event| event.actor.as_str())),
        column(all().map(|event| Json(&event.data))),
    ]
}

pub fn event(row: &Row) -> Result<LoggedEvent> {
    let (cart, order): (Option<Uuid>, Option<Uuid>) = (row.try_get(4)?, row.try_get(5)?);
    let subject = match cart {
        Some(cart) => Subject::Cart(CartId(cart)),
        None => Subject::Order(OrderId(order.unwrap_or_default())),
    };
    Ok(LoggedEvent {
        sequence: row.try_get(0)?,
        event: Event {
            id: EventId(row.try_get(1)?),
            at: Timestamp(row.try_get(2)?),
            kind: rows::named(row, 3, &EventKind::ALL, EventKind::as_str)?,
            subject,
            actor: rows::named(row, 6, &Actor::ALL, Actor::as_str)?,
            data: rows::from_json(row, 7)?,
        },
    })
}
