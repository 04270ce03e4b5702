//! Decisions about money that comes past every gateway: an order waits for it, an operator records it, its time passes. Nothing here
//! asks a gateway, so each decision is complete in itself, and none keeps money of an order that came to nothing.

use super::late::{self, Late};
use super::settle::{place, release, set_payment, tell_amount};
use super::{Context, answered, refunds, remember, unpaid};
use crate::command::{Idempotency, ManualCommand, Reply, Rest};
use crate::event::{EventKind, Subject};
use crate::id::{OrderId, RefundId, Timestamp};
use crate::manual::{MANUAL, MAX_RECORDED, ManualMethod, ManualPayment, PlaceOrder, RecordedPayment, SentRefund};
use crate::order::{Order, OrderStatus, PaymentStatus};
use crate::refund::RefundStatus;
use crate::refusal::Refusal;
use crate::store::DAY_MS;
use crate::working_set::WorkingSet;
use serde_json::json;
use std::sync::Arc;

/// The store's method that a request names, where its gateway is `manual`.
pub(super) fn method_of(gateway: &str, method: &str, set: &WorkingSet) -> Result<Option<ManualMethod>, Refusal> {
    if gateway != MANUAL {
        return Ok(None);
    }
    let found = set.config.store.settings.manual_method(method).cloned();
    found.map(Some).ok_or_else(|| Refusal::PaymentMethodUnknown { method: method.to_owned() })
}

/// An order that was just made waits for its money; where the shop trusts the buyer, it is placed at once.
pub(super) fn begin(order_id: OrderId, method: ManualMethod, set: &mut WorkingSet, now: Timestamp) {
    let days = method.days.unwrap_or(set.config.store.settings.manual_payment_days);
    let usual = now.plus_ms(i64::from(days) * DAY_MS);
    let at_once = method.place == PlaceOrder::AtOnce;
    let until = if at_once { usual } else { unpaid::wait(order_id, usual, true, set, now).unwrap_or(usual) };
    if let Some(order) = set.orders.edit(&order_id) {
        let (payments, sent) = (Vec::new(), Vec::new());
        order.detail.manual = Some(ManualPayment { method, until, overdue: false, payments, waived: 0, sent });
    }
    if at_once {
        place(order_id, set, now);
    }
    refunds::go_on(order_id, set, now);
}

/// Until when a worker leaves an order alone that awaits money; `None` where only an operator goes on.
pub(super) fn looked_at(order: &Order) -> Option<Timestamp> {
    let manual = order.detail.manual.as_ref()?;
    (order.status == OrderStatus::PendingPayment && !manual.overdue).then_some(manual.until)
}

/// The time of an order that waits for its money may be over: with nothing paid it expires, with a part an operator decides.
pub(super) fn time_passed(order: &Order, set: &mut WorkingSet, now: Timestamp) {
    if order.payment.due_at.is_none_or(|due| now < due) {
        return;
    }
    if order.payment.captured == 0 {
        release(order.id, OrderStatus::Expired, "expired", set, now);
        set_payment(order.id, PaymentStatus::Voided, None, set, now);
        return;
    }
    if let Some(manual) = set.orders.edit(&order.id).and_then(|order| order.detail.manual.as_mut()) {
        manual.overdue = true;
    }
    set_payment(order.id, PaymentStatus::Awaited, None, set, now);
}

/// An order that is not placed ends because somebody says so: what was paid is to go back.
pub(super) fn end(order_id: OrderId, why: &str, set: &mut WorkingSet, context: &mut Context) {
    let reason = set.orders.get(&order_id).and_then(|order| order.detail.cancel_reason.clone()).unwrap_or_default();
    release(order_id, OrderStatus::Cancelled, why, set, context.now);
    set_payment(order_id, PaymentStatus::Voided, None, set, context.now);
    refunds::refund_everything(order_id, &reason, set, context);
}

