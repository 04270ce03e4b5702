//! Decisions that take something back: the last removal, the last merge.

use super::cart::{check_stock, check_value, loaded, need_cart, need_variant, open, recapture, sellable};
use super::write::{weigh, write_changed, write_told, write_undoable};
use super::{Context, holds};
use crate::cart::{Cart, CartDetail, CartLine, CartStatus, Removed, Undo};
use crate::command::{CartRef, Item, Reply};
use crate::event::EventKind;
use crate::id::{CartId, Timestamp};
use crate::refusal::{NotForSale, Refusal};
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;

pub(super) fn need(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    match loaded(cart_id, set).and_then(|cart| cart.detail.undo.as_ref()) {
        Some(Undo::Removals { removed, .. }) => {
            if let Some(Removed::Line(_, line)) = removed.last() {
                need_variant(line.variant_id, set, keys);
                let own = loaded(cart_id, set).map(|cart| &**cart);
                holds::need_more(own.as_slice(), [(line.variant_id, line.quantity)].into_iter(), set, keys);
            }
        }
        Some(Undo::Merge(merged)) => {
            need_cart(merged.guest, set, keys);
            // Where goods are held when added, the guest's are held again; what has run out, the customer's too, makes room.
            if let Some(guest) = loaded(merged.guest, set) {
                guest.lines.iter().for_each(|line| need_variant(line.variant_id, set, keys));
                let kept = |id| merged.lines.iter().filter(move |line| line.variant_id == id).map(|line| line.quantity);
                for line in &guest.lines {
                    let id = line.variant_id;
                    let requested = guest.units_of(id) + kept(id).sum::<i64>();
                    holds::need_units(&[guest], id, requested, set, keys);
                }
            }
        }
        None => {}
    }
}

/// Puts what was removed last back in its place. The removals before it can then be taken back.
pub(super) fn removal(named: &CartRef, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let Some(Undo::Removals { mut removed, until }) =
        cart.detail.undo.take().filter(|undo| is_known(undo, context.now))
    else {
        return Err(Refusal::NothingToUndo);
    };
    match removed.pop().ok_or(Refusal::NothingToUndo)? {
        Removed::Line(position, line) => put_back(&mut cart, position, line, set, context.now)?,
        Removed::Saved(position, item) => cart.detail.saved.insert(position.min(cart.detail.saved.len()), item),
    }
    let undo = (!removed.is_empty()).then_some(Undo::Removals { removed, until });
    Ok(write_undoable(weigh(cart, set)?, undo, json!({ "cause": "removal_undone" }), set, context.now))
}

fn is_known(undo: &Undo, now: Timestamp) -> bool {
    undo.until().is_none_or(|until| now < until)
}

/// The line as it was, with the checks of adding goods; its captured price stays as long as it holds.
fn put_back(
    cart: &mut Cart,
    position: usize,
    mut line: CartLine,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<(), Refusal> {
    let variant_id = line.variant_id;
    let Some((variant, today)) = sellable(&Item::Variant(variant_id), cart.currency, set) else {
        let exists = set.variants.get(&variant_id).is_some();
        return Err(Refusal::NotForSale(vec![NotForSale {
            index: 0,
            line_id: None,
            item: variant_id.to_string(),
            exists,
        }]));
    };
    recapture(&mut line, &variant, today, set, now);
    cart.lines.insert(position.min(cart.lines.len()), line);
    check_value(cart)?;
    check_stock(cart, &[variant_id], cart.lines.len(), set)
}

/// Both carts are again as they were before the merge, but for their versions and dates.
pub(super) fn merge(named: &CartRef, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let Some(Undo::Merge(merged)) = cart.detail.undo.take() else { return Err(Refusal::NothingToUndo) };
    let guest = set
        .carts
        .get(&merged.guest)
        .filter(|guest| guest.status == CartStatus::Merged && guest.detail.merged_into == Some(cart.id))
        .filter(|guest| !guest.detail.forgotten);
    let mut guest = guest.ok_or(Refusal::NothingToUndo)?.as_ref().clone();
    guest.detail.merged_into = None;
    cart.lines = merged.lines;
    // What was mailed and who may open the cart is no part of the merge.
    let (recovery, more_tokens) = (cart.detail.recovery.take(), std::mem::take(&mut cart.detail.more_tokens));
    let holds = std::mem::take(&mut cart.detail.holds);
    cart.detail = CartDetail { recovery, more_tokens, holds, ..merged.detail };
    let data = json!({ "cause": "merge_undone", "guest_cart_id": guest.id.0 });
    let told = json!({ "cause": "merge_undone", "customers_cart_id": cart.id.0 });
    // The customer's cart first: what it no longer holds is held for the guest's.
    let id = cart.id;
    let (cart, guest) = (weigh(cart, set)?, weigh(guest, set)?);
    write_changed(cart, data, set, context.now);
    write_told(guest, None, EventKind::CartReactivated, told, set, context.now);
    // As it is now: what of its own holds had run out may have made room for the guest's.
    let cart = set.carts.get(&id).cloned().ok_or(Refusal::CartNotFound)?;
    Ok(Reply::Cart(cart))
}
