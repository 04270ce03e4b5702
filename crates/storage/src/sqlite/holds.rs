//! Holds of carts, as they are found by variant and by time. What is held stands in the cart.

use super::rows;
use cartwright_domain::id::{CartId, StoreId, Timestamp};
use cartwright_domain::working_set::{Keys, WorkingSet};
use rusqlite::{Connection, Result, params};

/// Loads the pages of holds that have run out.
pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for (id, page) in &keys.expired_holds {
        let sql = "SELECT until, cart_id FROM holds WHERE store_id = ?1 AND variant_id = ?2 AND until <= ?3 \
                   AND (until, cart_id) > (?4, ?5) ORDER BY until, cart_id LIMIT ?6";
        let (until, cart) = page.after;
        let values = params![store.0, id.0.as_bytes(), page.by.0, until.0, cart.0.as_bytes(), page.limit as i64];
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map(values, |row| Ok((Timestamp(row.get(0)?), CartId(rows::uuid(row, 1)?))))?;
        set.take_expired_holds(*id, found.collect::<Result<_>>()?, *page);
    }
    Ok(())
}

/// Carts with holds that have run out by now, the most overdue first; one may come several times.
pub fn expired(connection: &Connection, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<CartId>> {
    let sql = "SELECT cart_id FROM holds WHERE store_id = ?1 AND until <= ?2 ORDER BY until LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params![store.0, now.0, limit as i64], |row| Ok(CartId(rows::uuid(row, 0)?)))?.collect()
}

/// Writes what changed.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for ((cart, variant), hold) in &set.hold_changes {
        let (cart, variant) = (cart.0.as_bytes(), variant.0.as_bytes());
        match hold {
            Some(hold) => {
                let sql = "INSERT OR REPLACE INTO holds (store_id, cart_id, variant_id, units, until) \
                           VALUES (?1, ?2, ?3, ?4, ?5)";
                let values = params![store.0, cart, variant, hold.units, hold.until.0];
                connection.prepare_cached(sql)?.execute(values)?;
            }
            None => {
                let sql = "DELETE FROM holds WHERE store_id = ?1 AND cart_id = ?2 AND variant_id = ?3";
                connection.prepare_cached(sql)?.execute(params![store.0, cart, variant])?;
            }
        }
    }
    Ok(())
}
