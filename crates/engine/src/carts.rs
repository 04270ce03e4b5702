//! Reading carts: from the cache where it is fresh, otherwise from the storage, priced anew.

use crate::cache::{CachedCart, CartView, LineView};
use crate::codes::CartCodes;
use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::cart::{Cart, Undo};
use cartwright_domain::catalogue::Variant;
use cartwright_domain::command::Access;
use cartwright_domain::customer::Customer;
use cartwright_domain::difference::{PriceChanged, Shown};
use cartwright_domain::id::{CartId, StoreId, Timestamp, VariantId};
use cartwright_domain::pricing::Quote;
use cartwright_domain::quoting::{CustomerFacts, QuoteContext, lines_not_shipped, offered_methods, quote_cart};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::shipping::OfferedMethod;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::StoreConfig;
use quick_cache::sync::GuardResult;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

impl Engine {
    /// A cart as its owner sees it.
    ///
    /// # Errors
    /// Refused with `CartNotFound`, `CartExpired` or `CartRemoved`; otherwise the storage's failure.
    pub async fn cart(&self, config: &Arc<StoreConfig>, id: CartId, access: &Access) -> Result<Arc<CartView>, Failure> {
        if self.shared {
            return self.shared_cart(config, id, access).await;
        }
        let now = self.now();
        let cached = self.open_cart(config, id, access, now).await?;
        let store = config.store.id;
        let kept = cached.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(view) = kept.filter(|view| self.caches.is_fresh(store, view, now)) {
            return Ok(view);
        }
        let view = self.view(config, cached.cart.clone()).await?;
        *cached.view.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
        Ok(view)
    }

    /// A cart with each promotion explained, priced anew: it is asked for seldom, and never remembered.
    ///
    /// # Errors
    /// As [`Engine::cart`].
    pub async fn cart_explained(
        &self,
        config: &Arc<StoreConfig>,
        id: CartId,
        access: &Access,
    ) -> Result<Arc<CartView>, Failure> {
        let cart = self.open_cart(config, id, access, self.now()).await?.cart.clone();
        let config = self.newest(config.clone()).await?;
        self.priced(&config, cart, true).await
    }

    async fn open_cart(
        &self,
        config: &StoreConfig,
        id: CartId,
        access: &Access,
        now: Timestamp,
    ) -> Result<Arc<CachedCart>, Failure> {
        let cached = match self.shared {
            true => self.reader.cart(config.store.id, id).await?.map(|cart| CachedCart::new(Arc::new(cart))),
            false => self.cached_cart(config, id).await?,
        };
        let cached = cached.filter(|cached| cached.cart.is_opened_by(access)).ok_or(Refusal::CartNotFound)?;
        cached.cart.is_there(now)?;
        Ok(cached)
    }

    async fn cached_cart(&self, config: &StoreConfig, id: CartId) -> Result<Option<Arc<CachedCart>>, Failure> {
        let store = config.store.id;
        let key = (store, id);
        if let Some(cached) = self.caches.carts.get(&key) {
            return Ok(Some(cached));
        }
        // The guard holds the place: what the lane publishes while the storage is read replaces it, and wins.
        match self.caches.carts.get_value_or_guard_async(&key).await {
            Ok(cached) => Ok(Some(cached)),
            Err(guard) => {
                let Some(cart) = self.reader.cart(store, id).await? else { return Ok(None) };
                let cached = CachedCart::new(Arc::new(cart));
                let _ = guard.insert(cached.clone());
                Ok(Some(cached))
            }
        }
    }

