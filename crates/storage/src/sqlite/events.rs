//! The log of events: appended by batches, read in its order or by cart and order.

use super::rows;
use cartwright_domain::event::{Actor, Event, EventKind, LoggedEvent, Subject};
use cartwright_domain::id::{CartId, EventId, OrderId, StoreId, Timestamp, first_id_at};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::EventQuery;
use rusqlite::{Connection, Result, Row, params};

/// Events of old carts that one batch forgets at most.
const FORGET: i64 = 5_000;

pub const COLUMNS: &str = "sequence, event_id, at, kind, cart_id, order_id, actor, data";

/// Appends what happened. Returns the last number.
pub fn append(connection: &Connection, store: StoreId, set: &WorkingSet, mut sequence: i64) -> Result<i64> {
    let sql = "INSERT INTO events (store_id, sequence, event_id, at, kind, cart_id, order_id, actor, data) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut statement = connection.prepare_cached(sql)?;
    for event in &set.events {
        sequence += 1;
        statement.execute(params![
            store.0,
            sequence,
            event.id.0.as_bytes(),
            event.at.0,
            event.kind.as_str(),
            event.subject.cart().map(|id| *id.0.as_bytes()),
            event.subject.order().map(|id| *id.0.as_bytes()),
            event.actor.as_str(),
            rows::json(&event.data)?
        ])?;
    }
    Ok(sequence)
}

/// Forgets events of carts. A cart that is old itself is found by its id; the newest event stays, since it is counted on from.
pub fn forget(connection: &Connection, store: StoreId, before: Timestamp) -> Result<()> {
    let sql = "DELETE FROM events WHERE store_id = ?1 AND sequence IN (SELECT e.sequence FROM events e \
               WHERE e.store_id = ?1 AND e.cart_id < ?2 AND e.cart_id IS NOT NULL AND e.at < ?3 \
               AND e.sequence < (SELECT max(sequence) FROM events WHERE store_id = ?1) LIMIT ?4)";
    let oldest = CartId(first_id_at(before));
    connection.prepare_cached(sql)?.execute(params![store.0, oldest.0.as_bytes(), before.0, FORGET]).map(|_| ())
}

/// A page of the log.
pub fn page(connection: &Connection, store: StoreId, query: &EventQuery) -> Result<Vec<LoggedEvent>> {
    let limit = query.limit as i64;
    let (place, subject) = match query.subject {
        Some(Subject::Cart(id)) => ("AND cart_id = ?4", Some(id.0)),
        Some(Subject::Order(id)) => ("AND order_id = ?4", Some(id.0)),
        None => ("AND ?4 IS NULL", None),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE store_id = ?1 AND sequence > ?2 {place} AND kind IN rarray(?5) \
         ORDER BY sequence LIMIT ?3"
    );
    let kinds: &[EventKind] = if query.kinds.is_empty() { &EventKind::ALL } else { &query.kinds };
    let names: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let subject = subject.map(|id| *id.as_bytes());
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![store.0, query.after, limit, subject, rows::texts(&names)], event)?.collect()
}

pub fn event(row: &Row<'_>) -> Result<LoggedEvent> {
    let subject = match (rows::optional_uuid(row, 4)?, rows::optional_uuid(row, 5)?) {
        (Some(cart), _) => Subject::Cart(CartId(cart)),
        (None, order) => Subject::Order(OrderId(order.unwrap_or_default())),
    };
    Ok(LoggedEvent {
        sequence: row.get(0)?,
        event: Event {
            id: EventId(rows::uuid(row, 1)?),
            at: Timestamp(row.get(2)?),
            kind: rows::named(row, 3, &EventKind::ALL, EventKind::as_str)?,
            subject,
            actor: rows::named(row, 6, &Actor::ALL, Actor::as_str)?,
            data: rows::from_json(row, 7)?,
        },
    })
}
