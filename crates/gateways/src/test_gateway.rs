//! The built-in gateway for trying things out: no money moves, and the method says what happens. Like a real provider it
//! answers the same attempt the same way however often it is asked, also after a restart.

use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::store::PaymentCapture;
use cartwright_engine::{CaptureCall, Charge, Gateway, RefundCall, Silent};
use std::time::Duration;

/// How long the method `timeout` keeps its caller waiting before it gives no answer.
const SILENCE: Duration = Duration::from_millis(200);

const METHODS: [(&str, &str); 7] = [
    ("ok", "Test: succeeds"),
    ("declined", "Test: is declined"),
    ("requires_action", "Test: waits for the shopper"),
    ("timeout", "Test: gives no answer in time"),
    ("late", "Test: takes the money late"),
    ("refund_fails", "Test: succeeds, refunds fail"),
    ("capture_fails", "Test: succeeds, captures fail"),
];

/// The test gateway. Methods:
/// - `ok` succeeds;
/// - `declined` is refused;
/// - `requires_action` waits for the shopper and succeeds once the payment is confirmed;
/// - `timeout` loses its answer: the money was taken, as a later look-up tells;
/// - `late` waits for the shopper; given up it says so, and takes the money all the same, as reconciliation finds;
/// - `refund_fails` succeeds, and no refund of it does;
/// - `capture_fails` succeeds; where money is set aside first, it cannot be captured.
///
/// Where the store captures by hand, money is set aside wherever it would be taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestGateway;

/// The money is here, or set aside.
fn paid(charge: &Charge) -> Settlement {
    match charge.capture {
        PaymentCapture::Automatic => Settlement::Captured(charge.amount),
        PaymentCapture::Manual => Settlement::Authorized(charge.amount),
    }
}

fn declined() -> Settlement {
    Settlement::Declined("declined".to_owned())
}

#[async_trait]
impl Gateway for TestGateway {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows_method(&self, method: &str) -> bool {
        METHODS.iter().any(|(known, _)| *known == method)
    }

    fn shown_methods(&self) -> &'static [(&'static str, &'static str)] {
        &METHODS
    }

    async fn charge(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            "ok" | "refund_fails" | "capture_fails" => paid(charge),
            "requires_action" | "late" => Settlement::RequiresAction,
            "timeout" => {
                tokio::time::sleep(SILENCE).await;
                Settlement::Unknown
            }
            _ => declined(),
        }
    }

    async fn look_up(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            "declined" => declined(),
            method if self.knows_method(method) => paid(charge),
            _ => declined(),
        }
    }

    async fn void(&self, charge: &Charge) -> Settlement {
        match charge.method.as_str() {
            // These have the money by the time anybody can ask to void it.
            "ok" | "timeout" | "refund_fails" | "capture_fails" if charge.capture == PaymentCapture::Automatic => {
                Settlement::Captured(charge.amount)
            }
            _ => Settlement::Voided,
        }
    }

    async fn capture(&self, charge: &Charge, capture: &CaptureCall) -> Settlement {
        match charge.method.as_str() {
            "capture_fails" => {
                Settlement::CaptureFailed { capture: capture.number, reason: "capture_fails".to_owned() }
            }
            _ => Settlement::Captured(capture.amount),
        }
    }

    async fn refund(&self, charge: &Charge, refund: &RefundCall) -> Settlement {
        let refund_id = refund.refund_id;
        match charge.method.as_str() {
            "refund_fails" => Settlement::RefundFailed { refund_id, reason: "refund_fails".to_owned() },
            _ => Settlement::Refunded { refund_id, amount: refund.amount },
        }
    }

    async fn observe(&self, charge: &Charge) -> Result<Option<Settlement>, Silent> {
        Ok(match charge.method.as_str() {
            "declined" => Some(declined()),
            "requires_action" => None,
            _ => Some(paid(charge)),
        })
    }
}
