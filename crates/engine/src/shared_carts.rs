//! Reading carts where other nodes write too: one question brings the cart, its goods and the store's version as they are now.
//! What this node priced before, or another node wrote, is shown again only where it was made of the very same.

use crate::cache::{CachedCart, CartView, LineView};
use crate::carts::by_id;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::shared_views::{CartAnswer, Stamp, stamp};
use bytes::Bytes;
use cartwright_domain::cart::Cart;
use cartwright_domain::command::Access;
use cartwright_domain::id::{CartId, Timestamp, VariantId};
use cartwright_domain::quoting::CustomerFacts;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Carts of fewer lines are priced anew, not asked for.
const FEWEST_LINES: usize = 100;

/// A cart to be shown.
#[derive(Clone, Debug)]
pub enum ShownCart {
    /// Priced by this node.
    Priced(Arc<CartView>),
    /// Priced and written by another.
    Written(Arc<CartAnswer>),
}

/// A cart with all that its view is made of, as the database has it now.
struct Found {
    cart: Arc<Cart>,
    config: Arc<StoreConfig>,
    customer: CustomerFacts,
    goods: HashMap<VariantId, LineView>,
    in_other_carts: Option<Vec<i64>>,
    /// What this node knows of the cart, be it new or old.
    cached: Option<Arc<CachedCart>>,
    now: Timestamp,
}

impl Engine {
    pub(crate) async fn shared_cart(
        &self,
        config: &Arc<StoreConfig>,
        id: CartId,
        access: &Access,
    ) -> Result<Arc<CartView>, Failure> {
        let found = self.find_shared(config, id, access).await?;
        match found.view() {
            Some(view) => Ok(view),
            None => self.price_found(found).await,
        }
    }

    /// A cart as its owner sees it, where another node may have written the answer already; see [`Engine::share`].
    ///
    /// # Errors
    /// As [`Engine::cart`].
    pub async fn shown_cart(
        &self,
        config: &Arc<StoreConfig>,
        id: CartId,
        access: &Access,
    ) -> Result<ShownCart, Failure> {
        let Some(views) = self.shared_views.as_ref().filter(|_| self.shared) else {
            return Ok(ShownCart::Priced(self.cart(config, id, access).await?));
        };
        let found = self.find_shared(config, id, access).await?;
        if let Some(view) = found.view() {
            return Ok(ShownCart::Priced(view));
        }
        // What was written is for whoever may see all.
        if is_worth_sharing(&found.cart) && found.cart.seen_by(access).is_none() {
            let stamp = found.stamp();
            if let Some(answer) = found.answer(&stamp) {
                return Ok(ShownCart::Written(answer));
            }
            if let Some(answer) = views.get(config.store.id, &found.cart, &stamp, found.now).await {
                let answer = Arc::new(answer);
                let cached = CachedCart::new(found.cart);
                *cached.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some((stamp, answer.clone()));
                self.caches.carts.insert((config.store.id, id), cached);
                return Ok(ShownCart::Written(answer));
            }
        }
        Ok(ShownCart::Priced(self.price_found(found).await?))
    }

    /// Shares a view's answer with the other nodes, where that is worth it; `write` makes its tag and its body. To be called
    /// where the answer is written for the first time.
    pub fn share(&self, view: &CartView, write: impl FnOnce() -> (String, Bytes)) {
        if let Some(views) = self.shared_views.as_ref().filter(|_| self.shared && is_worth_sharing(&view.cart)) {
            let (tag, body) = write();
            views.put(view, tag, body);
        }
    }

    async fn find_shared(&self, config: &Arc<StoreConfig>, id: CartId, access: &Access) -> Result<Found, Failure> {
        let store = config.store.id;
        let found = self.reader.cart_with_goods(store, id).await?;
        let found = found.filter(|found| found.cart.is_opened_by(access)).ok_or(Refusal::CartNotFound)?;
        let now = self.now();
        found.cart.is_there(now)?;
        let config = self.at_version(config.clone(), found.store_version).await?;
        let customer = self.customer_facts(&config, &found.cart).await?;
        let goods = by_id(found.variants);
        let in_other_carts = self.in_other_carts(&config, &found.cart).await?;
        let cached = self.caches.carts.get(&(store, id));
        Ok(Found { cart: Arc::new(found.cart), config, customer, goods, in_other_carts, cached, now })
    }

    async fn price_found(&self, found: Found) -> Result<Arc<CartView>, Failure> {
        let Found { cart, config, customer, goods, in_other_carts, .. } = found;
        let key = (config.store.id, cart.id);
        let codes = self.codes_of(&config, &cart, &goods).await?;
        let view = self.priced_with(config, cart, goods, (customer, in_other_carts, codes), false)?;
        let cached = CachedCart::new(view.cart.clone());
        *cached.view.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
        self.caches.carts.insert(key, cached);
        Ok(view)
    }
}

impl Found {
    /// This node's own view, where it still holds.
    fn view(&self) -> Option<Arc<CartView>> {
        let kept = self.cached.as_ref()?.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|view| {
            view.cart.version == self.cart.version
                && still_holds(view, &self.goods, &self.customer, &self.config, self.now)
        })
    }

    /// Another node's answer that this one got before, where it still holds.
    fn answer(&self, stamp: &Stamp) -> Option<Arc<CartAnswer>> {
        let kept = self.cached.as_ref()?.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.filter(|(made_of, answer)| made_of == stamp && answer.is_fresh(self.now)).map(|(_, answer)| answer)
    }

    fn stamp(&self) -> Stamp {
        let goods = self.cart.shown_variants().map(|id| self.goods.get(&id));
        stamp(&self.config, &self.cart, goods, &self.customer)
    }
}

/// Whether asking the other nodes for a cart's answer is quicker than to price and write it; measured, see ARCHITECTURE.md.
fn is_worth_sharing(cart: &Cart) -> bool {
    cart.lines.len() >= FEWEST_LINES
}

/// Whether a view was made of these goods, this customer and this configuration.
fn still_holds(
    view: &CartView,
    known: &HashMap<VariantId, LineView>,
    customer: &CustomerFacts,
    config: &Arc<StoreConfig>,
    now: Timestamp,
) -> bool {
    let same_line = |(id, shown): (VariantId, &Option<LineView>)| match (known.get(&id), shown) {
        (Some(known), Some(shown)) => known.stock == shown.stock && known.variant == shown.variant,
        (None, None) => true,
        _ => false,
    };
    now < view.fresh_until
        && Arc::ptr_eq(config, &view.config)
        && view.customer == *customer
        && view.cart.shown_variants().zip(view.goods()).all(same_line)
}
