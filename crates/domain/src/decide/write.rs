//! The one place where decisions write a cart. It takes only carts that were weighed, so that no way into a cart (adding,
//! merging, restoring, taking back) leads past the limits of its texts.

use super::cart::{known_last_cart, loaded};
use super::holds;
use crate::cart::{Cart, CartStatus, Options, Undo, options_bytes};
use crate::command::Reply;
use crate::event::{EventKind, Subject};
use crate::id::Timestamp;
use crate::refusal::Refusal;
use crate::working_set::WorkingSet;
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;

/// A cart that is not written yet, and whose texts are no longer than the store allows.
pub(super) struct Weighed(Cart);

impl Deref for Weighed {
    type Target = Cart;

    fn deref(&self) -> &Cart {
        &self.0
    }
}

/// Weighs a cart as it is to be written. One that was heavier before, by an older version or a larger limit, may stay so
/// and shrink; what it remembers for taking back counts as being in it, so that a removal or a merge can be undone.
pub(super) fn weigh(cart: Cart, set: &WorkingSet) -> Result<Weighed, Refusal> {
    let limit = set.config.store.settings.cart_bytes as usize;
    let bytes = cart.text_bytes();
    if bytes > limit && bytes > bytes_before(&cart, set) {
        return Err(Refusal::CartTooHeavy { bytes, limit });
    }
    Ok(Weighed(cart))
}

/// A new cart of a customer takes over what was saved with the last one.
fn bytes_before(cart: &Cart, set: &WorkingSet) -> usize {
    let last = || known_last_cart(cart.customer.as_deref()?, set);
    let before = loaded(cart.id, set).map(|cart| &**cart).or_else(last);
    before.map_or(0, |before| {
        let texts = before.text_bytes();
        match &before.detail.undo {
            // The cart as it was before the merge: a copy, most of which still is in the cart.
            Some(merge @ Undo::Merge(_)) => texts.max(merge.text_bytes()),
            Some(removals @ Undo::Removals { .. }) => texts + removals.text_bytes(),
            None => texts,
        }
    })
}

/// Refuses options that are too long for a new line.
pub(super) fn fitting_options(index: usize, options: &Options, set: &WorkingSet) -> Result<(), Refusal> {
    let limit = set.config.store.settings.line_options_bytes as usize;
    let bytes = options_bytes(options);
    if bytes > limit { Err(Refusal::OptionsTooLarge { index, bytes, limit }) } else { Ok(()) }
}

/// Writes a changed cart, and tells it with its cause. What was to be taken back before can no longer be.
pub(super) fn write_changed(cart: Weighed, data: Value, set: &mut WorkingSet, now: Timestamp) -> Reply {
    write_undoable(cart, None, data, set, now)
}

/// As [`write_changed`], where the change can be taken back.
pub(super) fn write_undoable(
    cart: Weighed,
    undo: Option<Undo>,
    data: Value,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Reply {
    Reply::Cart(write_told(cart, undo, EventKind::CartChanged, data, set, now))
}

/// Writes a cart, and tells what happened to it.
pub(super) fn write_told(
    cart: Weighed,
    undo: Option<Undo>,
    kind: EventKind,
    mut data: Value,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Arc<Cart> {
    let cart = write(cart, undo, set, now);
    data["version"] = cart.version.into();
    set.tell(Subject::Cart(cart.id), kind, data);
    cart
}

/// Writes a cart: version, dates, active again, what is held for it.
fn write(Weighed(mut cart): Weighed, undo: Option<Undo>, set: &mut WorkingSet, now: Timestamp) -> Arc<Cart> {
    let id = cart.id;
    cart.version += 1;
    cart.status = CartStatus::Active;
    cart.updated_at = now;
    let settings = &set.config.store.settings;
    cart.expires_at = settings.cart_expiry(now, cart.customer.is_some());
    cart.detail.undo = undo;
    cart.plan_recovery(&settings.recovery, now);
    holds::follow(&mut cart, set);
    set.carts.put(id, cart);
    set.carts.get(&id).expect("just written").clone()
}
