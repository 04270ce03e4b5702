//! The streams that are open on this node, found by cart, by order and by variant. Behind a lock that only the feeding task and
//! opening and closing streams take; what the lane notes lies behind another.

use super::LiveEvent;
use super::queue::Queue;
use super::reader::StoreHead;
use super::stream::{EndReason, StreamRefusal, StreamRequest};
use crate::cache::LineView;
use crate::origin::{Origin, Tally};
use cartwright_domain::account::SecretHash;
use cartwright_domain::cart::Cart;
use cartwright_domain::command::Access;
use cartwright_domain::id::{CartId, LineId, OrderId, StoreId, Timestamp, VariantId};
use cartwright_domain::money::Currency;
use cartwright_domain::working_set::WorkingSet;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How many times as many streams as a /64 a /48 may have open.
const OF_SITE: usize = 4;

/// How many streams may be open on one node.
#[derive(Clone, Copy, Debug)]
pub struct LiveLimits {
    /// In all. Default 10,000.
    pub streams: usize,
    /// Of one cart. Default 20.
    pub per_cart: usize,
    /// From one address (of IPv6: one /64), and four times as many from one /48. Default 1,000.
    pub per_address: usize,
    /// How long a reader may leave unread what waits for it once there is too much of it. Default 20 s.
    pub patience: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        LiveLimits { streams: 10_000, per_cart: 20, per_address: 1_000, patience: Duration::from_secs(20) }
    }
}

/// What the lane has said of a store since the last round.
#[derive(Default)]
pub(super) struct Noted {
    pub variants: HashSet<VariantId>,
    pub config: bool,
}

/// All streams of the node.
pub(crate) struct Live {
    state: Mutex<State>,
    noted: Mutex<HashMap<StoreId, Noted>>,
    pub(super) wake: Notify,
    open: AtomicUsize,
    pub(super) limits: LiveLimits,
}

#[derive(Default)]
pub(super) struct State {
    pub stores: HashMap<StoreId, Watched>,
    origins: Tally,
    next: u64,
    closed: bool,
}

/// The streams of a store, and how far they were told.
pub(super) struct Watched {
    /// In the order in which they were opened, so that they are told in one order.
    pub streams: BTreeMap<u64, Watcher>,
    pub by_cart: HashMap<CartId, BTreeSet<u64>>,
    pub by_order: HashMap<OrderId, BTreeSet<u64>>,
    pub by_variant: HashMap<VariantId, BTreeSet<u64>>,
    /// What was last told of the goods in the carts; `None` for a variant that no longer exists.
    pub goods: HashMap<VariantId, Option<LineView>>,
    /// Goods that may have changed since.
    pub touched: HashSet<VariantId>,
    pub goods_told_at: Option<Instant>,
    /// Whether there may be new events; where one process alone writes.
    pub has_news: bool,
    /// Whether the store's configuration has changed since it was told.
    pub config_changed: bool,
    pub head: StoreHead,
}

/// A stream, as those see it that tell it something.
pub(super) struct Watcher {
    pub queue: Arc<Queue>,
    pub cart: CartId,
    pub access: Access,
    pub currency: Currency,
    pub order: Option<OrderId>,
    pub lines: Box<[WatchedLine]>,
    pub session: Option<SecretHash>,
    origin: Origin,
    hang_up: Arc<dyn Fn() + Send + Sync>,
}

/// A line of a cart, as far as its goods matter.
#[derive(Clone, Copy)]
pub(super) struct WatchedLine {
    pub line: LineId,
    pub variant: VariantId,
    pub quantity: i64,
    /// Units of the variant that are held for the cart, and until when.
    pub held: i64,
    pub held_until: Option<Timestamp>,
    /// Whether it was told that the hold is about to end.
    pub warned: bool,
}

/// A place among the streams; given back when it is dropped.
pub(super) struct Place {
    live: Arc<Live>,
    store: StoreId,
    number: u64,
    pub queue: Arc<Queue>,
    /// Up to which event the stream was told when it got its place.
    pub position: i64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.remove(self.store, self.number);
    }
}

