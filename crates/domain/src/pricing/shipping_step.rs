//! The shipping fee and the promotions on it.

use super::eligible::matches;
use super::input::MOST_UNIT_PRICE;
use super::policy::Stack;
use super::quote::Reason;
use super::state::{Setting, State};
use crate::money::Minor;
use crate::promotion::{Benefit, Off, SpendTier};
use crate::shipping::CannotShip;

/// Finds the fee, now that the value of the goods is known.
pub(super) fn set_fee(setting: &Setting<'_>, state: &mut State) {
    let input = setting.input;
    let fee = match (input.shipping_override, input.shipping_method) {
        (Some(fee), _) => Ok(fee),
        (None, None) => Ok(0),
        (None, Some(method)) if !input.lines.iter().all(|line| matches(&method.only, line)) => {
            Err(CannotShip::GoodsExcluded)
        }
        (None, Some(method)) => {
            method.fee(input.destination, input.currency, setting.goods.weight_grams, state.goods_left)
        }
    };
    state.unavailable = fee.err();
    // A method is validated on entry; one that was not cannot make amounts overflow.
    state.shipping_fee = fee.unwrap_or(0).clamp(0, MOST_UNIT_PRICE);
    state.shipping_left = state.shipping_fee;
}

/// Takes a benefit off the fee and answers what it gave.
pub(super) fn discount(
    setting: &Setting<'_>,
    state: &mut State,
    benefit: &Benefit,
    goods_value: Minor,
) -> Result<Minor, Reason> {
    let policy = setting.input.policy;
    let base = match policy.stack {
        Stack::Sequential => state.shipping_left,
        Stack::Parallel => state.shipping_fee,
    };
    let off = |off: &Off| match off {
        Off::Percent(percent) => percent.of(base, policy.disc_rounding).unwrap_or(base),
        Off::Amount(amount) => *amount,
        Off::UnitPrice(price) => base.saturating_sub(*price),
    };
    let amount = match benefit {
        Benefit::Percentage { percent, max_discount, .. } => {
            off(&Off::Percent(*percent)).min(max_discount.unwrap_or(Minor::MAX))
        }
        Benefit::FixedAmount { amount, .. } => *amount,
        Benefit::FixedPrice { price, .. } => off(&Off::UnitPrice(*price)),
        Benefit::SpendTiers { tiers, .. } => off(&reached(tiers, goods_value)?.off),
        Benefit::FreeShipping {} => base,
        Benefit::BuyXGetY { .. } | Benefit::BulkPrice { .. } | Benefit::BundlePrice { .. } => 0,
    };
    let amount = amount.clamp(0, state.shipping_left);
    state.shipping_left -= amount;
    Ok(amount)
}

/// The last tier that an order of this value reaches.
pub(super) fn reached(tiers: &[SpendTier], goods_value: Minor) -> Result<&SpendTier, Reason> {
    let least = tiers.first().map_or(0, |tier| tier.from_amount);
    let reached = tiers.iter().rev().find(|tier| goods_value >= tier.from_amount);
    reached.ok_or(Reason::MinOrderAmount { missing: least - goods_value })
}
