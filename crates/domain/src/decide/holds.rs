//! Holds of carts: units that are reserved when they are added. Whatever writes a cart brings its holds in line with its lines;
//! checkout turns them into the order's. Who is short of goods takes the holds of others that have run out, in the same
//! decision: nobody waits for a sweeper, and there is no moment in which a third could come between.

use crate::cart::{Cart, Hold};
use crate::command::Reply;
use crate::event::{EventKind, Subject};
use crate::id::{CartId, Timestamp, VariantId};
use crate::stock::{Cause, Movement, Reference};
use crate::store::HoldPolicy;
use crate::working_set::{HoldPage, Keys, WorkingSet};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// At least so many holds are asked for at once: the rest of the batch is likely to be short too.
const FEWEST: usize = 32;
/// After so many holds of one variant no more are asked for.
const MOST: usize = 2_000;

/// How long goods stay reserved for a cart whose shopper pays in another way.
pub const KEPT_MS: i64 = 10 * 60_000;

/// The stock of what is held for a cart: whatever changes the cart may let go of it.
pub(super) fn need_held(cart: &Cart, set: &WorkingSet, keys: &mut Keys) {
    let held = cart.detail.holds.iter().map(|hold| hold.variant_id);
    keys.stock.extend(held.filter(|id| !set.stock.knows(id)));
}

/// Goods that are to come to what a shopper's carts have: where that is more than there is, asks for holds of others that
/// have run out.
pub(super) fn need_more(
    own: &[&Cart],
    added: impl Iterator<Item = (VariantId, i64)>,
    set: &WorkingSet,
    keys: &mut Keys,
) {
    let mut wanted: BTreeMap<VariantId, i64> = BTreeMap::new();
    for (id, units) in added.filter(|(id, _)| policy(*id, set).is_at_add()) {
        let sum = wanted.entry(id).or_default();
        *sum = sum.saturating_add(units);
    }
    for (id, units) in wanted {
        let had: i64 = own.iter().map(|cart| cart.units_of(id)).sum();
        need_units(own, id, units.saturating_add(had), set, keys);
    }
}

/// Where a shopper's carts want more of a variant than there is, asks for holds of others that have run out.
pub(super) fn need_units(own: &[&Cart], id: VariantId, requested: i64, set: &WorkingSet, keys: &mut Keys) {
    if !policy(id, set).is_at_add() {
        return;
    }
    let held: i64 = own.iter().map(|cart| cart.held(id)).sum();
    let short = requested.saturating_sub(held + set.stock_of(id).available());
    if short <= 0 {
        return;
    }
    let rows = usize::try_from(short).unwrap_or(MOST);
    let mut ask = |after, limit: usize| {
        let limit = limit.clamp(FEWEST, MOST);
        let page = keys.expired_holds.entry(id).or_insert(HoldPage { by: set.now, after, limit });
        page.limit = page.limit.max(limit);
    };
    let Some(found) = set.expired_holds.get(&id) else { return ask(HoldPage::START, rows) };
    let unknown: Vec<CartId> =
        found.carts.iter().map(|(_, cart)| *cart).filter(|cart| !set.carts.knows(cart)).collect();
    let own: Vec<CartId> = own.iter().map(|cart| cart.id).collect();
    let last = found.carts.last().copied();
    if unknown.is_empty()
        && let Some(last) = last.filter(|_| found.more && found.carts.len() < MOST)
        && reclaimable(id, &own, set) < short
    {
        ask(last, rows.max(found.carts.len()));
    }
    keys.carts.extend(unknown);
}

/// When goods of a variant are held; at checkout where that is not known.
fn policy(id: VariantId, set: &WorkingSet) -> HoldPolicy {
    let known = set.variants.knows(&id) && set.stock.knows(&id);
    let variant = if known { set.variants.get(&id) } else { None };
    let counted = variant.filter(|variant| variant.track_stock);
    counted.map_or(HoldPolicy::AtCheckout {}, |variant| variant.hold_policy_in(&set.config.store.settings))
}

/// The carts, oldest hold first, whose hold of a variant has run out; with its units.
fn run_out<'a>(
    id: VariantId,
    except: &'a [CartId],
    set: &'a WorkingSet,
) -> impl Iterator<Item = (CartId, i64)> + use<'a> {
    let at_add = policy(id, set).is_at_add();
    let found = set.expired_holds.get(&id).filter(|_| at_add).into_iter().flat_map(|found| &found.carts);
    let others = found.map(|(_, cart)| *cart).filter(|cart| !except.contains(cart) && set.carts.knows(cart));
    others.filter_map(move |cart| {
        let hold = set.carts.get(&cart)?.hold_of(id).filter(|hold| hold.has_run_out(set.now))?;
        Some((cart, hold.units))
    })
}

