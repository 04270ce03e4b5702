//! How many units unpaid orders hold, by shopper and variant.

use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::working_set::{Keys, Unpaid, WorkingSet};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::sync::Arc;

pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for (holder, variant) in &keys.unpaid {
        let sql = "SELECT units, until FROM unpaid_units WHERE store_id = ?1 AND holder = ?2 AND variant_id = ?3";
        let key = params![store.0, holder, variant.0.as_bytes()];
        let row = connection
            .prepare_cached(sql)?
            .query_row(key, |row| Ok(Unpaid { units: row.get(0)?, until: Timestamp(row.get(1)?) }));
        set.unpaid.load((holder.clone(), *variant), row.optional()?.map(Arc::new));
    }
    Ok(())
}

/// Writes the counts, and forgets those that count no more when old answers are forgotten.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for ((holder, variant), row, _) in set.unpaid.changes() {
        let sql = "INSERT OR REPLACE INTO unpaid_units (store_id, holder, variant_id, units, until) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![store.0, holder, variant.0.as_bytes(), row.units, row.until.0];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    if let Some(before) = set.forget_answers_before {
        let sql = "DELETE FROM unpaid_units WHERE store_id = ?1 AND until < ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
    }
    Ok(())
}
