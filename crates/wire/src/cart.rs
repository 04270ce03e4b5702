//! Carts.

use crate::patch::{Patch, not_null};
use crate::{Money, SavedItem, Undo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A new cart. All fields are optional: `{}` makes an empty cart in the store's currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateCart {
    /// ISO 4217; the store's currency unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The shopper's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: Option<String>,
    /// The shop's own name for the customer; takes an operator's key. A customer has one active cart, and it is returned if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub customer: Option<String>,
    /// First lines. At most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub lines: Vec<LineInput>,
    /// For guests in browsers: the secret comes in a cookie that scripts cannot read, in place of `token`. Where the browser has an
    /// open cart already, that one is answered. Whatever changes the cart then needs `csrf_token` as `Cartwright-CSRF`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
}

/// How to open a cart that a link leads to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestoreCart {
    /// For browsers: the secret comes in a cookie that scripts cannot read, in place of `token`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
}

/// Goods to add: `sku` or `variant_id`, not both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineInput {
    /// The variant by SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: Option<String>,
    /// The variant by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<Uuid>,
    /// Units, 1 to 99,999.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
    pub quantity: i64,
    /// Gift wrap, personalisation text and the like; the same variant with other options is another line. At most 20 entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// Adds one line (its fields at the top level) or several (`lines`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddLines {
    /// The variant by SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: Option<String>,
    /// The variant by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<Uuid>,
    /// Units, 1 to 99,999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
    pub quantity: Option<i64>,
    /// Options of the line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Several lines instead of one: all are added, or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub lines: Vec<LineInput>,
}

/// A new quantity for a line; 0 removes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeLine {
    /// Units, 0 to 99,999.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 99999))]
    pub quantity: i64,
}

/// A coupon code to apply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplyCoupon {
    /// The code; case and surrounding blanks do not matter.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub code: String,
}

/// Changes to a cart, as a JSON Merge Patch: what is absent stays as it is, `null` unsets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeCart {
    /// The shopper's e-mail address. Without it there is no consent either.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 254))]
    pub email: Patch<String>,
    /// Whether the shopper wants to be reminded of the cart at this address. `null` is no.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    pub email_consent: Patch<bool>,
    /// Where to send it; decides tax and shipping. The fields that are absent stay as they are.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ChangeAddress>))]
    pub shipping_address: Patch<ChangeAddress>,
    /// Where to send the bill. The fields that are absent stay as they are.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ChangeAddress>))]
    pub billing_address: Patch<ChangeAddress>,
    /// Handle of a method from `/carts/{id}/shipping-methods`.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 100))]
    pub shipping_method: Patch<String>,
}

/// Changes to a postal address: what is absent stays as it is, `null` empties. An address that is not there yet needs a country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeAddress {
    /// Person or company.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub name: Patch<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub line1: Patch<String>,
    /// Flat, floor.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub line2: Patch<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub city: Patch<String>,
    /// State or province; the ISO 3166-2 part after the hyphen where tax depends on it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 100))]
    pub region: Patch<String>,
    /// Postcode; blanks, hyphens, case and the mark of the country do not count.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 20))]
    pub postcode: Patch<String>,
    /// ISO 3166-1 alpha-2, upper case. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub country: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 50))]
    pub phone: Patch<String>,
}