pub(super) fn decide(
    order_id: OrderId,
    command: &ManualCommand,
    by: &str,
    idempotency: &Idempotency,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)?;
    if answered(idempotency, set)?.is_some() {
        return Ok(Reply::Order(order));
    }
    if order.detail.manual.is_none() {
        return Err(Refusal::NotManual { gateway: order.payment.gateway.clone() });
    }
    let (by, at) = (by.to_owned(), context.now);
    match command {
        ManualCommand::Paid { amount, reference, rest } => {
            let payment = RecordedPayment { amount: *amount, reference: reference.clone(), at, by };
            check_payment(&order, *amount)?;
            take_in(&order, payment, *rest, set, context);
        }
        ManualCommand::SentBack { refund_id, reference } => {
            let amount = pending_refund(&order, *refund_id)?;
            note_sent(&order, SentRefund { refund_id: *refund_id, reference: reference.clone(), at, by }, set);
            refunds::succeeded(&order, *refund_id, amount, set, at);
        }
    }
    remember(idempotency, Some(order_id), set, context.now);
    Ok(Reply::Order(set.orders.get(&order_id).expect("found above").clone()))
}

fn check_payment(order: &Order, amount: i64) -> Result<(), Refusal> {
    let missing = order.missing();
    if amount > missing || missing == 0 {
        return Err(Refusal::PaymentTooLarge { recorded: amount, missing, currency: order.currency });
    }
    let recorded = order.detail.manual.as_ref().map_or(0, |manual| manual.payments.len());
    if recorded >= MAX_RECORDED {
        return Err(Refusal::TooManyEntries { what: "recorded payments", limit: MAX_RECORDED });
    }
    Ok(())
}

fn pending_refund(order: &Order, id: RefundId) -> Result<i64, Refusal> {
    let mut pending = order.detail.refunds.iter().filter(|refund| refund.status == RefundStatus::Pending);
    pending.find(|refund| refund.id == id).map(|refund| refund.amount).ok_or(Refusal::RefundNotPending)
}

fn note_sent(order: &Order, sent: SentRefund, set: &mut WorkingSet) {
    if let Some(manual) = set.orders.edit(&order.id).and_then(|order| order.detail.manual.as_mut()) {
        manual.sent.push(sent);
    }
}

/// Money came, past all checks.
fn take_in(order: &Arc<Order>, payment: RecordedPayment, rest: Rest, set: &mut WorkingSet, context: &mut Context) {
    let (id, amount, now) = (order.id, payment.amount, context.now);
    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    let missing = order.missing() - amount;
    if let Some(manual) = set.orders.edit(&id).and_then(|order| order.detail.manual.as_mut()) {
        manual.payments.push(payment);
        if live && rest == Rest::Waived {
            manual.waived += missing;
        }
    }
    let data = json!({ "amount": amount, "currency": order.currency.code() });
    set.tell(Subject::Order(id), EventKind::PaymentRecorded, data);
    if live {
        add(id, amount, set);
        complete(id, set, now);
    } else if order.payment.captured == 0 {
        late::take_in(order, Late::Captured(amount), set, context);
    } else {
        add(id, amount, set);
        refunds::refund_everything(id, "paid too late", set, context);
    }
}

fn add(id: OrderId, amount: i64, set: &mut WorkingSet) {
    if let Some(order) = set.orders.edit(&id) {
        order.payment.captured += amount;
    }
}

/// Places the order once all that is to come is there; the state of its payment follows.
fn complete(id: OrderId, set: &mut WorkingSet, now: Timestamp) {
    let Some(order) = set.orders.get(&id).cloned() else { return };
    if !order.awaits_money() {
        if order.payment.captured > 0 {
            tell_amount(id, EventKind::PaymentCaptured, order.payment.captured, set);
        }
        if order.status == OrderStatus::PendingPayment {
            place(id, set, now);
        }
    }
    refunds::go_on(id, set, now);
}
