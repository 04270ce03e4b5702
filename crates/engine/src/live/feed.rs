//! The task that feeds the streams of a node: it looks where the logs end, once for all stores, reads what is new, and deals it
//! out. Where other nodes write too it looks every tenth of a second, for it is told of its own lane's batches only.

use super::registry::Watched;
use super::stream::{EndReason, LiveEvent};
use super::{StoreHead, goods};
use crate::cache::LineView;
use crate::carts::by_id;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::EventQuery;
use cartwright_domain::cart::Cart;
use cartwright_domain::event::{EventKind, LoggedEvent, Subject};
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often a node looks for what others have committed.
const LOOK: Duration = Duration::from_millis(100);
/// Between two rounds: so much is gathered under load.
const GAP: Duration = Duration::from_millis(20);
/// Between two tellings of prices and stock, which may change with every order.
const GOODS_GAP: Duration = Duration::from_millis(500);
/// Between two looks at whose session has ended, who does not read, and which holds are about to end.
const CHECK: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);
/// Events, or entries of the ledger, that are read at a time.
const PAGE: usize = 1_000;
/// So many entries of the ledger are not read one by one: all goods are looked at instead.
const MOST_MOVEMENTS: i64 = 10_000;

/// Whether streams are told of it.
pub(super) fn is_told(kind: EventKind) -> bool {
    use EventKind as Kind;
    matches!(
        kind,
        Kind::CartCreated
            | Kind::CartChanged
            | Kind::CartCheckedOut
            | Kind::CartReactivated
            | Kind::CartMerged
            | Kind::CartAbandoned
            | Kind::CartExpired
            | Kind::CartDeleted
            | Kind::CartHoldExpired
            | Kind::OrderPlaced
            | Kind::OrderCancelled
            | Kind::OrderPaymentFailed
            | Kind::OrderExpired
            | Kind::PaymentActionRequired
    )
}

/// Whether nothing comes after it.
fn is_the_end(kind: EventKind) -> bool {
    matches!(kind, EventKind::CartMerged | EventKind::CartExpired | EventKind::CartDeleted)
}

/// The order that an event of a cart names.
pub(super) fn order_of(event: &LoggedEvent) -> Option<OrderId> {
    event.event.data["order_id"].as_str()?.parse().ok().map(OrderId)
}

impl Engine {
    /// Feeds streams until the engine is gone. To be spawned.
    pub async fn feed_streams_forever(engine: Weak<Engine>) {
        let Some((live, shared)) = engine.upgrade().map(|engine| (engine.live.clone(), engine.shared)) else { return };
        let mut checked = Instant::now();
        loop {
            let idle = match live.open() {
                0 => Duration::from_secs(1),
                _ if shared => LOOK,
                _ => GOODS_GAP,
            };
            let _ = tokio::time::timeout(idle, live.wake.notified()).await;
            let Some(engine) = engine.upgrade() else { return };
            if live.open() == 0 {
                live.take_noted();
                continue;
            }
            let mut wait = GAP;
            let mut done = engine.feed_streams().await;
            if checked.elapsed() > CHECK {
                checked = Instant::now();
                live.hang_up_on_the_stalled();
                let now = engine.now();
                live.lock().stores.values_mut().for_each(|watched| watched.tell_holds(now));
                done = done.and(engine.end_streams_of_ended_sessions().await);
            }
            if let Err(error) = done {
                tracing::warn!(%error, "live carts wait");
                wait = PAUSE;
            }
            drop(engine);
            tokio::time::sleep(wait).await;
        }
    }

    /// One round over all stores.
    async fn feed_streams(&self) -> Result<(), Failure> {
        let noted = self.live.take_noted();
        let known: Vec<StoreHead> = {
            let mut state = self.live.lock();
            for (store, noted) in noted {
                if let Some(watched) = state.stores.get_mut(&store) {
                    watched.has_news = true;
                    watched.config_changed |= noted.config;
                    watched.touched.extend(noted.variants);
                }
            }
            state.stores.values().map(|watched| watched.head).collect()
        };
        let heads = if self.shared {
            let stores: Vec<StoreId> = known.iter().map(|head| head.store).collect();
            self.reader.heads(&stores).await?
        } else {
            known
        };
        for head in heads {
            self.feed_store(head).await?;
        }
        Ok(())
    }

