//! Decisions about items saved for later.

use super::cart::{add, loaded, need_cart, need_variant, open, sku};
use super::write::{weigh, write_changed, write_undoable};
use super::{Context, holds};
use crate::cart::{Cart, MAX_SAVED, Removed, SavedItem, Undo, save};
use crate::command::{CartRef, Item, NewLine, Reply};
use crate::id::{CartId, LineId};
use crate::refusal::Refusal;
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;

pub(super) fn need(cart_id: CartId, item_id: LineId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    let saved = loaded(cart_id, set).map(|cart| cart.detail.saved.as_slice()).unwrap_or_default();
    if let Some(item) = saved.iter().find(|item| item.id == item_id) {
        need_variant(item.variant_id, set, keys);
        let own = loaded(cart_id, set).map(|cart| &**cart);
        holds::need_more(own.as_slice(), [(item.variant_id, item.quantity)].into_iter(), set, keys);
    }
}

pub(super) fn save_line(
    named: &CartRef,
    line_id: LineId,
    set: &mut WorkingSet,
    context: &Context,
) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let position = cart.lines.iter().position(|line| line.id == line_id).ok_or(Refusal::LineNotFound)?;
    let line = cart.lines.remove(position);
    let data = json!({ "cause": "line_saved", "sku": sku(Some(line.variant_id), set), "quantity": line.quantity });
    let item = SavedItem {
        id: line.id,
        variant_id: line.variant_id,
        quantity: line.quantity,
        unit_price: Some(line.unit_price),
        saved_at: context.now,
        options: line.options,
        set_aside: None,
    };
    save(&mut cart.detail.saved, item);
    check_room(&cart)?;
    Ok(write_changed(weigh(cart, set)?, data, set, context.now))
}

pub(super) fn check_room(cart: &Cart) -> Result<(), Refusal> {
    if cart.detail.saved.len() > MAX_SAVED { Err(Refusal::TooManySaved { limit: MAX_SAVED }) } else { Ok(()) }
}

/// Adds the goods anew: what speaks against adding them speaks against this too, and the item stays where it is. Where the
/// price is not the one that the shopper saw, the line remembers that one.
pub(super) fn restore(
    named: &CartRef,
    item_id: LineId,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let item = take(&mut cart, item_id)?.1;
    let SavedItem { variant_id, quantity, unit_price: seen, options, .. } = item;
    let goods = NewLine { item: Item::Variant(variant_id), quantity, options };
    add(&mut cart, std::slice::from_ref(&goods), set, context)?;
    if let Some(line) = cart.lines.iter_mut().find(|line| line.is_of(variant_id, &goods.options)) {
        line.saved_at_price = seen.filter(|seen| *seen != line.unit_price);
    }
    let data = json!({ "cause": "saved_restored", "sku": sku(Some(variant_id), set), "quantity": quantity });
    Ok(write_changed(weigh(cart, set)?, data, set, context.now))
}

pub(super) fn remove(
    named: &CartRef,
    item_id: LineId,
    set: &mut WorkingSet,
    context: &Context,
) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let (position, item) = take(&mut cart, item_id)?;
    let data = json!({ "cause": "saved_removed", "quantity": item.quantity });
    let undo = Undo::and(cart.detail.undo.take(), Removed::Saved(position, item), context.now);
    Ok(write_undoable(weigh(cart, set)?, Some(undo), data, set, context.now))
}

fn take(cart: &mut Cart, item_id: LineId) -> Result<(usize, SavedItem), Refusal> {
    let saved = &mut cart.detail.saved;
    let position = saved.iter().position(|item| item.id == item_id).ok_or(Refusal::SavedItemNotFound)?;
    Ok((position, saved.remove(position)))
}
