//! Events: what happened to a cart or an order, told in the transaction in which it happened. Webhooks, other listeners and
//! timelines read them; no decision does.

use crate::id::{CartId, EventId, OrderId, Timestamp};
use crate::rfc3339::rfc3339;
use serde_json::{Value, json};

/// Whom an event is about. Events of one subject keep their order wherever they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A cart.
    Cart(CartId),
    /// An order.
    Order(OrderId),
}

impl Subject {
    /// The id alone.
    pub fn id(self) -> uuid::Uuid {
        match self {
            Subject::Cart(id) => id.0,
            Subject::Order(id) => id.0,
        }
    }

    /// The cart, if it is one.
    pub fn cart(self) -> Option<CartId> {
        match self {
            Subject::Cart(id) => Some(id),
            Subject::Order(_) => None,
        }
    }

    /// The order, if it is one.
    pub fn order(self) -> Option<OrderId> {
        match self {
            Subject::Cart(_) => None,
            Subject::Order(id) => Some(id),
        }
    }
}

/// Who caused an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has the cart's secret.
    Shopper,
    /// The shop.
    Operator,
    /// A payment gateway, by its answer.
    Gateway,
    /// Nobody: a date has passed.
    System,
}

impl Actor {
    /// All of them.
    pub const ALL: [Actor; 4] = [Actor::Shopper, Actor::Operator, Actor::Gateway, Actor::System];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Shopper => "shopper",
            Actor::Operator => "operator",
            Actor::Gateway => "gateway",
            Actor::System => "system",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// By this receivers know an event that comes twice.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Through whom.
    pub actor: Actor,
    /// To whom.
    pub subject: Subject,
    /// What; the name by which receivers choose.
    pub kind: EventKind,
    /// The few facts that a receiver wants without asking back. Amounts in minor units.
    pub data: serde_json::Value,
}

/// An event with its place in the store's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedEvent {
    /// Counts the store's events from 1, in the order in which they were committed, without gaps.
    pub sequence: i64,
    /// The event.
    pub event: Event,
}

impl LoggedEvent {
    /// The event as everybody outside gets it: over HTTP, by webhooks, from other listeners.
    pub fn to_json(&self, store: &str) -> Value {
        let event = &self.event;
        let mut body = json!({
            "id": event.id,
            "sequence": self.sequence,
            "store": store,
            "type": event.kind.as_str(),
            "timestamp": rfc3339(event.at),
            "actor": event.actor.as_str(),
            "data": event.data,
        });
        match event.subject {
            Subject::Cart(id) => body["cart_id"] = json!(id),
            Subject::Order(id) => body["order_id"] = json!(id),
        }
        body
    }

    /// As [`LoggedEvent::to_json`], without what is the shop's own business.
    pub fn to_json_for_shoppers(&self, store: &str) -> Value {
        let mut body = self.to_json(store);
        if let Some(data) = body["data"].as_object_mut() {
            data.retain(|name, _| FOR_SHOPPERS.contains(&name.as_str()));
        }
        body
    }
}

/// What shoppers see of the data of their orders' events.
const FOR_SHOPPERS: [&str; 10] = [
    "amount",
    "currency",
    "total",
    "lines",
    "status",
    "carrier",
    "tracking_number",
    "tracking_url",
    "quantity",
    "cart_id",
];

