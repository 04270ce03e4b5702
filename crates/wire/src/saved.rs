//! What stands beside a cart: items saved for later, what can be taken back, merging.

use crate::{Availability, Money, Notice};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An item saved for later: not in the cart's totals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedItem {
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
    /// Today's price, at which it would come back into the cart; absent where it is no longer sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    /// Options; the same variant with other options is another item.
    pub options: BTreeMap<String, String>,
    /// What has changed since it was saved, and why it is here where not the shopper saved it: `price_rose`, `price_fell`,
    /// `insufficient_stock`, `unavailable`; `merged_short_stock`, `merged_not_for_sale`, `merged_no_room`; `moved_sold_out`, `moved_not_for_sale` (a line that could not be
    /// bought any more was moved here).
    pub notices: Vec<Notice>,
    /// Whether it could come back into the cart as it stands.
    pub availability: Availability,
    /// When it was saved, RFC 3339.
    pub saved_at: String,
}

/// The last change of a cart, where it can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undo {
    /// `removal`: by `/undo`; `merge`: by `/unmerge`.
    pub what: String,
    /// Until when, RFC 3339; absent where only the next change ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The guest's cart that was merged into this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_cart_id: Option<Uuid>,
    /// Codes of the guest's cart that do not hold here and were left behind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_coupons: Vec<String>,
}

/// Who has logged in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeCart {
    /// The customer's name in the shop's own system.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub customer: String,
}
