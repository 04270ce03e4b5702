//! The sweeper: work that nobody asks for. Due payments are taken up, carts past their date are marked, holds that have run
//! out are ended, old answers under idempotency keys, old events of carts and persons in what ended long ago are forgotten. Every step may run twice and may be cut off anywhere.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::people::Replan;
use crate::recovery::draw_code;
use crate::storage::{Reader, StorageError};
use crate::traces;
use cartwright_domain::command::{AccountCommand, Command, InboxCommand, RecoveryCommand};
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::inbox::{self, InboxEvent};
use cartwright_domain::order::Order;
use cartwright_domain::recovery::Visited;
use cartwright_domain::store::{PricePolicy, StoreConfig};
use std::sync::{Arc, Weak};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(500);
/// How long a node keeps a store's sweep without renewing it.
const LEASE_MS: i64 = 5_000;
/// Every so many ticks carts and answers are swept.
const SLOW_EVERY: u32 = 20;
/// Open carts that are planned anew at one tick, and by one command.
const REPLANNED: usize = 1_000;
const REPLANNED_SLICE: usize = 100;
/// Most holds that are ended by one command.
const HOLDS: usize = 500;
/// How long an answer under an idempotency key is kept: 24 hours.
const ANSWERS_MS: i64 = 24 * 60 * 60 * 1000;
/// How long it is known what became of an event on its way to a receiver: 30 days.
const DELIVERIES_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A step of the sweep. Whoever adds one adds it to [`SweepStep::ALL`], from which the simulator takes the steps it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepStep {
    /// Payments that are due: left behind by a crash, unanswered, or past their deadline.
    DuePayments,
    /// Carts past their date.
    ExpiredCarts,
    /// Holds of carts that have run out.
    ExpiredHolds,
    /// Abandoned carts of which the shopper may be due to be reminded.
    DueRecoveries,
    /// Answers under idempotency keys that are older than 24 hours.
    OldAnswers,
    /// Open carts to which settings apply that have changed since they have.
    Replans,
    /// Events of carts that are older than the store keeps them.
    OldCartEvents,
    /// What became of events on their way to receivers, where it was done with 30 days ago.
    OldDeliveries,
    /// Sessions and links of mails that have ended.
    EndedSessions,
    /// Events of payment gateways that wait: for their order, for the gateway, or because whoever took them has died.
    GatewayEvents,
    /// Events of payment gateways that were done with 30 days ago.
    OldGatewayEvents,
    /// Carts whose demand is to be counted, where a store has begun to show it.
    UncountedDemand,
    /// Promotions as they stood, once no captured price that holds is as old.
    KeptPromotions,
    /// People who are to go.
    Erasures,
    /// Carts that have ended and are kept as long as the store wants.
    OldCarts,
    /// Orders that came to nothing and are kept as long as the store wants.
    UnpaidOrders,
}

/// What a step of the sweep has found to do.
#[derive(Debug)]
pub enum SweepWork {
    /// Orders about whose payment the gateway is to be asked.
    Payments(Vec<Order>),
    /// Events of gateways to take up.
    Events(Vec<InboxEvent>),
    /// Commands to run.
    Commands(Vec<Command>),
}

impl SweepStep {
    /// All steps, in their order.
    pub const ALL: [SweepStep; 16] = [
        SweepStep::DuePayments,
        SweepStep::ExpiredCarts,
        SweepStep::ExpiredHolds,
        SweepStep::DueRecoveries,
        SweepStep::Replans,
        SweepStep::OldAnswers,
        SweepStep::OldCartEvents,
        SweepStep::OldDeliveries,
        SweepStep::EndedSessions,
        SweepStep::GatewayEvents,
        SweepStep::OldGatewayEvents,
        SweepStep::UncountedDemand,
        SweepStep::KeptPromotions,
        SweepStep::Erasures,
        SweepStep::OldCarts,
        SweepStep::UnpaidOrders,
    ];

