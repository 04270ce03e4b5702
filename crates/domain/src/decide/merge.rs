//! A guest logs in: the guest's cart goes into the customer's. One decision, so that it is done once and whole, however often
//! and from however many devices it is asked for. Nothing is lost: what does not fit is saved for later, with the reason.

use super::cart::{
    is_in_use, last_cart, loaded, need_cart, need_customer, need_variant, new_cart, open, recapture, sellable, succeed,
};
use super::saved::check_room;
use super::write::{weigh, write_told};
use super::{Context, coupons, customers, holds};
use crate::cart::{
    Cart, CartDetail, CartLine, CartStatus, MAX_LINES, MAX_QUANTITY, MergedGuest, SavedItem, SetAside, Undo, save,
};
use crate::catalogue::Variant;
use crate::command::{CartRef, Item, Reply};
use crate::event::{EventKind, Subject};
use crate::id::{CartId, LineId, Timestamp, VariantId};
use crate::money::MOST_AMOUNT;
use crate::person::Who;
use crate::recovery::GuestConsent;
use crate::refusal::Refusal;
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn need(guest_id: CartId, customer: &str, set: &WorkingSet, keys: &mut Keys) {
    need_cart(guest_id, set, keys);
    need_customer(customer, set, keys);
    customers::need_named(customer, set, keys);
    let Some(guest) = loaded(guest_id, set) else { return };
    if let Some(target) = guest.detail.merged_into {
        need_cart(target, set, keys);
    }
    guest.shown_variants().for_each(|id| need_variant(id, set, keys));
    let last = super::cart::known_last_cart(customer, set);
    let own: Vec<&Cart> = std::iter::once(&**guest).chain(last).collect();
    let ids: BTreeSet<VariantId> = guest.lines.iter().map(|line| line.variant_id).collect();
    for id in ids {
        holds::need_units(&own, id, own.iter().map(|cart| cart.units_of(id)).sum(), set, keys);
    }
    coupons::need_moved(&guest.detail.coupons, Who { customer: Some(customer), email: None }, set, keys);
}

pub(super) fn merge(
    named: &CartRef,
    customer: &str,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let now = context.now;
    if let Some(cart) = merged_before(named, customer, set) {
        return Ok(Reply::Cart(cart));
    }
    let guest = open(named, set, now)?;
    if guest.customer.is_some() {
        return Err(Refusal::NotAGuestCart);
    }
    let last = last_cart(customer, set);
    let existing = last.as_ref().filter(|cart| is_in_use(cart, now));
    let mut cart = match existing {
        Some(existing) => (**existing).clone(),
        None => new_cart(Some(customer.to_owned()), guest.currency, last.as_deref(), context),
    };
    cart.detail.undo = None;
    // What is held for it is no part of what can be taken back.
    let (lines, detail) = (cart.lines.clone(), CartDetail { holds: Vec::new(), ..cart.detail.clone() });
    guest.lines.iter().for_each(|line| take_line(line, &guest, &mut cart, set, context));
    guest.detail.saved.iter().for_each(|item| take_saved(item, &guest, &mut cart, set, context));
    check_room(&cart)?;
    let shown = guest.seen_by(&named.access);
    fill_in(shown.as_ref().unwrap_or(&guest), &mut cart, set);
    let left_coupons = coupons::take_over(&guest.detail.coupons, &mut cart, set, now);
    let cart = weigh(cart, set)?;
    // Past this point nothing can fail.
    close(guest.id, cart.id, set, now);
    let undo = Undo::Merge(Box::new(MergedGuest { guest: guest.id, left_coupons, lines, detail }));
    let mut data = json!({ "cause": "merged", "guest_cart_id": guest.id.0 });
    let kind = if existing.is_some() { EventKind::CartChanged } else { EventKind::CartCreated };
    if existing.is_none() {
        data["currency"] = cart.currency.code().into();
        succeed(&cart, last.as_deref(), set, now);
    }
    Ok(Reply::Cart(write_told(cart, Some(undo), kind, data, set, now)))
}

/// The customer's cart, if the guest's went into it already.
fn merged_before(named: &CartRef, customer: &str, set: &WorkingSet) -> Option<Arc<Cart>> {
    let guest = set.carts.get(&named.id).filter(|cart| cart.was_opened_by(&named.access))?;
    let target = guest.detail.merged_into.filter(|_| guest.status == CartStatus::Merged)?;
    set.carts.get(&target).filter(|cart| cart.customer.as_deref() == Some(customer)).cloned()
}

/// As much of a line as fits goes into the cart; the rest is saved for later.
fn take_line(line: &CartLine, guest: &Cart, cart: &mut Cart, set: &WorkingSet, context: &mut Context) {
    let sold = sellable(&Item::Variant(line.variant_id), cart.currency, set);
    let Some((variant, today)) = sold else {
        let seen = (guest.currency == cart.currency).then_some(line.unit_price);
        return set_aside(line, line.quantity, seen, SetAside::NotForSale, cart, context);
    };
    let (unit_price, priced_at) = match guest.currency == cart.currency {
        true => (line.unit_price, line.priced_at),
        false => (today, context.now),
    };
    let (quantity, reason) = room(line, &variant, guest, cart, set);
    match cart.lines.iter_mut().find(|known| known.is_of(line.variant_id, &line.options)) {
        _ if quantity == 0 => {}
        Some(known) => {
            known.quantity += quantity;
            recapture(known, &variant, today, set, context.now);
        }
        None => {
            let id = LineId(context.ids.next_id());
            let saved_at_price = line.saved_at_price.filter(|_| guest.currency == cart.currency);
            cart.lines.push(CartLine { id, quantity, unit_price, priced_at, saved_at_price, ..line.clone() });
        }
    }
    if quantity < line.quantity {
        set_aside(line, line.quantity - quantity, Some(unit_price), reason, cart, context);
    }
}

