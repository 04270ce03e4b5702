//! What operators set: stores, promotions, shipping, tax; and what they check.

use crate::patch::{Patch, not_null};
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

/// A store to create or change, by handle. Of a store that is there, what is absent stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreInput {
    /// Its name in the header `Cartwright-Store`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 63, pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub handle: String,
    /// Its name for people; that of a new store is its handle unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub name: Option<String>,
    /// ISO 4217; a new store needs one, and it cannot be changed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Host names that lead to it. They are kept in one form: lower case, ASCII, without port. Only a key for all stores adds one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub hosts: Option<Vec<String>>,
    /// Settings to set; those that are absent stay, `null` is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Value>,
}

/// Changes of a store. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorePatch {
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200, nullable = false))]
    pub name: Option<String>,
    /// Host names that lead to it, all of them. Only a key for all stores adds one.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, max_items = 20))]
    pub hosts: Patch<Vec<String>>,
    /// Settings to set; those that are absent stay, `null` is the default.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Patch<Value>,
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
    /// Codes that stand in it; none when it is automatic, or has only codes added in bulk.
    pub codes: Vec<String>,
    /// How many codes were added in bulk.
    #[serde(default)]
    pub bulk_codes: i64,
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

/// Codes to add to a promotion: `count` of them generated, or those of `codes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddCodes {
    /// How many to generate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000))]
    pub count: Option<i64>,
    /// What generated codes begin with: letters, digits, `-`, `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 20, pattern = "^[A-Za-z0-9_-]+$"))]
    pub prefix: Option<String>,
    /// The codes, where they are not generated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub codes: Vec<String>,
    /// Orders that may use each; one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
    pub max_uses: Option<i64>,
}

/// Codes that were added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodesAdded {
    /// The codes, in the order made.
    pub codes: Vec<String>,
}

/// A code of a promotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Code {
    /// The code.
    pub code: String,
    /// Orders that may use it; absent where only the promotion's limits hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<i64>,
    /// Orders that used it, of a code with a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<i64>,
    /// Added in bulk, and so not listed in the promotion.
    pub bulk: bool,
}

/// What prices depend on, told of a customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerInput {
    /// Groups that promotions name.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub groups: Vec<String>,
    /// Pays no tax.
    #[serde(default)]
    pub tax_exempt: bool,
    /// The customer's e-mail address, as the shop knows it to be theirs: guests and the account with this address are the same
    /// person, so limits and first orders count for all of them. Absent leaves what is known; an empty text takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: Option<String>,
}

/// A customer as the shop's own system names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// The name.
    pub id: String,
    /// Groups that promotions name.
    pub groups: Vec<String>,
    /// Pays no tax.
    pub tax_exempt: bool,
    /// The address that the shop has linked to the customer, in the form in which addresses are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// All promotions of the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promotions {
    /// In the order in which they were made.
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
    /// `G1` … `G7`.
    pub name: String,
    /// What it says.
    pub says: String,
    /// Rows looked at.
    pub checked: i64,
    /// Violations, at most 100 of them in words.
    pub violations: Vec<String>,
}
