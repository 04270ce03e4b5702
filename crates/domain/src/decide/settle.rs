//! Settlement: what a payment's outcome does to its order. The one function for the direct answer, a repeated question and
//! a deadline; it may come in any order and any number of times.

use super::checkout::wanted;
use super::late::Late;
use super::{Context, capture, customers, holds, late, manual, refunds, unpaid};
use crate::cart::{Cart, CartStatus, PaymentFailure};
use crate::command::{Reply, Settlement};
use crate::event::{EventKind, Subject};
use crate::id::{OrderId, PromotionId, Timestamp};
use crate::order::{Order, OrderStatus, PaymentStatus, Reservation};
use crate::refusal::Refusal;
use crate::stock::{Cause, Movement, Reference};
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;
use std::sync::Arc;

/// Wait before a gateway that did not answer is asked again: doubles from 1 second to 5 minutes.
fn retry_delay_ms(tries: i64) -> i64 {
    (1_000_i64 << tries.clamp(0, 9)).min(300_000)
}

pub(super) fn need(order_id: OrderId, set: &WorkingSet, keys: &mut Keys) {
    if !set.orders.knows(&order_id) {
        keys.orders.insert(order_id);
        return;
    }
    let Some(order) = set.orders.get(&order_id) else { return };
    super::cart::need_cart(order.cart_id, set, keys);
    if let Some(cart) = super::cart::loaded(order.cart_id, set).filter(|cart| cart.detail.held_at_add) {
        cart.lines.iter().for_each(|line| super::cart::need_variant(line.variant_id, set, keys));
        late::need_units(order, cart, set, keys);
    }
    for line in order.lines.iter().filter(|line| !set.stock.knows(&line.variant_id)) {
        keys.stock.insert(line.variant_id);
    }
    unpaid::need_counted(order, set, keys);
    let customer = order.buyer().unwrap_or_default();
    if !order.detail.gave_back.is_empty() {
        super::coupons::need_codes(order.detail.coupons.iter().map(|coupon| &coupon.code), set, keys);
    }
    for promotion in order.detail.gave_back.iter().filter_map(|id| set.config.promotion(*id)) {
        super::uses::need_uses(promotion, order.who(), set, keys);
    }
    for promotion_id in order.detail.redeemed.iter().chain(&order.detail.gave_back).copied() {
        if !set.uses.knows(&promotion_id) {
            keys.uses.insert(promotion_id);
        }
        let use_key = (promotion_id, customer.clone());
        if !set.customer_uses.knows(&use_key) {
            keys.customer_uses.insert(use_key);
        }
    }
}

pub(super) fn settle(
    order_id: OrderId,
    settlement: &Settlement,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)?;
    settle_money(&order, settlement, set, context);
    Ok(Reply::Order(set.orders.get(&order_id).expect("loaded above").clone()))
}

/// As [`settle`], of an order that is known.
pub(super) fn settle_money(order: &Order, settlement: &Settlement, set: &mut WorkingSet, context: &mut Context) {
    match order.status {
        // Nobody outside has a say in money that operators record, but the clock.
        _ if order.detail.manual.is_some() => {
            if *settlement == Settlement::Voided && order.payment.status == PaymentStatus::Awaited {
                manual::time_passed(order, set, context.now);
            }
        }
        OrderStatus::PendingPayment => settle_pending(order, settlement, set, context),
        _ => settle_decided(order, settlement, set, context),
    }
}

/// The order waits for this.
fn settle_pending(order: &Order, settlement: &Settlement, set: &mut WorkingSet, context: &mut Context) {
    let now = context.now;
    let voiding = order.payment.status == PaymentStatus::VoidPending;
    match settlement {
        Settlement::Captured(amount) => {
            capture::captured(order, *amount, set, now);
            place(order.id, set, now);
            let unheld = order.detail.unheld && order.detail.cancel_reason.is_none();
            if voiding && !order.detail.replaced && !unheld {
                // It was to be cancelled, but the money was quicker: placed first, then cancelled and refunded.
                undo(order.id, set, context);
            }
            if let Some(order) = set.orders.edit(&order.id).filter(|order| order.detail.replaced) {
                // The shopper had paid: nothing is to be paid in another way.
                order.detail.replaced = false;
            }
        }
        Settlement::Authorized(amount) if !voiding => capture::authorized(order, *amount, set, now),
        Settlement::Declined(reason) => {
            if let Some(order) = set.orders.edit(&order.id) {
                order.detail.payment_failure = Some(reason.clone());
            }
            release(order.id, OrderStatus::PaymentFailed, reason, set, now);
            set_payment(order.id, PaymentStatus::Declined, None, set, now);
        }
        Settlement::Voided => voided(order, set, now),
        Settlement::RequiresAction if !voiding => {
            let usual = set.config.store.settings.payment_deadline(order.created_at);
            match unpaid::wait(order.id, usual, false, set, now) {
                Some(until) => waits(order, until, set, now),
                None => cannot_wait(order, set, now),
            }
        }
        Settlement::Unknown => ask_again(order, set, now),
        // Told too early or too late to matter.
        _ => {}
    }
}

