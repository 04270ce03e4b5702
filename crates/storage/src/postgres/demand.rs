//! How much of each variant stands in carts: counted where batches write, for stores that show it.

use super::load::Part;
use super::rows::{CART, Result};
use super::session::{Pipeline, Value, column, value};
use cartwright_domain::demand::{ALL_COUNTED, CountChange, Demand, PAGE};
use cartwright_domain::id::{CartId, StoreId, VariantId};
use cartwright_domain::working_set::{Keys, WorkingSet};
use tokio_postgres::Row;
use uuid::Uuid;

const NEXT_CARTS: &str = concat!(
    "SELECT ",
    CART!(),
    " FROM carts WHERE store_id = $1 AND cart_id > (SELECT counted_to FROM demand_counts WHERE store_id = $1) ",
    "ORDER BY cart_id LIMIT $2"
);
const FORGET: &str = "DELETE FROM cart_demand WHERE store_id = $1";
const REACH: &str = "INSERT INTO demand_counts (store_id, counted_to) VALUES ($1, $2) \
     ON CONFLICT (store_id) DO UPDATE SET counted_to = excluded.counted_to";
const ADVANCE: &str = "UPDATE demand_counts SET counted_to = $2 WHERE store_id = $1";
const END: &str = "DELETE FROM demand_counts WHERE store_id = $1";
/// Of carts that are counted already; the others count once the count comes to them.
pub const ADD: &str = "INSERT INTO cart_demand AS d (store_id, variant_id, carts, units) \
     SELECT $1, n.variant_id, sum(n.carts)::bigint, sum(n.units)::bigint \
     FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) n(cart_id, variant_id, carts, units) \
     JOIN demand_counts c ON c.store_id = $1 AND n.cart_id <= c.counted_to GROUP BY n.variant_id \
     ON CONFLICT (store_id, variant_id) DO UPDATE SET carts = d.carts + excluded.carts, units = d.units + excluded.units";
pub const OF_VARIANTS: &str = "SELECT w.id, coalesce(d.carts, 0), coalesce(d.units, 0) FROM unnest($2::uuid[]) w(id) \
     JOIN demand_counts c ON c.store_id = $1 AND c.counted_to = $3 \
     LEFT JOIN cart_demand d ON d.store_id = $1 AND d.variant_id = w.id";
pub const IS_COUNTING: &str = "SELECT counted_to <> $2 FROM demand_counts WHERE store_id = $1";

/// Asks for the next carts to be counted.
pub fn ask(pipeline: &mut Pipeline<'_, Part>, store: StoreId, keys: &Keys) {
    if keys.demand_page {
        pipeline.add(Part::DemandPage, NEXT_CARTS, vec![value(store.0), value(PAGE as i64)]);
    }
}

/// Adds what a batch has changed.
pub fn add(changes: &mut Pipeline<'_, ()>, store: StoreId, set: &WorkingSet) {
    match &set.demand.count {
        Some(CountChange::Begin) => begin(changes, store, CartId(Uuid::nil())),
        Some(CountChange::End) => changes.add((), END, vec![value(store.0)]),
        Some(CountChange::Advance(reached, found)) => {
            changes.add((), ADVANCE, vec![value(store.0), value(reached.0)]);
            let found = found.iter().map(|(variant, demand)| (CartId(Uuid::nil()), *variant, *demand));
            put(changes, store, found.collect());
        }
        None => {}
    }
    put(changes, store, set.demand_changes());
}

/// Notes that carts up to this one are counted, and that nothing was found in them.
pub fn begin(changes: &mut Pipeline<'_, ()>, store: StoreId, reached: CartId) {
    changes.add((), FORGET, vec![value(store.0)]);
    changes.add((), REACH, vec![value(store.0), value(reached.0)]);
}

fn put(changes: &mut Pipeline<'_, ()>, store: StoreId, found: Vec<(CartId, VariantId, Demand)>) {
    if found.is_empty() {
        return;
    }
    let all = || found.iter();
    let values: Vec<Value<'_>> = vec![
        value(store.0),
        column(all().map(|(cart, ..)| cart.0)),
        column(all().map(|(_, variant, _)| variant.0)),
        column(all().map(|(.., demand)| demand.carts)),
        column(all().map(|(.., demand)| demand.units)),
    ];
    changes.add((), ADD, values);
}

/// A variant with its demand.
pub fn demand(row: &Row) -> Result<(VariantId, Demand)> {
    Ok((VariantId(row.try_get(0)?), Demand { carts: row.try_get(1)?, units: row.try_get(2)? }))
}

/// The place of a count that is done.
pub fn done() -> Uuid {
    ALL_COUNTED.0
}
