//! Payments: asks the gateway, outside any transaction, and brings the answer back as a command. Whoever wants an order
//! settled joins the same run: one order is never asked about twice at the same time by this process.

use crate::books::ask_and_look;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{CaptureCall, Charge, Gateway, RefundCall};
use crate::points;
use cartwright_domain::command::{Command, Reply, Settlement};
use cartwright_domain::id::{OrderId, Timestamp};
use cartwright_domain::order::{Order, PaymentStatus};
use cartwright_domain::refund::{Refund, RefundStatus};
use cartwright_domain::store::StoreConfig;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a gateway may take before its answer counts as lost.
pub(crate) const GATEWAY_TIMEOUT: Duration = Duration::from_secs(20);

type Run = Shared<BoxFuture<'static, Result<Arc<Order>, Failure>>>;

pub(crate) struct Payments {
    gateways: Vec<Arc<dyn Gateway>>,
    runs: Mutex<HashMap<OrderId, Run>>,
}

impl Payments {
    pub(crate) fn new(gateways: Vec<Arc<dyn Gateway>>) -> Payments {
        Payments { gateways, runs: Mutex::default() }
    }

    pub(crate) fn gateway(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.iter().find(|gateway| gateway.name() == name)
    }

    pub(crate) fn all(&self) -> &[Arc<dyn Gateway>] {
        &self.gateways
    }

    fn runs(&self) -> std::sync::MutexGuard<'_, HashMap<OrderId, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Runs a command that answers an order, and sees the order's payment through as far as it goes without the shopper.
    /// The second value tells whether the order is new.
    ///
    /// # Errors
    /// The refusal, or why it did not run.
    pub async fn run_order(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        command: Command,
    ) -> Result<(Arc<Order>, bool), Failure> {
        let (order, new) = match self.run(config, command).await? {
            Reply::OrderCreated(order) => (order, true),
            Reply::Order(order) => (order, false),
            other => return Err(Failure::Fault(format!("expected an order, got {other:?}"))),
        };
        if !goes_on_by_itself(&order) {
            return Ok((order, new));
        }
        Ok((self.drive(config, order).await.map_err(Failure::after_a_change)?, new))
    }

    /// Asks the gateway about an order's payment and settles it. Goes on when the caller goes away.
    pub(crate) async fn drive(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        order: Arc<Order>,
    ) -> Result<Arc<Order>, Failure> {
        let id = order.id;
        let run = {
            let mut runs = self.payments.runs();
            match runs.get(&id) {
                Some(run) => run.clone(),
                None => {
                    let run = start_run(self.clone(), config.clone(), order);
                    runs.insert(id, run.clone());
                    run
                }
            }
        };
        run.await
    }

    async fn ask_and_settle(self: &Arc<Self>, config: &Arc<StoreConfig>, order: &Order) -> Result<Arc<Order>, Failure> {
        points::asking(order.payment.status);
        let commands = self.ask(config, order).await;
        points::asked(order.payment.status);
        let mut settled = Err(Failure::Fault("a gateway was asked for nothing".to_owned()));
        for command in commands {
            settled = match self.run(config, command).await? {
                Reply::Order(order) => Ok(order),
                other => Err(Failure::Fault(format!("expected an order, got {other:?}"))),
            };
        }
        settled
    }

    async fn ask(&self, config: &StoreConfig, order: &Order) -> Vec<Command> {
        let unknown = || vec![Command::SettlePayment { order_id: order.id, settlement: Settlement::Unknown }];
        if order.detail.manual.is_some() {
            // There is no gateway behind it.
            return vec![Command::SettlePayment { order_id: order.id, settlement: asked_of_nobody(order) }];
        }
        let Some(gateway) = self.payments.gateway(&order.payment.gateway) else {
            tracing::error!(gateway = order.payment.gateway, order = %order.id, "no such gateway; the payment waits");
            return unknown();
        };
        let asked = ask_and_look(gateway.as_ref(), config, order, self.now());
        tokio::time::timeout(GATEWAY_TIMEOUT, asked).await.unwrap_or_else(|_| unknown())
    }

