//! Refunds of orders, and capture of money that was set aside.

use crate::Money;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Sends money of an order back: units of lines, shipping and a free amount, which add up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundInput {
    /// Units of lines, each at what is left of its price after discounts, with its tax.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub lines: Vec<RefundLineInput>,
    /// All that is left of the shipping, with its tax.
    #[serde(default)]
    pub shipping: bool,
    /// Part of the shipping, minor units, tax contained; counts where `shipping` is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub shipping_amount: Option<i64>,
    /// Besides these, minor units. It is taken from all that is left, in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub amount: Option<i64>,
    /// Why, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: Option<String>,
}

/// Units of a line to refund.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundLineInput {
    /// The order's line.
    pub line_id: Uuid,
    /// Units.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
    pub quantity: i64,
    /// Whether they go back on the shelf.
    #[serde(default)]
    pub restock: bool,
}

/// Captures money that was set aside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaptureInput {
    /// Minor units; all of it unless given. It is captured once: the rest is let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub amount: Option<i64>,
}

/// A refund of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refund {
    /// Identity.
    pub id: Uuid,
    /// `pending`, `succeeded`, `failed`. What failed may be refunded anew.
    pub status: String,
    /// How the money left: `shop` (through this program), `outside` (by hand at the provider), `dispute` (lost), `elsewhere` (by other
    /// means, as recorded), `loss` (the provider does not have it; written off).
    #[serde(default = "shop")]
    pub origin: String,
    /// Its id where it happened; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What goes back: the sum of its lines and its shipping.
    pub amount: Money,
    /// Tax in it.
    pub tax: Money,
    /// Its lines.
    pub lines: Vec<RefundedLine>,
    /// Of the shipping, with its tax.
    pub shipping: Money,
    /// When it was asked for, RFC 3339.
    pub created_at: String,
    /// Why; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Name of the key of whoever asked for it; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why it failed; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

fn shop() -> String {
    "shop".to_owned()
}

/// Records money of an order that left the shop without this program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CorrectionInput {
    /// What happened.
    pub kind: CorrectionKind,
    /// Units of lines, each at what is left of its price after discounts, with its tax.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub lines: Vec<RefundLineInput>,
    /// All that is left of the shipping, with its tax.
    #[serde(default)]
    pub shipping: bool,
    /// Besides these, minor units. It is taken from all that is left, in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub amount: Option<i64>,
    /// Its name where it happened, such as a transfer's number; one name is recorded once for an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reference: Option<String>,
    /// Why, for the record.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
    pub reason: String,
}

/// What happened to money without this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CorrectionKind {
    /// The buyer has it back by other means, such as cash or a transfer.
    Elsewhere,
    /// The provider does not have it: it is written off.
    Loss,
}

/// Puts units that were refunded back on the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestockInput {
    /// The units.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub lines: Vec<RestockLineInput>,
}

/// Units of a line that are back on the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestockLineInput {
    /// The order's line.
    pub line_id: Uuid,
    /// Units.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99999))]
    pub quantity: i64,
}

/// A line of a refund.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundedLine {
    /// The order's line.
    pub line_id: Uuid,
    /// Units; 0 where an amount was refunded.
    pub quantity: i64,
    /// Units that went back on the shelf.
    pub restocked: i64,
    /// What goes back of it, with its tax.
    pub amount: Money,
    /// Tax in it.
    pub tax: Money,
}

/// What of an order may still be refunded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refundable {
    /// In all, less what the bank withholds.
    pub amount: Money,
    /// What the bank withholds until disputes are decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Money>,
    /// Of the shipping.
    pub shipping: Money,
    /// By line.
    pub lines: Vec<RefundableLine>,
}

/// What of a line may still be refunded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundableLine {
    /// The order's line.
    pub line_id: Uuid,
    /// Units.
    pub quantity: i64,
    /// Money, with its tax.
    pub amount: Money,
}

/// A dispute of a payment at the buyer's bank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dispute {
    /// The provider's id.
    pub id: String,
    /// What is disputed.
    pub amount: Money,
    /// The provider's word for why.
    pub reason: String,
    /// The provider's word for its state.
    pub status: String,
    /// What it means for the money: `noted` (nothing), `withheld` (the bank holds it until it is decided), `lost`.
    #[serde(default)]
    pub standing: String,
    /// What the provider charges for it, where it tells in the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// When it was told last, RFC 3339.
    pub at: String,
}
