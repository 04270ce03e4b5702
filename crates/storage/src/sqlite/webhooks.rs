//! Receivers of events, and what became of the events on their way.

use super::rows;
use cartwright_domain::event::EventKind;
use cartwright_domain::id::{EventId, StoreId, Timestamp, WebhookId};
use cartwright_domain::webhook::{Delivery, DeliveryStatus, Webhook};
use cartwright_domain::working_set::{DeliveryChange, Keys, WorkingSet};
use cartwright_engine::{DeliveryQuery, DeliverySelection};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, Row, params};
use std::rc::Rc;
use std::sync::Arc;

const WEBHOOK: &str = "webhook_id, definition, position, round, created_at";
const DELIVERY: &str = "sequence, event_id, kind, subject, status, tries, due_at, answer, changed_at";

pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if keys.webhooks.is_empty() {
        return Ok(());
    }
    let sql = format!("SELECT {WEBHOOK} FROM webhooks WHERE store_id = ?1 AND webhook_id IN rarray(?2)");
    let mut statement = connection.prepare_cached(&sql)?;
    for found in statement.query_map(params![store.0, rows::array(keys.webhooks.iter().map(|id| id.0))], webhook)? {
        let found = found?;
        set.webhooks.load(found.id, Some(Arc::new(found)));
    }
    keys.webhooks.iter().for_each(|id| set.webhooks.load(*id, None));
    Ok(())
}

/// All receivers of a store.
pub fn all(connection: &Connection, store: StoreId) -> Result<Vec<Webhook>> {
    let sql = format!("SELECT {WEBHOOK} FROM webhooks WHERE store_id = ?1 ORDER BY webhook_id");
    connection.prepare_cached(&sql)?.query_map([store.0], webhook)?.collect()
}

fn webhook(row: &Row<'_>) -> Result<Webhook> {
    Ok(Webhook {
        id: WebhookId(rows::uuid(row, 0)?),
        definition: rows::from_json(row, 1)?,
        position: row.get(2)?,
        round: row.get(3)?,
        created_at: Timestamp(row.get(4)?),
    })
}

/// Events on their way to a receiver.
pub fn deliveries(connection: &Connection, store: StoreId, query: &DeliveryQuery) -> Result<Vec<Delivery>> {
    let (condition, value) = match &query.selection {
        DeliverySelection::Newest { status: None, before } => {
            ("sequence < ?3 ORDER BY sequence DESC", Value::Integer(*before))
        }
        DeliverySelection::Newest { status: Some(status), before } => {
            let condition = match status {
                DeliveryStatus::Delivered => "status = 'delivered' AND sequence < ?3 ORDER BY sequence DESC",
                DeliveryStatus::Pending => {
                    "status = 'pending' AND status <> 'delivered' AND sequence < ?3 ORDER BY sequence DESC"
                }
                DeliveryStatus::Dead => {
                    "status = 'dead' AND status <> 'delivered' AND sequence < ?3 ORDER BY sequence DESC"
                }
            };
            (condition, Value::Integer(*before))
        }
        DeliverySelection::Due(now) => ("due_at <= ?3 ORDER BY due_at", Value::Integer(now.0)),
        DeliverySelection::Waiting(subjects) => {
            return waiting(connection, store, query, rows::array(subjects.clone()));
        }
    };
    let sql = format!(
        "SELECT {DELIVERY} FROM webhook_deliveries WHERE store_id = ?1 AND webhook_id = ?2 AND {condition} LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![store.0, query.webhook.0.as_bytes(), value, query.limit as i64], delivery)?.collect()
}

fn waiting(
    connection: &Connection,
    store: StoreId,
    query: &DeliveryQuery,
    subjects: Rc<Vec<Value>>,
) -> Result<Vec<Delivery>> {
    let sql = format!(
        "SELECT {DELIVERY} FROM rarray(?3) wanted CROSS JOIN webhook_deliveries d ON d.store_id = ?1 AND d.webhook_id = ?2 \
         AND d.subject = wanted.value AND d.status = 'pending' LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = params![store.0, query.webhook.0.as_bytes(), subjects, query.limit as i64];
    statement.query_map(values, delivery)?.collect()
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        sequence: row.get(0)?,
        event_id: EventId(rows::uuid(row, 1)?),
        kind: rows::named(row, 2, &EventKind::ALL, EventKind::as_str)?,
        subject: rows::uuid(row, 3)?,
        status: rows::named(row, 4, &DeliveryStatus::ALL, DeliveryStatus::as_str)?,
        tries: row.get(5)?,
        due_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        answer: row.get(7)?,
        changed_at: Timestamp(row.get(8)?),
    })
}