    /// Prices a cart that a command has just answered.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn view(&self, config: &Arc<StoreConfig>, cart: Arc<Cart>) -> Result<Arc<CartView>, Failure> {
        self.priced(config, cart, false).await
    }

    async fn priced(
        &self,
        config: &Arc<StoreConfig>,
        cart: Arc<Cart>,
        explain: bool,
    ) -> Result<Arc<CartView>, Failure> {
        let config = self.caches.config(config.store.id).unwrap_or_else(|| config.clone());
        let known = self.line_views(&config, &cart).await?;
        let customer = self.customer_facts(&config, &cart).await?;
        let others = self.in_other_carts(&config, &cart).await?;
        let codes = self.codes_of(&config, &cart, &known).await?;
        self.priced_with(config, cart, known, (customer, others, codes), explain)
    }

    /// Prices a cart, now that all is known.
    pub(crate) fn priced_with(
        &self,
        config: Arc<StoreConfig>,
        cart: Arc<Cart>,
        known: HashMap<VariantId, LineView>,
        (customer, in_other_carts, codes): (CustomerFacts, Option<Vec<i64>>, CartCodes),
        explain: bool,
    ) -> Result<Arc<CartView>, Failure> {
        let now = self.now();
        let exhausted = &codes.unusable;
        let context = QuoteContext { config: &config, exhausted, customer: &customer, explain, now };
        let quote = price(&cart, &known, context)?;
        let explained_codes = match !explain && some_code_gives_nothing(&cart, &codes, &quote) {
            true => price(&cart, &known, QuoteContext { explain: true, ..context })?.explanations,
            false => Vec::new(),
        };
        let mut lines: Vec<_> = cart.shown_variants().map(|id| known.get(&id).cloned()).collect();
        let saved = lines.split_off(cart.lines.len());
        let not_shipped = lines_not_shipped(&cart, |id| known.get(&id).map(|line| &line.variant), &config);
        let fresh_until = if codes.changes { now } else { fresh_until(&cart, &known, &config, now) };
        let codes = codes.standings;
        let body = Default::default();
        let shared = self.shared;
        Ok(Arc::new(CartView {
            cart,
            lines,
            saved,
            quote,
            customer,
            not_shipped,
            codes,
            explained_codes,
            in_other_carts,
            config,
            made_at: now,
            fresh_until,
            shared,
            body,
        }))
    }

    /// What is known of a cart's customer.
    pub(crate) async fn customer_facts(&self, config: &StoreConfig, cart: &Cart) -> Result<CustomerFacts, Failure> {
        let store = config.store.id;
        let told = match &cart.customer {
            Some(customer) => self.customer(store, customer).await?,
            None => Arc::default(),
        };
        let first_order = config.asks_first_order_of(cart.who())
            && self.reader.live_orders(store, &self.names_of(store, cart.who()).await?).await? == 0;
        Ok(CustomerFacts { told, first_order })
    }

    /// What the shop told about a customer; the default where it told nothing.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn customer(&self, store: StoreId, id: &str) -> Result<Arc<Customer>, Failure> {
        if self.shared {
            return Ok(Arc::new(self.reader.customer(store, id).await?.unwrap_or_default()));
        }
        let key = (store, id.to_owned());
        // As with carts, what the lane publishes while the storage is read wins.
        match self.caches.customers.get_value_or_guard_async(&key).await {
            Ok(told) => Ok(told),
            Err(guard) => {
                let told = Arc::new(self.reader.customer(store, id).await?.unwrap_or_default());
                let _ = guard.insert(told.clone());
                Ok(told)
            }
        }
    }

    /// As [`Engine::view`], and remembers the view for the next read.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn view_changed(&self, config: &Arc<StoreConfig>, cart: Arc<Cart>) -> Result<Arc<CartView>, Failure> {
        let key = (config.store.id, cart.id);
        let view = match self.caches.carts.get(&key).filter(|cached| Arc::ptr_eq(&cached.cart, &cart)) {
            Some(cached) if cached.goods.is_some() => self.view_of_batch(config, &cached).await?,
            _ => self.view(config, cart).await?,
        };
        if let Some(cached) = self.caches.carts.get(&key)
            && cached.cart.version == view.cart.version
        {
            *cached.view.lock().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
        }
        Ok(view)
    }

    /// Prices a cart with the goods as its batch has seen them.
    async fn view_of_batch(&self, config: &Arc<StoreConfig>, cached: &CachedCart) -> Result<Arc<CartView>, Failure> {
        let config = self.caches.config(config.store.id).unwrap_or_else(|| config.clone());
        let customer = self.customer_facts(&config, &cached.cart).await?;
        let goods = cached.goods.iter().flatten().map(|line| (line.variant.id, line.clone())).collect();
        let others = self.in_other_carts(&config, &cached.cart).await?;
        let codes = self.codes_of(&config, &cached.cart, &goods).await?;
        self.priced_with(config, cached.cart.clone(), goods, (customer, others, codes), false)
    }

    /// What a price that has changed differs from is best known from the view that was shown, where this node still has it.
    pub(crate) fn compared_with_what_was_shown(&self, store: StoreId, cart: CartId, failure: Failure) -> Failure {
        let changed = match failure {
            Failure::Refused(Refusal::PriceChanged(changed)) => changed,
            Failure::Refused(Refusal::Several(mut several)) => {
                for refusal in &mut several {
                    if let Refusal::PriceChanged(changed) = refusal {
                        **changed = self.compared((**changed).clone(), store, cart);
                    }
                }
                return Failure::Refused(Refusal::Several(several));
            }
            failure => return failure,
        };
        Failure::Refused(Refusal::PriceChanged(Box::new(self.compared(*changed, store, cart))))
    }

    fn compared(&self, changed: PriceChanged, store: StoreId, cart: CartId) -> PriceChanged {
        let cached = self.caches.carts.get(&(store, cart));
        let view = cached.and_then(|cached| cached.view.lock().unwrap_or_else(PoisonError::into_inner).clone());
        match view {
            Some(view) => {
                let shown = Shown { quote: &view.quote, tax_exempt: view.customer.told.tax_exempt };
                changed.compared_with(&view.cart, shown)
            }
            None => changed,
        }
    }

    /// The ways to ship a cart, with what each costs or why it is not to be had.
    pub fn shipping_methods<'a>(&self, view: &'a CartView) -> Vec<OfferedMethod<'a>> {
        let known: HashMap<VariantId, &LineView> =
            view.lines.iter().flatten().map(|line| (line.variant.id, line)).collect();
        offered_methods(&view.cart, |id| known.get(&id).map(|line| &line.variant), &view.quote, &view.config)
    }

    async fn line_views(&self, config: &StoreConfig, cart: &Cart) -> Result<HashMap<VariantId, LineView>, Failure> {
        let store = config.store.id;
        if self.shared {
            let ids: Vec<VariantId> = cart.shown_variants().collect();
            return Ok(by_id(self.reader.variants(store, &ids).await?));
        }
        let mut known = HashMap::with_capacity(cart.lines.len());
        let mut missing = Vec::new();
        for id in cart.shown_variants() {
            match self.caches.variants.get(&(store, id)) {
                Some(view) => {
                    known.insert(id, view);
                }
                None if missing.contains(&id) => {}
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            for (id, view) in self.load_variants(config, &missing).await? {
                known.insert(id, view);
            }
        }
        Ok(known)
    }

    /// Reads variants from the storage into the cache. What the lane publishes meanwhile wins.
    async fn load_variants(
        &self,
        config: &StoreConfig,
        ids: &[VariantId],
    ) -> Result<Vec<(VariantId, LineView)>, Failure> {
        let store = config.store.id;
        let mut guards = HashMap::new();
        for id in ids {
            // Zero wait: if somebody else is loading it, this read goes without the cache.
            let found = self.caches.variants.get_value_or_guard(&(store, *id), Some(std::time::Duration::ZERO));
            if let GuardResult::Guard(guard) = found {
                guards.insert(*id, guard);
            }
        }
        let loaded = self.reader.variants(store, ids).await?;
        let mut views = Vec::with_capacity(loaded.len());
        for (variant, stock) in loaded {
            let id = variant.id;
            let view = LineView { variant: Arc::new(variant), stock };
            if let Some(guard) = guards.remove(&id) {
                let _ = guard.insert(view.clone());
            }
            views.push((id, view));
        }
        Ok(views)
    }
}

