//! Events of payment gateways.

use super::rows::{self, Result};
use super::session::{Pipeline, column, value};
use cartwright_domain::id::{OrderId, StoreId, Timestamp};
use cartwright_domain::inbox::{InboxEvent, InboxKey, InboxState};
use cartwright_domain::working_set::{Keys, WorkingSet};
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::Json;

macro_rules! event {
    () => {
        "e.gateway, e.event_id, e.order_id, e.notice, e.state, e.received_at, e.tries, e.due_at, e.done_at"
    };
}

const NAMED: &str = concat!(
    "SELECT ",
    event!(),
    " FROM unnest($2::text[], $3::text[]) wanted (gateway, event_id) ",
    "JOIN gateway_events e ON e.store_id = $1 AND e.gateway = wanted.gateway AND e.event_id = wanted.event_id"
);
pub const DUE: &str = concat!(
    "SELECT ",
    event!(),
    " FROM gateway_events e WHERE e.store_id = $1 AND e.due_at <= $2 ORDER BY e.due_at LIMIT $3"
);
const PUT: &str = "INSERT INTO gateway_events (store_id, gateway, event_id, order_id, notice, state, received_at, tries, due_at, \
     done_at) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::json[], $6::text[], $7::bigint[], $8::bigint[], \
     $9::bigint[], $10::bigint[]) ON CONFLICT (store_id, gateway, event_id) DO UPDATE SET order_id = excluded.order_id, \
     notice = excluded.notice, state = excluded.state, received_at = excluded.received_at, tries = excluded.tries, \
     due_at = excluded.due_at, done_at = excluded.done_at";
const FORGET: &str = "DELETE FROM gateway_events WHERE store_id = $1 AND done_at < $2";

pub fn event(row: &Row) -> Result<InboxEvent> {
    Ok(InboxEvent {
        key: InboxKey { gateway: row.try_get(0)?, event_id: row.try_get(1)? },
        order_id: OrderId(row.try_get(2)?),
        notice: rows::from_json(row, 3)?,
        state: rows::named(row, 4, &InboxState::ALL, InboxState::as_str)?,
        received_at: Timestamp(row.try_get(5)?),
        tries: row.try_get(6)?,
        due_at: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
        done_at: row.try_get::<_, Option<i64>>(8)?.map(Timestamp),
    })
}

/// Asks for what the keys name.
pub fn ask<'a>(pipeline: &mut Pipeline<'a, super::load::Part>, store: StoreId, keys: &'a Keys) {
    if !keys.inbox.is_empty() {
        let gateways = column(keys.inbox.iter().map(|key| &key.gateway));
        let ids = column(keys.inbox.iter().map(|key| &key.event_id));
        pipeline.add(super::load::Part::Inbox, NAMED, vec![value(store.0), gateways, ids]);
    }
}

/// Takes a row into the set.
pub fn take_row(row: &Row, set: &mut WorkingSet) -> Result<()> {
    let event = event(row)?;
    set.inbox.load(event.key.clone(), Some(Arc::new(event)));
    Ok(())
}

/// Adds what changed.
pub fn add<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    let events: Vec<&'a InboxEvent> = set.inbox.changes().map(|(_, event, _)| &**event).collect();
    if !events.is_empty() {
        let all = || events.iter().copied();
        let values = vec![
            value(store.0),
            column(all().map(|event| &event.key.gateway)),
            column(all().map(|event| &event.key.event_id)),
            column(all().map(|event| event.order_id.0)),
            column(all().map(|event| Json(&event.notice))),
            column(all().map(|event| event.state.as_str())),
            column(all().map(|event| event.received_at.0)),
            column(all().map(|event| event.tries)),
            column(all().map(|event| event.due_at.map(|at| at.0))),
            column(all().map(|event| event.done_at.map(|at| at.0))),
        ];
        changes.add((), PUT, values);
    }
    if let Some(before) = set.forget_inbox_before {
        changes.add((), FORGET, vec![value(store.0), value(before.0)]);
    }
}