/// The shopper has to do something, and has so much time for it.
fn waits(order: &Order, until: Timestamp, set: &mut WorkingSet, now: Timestamp) {
    set_payment(order.id, PaymentStatus::RequiresAction, Some(until), set, now);
    if order.payment.status != PaymentStatus::RequiresAction {
        tell_amount(order.id, EventKind::PaymentActionRequired, order.totals.total, set);
    }
}

/// Its goods are short, and not held for this shopper until the payment: the attempt is voided. If its money is quicker, it is sold.
fn cannot_wait(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    if let Some(order) = set.orders.edit(&order.id) {
        order.detail.unheld = true;
    }
    set_payment(order.id, PaymentStatus::VoidPending, Some(now), set, now);
}

/// The order is placed, or came to nothing: money may still come, be captured, or go back.
fn settle_decided(order: &Order, settlement: &Settlement, set: &mut WorkingSet, context: &mut Context) {
    let now = context.now;
    let status = order.payment.status;
    let placed = order.status == OrderStatus::Placed;
    let moneyless = order.payment.captured == 0 && order.totals.total > 0;
    match settlement {
        Settlement::Captured(amount) if moneyless && placed => capture::captured(order, *amount, set, now),
        Settlement::Captured(amount) if moneyless => late::take_in(order, Late::Captured(*amount), set, context),
        Settlement::Authorized(amount) if moneyless && !placed && status != PaymentStatus::VoidPending => {
            late::take_in(order, Late::Authorized(*amount), set, context);
        }
        Settlement::CaptureFailed { capture, reason } if status == PaymentStatus::CapturePending => {
            capture::failed(order, *capture, reason, set, now);
        }
        Settlement::Voided if placed && moneyless => authorization_ended(order, set, now),
        Settlement::Voided if status == PaymentStatus::VoidPending => {
            set_payment(order.id, PaymentStatus::Voided, None, set, now);
        }
        Settlement::Unknown if status.is_open() || status == PaymentStatus::Authorized => ask_again(order, set, now),
        Settlement::Refunded { refund_id, amount } => refunds::succeeded(order, *refund_id, *amount, set, now),
        Settlement::RefundFailed { refund_id, reason } => refunds::failed(order, *refund_id, reason, set, now),
        // Told before, or told too late to matter.
        _ => {}
    }
}

/// The reservation becomes a sale, the order is placed.
pub(super) fn place(order_id: OrderId, set: &mut WorkingSet, now: Timestamp) {
    unpaid::paid(order_id, set);
    move_lines(order_id, Reservation::Held, Reservation::Committed, set, now);
    if let Some(order) = set.orders.edit(&order_id) {
        order.status = OrderStatus::Placed;
        order.detail.unheld = false;
        order.updated_at = now;
        let data = json!({ "total": order.totals.total, "currency": order.currency.code() });
        set.tell(Subject::Order(order_id), EventKind::OrderPlaced, data);
    }
}

/// Tells of money: minor units.
pub(super) fn tell_amount(order_id: OrderId, kind: EventKind, amount: i64, set: &mut WorkingSet) {
    let Some(order) = set.orders.get(&order_id) else { return };
    let data = json!({ "amount": amount, "currency": order.currency.code(), "attempt_id": order.payment.attempt_id });
    set.tell(Subject::Order(order_id), kind, data);
}

/// The money that was set aside is gone, and nobody took it: the goods stay with the shop.
fn authorization_ended(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    release_goods(order.id, OrderStatus::Cancelled, set, now);
    if let Some(order) = set.orders.edit(&order.id) {
        order.detail.cancel_reason.get_or_insert_with(|| "the authorisation ended".to_owned());
    }
    set_payment(order.id, PaymentStatus::Voided, None, set, now);
}

