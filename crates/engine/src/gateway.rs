//! The port to payment gateways. A gateway is never called while a transaction is open, and each call may come twice: the
//! attempt's id is the provider's idempotency key.

use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::AttemptId;

/// What a gateway is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Our attempt; the idempotency key.
    pub attempt_id: AttemptId,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// The gateway's method.
    pub method: String,
}

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
}
