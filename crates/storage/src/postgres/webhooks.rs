//! Receivers of events, and what became of the events on their way.

use super::rows::{self, Result};
use super::session::{Pipeline, column, value};
use cartwright_domain::event::EventKind;
use cartwright_domain::id::{EventId, StoreId, Timestamp, WebhookId};
use cartwright_domain::webhook::{Delivery, DeliveryStatus, Webhook};
use cartwright_domain::working_set::{DeliveryChange, WorkingSet};
use cartwright_engine::{DeliveryQuery, DeliverySelection};
use std::collections::BTreeMap;
use tokio_postgres::Row;
use tokio_postgres::types::{Json, ToSql};

macro_rules! webhooks {
    ($rest:literal) => {
        concat!("SELECT webhook_id, definition, position, round, created_at FROM webhooks WHERE store_id = $1", $rest)
    };
}
macro_rules! deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT sequence, event_id, kind, subject, status, tries, due_at, answer, changed_at FROM webhook_deliveries ",
            "WHERE store_id = $1 AND webhook_id = $2 AND ",
            $rest
        )
    };
}

pub const NAMED: &str = webhooks!(" AND webhook_id = ANY($2)");
pub const ALL: &str = webhooks!(" ORDER BY webhook_id");
const NEWEST: &str = deliveries!("sequence < $3 ORDER BY sequence DESC LIMIT $4");
const DELIVERED: &str = deliveries!("status = 'delivered' AND sequence < $3 ORDER BY sequence DESC LIMIT $4");
const PENDING: &str =
    deliveries!("status = 'pending' AND status <> 'delivered' AND sequence < $3 ORDER BY sequence DESC LIMIT $4");
const DEAD: &str =
    deliveries!("status = 'dead' AND status <> 'delivered' AND sequence < $3 ORDER BY sequence DESC LIMIT $4");
const DUE: &str = deliveries!("due_at <= $3 ORDER BY due_at LIMIT $4");
const WAITING: &str = deliveries!("subject = ANY($3) AND status = 'pending' LIMIT $4");
const PUT_WEBHOOKS: &str = "INSERT INTO webhooks (store_id, webhook_id, definition, position, round, created_at) \
     SELECT $1, * FROM unnest($2::uuid[], $3::json[], $4::bigint[], $5::bigint[], $6::bigint[]) \
     ON CONFLICT (store_id, webhook_id) DO UPDATE SET definition = excluded.definition, position = excluded.position, \
     round = excluded.round";
const PUT_DELIVERIES: &str = "INSERT INTO webhook_deliveries (store_id, webhook_id, sequence, event_id, kind, subject, status, \
     tries, due_at, answer, changed_at) SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], \
     $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::bigint[]) ON CONFLICT (store_id, webhook_id, sequence) \
     DO UPDATE SET status = excluded.status, tries = excluded.tries, due_at = excluded.due_at, answer = excluded.answer, \
     changed_at = excluded.changed_at";
const REVIVE_ONE: &str = "UPDATE webhook_deliveries SET status = 'pending', tries = 0, due_at = $3, changed_at = $3 \
     WHERE store_id = $1 AND webhook_id = $2 AND sequence = $4";
const REVIVE_DEAD: &str = "UPDATE webhook_deliveries SET status = 'pending', tries = 0, due_at = $3, changed_at = $3 \
     WHERE store_id = $1 AND webhook_id = $2 AND status = 'dead' AND status <> 'delivered'";
const FORGET_DELIVERIES: &str = "DELETE FROM webhook_deliveries WHERE store_id = $1 AND webhook_id = $2";
const FORGET: &str = "DELETE FROM webhooks WHERE store_id = $1 AND webhook_id = $2";
const FORGET_BEFORE: &str =
    "DELETE FROM webhook_deliveries WHERE store_id = $1 AND changed_at < $2 AND status <> 'pending'";
const PUT_SINK: &str = "INSERT INTO event_sinks (store_id, name, position) VALUES ($1, $2, $3) \
     ON CONFLICT (store_id, name) DO UPDATE SET position = excluded.position";
pub const SINK: &str = "SELECT position FROM event_sinks WHERE store_id = $1 AND name = $2";
pub const NEWEST_EVENT: &str = "SELECT last_event FROM lanes WHERE store_id = $1";

