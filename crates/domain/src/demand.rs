//! Demand: of each variant, in how many active carts it stands, and how many units in all. It is counted where carts are written,
//! as the difference between a cart before its batch and after it, and only for stores that show it. When a store begins to show
//! it, its carts are counted page by page; a cart further on than the count counts once the count comes to it.

use crate::cart::{Cart, CartStatus};
use crate::command::Reply;
use crate::id::{CartId, VariantId};
use crate::working_set::{Keys, RowState, WorkingSet};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Carts that are counted at a time when a store begins to show its demand.
pub const PAGE: usize = 2_000;

/// The place of a count that has come to its end: no cart is beyond it.
pub const ALL_COUNTED: CartId = CartId(Uuid::max());

/// How much of a variant stands in active carts; or by how much that has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Carts.
    pub carts: i64,
    /// Units in them.
    pub units: i64,
}

impl Demand {
    /// Adds another.
    pub fn add(&mut self, other: Demand) {
        self.carts += other.carts;
        self.units += other.units;
    }
}

/// Units by variant.
type Units = BTreeMap<VariantId, i64>;

/// What a batch knows and changes of the demand.
#[derive(Debug, Default)]
pub struct DemandRows {
    /// Units in the batch's carts as they were loaded.
    before: HashMap<CartId, Units>,
    /// The next carts to be counted, if they were asked for.
    pub page: Option<Vec<Cart>>,
    /// What becomes of the count itself.
    pub count: Option<CountChange>,
}

/// A change of the count itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountChange {
    /// It begins anew: nothing is counted yet.
    Begin,
    /// The store no longer shows it.
    End,
    /// The carts up to this one are counted, with what the newly counted ones hold.
    Advance(CartId, BTreeMap<VariantId, Demand>),
}

/// What an active cart holds; others hold nothing that counts.
fn units(cart: &Cart) -> Units {
    let mut units = Units::new();
    if cart.status == CartStatus::Active {
        for line in &cart.lines {
            *units.entry(line.variant_id).or_default() += line.quantity;
        }
    }
    units
}

impl WorkingSet {
    /// Notes what the carts hold that were loaded since; to be called after each load, before they are changed. Without effect
    /// where the store does not show its demand.
    pub fn note_demand(&mut self) {
        if !self.config.store.settings.urgency {
            return;
        }
        for (id, cart) in self.carts.loaded() {
            self.demand.before.entry(*id).or_insert_with(|| units(cart));
        }
    }

    /// By how much the batch changes the demand, cart by cart.
    pub fn demand_changes(&self) -> Vec<(CartId, VariantId, Demand)> {
        let mut changes = Vec::new();
        if !self.config.store.settings.urgency {
            return changes;
        }
        for (id, cart, state) in self.carts.changes() {
            let before = self.demand.before.get(id).filter(|_| state != RowState::Created);
            let mut units = units(cart);
            for (variant, was) in before.into_iter().flatten() {
                let now = units.remove(variant).unwrap_or(0);
                if now != *was {
                    changes.push((*id, *variant, Demand { carts: i64::from(now > 0) - 1, units: now - was }));
                }
            }
            changes.extend(units.into_iter().map(|(variant, units)| (*id, variant, Demand { carts: 1, units })));
        }
        changes
    }
}

/// Asks for the next carts to be counted.
pub(crate) fn need(set: &WorkingSet, keys: &mut Keys) {
    keys.demand_page = set.demand.page.is_none();
}

/// Counts them.
pub(crate) fn count(set: &mut WorkingSet) -> Reply {
    let page = set.demand.page.take().unwrap_or_default();
    let reached = page.last().filter(|_| page.len() >= PAGE).map_or(ALL_COUNTED, |last| last.id);
    let mut found: BTreeMap<VariantId, Demand> = BTreeMap::new();
    for (variant, units) in page.iter().flat_map(units) {
        found.entry(variant).or_default().add(Demand { carts: 1, units });
    }
    set.demand.page = Some(Vec::new());
    set.demand.count = Some(CountChange::Advance(reached, found));
    Reply::Done
}
