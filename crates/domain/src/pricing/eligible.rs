//! Which promotions come into question for a cart at all: every condition that does not depend on what other promotions
//! do is checked here, once.

use super::input::{Customer, LineInput, PricingInput};
use super::items::{Goods, Item};
use super::quote::Reason;
use crate::money::{Amounts, Currencies, Minor};
use crate::promotion::{Benefit, BundlePart, Conditions, LineFilter, Off, Promotion, Scope};
use std::ops::Range;

/// A promotion that comes into question.
pub(super) struct Candidate<'a> {
    pub promotion: &'a Promotion,
    pub scope: Scope,
    /// In which currency its amounts are wanted, and to which plain ones belong.
    pub currencies: Currencies,
    /// Items it is for (or that have to be bought), in [`Candidates::matches`].
    pub target: Range<usize>,
    /// Items that are given, where these are others.
    pub given: Range<usize>,
    /// Items of each part of a bundle; an item is of the first part that means it.
    pub parts: Vec<Range<usize>>,
}

impl Candidate<'_> {
    /// A stated amount in the cart's currency. That it is there was seen before; where it is not, the promotion gives nothing.
    pub fn amount(&self, amounts: &Amounts) -> Result<Minor, Reason> {
        amounts.get(self.currencies).ok_or(Reason::NoAmountInCurrency { currency: self.currencies.wanted })
    }

    /// What a tier takes off, in the cart's currency.
    pub fn off(&self, off: &Off) -> Result<Off<Minor>, Reason> {
        off.get(self.currencies).ok_or(Reason::NoAmountInCurrency { currency: self.currencies.wanted })
    }
}

/// All of them, in the order they are applied.
pub(super) struct Candidates<'a> {
    pub list: Vec<Candidate<'a>>,
    /// Indexes of items; the first so many as there are items are all of them.
    pub matches: Vec<u32>,
    /// For each promotion of the input why it does not come into question; empty unless explanations are wanted.
    pub refused: Vec<(usize, Reason)>,
}

impl<'a> Candidates<'a> {
    pub fn gather(input: &PricingInput<'a>, goods: &Goods<'_>) -> Candidates<'a> {
        let mut found = Candidates {
            list: Vec::with_capacity(input.promotions.len()),
            matches: (0..goods.items.len() as u32).collect(),
            refused: Vec::new(),
        };
        for (index, promotion) in input.promotions.iter().enumerate() {
            let currencies = promotion.currencies(input.currencies());
            let refusal = circumstances(input, promotion)
                .or_else(|| the_goods(goods, &promotion.conditions))
                .or_else(|| found.add(promotion, currencies, goods));
            if let Some(reason) = refusal
                && input.explain
            {
                found.refused.push((index, reason));
            }
        }
        let step = |scope: Scope| match scope {
            Scope::Lines => 0,
            Scope::Order => 1,
            Scope::Shipping => 2,
        };
        found.list.sort_by_key(|candidate| (step(candidate.scope), std::cmp::Reverse(candidate.promotion.priority)));
        found
    }

    fn add(&mut self, promotion: &'a Promotion, currencies: Currencies, goods: &Goods<'_>) -> Option<Reason> {
        let scope = promotion.benefit.scope();
        let any = LineFilter::default();
        let (first, second) = match &promotion.benefit {
            Benefit::Percentage { target, .. }
            | Benefit::FixedAmount { target, .. }
            | Benefit::FixedPrice { target, .. }
            | Benefit::SpendTiers { target, .. } => (&target.only, None),
            Benefit::BuyXGetY { buy, get, .. } => (buy, get.as_ref()),
            Benefit::BulkPrice { only, .. } => (only, None),
            Benefit::FreeShipping {} | Benefit::BundlePrice { .. } => (&any, None),
        };
        let target = self.matching(first, goods);
        let given = second.map_or(target.clone(), |filter| self.matching(filter, goods));
        if scope != Scope::Shipping && (target.is_empty() || given.is_empty()) {
            return Some(Reason::GoodsMissing);
        }
        let parts = match &promotion.benefit {
            Benefit::BundlePrice { parts, .. } => self.parts_of(parts, goods),
            _ => Vec::new(),
        };
        self.list.push(Candidate { promotion, scope, currencies, target, given, parts });
        None
    }

    fn parts_of(&mut self, parts: &[BundlePart], goods: &Goods<'_>) -> Vec<Range<usize>> {
        let part_of = |item: &Item<'_>| parts.iter().position(|part| matches(&part.only, item.line));
        let of_items: Vec<Option<usize>> = goods.items.iter().map(part_of).collect();
        let all_of = |part: usize| {
            let start = self.matches.len();
            let of_part = |(item, of): (usize, &Option<usize>)| (*of == Some(part)).then_some(item as u32);
            self.matches.extend(of_items.iter().enumerate().filter_map(of_part));
            start..self.matches.len()
        };
        (0..parts.len()).map(all_of).collect()
    }

    fn matching(&mut self, filter: &LineFilter, goods: &Goods<'_>) -> Range<usize> {
        if filter.is_any() {
            return 0..goods.items.len();
        }
        let start = self.matches.len();
        for (index, item) in goods.items.iter().enumerate() {
            if matches(filter, item.line) {
                self.matches.push(index as u32);
            }
        }
        start..self.matches.len()
    }
}