/// What can happen. Names are `subject.what`, in the past tense, and stay as they are: receivers depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A cart was made.
    CartCreated,
    /// A cart's goods, codes, address or shipping changed.
    CartChanged,
    /// An order was made of a cart.
    CartCheckedOut,
    /// The order of a cart came to nothing, or its merge was taken back: the cart is its owner's again.
    CartReactivated,
    /// A guest's cart went into a customer's.
    CartMerged,
    /// A cart was left alone for the time that the store has set.
    CartAbandoned,
    /// A cart's date has passed.
    CartExpired,
    /// A cart was given up.
    CartDeleted,
    /// Units that were held for a cart are no longer: their time has passed.
    CartHoldExpired,
    /// An order was made; its payment has no outcome yet.
    OrderCreated,
    /// An order is paid, or its payment is authorised: the goods are the buyer's.
    OrderPlaced,
    /// An order was cancelled.
    OrderCancelled,
    /// An order's payment was declined.
    OrderPaymentFailed,
    /// Nobody paid an order in time.
    OrderExpired,
    /// The buyer has to do something before the payment goes on.
    PaymentActionRequired,
    /// Money is set aside, to be captured.
    PaymentAuthorized,
    /// Money was taken.
    PaymentCaptured,
    /// An operator recorded money: a part of what is to be paid, or all.
    PaymentRecorded,
    /// A buyer disputes a payment at the bank, or the dispute went on.
    PaymentDisputed,
    /// Money is to go back.
    RefundCreated,
    /// Money went back.
    RefundSucceeded,
    /// Money could not be sent back.
    RefundFailed,
    /// Goods of an order were sent.
    OrderFulfilled,
    /// A parcel has another number or state.
    FulfilmentUpdated,
    /// Goods of an order came back.
    OrderReturned,
    /// Somebody wrote a note.
    OrderNoteAdded,
}

impl EventKind {
    /// All of them.
    pub const ALL: [EventKind; 26] = [
        EventKind::CartCreated,
        EventKind::CartChanged,
        EventKind::CartCheckedOut,
        EventKind::CartReactivated,
        EventKind::CartMerged,
        EventKind::CartAbandoned,
        EventKind::CartExpired,
        EventKind::CartDeleted,
        EventKind::CartHoldExpired,
        EventKind::OrderCreated,
        EventKind::OrderPlaced,
        EventKind::OrderCancelled,
        EventKind::OrderPaymentFailed,
        EventKind::OrderExpired,
        EventKind::PaymentActionRequired,
        EventKind::PaymentAuthorized,
        EventKind::PaymentCaptured,
        EventKind::PaymentRecorded,
        EventKind::PaymentDisputed,
        EventKind::RefundCreated,
        EventKind::RefundSucceeded,
        EventKind::RefundFailed,
        EventKind::OrderFulfilled,
        EventKind::FulfilmentUpdated,
        EventKind::OrderReturned,
        EventKind::OrderNoteAdded,
    ];

    /// Whether shoppers see it in the timeline of their order.
    pub fn is_for_shoppers(self) -> bool {
        !matches!(self, EventKind::OrderNoteAdded | EventKind::PaymentDisputed)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::CartCreated => "cart.created",
            EventKind::CartChanged => "cart.changed",
            EventKind::CartCheckedOut => "cart.checked_out",
            EventKind::CartReactivated => "cart.reactivated",
            EventKind::CartMerged => "cart.merged",
            EventKind::CartAbandoned => "cart.abandoned",
            EventKind::CartExpired => "cart.expired",
            EventKind::CartDeleted => "cart.deleted",
            EventKind::CartHoldExpired => "cart.hold_expired",
            EventKind::OrderCreated => "order.created",
            EventKind::OrderPlaced => "order.placed",
            EventKind::OrderCancelled => "order.cancelled",
            EventKind::OrderPaymentFailed => "order.payment_failed",
            EventKind::OrderExpired => "order.expired",
            EventKind::PaymentActionRequired => "payment.action_required",
            EventKind::PaymentAuthorized => "payment.authorized",
            EventKind::PaymentCaptured => "payment.captured",
            EventKind::PaymentRecorded => "payment.recorded",
            EventKind::PaymentDisputed => "payment.disputed",
            EventKind::RefundCreated => "refund.created",
            EventKind::RefundSucceeded => "refund.succeeded",
            EventKind::RefundFailed => "refund.failed",
            EventKind::OrderFulfilled => "order.fulfilled",
            EventKind::FulfilmentUpdated => "fulfilment.updated",
            EventKind::OrderReturned => "order.returned",
            EventKind::OrderNoteAdded => "order.note_added",
        }
    }
}
