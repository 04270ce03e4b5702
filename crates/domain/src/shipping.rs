//! Where goods go and what sending them costs: destinations, zones and shipping methods. Choosing a carrier's live
//! tariff is not done here; a caller that has one hands the fee to the pricing engine instead.

use crate::money::{Currency, Minor};
use crate::promotion::LineFilter;
use serde::{Deserialize, Serialize};

/// A place goods are sent to, as far as prices depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Country, ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// State or province as the address gives it, e.g. `CA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postcode; compared without spaces and without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
}

/// A part of the world. Empty lists mean "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Zone {
    /// Countries, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Regions within them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Beginnings of postcodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub postcode_prefixes: Vec<String>,
}

/// How near a zone describes a destination; greater is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Nearness {
    /// Characters of the longest postcode prefix that matched.
    pub postcode_characters: usize,
    /// Whether the zone names regions.
    pub region: bool,
    /// Whether the zone names countries.
    pub country: bool,
}

impl Zone {
    /// `None` when the destination lies outside. Without a destination only the zone without any limit matches.
    pub fn nearness(&self, destination: Option<&Destination>) -> Option<Nearness> {
        let country = !self.countries.is_empty();
        if country && !self.countries.iter().any(|name| Some(name.as_str()) == destination.map(|d| d.country.as_str()))
        {
            return None;
        }
        let region = !self.regions.is_empty();
        let here = destination.and_then(|destination| destination.region.as_deref());
        if region && !self.regions.iter().any(|name| here.is_some_and(|here| name.eq_ignore_ascii_case(here))) {
            return None;
        }
        let mut postcode_characters = 0;
        if !self.postcode_prefixes.is_empty() {
            let postcode = destination.and_then(|destination| destination.postcode.as_deref())?;
            let matching = self.postcode_prefixes.iter().filter(|prefix| begins_with(postcode, prefix));
            postcode_characters = matching.map(String::len).max()?;
        }
        Some(Nearness { postcode_characters, region, country })
    }
}

fn begins_with(postcode: &str, prefix: &str) -> bool {
    let mut letters = postcode.chars().filter(|letter| !letter.is_whitespace());
    prefix
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .all(|wanted| letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&wanted)))
}

/// A way to send an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippingMethod {
    /// Short name that carts refer to, e.g. `standard`; unique in the store.
    pub handle: String,
    /// Name for people.
    pub name: String,
    /// Where it goes: any of these zones; none means everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Goods that it carries; by default all. An order with any other cannot be sent this way.
    #[serde(default, skip_serializing_if = "LineFilter::is_any")]
    pub only: LineFilter,
    /// What it costs.
    pub rate: ShippingRate,
    /// The currency of its amounts; `None` for a store with one currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Free from this value of goods after discounts on, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_from: Option<Minor>,
    /// Tax category of the fee.
    #[serde(default = "shipping_category")]
    pub tax_category: String,
    /// Days it takes: fewest and most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_days: Option<EstimatedDays>,
}

fn shipping_category() -> String {
    "shipping".to_owned()
}

/// Days from dispatch to the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimatedDays {
    /// At best.
    pub fewest: u16,
    /// At worst.
    pub most: u16,
}

/// How the fee of a method is found. Amounts in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ShippingRate {
    /// Always the same.
    Flat {
        /// The fee.
        amount: Minor,
    },
    /// By the weight of the goods; an order heavier than the last band cannot be sent this way.
    Weight {
        /// Bands with rising limits.
        bands: Vec<WeightBand>,
    },
    /// By the value of the goods after discounts.
    OrderValue {
        /// Bands with rising lower bounds; the last one that is reached counts.
        bands: Vec<ValueBand>,
    },
}

/// A band of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightBand {
    /// Heaviest order of this band, in grams.
    pub up_to_grams: u64,
    /// The fee, in minor units.
    pub amount: Minor,
}

/// A band of order value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueBand {
    /// Least value of goods after discounts, in minor units.
    pub from_amount: Minor,
    /// The fee, in minor units.
    pub amount: Minor,
}

