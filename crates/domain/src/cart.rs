//! Carts. A cart is one aggregate: it is loaded, decided upon and written as a whole, and `version` grows with every change.

mod devices;
mod holds;
mod saved;
mod undo;
mod weight;

pub use devices::Personal;
pub use holds::Hold;
pub use saved::{MAX_SAVED, SavedItem, SetAside, save};
pub use undo::{MAX_REMOVALS, MergedGuest, REMOVALS_KEPT_MS, Removed, Undo};
pub use weight::{CART_BYTES, LINE_BYTES, LINE_OPTIONS_BYTES, options_bytes};

use crate::coupon::AppliedCoupon;
use crate::id::{CartId, LineId, OrderId, Timestamp, VariantId};
use crate::money::Currency;
use crate::order::Address;
use crate::person::Who;
use crate::recovery::Recovery;
use crate::refusal::Refusal;
use crate::unpaid::Waited;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most lines in one cart.
pub const MAX_LINES: usize = 1_000;
/// Most units on one line.
pub const MAX_QUANTITY: i64 = 99_999;
/// Most coupon codes on one cart.
pub const MAX_COUPONS: usize = 20;

/// Options of a line: gift wrap, personalisation text.
pub type Options = BTreeMap<String, String>;

/// State of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CartStatus {
    /// In use.
    Active,
    /// Left alone for a while; it becomes active again with the next change.
    Abandoned,
    /// An order was made of it.
    CheckedOut,
    /// Its lines went into a customer's cart.
    Merged,
    /// Past its date.
    Expired,
    /// Given up by whoever had it.
    Removed,
}

impl CartStatus {
    /// All states.
    pub const ALL: [CartStatus; 6] = [
        CartStatus::Active,
        CartStatus::Abandoned,
        CartStatus::CheckedOut,
        CartStatus::Merged,
        CartStatus::Expired,
        CartStatus::Removed,
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            CartStatus::Active => "active",
            CartStatus::Abandoned => "abandoned",
            CartStatus::CheckedOut => "checked_out",
            CartStatus::Merged => "merged",
            CartStatus::Expired => "expired",
            CartStatus::Removed => "removed",
        }
    }
}

/// A cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// Identity; opens nothing by itself.
    pub id: CartId,
    /// SHA-256 of the guest's secret; `None` for a cart that only a customer's shop can open.
    pub token_hash: Option<[u8; 32]>,
    /// The customer's name in the shop's own system.
    pub customer: Option<String>,
    /// State.
    pub status: CartStatus,
    /// Grows by one with every change.
    pub version: i64,
    /// All its amounts are in this currency.
    pub currency: Currency,
    /// What is in it, in the order added.
    pub lines: Vec<CartLine>,
    /// The rest: addresses, codes, the last failure.
    pub detail: CartDetail,
    /// The order made of it.
    pub order_id: Option<OrderId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it expires; moved on by every change.
    pub expires_at: Timestamp,
}

/// The parts of a cart that are not its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CartDetail {
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the shopper wants to be reminded of the cart at this address.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub email_consent: bool,
    /// Whether whoever reads that address said so too, of this cart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub email_confirmed: bool,
    /// Where to send it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// Where to send the bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Handle of the shipping method chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<String>,
    /// Codes applied, with the promotion each unlocks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<AppliedCoupon>,
    /// Why the last payment failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_payment_failure: Option<PaymentFailure>,
    /// What is held for it since it was added, one hold a variant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Whether its last checkout was of goods that are held when added: they are held again should the payment fail.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held_at_add: bool,
    /// What its last order held, where another way to pay has replaced that order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited: Option<Waited>,
    /// Items saved for later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saved: Vec<SavedItem>,
    /// What the shopper may take back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The customer's cart that this guest's cart went into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CartId>,
    /// Who else opens it while it is open: SHA-256 of the secrets of devices on which it was restored by a link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_tokens: Vec<[u8; 32]>,
    /// What was typed on which of these devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub typed_by_link: Vec<(Personal, [u8; 32])>,
    /// Which of these devices its last order was made on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought_on: Option<[u8; 32]>,
    /// How far its recovery has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// Whose it was is forgotten ([`crate::forget`]).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forgotten: bool,
}

/// Why and when a payment failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFailure {
    /// `declined`, `expired`, …
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Identity.
    pub id: LineId,
    /// What.
    pub variant_id: VariantId,
    /// How many, 1 to [`MAX_QUANTITY`].
    pub quantity: i64,
    /// Unit price captured when it was added, minor units.
    pub unit_price: i64,
    /// When that price was captured.
    #[serde(default)]
    pub priced_at: Timestamp,
    /// Options; the same variant with other options is another line.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// The unit price that the shopper last saw, where the line was saved for later and came back at another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_at_price: Option<i64>,
}

impl CartLine {
    /// Whether it is of this variant with these options.
    pub fn is_of(&self, variant_id: VariantId, options: &Options) -> bool {
        self.variant_id == variant_id && self.options == *options
    }
}

impl Cart {
    /// Whether it may be changed: active or abandoned.
    pub fn is_open(&self) -> bool {
        matches!(self.status, CartStatus::Active | CartStatus::Abandoned)
    }

    /// Whether its date has passed.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.status == CartStatus::Expired || (self.is_open() && now >= self.expires_at)
    }

    /// Why it shows nothing any more: it is past its date, or was given up.
    ///
    /// # Errors
    /// Which of the two.
    pub fn is_there(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status {
            CartStatus::Removed => Err(Refusal::CartRemoved),
            _ if self.is_expired(now) => Err(Refusal::CartExpired),
            _ => Ok(()),
        }
    }

    /// Under which name its order and its uses of promotions are counted; `None` when nobody is known.
    pub fn buyer(&self) -> Option<String> {
        self.who().buyer()
    }

    /// Whose it is, as far as it tells.
    pub fn who(&self) -> Who<'_> {
        Who { customer: self.customer.as_deref(), email: self.detail.email.as_deref() }
    }

    /// Units of a variant over all lines.
    pub fn units_of(&self, variant_id: VariantId) -> i64 {
        self.lines.iter().filter(|line| line.variant_id == variant_id).map(|line| line.quantity).sum()
    }

    /// Units by variant.
    pub fn units(&self) -> BTreeMap<VariantId, i64> {
        let mut units = BTreeMap::new();
        for line in &self.lines {
            *units.entry(line.variant_id).or_default() += line.quantity;
        }
        units
    }

    /// The variants that it shows: those of its lines and of what is saved for later. One may come several times.
    pub fn shown_variants(&self) -> impl Iterator<Item = VariantId> {
        let lines = self.lines.iter().map(|line| line.variant_id);
        lines.chain(self.detail.saved.iter().map(|item| item.variant_id))
    }
}
