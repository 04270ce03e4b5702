//! How many units unpaid orders hold, by shopper and variant.

use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::unpaid::Unpaid;
use cartwright_domain::working_set::{Keys, WorkingSet};
use rusqlite::{Connection, Result, params};
use std::sync::Arc;

pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for (holder, variant) in &keys.unpaid {
        let sql = "SELECT until, units FROM unpaid_units WHERE store_id = ?1 AND holder = ?2 AND variant_id = ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![store.0, holder, variant.0.as_bytes()])?;
        let mut unpaid = Unpaid::default();
        while let Some(row) = rows.next()? {
            unpaid.load(Timestamp(row.get(0)?), row.get(1)?);
        }
        set.unpaid.load((holder.clone(), *variant), Some(Arc::new(unpaid)));
    }
    Ok(())
}

/// Writes the counts, and forgets those that count no more when old answers are forgotten.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for ((holder, variant), row, _) in set.unpaid.changes() {
        let sql = "INSERT OR REPLACE INTO unpaid_units (store_id, holder, variant_id, until, units) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = connection.prepare_cached(sql)?;
        for (until, units) in row.parts() {
            statement.execute(params![store.0, holder, variant.0.as_bytes(), until.0, units])?;
        }
    }
    if let Some(before) = set.forget_answers_before {
        let sql = "DELETE FROM unpaid_units WHERE store_id = ?1 AND until < ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
    }
    Ok(())
}
