//! Products and variants: what a store sells. Stock is counted apart (see [`crate::stock`]), so that a sale never rewrites
//! the catalogue.

use crate::id::{ProductId, Timestamp, VariantId};
use crate::money::Currency;
use crate::store::{HoldPolicy, PricePolicy, StoreSettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most variants of a product.
pub const MOST_VARIANTS: usize = 2_048;
/// The tax category of products that name none.
pub const STANDARD: &str = "standard";

/// Whether a product or a variant is for sale by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CatalogueState {
    /// For sale.
    #[default]
    On,
    /// Not for sale; operators see it and may switch it on again.
    Off,
    /// Gone: kept for the orders, carts and ledger entries that name it, and found by nobody. Its handle or SKU is free.
    Deleted,
}

impl CatalogueState {
    /// On or off.
    pub fn of(active: bool) -> CatalogueState {
        if active { CatalogueState::On } else { CatalogueState::Off }
    }

    /// Its name where it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            CatalogueState::On => "on",
            CatalogueState::Off => "off",
            CatalogueState::Deleted => "deleted",
        }
    }

    /// The state of this name; what has no name that is known is off.
    pub fn by_name(name: &str) -> CatalogueState {
        match name {
            "on" => CatalogueState::On,
            "deleted" => CatalogueState::Deleted,
            _ => CatalogueState::Off,
        }
    }
}

/// A product as the shop presents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Identity.
    pub id: ProductId,
    /// Unique name in URLs.
    pub handle: String,
    /// Title for people.
    pub name: String,
    /// Whether it is for sale.
    pub state: CatalogueState,
    /// What presentation needs and decisions do not.
    pub detail: ProductDetail,
    /// Its variants, in the order the operator gave them.
    pub variants: Vec<VariantId>,
}

/// The part of a product that no decision reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDetail {
    /// Text or HTML.
    pub description: String,
    /// Who makes it.
    pub vendor: String,
    /// Image addresses.
    pub images: Vec<String>,
}

/// What is sold, with all that a decision or a price needs of its product.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Identity.
    pub id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// The product's handle.
    pub handle: String,
    /// The product's name.
    pub product_name: String,
    /// Stock-keeping unit, unique in the store.
    pub sku: String,
    /// What sets it apart (`Size` → `M`).
    pub attributes: BTreeMap<String, String>,
    /// Minor units of the store's currency.
    pub price: i64,
    /// Price lists in other currencies: minor units by ISO 4217 code.
    pub prices: BTreeMap<String, i64>,
    /// Prices below which no discount takes a unit: minor units by ISO 4217 code.
    pub floors: BTreeMap<String, i64>,
    /// Weight in grams.
    pub weight_grams: i64,
    /// Whether stock is counted; when not, it is always available and never held.
    pub track_stock: bool,
    /// Whether it is sent: services, files and vouchers are not, so no address and no way to ship is asked for them.
    pub requires_shipping: bool,
    /// Whether product and variant are for sale.
    pub active: bool,
    /// Whether the variant itself is.
    pub state: CatalogueState,
    /// The product's tags.
    pub tags: Vec<String>,
    /// The product's tax category.
    pub tax_category: String,
    /// The product's own price policy; `None` leaves it to the store.
    pub price_policy: Option<PricePolicy>,
    /// The product's own policy of holding goods; `None` leaves it to the store.
    pub hold_policy: Option<HoldPolicy>,
    /// Position within the product.
    pub position: i64,
}

impl Variant {
    /// Unit price in `currency`: the list price for the store's currency, otherwise the price list's entry, if any.
    pub fn price_in(&self, currency: Currency, store_currency: Currency) -> Option<i64> {
        if currency == store_currency {
            return Some(self.price);
        }
        self.prices.get(currency.code()).copied()
    }

    /// Until when a price captured then holds, by the product's policy or the store's.
    pub fn price_held_until(&self, captured_at: Timestamp, settings: &StoreSettings) -> Option<Timestamp> {
        self.price_policy.unwrap_or(settings.price_policy).held_until(captured_at)
    }

    /// When its goods are held, by the product's policy or the store's.
    pub fn hold_policy_in(&self, settings: &StoreSettings) -> HoldPolicy {
        self.hold_policy.unwrap_or(settings.hold_policy)
    }

    /// Name for people: the product's, followed by what sets the variant apart.
    pub fn name(&self) -> String {
        let mut name = self.product_name.clone();
        for (position, value) in self.attributes.values().enumerate() {
            name.push_str(if position == 0 { " – " } else { " / " });
            name.push_str(value);
        }
        name
    }
}
