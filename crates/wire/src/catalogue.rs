//! Products, variants, stock.

use crate::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A product as the shop presents it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    /// Identity.
    pub id: Uuid,
    /// Unique name in URLs.
    pub handle: String,
    /// Title for people.
    pub name: String,
    /// Text or HTML.
    pub description: String,
    /// Who makes it; empty when unknown.
    pub vendor: String,
    /// Tags, in the order given.
    pub tags: Vec<String>,
    /// Whether it is for sale; inactive products are seen by operators only.
    pub active: bool,
    /// Tax category (`standard` unless set).
    pub tax_category: String,
    /// Its own price policy; absent where the store's holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_policy: Option<PricePolicy>,
    /// From when on its goods are held for a shopper; absent where the store's policy holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_policy: Option<HoldPolicy>,
    /// Image addresses.
    pub images: Vec<String>,
    /// What is sold.
    pub variants: Vec<Variant>,
}

/// What is sold: has a SKU, a price, stock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variant {
    /// Identity.
    pub id: Uuid,
    /// Stock-keeping unit, unique in the store.
    pub sku: String,
    /// What sets it apart (`{"Size": "M"}`).
    pub attributes: BTreeMap<String, String>,
    /// Price in the store's currency.
    pub price: Money,
    /// Prices in other currencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Money>,
    /// Prices below which no discount takes a unit, one per currency; operators only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub min_unit_prices: Vec<Money>,
    /// Weight in grams.
    pub weight_grams: i64,
    /// Whether stock is counted; when not, it is always available.
    pub track_stock: bool,
    /// Units that can be bought now (on hand − reserved); absent where the store does not show so many (setting `stock_shown`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// Whether some can be bought now.
    #[serde(default)]
    pub in_stock: bool,
    /// Units of it in active carts, as of a few seconds ago; only where the store shows it (setting `urgency`). Nobody's own cart is
    /// known here: who has some in the cart takes them off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_other_carts: Option<i64>,
    /// Units in the store house; operators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_hand: Option<i64>,
    /// Units held by checkouts and for carts; operators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<i64>,
}

/// Which unit price counts at checkout where it has moved since the goods were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PricePolicy {
    /// Today's. A lower one is given; a higher one must be accepted by the total that the shopper saw.
    Latest {},
    /// The captured one for a while, or today's where that is lower.
    Captured {
        /// Minutes for which the captured price holds.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 525600))]
        minutes: u32,
    },
}

/// From when on goods are held for a shopper, so that nobody else gets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HoldPolicy {
    /// From checkout on, until the payment has an outcome.
    AtCheckout {},
    /// From the moment they are added, for a while; checkout holds them on.
    AtAdd {
        /// Minutes for which they are held in the cart.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10080))]
        minutes: u32,
        /// Units of one variant that are held for one cart at most; more can be added, but are not held.
        #[serde(default = "ten")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
        max_units: u32,
    },
}

/// Products to create or bring up to date, by handle. At most 500.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpsertProducts {
    /// The products.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub products: Vec<ProductInput>,
}

/// A product as an operator states it. The whole product: variants that are not named stay, but no field is merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductInput {
    /// Unique name in URLs: lower-case letters, digits, `-`, `_`, `.`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, pattern = "^[a-z0-9][a-z0-9._-]*$"))]
    pub handle: String,
    /// Title for people.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub name: String,
    /// Text or HTML.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 20000))]
    pub description: String,
    /// Who makes it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub vendor: String,
    /// Tags.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub tags: Vec<String>,
    /// Whether it is for sale.
    #[serde(default = "yes")]
    pub active: bool,
    /// Tax category.
    #[serde(default = "standard")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub tax_category: String,
    /// Its own price policy; absent leaves it to the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_policy: Option<PricePolicy>,
    /// From when on its goods are held for a shopper; absent leaves it to the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_policy: Option<HoldPolicy>,
    /// Image addresses.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 250))]
    pub images: Vec<String>,
    /// What is sold; at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 250))]
    pub variants: Vec<VariantInput>,
}

/// A variant as an operator states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantInput {
    /// Stock-keeping unit, unique in the store.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: String,
    /// What sets it apart.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Price in minor units of the store's currency.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64))]
    pub price: i64,
    /// Prices in other currencies, minor units by ISO 4217 code.
    #[serde(default)]
    pub prices: BTreeMap<String, i64>,
    /// No discount takes a unit below this, in minor units of the store's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64))]
    pub min_unit_price: Option<i64>,
    /// The same in other currencies, minor units by ISO 4217 code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub min_unit_prices: BTreeMap<String, i64>,
    /// Weight in grams.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100000000))]
    pub weight_grams: i64,
    /// Whether stock is counted.
    #[serde(default = "yes")]
    pub track_stock: bool,
    /// Units on hand to set; absent leaves the stock alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1000000000))]
    pub on_hand: Option<i64>,
}

/// What became of each product of an upsert, in the order sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpsertReport {
    /// One result per product.
    pub results: Vec<UpsertResult>,
}

/// What became of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpsertResult {
    /// The product's handle.
    pub handle: String,
    /// `created`, `updated`, `unchanged` or `refused`.
    pub outcome: UpsertOutcome,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Outcome of one product of an upsert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UpsertOutcome {
    /// New.
    Created,
    /// Something about it changed.
    Updated,
    /// It already was so.
    Unchanged,
    /// Not taken; the others still are.
    Refused,
}

/// New unit prices for many variants in one request. At most 1,000; all or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPrices {
    /// The prices.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    pub prices: Vec<PriceInput>,
}

/// One new unit price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceInput {
    /// The variant.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: String,
    /// Minor units.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64))]
    pub price: i64,
    /// ISO 4217; the store's currency unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Changes of stock by an operator. At most 1,000; all or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjustStock {
    /// The changes.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    pub adjustments: Vec<StockAdjustment>,
}

/// One change of stock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockAdjustment {
    /// The variant.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: String,
    /// What happens.
    pub kind: AdjustmentKind,
    /// Units: more than zero for `receive` and `return`, not zero for `adjust`, zero or more for `count`.
    #[cfg_attr(feature = "openapi", schema(minimum = -1000000000, maximum = 1000000000))]
    pub quantity: i64,
    /// Why, in the operator's words.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub reason: String,
}

/// What an operator does to stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AdjustmentKind {
    /// Goods came in.
    Receive,
    /// A buyer sent goods back.
    Return,
    /// A correction by so many units, up or down.
    Adjust,
    /// The shelf was counted: on hand is now this many.
    Count,
}

/// Stock of one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockLevel {
    /// The variant.
    pub sku: String,
    /// Units in the store house.
    pub on_hand: i64,
    /// Units held by checkouts.
    pub reserved: i64,
    /// on hand − reserved.
    pub available: i64,
}

/// Stock levels after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockLevels {
    /// One per variant named.
    pub levels: Vec<StockLevel>,
}

/// One entry of the stock ledger. Entries are never changed or removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockMovement {
    /// Position in the ledger.
    pub sequence: i64,
    /// The variant.
    pub sku: String,
    /// Change of units on hand.
    pub on_hand_delta: i64,
    /// Change of units reserved.
    pub reserved_delta: i64,
    /// `receive`, `return`, `adjust`, `count`, `hold`, `commit`, `release`, `restock`.
    pub cause: String,
    /// Order id, `cart` and the cart's id, or the operator's reason.
    pub reference: String,
    /// When, RFC 3339.
    pub at: String,
}

fn yes() -> bool {
    true
}

fn ten() -> u32 {
    10
}

fn standard() -> String {
    "standard".to_owned()
}
