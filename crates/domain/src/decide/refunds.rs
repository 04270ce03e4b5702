//! Refunds: an operator's, those of a cancelled order, and those of money that came too late. Each is a fact on the order
//! with its exact parts; a worker sends them one after another, and what the gateway says of each is taken in here.

use super::settle::set_payment;
use super::{Context, answered, manual, remember};
use crate::command::{Idempotency, Reply};
use crate::event::{EventKind, Subject};
use crate::fulfilment::unfulfilled;
use crate::id::{OrderId, RefundId, Timestamp};
use crate::order::{Order, OrderStatus, PaymentStatus, Reservation};
use crate::refund::{MAX_REFUNDS, Refund, RefundError, RefundParts, RefundRequest, RefundStatus, Refundable, Restock};
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
    if order.detail.refunds.len() >= MAX_REFUNDS {
        return Err(Refusal::TooManyRefunds { limit: MAX_REFUNDS });
    }
    if order.payment.captured == 0 {
        return Err(Refusal::RefundRefused(RefundError::Nothing));
    }
    if order.status == OrderStatus::PendingPayment {
        // What came of its money goes back when it is cancelled.
        return Err(Refusal::RefundRefused(RefundError::Nothing));
    }
    let mut parts = Refundable::of(&order).parts(asked.request).map_err(Refusal::RefundRefused)?;
    let movements = restock(&order, asked.request, &mut parts, set, context.now)?;
    // Past this point nothing can fail.
    for movement in movements {
        set.move_stock(movement);
    }
    note(order_id, parts, asked.reason, asked.by, set, context);
    remember(asked.idempotency, Some(order_id), set, context.now);
    Ok(Reply::Order(set.orders.get(&order_id).expect("found above").clone()))
}

/// Notes in the parts how many units go back on the shelf, and tells the movements. No unit goes back twice.
fn restock(
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

/// Writes a refund down, to be sent.
fn note(
    order_id: OrderId,
    mut parts: RefundParts,
    reason: &str,
    by: &str,
    set: &mut WorkingSet,
    context: &mut Context,
) {
    let id = RefundId(context.ids.next_id());
    let amount = parts.amount();
    if let Some(order) = set.orders.get(&order_id) {
        let to_send = unfulfilled(order);
        for part in &mut parts.lines {
            let left = to_send.iter().find(|line| line.line_id == part.line_id).map_or(0, |line| line.quantity);
            part.unsent = part.quantity.min(left);
        }
    }
    // Goods that cost nothing come back without money.
    let status = if amount == 0 { RefundStatus::Succeeded } else { RefundStatus::Pending };
    let (reason, by) = (reason.to_owned(), by.to_owned());
    let refund = Refund { id, amount, parts, reason, by, status, failure: None, at: context.now };
    let data = json!({ "refund_id": id, "amount": amount, "reason": refund.reason });
    if let Some(order) = set.orders.edit(&order_id) {
        order.detail.refunds.push(refund);
    }
    set.tell(Subject::Order(order_id), EventKind::RefundCreated, data);
    go_on(order_id, set, context.now);
}

/// Everything that is left is to go back.
pub(super) fn refund_everything(order_id: OrderId, reason: &str, set: &mut WorkingSet, context: &mut Context) {
    let Some(order) = set.orders.get(&order_id) else { return };
    let parts = Refundable::of(order).everything();
    if parts.amount() > 0 {
        note(order_id, parts, reason, "", set, context);
    } else if order.detail.manual.is_some() && order.payment.captured > 0 {
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
    set.tell(Subject::Order(order.id), EventKind::RefundSucceeded, json!({ "refund_id": id, "amount": amount }));
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
    set.tell(Subject::Order(order.id), EventKind::RefundFailed, json!({ "refund_id": id, "reason": reason }));
}
