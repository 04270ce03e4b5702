//! Uses of promotions: which are counted, whether a limit is reached, and taking them with an order. A use is recorded under the
//! buyer's own name, and a person's are the sum over all of theirs, so a use goes back under the name that took it.

use super::persons;
use crate::cart::Cart;
use crate::coupon::{Coupon, KnownUses, refused, standings, unusable};
use crate::id::{OrderId, PromotionId};
use crate::person::Who;
use crate::pricing::Quote;
use crate::promotion::{Limits, Promotion};
use crate::quoting::keeps_offer;
use crate::refusal::Refusal;
use crate::working_set::{Keys, Redemption, WorkingSet};

/// What it takes to count the uses that a checkout of this cart makes.
pub(super) fn need_counted(cart: &Cart, set: &WorkingSet, keys: &mut Keys) {
    for promotion in set.config.promotions_ever().filter(|promotion| is_counted(promotion, cart)) {
        need_uses(promotion, cart.who(), set, keys);
    }
}

/// What it takes to know whether a promotion's limits are reached for somebody.
pub(super) fn need_uses(promotion: &Promotion, who: Who<'_>, set: &WorkingSet, keys: &mut Keys) {
    if !set.uses.knows(&promotion.id) {
        keys.uses.insert(promotion.id);
    }
    let mut names = vec![who.buyer().unwrap_or_default()];
    if promotion.limits.uses_per_customer.is_some() && persons::need(who, set, keys) {
        names.extend(persons::all_names(who, set));
    }
    let uses = names.into_iter().map(|name| (promotion.id, name));
    keys.customer_uses.extend(uses.filter(|key| !set.customer_uses.knows(key)));
}

/// Whether uses of this promotion by this cart are counted: it has limits, or a code of the cart unlocks it.
fn is_counted(promotion: &Promotion, cart: &Cart) -> bool {
    let limited = promotion.limits.total_uses.is_some() || promotion.limits.uses_per_customer.is_some();
    let unlocked = || cart.detail.coupons.iter().any(|coupon| coupon.promotion_id == promotion.id);
    if promotion.requires_code { unlocked() } else { limited }
}

/// Uses as the loaded rows have them, for one person.
pub(super) struct Loaded<'a> {
    pub set: &'a WorkingSet,
    pub who: Who<'a>,
    /// The cart whose codes are looked at.
    pub cart: Option<&'a Cart>,
}

impl KnownUses for Loaded<'_> {
    fn coupon(&self, code: &str) -> Option<Coupon> {
        self.set.coupons.get(&code.to_owned()).map(|coupon| **coupon)
    }

    fn uses(&self, id: PromotionId) -> i64 {
        self.set.uses.get(&id).map_or(0, |used| **used)
    }

    fn uses_by_person(&self, id: PromotionId) -> i64 {
        let used = |name: String| self.set.customer_uses.get(&(id, name)).map_or(0, |used| **used);
        persons::all_names(self.who, self.set).into_iter().map(used).sum()
    }

    fn is_somebody(&self) -> bool {
        self.who.buyer().is_some()
    }

    fn keeps(&self, id: PromotionId) -> bool {
        let set = self.set;
        self.cart.is_some_and(|cart| keeps_offer(cart, |id| set.variants.get(&id), &set.config, id, set.now))
    }
}

/// Promotions whose limits are used up for this customer. Codes of the cart that cannot be used are a refusal that names all.
pub(super) fn exhausted(cart: &Cart, set: &WorkingSet) -> Result<Vec<PromotionId>, Refusal> {
    let known = Loaded { set, who: cart.who(), cart: Some(cart) };
    let standings = standings(cart, &set.config, &known);
    let wrong = refused(cart, &standings);
    if !wrong.is_empty() {
        return Err(Refusal::CodesRefused(wrong));
    }
    let automatic = set.config.promotions_ever().filter(|promotion| is_counted(promotion, cart));
    let mut exhausted = unusable(cart, &standings);
    exhausted.extend(automatic.filter(|promotion| exhausted_by(promotion, cart.who(), set)).map(|known| known.id));
    Ok(exhausted)
}

/// Whether a promotion's limits are used up for somebody. A limit per customer cannot be kept for somebody unknown.
pub(super) fn exhausted_by(promotion: &Promotion, who: Who<'_>, set: &WorkingSet) -> bool {
    crate::coupon::limits_reached(promotion, &Loaded { set, who, cart: None }).is_some()
}

/// The first of the cart's codes for a promotion that still unlocks it.
fn code_to_use<'a>(id: PromotionId, cart: &'a Cart, set: &WorkingSet) -> Option<&'a String> {
    let unlocks =
        |code: &&String| set.coupons.get(code).is_some_and(|coupon| coupon.promotion_id == id && !coupon.is_used_up());
    cart.detail.coupons.iter().filter(|coupon| coupon.promotion_id == id).map(|coupon| &coupon.code).find(unlocks)
}

/// Counts the uses of promotions that are limited or that a code unlocked, and that gave something.
pub(super) fn redeem(order_id: OrderId, cart: &Cart, quote: &Quote, set: &mut WorkingSet) -> Vec<PromotionId> {
    let customer = cart.buyer().unwrap_or_default();
    let mut redeemed = Vec::new();
    for discount in &quote.discounts {
        let promotion =
            set.config.promotion_ever(discount.promotion_id).filter(|promotion| is_counted(promotion, cart));
        // An offer may give twice: as it stands, and as it stood for lines that keep it. That is one use.
        let Some(promotion) = promotion.filter(|promotion| !redeemed.contains(&promotion.id)).cloned() else {
            continue;
        };
        let code = code_to_use(promotion.id, cart, set).filter(|_| promotion.requires_code).cloned();
        let limited =
            code.as_ref().filter(|code| set.coupons.get(code).is_some_and(|coupon| coupon.max_uses.is_some()));
        if let Some(coupon) = limited.and_then(|code| set.coupons.edit(code)) {
            coupon.uses += 1;
        }
        set.redemptions.push(Redemption { promotion_id: promotion.id, order_id, customer: customer.clone(), code });
        super::settle::count_use(promotion.id, &customer, 1, set);
        redeemed.push(promotion.id);
    }
    redeemed
}

pub(super) fn limits_of(redeemed: &[PromotionId], set: &WorkingSet) -> Vec<(PromotionId, Limits)> {
    redeemed.iter().filter_map(|id| Some((*id, set.config.promotion_ever(*id)?.limits))).collect()
}
