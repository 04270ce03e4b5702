//! What the engine remembers: configurations of stores, carts with their priced views, variants with their stock. The lane
//! publishes here what it has committed before it answers, so a cached cart is never older than the last answer its
//! owner got. A view is served again only while everything that it was made of is unchanged.

use crate::batch::config_after;
use crate::demand::Counted;
use crate::shared_views::{CartAnswer, Stamp};
use bytes::Bytes;
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::command::Access;
use cartwright_domain::coupon::Hindrance;
use cartwright_domain::customer::Customer;
use cartwright_domain::id::{CartId, LineId, StoreId, Timestamp, VariantId};
use cartwright_domain::pricing::{Explanation, Quote};
use cartwright_domain::quoting::CustomerFacts;
use cartwright_domain::room;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::WorkingSet;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// A cart as its owner sees it: with variants, stock and prices.
#[derive(Debug)]
pub struct CartView {
    /// The cart.
    pub cart: Arc<Cart>,
    /// Its lines, in the cart's order; `None` for a variant that no longer exists.
    pub lines: Vec<Option<LineView>>,
    /// What is saved for later, in the cart's order; `None` as for lines.
    pub saved: Vec<Option<LineView>>,
    /// Its prices.
    pub quote: Quote,
    /// What is known of its customer.
    pub customer: CustomerFacts,
    /// Lines that cannot be sent to the cart's address by any method.
    pub not_shipped: Vec<LineId>,
    /// What stands against each code of the cart, in its order.
    pub codes: Vec<Option<Hindrance>>,
    /// Why promotions of its codes give nothing, where one does not; otherwise empty.
    pub(crate) explained_codes: Vec<Explanation>,
    /// Units of each line's variant in others' carts, where the store shows it.
    pub in_other_carts: Option<Vec<i64>>,
    /// The store as it was when the view was made.
    pub config: Arc<StoreConfig>,
    /// When the view was made.
    pub made_at: Timestamp,
    /// When a promotion begins or ends, a price or goods are no longer held, or the cart expires: the view is not served from then on.
    pub fresh_until: Timestamp,
    /// Whether other nodes show the same cart, so that its tag may hang on nothing but what is shown.
    pub shared: bool,
    /// The body of the answer, once it was written.
    pub body: OnceLock<Bytes>,
}

impl CartView {
    /// The same as this may see it.
    pub fn seen_by(self: Arc<Self>, access: &Access) -> Arc<CartView> {
        match self.cart.seen_by(access) {
            Some(cart) => self.showing(cart),
            None => self,
        }
    }

    /// The same with the cart's items alone.
    pub fn items_alone(&self) -> Arc<CartView> {
        self.showing(self.cart.items_alone())
    }

    /// The same with another cart's words. Its tag hangs on what is shown, so it is not the whole cart's.
    fn showing(&self, cart: Cart) -> Arc<CartView> {
        Arc::new(CartView {
            cart: Arc::new(cart),
            lines: self.lines.clone(),
            saved: self.saved.clone(),
            quote: self.quote.clone(),
            customer: self.customer.clone(),
            not_shipped: self.not_shipped.clone(),
            codes: self.codes.clone(),
            explained_codes: self.explained_codes.clone(),
            in_other_carts: self.in_other_carts.clone(),
            config: self.config.clone(),
            made_at: self.made_at,
            fresh_until: self.fresh_until,
            shared: true,
            body: OnceLock::new(),
        })
    }

    /// The goods of its lines, then those saved for later.
    pub(crate) fn goods(&self) -> impl Iterator<Item = &Option<LineView>> {
        self.lines.iter().chain(&self.saved)
    }
}

/// What a line's view is made of.
#[derive(Clone, Debug)]
pub struct LineView {
    /// The variant.
    pub variant: Arc<Variant>,
    /// Its stock.
    pub stock: Stock,
}

#[derive(Debug)]
pub(crate) struct CachedCart {
    pub cart: Arc<Cart>,
    /// What its lines and saved items showed in the batch that wrote it; only where other nodes write too, and for the answer alone.
    pub goods: Option<Vec<LineView>>,
    pub view: Mutex<Option<Arc<CartView>>>,
    /// What another node wrote about it.
    pub answer: Mutex<Option<(Stamp, Arc<CartAnswer>)>>,
}

impl CachedCart {
    pub(crate) fn new(cart: Arc<Cart>) -> Arc<CachedCart> {
        Arc::new(CachedCart { cart, goods: None, view: Mutex::default(), answer: Mutex::default() })
    }
}

/// Counts carts by the room that they take.
#[derive(Clone, Copy)]
pub(crate) struct Room;

impl Weighter<(StoreId, CartId), Arc<CachedCart>> for Room {
    fn weight(&self, _: &(StoreId, CartId), cached: &Arc<CachedCart>) -> u64 {
        room::of_cart(&cached.cart)
    }
}

