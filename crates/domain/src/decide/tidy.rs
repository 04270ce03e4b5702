//! Lines that cannot be bought any more are moved to the items saved for later, so that the rest can. It is no act of the shopper:
//! neither the cart's date nor its reminders move by it.

use super::cart::{loaded, need_cart, need_variant, open, sku};
use super::{Context, holds};
use crate::cart::{Cart, MAX_SAVED, SavedItem, SetAside, save};
use crate::command::{CartRef, Reply};
use crate::event::{EventKind, Subject};
use crate::id::{CartId, VariantId};
use crate::refusal::Refusal;
use crate::store::UnavailableLines;
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn need(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    let Some(cart) = loaded(cart_id, set) else { return };
    let ids: BTreeSet<VariantId> = cart.lines.iter().map(|line| line.variant_id).collect();
    for id in ids {
        need_variant(id, set, keys);
        holds::need_units(&[cart], id, 1, set, keys);
    }
}

pub(super) fn set_aside(named: &CartRef, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let known = open(named, set, context.now)?;
    if set.config.store.settings.unavailable_lines == UnavailableLines::Keep {
        return Ok(Reply::Cart(known));
    }
    let mut cart = (*known).clone();
    let mut skus = Vec::new();
    cart.lines.retain(|line| {
        let reason = reason(&known, line.variant_id, set).filter(|_| cart.detail.saved.len() < MAX_SAVED);
        let Some(reason) = reason else { return true };
        skus.push(sku(Some(line.variant_id), set).map(str::to_owned));
        let item = SavedItem {
            id: line.id,
            variant_id: line.variant_id,
            quantity: line.quantity,
            unit_price: Some(line.unit_price),
            saved_at: context.now,
            options: line.options.clone(),
            set_aside: Some(reason),
        };
        save(&mut cart.detail.saved, item);
        false
    });
    if skus.is_empty() {
        return Ok(Reply::Cart(known));
    }
    cart.version += 1;
    cart.detail.undo = None;
    holds::follow(&mut cart, set);
    let (id, version) = (cart.id, cart.version);
    set.carts.put(id, cart);
    let data = json!({ "cause": "lines_set_aside", "skus": skus, "version": version });
    set.tell(Subject::Cart(id), EventKind::CartChanged, data);
    Ok(Reply::Cart(set.carts.get(&id).expect("just written").clone()))
}

/// Why nothing of a variant can be bought with this cart.
fn reason(cart: &Cart, id: VariantId, set: &WorkingSet) -> Option<SetAside> {
    let sold = set.variants.get(&id).filter(|variant| variant.active);
    let Some(variant) = sold.filter(|known| known.price_in(cart.currency, set.config.store.currency).is_some()) else {
        return Some(SetAside::Discontinued);
    };
    (variant.track_stock && holds::available_to(cart, id, set) <= 0).then_some(SetAside::SoldOut)
}
