//! What each kind of benefit takes off goods. Quantities that a benefit is limited to are found in [`super::units`],
//! sets of several units in [`super::sets`].

use super::eligible::Candidate;
use super::policy::DiscountRound;
use super::quote::Reason;
use super::shipping_step::reached;
use super::state::Step;
use super::units::{Chosen, choose_units};
use super::{sets, units};
use crate::money::{Minor, Percent, divide_rounded};
use crate::promotion::{AmountPer, Benefit, BulkTier, CountBy, Off, PricePer, Units};

/// Applies the benefit of a candidate; that it gave nothing is seen by the caller.
pub(super) fn of_benefit(step: &mut Step<'_>, candidate: &Candidate<'_>, goods_value: Minor) -> Result<(), Reason> {
    let items = &*step.places(candidate.target.clone());
    match &candidate.promotion.benefit {
        Benefit::Percentage { percent, units, max_discount, .. } => {
            let most = max_discount.as_ref().map(|most| candidate.amount(most)).transpose()?;
            let chosen = choose_or_explain(step, items, units)?;
            percentage(step, items, Chosen::of(&chosen), *percent);
            if let Some(most) = most {
                step.limit_to(most);
            }
        }
        Benefit::FixedAmount { amount, per, units, .. } => {
            let amount = candidate.amount(amount)?;
            match per {
                AmountPer::Order => spread_amount(step, items, amount),
                AmountPer::Line => each_line(step, items, amount),
                AmountPer::Unit => {
                    let chosen = choose_or_explain(step, items, units)?;
                    each_unit(step, items, Chosen::of(&chosen), Off::Amount(amount));
                }
            }
        }
        Benefit::FixedPrice { price, per, units, .. } => {
            let price = candidate.amount(price)?;
            match per {
                PricePer::Order => {
                    let sum: Minor = items.iter().map(|&item| step.base(item as usize)).sum();
                    spread_amount(step, items, sum.saturating_sub(step.price_here(items, price)));
                }
                PricePer::Unit => {
                    let chosen = choose_or_explain(step, items, units)?;
                    each_unit(step, items, Chosen::of(&chosen), Off::UnitPrice(price));
                }
            }
        }
        Benefit::SpendTiers { tiers, .. } => match reached(tiers, candidate, goods_value)? {
            Off::Percent(percent) => percentage(step, items, Chosen::All, percent),
            Off::Amount(amount) => spread_amount(step, items, amount),
            price @ Off::UnitPrice(_) => each_unit(step, items, Chosen::All, price),
        },
        Benefit::BulkPrice { count_by, tiers, .. } => bulk_price(step, candidate, *count_by, tiers)?,
        Benefit::BuyXGetY { .. } => sets::buy_x_get_y(step, candidate)?,
        Benefit::BundlePrice { parts, price, pick, max_uses } => {
            let price = candidate.amount(price)?;
            let terms = sets::Bundle { parts, price, pick: *pick, most: max_uses.map_or(i64::MAX, i64::from) };
            sets::bundle_price(step, candidate, &terms)?
        }
        Benefit::FreeShipping {} => {}
    }
    Ok(())
}

fn choose_or_explain(step: &Step<'_>, items: &[u32], units: &Units) -> Result<Option<Vec<i64>>, Reason> {
    let chosen = choose_units(step, items, units);
    match (&chosen, units.group_size) {
        (Some(counts), Some(size)) if counts.iter().all(|&count| count == 0) => {
            let there: i64 = items.iter().map(|&item| step.quantity(item as usize)).sum();
            Err(Reason::SetIncomplete { missing: (i64::from(size) - there).max(0) as u32 })
        }
        _ => Ok(chosen),
    }
}

/// Takes an amount off once, in proportion to the items' values.
fn spread_amount(step: &mut Step<'_>, items: &[u32], amount: Minor) {
    let values: Vec<Minor> = items.iter().map(|&item| step.base(item as usize)).collect();
    step.take_spread(items, &values, Chosen::All, amount.max(0));
}

/// Takes an amount off each item; its pieces share it.
fn each_line(step: &mut Step<'_>, places: &[u32], amount: Minor) {
    if !step.has_pieces() {
        return places.iter().for_each(|&item| step.take(item as usize, amount));
    }
    for of_item in pieces_of_items(step, places) {
        spread_amount(step, of_item, amount);
    }
}

/// Places of one item stand together.
fn pieces_of_items<'p>(step: &Step<'_>, places: &'p [u32]) -> Vec<&'p [u32]> {
    places.chunk_by(|&one, &next| step.item(one as usize) == step.item(next as usize)).collect()
}

