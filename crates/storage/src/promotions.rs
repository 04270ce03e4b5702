//! What both storages keep of promotions in the same way.

use cartwright_domain::id::PromotionId;
use cartwright_domain::working_set::{RowState, WorkingSet};
use std::collections::BTreeMap;

/// How many codes a batch adds in bulk to each promotion. Such codes go only with their promotion, so their number is a
/// running sum.
pub fn new_bulk_codes(set: &WorkingSet) -> BTreeMap<PromotionId, i64> {
    let mut added = BTreeMap::new();
    for (_, coupon, state) in set.coupons.changes() {
        if coupon.bulk && state == RowState::Created {
            *added.entry(coupon.promotion_id).or_default() += 1;
        }
    }
    added
}
