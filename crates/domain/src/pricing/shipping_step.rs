//! The shipping fee and the promotions on it.

use super::eligible::{Candidate, matches};
use super::policy::Stack;
use super::quote::Reason;
use super::state::{Setting, State};
use crate::money::{MOST_AMOUNT, Minor};
use crate::promotion::{Benefit, Off, SpendTier};
use crate::shipping::CannotShip;

/// Finds the fee, now that the value of the goods is known.
pub(super) fn set_fee(setting: &Setting<'_>, state: &mut State) {
    let input = setting.input;
    let mut sent = input.lines.iter().filter(|line| line.requires_shipping).peekable();
    let fee = match (input.shipping_override, input.shipping_method) {
        (Some(fee), _) => Ok(fee),
        (None, None) => Ok(0),
        (None, Some(_)) if sent.peek().is_none() && !input.lines.is_empty() => Ok(0),
        (None, Some(method)) if !sent.all(|line| matches(&method.only, line)) => Err(CannotShip::GoodsExcluded),
        (None, Some(method)) => {
            let fee = method.fee(input.destination, input.currencies(), setting.goods.weight_grams, state.goods_left);
            fee.map(|fee| setting.fee_here(state, fee))
        }
    };
    state.unavailable = fee.err();
    // A method is validated on entry; one that was not cannot make amounts overflow.
    state.shipping_fee = fee.unwrap_or(0).clamp(0, MOST_AMOUNT);
    state.shipping_left = state.shipping_fee;
}

/// Takes a benefit off the fee and answers what it gave.
pub(super) fn discount(
    setting: &Setting<'_>,
    state: &mut State,
    candidate: &Candidate<'_>,
    goods_value: Minor,
) -> Result<Minor, Reason> {
    let policy = setting.input.policy;
    let base = match policy.stack {
        Stack::Sequential => state.shipping_left,
        Stack::Parallel => state.shipping_fee,
    };
    let off = |off: Off<Minor>| match off {
        Off::Percent(percent) => percent.of(base, policy.disc_rounding).unwrap_or(base),
        Off::Amount(amount) => amount,
        Off::UnitPrice(price) => base.saturating_sub(setting.fee_here(state, price)),
    };
    let amount = match &candidate.promotion.benefit {
        Benefit::Percentage { percent, max_discount, .. } => {
            let most = max_discount.as_ref().map_or(Ok(Minor::MAX), |most| candidate.amount(most))?;
            off(Off::Percent(*percent)).min(most)
        }
        Benefit::FixedAmount { amount, .. } => candidate.amount(amount)?,
        Benefit::FixedPrice { price, .. } => off(Off::UnitPrice(candidate.amount(price)?)),
        Benefit::SpendTiers { tiers, .. } => off(reached(tiers, candidate, goods_value)?),
        Benefit::FreeShipping {} => base,
        Benefit::BuyXGetY { .. } | Benefit::BulkPrice { .. } | Benefit::BundlePrice { .. } => 0,
    };
    let amount = amount.clamp(0, state.shipping_left);
    state.shipping_left -= amount;
    Ok(amount)
}

/// What the last tier takes off that an order of this value reaches.
pub(super) fn reached(
    tiers: &[SpendTier],
    candidate: &Candidate<'_>,
    goods_value: Minor,
) -> Result<Off<Minor>, Reason> {
    for tier in tiers.iter().rev() {
        if goods_value >= candidate.amount(&tier.from_amount)? {
            return candidate.off(&tier.off);
        }
    }
    let least = tiers.first().map_or(Ok(0), |tier| candidate.amount(&tier.from_amount))?;
    Err(Reason::MinOrderAmount { missing: least - goods_value })
}
