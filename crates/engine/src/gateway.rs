//! The port to payment gateways. A gateway is never called while a transaction is open, and each call may come twice: the
//! attempt's id is the provider's idempotency key.

use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, OrderId, RefundId, Timestamp};
pub use cartwright_domain::inbox::{Notice, Owner};
use cartwright_domain::money::Currency;
use cartwright_domain::outside::Books;
use cartwright_domain::store::PaymentCapture;

/// What a gateway is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The store's handle.
    pub store: String,
    /// The order that is paid.
    pub order_id: OrderId,
    /// Our attempt; the idempotency key.
    pub attempt_id: AttemptId,
    /// Minor units.
    pub amount: i64,
    /// What they are units of.
    pub currency: Currency,
    /// The gateway's method.
    pub method: String,
    /// Whether the money is taken at once or set aside.
    pub capture: PaymentCapture,
    /// Milliseconds since the attempt was made: providers forget idempotency keys after a while.
    pub age_ms: i64,
}

/// Money to take of what was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureCall {
    /// Which of the order's captures this is; with the attempt the idempotency key. Each has one outcome.
    pub number: u32,
    /// Minor units.
    pub amount: i64,
}

/// Money to send back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundCall {
    /// Our refund; with the attempt the idempotency key.
    pub refund_id: RefundId,
    /// Minor units.
    pub amount: i64,
    /// Milliseconds since it was asked for.
    pub age_ms: i64,
}

/// What a shopper's browser needs to go on with a payment at the provider. Never stored and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKeys {
    /// Opens this one payment, for whoever has it.
    pub client_secret: String,
    /// The shop's public key at the provider, where one is configured.
    pub publishable_key: Option<String>,
}

/// A payment as the provider's own list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPayment {
    /// The provider's id.
    pub reference: String,
    /// Handle of the store that it was made for; `None` where it was not made by us.
    pub store: Option<String>,
    /// The order.
    pub order_id: Option<OrderId>,
    /// Our attempt.
    pub attempt_id: Option<AttemptId>,
    /// What the amounts are units of.
    pub currency: Currency,
    /// Minor units taken.
    pub captured: i64,
    /// Minor units set aside.
    pub authorized: i64,
    /// Minor units sent back; `None` where the list does not tell.
    pub refunded: Option<i64>,
    /// Whether its buyer disputed it, whatever came of that.
    pub disputed: bool,
    /// Whether it was given up: nothing can be taken any more.
    pub cancelled: bool,
}

/// How closely a gateway looks into its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Only as far as to see whether they say anything else than this.
    Glance {
        /// Minor units taken.
        captured: i64,
        /// Minor units sent back.
        refunded: i64,
        /// Whether disputes are known.
        disputed: bool,
    },
    /// Everything.
    Whole,
}

/// What came of sending back a payment without an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentBack {
    /// It is on its way.
    Sent,
    /// The provider would not, with its reason.
    Refused(String),
}

impl ListedPayment {
    /// Whether it was made for an order of this store.
    pub fn is_of(&self, store: &str) -> bool {
        self.store.as_deref() == Some(store)
    }
}

/// A page of a provider's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPage {
    /// The payments.
    pub payments: Vec<ListedPayment>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// A notice that was signed by the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNotice {
    /// The event's id at the gateway: the same event, told again, has the same.
    pub event_id: String,
    /// What it says.
    pub notice: Notice,
}

/// Why a notice is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Nobody here takes notices of this gateway.
    #[error("this gateway takes no notices")]
    NotTaken,
    /// The signature is missing, wrong, or too old.
    #[error("{0}")]
    Signature(&'static str),
    /// It is signed, but cannot be read.
    #[error("the notice cannot be read: {0}")]
    Unreadable(String),
}

/// The gateway gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway gave no answer")]
pub struct Silent;

/// A payment gateway.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Its name in requests.
    fn name(&self) -> &'static str;
    /// Whether it knows this method.
    fn knows_method(&self, method: &str) -> bool;
    /// The methods that shoppers are shown, with their titles.
    fn shown_methods(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// Takes the money, or starts to.
    async fn charge(&self, charge: &Charge) -> Settlement;
    /// Tells what became of a charge. One that was never received is made now.
    async fn look_up(&self, charge: &Charge) -> Settlement;
    /// Gives a charge up before money moved, or what was set aside; answers [`Settlement::Captured`] where it came too late.
    async fn void(&self, charge: &Charge) -> Settlement;
    /// Takes a part of what was set aside, or all, and lets the rest go. Answers [`Settlement::CaptureFailed`] with the call's
    /// number where it was not taken, always the same for a number; another one may be tried. Answers [`Settlement::Voided`]
    /// where nothing is set aside any more.
    async fn capture(&self, charge: &Charge, capture: &CaptureCall) -> Settlement;
    /// Sends money back. Answers [`Settlement::Refunded`] or [`Settlement::RefundFailed`] with the refund's id.
    async fn refund(&self, charge: &Charge, refund: &RefundCall) -> Settlement;

    /// Tells what became of a charge without moving money, so that it can be asked about an order in any state; `None` where
    /// nothing has come of it yet.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn observe(&self, _charge: &Charge) -> Result<Option<Settlement>, Silent> {
        Ok(None)
    }

    /// A page of the payments made in a period, its end left out. Gateways without a list have an empty one: their payments are
    /// observed one by one.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn list(&self, _from: Timestamp, _until: Timestamp, _after: Option<&str>) -> Result<ListedPage, Silent> {
        Ok(ListedPage::default())
    }

    /// Tells what became of a refund without sending it; `None` where nothing has come of it yet.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn observe_refund(&self, _charge: &Charge, _refund: &RefundCall) -> Result<Option<Settlement>, Silent> {
        Ok(None)
    }

    /// All that its books say of a charge, in one answer; `None` where it keeps none, has no such charge, or a glance shows nothing
    /// else than what is known. Refunds of what no order owns are left out.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn books(&self, _charge: &Charge, _look: Look) -> Result<Option<Books>, Silent> {
        Ok(None)
    }

    /// A payment as its list has it, by the provider's id; `None` where there is none.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn payment(&self, _reference: &str) -> Result<Option<ListedPayment>, Silent> {
        Ok(None)
    }

    /// Sends money of a payment back that no order owns. Asked again about the same payment, it is sent once.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn send_back(&self, _payment: &ListedPayment, _amount: i64) -> Result<SentBack, Silent> {
        Ok(SentBack::Refused("not_supported".to_owned()))
    }

    /// Whose a payment is, by the provider's id; `None` where it is not ours.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn owner(&self, _reference: &str) -> Result<Option<Owner>, Silent> {
        Ok(None)
    }

    /// What the shopper's browser needs to go on; `None` where the gateway has nothing of the kind, or does not answer.
    async fn client_keys(&self, _charge: &Charge) -> Option<ClientKeys> {
        None
    }

    /// Checks a notice's signature and reads whom it is about; `None` where it is about nobody of ours.
    ///
    /// # Errors
    /// Why it is not taken.
    fn read_notice(
        &self,
        _signature: &str,
        _body: &[u8],
        _now: Timestamp,
    ) -> Result<Option<SignedNotice>, NoticeError> {
        Err(NoticeError::NotTaken)
    }
}
