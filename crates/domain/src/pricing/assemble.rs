//! From items back to lines: the quote, with every amount in parts per line.

use super::choose::Choice;
use super::explain;
use super::input::PricingError;
use super::policy::{DiscountTax, ExemptPrice, Split};
use super::quote::{Adjustment, AppliedDiscount, LineQuote, Quote, ShippingQuote, TaxAmount, Totals};
use super::split::split;
use super::state::Setting;
use super::taxes::{Taxes, over_lines};
use crate::money::Minor;

/// Makes the quote.
pub(super) fn quote(setting: &Setting<'_>, choice: &Choice, taxes: &Taxes) -> Result<Quote, PricingError> {
    let input = setting.input;
    let mut lines: Vec<LineQuote> = input
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let subtotal = line.unit_price * i64::from(line.quantity);
            LineQuote {
                line_id: line.line_id,
                unit_price: line.unit_price,
                subtotal,
                discount: 0,
                tax_added: 0,
                tax_included: 0,
                relief: 0,
                total: subtotal,
                adjustments: Vec::new(),
                elsewhere: setting.elsewhere.map(|(_, ratios)| ratios[place]),
            }
        })
        .collect();
    let discounts = spread_discounts(setting, choice, &mut lines);
    spread_taxes(setting, taxes, &mut lines);
    let shipping = shipping(setting, choice, taxes);
    let rate_row = |&(rate, included, base, amount): &(usize, bool, Minor, Minor)| TaxAmount {
        name: input.tax_rates[rate].name.clone(),
        percent: input.tax_rates[rate].percent,
        base,
        amount,
        included,
    };
    let shown = if input.tax_exempt { &[] } else { taxes.rates.as_slice() };
    Ok(Quote {
        currency: input.currency,
        totals: totals(setting, &lines, shipping)?,
        lines,
        shipping,
        discounts,
        taxes: shown.iter().map(rate_row).collect(),
        explanations: if input.explain { explain::all(setting, choice) } else { Vec::new() },
    })
}

/// Spreads each promotion over lines. Lines of one item share in proportion to what is left of them, so that no line
/// goes below zero however many promotions follow each other.
fn spread_discounts(setting: &Setting<'_>, choice: &Choice, lines: &mut [LineQuote]) -> Vec<AppliedDiscount> {
    let goods = &setting.goods;
    reserve_adjustments(setting, choice, lines);
    let mut discounts = Vec::with_capacity(choice.state.applied.len());
    for applied in &choice.state.applied {
        let promotion = setting.candidates.list[applied.candidate].promotion;
        for &(item, amount) in &choice.state.parts[applied.parts.clone()] {
            let members = &goods.order[goods.items[item as usize].members.clone()];
            let give = |line: &mut LineQuote, amount: Minor| {
                if amount > 0 {
                    line.discount += amount;
                    line.total -= amount;
                    line.adjustments.push(Adjustment { promotion_id: promotion.id, amount });
                }
            };
            if let [only] = members {
                give(&mut lines[*only], amount);
                continue;
            }
            let left: Vec<i128> = members.iter().map(|&line| i128::from(lines[line].total)).collect();
            let above_floor = |&line: &usize| {
                let floor = goods.items[item as usize].unit_floor() * i64::from(setting.input.lines[line].quantity);
                lines[line].total - floor
            };
            let room: Vec<Minor> = members.iter().map(above_floor).collect();
            for (&line, part) in members.iter().zip(split(amount, &left, &room, Split::LargestRemainder)) {
                give(&mut lines[line], part);
            }
        }
        let code = setting.input.unlocked.iter().find(|unlocked| unlocked.promotion_id == promotion.id);
        discounts.push(AppliedDiscount {
            promotion_id: promotion.id,
            name: promotion.name.clone(),
            amount: applied.goods,
            shipping_amount: applied.shipping,
            code: code.map(|unlocked| unlocked.code.to_owned()),
        });
    }
    discounts
}

