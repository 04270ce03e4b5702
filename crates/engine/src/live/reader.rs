//! What live carts and urgency ask of the storage. Everything is set-wise: no stream has a question of its own but when it opens.

use crate::storage::StorageError;
use async_trait::async_trait;
use cartwright_domain::account::{Account, SecretHash, Session};
use cartwright_domain::cart::Cart;
use cartwright_domain::demand::Demand;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};

/// Where a store's logs end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreHead {
    /// The store.
    pub store: StoreId,
    /// Version of its configuration; 0 where one process alone writes.
    pub version: i64,
    /// Version of its catalogue; 0 where one process alone writes.
    pub catalogue: i64,
    /// Number of the newest entry of the stock ledger.
    pub last_movement: i64,
    /// Number of the newest event.
    pub last_event: i64,
}

impl StoreHead {
    /// Of a store in which nothing has happened yet.
    pub fn new(store: StoreId) -> StoreHead {
        StoreHead { store, version: 0, catalogue: 0, last_movement: 0, last_event: 0 }
    }
}

/// Reads for live carts and urgency.
#[async_trait]
pub trait LiveReader: Send + Sync {
    /// Where the logs of these stores end.
    async fn heads(&self, stores: &[StoreId]) -> Result<Vec<StoreHead>, StorageError>;
    /// Whose stock moved after this entry of the ledger, in its order.
    async fn moved_variants(
        &self,
        store: StoreId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, VariantId)>, StorageError>;
    /// Those of these carts that exist.
    async fn carts(&self, store: StoreId, ids: &[CartId]) -> Result<Vec<Cart>, StorageError>;
    /// A page of what happened to these orders after this number, in its order.
    async fn order_events(
        &self,
        store: StoreId,
        orders: &[OrderId],
        after: i64,
        limit: usize,
    ) -> Result<Vec<LoggedEvent>, StorageError>;
    /// Those of these sessions that exist, with their accounts. Whether they open them is the caller's to ask.
    async fn sessions_named(
        &self,
        store: StoreId,
        hashes: &[SecretHash],
    ) -> Result<Vec<(SecretHash, Session, Account)>, StorageError>;
    /// How much of these variants stands in active carts; nothing at all where the store does not show it, or its carts are still
    /// being counted.
    async fn demand(&self, store: StoreId, variants: &[VariantId]) -> Result<Vec<(VariantId, Demand)>, StorageError>;
    /// Whether the store's carts are still being counted.
    async fn is_counting_demand(&self, store: StoreId) -> Result<bool, StorageError>;
}
