//! What can be taken back: the last removals, or the last merge, as long as nothing else has changed since.

use super::{CartDetail, CartLine, SavedItem};
use crate::coupon::AppliedCoupon;
use crate::id::{CartId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most removals that are remembered.
pub const MAX_REMOVALS: usize = 20;
/// How long removals are remembered, milliseconds.
pub const REMOVALS_KEPT_MS: i64 = 60 * 60 * 1_000;

/// What the last change of a cart was, where it can be taken back. Every other change forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// Something was removed, once or several times in a row.
    Removals {
        /// The last one last.
        removed: Vec<Removed>,
        /// From then on they are forgotten.
        until: Timestamp,
    },
    /// A guest's cart was merged into this one.
    Merge(Box<MergedGuest>),
}

/// Something that was removed, and the place it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    /// A line.
    Line(usize, CartLine),
    /// An item saved for later.
    Saved(usize, SavedItem),
}

/// A merge, with what is needed to take it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedGuest {
    /// The guest's cart, which is kept.
    pub guest: CartId,
    /// The guest's codes that do not hold here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_coupons: Vec<AppliedCoupon>,
    /// The lines as they were before.
    pub lines: Vec<CartLine>,
    /// The rest as it was before.
    pub detail: CartDetail,
}

impl Undo {
    /// Until when it can be taken back; `None` where time does not matter.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Undo::Removals { until, .. } => Some(*until),
            Undo::Merge(_) => None,
        }
    }

    /// This undo after one more removal.
    pub(crate) fn and(before: Option<Undo>, removal: Removed, now: Timestamp) -> Undo {
        let mut removed = match before {
            Some(Undo::Removals { removed, until }) if now < until => removed,
            _ => Vec::new(),
        };
        if removed.len() >= MAX_REMOVALS {
            removed.remove(0);
        }
        removed.push(removal);
        Undo::Removals { removed, until: now.plus_ms(REMOVALS_KEPT_MS) }
    }
}
