//! The embedded database: one SQLite file in WAL mode with `synchronous=FULL`. One writer connection belongs to the lane,
//! a few reader connections to everybody. A lock file keeps a second server away from the same database.

mod audit;
mod backup;
mod demand;
mod events;
mod holds;
mod inbox;
mod live;
mod load;
mod memory;
mod orders;
mod people;
mod persons;
#[cfg(test)]
mod plans;
mod private;
mod products;
mod read;
mod recent;
mod report;
mod rows;
mod traces;
mod unmatched;
mod unpaid;
mod walk;
mod webhooks;
mod write;

pub use backup::{Existing, backup, restore};
use cartwright_domain::account::{ALL_STORES, SecretHash, key_id};
use cartwright_domain::id::StoreId;
use cartwright_engine::{ApiKey, Storage, StorageError};
pub use memory::MemoryDatabase;
use read::SqliteReader;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use write::SqliteWriter;

pub(crate) mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// Reader connections.
const READERS: usize = 4;

/// Where the database is and how large it may grow.
#[derive(Clone, Debug)]
pub struct SqliteSettings {
    /// The file; made when missing.
    pub path: PathBuf,
    /// Most mebibytes that the database may take; `None` for as much as the disk has.
    pub max_mib: Option<u64>,
}

/// Why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server uses it.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// It was written by a newer version of this program.
    #[error("{path} has schema version {found}, newer than this program's {known}; use the newer program")]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// It lacks migrations and was opened for reading only.
    #[error("{path} has schema version {found}, older than this program's {known}; run `cartwright migrate` first")]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Anything else.
    #[error("cannot open {0}: {1}")]
    Other(PathBuf, String),
}

impl OpenError {
    pub(crate) fn other(path: &Path, error: impl std::fmt::Display) -> OpenError {
        OpenError::Other(path.to_owned(), error.to_string())
    }
}

/// Opens the database for a server: takes the lock, brings the schema up to date.
///
/// # Errors
/// See [`OpenError`].
pub fn open(settings: &SqliteSettings) -> Result<Storage, OpenError> {
    let path = &settings.path;
    let lock = lock(path)?;
    let mut connection = migrated(path)?;
    tune(&mut connection, settings).map_err(|error| open_error(path, &error))?;
    let reader = reader(path, READERS)?;
    let writer = SqliteWriter::new(connection, Some(lock)).map_err(|error| open_error(path, &error))?;
    Ok(Storage { writer: Box::new(writer), reader: Arc::new(reader), shared: false })
}

/// Opens the database for reading only, beside a running server if there is one.
///
/// # Errors
/// See [`OpenError`].
pub fn open_reader(path: &Path) -> Result<SqliteReader, OpenError> {
    if !path.exists() {
        return Err(OpenError::other(path, "there is no such file"));
    }
    let connection = connect(path)?;
    check_version(path, &connection)?;
    reader(path, READERS)
}

/// Brings the schema up to date and returns its version.
///
/// # Errors
/// See [`OpenError`].
pub fn migrate(path: &Path) -> Result<i64, OpenError> {
    let _lock = lock(path)?;
    let connection = migrated(path)?;
    schema_version(&connection).map_err(|error| open_error(path, &error))
}

/// Records an operator's key by the SHA-256 of its secret. Works beside a running server.
///
/// # Errors
/// See [`OpenError`].
pub fn add_api_key(path: &Path, hash: [u8; 32], key: &ApiKey, now_ms: i64) -> Result<(), OpenError> {
    let connection = if path.exists() {
        let connection = connect(path)?;
        check_version(path, &connection)?;
        connection
    } else {
        migrated(path)?
    };
    let insert = "INSERT INTO api_keys (store_id, hash, name, created_at, role, scopes, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let store = key.store.unwrap_or(ALL_STORES);
    let written = rows::json(&key.scopes).and_then(|scopes| {
        let expires = key.expires_at.map(|at| at.0);
        let values = params![store.0, hash, key.name, now_ms, key.role.as_str(), scopes, expires];
        with_audit(&connection, insert, values, (store, "create_key", &hash, now_ms))
    });
    written.map_err(|error| open_error(path, &error))
}

/// Writes a key, and into the log of each store that it opens that somebody at the database did so.
fn with_audit(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
    (store, operation, hash, now_ms): (StoreId, &str, &SecretHash, i64),
) -> rusqlite::Result<()> {
    let log = "INSERT INTO audit_log (store_id, audit_id, at, actor, operation, subject, outcome) \
         SELECT store_id, ?2, ?3, 'database', ?4, ?5, 'done' FROM stores WHERE ?1 IN (0, store_id)";
    let transaction = connection.unchecked_transaction()?;
    if transaction.execute(sql, values)? > 0 {
        let (id, subject) = (Uuid::now_v7(), format!("/api/v1/admin/keys/{}", key_id(hash)));
        transaction.execute(log, params![store.0, id.as_bytes(), now_ms, operation, subject])?;
    }
    transaction.commit()
}