impl From<Address> for ChangeAddress {
    /// Puts the whole address in place of what was there.
    fn from(address: Address) -> ChangeAddress {
        let Address { name, line1, line2, city, region, postcode, country, phone } = address;
        ChangeAddress {
            name: name.into(),
            line1: line1.into(),
            line2: line2.into(),
            city: city.into(),
            region: region.into(),
            postcode: postcode.into(),
            country: Some(country),
            phone: phone.into(),
        }
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Address {
    /// Person or company.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: String,
    /// Street and number.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub line1: String,
    /// Flat, floor.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub line2: String,
    /// City.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub city: String,
    /// State or province; the ISO 3166-2 part after the hyphen where tax depends on it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub region: String,
    /// Postcode; blanks, hyphens, case and the mark of the country do not count.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 20))]
    pub postcode: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// Telephone.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 50))]
    pub phone: String,
}

/// A priced cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cart {
    /// Identity; opens nothing without the token.
    pub id: Uuid,
    /// The guest cart's secret; only in the answer that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Where the secret is in a cookie: what to send as `Cartwright-CSRF` with whatever changes the cart; only in the answer to the
    /// request for the cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// `active`, `abandoned`, `checked_out`, `merged`, `expired`, `removed`.
    pub status: String,
    /// ISO 4217.
    pub currency: String,
    /// The customer's name in the shop's own system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the shopper wants to be reminded of the cart at this address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_consent: bool,
    /// Where to send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// Where to send the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Chosen shipping method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<String>,
    /// Lines in the order added.
    pub lines: Vec<CartLine>,
    /// Items saved for later; they are in none of the sums.
    #[serde(default)]
    pub saved: Vec<SavedItem>,
    /// Codes applied.
    pub coupons: Vec<Coupon>,
    /// What each promotion takes off.
    pub discounts: Vec<Discount>,
    /// Tax by rate.
    pub taxes: Vec<Tax>,
    /// The sums.
    pub totals: Totals,
    /// Each promotion, why it counted or did not; only with `explain=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanations: Option<Vec<Explanation>>,
    /// The shipping fee before discounts; only with `explain=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_fee: Option<Money>,
    /// What the goods lack for the chosen shipping method to be free; only with `explain=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_for_free_shipping: Option<Money>,
    /// What rounding to cash adds or, below zero, takes off; only with `explain=true`, where the store rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Money>,
    /// Why the last payment failed, on a cart that is active again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_payment_failure: Option<PaymentFailure>,
    /// The last change, where it can be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The customer's cart that this guest's cart was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
    /// The order made of it, once checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// When it expires, RFC 3339.
    pub expires_at: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartLine {
    /// Identity.
    pub id: Uuid,
    /// The variant.
    pub variant_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Name of the product, with what sets the variant apart.
    pub name: String,
    /// Units.
    pub quantity: i64,
    /// Price captured when it was added.
    pub unit_price: Money,
    /// Until when that price holds even if the shop's rises, RFC 3339; absent where today's price counts at checkout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_held_until: Option<String>,
    /// Until when units of it are held for this cart, RFC 3339; null where none are.
    #[serde(default)]
    pub held_until: Option<String>,
    /// How many units are held; absent where the shop holds goods only from checkout on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_quantity: Option<i64>,
    /// unit price × quantity.
    pub subtotal: Money,
    /// What promotions take off.
    pub discount: Money,
    /// subtotal − discount.
    pub total: Money,
    /// Options of the line.
    pub options: BTreeMap<String, String>,
    /// What the shopper should know (price changed, stock short).
    pub notices: Vec<Notice>,
    /// Whether it can be bought as it stands.
    pub availability: Availability,
    /// Units of it in other shoppers' active carts, as of a few seconds ago; only where the store shows it (setting `urgency`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_other_carts: Option<i64>,
}

/// Something the shopper should know about a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// `price_rose`, `price_fell`, `price_held` (it rose, but not for this line), `offer_kept` (an offer is over or has changed, but not
    /// for this line), `insufficient_stock`, `unavailable`,
    /// `not_held` (goods that the shop holds when they are added, but of these not all are), `cannot_be_shipped` (not to this address, by any method), `price_changed_since_saved` (it was saved for later at another).
    pub code: String,
    /// In a sentence.
    pub detail: String,
    /// The captured unit price, or the one that the shopper saw before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Money>,
    /// The unit price after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Money>,
}

/// Whether a line can be bought as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Availability {
    /// `available`, `insufficient` (fewer than asked), `unavailable` (none, or no longer sold).
    pub status: String,
    /// Units available; absent where stock is not counted, or the store does not show so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
}

