//! Several nodes on one database: what a node remembers may be old, so it asks whether it still holds.

use crate::cache::Caches;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::{Reader, StorageError};
use cartwright_domain::id::StoreId;
use cartwright_domain::store::{Store, StoreConfig};
use std::sync::Arc;

/// Loads all stores whose configuration is not known, or not at its newest version.
pub(crate) async fn load_stores(reader: &dyn Reader, caches: &Caches) -> Result<(), StorageError> {
    for store in reader.stores().await? {
        if caches.config(store.id).is_none_or(|known| known.store.version != store.version) {
            load_store(reader, caches, store).await?;
        }
    }
    Ok(())
}

/// Loads a store's promotions. The store is read again after them until its version stands still, so that both are of one time.
async fn load_store(reader: &dyn Reader, caches: &Caches, mut store: Store) -> Result<(), StorageError> {
    loop {
        let id = store.id;
        let promotions = reader.promotions(id).await?;
        let kept = reader.kept_promotions(id).await?;
        let version = reader.store_version(id).await?;
        if version == store.version {
            caches.put_config(StoreConfig::new(store, promotions).with_kept(kept));
            return Ok(());
        }
        let Some(newer) = reader.stores().await?.into_iter().find(|store| store.id == id) else { return Ok(()) };
        store = newer;
    }
}

/// Loads one store's newest configuration.
pub(crate) async fn reload_store(reader: &dyn Reader, caches: &Caches, id: StoreId) -> Result<(), StorageError> {
    match reader.stores().await?.into_iter().find(|store| store.id == id) {
        Some(store) => load_store(reader, caches, store).await,
        None => Ok(()),
    }
}

impl Engine {
    /// Whether other nodes may write the same database.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Gets to know stores that other nodes made or changed.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn refresh_stores(&self) -> Result<(), Failure> {
        if self.shared {
            load_stores(self.reader.as_ref(), &self.caches).await?;
        }
        Ok(())
    }

    /// A store's configuration as it is now; with one node that is what is in memory.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn newest(&self, config: Arc<StoreConfig>) -> Result<Arc<StoreConfig>, Failure> {
        if !self.shared {
            return Ok(config);
        }
        let version = self.reader.store_version(config.store.id).await?;
        self.at_version(config, version).await
    }

    /// A store's configuration, not older than this version.
    pub(crate) async fn at_version(&self, config: Arc<StoreConfig>, version: i64) -> Result<Arc<StoreConfig>, Failure> {
        let id = config.store.id;
        let known = self.caches.config(id).unwrap_or(config);
        if known.store.version >= version {
            return Ok(known);
        }
        reload_store(self.reader.as_ref(), &self.caches, id).await?;
        Ok(self.caches.config(id).unwrap_or(known))
    }
}
