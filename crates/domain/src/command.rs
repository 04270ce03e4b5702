//! Commands: everything that changes anything. A command names what is wanted; prices, totals and discounts are in none of
//! them, except the total that the shopper saw.

use crate::cart::Options;
use crate::customer::Customer;
use crate::id::{CartId, LineId, OrderId, ProductId, PromotionId, VariantId};
use crate::order::Address;
use crate::promotion::Promotion;
use crate::shipping::ShippingMethod;
use crate::stock::Cause;
use crate::store::StoreSettings;
use crate::tax::TaxRate;

/// Who may open a cart or order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever has the guest's secret; here its SHA-256.
    Token([u8; 32]),
    /// The shop itself.
    Operator,
}

impl Access {
    /// Whether this opens what was made with `token_hash`.
    pub fn opens(&self, token_hash: Option<[u8; 32]>) -> bool {
        match self {
            Access::Operator => true,
            // Equality of hashes of secrets gives nothing away by its timing.
            Access::Token(hash) => token_hash.as_ref() == Some(hash),
        }
    }
}

/// A cart as a request that changes it names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartRef {
    /// The cart.
    pub id: CartId,
    /// By whom.
    pub access: Access,
    /// Only if the cart is at one of these versions; `None` for any.
    pub if_version: Option<Vec<i64>>,
}

/// A variant as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// By SKU.
    Sku(String),
    /// By id.
    Variant(VariantId),
}

/// Goods to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// What.
    pub item: Item,
    /// How many.
    pub quantity: i64,
    /// Options of the line.
    pub options: Options,
}

/// An idempotency key with the fingerprint of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Whose key it is: keys of different owners never meet.
    pub scope: String,
    /// The key as sent.
    pub key: String,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
}

/// Outcome of an attempt to pay, as the gateway told it or as a deadline made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The money is here: minor units.
    Captured(i64),
    /// Refused, with the reason.
    Declined(String),
    /// The shopper has to do something.
    RequiresAction,
    /// No answer; ask again.
    Unknown,
    /// Voided: no money moved, and none will.
    Voided,
    /// The money went back: minor units.
    Refunded(i64),
}

/// A stock change by an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockChange {
    /// The variant.
    pub sku: String,
    /// `Receive`, `Return`, `Adjust` or `Count`.
    pub cause: Cause,
    /// Units to add (may be negative for `Adjust`), or units counted.
    pub quantity: i64,
    /// Why.
    pub reason: String,
}

/// A product as an operator states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDraft {
    /// Unique name.
    pub handle: String,
    /// Title.
    pub name: String,
    /// Whether it is for sale.
    pub active: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Tax category.
    pub tax_category: String,
    /// Its own price policy.
    pub price_policy: Option<crate::store::PricePolicy>,
    /// Presentation.
    pub detail: crate::catalogue::ProductDetail,
    /// Variants, at least one.
    pub variants: Vec<VariantDraft>,
}

/// A variant as an operator states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantDraft {
    /// SKU.
    pub sku: String,
    /// What sets it apart.
    pub attributes: std::collections::BTreeMap<String, String>,
    /// Minor units.
    pub price: i64,
    /// Other currencies.
    pub prices: std::collections::BTreeMap<String, i64>,
    /// Floors by ISO 4217 code.
    pub floors: std::collections::BTreeMap<String, i64>,
    /// Grams.
    pub weight_grams: i64,
    /// Whether stock is counted.
    pub track_stock: bool,
    /// Units on hand to set.
    pub on_hand: Option<i64>,
}

