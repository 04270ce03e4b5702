//! Trying a promotion before its launch.

use crate::{Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A draft promotion to be run over past orders and open carts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryPromotion {
    /// The promotion's definition. Whether it is active, when it starts and when it ends is left out of account.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub definition: Value,
    /// Codes that would unlock it; with any code it is not automatic.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub codes: Vec<String>,
    /// Whether every order and cart counts as having one of its codes; otherwise only those that carry one.
    #[serde(default = "yes")]
    pub assume_code: bool,
    /// First instant of the period; 30 days before its end unless given, at most 366.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Last instant of the period; now unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// The promotion whose place it would take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Uuid>,
}

fn yes() -> bool {
    true
}

/// What a draft would have cost, and which carts it changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryoutReport {
    /// First instant of the period, RFC 3339.
    pub from: String,
    /// Last instant of the period, RFC 3339.
    pub until: String,
    /// The placed orders of the period, by currency.
    pub sums: Vec<TryoutSum>,
    /// The days of the period that have orders, by day and currency.
    pub days: Vec<TryoutDay>,
    /// The open carts as they are now.
    pub carts: TryoutCarts,
    /// Orders looked at.
    pub orders_looked_at: u64,
    /// Orders that without the draft would today cost something else than was paid: prices are the order's own, but
    /// promotions, tax or shipping were changed since. The more there are, the less the sums can be trusted.
    pub orders_differing: u64,
    /// Orders that cannot be priced any more; they are in no sum.
    pub orders_not_priced: u64,
    /// Whether there was more than could be looked at: 200,000 orders, 100,000 carts or 20 seconds, the oldest orders first.
    pub truncated: bool,
}

/// What a draft would have cost, in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryoutSum {
    /// ISO 4217.
    pub currency: String,
    /// Orders.
    pub orders: u64,
    /// Orders that would have had another total.
    pub orders_changed: u64,
    /// What the orders would have cost less; below zero where they would have cost more.
    pub cost: Money,
}

/// What a draft would have cost on one day, in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryoutDay {
    /// The day in UTC, `2026-11-21`.
    pub date: String,
    /// ISO 4217.
    pub currency: String,
    /// Orders.
    pub orders: u64,
    /// Orders that would have had another total.
    pub changed: u64,
    /// What the orders would have cost less.
    pub cost: Money,
}

/// What a draft does to the open carts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryoutCarts {
    /// Carts looked at.
    pub looked_at: u64,
    /// Carts that would have another total.
    pub changed: u64,
    /// What the carts would cost less, by currency.
    pub cost: Vec<Money>,
    /// Carts that would have another total, at most 1,000 of them.
    pub list: Vec<TryoutCart>,
}

/// What a draft does to a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryoutCart {
    /// The cart.
    pub cart_id: Uuid,
    /// Its total now.
    pub before: Money,
    /// Its total with the draft.
    pub after: Money,
}
