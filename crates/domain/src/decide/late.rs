//! Money that comes after its order was given up: the order is served again where that can be done as if nothing had
//! happened, otherwise the money goes back.

use super::checkout::wanted;
use super::settle::{count_use, set_payment};
use super::uses::{exhausted_by, limits_of};
use super::{Context, capture, customers, holds, refunds};
use crate::cart::{Cart, CartStatus};
use crate::id::{PromotionId, Timestamp};
use crate::order::{Order, OrderStatus, PaymentStatus, Reservation};
use crate::stock::{Cause, Movement, Reference};
use crate::working_set::{Keys, WorkingSet};

/// What came late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// Money that was taken, minor units.
    Captured(i64),
    /// Money that was set aside, minor units.
    Authorized(i64),
}

/// Late money may be short of goods that others no longer hold in earnest.
pub(super) fn need_units(order: &Order, cart: &Cart, set: &WorkingSet, keys: &mut Keys) {
    for (id, units) in wanted(&order.lines, Reservation::Released) {
        holds::need_units(&[cart], id, units, set, keys);
    }
}

pub(super) fn take_in(order: &Order, late: Late, set: &mut WorkingSet, context: &mut Context) {
    let now = context.now;
    let served = can_be_served(order, late, set);
    if served {
        hold_again(order, set, now);
    }
    match late {
        Late::Authorized(amount) if served => capture::authorized(order, amount, set, now),
        Late::Authorized(_) => set_payment(order.id, PaymentStatus::VoidPending, Some(now), set, now),
        Late::Captured(amount) => {
            capture::captured(order, amount, set, now);
            if served {
                super::settle::place(order.id, set, now);
            } else {
                refunds::refund_everything(order.id, "paid too late", set, context);
            }
        }
    }
}

/// Nobody cancelled it, all of it was paid, the cart is as it was, and goods and uses of promotions are still to be had.
fn can_be_served(order: &Order, late: Late, set: &WorkingSet) -> bool {
    let (Late::Captured(amount) | Late::Authorized(amount)) = late;
    let released = matches!(order.status, OrderStatus::Expired | OrderStatus::PaymentFailed);
    let cart = set.carts.get(&order.cart_id);
    released
        && order.detail.cancel_reason.is_none()
        && !order.detail.forgotten
        && amount >= order.totals.total
        && cart.is_some_and(|cart| is_as_it_was(cart, order) && in_stock(order, cart, set))
        && order.detail.gave_back.iter().all(|id| is_to_be_had(*id, order, set))
}

/// The cart is its owner's still, who has put nothing in and taken nothing out since.
fn is_as_it_was(cart: &Cart, order: &Order) -> bool {
    let open = cart.order_id.is_none() && !matches!(cart.status, CartStatus::CheckedOut | CartStatus::Merged);
    let same = |(now, then): (&crate::cart::CartLine, &crate::order::OrderLine)| {
        (now.id, now.variant_id, now.quantity) == (then.id, then.variant_id, then.quantity)
    };
    open && cart.lines.len() == order.lines.len() && cart.lines.iter().zip(&order.lines).all(same)
}

fn in_stock(order: &Order, cart: &Cart, set: &WorkingSet) -> bool {
    let wanted = wanted(&order.lines, Reservation::Released);
    wanted.iter().all(|(variant, units)| *units <= holds::available_to(cart, *variant, set))
}

fn is_to_be_had(id: PromotionId, order: &Order, set: &WorkingSet) -> bool {
    let Some(promotion) = set.config.promotion(id) else { return true };
    let codes = order.detail.coupons.iter().filter(|coupon| coupon.promotion_id == id);
    // A code that is gone has no limit any more.
    let used_up = |code: &String| set.coupons.get(code).is_some_and(|coupon| coupon.is_used_up());
    !exhausted_by(promotion, order.who(), set) && !codes.map(|coupon| &coupon.code).any(used_up)
}

/// Takes goods, uses and cart again, as the checkout did.
fn hold_again(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    holds::hand_over(order.cart_id, &wanted(&order.lines, Reservation::Released), set);
    for line in order.lines.iter().filter(|line| line.reservation == Reservation::Released) {
        let held = set.move_stock(Movement {
            variant_id: line.variant_id,
            on_hand_delta: 0,
            reserved_delta: line.quantity,
            cause: Cause::Hold,
            reference: Reference::Order(order.id),
            at: now,
        });
        debug_assert!(held, "stock was checked before it was taken");
    }
    let buyer = order.buyer();
    customers::count_order(buyer.clone(), 1, set, now);
    for id in &order.detail.gave_back {
        count_use(*id, &buyer.clone().unwrap_or_default(), 1, set);
        for coupon in order.detail.coupons.iter().filter(|coupon| coupon.promotion_id == *id) {
            if let Some(code) = set.coupons.edit(&coupon.code) {
                code.uses += 1;
            }
        }
    }
    if !order.detail.gave_back.is_empty() {
        set.released_redemptions.retain(|id| *id != order.id);
        set.retaken_redemptions.push(order.id);
    }
    let limits = limits_of(&order.detail.gave_back, set);
    if let Some(order) = set.orders.edit(&order.id) {
        order.status = OrderStatus::PendingPayment;
        order.detail.redeemed = std::mem::take(&mut order.detail.gave_back);
        order.detail.limits = limits;
        order.detail.payment_failure = None;
        let released = order.lines.iter_mut().filter(|line| line.reservation == Reservation::Released);
        released.for_each(|line| line.reservation = Reservation::Held);
    }
    if let Some(cart) = set.carts.edit(&order.cart_id) {
        cart.status = CartStatus::CheckedOut;
        cart.order_id = Some(order.id);
        cart.detail.last_payment_failure = None;
        cart.version += 1;
        cart.updated_at = now;
    }
}
