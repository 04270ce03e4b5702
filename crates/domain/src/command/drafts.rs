//! What people state in commands: products, stock, fulfilments, notes, and what to set on what is there.

use crate::email::EmailAddress;
use crate::fulfilment::{FulfilledLine, ParcelStatus, Tracking};
use crate::order::Address;
use crate::shipping::ShippingMethod;
use crate::stock::Cause;
use crate::store::StoreSettings;
use crate::tax::TaxRate;

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

/// A product as an operator states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDraft {
    /// Unique name.
    pub handle: String,
    /// Title.
    pub name: String,
    /// Whether it is for sale.
    pub active: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Tax category.
    pub tax_category: String,
    /// Its own price policy.
    pub price_policy: Option<crate::store::PricePolicy>,
    /// Its own policy of holding goods.
    pub hold_policy: Option<crate::store::HoldPolicy>,
    /// Presentation.
    pub detail: crate::catalogue::ProductDetail,
    /// Variants, at least one.
    pub variants: Vec<VariantDraft>,
}

/// A variant as an operator states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantDraft {
    /// SKU.
    pub sku: String,
    /// What sets it apart.
    pub attributes: std::collections::BTreeMap<String, String>,
    /// Minor units.
    pub price: i64,
    /// Other currencies.
    pub prices: std::collections::BTreeMap<String, i64>,
    /// Floors by ISO 4217 code.
    pub floors: std::collections::BTreeMap<String, i64>,
    /// Grams.
    pub weight_grams: i64,
    /// Whether stock is counted.
    pub track_stock: bool,
    /// Units on hand to set.
    pub on_hand: Option<i64>,
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
    /// How it is followed.
    pub tracking: Option<Tracking>,
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

/// What to set on a cart; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct CartChange {
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Whether the shopper wants to be reminded at this address.
    pub email_consent: Option<bool>,
    /// Where to send it.
    pub shipping_address: Option<Address>,
    /// Where to send the bill.
    pub billing_address: Option<Address>,
    /// Shipping method.
    pub shipping_method: Option<String>,
}
