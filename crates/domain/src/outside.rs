//! Money that moves without us: refunds made by hand at the provider, disputes, captures there, and payments for which there is no
//! order. A provider's books are asked for and taken in as a whole; what is not in them is never undone.

use crate::id::{LineId, RefundId, Timestamp};
use crate::order::Dispute;
use crate::refund::{RefundOrigin, RefundRequest};

/// What a provider's books say of one payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// When it was asked, before the answer came.
    pub asked_at: Timestamp,
    /// Minor units taken.
    pub captured: i64,
    /// Every refund of it, ours too, whatever became of it.
    pub refunds: Vec<BookedRefund>,
    /// Every dispute of it.
    pub disputes: Vec<Dispute>,
}

/// A refund in a provider's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedRefund {
    /// The provider's id.
    pub reference: String,
    /// Our refund, where it was made by this program.
    pub own: Option<RefundId>,
    /// Minor units.
    pub amount: i64,
    /// Why the money did not go, or came back; `None` while it stands.
    pub failure: Option<String>,
}

/// What an operator records about an order's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyRecord {
    /// How the money left the shop.
    pub origin: RefundOrigin,
    /// Which part of the order's money.
    pub request: RefundRequest,
    /// Its name where it happened, as a transfer's number; recorded once.
    pub reference: Option<String>,
    /// Why.
    pub reason: String,
    /// The operator, by the name of the key.
    pub by: String,
}

/// Units that come back on the shelf after they were refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedLine {
    /// The order's line.
    pub line_id: LineId,
    /// Units, at least 1.
    pub quantity: i64,
}

/// A payment at a provider for which there is no order, or more than an order's: how an operator dealt with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedPayment {
    /// The gateway.
    pub gateway: String,
    /// The provider's id.
    pub reference: String,
    /// Minor units taken, by the provider's books then. It is named again once these change.
    pub captured: i64,
    /// Minor units sent back.
    pub refunded: i64,
    /// What was done.
    pub action: UnmatchedAction,
    /// Why.
    pub reason: String,
    /// The operator, by the name of the key.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What an operator does about a payment without an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnmatchedAction {
    /// It was sent back at the provider.
    Refunded,
    /// It was dealt with elsewhere: it is no longer named.
    Dismissed,
}

impl UnmatchedAction {
    /// All of them.
    pub const ALL: [UnmatchedAction; 2] = [UnmatchedAction::Refunded, UnmatchedAction::Dismissed];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            UnmatchedAction::Refunded => "refunded",
            UnmatchedAction::Dismissed => "dismissed",
        }
    }
}
