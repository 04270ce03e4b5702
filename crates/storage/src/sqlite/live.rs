//! What live carts and urgency are fed from, set by set.

use super::events::{COLUMNS, event};
use super::read::{SqliteReader, list};
use super::{demand, people, rows};
use async_trait::async_trait;
use cartwright_domain::account::{Account, SecretHash, Session};
use cartwright_domain::cart::Cart;
use cartwright_domain::demand::Demand;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_engine::{LiveReader, StorageError, StoreHead};
use rusqlite::params;

type Answer<T> = Result<T, StorageError>;

#[async_trait]
impl LiveReader for SqliteReader {
    async fn heads(&self, stores: &[StoreId]) -> Answer<Vec<StoreHead>> {
        let ids = std::rc::Rc::new(stores.iter().map(|id| rusqlite::types::Value::Integer(id.0)).collect::<Vec<_>>());
        let sql = "SELECT w.value, (SELECT coalesce(max(sequence), 0) FROM stock_movements m WHERE m.store_id = w.value), \
                   (SELECT coalesce(max(sequence), 0) FROM events e WHERE e.store_id = w.value) FROM rarray(?1) w";
        self.with(|connection| {
            list(connection, sql, [ids], |row| {
                let store = StoreId(row.get(0)?);
                Ok(StoreHead { store, version: 0, catalogue: 0, last_movement: row.get(1)?, last_event: row.get(2)? })
            })
        })
    }

    async fn moved_variants(&self, store: StoreId, after: i64, limit: usize) -> Answer<Vec<(i64, VariantId)>> {
        let sql = "SELECT sequence, variant_id FROM stock_movements WHERE store_id = ?1 AND sequence > ?2 \
                   ORDER BY sequence LIMIT ?3";
        self.with(|connection| {
            list(connection, sql, params![store.0, after, limit as i64], |row| {
                Ok((row.get(0)?, VariantId(rows::uuid(row, 1)?)))
            })
        })
    }

    async fn carts(&self, store: StoreId, ids: &[CartId]) -> Answer<Vec<Cart>> {
        let sql = format!("SELECT {} FROM carts WHERE store_id = ?1 AND cart_id IN rarray(?2)", rows::CART);
        let ids = rows::array(ids.iter().map(|id| id.0));
        self.with(|connection| list(connection, &sql, params![store.0, ids], rows::cart))
    }

    async fn order_events(
        &self,
        store: StoreId,
        orders: &[OrderId],
        after: i64,
        limit: usize,
    ) -> Answer<Vec<LoggedEvent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE store_id = ?1 AND order_id IN rarray(?2) AND sequence > ?3 \
             ORDER BY sequence LIMIT ?4"
        );
        let orders = rows::array(orders.iter().map(|id| id.0));
        self.with(|connection| list(connection, &sql, params![store.0, orders, after, limit as i64], event))
    }

    async fn sessions_named(
        &self,
        store: StoreId,
        hashes: &[SecretHash],
    ) -> Answer<Vec<(SecretHash, Session, Account)>> {
        self.with(|connection| people::sessions_named(connection, store, hashes))
    }

    async fn demand(&self, store: StoreId, variants: &[VariantId]) -> Answer<Vec<(VariantId, Demand)>> {
        self.with(|connection| demand::of_variants(connection, store, variants))
    }

    async fn is_counting_demand(&self, store: StoreId) -> Answer<bool> {
        self.with(|connection| demand::is_counting(connection, store))
    }
}
