//! What Stripe's books say of an intent: its refunds, whoever made them, and its disputes. It is read as a whole; an account that
//! has no disputes in its interface has none.

use super::amounts::{from_stripe, to_stripe};
use super::client::Trouble;
use super::list::listed;
use super::objects::{DisputeObject, Intent, Refund, StripeError};
use super::{StripeGateway, refunds};
use cartwright_domain::id::{RefundId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Dispute, DisputeStanding};
use cartwright_domain::outside::{BookedRefund, Books};
use cartwright_engine::{Charge, ListedPayment, Look, SentBack};

/// On refunds of money that no order owns.
const UNMATCHED: &str = "cartwright_unmatched";
/// Within so many seconds of the capture of a part Stripe notes the rest as a refund, in versions of its interface before
/// 2025-03-31. Source: docs.stripe.com/changelog/basil, "Partially capturing payments no longer creates a Refund".
const RELEASED_WITHIN_SECONDS: i64 = 60;

impl StripeGateway {
    pub(super) async fn books_of(&self, charge: &Charge, look: Look) -> Result<Option<Books>, Trouble> {
        let Some(known) = self.intent(charge).await? else { return Ok(None) };
        let intent = self.client.intent_with_charge(&known.id).await?;
        let captured = match intent.status.as_str() {
            "succeeded" => ours(intent.received(), charge.currency)?,
            _ => 0,
        };
        if let Look::Glance { captured: known, refunded, disputed } = look {
            let back = intent.refunded().map(|amount| ours(amount, charge.currency)).transpose()?;
            if (known, Some(refunded), Some(disputed)) == (captured, back, intent.disputed()) && !disputed {
                return Ok(None);
            }
        }
        let listed = self.client.refunds_of(&intent.id).await?;
        let disputes = match self.client.disputes_of(&intent.id).await {
            Err(Trouble::Refused(_)) => Vec::new(),
            other => other?,
        };
        let released = release_of(&intent, &listed);
        let by_somebody = listed.iter().filter(|refund| Some(refund.id.as_str()) != released && !refund.is_unmatched());
        let refunds: Result<_, _> = by_somebody.map(|refund| booked(refund, charge.currency)).collect();
        let disputes: Result<_, _> = disputes.iter().map(|dispute| noted(dispute, captured, charge.currency)).collect();
        Ok(Some(Books { asked_at: Timestamp(0), captured, refunds: refunds?, disputes: disputes? }))
    }

    pub(super) async fn payment_of(&self, reference: &str) -> Result<Option<ListedPayment>, Trouble> {
        if !reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Ok(None);
        }
        match self.client.intent_with_charge(reference).await {
            Ok(intent) => Ok(listed(&intent)),
            Err(Trouble::Refused(_)) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    pub(super) async fn send_unmatched_back(&self, payment: &ListedPayment, amount: i64) -> Result<SentBack, Trouble> {
        let Some(part) = to_stripe(amount, payment.currency) else {
            return Ok(SentBack::Refused("amount_not_refundable".to_owned()));
        };
        let form = [
            ("payment_intent", payment.reference.clone()),
            ("amount", part.to_string()),
            ("metadata[cartwright_unmatched]", "true".to_owned()),
        ];
        // What had gone back before is part of the key, so that each decision is done once.
        let key = format!("{}/unmatched/{}/{part}", payment.reference, payment.refunded.unwrap_or(0));
        let refused = |error: StripeError| Ok(SentBack::Refused(error.reason()));
        match self.client.create_refund(&form, &key).await {
            Ok(Some(_)) => Ok(SentBack::Sent),
            Ok(None) => Err(Trouble::Silent),
            Err(Trouble::Refused(error)) => refused(error),
            Err(Trouble::Silent) => Err(Trouble::Silent),
        }
    }
}

impl Refund {
    fn is_unmatched(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.contains_key(UNMATCHED))
    }

    fn failure(&self) -> Option<String> {
        match self.status.as_deref() {
            Some(status @ ("failed" | "canceled")) => {
                Some(self.failure_reason.clone().unwrap_or_else(|| status.to_owned()))
            }
            _ => None,
        }
    }
}

