//! The port to payment gateways. A gateway is never called while a transaction is open, and each call may come twice: the
//! attempt's id is the provider's idempotency key.

use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, OrderId, Timestamp};
use cartwright_domain::money::Currency;

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
    /// Milliseconds since the attempt was made: providers forget idempotency keys after a while.
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

/// A provider's word that something happened to a payment. What happened is then asked for: a notice is never believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The store's handle.
    pub store: String,
    /// The order.
    pub order_id: OrderId,
    /// The attempt to pay it.
    pub attempt_id: AttemptId,
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
    /// Takes the money, or starts to.
    async fn charge(&self, charge: &Charge) -> Settlement;
    /// Tells what became of a charge. One that was never received is made now.
    async fn look_up(&self, charge: &Charge) -> Settlement;
    /// Gives a charge up before money moved; answers [`Settlement::Captured`] where it came too late.
    async fn void(&self, charge: &Charge) -> Settlement;
    /// Sends the money back.
    async fn refund(&self, charge: &Charge) -> Settlement;

    /// Tells what became of a charge without moving money, so that it can be asked about an order in any state; `None` where
    /// nothing has come of it yet.
    ///
    /// # Errors
    /// [`Silent`] where the provider does not answer.
    async fn observe(&self, _charge: &Charge) -> Result<Option<Settlement>, Silent> {
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
    fn read_notice(&self, _signature: &str, _body: &[u8], _now: Timestamp) -> Result<Option<Notice>, NoticeError> {
        Err(NoticeError::NotTaken)
    }
}
