//! The sweeper: work that nobody asks for. Due payments are taken up, carts past their date are marked, old answers under
//! idempotency keys are forgotten. Every step may run twice and may be cut off anywhere.

use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::command::Command;
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
        self.drive_due_payments(config).await?;
        if slow {
            for cart_id in self.reader.expired_carts(config.store.id, self.now(), 500).await? {
                self.run(config, Command::ExpireCart { cart_id }).await?;
            }
            let before = self.now().plus_ms(-ANSWERS_MS);
            self.run(config, Command::ForgetAnswers { before }).await?;
        }
        Ok(())
    }
}
