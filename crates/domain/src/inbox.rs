//! The inbox of payment gateways: each event that a gateway tells of is kept under its id, taken once, and held until its order is
//! known and the gateway has answered. An event is never believed: it is a reason to ask.

use crate::id::{AttemptId, OrderId, RefundId, Timestamp};
use crate::order::Dispute;
use serde::{Deserialize, Serialize};

/// How long whoever received an event has for it, before the sweeper takes it up: longer than a gateway may take, in milliseconds.
pub const CLAIM_MS: i64 = 45_000;
/// How long an event waits at least for its order or for the gateway: 3 days.
pub const PATIENCE_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How often it is tried at least, which takes some two hours: days may have passed while nobody was there to try.
pub const FEWEST_TRIES: i64 = 20;
/// How long it is known that an event was done with: 30 days. Its gateway has stopped sending it long before.
pub const KEEP_MS: i64 = 30 * 24 * 60 * 60 * 1000;

const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1000;

/// How long an event waits after it was put off so often, in milliseconds.
pub fn pause_ms(tries: i64) -> i64 {
    (FIRST_PAUSE_MS << tries.clamp(0, 20)).min(LONGEST_PAUSE_MS)
}

/// Which event of which gateway.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboxKey {
    /// The gateway's name.
    pub gateway: String,
    /// The event's id at the gateway.
    pub event_id: String,
}

/// Whose payment it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The store's handle.
    pub store: String,
    /// The order.
    pub order_id: OrderId,
    /// The attempt to pay it.
    pub attempt_id: AttemptId,
}

/// A provider's word that something happened. What happened to money is then asked for: a notice is never believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Something about a payment.
    Payment(Owner),
    /// Something about a refund.
    Refund(Owner, RefundId),
    /// Something about a dispute, of the payment with this id of the provider's.
    Dispute(String, Dispute),
    /// Something about the payment with this id of the provider's, which names no refund of ours.
    Reference(String),
}

/// An event in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEvent {
    /// Which.
    pub key: InboxKey,
    /// The order it names, known or not.
    pub order_id: OrderId,
    /// What it says.
    pub notice: Notice,
    /// How it stands.
    pub state: InboxState,
    /// When it came first.
    pub received_at: Timestamp,
    /// How often it was put off.
    pub tries: i64,
    /// When it is to be taken up; none once it is not pending.
    pub due_at: Option<Timestamp>,
    /// When it was done with.
    pub done_at: Option<Timestamp>,
}

/// How an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxState {
    /// It waits for its order, or for the gateway.
    Pending,
    /// Its order has heard of it.
    Done,
    /// Its time is over. Should it come once more, it is taken like a new one.
    Dropped,
}

impl InboxState {
    /// All of them.
    pub const ALL: [InboxState; 3] = [InboxState::Pending, InboxState::Done, InboxState::Dropped];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            InboxState::Pending => "pending",
            InboxState::Done => "done",
            InboxState::Dropped => "dropped",
        }
    }
}

/// What a command about an event came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inboxed {
    /// It is new: whoever brought it takes it up.
    New,
    /// It is known, and somebody else's work or done.
    Known,
    /// It was put off.
    Waits,
    /// It was given up.
    Dropped,
}
