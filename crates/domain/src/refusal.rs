//! Refusals: every reason for which a command is turned down, as a value with a name. A refused command has changed
//! nothing. What each becomes on the wire (status, code, remedy) stands in the `api` crate, and only there.

use crate::cart::Personal;
use crate::coupon::Hindrance;
use crate::difference::PriceChanged;
use crate::id::{LineId, OrderId};
use crate::money::Currency;
use crate::refund::RefundError;

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such cart, or not with this secret.
    CartNotFound,
    /// The cart's date has passed.
    CartExpired,
    /// The cart was given up.
    CartRemoved,
    /// The cart can no longer be changed; if an order was made of it, here it is.
    CartClosed {
        /// `checked_out` or `merged`.
        status: &'static str,
        /// The order made of it.
        order_id: Option<OrderId>,
    },
    /// The cart is not at a version that the request names.
    VersionMismatch {
        /// Its version.
        version: i64,
    },
    /// No such line in the cart.
    LineNotFound,
    /// No such item among those saved for later.
    SavedItemNotFound,
    /// More items saved for later than a cart may have.
    TooManySaved {
        /// The most.
        limit: usize,
    },
    /// Only a guest's cart can be merged into a customer's, not another customer's.
    NotAGuestCart,
    /// There is nothing to take back: the cart has changed since, or too much time has passed.
    NothingToUndo,
    /// The cart has no lines to check out.
    CartEmpty,
    /// More lines than a cart may have.
    TooManyLines {
        /// The most.
        limit: usize,
    },
    /// The options of a line have more bytes than they may.
    OptionsTooLarge {
        /// Position in the request, where it had several lines.
        index: usize,
        /// Bytes of their names and values.
        bytes: usize,
        /// The most.
        limit: usize,
    },
    /// The texts of a cart would have more bytes than they may: options, saved items, addresses, codes.
    CartTooHeavy {
        /// Bytes that they would have.
        bytes: usize,
        /// The most.
        limit: usize,
    },
    /// More codes than a cart may have.
    TooManyCoupons {
        /// The most.
        limit: usize,
        /// The code applied last, which could make room.
        code: Option<String>,
    },
    /// A quantity outside the allowed range.
    QuantityOutOfRange {
        /// Position in the request, where it had several lines, or of the line in the cart.
        index: usize,
        /// The line, where it is in the cart already.
        line_id: Option<LineId>,
        /// What was asked, including what the cart had already.
        requested: i64,
        /// The most.
        limit: i64,
    },
    /// Variants that do not exist, or are not for sale, or have no price in the cart's currency.
    NotForSale(Vec<NotForSale>),
    /// Not enough stock.
    InsufficientStock(Vec<Shortage>),
    /// Goods that are short cannot be held for so many units until somebody pays: units that may be held, by variant.
    PayAtOnce(Vec<Shortage>),
    /// No such code, or not to be used now.
    CouponInvalid {
        /// The code as sent.
        code: String,
    },
    /// Codes of the cart that cannot be used, with the reason of each.
    CodesRefused(Vec<(String, Hindrance)>),
    /// The request does not name the total that the shopper was shown.
    TotalRequired {
        /// What is to be paid now, minor units.
        total: i64,
        /// Its currency.
        currency: Currency,
    },
    /// What is to be paid is more than the total that the request names.
    PriceChanged(Box<PriceChanged>),
    /// All that speaks against buying a cart, where it is more than one thing; none of them is `Several` itself.
    Several(Vec<Refusal>),
    /// Goods worth more than [`crate::money::MOST_AMOUNT`].
    AmountTooLarge,
    /// No such shipping method for this cart.
    ShippingMethodUnknown {
        /// The handle.
        method: String,
    },
    /// The store requires an address and a shipping method.
    ShippingRequired,
    /// Details of the cart that are not there, or not as they must be.
    DetailsMissing(Vec<Missing>),
    /// No currency that the store offers.
    CurrencyUnknown {
        /// The code as sent.
        currency: String,
        /// Those that it offers.
        offered: Vec<Currency>,
    },
    /// The idempotency key came before with another request.
    IdempotencyKeyReused,
    /// No such order, or not with this secret.
    OrderNotFound,
    /// The order's state does not allow this.
    OrderNotCancellable {
        /// Its state.
        status: &'static str,
    },
    /// The refund cannot be.
    RefundRefused(RefundError),
    /// The order has as many refunds as an order may have.
    TooManyRefunds {
        /// The most.
        limit: usize,
    },
    /// More money is recorded than is still to be paid.
    PaymentTooLarge {
        /// Minor units recorded.
        recorded: i64,
        /// Minor units still to be paid.
        missing: i64,
        /// Their currency.
        currency: Currency,
    },
    /// Money of this order is not recorded by operators.
    NotManual {
        /// Its gateway.
        gateway: String,
    },
    /// The order has no such refund that waits to be sent.
    RefundNotPending,
    /// The store does not offer this way to pay.
    PaymentMethodUnknown {
        /// The gateway's method, as sent.
        method: String,
    },
    /// The payment of the cart's order has no outcome yet, so it cannot be paid in another way.
    PaymentInProgress {
        /// The order.
        order_id: OrderId,
    },
    /// No money of the order is set aside.
    NotCapturable {
        /// The state of its payment.
        status: &'static str,
    },
    /// Less money is set aside.
    CaptureTooLarge {
        /// Minor units asked for.
        requested: i64,
        /// Minor units set aside.
        authorized: i64,
        /// Their currency.
        currency: Currency,
    },
    /// Goods of the order were sent: it can no longer be cancelled as if nothing had happened.
    OrderSent,
    /// The order is not placed: nothing of it may be sent.
    OrderNotFulfillable {
        /// Its state.
        status: &'static str,
    },
    /// More than is left to send, by line; no line where nothing at all is left.
    NotLeftToFulfil(Vec<Shortage>),
    /// The order has no such fulfilment.
    FulfilmentNotFound,
    /// The fulfilment's state does not allow this.
    FulfilmentClosed {
        /// Its state.
        status: &'static str,
    },
    /// An order keeps only so many of them.
    TooManyEntries {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: usize,
    },
    /// Nothing waits for the shopper at this order.
    NothingToConfirm,
    /// The address and the password do not go together, or the address is not confirmed.
    CredentialsWrong,
    /// What is a customer's opens by login alone.
    LogInFirst,
    /// A device that came by a link has not typed what the order would be made with.
    DetailsHidden(Vec<Personal>),
    /// The mailed secret is unknown, was used, or is too old.
    TokenInvalid,
    /// No such operator.
    OperatorNotFound,
    /// No such key.
    KeyNotFound,
    /// No such product.
    ProductNotFound,
    /// No such variant.
    SkuUnknown {
        /// The SKU.
        sku: String,
    },
    /// The stock would fall below what is reserved, or below zero, or pass the most.
    StockOutOfRange {
        /// The SKU.
        sku: String,
        /// Units on hand now.
        on_hand: i64,
        /// Units reserved now.
        reserved: i64,
    },
    /// No such promotion.
    PromotionNotFound,
    /// No such receiver of events.
    WebhookNotFound,
    /// No such store.
    StoreNotFound,
    /// Fields that are not as they must be: path and reason.
    Invalid(Vec<FieldError>),
    /// Something by that name exists already.
    Conflict {
        /// What and why, in a sentence.
        detail: String,
    },
}

/// A field that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path in the request (`benefit.percent`).
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A detail of a cart that is missing, or not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its field in requests (`shipping_address.postcode`).
    pub field: String,
    /// What it must be.
    pub reason: String,
}

impl Missing {
    /// A field that is not there, of an address.
    pub fn of(address: &str, field: &str) -> Missing {
        Missing { field: format!("{address}.{field}"), reason: "is missing".to_owned() }
    }
}

/// A variant that cannot be sold to this cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotForSale {
    /// Position in the request, or of the line in the cart.
    pub index: usize,
    /// The line, where it is in the cart already.
    pub line_id: Option<LineId>,
    /// SKU or id, as far as known.
    pub item: String,
    /// Whether it exists at all.
    pub exists: bool,
}

/// Too little stock for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The line, where it is in the cart already.
    pub line_id: Option<LineId>,
    /// The SKU.
    pub sku: String,
    /// Units the cart would have.
    pub requested: i64,
    /// Units available; `None` where shoppers are not to know.
    pub available: Option<i64>,
}