/// Units of a variant that others no longer hold in earnest.
pub(super) fn reclaimable(id: VariantId, except: &[CartId], set: &WorkingSet) -> i64 {
    run_out(id, except, set).map(|(_, units)| units).sum()
}

/// Units of a variant that a cart may have: what nobody holds, what is held for it, and what others no longer hold in earnest.
pub(super) fn available_to(cart: &Cart, id: VariantId, set: &WorkingSet) -> i64 {
    set.stock_of(id).available() + cart.held(id) + reclaimable(id, &[cart.id], set)
}

/// Takes holds of others that have run out until so many units are available, or there are none left.
pub(super) fn make_room(id: VariantId, wanted: i64, except: CartId, set: &mut WorkingSet) {
    let mut short = wanted - set.stock_of(id).available();
    let mut taken = Vec::new();
    for (cart, units) in run_out(id, &[except], set) {
        if short <= 0 {
            break;
        }
        short -= units;
        taken.push(cart);
    }
    taken.into_iter().for_each(|cart| end(cart, Some(id), set));
}

/// Brings the holds of a cart that is about to be written in line with its lines: what is no longer in it is let go, what came
/// to it is held.
pub(super) fn follow(cart: &mut Cart, set: &mut WorkingSet) {
    let before = if set.carts.knows(&cart.id) { set.carts.get(&cart.id).cloned() } else { None };
    hold_since(before.as_deref().filter(|before| before.is_open()), cart, set);
}

/// As [`follow`], of a cart that comes back to its owner: all that is in it is held, as far as it is to be had.
pub(super) fn hold_again(cart: &mut Cart, set: &mut WorkingSet) {
    hold_since(None, cart, set);
}

/// What the order of a cart held is held for the cart, while its shopper pays in another way, whatever the policy.
pub(super) fn keep(cart: &mut Cart, units: &BTreeMap<VariantId, i64>, set: &mut WorkingSet) {
    for (id, units) in units {
        let units = (*units).min(set.stock_of(*id).available()).max(0);
        if units > 0 {
            move_reserved(cart.id, *id, units, Cause::Hold, set);
            put(cart, Hold { variant_id: *id, units, until: set.now.plus_ms(KEPT_MS) }, set);
        }
    }
}

fn hold_since(before: Option<&Cart>, cart: &mut Cart, set: &mut WorkingSet) {
    let held_at_add: BTreeSet<VariantId> =
        cart.lines.iter().map(|line| line.variant_id).filter(|id| policy(*id, set).is_at_add()).collect();
    if held_at_add.is_empty() && cart.detail.holds.is_empty() {
        return;
    }
    let (then, units) = (before.map(Cart::units).unwrap_or_default(), cart.units());
    for hold in cart.detail.holds.clone() {
        let left = units.get(&hold.variant_id).copied().unwrap_or(0);
        if left < hold.units {
            move_reserved(cart.id, hold.variant_id, left - hold.units, Cause::Release, set);
            put(cart, Hold { units: left, ..hold }, set);
        }
    }
    for id in held_at_add {
        let units = units.get(&id).copied().unwrap_or(0);
        if units > then.get(&id).copied().unwrap_or(0) {
            hold(cart, id, units, set);
        }
    }
}

/// Holds units that came to a cart, as many as one shopper may hold, for the set time. What is held already gets that time too
/// if more is held now, or if its own was over.
fn hold(cart: &mut Cart, id: VariantId, units: i64, set: &mut WorkingSet) {
    let HoldPolicy::AtAdd { minutes, max_units } = policy(id, set) else { return };
    let (held, over) = cart.hold_of(id).map_or((0, true), |hold| (hold.units, hold.has_run_out(set.now)));
    let missing = (units.min(i64::from(max_units)) - held).max(0);
    make_room(id, missing, cart.id, set);
    let more = missing.min(set.stock_of(id).available()).max(0);
    if more > 0 {
        move_reserved(cart.id, id, more, Cause::Hold, set);
    }
    if held + more > 0 && (more > 0 || over) {
        let until = set.now.plus_ms(i64::from(minutes) * 60_000);
        put(cart, Hold { variant_id: id, units: held + more, until }, set);
    }
}

