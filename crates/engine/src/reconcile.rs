//! Reconciliation: every payment that a provider has of a period beside every order, both ways. What differs is named; a repair is
//! never anything but the provider's answer taken in once more. What that does not mend is for an operator to record.

mod compare;

use crate::books::{books_of, take_books};
use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{Gateway, ListedPayment, Look, Silent};
use crate::payments::{charge_for, goes_on_by_itself};
use crate::storage::OrderQuery;
use cartwright_domain::command::{Command, Reply, Settlement};
use cartwright_domain::id::{OrderId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_domain::outside::{Books, UnmatchedPayment};
use cartwright_domain::store::StoreConfig;
use compare::{compare, compare_disputes};
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
    /// Money was set aside, and no longer is.
    AuthorizationEnded,
    /// A dispute is not known, or stands otherwise.
    DisputeDiffers,
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
            DriftKind::AuthorizationEnded => "authorization_ended",
            DriftKind::DisputeDiffers => "dispute_differs",
        }
    }

    /// All of them.
    pub const ALL: [DriftKind; 9] = [
        DriftKind::ChargeWithoutOrder,
        DriftKind::OrderWithoutCharge,
        DriftKind::CaptureUnknown,
        DriftKind::CapturedButReleased,
        DriftKind::AuthorizationUnknown,
        DriftKind::AmountDiffers,
        DriftKind::RefundDiffers,
        DriftKind::AuthorizationEnded,
        DriftKind::DisputeDiffers,
    ];

    /// Whether taking in the gateway's answer once more mends it; otherwise an operator records what happened.
    pub fn is_repairable(self) -> bool {
        !matches!(self, Self::ChargeWithoutOrder | Self::OrderWithoutCharge)
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

/// A difference, and the payment it was found at.
type Found = (Drift, ListedPayment);

impl Engine {
    /// Compares the providers' payments and the store's orders of a period, its end left out; `repair` takes in what can be.
    ///
    /// # Errors
    /// The storage's failure. A provider's silence is reported in the result.
    pub async fn reconcile(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        (from, until): (Timestamp, Timestamp),
        repair: Repair,
    ) -> Result<Reconciliation, Failure> {
        let mut found = Reconciliation::default();
        let mut drift: Vec<Found> = Vec::new();
        let orders = self.orders_between(config, from, until, &mut found).await?;
        for gateway in self.payments.all() {
            let own = orders.iter().filter(|order| order.payment.gateway == gateway.name());
            let Ok(listed) = listed_between(gateway.as_ref(), from, until, &mut found).await else {
                found.be_silent(gateway.name());
                continue;
            };
            let mut known: HashMap<OrderId, &Order> = own.map(|order| (order.id, order)).collect();
            for payment in listed.into_iter().filter(|payment| payment.is_of(&config.store.handle)) {
                found.payments += 1;
                let order = match payment.order_id.and_then(|id| known.remove(&id)) {
                    Some(order) => Some(order.clone()),
                    None => self.order_of(config, &payment).await?,
                };
                match self.listed(config, gateway.as_ref(), order.as_ref(), payment).await? {
                    Ok(one) => drift.extend(one),
                    Err(Silent) => found.be_silent(gateway.name()),
                }
            }
            for order in known.into_values() {
                match self.unlisted(config, gateway.as_ref(), order).await {
                    Ok(one) => drift.extend(one),
                    Err(Silent) => found.be_silent(gateway.name()),
                }
            }
        }
        found.silent.extend(self.without_gateway(&orders));
        drift.sort_by_key(|(drift, _)| (drift.order_id, drift.reference.clone()));
        if repair == Repair::Yes {
            self.repair(config, &mut drift).await?;
        }
        found.drift = drift.into_iter().map(|(drift, _)| drift).collect();
        Ok(found)
    }

    /// A payment of a provider's list beside its order. Where the list does not say what went back, or somebody disputed it, the
    /// provider's books do.
    async fn listed(
        &self,
        config: &StoreConfig,
        gateway: &dyn Gateway,
        order: Option<&Order>,
        mut payment: ListedPayment,
    ) -> Result<Result<Option<Found>, Silent>, Failure> {
        let look = order.filter(|_| payment.captured > 0 && (payment.refunded.is_none() || payment.disputed));
        let books = match look {
            Some(order) => match books_of(gateway, config, order, Look::Whole, self.now()).await {
                Ok(books) => books,
                Err(Silent) => return Ok(Err(Silent)),
            },
            None => None,
        };
        if let Some(books) = &books {
            payment.refunded = Some(refunded_by(books));
        }
        let mut drift = compare(gateway.name(), order, &payment, None);
        if drift.is_some() {
            // Few payments differ, so the storage is asked about those alone.
            let dealt_with = self.dealt_with(config, gateway.name(), &payment).await?;
            drift = compare(gateway.name(), order, &payment, dealt_with.as_ref());
        }
        let drift = drift.or_else(|| compare_disputes(gateway.name(), order?, &payment, &books.as_ref()?.disputes));
        Ok(Ok(drift.map(|drift| (drift, payment))))
    }

    /// How an operator dealt with a payment, where one did; only payments that took money can be dealt with.
    async fn dealt_with(
        &self,
        config: &StoreConfig,
        gateway: &str,
        payment: &ListedPayment,
    ) -> Result<Option<UnmatchedPayment>, Failure> {
        if payment.captured == 0 || payment.reference.is_empty() {
            return Ok(None);
        }
        Ok(self.reader.unmatched_payment(config.store.id, gateway, &payment.reference).await?)
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
    pub(crate) async fn order_of(
        &self,
        config: &StoreConfig,
        payment: &ListedPayment,
    ) -> Result<Option<Order>, Failure> {
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
    ) -> Result<Option<Found>, Silent> {
        if order.totals.total == 0 {
            return Ok(None);
        }
        let charge = charge_for(config, order, self.now());
        let known = gateway.observe(&charge).await?;
        let books = books_of(gateway, config, order, Look::Whole, self.now()).await?;
        let captured_here = order.payment.captured - order.written_off();
        let (captured, authorized) = match (&books, &known) {
            (Some(books), _) if books.captured > 0 => (books.captured, 0),
            // Of a part that was captured only a list tells; the whole was ours to take.
            (_, Some(Settlement::Captured(amount))) if captured_here > 0 => ((*amount).min(captured_here), 0),
            (_, Some(Settlement::Captured(amount))) => (*amount, 0),
            // A gateway without books of its own still calls it set aside when it was captured.
            (_, Some(Settlement::Authorized(_))) if captured_here > 0 => (captured_here, 0),
            (_, Some(Settlement::Authorized(amount))) => (0, *amount),
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
            refunded: books.as_ref().map(refunded_by),
            disputed: books.as_ref().is_some_and(|books| !books.disputes.is_empty()),
            cancelled: matches!(known, Some(Settlement::Voided)),
        };
        let disputes = books.map(|books| books.disputes).unwrap_or_default();
        let drift = compare(gateway.name(), Some(order), &payment, None)
            .or_else(|| compare_disputes(gateway.name(), order, &payment, &disputes));
        Ok(drift.map(|drift| (drift, payment)))
    }

    /// Takes in what providers say of the payments that differ. Repaired is what does not differ afterwards.
    async fn repair(self: &Arc<Self>, config: &Arc<StoreConfig>, drift: &mut [Found]) -> Result<(), Failure> {
        for (one, payment) in drift.iter_mut().filter(|(one, _)| one.kind.is_repairable()) {
            let Some(order_id) = one.order_id else { continue };
            let Some(order) = self.reader.order(config.store.id, order_id).await? else { continue };
            let Some(gateway) = self.payments.gateway(&one.gateway).cloned() else { continue };
            let Ok(Some(command)) = self.repair_of(config, gateway.as_ref(), &order, one).await else { continue };
            let Reply::Order(order) = self.run(config, command).await? else { continue };
            let dealt_with = self.dealt_with(config, &one.gateway, payment).await?;
            one.repaired = compare(&one.gateway, Some(&order), payment, dealt_with.as_ref()).is_none();
            tracing::info!(order = %order_id, kind = one.kind.as_str(), one.repaired, "reconciled");
            if goes_on_by_itself(&order) {
                self.drive(config, order).await?;
            }
        }
        Ok(())
    }

    /// The command that mends a difference; `None` where the gateway has nothing that would.
    async fn repair_of(
        &self,
        config: &StoreConfig,
        gateway: &dyn Gateway,
        order: &Order,
        drift: &Drift,
    ) -> Result<Option<Command>, Silent> {
        let settled = |settlement| Some(Command::SettlePayment { order_id: order.id, settlement });
        match drift.kind {
            DriftKind::AuthorizationUnknown => return Ok(settled(Settlement::Authorized(drift.theirs.authorized))),
            DriftKind::AuthorizationEnded => {
                let known = gateway.observe(&charge_for(config, order, self.now())).await?;
                return Ok(known.filter(|known| *known == Settlement::Voided).and_then(settled));
            }
            _ => {}
        }
        let books = books_of(gateway, config, order, Look::Whole, self.now()).await?;
        Ok(match (books, drift.kind) {
            (Some(books), _) => Some(take_books(order.id, books)),
            (None, DriftKind::CaptureUnknown | DriftKind::CapturedButReleased) => {
                settled(Settlement::Captured(drift.theirs.captured))
            }
            (None, _) => None,
        })
    }
}

impl Reconciliation {
    fn be_silent(&mut self, gateway: &str) {
        if !self.silent.iter().any(|name| name == gateway) {
            self.silent.push(gateway.to_owned());
        }
    }
}

/// What refunds took away by a provider's books, minor units.
fn refunded_by(books: &Books) -> i64 {
    books.refunds.iter().filter(|refund| refund.failure.is_none()).map(|refund| refund.amount).sum()
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
) -> Result<Vec<ListedPayment>, Silent> {
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
