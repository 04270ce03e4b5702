//! What people state in commands: products, stock, fulfilments, notes, and what to set on what is there.

use crate::email::EmailAddress;
use crate::fulfilment::{FulfilledLine, ParcelStatus, Tracking};
use crate::order::Address;
use crate::refusal::{FieldError, Refusal};
use crate::shipping::ShippingMethod;
use crate::stock::Cause;
use crate::store::StoreSettings;
use crate::tax::TaxRate;
use std::collections::BTreeMap;

/// A stock change by an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockChange {
    /// The variant.
    pub sku: String,
    /// `Receive`, `Return`, `Adjust` or `Count`.
    pub cause: Cause,
    /// Units to add (may be negative for `Adjust`), or units counted.
    pub quantity: i64,
    /// Why.
    pub reason: String,
}

/// A product as an operator states it. What is `None` stays as it was; where the product is new, it takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductDraft {
    /// Unique name.
    pub handle: String,
    /// Title; a new product needs one.
    pub name: Option<String>,
    /// Whether it is for sale. Default true.
    pub active: Option<bool>,
    /// Tags. Default none.
    pub tags: Option<Vec<String>>,
    /// Tax category. Default [`crate::catalogue::STANDARD`].
    pub tax_category: Option<String>,
    /// Its own price policy; `Some(None)` leaves it to the store, which is the default.
    pub price_policy: Option<Option<crate::store::PricePolicy>>,
    /// Its own policy of holding goods; `Some(None)` leaves it to the store, which is the default.
    pub hold_policy: Option<Option<crate::store::HoldPolicy>>,
    /// Text or HTML. Default empty.
    pub description: Option<String>,
    /// Who makes it. Default empty.
    pub vendor: Option<String>,
    /// Image addresses. Default none.
    pub images: Option<Vec<String>>,
    /// Variants; those that are not named stay as they are. A new product needs at least one.
    pub variants: Vec<VariantDraft>,
    /// What becomes of the stock of variants that are there already.
    pub stock: StockRule,
}

/// What the units on hand that a draft states mean for a variant that is there already. New variants begin with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StockRule {
    /// So many are there now.
    #[default]
    Set,
    /// So many came in.
    Add,
    /// Nothing: what was sold since they were stated does not come back.
    Leave,
}

/// A variant as an operator states it. What is `None` stays as it was; where the variant is new, it takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantDraft {
    /// SKU.
    pub sku: String,
    /// Whether the SKU was made up for a variant without one: then the product's variant with the same attributes is meant, and
    /// the SKU is for a new one.
    pub sku_is_derived: bool,
    /// What sets it apart. Default nothing.
    pub attributes: Option<BTreeMap<String, String>>,
    /// Minor units; a new variant needs one.
    pub price: Option<i64>,
    /// Other currencies. Default none.
    pub prices: Option<BTreeMap<String, i64>>,
    /// Floors by ISO 4217 code. Default none.
    pub floors: Option<BTreeMap<String, i64>>,
    /// Grams. Default 0.
    pub weight_grams: Option<i64>,
    /// Whether stock is counted. Default true.
    pub track_stock: Option<bool>,
    /// Whether it is sent. Default true.
    pub requires_shipping: Option<bool>,
    /// Whether it is for sale, as long as its product is. Default true.
    pub active: Option<bool>,
    /// Units on hand; [`StockRule`] says what they mean.
    pub on_hand: Option<i64>,
}

/// What to set on a product; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductChange {
    /// Which, and what is to be; without variants.
    pub draft: ProductDraft,
    /// Another handle. The one before leads to the product from then on.
    pub handle: Option<String>,
}

/// What to set on a variant; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantChange {
    /// Which.
    pub sku: String,
    /// Another SKU.
    pub new_sku: Option<String>,
    /// What sets it apart: each is set, or taken away where it is `None`.
    pub attributes: Option<Merge<String>>,
    /// Minor units.
    pub price: Option<i64>,
    /// Other currencies.
    pub prices: Option<Merge<i64>>,
    /// Floors by ISO 4217 code.
    pub floors: Option<Merge<i64>>,
    /// Grams.
    pub weight_grams: Option<i64>,
    /// Whether stock is counted.
    pub track_stock: Option<bool>,
    /// Whether it is sent.
    pub requires_shipping: Option<bool>,
    /// Whether it is for sale, as long as its product is.
    pub active: Option<bool>,
}

/// What becomes of the entries of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge<V> {
    /// All of them go.
    Clear,
    /// Each that is named is set, or goes where it is `None`; the others stay.
    Entries(BTreeMap<String, Option<V>>),
}

impl<V: Clone> Merge<V> {
    /// What is left of a map.
    pub fn of(&self, map: &BTreeMap<String, V>) -> BTreeMap<String, V> {
        let Merge::Entries(entries) = self else { return BTreeMap::new() };
        let mut merged = map.clone();
        for (name, value) in entries {
            match value {
                Some(value) => drop(merged.insert(name.clone(), value.clone())),
                None => drop(merged.remove(name)),
            }
        }
        merged
    }
}

