//! Reports: sums over a period. Amounts are minor units of the currency that stands beside them; no row mixes currencies.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report<T> {
    /// First day.
    pub from: String,
    /// Last day, which is in it.
    pub to: String,
    /// The time zone by which days begin, or its fixed distance from UTC such as `+01:00`.
    #[serde(default)]
    pub time_zone: String,
    /// Minutes by which the days' clock is ahead of UTC, where that never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i64>,
    /// Whether there are more rows than are told.
    pub truncated: bool,
    /// The rows.
    pub rows: Vec<T>,
}

/// What was sold in a span of days, in one currency. An order counts in the span in which it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SalesRow {
    /// First day of the span.
    pub period: String,
    /// ISO 4217.
    pub currency: String,
    /// Orders.
    pub orders: i64,
    /// Units.
    pub units: i64,
    /// unit price × quantity of all lines.
    pub gross: i64,
    /// What promotions took off the goods.
    pub discount: i64,
    /// Shipping after discounts.
    pub shipping: i64,
    /// Tax, added and contained.
    pub tax: i64,
    /// What the orders cost.
    pub total: i64,
    /// What went back.
    pub refunded: i64,
    /// total − refunded.
    pub net: i64,
    /// net without its tax; a refund takes its share of the order's tax with it.
    pub net_of_tax: i64,
}

/// What was sold of a SKU, in one currency, before refunds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductRow {
    /// The SKU.
    pub sku: String,
    /// Its name when it was bought.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Orders that have it.
    pub orders: i64,
    /// Units.
    pub units: i64,
    /// unit price × quantity.
    pub gross: i64,
    /// What promotions took off.
    pub discount: i64,
    /// Tax, added and contained.
    pub tax: i64,
    /// gross − discount, without tax.
    pub net_of_tax: i64,
}

/// What a promotion did, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionRow {
    /// The promotion.
    pub promotion_id: Uuid,
    /// Its name when it was used.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Orders that it took something off.
    pub uses: i64,
    /// What it took off the goods.
    pub goods: i64,
    /// What it took off shipping.
    pub shipping: i64,
}

/// How many of the carts made in the period are, or came, so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartsRow {
    /// `stage`: `created`, `with_goods`, `checked_out` (there is an order), `paid`; each holds the next. `state`: the carts' state now.
    pub kind: String,
    /// Which stage or state.
    pub name: String,
    /// Carts.
    pub carts: i64,
    /// Percent of the carts made, with one place.
    pub percent: String,
}

/// Payments with one outcome at one gateway, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentsRow {
    /// The gateway.
    pub gateway: String,
    /// State of the payments.
    pub status: String,
    /// ISO 4217.
    pub currency: String,
    /// Payments.
    pub payments: i64,
    /// What the orders cost.
    pub asked: i64,
    /// What was captured.
    pub captured: i64,
    /// What went back.
    pub refunded: i64,
}

/// What became of the abandoned carts that were due for their first reminder in a span of days, in one currency. An order counts
/// if it was made after and is placed; its revenue is its total without what went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryRow {
    /// First day of the span.
    pub period: String,
    /// ISO 4217.
    pub currency: String,
    /// Carts that became due.
    pub due: i64,
    /// Of these, carts that were reminded.
    pub reminded: i64,
    /// Carts that got nothing, for comparison.
    pub held_out: i64,
    /// Orders of reminded carts.
    pub orders: i64,
    /// What they brought.
    pub revenue: i64,
    /// Of the orders, those of carts that were opened by a link of a mail.
    pub link_orders: i64,
    /// What these brought.
    pub link_revenue: i64,
    /// Orders after the first mail and before the second.
    pub orders_1: i64,
    /// What these brought.
    pub revenue_1: i64,
    /// Orders after the second mail and before the third.
    pub orders_2: i64,
    /// What these brought.
    pub revenue_2: i64,
    /// Orders after the third mail.
    pub orders_3: i64,
    /// What these brought.
    pub revenue_3: i64,
    /// Orders of carts that were held out.
    pub held_out_orders: i64,
    /// What they brought.
    pub held_out_revenue: i64,
    /// Percent of the reminded carts that became an order, with one place; none where there are no such carts.
    pub conversion: Option<String>,
    /// Percent of the held-out carts that became an order, with one place.
    pub held_out_conversion: Option<String>,
    /// (revenue per reminded cart − revenue per held-out cart) × reminded carts; none where one of the groups is empty.
    pub uplift: Option<i64>,
}