    async fn feed_store(&self, head: StoreHead) -> Result<(), Failure> {
        let store = head.store;
        let Some((known, has_news)) = self.watched(store, |watched| (watched.head, watched.has_news)) else {
            return Ok(());
        };
        if has_news || head.last_event > known.last_event {
            self.feed_events(store).await?;
        }
        if self.shared {
            self.note_other_nodes(known, head).await?;
        }
        let due = self.watched(store, |watched| {
            if std::mem::take(&mut watched.config_changed) {
                watched.tell_all(&LiveEvent::StoreChanged);
            }
            watched.goods_due()
        });
        match due.flatten() {
            Some(touched) => self.feed_goods(store, touched).await,
            None => Ok(()),
        }
    }

    /// Does something with a store's streams, if it has any.
    fn watched<T>(&self, store: StoreId, work: impl FnOnce(&mut Watched) -> T) -> Option<T> {
        self.live.lock().stores.get_mut(&store).map(work)
    }

    /// Reads the log of events to its end.
    async fn feed_events(&self, store: StoreId) -> Result<(), Failure> {
        loop {
            let Some(after) = self.watched(store, |watched| {
                watched.has_news = false;
                watched.head.last_event
            }) else {
                return Ok(());
            };
            let query = EventQuery { after, limit: PAGE, ..EventQuery::default() };
            let events = self.reader.events(store, &query).await?;
            let more = events.len() == PAGE;
            let Some(last) = events.last().map(|last| last.sequence) else { return Ok(()) };
            let concerned = self.watched(store, |watched| watched.concerned(&events)).unwrap_or_default();
            let carts = self.carts_of(store, concerned.into_iter().collect()).await?;
            let fresh = self.new_goods(store, &carts).await?;
            self.watched(store, |watched| {
                watched.goods.extend(fresh);
                watched.tell_events(events, &carts);
                watched.head.last_event = last;
            });
            if !more {
                return Ok(());
            }
        }
    }

    /// Carts as they are now.
    async fn carts_of(&self, store: StoreId, ids: Vec<CartId>) -> Result<HashMap<CartId, Arc<Cart>>, Failure> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match self.caches.carts.get(&(store, id)).filter(|_| !self.shared) {
                Some(cached) => drop(found.insert(id, cached.cart.clone())),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let carts = self.reader.carts(store, &missing).await?;
            found.extend(carts.into_iter().map(|cart| (cart.id, Arc::new(cart))));
        }
        Ok(found)
    }

    /// Those goods of the carts of which nobody was told anything yet.
    async fn new_goods(
        &self,
        store: StoreId,
        carts: &HashMap<CartId, Arc<Cart>>,
    ) -> Result<HashMap<VariantId, Option<LineView>>, Failure> {
        let held = carts.values().flat_map(|cart| &cart.lines).map(|line| line.variant_id);
        let held: HashSet<VariantId> = held.collect();
        let unknown = self.watched(store, |watched| {
            held.into_iter().filter(|id| !watched.goods.contains_key(id)).collect::<Vec<VariantId>>()
        });
        self.goods_now(store, unknown.unwrap_or_default()).await
    }

    async fn goods_now(
        &self,
        store: StoreId,
        ids: Vec<VariantId>,
    ) -> Result<HashMap<VariantId, Option<LineView>>, Failure> {
        let mut found: HashMap<VariantId, Option<LineView>> = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match self.caches.variants.get(&(store, id)).filter(|_| !self.shared) {
                Some(line) => drop(found.insert(id, Some(line))),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            let mut read = by_id(self.reader.variants(store, &missing).await?);
            found.extend(missing.into_iter().map(|id| (id, read.remove(&id))));
        }
        Ok(found)
    }

    /// What nodes have done to the goods and to the configuration since the last round.
    async fn note_other_nodes(&self, known: StoreHead, head: StoreHead) -> Result<(), Failure> {
        let store = head.store;
        let mut reached = known.last_movement;
        let mut moved = HashSet::new();
        let all = head.catalogue != known.catalogue || head.last_movement - reached > MOST_MOVEMENTS;
        while !all && reached < head.last_movement {
            let page = self.reader.moved_variants(store, reached, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            reached = *last;
            moved.extend(page.into_iter().map(|(_, id)| id));
        }
        if let Some(config) = self.caches.config(store)
            && head.version != known.version
        {
            self.at_version(config, head.version).await?;
        }
        self.watched(store, |watched| {
            if all {
                watched.touched.extend(watched.by_variant.keys());
                reached = reached.max(head.last_movement);
            }
            watched.touched.extend(moved);
            watched.config_changed |= head.version != known.version;
            watched.head = StoreHead { last_movement: reached, last_event: watched.head.last_event, ..head };
        });
        Ok(())
    }

    async fn feed_goods(&self, store: StoreId, touched: Vec<VariantId>) -> Result<(), Failure> {
        let now = match self.goods_now(store, touched.clone()).await {
            Ok(now) => now,
            Err(error) => {
                self.watched(store, |watched| watched.touched.extend(touched));
                return Err(error);
            }
        };
        let Some(config) = self.caches.config(store) else { return Ok(()) };
        self.watched(store, |watched| {
            for (id, line) in now {
                if !goods::is_same(watched.goods.get(&id).and_then(Option::as_ref), line.as_ref()) {
                    watched.tell_goods(id, line, config.store.currency);
                }
            }
        });
        Ok(())
    }

    /// Ends the streams of those who are no longer logged in: one question for each store.
    async fn end_streams_of_ended_sessions(&self) -> Result<(), Failure> {
        let by_store: Vec<_> = {
            let state = self.live.lock();
            let sessions = |watched: &Watched| -> BTreeSet<_> {
                watched.streams.values().filter_map(|watcher| watcher.session).collect()
            };
            state.stores.iter().map(|(store, watched)| (*store, sessions(watched))).collect()
        };
        for (store, named) in by_store.into_iter().filter(|(_, named)| !named.is_empty()) {
            let hashes: Vec<_> = named.into_iter().collect();
            let found = self.reader.sessions_named(store, &hashes).await?;
            let now = self.now();
            let open = found.into_iter().filter(|(_, session, account)| session.opens(account, now));
            let open: HashSet<_> = open.map(|(hash, ..)| hash).collect();
            let asked: HashSet<_> = hashes.into_iter().collect();
            self.watched(store, |watched| {
                let ended = |session| asked.contains(&session) && !open.contains(&session);
                let of_ended = watched.streams.values().filter(|watcher| watcher.session.is_some_and(ended));
                of_ended.for_each(|watcher| watcher.queue.end(EndReason::SessionEnded));
            });
        }
        Ok(())
    }

    /// Ends all streams, for a server that stops.
    pub async fn close_streams(&self) {
        self.live.close().await;
    }

    /// How many streams are open.
    pub fn open_streams(&self) -> usize {
        self.live.open()
    }
}

