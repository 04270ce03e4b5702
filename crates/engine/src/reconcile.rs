//! Reconciliation: every payment that a provider has of a period beside every order, both ways. What differs is named; what can be
//! repaired goes the way of all settlements, so that a repair is never anything but the gateway's answer taken in once more.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{Gateway, ListedPayment};
use crate::payments::{charge_for, goes_on_by_itself};
use crate::storage::OrderQuery;
use cartwright_domain::command::{Command, Reply, Settlement};
use cartwright_domain::id::{OrderId, Timestamp};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::store::StoreConfig;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Most payments, and most orders, that one reconciliation looks at.
pub const MOST_RECONCILED: usize = 20_000;
/// Orders read at a time.
const PAGE: usize = 500;

/// How the books of a provider and ours differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftKind {
    /// The provider took money for an order that is not there.
    ChargeWithoutOrder,
    /// An order has money that the provider knows nothing of.
    OrderWithoutCharge,
    /// The provider took money, and the order does not know it.
    CaptureUnknown,
    /// The provider took money for an order that came to nothing.
    CapturedButReleased,
    /// The provider has set money aside, and the order does not know it.
    AuthorizationUnknown,
    /// Both took money, but not the same.
    AmountDiffers,
    /// Not the same went back.
    RefundDiffers,
}

impl DriftKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftKind::ChargeWithoutOrder => "charge_without_order",
            DriftKind::OrderWithoutCharge => "order_without_charge",
            DriftKind::CaptureUnknown => "capture_unknown",
            DriftKind::CapturedButReleased => "captured_but_released",
            DriftKind::AuthorizationUnknown => "authorization_unknown",
            DriftKind::AmountDiffers => "amount_differs",
            DriftKind::RefundDiffers => "refund_differs",
        }
    }

    /// Whether taking in the gateway's answer once more mends it.
    fn is_repairable(self) -> bool {
        matches!(self, Self::CaptureUnknown | Self::CapturedButReleased | Self::AuthorizationUnknown)
    }
}

/// Money by one side's books, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Taken.
    pub captured: i64,
    /// Set aside, not taken.
    pub authorized: i64,
    /// Sent back; `None` where that side does not tell.
    pub refunded: Option<i64>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// What it is.
    pub kind: DriftKind,
    /// The gateway.
    pub gateway: String,
    /// The provider's id of the payment; empty where it has none.
    pub reference: String,
    /// The order, where one is named.
    pub order_id: Option<OrderId>,
    /// ISO 4217.
    pub currency: String,
    /// By our books, as they were found.
    pub ours: Money,
    /// By the provider's.
    pub theirs: Money,
    /// Whether it was repaired.
    pub repaired: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// Payments of this store that providers listed.
    pub payments: usize,
    /// Orders looked at.
    pub orders: usize,
    /// What differs.
    pub drift: Vec<Drift>,
    /// Gateways that gave no answer, whose payments were not compared.
    pub silent: Vec<String>,
    /// Whether there were more payments or orders than are looked at once.
    pub cut_off: bool,
}

impl Engine {
    /// Compares the providers' payments and the store's orders of a period, its end left out; `repair` settles what can be.
    ///
    /// # Errors
    /// The storage's failure. A provider's silence is told in the result.
    pub async fn reconcile(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        (from, until): (Timestamp, Timestamp),
        repair: Repair,
    ) -> Result<Reconciliation, Failure> {
        let mut found = Reconciliation::default();
        let orders = self.orders_between(config, from, until, &mut found).await?;
        for gateway in self.payments.all() {
            let own = orders.iter().filter(|order| order.payment.gateway == gateway.name());
            let Ok(listed) = listed_between(gateway.as_ref(), from, until, &mut found).await else {
                found.silent.push(gateway.name().to_owned());
                continue;
            };
            let mut known: HashMap<OrderId, &Order> = own.map(|order| (order.id, order)).collect();
            for payment in listed.iter().filter(|payment| payment.is_of(&config.store.handle)) {
                found.payments += 1;
                let order = match payment.order_id.and_then(|id| known.remove(&id)) {
                    Some(order) => Some(order.clone()),
                    None => self.order_of(config, payment).await?,
                };
                found.drift.extend(compare(gateway.name(), order.as_ref(), payment));
            }
            for order in known.into_values() {
                found.drift.extend(self.unlisted(config, gateway.as_ref(), order, &mut found.silent).await);
            }
        }
        found.silent.extend(self.without_gateway(&orders));
        found.drift.sort_by_key(|drift| (drift.order_id, drift.reference.clone()));
        if repair == Repair::Yes {
            self.repair(config, &mut found.drift).await?;
        }
        Ok(found)
    }

    async fn orders_between(
        &self,
        config: &StoreConfig,
        from: Timestamp,
        until: Timestamp,
        found: &mut Reconciliation,
    ) -> Result<Vec<Order>, Failure> {
        let mut orders: Vec<Order> = Vec::new();
        let mut before = Some(first_id(until));
        loop {
            let query = OrderQuery { before, limit: PAGE, ..OrderQuery::default() };
            let page = self.reader.orders(config.store.id, &query).await?;
            let full = page.len() == PAGE;
            before = page.last().map(|order| order.id);
            let in_period = page.into_iter().filter(|order| order.id >= first_id(from));
            let count = orders.len();
            orders.extend(in_period);
            found.orders = orders.len();
            if !full || orders.len() == count {
                return Ok(orders);
            }
            if orders.len() >= MOST_RECONCILED {
                found.cut_off = true;
                return Ok(orders);
            }
        }
    }