/// Takes a percentage off whole items of several pieces: rounded over the item, as it would be without pieces.
fn percentage_of_items(step: &mut Step<'_>, places: &[u32], percent: Percent) {
    let rounding = step.setting.input.policy.disc_rounding;
    for of_item in pieces_of_items(step, places) {
        let values: Vec<Minor> = of_item.iter().map(|&place| step.base(place as usize)).collect();
        let amount = percent.of(values.iter().sum(), rounding).unwrap_or(Minor::MAX);
        step.take_spread(of_item, &values, Chosen::All, amount);
    }
}

/// Takes a percentage off the chosen units.
pub(super) fn percentage(step: &mut Step<'_>, items: &[u32], chosen: Chosen<'_>, percent: Percent) {
    let policy = step.setting.input.policy;
    if policy.disc_round == DiscountRound::Order {
        return percentage_of_sum(step, items, chosen, percent);
    }
    if step.has_pieces() && policy.disc_round == DiscountRound::Line && matches!(chosen, Chosen::All) {
        return percentage_of_items(step, items, percent);
    }
    for (place, &item) in items.iter().enumerate() {
        let item = item as usize;
        let (base, quantity) = (step.base(item), step.quantity(item));
        let count = chosen.count(place, quantity);
        let amount = match policy.disc_round {
            _ if count == 0 => Some(0),
            DiscountRound::Unit => {
                let of_unit = |value: Minor| percent.of(value, policy.disc_rounding);
                units::some_units_rounded(base, quantity, count, of_unit)
            }
            _ if count == quantity => percent.of(base, policy.disc_rounding),
            _ => {
                let numerator = i128::from(base) * i128::from(count) * i128::from(percent.millionths());
                let denominator = i128::from(quantity) * i128::from(Percent::WHOLE);
                divide_rounded(numerator, denominator, policy.disc_rounding)
            }
        };
        step.take_chosen(item, chosen, place, amount.unwrap_or(Minor::MAX));
    }
}

/// The percentage of all chosen units together, rounded once and spread over them.
fn percentage_of_sum(step: &mut Step<'_>, items: &[u32], chosen: Chosen<'_>, percent: Percent) {
    let mut values = Vec::with_capacity(items.len());
    // Thousandths of a minor unit, where only some of the units of an item count.
    let mut sum: i128 = 0;
    for (place, &item) in items.iter().enumerate() {
        let (base, quantity) = (step.base(item as usize), step.quantity(item as usize));
        let count = chosen.count(place, quantity);
        let thousandths = i128::from(base) * i128::from(count) * 1000 / i128::from(quantity);
        values.push((thousandths / 1000) as Minor);
        sum += thousandths;
    }
    let rounding = step.setting.input.policy.disc_rounding;
    let numerator = sum * i128::from(percent.millionths());
    let amount = divide_rounded(numerator, i128::from(Percent::WHOLE) * 1000, rounding).unwrap_or(Minor::MAX);
    step.take_spread(items, &values, chosen, amount);
}

/// Makes each chosen unit cheaper by itself.
fn each_unit(step: &mut Step<'_>, items: &[u32], chosen: Chosen<'_>, off: Off<Minor>) {
    for (place, &item) in items.iter().enumerate() {
        let item = item as usize;
        let count = chosen.count(place, step.quantity(item));
        let worth = units::worth(step, item, count);
        let times = |amount: Minor| i128::from(amount) * i128::from(count);
        let amount = match off {
            Off::Amount(amount) => times(amount).min(i128::from(worth)),
            Off::UnitPrice(price) => {
                let price = step.price_here([&(item as u32)], price);
                (i128::from(worth) - times(price)).max(0)
            }
            Off::Percent(_) => 0,
        };
        step.take_chosen(item, chosen, place, amount as Minor);
    }
}

fn bulk_price(
    step: &mut Step<'_>,
    candidate: &Candidate<'_>,
    count_by: CountBy,
    tiers: &[BulkTier],
) -> Result<(), Reason> {
    let items = &*step.places(candidate.target.clone());
    let mut nearest_missing = i64::MAX;
    let mut reached_any = false;
    for group in units::counted_together(step, items, count_by) {
        let quantity: i64 = group.iter().map(|&item| step.quantity(item as usize)).sum();
        let Some(tier) = tiers.iter().rev().find(|tier| quantity >= i64::from(tier.from_quantity)) else {
            let first = tiers.first().map_or(0, |tier| i64::from(tier.from_quantity));
            nearest_missing = nearest_missing.min(first - quantity);
            continue;
        };
        reached_any = true;
        match candidate.off(&tier.off)? {
            Off::Percent(percent) => percentage(step, group, Chosen::All, percent),
            off => each_unit(step, group, Chosen::All, off),
        }
    }
    if reached_any { Ok(()) } else { Err(Reason::MinQuantity { missing: nearest_missing.max(0) as u32 }) }
}