/// Withdraws a key of a store, or one for all stores ([`ALL_STORES`]). Works beside a running server.
///
/// # Errors
/// See [`OpenError`].
pub fn revoke_api_key(path: &Path, store: StoreId, hash: [u8; 32], now_ms: i64) -> Result<(), OpenError> {
    let connection = connect(path)?;
    check_version(path, &connection)?;
    let values = params![store.0, hash, now_ms];
    let written = with_audit(&connection, people::REVOKE_KEY, values, (store, "revoke_key", &hash, now_ms));
    written.map_err(|error| open_error(path, &error))
}

/// Ends all links of all stores: each makes itself another secret when it needs one. Works beside a running server.
///
/// # Errors
/// See [`OpenError`].
pub fn end_links(path: &Path) -> Result<(), OpenError> {
    let connection = connect(path)?;
    check_version(path, &connection)?;
    connection.execute("DELETE FROM link_secrets", []).map(|_| ()).map_err(|error| open_error(path, &error))
}

pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    make_folder(path)?;
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let file = private::open(Path::new(&lock_path)).map_err(|error| OpenError::other(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::other(path, error)),
    }
}

pub(crate) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(path).map_err(|error| open_error(path, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| open_error(path, &error))?;
    Ok(connection)
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| OpenError::other(path, error)),
        None => Ok(()),
    }
}

pub(crate) fn migrated(path: &Path) -> Result<Connection, OpenError> {
    make_folder(path)?;
    if !path.exists() {
        // What SQLite makes beside it has its mode.
        private::open(path).map_err(|error| OpenError::other(path, error))?;
    }
    let mut connection = connect(path)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| open_error(path, &error))?;
    let found = schema_version(&connection).map_err(|error| open_error(path, &error))?;
    if found > newest_version() {
        return Err(OpenError::NewerSchema { path: path.to_owned(), found, known: newest_version() });
    }
    migrations::migrations::runner().run(&mut connection).map_err(|error| OpenError::other(path, error))?;
    private::keep_private(path);
    Ok(connection)
}

fn newest_version() -> i64 {
    let runner = migrations::migrations::runner();
    runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    let history = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if connection.query_row(history, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))
}

pub(crate) fn check_version(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let found = schema_version(connection).map_err(|error| open_error(path, &error))?;
    let (path, known) = (path.to_owned(), newest_version());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::NewerSchema { path, found, known }),
        std::cmp::Ordering::Less => Err(OpenError::OlderSchema { path, found, known }),
    }
}

fn tune(connection: &mut Connection, settings: &SqliteSettings) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.pragma_update(None, "cache_size", -24 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten where its page is written anyway: who is erased is not to be read from the file.
    connection.execute_batch("PRAGMA secure_delete = FAST")?;
    if let Some(mib) = settings.max_mib {
        let page_size: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = (mib * 1024 * 1024) as i64 / page_size.max(1);
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    }
    connection.set_prepared_statement_cache_capacity(128);
    stable_plans(connection)?;
    // Reads what the migration told the planner.
    connection.execute_batch("ANALYZE sqlite_schema")?;
    rusqlite::vtab::array::load_module(connection)
}

/// Keeps prepared statements prepared, whatever values are bound to them.
fn stable_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

fn reader(path: &Path, count: usize) -> Result<SqliteReader, OpenError> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| open_error(path, &error))?;
        let ready = connection
            .busy_timeout(BUSY_TIMEOUT)
            .and_then(|()| connection.pragma_update(None, "query_only", true))
            .and_then(|()| connection.pragma_update(None, "cache_size", -4 * 1024))
            .and_then(|()| stable_plans(&connection))
            .and_then(|()| rusqlite::vtab::array::load_module(&connection));
        ready.map_err(|error| open_error(path, &error))?;
        connection.set_prepared_statement_cache_capacity(64);
        connections.push(connection);
    }
    Ok(SqliteReader::new(connections))
}

fn open_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path.to_owned()),
        _ => OpenError::other(path, error),
    }
}

/// What an error of a statement means to the engine.
fn storage_error(error: &rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StorageError::Unavailable("the database is locked by another process".to_owned())
        }
        Some(ErrorCode::OperationInterrupted) => StorageError::Unavailable("the report took too long".to_owned()),
        Some(ErrorCode::DiskFull) => StorageError::Unavailable("the database or its disk is full".to_owned()),
        Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
            StorageError::Unavailable(format!("the database cannot be written: {error}"))
        }
        _ => StorageError::Fault(error.to_string()),
    }
}
