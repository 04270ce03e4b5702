//! Coupons: codes that unlock a promotion. A code may have a limit of its own, so that it is for one order only while its
//! promotion goes on.

use crate::cart::Cart;
use crate::id::PromotionId;
use crate::promotion::Promotion;
use crate::store::StoreConfig;
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

/// Why a code on a cart cannot be used by this shopper, whatever goods are in the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Its uses are counted per customer, and nobody is known yet: an e-mail address would help.
    EmailRequired,
    /// It was used as often as it may be.
    UsedUp,
    /// This person has used it as often as one person may.
    UsedByYou,
    /// The shop has taken it back: the code or its promotion is gone, switched off, or replaced.
    Withdrawn,
    /// The cart has more codes than the store allows; this one is past the last that counts.
    TooManyCodes,
}

impl Hindrance {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Hindrance::EmailRequired => "email_required",
            Hindrance::UsedUp => "used_up",
            Hindrance::UsedByYou => "used_by_you",
            Hindrance::Withdrawn => "withdrawn",
            Hindrance::TooManyCodes => "too_many_codes",
        }
    }

    /// A sentence for people.
    pub fn sentence(self, code: &str) -> String {
        let what = match self {
            Hindrance::EmailRequired => "is counted per customer: give an e-mail address to use it",
            Hindrance::UsedUp => "was used as often as it may be",
            Hindrance::UsedByYou => "was used as often as one customer may use it",
            Hindrance::Withdrawn => "is no longer offered",
            Hindrance::TooManyCodes => "is one too many for this shop: take off a code",
        };
        format!("The code {code:?} {what}.")
    }
}

/// Uses of codes and promotions as somebody knows them, for one person.
pub trait KnownUses {
    /// A code as it stands now.
    fn coupon(&self, code: &str) -> Option<Coupon>;
    /// Live uses of a promotion.
    fn uses(&self, id: PromotionId) -> i64;
    /// Live uses of a promotion by the person, under all names.
    fn uses_by_person(&self, id: PromotionId) -> i64;
    /// Whether the person is known at all.
    fn is_somebody(&self) -> bool;
    /// Whether a line of the cart keeps a promotion with its captured price, though it was taken back since.
    fn keeps(&self, id: PromotionId) -> bool;
}

/// What stands against each code of a cart, in the cart's order.
pub fn standings(cart: &Cart, config: &StoreConfig, known: &impl KnownUses) -> Vec<Option<Hindrance>> {
    let most = usize::from(config.store.settings.codes_per_cart);
    let of = |(place, applied): (usize, &AppliedCoupon)| match place < most {
        true => hindrance(applied, config, known),
        false => Some(Hindrance::TooManyCodes),
    };
    cart.detail.coupons.iter().enumerate().map(of).collect()
}

fn hindrance(applied: &AppliedCoupon, config: &StoreConfig, known: &impl KnownUses) -> Option<Hindrance> {
    let id = applied.promotion_id;
    let coupon = known.coupon(&applied.code).filter(|coupon| coupon.promotion_id == id);
    match (config.promotion(id), coupon) {
        (Some(_), Some(coupon)) if coupon.is_used_up() => Some(Hindrance::UsedUp),
        (Some(promotion), Some(_)) if promotion.active || known.keeps(id) => limits_reached(promotion, known),
        // The codes of a promotion that is gone are gone, too: lines that keep it need none.
        (None, _) if known.keeps(id) => {
            config.promotion_ever(id).and_then(|promotion| limits_reached(promotion, known))
        }
        _ => Some(Hindrance::Withdrawn),
    }
}

/// Which limit of a promotion is reached for a person. A limit per customer cannot be kept for somebody unknown.
pub fn limits_reached(promotion: &Promotion, known: &impl KnownUses) -> Option<Hindrance> {
    let limits = promotion.limits;
    let full = |limit: u32, used: i64| used >= i64::from(limit);
    if limits.total_uses.is_some_and(|limit| full(limit, known.uses(promotion.id))) {
        return Some(Hindrance::UsedUp);
    }
    let each = limits.uses_per_customer?;
    match known.is_somebody() {
        false => Some(Hindrance::EmailRequired),
        true => full(each, known.uses_by_person(promotion.id)).then_some(Hindrance::UsedByYou),
    }
}

/// Promotions that no code of the cart unlocks any more.
pub fn unusable(cart: &Cart, standings: &[Option<Hindrance>]) -> Vec<PromotionId> {
    let coupons = || cart.detail.coupons.iter().zip(standings);
    let usable =
        |id: PromotionId| coupons().any(|(coupon, hindrance)| coupon.promotion_id == id && hindrance.is_none());
    coupons().map(|(coupon, _)| coupon.promotion_id).filter(|id| !usable(*id)).collect()
}

/// The codes for which a checkout is refused, with the reason of each: those that cannot be used and stand for a promotion that
/// no other code of the cart unlocks, and those that are too many.
pub fn refused(cart: &Cart, standings: &[Option<Hindrance>]) -> Vec<(String, Hindrance)> {
    let unusable = unusable(cart, standings);
    let coupons = cart.detail.coupons.iter().zip(standings);
    let wrong = coupons.filter_map(|(coupon, hindrance)| Some((coupon, (*hindrance)?)));
    let wrong =
        wrong.filter(|(coupon, why)| *why == Hindrance::TooManyCodes || unusable.contains(&coupon.promotion_id));
    wrong.map(|(coupon, why)| (coupon.code.clone(), why)).collect()
}
