//! Products, variants, stock.

use crate::Money;
use crate::patch::{Patch, not_null};
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
    /// Whether it is sent: of what is not, no address and no way to ship is asked.
    #[serde(default = "yes")]
    pub requires_shipping: bool,
    /// Whether it is for sale, as long as its product is; others are seen by operators only.
    #[serde(default = "yes")]
    pub active: bool,
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
    /// What `on_hand` means for variants that are there already.
    #[serde(default)]
    pub stock: StockRule,
}

/// Rows of a file: products to create or bring up to date, by handle. Only the handle must be there. At most 500.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProducts {
    /// The products.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub products: Vec<ProductInput>,
    /// What `on_hand` means for variants that are there already; `leave` unless given.
    #[serde(default = "leave")]
    pub stock: StockRule,
}

/// What units on hand mean for a variant that is there already. New variants begin with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StockRule {
    /// So many are there now.
    #[default]
    Set,
    /// So many came in.
    Add,
    /// Nothing: what was sold since does not come back.
    Leave,
}

/// A product as an operator states it. What is absent stays as it was, or takes its default where the product is new; `null` is
/// none. Variants that are not named stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductInput {
    /// Unique name in URLs: letters and digits of any script, no ASCII capitals, `-`, `_`, `.`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub handle: String,
    /// Title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500, nullable = false))]
    pub name: Option<String>,
    /// Text or HTML.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 20000))]
    pub description: Patch<String>,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub vendor: Patch<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub tags: Patch<Vec<String>>,
    /// Whether it is for sale; a new one is unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Tax category; `standard` is that of products which name none.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 100))]
    pub tax_category: Patch<String>,
    /// Its own price policy; `null` leaves it to the store.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePolicy>))]
    pub price_policy: Patch<PricePolicy>,
    /// From when on its goods are held for a shopper; `null` leaves it to the store.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<HoldPolicy>))]
    pub hold_policy: Patch<HoldPolicy>,
    /// Image addresses.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub images: Patch<Vec<String>>,
    /// What is sold; a new product has at least one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 2048))]
    pub variants: Vec<VariantInput>,
}

/// A variant as an operator states it. What is absent stays as it was, or takes its default where the variant is new; `null` is
/// none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantInput {
    /// Stock-keeping unit, unique in the store.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub sku: String,
    /// Whether the SKU was made up, because there is none: then the product's variant with the same attributes is meant, and the
    /// SKU is for a new one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived_sku: bool,
    /// What sets it apart.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, String>>))]
    pub attributes: Patch<BTreeMap<String, String>>,
    /// Price in minor units of the store's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64, nullable = false))]
    pub price: Option<i64>,
    /// Prices in other currencies, minor units by ISO 4217 code: all there are.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, i64>>))]
    pub prices: Patch<BTreeMap<String, i64>>,
    /// No discount takes a unit below this, in minor units of the store's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64))]
    pub min_unit_price: Option<i64>,
    /// The same in other currencies, minor units by ISO 4217 code: with `min_unit_price`, all there are.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, i64>>))]
    pub min_unit_prices: Patch<BTreeMap<String, i64>>,
    /// Weight in grams.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 100000000))]
    pub weight_grams: Patch<i64>,
    /// Whether stock is counted; that of a new one is unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_stock: Option<bool>,
    /// Whether it is sent: of services, files and vouchers, which are not, no address and no way to ship is asked; a new one is unless it
    /// says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_shipping: Option<bool>,
    /// Whether it is for sale, as long as its product is; a new one is unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Units on hand, by the request's `stock`; absent leaves the stock alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1000000000))]
    pub on_hand: Option<i64>,
}

/// Changes of a product. What is absent stays; `null` is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductPatch {
    /// Another handle; the one before leads to the product from then on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, nullable = false))]
    pub handle: Option<String>,
    /// Title for people.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500, nullable = false))]
    pub name: Option<String>,
    /// Text or HTML.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 20000))]
    pub description: Patch<String>,
    /// Who makes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 200))]
    pub vendor: Patch<String>,
    /// Tags, all of them.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub tags: Patch<Vec<String>>,
    /// Whether it is for sale.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub active: Option<bool>,
    /// Tax category; `null` is `standard`.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, min_length = 1, max_length = 100))]
    pub tax_category: Patch<String>,
    /// Its own price policy; `null` leaves it to the store.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePolicy>))]
    pub price_policy: Patch<PricePolicy>,
    /// From when on its goods are held for a shopper; `null` leaves it to the store.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<HoldPolicy>))]
    pub hold_policy: Patch<HoldPolicy>,
    /// Image addresses, all of them.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub images: Patch<Vec<String>>,
}

/// Changes of a variant. What is absent stays; `null` is none, in its maps too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantPatch {
    /// Another SKU.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, nullable = false))]
    pub sku: Option<String>,
    /// What sets it apart.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, Option<String>>>))]
    pub attributes: Patch<BTreeMap<String, Option<String>>>,
    /// Price in minor units of the store's currency.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9007199254740991_i64, nullable = false))]
    pub price: Option<i64>,
    /// Prices in other currencies, minor units by ISO 4217 code.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, Option<i64>>>))]
    pub prices: Patch<BTreeMap<String, Option<i64>>>,
    /// Prices below which no discount takes a unit, minor units by ISO 4217 code.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, Option<i64>>>))]
    pub min_unit_prices: Patch<BTreeMap<String, Option<i64>>>,
    /// Weight in grams.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 100000000))]
    pub weight_grams: Patch<i64>,
    /// Whether stock is counted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub track_stock: Option<bool>,
    /// Whether it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub requires_shipping: Option<bool>,
    /// Whether it is for sale, as long as its product is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub active: Option<bool>,
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
    /// What became of the stock that it states.
    #[serde(default, skip_serializing_if = "StockDone::is_nothing")]
    pub stock: StockDone,
}

/// Of how many variants the stock that was stated did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockDone {
    /// New variants that began with it.
    pub new: u64,
    /// It was set to another number.
    pub set: u64,
    /// It was added.
    pub added: u64,
    /// It was left alone, though it is another number.
    pub left: u64,
}

impl StockDone {
    /// Whether nothing was stated that could do anything.
    pub fn is_nothing(&self) -> bool {
        *self == StockDone::default()
    }
}

impl std::ops::AddAssign for StockDone {
    fn add_assign(&mut self, more: StockDone) {
        self.new += more.new;
        self.set += more.set;
        self.added += more.added;
        self.left += more.left;
    }
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

fn leave() -> StockRule {
    StockRule::Leave
}
