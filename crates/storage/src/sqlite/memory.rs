//! A database in memory, for tests and the simulator. It lives as long as this value; a writer and a reader may be opened on
//! it again and again, as a process that was killed opens its file again.

use super::{OpenError, SqliteSettings, SqliteWriter, migrations, open_error, reader, tune};
use cartwright_engine::Storage;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the databases of this process apart.
static NAMES: AtomicU64 = AtomicU64::new(0);

/// A database in memory.
pub struct MemoryDatabase {
    settings: SqliteSettings,
    /// SQLite forgets the database with its last connection.
    _keeper: Connection,
}

impl MemoryDatabase {
    /// Makes an empty database with the newest schema.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn new() -> Result<MemoryDatabase, OpenError> {
        let name = NAMES.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("file:/cartwright-{name}?vfs=memdb"));
        let mut keeper = Connection::open(&path).map_err(|error| open_error(&path, &error))?;
        let migrated = migrations::migrations::runner().run(&mut keeper);
        migrated.map_err(|error| OpenError::other(&path, error))?;
        Ok(MemoryDatabase { settings: SqliteSettings { path, max_mib: None }, _keeper: keeper })
    }

    /// Opens it. There must be one writer at a time.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self) -> Result<Storage, OpenError> {
        let path = &self.settings.path;
        let failed = |error| open_error(path, &error);
        let mut connection = Connection::open(path).map_err(failed)?;
        tune(&mut connection, &self.settings).map_err(failed)?;
        let writer = SqliteWriter::new(connection, None).map_err(failed)?;
        Ok(Storage { writer: Box::new(writer), reader: Arc::new(reader(path, 1)?), shared: false })
    }
}