/// The refund that Stripe made of what was let go at the capture of a part: no money that was ever taken.
fn release_of<'r>(intent: &Intent, refunds: &'r [Refund]) -> Option<&'r str> {
    let (released, at) = intent.released();
    let nobodys =
        |refund: &&Refund| refund.amount == released && refund.metadata.as_ref().is_none_or(|all| all.is_empty());
    let standing: i64 = refunds.iter().filter(|refund| refund.failure().is_none()).map(|refund| refund.amount).sum();
    let near = |refund: &&Refund| match at {
        Some(at) => refund.created.abs_diff(at) <= RELEASED_WITHIN_SECONDS.unsigned_abs(),
        // More cannot have gone back than was taken.
        None => standing > intent.received(),
    };
    let oldest = refunds.iter().rev().filter(|_| released > 0).find(|refund| nobodys(refund) && near(refund));
    oldest.map(|refund| refund.id.as_str())
}

fn ours(amount: i64, currency: Currency) -> Result<i64, Trouble> {
    from_stripe(amount, currency).ok_or_else(|| {
        tracing::error!(amount, currency = currency.code(), "an amount in Stripe's books is not one of this currency");
        Trouble::Silent
    })
}

fn booked(refund: &Refund, currency: Currency) -> Result<BookedRefund, Trouble> {
    let own = refund.metadata.as_ref().and_then(|metadata| metadata.get(refunds::REFUND));
    Ok(BookedRefund {
        reference: refund.id.clone(),
        own: own.and_then(|id| id.parse().ok()).map(RefundId),
        amount: ours(refund.amount, currency)?,
        failure: refund.failure(),
    })
}

fn noted(dispute: &DisputeObject, captured: i64, currency: Currency) -> Result<Dispute, Trouble> {
    let code = currency.code().to_ascii_lowercase();
    let fees = dispute.balance_transactions.iter().filter(|one| one.currency.as_ref() == Some(&code));
    let fee: i64 = fees.map(|one| one.fee).sum();
    let status = dispute.status.clone().unwrap_or_default();
    // A dispute may be in the bank's currency: then its amount says nothing here, and the whole charge is meant.
    let same = dispute.currency.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(currency.code()));
    Ok(Dispute {
        id: dispute.id.clone(),
        amount: if same { ours(dispute.amount, currency)? } else { captured },
        reason: dispute.reason.clone().unwrap_or_default(),
        standing: standing_of(&status),
        status,
        at: Timestamp(0),
        fee: if fee == 0 { None } else { from_stripe(fee, currency) },
    })
}

/// Inquiries (`warning_…`) move no money. Source: docs.stripe.com/api/disputes/object, "status".
fn standing_of(status: &str) -> DisputeStanding {
    match status {
        "lost" => DisputeStanding::Lost,
        "needs_response" | "under_review" => DisputeStanding::Withheld,
        _ => DisputeStanding::Noted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// An intent of 10.00 of which 6.00 were captured at second 100.
    fn part(at: Option<i64>) -> Intent {
        let balance = at.map_or(json!(null), |at| json!({"created": at}));
        let charge = json!({"id": "ch_1", "amount_refunded": 400, "balance_transaction": balance});
        let intent = json!({"id": "pi_1", "status": "succeeded", "amount": 1_000, "amount_received": 600, "latest_charge": charge});
        serde_json::from_value(intent).expect("an intent")
    }

    #[track_caller]
    fn check(at: Option<i64>, refunds: &[(&str, i64, i64)], released: Option<&str>) {
        let all: Vec<Refund> = refunds
            .iter()
            .map(|(id, amount, created)| {
                let refund =
                    json!({"id": id, "amount": amount, "created": created, "status": "succeeded", "metadata": {}});
                serde_json::from_value(refund).expect("a refund")
            })
            .collect();
        assert_eq!(release_of(&part(at), &all), released, "{at:?} {refunds:?}");
    }

    #[test]
    fn what_was_let_go_at_a_partial_capture_is_no_refund_and_one_by_hand_of_as_much_is() {
        check(Some(100), &[("re_1", 400, 101)], Some("re_1"));
        check(Some(100), &[("re_2", 400, 9_000), ("re_1", 400, 100)], Some("re_1"));
        check(Some(100), &[("re_2", 400, 9_000)], None);
        check(None, &[("re_2", 400, 9_000)], None);
        check(None, &[("re_2", 300, 9_000), ("re_1", 400, 100)], Some("re_1"));
        check(Some(100), &[("re_1", 300, 100)], None);
    }
}
