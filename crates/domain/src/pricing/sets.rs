//! Promotions on sets of units: buy x get y, and bundles at a set price.

use super::eligible::Candidate;
use super::policy::{BxgyUnits, Pick};
use super::quote::Reason;
use super::state::Step;
use super::units::{Chosen, counted_together};
use super::{discount, units};
use crate::money::Minor;
use crate::promotion::{Benefit, BundlePart, CountBy};
use std::ops::Range;

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
    let (bought, given) = (step.places(candidate.target.clone()), step.places(candidate.given.clone()));
    let (bought, given) = (&*bought, &*given);
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
        if step.setting.input.policy.bxgy_units == BxgyUnits::UsedOnce {
            use_up(step, (bought, given), &counts, terms.sets_for(free) * terms.buy);
        }
    }
    if found { Ok(()) } else { Err(Reason::SetIncomplete { missing: missing.clamp(0, i64::from(u32::MAX)) as u32 }) }
}

/// Takes off the front of `rest` the items of one item's variant, and what comes before them. Items are sorted by what
/// they are, so those of a variant stand together, in `rest` too.
fn of_one_variant<'i>(step: &Step<'_>, rest: &mut &'i [u32], one: u32) -> &'i [u32] {
    let all = &step.setting.goods.items;
    let variant = |place: usize| all[step.item(place)].line.variant_id;
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
        let quantity = step.unused(item as usize);
        if *both {
            supply.either += quantity;
        } else {
            supply.given += quantity;
        }
    }
    let all_bought: i64 = bought.iter().map(|&item| step.unused(item as usize)).sum();
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
        let taken = step.unused(given[place] as usize).min(most);
        left -= taken;
        if both[place] {
            left_of_both -= taken;
        }
        counts[place] = taken;
    };
    if given.len() == 1 {
        give_of(0);
    } else {
        step.by_pick(given, step.setting.input.policy.bxgy_pick).into_iter().for_each(give_of);
    }
}

/// Notes the units given, and as many bought ones as the sets took: first those that cannot be given, then in the order in
/// which units are given, so that the rest is what the next promotion would have left too.
fn use_up(step: &mut Step<'_>, (bought, given): (&[u32], &[u32]), counts: &[i64], mut left: i64) {
    for (&place, &count) in given.iter().zip(counts) {
        step.use_up(place as usize, count);
    }
    let mut order = step.by_pick(bought, step.setting.input.policy.bxgy_pick);
    order.sort_by_key(|&at| given.binary_search(&bought[at]).is_ok());
    for at in order {
        let place = bought[at] as usize;
        let used = step.unused(place).min(left);
        step.use_up(place, used);
        left -= used;
    }
}

/// The goods of one part of a bundle in the order in which they make up sets, each with the units and the value up to its end.
struct Shelf {
    items: Vec<u32>,
    ends: Vec<(i64, i128)>,
}

impl Shelf {
    fn of(step: &Step<'_>, items: &[u32], pick: Pick) -> Shelf {
        let order = step.by_unit_value(items, pick);
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

    /// The items of the units from one number on up to another, each with how many of it and what these are worth.
    fn take(&self, step: &Step<'_>, units: Range<i64>, chosen: &mut Vec<(u32, i64, Minor)>) {
        let first = self.ends.partition_point(|end| end.0 <= units.start);
        let mut start = first.checked_sub(1).map_or(0, |last| self.ends[last].0);
        for (&item, &(end, _)) in self.items[first..].iter().zip(&self.ends[first..]) {
            if start >= units.end {
                break;
            }
            let count = end.min(units.end) - start.max(units.start);
            chosen.push((item, count, units::worth(step, item as usize, count)));
            start = end;
        }
    }
}

/// What makes a set and what it costs.
pub(super) struct Bundle<'a> {
    pub parts: &'a [BundlePart],
    pub price: Minor,
    pub pick: Pick,
    /// Sets at most.
    pub most: i64,
}

/// Gives the units that make up sets the price of the sets.
pub(super) fn bundle_price(step: &mut Step<'_>, candidate: &Candidate<'_>, terms: &Bundle<'_>) -> Result<(), Reason> {
    let Bundle { parts, price, pick, mut most } = *terms;
    let shelf = |range: &Range<usize>| Shelf::of(step, &step.places(range.clone()), pick);
    let shelves: Vec<Shelf> = candidate.parts.iter().map(shelf).collect();
    let price = step.price_here(shelves.iter().flat_map(|shelf| &shelf.items), price);
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
    let sets = sets_that_gain(pick, most, gain);
    let amount = (gain(sets.end) - gain(sets.start)).clamp(0, i128::from(Minor::MAX)) as Minor;
    let mut chosen = Vec::new();
    for (part, shelf) in parts.iter().zip(&shelves) {
        let size = i64::from(part.quantity);
        shelf.take(step, size * sets.start..size * sets.end, &mut chosen);
    }
    chosen.sort_unstable();
    let items: Vec<u32> = chosen.iter().map(|one| one.0).collect();
    let counts: Vec<i64> = chosen.iter().map(|one| one.1).collect();
    let values: Vec<Minor> = chosen.iter().map(|one| one.2).collect();
    step.take_spread(&items, &values, Chosen::Some(&counts), amount);
    Ok(())
}

/// The sets that cost less than their parts. Each further set is worth no more than the one before, or with the cheapest
/// first no less, so those that gain are the first or the last ones, and the border is found by halving.
fn sets_that_gain(pick: Pick, most: i64, gain: impl Fn(i64) -> i128) -> Range<i64> {
    let rising = pick != Pick::Dearest;
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        if (gain(middle) > gain(middle - 1)) != rising {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    if rising { low..most } else { 0..low }
}
