//! Events of payment gateways.

use super::rows;
use cartwright_domain::id::{OrderId, StoreId, Timestamp};
use cartwright_domain::inbox::{InboxEvent, InboxKey, InboxState};
use cartwright_domain::working_set::{Keys, WorkingSet};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use std::sync::Arc;

const EVENT: &str = "gateway, event_id, order_id, notice, state, received_at, tries, due_at, done_at";

fn event(row: &Row<'_>) -> Result<InboxEvent> {
    Ok(InboxEvent {
        key: InboxKey { gateway: row.get(0)?, event_id: row.get(1)? },
        order_id: OrderId(rows::uuid(row, 2)?),
        notice: rows::from_json(row, 3)?,
        state: rows::named(row, 4, &InboxState::ALL, InboxState::as_str)?,
        received_at: Timestamp(row.get(5)?),
        tries: row.get(6)?,
        due_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        done_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
    })
}

pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for key in &keys.inbox {
        let sql = format!("SELECT {EVENT} FROM gateway_events WHERE store_id = ?1 AND gateway = ?2 AND event_id = ?3");
        let values = params![store.0, key.gateway, key.event_id];
        let found = connection.prepare_cached(&sql)?.query_row(values, event).optional()?;
        set.inbox.load(key.clone(), found.map(Arc::new));
    }
    Ok(())
}

/// Events to be taken up by now, the most overdue first.
pub fn due(connection: &Connection, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<InboxEvent>> {
    let sql =
        format!("SELECT {EVENT} FROM gateway_events WHERE store_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3");
    connection.prepare_cached(&sql)?.query_map(params![store.0, now.0, limit as i64], event)?.collect()
}

/// Writes what changed.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (key, event, _) in set.inbox.changes() {
        let sql = "INSERT OR REPLACE INTO gateway_events (store_id, gateway, event_id, order_id, notice, state, \
                   received_at, tries, due_at, done_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let (due, done) = (event.due_at.map(|at| at.0), event.done_at.map(|at| at.0));
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            key.gateway,
            key.event_id,
            event.order_id.0.as_bytes(),
            rows::json(&event.notice)?,
            event.state.as_str(),
            event.received_at.0,
            event.tries,
            due,
            done
        ])?;
    }
    if let Some(before) = set.forget_inbox_before {
        let sql = "DELETE FROM gateway_events WHERE store_id = ?1 AND done_at < ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
    }
    Ok(())
}