impl Live {
    pub(crate) fn new(limits: LiveLimits) -> Live {
        Live {
            state: Mutex::default(),
            noted: Mutex::default(),
            wake: Notify::new(),
            open: AtomicUsize::new(0),
            limits,
        }
    }

    /// Streams that are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the lane: a batch is committed. Where other nodes write too, what it changed is read from the logs like theirs.
    pub(crate) fn note(&self, store: StoreId, set: &WorkingSet, shared: bool) {
        if self.open() == 0 {
            return;
        }
        if !shared {
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let of_store = noted.entry(store).or_default();
            of_store.config |= !set.config_changes.is_empty();
            of_store.variants.extend(set.stock.changes().map(|(id, ..)| *id));
            of_store.variants.extend(set.variants.changes().map(|(id, ..)| *id));
        }
        self.wake.notify_one();
    }

    pub(super) fn take_noted(&self) -> HashMap<StoreId, Noted> {
        std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a place for a stream of a cart. `head` is where the store's logs end, for a store in which no stream is open.
    pub(super) fn place(
        self: &Arc<Self>,
        cart: CartId,
        currency: Currency,
        access: &Access,
        request: &StreamRequest,
        head: StoreHead,
    ) -> Result<Place, StreamRefusal> {
        let mut state = self.lock();
        if state.closed {
            return Err(StreamRefusal::Stopping);
        }
        if self.open() >= self.limits.streams {
            return Err(StreamRefusal::Full);
        }
        let of_cart =
            state.stores.get(&head.store).and_then(|watched| watched.by_cart.get(&cart)).map_or(0, BTreeSet::len);
        if of_cart >= self.limits.per_cart || !state.origins.has_room(request.origin, self.limits.per_address, OF_SITE)
        {
            return Err(StreamRefusal::TooMany);
        }
        state.next += 1;
        let number = state.next;
        state.origins.add(request.origin, 1);
        let watched = state.stores.entry(head.store).or_insert_with(|| Watched::new(head));
        let queue = Arc::new(Queue::default());
        watched.by_cart.entry(cart).or_default().insert(number);
        let watcher = Watcher {
            queue: queue.clone(),
            cart,
            access: access.clone(),
            currency,
            order: None,
            lines: Box::default(),
            session: request.session,
            origin: request.origin,
            hang_up: request.hang_up.clone(),
        };
        watched.streams.insert(number, watcher);
        // What was there before the cart is read need not be told.
        let position = watched.head.last_event.max(head.last_event);
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Place { live: self.clone(), store: head.store, number, queue, position })
    }

    fn remove(&self, store: StoreId, number: u64) {
        let mut state = self.lock();
        let Some(watched) = state.stores.get_mut(&store) else { return };
        let Some(watcher) = watched.streams.remove(&number) else { return };
        self.open.fetch_sub(1, Ordering::Relaxed);
        take_out(&mut watched.by_cart, &watcher.cart, number);
        if let Some(order) = &watcher.order {
            take_out(&mut watched.by_order, order, number);
        }
        for line in &watcher.lines {
            watched.leave_variant(line.variant, number);
        }
        if watched.streams.is_empty() {
            state.stores.remove(&store);
        }
        state.origins.take(watcher.origin, 1);
    }

    /// Tells a stream's place what its cart holds, as its owner was shown it. Where others were told something else of the goods,
    /// one of both is old, and the stream begins anew.
    pub(super) fn watch(&self, place: &Place, cart: &Cart, goods: impl Iterator<Item = Option<LineView>>) {
        let mut state = self.lock();
        let Some(watched) = state.stores.get_mut(&place.store) else { return };
        let mut same = true;
        for (line, shown) in cart.lines.iter().zip(goods) {
            let known = watched.goods.entry(line.variant_id).or_insert_with(|| shown.clone());
            same &= super::goods::is_same(known.as_ref(), shown.as_ref());
        }
        watched.set_cart(place.number, cart);
        if !same {
            place.queue.start_anew();
        }
    }

