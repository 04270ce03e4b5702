//! Decisions about money that moved without us: a provider's books taken in as a whole, and what operators record. Each movement is
//! known by its id there and taken in once, in whatever order books come; a refund of ours that no longer fits is given up.

use super::settle::{self, tell_amount};
use super::{Context, answered, capture, need_idempotency, orders, refunds, remember};
use crate::command::{Idempotency, MoneyCommand, Reply, Settlement};
use crate::event::{EventKind, Subject};
use crate::id::OrderId;
use crate::order::{Dispute, DisputeStanding, Order, OrderStatus};
use crate::outside::{BookedRefund, Books, MoneyRecord, ReturnedLine};
use crate::refund::{RefundError, RefundOrigin, RefundStatus, Refundable};
use crate::refusal::Refusal;
use crate::stock::{Cause, MAX_ON_HAND, Movement, Reference};
use crate::working_set::{Keys, WorkingSet};
use refunds::Origin;
use serde_json::json;
use std::sync::Arc;

/// Why a refund of ours was given up: others were quicker.
const REFUNDED_OUTSIDE: &str = "refunded_outside";

pub(super) fn need(command: &MoneyCommand, set: &WorkingSet, keys: &mut Keys) {
    match command {
        MoneyCommand::TakeBooks { order_id, .. } => settle::need(*order_id, set, keys),
        MoneyCommand::Record { order_id, idempotency, .. } | MoneyCommand::Restock { order_id, idempotency, .. } => {
            need_idempotency(Some(idempotency), set, keys);
            settle::need(*order_id, set, keys);
        }
        MoneyCommand::DealWith(_) => {}
    }
}

pub(super) fn decide(command: &MoneyCommand, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    match command {
        MoneyCommand::TakeBooks { order_id, books } => take_books(*order_id, books, set, context),
        MoneyCommand::Record { order_id, record, idempotency } => {
            record_money(*order_id, record, idempotency, set, context)
        }
        MoneyCommand::Restock { order_id, lines, idempotency } => restock(*order_id, lines, idempotency, set, context),
        MoneyCommand::DealWith(payment) => {
            set.unmatched_payments.push(payment.clone());
            Ok(Reply::Done)
        }
    }
}

fn current(order_id: OrderId, set: &WorkingSet) -> Result<Arc<Order>, Refusal> {
    set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)
}

fn take_books(order_id: OrderId, books: &Books, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let before = current(order_id, set)?;
    // Of two answers that cross each other only the newer may say that what failed went all the same.
    let newest = before.detail.books_at.is_none_or(|at| books.asked_at >= at);
    take_capture(&before, books, set, context);
    let mut moved = false;
    for dispute in &books.disputes {
        moved |= orders::keep_dispute(&*current(order_id, set)?, dispute.clone(), set, context.now);
    }
    if current(order_id, set)?.payment.captured > 0 {
        moved |= correct_captured(order_id, books.captured, set, context)?;
        // What came back makes room for what stands.
        for failed in [true, false] {
            take_own(order_id, books, (failed, newest), set, context)?;
            let all = movements(&*current(order_id, set)?, books);
            for movement in all.iter().filter(|movement| movement.failure.is_some() == failed) {
                moved |= take_movement(order_id, movement, newest, set, context)?;
            }
        }
        if moved {
            give_back_what_is_left(order_id, set, context)?;
        }
    }
    if *current(order_id, set)? != *before
        && let Some(order) = set.orders.edit(&order_id)
    {
        order.detail.books_at = order.detail.books_at.max(Some(books.asked_at));
    }
    current(order_id, set).map(Reply::Order)
}

/// Money that the order did not know of. Where it went back again meanwhile, an order that was given up is not served.
fn take_capture(order: &Order, books: &Books, set: &mut WorkingSet, context: &mut Context) {
    if books.captured == 0 || order.payment.captured > 0 || order.totals.total == 0 {
        return;
    }
    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    let back = books.refunds.iter().any(|refund| refund.failure.is_none() && refund.amount > 0)
        || books.disputes.iter().any(|dispute| dispute.standing == DisputeStanding::Lost);
    if live || !back {
        settle::settle_money(order, &Settlement::Captured(books.captured), set, context);
    } else {
        capture::captured(order, books.captured, set, context.now);
    }
}

