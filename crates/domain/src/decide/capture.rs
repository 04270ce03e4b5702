//! Capture: money that was set aside at checkout is taken when an operator says so, once; what is not taken is let go.

use super::settle::{place, set_payment, tell_amount};
use crate::command::Reply;
use crate::event::EventKind;
use crate::id::{OrderId, Timestamp};
use crate::order::{Authorization, Order, PaymentStatus};
use crate::refusal::Refusal;
use crate::store::PaymentCapture;
use crate::working_set::WorkingSet;

/// An operator wants the money.
pub(super) fn ask(
    order_id: OrderId,
    amount: Option<i64>,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let order = set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)?;
    let Some(authorization) = &order.detail.authorization else { return Err(not_capturable(&order)) };
    let wanted = amount.unwrap_or(authorization.amount);
    match order.payment.status {
        PaymentStatus::Authorized if wanted > authorization.amount => Err(Refusal::CaptureTooLarge {
            requested: wanted,
            authorized: authorization.amount,
            currency: order.currency,
        }),
        PaymentStatus::Authorized => {
            if let Some(authorization) = authorization_of(order_id, set) {
                authorization.to_capture = Some(wanted);
                authorization.capture_failure = None;
                authorization.captures += 1;
            }
            set_payment(order_id, PaymentStatus::CapturePending, Some(now), set, now);
            Ok(Reply::Order(set.orders.get(&order_id).expect("found above").clone()))
        }
        // Asked twice.
        _ if authorization.to_capture == Some(wanted) && order.payment.status != PaymentStatus::Voided => {
            Ok(Reply::Order(order))
        }
        _ => Err(not_capturable(&order)),
    }
}

fn not_capturable(order: &Order) -> Refusal {
    Refusal::NotCapturable { status: order.payment.status.as_str() }
}

fn authorization_of(order_id: OrderId, set: &mut WorkingSet) -> Option<&mut Authorization> {
    set.orders.edit(&order_id)?.detail.authorization.as_mut()
}

/// The money is set aside: the goods are the buyer's.
pub(super) fn authorized(order: &Order, amount: i64, set: &mut WorkingSet, now: Timestamp) {
    let until = set.config.store.settings.capture_deadline(now);
    let amount = amount.min(order.totals.total);
    if let Some(order) = set.orders.edit(&order.id) {
        order.detail.authorization =
            Some(Authorization { amount, until, to_capture: None, capture_failure: None, captures: 0 });
    }
    set_payment(order.id, PaymentStatus::Authorized, Some(until), set, now);
    tell_amount(order.id, EventKind::PaymentAuthorized, amount, set);
    place(order.id, set, now);
}

/// The money of a placed order was taken.
pub(super) fn captured(order: &Order, amount: i64, set: &mut WorkingSet, now: Timestamp) {
    let amount = amount.min(order.totals.total);
    let until = set.config.store.settings.capture_deadline(now);
    if let Some(order) = set.orders.edit(&order.id) {
        order.payment.captured = amount;
        // A part was captured at the provider itself before the order knew that all of it was set aside.
        if amount < order.totals.total && order.detail.capture == PaymentCapture::Manual {
            order.detail.authorization.get_or_insert(Authorization {
                amount: order.totals.total,
                until,
                to_capture: None,
                capture_failure: None,
                captures: 0,
            });
        }
    }
    set_payment(order.id, PaymentStatus::Captured, None, set, now);
    if amount > 0 {
        tell_amount(order.id, EventKind::PaymentCaptured, amount, set);
    }
}

/// The gateway would not capture: the money is still set aside, and an operator may try again. Told late, of a capture before
/// the one that is under way, it says nothing: that one may have the money by now.
pub(super) fn failed(order: &Order, capture: u32, reason: &str, set: &mut WorkingSet, now: Timestamp) {
    let Some(authorization) = authorization_of(order.id, set) else { return };
    if authorization.captures != capture {
        return;
    }
    authorization.to_capture = None;
    authorization.capture_failure = Some(reason.to_owned());
    let until = authorization.until;
    set_payment(order.id, PaymentStatus::Authorized, Some(until), set, now);
}
