//! Tax on what is left after discounts. Every taxed thing and each of its rates is a cell; cells that the store rounds
//! together form a group, whose rounded tax is spread over them again.

use super::input::PricingError;
use super::policy::{DiscountTax, Extract, MultiRate, ShippingTax, Split, TaxRound};
use super::split::{split, split_over_values};
use super::state::{Setting, State};
use super::units::units_rounded;
use crate::money::{Minor, Percent, Rounding, divide_rounded};

/// Tax of one rate on one thing.
struct Cell {
    /// The item; `None` is shipping.
    item: Option<usize>,
    rate: usize,
    included: bool,
    /// What the rate is levied on, in minor units, with the contained tax.
    value: Minor,
    /// The rate in millionths of a per cent.
    millionths: i64,
    /// See [`super::items::TaxClass::denominator`].
    denominator: i64,
    /// Units that are rounded one by one.
    units: i64,
    tax: Minor,
}

/// Tax found.
pub(super) struct Taxes {
    /// Per item: on top, contained.
    pub items: Vec<(Minor, Minor)>,
    /// On shipping: on top, contained.
    pub shipping: (Minor, Minor),
    /// Per rate and whether it is contained: index of the rate, whether contained, what it was levied on, the tax.
    pub rates: Vec<(usize, bool, Minor, Minor)>,
}

/// Finds all tax.
pub(super) fn levy(setting: &Setting<'_>, state: &State) -> Result<Taxes, PricingError> {
    let before = setting.input.policy.disc_tax != DiscountTax::After;
    let value = |item: usize| {
        if before { setting.goods.items[item].original } else { state.left[item] }
    };
    let mut cells = item_cells(setting, value);
    let fee =
        if setting.input.policy.disc_tax == DiscountTax::Before { state.shipping_fee } else { state.shipping_left };
    shipping_cells(setting, state, fee, &mut cells);
    round_cells(setting, &mut cells)?;
    if setting.input.policy.disc_tax == DiscountTax::OwnRow {
        let off = |item: usize| setting.goods.items[item].original - state.left[item];
        let mut rows = item_cells(setting, off);
        rows.iter_mut().for_each(|row| row.units = 1);
        // The discount is one row per rate, whatever lines are rounded by.
        round_groups(&mut rows, |cell| (cell.rate, cell.denominator), Rules::of(setting))?;
        for (cell, row) in cells.iter_mut().zip(&rows) {
            cell.value -= row.value;
            cell.tax -= row.tax.min(cell.tax);
        }
    }
    collect(setting, &cells)
}

fn item_cells(setting: &Setting<'_>, value: impl Fn(usize) -> Minor) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(setting.goods.items.len());
    for (index, item) in setting.goods.items.iter().enumerate() {
        let class = &setting.goods.classes[item.class];
        for &(rate, millionths, included) in &class.rates {
            cells.push(Cell {
                item: Some(index),
                rate,
                included,
                value: value(index),
                millionths,
                denominator: class.denominator,
                units: item.quantity,
                tax: 0,
            });
        }
    }
    cells
}

/// Shipping is taxed by its own rates, or in parts by those of the goods.
fn shipping_cells(setting: &Setting<'_>, state: &State, fee: Minor, cells: &mut Vec<Cell>) {
    let goods = &setting.goods;
    let mut shares = vec![(goods.shipping_class, fee)];
    let weighted = setting.input.policy.ship_tax == ShippingTax::Weighted && state.goods_left > 0;
    if weighted {
        let mut values = vec![0; goods.classes.len()];
        for (item, left) in goods.items.iter().zip(&state.left) {
            values[item.class] += left;
        }
        let weights: Vec<i128> = values.iter().map(|&value| i128::from(value)).collect();
        let caps = vec![fee; values.len()];
        shares = split(fee, &weights, &caps, Split::LargestRemainder).into_iter().enumerate().collect();
    }
    for (class, value) in shares.into_iter().filter(|share| share.1 > 0) {
        let class = &goods.classes[class];
        let all: i64 = class.rates.iter().map(|rate| rate.1).sum();
        for &(rate, millionths, own) in &class.rates {
            // Whether the fee contains the rates of the goods is for the store to say, not for those rates.
            let included = if weighted { setting.input.prices_include_tax } else { own };
            let denominator = match (weighted, included) {
                (false, _) => class.denominator,
                (true, true) => Percent::WHOLE + all,
                (true, false) => Percent::WHOLE,
            };
            cells.push(Cell { item: None, rate, included, value, millionths, denominator, units: 1, tax: 0 });
        }
    }
}