/// Everything that changes anything.
#[derive(Clone, Debug)]
pub enum Command {
    /// Makes a cart, with first lines or without.
    CreateCart {
        /// SHA-256 of the secret handed to the guest; `None` for a customer's cart.
        token_hash: Option<[u8; 32]>,
        /// The customer; one active cart each.
        customer: Option<String>,
        /// ISO 4217; the store's unless given.
        currency: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// First lines.
        lines: Vec<NewLine>,
    },
    /// Adds goods: all lines or none.
    AddLines {
        /// The cart.
        cart: CartRef,
        /// The goods.
        lines: Vec<NewLine>,
        /// Where the request may come twice.
        idempotency: Option<Idempotency>,
    },
    /// Sets the quantity of a line; 0 removes it.
    ChangeLine {
        /// The cart.
        cart: CartRef,
        /// The line.
        line_id: LineId,
        /// Units.
        quantity: i64,
    },
    /// Puts a code on the cart.
    ApplyCoupon {
        /// The cart.
        cart: CartRef,
        /// The code.
        code: String,
    },
    /// Takes a code off the cart.
    RemoveCoupon {
        /// The cart.
        cart: CartRef,
        /// The code.
        code: String,
    },
    /// Sets address, e-mail, shipping method.
    ChangeCart {
        /// The cart.
        cart: CartRef,
        /// What to set.
        change: Box<CartChange>,
    },
    /// Gives the cart up.
    DeleteCart {
        /// The cart.
        cart: CartRef,
    },
    /// Makes an order of the cart: all or nothing.
    Checkout {
        /// The cart.
        cart: CartRef,
        /// The total the shopper saw, minor units.
        expected_total: Option<i64>,
        /// The gateway.
        gateway: String,
        /// The gateway's method.
        method: String,
        /// The request may come twice.
        idempotency: Idempotency,
    },
    /// Takes in what became of a payment. The one function for the direct answer, a repeated question and a deadline.
    SettlePayment {
        /// The order.
        order_id: OrderId,
        /// What became of it.
        settlement: Settlement,
    },
    /// The shopper has done what the payment asked for: it is looked at again at once.
    ConfirmPayment {
        /// The order.
        order_id: OrderId,
        /// By whom.
        access: Access,
    },
    /// Cancels an order.
    CancelOrder {
        /// The order.
        order_id: OrderId,
        /// By whom.
        access: Access,
        /// Why.
        reason: Option<String>,
    },
    /// Marks a cart whose date has passed.
    ExpireCart {
        /// The cart.
        cart_id: CartId,
    },
    /// Forgets answers under idempotency keys given before this instant.
    ForgetAnswers {
        /// The instant.
        before: crate::id::Timestamp,
    },
    /// Creates or replaces a product, by handle.
    UpsertProduct(Box<ProductDraft>),
    /// Sets unit prices: all or none. SKU, ISO 4217 code (the store's unless given), minor units.
    SetPrices(Vec<(String, Option<String>, i64)>),
    /// Changes stock: all or none.
    AdjustStock {
        /// The changes.
        changes: Vec<StockChange>,
        /// Where the request may come twice.
        idempotency: Option<Idempotency>,
    },
    /// Creates (without id) or replaces a promotion. The id in the definition is ignored.
    PutPromotion {
        /// Which to replace.
        id: Option<PromotionId>,
        /// The definition.
        promotion: Box<Promotion>,
        /// The codes that unlock it.
        codes: Vec<String>,
    },
    /// Adds codes to a promotion that needs one: all or none.
    AddCodes {
        /// The promotion.
        id: PromotionId,
        /// The codes, at most [`crate::coupon::MAX_NEW_CODES`].
        codes: Vec<String>,
        /// Orders that may use each; `None` for any number.
        max_uses: Option<i64>,
    },
    /// Tells about a customer what prices depend on.
    PutCustomer {
        /// The customer's name in the shop's own system.
        id: String,
        /// What is told.
        customer: Customer,
    },
    /// Removes a promotion.
    DeletePromotion(PromotionId),
    /// Changes the store's own data.
    ChangeStore(Box<StoreChange>),
}

/// What to set on a store; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct StoreChange {
    /// Name for people.
    pub name: Option<String>,
    /// Host names that lead to it.
    pub hosts: Option<Vec<String>>,
    /// Settings, all of them.
    pub settings: Option<StoreSettings>,
    /// Ways to ship, all of them.
    pub shipping_methods: Option<Vec<ShippingMethod>>,
    /// Rates of tax, all of them.
    pub tax_rates: Option<Vec<TaxRate>>,
}

/// What to set on a cart; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct CartChange {
    /// E-mail address.
    pub email: Option<String>,
    /// Where to send it.
    pub shipping_address: Option<Address>,
    /// Where to send the bill.
    pub billing_address: Option<Address>,
    /// Shipping method.
    pub shipping_method: Option<String>,
}

/// What a command that was not refused answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The cart as it is now.
    Cart(std::sync::Arc<crate::cart::Cart>),
    /// The cart is new.
    CartCreated(std::sync::Arc<crate::cart::Cart>),
    /// The order as it is now.
    Order(std::sync::Arc<crate::order::Order>),
    /// The order is new.
    OrderCreated(std::sync::Arc<crate::order::Order>),
    /// What became of a product.
    Product(ProductId, Upserted),
    /// Stock after the change, in the order of the request without repetition.
    Stock(Vec<(String, crate::stock::Stock)>),
    /// The promotion.
    Promotion(PromotionId),
    /// Done; nothing to tell.
    Done,
}

/// What became of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// New.
    Created,
    /// Something about it changed.
    Updated,
    /// It already was so.
    Unchanged,
}