/// The statement for events on their way to a receiver, and what it asks for.
pub fn question(query: &DeliveryQuery) -> (&'static str, Box<dyn ToSql + Sync + Send + '_>) {
    match &query.selection {
        DeliverySelection::Newest { status, before } => {
            let sql = match status {
                None => NEWEST,
                Some(DeliveryStatus::Delivered) => DELIVERED,
                Some(DeliveryStatus::Pending) => PENDING,
                Some(DeliveryStatus::Dead) => DEAD,
            };
            (sql, Box::new(*before))
        }
        DeliverySelection::Due(now) => (DUE, Box::new(now.0)),
        DeliverySelection::Waiting(subjects) => (WAITING, Box::new(subjects)),
    }
}

pub fn webhook(row: &Row) -> Result<Webhook> {
    Ok(Webhook {
        id: WebhookId(row.try_get(0)?),
        definition: rows::from_json(row, 1)?,
        position: row.try_get(2)?,
        round: row.try_get(3)?,
        created_at: Timestamp(row.try_get(4)?),
    })
}

pub fn delivery(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        sequence: row.try_get(0)?,
        event_id: EventId(row.try_get(1)?),
        kind: rows::named(row, 2, &EventKind::ALL, EventKind::as_str)?,
        subject: row.try_get(3)?,
        status: rows::named(row, 4, &DeliveryStatus::ALL, DeliveryStatus::as_str)?,
        tries: row.try_get(5)?,
        due_at: row.try_get::<_, Option<i64>>(6)?.map(Timestamp),
        answer: row.try_get(7)?,
        changed_at: Timestamp(row.try_get(8)?),
    })
}

/// Adds what changed about receivers and deliveries, and where other listeners are.
pub fn add<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    let webhooks: Vec<&'a Webhook> = set.webhooks.changes().map(|(_, webhook, _)| &**webhook).collect();
    if !webhooks.is_empty() {
        let all = || webhooks.iter().copied();
        let values = vec![
            value(store.0),
            column(all().map(|webhook| webhook.id.0)),
            column(all().map(|webhook| Json(&webhook.definition))),
            column(all().map(|webhook| webhook.position)),
            column(all().map(|webhook| webhook.round)),
            column(all().map(|webhook| webhook.created_at.0)),
        ];
        changes.add((), PUT_WEBHOOKS, values);
    }
    // One statement cannot write a row twice: the last word counts.
    let mut puts = BTreeMap::new();
    for change in &set.delivery_changes {
        match change {
            DeliveryChange::Put(webhook, delivery) => drop(puts.insert((*webhook, delivery.sequence), &**delivery)),
            other => {
                put(changes, store, std::mem::take(&mut puts));
                add_other(changes, store, other);
            }
        }
    }
    put(changes, store, puts);
    for (name, position) in &set.sink_positions {
        changes.add((), PUT_SINK, vec![value(store.0), value(name), value(*position)]);
    }
}

fn put<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, puts: BTreeMap<(WebhookId, i64), &'a Delivery>) {
    if puts.is_empty() {
        return;
    }
    let all = || puts.values().copied();
    let values = vec![
        value(store.0),
        column(puts.keys().map(|(webhook, _)| webhook.0)),
        column(all().map(|delivery| delivery.sequence)),
        column(all().map(|delivery| delivery.event_id.0)),
        column(all().map(|delivery| delivery.kind.as_str())),
        column(all().map(|delivery| delivery.subject)),
        column(all().map(|delivery| delivery.status.as_str())),
        column(all().map(|delivery| delivery.tries)),
        column(all().map(|delivery| delivery.due_at.map(|due| due.0))),
        column(all().map(|delivery| delivery.answer.as_ref())),
        column(all().map(|delivery| delivery.changed_at.0)),
    ];
    changes.add((), PUT_DELIVERIES, values);
}

fn add_other(changes: &mut Pipeline<'_, ()>, store: StoreId, change: &DeliveryChange) {
    match change {
        DeliveryChange::Put(..) => {}
        DeliveryChange::Revive(webhook, Some(sequence), now) => {
            let values = vec![value(store.0), value(webhook.0), value(now.0), value(*sequence)];
            changes.add((), REVIVE_ONE, values);
        }
        DeliveryChange::Revive(webhook, None, now) => {
            changes.add((), REVIVE_DEAD, vec![value(store.0), value(webhook.0), value(now.0)]);
        }
        DeliveryChange::Forget(webhook) => {
            changes.add((), FORGET_DELIVERIES, vec![value(store.0), value(webhook.0)]);
            changes.add((), FORGET, vec![value(store.0), value(webhook.0)]);
        }
        DeliveryChange::ForgetBefore(before) => {
            changes.add((), FORGET_BEFORE, vec![value(store.0), value(before.0)]);
        }
    }
}
