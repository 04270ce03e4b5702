//! Reports on the embedded database. SQLite has no limit of time of its own: a progress handler ends what takes too long.

use crate::reports::{Dialect, FilterValue, names, statement, sums};
use cartwright_domain::id::{StoreId, Timestamp, first_id_at};
use cartwright_engine::{LONGEST_REPORT, ReportKind, ReportQuery, ReportRow};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, Row, ToSql};
use std::time::Instant;

const DIALECT: Dialect = Dialect {
    parameter: '?',
    by_bytes: "",
    tax_kept: "CASE WHEN p.refunded = 0 OR o.total = 0 THEN o.tax_added + o.tax_included \
        ELSE CAST((o.tax_added + o.tax_included) * (o.total - p.refunded) / o.total AS INTEGER) END",
    discounts: "json_each(o.detail, '$.discounts') d",
};
/// Steps of SQLite's machine between two looks at the clock.
const STEPS: i32 = 100_000;

/// The rows of a report.
pub fn report(connection: &mut Connection, store: StoreId, query: &ReportQuery) -> Result<Vec<ReportRow>> {
    let deadline = Instant::now() + LONGEST_REPORT;
    connection.progress_handler(STEPS, Some(move || Instant::now() > deadline))?;
    let rows = in_one_snapshot(connection, store, query);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    rows
}

fn in_one_snapshot(connection: &Connection, store: StoreId, query: &ReportQuery) -> Result<Vec<ReportRow>> {
    let snapshot = connection.unchecked_transaction()?;
    let (sql, filters) = statement(&DIALECT, query);
    let mut statement = snapshot.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for (bucket, (from, until)) in query.buckets.iter().enumerate() {
        let edge = |at: Timestamp| match query.kind {
            ReportKind::Recovery => Value::Integer(at.0),
            _ => Value::Blob(first_id_at(at).as_bytes().to_vec()),
        };
        let mut values = vec![Value::Integer(store.0), edge(*from), edge(*until), Value::Integer(query.limit as i64)];
        values.extend(filters.iter().map(|filter| match filter {
            FilterValue::Text(text) => Value::Text(text.clone()),
            FilterValue::Id(id) => Value::Blob(id.as_bytes().to_vec()),
        }));
        let bound: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        let rows = statement.query_map(&bound[..], |row| read(row, bucket, query))?;
        found.extend(rows.collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

fn read(row: &Row<'_>, bucket: usize, query: &ReportQuery) -> Result<ReportRow> {
    let first = names(query.kind);
    let names = (0..first).map(|column| row.get(column)).collect::<Result<_>>()?;
    let sums = (first..first + sums(query.kind)).map(|column| row.get(column)).collect::<Result<_>>()?;
    Ok(ReportRow { bucket, names, sums })
}
