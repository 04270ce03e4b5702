//! Promotions on sets of units: buy x get y, and bundles at a set price.

use super::eligible::Candidate;
use super::policy::Pick;
use super::quote::Reason;
use super::state::Step;
use super::units::{Chosen, counted_together};
use super::{discount, units};
use crate::money::Minor;
use crate::promotion::{Benefit, BundlePart, CountBy};

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
    // Many small groups would each need memory of their own otherwise.
    let (mut both, mut counts) = (Vec::new(), Vec::new());
    let mut rest = bought;
    for given in counted_together(step, given, *count_by) {
        let bought = match count_by {
            CountBy::Together => bought,
            CountBy::Variant => of_one_variant(step, &mut rest, given[0]),
        };
        also_bought(given, bought, &mut both);
        let supply = supply(step, bought, given, &both);
        let free = terms.free_units(supply);
        if free == 0 {
            missing = missing.min(terms.missing(supply));
            continue;
        }
        found = true;
        let from_both = supply.bought + supply.either - terms.sets_for(free) * terms.buy;
        give(step, given, &both, (free, from_both), &mut counts);
        discount::percentage(step, given, Chosen::Some(&counts), *percent);
    }
    if found { Ok(()) } else { Err(Reason::SetIncomplete { missing: missing.clamp(0, i64::from(u32::MAX)) as u32 }) }
}

/// Takes off the front of `rest` the items of one item's variant, and what comes before them. Items are sorted by what
/// they are, so those of a variant stand together, in `rest` too.
fn of_one_variant<'i>(step: &Step<'_>, rest: &mut &'i [u32], one: u32) -> &'i [u32] {
    let all = &step.setting.goods.items;
    let variant = |item: usize| all[item].line.variant_id;
    let first = (0..one as usize).rev().take_while(|&item| variant(item) == variant(one as usize)).last();
    let first = first.map_or(one, |first| first as u32);
    let skipped = rest.iter().take_while(|&&item| item < first).count();
    let is_alike = |item: u32| item == one || variant(item as usize) == variant(one as usize);
    let count = rest[skipped..].iter().take_while(|&&item| is_alike(item)).count();
    let (found, after) = rest[skipped..].split_at(count);
    *rest = after;
    found
}

/// Finds for each item given whether it is among those that may be bought; both lists rise.
fn also_bought(given: &[u32], bought: &[u32], both: &mut Vec<bool>) {
    let mut rest = bought.iter().peekable();
    let is_bought = |item: &u32| {
        while rest.next_if(|next| *next < item).is_some() {}
        rest.next_if_eq(&item).is_some()
    };
    both.clear();
    both.extend(given.iter().map(is_bought));
}

