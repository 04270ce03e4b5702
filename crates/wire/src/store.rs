//! What operators set: stores, promotions, shipping, tax; and what they check.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A store (shop).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Store {
    /// Its name in the header `Cartwright-Store`.
    pub handle: String,
    /// Its name for people.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Host names that lead to it.
    pub hosts: Vec<String>,
    /// Settings; see `StoreSettings` in the documentation.
    pub settings: Value,
}

/// A store to create or change, by handle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreInput {
    /// Its name in the header `Cartwright-Store`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 63, pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub handle: String,
    /// Its name for people.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub name: String,
    /// ISO 4217; cannot be changed later.
    pub currency: String,
    /// Host names that lead to it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub hosts: Vec<String>,
    /// Settings; what is absent takes its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Value>,
}

/// All stores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stores {
    /// In order of creation.
    pub stores: Vec<Store>,
}

/// A promotion with the codes that unlock it and how often it was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promotion {
    /// Identity.
    pub id: Uuid,
    /// The promotion's definition (name, conditions, benefit, …).
    pub definition: Value,
    /// Codes that unlock it; none when it is automatic.
    pub codes: Vec<String>,
    /// Orders that used it.
    pub redemptions: i64,
}

/// A promotion to create or replace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionInput {
    /// The promotion's definition: `{"name": …, "conditions": …, "benefit": …}`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub definition: Value,
    /// Codes that unlock it; with any code it is no longer automatic.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub codes: Vec<String>,
}

/// All promotions of the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promotions {
    /// By priority.
    pub promotions: Vec<Promotion>,
}

/// The shipping methods of the store, as they are or to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingTable {
    /// The methods, in the order in which they are offered.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>, max_items = 200))]
    pub methods: Vec<Value>,
}

/// The tax rates of the store, as they are or to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaxTable {
    /// The rates.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>, max_items = 2000))]
    pub rates: Vec<Value>,
}

/// What the checker found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyReport {
    /// Whether every invariant holds.
    pub ok: bool,
    /// One entry per invariant.
    pub invariants: Vec<InvariantReport>,
}

/// What the checker found about one invariant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvariantReport {
    /// `G1` … `G6`.
    pub name: String,
    /// What it says.
    pub says: String,
    /// Rows looked at.
    pub checked: i64,
    /// Violations, at most 100 of them in words.
    pub violations: Vec<String>,
}