/// Variants with their stock, as lines show them.
pub(crate) fn by_id(variants: Vec<(Variant, Stock)>) -> HashMap<VariantId, LineView> {
    let view = |(variant, stock): (Variant, Stock)| (variant.id, LineView { variant: Arc::new(variant), stock });
    variants.into_iter().map(view).collect()
}

/// Whether a code that can be used takes nothing off, so that its reason is to be found.
fn some_code_gives_nothing(cart: &Cart, codes: &CartCodes, quote: &Quote) -> bool {
    let gives = |id| quote.discounts.iter().any(|discount| discount.promotion_id == id);
    let mut usable = cart.detail.coupons.iter().zip(&codes.standings).filter(|(_, hindrance)| hindrance.is_none());
    cart.is_open() && usable.any(|(coupon, _)| !gives(coupon.promotion_id))
}

/// Until when a view made now shows what is true: promotions begin and end, prices and goods are held no longer, carts expire, removals are forgotten. Where a
/// promotion is for first orders, an order may be made elsewhere at any moment: then a view is not kept.
fn fresh_until(cart: &Cart, known: &HashMap<VariantId, LineView>, config: &StoreConfig, now: Timestamp) -> Timestamp {
    if config.asks_first_order_of(cart.who()) {
        return now;
    }
    let held = cart.lines.iter().filter_map(|line| {
        let variant = &known.get(&line.variant_id)?.variant;
        variant.price_held_until(line.priced_at, &config.store.settings).filter(|until| *until > now)
    });
    let forgotten = cart.detail.undo.as_ref().and_then(Undo::until).filter(|until| *until > now);
    // Others' carts change by themselves.
    let counted = config.store.settings.urgency.then(|| now.plus_ms(crate::demand::VIEW_MS));
    held.chain(counted)
        .chain(config.next_boundary(now))
        .chain(forgotten)
        .chain(cart.next_hold_ends(now))
        .chain([cart.expires_at])
        .min()
        .unwrap_or(now)
}

fn price(cart: &Cart, known: &HashMap<VariantId, LineView>, context: QuoteContext<'_>) -> Result<Quote, Failure> {
    let variant = |id: VariantId| known.get(&id).map(|line| &line.variant);
    quote_cart(cart, variant, |line| line.unit_price, context).map_err(|_| Refusal::AmountTooLarge.into())
}
