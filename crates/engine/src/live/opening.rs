//! How a stream begins: with what its reader has missed, told again from the log in its order, and then with where the cart
//! stands. Whoever polls gets the same in one answer.

use super::registry::Place;
use super::stream::{EndReason, LiveEvent, LiveStream, StreamRefusal, StreamRequest};
use super::{StoreHead, feed};
use crate::cache::CartView;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::EventQuery;
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::command::Access;
use cartwright_domain::event::{EventKind, LoggedEvent, Subject};
use cartwright_domain::id::CartId;
use cartwright_domain::store::StoreConfig;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Most missed events that are told again; who has missed more begins anew.
const MOST_MISSED: usize = 500;

/// How a stream begins, or what a poll answers.
#[derive(Debug)]
pub struct Opening {
    /// What was missed, in its order; nothing where the reader begins anew.
    pub missed: Vec<LoggedEvent>,
    /// Whether something was missed that cannot be told again.
    pub reset: bool,
    /// Where the cart stands.
    pub view: Arc<CartView>,
    /// Number of the newest event that is told by all this.
    pub position: i64,
}

impl Engine {
    /// What happened to a cart and its orders after an event, and where it stands.
    ///
    /// # Errors
    /// As [`Engine::cart`].
    pub async fn cart_events(
        &self,
        config: &Arc<StoreConfig>,
        cart: CartId,
        access: &Access,
        after: Option<i64>,
    ) -> Result<Opening, Failure> {
        let head = self.head(config).await?;
        self.opening(config, cart, access, after, head.last_event).await
    }

    /// Opens a stream of a cart.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub async fn open_stream(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        cart: CartId,
        access: &Access,
        request: StreamRequest,
    ) -> Result<LiveStream, StreamRefusal> {
        // Whether it may be opened is asked first; strangers take nobody's place.
        let seen = self.cart(config, cart, access).await?;
        let head = self.head(config).await?;
        let place = self.live.place(cart, seen.cart.currency, access, &request, head)?;
        let opening = self.opening(config, cart, access, request.after, place.position).await?;
        Ok(self.begin(config, cart, access, place, opening, request))
    }

    fn begin(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        cart: CartId,
        access: &Access,
        place: Place,
        opening: Opening,
        request: StreamRequest,
    ) -> LiveStream {
        let Opening { missed, reset, view, position } = opening;
        self.live.watch(&place, &view.cart, view.lines.iter().cloned());
        let mut first: VecDeque<_> = missed.into_iter().map(|event| LiveEvent::Logged(Arc::new(event))).collect();
        let closed = view.cart.status == CartStatus::Merged;
        if closed {
            place.queue.end(EndReason::CartClosed);
        }
        let over = closed && first.is_empty() && !reset;
        first.push_back(LiveEvent::State { view, position, reset });
        LiveStream {
            engine: self.clone(),
            config: config.clone(),
            cart,
            access: access.clone(),
            place,
            first,
            told: position,
            until: request.lasts.map(|lasts| Instant::now() + lasts),
            over,
            ended: false,
        }
    }

    async fn head(&self, config: &StoreConfig) -> Result<StoreHead, Failure> {
        let store = config.store.id;
        let found = self.reader.heads(&[store]).await?.into_iter().next();
        Ok(found.unwrap_or(StoreHead::new(store)))
    }

    /// `position` is up to where a stream will be told by others; events beyond it may be among the missed.
    async fn opening(
        &self,
        config: &Arc<StoreConfig>,
        cart: CartId,
        access: &Access,
        after: Option<i64>,
        position: i64,
    ) -> Result<Opening, Failure> {
        let view = self.cart(config, cart, access).await?;
        let Some(after) = after else { return Ok(Opening { missed: Vec::new(), reset: false, view, position }) };
        // A number that was never given is of another shop, or of a database that was set back.
        let missed = if after > position { None } else { self.missed(config, &view.cart, after).await? };
        let position = missed.iter().flatten().map(|event| event.sequence).fold(position, i64::max);
        Ok(Opening { reset: missed.is_none(), missed: missed.unwrap_or_default(), view, position })
    }

    /// What happened to a cart and its orders after an event; `None` where not all of it is known any more, or it is too much.
    async fn missed(&self, config: &StoreConfig, cart: &Cart, after: i64) -> Result<Option<Vec<LoggedEvent>>, Failure> {
        let store = config.store.id;
        let subject = Some(Subject::Cart(cart.id));
        let query = EventQuery { subject, after, limit: MOST_MISSED + 1, ..EventQuery::default() };
        let mut missed = self.reader.events(store, &query).await?;
        let first = self.reader.events(store, &EventQuery { after: 0, limit: 1, ..query }).await?;
        let kept = |event: &LoggedEvent| event.event.kind == EventKind::CartCreated || event.sequence <= after;
        if missed.len() > MOST_MISSED || !first.first().is_some_and(kept) {
            return Ok(None);
        }
        let named: BTreeSet<_> = missed.iter().filter_map(feed::order_of).chain(cart.order_id).collect();
        if !named.is_empty() {
            let orders: Vec<_> = named.into_iter().collect();
            missed.extend(self.reader.order_events(store, &orders, after, MOST_MISSED + 1).await?);
            missed.sort_by_key(|event| event.sequence);
        }
        missed.retain(|event| feed::is_told(event.event.kind));
        Ok((missed.len() <= MOST_MISSED).then_some(missed))
    }
}
