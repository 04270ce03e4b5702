//! The built-in gateway for trying things out: no money moves, and the method says what happens. Like a real provider it
//! answers the same attempt the same way however often it is asked, also after a restart.

use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_engine::{Charge, Gateway};
use std::time::Duration;

/// How long the method `timeout` keeps its caller waiting before it gives no answer.
const SILENCE: Duration = Duration::from_millis(200);

/// The test gateway. Methods: `ok` succeeds; `declined` is refused; `requires_action` waits for the shopper and succeeds
/// once the payment is confirmed; `timeout` gives no answer, but did take the money, as a later look-up tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestGateway;

#[async_trait]
impl Gateway for TestGateway {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows_method(&self, method: &str) -> bool {
        matches!(method, "ok" | "declined" | "requires_action" | "timeout")
    }

    async fn charge(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            "ok" => Settlement::Captured(charge.amount),
            "requires_action" => Settlement::RequiresAction,
            "timeout" => {
                tokio::time::sleep(SILENCE).await;
                Settlement::Unknown
            }
            _ => Settlement::Declined("declined".to_owned()),
        }
    }

    async fn look_up(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            "ok" | "timeout" | "requires_action" => Settlement::Captured(charge.amount),
            _ => Settlement::Declined("declined".to_owned()),
        }
    }

    async fn void(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            // These two have the money by the time anybody can ask to void it.
            "ok" | "timeout" => Settlement::Captured(charge.amount),
            _ => Settlement::Voided,
        }
    }

    async fn refund(&self, charge: &Charge) -> Settlement {
        Settlement::Refunded(charge.amount)
    }
}