/// Makes room for all adjustments of a line at once: there may be a hundred.
fn reserve_adjustments(setting: &Setting<'_>, choice: &Choice, lines: &mut [LineQuote]) {
    let goods = &setting.goods;
    let mut counts = vec![0; goods.items.len()];
    choice.state.parts.iter().for_each(|part| counts[part.0 as usize] += 1);
    for (item, count) in goods.items.iter().zip(counts) {
        goods.order[item.members.clone()].iter().for_each(|&line| lines[line].adjustments.reserve_exact(count));
    }
}

fn spread_taxes(setting: &Setting<'_>, taxes: &Taxes, lines: &mut [LineQuote]) {
    let input = setting.input;
    for (item, &(added, included)) in setting.goods.items.iter().zip(&taxes.items) {
        let members = &setting.goods.order[item.members.clone()];
        let values: Vec<Minor> = match members {
            [_] => Vec::new(),
            several => several.iter().map(|&line| taxed_value(&lines[line], input.policy.disc_tax)).collect(),
        };
        let mut bear = |line: usize, added: Minor, included: Minor| {
            let line = &mut lines[line];
            if input.tax_exempt {
                line.relief = relief(setting, included, line.total);
                line.total -= line.relief;
            } else {
                line.tax_added = added;
                line.tax_included = included;
                line.total += added;
            }
        };
        if let [only] = members {
            bear(*only, added, included);
            continue;
        }
        let (added, included) = (over_lines(added, &values), over_lines(included, &values));
        for (place, &line) in members.iter().enumerate() {
            bear(line, added[place], included[place]);
        }
    }
}

/// What the tax of a line is in proportion to.
fn taxed_value(line: &LineQuote, rule: DiscountTax) -> Minor {
    match rule {
        DiscountTax::After => line.subtotal - line.discount,
        DiscountTax::Before | DiscountTax::OwnRow => line.subtotal,
    }
}

fn relief(setting: &Setting<'_>, contained: Minor, most: Minor) -> Minor {
    match setting.input.policy.exempt_price {
        ExemptPrice::Net => contained.min(most),
        ExemptPrice::Shelf => 0,
    }
}

fn shipping(setting: &Setting<'_>, choice: &Choice, taxes: &Taxes) -> ShippingQuote {
    let state = &choice.state;
    let (added, included) = taxes.shipping;
    let mut shipping = ShippingQuote {
        amount: state.shipping_fee,
        discount: state.shipping_fee - state.shipping_left,
        unavailable: state.unavailable,
        ..ShippingQuote::default()
    };
    if setting.input.tax_exempt {
        shipping.relief = relief(setting, included, state.shipping_left);
    } else {
        (shipping.tax_added, shipping.tax_included) = (added, included);
    }
    shipping.total = state.shipping_left + shipping.tax_added - shipping.relief;
    shipping
}

fn totals(setting: &Setting<'_>, lines: &[LineQuote], shipping: ShippingQuote) -> Result<Totals, PricingError> {
    let sum = |first: Minor, of: fn(&LineQuote) -> Minor| {
        lines.iter().try_fold(first, |sum, line| sum.checked_add(of(line))).ok_or(PricingError::Overflow)
    };
    let tax_added = sum(shipping.tax_added, |line| line.tax_added)?;
    let tax_included = sum(shipping.tax_included, |line| line.tax_included)?;
    let exact = sum(shipping.total, |line| line.total)?;
    let cash = &setting.input.policy.cash_rounding;
    let step = cash.as_ref().and_then(|step| step.get(setting.input.currencies()));
    let total = match step.filter(|step| *step > 1) {
        None => exact,
        Some(step) => (exact.checked_add(step / 2).ok_or(PricingError::Overflow)?) / step * step,
    };
    Ok(Totals {
        subtotal: setting.goods.subtotal,
        discount: sum(0, |line| line.discount)?,
        shipping: shipping.amount - shipping.discount,
        tax: tax_added.checked_add(tax_included).ok_or(PricingError::Overflow)?,
        tax_added,
        tax_included,
        relief: sum(shipping.relief, |line| line.relief)?,
        rounding: total - exact,
        total,
    })
}
