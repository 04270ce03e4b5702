//! When a key or a session was last used: written down beside the request, so rarely that it costs nothing, and never waited for.

use cartwright_domain::account::UsedSecret;
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::Engine;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most notes under way at a time; beyond that uses are not written down.
const MOST: usize = 100;

/// Notes under way.
#[derive(Clone, Default)]
pub(crate) struct Uses {
    under_way: Arc<Mutex<HashSet<UsedSecret>>>,
}

impl Uses {
    /// Writes down that a secret was used just now. What the database does not take is missed, and noted at the next use.
    pub(super) fn note(&self, engine: &Arc<Engine>, store: &Arc<StoreConfig>, secret: UsedSecret) {
        let mut under_way = self.lock();
        if under_way.len() >= MOST || !under_way.insert(secret) {
            return;
        }
        drop(under_way);
        let (uses, engine, store) = (self.clone(), engine.clone(), store.clone());
        tokio::spawn(async move {
            if let Err(failure) = engine.run(&store, Command::Account(AccountCommand::NoteUse(secret))).await {
                tracing::debug!(?failure, "the use of a key or session was not written down");
            }
            uses.lock().remove(&secret);
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UsedSecret>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