    /// Ends all streams, and takes no more. Readers that do not take the end are hung up on.
    pub(crate) async fn close(&self) {
        {
            let mut state = self.lock();
            state.closed = true;
            let all = state.stores.values().flat_map(|watched| watched.streams.values());
            all.for_each(|watcher| watcher.queue.end(EndReason::Stopping));
        }
        for _ in 0..20 {
            if self.open() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let state = self.lock();
        state.stores.values().flat_map(|watched| watched.streams.values()).for_each(Watcher::hang_up);
    }

    /// Hangs up on readers that have not read for too long.
    pub(super) fn hang_up_on_the_stalled(&self) {
        let state = self.lock();
        for watcher in state.stores.values().flat_map(|watched| watched.streams.values()) {
            if watcher.queue.behind_since().is_some_and(|since| since.elapsed() > self.limits.patience) {
                watcher.hang_up();
            }
        }
    }
}

impl Watcher {
    fn hang_up(&self) {
        (self.hang_up)();
    }
}

impl Watched {
    fn new(head: StoreHead) -> Watched {
        Watched {
            streams: BTreeMap::new(),
            by_cart: HashMap::new(),
            by_order: HashMap::new(),
            by_variant: HashMap::new(),
            goods: HashMap::new(),
            touched: HashSet::new(),
            goods_told_at: None,
            has_news: true,
            config_changed: false,
            head,
        }
    }

    /// Tells all streams.
    pub(super) fn tell_all(&self, event: &LiveEvent) {
        self.streams.values().for_each(|watcher| watcher.queue.push(event.clone()));
    }

    /// Takes in what a stream's cart holds now.
    pub(super) fn set_cart(&mut self, number: u64, cart: &Cart) {
        let Some(watcher) = self.streams.get_mut(&number) else { return };
        let lines = cart.lines.iter().map(|line| {
            let held_until = cart.hold_of(line.variant_id).map(|hold| hold.until);
            let same = |known: &&WatchedLine| known.line == line.id && known.held_until == held_until;
            WatchedLine {
                line: line.id,
                variant: line.variant_id,
                quantity: line.quantity,
                held: cart.held(line.variant_id),
                held_until,
                warned: watcher.lines.iter().find(same).is_some_and(|known| known.warned),
            }
        });
        let lines: Box<[WatchedLine]> = lines.collect();
        let before = std::mem::replace(&mut watcher.lines, lines);
        if let Some(order) = cart.order_id {
            self.follow(number, order);
        }
        for line in &before {
            take_out(&mut self.by_variant, &line.variant, number);
        }
        for line in &cart.lines {
            self.by_variant.entry(line.variant_id).or_default().insert(number);
        }
        for line in &before {
            if !self.by_variant.contains_key(&line.variant) {
                self.goods.remove(&line.variant);
            }
        }
    }

    /// From here on a stream hears of this order too.
    pub(super) fn follow(&mut self, number: u64, order: OrderId) {
        let Some(watcher) = self.streams.get_mut(&number) else { return };
        let before = watcher.order.replace(order);
        if before != Some(order) {
            if let Some(before) = before {
                take_out(&mut self.by_order, &before, number);
            }
            self.by_order.entry(order).or_default().insert(number);
        }
    }

    fn leave_variant(&mut self, variant: VariantId, number: u64) {
        take_out(&mut self.by_variant, &variant, number);
        if !self.by_variant.contains_key(&variant) {
            self.goods.remove(&variant);
        }
    }
}

fn take_out<K: Eq + Hash>(index: &mut HashMap<K, BTreeSet<u64>>, key: &K, number: u64) {
    let Some(streams) = index.get_mut(key) else { return };
    streams.remove(&number);
    if streams.is_empty() {
        index.remove(key);
    }
}
