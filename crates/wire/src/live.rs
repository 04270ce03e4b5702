//! Live carts: what a stream of a cart tells.

use crate::{Availability, Money};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Something that a stream of a cart tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartEvent {
    /// What happened, e.g. `cart.changed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Number in the store's log of events; the `id` of the stream's event. Absent for what is in no log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// When, RFC 3339; where it is in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Through whom: `shopper`, `operator`, `gateway` or `system`; where it is in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The order, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// The few facts that belong to this type.
    pub data: Value,
}

/// Where a cart stands: `data` of `cart.state` and of `reset`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartState {
    /// Grows by one with every change of the cart.
    pub version: i64,
    /// `active`, `abandoned`, `checked_out`, `merged` or `expired`.
    pub status: String,
    /// The order made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// What it comes to now.
    pub total: Money,
    /// The `ETag` under which it is read now: who has another one reads the cart again.
    pub etag: String,
}

/// `data` of `line.price_changed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinePriceChanged {
    /// The line.
    pub line_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// The unit price before; absent where it was not for sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Money>,
    /// Today's unit price; absent where it is no longer for sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
}

/// `data` of `line.stock_changed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineStockChanged {
    /// The line.
    pub line_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Its units.
    pub quantity: i64,
    /// Whether it can be bought as it stands.
    pub availability: Availability,
}

/// `data` of `line.hold_ends`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineHoldEnds {
    /// The line.
    pub line_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Until when its goods are held (RFC 3339).
    pub held_until: String,
}

/// What happened to a cart since an event: what a stream would have told, for those who poll.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartEvents {
    /// What happened, in its order.
    pub items: Vec<CartEvent>,
    /// Whether something happened that is not told: it is too long ago, or too much.
    pub reset: bool,
    /// Where the cart stands now.
    pub state: CartState,
    /// What to ask with next, as `after` or `Last-Event-ID`.
    pub last_event_id: i64,
}
