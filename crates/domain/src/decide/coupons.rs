//! Decisions about codes on carts, and about codes that operators add to promotions.

use super::cart::{need_cart, open};
use super::uses::{exhausted_by, need_uses};
use super::write::{weigh, write_changed};
use super::{Context, customers};
use crate::cart::Cart;
use crate::command::{CartRef, Reply};
use crate::coupon::{AppliedCoupon, Coupon, MAX_CODE_LENGTH, normalise_code};
use crate::id::{PromotionId, Timestamp};
use crate::person::Who;
use crate::pricing::{Reason, the_customer};
use crate::promotion::Promotion;
use crate::quoting::currencies;
use crate::refusal::{FieldError, Refusal};
use crate::store::FirstOrderNeeds;
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;
use std::sync::Arc;

pub(super) fn need_codes<'a>(codes: impl IntoIterator<Item = &'a String>, set: &WorkingSet, keys: &mut Keys) {
    for code in codes {
        let code = normalise_code(code);
        if !set.coupons.knows(&code) {
            keys.coupons.insert(code);
        }
    }
}

pub(super) fn need_apply(named: &CartRef, code: &String, set: &WorkingSet, keys: &mut Keys) {
    need_cart(named.id, set, keys);
    need_codes([code], set, keys);
    if !set.carts.knows(&named.id) || !set.coupons.knows(&normalise_code(code)) {
        return;
    }
    if let Some(cart) = set.carts.get(&named.id)
        && let Some(promotion) = promotion_of(code, set)
    {
        customers::need(cart, set, keys);
        need_uses(&promotion, cart.who(), set, keys);
    }
}

/// What it takes to know whether codes of one cart hold on the cart of another buyer.
pub(super) fn need_moved(codes: &[AppliedCoupon], who: Who<'_>, set: &WorkingSet, keys: &mut Keys) {
    need_codes(codes.iter().map(|coupon| &coupon.code), set, keys);
    for coupon in codes.iter().filter(|coupon| set.coupons.knows(&coupon.code)) {
        if let Some(promotion) = promotion_of(&coupon.code, set) {
            need_uses(&promotion, who, set, keys);
        }
    }
}

/// Puts codes of another cart on this one as far as they hold here; the others are answered.
pub(super) fn take_over(
    codes: &[AppliedCoupon],
    cart: &mut Cart,
    set: &WorkingSet,
    now: Timestamp,
) -> Vec<AppliedCoupon> {
    let most = most_codes(set);
    let mut left = Vec::new();
    for coupon in codes {
        if cart.detail.coupons.iter().any(|known| known.code == coupon.code) {
            continue;
        }
        let holds = promotion_of(&coupon.code, set).is_some_and(|promotion| is_for(&promotion, cart, set, now));
        let place = if holds && cart.detail.coupons.len() < most { &mut cart.detail.coupons } else { &mut left };
        place.push(coupon.clone());
    }
    left
}

fn most_codes(set: &WorkingSet) -> usize {
    usize::from(set.config.store.settings.codes_per_cart)
}

fn promotion_of(code: &str, set: &WorkingSet) -> Option<Arc<Promotion>> {
    let coupon = set.coupons.get(&normalise_code(code)).filter(|coupon| !coupon.is_used_up())?;
    set.config.promotion(coupon.promotion_id).cloned()
}

pub(super) fn apply(named: &CartRef, code: &str, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let current = open(named, set, context.now)?;
    let normal = normalise_code(code);
    // Unknown, over, used up or for somebody else: whoever guesses learns nothing from the answer.
    let usable = promotion_of(&normal, set).filter(|promotion| is_for(promotion, &current, set, context.now));
    let Some(promotion) = usable else { return Err(Refusal::CouponInvalid { code: code.to_owned() }) };
    if current.detail.coupons.iter().any(|coupon| coupon.code == normal) {
        return Ok(Reply::Cart(current));
    }
    let limit = most_codes(set);
    if current.detail.coupons.len() >= limit {
        let code = current.detail.coupons.last().map(|coupon| coupon.code.clone());
        return Err(Refusal::TooManyCoupons { limit, code });
    }
    let mut cart = (*current).clone();
    let data = json!({ "cause": "coupon_applied", "code": normal });
    cart.detail.coupons.push(AppliedCoupon { code: normal, promotion_id: promotion.id });
    Ok(write_changed(weigh(cart, set)?, data, set, context.now))
}

