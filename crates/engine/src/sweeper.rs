//! The sweeper: work that nobody asks for. Due payments are taken up, carts past their date are marked, old answers under
//! idempotency keys are forgotten. Every step may run twice and may be cut off anywhere.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::{Reader, StorageError};
use cartwright_domain::command::Command;
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_domain::store::StoreConfig;
use std::sync::{Arc, Weak};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(500);
/// How long a node keeps a store's sweep without renewing it.
const LEASE_MS: i64 = 5_000;
/// Every so many ticks carts and answers are swept.
const SLOW_EVERY: u32 = 20;
/// How long an answer under an idempotency key is kept: 24 hours.
const ANSWERS_MS: i64 = 24 * 60 * 60 * 1000;

/// A step of the sweep. Whoever adds one adds it to [`SweepStep::ALL`], from which the simulator takes the steps it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepStep {
    /// Payments that are due: left behind by a crash, unanswered, or past their deadline.
    DuePayments,
    /// Carts past their date.
    ExpiredCarts,
    /// Answers under idempotency keys that are older than 24 hours.
    OldAnswers,
}

/// What a step of the sweep has found to do.
#[derive(Debug)]
pub enum SweepWork {
    /// Orders about whose payment the gateway is to be asked.
    Payments(Vec<Order>),
    /// Commands to run.
    Commands(Vec<Command>),
}

impl SweepStep {
    /// All steps, in their order.
    pub const ALL: [SweepStep; 3] = [SweepStep::DuePayments, SweepStep::ExpiredCarts, SweepStep::OldAnswers];

    /// Whether it need not run at every tick.
    fn is_slow(self) -> bool {
        self != SweepStep::DuePayments
    }

    /// Finds what there is to do now.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn find(self, reader: &dyn Reader, store: StoreId, now: Timestamp) -> Result<SweepWork, StorageError> {
        Ok(match self {
            SweepStep::DuePayments => SweepWork::Payments(reader.due_payments(store, now, 100).await?),
            SweepStep::ExpiredCarts => {
                let expired = reader.expired_carts(store, now, 500).await?;
                SweepWork::Commands(expired.into_iter().map(|cart_id| Command::ExpireCart { cart_id }).collect())
            }
            SweepStep::OldAnswers => {
                SweepWork::Commands(vec![Command::ForgetAnswers { before: now.plus_ms(-ANSWERS_MS) }])
            }
        })
    }
}

impl Engine {
    /// Sweeps until the engine is gone. To be spawned.
    pub async fn sweep_forever(engine: Weak<Engine>) {
        let mut ticks = 0_u32;
        while let Some(engine) = engine.upgrade() {
            if let Err(error) = engine.refresh_stores().await {
                tracing::warn!(%error, "cannot look for changes of other nodes; tried again");
            }
            for config in engine.stores() {
                let slow = ticks.is_multiple_of(SLOW_EVERY);
                match engine.sweep(&config, slow).await {
                    Ok(()) => {}
                    Err(Failure::Stopping) => return,
                    Err(error) => tracing::warn!(store = config.store.handle, %error, "a sweep failed; it runs again"),
                }
            }
            drop(engine);
            ticks = ticks.wrapping_add(1);
            tokio::time::sleep(TICK).await;
        }
    }

    async fn sweep(self: &Arc<Self>, config: &Arc<StoreConfig>, slow: bool) -> Result<(), Failure> {
        let now = self.now();
        if !self.reader.lease(config.store.id, "sweep", self.node, now, now.plus_ms(LEASE_MS)).await? {
            return Ok(());
        }
        for step in SweepStep::ALL.into_iter().filter(|step| slow || !step.is_slow()) {
            match step.find(self.reader.as_ref(), config.store.id, self.now()).await? {
                SweepWork::Payments(due) => self.drive_all(config, due).await?,
                SweepWork::Commands(commands) => {
                    for command in commands {
                        self.run(config, command).await?;
                    }
                }
            }
        }
        Ok(())
    }
}
