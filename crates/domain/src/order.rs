//! Orders and their payment. An order keeps the prices at which it was made; nothing re-prices it later.

use crate::cart::Options;
use crate::command::Access;
use crate::coupon::AppliedCoupon;
use crate::fulfilment::{Fulfilment, OrderNote};
use crate::id::{AttemptId, CartId, LineId, OrderId, PromotionId, Timestamp, VariantId};
use crate::manual::ManualPayment;
use crate::money::Currency;
use crate::person::Who;
use crate::pricing::{ShippingQuote, Totals};
use crate::promotion::Limits;
use crate::refund::{Refund, RefundOrigin, RefundStatus};
use crate::store::PaymentCapture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Person or company.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Flat, floor.
    pub line2: String,
    /// City.
    pub city: String,
    /// State or province.
    pub region: String,
    /// Postcode.
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Telephone.
    pub phone: String,
}

impl Address {
    /// Bytes of all its texts.
    pub fn text_bytes(&self) -> usize {
        let Address { name, line1, line2, city, region, postcode, country, phone } = self;
        [name, line1, line2, city, region, postcode, country, phone].into_iter().map(String::len).sum()
    }
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Stock is held; the payment has no outcome yet.
    PendingPayment,
    /// Paid; the goods are the buyer's.
    Placed,
    /// Cancelled; the goods went back.
    Cancelled,
    /// The payment was declined; the goods went back, the cart is active again.
    PaymentFailed,
    /// Nobody paid in time; the goods went back, the cart is active again.
    Expired,
}

impl OrderStatus {
    /// All states.
    pub const ALL: [OrderStatus; 5] = [
        OrderStatus::PendingPayment,
        OrderStatus::Placed,
        OrderStatus::Cancelled,
        OrderStatus::PaymentFailed,
        OrderStatus::Expired,
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderStatus::PendingPayment => "pending_payment",
            OrderStatus::Placed => "placed",
            OrderStatus::Cancelled => "cancelled",
            OrderStatus::PaymentFailed => "payment_failed",
            OrderStatus::Expired => "expired",
        }
    }
}

/// An order with its lines and its payment attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Identity.
    pub id: OrderId,
    /// The cart it was made of; the cart's secret opens the order too.
    pub cart_id: CartId,
    /// SHA-256 of the cart's secret.
    pub token_hash: Option<[u8; 32]>,
    /// The customer's name in the shop's own system.
    pub customer: Option<String>,
    /// State.
    pub status: OrderStatus,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// The sums, minor units.
    pub totals: Totals,
    /// Addresses, discounts, taxes.
    pub detail: OrderDetail,
    /// The payment.
    pub payment: Payment,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The parts of an order that no sum is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderDetail {
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// On which devices its cart was restored by a link, for the record: SHA-256 of their secrets. They open nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_tokens: Vec<[u8; 32]>,
    /// Which of them it was made on, if it was made on one: that one opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought_on: Option<[u8; 32]>,
    /// Where the bill is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<String>,
    /// Codes used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<AppliedCoupon>,
    /// What each promotion took off the goods and off shipping.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<OrderDiscount>,
    /// Promotions whose use is counted for this order; emptied when the uses are given back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redeemed: Vec<PromotionId>,
    /// The limits under which those uses were counted: an operator may lower them later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<(PromotionId, Limits)>,
    /// Shipping with its parts.
    pub shipping: ShippingQuote,
    /// Tax by rate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<OrderTax>,
    /// Why the payment failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_failure: Option<String>,
    /// Why it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<String>,
    /// Promotions whose use was given back when the order came to nothing: money that comes late takes them again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gave_back: Vec<PromotionId>,
    /// When its money is taken.
    #[serde(skip_serializing_if = "PaymentCapture::is_automatic")]
    pub capture: PaymentCapture,
    /// Money that was set aside for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// Its payment, where operators record its money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manual: Option<ManualPayment>,
    /// Whether the shopper pays in another way: the attempt is voided, then the cart makes a new order.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
    /// What went back, or is to, in the order in which it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    /// Disputes of its payment at the buyer's bank.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// When the provider was asked for the books that were taken in last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub books_at: Option<Timestamp>,
    /// What was sent, in the order in which it was told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fulfilments: Vec<Fulfilment>,
    /// From which network it was ordered, as a hash; only while it waits, and only of a guest's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Until when it may wait, as it was said when it began to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_by: Option<Timestamp>,
    /// Its units that are counted among those that its shopper holds unpaid, by variant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unpaid: BTreeMap<VariantId, i64>,
    /// Whether its goods could not be held until the payment: it had to be paid at once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unheld: bool,
    /// Remarks of operators, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<OrderNote>,
    /// Whose it was is forgotten ([`crate::forget`]).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forgotten: bool,
}

