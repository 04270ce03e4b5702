//! Orders that wait for their money: how long they may hold goods that are short, and how many units of them. What a shopper's
//! unpaid orders held counts for a day, whether they were cancelled, replaced or ran out; what was paid does not count. Nobody who
//! pays at once meets any of this, and no row is asked for as long as there are plenty.

use super::checkout::wanted;
use crate::cart::Cart;
use crate::id::{CartId, OrderId, Timestamp, VariantId};
use crate::order::{Order, OrderStatus, Reservation};
use crate::refusal::{Refusal, Shortage};
use crate::stock::Stock;
use crate::unpaid::{COUNTED_MS, Waited, holder, holder_of, is_short, may_become_short, most_units, wait_ms};
use crate::working_set::{Keys, Unpaid, WorkingSet};
use std::collections::BTreeMap;

/// An order that is to wait asks what its shopper holds unpaid of goods that are short.
pub(super) fn need(order_id: OrderId, set: &WorkingSet, keys: &mut Keys) {
    if !set.orders.knows(&order_id) {
        return;
    }
    let waits = |order: &&std::sync::Arc<Order>| order.status == OrderStatus::PendingPayment;
    let Some(order) = set.orders.get(&order_id).filter(waits) else { return };
    if order.detail.pay_by.is_some() {
        return;
    }
    let held = wanted(&order.lines, Reservation::Held).into_keys().filter(|id| set.stock.knows(id));
    ask(holder(order), held.filter(|id| may_become_short(set.stock_of(*id))), set, keys);
}

/// An order whose units are counted asks for the counts, to take itself out once it is paid.
pub(super) fn need_counted(order: &Order, set: &WorkingSet, keys: &mut Keys) {
    ask(holder(order), order.detail.counted_unpaid.iter().copied(), set, keys);
}

/// As [`need`], of a cart whose order will wait.
pub(super) fn need_cart(id: CartId, network: Option<&str>, set: &WorkingSet, keys: &mut Keys) {
    let Some(cart) = super::cart::loaded(id, set).filter(|cart| cart.is_open()) else { return };
    let known = units_of(cart).into_iter().filter(|(id, _)| set.stock.knows(id));
    let short = known.filter(|(id, units)| may_become_short(with(set.stock_of(*id), *units)));
    ask(holder_of(cart, network), short.map(|(id, _)| id), set, keys);
}

fn ask(holder: String, ids: impl Iterator<Item = VariantId>, set: &WorkingSet, keys: &mut Keys) {
    keys.unpaid.extend(ids.map(|id| (holder.clone(), id)).filter(|key| !set.unpaid.knows(key)));
}

fn units_of(cart: &Cart) -> BTreeMap<VariantId, i64> {
    let mut units = BTreeMap::new();
    for line in &cart.lines {
        *units.entry(line.variant_id).or_default() += line.quantity;
    }
    units
}

fn with(stock: Stock, more: i64) -> Stock {
    Stock { reserved: stock.reserved.saturating_add(more).min(stock.on_hand), ..stock }
}

/// Units that the holder's other orders hold unpaid, or held.
fn counted(holder: &str, id: VariantId, set: &WorkingSet) -> i64 {
    let key = (holder.to_owned(), id);
    let row = if set.unpaid.knows(&key) { set.unpaid.get(&key) } else { None };
    row.map_or(0, |row| row.units_at(set.now))
}

/// What an order that makes way for another one of its cart held of goods that are short.
pub(super) fn waited(order: &Order) -> Option<Waited> {
    let pay_by = order.detail.pay_by.filter(|_| order.detail.replaced)?;
    Some(Waited { pay_by, units: counted_units(order) })
}

/// Units of an order that are counted.
fn counted_units(order: &Order) -> BTreeMap<VariantId, i64> {
    let mut units = wanted(&order.lines, Reservation::Held);
    units.retain(|id, _| order.detail.counted_unpaid.contains(id));
    units
}

/// What the order before of the same cart held, as long as its time is not over.
fn before(cart: CartId, set: &WorkingSet) -> Option<Waited> {
    let waited = set.carts.get(&cart)?.detail.waited.clone()?;
    (set.now < waited.pay_by).then_some(waited)
}

fn units_before(before: Option<&Waited>, id: VariantId) -> i64 {
    before.and_then(|waited| waited.units.get(&id)).copied().unwrap_or(0)
}