/// Whether the filter means this line.
pub(crate) fn matches(filter: &LineFilter, line: &LineInput<'_>) -> bool {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let named = filter.is_for_all_goods()
        || filter.skus.contains(line.sku)
        || filter.products.contains(line.handle)
        || (!filter.products.is_empty()
            && filter.products.contains(line.product_id.0.hyphenated().encode_lower(&mut text)))
        || (!filter.variants.is_empty()
            && filter.variants.contains(line.variant_id.0.hyphenated().encode_lower(&mut text)));
    named
        && (filter.tags.is_empty() || line.tags.iter().any(|tag| filter.tags.contains(tag)))
        && (filter.exclude_tags.is_empty() || !line.tags.iter().any(|tag| filter.exclude_tags.contains(tag)))
}

/// Why the promotion does not count here and now, for this customer.
fn circumstances(input: &PricingInput<'_>, promotion: &Promotion) -> Option<Reason> {
    if !promotion.active {
        return Some(Reason::Inactive);
    }
    if let Some(starts_at) = promotion.starts_at.filter(|start| input.now < *start) {
        return Some(Reason::NotStarted { starts_at });
    }
    if let Some(ended_at) = promotion.ends_at.filter(|end| input.now > *end) {
        return Some(Reason::Ended { ended_at });
    }
    if promotion.requires_code && !input.unlocked.iter().any(|unlocked| unlocked.promotion_id == promotion.id) {
        return Some(Reason::CodeRequired);
    }
    if input.exhausted.contains(&promotion.id) {
        return Some(Reason::Exhausted);
    }
    let conditions = &promotion.conditions;
    if !conditions.hold_at(input.now, input.time_zone) {
        return Some(Reason::OtherTime);
    }
    if !conditions.currencies.is_empty() && !conditions.currencies.contains(&input.currency) {
        return Some(Reason::OtherCurrency);
    }
    if !promotion.has_amounts(input.currencies()) {
        return Some(Reason::NoAmountInCurrency { currency: input.currency });
    }
    if !conditions.countries.is_empty()
        && !input.destination.is_some_and(|destination| conditions.countries.contains(&destination.country))
    {
        return Some(Reason::OtherDestination);
    }
    let zones = &conditions.destinations;
    if !zones.is_empty() && !zones.iter().any(|zone| zone.nearness(input.destination).is_some()) {
        return Some(Reason::OtherDestination);
    }
    if !conditions.shipping_methods.is_empty()
        && !input.shipping_method.is_some_and(|method| conditions.shipping_methods.contains(&method.handle))
    {
        return Some(Reason::OtherShippingMethod);
    }
    the_customer(input.customer, conditions)
}

/// Why the promotion is not for this customer.
pub(crate) fn the_customer(customer: Option<&Customer<'_>>, conditions: &Conditions) -> Option<Reason> {
    if !conditions.customers.is_empty() && !customer.is_some_and(|known| conditions.customers.contains(known.id)) {
        return Some(Reason::OtherCustomer);
    }
    let groups = &conditions.customer_groups;
    if !groups.is_empty() && !customer.is_some_and(|known| known.groups.iter().any(|group| groups.contains(group))) {
        return Some(Reason::OtherCustomer);
    }
    if conditions.first_order && !customer.is_some_and(|known| known.first_order) {
        return Some(Reason::NotFirstOrder);
    }
    None
}

fn the_goods(goods: &Goods<'_>, conditions: &Conditions) -> Option<Reason> {
    if conditions.goods.is_any() && conditions.min_quantity.is_none() {
        return None;
    }
    let meant = goods.items.iter().filter(|item| matches(&conditions.goods, item.line));
    let quantity: i64 = meant.map(|item| item.quantity).sum();
    let missing = i64::from(conditions.min_quantity.unwrap_or(0)) - quantity;
    match quantity {
        0 if !conditions.goods.is_any() => Some(Reason::GoodsMissing),
        _ if missing > 0 => Some(Reason::MinQuantity { missing: missing as u32 }),
        _ => None,
    }
}
