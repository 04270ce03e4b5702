//! Commands: everything that changes anything. A command names what is wanted; prices, totals and discounts are in none of
//! them, except the total that the shopper saw.

mod drafts;
mod parts;

pub use drafts::*;
pub use parts::*;

use crate::account::Account;
use crate::cart::Options;
use crate::customer::Customer;
use crate::email::EmailAddress;
use crate::event::Actor;
use crate::forget::Erasure;
use crate::id::{CartId, FulfilmentId, LineId, OrderId, ProductId, PromotionId, RefundId, VariantId, WebhookId};
use crate::inbox::Inboxed;
use crate::mail::Mail;
use crate::order::Dispute;
use crate::promotion::Promotion;
use crate::refund::RefundRequest;
use crate::webhook::{Delivery, Replay, Webhook};

/// Who may open a cart or order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Whoever has the guest's secret; here its SHA-256.
    Token([u8; 32]),
    /// Whoever is logged in: the customer of this name.
    Customer(String),
    /// The shop itself.
    Operator,
}

impl Access {
    /// Whether this opens what was made with `token_hash`, was restored with one of `more`, or is for `customer`.
    pub fn opens(&self, token_hash: Option<[u8; 32]>, more: &[[u8; 32]], customer: Option<&str>) -> bool {
        match self {
            Access::Operator => true,
            // Equality of hashes of secrets gives nothing away by its timing.
            Access::Token(hash) => token_hash.as_ref() == Some(hash) || more.contains(hash),
            Access::Customer(name) => customer == Some(name),
        }
    }

