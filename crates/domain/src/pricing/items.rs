//! The goods of a cart as pricing sees them: lines of one variant at one price become one item, items stand in an order
//! that depends on what they are and not on where they stand in the cart, and each knows its tax class.

use super::input::{LineInput, PricingError, PricingInput};
use super::policy::Weights;
use crate::money::{MOST_AMOUNT, Minor, Percent};
use crate::tax::{Taxed, matching_rates};
use std::cmp::Ordering;
use std::ops::Range;

/// Lines that are priced as one.
pub(super) struct Item<'a> {
    /// One of the lines; they agree in all that prices depend on.
    pub line: &'a LineInput<'a>,
    /// Units of all of them.
    pub quantity: i64,
    /// Their value before discounts.
    pub original: Minor,
    /// Their value that discounts may not go below.
    pub floor: Minor,
    /// Index of the tax class.
    pub class: usize,
    /// Where its lines stand in [`Goods::order`].
    pub members: Range<usize>,
}

impl Item<'_> {
    /// What discounts may not take a unit below.
    pub fn unit_floor(&self) -> Minor {
        self.line.min_unit_price.unwrap_or(0).clamp(0, self.line.unit_price)
    }
}

/// Things subject to the same rates.
pub(super) struct TaxClass {
    /// Index of the rate, millionths of a per cent, whether prices contain it.
    pub rates: Vec<(usize, i64, bool)>,
    /// The whole plus the contained rates, in millionths of a per cent: what a price without tax times 100 % becomes.
    pub denominator: i64,
    /// The sum of the rates on top, in millionths of a per cent.
    pub added: i64,
}

/// All goods of a cart.
pub(super) struct Goods<'a> {
    pub items: Vec<Item<'a>>,
    /// Indexes of lines, item by item.
    pub order: Vec<usize>,
    pub classes: Vec<TaxClass>,
    /// The class of the shipping fee.
    pub shipping_class: usize,
    pub subtotal: Minor,
    pub weight_grams: u64,
}

impl<'a> Goods<'a> {
    pub fn gather(input: &PricingInput<'a>) -> Result<Goods<'a>, PricingError> {
        let lines = input.lines;
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by(|a, b| kind(&lines[*a], &lines[*b]).then(a.cmp(b)));
        let mut classes = Classes { known: Vec::new(), classes: Vec::new() };
        let mut items: Vec<Item<'a>> = Vec::with_capacity(lines.len());
        for (position, &index) in order.iter().enumerate() {
            let line = &lines[index];
            let same = items.last_mut().filter(|item| kind(item.line, line) == Ordering::Equal);
            if let Some(item) = same {
                item.quantity += i64::from(line.quantity);
                item.members.end = position + 1;
            } else {
                items.push(Item {
                    line,
                    quantity: i64::from(line.quantity),
                    original: 0,
                    floor: 0,
                    class: classes.index(input, Taxed::Item, line.tax_category),
                    members: position..position + 1,
                });
            }
        }
        let mut subtotal: Minor = 0;
        for item in &mut items {
            item.original = item.line.unit_price.checked_mul(item.quantity).ok_or(PricingError::Overflow)?;
            item.floor = item.unit_floor() * item.quantity;
            subtotal = subtotal.checked_add(item.original).ok_or(PricingError::Overflow)?;
        }
        // Within this limit no step that follows can leave the range of 64 bits, or of 128 where it multiplies.
        if subtotal > MOST_AMOUNT {
            return Err(PricingError::Overflow);
        }
        let shipping_category = input.shipping_method.map_or("shipping", |method| method.tax_category.as_str());
        let shipping_class = classes.index(input, Taxed::Shipping, shipping_category);
        let weigh = |line: &LineInput<'_>| u64::from(line.weight_grams) * u64::from(line.quantity);
        let weight_grams = lines.iter().filter(|line| line.requires_shipping).map(weigh).sum();
        Ok(Goods { items, order, classes: classes.classes, shipping_class, subtotal, weight_grams })
    }

    /// What a value of the item weighs when an amount is spread over items.
    pub fn weight(&self, item: usize, value: Minor, weights: Weights) -> i128 {
        let class = &self.classes[self.items[item].class];
        let value = i128::from(value);
        let factor = match weights {
            Weights::Shown => return value,
            Weights::Net => Percent::WHOLE,
            Weights::Gross => class.denominator + class.added,
        };
        // A millionth of a minor unit is fine enough to tell any two values apart.
        value * i128::from(factor) * 1_000_000 / i128::from(class.denominator)
    }
}

/// Orders lines by what they are: `Equal` are lines that are priced as one.
fn kind(a: &LineInput<'_>, b: &LineInput<'_>) -> Ordering {
    (a.sku.len().cmp(&b.sku.len()))
        .then_with(|| a.sku.cmp(b.sku))
        .then_with(|| a.variant_id.cmp(&b.variant_id))
        .then_with(|| a.unit_price.cmp(&b.unit_price))
        .then_with(|| a.min_unit_price.cmp(&b.min_unit_price))
        .then_with(|| a.tax_category.cmp(b.tax_category))
        .then_with(|| a.product_id.cmp(&b.product_id))
        .then_with(|| a.tags.cmp(b.tags))
        .then_with(|| a.held.cmp(&b.held))
}

/// Tax classes found so far; a cart has few, so they are searched one by one.
struct Classes<'a> {
    known: Vec<(Taxed, &'a str, usize)>,
    classes: Vec<TaxClass>,
}

impl<'a> Classes<'a> {
    fn index(&mut self, input: &PricingInput<'a>, thing: Taxed, category: &'a str) -> usize {
        if let Some(known) = self.known.iter().find(|known| (known.0, known.1) == (thing, category)) {
            return known.2;
        }
        let class = TaxClass::of(input, thing, category);
        // Categories that are taxed alike are one class, so that shares by class are rounded together.
        let alike = self.classes.iter().position(|other| other.rates == class.rates);
        let index = alike.unwrap_or(self.classes.len());
        if alike.is_none() {
            self.classes.push(class);
        }
        self.known.push((thing, category, index));
        index
    }
}

impl TaxClass {
    fn of(input: &PricingInput<'_>, thing: Taxed, category: &str) -> TaxClass {
        let all = input.tax_rates;
        let mut rates = Vec::new();
        for index in matching_rates(all, thing, category, input.taxed_at()) {
            let included = all[index].included.unwrap_or(input.prices_include_tax);
            if all[index].percent > Percent::ZERO {
                rates.push((index, all[index].percent.millionths(), included));
            }
        }
        let sum = |wanted: bool| rates.iter().filter(|rate| rate.2 == wanted).map(|rate| rate.1).sum::<i64>();
        TaxClass { denominator: Percent::WHOLE + sum(true), added: sum(false), rates }
    }
}
