//! A PostgreSQL server, shared by any number of nodes. One writer connection belongs to the lane; a pool serves the readers.
//! Nodes take turns in writing a store: see `load::TURN`.

mod ahead;
mod audit;
mod changes;
pub(crate) mod connect;
mod demand;
pub(crate) mod error;
mod events;
mod holds;
mod inbox;
mod known;
mod live;
mod load;
mod orders;
mod people;
mod persons;
mod products;
mod read;
mod report;
mod rows;
pub(crate) mod schema;
mod session;
mod told;
mod traces;
mod unmatched;
mod unpaid;
mod uses;
mod webhooks;
mod write;
pub mod yardstick;

use cartwright_domain::account::{ALL_STORES, SecretHash, key_id};
use cartwright_domain::id::StoreId;
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

/// Forgets how statements are run. A plan made over a small table may read all of it once it has grown, and the server notices
/// only when it next looks through the table by itself.
const PLAN_ANEW: &str = "DISCARD PLANS";
/// How long the server may take to forget them.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// How long a reader's connection keeps its plans; making them takes a few milliseconds.
const PLANS_LAST: Duration = Duration::from_secs(10);

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
    let insert = "INSERT INTO api_keys (store_id, hash, created_at, name, role, scopes, expires_at) VALUES ($1, $2, $3, $7, $8, $9, $10)";
    let store = key.store.unwrap_or(ALL_STORES).0;
    let (role, scopes) = (key.role.as_str(), tokio_postgres::types::Json(&key.scopes));
    let expires = key.expires_at.map(|at| at.0);
    let (id, subject) = (Uuid::now_v7(), subject_of(&hash));
    let (sql, hash) = (with_audit(insert), &hash[..]);
    let inserted = client
        .execute(&sql, &[&store, &hash, &now_ms, &id, &"create_key", &subject, &key.name, &role, &scopes, &expires])
        .await;
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown, reason };
    inserted.map(|_| ()).map_err(|error| fail(error::Fault::from(error).in_words()))
}

/// Withdraws a key of a store, or one for all stores ([`ALL_STORES`]). Works beside running servers.
///
/// # Errors
/// See [`OpenError`].
pub async fn revoke_api_key(
    settings: &PostgresSettings,
    store: StoreId,
    hash: [u8; 32],
    now_ms: i64,
) -> Result<(), OpenError> {
    let connector = Connector::new(settings)?;
    let client = schema::connect_current(&connector).await?;
    let (id, subject) = (Uuid::now_v7(), subject_of(&hash));
    let (sql, hash) = (with_audit(uses::REVOKE_KEY), &hash[..]);
    let written = client.execute(&sql, &[&store.0, &hash, &now_ms, &id, &"revoke_key", &subject]).await;
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown, reason };
    written.map(|_| ()).map_err(|error| fail(error::Fault::from(error).in_words()))
}

/// Ends all links of all stores: each makes itself another secret when it needs one. Works beside running servers.
///
/// # Errors
/// See [`OpenError`].
pub async fn end_links(settings: &PostgresSettings) -> Result<(), OpenError> {
    let connector = Connector::new(settings)?;
    let client = schema::connect_current(&connector).await?;
    let fail = |reason: String| OpenError::Unreachable { shown: connector.shown, reason };
    let ended = client.execute(people::END_LINKS, &[]).await;
    ended.map(|_| ()).map_err(|error| fail(error::Fault::from(error).in_words()))
}

/// Writes a key, and into the log of each store that it opens that somebody at the database did so.
fn with_audit(sql: &str) -> String {
    format!(
        "WITH written AS ({sql} RETURNING store_id) \
         INSERT INTO audit_log (store_id, audit_id, at, actor, operation, subject, outcome) \
         SELECT s.store_id, $4::uuid, $3::bigint, 'database', $5::text, $6::text, 'done' FROM written w JOIN stores s ON w.store_id IN (0, s.store_id)"
    )
}

fn subject_of(hash: &SecretHash) -> String {
    format!("/api/v1/admin/keys/{}", key_id(hash))
}

fn reader(connector: &Connector, settings: &PostgresSettings) -> Result<PostgresReader, OpenError> {
    let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(connector.config.clone(), connector.tls.clone(), how);
    let session: Arc<str> = connector.session().into();
    let set_up = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let session = session.clone();
        Box::pin(async move { client.batch_execute(&session).await.map_err(HookError::Backend) })
    });
    let plan_anew = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, metrics| {
        let old = plans_are_old(metrics.age(), metrics.last_used());
        Box::pin(async move {
            if !old {
                return Ok(());
            }
            match tokio::time::timeout(ANSWER_LIMIT, client.batch_execute(PLAN_ANEW)).await {
                Ok(done) => done.map_err(HookError::Backend),
                Err(_) => Err(HookError::message("the database does not answer")),
            }
        })
    });
    let pool = Pool::builder(manager)
        .max_size(settings.pool_size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(settings.statement_timeout))
        .create_timeout(Some(settings.connect_timeout + Duration::from_secs(1)))
        .post_create(set_up)
        .pre_recycle(plan_anew)
        .build()
        .map_err(|error| OpenError::Unreachable { shown: connector.shown.clone(), reason: error.to_string() })?;
    Ok(PostgresReader::new(pool, settings.statement_timeout + Duration::from_secs(2)))
}

/// Whether a connection of this age, last used so long ago, has not been used since its plans were last to be made anew.
fn plans_are_old(age: Duration, unused: Duration) -> bool {
    let periods = |time: Duration| time.as_millis() / PLANS_LAST.as_millis();
    periods(age) != periods(age.saturating_sub(unused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_made_anew_once_in_each_period_in_which_they_are_used() {
        let seconds = Duration::from_secs;
        assert!(!plans_are_old(seconds(9), seconds(9)));
        assert!(plans_are_old(seconds(10), seconds(1)));
        assert!(!plans_are_old(seconds(11), seconds(1)));
        assert!(plans_are_old(seconds(1_000), seconds(900)));
        assert!(!plans_are_old(seconds(1_009), seconds(0)));
    }
}
