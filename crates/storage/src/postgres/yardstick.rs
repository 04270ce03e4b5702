//! What the benchmark measures this adapter by: the usual checkout as a script for `pgbench`, its tables, and the statements
//! that a server has counted. No shop uses any of this.

use super::connect::{Connector, PostgresSettings};
use super::error::{Fault, OpenError};
use tokio_postgres::Client;

/// The usual checkout, a few statements for each line. The script wants the variable `hot`: 1 where all buy one variant, otherwise 0.
pub const CHECKOUT_BY_LINE: &str = include_str!("../../pgbench/checkout_by_line.sql");
/// The same with a statement for each table.
pub const CHECKOUT: &str = include_str!("../../pgbench/checkout.sql");
const TABLES: &str = include_str!("../../pgbench/tables.sql");
/// Counting needs this in the server's `shared_preload_libraries`.
const COUNTING: &str = "CREATE EXTENSION IF NOT EXISTS pg_stat_statements";
/// BEGIN and COMMIT are statements too; our own question is not.
const COUNT: &str = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements s \
     JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database() AND s.query NOT LIKE '%pg_stat_statements%'";

/// Makes an empty database on the server of `settings`. The name is taken as it is.
///
/// # Errors
/// See [`OpenError`].
pub async fn create_database(settings: &PostgresSettings, name: &str) -> Result<(), OpenError> {
    run(settings, &[&format!("CREATE DATABASE {name}")]).await
}

/// Removes a database, whoever is connected to it. The name is taken as it is.
///
/// # Errors
/// See [`OpenError`].
pub async fn drop_database(settings: &PostgresSettings, name: &str) -> Result<(), OpenError> {
    run(settings, &[&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).await
}

/// Makes and fills the tables of the usual checkout.
///
/// # Errors
/// See [`OpenError`].
pub async fn fill(settings: &PostgresSettings) -> Result<(), OpenError> {
    let statements = TABLES.split_inclusive(";\n").map(str::trim).filter(|statement| !statement.is_empty());
    run(settings, &statements.collect::<Vec<_>>()).await
}

/// How many statements were run in this database so far; `None` where the server does not count them.
pub async fn statements(settings: &PostgresSettings) -> Option<i64> {
    let client = Connector::new(settings).ok()?.connect().await.ok()?;
    client.batch_execute(COUNTING).await.ok()?;
    client.query_one(COUNT, &[]).await.ok()?.try_get(0).ok()
}

/// Lets the server write down all that is not yet in its tables' files, and use its old log anew: each measurement begins alike,
/// and none pays for what was done before it. Does nothing where the user may not.
pub async fn settle(settings: &PostgresSettings) {
    if run(settings, &["CHECKPOINT"]).await.is_err() {
        tracing::info!("the server makes no checkpoint for this user");
    }
}

/// The server's version, as it says it.
///
/// # Errors
/// See [`OpenError`].
pub async fn version(settings: &PostgresSettings) -> Result<String, OpenError> {
    let connector = Connector::new(settings)?;
    let asked = async {
        let client = connector.connect().await?;
        Ok::<String, Fault>(client.query_one("SHOW server_version", &[]).await?.try_get(0)?)
    };
    asked.await.map_err(|fault| unreachable_server(&connector, &fault))
}

/// Each by itself, since some of these may not stand in a transaction.
async fn run(settings: &PostgresSettings, statements: &[&str]) -> Result<(), OpenError> {
    let connector = Connector::new(settings)?;
    let ran = async {
        let client: Client = connector.connect().await?;
        for statement in statements {
            client.batch_execute(statement).await?;
        }
        Ok::<(), Fault>(())
    };
    ran.await.map_err(|fault| unreachable_server(&connector, &fault))
}

fn unreachable_server(connector: &Connector, fault: &Fault) -> OpenError {
    OpenError::Unreachable { shown: connector.shown.clone(), reason: fault.in_words() }
}
