//! Checks on entry, with errors that point at the field.

use super::benefit::{AmountPer, Benefit, NthUnit, Off, PricePer, Scope, Target, Units};
use super::{Conditions, Promotion, Stacking};
use crate::country::country_error;
use crate::money::{Amounts, MOST_AMOUNT, Percent};
use std::fmt;

/// Something wrong with a field of an object that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, e.g. `benefit.tiers[1].from_quantity`.
    pub path: String,
    /// What it must be.
    pub message: String,
}

impl FieldError {
    /// An error at a path.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> FieldError {
        FieldError { path: path.into(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl Promotion {
    /// Everything wrong with the promotion; empty when it can be used.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Errors(Vec::new());
        errors.unless(!self.name.trim().is_empty(), "name", "must not be empty");
        if let (Some(start), Some(end)) = (self.starts_at, self.ends_at) {
            errors.unless(start <= end, "ends_at", "must not be before starts_at");
        }
        if let Stacking::ExclusiveInGroup(group) = &self.stacking {
            errors.unless(!group.is_empty(), "stacking.exclusive_in_group", "must name a group");
        }
        errors.count(self.limits.total_uses, "limits.total_uses");
        errors.count(self.limits.uses_per_customer, "limits.uses_per_customer");
        errors.conditions(&self.conditions);
        errors.benefit(&self.benefit);
        errors.0
    }
}

struct Errors(Vec<FieldError>);

impl Errors {
    fn unless(&mut self, fine: bool, path: impl Into<String>, message: &str) {
        if !fine {
            self.0.push(FieldError::new(path, message));
        }
    }

    fn count(&mut self, count: Option<u32>, path: &str) {
        self.unless(count != Some(0), path, "must be at least 1; leave it out for no limit");
    }

    fn amount(&mut self, amounts: &Amounts, path: impl Into<String>) {
        self.amounts(amounts, 0, path);
    }

    fn above_zero(&mut self, amounts: &Amounts, path: impl Into<String>) {
        self.amounts(amounts, 1, path);
    }

    fn amounts(&mut self, amounts: &Amounts, least: i64, path: impl Into<String>) {
        if !amounts.are_within(least..=MOST_AMOUNT) {
            let message =
                format!("must be between {least} and {MOST_AMOUNT} minor units, of one currency or of each named");
            self.0.push(FieldError::new(path, message));
        }
    }

    fn percent(&mut self, percent: Percent, path: impl Into<String>) {
        self.unless(percent <= Percent::HUNDRED, path, "must be between 0 and 100");
    }

    fn conditions(&mut self, conditions: &Conditions) {
        if let Some(least) = &conditions.min_order_amount {
            self.amount(least, "conditions.min_order_amount");
        }
        self.count(conditions.min_quantity, "conditions.min_quantity");
        if let Some(hours) = conditions.hours {
            self.unless(hours.from_minute < 1440, "conditions.hours.from_minute", "must be between 0 and 1439");
            let until = (1..=1440).contains(&hours.until_minute) && hours.until_minute != hours.from_minute;
            self.unless(
                until,
                "conditions.hours.until_minute",
                "must be between 1 and 1440 and differ from from_minute",
            );
        }
        let offset = conditions.utc_offset_minutes.is_none_or(|minutes| (-14 * 60..=14 * 60).contains(&minutes));
        self.unless(offset, "conditions.utc_offset_minutes", "must be between -840 and 840");
        let one_clock = conditions.time_zone.is_none() || conditions.utc_offset_minutes.is_none();
        self.unless(
            one_clock,
            "conditions.time_zone",
            "must not stand beside utc_offset_minutes; leave one of them out",
        );
        for (index, country) in conditions.countries.iter().enumerate() {
            let why = country_error(country);
            self.0.extend(why.map(|why| FieldError::new(format!("conditions.countries[{index}]"), why)));
        }
        for (index, zone) in conditions.destinations.iter().enumerate() {
            self.0.extend(zone.errors(&format!("conditions.destinations[{index}]")));
        }
    }

    fn benefit(&mut self, benefit: &Benefit) {
        match benefit {
            Benefit::Percentage { percent, target, units, max_discount } => {
                self.percent(*percent, "benefit.percent");
                self.target(target, units, true);
                if let Some(most) = max_discount {
                    self.above_zero(most, "benefit.max_discount");
                }
            }
            Benefit::FixedAmount { amount, per, target, units } => {
                self.above_zero(amount, "benefit.amount");
                self.target(target, units, *per == AmountPer::Unit);
            }
            Benefit::FixedPrice { price, per, target, units } => {
                self.amount(price, "benefit.price");
                self.target(target, units, *per == PricePer::Unit);
            }
            Benefit::FreeShipping {} => {}
            Benefit::BuyXGetY { buy_quantity, get_quantity, percent, max_uses, .. } => {
                self.count(Some(*buy_quantity), "benefit.buy_quantity");
                self.count(Some(*get_quantity), "benefit.get_quantity");
                self.percent(*percent, "benefit.percent");
                self.count(*max_uses, "benefit.max_uses");
            }
            Benefit::BulkPrice { tiers, .. } => {
                self.tiers(tiers.len(), tiers.is_sorted_by(|a, b| a.from_quantity < b.from_quantity), "quantities");
                for (at, tier) in tiers.iter().enumerate() {
                    self.count(Some(tier.from_quantity), &format!("benefit.tiers[{at}].from_quantity"));
                    self.off(&tier.off, at);
                }
            }
            Benefit::SpendTiers { target, tiers } => {
                self.target(target, &Units::default(), false);
                self.tiers(tiers.len(), tiers.is_sorted_by(|a, b| a.from_amount.rise_to(&b.from_amount)), "amounts");
                for (at, tier) in tiers.iter().enumerate() {
                    self.amount(&tier.from_amount, format!("benefit.tiers[{at}].from_amount"));
                    self.off(&tier.off, at);
                }
            }
            Benefit::BundlePrice { parts, price, max_uses, .. } => {
                self.amount(price, "benefit.price");
                self.count(*max_uses, "benefit.max_uses");
                self.unless(!parts.is_empty(), "benefit.parts", "must have at least one part");
                for (at, part) in parts.iter().enumerate() {
                    self.count(Some(part.quantity), &format!("benefit.parts[{at}].quantity"));
                }
            }
        }
    }

    fn tiers(&mut self, count: usize, rising: bool, what: &str) {
        self.unless(count > 0, "benefit.tiers", "must have at least one tier");
        self.unless(rising, "benefit.tiers", &format!("must have rising {what}"));
    }

    fn off(&mut self, off: &Off, tier: usize) {
        let path = |field: &str| format!("benefit.tiers[{tier}].off.{field}");
        match off {
            Off::Percent(percent) => self.percent(*percent, path("percent")),
            Off::Amount(amount) => self.above_zero(amount, path("amount")),
            Off::UnitPrice(price) => self.amount(price, path("unit_price")),
        }
    }

    fn target(&mut self, target: &Target, units: &Units, counts_units: bool) {
        let shipping = target.scope == Scope::Shipping;
        self.unless(!shipping || target.only.is_any(), "benefit.target.only", "has no meaning for shipping");
        let meaningful = units.is_all() || (counts_units && !shipping);
        self.unless(meaningful, "benefit.units", "has a meaning only for goods, by percentage or per unit");
        self.count(units.max_quantity, "benefit.units.max_quantity");
        self.count(units.max_quantity_per_line, "benefit.units.max_quantity_per_line");
        self.count(units.group_size, "benefit.units.group_size");
        if let Some(NthUnit { position, .. }) = units.nth {
            let inside = units.group_size.is_some_and(|size| (1..=size).contains(&position));
            self.unless(inside, "benefit.units.nth.position", "must be between 1 and group_size");
        }
    }
}