#[derive(Clone, Copy)]
struct Rules {
    rounding: Rounding,
    extract: Extract,
}

impl Rules {
    fn of(setting: &Setting<'_>) -> Rules {
        Rules { rounding: setting.input.policy.tax_rounding, extract: setting.input.policy.incl_extract }
    }
}

fn round_cells(setting: &Setting<'_>, cells: &mut [Cell]) -> Result<(), PricingError> {
    let rules = Rules::of(setting);
    let policy = setting.input.policy;
    let combined = policy.multi_rate == MultiRate::Combined || setting.input.tax_exempt;
    let level = if setting.input.tax_exempt { TaxRound::Line } else { policy.tax_round };
    if level != TaxRound::Unit {
        cells.iter_mut().for_each(|cell| cell.units = 1);
    }
    // One group per thing: items before shipping, whose parts by class of goods stay apart.
    let thing =
        |cell: &Cell| (cell.item.map_or(1, |_| 0), cell.item.unwrap_or(cell.denominator as usize), cell.included);
    match level {
        TaxRound::Unit | TaxRound::Line if combined || rules.extract == Extract::Net => {
            round_groups(cells, thing, rules)
        }
        TaxRound::Unit | TaxRound::Line => cells.iter_mut().try_for_each(|cell| {
            cell.tax = cell.alone(rules.rounding).ok_or(PricingError::Overflow)?;
            Ok(())
        }),
        TaxRound::OrderRate => {
            round_groups(cells, |cell| (cell.item.is_none(), cell.rate, cell.denominator, cell.included), rules)
        }
        TaxRound::OrderAll => round_groups(cells, |cell| (cell.denominator, cell.included), rules),
    }
}

impl Cell {
    fn weight(&self) -> i128 {
        i128::from(self.value) * i128::from(self.millionths)
    }

    fn alone(&self, rounding: Rounding) -> Option<Minor> {
        if self.units == 1 && self.denominator == Percent::WHOLE {
            return crate::money::multiply_divide(self.value, self.millionths, Percent::WHOLE, rounding);
        }
        units_rounded(self.value, self.units, |value| {
            let numerator = i128::from(value) * i128::from(self.millionths);
            divide_rounded(numerator, i128::from(self.denominator), rounding)
        })
    }
}

/// Rounds the tax of each group once and spreads it over its cells. Cells of a group have one denominator.
fn round_groups<K: Ord>(cells: &mut [Cell], key: impl Fn(&Cell) -> K, rules: Rules) -> Result<(), PricingError> {
    let mut order: Vec<(K, usize)> = cells.iter().enumerate().map(|(at, cell)| (key(cell), at)).collect();
    order.sort_unstable();
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let group: Vec<usize> = group.iter().map(|cell| cell.1).collect();
        let tax = group_tax(cells, &group, rules).ok_or(PricingError::Overflow)?;
        let weights: Vec<i128> = group.iter().map(|&at| cells[at].weight()).collect();
        let parts = split(tax, &weights, &vec![Minor::MAX; group.len()], Split::LargestRemainder);
        for (&at, part) in group.iter().zip(parts) {
            cells[at].tax = part;
        }
    }
    Ok(())
}