fn supply(step: &Step<'_>, bought: &[u32], given: &[u32], both: &[bool]) -> Supply {
    let mut supply = Supply::default();
    for (&item, both) in given.iter().zip(both) {
        let quantity = step.quantity(item as usize);
        if *both {
            supply.either += quantity;
        } else {
            supply.given += quantity;
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

/// How many units of each item are given: in all as many as the first of `most` says, the cheapest first, and of items
/// that may also be bought no more than the second, so that enough of those stay to be bought.
fn give(step: &Step<'_>, given: &[u32], both: &[bool], most: (i64, i64), counts: &mut Vec<i64>) {
    counts.clear();
    counts.resize(given.len(), 0);
    let (mut left, mut left_of_both) = most;
    let mut give_of = |place: usize| {
        let most = if both[place] { left.min(left_of_both) } else { left };
        let taken = step.quantity(given[place] as usize).min(most);
        left -= taken;
        if both[place] {
            left_of_both -= taken;
        }
        counts[place] = taken;
    };
    if given.len() == 1 {
        give_of(0);
    } else {
        step.by_unit_value(given, step.setting.input.policy.bxgy_pick).into_iter().for_each(give_of);
    }
}

/// The goods of one part of a bundle, the dearest units first, each with the units and the value up to its end.
struct Shelf {
    items: Vec<u32>,
    ends: Vec<(i64, i128)>,
}

impl Shelf {
    fn of(step: &Step<'_>, items: &[u32]) -> Shelf {
        let order = step.by_unit_value(items, Pick::Dearest);
        let items: Vec<u32> = order.into_iter().map(|place| items[place]).collect();
        let mut end = (0, 0);
        let ends = items.iter().map(|&item| {
            end.0 += step.quantity(item as usize);
            end.1 += i128::from(step.base(item as usize));
            end
        });
        Shelf { ends: ends.collect(), items }
    }

    fn units(&self) -> i64 {
        self.ends.last().map_or(0, |end| end.0)
    }

    /// How many items are taken whole for so many units, and the units of the next.
    fn cut(&self, wanted: i64) -> (usize, i64) {
        let whole = self.ends.partition_point(|end| end.0 <= wanted);
        let before = whole.checked_sub(1).map_or(0, |last| self.ends[last].0);
        (whole, if whole < self.items.len() { wanted - before } else { 0 })
    }

    /// What so many units are worth.
    fn worth(&self, step: &Step<'_>, wanted: i64) -> i128 {
        let (whole, rest) = self.cut(wanted);
        let before = whole.checked_sub(1).map_or(0, |last| self.ends[last].1);
        before + if rest > 0 { i128::from(units::worth(step, self.items[whole] as usize, rest)) } else { 0 }
    }

    /// The items of so many units, each with what its part is worth.
    fn take(&self, step: &Step<'_>, wanted: i64, chosen: &mut Vec<(u32, Minor)>) {
        let (whole, rest) = self.cut(wanted);
        chosen.extend(self.items[..whole].iter().map(|&item| (item, step.base(item as usize))));
        if rest > 0 {
            let item = self.items[whole];
            chosen.push((item, units::worth(step, item as usize, rest)));
        }
    }
}

/// Gives the dearest units that make up sets the price of the sets.
pub(super) fn bundle_price(
    step: &mut Step<'_>,
    candidate: &Candidate<'_>,
    parts: &[BundlePart],
    price: Minor,
    max_uses: Option<u32>,
) -> Result<(), Reason> {
    let matches = &step.setting.candidates.matches;
    let shelves: Vec<Shelf> = candidate.parts.iter().map(|range| Shelf::of(step, &matches[range.clone()])).collect();
    let of_parts = candidate.parts.iter().flat_map(|range| &matches[range.clone()]);
    let price = step.setting.price_here(of_parts, price);
    let mut most = max_uses.map_or(i64::MAX, i64::from);
    let mut missing = 0;
    for (part, shelf) in parts.iter().zip(&shelves) {
        let there = shelf.units();
        missing += (i64::from(part.quantity) - there).max(0);
        most = most.min(there / i64::from(part.quantity.max(1)));
    }
    if most == 0 || parts.is_empty() {
        return Err(Reason::SetIncomplete { missing: missing as u32 });
    }
    let gain = |sets: i64| -> i128 {
        let worth = |(part, shelf): (&BundlePart, &Shelf)| shelf.worth(step, i64::from(part.quantity) * sets);
        parts.iter().zip(&shelves).map(worth).sum::<i128>() - i128::from(price) * i128::from(sets)
    };
    let sets = best_number_of_sets(most, gain);
    let amount = gain(sets).clamp(0, i128::from(Minor::MAX)) as Minor;
    let mut chosen = Vec::new();
    for (part, shelf) in parts.iter().zip(&shelves) {
        shelf.take(step, i64::from(part.quantity) * sets, &mut chosen);
    }
    chosen.sort_unstable();
    let (items, values): (Vec<u32>, Vec<Minor>) = chosen.into_iter().unzip();
    step.take_spread(&items, &values, amount);
    Ok(())
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
