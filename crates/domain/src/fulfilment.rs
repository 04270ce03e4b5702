//! Fulfilment: which units of an order were sent, in which parcels. What is left, and the order's state of fulfilment, are
//! derived from these facts; neither is stored as a fact of its own.

use crate::id::{FulfilmentId, LineId, Timestamp};
use crate::order::{Order, OrderLine, OrderStatus};
use crate::refund::{Refund, RefundStatus};
use serde::{Deserialize, Serialize};

/// Most fulfilments of one order, cancelled ones too.
pub const MAX_FULFILMENTS: usize = 200;
/// Most notes of one order.
pub const MAX_NOTES: usize = 200;

/// Goods of an order that were sent together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    /// Identity.
    pub id: FulfilmentId,
    /// What is in it.
    pub lines: Vec<FulfilledLine>,
    /// Where the parcel is to be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// State.
    pub status: ParcelStatus,
    /// When it was sent.
    pub at: Timestamp,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// The operator who told of it, by the name of the key.
    pub by: String,
}

/// Units of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfilledLine {
    /// The order's line.
    pub line_id: LineId,
    /// Units, at least 1.
    pub quantity: i64,
}

/// How a parcel is followed on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number.
    pub number: String,
    /// A page that shows where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// State of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelStatus {
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// It was not sent after all: its units are unfulfilled again.
    Cancelled,
}

impl ParcelStatus {
    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ParcelStatus::Shipped => "shipped",
            ParcelStatus::Delivered => "delivered",
            ParcelStatus::Cancelled => "cancelled",
        }
    }
}

/// How far a placed order is fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FulfilmentStatus {
    /// Nothing was sent.
    Unfulfilled,
    /// Something was sent, something is left.
    PartiallyFulfilled,
    /// Nothing is left to send.
    Fulfilled,
    /// Nothing is left to send, and every parcel arrived.
    Delivered,
}

impl FulfilmentStatus {
    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FulfilmentStatus::Unfulfilled => "unfulfilled",
            FulfilmentStatus::PartiallyFulfilled => "partially_fulfilled",
            FulfilmentStatus::Fulfilled => "fulfilled",
            FulfilmentStatus::Delivered => "delivered",
        }
    }
}

/// A remark on an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNote {
    /// The remark.
    pub text: String,
    /// Whether the buyer may read it; otherwise only operators do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub visible_to_customer: bool,
    /// When.
    pub at: Timestamp,
    /// The operator, by the name of the key.
    pub by: String,
}

/// The parcels that were sent: all that were not cancelled.
pub fn parcels(order: &Order) -> impl Iterator<Item = &Fulfilment> {
    order.detail.fulfilments.iter().filter(|parcel| parcel.status != ParcelStatus::Cancelled)
}

/// Units of a line that were sent.
pub fn fulfilled(order: &Order, line_id: LineId) -> i64 {
    let lines = parcels(order).flat_map(|parcel| &parcel.lines);
    lines.filter(|line| line.line_id == line_id).map(|line| line.quantity).sum()
}

/// Units that are still to be sent, of the lines that have any. What was given back unsent would be taken off here, and here only.
pub fn unfulfilled(order: &Order) -> Vec<FulfilledLine> {
    let left = |line: &OrderLine| line.quantity - fulfilled(order, line.id) - given_up(order, line.id);
    let lines = order.lines.iter().map(|line| FulfilledLine { line_id: line.id, quantity: left(line) });
    lines.filter(|line| line.quantity > 0).collect()
}

/// Units of a line that were refunded before they were sent. What the shop refused to send stays so where its own refund
/// failed; money that moved without the shop and came back leaves the units to be sent, but those on the shelf again.
fn given_up(order: &Order, line_id: LineId) -> i64 {
    let of = |refund: &Refund| {
        let came_back = refund.status == RefundStatus::Failed && !refund.origin.is_shop();
        let lines = refund.parts.lines.iter().filter(|line| line.line_id == line_id);
        lines.map(|line| if came_back { line.unsent.min(line.restocked) } else { line.unsent }).sum::<i64>()
    };
    order.detail.refunds.iter().map(of).sum()
}

/// How far the order is fulfilled; `None` where nothing is to be sent, because the order is not placed.
pub fn status(order: &Order) -> Option<FulfilmentStatus> {
    if order.status != OrderStatus::Placed {
        return None;
    }
    let sent = parcels(order).count();
    let arrived = parcels(order).filter(|parcel| parcel.status == ParcelStatus::Delivered).count();
    Some(match (unfulfilled(order).is_empty(), sent) {
        (true, 1..) if arrived == sent => FulfilmentStatus::Delivered,
        (true, _) => FulfilmentStatus::Fulfilled,
        (false, 0) => FulfilmentStatus::Unfulfilled,
        (false, _) => FulfilmentStatus::PartiallyFulfilled,
    })
}
