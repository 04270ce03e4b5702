//! One payment beside its order: which kind of difference there is, if any. Pure; it asks nobody.

use super::{Drift, DriftKind, Money};
use crate::gateway::ListedPayment;
use cartwright_domain::order::{Dispute, Order, OrderStatus, PaymentStatus};
use cartwright_domain::outside::UnmatchedPayment;

/// The difference between an order, or none, and a payment. One that an operator dealt with is none while it stands as it stood then.
pub(super) fn compare(
    gateway: &str,
    order: Option<&Order>,
    payment: &ListedPayment,
    dealt_with: Option<&UnmatchedPayment>,
) -> Option<Drift> {
    let theirs = Money { captured: payment.captured, authorized: payment.authorized, refunded: payment.refunded };
    let as_it_stood = (payment.captured, payment.refunded.unwrap_or(0));
    if dealt_with.is_some_and(|known| (known.captured, known.refunded) == as_it_stood) {
        return None;
    }
    let ours = order.map_or_else(Money::default, money_of);
    let kind = match order {
        None => (theirs.captured > theirs.refunded.unwrap_or(0)).then_some(DriftKind::ChargeWithoutOrder),
        Some(order) => difference(order, ours, theirs, payment.cancelled),
    }?;
    Some(drift(kind, gateway, payment, ours, theirs))
}

/// The difference between an order's disputes and a provider's.
pub(super) fn compare_disputes(
    gateway: &str,
    order: &Order,
    payment: &ListedPayment,
    theirs: &[Dispute],
) -> Option<Drift> {
    let same = |theirs: &Dispute| {
        let known = order.detail.disputes.iter().find(|known| known.id == theirs.id);
        known.is_some_and(|known| {
            (known.amount, &known.status, known.standing) == (theirs.amount, &theirs.status, theirs.standing)
        })
    };
    if theirs.iter().all(same) {
        return None;
    }
    let there = Money { captured: payment.captured, authorized: payment.authorized, refunded: payment.refunded };
    Some(drift(DriftKind::DisputeDiffers, gateway, payment, money_of(order), there))
}

fn drift(kind: DriftKind, gateway: &str, payment: &ListedPayment, ours: Money, theirs: Money) -> Drift {
    Drift {
        kind,
        gateway: gateway.to_owned(),
        reference: payment.reference.clone(),
        order_id: payment.order_id,
        currency: payment.currency.code().to_owned(),
        ours,
        theirs,
        repaired: false,
    }
}

/// An order's money as its provider should have it: what was written off is not there, and what left otherwise is no refund there.
fn money_of(order: &Order) -> Money {
    Money {
        captured: order.payment.captured - order.written_off(),
        authorized: match order.payment.status {
            PaymentStatus::Authorized | PaymentStatus::CapturePending | PaymentStatus::VoidPending => {
                order.detail.authorization.as_ref().map_or(0, |authorization| authorization.amount)
            }
            _ => 0,
        },
        refunded: Some(order.refunded_at_provider()),
    }
}

fn difference(order: &Order, ours: Money, theirs: Money, cancelled: bool) -> Option<DriftKind> {
    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    let aside = matches!(order.payment.status, PaymentStatus::Authorized | PaymentStatus::CapturePending);
    let differ = |theirs: i64| Some(theirs) != ours.refunded;
    match (ours.captured, theirs.captured) {
        (0, 0) if theirs.authorized > 0 && ours.authorized == 0 => Some(DriftKind::AuthorizationUnknown),
        (0, 0) if cancelled && aside => Some(DriftKind::AuthorizationEnded),
        (0, 0) => None,
        (0, _) if live => Some(DriftKind::CaptureUnknown),
        (0, _) => Some(DriftKind::CapturedButReleased),
        // All that is left of it was written off.
        (_, 0) if order.written_off() > 0 && order.payment.refunded == order.payment.captured => None,
        (_, 0) => Some(DriftKind::OrderWithoutCharge),
        (ours, theirs) if ours != theirs => Some(DriftKind::AmountDiffers),
        // What is on its way is not settled yet.
        _ if order.next_refund().is_some() => None,
        _ => theirs.refunded.is_some_and(differ).then_some(DriftKind::RefundDiffers),
    }
}
