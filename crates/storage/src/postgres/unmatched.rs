//! Payments at providers that no order is for.

use super::rows::{self, Result};
use super::session::{Pipeline, value};
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::outside::{UnmatchedAction, UnmatchedPayment};
use cartwright_domain::working_set::WorkingSet;
use tokio_postgres::Row;

/// How one was dealt with.
pub const FIND: &str = "SELECT gateway, reference, captured, refunded, action, reason, by_name, at FROM unmatched_payments \
     WHERE store_id = $1 AND gateway = $2 AND reference = $3";
const PUT: &str = "INSERT INTO unmatched_payments (store_id, gateway, reference, captured, refunded, action, reason, by_name, at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (store_id, gateway, reference) DO UPDATE SET \
     captured = excluded.captured, refunded = excluded.refunded, action = excluded.action, reason = excluded.reason, \
     by_name = excluded.by_name, at = excluded.at";

pub fn payment(row: &Row) -> Result<UnmatchedPayment> {
    Ok(UnmatchedPayment {
        gateway: row.try_get(0)?,
        reference: row.try_get(1)?,
        captured: row.try_get(2)?,
        refunded: row.try_get(3)?,
        action: rows::named(row, 4, &UnmatchedAction::ALL, UnmatchedAction::as_str)?,
        reason: row.try_get(5)?,
        by: row.try_get(6)?,
        at: Timestamp(row.try_get(7)?),
    })
}

/// Adds what changed.
pub fn add<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    for payment in &set.unmatched_payments {
        let values = vec![
            value(store.0),
            value(&payment.gateway),
            value(&payment.reference),
            value(payment.captured),
            value(payment.refunded),
            value(payment.action.as_str()),
            value(&payment.reason),
            value(&payment.by),
            value(payment.at.0),
        ];
        changes.add((), PUT, values);
    }
}
