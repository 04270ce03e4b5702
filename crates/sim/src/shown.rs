//! What shoppers are shown: every answer about a cart comes with its total, priced as the interface prices it at that moment.
//! The shopper names this total at checkout, whatever operators change until then.

use crate::broken::Broken;
use crate::network::Envelope;
use crate::world::{World, at_once};
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::command::Command;
use cartwright_domain::id::VariantId;
use cartwright_domain::quoting::{CustomerFacts, QuoteContext, quote_cart};
use cartwright_engine::StorageError;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

impl World {
    /// The total that an answer shows, minor units; `None` where the storage does not answer, or the cart has no price.
    pub(crate) fn shown_total(&self, cart: &Cart) -> Option<i64> {
        let (goods, customer) = at_once(self.read_goods(cart)).ok()?;
        let config = &self.process.config;
        let context = QuoteContext { config, exhausted: &[], customer: &customer, explain: false, now: self.now };
        let quote = quote_cart(cart, |id| goods.get(&id), |line| line.unit_price, context).ok()?;
        Some(quote.totals.total)
    }

    async fn read_goods(&self, cart: &Cart) -> Result<(HashMap<VariantId, Arc<Variant>>, CustomerFacts), StorageError> {
        let (reader, store) = (&self.process.reader, self.store);
        let ids: Vec<VariantId> = cart.shown_variants().collect();
        let found = reader.variants(store, &ids).await?;
        let told = match &cart.customer {
            Some(customer) => reader.customer(store, customer).await?.unwrap_or_default(),
            None => Default::default(),
        };
        let first_order = match cart.buyer().filter(|_| self.process.config.asks_first_order_of(cart.who())) {
            Some(buyer) => reader.live_orders(store, &[buyer]).await? == 0,
            None => false,
        };
        let goods = found.into_iter().map(|(variant, _)| (variant.id, Arc::new(variant))).collect();
        Ok((goods, CustomerFacts { told: Arc::new(told), first_order }))
    }
}

/// The jobs as an engine takes them that does not look at the total which the shopper named; all others take them as sent.
pub(crate) fn as_taken(jobs: &[Envelope], broken: Option<Broken>) -> Cow<'_, [Envelope]> {
    if broken != Some(Broken::IgnoresTotal) {
        return Cow::Borrowed(jobs);
    }
    let mut taken = jobs.to_vec();
    for envelope in &mut taken {
        if let Command::Checkout { expected_total: Some(total), .. } = &mut envelope.command {
            *total = i64::MAX;
        }
    }
    Cow::Owned(taken)
}