    /// Sees payments through that are due. All are tried, also where one fails.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) async fn drive_all(self: &Arc<Self>, config: &Arc<StoreConfig>, due: Vec<Order>) -> Result<(), Failure> {
        let runs = due.into_iter().map(|order| self.drive(config, Arc::new(order)));
        let results = futures_util::future::join_all(runs).await;
        results.into_iter().try_for_each(|result| result.map(drop))
    }
}

/// Whether an order's payment goes on without its shopper, and without an operator: then the gateway is asked at once.
pub fn goes_on_by_itself(order: &Order) -> bool {
    let waits = matches!(order.payment.status, PaymentStatus::RequiresAction | PaymentStatus::Awaited);
    order.payment.status.is_open() && !waits && order.detail.manual.is_none()
}

/// Asks the gateway what the order's payment needs next.
pub async fn ask(gateway: &dyn Gateway, config: &StoreConfig, order: &Order, now: Timestamp) -> Settlement {
    let charge = charge_for(config, order, now);
    match order.payment.status {
        _ if order.detail.manual.is_some() => asked_of_nobody(order),
        PaymentStatus::Created => gateway.charge(&charge).await,
        // Not confirmed, or not captured, in time.
        PaymentStatus::RequiresAction | PaymentStatus::Authorized | PaymentStatus::VoidPending => {
            gateway.void(&charge).await
        }
        PaymentStatus::CapturePending => gateway.capture(&charge, &capture_of(order)).await,
        PaymentStatus::RefundPending => match order.next_refund() {
            Some(refund) => gateway.refund(&charge, &call_of(refund, now)).await,
            None => Settlement::Unknown,
        },
        _ => gateway.look_up(&charge).await,
    }
}

/// What becomes of money that operators record when a worker looks at it: its time may be over.
fn asked_of_nobody(order: &Order) -> Settlement {
    match order.payment.status {
        PaymentStatus::Awaited => Settlement::Voided,
        _ => Settlement::Unknown,
    }
}

fn capture_of(order: &Order) -> CaptureCall {
    let authorization = order.detail.authorization.as_ref();
    CaptureCall {
        number: authorization.map_or(0, |authorization| authorization.captures),
        amount: authorization.and_then(|authorization| authorization.to_capture).unwrap_or(order.totals.total),
    }
}

pub(crate) fn call_of(refund: &Refund, now: Timestamp) -> RefundCall {
    RefundCall { refund_id: refund.id, amount: refund.amount, age_ms: now.0.saturating_sub(refund.at.0) }
}

/// What a gateway is asked about an order.
pub(crate) fn charge_for(config: &StoreConfig, order: &Order, now: Timestamp) -> Charge {
    Charge {
        store: config.store.handle.clone(),
        order_id: order.id,
        attempt_id: order.payment.attempt_id,
        amount: order.totals.total,
        currency: order.currency,
        method: order.payment.method.clone(),
        capture: order.detail.capture,
        age_ms: now.0.saturating_sub(order.created_at.0),
    }
}

/// Whether another refund than before is now to be sent, since that one failed.
fn was_cut(before: &Order, after: &Order) -> bool {
    let failed = |id| after.detail.refunds.iter().any(|one| one.id == id && one.status == RefundStatus::Failed);
    after.next_refund().is_some() && before.next_refund().is_some_and(|refund| failed(refund.id))
}

/// Whether the payment turned out to be one that the goods cannot wait for.
fn is_given_up(before: &Order, after: &Order) -> bool {
    let voiding = |order: &Order| order.payment.status == PaymentStatus::VoidPending;
    after.detail.unheld && voiding(after) && !voiding(before)
}

fn start_run(engine: Arc<Engine>, config: Arc<StoreConfig>, order: Arc<Order>) -> Run {
    let id = order.id;
    let task = tokio::spawn(async move {
        let mut result = engine.ask_and_settle(&config, &order).await;
        // A refund that others were quicker than was cut to what is left, and a payment that cannot wait is voided: at once.
        if let Ok(settled) = &result
            && (was_cut(&order, settled) || is_given_up(&order, settled))
        {
            result = engine.ask_and_settle(&config, &settled.clone()).await;
        }
        engine.payments.runs().remove(&id);
        result
    });
    let run: BoxFuture<'static, _> =
        Box::pin(
            async move { task.await.unwrap_or_else(|error| Err(Failure::Fault(format!("payment task: {error}")))) },
        );
    run.shared()
}