/// An applied code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coupon {
    /// The code.
    pub code: String,
    /// The promotion it unlocks.
    pub promotion: String,
    /// Whether it takes something off just now.
    pub applied: bool,
    /// Why it does not. What checkout refuses too: `email_required` (its uses are counted per customer: give an address),
    /// `used_up`, `used_by_you`, `withdrawn` (the shop took it back), `too_many_codes` (past the number that the store allows).
    /// What may change with the cart or the hour: `min_order_amount`, `min_quantity`, `set_incomplete`, `goods_missing`,
    /// `nothing_to_discount`, `excluded_by`, `not_started`, `ended`, `other_time`, `other_currency`, `no_amount_in_currency`, `other_destination`,
    /// `other_shipping_method`, `other_customer`, `not_first_order`, `login_required` (for first orders; a guest's address proves nothing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// What the order lacks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_amount: Option<Money>,
    /// Units that the cart lacks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_quantity: Option<i64>,
    /// The promotion that counts instead, where it is a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_by: Option<Uuid>,
    /// When it begins to count, RFC 3339, where it has not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// When it ended, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

/// What one promotion takes off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Discount {
    /// The promotion.
    pub promotion_id: Uuid,
    /// Its name.
    pub name: String,
    /// Amount taken off, positive.
    pub amount: Money,
}

/// Why a promotion counted or did not, and how far off it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The promotion.
    pub promotion_id: Uuid,
    /// Its name.
    pub name: String,
    /// The code of the cart that unlocks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `applied`, `not_applied`.
    pub outcome: String,
    /// Why it gives nothing: `min_order_amount`, `min_quantity`, `set_incomplete`, `goods_missing`, `nothing_to_discount`,
    /// `excluded`, `exhausted`, `not_started`, `ended`, `other_time`, `other_currency`, `no_amount_in_currency`, `other_destination`,
    /// `other_shipping_method`, `other_customer`, `not_first_order`, `login_required`; to operators also `code_required`, `inactive`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same for people, e.g. `Free from 50: 4.20€ more for free shipping`.
    pub sentence: String,
    /// What it takes off, goods and shipping together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Where the offer is over or has changed and stays with lines whose price holds: until when, at the least (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<String>,
    /// What the order lacks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_amount: Option<Money>,
    /// Units that the cart lacks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_quantity: Option<i64>,
    /// The promotion that counts instead, where it is a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_by: Option<Uuid>,
    /// Its share of each line; the shares sum to what it takes off goods.
    pub lines: Vec<LineShare>,
    /// What it takes off shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_amount: Option<Money>,
}

/// What a promotion takes off one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineShare {
    /// The line.
    pub line_id: Uuid,
    /// Amount taken off, positive.
    pub amount: Money,
}

/// Tax by rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tax {
    /// Name of the rate.
    pub name: String,
    /// Percent as text.
    pub percent: String,
    /// The amount.
    pub amount: Money,
    /// Whether the prices already contain it.
    pub included: bool,
}

/// The sums of a cart or order. total = subtotal − discount + shipping (+ tax where prices do not contain it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// Lines before discounts.
    pub subtotal: Money,
    /// Discounts on goods, positive.
    pub discount: Money,
    /// Shipping after shipping discounts.
    pub shipping: Money,
    /// Tax, added or contained.
    pub tax: Money,
    /// What is to be paid.
    pub total: Money,
}

/// Why a payment failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentFailure {
    /// `declined`, `expired`, …
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
}

/// A way to ship this cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingMethod {
    /// Its handle, to be sent as `shipping_method`.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// What it costs for this cart.
    pub price: Money,
    /// Fewest days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_days: Option<i64>,
    /// Most days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_days: Option<i64>,
}

/// The ways to ship a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingMethods {
    /// In the order the shop lists them.
    pub methods: Vec<ShippingMethod>,
    /// Those that are not to be had for this cart, with the reason.
    #[serde(default)]
    pub unavailable: Vec<UnavailableMethod>,
}

/// A way to ship that is not to be had for a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnavailableMethod {
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// `outside_zones`, `too_heavy`, `below_least_value`, `other_currency`, `no_fee_in_currency`, `goods_excluded`.
    pub reason: String,
    /// The reason as a sentence.
    pub detail: String,
}
