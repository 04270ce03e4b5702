//! What happened to carts and orders, and who is told.

use crate::Instant;
use crate::patch::{Patch, not_null};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Something that happened. Webhooks and other listeners get the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// By this an event that comes twice is known.
    pub id: Uuid,
    /// Counts the store's events from 1 in their order, without gaps.
    pub sequence: i64,
    /// The store, by handle.
    pub store: String,
    /// What happened, e.g. `order.placed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, RFC 3339.
    pub timestamp: String,
    /// Through whom: `shopper`, `operator`, `gateway` or `system`.
    pub actor: String,
    /// The cart, where the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart_id: Option<Uuid>,
    /// The order, where the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// The few facts that belong to this type. Amounts in minor units.
    pub data: Value,
}

/// A receiver of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// Identity.
    pub id: Uuid,
    /// Where events are sent.
    pub url: String,
    /// For people.
    pub description: String,
    /// The types wanted; none for all.
    pub types: Vec<String>,
    /// Whether anything is sent.
    pub active: bool,
    /// Why it was switched off, where nobody did it on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_reason: Option<String>,
    /// `sequence` of the last event that was taken up for it.
    pub position: i64,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Its secret, `whsec_…`: only in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// All receivers of a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhooks {
    /// In the order in which they were made.
    pub webhooks: Vec<Webhook>,
}

/// A new receiver.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateWebhook {
    /// Where events are sent.
    pub url: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub description: Option<String>,
    /// The types wanted; none for all.
    #[serde(default)]
    pub types: Vec<String>,
}

/// Changes to a receiver, as a JSON Merge Patch: what is absent stays, `null` unsets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeWebhook {
    /// Where events are sent. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub url: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 500))]
    pub description: Patch<String>,
    /// The types wanted; none, or `null`, for all.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub types: Patch<Vec<String>>,
    /// Whether anything is sent. What happens meanwhile waits in the log. It cannot be unset.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool))]
    pub active: Option<bool>,
}

/// An event on its way to a receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The event's number.
    pub sequence: i64,
    /// The event.
    pub event_id: Uuid,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The cart or order that it is about.
    pub subject: Uuid,
    /// `pending`, `delivered` or `dead`.
    pub status: String,
    /// How often it was sent.
    pub tries: i64,
    /// When it is sent next, RFC 3339; absent while it waits behind another of its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// What the receiver said last: a status, or why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When that changed last, RFC 3339.
    pub changed_at: String,
}

/// Which events are to be sent again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayWebhook {
    /// All that happened since this instant; without it, all that were given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
}

/// What a receiver said to a message that is no event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookPing {
    /// Whether it took the message.
    pub taken: bool,
    /// The status it answered with, or why there was none.
    pub answer: String,
}
