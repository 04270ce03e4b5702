//! Checkout and orders.

use crate::{Address, Discount, Dispute, Fulfilment, Money, OrderNote, Refund, Refundable, Tax, Totals};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Turns the cart into an order and pays for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checkout {
    /// Required: the total that the shopper was shown, minor units. A higher one is refused (409 `price_changed`), a lower one
    /// is given. A request without it is refused, too (409 `total_required`); both refusals name the total of now as remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub expected_total: Option<i64>,
    /// How it is paid.
    pub payment: PaymentInput,
    /// Names this attempt to buy, where it is not named by the header `Idempotency-Key`: one of both is needed, and both must be alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 255))]
    pub idempotency_key: Option<String>,
}

/// How an order is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentInput {
    /// One of those that `GET /carts/{cart_id}/payment-methods` lists, such as `stripe` or `manual`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub gateway: String,
    /// The gateway's method. For `stripe`: the id of a payment method (`pm_…`, a card), or `browser` to have the shopper's browser
    /// confirm with `payment.client_secret` of the order. For `manual`: the handle of one of the store's methods.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub method: String,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Identity.
    pub id: Uuid,
    /// `pending_payment`, `placed`, `cancelled`, `payment_failed`, `expired`.
    pub status: String,
    /// The cart it was made of.
    pub cart_id: Uuid,
    /// ISO 4217.
    pub currency: String,
    /// The customer's name in the shop's own system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// Where the bill is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Shipping method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<String>,
    /// What was bought, at its final prices.
    pub lines: Vec<OrderLine>,
    /// Codes used.
    pub coupons: Vec<String>,
    /// What each promotion took off.
    pub discounts: Vec<Discount>,
    /// Tax by rate.
    pub taxes: Vec<Tax>,
    /// The sums.
    pub totals: Totals,
    /// Payment.
    pub payment: Payment,
    /// Where the money is, in one word: `pending`, `partially_paid`, `authorized`, `paid`, `partially_refunded`, `refunded`, `voided`, `failed`.
    pub payment_status: String,
    /// What went back, or is to, in the order in which it was asked for.
    pub refunds: Vec<Refund>,
    /// What may still be refunded.
    pub refundable: Refundable,
    /// Disputes of the payment at the buyer's bank; for operators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// `unfulfilled`, `partially_fulfilled`, `fulfilled` (nothing is left to send), `delivered`; only of a placed order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfilment_status: Option<String>,
    /// What was sent, in the order in which it was told.
    #[serde(default)]
    pub fulfilments: Vec<Fulfilment>,
    /// Remarks, the oldest first; for the buyer only those meant for them.
    #[serde(default)]
    pub notes: Vec<OrderNote>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// Identity; the cart line's.
    pub id: Uuid,
    /// The variant.
    pub variant_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Its name when it was bought.
    pub name: String,
    /// Units.
    pub quantity: i64,
    /// Units that were sent.
    #[serde(default)]
    pub fulfilled: i64,
    /// Final unit price.
    pub unit_price: Money,
    /// unit price × quantity.
    pub subtotal: Money,
    /// What promotions took off.
    pub discount: Money,
    /// Tax on the line, added or contained.
    pub tax: Money,
    /// subtotal − discount.
    pub total: Money,
    /// Options of the line.
    pub options: BTreeMap<String, String>,
}

/// The payment of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// Our payment attempt.
    pub attempt_id: Uuid,
    /// The gateway.
    pub gateway: String,
    /// `created`, `requires_action`, `unknown`, `awaited` (an operator is to record its money), `void_pending`, `authorized`, `capture_pending`, `captured`, `declined`, `voided`,
    /// `refund_pending`, `refunded` (all of it).
    pub status: String,
    /// Amount set aside, where the store captures by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorized: Option<Money>,
    /// Until when it can be captured, RFC 3339; then it is let go and the order cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_before: Option<String>,
    /// Why it was not captured when the gateway was asked last; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_failure: Option<String>,
    /// Amount captured.
    pub captured: Money,
    /// Amount refunded.
    pub refunded: Money,
    /// What is to be paid past every gateway, and what was; where the gateway is `manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<ManualPayment>,
    /// What the shopper has to do, where the status is `requires_action`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<PaymentAction>,
    /// Until when the order waits, RFC 3339; then its goods go back. Where they are nearly gone it is sooner than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_by: Option<String>,
    /// What the browser needs to go on at the provider, where the status is `requires_action`. For this shopper alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The shop's public key at the provider, beside `client_secret`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishable_key: Option<String>,
}

/// A payment past every gateway: bank transfer, cash on delivery, invoice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManualPayment {
    /// The store's method.
    pub method: String,
    /// `bank_transfer`, `cash_on_delivery`, `invoice`, `other`.
    pub kind: String,
    /// Its name for shoppers.
    pub title: String,
    /// What the shopper has to do, with the order's id and the amount where the store's text has them.
    pub instructions: String,
    /// What is still to be paid.
    pub missing: Money,
    /// Until when, RFC 3339.
    pub due_before: String,
    /// Whether that time passed with a part paid: the order waits for an operator.
    #[serde(default)]
    pub overdue: bool,
    /// What the shop does without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Money>,
    /// What came, the oldest first.
    pub recorded: Vec<RecordedPayment>,
}

/// Money that an operator recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedPayment {
    /// How much.
    pub amount: Money,
    /// When it was recorded, RFC 3339.
    pub at: String,
    /// Where it is found outside; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Who recorded it; for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Money of an order that came past every gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordPayment {
    /// Minor units, at most what is still to be paid; 0 only with `waive_rest`.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub amount: i64,
    /// Where it is found outside: a line of the bank statement, the number of a receipt.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reference: String,
    /// The shop does without what is still missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waive_rest: bool,
}

/// That the money of a refund was sent past every gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundSent {
    /// Where it is found outside.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reference: String,
}

/// The ways in which a cart can be paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentMethods {
    /// In the order in which they are shown.
    pub methods: Vec<PaymentMethod>,
}

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentMethod {
    /// The gateway that checkout names.
    pub gateway: String,
    /// The method that checkout names.
    pub method: String,
    /// Its name for shoppers.
    pub title: String,
    /// What it is, where the gateway is `manual`: `bank_transfer`, `cash_on_delivery`, `invoice`, `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the shopper reads about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What the shopper has to do before the payment goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentAction {
    /// Method of the request that goes on.
    pub method: String,
    /// Path of the request that goes on.
    pub path: String,
}

/// Cancels an order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelOrder {
    /// Why, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: Option<String>,
}
