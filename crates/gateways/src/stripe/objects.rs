//! Stripe's objects, as far as they are read: other fields may come and go.

use super::BROWSER;
use super::amounts::from_stripe;
use cartwright_domain::command::Settlement;
use cartwright_engine::Charge;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// A PaymentIntent.
#[derive(Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub status: String,
    amount: i64,
    amount_received: Option<i64>,
    amount_capturable: Option<i64>,
    pub currency: Option<String>,
    pub metadata: Option<HashMap<String, String>>,
    latest_charge: Option<LatestCharge>,
    pub client_secret: Option<String>,
    pub last_payment_error: Option<StripeError>,
}

/// The charge of an intent: its id, or in lists the charge itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum LatestCharge {
    Whole(ChargeObject),
    Other(serde::de::IgnoredAny),
}

/// A charge, as far as it is read.
#[derive(Deserialize)]
struct ChargeObject {
    amount_refunded: i64,
    #[serde(default)]
    disputed: bool,
    #[serde(default)]
    balance_transaction: Value,
}

/// A page of intents.
#[derive(Deserialize)]
pub(super) struct Intents {
    pub data: Vec<Intent>,
    #[serde(default)]
    pub has_more: bool,
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
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub created: i64,
    pub amount: i64,
    pub status: Option<String>,
    pub failure_reason: Option<String>,
    pub metadata: Option<HashMap<String, String>>,
}

/// A page of refunds, or of disputes.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// A dispute.
#[derive(Deserialize)]
pub(super) struct DisputeObject {
    pub id: String,
    pub amount: i64,
    pub currency: Option<String>,
    pub reason: Option<String>,
    pub status: Option<String>,
    #[serde(default)]
    pub balance_transactions: Vec<BalanceTransaction>,
}

/// What a dispute did to the shop's balance.
#[derive(Deserialize)]
pub(super) struct BalanceTransaction {
    #[serde(default)]
    pub fee: i64,
    pub currency: Option<String>,
}

/// A webhook's event.
#[derive(Deserialize)]
pub(super) struct Event {
    pub id: String,
    pub data: EventData,
}

/// What an event is about.
#[derive(Deserialize)]
pub(super) struct EventData {
    pub object: EventObject,
}

/// A PaymentIntent, a charge, a refund or a dispute; other kinds are not read.
#[derive(Deserialize)]
pub(super) struct EventObject {
    pub object: Option<String>,
    pub id: Option<String>,
    /// Of a refund, a charge or a dispute: the intent's id.
    #[serde(default, deserialize_with = "id_only")]
    pub payment_intent: Option<String>,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub reason: Option<String>,
    pub status: Option<String>,
    pub metadata: Option<HashMap<String, String>>,
}

/// An id; an object in its place has another shape, and is not what is asked for here.
fn id_only<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    Ok(value.as_str().map(str::to_owned))
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
            "requires_capture" => self.authorized(charge),
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
        self.ours(self.received(), charge).map_or(Settlement::Unknown, Settlement::Captured)
    }

    fn authorized(&self, charge: &Charge) -> Settlement {
        self.ours(self.capturable(), charge).map_or(Settlement::Unknown, Settlement::Authorized)
    }

    /// What was taken, where it succeeded. A server that speaks Stripe's language may leave the received amount away; captured at
    /// once it is all of it.
    pub(super) fn received(&self) -> i64 {
        self.amount_received.unwrap_or(self.amount)
    }

    /// What is set aside, where it waits for that.
    pub(super) fn capturable(&self) -> i64 {
        self.amount_capturable.unwrap_or(self.amount)
    }

    /// What went back, where the list shows it. Where a part was captured, Stripe may count the rest as refunded: then it does not
    /// tell.
    pub(super) fn refunded(&self) -> Option<i64> {
        match &self.latest_charge {
            Some(LatestCharge::Whole(charge)) if self.received() == self.amount => Some(charge.amount_refunded),
            _ => None,
        }
    }

    /// Whether its charge was disputed, where the answer shows it.
    pub(super) fn disputed(&self) -> Option<bool> {
        match &self.latest_charge {
            Some(LatestCharge::Whole(charge)) => Some(charge.disputed),
            _ => None,
        }
    }

    /// Of what was set aside, what was let go when a part was captured; and when that was, in seconds, where the answer shows it.
    pub(super) fn released(&self) -> (i64, Option<i64>) {
        let at = match &self.latest_charge {
            Some(LatestCharge::Whole(charge)) => charge.balance_transaction["created"].as_i64(),
            _ => None,
        };
        (self.amount - self.received(), at)
    }

    fn ours(&self, amount: i64, charge: &Charge) -> Option<i64> {
        let ours = from_stripe(amount, charge.currency);
        if ours.is_none() {
            tracing::error!(intent = self.id, amount, "the amount is not one of this currency");
        }
        ours
    }
}
