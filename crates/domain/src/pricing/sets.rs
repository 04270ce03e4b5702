//! Promotions on sets of units: buy x get y, and bundles at a set price.

use super::eligible::{Candidate, matches};
use super::policy::Pick;
use super::quote::Reason;
use super::state::Step;
use super::units::{Chosen, counted_together};
use super::{discount, units};
use crate::money::Minor;
use crate::promotion::{Benefit, BundlePart};

/// Units that may be bought only, given only, or either.
#[derive(Clone, Copy, Default)]
struct Supply {
    bought: i64,
    given: i64,
    either: i64,
}

/// How many units a promotion asks for, gives, and how often.
#[derive(Clone, Copy)]
struct Terms {
    buy: i64,
    get: i64,
    most: i64,
    partial: bool,
}

/// Takes the percentage off the units given.
pub(super) fn buy_x_get_y(step: &mut Step<'_>, candidate: &Candidate<'_>) -> Result<(), Reason> {
    let Benefit::BuyXGetY { buy_quantity, get_quantity, percent, max_uses, count_by, .. } =
        &candidate.promotion.benefit
    else {
        return Ok(());
    };
    let terms = Terms {
        buy: i64::from(*buy_quantity),
        get: i64::from((*get_quantity).max(1)),
        most: max_uses.map_or(i64::MAX, i64::from),
        partial: step.setting.input.policy.partial_get,
    };
    let matches = &step.setting.candidates.matches;
    let (bought, given) = (&matches[candidate.target.clone()], &matches[candidate.given.clone()]);
    let mut missing = i64::MAX;
    let mut found = false;
    for given in counted_together(step, given, *count_by) {
        let variant = |item: u32| step.setting.goods.items[item as usize].line.variant_id;
        let together = *count_by == crate::promotion::CountBy::Together;
        let bought = bought.iter().copied().filter(|&item| together || variant(item) == variant(given[0]));
        let bought: Vec<u32> = bought.collect();
        let supply = supply(step, &bought, given);
        let free = terms.free_units(supply);
        if free == 0 {
            missing = missing.min(terms.missing(supply));
            continue;
        }
        found = true;
        let from_both = supply.bought + supply.either - terms.sets_for(free) * terms.buy;
        let counts = give(step, &bought, given, free, from_both);
        discount::percentage(step, given, &Chosen::Some(counts), *percent);
    }
    if found { Ok(()) } else { Err(Reason::SetIncomplete { missing: missing.clamp(0, i64::from(u32::MAX)) as u32 }) }
}

fn supply(step: &Step<'_>, bought: &[u32], given: &[u32]) -> Supply {
    let mut supply = Supply::default();
    for &item in given {
        let quantity = step.quantity(item as usize);
        match bought.binary_search(&item) {
            Ok(_) => supply.either += quantity,
            Err(_) => supply.given += quantity,
        }
    }
    let all_bought: i64 = bought.iter().map(|&item| step.quantity(item as usize)).sum();
    supply.bought = all_bought - supply.either;
    supply
}

impl Terms {
    /// Units given: whole sets, as many as the goods allow, and where the store wants it what there is of one more.
    fn free_units(self, supply: Supply) -> i64 {
        let (can_buy, can_give) = (supply.bought + supply.either, supply.given + supply.either);
        let all = supply.bought + supply.given + supply.either;
        let by_buying = can_buy.checked_div(self.buy).unwrap_or(i64::MAX);
        let sets = by_buying.min(can_give / self.get).min(all / (self.buy + self.get)).min(self.most);
        let whole = sets * self.get;
        if !self.partial || sets == self.most || can_buy < (sets + 1) * self.buy {
            return whole;
        }
        let rest = all - (sets + 1) * self.buy;
        whole.max(rest.min(can_give).min(whole + self.get))
    }

    fn sets_for(self, free: i64) -> i64 {
        (free + self.get - 1) / self.get
    }

    /// Units that would have to be added for the first set.
    fn missing(self, supply: Supply) -> i64 {
        let can_buy = supply.bought + supply.either;
        let can_give = supply.given + supply.either;
        let all = can_buy + supply.given;
        let wanted = self.buy + self.get - all;
        wanted.max(self.buy - can_buy).max(self.get - can_give).max(0)
    }
}

/// How many units of each item are given: `free` in all, the cheapest first, and of items that may also be bought no
/// more than `from_both`, so that enough of those stay to be bought.
fn give(step: &Step<'_>, bought: &[u32], given: &[u32], free: i64, from_both: i64) -> Vec<i64> {
    let mut counts = vec![0; given.len()];
    let (mut left, mut left_of_both) = (free, from_both);
    for item in step.by_unit_value(given, step.setting.input.policy.bxgy_pick) {
        let both = bought.binary_search(&item).is_ok();
        let most = if both { left.min(left_of_both) } else { left };
        let taken = step.quantity(item as usize).min(most);
        left -= taken;
        if both {
            left_of_both -= taken;
        }
        if let Ok(place) = given.binary_search(&item) {
            counts[place] = taken;
        }
    }
    counts
}

/// Gives the dearest units that make up sets the price of the sets.
pub(super) fn bundle_price(
    step: &mut Step<'_>,
    parts: &[BundlePart],
    price: Minor,
    max_uses: Option<u32>,
) -> Result<(), Reason> {
    let mut candidates: Vec<Vec<u32>> = vec![Vec::new(); parts.len()];
    for (index, item) in step.setting.goods.items.iter().enumerate() {
        if let Some(part) = parts.iter().position(|part| matches(&part.only, item.line)) {
            candidates[part].push(index as u32);
        }
    }
    let mut most = max_uses.map_or(i64::MAX, i64::from);
    let mut missing = 0;
    for (part, items) in parts.iter().zip(&mut candidates) {
        let there: i64 = items.iter().map(|&item| step.quantity(item as usize)).sum();
        missing += (i64::from(part.quantity) - there).max(0);
        most = most.min(there / i64::from(part.quantity.max(1)));
        *items = step.by_unit_value(items, Pick::Dearest);
    }
    if most == 0 || parts.is_empty() {
        return Err(Reason::SetIncomplete { missing: missing as u32 });
    }
    let gain = |sets: i64| -> i128 {
        let worth = chosen_values(step, parts, &candidates, sets).iter().map(|value| i128::from(value.1)).sum::<i128>();
        worth - i128::from(price) * i128::from(sets)
    };
    let sets = best_number_of_sets(most, gain);
    let amount = gain(sets).clamp(0, i128::from(Minor::MAX)) as Minor;
    let mut chosen = chosen_values(step, parts, &candidates, sets);
    chosen.sort_unstable();
    let (items, values): (Vec<u32>, Vec<Minor>) = chosen.into_iter().unzip();
    step.take_spread(&items, &values, amount);
    Ok(())
}

/// Items and the value of those of their units that make up so many sets.
fn chosen_values(step: &Step<'_>, parts: &[BundlePart], candidates: &[Vec<u32>], sets: i64) -> Vec<(u32, Minor)> {
    let mut chosen = Vec::new();
    for (part, items) in parts.iter().zip(candidates) {
        let mut wanted = i64::from(part.quantity) * sets;
        for &item in items {
            let count = step.quantity(item as usize).min(wanted);
            if count > 0 {
                chosen.push((item, units::worth(step, item as usize, count)));
            }
            wanted -= count;
        }
    }
    chosen
}

/// Each further set is worth no more than the one before, so the best number is found by halving.
fn best_number_of_sets(most: i64, gain: impl Fn(i64) -> i128) -> i64 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        if gain(middle) > gain(middle - 1) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
