//! Decisions of shoppers and operators about orders: confirm a payment, cancel.

use super::settle::{set_payment, undo};
use crate::command::{Access, Reply};
use crate::id::{OrderId, Timestamp};
use crate::order::{Order, OrderStatus, PaymentStatus};
use crate::refusal::Refusal;
use crate::working_set::WorkingSet;
use std::sync::Arc;

fn open(order_id: OrderId, access: &Access, set: &WorkingSet) -> Result<Arc<Order>, Refusal> {
    let order = set.orders.get(&order_id).filter(|order| access.opens(order.token_hash));
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
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let order = open(order_id, access, set)?;
    match order.status {
        OrderStatus::Cancelled => return Ok(Reply::Order(order)),
        OrderStatus::PendingPayment if order.detail.cancel_reason.is_some() => return Ok(Reply::Order(order)),
        OrderStatus::PendingPayment | OrderStatus::Placed => {}
        other => return Err(Refusal::OrderNotCancellable { status: other.as_str() }),
    }
    if let Some(order) = set.orders.edit(&order_id) {
        order.detail.cancel_reason = Some(reason.unwrap_or("cancelled").to_owned());
    }
    if order.status == OrderStatus::Placed {
        undo(order_id, set, now);
    } else {
        // The gateway is asked to void first; the goods go back when it has.
        set_payment(order_id, PaymentStatus::VoidPending, Some(now), set, now);
    }
    Ok(current(order_id, set))
}
