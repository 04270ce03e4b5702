//! The embedded database as one side of a copy: one connection with one open transaction, and the lock that a server has.

use super::tables::{TABLES, Table};
use super::value::{Row, Value};
use super::{CopyError, PAGE};
use crate::sqlite;
use rusqlite::{Connection, params_from_iter};
use std::fs::File;
use std::path::Path;

/// A file.
pub struct SqliteSide {
    connection: Connection,
    _lock: File,
}

impl SqliteSide {
    /// An existing database to read from. No server can run as long as this lives.
    pub fn source(path: &Path) -> Result<SqliteSide, CopyError> {
        if !path.exists() {
            return Err(sqlite::OpenError::other(path, "there is no such file").into());
        }
        let lock = sqlite::lock(path)?;
        let connection = sqlite::connect(path)?;
        sqlite::check_version(path, &connection)?;
        connection.execute_batch("BEGIN")?;
        Ok(SqliteSide { connection, _lock: lock })
    }

    /// A database to write to, made where it is missing.
    pub fn target(path: &Path) -> Result<SqliteSide, CopyError> {
        let lock = sqlite::lock(path)?;
        let connection = sqlite::migrated(path)?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; BEGIN IMMEDIATE")?;
        for table in &TABLES {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
            if connection.query_row(&sql, [], |row| row.get(0))? {
                return Err(CopyError::NotEmpty { shown: path.display().to_string(), table: table.name });
            }
        }
        Ok(SqliteSide { connection, _lock: lock })
    }

    pub fn count(&self, table: &Table) -> Result<u64, CopyError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        Ok(self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// The rows after this one, by key.
    pub fn page(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, CopyError> {
        let (list, key) = (table.list(), table.key_list());
        let marks = vec!["?"; table.key].join(", ");
        let place = after.map_or(String::new(), |_| format!("WHERE ({key}) > ({marks})"));
        let sql = format!("SELECT {list} FROM {} {place} ORDER BY {key} LIMIT {PAGE}", table.name);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let bound = after.map_or(&[][..], |row| &row[..table.key]);
        let mut found = statement.query(params_from_iter(bound))?;
        let mut rows = Vec::with_capacity(PAGE);
        while let Some(row) = found.next()? {
            let values = table.columns.iter().enumerate().map(|(place, (column, kind))| {
                let value = Value::from_sqlite(*kind, row.get_ref(place)?);
                value.map_err(|error| CopyError::Failed(format!("{}.{column}: {error}", table.name)))
            });
            rows.push(values.collect::<Result<Row, CopyError>>()?);
        }
        Ok(rows)
    }

    pub fn append(&self, table: &Table, rows: &[Row]) -> Result<(), CopyError> {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.list());
        let mut statement = self.connection.prepare_cached(&sql)?;
        for row in rows {
            statement.execute(params_from_iter(row))?;
        }
        Ok(())
    }

    pub fn commit(self) -> Result<(), CopyError> {
        // The log has the whole shop in it; a server is not to begin with folding it in.
        Ok(self.connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?)
    }
}
