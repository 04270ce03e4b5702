//! How many units unpaid orders hold, by shopper and variant.

use super::changes::Changes;
use super::load::Part;
use super::rows::Result;
use super::session::{Pipeline, column, value};
use cartwright_domain::id::{StoreId, Timestamp, VariantId};
use cartwright_domain::unpaid::Unpaid;
use cartwright_domain::working_set::{Keys, UnpaidKey, WorkingSet};
use std::sync::Arc;
use tokio_postgres::Row;

pub const NAMED: &str = "SELECT u.holder, u.variant_id, array_agg(u.until), array_agg(u.units) \
     FROM unnest($2::text[], $3::uuid[]) w(holder, variant_id) \
     JOIN unpaid_units u ON u.store_id = $1 AND u.holder = w.holder AND u.variant_id = w.variant_id \
     GROUP BY u.holder, u.variant_id";
const PUT: &str = "INSERT INTO unpaid_units (store_id, holder, variant_id, until, units) \
     SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::bigint[]) \
     ON CONFLICT (store_id, holder, variant_id, until) DO UPDATE SET units = excluded.units";
const FORGET: &str = "DELETE FROM unpaid_units WHERE store_id = $1 AND until < $2";

pub fn ask<'a>(pipeline: &mut Pipeline<'a, Part>, store: StoreId, keys: &'a Keys) {
    if !keys.unpaid.is_empty() {
        let (holders, variants) = (keys.unpaid.iter().map(|key| &key.0), keys.unpaid.iter().map(|key| key.1.0));
        pipeline.add(Part::Unpaid, NAMED, vec![value(store.0), column(holders), column(variants)]);
    }
}

pub fn take_row(row: &Row, set: &mut WorkingSet) -> Result<()> {
    let key = (row.try_get(0)?, VariantId(row.try_get(1)?));
    let (untils, units): (Vec<i64>, Vec<i64>) = (row.try_get(2)?, row.try_get(3)?);
    let mut unpaid = Unpaid::default();
    untils.into_iter().zip(units).for_each(|(until, units)| unpaid.load(Timestamp(until), units));
    set.unpaid.load(key, Some(Arc::new(unpaid)));
    Ok(())
}

/// Writes the counts, and forgets those that count no more when old answers are forgotten.
pub fn add<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let parts =
        |(key, row, _): (&'a _, &'a Arc<Unpaid>, _)| row.parts().map(move |(until, units)| (key, until.0, units));
    let rows: Vec<(&UnpaidKey, i64, i64)> = set.unpaid.changes().flat_map(parts).collect();
    if !rows.is_empty() {
        let values = vec![
            value(store.0),
            column(rows.iter().map(|(key, ..)| &key.0)),
            column(rows.iter().map(|(key, ..)| key.1.0)),
            column(rows.iter().map(|(_, until, _)| *until)),
            column(rows.iter().map(|(.., units)| *units)),
        ];
        changes.add((), PUT, values);
    }
    if let Some(before) = set.forget_answers_before {
        changes.add((), FORGET, vec![value(store.0), value(before.0)]);
    }
}