/// More or less was taken than the order knows; nothing at all is for an operator to record.
fn correct_captured(
    order_id: OrderId,
    captured: i64,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<bool, Refusal> {
    let order = current(order_id, set)?;
    let theirs = captured.min(order.totals.total);
    let mut known = order.payment.captured - order.written_off();
    if theirs == 0 || theirs == known {
        return Ok(false);
    }
    for loss in order.detail.refunds.iter().filter(|refund| refund.origin == RefundOrigin::Loss).rev() {
        if known < theirs && loss.status == RefundStatus::Succeeded {
            refunds::failed(&*current(order_id, set)?, loss.id, "found", set, context.now);
            known += loss.amount;
        }
    }
    let order = current(order_id, set)?;
    if known > theirs {
        let missing = Moved {
            reference: None,
            origin: RefundOrigin::Loss,
            amount: known - theirs,
            failure: None,
            reason: "the provider took less",
        };
        add(&order, &missing, set, context);
    } else if known < theirs {
        if let Some(order) = set.orders.edit(&order_id) {
            order.payment.captured = theirs;
        }
        tell_amount(order_id, EventKind::PaymentCaptured, theirs - known, set);
        refunds::go_on(order_id, set, context.now);
    }
    Ok(true)
}

/// What became of our own refunds: of those that failed, or of those that stand.
fn take_own(
    order_id: OrderId,
    books: &Books,
    (failed, newest): (bool, bool),
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<(), Refusal> {
    for booked in books.refunds.iter().filter(|booked| booked.failure.is_some() == failed) {
        let order = current(order_id, set)?;
        let Some(at) = own_refund(&order, booked) else { continue };
        let refund = &order.detail.refunds[at];
        match (&booked.failure, refund.status) {
            (None, RefundStatus::Pending) => {
                refunds::succeeded(&order, refund.id, booked.amount, set, context.now);
            }
            (None, RefundStatus::Failed) if newest => {
                let most = order.payment.captured - order.payment.refunded;
                make_room(&order, booked.amount.min(most), set, context);
                revive(order_id, at, booked.amount, set, context)?;
            }
            (Some(reason), RefundStatus::Pending | RefundStatus::Succeeded) => {
                refunds::failed(&order, refund.id, reason, set, context.now);
            }
            _ => {}
        }
    }
    Ok(())
}

fn own_refund(order: &Order, booked: &BookedRefund) -> Option<usize> {
    let own = booked.own?;
    order.detail.refunds.iter().position(|refund| refund.id == own && refund.origin.is_shop())
}

/// Money that left without us.
struct Moved<'a> {
    reference: Option<&'a str>,
    origin: RefundOrigin,
    amount: i64,
    failure: Option<&'a str>,
    reason: &'a str,
}

/// All of the books that are not refunds of ours: refunds made by hand, and disputes, which stand once they are lost.
fn movements<'a>(order: &Order, books: &'a Books) -> Vec<Moved<'a>> {
    let by_hand = books.refunds.iter().filter(|booked| own_refund(order, booked).is_none()).map(|booked| Moved {
        reference: Some(&booked.reference),
        origin: RefundOrigin::Outside,
        amount: booked.amount,
        failure: booked.failure.as_deref(),
        reason: "made at the provider",
    });
    let disputes = books.disputes.iter().map(|dispute: &Dispute| Moved {
        reference: Some(&dispute.id),
        origin: RefundOrigin::Dispute,
        amount: dispute.amount,
        failure: (dispute.standing != DisputeStanding::Lost).then_some(dispute.status.as_str()),
        reason: &dispute.reason,
    });
    by_hand.chain(disputes).collect()
}

