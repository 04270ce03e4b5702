//! How much of each variant stands in carts: counted where batches write, for stores that show it.

use super::rows;
use cartwright_domain::cart::Cart;
use cartwright_domain::demand::{ALL_COUNTED, CountChange, Demand, PAGE};
use cartwright_domain::id::{CartId, StoreId, VariantId};
use cartwright_domain::working_set::{Keys, WorkingSet};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::BTreeMap;
use uuid::Uuid;

const COUNTED_TO: &str = "SELECT counted_to FROM demand_counts WHERE store_id = ?1";

fn counted_to(connection: &Connection, store: StoreId) -> Result<Option<CartId>> {
    let mut statement = connection.prepare_cached(COUNTED_TO)?;
    statement.query_row([store.0], |row| Ok(CartId(rows::uuid(row, 0)?))).optional()
}

/// Loads the next carts to be counted.
pub fn load(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if !keys.demand_page {
        return Ok(());
    }
    let page: Vec<Cart> = match counted_to(connection, store)? {
        Some(reached) => {
            let sql = format!(
                "SELECT {} FROM carts WHERE store_id = ?1 AND cart_id > ?2 ORDER BY cart_id LIMIT ?3",
                rows::CART
            );
            let values = params![store.0, reached.0.as_bytes(), PAGE as i64];
            connection.prepare_cached(&sql)?.query_map(values, rows::cart)?.collect::<Result<_>>()?
        }
        None => Vec::new(),
    };
    set.demand.page = Some(page);
    Ok(())
}

/// Writes what a batch has changed.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    match &set.demand.count {
        Some(CountChange::Begin) => begin(connection, store, CartId(Uuid::nil()))?,
        Some(CountChange::End) => {
            connection.prepare_cached("DELETE FROM demand_counts WHERE store_id = ?1")?.execute([store.0])?;
        }
        Some(CountChange::Advance(reached, found)) => {
            let sql = "UPDATE demand_counts SET counted_to = ?2 WHERE store_id = ?1";
            if connection.prepare_cached(sql)?.execute(params![store.0, reached.0.as_bytes()])? > 0 {
                add(connection, store, found)?;
            }
        }
        None => {}
    }
    let changes = set.demand_changes();
    if changes.is_empty() {
        return Ok(());
    }
    let Some(reached) = counted_to(connection, store)? else { return Ok(()) };
    let mut sums: BTreeMap<VariantId, Demand> = BTreeMap::new();
    for (_, variant, change) in changes.into_iter().filter(|(cart, ..)| *cart <= reached) {
        sums.entry(variant).or_default().add(change);
    }
    add(connection, store, &sums)
}

/// Notes that carts up to this one are counted, and that nothing was found in them.
pub fn begin(connection: &Connection, store: StoreId, reached: CartId) -> Result<()> {
    connection.prepare_cached("DELETE FROM cart_demand WHERE store_id = ?1")?.execute([store.0])?;
    let sql = "INSERT OR REPLACE INTO demand_counts (store_id, counted_to) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![store.0, reached.0.as_bytes()]).map(|_| ())
}

fn add(connection: &Connection, store: StoreId, sums: &BTreeMap<VariantId, Demand>) -> Result<()> {
    let sql = "INSERT INTO cart_demand (store_id, variant_id, carts, units) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (store_id, variant_id) DO UPDATE SET carts = carts + ?3, units = units + ?4";
    let mut statement = connection.prepare_cached(sql)?;
    for (variant, change) in sums.iter().filter(|(_, change)| **change != Demand::default()) {
        statement.execute(params![store.0, variant.0.as_bytes(), change.carts, change.units])?;
    }
    Ok(())
}

/// The demand of these variants; nothing where the store does not show it, or its carts are still being counted.
pub fn of_variants(connection: &Connection, store: StoreId, ids: &[VariantId]) -> Result<Vec<(VariantId, Demand)>> {
    let sql = "SELECT w.value, coalesce(d.carts, 0), coalesce(d.units, 0) FROM rarray(?2) w \
               CROSS JOIN demand_counts c ON c.store_id = ?1 AND c.counted_to = ?3 \
               LEFT JOIN cart_demand d ON d.store_id = ?1 AND d.variant_id = w.value";
    let values = params![store.0, rows::array(ids.iter().map(|id| id.0)), ALL_COUNTED.0.as_bytes()];
    let found = |row: &rusqlite::Row<'_>| {
        Ok((VariantId(rows::uuid(row, 0)?), Demand { carts: row.get(1)?, units: row.get(2)? }))
    };
    connection.prepare_cached(sql)?.query_map(values, found)?.collect()
}

/// Whether carts are still to be counted.
pub fn is_counting(connection: &Connection, store: StoreId) -> Result<bool> {
    Ok(counted_to(connection, store)?.is_some_and(|reached| reached != ALL_COUNTED))
}