    /// Names of gateways by which orders were paid, and which are not there: nothing can be said of these payments. Money that operators
    /// record has no books but theirs.
    fn without_gateway(&self, orders: &[Order]) -> Vec<String> {
        let known = self.gateways();
        let names = orders.iter().map(|order| &order.payment.gateway);
        let gone: BTreeSet<&String> = names.filter(|name| !known.contains(&name.as_str())).collect();
        gone.into_iter().cloned().collect()
    }

    /// The order that a payment names, whenever it was made.
    async fn order_of(&self, config: &StoreConfig, payment: &ListedPayment) -> Result<Option<Order>, Failure> {
        let Some(id) = payment.order_id else { return Ok(None) };
        let order = self.reader.order(config.store.id, id).await?;
        Ok(order.filter(|order| Some(order.payment.attempt_id) == payment.attempt_id))
    }

    /// An order that is in no list: the gateway keeps none, or its payment was made at the edge of the period.
    async fn unlisted(
        &self,
        config: &StoreConfig,
        gateway: &dyn Gateway,
        order: &Order,
        silent: &mut Vec<String>,
    ) -> Option<Drift> {
        if order.totals.total == 0 {
            return None;
        }
        let charge = charge_for(config, order, self.now());
        let Ok(known) = gateway.observe(&charge).await else {
            if !silent.iter().any(|name| name == gateway.name()) {
                silent.push(gateway.name().to_owned());
            }
            return None;
        };
        let (captured, authorized) = match known {
            // Of a part that was captured only a list tells; the whole was ours to take.
            Some(Settlement::Captured(amount)) if order.payment.captured > 0 => (amount.min(order.payment.captured), 0),
            Some(Settlement::Captured(amount)) => (amount, 0),
            // A gateway without books of its own still calls it set aside when it was captured.
            Some(Settlement::Authorized(_)) if order.payment.captured > 0 => (order.payment.captured, 0),
            Some(Settlement::Authorized(amount)) => (0, amount),
            _ => (0, 0),
        };
        let payment = ListedPayment {
            reference: String::new(),
            store: None,
            order_id: Some(order.id),
            attempt_id: Some(order.payment.attempt_id),
            currency: order.currency,
            captured,
            authorized,
            refunded: None,
        };
        compare(gateway.name(), Some(order), &payment)
    }

    async fn repair(self: &Arc<Self>, config: &Arc<StoreConfig>, drift: &mut [Drift]) -> Result<(), Failure> {
        for one in drift.iter_mut().filter(|one| one.kind.is_repairable()) {
            let Some(order_id) = one.order_id else { continue };
            let settlement = match one.theirs.captured {
                0 => Settlement::Authorized(one.theirs.authorized),
                captured => Settlement::Captured(captured),
            };
            let reply = self.run(config, Command::SettlePayment { order_id, settlement }).await?;
            if let Reply::Order(order) = reply {
                one.repaired = true;
                tracing::info!(order = %order_id, kind = one.kind.as_str(), "reconciled");
                if goes_on_by_itself(&order) {
                    self.drive(config, order).await?;
                }
            }
        }
        Ok(())
    }
}

/// Whether drift is repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Where that is possible.
    Yes,
    /// It is only told.
    No,
}

/// The lowest id of that instant: ids begin with their time.
fn first_id(at: Timestamp) -> OrderId {
    let ms = u64::try_from(at.0).unwrap_or(0);
    OrderId(Uuid::from_u128(u128::from(ms.min((1 << 48) - 1)) << 80))
}

/// All that a gateway lists of a period.
async fn listed_between(
    gateway: &dyn Gateway,
    from: Timestamp,
    until: Timestamp,
    found: &mut Reconciliation,
) -> Result<Vec<ListedPayment>, crate::gateway::Silent> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = gateway.list(from, until, after.as_deref()).await?;
        all.extend(page.payments);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
        if all.len() >= MOST_RECONCILED {
            found.cut_off = true;
            return Ok(all);
        }
    }
}

fn compare(gateway: &str, order: Option<&Order>, payment: &ListedPayment) -> Option<Drift> {
    let theirs = Money { captured: payment.captured, authorized: payment.authorized, refunded: payment.refunded };
    let ours = order.map_or_else(Money::default, |order| Money {
        captured: order.payment.captured,
        authorized: match order.payment.status {
            PaymentStatus::Authorized | PaymentStatus::CapturePending | PaymentStatus::VoidPending => {
                order.detail.authorization.as_ref().map_or(0, |authorization| authorization.amount)
            }
            _ => 0,
        },
        refunded: Some(order.payment.refunded),
    });
    let kind = match order {
        None => (theirs.captured > theirs.refunded.unwrap_or(0)).then_some(DriftKind::ChargeWithoutOrder),
        Some(order) => difference(order, ours, theirs),
    }?;
    Some(Drift {
        kind,
        gateway: gateway.to_owned(),
        reference: payment.reference.clone(),
        order_id: payment.order_id,
        currency: payment.currency.code().to_owned(),
        ours,
        theirs,
        repaired: false,
    })
}

fn difference(order: &Order, ours: Money, theirs: Money) -> Option<DriftKind> {
    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    let differ = |theirs: i64| Some(theirs) != ours.refunded;
    match (ours.captured, theirs.captured) {
        (0, 0) if theirs.authorized > 0 && ours.authorized == 0 => Some(DriftKind::AuthorizationUnknown),
        (0, 0) => None,
        (0, _) if live => Some(DriftKind::CaptureUnknown),
        (0, _) => Some(DriftKind::CapturedButReleased),
        (_, 0) => Some(DriftKind::OrderWithoutCharge),
        (ours, theirs) if ours != theirs => Some(DriftKind::AmountDiffers),
        // What is on its way is not settled yet.
        _ if order.next_refund().is_some() => None,
        _ => theirs.refunded.is_some_and(differ).then_some(DriftKind::RefundDiffers),
    }
}
