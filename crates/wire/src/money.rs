//! Amounts of money, and pages of lists.

use serde::{Deserialize, Serialize};

/// The highest amount that the interface takes, minor units: 2^53 - 1, which every program reads exactly.
pub const MOST_AMOUNT: i64 = 9_007_199_254_740_991;

/// An amount in minor units of its currency, and how people write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units (cents for EUR, yen for JPY).
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// For people: `32.50€`, `$32.50`.
    pub formatted: String,
}

/// One page of a list. `next` is handed back as `cursor` for the page after; absent on the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
