//! Payments at providers that no order is for.

use super::rows;
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::outside::{UnmatchedAction, UnmatchedPayment};
use cartwright_domain::working_set::WorkingSet;
use rusqlite::{Connection, OptionalExtension, Result, params};

/// How one was dealt with, where it was.
pub fn find(
    connection: &Connection,
    store: StoreId,
    gateway: &str,
    reference: &str,
) -> Result<Option<UnmatchedPayment>> {
    let sql = "SELECT captured, refunded, action, reason, by_name, at FROM unmatched_payments \
               WHERE store_id = ?1 AND gateway = ?2 AND reference = ?3";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(UnmatchedPayment {
            gateway: gateway.to_owned(),
            reference: reference.to_owned(),
            captured: row.get(0)?,
            refunded: row.get(1)?,
            action: rows::named(row, 2, &UnmatchedAction::ALL, UnmatchedAction::as_str)?,
            reason: row.get(3)?,
            by: row.get(4)?,
            at: Timestamp(row.get(5)?),
        })
    };
    connection.prepare_cached(sql)?.query_row(params![store.0, gateway, reference], read).optional()
}

/// Writes what changed.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for payment in &set.unmatched_payments {
        let sql = "INSERT OR REPLACE INTO unmatched_payments (store_id, gateway, reference, captured, refunded, action, \
                   reason, by_name, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            payment.gateway,
            payment.reference,
            payment.captured,
            payment.refunded,
            payment.action.as_str(),
            payment.reason,
            payment.by,
            payment.at.0
        ])?;
    }
    Ok(())
}
