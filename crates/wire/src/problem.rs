//! Problems (RFC 9457): what every refused request answers, as `application/problem+json`.

use crate::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A refused request. `code` is stable and meant for programs; `detail` is meant for people and may change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind: `urn:cartwright:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code, e.g. `insufficient_stock`.
    pub code: String,
    /// This occurrence in a sentence.
    pub detail: String,
    /// One entry per line or field at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemItem>,
    /// What a program can do about it, where there is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// One line or field at fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemItem {
    /// Stable code of this entry.
    pub code: String,
    /// What is wrong, in a sentence.
    pub detail: String,
    /// Where in the request body (`lines[0].quantity`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The cart line concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_id: Option<String>,
    /// The SKU concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Units asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<i64>,
    /// Units available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// Old unit price, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_unit_price: Option<i64>,
    /// New unit price, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_unit_price: Option<i64>,
    /// The amount that the shopper was shown: a unit price, what a promotion took off, a fee, a tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_amount: Option<Money>,
    /// The same amount now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_amount: Option<Money>,
    /// The promotion concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<String>,
    /// The promotion's code that the cart has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion_code: Option<String>,
    /// Why the promotion counts no longer, or for another amount: `deleted`, `amount`, or a reason as in explanations of a
    /// cart (`ended`, `inactive`, `exhausted`, `other_customer`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a program can do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Remedy {
    /// `retry`, `reduce_quantity`, `accept_total`, `new_cart`, `new_payment_method`, …
    pub action: String,
    /// Values for the action (`{"expected_total": 3250}`, `{"quantity": 3}`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Value>,
}
