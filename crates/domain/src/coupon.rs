//! Coupons: codes that unlock a promotion. A code may have a limit of its own, so that it is for one order only while its
//! promotion goes on.

use crate::id::PromotionId;
use serde::{Deserialize, Serialize};

/// Most codes added in one request.
pub const MAX_NEW_CODES: usize = 10_000;
/// Characters of the longest code.
pub const MAX_CODE_LENGTH: usize = 100;

/// A code's promotion, limit and uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coupon {
    /// What it unlocks.
    pub promotion_id: PromotionId,
    /// Orders that may use it; `None` leaves it to the promotion's limits.
    pub max_uses: Option<i64>,
    /// Live orders that used it, of a code with a limit; otherwise not counted. Counted by the storage from the redemptions,
    /// and here through the batch.
    pub uses: i64,
    /// Added in bulk (mostly generated): not among the codes that stand in the promotion itself.
    pub bulk: bool,
}

impl Coupon {
    /// A code that stands in its promotion.
    pub fn named(promotion_id: PromotionId) -> Coupon {
        Coupon { promotion_id, max_uses: None, uses: 0, bulk: false }
    }

    /// Whether it was used as often as it may be.
    pub fn is_used_up(&self) -> bool {
        self.max_uses.is_some_and(|most| self.uses >= most)
    }
}

/// A code on a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedCoupon {
    /// The code, normalised.
    pub code: String,
    /// What it unlocks.
    pub promotion_id: PromotionId,
}

/// The form in which codes are compared: without surrounding blanks, upper case.
pub fn normalise_code(code: &str) -> String {
    code.trim().to_uppercase()
}