    /// Whether it need not run at every tick.
    fn is_slow(self) -> bool {
        !matches!(
            self,
            SweepStep::DuePayments
                | SweepStep::ExpiredHolds
                | SweepStep::GatewayEvents
                | SweepStep::UncountedDemand
                | SweepStep::Replans
        )
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
            SweepStep::ExpiredHolds => {
                let mut carts = reader.expired_holds(store, now, HOLDS).await?;
                carts.sort_unstable();
                carts.dedup();
                SweepWork::Commands(
                    (!carts.is_empty()).then_some(Command::ReleaseHolds { carts }).into_iter().collect(),
                )
            }
            SweepStep::DueRecoveries => {
                let due = reader.due_recoveries(store, now, 500).await?;
                let recover = |cart_id| Ok(Command::Recovery(RecoveryCommand::Recover { cart_id, code: draw_code()? }));
                SweepWork::Commands(due.into_iter().map(recover).collect::<Result<_, StorageError>>()?)
            }
            SweepStep::Replans => SweepWork::Commands(replans(reader, store).await?),
            SweepStep::OldAnswers => {
                SweepWork::Commands(vec![Command::ForgetAnswers { before: now.plus_ms(-ANSWERS_MS) }])
            }
            SweepStep::OldCartEvents => SweepWork::Commands(vec![Command::ForgetCartEvents]),
            SweepStep::OldDeliveries => {
                SweepWork::Commands(vec![Command::ForgetDeliveries { before: now.plus_ms(-DELIVERIES_MS) }])
            }
            SweepStep::GatewayEvents => SweepWork::Events(reader.due_gateway_events(store, now, 100).await?),
            SweepStep::OldGatewayEvents => {
                let before = now.plus_ms(-inbox::KEEP_MS);
                SweepWork::Commands(vec![Command::Inbox(InboxCommand::Forget { before })])
            }
            SweepStep::UncountedDemand => {
                let counting = reader.is_counting_demand(store).await?;
                SweepWork::Commands(if counting { vec![Command::CountDemand] } else { Vec::new() })
            }
            SweepStep::KeptPromotions => SweepWork::Commands(forget_kept(reader, store, now).await?),
            SweepStep::Erasures => SweepWork::Commands(traces::erasing(reader, store).await?),
            SweepStep::OldCarts => SweepWork::Commands(traces::old_carts(reader, store, now).await?),
            SweepStep::UnpaidOrders => SweepWork::Commands(traces::unpaid_orders(reader, store, now).await?),
            SweepStep::EndedSessions => SweepWork::Commands(vec![Command::Account(AccountCommand::ForgetEnded)]),
        })
    }
}

/// Open carts to which settings apply that have changed since: some at each tick, so that a shop with very many is not held up.
async fn replans(reader: &dyn Reader, store: StoreId) -> Result<Vec<Command>, StorageError> {
    let Some(Replan { mut after, next }) = reader.replan(store, REPLANNED).await? else { return Ok(Vec::new()) };
    let all = next.len() < REPLANNED;
    let mut commands = Vec::new();
    let slices: Vec<&[Visited]> = next.chunks(REPLANNED_SLICE).collect();
    for (index, slice) in slices.iter().enumerate() {
        let ends = all && index + 1 == slices.len();
        let last = slice.last().copied().filter(|_| !ends);
        let carts = slice.iter().map(|cart| cart.cart_id).collect();
        commands.push(RecoveryCommand::Replan { carts, after, last });
        after = last.unwrap_or(after);
    }
    if slices.is_empty() {
        commands.push(RecoveryCommand::Replan { carts: Vec::new(), after, last: None });
    }
    Ok(commands.into_iter().map(Command::Recovery).collect())
}

/// What no line can keep any more: the longest time for which a price holds is over since it stood so.
async fn forget_kept(reader: &dyn Reader, id: StoreId, now: Timestamp) -> Result<Vec<Command>, StorageError> {
    let kept = reader.kept_promotions(id).await?;
    let Some(oldest) = kept.iter().map(|kept| kept.until).min() else { return Ok(Vec::new()) };
    let stores = reader.stores().await?;
    let own = stores.iter().find(|store| store.id == id).map(|store| store.settings.price_policy);
    let policies = reader.price_policies(id).await?;
    let held_until = |policy: PricePolicy| policy.held_until(oldest).unwrap_or(oldest);
    let last = own.into_iter().chain(policies).map(held_until).max().unwrap_or(oldest);
    let longest_ms = last.0 - oldest.0;
    let before = now.plus_ms(-longest_ms);
    Ok(if oldest < before { vec![Command::ForgetKept { before }] } else { Vec::new() })
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

    pub(crate) async fn sweep(self: &Arc<Self>, config: &Arc<StoreConfig>, slow: bool) -> Result<(), Failure> {
        let now = self.now();
        if !self.reader.lease(config.store.id, "sweep", self.node, now, now.plus_ms(LEASE_MS)).await? {
            return Ok(());
        }
        for step in SweepStep::ALL.into_iter().filter(|step| slow || !step.is_slow()) {
            match step.find(self.reader.as_ref(), config.store.id, self.now()).await? {
                SweepWork::Payments(due) => self.drive_all(config, due).await?,
                SweepWork::Events(due) => self.take_up_all(config, due).await?,
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
