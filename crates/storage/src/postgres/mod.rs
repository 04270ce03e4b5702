//! A PostgreSQL server, shared by any number of nodes. One writer connection belongs to the lane; a pool serves the readers.
//! Nodes take turns in writing a store: see `load::TURN`.

mod audit;
mod changes;
pub(crate) mod connect;
pub(crate) mod error;
mod known;
mod load;
mod products;
mod read;
mod rows;
pub(crate) mod schema;
mod session;
mod write;
pub mod yardstick;

use cartwright_engine::{ApiKey, Storage};
use connect::Connector;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use write::PostgresWriter;

pub use connect::PostgresSettings;
pub use error::OpenError;
pub use read::PostgresReader;

/// Opens the database for a server: brings the schema up to date, waiting where another node is just doing so. `node` names
/// this process; no two may have the same.
///
/// # Errors
/// See [`OpenError`].
pub async fn open(settings: &PostgresSettings, node: Uuid) -> Result<Storage, OpenError> {
    let connector = Connector::new(settings)?;
    schema::migrate(&connector).await?;
    let reader = reader(&connector, settings)?;
    let writer = PostgresWriter::new(connector.clone(), node)
        .map_err(|error| OpenError::Unreachable { shown: connector.shown, reason: error.to_string() })?;
    Ok(Storage { writer: Box::new(writer), reader: Arc::new(reader), shared: true })
}

/// Opens the database for reading only.
///
/// # Errors
/// See [`OpenError`].
pub async fn open_reader(settings: &PostgresSettings) -> Result<PostgresReader, OpenError> {
    let connector = Connector::new(settings)?;
    schema::connect_current(&connector).await?;
    reader(&connector, settings)
}

/// Brings the schema up to date and returns its version. Works beside running servers.
///
/// # Errors
/// See [`OpenError`].
pub async fn migrate(settings: &PostgresSettings) -> Result<i64, OpenError> {
    schema::migrate(&Connector::new(settings)?).await
}

/// Records an operator's key by the SHA-256 of its secret. Works beside running servers.
///
/// # Errors
/// See [`OpenError`].
pub async fn add_api_key(
    settings: &PostgresSettings,
    hash: [u8; 32],
    key: &ApiKey,
    now_ms: i64,
) -> Result<(), OpenError> {
    let connector = Connector::new(settings)?;
    if schema::connect(&connector).await?.1 == 0 {
        schema::migrate(&connector).await?;
    }
    let client = schema::connect_current(&connector).await?;
    let insert = "INSERT INTO api_keys (store_id, hash, name, created_at) VALUES ($1, $2, $3, $4)";
    let store = key.store.map_or(0, |store| store.0);
    let inserted = client.execute(insert, &[&store, &&hash[..], &key.name, &now_ms]).await;
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown, reason };
    inserted.map(|_| ()).map_err(|error| fail(error::Fault::from(error).in_words()))
}

fn reader(connector: &Connector, settings: &PostgresSettings) -> Result<PostgresReader, OpenError> {
    let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(connector.config.clone(), connector.tls.clone(), how);
    let session: Arc<str> = connector.session().into();
    let set_up = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let session = session.clone();
        Box::pin(async move { client.batch_execute(&session).await.map_err(HookError::Backend) })
    });
    let pool = Pool::builder(manager)
        .max_size(settings.pool_size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(settings.statement_timeout))
        .create_timeout(Some(settings.connect_timeout + Duration::from_secs(1)))
        .post_create(set_up)
        .build()
        .map_err(|error| OpenError::Unreachable { shown: connector.shown.clone(), reason: error.to_string() })?;
    Ok(PostgresReader::new(pool, settings.statement_timeout + Duration::from_secs(2)))
}
