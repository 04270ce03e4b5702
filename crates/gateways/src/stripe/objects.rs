//! Stripe's objects, as far as they are read: other fields may come and go.

use super::BROWSER;
use super::amounts::from_stripe;
use cartwright_domain::command::Settlement;
use cartwright_engine::Charge;
use serde::Deserialize;
use std::collections::HashMap;

/// A PaymentIntent.
#[derive(Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub status: String,
    amount: i64,
    amount_received: Option<i64>,
    pub client_secret: Option<String>,
    pub last_payment_error: Option<StripeError>,
}

/// Why something was refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StripeError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub message: Option<String>,
}

/// The body of a refused request.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub error: StripeError,
}

/// A page of a search.
#[derive(Deserialize)]
pub(super) struct Found {
    pub data: Vec<Intent>,
}

/// A refund.
#[derive(Deserialize)]
pub(super) struct Refund {
    pub amount: i64,
    pub status: Option<String>,
}

/// A webhook's event.
#[derive(Deserialize)]
pub(super) struct Event {
    pub data: EventData,
}

/// What an event is about.
#[derive(Deserialize)]
pub(super) struct EventData {
    pub object: EventObject,
}

/// An object of any kind; only a PaymentIntent's metadata matters here.
#[derive(Deserialize)]
pub(super) struct EventObject {
    pub object: Option<String>,
    pub metadata: Option<HashMap<String, String>>,
}

impl StripeError {
    /// The most telling stable code: what the bank said, else what Stripe says.
    pub(super) fn reason(&self) -> String {
        let code = self.decline_code.as_ref().or(self.code.as_ref()).or(self.kind.as_ref());
        code.cloned().unwrap_or_else(|| "declined".to_owned())
    }
}

impl Intent {
    /// What the intent's state means for the order; `None` while nobody has confirmed it.
    pub(super) fn outcome(&self, charge: &Charge) -> Option<Settlement> {
        let declined = || self.last_payment_error.as_ref().map_or_else(|| "declined".to_owned(), StripeError::reason);
        Some(match self.status.as_str() {
            "requires_confirmation" => return None,
            "succeeded" => self.captured(charge),
            "requires_action" => Settlement::RequiresAction,
            // In the browser the shopper may try another card until the order's time is over.
            "requires_payment_method" if charge.method == BROWSER => Settlement::RequiresAction,
            "requires_payment_method" => Settlement::Declined(declined()),
            // An intent is cancelled after a decline, so that it cannot be paid when the goods have gone back.
            "canceled" if charge.method != BROWSER && self.last_payment_error.is_some() => {
                Settlement::Declined(declined())
            }
            "canceled" => Settlement::Voided,
            "processing" => Settlement::Unknown,
            other => {
                tracing::error!(
                    intent = self.id,
                    status = other,
                    "a payment intent is in a state that is not expected"
                );
                Settlement::Unknown
            }
        })
    }

    fn captured(&self, charge: &Charge) -> Settlement {
        // A server that speaks Stripe's language may leave the received amount away; captured at once it is all of it.
        let received = self.amount_received.unwrap_or(self.amount);
        match from_stripe(received, charge.currency) {
            Some(amount) => Settlement::Captured(amount),
            None => {
                tracing::error!(intent = self.id, received, "the received amount is not one of this currency");
                Settlement::Unknown
            }
        }
    }
}
