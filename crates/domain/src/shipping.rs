//! Where goods go and what sending them costs: destinations, zones and shipping methods. Choosing a carrier's live
//! tariff is not done here; a caller that has one hands the fee to the pricing engine instead.

use crate::country::{COUNTRIES, country_error};
use crate::money::{Amounts, Currencies, Currency, MOST_AMOUNT, Minor};
use crate::postcode;
use crate::promotion::{FieldError, LineFilter};
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
    /// Postcode, as the address gives it; compared by the form of its country ([`crate::postcode`]).
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
    /// Beginnings of postcodes; each ends where a part of the code ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub postcode_prefixes: Vec<String>,
}

/// How near a zone describes a destination; greater is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Nearness {
    /// Letters and digits of the longest postcode prefix that matched.
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
            let place = destination?;
            let postcode = place.postcode.as_deref()?;
            let told = |prefix: &String| postcode::begins_with(&place.country, postcode, prefix);
            postcode_characters = self.postcode_prefixes.iter().filter_map(told).max()?;
        }
        Some(Nearness { postcode_characters, region, country })
    }

    /// Everything wrong with the zone: what is no country, and what no postcode of its countries begins with.
    pub fn errors(&self, path: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (index, country) in self.countries.iter().enumerate() {
            errors.extend(country_error(country).map(|why| FieldError::new(format!("{path}.countries[{index}]"), why)));
        }
        for (index, prefix) in self.postcode_prefixes.iter().enumerate() {
            let countries = if self.countries.is_empty() { &COUNTRIES[..] } else { &[] };
            let mut countries = countries.iter().copied().chain(self.countries.iter().map(String::as_str));
            if !countries.any(|country| postcode::can_begin(country, prefix)) {
                let why = "no postcode there begins so; a beginning ends where a part of the code ends";
                errors.push(FieldError::new(format!("{path}.postcode_prefixes[{index}]"), why));
            }
        }
        errors
    }
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
    /// The currency of its plain amounts, and the only one it is for; by default plain amounts are in the store's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Free from this value of goods after discounts on, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_from: Option<Amounts>,
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
        amount: Amounts,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightBand {
    /// Heaviest order of this band, in grams.
    pub up_to_grams: u64,
    /// The fee, in minor units.
    pub amount: Amounts,
}

/// A band of order value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueBand {
    /// Least value of goods after discounts, in minor units.
    pub from_amount: Amounts,
    /// The fee, in minor units.
    pub amount: Amounts,
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
    /// It is for another currency.
    OtherCurrency,
    /// It has no fee in the cart's currency.
    NoFeeInCurrency,
    /// It does not carry some of the goods.
    GoodsExcluded,
}

impl ShippingRate {
    /// Whether all of its amounts are there in the wanted currency.
    fn has_amounts(&self, currencies: Currencies) -> bool {
        match self {
            ShippingRate::Flat { amount } => amount.is_in(currencies),
            ShippingRate::Weight { bands } => bands.iter().all(|band| band.amount.is_in(currencies)),
            ShippingRate::OrderValue { bands } => {
                bands.iter().all(|band| band.from_amount.is_in(currencies) && band.amount.is_in(currencies))
            }
        }
    }
}

impl ShippingMethod {
    /// The wanted currency, and the one that this method's plain amounts belong to.
    fn currencies(&self, of_store: Currencies) -> Currencies {
        of_store.with_own(self.currency)
    }

    /// Whether it goes there, for orders in the wanted currency.
    pub fn serves(&self, destination: Option<&Destination>, of_store: Currencies) -> Result<(), CannotShip> {
        if self.currency.is_some_and(|own| own != of_store.wanted) {
            return Err(CannotShip::OtherCurrency);
        }
        if !self.rate.has_amounts(self.currencies(of_store)) {
            return Err(CannotShip::NoFeeInCurrency);
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
        of_store: Currencies,
        weight_grams: u64,
        goods_value: Minor,
    ) -> Result<Minor, CannotShip> {
        self.serves(destination, of_store)?;
        let currencies = self.currencies(of_store);
        let amount = match &self.rate {
            ShippingRate::Flat { amount } => amount,
            ShippingRate::Weight { bands } => {
                let band = bands.iter().find(|band| weight_grams <= band.up_to_grams);
                &band.ok_or(CannotShip::TooHeavy)?.amount
            }
            ShippingRate::OrderValue { bands } => {
                let is_reached =
                    |band: &&ValueBand| band.from_amount.get(currencies).is_some_and(|least| goods_value >= least);
                &bands.iter().rev().find(is_reached).ok_or(CannotShip::BelowLeastValue)?.amount
            }
        };
        let amount = amount.get(currencies).ok_or(CannotShip::NoFeeInCurrency)?;
        let free = self.free_from(currencies).is_some_and(|least| goods_value >= least);
        Ok(if free { 0 } else { amount })
    }

    /// From which value of goods on it is free, where it is so in the wanted currency.
    fn free_from(&self, currencies: Currencies) -> Option<Minor> {
        self.free_from.as_ref()?.get(currencies)
    }

    /// What goods of this value, after discounts, lack for the method to be free; `None` where it is free already or never.
    pub fn missing_for_free(&self, of_store: Currencies, goods_value: Minor) -> Option<Minor> {
        let least = self.free_from(self.currencies(of_store))?;
        Some(least.saturating_sub(goods_value)).filter(|missing| *missing > 0)
    }

    /// Everything wrong with the method, each with the path of its field; empty when it can be used.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |fine: bool, path: &str, message: &str| {
            if !fine {
                errors.push(FieldError::new(path, message));
            }
        };
        check(!self.handle.is_empty(), "handle", "must not be empty");
        check(!self.name.is_empty(), "name", "must not be empty");
        let within = format!("must be between 0 and {MOST_AMOUNT} minor units, of one currency or of each named");
        check(self.free_from.as_ref().is_none_or(Amounts::are_amounts), "free_from", &within);
        match &self.rate {
            ShippingRate::Flat { amount } => check(amount.are_amounts(), "rate.amount", &within),
            ShippingRate::Weight { bands } => {
                check(!bands.is_empty(), "rate.bands", "must have at least one band");
                check(bands.is_sorted_by(|a, b| a.up_to_grams < b.up_to_grams), "rate.bands", "must rise");
                check(bands.iter().all(|band| band.amount.are_amounts()), "rate.bands", &within);
            }
            ShippingRate::OrderValue { bands } => {
                check(!bands.is_empty(), "rate.bands", "must have at least one band");
                check(bands.is_sorted_by(|a, b| a.from_amount.rise_to(&b.from_amount)), "rate.bands", "must rise");
                let amounts = |band: &ValueBand| band.from_amount.are_amounts() && band.amount.are_amounts();
                check(bands.iter().all(amounts), "rate.bands", &within);
            }
        }
        let zones = self.zones.iter().enumerate();
        errors.extend(zones.flat_map(|(index, zone)| zone.errors(&format!("zones[{index}]"))));
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
