//! Copying a whole shop from one database to another while it stands still: every table of every store, page by page, in one
//! transaction of the target, so that a copy that breaks leaves nothing. At the end the target is read again, and counts and
//! checksums of the values must be the same on both sides.

mod postgres_side;
mod sqlite_side;
mod tables;
mod value;

use crate::postgres::PostgresSettings;
use crate::{postgres, sqlite};
use postgres_side::PostgresSide;
use sqlite_side::SqliteSide;
use std::path::PathBuf;
pub(crate) use tables::{Table, named as table_named};
use value::Checksum;
pub(crate) use value::{Row, Value};

/// Rows that are in memory at a time.
const PAGE: usize = 1_000;

/// Where a shop is, or is to be.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A database of a server.
    Postgres(PostgresSettings),
}

/// Why a copy failed. The target has then nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Copying never overwrites.
    #[error("{shown} is not empty: there are rows in {table}; copy into an empty database")]
    NotEmpty {
        /// The target.
        shown: String,
        /// The first table with rows.
        table: &'static str,
    },
    /// What was read back is not what was written.
    #[error(
        "{table} differs after the copy: {source_rows} rows with checksum {source_sum} became {target_rows} with {target_sum}; nothing was kept"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// Rows read.
        source_rows: u64,
        /// Their checksum.
        source_sum: String,
        /// Rows found in the target.
        target_rows: u64,
        /// Their checksum.
        target_sum: String,
    },
    /// The file cannot be used.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// The server cannot be used.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> CopyError {
        CopyError::Failed(error.to_string())
    }
}

impl From<tokio_postgres::Error> for CopyError {
    fn from(error: tokio_postgres::Error) -> CopyError {
        CopyError::Failed(postgres::error::Fault::from(error).in_words())
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A table of so many rows begins to be copied.
    Copy(&'static str, u64),
    /// The same table begins to be compared.
    Compare(&'static str, u64),
    /// So many more rows are done.
    Rows(u64),
    /// Everything is there and is made durable.
    Commit,
}

/// What was copied of one table; the same on both sides.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// Rows.
    pub rows: u64,
    /// Sum over the hashes of all rows, in hexadecimal.
    pub checksum: String,
}

/// One side of a copy, with one open transaction.
pub(crate) enum Side {
    Sqlite(SqliteSide),
    Postgres(PostgresSide),
}

impl Side {
    async fn source(place: &Place) -> Result<Side, CopyError> {
        Ok(match place {
            Place::Sqlite(path) => Side::Sqlite(SqliteSide::source(path)?),
            Place::Postgres(settings) => Side::Postgres(PostgresSide::source(settings).await?),
        })
    }

    /// An empty database to fill, or the refusal of one that is not.
    pub(crate) async fn target(place: &Place) -> Result<Side, CopyError> {
        Ok(match place {
            Place::Sqlite(path) => Side::Sqlite(SqliteSide::target(path)?),
            Place::Postgres(settings) => Side::Postgres(PostgresSide::target(settings).await?),
        })
    }

    async fn count(&self, table: &Table) -> Result<u64, CopyError> {
        match self {
            Side::Sqlite(side) => side.count(table),
            Side::Postgres(side) => side.count(table).await,
        }
    }

    async fn page(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, CopyError> {
        match self {
            Side::Sqlite(side) => side.page(table, after),
            Side::Postgres(side) => side.page(table, after).await,
        }
    }

    /// Adds rows.
    pub(crate) async fn append(&self, table: &Table, rows: &[Row]) -> Result<(), CopyError> {
        match self {
            Side::Sqlite(side) => side.append(table, rows),
            Side::Postgres(side) => side.append(table, rows).await,
        }
    }

    /// Makes it durable, and lets what counts go on after it.
    pub(crate) async fn commit(self) -> Result<(), CopyError> {
        match self {
            Side::Sqlite(side) => side.commit(),
            Side::Postgres(side) => side.commit().await,
        }
    }
}

/// Copies everything, compares, and only then commits.
///
/// # Errors
/// See [`CopyError`]; the target has then nothing of the copy.
pub async fn copy(from: &Place, to: &Place, progress: &mut dyn FnMut(Step)) -> Result<Vec<Copied>, CopyError> {
    let source = Side::source(from).await?;
    let target = Side::target(to).await?;
    let mut copied = Vec::with_capacity(tables::TABLES.len());
    for table in &tables::TABLES {
        progress(Step::Copy(table.name, source.count(table).await?));
        let read = walk(&source, table, Some(&target), progress).await?;
        progress(Step::Compare(table.name, read.rows));
        let written = walk(&target, table, None, progress).await?;
        if read != written {
            return Err(CopyError::Differs {
                table: table.name,
                source_rows: read.rows,
                source_sum: read.shown(),
                target_rows: written.rows,
                target_sum: written.shown(),
            });
        }
        copied.push(Copied { table: table.name, rows: read.rows, checksum: read.shown() });
    }
    progress(Step::Commit);
    target.commit().await?;
    Ok(copied)
}

/// Reads a table page by page, sums it up, and hands each page on.
async fn walk(
    side: &Side,
    table: &Table,
    target: Option<&Side>,
    progress: &mut dyn FnMut(Step),
) -> Result<Checksum, CopyError> {
    let mut sum = Checksum::default();
    let mut last: Option<Row> = None;
    loop {
        let mut rows = side.page(table, last.as_ref()).await?;
        rows.iter().for_each(|row| sum.add(row));
        if let Some(target) = target {
            target.append(table, &rows).await?;
        }
        progress(Step::Rows(rows.len() as u64));
        if rows.len() < PAGE {
            return Ok(sum);
        }
        last = rows.pop();
    }
}