/// Money that the buyer's bank has set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Minor units.
    pub amount: i64,
    /// Until when it can be captured; then it is let go, and the order with it.
    pub until: Timestamp,
    /// What an operator wants captured, minor units; the rest is let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_capture: Option<i64>,
    /// Why the gateway did not capture it when it was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_failure: Option<String>,
    /// How many captures were asked for; only the last one can still be under way.
    #[serde(default)]
    pub captures: u32,
}

/// A dispute of a payment, as the provider told it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's id.
    pub id: String,
    /// Minor units in dispute.
    pub amount: i64,
    /// The provider's word for why.
    pub reason: String,
    /// The provider's word for its state.
    pub status: String,
    /// When it was told last.
    pub at: Timestamp,
    /// What it means for the money.
    #[serde(default)]
    pub standing: DisputeStanding,
    /// What the provider charges for it, in minor units of the order's currency; it is not the buyer's money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<i64>,
}

/// What a dispute means for the money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStanding {
    /// It moves nothing: an inquiry, a dispute that was closed, or one that the provider has not confirmed.
    #[default]
    Noted,
    /// The bank holds the money until it is decided.
    Withheld,
    /// The buyer has the money.
    Lost,
}

impl DisputeStanding {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DisputeStanding::Noted => "noted",
            DisputeStanding::Withheld => "withheld",
            DisputeStanding::Lost => "lost",
        }
    }
}

/// What one promotion took off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDiscount {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name then.
    pub name: String,
    /// Off the goods, minor units.
    pub goods: i64,
    /// Off shipping, minor units.
    pub shipping: i64,
}

/// Tax of one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTax {
    /// Name of the rate.
    pub name: String,
    /// Percent as text.
    pub percent: String,
    /// Minor units.
    pub amount: i64,
    /// Whether prices contain it.
    pub included: bool,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The cart line's id.
    pub id: LineId,
    /// What.
    pub variant_id: VariantId,
    /// Its SKU then.
    pub sku: String,
    /// Its name then.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Final unit price, minor units.
    pub unit_price: i64,
    /// Discounts on the line, minor units.
    pub discount: i64,
    /// Tax on top of the price, minor units.
    pub tax_added: i64,
    /// Tax contained in the price, minor units.
    pub tax_included: i64,
    /// Tax taken out of the price for an exempt customer, minor units.
    pub relief: i64,
    /// Options of the line.
    pub options: Options,
    /// Where its stock is.
    pub reservation: Reservation,
}

impl Order {
    /// Whether this opens it.
    pub fn is_opened_by(&self, access: &Access) -> bool {
        access.opens(self.token_hash, self.detail.bought_on.as_slice(), self.customer.as_deref())
    }

    /// Under which name it and its uses of promotions are counted; `None` when nobody is known.
    pub fn buyer(&self) -> Option<String> {
        self.who().buyer()
    }

    /// Whose it is, as far as it tells.
    pub fn who(&self) -> Who<'_> {
        Who { customer: self.customer.as_deref(), email: self.detail.email.as_deref() }
    }

    /// Units of a line that refunds put back on the shelf. What became of the money makes no difference to the goods.
    pub fn restocked(&self, line_id: LineId) -> i64 {
        let lines = self.detail.refunds.iter().flat_map(|refund| &refund.parts.lines);
        lines.filter(|line| line.line_id == line_id).map(|line| line.restocked).sum()
    }

    /// Money that went back, or is to: minor units.
    pub fn refunds_standing(&self) -> i64 {
        let standing = self.detail.refunds.iter().filter(|refund| refund.status != RefundStatus::Failed);
        standing.map(|refund| refund.amount).sum()
    }

    /// Money that was written off, minor units: the order has it captured, and the provider does not.
    pub fn written_off(&self) -> i64 {
        self.gone_by(|origin| origin == RefundOrigin::Loss)
    }

    /// Money that went back and that the provider's list of refunds shows, minor units.
    pub fn refunded_at_provider(&self) -> i64 {
        let others = |origin| matches!(origin, RefundOrigin::Dispute | RefundOrigin::Elsewhere | RefundOrigin::Loss);
        self.payment.refunded - self.gone_by(others)
    }

    fn gone_by(&self, which: fn(RefundOrigin) -> bool) -> i64 {
        let sent = self.detail.refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded);
        sent.filter(|refund| which(refund.origin)).map(|refund| refund.amount).sum()
    }

    /// Money that the bank holds until disputes are decided, minor units.
    pub fn withheld(&self) -> i64 {
        let open = self.detail.disputes.iter().filter(|dispute| dispute.standing == DisputeStanding::Withheld);
        open.map(|dispute| dispute.amount).sum()
    }

    /// The refund that is to be sent next.
    pub fn next_refund(&self) -> Option<&Refund> {
        self.detail.refunds.iter().find(|refund| refund.status == RefundStatus::Pending)
    }
}

