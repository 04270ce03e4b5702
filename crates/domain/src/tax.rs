//! Tax rates and which of them a thing sent to a place is subject to. The arithmetic of tax is a step of
//! [`crate::pricing`]; here nothing is computed.

use crate::money::Percent;
use crate::promotion::FieldError;
use crate::shipping::{Destination, Zone};
use serde::{Deserialize, Serialize};

/// A rate of tax.
///
/// Of the rates that match a thing and its destination, the nearest of each `layer` count: a rate that lists the
/// category before one for all, a longer postcode prefix before a shorter one, a region before a country. Rates that
/// are equally near, and rates of different layers, add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Name on the receipt, e.g. `VAT 19%`.
    pub name: String,
    /// The rate.
    pub percent: Percent,
    /// Where it holds; by default everywhere.
    #[serde(default)]
    pub zone: Zone,
    /// Tax categories it is for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What it is levied on.
    #[serde(default)]
    pub applies_to: TaxedThings,
    /// Whether prices contain this tax; `None` leaves it to the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<bool>,
    /// Rates of different layers add up, e.g. 0 for the state and 1 for the city.
    #[serde(default)]
    pub layer: u8,
}

/// What a rate is levied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxedThings {
    /// Goods and shipping.
    #[default]
    All,
    /// Goods only.
    Items,
    /// Shipping only.
    Shipping,
}

/// The thing to be taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taxed {
    /// Goods of a line.
    Item,
    /// The shipping fee.
    Shipping,
}

impl TaxRate {
    fn nearness(&self, thing: Taxed, category: &str, destination: Option<&Destination>) -> Option<impl Ord + Copy> {
        let levied = match self.applies_to {
            TaxedThings::All => true,
            TaxedThings::Items => thing == Taxed::Item,
            TaxedThings::Shipping => thing == Taxed::Shipping,
        };
        let listed = self.categories.iter().any(|name| name == category);
        if !levied || (!listed && !self.categories.is_empty()) {
            return None;
        }
        self.zone.nearness(destination).map(|near| (listed, near))
    }

    /// Everything wrong with the rate, each with the path of its field; empty when it can be used.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.name.is_empty() {
            errors.push(FieldError::new("name", "must not be empty"));
        }
        errors.extend(self.zone.errors("zone"));
        errors
    }
}

/// Indexes into `rates` of those that a thing of this category, sent there, is subject to; in the order of the list.
pub fn matching_rates(
    rates: &[TaxRate],
    thing: Taxed,
    category: &str,
    destination: Option<&Destination>,
) -> Vec<usize> {
    let near: Vec<_> = rates.iter().map(|rate| rate.nearness(thing, category, destination)).collect();
    let nearest_of =
        |layer: u8| rates.iter().zip(&near).filter(|(rate, _)| rate.layer == layer).filter_map(|(_, near)| *near).max();
    let counts = |index: &usize| near[*index].is_some() && near[*index] == nearest_of(rates[*index].layer);
    (0..rates.len()).filter(counts).collect()
}