/// Why a method does not carry an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CannotShip {
    /// The destination lies in none of its zones.
    OutsideZones,
    /// Heavier than its last band.
    TooHeavy,
    /// Its first value band lies above the order's value.
    BelowLeastValue,
    /// Its amounts are in another currency.
    OtherCurrency,
    /// It does not carry some of the goods.
    GoodsExcluded,
}

impl ShippingMethod {
    /// Whether it goes there, for orders in this currency.
    pub fn serves(&self, destination: Option<&Destination>, currency: Currency) -> Result<(), CannotShip> {
        if self.currency.is_some_and(|own| own != currency) {
            return Err(CannotShip::OtherCurrency);
        }
        if !self.zones.is_empty() && !self.zones.iter().any(|zone| zone.nearness(destination).is_some()) {
            return Err(CannotShip::OutsideZones);
        }
        Ok(())
    }

    /// The fee for goods of this weight (grams) and value after discounts (minor units).
    pub fn fee(
        &self,
        destination: Option<&Destination>,
        currency: Currency,
        weight_grams: u64,
        goods_value: Minor,
    ) -> Result<Minor, CannotShip> {
        self.serves(destination, currency)?;
        let amount = match &self.rate {
            ShippingRate::Flat { amount } => *amount,
            ShippingRate::Weight { bands } => {
                let band = bands.iter().find(|band| weight_grams <= band.up_to_grams);
                band.ok_or(CannotShip::TooHeavy)?.amount
            }
            ShippingRate::OrderValue { bands } => {
                let band = bands.iter().rev().find(|band| goods_value >= band.from_amount);
                band.ok_or(CannotShip::BelowLeastValue)?.amount
            }
        };
        let free = self.free_from.is_some_and(|least| goods_value >= least);
        Ok(if free { 0 } else { amount })
    }

    /// What goods of this value, after discounts, lack for the method to be free; `None` where it is free already or never.
    pub fn missing_for_free(&self, goods_value: Minor) -> Option<Minor> {
        self.free_from.map(|least| least.saturating_sub(goods_value)).filter(|missing| *missing > 0)
    }

    /// Everything wrong with the method, each with the path of its field; empty when it can be used.
    pub fn validate(&self) -> Vec<crate::promotion::FieldError> {
        let mut errors = Vec::new();
        let mut check = |fine: bool, path: &str, message: &str| {
            if !fine {
                errors.push(crate::promotion::FieldError::new(path, message));
            }
        };
        check(!self.handle.is_empty(), "handle", "must not be empty");
        check(!self.name.is_empty(), "name", "must not be empty");
        check(self.free_from.is_none_or(|least| least >= 0), "free_from", "must not be negative");
        let fee = |amount: Minor| (0..=crate::pricing::MOST_UNIT_PRICE).contains(&amount);
        match &self.rate {
            ShippingRate::Flat { amount } => check(fee(*amount), "rate.amount", "must be between 0 and 10^10"),
            ShippingRate::Weight { bands } => {
                check(!bands.is_empty(), "rate.bands", "must have at least one band");
                check(bands.is_sorted_by(|a, b| a.up_to_grams < b.up_to_grams), "rate.bands", "must rise");
                check(bands.iter().all(|band| fee(band.amount)), "rate.bands", "amounts must be between 0 and 10^10");
            }
            ShippingRate::OrderValue { bands } => {
                check(!bands.is_empty(), "rate.bands", "must have at least one band");
                check(bands.is_sorted_by(|a, b| a.from_amount < b.from_amount), "rate.bands", "must rise");
                check(bands.iter().all(|band| fee(band.amount)), "rate.bands", "amounts must be between 0 and 10^10");
            }
        }
        errors
    }
}

/// A method offered for an order, with its fee before shipping promotions and before added tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedMethod<'a> {
    /// The method.
    pub method: &'a ShippingMethod,
    /// Its fee in minor units, or why it is not to be had.
    pub fee: Result<Minor, CannotShip>,
}