/// Whether this cart can come to use the promotion by shopping on: it is on, not used up, and for this customer and currency.
/// Both its first and its last instant are inside.
fn is_for(promotion: &Promotion, cart: &Cart, set: &WorkingSet, now: Timestamp) -> bool {
    let begun = promotion.starts_at.is_none_or(|start| start <= now);
    let ended = promotion.ends_at.is_some_and(|end| end < now);
    let conditions = &promotion.conditions;
    let currency = promotion.counts_in(currencies(cart, &set.config));
    let facts = customers::facts(cart, set);
    // A guest is asked for an e-mail address later, at checkout; until then nobody is known, and nothing speaks against it.
    let buyer = cart.buyer();
    let used_up = match &buyer {
        Some(_) => exhausted_by(promotion, cart.who(), set),
        None => promotion.limits.total_uses.is_some_and(|most| used(promotion.id, set) >= i64::from(most)),
    };
    let stranger = buyer.is_none() && conditions.customers.is_empty() && conditions.customer_groups.is_empty();
    let reason = the_customer(facts.of(cart).as_ref(), conditions);
    // Whether a guest's address has bought is not for guests to learn; whoever logs in may come to use the code.
    let may_log_in = cart.customer.is_none() && set.config.store.settings.first_order_needs == FirstOrderNeeds::Proven;
    let meant = stranger || reason.is_none() || (may_log_in && matches!(reason, Some(Reason::NotFirstOrder)));
    promotion.active && begun && !ended && currency && !used_up && meant
}

fn used(id: PromotionId, set: &WorkingSet) -> i64 {
    set.uses.get(&id).map_or(0, |used| **used)
}

pub(super) fn remove(named: &CartRef, code: &str, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let current = open(named, set, context.now)?;
    let normal = normalise_code(code);
    if !current.detail.coupons.iter().any(|coupon| coupon.code == normal) {
        return Ok(Reply::Cart(current));
    }
    let mut cart = (*current).clone();
    cart.detail.coupons.retain(|coupon| coupon.code != normal);
    Ok(write_changed(weigh(cart, set)?, json!({ "cause": "coupon_removed", "code": normal }), set, context.now))
}

pub(super) fn add_codes(
    id: PromotionId,
    codes: &[String],
    max_uses: Option<i64>,
    set: &mut WorkingSet,
) -> Result<Reply, Refusal> {
    let promotion = set.config.promotion(id).ok_or(Refusal::PromotionNotFound)?;
    if !promotion.requires_code {
        let detail = "the promotion is automatic; set requires_code first".to_owned();
        return Err(Refusal::Conflict { detail });
    }
    let mut errors = Vec::new();
    let mut fresh = Vec::with_capacity(codes.len());
    for (index, code) in codes.iter().enumerate() {
        let code = normalise_code(code);
        let known = set.coupons.get(&code);
        match code_error(&code, known.is_some_and(|coupon| coupon.promotion_id != id)) {
            Some(reason) => errors.push(FieldError { field: format!("codes[{index}]"), reason: reason.to_owned() }),
            // Sent twice: what is there stays, with its uses.
            None if known.is_some() => {}
            None => fresh.push(code),
        }
    }
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    for code in fresh {
        set.coupons.put(code, Coupon { promotion_id: id, max_uses, uses: 0, bulk: true });
    }
    Ok(Reply::Promotion(id))
}

/// What is wrong with a normalised code.
pub(super) fn code_error(code: &str, taken: bool) -> Option<&'static str> {
    match () {
        () if code.is_empty() || code.len() > MAX_CODE_LENGTH => Some("must have 1 to 100 characters"),
        () if taken => Some("belongs to another promotion"),
        () => None,
    }
}