/// Writes what changed about receivers and deliveries, and where other listeners are.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (id, webhook, _) in set.webhooks.changes() {
        let sql = "INSERT INTO webhooks (store_id, webhook_id, definition, position, round, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (store_id, webhook_id) \
                   DO UPDATE SET definition = ?3, position = ?4, round = ?5";
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            id.0.as_bytes(),
            rows::json(&webhook.definition)?,
            webhook.position,
            webhook.round,
            webhook.created_at.0
        ])?;
    }
    set.delivery_changes.iter().try_for_each(|change| write_delivery(connection, store, change))?;
    for (name, position) in &set.sink_positions {
        let sql = "INSERT INTO event_sinks (store_id, name, position) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (store_id, name) DO UPDATE SET position = ?3";
        connection.prepare_cached(sql)?.execute(params![store.0, name, position])?;
    }
    Ok(())
}

fn write_delivery(connection: &Connection, store: StoreId, change: &DeliveryChange) -> Result<()> {
    match change {
        DeliveryChange::Put(webhook, delivery) => put(connection, store, *webhook, delivery),
        DeliveryChange::Revive(webhook, sequence, now) => {
            let which = if sequence.is_some() {
                "sequence = ?4"
            } else {
                "status = 'dead' AND status <> 'delivered' AND ?4 IS NULL"
            };
            let sql = format!(
                "UPDATE webhook_deliveries SET status = 'pending', tries = 0, due_at = ?3, changed_at = ?3 \
                 WHERE store_id = ?1 AND webhook_id = ?2 AND {which}"
            );
            let values = params![store.0, webhook.0.as_bytes(), now.0, sequence];
            connection.prepare_cached(&sql)?.execute(values).map(|_| ())
        }
        DeliveryChange::Forget(webhook) => {
            for sql in [
                "DELETE FROM webhook_deliveries WHERE store_id = ?1 AND webhook_id = ?2",
                "DELETE FROM webhooks WHERE store_id = ?1 AND webhook_id = ?2",
            ] {
                connection.prepare_cached(sql)?.execute(params![store.0, webhook.0.as_bytes()])?;
            }
            Ok(())
        }
        DeliveryChange::ForgetBefore(before) => {
            let sql = "DELETE FROM webhook_deliveries WHERE store_id = ?1 AND changed_at < ?2 AND status <> 'pending'";
            connection.prepare_cached(sql)?.execute(params![store.0, before.0]).map(|_| ())
        }
    }
}

fn put(connection: &Connection, store: StoreId, webhook: WebhookId, delivery: &Delivery) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO webhook_deliveries (store_id, webhook_id, sequence, event_id, kind, subject, status, tries, \
               due_at, answer, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let values = params![
        store.0,
        webhook.0.as_bytes(),
        delivery.sequence,
        delivery.event_id.0.as_bytes(),
        delivery.kind.as_str(),
        delivery.subject.as_bytes(),
        delivery.status.as_str(),
        delivery.tries,
        delivery.due_at.map(|due| due.0),
        delivery.answer,
        delivery.changed_at.0
    ];
    connection.prepare_cached(sql)?.execute(values).map(|_| ())
}
