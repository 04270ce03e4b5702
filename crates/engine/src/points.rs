//! Named points at which tests let the process die, to see what is left behind. A point lies where it hurts: after a
//! decision and before its commit, after the commit and before anybody knows of it, before a gateway is asked, and after it
//! has answered and before that is taken in.

use cartwright_domain::command::{Command, InboxCommand, Settlement};
use cartwright_domain::order::PaymentStatus;
use std::sync::OnceLock;

/// A point on the way of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A checkout is decided.
    PlaceDecided,
    /// A checkout is committed.
    PlaceCommitted,
    /// The gateway is to be asked for the money.
    ChargeAsking,
    /// The gateway has answered.
    ChargeAsked,
    /// The gateway is to be asked what became of a charge.
    LookUpAsking,
    /// The gateway has told what became of a charge.
    LookUpAsked,
    /// What became of a payment is decided.
    SettleDecided,
    /// What became of a payment is committed.
    SettleCommitted,
    /// A cancellation is decided.
    CancelDecided,
    /// A cancellation is committed.
    CancelCommitted,
    /// An operator's refund is decided.
    RefundDecided,
    /// An operator's refund is committed.
    RefundCommitted,
    /// The gateway is to be asked to send money back.
    RefundAsking,
    /// The gateway has sent money back.
    RefundAsked,
    /// That money went back is decided.
    RefundedDecided,
    /// That money went back is committed.
    RefundedCommitted,
    /// That money is to be captured is decided.
    CaptureDecided,
    /// That money is to be captured is committed.
    CaptureCommitted,
    /// The gateway is to be asked to capture money.
    CaptureAsking,
    /// The gateway has captured money.
    CaptureAsked,
    /// The gateway is to be asked to void a payment whose time is over.
    ExpireAsking,
    /// The gateway has voided a payment.
    ExpireAsked,
    /// The end of an order that nobody paid is decided.
    ExpireDecided,
    /// The end of an order that nobody paid is committed.
    ExpireCommitted,
    /// That an event of a gateway is kept is decided.
    EventDecided,
    /// An event of a gateway is kept, and nothing was done about it.
    EventCommitted,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 26] = [
        Point::PlaceDecided,
        Point::PlaceCommitted,
        Point::ChargeAsking,
        Point::ChargeAsked,
        Point::LookUpAsking,
        Point::LookUpAsked,
        Point::SettleDecided,
        Point::SettleCommitted,
        Point::CancelDecided,
        Point::CancelCommitted,
        Point::RefundDecided,
        Point::RefundCommitted,
        Point::RefundAsking,
        Point::RefundAsked,
        Point::RefundedDecided,
        Point::RefundedCommitted,
        Point::CaptureDecided,
        Point::CaptureCommitted,
        Point::CaptureAsking,
        Point::CaptureAsked,
        Point::ExpireAsking,
        Point::ExpireAsked,
        Point::ExpireDecided,
        Point::ExpireCommitted,
        Point::EventDecided,
        Point::EventCommitted,
    ];

    /// The point with this name, e.g. `PlaceDecided`.
    pub fn named(name: &str) -> Option<Point> {
        Point::ALL.into_iter().find(|point| format!("{point:?}") == name)
    }
}

type End = fn();

static END: OnceLock<(Point, End)> = OnceLock::new();

/// From now on `end` is called whenever the process reaches this point. Only the first call counts.
pub fn end_at(point: Point, end: End) {
    let _ = END.set((point, end));
}

fn reached(point: Option<Point>) {
    if let Some((wanted, end)) = END.get()
        && point == Some(*wanted)
    {
        end();
    }
}

/// The batch with this command is decided, and not committed.
pub(crate) fn decided(command: &Command) {
    reached(of(command).map(|(decided, _)| decided));
}

/// The batch with this command is committed, and nobody knows of it.
pub(crate) fn committed(command: &Command) {
    reached(of(command).map(|(_, committed)| committed));
}

/// A gateway is to be asked about a payment in this state.
pub(crate) fn asking(status: PaymentStatus) {
    reached(question(status).map(|(asking, _)| asking));
}

/// A gateway has answered about a payment in this state.
pub(crate) fn asked(status: PaymentStatus) {
    reached(question(status).map(|(_, asked)| asked));
}

fn of(command: &Command) -> Option<(Point, Point)> {
    match command {
        Command::Checkout { .. } => Some((Point::PlaceDecided, Point::PlaceCommitted)),
        Command::CancelOrder { .. } => Some((Point::CancelDecided, Point::CancelCommitted)),
        Command::RefundOrder { .. } => Some((Point::RefundDecided, Point::RefundCommitted)),
        Command::CapturePayment { .. } => Some((Point::CaptureDecided, Point::CaptureCommitted)),
        Command::SettlePayment { settlement, .. } => Some(match settlement {
            Settlement::Refunded { .. } => (Point::RefundedDecided, Point::RefundedCommitted),
            Settlement::Voided => (Point::ExpireDecided, Point::ExpireCommitted),
            _ => (Point::SettleDecided, Point::SettleCommitted),
        }),
        Command::Inbox(InboxCommand::Receive { .. }) => Some((Point::EventDecided, Point::EventCommitted)),
        _ => None,
    }
}

fn question(status: PaymentStatus) -> Option<(Point, Point)> {
    match status {
        PaymentStatus::Created => Some((Point::ChargeAsking, Point::ChargeAsked)),
        PaymentStatus::RequiresAction | PaymentStatus::VoidPending => Some((Point::ExpireAsking, Point::ExpireAsked)),
        PaymentStatus::CapturePending => Some((Point::CaptureAsking, Point::CaptureAsked)),
        PaymentStatus::RefundPending => Some((Point::RefundAsking, Point::RefundAsked)),
        PaymentStatus::Unknown => Some((Point::LookUpAsking, Point::LookUpAsked)),
        _ => None,
    }
}
