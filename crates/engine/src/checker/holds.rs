//! What the checker knows of holds: the ledger, the rows by which they are found, the carts, and what is reserved must say
//! the same.

use super::Finding;
use cartwright_domain::cart::{Cart, Hold};
use cartwright_domain::id::{CartId, Timestamp, VariantId};
use cartwright_domain::order::{Order, Reservation};
use cartwright_domain::stock::{Movement, Reference, Stock};
use std::collections::{BTreeMap, HashMap};

#[derive(Default)]
pub(super) struct Holds {
    /// What the ledger moved for each cart and variant, without what has come to nothing.
    moved: BTreeMap<(CartId, VariantId), Stock>,
    /// As they are found by variant and time.
    rows: BTreeMap<(CartId, VariantId), Hold>,
    /// As the carts have them.
    in_carts: BTreeMap<(CartId, VariantId), Hold>,
    /// Units that the lines of orders hold.
    by_orders: HashMap<VariantId, i64>,
}

impl Holds {
    pub(super) fn movement(&mut self, movement: &Movement) {
        let Reference::Cart(cart) = movement.reference else { return };
        let key = (cart, movement.variant_id);
        let moved = self.moved.entry(key).or_default();
        moved.on_hand += movement.on_hand_delta;
        moved.reserved += movement.reserved_delta;
        if *moved == Stock::default() {
            self.moved.remove(&key);
        }
    }

    pub(super) fn order(&mut self, order: &Order) {
        for line in order.lines.iter().filter(|line| line.reservation == Reservation::Held) {
            *self.by_orders.entry(line.variant_id).or_default() += line.quantity;
        }
    }

    /// Nothing is held past its time.
    pub(super) fn row(&mut self, cart: CartId, hold: Hold, overdue: Timestamp, pending: &mut Finding) {
        pending.expect(hold.until >= overdue, || {
            format!("cart {cart}: {} of variant {} are held past their time", hold.units, hold.variant_id)
        });
        self.rows.insert((cart, hold.variant_id), hold);
    }

    /// A cart holds no more than it has, and only while it is its owner's.
    pub(super) fn cart(&mut self, cart: &Cart, finding: &mut Finding) {
        finding.expect(cart.is_open(), || format!("cart {} is {} and holds goods", cart.id, cart.status.as_str()));
        for hold in &cart.detail.holds {
            let units: i64 =
                cart.lines.iter().filter(|line| line.variant_id == hold.variant_id).map(|line| line.quantity).sum();
            finding.expect(0 < hold.units && hold.units <= units, || {
                format!("cart {} has {units} of variant {} and holds {}", cart.id, hold.variant_id, hold.units)
            });
            let other = self.in_carts.insert((cart.id, hold.variant_id), *hold);
            finding.expect(other.is_none(), || format!("cart {} holds variant {} twice", cart.id, hold.variant_id));
        }
    }

    pub(super) fn finish(self, stock: &HashMap<VariantId, Stock>, finding: &mut Finding) {
        let units: BTreeMap<_, _> = self.rows.iter().map(|(key, hold)| (*key, hold.units)).collect();
        for (key, moved) in &self.moved {
            let held = Stock { on_hand: 0, reserved: units.get(key).copied().unwrap_or(0) };
            finding.expect(*moved == held, || {
                format!("cart {} variant {}: held {held:?}, ledger {moved:?}", key.0, key.1)
            });
        }
        for (cart, variant) in units.keys().filter(|key| !self.moved.contains_key(*key)) {
            finding.expect(false, || format!("cart {cart} holds variant {variant}, of which the ledger knows nothing"));
        }
        finding.expect(self.rows == self.in_carts, || {
            let differs = |(key, hold): &(&(CartId, VariantId), &Hold)| self.in_carts.get(*key) != Some(*hold);
            let row = self.rows.iter().find(differs);
            let own = self.in_carts.iter().find(|(key, hold)| self.rows.get(*key) != Some(*hold));
            format!("holds beside carts say {row:?}, the carts {own:?}")
        });
        let mut reserved = self.by_orders;
        for hold in self.rows.values() {
            *reserved.entry(hold.variant_id).or_default() += hold.units;
        }
        for (id, stock) in stock {
            let counted = reserved.remove(id).unwrap_or(0);
            finding.expect(counted == stock.reserved, || {
                format!("variant {id}: {} reserved, orders and carts hold {counted}", stock.reserved)
            });
        }
        for (id, counted) in reserved {
            finding.expect(counted == 0, || format!("variant {id}: orders and carts hold {counted}, no stock row"));
        }
    }
}
