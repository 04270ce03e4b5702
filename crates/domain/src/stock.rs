//! Stock of one variant and the ledger of its movements. A unit is on hand, and may at the same time be reserved for
//! an order or held for a cart; `available = on hand − reserved`. Every change is a [`Movement`], and the sum of a variant's movements is its
//! stock: that is invariant G1.

use crate::id::{CartId, OrderId, Timestamp, VariantId};

/// Most units of one variant that may be on hand.
pub const MAX_ON_HAND: i64 = 1_000_000_000;

/// Units of one variant. Invariant: `0 ≤ reserved ≤ on_hand ≤ MAX_ON_HAND`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stock {
    /// Units in the store house.
    pub on_hand: i64,
    /// Units of these held for orders that are being paid, and for carts.
    pub reserved: i64,
}

impl Stock {
    /// Units that may still be promised.
    pub fn available(self) -> i64 {
        self.on_hand - self.reserved
    }

    /// The stock after a movement, or `None` where that would break the invariant.
    pub fn after(self, on_hand_delta: i64, reserved_delta: i64) -> Option<Stock> {
        let on_hand = self.on_hand.checked_add(on_hand_delta)?;
        let reserved = self.reserved.checked_add(reserved_delta)?;
        (0 <= reserved && reserved <= on_hand && on_hand <= MAX_ON_HAND).then_some(Stock { on_hand, reserved })
    }
}

/// Why stock moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Goods came in.
    Receive,
    /// A buyer sent goods back.
    Return,
    /// A correction up or down.
    Adjust,
    /// The shelf was counted.
    Count,
    /// A checkout reserved units, or a cart to which they were added.
    Hold,
    /// A paid order took its reserved units.
    Commit,
    /// A reservation ended without a sale.
    Release,
    /// A cancelled order gave its units back.
    Restock,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 8] = [
        Cause::Receive,
        Cause::Return,
        Cause::Adjust,
        Cause::Count,
        Cause::Hold,
        Cause::Commit,
        Cause::Release,
        Cause::Restock,
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Receive => "receive",
            Cause::Return => "return",
            Cause::Adjust => "adjust",
            Cause::Count => "count",
            Cause::Hold => "hold",
            Cause::Commit => "commit",
            Cause::Release => "release",
            Cause::Restock => "restock",
        }
    }
}

/// What a movement refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The order whose goods moved.
    Order(OrderId),
    /// The cart for which goods were held when they were added.
    Cart(CartId),
    /// An operator's reason.
    Reason(String),
}

/// One entry of the stock ledger. Entries are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Whose stock.
    pub variant_id: VariantId,
    /// Change of units on hand.
    pub on_hand_delta: i64,
    /// Change of units reserved.
    pub reserved_delta: i64,
    /// Why.
    pub cause: Cause,
    /// For what.
    pub reference: Reference,
    /// When.
    pub at: Timestamp,
}