/// Writes a hold into a cart that is about to be written, and beside it where holds are found by variant and time. One of no
/// units is gone.
fn put(cart: &mut Cart, hold: Hold, set: &mut WorkingSet) {
    let holds = &mut cart.detail.holds;
    holds.retain(|known| known.variant_id != hold.variant_id);
    let standing = (hold.units > 0).then_some(hold);
    holds.extend(standing);
    set.hold_changes.insert((cart.id, hold.variant_id), standing);
}

fn move_reserved(cart_id: CartId, variant_id: VariantId, units: i64, cause: Cause, set: &mut WorkingSet) {
    let (reference, at) = (Reference::Cart(cart_id), set.now);
    let moved = set.move_stock(Movement { variant_id, on_hand_delta: 0, reserved_delta: units, cause, reference, at });
    debug_assert!(moved, "what is held was reserved, and what is to be held is there");
}

/// Lets go of all that is held for a cart; the caller changes the cart anyway.
pub(super) fn let_go(cart_id: CartId, set: &mut WorkingSet) {
    let Some(cart) = set.carts.edit(&cart_id) else { return };
    for hold in std::mem::take(&mut cart.detail.holds) {
        move_reserved(cart_id, hold.variant_id, -hold.units, Cause::Release, set);
        set.hold_changes.insert((cart_id, hold.variant_id), None);
    }
}

/// Ends those holds of a cart that have run out: all, or that of one variant. Its owner can see it, so the version counts on.
fn end(cart_id: CartId, only: Option<VariantId>, set: &mut WorkingSet) {
    let now = set.now;
    let over = |hold: &Hold| hold.has_run_out(now) && only.is_none_or(|id| hold.variant_id == id);
    if !set.carts.get(&cart_id).is_some_and(|cart| cart.detail.holds.iter().any(over)) {
        return;
    }
    let Some(cart) = set.carts.edit(&cart_id) else { return };
    let ended: Vec<Hold> = cart.detail.holds.extract_if(.., |hold| over(hold)).collect();
    cart.version += 1;
    let version = cart.version;
    let mut lines = Vec::new();
    for hold in ended {
        move_reserved(cart_id, hold.variant_id, -hold.units, Cause::Release, set);
        set.hold_changes.insert((cart_id, hold.variant_id), None);
        let sku =
            if set.variants.knows(&hold.variant_id) { super::cart::sku(Some(hold.variant_id), set) } else { None };
        lines.push(json!({ "sku": sku, "quantity": hold.units }));
    }
    let data = json!({ "version": version, "lines": Value::Array(lines) });
    set.tell(Subject::Cart(cart_id), EventKind::CartHoldExpired, data);
}

pub(super) fn need_release(carts: &[CartId], set: &WorkingSet, keys: &mut Keys) {
    for id in carts {
        super::cart::need_cart(*id, set, keys);
        let holds = super::cart::loaded(*id, set).into_iter().flat_map(|cart| &cart.detail.holds);
        holds.for_each(|hold| super::cart::need_variant(hold.variant_id, set, keys));
    }
}

/// Ends what has run out of the holds of these carts. Asked again or too early, it does nothing.
pub(super) fn release(carts: &[CartId], set: &mut WorkingSet) -> Reply {
    carts.iter().for_each(|cart| end(*cart, None, set));
    Reply::Done
}

/// Whether checkout of a cart is one of goods that are held when added, so that they are held again should nobody pay.
pub(super) fn any_held_at_add(cart: &Cart, set: &WorkingSet) -> bool {
    cart.lines.iter().any(|line| policy(line.variant_id, set).is_at_add())
}

/// The cart's holds become free for its order, and as much more as the order needs of what others no longer hold in earnest.
/// The caller has checked that it is there, and takes it next.
pub(super) fn hand_over(cart_id: CartId, wanted: &BTreeMap<VariantId, i64>, set: &mut WorkingSet) {
    let holds = set.carts.get(&cart_id).is_some_and(|cart| !cart.detail.holds.is_empty());
    if holds {
        let_go(cart_id, set);
    }
    wanted.iter().for_each(|(id, units)| make_room(*id, *units, cart_id, set));
}

/// When the first page of holds begins: before all.
impl HoldPage {
    const START: (Timestamp, CartId) = (Timestamp(i64::MIN), CartId(uuid::Uuid::nil()));
}
