//! What live carts and urgency are fed from, set by set.

use super::read::{PostgresReader, count};
use super::rows::{self, CART};
use super::{demand, events, people};
use async_trait::async_trait;
use cartwright_domain::account::{Account, SecretHash, Session};
use cartwright_domain::cart::Cart;
use cartwright_domain::demand::Demand;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_engine::{LiveReader, StorageError, StoreHead};
use tokio_postgres::Row;
use uuid::Uuid;

type Answer<T> = Result<T, StorageError>;

const HEADS: &str =
    "SELECT store_id, version, catalogue, last_movement, last_event FROM lanes WHERE store_id = ANY($1)";
const MOVED: &str = "SELECT sequence, variant_id FROM stock_movements WHERE store_id = $1 AND sequence > $2 \
     ORDER BY sequence LIMIT $3";
const CARTS: &str = concat!("SELECT ", CART!(), " FROM carts WHERE store_id = $1 AND cart_id = ANY($2)");

#[async_trait]
impl LiveReader for PostgresReader {
    async fn heads(&self, stores: &[StoreId]) -> Answer<Vec<StoreHead>> {
        let ids: Vec<i64> = stores.iter().map(|id| id.0).collect();
        Ok(self.list(HEADS, &[&ids], head).await?)
    }

    async fn moved_variants(&self, store: StoreId, after: i64, limit: usize) -> Answer<Vec<(i64, VariantId)>> {
        Ok(self.list(MOVED, &[&store.0, &after, &count(limit)], moved).await?)
    }

    async fn carts(&self, store: StoreId, ids: &[CartId]) -> Answer<Vec<Cart>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        Ok(self.list(CARTS, &[&store.0, &ids], rows::cart).await?)
    }

    async fn order_events(
        &self,
        store: StoreId,
        orders: &[OrderId],
        after: i64,
        limit: usize,
    ) -> Answer<Vec<LoggedEvent>> {
        let ids: Vec<Uuid> = orders.iter().map(|id| id.0).collect();
        Ok(self.list(events::OF_ORDERS, &[&store.0, &ids, &after, &count(limit)], events::event).await?)
    }

    async fn sessions_named(
        &self,
        store: StoreId,
        hashes: &[SecretHash],
    ) -> Answer<Vec<(SecretHash, Session, Account)>> {
        let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash[..]).collect();
        Ok(self.list(people::SESSIONS_NAMED, &[&store.0, &hashes], people::named_session).await?)
    }

    async fn demand(&self, store: StoreId, variants: &[VariantId]) -> Answer<Vec<(VariantId, Demand)>> {
        let ids: Vec<Uuid> = variants.iter().map(|id| id.0).collect();
        Ok(self.list(demand::OF_VARIANTS, &[&store.0, &ids, &demand::done()], demand::demand).await?)
    }

    async fn is_counting_demand(&self, store: StoreId) -> Answer<bool> {
        let counting = self.one(demand::IS_COUNTING, &[&store.0, &demand::done()], |row| Ok(row.try_get(0)?)).await?;
        Ok(counting.unwrap_or(false))
    }
}

fn head(row: &Row) -> rows::Result<StoreHead> {
    Ok(StoreHead {
        store: StoreId(row.try_get(0)?),
        version: row.try_get(1)?,
        catalogue: row.try_get(2)?,
        last_movement: row.try_get(3)?,
        last_event: row.try_get(4)?,
    })
}

fn moved(row: &Row) -> rows::Result<(i64, VariantId)> {
    Ok((row.try_get(0)?, VariantId(row.try_get(1)?)))
}
