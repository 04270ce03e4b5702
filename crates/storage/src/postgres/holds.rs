//! Holds of carts, as they are found by variant and by time. What is held stands in the cart.

use super::load::Part;
use super::rows::Result;
use super::session::{Pipeline, column, value};
use cartwright_domain::cart::Hold;
use cartwright_domain::id::{CartId, StoreId, Timestamp, VariantId};
use cartwright_domain::working_set::{Keys, WorkingSet};
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// A page for each variant: by when, after which hold, at most how many.
pub const EXPIRED_OF: &str = "SELECT w.variant_id, h.until, h.cart_id FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], \
     $5::uuid[], $6::bigint[]) w(variant_id, by, until, cart_id, most) CROSS JOIN LATERAL (SELECT h.until, h.cart_id \
     FROM holds h WHERE h.store_id = $1 AND h.variant_id = w.variant_id AND h.until <= w.by \
     AND (h.until, h.cart_id) > (w.until, w.cart_id) ORDER BY h.until, h.cart_id LIMIT w.most) h";
pub const EXPIRED: &str = "SELECT cart_id FROM holds WHERE store_id = $1 AND until <= $2 ORDER BY until LIMIT $3";
pub const PUT: &str = "INSERT INTO holds (store_id, cart_id, variant_id, units, until) \
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) \
     ON CONFLICT (store_id, cart_id, variant_id) DO UPDATE SET units = excluded.units, until = excluded.until";
pub const DROP: &str = "DELETE FROM holds h USING unnest($2::uuid[], $3::uuid[]) n(cart_id, variant_id) \
     WHERE h.store_id = $1 AND h.cart_id = n.cart_id AND h.variant_id = n.variant_id";

/// Asks for the pages of holds that have run out.
pub fn ask<'a>(pipeline: &mut Pipeline<'a, Part>, store: StoreId, keys: &'a Keys) {
    if keys.expired_holds.is_empty() {
        return;
    }
    let pages = || keys.expired_holds.values();
    let values = vec![
        value(store.0),
        column(keys.expired_holds.keys().map(|id| id.0)),
        column(pages().map(|page| page.by.0)),
        column(pages().map(|page| page.after.0.0)),
        column(pages().map(|page| page.after.1.0)),
        column(pages().map(|page| page.limit as i64)),
    ];
    pipeline.add(Part::ExpiredHolds, EXPIRED_OF, values);
}

/// Takes the pages into the set; one without a row is known to be empty.
pub fn take_in(found: &[Row], keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    let mut pages: BTreeMap<VariantId, Vec<(Timestamp, CartId)>> = BTreeMap::new();
    for row in found {
        let hold = (Timestamp(row.try_get(1)?), CartId(row.try_get(2)?));
        pages.entry(VariantId(row.try_get(0)?)).or_default().push(hold);
    }
    for (id, page) in &keys.expired_holds {
        set.take_expired_holds(*id, pages.remove(id).unwrap_or_default(), *page);
    }
    Ok(())
}

/// Adds what changed.
pub fn add<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    let gone: Vec<_> = set.hold_changes.iter().filter(|(_, hold)| hold.is_none()).map(|(key, _)| key).collect();
    if !gone.is_empty() {
        let values = vec![
            value(store.0),
            column(gone.iter().map(|(cart, _)| cart.0)),
            column(gone.iter().map(|(_, variant)| variant.0)),
        ];
        changes.add((), DROP, values);
    }
    let standing: Vec<(&CartId, &Hold)> =
        set.hold_changes.iter().filter_map(|((cart, _), hold)| Some((cart, hold.as_ref()?))).collect();
    if !standing.is_empty() {
        let values = vec![
            value(store.0),
            column(standing.iter().map(|(cart, _)| cart.0)),
            column(standing.iter().map(|(_, hold)| hold.variant_id.0)),
            column(standing.iter().map(|(_, hold)| hold.units)),
            column(standing.iter().map(|(_, hold)| hold.until.0)),
        ];
        changes.add((), PUT, values);
    }
}