fn voided(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    if order.detail.replaced {
        replaced(order.id, set, now);
    } else if order.detail.cancel_reason.is_some() {
        release(order.id, OrderStatus::Cancelled, "cancelled", set, now);
    } else if order.detail.unheld {
        if let Some(order) = set.orders.edit(&order.id) {
            order.detail.payment_failure = Some(UNHELD.to_owned());
        }
        release(order.id, OrderStatus::PaymentFailed, UNHELD, set, now);
    } else {
        release(order.id, OrderStatus::Expired, "expired", set, now);
    }
    set_payment(order.id, PaymentStatus::Voided, None, set, now);
}

/// Why an order failed whose goods could not be held until the payment.
const UNHELD: &str = "the goods are nearly gone and could not be held until the payment";

/// The order makes room for another one of the same cart, which is paid in another way.
pub(super) fn replaced(order_id: OrderId, set: &mut WorkingSet, now: Timestamp) {
    if let Some(order) = set.orders.edit(&order_id) {
        order.detail.replaced = true;
        order.detail.cancel_reason = Some("replaced".to_owned());
    }
    release(order_id, OrderStatus::Cancelled, "replaced", set, now);
}

fn ask_again(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    let due = now.plus_ms(retry_delay_ms(order.payment.tries));
    use PaymentStatus::{Authorized, CapturePending, RefundPending, Unknown, VoidPending};
    let status = match order.payment.status {
        same @ (VoidPending | RefundPending | CapturePending | Authorized) => same,
        _ => Unknown,
    };
    let tries = order.payment.tries + 1;
    set_payment(order.id, status, Some(due), set, now);
    if let Some(order) = set.orders.edit(&order.id) {
        order.payment.tries = tries;
    }
}

/// Cancels a placed order: the goods go back on the shelf, the money is to go back, or not to be taken at all.
pub(super) fn undo(order_id: OrderId, set: &mut WorkingSet, context: &mut Context) {
    release_goods(order_id, OrderStatus::Cancelled, set, context.now);
    let Some(order) = set.orders.get(&order_id).cloned() else { return };
    let reason = order.detail.cancel_reason.as_deref().unwrap_or("cancelled");
    if order.payment.captured > 0 {
        refunds::refund_everything(order_id, reason, set, context);
    } else if matches!(order.payment.status, PaymentStatus::Authorized | PaymentStatus::CapturePending) {
        set_payment(order_id, PaymentStatus::VoidPending, Some(context.now), set, context.now);
    } else if order.payment.status == PaymentStatus::Awaited {
        set_payment(order_id, PaymentStatus::Voided, None, set, context.now);
    }
}

/// Gives goods and coupon uses back, and the cart to its owner.
pub(super) fn release(order_id: OrderId, status: OrderStatus, reason: &str, set: &mut WorkingSet, now: Timestamp) {
    let Some(order) = set.orders.get(&order_id).cloned() else { return };
    release_goods(order_id, status, set, now);
    give_cart_back(&order, reason, set, now);
}

/// The cart of an order that came to nothing is its owner's again. `order` is as it was: what it held is held on for the cart
/// while the shopper pays in another way.
fn give_cart_back(order: &Order, reason: &str, set: &mut WorkingSet, now: Timestamp) {
    let (order_id, cart_id) = (order.id, order.cart_id);
    let config = set.config.clone();
    let Some(cart) = set.carts.get(&cart_id) else { return };
    if cart.order_id != Some(order_id) || cart.status != CartStatus::CheckedOut {
        return;
    }
    let mut cart = Cart::clone(cart);
    cart.status = CartStatus::Active;
    cart.order_id = None;
    cart.detail.last_payment_failure = Some(PaymentFailure { reason: reason.to_owned(), at: now });
    cart.detail.waited = unpaid::waited(order, cart.detail.waited.as_ref());
    cart.version += 1;
    cart.updated_at = now;
    cart.expires_at = config.store.settings.cart_expiry(now, cart.customer.is_some());
    cart.plan_recovery(&config.store.settings.recovery, now);
    let data = json!({ "version": cart.version, "order_id": order_id, "reason": reason });
    if order.detail.replaced {
        holds::keep(&mut cart, &wanted(&order.lines, Reservation::Held), set);
    } else if cart.detail.held_at_add {
        holds::hold_again(&mut cart, set);
    }
    set.carts.put(cart_id, cart);
    set.tell(Subject::Cart(cart_id), EventKind::CartReactivated, data);
}

