//! Which units of items a benefit is for. Quantities are never unrolled: an item is a run of equal units.

use super::policy::Pick;
use super::state::Step;
use crate::money::Minor;
use crate::promotion::{CountBy, NthUnit, Units, Within};

/// How many units of each item a benefit is for.
#[derive(Clone, Copy)]
pub(super) enum Chosen<'a> {
    /// All of them.
    All,
    /// So many of each, in the order of the items that were asked about.
    Some(&'a [i64]),
}

impl<'a> Chosen<'a> {
    /// Of what [`choose_units`] found.
    pub fn of(counts: &'a Option<Vec<i64>>) -> Chosen<'a> {
        counts.as_deref().map_or(Chosen::All, Chosen::Some)
    }

    pub fn count(self, place: usize, quantity: i64) -> i64 {
        match self {
            Chosen::All => quantity,
            Chosen::Some(counts) => counts[place],
        }
    }
}

/// The present value of some units of an item, in whole minor units.
pub(super) fn worth(step: &Step<'_>, item: usize, units: i64) -> Minor {
    let (base, quantity) = (step.base(item), step.quantity(item));
    if units == quantity {
        return base;
    }
    match base.checked_mul(units) {
        Some(product) => product / quantity,
        None => (i128::from(base) * i128::from(units) / i128::from(quantity)) as Minor,
    }
}

/// What a rule yields that is rounded for each unit: the value of the units is whole minor units too, so some cost one
/// more than the others.
pub(super) fn units_rounded(value: Minor, units: i64, of_unit: impl Fn(Minor) -> Option<Minor>) -> Option<Minor> {
    some_units_rounded(value, units, units, of_unit)
}

/// The same for the first `count` of the units, those that cost one more coming first.
pub(super) fn some_units_rounded(
    value: Minor,
    units: i64,
    count: i64,
    of_unit: impl Fn(Minor) -> Option<Minor>,
) -> Option<Minor> {
    if units == 1 {
        return of_unit(value);
    }
    let (each, dearer) = (value / units, (value % units).min(count));
    let upper = if dearer > 0 { of_unit(each + 1)?.checked_mul(dearer)? } else { 0 };
    of_unit(each)?.checked_mul(count - dearer)?.checked_add(upper)
}

/// Finds how many units of each item `units` allows, where it does not allow all.
pub(super) fn choose_units(step: &Step<'_>, items: &[u32], units: &Units) -> Option<Vec<i64>> {
    if units.is_all() {
        return None;
    }
    let pick = step.setting.input.policy.pick;
    let sorted = match units.nth {
        Some(nth) => step.by_unit_value(items, nth.from),
        None => step.by_pick(items, pick),
    };
    let mut runs = runs(step, items, &sorted, units.max_quantity_per_line);
    if let Some(size) = units.group_size {
        let grouped: i64 = runs.iter().sum::<i64>() / i64::from(size.max(1)) * i64::from(size);
        match units.nth {
            None => cut(&mut runs, grouped),
            Some(nth) => every_nth(&mut runs, i64::from(size.max(1)), nth),
        }
    }
    let most = units.max_quantity.map(i64::from);
    if let (Some(most), None) = (most, units.nth) {
        cut(&mut runs, most);
    }
    let mut counts = vec![0; items.len()];
    for (&place, run) in sorted.iter().zip(runs) {
        counts[place] = run;
    }
    // Groups are counted from one end of the prices; which of their units count is another question.
    if let (Some(mut left), Some(_)) = (most, units.nth) {
        for place in step.by_pick(items, pick) {
            counts[place] = counts[place].min(left);
            left -= counts[place];
        }
    }
    Some(counts)
}

/// The units at each place in this order, at most so many of one line.
fn runs(step: &Step<'_>, items: &[u32], sorted: &[usize], most_of_line: Option<u32>) -> Vec<i64> {
    let quantities = sorted.iter().map(|&place| step.quantity(items[place] as usize));
    let Some(most) = most_of_line.map(i64::from) else { return quantities.collect() };
    if !step.has_pieces() {
        return quantities.map(|quantity| quantity.min(most)).collect();
    }
    let mut left_of_line = vec![most; step.setting.goods.items.len()];
    let of_piece = |(&place, quantity): (&usize, i64)| {
        let left = &mut left_of_line[step.item(items[place] as usize)];
        let run = quantity.min(*left);
        *left -= run;
        run
    };
    sorted.iter().zip(quantities).map(of_piece).collect()
}

/// Keeps the first `most` units.
fn cut(runs: &mut [i64], most: i64) {
    let mut left = most;
    for run in runs {
        *run = (*run).min(left);
        left -= *run;
    }
}

/// Keeps the unit at a position of every group. Runs are sorted in the direction the position is counted in, groups are
/// formed by rising price.
fn every_nth(runs: &mut [i64], size: i64, nth: NthUnit) {
    let all: i64 = runs.iter().sum();
    let groups = all / size;
    let position = i64::from(nth.position.max(1));
    // From the dearest on, the units that make no whole group come first.
    let skipped = if nth.from == Pick::Dearest { all - groups * size } else { 0 };
    let kept_before = |unit: i64| -> i64 {
        let unit = (unit - skipped).clamp(0, groups * size);
        match nth.within {
            Within::EachGroup if position > size => 0,
            Within::EachGroup => (unit + size - position) / size,
            Within::AllGroups => (unit - (position - 1) * groups).clamp(0, groups),
        }
    };
    let mut start = 0;
    for run in runs {
        let end = start + *run;
        *run = kept_before(end) - kept_before(start);
        start = end;
    }
}

/// The items in groups that are counted together.
pub(super) fn counted_together<'i>(step: &Step<'_>, items: &'i [u32], count_by: CountBy) -> Vec<&'i [u32]> {
    match count_by {
        CountBy::Together => vec![items],
        CountBy::Variant => {
            let variant = |place: u32| step.setting.goods.items[step.item(place as usize)].line.variant_id;
            // Items are sorted by what they are, so those of one variant stand together.
            items.chunk_by(|a, b| variant(*a) == variant(*b)).collect()
        }
    }
}