/// Takes a movement in once; whether the order's money changed by it.
fn take_movement(
    order_id: OrderId,
    movement: &Moved<'_>,
    newest: bool,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<bool, Refusal> {
    let order = current(order_id, set)?;
    let same = |known: &crate::refund::Refund| {
        !known.origin.is_shop() && known.reference.is_some() && known.reference.as_deref() == movement.reference
    };
    let Some(at) = order.detail.refunds.iter().position(same) else {
        return Ok(movement.failure.is_none() && add(&order, movement, set, context));
    };
    let known = &order.detail.refunds[at];
    if known.origin != movement.origin
        && let Some(order) = set.orders.edit(&order_id)
    {
        // An operator had recorded it before the provider reported it.
        order.detail.refunds[at].origin = movement.origin;
    }
    match (movement.failure, known.status) {
        (Some(reason), RefundStatus::Succeeded) => {
            refunds::failed(&order, known.id, reason, set, context.now);
            Ok(true)
        }
        (None, RefundStatus::Failed) if newest => {
            let most = order.payment.captured - order.payment.refunded;
            make_room(&order, movement.amount.min(most), set, context);
            revive(order_id, at, movement.amount, set, context)
        }
        _ => Ok(false),
    }
}

/// Writes a movement down, cut to what had not gone back before.
fn add(order: &Order, movement: &Moved<'_>, set: &mut WorkingSet, context: &mut Context) -> bool {
    let amount = movement.amount.min(order.payment.captured - order.payment.refunded);
    if amount <= 0 {
        return false;
    }
    make_room(order, amount, set, context);
    let Ok(order) = current(order.id, set) else { return false };
    let from = Origin { origin: movement.origin, reference: movement.reference, reason: movement.reason, by: "" };
    refunds::note(order.id, Refundable::of(&order).worth(amount), from, set, context);
    true
}

fn revive(
    order_id: OrderId,
    at: usize,
    amount: i64,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<bool, Refusal> {
    let order = current(order_id, set)?;
    let amount = amount.min(order.payment.captured - order.payment.refunded);
    if amount > 0 {
        refunds::revived(&order, at, amount, set, context.now);
    }
    Ok(amount > 0)
}

/// Refunds of ours that are on their way and find too little left are given up, the newest first: the provider refuses them.
fn make_room(order: &Order, amount: i64, set: &mut WorkingSet, context: &mut Context) {
    let mut standing = order.refunds_standing().max(order.payment.refunded);
    for refund in order.detail.refunds.iter().rev().filter(|refund| refund.status == RefundStatus::Pending) {
        if standing + amount <= order.payment.captured {
            return;
        }
        standing -= refund.amount;
        if let Some(order) = set.orders.get(&order.id).cloned() {
            refunds::failed(&order, refund.id, REFUNDED_OUTSIDE, set, context.now);
        }
    }
}

/// Of an order that came to nothing, exactly what the provider still has is to go back.
fn give_back_what_is_left(order_id: OrderId, set: &mut WorkingSet, context: &mut Context) -> Result<(), Refusal> {
    let order = current(order_id, set)?;
    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    if !live && order.next_refund().is_none() {
        let reason = order.detail.cancel_reason.as_deref().unwrap_or("paid too late");
        refunds::refund_everything(order_id, reason, set, context);
    }
    Ok(())
}

fn record_money(
    order_id: OrderId,
    record: &MoneyRecord,
    idempotency: &Idempotency,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = current(order_id, set)?;
    if answered(idempotency, set)?.is_some() {
        return Ok(Reply::Order(order));
    }
    let known = |refund: &crate::refund::Refund| !refund.origin.is_shop() && refund.reference == record.reference;
    if record.reference.is_some() && order.detail.refunds.iter().any(known) {
        remember(idempotency, Some(order_id), set, context.now);
        return Ok(Reply::Order(order));
    }
    refunds::check_refundable(&order)?;
    let mut parts = Refundable::of(&order).parts(&record.request).map_err(Refusal::RefundRefused)?;
    let movements = refunds::restock(&order, &record.request, &mut parts, set, context.now)?;
    // Past this point nothing can fail.
    if parts.amount() == Refundable::of(&order).amount() && parts.lines.iter().all(|line| line.quantity == 0) {
        parts = Refundable::of(&order).everything();
    }
    for movement in movements {
        set.move_stock(movement);
    }
    let from = Origin {
        origin: record.origin,
        reference: record.reference.as_deref(),
        reason: &record.reason,
        by: &record.by,
    };
    refunds::note(order_id, parts, from, set, context);
    remember(idempotency, Some(order_id), set, context.now);
    current(order_id, set).map(Reply::Order)
}

/// Puts units that were refunded back on the shelf: those that money was given back for, and that are not there yet.
fn restock(
    order_id: OrderId,
    asked: &[ReturnedLine],
    idempotency: &Idempotency,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = current(order_id, set)?;
    if answered(idempotency, set)?.is_some() {
        return Ok(Reply::Order(order));
    }
    if order.status != OrderStatus::Placed {
        return Err(Refusal::OrderNotFulfillable { status: order.status.as_str() });
    }
    let mut changed = Order::clone(&order);
    let mut movements: Vec<Movement> = Vec::new();
    for line in asked {
        let bought = order.lines.iter().find(|bought| bought.id == line.line_id).ok_or(Refusal::LineNotFound)?;
        let left = put_back(&mut changed, line);
        if left < line.quantity {
            let (line_id, requested) = (line.line_id, line.quantity);
            return Err(Refusal::RefundRefused(RefundError::Quantity { line_id, requested, left }));
        }
        if bought.reservation != crate::order::Reservation::Committed {
            continue;
        }
        let stock = set.stock_of(bought.variant_id);
        let before: i64 =
            movements.iter().filter(|one| one.variant_id == bought.variant_id).map(|one| one.on_hand_delta).sum();
        if stock.on_hand + before + line.quantity > MAX_ON_HAND {
            let (on_hand, reserved) = (stock.on_hand, stock.reserved);
            return Err(Refusal::StockOutOfRange { sku: bought.sku.clone(), on_hand, reserved });
        }
        movements.push(Movement {
            variant_id: bought.variant_id,
            on_hand_delta: line.quantity,
            reserved_delta: 0,
            cause: Cause::Return,
            reference: Reference::Order(order_id),
            at: context.now,
        });
    }
    changed.updated_at = context.now;
    set.orders.put(order_id, changed);
    for movement in movements {
        set.move_stock(movement);
    }
    set.tell(Subject::Order(order_id), EventKind::OrderReturned, json!({ "lines": told(asked) }));
    remember(idempotency, Some(order_id), set, context.now);
    current(order_id, set).map(Reply::Order)
}

/// Notes that units of a line are back, in the refunds that they belong to; how many could be.
fn put_back(order: &mut Order, line: &ReturnedLine) -> i64 {
    let mut missing = line.quantity;
    let standing = order.detail.refunds.iter_mut().filter(|refund| refund.status != RefundStatus::Failed);
    for part in standing.flat_map(|refund| &mut refund.parts.lines).filter(|part| part.line_id == line.line_id) {
        let units = missing.min((part.quantity - part.restocked).max(0));
        part.restocked += units;
        missing -= units;
    }
    line.quantity - missing
}

fn told(lines: &[ReturnedLine]) -> serde_json::Value {
    lines.iter().map(|line| json!({ "line_id": line.line_id, "quantity": line.quantity })).collect()
}