fn release_goods(order_id: OrderId, status: OrderStatus, set: &mut WorkingSet, now: Timestamp) {
    move_lines(order_id, Reservation::Held, Reservation::Released, set, now);
    move_lines(order_id, Reservation::Committed, Reservation::Released, set, now);
    give_uses_back(order_id, set, now);
    unpaid::over(order_id, set);
    if let Some(order) = set.orders.edit(&order_id) {
        order.status = status;
        order.updated_at = now;
    }
    tell_end(order_id, set);
}

/// Tells that an order came to nothing, and why.
fn tell_end(order_id: OrderId, set: &mut WorkingSet) {
    let Some(order) = set.orders.get(&order_id) else { return };
    let (kind, reason) = match order.status {
        OrderStatus::Cancelled => (EventKind::OrderCancelled, order.detail.cancel_reason.as_deref()),
        OrderStatus::PaymentFailed => (EventKind::OrderPaymentFailed, order.detail.payment_failure.as_deref()),
        OrderStatus::Expired => (EventKind::OrderExpired, None),
        OrderStatus::PendingPayment | OrderStatus::Placed => return,
    };
    let data = json!({ "reason": reason });
    set.tell(Subject::Order(order_id), kind, data);
}

/// Moves the stock of all lines whose reservation is `from`, and the reservations to `to`.
fn move_lines(order_id: OrderId, from: Reservation, to: Reservation, set: &mut WorkingSet, now: Timestamp) {
    let Some(order): Option<Arc<Order>> = set.orders.get(&order_id).cloned() else { return };
    let (on_hand, reserved, cause) = match (from, to) {
        (Reservation::Held, Reservation::Committed) => (-1, -1, Cause::Commit),
        (Reservation::Held, Reservation::Released) => (0, -1, Cause::Release),
        (Reservation::Committed, Reservation::Released) => (1, 0, Cause::Restock),
        _ => return,
    };
    if !order.lines.iter().any(|line| line.reservation == from) {
        return;
    }
    for line in order.lines.iter().filter(|line| line.reservation == from) {
        let reference = Reference::Order(order_id);
        // What refunds put back on the shelf is there already.
        let units = line.quantity - order.restocked(line.id);
        set.move_stock(Movement {
            variant_id: line.variant_id,
            on_hand_delta: on_hand * units,
            reserved_delta: reserved * units,
            cause,
            reference,
            at: now,
        });
    }
    if let Some(order) = set.orders.edit(&order_id) {
        order.lines.iter_mut().filter(|line| line.reservation == from).for_each(|line| line.reservation = to);
    }
}

fn give_uses_back(order_id: OrderId, set: &mut WorkingSet, now: Timestamp) {
    let Some(order) = set.orders.edit(&order_id) else { return };
    let buyer = order.buyer();
    let redeemed = std::mem::take(&mut order.detail.redeemed);
    order.detail.limits.clear();
    order.detail.gave_back.clone_from(&redeemed);
    customers::count_order(buyer.clone(), -1, set, now);
    if redeemed.is_empty() {
        return;
    }
    let customer = buyer.unwrap_or_default();
    for promotion_id in redeemed {
        count_use(promotion_id, &customer, -1, set);
    }
    set.released_redemptions.push(order_id);
}

/// Adds to the count of live uses of a promotion, in all and by a customer.
pub(super) fn count_use(promotion_id: PromotionId, customer: &str, by: i64, set: &mut WorkingSet) {
    let used = set.uses.get(&promotion_id).map_or(0, |used| **used);
    set.uses.put(promotion_id, used + by);
    let key = (promotion_id, customer.to_owned());
    let used = set.customer_uses.get(&key).map_or(0, |used| **used);
    set.customer_uses.put(key, used + by);
}

pub(super) fn set_payment(
    order_id: OrderId,
    status: PaymentStatus,
    due_at: Option<Timestamp>,
    set: &mut WorkingSet,
    now: Timestamp,
) {
    if let Some(order) = set.orders.edit(&order_id) {
        if order.payment.status != status {
            order.payment.tries = 0;
        }
        order.payment.status = status;
        order.payment.due_at = due_at;
        order.updated_at = now;
    }
}
