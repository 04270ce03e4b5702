//! Money that comes past every gateway: bank transfer, cash on delivery, invoice. A store says which of these it takes and what
//! shoppers read about each; an operator records what came. Also which gateways a store offers at all.

use crate::id::{RefundId, Timestamp};
use crate::order::{Order, OrderStatus};
use crate::promotion::FieldError;
use crate::store::StoreSettings;
use serde::{Deserialize, Serialize};

/// The gateway of money that operators record.
pub const MANUAL: &str = "manual";
/// The gateway for trying things out: no money moves.
pub const TEST: &str = "test";
/// Most methods that a store may have.
pub const MAX_METHODS: usize = 20;
/// Most payments that are recorded for one order.
pub const MAX_RECORDED: usize = 200;
/// Most days for which an order may wait for its money.
pub const MOST_DAYS: u16 = 365;

/// What a method of the gateway `manual` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManualKind {
    /// The shopper sends the money to the shop's account.
    BankTransfer,
    /// The shopper pays whoever brings the items.
    CashOnDelivery,
    /// The shopper pays after an invoice.
    Invoice,
    /// Something else.
    #[default]
    Other,
}

impl ManualKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ManualKind::BankTransfer => "bank_transfer",
            ManualKind::CashOnDelivery => "cash_on_delivery",
            ManualKind::Invoice => "invoice",
            ManualKind::Other => "other",
        }
    }
}

/// When an order that is paid by a method of the gateway `manual` is placed, so that its items may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceOrder {
    /// Once all of its money is recorded; until then its stock is held.
    #[default]
    WhenPaid,
    /// At checkout, unpaid: the shop trusts the buyer.
    AtOnce,
}

/// A way to pay past every gateway, as a store sets it up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualMethod {
    /// Its name in requests, unique in the store.
    pub handle: String,
    /// What it is.
    #[serde(default)]
    pub kind: ManualKind,
    /// Its name for shoppers.
    pub title: String,
    /// What the shopper reads about it, before and after checkout. `{order}` is the order's id, `{amount}` what is still to be
    /// paid.
    #[serde(default)]
    pub instructions: String,
    /// Days until it must be paid, 1 to 365; the store's `manual_payment_days` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// When its orders are placed. Default `when_paid`.
    #[serde(default)]
    pub place: PlaceOrder,
}

impl ManualMethod {
    /// What is wrong with it, if anything, with paths below the method.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut expect = |holds: bool, path: &str, message: &str| {
            if !holds {
                errors.push(FieldError { path: path.to_owned(), message: message.to_owned() });
            }
        };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let handle = (1..=50).contains(&self.handle.len()) && self.handle.bytes().all(plain);
        expect(handle, "handle", "must be 1 to 50 lower-case letters, digits, `-` and `_`");
        expect((1..=200).contains(&self.title.trim().chars().count()), "title", "must have 1 to 200 characters");
        expect(self.instructions.chars().count() <= 5_000, "instructions", "must have at most 5000 characters");
        expect(self.days.is_none_or(|days| (1..=MOST_DAYS).contains(&days)), "days", "must be between 1 and 365");
        errors
    }
}

/// What is wrong with a store's methods, if anything, with paths below the settings.
pub fn validate_methods(settings: &StoreSettings) -> Vec<FieldError> {
    let error = |path: String, message: &str| FieldError { path, message: message.to_owned() };
    let mut errors = Vec::new();
    if settings.manual_methods.len() > MAX_METHODS {
        errors.push(error("manual_methods".to_owned(), "has more than 20 methods"));
    }
    if !(1..=MOST_DAYS).contains(&settings.manual_payment_days) {
        errors.push(error("manual_payment_days".to_owned(), "must be between 1 and 365"));
    }
    for (index, method) in settings.manual_methods.iter().enumerate() {
        let place = |path: &str| format!("manual_methods[{index}].{path}");
        errors.extend(method.validate().into_iter().map(|wrong| error(place(&wrong.path), &wrong.message)));
        if settings.manual_methods[..index].iter().any(|other| other.handle == method.handle) {
            errors.push(error(place("handle"), "stands twice"));
        }
    }
    errors
}

impl StoreSettings {
    /// The method of the gateway `manual` with this handle.
    pub fn manual_method(&self, handle: &str) -> Option<&ManualMethod> {
        self.manual_methods.iter().find(|method| method.handle == handle)
    }

    /// Whether shoppers of the store may pay by a gateway, of those that this installation has. `manual` needs methods. `test` beside
    /// a real gateway needs to be named in the store's own list, since whoever pays by it pays nothing.
    pub fn offers_gateway(&self, name: &str, installed: &[&str]) -> bool {
        let usable = installed.contains(&name) && (name != MANUAL || !self.manual_methods.is_empty());
        let beside_real = installed.iter().any(|other| ![TEST, MANUAL].contains(other));
        usable && self.allows_gateway(name, beside_real)
    }

    /// Whether the store's settings allow a gateway that is there. `beside_real`: whether the installation has a real one, besides
    /// `manual`.
    pub fn allows_gateway(&self, name: &str, beside_real: bool) -> bool {
        match &self.gateways {
            Some(own) => own.iter().any(|one| one == name),
            None => name != TEST || (!beside_real && self.manual_methods.is_empty()),
        }
    }
}

/// Money that an operator recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPayment {
    /// Minor units.
    pub amount: i64,
    /// Where it is found outside: a line of the bank statement, a receipt.
    pub reference: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
}

/// That the money of a refund was sent back past every gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// Where it is found outside.
    pub reference: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
}

/// What an order says of its payment by the gateway `manual`: the method as it was at checkout, and what was recorded since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualPayment {
    /// The method as it was.
    pub method: ManualMethod,
    /// Until when it is to be paid.
    pub until: Timestamp,
    /// Whether that time passed when a part was paid, so that an operator has to decide.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Money that came, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<RecordedPayment>,
    /// Minor units that an operator waived: they will not come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: i64,
    /// Refunds whose money was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<SentRefund>,
}

fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

impl Order {
    /// Minor units that operators may still record: what was neither paid nor waived. 0 for orders of other gateways.
    pub fn missing(&self) -> i64 {
        self.detail.manual.as_ref().map_or(0, |manual| self.totals.total - self.payment.captured - manual.waived)
    }

    /// Whether it stands, and money for it is still to be recorded.
    pub fn awaits_money(&self) -> bool {
        matches!(self.status, OrderStatus::PendingPayment | OrderStatus::Placed) && self.missing() > 0
    }
}
