//! Refunds: an operator's, those of a cancelled order, and those of money that came too late. Each is a fact on the order
//! with its exact parts; a worker sends them one after another, and what the gateway says of each is taken in here.

use super::settle::set_payment;
use super::{Context, answered, manual, remember};
use crate::command::{Idempotency, Reply};
use crate::event::{EventKind, Subject};
use crate::fulfilment::unfulfilled;
use crate::id::{OrderId, RefundId, Timestamp};
use crate::order::{Order, OrderStatus, PaymentStatus, Reservation};
use crate::refund::{
    MAX_REFUNDS, Refund, RefundError, RefundOrigin, RefundParts, RefundRequest, RefundStatus, Refundable, Restock,
};
use crate::refusal::Refusal;
use crate::stock::{Cause, MAX_ON_HAND, Movement, Reference};
use crate::working_set::WorkingSet;
use serde_json::json;

/// A refund as an operator asks for it.
pub(super) struct Asked<'a> {
    pub request: &'a RefundRequest,
    pub reason: &'a str,
    pub by: &'a str,
    pub idempotency: &'a Idempotency,
}

pub(super) fn refund(
    order_id: OrderId,
    asked: &Asked<'_>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)?;
    if answered(asked.idempotency, set)?.is_some() {
        return Ok(Reply::Order(order));
    }
    check_refundable(&order)?;
    let left = Refundable::of(&order);
    let free = (left.amount() - order.withheld()).max(0);
    let mut parts = left.parts(asked.request).map_err(Refusal::RefundRefused)?;
    if parts.amount() > free {
        // The bank holds what is disputed: the provider would refuse.
        let (requested, currency) = (parts.amount(), order.currency);
        return Err(Refusal::RefundRefused(RefundError::Amount { requested, left: free, currency }));
    }
    let movements = restock(&order, asked.request, &mut parts, set, context.now)?;
    // Past this point nothing can fail.
    for movement in movements {
        set.move_stock(movement);
    }
    note(order_id, parts, Origin::shop(asked.reason, asked.by), set, context);
    remember(asked.idempotency, Some(order_id), set, context.now);
    Ok(Reply::Order(set.orders.get(&order_id).expect("found above").clone()))
}

/// Refuses where no money of an order can go back, or none more can be noted.
pub(super) fn check_refundable(order: &Order) -> Result<(), Refusal> {
    if order.detail.refunds.len() >= MAX_REFUNDS {
        return Err(Refusal::TooManyRefunds { limit: MAX_REFUNDS });
    }
    // What came of the money of an order that still waits for more goes back when it is cancelled.
    if order.payment.captured == 0 || order.status == OrderStatus::PendingPayment {
        return Err(Refusal::RefundRefused(RefundError::Nothing));
    }
    Ok(())
}

/// Notes in the parts how many units go back on the shelf, and tells the movements. No unit goes back twice.
pub(super) fn restock(
    order: &Order,
    request: &RefundRequest,
    parts: &mut RefundParts,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<Vec<Movement>, Refusal> {
    let mut movements: Vec<Movement> = Vec::new();
    for asked in request.lines.iter().filter(|asked| asked.restock == Restock::Yes) {
        let sold =
            order.lines.iter().find(|line| line.id == asked.line_id && line.reservation == Reservation::Committed);
        let (Some(line), Some(part)) = (sold, parts.lines.iter_mut().find(|part| part.line_id == asked.line_id)) else {
            continue;
        };
        let out = line.quantity - order.restocked(line.id) - part.restocked;
        let units = asked.quantity.min(out);
        part.restocked += units;
        let stock = set.stock_of(line.variant_id);
        let before: i64 =
            movements.iter().filter(|one| one.variant_id == line.variant_id).map(|one| one.on_hand_delta).sum();
        if stock.on_hand + before + units > MAX_ON_HAND {
            let (on_hand, reserved) = (stock.on_hand, stock.reserved);
            return Err(Refusal::StockOutOfRange { sku: line.sku.clone(), on_hand, reserved });
        }
        if units > 0 {
            movements.push(Movement {
                variant_id: line.variant_id,
                on_hand_delta: units,
                reserved_delta: 0,
                cause: Cause::Return,
                reference: Reference::Order(order.id),
                at: now,
            });
        }
    }
    Ok(movements)
}

/// Where a refund comes from.
pub(super) struct Origin<'a> {
    pub origin: RefundOrigin,
    pub reference: Option<&'a str>,
    pub reason: &'a str,
    pub by: &'a str,
}

impl<'a> Origin<'a> {
    fn shop(reason: &'a str, by: &'a str) -> Origin<'a> {
        Origin { origin: RefundOrigin::Shop, reference: None, reason, by }
    }
}

/// Writes a refund down: to be sent, or as a fact where it happened without us.
pub(super) fn note(
    order_id: OrderId,
    mut parts: RefundParts,
    from: Origin<'_>,
    set: &mut WorkingSet,
    context: &mut Context,
) {
    let Some(order) = set.orders.get(&order_id) else { return };
    mark_unsent(order, &mut parts);
    let amount = parts.amount();
    let done = amount == 0 || !from.origin.is_shop();
    let refund = Refund {
        id: RefundId(context.ids.next_id()),
        amount,
        parts,
        reason: from.reason.to_owned(),
        by: from.by.to_owned(),
        // Goods that cost nothing come back without money.
        status: if done { RefundStatus::Succeeded } else { RefundStatus::Pending },
        failure: None,
        at: context.now,
        origin: from.origin,
        reference: from.reference.map(str::to_owned),
    };
    let kind = if from.origin.is_shop() { EventKind::RefundCreated } else { EventKind::RefundSucceeded };
    let told = told(&refund);
    if let Some(order) = set.orders.edit(&order_id) {
        order.payment.refunded += if done { amount } else { 0 };
        order.detail.refunds.push(refund);
    }
    set.tell(Subject::Order(order_id), kind, told);
    go_on(order_id, set, context.now);
}