/// Refuses an order that is sure to wait where it would hold more than it may, and says how much it may.
pub(super) fn check(cart: &Cart, network: Option<&str>, set: &WorkingSet) -> Result<(), Refusal> {
    let holder = holder_of(cart, network);
    let before = before(cart.id, set);
    let mut too_many = Vec::new();
    for (id, requested) in units_of(cart) {
        let Some(variant) = set.variants.get(&id).filter(|variant| variant.track_stock) else { continue };
        let stock = with(set.stock_of(id), requested - cart.held(id));
        let left = left(&holder, id, stock, set) + units_before(before.as_ref(), id);
        if is_short(stock) && requested > left {
            too_many.push(Shortage { line_id: None, sku: variant.sku.clone(), requested, available: Some(left) });
        }
    }
    if too_many.is_empty() { Ok(()) } else { Err(Refusal::PayAtOnce(too_many)) }
}

fn left(holder: &str, id: VariantId, stock: Stock, set: &WorkingSet) -> i64 {
    (most_units(stock, &set.config.store.settings) - counted(holder, id, set)).max(0)
}

/// Until when an order waits that could usually wait until `usual`; `None` where its goods are short and its shopper holds, or
/// held, too many of them unpaid. `checked`: it was refused before if that is so.
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
    let held = wanted(&order.lines, Reservation::Held).into_iter();
    let short: Vec<(VariantId, i64)> = held.filter(|(id, _)| is_short(set.stock_of(*id))).collect();
    if short.is_empty() {
        return Some(usual);
    }
    let (holder, before) = (holder(&order), before(order.cart_id, set));
    let more = |id, units: i64| (units - units_before(before.as_ref(), id)).max(0);
    if !checked && short.iter().any(|(id, units)| more(*id, *units) > left(&holder, *id, set.stock_of(*id), set)) {
        return None;
    }
    let settings = &set.config.store.settings;
    let waits = short.iter().map(|(id, _)| wait_ms(usual.0 - now.0, set.stock_of(*id), settings));
    let until = now.plus_ms(waits.min().unwrap_or_default());
    let until = before.as_ref().map_or(until, |waited| until.min(waited.pay_by));
    let mut counted_unpaid = Vec::new();
    for (id, units) in short {
        if count(&holder, id, more(id, units), until, set) {
            counted_unpaid.push(id);
        }
    }
    if let Some(order) = set.orders.edit(&order_id) {
        (order.detail.pay_by, order.detail.counted_unpaid) = (Some(until), counted_unpaid);
    }
    Some(until)
}

/// The units count until a day after the order's time is over; whether they do. Where nobody asked for the row they do not.
fn count(holder: &str, id: VariantId, units: i64, until: Timestamp, set: &mut WorkingSet) -> bool {
    let key = (holder.to_owned(), id);
    if !set.unpaid.knows(&key) {
        return false;
    }
    let before = set.unpaid.get(&key).map(|row| **row).unwrap_or_default();
    let until = until.plus_ms(COUNTED_MS).max(before.until);
    set.unpaid.put(key, Unpaid { units: before.units_at(set.now) + units, until });
    true
}

/// The order is paid, or placed without: it is no longer counted, and its network forgotten.
pub(super) fn paid(order_id: OrderId, set: &mut WorkingSet) {
    let Some(order) = set.orders.get(&order_id).cloned() else { return };
    for (id, units) in counted_units(&order) {
        let key = (holder(&order), id);
        let row = if set.unpaid.knows(&key) { set.unpaid.get(&key).map(|row| **row) } else { None };
        if let Some(row) = row {
            set.unpaid.put(key, Unpaid { units: (row.units - units).max(0), ..row });
        }
    }
    forget(order_id, set);
}

/// The order came to nothing: what it held stays counted until its time, and its network is forgotten.
pub(super) fn forget(order_id: OrderId, set: &mut WorkingSet) {
    let told =
        |order: &&std::sync::Arc<Order>| order.detail.network.is_some() || !order.detail.counted_unpaid.is_empty();
    if set.orders.get(&order_id).filter(told).is_some()
        && let Some(order) = set.orders.edit(&order_id)
    {
        (order.detail.network, order.detail.counted_unpaid) = (None, Vec::new());
    }
}
