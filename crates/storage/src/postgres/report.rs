//! Reports on PostgreSQL. The session's rule against plans that hang on statistics is lifted: a report reads much, and may.

use super::read::count;
use super::rows::Result;
use super::session::{Value, value};
use crate::reports::{self, Dialect, FilterValue, names, sums};
use cartwright_domain::id::{StoreId, Timestamp, first_id_at};
use cartwright_engine::{ReportKind, ReportQuery, ReportRow};
use tokio_postgres::Row;

const DIALECT: Dialect = Dialect {
    parameter: '$',
    by_bytes: " COLLATE \"C\"",
    tax_kept: "CASE WHEN p.refunded = 0 OR o.total = 0 THEN o.tax_added + o.tax_included \
        ELSE div(CAST(o.tax_added + o.tax_included AS numeric) * (o.total - p.refunded), o.total) END",
    discounts: "LATERAL json_array_elements(o.detail -> 'discounts') d(value)",
};
/// Ranges are walked in the order of the ids, as the rows lie.
pub const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan; \
     SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; SET LOCAL work_mem = '32MB'";

/// The statement of a report.
pub fn statement(query: &ReportQuery) -> (String, Vec<FilterValue>) {
    reports::statement(&DIALECT, query)
}

/// The values of the statement for one bucket.
pub fn values<'a>(
    store: StoreId,
    (from, until): (Timestamp, Timestamp),
    query: &ReportQuery,
    filters: &'a [FilterValue],
) -> Vec<Value<'a>> {
    let edge = |at: Timestamp| match query.kind {
        ReportKind::Recovery => value(at.0),
        _ => value(first_id_at(at)),
    };
    let mut values = vec![value(store.0), edge(from), edge(until), value(count(query.limit))];
    values.extend(filters.iter().map(|filter| match filter {
        FilterValue::Text(text) => value(text),
        FilterValue::Id(id) => value(id),
    }));
    values
}

/// A row of the report.
pub fn row(row: &Row, bucket: usize, kind: ReportKind) -> Result<ReportRow> {
    let first = names(kind);
    let names = (0..first).map(|column| Ok(row.try_get(column)?)).collect::<Result<_>>()?;
    let sums = (first..first + sums(kind)).map(|column| Ok(row.try_get(column)?)).collect::<Result<_>>()?;
    Ok(ReportRow { bucket, names, sums })
}
