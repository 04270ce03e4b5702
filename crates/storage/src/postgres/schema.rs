//! Bringing the schema up to date, and keeping away from one that is newer than this program.

use super::connect::Connector;
use super::error::OpenError;
use tokio_postgres::Client;

pub(crate) mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// One process migrates at a time; the others wait and find it done.
const LOCK: &str = "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(7263547)";
/// Makes searching quick where the server has these extensions and lets us make them. Without them nothing is missing.
const SEARCH: &str = "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS btree_gin; \
     CREATE INDEX IF NOT EXISTS products_by_text ON products USING gin (store_id, search gin_trgm_ops)";

/// The newest version that this program knows.
pub fn newest_version() -> i64 {
    let runner = migrations::migrations::runner();
    runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

/// Brings the schema up to date and returns its version.
pub async fn migrate(connector: &Connector) -> Result<i64, OpenError> {
    let (mut client, found) = connect(connector).await?;
    if found == newest_version() {
        // No rights to change the schema are needed where there is nothing to change.
        return Ok(found);
    }
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown.clone(), reason };
    client.batch_execute(LOCK).await.map_err(|error| fail(error.to_string()))?;
    let runner = migrations::migrations::runner();
    runner.run_async(&mut client).await.map_err(|error| fail(one_line(&error)))?;
    if let Err(error) = client.batch_execute(SEARCH).await {
        tracing::info!(%error, "products are searched without an index of their words");
    }
    version(&client).await.map_err(|error| fail(error.to_string()))
}

/// A connection to a database whose schema is not newer, and its version; 0 where there is none.
pub async fn connect(connector: &Connector) -> Result<(Client, i64), OpenError> {
    let shown = || connector.shown.clone();
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown.clone(), reason };
    let client = connector.connect().await.map_err(|fault| fail(fault.in_words()))?;
    let found = version(&client).await.map_err(|error| fail(error.to_string()))?;
    match found > newest_version() {
        true => Err(OpenError::NewerSchema { shown: shown(), found, known: newest_version() }),
        false => Ok((client, found)),
    }
}

/// The same, but the schema must be there and of this version.
pub async fn connect_current(connector: &Connector) -> Result<Client, OpenError> {
    let (client, found) = connect(connector).await?;
    let known = newest_version();
    match found < known {
        true => Err(OpenError::OlderSchema { shown: connector.shown.clone(), found, known }),
        false => Ok(client),
    }
}

async fn version(client: &Client) -> Result<i64, tokio_postgres::Error> {
    let history = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
    if !client.query_one(history, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let newest = "SELECT coalesce(max(version), 0)::bigint FROM refinery_schema_history";
    client.query_one(newest, &[]).await?.try_get(0)
}

fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
