//! Which database, and what an operator does with it without a server.

use crate::config::{ConfigFile, UsageError};
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_engine::{ApiKey, Reader, Storage};
use cartwright_storage::copy::Place;
use cartwright_storage::postgres::{self, PostgresSettings};
use cartwright_storage::sqlite::{self, SqliteSettings};
use cartwright_wire::{InvariantReport, VerifyReport};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Used where none is named.
pub const DEFAULT: &str = "sqlite:data/cartwright.sqlite";

/// Which database.
#[derive(clap::Args)]
pub struct DatabaseArgs {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, default_value = DEFAULT)]
    pub database: String,
}

/// Limits towards a PostgreSQL server.
#[derive(clap::Args, Clone, Default)]
pub struct PostgresArgs {
    /// PostgreSQL: connections for reading; writing has one more [default: 8].
    #[arg(long, env = "CARTWRIGHT_DATABASE_CONNECTIONS")]
    database_connections: Option<NonZeroUsize>,
    /// PostgreSQL: seconds that making a connection may take [default: 5].
    #[arg(long, env = "CARTWRIGHT_CONNECT_TIMEOUT_SECONDS")]
    connect_timeout_seconds: Option<NonZeroU32>,
    /// PostgreSQL: seconds that a statement may take [default: 10].
    #[arg(long, env = "CARTWRIGHT_STATEMENT_TIMEOUT_SECONDS")]
    statement_timeout_seconds: Option<NonZeroU32>,
    /// PostgreSQL: seconds that a batch waits for another node's [default: 5].
    #[arg(long, env = "CARTWRIGHT_LOCK_TIMEOUT_SECONDS")]
    lock_timeout_seconds: Option<NonZeroU32>,
}

/// A database that somebody named.
#[derive(Clone)]
pub enum Database {
    /// One file, for one server.
    Sqlite(SqliteSettings),
    /// A server, for any number of nodes.
    Postgres(PostgresSettings),
}

impl Database {
    /// Understands what was named. What is not understood is not repeated: it may hold a password.
    pub fn named(text: &str) -> anyhow::Result<Database> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Database::Sqlite(SqliteSettings { path: PathBuf::from(path), max_mib: None }));
        }
        if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Database::Postgres(PostgresSettings::new(text)));
        }
        let scheme = text.split(':').next().unwrap_or_default();
        Err(UsageError(format!("database {scheme}:…: expected sqlite:FILE or postgres://USER@HOST/DATABASE")).into())
    }

    /// Sets the limits that are given.
    pub fn limited(mut self, max_mib: Option<u64>, args: &PostgresArgs, file: &ConfigFile) -> Database {
        match &mut self {
            Database::Sqlite(settings) => settings.max_mib = max_mib,
            Database::Postgres(settings) => {
                if let Some(size) = args.database_connections.or(file.database_connections) {
                    settings.pool_size = size.get();
                }
                let seconds = |limit: &mut Duration, given: Option<NonZeroU32>| {
                    if let Some(seconds) = given {
                        *limit = Duration::from_secs(seconds.get().into());
                    }
                };
                let connect = args.connect_timeout_seconds.or(file.connect_timeout_seconds);
                seconds(&mut settings.connect_timeout, connect);
                let statement = args.statement_timeout_seconds.or(file.statement_timeout_seconds);
                seconds(&mut settings.statement_timeout, statement);
                seconds(&mut settings.lock_timeout, args.lock_timeout_seconds.or(file.lock_timeout_seconds));
            }
        }
        self
    }

    /// As a copy names it.
    pub fn place(self) -> Place {
        match self {
            Database::Sqlite(settings) => Place::Sqlite(settings.path),
            Database::Postgres(settings) => Place::Postgres(settings),
        }
    }

    /// Opens it for a server.
    pub fn open(&self) -> anyhow::Result<Storage> {
        match self {
            Database::Sqlite(settings) => Ok(sqlite::open(settings)?),
            Database::Postgres(settings) => Ok(crate::in_runtime(postgres::open(settings, Uuid::new_v4()))?),
        }
    }

    /// Opens it for reading, beside running servers.
    pub async fn open_reader(&self) -> anyhow::Result<Arc<dyn Reader>> {
        match self {
            Database::Sqlite(settings) => Ok(Arc::new(sqlite::open_reader(&settings.path)?)),
            Database::Postgres(settings) => Ok(Arc::new(postgres::open_reader(settings).await?)),
        }
    }

    /// Records an operator's key.
    pub fn add_api_key(&self, hash: [u8; 32], key: &ApiKey) -> anyhow::Result<()> {
        match self {
            Database::Sqlite(settings) => Ok(sqlite::add_api_key(&settings.path, hash, key, now_ms())?),
            Database::Postgres(settings) => {
                Ok(crate::in_runtime(postgres::add_api_key(settings, hash, key, now_ms()))?)
            }
        }
    }

    /// Ends all links in mails.
    pub fn end_links(&self) -> anyhow::Result<()> {
        match self {
            Database::Sqlite(settings) => Ok(sqlite::end_links(&settings.path)?),
            Database::Postgres(settings) => Ok(crate::in_runtime(postgres::end_links(settings))?),
        }
    }

    /// Withdraws an operator's key.
    pub fn revoke_api_key(&self, store: StoreId, hash: [u8; 32]) -> anyhow::Result<()> {
        match self {
            Database::Sqlite(settings) => Ok(sqlite::revoke_api_key(&settings.path, store, hash, now_ms())?),
            Database::Postgres(settings) => {
                Ok(crate::in_runtime(postgres::revoke_api_key(settings, store, hash, now_ms()))?)
            }
        }
    }
}

/// How long something may be overdue before the checker counts it as left behind, milliseconds: a worker may be at it.
const GRACE_MS: i64 = 5_000;

/// Brings the schema up to date.
pub fn migrate(args: &DatabaseArgs) -> anyhow::Result<()> {
    let version = match Database::named(&args.database)? {
        Database::Sqlite(settings) => sqlite::migrate(&settings.path)?,
        Database::Postgres(settings) => crate::in_runtime(postgres::migrate(&settings))?,
    };
    println!("schema version {version}");
    Ok(())
}

/// Checks the invariants of every store, on one snapshot each.
pub async fn verify(database: &str) -> anyhow::Result<VerifyReport> {
    let reader = Database::named(database)?.open_reader().await?;
    let mut all: Vec<InvariantReport> = Vec::new();
    for store in reader.stores().await? {
        for finding in cartwright_engine::check(&*reader, store.id, Timestamp(now_ms()), GRACE_MS).await? {
            let told = finding.violations.into_iter().map(|violation| format!("store {}: {violation}", store.handle));
            match all.iter_mut().find(|known| known.name == finding.name) {
                Some(known) => {
                    known.checked += finding.checked;
                    known.violations.extend(told);
                }
                None => all.push(InvariantReport {
                    name: finding.name.to_owned(),
                    says: finding.says.to_owned(),
                    checked: finding.checked,
                    violations: told.collect(),
                }),
            }
        }
    }
    Ok(VerifyReport { ok: all.iter().all(|finding| finding.violations.is_empty()), invariants: all })
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
