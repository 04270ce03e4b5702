//! Reading carts where other nodes write too: one question brings the cart, its goods and the store's version as they are now.
//! What this node priced before is shown again only where it was made of the very same.

use crate::cache::{CachedCart, CartView, LineView};
use crate::carts::by_id;
use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::command::Access;
use cartwright_domain::id::{CartId, Timestamp, VariantId};
use cartwright_domain::quoting::CustomerFacts;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

impl Engine {
    pub(crate) async fn shared_cart(
        &self,
        config: &Arc<StoreConfig>,
        id: CartId,
        access: &Access,
    ) -> Result<Arc<CartView>, Failure> {
        let store = config.store.id;
        let found = self.reader.cart_with_goods(store, id).await?;
        let found = found.filter(|found| access.opens(found.cart.token_hash)).ok_or(Refusal::CartNotFound)?;
        let now = self.now();
        if found.cart.is_expired(now) {
            return Err(Refusal::CartExpired.into());
        }
        let config = self.at_version(config.clone(), found.store_version).await?;
        let customer = self.customer_facts(&config, &found.cart).await?;
        let known = by_id(found.variants);
        let cached = self.caches.carts.get(&(store, id));
        let kept = cached.and_then(|cached| cached.view.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let same = |view: &Arc<CartView>| {
            view.cart.version == found.cart.version && still_holds(view, &known, &customer, &config, now)
        };
        if let Some(view) = kept.filter(same) {
            return Ok(view);
        }
        let view = self.priced_with(config, Arc::new(found.cart), known, customer, false)?;
        let cached = CachedCart::new(view.cart.clone());
        *cached.view.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
        self.caches.carts.insert((store, id), cached);
        Ok(view)
    }
}

/// Whether a view was made of these goods, this customer and this configuration.
fn still_holds(
    view: &CartView,
    known: &HashMap<VariantId, LineView>,
    customer: &CustomerFacts,
    config: &Arc<StoreConfig>,
    now: Timestamp,
) -> bool {
    let same_line = |(line, shown): (&cartwright_domain::cart::CartLine, &Option<LineView>)| match (
        known.get(&line.variant_id),
        shown,
    ) {
        (Some(known), Some(shown)) => known.stock == shown.stock && known.variant == shown.variant,
        (None, None) => true,
        _ => false,
    };
    now < view.fresh_until
        && Arc::ptr_eq(config, &view.config)
        && view.customer == *customer
        && view.cart.lines.iter().zip(&view.lines).all(same_line)
}
