//! Forgetting people: what is kept of a person and for how long, and what goes when a person is erased. Amounts, items and states
//! stay, since reports and the books need them; whoever they were of does not. Nothing is forgotten while money may still move.

use crate::cart::{Cart, CartDetail, CartStatus};
use crate::id::{AccountId, ErasureId, OrderId, PromotionId, Timestamp, first_id_at};
use crate::order::{Order, OrderStatus, PaymentStatus};
use crate::person::plain_email;
use crate::unpaid::customer_holder;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a store keeps persons, in days after the end of what they were part of; 0 keeps them for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days after a cart became an order. The order keeps its own copy. Default 30.
    pub checked_out_cart_days: u16,
    /// Days after a guest's cart was merged into a customer's. Default 30.
    pub merged_cart_days: u16,
    /// Days after a cart expired. Default 30.
    pub expired_cart_days: u16,
    /// Days after a cart was removed. Default 30.
    pub removed_cart_days: u16,
    /// Days after an order ended without any money: cancelled, failed or never paid. Default 90.
    pub unpaid_order_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            checked_out_cart_days: 30,
            merged_cart_days: 30,
            expired_cart_days: 30,
            removed_cart_days: 30,
            unpaid_order_days: 90,
        }
    }
}

impl Retention {
    /// Whether these are the defaults.
    pub fn is_default(&self) -> bool {
        *self == Retention::default()
    }

    /// Days for which a cart in this state keeps its person; `None` where it keeps it for good.
    pub fn cart_days(&self, status: CartStatus) -> Option<u16> {
        let days = match status {
            CartStatus::Active | CartStatus::Abandoned => 0,
            CartStatus::CheckedOut => self.checked_out_cart_days,
            CartStatus::Merged => self.merged_cart_days,
            CartStatus::Expired => self.expired_cart_days,
            CartStatus::Removed => self.removed_cart_days,
        };
        (days > 0).then_some(days)
    }
}

/// What was ended before this instant is to be forgotten now. It moves once an hour: on PostgreSQL a node that forgets carts
/// makes the others read theirs anew, so it is done in one go.
pub fn ended_before(now: Timestamp, days: u16) -> Timestamp {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let hour = now.0 - now.0.rem_euclid(HOUR_MS);
    Timestamp(hour).plus_ms(-i64::from(days) * crate::store::DAY_MS)
}

/// A person who is to go, under all names. The row stands until nothing is left to erase: what waits for a payment has to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Identity.
    pub id: ErasureId,
    /// Whom.
    pub names: ErasedNames,
    /// When it was asked for. What the person does afterwards is not meant.
    pub begun_at: Timestamp,
}

impl Erasure {
    /// Carts and orders from this id on were made afterwards.
    pub fn first_id_after(&self) -> Uuid {
        first_id_at(self.begun_at)
    }
}

/// The names of a person who is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedNames {
    /// The account, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Customers: the account's id, and those that the shop has linked.
    #[serde(default)]
    pub customers: Vec<String>,
    /// Addresses in all forms under which rows may have been recorded.
    #[serde(default)]
    pub emails: Vec<String>,
}

impl ErasedNames {
    /// All names under which orders and uses of promotions may be recorded.
    pub fn buyers(&self) -> Vec<String> {
        self.customers.iter().chain(&self.emails).cloned().collect()
    }

    /// Under which names units of unpaid orders are counted ([`crate::unpaid`]).
    pub fn holders(&self) -> Vec<String> {
        self.customers.iter().map(|customer| customer_holder(customer)).collect()
    }
}

/// An order whose person was forgotten, and the name that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenOrder {
    /// The order.
    pub id: OrderId,
    /// Under which name it was counted.
    pub buyer: String,
    /// The promotions whose uses it gave back.
    pub promotions: Vec<PromotionId>,
}

impl Cart {
    /// The address in its normal form, by which the carts of a person are found.
    pub fn plain_email(&self) -> Option<String> {
        self.detail.email.as_deref().map(plain_email).filter(|email| !email.is_empty())
    }

    /// Whether it has ended and still tells of a person.
    pub fn is_forgettable(&self) -> bool {
        !self.is_open() && !self.detail.forgotten
    }

    /// Forgets whose it was. What was saved for later stays the customer's, where this is the customer's last cart.
    pub fn forget(&mut self, keeps_saved: bool) {
        for line in &mut self.lines {
            line.options.clear();
        }
        let before = std::mem::take(&mut self.detail);
        self.detail = CartDetail {
            coupons: before.coupons,
            shipping_method: before.shipping_method,
            last_payment_failure: before.last_payment_failure,
            held_at_add: before.held_at_add,
            holds: before.holds,
            merged_into: before.merged_into,
            recovery: before.recovery,
            saved: if keeps_saved { before.saved } else { Vec::new() },
            forgotten: true,
            ..CartDetail::default()
        };
        self.token_hash = None;
        if !keeps_saved {
            self.customer = None;
        }
        self.version += 1;
    }
}

impl Order {
    /// Whether it came to nothing, no money is here or on its way, and it still tells of a person. Placed orders, and those of
    /// which money was taken and sent back, are in the books.
    pub fn is_forgettable(&self) -> bool {
        let ended = matches!(self.status, OrderStatus::Cancelled | OrderStatus::PaymentFailed | OrderStatus::Expired);
        let payment = &self.payment;
        let idle = payment.due_at.is_none()
            && matches!(payment.status, PaymentStatus::Declined | PaymentStatus::Voided)
            && payment.captured == 0;
        ended && idle && self.detail.refunds.is_empty() && self.detail.disputes.is_empty() && !self.detail.forgotten
    }

    /// Forgets whose it was.
    pub fn forget(&mut self) {
        self.token_hash = None;
        self.customer = None;
        for line in &mut self.lines {
            line.options.clear();
        }
        let detail = &mut self.detail;
        (detail.email, detail.shipping_address, detail.billing_address) = (None, None, None);
        detail.more_tokens.clear();
        detail.bought_on = None;
        detail.notes.clear();
        if let Some(reason) = &mut detail.cancel_reason {
            reason.clear();
        }
        detail.forgotten = true;
    }
}
