//! The model of what stands beside carts: saved for later, merged, taken back. How much fits is not decided here a second time;
//! what must hold is that nothing is lost or doubled, and that no more is in a cart than the shelf has.

use super::carts::{saved, units};
use super::{Checked, Model, ModelCart, Units};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::Command;
use cartwright_domain::id::CartId;

/// What stands in a cart and beside it.
fn whole<'a>(parts: impl IntoIterator<Item = &'a Units>) -> Units {
    let mut sum = Units::new();
    for (id, units) in parts.into_iter().flatten() {
        *sum.entry(*id).or_default() += units;
    }
    sum
}

impl ModelCart {
    fn take_over(&mut self, cart: &Cart) {
        (self.units, self.saved) = (units(cart), saved(cart));
    }
}

impl Model {
    fn known(&mut self, cart: &Cart) -> Result<&mut ModelCart, String> {
        self.carts.get_mut(&cart.id).ok_or_else(|| format!("cart {} was never made", cart.id))
    }

    /// A new cart; a customer's takes what was saved with the last one.
    pub(super) fn open_cart(&mut self, id: CartId, customer: Option<&String>) {
        let last = customer.and_then(|customer| self.customers.insert(customer.clone(), id));
        if let Some(last) = last {
            self.let_go(last);
        }
        let saved = last.and_then(|last| self.carts.get_mut(&last)).map(|last| std::mem::take(&mut last.saved));
        self.carts.insert(id, ModelCart { saved: saved.unwrap_or_default(), ..ModelCart::default() });
    }

    pub(super) fn forget_undo(&mut self, id: CartId) {
        if let Some(known) = self.carts.get_mut(&id) {
            known.before_removals.clear();
            known.before_merge = None;
        }
    }

    /// A line went beside the cart, or back.
    pub(super) fn moved(&mut self, command: &Command, cart: &Cart) -> Checked {
        let wrong = match command {
            Command::SaveLine { line_id, .. } => cart.lines.iter().any(|line| line.id == *line_id),
            Command::RestoreSaved { item_id, .. } => cart.detail.saved.iter().any(|item| item.id == *item_id),
            _ => false,
        };
        self.forget_undo(cart.id);
        let known = self.known(cart)?;
        let (before, after) = (whole([&known.units, &known.saved]), whole([&units(cart), &saved(cart)]));
        if wrong || before != after || known.units == units(cart) {
            return Err(format!("{command:?} made of {before:?} in all {cart:?}"));
        }
        known.take_over(cart);
        Ok(())
    }

    pub(super) fn removed_saved(&mut self, cart: &Cart) -> Checked {
        let known = self.known(cart)?;
        let (before, after) = (known.saved.clone(), saved(cart));
        let less = before.iter().filter(|(id, units)| after.get(id).is_none_or(|left| left < units)).count();
        if known.units != units(cart) || less != 1 || after.keys().any(|id| !before.contains_key(id)) {
            return Err(format!("of {before:?} saved in cart {} one was to go, left is {after:?}", cart.id));
        }
        known.before_removals.push((known.units.clone(), before));
        known.before_merge = None;
        known.take_over(cart);
        Ok(())
    }

    pub(super) fn removal_undone(&mut self, cart: &Cart) -> Checked {
        let known = self.known(cart)?;
        let before = known.before_removals.pop();
        if before.as_ref() != Some(&(units(cart), saved(cart))) {
            return Err(format!("a removal was taken back: {cart:?}, should have {before:?}"));
        }
        known.take_over(cart);
        Ok(())
    }

    pub(super) fn merged(&mut self, guest_id: CartId, customer: &String, cart: &Cart) -> Checked {
        let guest = self.carts.get(&guest_id).cloned().ok_or_else(|| format!("cart {guest_id} was never made"))?;
        if guest.merged_into.is_some() {
            let same = guest.merged_into == Some(cart.id);
            return if same { self.compare_cart(cart) } else { Err(format!("{guest_id} was merged twice")) };
        }
        let held = [guest_id, cart.id];
        let available: Units = units(cart).keys().map(|id| (*id, self.available_to(&held, *id))).collect();
        self.let_go(guest_id);
        if !self.carts.contains_key(&cart.id) {
            self.open_cart(cart.id, Some(customer));
        }
        let own = self.known(cart)?.clone();
        let before = whole([&own.units, &own.saved, &guest.units, &guest.saved]);
        let after = whole([&units(cart), &saved(cart)]);
        if before != after || self.customers.get(customer) != Some(&cart.id) {
            return Err(format!("carts of {before:?} in all were merged to {cart:?}"));
        }
        for (id, units) in units(cart) {
            let shelf = self.shelves.get(&id).copied().unwrap_or_default();
            let had = own.units.get(&id).copied().unwrap_or(0);
            let available = available.get(&id).copied().unwrap_or(0);
            if units < had || (shelf.tracked && units > had.max(available)) {
                return Err(format!("{units} of {id} after a merge, {had} before, {available} were to be had"));
            }
        }
        self.forget_undo(cart.id);
        let known = self.known(cart)?;
        known.before_merge = Some((guest_id, own.units, own.saved));
        known.take_over(cart);
        if let Some(guest) = self.carts.get_mut(&guest_id) {
            guest.merged_into = Some(cart.id);
        }
        Ok(())
    }

    pub(super) fn unmerged(&mut self, cart: &Cart) -> Checked {
        let known = self.known(cart)?;
        let Some((guest, units_before, saved_before)) = known.before_merge.take() else {
            return Err(format!("no merge into cart {} was to be taken back", cart.id));
        };
        (known.units, known.saved) = (units_before, saved_before);
        if let Some(guest) = self.carts.get_mut(&guest) {
            guest.merged_into = None;
        }
        self.forget_undo(guest);
        self.unmerged_guest = Some(guest);
        self.compare_cart(cart)
    }
}
