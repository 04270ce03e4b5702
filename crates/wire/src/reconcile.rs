//! Reconciliation of payments with orders.

use crate::{Instant, Money};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which period to compare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reconcile {
    /// First instant of the period; 24 hours before its end unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// End of the period, left out; now unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Whether to repair what can be, by taking in the gateway's answer once more.
    #[serde(default)]
    pub repair: bool,
}

/// What differs between the providers' payments and the store's orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconcileReport {
    /// Whether nothing differs but what was repaired, and every gateway answered.
    pub ok: bool,
    /// First instant of the period, RFC 3339.
    pub from: String,
    /// Its end, RFC 3339.
    pub until: String,
    /// Payments of this store that providers listed.
    pub payments: usize,
    /// Orders looked at.
    pub orders: usize,
    /// What differs.
    pub drift: Vec<Drift>,
    /// Gateways that gave no answer.
    pub silent: Vec<String>,
    /// Whether there were more payments or orders than are looked at once: choose a shorter period.
    pub cut_off: bool,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    /// `charge_without_order`, `order_without_charge`, `capture_unknown`, `captured_but_released`, `authorization_unknown`,
    /// `amount_differs`, `refund_differs`, `authorization_ended`, `dispute_differs`.
    pub kind: String,
    /// The gateway.
    pub gateway: String,
    /// The provider's id of the payment; empty where it has none.
    pub reference: String,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Uuid>,
    /// Taken by our books.
    pub captured: Money,
    /// Taken by the provider's.
    pub captured_there: Money,
    /// Sent back by our books.
    pub refunded: Money,
    /// Sent back by the provider's, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded_there: Option<Money>,
    /// Set aside by the provider's.
    pub authorized_there: Money,
    /// Whether it was repaired now.
    pub repaired: bool,
    /// What to do about it, in a sentence; empty where it was repaired.
    #[serde(default)]
    pub next: String,
}

/// Deals with a payment that no order is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnmatchedInput {
    /// The gateway.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub gateway: String,
    /// The provider's id of the payment, as reconciliation names it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reference: String,
    /// What is to be done.
    pub action: UnmatchedAction,
    /// Why, for the record.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub reason: String,
}

/// What is to be done about a payment that no order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UnmatchedAction {
    /// What no order owns of it is sent back at the provider.
    Refund,
    /// It was dealt with elsewhere: reconciliation no longer names it, unless it changes at the provider.
    Dismiss,
}

/// How a payment without an order was dealt with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnmatchedPayment {
    /// The gateway.
    pub gateway: String,
    /// The provider's id.
    pub reference: String,
    /// Taken there, minor units.
    pub captured: i64,
    /// Sent back there, minor units.
    pub refunded: i64,
    /// `refunded`, `dismissed`.
    pub action: String,
    /// Why.
    pub reason: String,
    /// The operator, by the name of the key.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
}
