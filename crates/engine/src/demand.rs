//! Urgency: how much of a variant stands in carts, for stores that show it. Others' carts change all the time, so what is shown is
//! as of a moment ago: a number is remembered for two seconds, and a cart's view that shows some for as long again.

use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::id::{Timestamp, VariantId};
use cartwright_domain::store::StoreConfig;
use std::collections::HashMap;

/// How long a number is remembered.
const FRESH_MS: i64 = 2_000;
/// How long a view that shows numbers is shown again.
pub(crate) const VIEW_MS: i64 = 2_000;

/// Units in active carts, by variant.
pub type InCarts = HashMap<VariantId, i64>;

/// A number as it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    units: i64,
    until: Timestamp,
}

impl Engine {
    /// Units of these variants in active carts; `None` where the store does not show it, or is still counting its carts.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn in_carts(&self, config: &StoreConfig, variants: &[VariantId]) -> Result<Option<InCarts>, Failure> {
        if !config.store.settings.urgency {
            return Ok(None);
        }
        let (store, now) = (config.store.id, self.now());
        let mut known = InCarts::with_capacity(variants.len());
        let mut missing = Vec::new();
        for id in variants {
            match self.caches.demand.get(&(store, *id)).filter(|counted| now < counted.until) {
                Some(counted) => drop(known.insert(*id, counted.units)),
                None => missing.push(*id),
            }
        }
        if missing.is_empty() {
            return Ok(Some(known));
        }
        let found = self.reader.demand(store, &missing).await?;
        if found.is_empty() {
            return Ok(None);
        }
        for (id, demand) in found {
            let counted = Counted { units: demand.units, until: now.plus_ms(FRESH_MS) };
            self.caches.demand.insert((store, id), counted);
            known.insert(id, demand.units);
        }
        Ok(Some(known))
    }

    /// For each line of a cart, how many units of it stand in others' carts.
    pub(crate) async fn in_other_carts(&self, config: &StoreConfig, cart: &Cart) -> Result<Option<Vec<i64>>, Failure> {
        let variants: Vec<VariantId> = cart.lines.iter().map(|line| line.variant_id).collect();
        let Some(all) = self.in_carts(config, &variants).await? else { return Ok(None) };
        let own = |id| if cart.status == CartStatus::Active { cart.units_of(id) } else { 0 };
        // The number may be older than the cart's own last change.
        let others = |id: VariantId| (all.get(&id).copied().unwrap_or(0) - own(id)).max(0);
        Ok(Some(variants.into_iter().map(others).collect()))
    }
}
