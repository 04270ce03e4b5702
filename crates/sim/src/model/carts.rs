//! Carts of the model: units by variant, in the cart and saved for later.

use super::{Checked, Model};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Command, Item, NewLine, Reply};
use cartwright_domain::id::{CartId, Timestamp, VariantId};
use cartwright_domain::refusal::Refusal;
use std::collections::BTreeMap;

pub(super) fn units(cart: &Cart) -> BTreeMap<VariantId, i64> {
    let mut units = BTreeMap::new();
    for line in &cart.lines {
        *units.entry(line.variant_id).or_default() += line.quantity;
    }
    units
}

pub(super) fn saved(cart: &Cart) -> BTreeMap<VariantId, i64> {
    let mut saved = BTreeMap::new();
    for item in &cart.detail.saved {
        *saved.entry(item.variant_id).or_default() += item.quantity;
    }
    saved
}

impl Model {
    fn variant(&self, item: &Item) -> Option<VariantId> {
        match item {
            Item::Variant(id) => Some(*id),
            Item::Sku(sku) => self.skus.get(sku).copied(),
        }
    }

    fn add(&mut self, cart: CartId, lines: &[NewLine]) {
        for line in lines {
            let Some(variant) = self.variant(&line.item) else { continue };
            *self.carts.entry(cart).or_default().units.entry(variant).or_default() += line.quantity;
        }
    }

    /// Goods went into a cart or out of it, or the request had come before.
    pub(super) fn cart_filled(&mut self, command: &Command, reply: &Reply, now: Timestamp) -> Checked {
        let (Reply::Cart(cart) | Reply::CartCreated(cart)) = reply else {
            return Err(format!("a cart was expected, not {reply:?}"));
        };
        match command {
            Command::CreateCart { lines, customer, .. } => {
                let new = matches!(reply, Reply::CartCreated(_));
                if new == self.carts.contains_key(&cart.id) {
                    return Err(format!("cart {} is told to be new: {new}", cart.id));
                }
                if new {
                    self.check_currency(command, cart)?;
                    self.open_cart(cart.id, customer.as_ref());
                }
                if !lines.is_empty() {
                    self.forget_undo(cart.id);
                }
                self.add(cart.id, lines);
            }
            Command::AddLines { lines, idempotency, .. } => match idempotency {
                Some(key) if self.answer(key).is_some() => {}
                key => {
                    self.forget_undo(cart.id);
                    self.add(cart.id, lines);
                    key.iter().for_each(|key| self.remember(key, None, now));
                }
            },
            Command::ChangeLine { quantity, line_id, .. } => {
                // Shoppers here have one line of each variant; the answer tells which variant the line was of.
                let line = cart.lines.iter().find(|line| line.id == *line_id);
                match line {
                    Some(line) if line.quantity != *quantity => {
                        return Err(format!("line {line_id} has {} units, not {quantity}", line.quantity));
                    }
                    Some(line) => {
                        let units = &mut self.carts.entry(cart.id).or_default().units;
                        if units.insert(line.variant_id, *quantity) != Some(*quantity) {
                            self.forget_undo(cart.id);
                        }
                    }
                    None => {
                        let left = units(cart);
                        let known = self.carts.entry(cart.id).or_default();
                        let before = known.units.len();
                        known.before_removals.push((known.units.clone(), known.saved.clone()));
                        known.before_merge = None;
                        known.units.retain(|id, _| left.contains_key(id));
                        if *quantity != 0 || before != known.units.len() + 1 {
                            return Err(format!("line {line_id} is gone though {quantity} units were asked for"));
                        }
                    }
                }
            }
            _ => {}
        }
        self.compare_cart(cart)
    }

    /// A cart as somebody tells it, beside the books.
    pub(crate) fn compare_cart(&self, cart: &Cart) -> Checked {
        let known = self.carts.get(&cart.id).ok_or_else(|| format!("cart {} was never made", cart.id))?;
        let told = (units(cart), saved(cart), cart.detail.merged_into);
        let known = (known.units.clone(), known.saved.clone(), known.merged_into);
        if told == known { Ok(()) } else { Err(format!("cart {} has {told:?}, should have {known:?}", cart.id)) }
    }

    /// A refusal for want of goods must have its reason on the shelves.
    pub(super) fn refused(&self, command: &Command, refusal: &Refusal) -> Checked {
        let shortages = match refusal {
            Refusal::InsufficientStock(shortages) => shortages,
            Refusal::PayAtOnce(too_many) => return self.may_not_wait(too_many),
            Refusal::Several(several) => return several.iter().try_for_each(|refusal| self.refused(command, refusal)),
            _ => return Ok(()),
        };
        for shortage in shortages {
            let shelf = self.skus.get(&shortage.sku).and_then(|id| self.shelves.get(id)).copied().unwrap_or_default();
            let own = self.asking(command);
            let id = self.skus.get(&shortage.sku).copied().unwrap_or_default();
            let available = self.available_to(own.as_slice(), id);
            if shortage.available != Some(available) || shortage.requested <= available || !shelf.tracked {
                return Err(format!("{command:?} was refused: {shortage:?}, but the shelf has {shelf:?}"));
            }
        }
        if shortages.is_empty() { Err("a shortage of nothing".to_owned()) } else { Ok(()) }
    }

    /// The cart for which a command wants goods.
    fn asking(&self, command: &Command) -> Option<CartId> {
        match command {
            Command::CreateCart { customer, .. } => self.cart_in_use(customer.as_ref()?),
            Command::AddLines { cart, .. }
            | Command::ChangeLine { cart, .. }
            | Command::RestoreSaved { cart, .. }
            | Command::UndoRemoval { cart }
            | Command::Checkout { cart, .. } => Some(cart.id),
            _ => None,
        }
    }
}