/// How many units the cart can take before it is worth more than is counted.
fn worth_of_room(line: &CartLine, variant: &Variant, cart: &Cart, set: &WorkingSet) -> i64 {
    let today = variant.price_in(cart.currency, set.config.store.currency).unwrap_or(0);
    let known = cart.lines.iter().find(|known| known.is_of(line.variant_id, &line.options));
    // What is in the line already may get today's price too.
    let units = known.map_or(0, |known| known.quantity);
    let price = known.map_or(line.unit_price, |known| known.unit_price).max(today);
    let others = cart.captured_value() - known.map_or(0, |known| known.unit_price * known.quantity);
    (MOST_AMOUNT - others).checked_div(price).map_or(i64::MAX, |all| (all - units).max(0))
}

/// How many units of a guest's line the cart can take, and why not more.
fn room(line: &CartLine, variant: &Variant, guest: &Cart, cart: &Cart, set: &WorkingSet) -> (i64, SetAside) {
    let stock = match variant.track_stock {
        true => (available_to_both(guest, cart, variant.id, set) - cart.units_of(variant.id)).max(0),
        false => i64::MAX,
    };
    let room = match cart.lines.iter().find(|known| known.is_of(line.variant_id, &line.options)) {
        Some(known) => MAX_QUANTITY - known.quantity,
        None if cart.lines.len() < MAX_LINES => MAX_QUANTITY,
        None => 0,
    };
    let room = room.min(worth_of_room(line, variant, cart, set));
    let reason = if stock <= room { SetAside::ShortStock } else { SetAside::NoRoom };
    (line.quantity.min(stock).min(room), reason)
}

/// What was held for the guest comes along.
fn available_to_both(guest: &Cart, cart: &Cart, id: VariantId, set: &WorkingSet) -> i64 {
    let held = guest.held(id) + cart.held(id);
    set.stock_of(id).available() + held + holds::reclaimable(id, &[guest.id, cart.id], set)
}

fn set_aside(
    line: &CartLine,
    quantity: i64,
    seen: Option<i64>,
    reason: SetAside,
    cart: &mut Cart,
    context: &mut Context,
) {
    let item = SavedItem {
        id: LineId(context.ids.next_id()),
        variant_id: line.variant_id,
        quantity,
        unit_price: seen,
        saved_at: context.now,
        options: line.options.clone(),
        set_aside: Some(reason),
    };
    save(&mut cart.detail.saved, item);
}

/// What the guest had saved for later stays saved.
fn take_saved(item: &SavedItem, guest: &Cart, cart: &mut Cart, set: &WorkingSet, context: &mut Context) {
    let today = || sellable(&Item::Variant(item.variant_id), cart.currency, set).map(|(_, today)| today);
    let unit_price = if guest.currency == cart.currency { item.unit_price } else { today() };
    let id = LineId(context.ids.next_id());
    save(&mut cart.detail.saved, SavedItem { id, unit_price, ..item.clone() });
}

/// What the guest has told and the customer's cart does not know yet.
fn fill_in(guest: &Cart, cart: &mut Cart, set: &WorkingSet) {
    let (told, detail) = (&guest.detail, &mut cart.detail);
    if detail.email.is_none() {
        detail.email.clone_from(&told.email);
        // Of a customer's cart the shop's word is enough. What a guest has typed is not that: it was said so by whoever reads the
        // address, or the shop takes guests' words.
        let trusted = set.config.store.settings.recovery.guest_consent == GuestConsent::Trusted;
        detail.email_consent = told.email_consent && (told.email_confirmed || trusted);
        detail.email_confirmed = told.email_confirmed;
    }
    detail.shipping_address = detail.shipping_address.take().or_else(|| told.shipping_address.clone());
    detail.billing_address = detail.billing_address.take().or_else(|| told.billing_address.clone());
    detail.shipping_method = detail.shipping_method.take().or_else(|| told.shipping_method.clone());
}

/// The guest's cart is kept as it was, so that the merge can be taken back; nothing can be bought with it.
fn close(guest_id: CartId, target: CartId, set: &mut WorkingSet, now: Timestamp) {
    holds::let_go(guest_id, set);
    if let Some(guest) = set.carts.edit(&guest_id) {
        guest.status = CartStatus::Merged;
        guest.detail.merged_into = Some(target);
        guest.version += 1;
        guest.updated_at = now;
        let data = json!({ "customers_cart_id": target.0, "version": guest.version });
        set.tell(Subject::Cart(guest_id), EventKind::CartMerged, data);
    }
}
