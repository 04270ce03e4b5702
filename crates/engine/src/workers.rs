//! Who works in the background. Workers go in rounds; a round may be cut off anywhere and is done again, by this node or
//! another, and ends with the same books. The tests take the workers from [`Worker::ALL`], as the server does.

use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::store::StoreConfig;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::JoinHandle;

const TICK: Duration = Duration::from_millis(250);
/// Before a round that failed is tried again.
const PAUSE: Duration = Duration::from_secs(2);

/// A worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Does what nobody asks for: see [`crate::SweepStep`].
    Sweep,
    /// Sends mails.
    Mails,
    /// Sends events to receivers.
    Webhooks,
    /// Hands events to the other listener.
    Sink,
}

impl Worker {
    /// All of them.
    pub const ALL: [Worker; 4] = [Worker::Sweep, Worker::Mails, Worker::Webhooks, Worker::Sink];

    /// Works a round for a store; whether there is more to do at once.
    ///
    /// # Errors
    /// The storage's failure, or the listener's; what was not reached waits for the next round.
    pub async fn round(self, engine: &Arc<Engine>, config: &Arc<StoreConfig>) -> Result<bool, Failure> {
        match self {
            Worker::Sweep => engine.sweep(config, true).await.map(|()| false),
            Worker::Mails => engine.send_mails(config).await,
            Worker::Webhooks => engine.send_webhooks(config).await,
            Worker::Sink => engine.feed(config).await,
        }
    }

    /// Works until the engine is gone.
    async fn work_forever(self, engine: Weak<Engine>) {
        match self {
            Worker::Sweep => Engine::sweep_forever(engine).await,
            Worker::Webhooks => Engine::send_webhooks_forever(engine).await,
            Worker::Mails | Worker::Sink => self.go_round_forever(engine).await,
        }
    }

    async fn go_round_forever(self, engine: Weak<Engine>) {
        while let Some(engine) = engine.upgrade() {
            let mut wait = TICK;
            for config in engine.stores() {
                loop {
                    match self.round(&engine, &config).await {
                        Ok(true) => {}
                        Ok(false) | Err(Failure::Stopping) => break,
                        Err(error) => {
                            tracing::warn!(worker = ?self, store = config.store.handle, %error, "a round failed; tried again");
                            wait = PAUSE;
                            break;
                        }
                    }
                }
            }
            drop(engine);
            tokio::time::sleep(wait).await;
        }
    }
}

impl Engine {
    /// Starts all workers. They end with the engine, or when their tasks are aborted.
    pub fn start_workers(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        Worker::ALL.map(|worker| tokio::spawn(worker.work_forever(Arc::downgrade(self)))).into()
    }
}
