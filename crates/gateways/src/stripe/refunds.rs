//! Refunds at Stripe. Each bears our refund's id, under which it is found again when its key is forgotten or an error was
//! remembered under it: a part of the money that went back must not go back twice.

use super::amounts::{from_stripe, to_stripe};
use super::client::Trouble;
use super::objects::Refund;
use super::{KEYS_LIVE_MS, StripeGateway};
use cartwright_domain::command::Settlement;
use cartwright_engine::{Charge, RefundCall};

/// Our refund, in the metadata of Stripe's.
pub(super) const REFUND: &str = "cartwright_refund";

impl StripeGateway {
    pub(super) async fn send_refund(&self, charge: &Charge, call: &RefundCall) -> Result<Settlement, Trouble> {
        let refund_id = call.refund_id;
        let failed = |reason: &str| Settlement::RefundFailed { refund_id, reason: reason.to_owned() };
        let Some(intent) = self.intent(charge).await? else {
            tracing::error!(attempt = %charge.attempt_id, "a payment to be refunded is not found at Stripe");
            return Ok(failed("payment_not_found"));
        };
        let Some(amount) = to_stripe(call.amount, charge.currency) else { return Ok(failed("amount_not_refundable")) };
        if call.age_ms > KEYS_LIVE_MS
            && let Some(refund) = self.find_refund(&intent.id, call).await?
        {
            return Ok(told(&refund, charge, call));
        }
        let form = form_of(&intent.id, amount, charge, call);
        let key = format!("{}/refund/{refund_id}", charge.attempt_id);
        let made = match self.client.create_refund(&form, &key).await {
            // The key has an error under it; whether the refund was made all the same is asked.
            Ok(None) => match self.find_refund(&intent.id, call).await? {
                Some(refund) => Ok(Some(refund)),
                None => self.client.create_refund(&form, &format!("{key}/again")).await,
            },
            other => other,
        };
        match made {
            Ok(Some(refund)) => Ok(told(&refund, charge, call)),
            Ok(None) | Err(Trouble::Silent) => Err(Trouble::Silent),
            Err(Trouble::Refused(error)) => match self.find_refund(&intent.id, call).await? {
                Some(refund) => Ok(told(&refund, charge, call)),
                None => {
                    tracing::error!(intent = intent.id, ?error, "Stripe refuses a refund");
                    Ok(failed(&error.reason()))
                }
            },
        }
    }

    /// What became of a refund; `None` where Stripe has none like it.
    pub(super) async fn refund_outcome(
        &self,
        charge: &Charge,
        call: &RefundCall,
    ) -> Result<Option<Settlement>, Trouble> {
        let Some(intent) = self.intent(charge).await? else { return Ok(None) };
        Ok(self.find_refund(&intent.id, call).await?.map(|refund| told(&refund, charge, call)))
    }

    async fn find_refund(&self, intent: &str, call: &RefundCall) -> Result<Option<Refund>, Trouble> {
        let id = call.refund_id.to_string();
        let all = self.client.refunds_of(intent).await?;
        Ok(all.into_iter().find(|refund| refund.metadata.as_ref().is_some_and(|data| data.get(REFUND) == Some(&id))))
    }
}

fn form_of(intent: &str, amount: i64, charge: &Charge, call: &RefundCall) -> Vec<(&'static str, String)> {
    vec![
        ("payment_intent", intent.to_owned()),
        ("amount", amount.to_string()),
        ("metadata[cartwright_store]", charge.store.clone()),
        ("metadata[cartwright_order]", charge.order_id.to_string()),
        ("metadata[cartwright_attempt]", charge.attempt_id.to_string()),
        ("metadata[cartwright_refund]", call.refund_id.to_string()),
    ]
}

/// A pending refund is on its way: Stripe has the order, and the shop no longer has the money.
fn told(refund: &Refund, charge: &Charge, call: &RefundCall) -> Settlement {
    let refund_id = call.refund_id;
    if matches!(refund.status.as_deref(), Some("failed" | "canceled")) {
        let reason = refund.failure_reason.clone().unwrap_or_else(|| "failed".to_owned());
        return Settlement::RefundFailed { refund_id, reason };
    }
    match from_stripe(refund.amount, charge.currency) {
        Some(amount) => Settlement::Refunded { refund_id, amount },
        None => Settlement::Unknown,
    }
}