fn group_tax(cells: &[Cell], group: &[usize], rules: Rules) -> Option<Minor> {
    let first = &cells[group[0]];
    if first.included && rules.extract == Extract::Net {
        return gross_less_net(cells, group, rules.rounding);
    }
    if first.units > 1 {
        // The group is one item and its rates.
        let rates: i64 = group.iter().map(|&at| cells[at].millionths).sum();
        return units_rounded(first.value, first.units, |value| {
            let numerator = i128::from(value) * i128::from(rates);
            divide_rounded(numerator, i128::from(first.denominator), rules.rounding)
        });
    }
    let sum: i128 = group.iter().map(|&at| cells[at].weight()).sum();
    divide_rounded(sum, i128::from(first.denominator), rules.rounding)
}

/// The contained tax where the net is what is rounded. Only the tax of the group's own rates is wanted: with several
/// rates rounded apart, each takes the whole net from its own.
fn gross_less_net(cells: &[Cell], group: &[usize], rounding: Rounding) -> Option<Minor> {
    let mut gross: Minor = 0;
    let mut seen: Vec<Option<usize>> = Vec::new();
    let mut rates: Vec<(usize, i64)> = Vec::new();
    for &at in group {
        let cell = &cells[at];
        if seen.last() != Some(&cell.item) {
            seen.push(cell.item);
            gross = gross.checked_add(cell.value)?;
        }
        if !rates.iter().any(|rate| rate.0 == cell.rate) {
            rates.push((cell.rate, cell.millionths));
        }
    }
    let first = &cells[group[0]];
    let own: i64 = rates.iter().map(|rate| rate.1).sum();
    let net = units_rounded(gross, first.units, |value| {
        let numerator = i128::from(value) * i128::from(first.denominator - own);
        divide_rounded(numerator, i128::from(first.denominator), rounding)
    })?;
    Some((gross - net).max(0))
}

fn collect(setting: &Setting<'_>, cells: &[Cell]) -> Result<Taxes, PricingError> {
    let mut taxes = Taxes { items: vec![(0, 0); setting.goods.items.len()], shipping: (0, 0), rates: Vec::new() };
    for cell in cells {
        let of_thing = match cell.item {
            Some(item) => &mut taxes.items[item],
            None => &mut taxes.shipping,
        };
        let sum = if cell.included { &mut of_thing.1 } else { &mut of_thing.0 };
        *sum = sum.checked_add(cell.tax).ok_or(PricingError::Overflow)?;
    }
    // What rates are levied on is the value without contained tax; of the shares of shipping each has its own.
    let net = |cell: &Cell| match cell.item {
        Some(item) => cell.value - taxes.items[item].1,
        None => cell.value - divide_rounded_or_zero(cell),
    };
    for cell in cells {
        let at = match taxes.rates.iter().position(|rate| (rate.0, rate.1) == (cell.rate, cell.included)) {
            Some(at) => at,
            None => {
                taxes.rates.push((cell.rate, cell.included, 0, 0));
                taxes.rates.len() - 1
            }
        };
        let base = net(cell);
        let rate = &mut taxes.rates[at];
        rate.2 = rate.2.checked_add(base).ok_or(PricingError::Overflow)?;
        rate.3 = rate.3.checked_add(cell.tax).ok_or(PricingError::Overflow)?;
    }
    taxes.rates.sort_unstable_by_key(|rate| (rate.0, rate.1));
    Ok(taxes)
}

/// The tax contained in a share of shipping.
fn divide_rounded_or_zero(cell: &Cell) -> Minor {
    let contained = i128::from(cell.denominator - Percent::WHOLE);
    divide_rounded(i128::from(cell.value) * contained, i128::from(cell.denominator), Rounding::HalfUp).unwrap_or(0)
}

/// The parts of an item's tax that its lines bear.
pub(super) fn over_lines(tax: Minor, values: &[Minor]) -> Vec<Minor> {
    if values.iter().sum::<Minor>() >= tax {
        return split_over_values(tax, values, Split::LargestRemainder);
    }
    let weights: Vec<i128> = values.iter().map(|&value| i128::from(value)).collect();
    split(tax, &weights, &vec![Minor::MAX; values.len()], Split::LargestRemainder)
}
