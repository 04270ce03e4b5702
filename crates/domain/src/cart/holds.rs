//! Units that are held for a cart from the moment they are added, where the store or the product has it so. They count as
//! reserved on the shelf, and stand in the ledger under the cart.

use super::Cart;
use crate::id::{Timestamp, VariantId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Units of one variant held for one cart. Once its time has passed it is anybody's who is short of the goods; as long as
/// nobody was, it still serves its own cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What.
    pub variant_id: VariantId,
    /// How many, at least 1 and never more than the cart's lines have.
    pub units: i64,
    /// From then on it has run out.
    pub until: Timestamp,
}

impl Hold {
    /// Whether its time has passed.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}

impl Cart {
    /// What is held for it of a variant, run out or not.
    pub fn hold_of(&self, variant_id: VariantId) -> Option<&Hold> {
        self.detail.holds.iter().find(|hold| hold.variant_id == variant_id)
    }

    /// Units of a variant that are held for it, run out or not.
    pub fn held(&self, variant_id: VariantId) -> i64 {
        self.hold_of(variant_id).map_or(0, |hold| hold.units)
    }

    /// What is held for each line, in the cart's order, and has not run out: units, and until when. Lines of one variant share
    /// its hold, the first of them first.
    pub fn holds_by_line(&self, now: Timestamp) -> Vec<Option<(i64, Timestamp)>> {
        let standing = self.detail.holds.iter().filter(|hold| !hold.has_run_out(now));
        let mut left: HashMap<VariantId, (i64, Timestamp)> =
            standing.map(|hold| (hold.variant_id, (hold.units, hold.until))).collect();
        let deal = |line: &super::CartLine| {
            let (units, until) = left.get_mut(&line.variant_id)?;
            let share = line.quantity.min(*units);
            *units -= share;
            (share > 0).then_some((share, *until))
        };
        self.lines.iter().map(deal).collect()
    }

    /// When the next of its holds runs out.
    pub fn next_hold_ends(&self, now: Timestamp) -> Option<Timestamp> {
        self.detail.holds.iter().map(|hold| hold.until).filter(|until| *until > now).min()
    }
}
