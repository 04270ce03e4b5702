//! Stripe's intents of a period, for reconciliation.

use super::amounts::from_stripe;
use super::client::Trouble;
use super::objects::Intent;
use super::{ATTEMPT, ORDER, STORE, StripeGateway};
use cartwright_domain::id::{AttemptId, OrderId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_engine::{ListedPage, ListedPayment};
use uuid::Uuid;

impl StripeGateway {
    pub(super) async fn list_page(
        &self,
        from: Timestamp,
        until: Timestamp,
        after: Option<&str>,
    ) -> Result<ListedPage, Trouble> {
        // Stripe counts seconds.
        let (from, until) = (from.0.div_euclid(1_000), until.0.div_euclid(1_000));
        let page = self.client.list_intents(from, until, after).await?;
        let next = page.data.last().filter(|_| page.has_more).map(|intent| intent.id.clone());
        let payments = page.data.iter().filter_map(listed).collect();
        Ok(ListedPage { payments, next })
    }
}

/// An intent as the engine compares it; `None` for a currency that no order has.
pub(super) fn listed(intent: &Intent) -> Option<ListedPayment> {
    let currency: Currency = intent.currency.as_deref()?.to_ascii_uppercase().parse().ok()?;
    let ours = |amount: i64| from_stripe(amount, currency);
    let named = |field: &str| intent.metadata.as_ref().and_then(|metadata| metadata.get(field));
    let id = |field: &str| named(field).and_then(|id| id.parse::<Uuid>().ok());
    let (captured, authorized) = match intent.status.as_str() {
        "succeeded" => (intent.received(), 0),
        "requires_capture" => (0, intent.capturable()),
        _ => (0, 0),
    };
    Some(ListedPayment {
        reference: intent.id.clone(),
        store: named(STORE).cloned(),
        order_id: id(ORDER).map(OrderId),
        attempt_id: id(ATTEMPT).map(AttemptId),
        currency,
        captured: ours(captured)?,
        authorized: ours(authorized)?,
        refunded: intent.refunded().and_then(ours),
        disputed: intent.disputed() == Some(true),
        cancelled: intent.status == "canceled",
    })
}