    /// Who that is.
    pub fn actor(&self) -> Actor {
        match self {
            Access::Token(_) | Access::Customer(_) => Actor::Shopper,
            Access::Operator => Actor::Operator,
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
    /// The money is set aside: minor units.
    Authorized(i64),
    /// What was set aside could not be captured; it is still set aside.
    CaptureFailed {
        /// Which of the order's captures this is about: it says nothing of a later one.
        capture: u32,
        /// Why.
        reason: String,
    },
    /// Refused, with the reason.
    Declined(String),
    /// The shopper has to do something.
    RequiresAction,
    /// No answer; ask again.
    Unknown,
    /// Voided: no money moved, and none will.
    Voided,
    /// The money of a refund went back.
    Refunded {
        /// The refund.
        refund_id: RefundId,
        /// Minor units.
        amount: i64,
    },
    /// The money of a refund did not go back, or came back to us.
    RefundFailed {
        /// The refund.
        refund_id: RefundId,
        /// Why.
        reason: String,
    },
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
        email: Option<EmailAddress>,
        /// First lines.
        lines: Vec<NewLine>,
        /// The cart that a guest's browser has: while it is open it is the one.
        own: Option<CartRef>,
        /// Where the request may come twice.
        idempotency: Option<Idempotency>,
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
    /// Saves a line for later: out of the cart, but kept.
    SaveLine {
        /// The cart.
        cart: CartRef,
        /// The line.
        line_id: LineId,
    },
    /// Saves lines for later that ran out or are not sold any more, where the store has it so.
    SetAsideUnavailable {
        /// The cart.
        cart: CartRef,
    },
    /// Puts an item that was saved for later back into the cart, at today's price.
    RestoreSaved {
        /// The cart.
        cart: CartRef,
        /// The item.
        item_id: LineId,
    },
    /// Removes an item that was saved for later.
    RemoveSaved {
        /// The cart.
        cart: CartRef,
        /// The item.
        item_id: LineId,
    },
    /// Takes the last removal back.
    UndoRemoval {
        /// The cart.
        cart: CartRef,
    },
    /// Merges a guest's cart into the customer's, which is made if there is none: at login. Repeatable.
    MergeCart {
        /// The guest's cart.
        guest: CartRef,
        /// The customer.
        customer: String,
    },
    /// Takes the last merge back, as long as the customer's cart has not changed since.
    UnmergeCart {
        /// The customer's cart.
        cart: CartRef,
    },
    /// Makes an order of the cart: all or nothing.
    Checkout {
        /// The cart.
        cart: CartRef,
        /// The total that the shopper was shown, minor units. Without one the refusal names the total of now.
        expected_total: Option<i64>,
        /// The gateway.
        gateway: String,
        /// The gateway's method.
        method: String,
        /// Whether this installation has a real gateway, besides the one of money that operators record.
        beside_real: bool,
        /// From which network the shopper came, as a hash; `None` where that is not known.
        network: Option<String>,
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
    /// Sends part of an order's money back, or all of it.
    RefundOrder {
        /// The order.
        order_id: OrderId,
        /// Which part.
        request: RefundRequest,
        /// Why, for the record.
        reason: String,
        /// Who asks, for the record.
        by: String,
        /// The request may come twice.
        idempotency: Idempotency,
    },
    /// Captures money that was set aside.
    CapturePayment {
        /// The order.
        order_id: OrderId,
        /// Minor units; the rest is let go. All of it unless given.
        amount: Option<i64>,
    },
    /// About money that operators record.
    Manual {
        /// The order.
        order_id: OrderId,
        /// What happened.
        command: ManualCommand,
        /// Who says so, for the record.
        by: String,
        /// The request may come twice.
        idempotency: Idempotency,
    },
    /// Notes a dispute of an order's payment.
    NoteDispute {
        /// The order.
        order_id: OrderId,
        /// The dispute as it is now.
        dispute: Dispute,
    },
    /// Goods of a placed order were sent.
    FulfilOrder {
        /// The order.
        order_id: OrderId,
        /// What was sent.
        fulfilment: NewFulfilment,
        /// Where the request may come twice.
        idempotency: Option<Idempotency>,
    },
    /// A parcel has another number or state.
    UpdateFulfilment {
        /// The order.
        order_id: OrderId,
        /// The parcel.
        fulfilment_id: FulfilmentId,
        /// What to set.
        change: FulfilmentChange,
    },
    /// Writes a remark on an order.
    AddOrderNote {
        /// The order.
        order_id: OrderId,
        /// The remark.
        note: NewNote,
        /// Where the request may come twice.
        idempotency: Option<Idempotency>,
    },
    /// Marks a cart whose date has passed.
    ExpireCart {
        /// The cart.
        cart_id: CartId,
    },
    /// Ends what has run out of the holds of carts.
    ReleaseHolds {
        /// The carts.
        carts: Vec<CartId>,
    },
    /// Forgets answers under idempotency keys given before this instant.
    ForgetAnswers {
        /// The instant.
        before: crate::id::Timestamp,
    },
    /// Forgets how promotions stood before this instant; no price that holds was captured then.
    ForgetKept {
        /// The instant.
        before: crate::id::Timestamp,
    },
    /// Counts what the next carts hold, where the store has begun to show it.
    CountDemand,
    /// Forgets events of carts that are older than the store keeps them.
    ForgetCartEvents,
    /// Forgets what became of events that were done with before this instant.
    ForgetDeliveries {
        /// The instant.
        before: crate::id::Timestamp,
    },
    /// Makes a receiver of events.
    CreateWebhook {
        /// What operators say about it.
        change: Box<WebhookChange>,
        /// Its secret, `whsec_…`.
        secret: String,
        /// The last event that is not for it.
        position: i64,
    },
    /// Changes a receiver.
    ChangeWebhook {
        /// Which.
        id: WebhookId,
        /// What to set.
        change: Box<WebhookChange>,
    },
    /// Gives a receiver another secret; the one before stays valid for a day.
    RotateWebhook {
        /// Which.
        id: WebhookId,
        /// The new secret, `whsec_…`.
        secret: String,
    },
    /// Puts secrets of a receiver in another form, or removes those that cannot be used any more.
    ChangeWebhookSecrets {
        /// Which.
        id: WebhookId,
        /// What becomes of them.
        changes: Vec<SecretChange>,
    },
    /// Removes a receiver.
    DeleteWebhook(WebhookId),
    /// Takes in what became of events that were sent.
    RecordDeliveries {
        /// The receiver.
        id: WebhookId,
        /// Its round when they were sent.
        round: i64,
        /// The last event that was taken up.
        position: i64,
        /// What became of each.
        deliveries: Vec<Delivery>,
        /// Why it is to be switched off, if so.
        off: Option<String>,
    },
    /// Sends events again.
    ReplayDeliveries {
        /// The receiver.
        id: WebhookId,
        /// Which.
        replay: Replay,
    },
    /// Notes up to which event another listener has the log.
    RecordSink {
        /// The listener.
        name: String,
        /// The event's number.
        position: i64,
    },
    /// Creates a product or brings it up to date, by handle.
    UpsertProduct(Box<ProductDraft>),
    /// Changes a product that is there.
    ChangeProduct(Box<ProductChange>),
    /// Changes a variant that is there.
    ChangeVariant(Box<VariantChange>),
    /// Removes a product with its variants, by handle.
    DeleteProduct(String),
    /// Removes a variant, by SKU.
    DeleteVariant(String),
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
    /// About accounts.
    Account(AccountCommand),
    /// About people who are to be forgotten.
    Forget(ForgetCommand),
    /// About mails.
    Mail(MailCommand),
    /// About events of payment gateways.
    Inbox(InboxCommand),
    /// About abandoned carts.
    Recovery(RecoveryCommand),
    /// About money that moves without us.
    Money(MoneyCommand),
}

impl Command {
    /// The key under which it is answered once, where it has one.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        match self {
            Command::CreateCart { idempotency, .. }
            | Command::AddLines { idempotency, .. }
            | Command::FulfilOrder { idempotency, .. }
            | Command::AddOrderNote { idempotency, .. }
            | Command::AdjustStock { idempotency, .. } => idempotency.as_ref(),
            Command::Checkout { idempotency, .. }
            | Command::RefundOrder { idempotency, .. }
            | Command::Manual { idempotency, .. }
            | Command::Money(MoneyCommand::Record { idempotency, .. } | MoneyCommand::Restock { idempotency, .. }) => {
                Some(idempotency)
            }
            _ => None,
        }
    }

    /// Through whom it comes.
    pub fn actor(&self) -> Actor {
        match self {
            Command::CreateCart { token_hash: Some(_), .. } => Actor::Shopper,
            Command::AddLines { cart, .. }
            | Command::ChangeLine { cart, .. }
            | Command::ApplyCoupon { cart, .. }
            | Command::RemoveCoupon { cart, .. }
            | Command::ChangeCart { cart, .. }
            | Command::DeleteCart { cart }
            | Command::SetAsideUnavailable { cart }
            | Command::SaveLine { cart, .. }
            | Command::RestoreSaved { cart, .. }
            | Command::RemoveSaved { cart, .. }
            | Command::UndoRemoval { cart }
            | Command::UnmergeCart { cart }
            | Command::MergeCart { guest: cart, .. }
            | Command::Checkout { cart, .. } => cart.access.actor(),
            Command::ConfirmPayment { access, .. } | Command::CancelOrder { access, .. } => access.actor(),
            Command::SettlePayment { .. }
            | Command::NoteDispute { .. }
            | Command::Money(MoneyCommand::TakeBooks { .. })
            | Command::Inbox(_) => Actor::Gateway,
            Command::Recovery(
                RecoveryCommand::Restore { .. }
                | RecoveryCommand::Dismiss { .. }
                | RecoveryCommand::Confirm { .. }
                | RecoveryCommand::Unsubscribe { .. },
            ) => Actor::Shopper,
            Command::Mail(MailCommand::Claim(_) | MailCommand::Settle { .. })
            | Command::Recovery(
                RecoveryCommand::Recover { .. } | RecoveryCommand::Replan { .. } | RecoveryCommand::ChangeSecret(_),
            )
            | Command::ChangeWebhookSecrets { .. }
            | Command::ExpireCart { .. }
            | Command::ReleaseHolds { .. }
            | Command::ForgetAnswers { .. }
            | Command::ForgetKept { .. }
            | Command::CountDemand
            | Command::Forget(_)
            | Command::ForgetCartEvents
            | Command::ForgetDeliveries { .. }
            | Command::RecordDeliveries { .. }
            | Command::RecordSink { .. } => Actor::System,
            // They tell of nothing that listeners of carts and orders hear, but of a cart that its owner gives up.
            Command::Account(_) => Actor::Shopper,
            Command::CreateCart { token_hash: None, .. }
            | Command::UpsertProduct(_)
            | Command::ChangeProduct(_)
            | Command::ChangeVariant(_)
            | Command::DeleteProduct(_)
            | Command::DeleteVariant(_)
            | Command::SetPrices(_)
            | Command::AdjustStock { .. }
            | Command::PutPromotion { .. }
            | Command::AddCodes { .. }
            | Command::PutCustomer { .. }
            | Command::RefundOrder { .. }
            | Command::CapturePayment { .. }
            | Command::Manual { .. }
            | Command::FulfilOrder { .. }
            | Command::UpdateFulfilment { .. }
            | Command::AddOrderNote { .. }
            | Command::DeletePromotion(_)
            | Command::CreateWebhook { .. }
            | Command::ChangeWebhook { .. }
            | Command::RotateWebhook { .. }
            | Command::DeleteWebhook(_)
            | Command::ReplayDeliveries { .. }
            | Command::Mail(MailCommand::Template(_))
            | Command::Money(_)
            | Command::ChangeStore(_) => Actor::Operator,
        }
    }
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
    /// The order of the cart, which stands in the way of the one that is asked for: its payment is to be voided. Then the command
    /// is to be run again.
    OrderGivesWay(std::sync::Arc<crate::order::Order>),
    /// What became of a product, and of the stock of its variants.
    Product(ProductId, Upserted, StockDone),
    /// Open carts to which settings apply now that had changed since they had.
    Replanned(Vec<std::sync::Arc<crate::cart::Cart>>),
    /// Stock after the change, in the order of the request without repetition.
    Stock(Vec<(String, crate::stock::Stock)>),
    /// The promotion.
    Promotion(PromotionId),
    /// The receiver as it is now.
    Webhook(std::sync::Arc<Webhook>),
    /// The account as it is now.
    Account(std::sync::Arc<Account>),
    /// The mail that was claimed.
    Mail(std::sync::Arc<Mail>),
    /// What became of an event of a gateway.
    Inbox(Inboxed),
    /// A person is to go from now on.
    Erasing(std::sync::Arc<Erasure>),
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

/// Of how many variants the stock that a draft states did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockDone {
    /// New variants that began with it.
    pub new: u64,
    /// It was set to another number.
    pub set: u64,
    /// It was added.
    pub added: u64,
    /// It was left alone, though it is another number.
    pub left: u64,
}