/// Goods that were sent, as an operator tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFulfilment {
    /// What was sent; `None` for all that is left.
    pub lines: Option<Vec<FulfilledLine>>,
    /// How the parcel is followed.
    pub tracking: Option<Tracking>,
    /// By whom, for the record.
    pub by: String,
}

/// What becomes of a parcel; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FulfilmentChange {
    /// How it is followed; `Some(None)` unsets it.
    pub tracking: Option<Option<TrackingChange>>,
    /// Its state.
    pub status: Option<ParcelStatus>,
    /// When it arrived, where it is `Delivered`; now unless given.
    pub delivered_at: Option<crate::id::Timestamp>,
}

/// A remark on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// The remark.
    pub text: String,
    /// Whether the buyer may read it.
    pub visible_to_customer: bool,
    /// By whom, for the record.
    pub by: String,
}

/// What to set on a store; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct StoreChange {
    /// Name for people.
    pub name: Option<String>,
    /// Host names that lead to it.
    pub hosts: Option<Vec<String>>,
    /// Settings, all of them.
    pub settings: Option<StoreSettings>,
    /// Settings to set, by name: what is absent stays, `null` takes its default ([`StoreSettings::merged`]).
    pub merge: Option<serde_json::Map<String, serde_json::Value>>,
    /// Ways to ship, all of them.
    pub shipping_methods: Option<Vec<ShippingMethod>>,
    /// Rates of tax, all of them.
    pub tax_rates: Option<Vec<TaxRate>>,
}

/// What to set on a receiver; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    /// Where to send.
    pub url: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Names of the types wanted; none for all.
    pub types: Option<Vec<String>>,
    /// Whether anything is sent.
    pub active: Option<bool>,
}

/// What to set on a cart; what is `None` stays, unless it is to be unset.
#[derive(Clone, Debug, Default)]
pub struct CartChange {
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Whether the shopper wants to be reminded at this address.
    pub email_consent: Option<bool>,
    /// Where to send it.
    pub shipping_address: Option<AddressChange>,
    /// Where to send the bill.
    pub billing_address: Option<AddressChange>,
    /// Shipping method.
    pub shipping_method: Option<String>,
    /// What it is to have no longer.
    pub unset: Vec<CartField>,
}

/// What a cart may be told, and have no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CartField {
    /// E-mail address, and the consent that was given for it.
    Email,
    /// Where to send it.
    ShippingAddress,
    /// Where to send the bill.
    BillingAddress,
    /// Shipping method.
    ShippingMethod,
}

/// What to set of a postal address; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressChange {
    /// Person or company.
    pub name: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Flat, floor.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub region: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

impl From<Address> for AddressChange {
    /// Puts the whole address in place of what was there.
    fn from(address: Address) -> AddressChange {
        let Address { name, line1, line2, city, region, postcode, country, phone } = address;
        AddressChange {
            name: Some(name),
            line1: Some(line1),
            line2: Some(line2),
            city: Some(city),
            region: Some(region),
            postcode: Some(postcode),
            country: Some(country),
            phone: Some(phone),
        }
    }
}

impl AddressChange {
    /// The address that it makes of what was there; one that was not there begins empty.
    pub fn of(&self, known: Option<Address>) -> Address {
        let known = known.unwrap_or_default();
        let text = |new: &Option<String>, known: String| new.clone().unwrap_or(known);
        Address {
            name: text(&self.name, known.name),
            line1: text(&self.line1, known.line1),
            line2: text(&self.line2, known.line2),
            city: text(&self.city, known.city),
            region: text(&self.region, known.region),
            postcode: text(&self.postcode, known.postcode),
            country: text(&self.country, known.country),
            phone: text(&self.phone, known.phone),
        }
    }
}

/// What to set of how a parcel is followed; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackingChange {
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number.
    pub number: Option<String>,
    /// A page that shows where it is; `Some(None)` unsets it.
    pub url: Option<Option<String>>,
}

impl TrackingChange {
    /// How it is followed then.
    ///
    /// # Errors
    /// Where carrier or number are not known.
    pub fn of(&self, known: Option<Tracking>) -> Result<Tracking, Refusal> {
        let (carrier, number, url) = known.map_or((None, None, None), |known| {
            let Tracking { carrier, number, url } = known;
            (Some(carrier), Some(number), url)
        });
        let needed = |new: &Option<String>, known: Option<String>, name: &str| {
            let reason = "is missing".to_owned();
            let missing = || Refusal::Invalid(vec![FieldError { field: format!("tracking.{name}"), reason }]);
            new.clone().or(known).ok_or_else(missing)
        };
        Ok(Tracking {
            carrier: needed(&self.carrier, carrier, "carrier")?,
            number: needed(&self.number, number, "number")?,
            url: self.url.clone().unwrap_or(url),
        })
    }
}
