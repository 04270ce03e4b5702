//! Other listeners to the log, such as a message broker: each gets all events of a store in their order, at least once, and has a
//! place of its own in the log.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::EventQuery;
use async_trait::async_trait;
use cartwright_domain::command::Command;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;

/// How long a node keeps a listener of a store without renewing it: longer than a page may take.
const LEASE_MS: i64 = 30_000;
const PAGE: usize = 200;

/// A listener.
#[async_trait]
pub trait EventSink: Send + Sync {
    /// Its name; it stays the same for good.
    fn name(&self) -> &'static str;

    /// Takes events in their order, durably. Returns how many of them, from the first on, it has, and why not more.
    async fn take(&self, store: &str, events: &[LoggedEvent]) -> (usize, Option<String>);
}

impl Engine {
    /// Hands a page of events to the other listener, if there is one; whether there are more.
    pub(crate) async fn feed(&self, config: &Arc<StoreConfig>) -> Result<bool, Failure> {
        let Some(sink) = &self.sink else { return Ok(false) };
        let (store, name, now) = (config.store.id, sink.name(), self.now());
        let after = self.reader.sink_position(store, name).await?;
        let query = EventQuery { after, limit: PAGE, ..EventQuery::default() };
        let events = self.reader.events(store, &query).await?;
        if events.is_empty() || !self.reader.lease(store, name, self.node, now, now.plus_ms(LEASE_MS)).await? {
            return Ok(false);
        }
        let (taken, trouble) = sink.take(&config.store.handle, &events).await;
        if let Some(last) = events[..taken.min(events.len())].last() {
            let command = Command::RecordSink { name: name.to_owned(), position: last.sequence };
            self.run(config, command).await?;
        }
        if let Some(reason) = trouble {
            return Err(Failure::Fault(reason));
        }
        Ok(events.len() == PAGE)
    }
}
