//! Promotions as they were. Where a store keeps captured prices for a while, an offer that was in force when a price was
//! captured stays with that line, so the store remembers how an offer stood until it was changed or deleted.

use super::Promotion;
use crate::id::{PromotionId, Timestamp};
use crate::time_zone::TimeZone;
use std::sync::Arc;

/// A promotion as it stood until an operator changed or deleted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPromotion {
    /// As it stood.
    pub promotion: Arc<Promotion>,
    /// When it was changed or deleted. What was captured in this very instant may have seen it.
    pub until: Timestamp,
}

/// Most that a store keeps; beyond that the oldest are forgotten.
pub const MOST_KEPT: usize = 500;

impl Promotion {
    /// Whether it is in force at this instant, as far as switch and clock decide; `zone` is the store's.
    pub fn is_in_force(&self, at: Timestamp, zone: &TimeZone) -> bool {
        self.active
            && self.starts_at.is_none_or(|start| start <= at)
            && self.ends_at.is_none_or(|end| at <= end)
            && self.conditions.hold_at(at, zone)
    }
}

/// How a promotion stood at an instant: as it stands now, or as it stood until it was changed. `None` where it was not there.
pub(crate) fn as_it_stood<'a>(
    id: PromotionId,
    at: Timestamp,
    current: Option<&'a Promotion>,
    kept: &'a [KeptPromotion],
) -> Option<&'a Promotion> {
    let is_there = id.made_at() <= at;
    let of_it = kept.iter().filter(|kept| kept.promotion.id == id && at <= kept.until);
    let past = of_it.min_by_key(|kept| kept.until).map(|kept| &*kept.promotion);
    past.or(current).filter(|_| is_there)
}
