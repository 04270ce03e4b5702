//! Decisions of shoppers and operators about orders: confirm a payment, cancel; and disputes, of which providers tell.

use super::settle::{set_payment, undo};
use super::{Context, manual};
use crate::command::{Access, Reply};
use crate::event::{EventKind, Subject};
use crate::fulfilment::parcels;
use crate::id::{OrderId, Timestamp};
use crate::order::{Dispute, DisputeStanding, Order, OrderStatus, PaymentStatus};
use crate::refusal::Refusal;
use crate::working_set::WorkingSet;
use serde_json::json;
use std::sync::Arc;

fn open(order_id: OrderId, access: &Access, set: &WorkingSet) -> Result<Arc<Order>, Refusal> {
    let order = set.orders.get(&order_id).filter(|order| order.is_opened_by(access));
    order.cloned().ok_or(Refusal::OrderNotFound)
}

fn current(order_id: OrderId, set: &WorkingSet) -> Reply {
    Reply::Order(set.orders.get(&order_id).expect("opened before").clone())
}

pub(super) fn confirm(
    order_id: OrderId,
    access: &Access,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let order = open(order_id, access, set)?;
    match (order.status, order.payment.status) {
        (OrderStatus::PendingPayment, PaymentStatus::RequiresAction) => {
            set_payment(order_id, PaymentStatus::Unknown, Some(now), set, now);
            Ok(current(order_id, set))
        }
        // Asked twice: the answer is the order as it is.
        (OrderStatus::Placed, _) | (_, PaymentStatus::Unknown | PaymentStatus::Created) => Ok(Reply::Order(order)),
        _ => Err(Refusal::NothingToConfirm),
    }
}

pub(super) fn cancel(
    order_id: OrderId,
    access: &Access,
    reason: Option<&str>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let now = context.now;
    let order = open(order_id, access, set)?;
    match order.status {
        OrderStatus::Cancelled => return Ok(Reply::Order(order)),
        OrderStatus::PendingPayment if order.detail.cancel_reason.is_some() => return Ok(Reply::Order(order)),
        OrderStatus::PendingPayment | OrderStatus::Placed => {}
        other => return Err(Refusal::OrderNotCancellable { status: other.as_str() }),
    }
    if parcels(&order).next().is_some() {
        return Err(Refusal::OrderSent);
    }
    if let Some(order) = set.orders.edit(&order_id) {
        order.detail.cancel_reason = Some(reason.unwrap_or("cancelled").to_owned());
        order.detail.replaced = false;
    }
    if order.status == OrderStatus::Placed {
        undo(order_id, set, context);
    } else if order.detail.manual.is_some() {
        manual::end(order_id, "cancelled", set, context);
    } else {
        // The gateway is asked to void first; the goods go back when it has.
        set_payment(order_id, PaymentStatus::VoidPending, Some(now), set, now);
    }
    Ok(current(order_id, set))
}

/// A dispute as a provider reported it unasked: it moves nothing until the provider's books confirm it.
pub(super) fn note_dispute(
    order_id: OrderId,
    dispute: &Dispute,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let order = set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)?;
    let known = order.detail.disputes.iter().find(|known| known.id == dispute.id);
    let (standing, fee) = known.map_or((DisputeStanding::Noted, None), |known| (known.standing, known.fee));
    keep_dispute(&order, Dispute { standing, fee, ..dispute.clone() }, set, now);
    Ok(current(order_id, set))
}

/// Keeps a dispute as it is now; whether anything about it changed.
pub(super) fn keep_dispute(order: &Order, dispute: Dispute, set: &mut WorkingSet, now: Timestamp) -> bool {
    let at = order.detail.disputes.iter().position(|known| known.id == dispute.id);
    let known = at.map(|at| &order.detail.disputes[at]);
    if known.is_some_and(|known| *known == Dispute { at: known.at, ..dispute.clone() }) {
        return false;
    }
    let told = |dispute: &Dispute| (dispute.amount, dispute.status.clone(), dispute.reason.clone());
    if known.is_none_or(|known| told(known) != told(&dispute)) {
        let data = json!({
            "dispute_id": dispute.id, "amount": dispute.amount, "status": dispute.status,
            "standing": dispute.standing.as_str(),
        });
        set.tell(Subject::Order(order.id), EventKind::PaymentDisputed, data);
    }
    if let Some(order) = set.orders.edit(&order.id) {
        let kept = Dispute { at: now, ..dispute };
        match at {
            Some(at) => order.detail.disputes[at] = kept,
            None => order.detail.disputes.push(kept),
        }
        order.updated_at = now;
    }
    true
}