impl Watched {
    /// The goods to be looked at now, if it is time.
    fn goods_due(&mut self) -> Option<Vec<VariantId>> {
        let early = self.goods_told_at.is_some_and(|told| told.elapsed() < GOODS_GAP);
        if self.touched.is_empty() || early {
            return None;
        }
        self.goods_told_at = Some(Instant::now());
        Some(self.touched.drain().filter(|id| self.by_variant.contains_key(id)).collect())
    }

    /// The carts with open streams that these events have changed.
    fn concerned(&self, events: &[LoggedEvent]) -> HashSet<CartId> {
        let carts = events.iter().filter_map(|event| event.event.subject.cart());
        carts.filter(|cart| self.by_cart.contains_key(cart)).collect()
    }

    /// Tells events in their order. An order belongs to a cart from the event on that names it.
    fn tell_events(&mut self, events: Vec<LoggedEvent>, carts: &HashMap<CartId, Arc<Cart>>) {
        for event in events.into_iter().filter(|event| is_told(event.event.kind)) {
            let streams = match event.event.subject {
                Subject::Cart(id) => self.by_cart.get(&id),
                Subject::Order(id) => self.by_order.get(&id),
            };
            let Some(streams) = streams.cloned() else { continue };
            let order = event.event.subject.cart().and_then(|_| order_of(&event));
            let kind = event.event.kind;
            let event = Arc::new(event);
            for number in streams {
                if let Some(order) = order {
                    self.follow(number, order);
                }
                let Some(watcher) = self.streams.get(&number) else { continue };
                watcher.queue.push(LiveEvent::Logged(event.clone()));
                if is_the_end(kind) {
                    watcher.queue.end(EndReason::CartClosed);
                }
            }
        }
        for (id, cart) in carts {
            for number in self.by_cart.get(id).cloned().unwrap_or_default() {
                self.set_cart(number, cart);
                let watcher = &self.streams[&number];
                if !cart.is_opened_by(&watcher.access) {
                    watcher.queue.end(EndReason::CartClosed);
                }
            }
        }
    }
}
