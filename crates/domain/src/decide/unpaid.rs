//! Orders that wait for their money: how long they may hold goods, and how many units of them. What a shopper's unpaid orders
//! hold is counted, and for a day more what they held, whether they were cancelled, given up or ran out; what was paid does not
//! count. An order is judged once, when it begins to wait. Nobody who pays at once meets any of this, but whoever came for
//! nothing again and again.

use super::checkout::wanted;
use crate::cart::Cart;
use crate::id::{CartId, OrderId, Timestamp, VariantId};
use crate::order::{Order, OrderStatus, Reservation};
use crate::refusal::{Refusal, Shortage};
use crate::stock::Stock;
use crate::unpaid::{Asked, Unpaid, Waited, holder, holder_of, may_become_short, share};
use crate::working_set::{Keys, WorkingSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An order that is to wait asks what its shopper holds unpaid.
pub(super) fn need(order_id: OrderId, set: &WorkingSet, keys: &mut Keys) {
    if !set.orders.knows(&order_id) {
        return;
    }
    let begins = |order: &&Arc<Order>| order.status == OrderStatus::PendingPayment && order.detail.pay_by.is_none();
    let Some(order) = set.orders.get(&order_id).filter(begins) else { return };
    ask(holder(order), wanted(&order.lines, Reservation::Held).into_keys(), set, keys);
}

/// An order whose units are counted asks for the counts, to take itself out once it is paid or over; and one that may be paid
/// asks for what the order before it left to it.
pub(super) fn need_counted(order: &Order, set: &WorkingSet, keys: &mut Keys) {
    if order.status != OrderStatus::PendingPayment {
        return;
    }
    ask(holder(order), order.detail.unpaid.keys().copied(), set, keys);
    need_before(super::cart::loaded(order.cart_id, set).map(|cart| &**cart), &holder(order), set, keys);
}

/// What a checkout asks: of a cart whose order is sure to wait all, of others where they may make goods short.
pub(super) fn need_cart(id: CartId, network: Option<&str>, waits: bool, set: &WorkingSet, keys: &mut Keys) {
    let Some(cart) = super::cart::loaded(id, set).filter(|cart| cart.is_open()) else { return };
    let known = cart.units().into_iter().filter(|(id, _)| set.stock.knows(id));
    let asked = known.filter(|(id, units)| waits || may_become_short(with(set.stock_of(*id), *units)));
    let holder = holder_of(cart, network);
    ask(holder.clone(), asked.map(|(id, _)| id), set, keys);
    need_before(Some(cart), &holder, set, keys);
}

fn need_before(cart: Option<&Cart>, holder: &str, set: &WorkingSet, keys: &mut Keys) {
    let waited = cart.and_then(|cart| cart.detail.waited.as_ref()).filter(|waited| waited.holder == holder);
    if let Some(waited) = waited {
        ask(holder.to_owned(), waited.units.keys().copied(), set, keys);
    }
}

fn ask(holder: String, ids: impl Iterator<Item = VariantId>, set: &WorkingSet, keys: &mut Keys) {
    keys.unpaid.extend(ids.map(|id| (holder.clone(), id)).filter(|key| !set.unpaid.knows(key)));
}

fn with(stock: Stock, more: i64) -> Stock {
    Stock { reserved: stock.reserved.saturating_add(more).min(stock.on_hand), ..stock }
}

/// What is counted of a shopper's orders; nothing where nobody asked.
fn row(holder: &str, id: VariantId, set: &WorkingSet) -> Unpaid {
    let key = (holder.to_owned(), id);
    let known = if set.unpaid.knows(&key) { set.unpaid.get(&key) } else { None };
    known.map(|row| Unpaid::clone(row)).unwrap_or_default()
}

/// Changes what is counted; whether it is known.
fn change(holder: &str, id: VariantId, set: &mut WorkingSet, change: impl FnOnce(&mut Unpaid)) -> bool {
    let key = (holder.to_owned(), id);
    let known = set.unpaid.knows(&key);
    if known {
        let mut row = row(holder, id, set);
        change(&mut row);
        set.unpaid.put(key, row);
    }
    known
}

/// What an order that makes way for another one of its cart held. `before`: what the one before it left to it.
pub(super) fn waited(order: &Order, before: Option<&Waited>) -> Option<Waited> {
    let pay_by = order.detail.pay_by.filter(|_| order.detail.replaced)?;
    let before = before.filter(|before| order.created_at < before.pay_by);
    let since = before.and_then(|before| before.since).or(Some(order.created_at));
    Some(Waited { pay_by, since, holder: holder(order), units: order.detail.unpaid.clone() })
}

/// What the order before of the same cart held, as long as its time is not over.
fn before(cart: CartId, set: &WorkingSet) -> Option<Waited> {
    let cart = if set.carts.knows(&cart) { set.carts.get(&cart) } else { None };
    let waited = cart?.detail.waited.clone()?;
    (set.now < waited.pay_by).then_some(waited)
}

/// What is counted without what the order before of the same cart held.
fn row_without(before: Option<&Waited>, holder: &str, id: VariantId, set: &WorkingSet) -> Unpaid {
    let mut row = row(holder, id, set);
    if let Some(before) = before.filter(|before| before.holder == holder)
        && let Some(units) = before.units.get(&id)
    {
        row.take_out(*units, before.pay_by);
    }
    row
}

/// What the order before of the same cart held is no longer counted: this one is, or is paid.
fn take_out(before: Option<&Waited>, holder: &str, set: &mut WorkingSet) {
    let Some(before) = before.filter(|before| before.holder == holder) else { return };
    for (id, units) in &before.units {
        change(holder, *id, set, |row| row.take_out(*units, before.pay_by));
    }
}

/// Refuses an order beforehand, and says how many units it may have: one that is sure to wait where it would hold too many, any
/// other of a shopper who came for nothing again and again.
pub(super) fn check(cart: &Cart, network: Option<&str>, waits: bool, set: &WorkingSet) -> Result<(), Refusal> {
    let (holder, before) = (holder_of(cart, network), before(cart.id, set));
    let settings = &set.config.store.settings;
    let mut too_many = Vec::new();
    for (id, requested) in cart.units() {
        let Some(variant) = set.variants.get(&id).filter(|variant| variant.track_stock) else { continue };
        let stock = with(set.stock_of(id), requested - cart.held(id));
        let row = row_without(before.as_ref(), &holder, id, set);
        let asked = Asked { units: requested, stock, row: &row, now: set.now };
        if if waits { asked.is_refused(settings) } else { asked.is_turned_away(settings) } {
            let available = Some(asked.left(settings));
            let line = cart.lines.iter().find(|line| line.variant_id == id);
            let line_id = line.map(|line| line.id);
            too_many.push(Shortage { line_id, sku: variant.sku.clone(), requested, available });
        }
    }
    if too_many.is_empty() { Ok(()) } else { Err(Refusal::PayAtOnce(too_many)) }
}

/// Until when an order waits that could usually wait until `usual`; `None` where its goods are short and its shopper holds, or
/// held, too many of them unpaid. It is said once, and holds however often it is asked. `checked`: it was refused before if it
/// may not.
pub(super) fn wait(
    order_id: OrderId,
    usual: Timestamp,
    checked: bool,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Option<Timestamp> {
    let order = set.orders.get(&order_id)?.clone();
    if let Some(pay_by) = order.detail.pay_by {
        return Some(pay_by.min(usual));
    }
    let mut units = wanted(&order.lines, Reservation::Held);
    let (holder, before) = (holder(&order), before(order.cart_id, set));
    take_out(before.as_ref(), &holder, set);
    let settings = &set.config.store.settings;
    let (whole_ms, mut wait_ms, mut may_wait) = (usual.0 - now.0, usual.0 - now.0, true);
    for (id, units) in &units {
        let row = row(&holder, *id, set);
        let asked = Asked { units: *units, stock: set.stock_of(*id), row: &row, now };
        wait_ms = wait_ms.min(asked.wait_ms(whole_ms, settings));
        may_wait &= checked || !asked.is_refused(settings);
    }
    let mut until = now.plus_ms(wait_ms);
    if let Some(before) = before.filter(|_| wait_ms < whole_ms) {
        // As long as if it had been this way to pay from the start.
        let from_the_start = before.since.unwrap_or(now).plus_ms(wait_ms);
        until = until.min(from_the_start.max(before.pay_by));
    }
    units.retain(|id, units| change(&holder, *id, set, |row| row.hold(*units, until)));
    if let Some(order) = set.orders.edit(&order_id) {
        (order.detail.pay_by, order.detail.unpaid) = (Some(until), units);
    }
    may_wait.then_some(until)
}

/// The order is paid, or placed without: it is no longer counted, and its network forgotten.
pub(super) fn paid(order_id: OrderId, set: &mut WorkingSet) {
    let Some(order) = set.orders.get(&order_id).cloned() else { return };
    let holder = holder(&order);
    match order.detail.pay_by {
        Some(pay_by) => order.detail.unpaid.iter().for_each(|(id, units)| {
            change(&holder, *id, set, |row| row.take_out(*units, pay_by));
        }),
        // It never waited: what the order before it held is paid by it.
        None => take_out(before(order.cart_id, set).as_ref(), &holder, set),
    }
    forget(order_id, set);
}

/// The order came to nothing: what it held counts for a day more, of one that could not wait a share at most. Where it makes
/// way for another way to pay, that order goes on with it. Its network is forgotten.
pub(super) fn over(order_id: OrderId, set: &mut WorkingSet) {
    let pending = |order: &&Arc<Order>| order.status == OrderStatus::PendingPayment;
    let Some(order) = set.orders.get(&order_id).filter(pending).cloned() else { return };
    let (holder, now) = (holder(&order), set.now);
    // One that never waited leaves what the order before it held.
    let (pay_by, held) = match order.detail.pay_by {
        Some(pay_by) if order.detail.replaced => (pay_by, BTreeMap::new()),
        Some(pay_by) => (pay_by, order.detail.unpaid.clone()),
        None => match before(order.cart_id, set).filter(|before| before.holder == holder) {
            Some(before) => (before.pay_by, before.units),
            None => (now, BTreeMap::new()),
        },
    };
    for (id, units) in held {
        let share = share(set.stock_of(id), &set.config.store.settings);
        let left = if order.detail.unheld { share.min(units) } else { units };
        change(&holder, id, set, |row| {
            row.take_out(units, pay_by);
            row.leave(left, now);
        });
    }
    forget(order_id, set);
}

fn forget(order_id: OrderId, set: &mut WorkingSet) {
    let told = |order: &&Arc<Order>| order.detail.network.is_some() || !order.detail.unpaid.is_empty();
    if set.orders.get(&order_id).filter(told).is_some()
        && let Some(order) = set.orders.edit(&order_id)
    {
        order.detail.network = None;
        order.detail.unpaid.clear();
    }
}
