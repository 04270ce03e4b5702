//! A PostgreSQL database as one side of a copy: one connection with one open transaction. Rows come in pages by key and go
//! by COPY.

use super::tables::{TABLES, Table};
use super::value::{Row, Value};
use super::{CopyError, PAGE};
use crate::postgres::PostgresSettings;
use crate::postgres::connect::Connector;
use crate::postgres::schema;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

/// A copy takes as long as it takes; only for locks it does not wait for ever.
const NO_LIMITS: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
/// Nodes of the shop, by the name that their connections have.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'cartwright' AND pid <> pg_backend_pid()";
/// Every batch takes its store's lane: nodes that come up now wait, and are refused. The snapshot is taken after the locks.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE lanes IN EXCLUSIVE MODE; \
     LOCK TABLE api_keys IN SHARE MODE";
/// No store can be made beside the copy, nor by another one.
const WRITE: &str = "BEGIN; LOCK TABLE stores, lanes, api_keys IN EXCLUSIVE MODE";
/// The ledger and the events go on after the last entry. The versions of a store and its catalogue only have to be newer than any that a cache
/// elsewhere may remember: a clock's milliseconds run ahead of changes.
const LANES: &str = "INSERT INTO lanes (store_id, version, catalogue, last_movement, last_event) \
     SELECT s.store_id, (extract(epoch FROM now()) * 1000)::bigint, (extract(epoch FROM now()) * 1000)::bigint, coalesce( \
     (SELECT max(m.sequence) FROM stock_movements m WHERE m.store_id = s.store_id), 0), \
     coalesce((SELECT max(e.sequence) FROM events e WHERE e.store_id = s.store_id), 0) FROM stores s";

/// A database of a server.
pub struct PostgresSide {
    client: Client,
}

impl PostgresSide {
    /// A database to read from. Refused while nodes are connected; those that come up later cannot write.
    pub async fn source(settings: &PostgresSettings) -> Result<PostgresSide, CopyError> {
        let connector = Connector::new(settings)?;
        let client = schema::connect_current(&connector).await?;
        client.batch_execute(NO_LIMITS).await?;
        let others: i64 = client.query_one(OTHERS, &[]).await?.try_get(0)?;
        if others > 0 {
            return Err(CopyError::Failed(format!(
                "{} is in use: {others} connections of servers or commands; stop them first",
                connector.shown
            )));
        }
        client.batch_execute(READ).await?;
        Ok(PostgresSide { client })
    }

    /// A database to write to; its schema is brought up to date.
    pub async fn target(settings: &PostgresSettings) -> Result<PostgresSide, CopyError> {
        let connector = Connector::new(settings)?;
        schema::migrate(&connector).await?;
        let client = schema::connect_current(&connector).await?;
        client.batch_execute(NO_LIMITS).await?;
        client.batch_execute(WRITE).await?;
        // Only the locks above are waited for in vain: from here on this transaction alone is at work.
        client.batch_execute("SET LOCAL lock_timeout = 0").await?;
        for table in &TABLES {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
            if client.query_one(&sql, &[]).await?.try_get(0)? {
                return Err(CopyError::NotEmpty { shown: connector.shown, table: table.name });
            }
        }
        Ok(PostgresSide { client })
    }

    pub async fn count(&self, table: &Table) -> Result<u64, CopyError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        Ok(self.client.query_one(&sql, &[]).await?.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// The rows after this one, by key.
    pub async fn page(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, CopyError> {
        let (list, key) = (table.list(), table.key_list());
        let marks = (1..=table.key).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let place = after.map_or(String::new(), |_| format!("WHERE ({key}) > ({marks})"));
        let sql = format!("SELECT {list} FROM {} {place} ORDER BY {key} LIMIT {PAGE}", table.name);
        let bound = after.map_or(&[][..], |row| &row[..table.key]);
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let found = self.client.query(&sql, &bound).await?;
        let values = |row: &tokio_postgres::Row| (0..row.len()).map(|place| row.try_get(place)).collect();
        Ok(found.iter().map(values).collect::<Result<Vec<Row>, tokio_postgres::Error>>()?)
    }

    pub async fn append(&self, table: &Table, rows: &[Row]) -> Result<(), CopyError> {
        let copy = format!("COPY {} ({}) FROM STDIN BINARY", table.name, table.list());
        let sink = self.client.copy_in(&copy).await?;
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| kind.of_postgres()).collect();
        let writer = BinaryCopyInWriter::new(sink, &types);
        futures_util::pin_mut!(writer);
        for row in rows {
            let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value: &Value| value as _).collect();
            writer.as_mut().write(&values).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    pub async fn commit(self) -> Result<(), CopyError> {
        self.client.batch_execute(LANES).await?;
        for table in &TABLES {
            self.client.batch_execute(&format!("ANALYZE {}", table.name)).await?;
        }
        Ok(self.client.batch_execute("COMMIT").await?)
    }
}