impl OrderLine {
    /// unit price × quantity. Within the stated limits it cannot overflow; it was checked when the order was priced.
    pub fn subtotal(&self) -> i64 {
        self.unit_price * self.quantity
    }
}

/// Where the stock of an order line is: held → committed or released. [`Reservation::None`] for goods whose stock is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// Stock is not counted.
    None,
    /// Promised while the payment runs.
    Held,
    /// Sold.
    Committed,
    /// Given back.
    Released,
}

impl Reservation {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Reservation::None => "none",
            Reservation::Held => "held",
            Reservation::Committed => "committed",
            Reservation::Released => "released",
        }
    }
}

/// State of a payment attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// The gateway is to be asked.
    Created,
    /// The shopper has to do something.
    RequiresAction,
    /// The gateway did not answer; it is asked again.
    Unknown,
    /// An operator is to record its money.
    Awaited,
    /// To be voided: before the order is released, or because it was.
    VoidPending,
    /// The money is set aside; an operator captures it.
    Authorized,
    /// The gateway is to capture what was set aside.
    CapturePending,
    /// The money is here, or what is left of it.
    Captured,
    /// Refused.
    Declined,
    /// Given up before any money moved.
    Voided,
    /// Money is to go back.
    RefundPending,
    /// All of it went back.
    Refunded,
}

impl PaymentStatus {
    /// All states.
    pub const ALL: [PaymentStatus; 12] = [
        PaymentStatus::Created,
        PaymentStatus::RequiresAction,
        PaymentStatus::Unknown,
        PaymentStatus::Awaited,
        PaymentStatus::VoidPending,
        PaymentStatus::Authorized,
        PaymentStatus::CapturePending,
        PaymentStatus::Captured,
        PaymentStatus::Declined,
        PaymentStatus::Voided,
        PaymentStatus::RefundPending,
        PaymentStatus::Refunded,
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PaymentStatus::Created => "created",
            PaymentStatus::RequiresAction => "requires_action",
            PaymentStatus::Unknown => "unknown",
            PaymentStatus::Awaited => "awaited",
            PaymentStatus::VoidPending => "void_pending",
            PaymentStatus::Authorized => "authorized",
            PaymentStatus::CapturePending => "capture_pending",
            PaymentStatus::Captured => "captured",
            PaymentStatus::Declined => "declined",
            PaymentStatus::Voided => "voided",
            PaymentStatus::RefundPending => "refund_pending",
            PaymentStatus::Refunded => "refunded",
        }
    }

    /// The states in which somebody still has to act.
    pub fn open() -> impl Iterator<Item = PaymentStatus> {
        PaymentStatus::ALL.into_iter().filter(|status| status.is_open())
    }

    /// Whether somebody still has to act before the payment has an outcome.
    pub fn is_open(self) -> bool {
        use PaymentStatus::*;
        matches!(self, Created | RequiresAction | Unknown | Awaited | VoidPending | CapturePending | RefundPending)
    }
}

/// The payment attempt of an order. One order has one attempt: after a decline the cart makes a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Identity, and the gateway's idempotency key.
    pub attempt_id: AttemptId,
    /// The gateway.
    pub gateway: String,
    /// The gateway's method.
    pub method: String,
    /// State.
    pub status: PaymentStatus,
    /// Minor units captured.
    pub captured: i64,
    /// Minor units refunded.
    pub refunded: i64,
    /// How often the gateway was asked since the last change of state.
    pub tries: i64,
    /// When a worker should look at it; `None` when nothing is to be done.
    pub due_at: Option<Timestamp>,
}