/// Usual carts kept in memory, or as many heavy ones as take their room; about 3 KiB each with their views.
const CARTS: usize = 12_000;
/// Variants kept in memory; under 1 KiB each.
const VARIANTS: usize = 20_000;
/// Customers kept in memory.
const CUSTOMERS: usize = 10_000;

pub(crate) struct Caches {
    pub carts: Cache<(StoreId, CartId), Arc<CachedCart>, Room>,
    pub variants: Cache<(StoreId, VariantId), LineView>,
    /// What was told about customers; the default for those about whom nothing was.
    pub customers: Cache<(StoreId, String), Arc<Customer>>,
    /// Units in carts, as of a moment ago.
    pub demand: Cache<(StoreId, VariantId), Counted>,
    configs: RwLock<HashMap<StoreId, Arc<StoreConfig>>>,
}

impl Caches {
    pub(crate) fn new() -> Caches {
        Caches {
            carts: Cache::with_weighter(CARTS, CARTS as u64, Room),
            variants: Cache::new(VARIANTS),
            customers: Cache::new(CUSTOMERS),
            demand: Cache::new(VARIANTS),
            configs: RwLock::default(),
        }
    }

    pub(crate) fn config(&self, store: StoreId) -> Option<Arc<StoreConfig>> {
        self.configs.read().unwrap_or_else(PoisonError::into_inner).get(&store).cloned()
    }

    pub(crate) fn configs(&self) -> Vec<Arc<StoreConfig>> {
        let mut all: Vec<_> = self.configs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        all.sort_by_key(|config| config.store.id);
        all
    }

    pub(crate) fn put_config(&self, config: StoreConfig) {
        let id = config.store.id;
        let mut configs = self.configs.write().unwrap_or_else(PoisonError::into_inner);
        // Two tasks may have read it at once; the newer stays.
        if configs.get(&id).is_none_or(|known| known.store.version <= config.store.version) {
            configs.insert(id, Arc::new(config));
        }
    }

    /// Takes in what a batch has committed, where other nodes write too: carts alone, with their goods for the answer, and
    /// only to keep their views until a read has seen that they still hold.
    pub(crate) fn publish_shared(&self, store: StoreId, set: &WorkingSet) {
        for (id, cart, _) in set.carts.changes() {
            let goods = if cart.is_open() { goods_of(cart, set) } else { None };
            let cached = CachedCart { cart: cart.clone(), goods, view: Mutex::default(), answer: Mutex::default() };
            self.carts.insert((store, *id), Arc::new(cached));
        }
    }

    /// Takes in what a batch has committed.
    pub(crate) fn publish(&self, store: StoreId, set: &WorkingSet) {
        for (id, cart, _) in set.carts.changes() {
            self.carts.insert((store, *id), CachedCart::new(cart.clone()));
        }
        for (id, ..) in set.stock.changes() {
            self.publish_variant(store, *id, set);
        }
        for (id, ..) in set.variants.changes() {
            self.publish_variant(store, *id, set);
        }
        for (id, customer, _) in set.customers.changes() {
            self.customers.insert((store, id.clone()), customer.clone());
        }
        if !set.config_changes.is_empty() {
            self.put_config(config_after(set));
        }
    }

    fn publish_variant(&self, store: StoreId, id: VariantId, set: &WorkingSet) {
        let key = (store, id);
        let in_batch = if set.variants.knows(&id) { set.variants.get(&id).cloned() } else { None };
        let variant = in_batch.or_else(|| self.variants.get(&key).map(|cached| cached.variant));
        match variant {
            Some(variant) => self.variants.insert(key, LineView { variant, stock: set.stock_of(id) }),
            // Also takes the place from a reader that is just loading what was true before.
            None => {
                self.variants.remove(&key);
            }
        }
    }

    /// Whether a view still shows what is true: same configuration, same variants, same stock, no boundary passed.
    pub(crate) fn is_fresh(&self, store: StoreId, view: &CartView, now: Timestamp) -> bool {
        let same_line = |line: &Option<LineView>| {
            line.as_ref().is_some_and(|line| {
                self.variants
                    .get(&(store, line.variant.id))
                    .is_some_and(|current| Arc::ptr_eq(&current.variant, &line.variant) && current.stock == line.stock)
            })
        };
        let same_customer = view.cart.customer.as_ref().is_none_or(|customer| {
            let current = self.customers.get(&(store, customer.clone()));
            current.is_some_and(|current| Arc::ptr_eq(&current, &view.customer.told))
        });
        now < view.fresh_until
            && same_customer
            && self.config(store).is_some_and(|config| Arc::ptr_eq(&config, &view.config))
            && view.goods().all(same_line)
    }
}

/// The goods that a cart shows, where the batch has loaded them all.
fn goods_of(cart: &Cart, set: &WorkingSet) -> Option<Vec<LineView>> {
    let goods = cart.shown_variants().map(|id| {
        let known = set.variants.knows(&id) && set.stock.knows(&id);
        let variant = if known { set.variants.get(&id)?.clone() } else { return None };
        Some(LineView { variant, stock: set.stock_of(id) })
    });
    goods.collect()
}