/// Notes in the parts how many of their units had not been sent, and will not be.
pub(super) fn mark_unsent(order: &Order, parts: &mut RefundParts) {
    let to_send = unfulfilled(order);
    for part in &mut parts.lines {
        let left = to_send.iter().find(|line| line.line_id == part.line_id).map_or(0, |line| line.quantity);
        part.unsent = part.quantity.min(left);
    }
}

/// What an event about a refund says.
fn told(refund: &Refund) -> serde_json::Value {
    let mut data = json!({
        "refund_id": refund.id, "amount": refund.amount, "reason": refund.reason, "origin": refund.origin.as_str(),
    });
    if let Some(reference) = &refund.reference {
        data["reference"] = json!(reference);
    }
    data
}

/// Everything that is left is to go back, but what the bank holds until a dispute is decided.
pub(super) fn refund_everything(order_id: OrderId, reason: &str, set: &mut WorkingSet, context: &mut Context) {
    let Some(order) = set.orders.get(&order_id) else { return };
    let left = Refundable::of(order);
    let free = left.amount() - order.withheld();
    if free > 0 {
        note(order_id, left.worth(free), Origin::shop(reason, ""), set, context);
    } else if left.amount() == 0 && order.detail.manual.is_some() && order.payment.captured > 0 {
        go_on(order_id, set, context.now);
    }
}

/// The state of the payment follows from its refunds.
pub(super) fn go_on(order_id: OrderId, set: &mut WorkingSet, now: Timestamp) {
    let Some(order) = set.orders.get(&order_id) else { return };
    let all = order.payment.captured > 0 && order.payment.refunded == order.payment.captured;
    let (status, due_at) = match order.next_refund() {
        // An operator sends it back, and says so.
        Some(_) if order.detail.manual.is_some() => (PaymentStatus::RefundPending, None),
        Some(_) => (PaymentStatus::RefundPending, Some(now)),
        None if order.awaits_money() => (PaymentStatus::Awaited, manual::looked_at(order)),
        None if all => (PaymentStatus::Refunded, None),
        None => (PaymentStatus::Captured, None),
    };
    set_payment(order_id, status, due_at, set, now);
    if let Some(order) = set.orders.edit(&order_id) {
        order.payment.tries = 0;
    }
}

/// The gateway has sent the money back. What it told before, or of another amount, changes nothing.
pub(super) fn succeeded(order: &Order, id: RefundId, amount: i64, set: &mut WorkingSet, now: Timestamp) {
    let pending =
        order.detail.refunds.iter().position(|refund| refund.id == id && refund.status == RefundStatus::Pending);
    let Some(at) = pending.filter(|at| order.detail.refunds[*at].amount == amount) else { return };
    if let Some(order) = set.orders.edit(&order.id) {
        order.detail.refunds[at].status = RefundStatus::Succeeded;
        order.payment.refunded += amount;
    }
    go_on(order.id, set, now);
    set.tell(Subject::Order(order.id), EventKind::RefundSucceeded, told(&order.detail.refunds[at]));
}

/// The money went all the same after it was said to have failed: the refund stands again, with parts of what is left.
pub(super) fn revived(order: &Order, at: usize, amount: i64, set: &mut WorkingSet, now: Timestamp) {
    let mut refund = order.detail.refunds[at].clone();
    let mut parts = Refundable::of(order).worth(amount);
    mark_unsent(order, &mut parts);
    for old in refund.parts.lines.iter().filter(|old| old.restocked > 0 || old.unsent > 0) {
        let part = parts.of_line(old.line_id);
        let kept = if refund.origin.is_shop() { old.unsent } else { old.unsent.min(old.restocked) };
        part.unsent += kept;
        part.restocked = old.restocked;
    }
    (refund.amount, refund.parts) = (parts.amount(), parts);
    (refund.status, refund.failure) = (RefundStatus::Succeeded, None);
    let told = told(&refund);
    if let Some(order) = set.orders.edit(&order.id) {
        order.payment.refunded += refund.amount;
        order.detail.refunds[at] = refund;
    }
    go_on(order.id, set, now);
    set.tell(Subject::Order(order.id), EventKind::RefundSucceeded, told);
}

/// The gateway could not send the money, or the bank sent it back to us later.
pub(super) fn failed(order: &Order, id: RefundId, reason: &str, set: &mut WorkingSet, now: Timestamp) {
    let standing = |refund: &Refund| refund.id == id && refund.status != RefundStatus::Failed && refund.amount > 0;
    let Some(at) = order.detail.refunds.iter().position(standing) else { return };
    if let Some(order) = set.orders.edit(&order.id) {
        let refund = &mut order.detail.refunds[at];
        if refund.status == RefundStatus::Succeeded {
            order.payment.refunded -= refund.amount;
        }
        refund.status = RefundStatus::Failed;
        refund.failure = Some(reason.to_owned());
    }
    go_on(order.id, set, now);
    let mut data = told(&order.detail.refunds[at]);
    data["reason"] = json!(reason);
    set.tell(Subject::Order(order.id), EventKind::RefundFailed, data);
}
