//! What happens to an order after it is paid: parcels and notes.

use crate::Instant;
use crate::patch::{Patch, not_null};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Says that goods of an order were sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FulfilOrder {
    /// What was sent; all that is left unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    pub lines: Option<Vec<FulfilledLine>>,
    /// How the parcel is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
}

/// Units of a line of the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FulfilledLine {
    /// The order's line.
    pub line_id: Uuid,
    /// Units.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
    pub quantity: i64,
}

/// How a parcel is followed on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tracking {
    /// Who carries it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub carrier: String,
    /// The carrier's number.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub number: String,
    /// A page that shows where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500, pattern = "^https?://[!-~]+$"))]
    pub url: Option<String>,
}

/// What becomes of a parcel, as a JSON Merge Patch: what is absent stays, `null` unsets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateFulfilment {
    /// How it is followed. The fields that are absent stay.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ChangeTracking>))]
    pub tracking: Patch<ChangeTracking>,
    /// Its state. Units of a cancelled parcel are to be sent again. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = ParcelState))]
    pub status: Option<ParcelState>,
    /// When it arrived; now unless given. It is then `delivered`, where no state is given. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = Instant))]
    pub delivered_at: Option<Instant>,
}

/// Changes to how a parcel is followed: what is absent stays. Where nothing is known yet, carrier and number are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeTracking {
    /// Who carries it. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 100))]
    pub carrier: Option<String>,
    /// The carrier's number. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 100))]
    pub number: Option<String>,
    /// A page that shows where it is.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 500, pattern = "^https?://[!-~]+$"))]
    pub url: Patch<String>,
}

impl From<Tracking> for ChangeTracking {
    fn from(tracking: Tracking) -> ChangeTracking {
        let Tracking { carrier, number, url } = tracking;
        ChangeTracking { carrier: Some(carrier), number: Some(number), url: url.map_or(Patch::Unset, Patch::Set) }
    }
}

/// State of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ParcelState {
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Not sent after all.
    Cancelled,
}

/// Goods of an order that were sent together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fulfilment {
    /// Identity.
    pub id: Uuid,
    /// `shipped`, `delivered`, `cancelled`.
    pub status: String,
    /// What is in it.
    pub lines: Vec<FulfilledLine>,
    /// How it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// When it was sent, RFC 3339.
    pub at: String,
    /// When it arrived, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// Who told of it, by the name of the key. For operators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Writes a remark on an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddNote {
    /// The remark.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub text: String,
    /// Whether the buyer may read it; otherwise only operators do.
    #[serde(default)]
    pub visible_to_customer: bool,
}

/// A remark on an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderNote {
    /// The remark.
    pub text: String,
    /// Whether the buyer may read it.
    pub visible_to_customer: bool,
    /// When, RFC 3339.
    pub at: String,
    /// Who wrote it, by the name of the key. For operators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
