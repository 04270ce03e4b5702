//! One open stream, as its reader sees it.

use super::queue::Next;
use super::registry::Place;
use crate::cache::{CartView, LineView};
use crate::engine::Engine;
use crate::failure::Failure;
use crate::origin::Origin;
use cartwright_domain::account::SecretHash;
use cartwright_domain::command::Access;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{CartId, LineId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::store::StoreConfig;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so long without an event a sign of life is sent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What is told to whoever has a cart open.
#[derive(Clone, Debug)]
pub enum LiveEvent {
    /// Where the cart stands, and up to which event that is told. It begins each stream, after what was missed.
    State {
        /// The cart as it is shown.
        view: Arc<CartView>,
        /// Number of the newest event that the stream was told of.
        position: i64,
        /// Whether something was missed that is not told again.
        reset: bool,
    },
    /// Something happened to the cart or its order.
    Logged(Arc<LoggedEvent>),
    /// Today's unit price of a line is another.
    Price {
        /// The line.
        line: LineId,
        /// Its SKU.
        sku: String,
        /// What was told before, minor units; `None` where it was not for sale.
        before: Option<i64>,
        /// Today's, minor units; `None` where it is no longer for sale.
        now: Option<i64>,
        /// The cart's currency.
        currency: Currency,
    },
    /// Of a line's variant more or fewer units are to be had.
    Stock {
        /// The line.
        line: LineId,
        /// Its SKU.
        sku: String,
        /// Its units.
        quantity: i64,
        /// Units of the variant on all lines.
        units: i64,
        /// Units of the variant that are held for the cart.
        held: i64,
        /// The variant and its stock; `None` where it no longer exists.
        goods: Option<LineView>,
        /// Today's unit price; `None` where it is not for sale.
        today: Option<i64>,
    },
    /// A line's goods will not be held much longer.
    HoldEnds {
        /// The line.
        line: LineId,
        /// Its SKU.
        sku: String,
        /// Until when they are held.
        until: Timestamp,
    },
    /// The store's promotions, taxes or settings have changed: the totals may be others.
    StoreChanged,
    /// Nothing more comes.
    End(EndReason),
    /// A sign of life.
    KeepAlive,
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The cart is deleted, expired or merged, or no longer the reader's.
    CartClosed,
    /// Whoever opened it is no longer logged in, or is to show the key again.
    SessionEnded,
    /// The server stops; another one goes on.
    Stopping,
}

impl EndReason {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::CartClosed => "cart_closed",
            EndReason::SessionEnded => "session_ended",
            EndReason::Stopping => "stopping",
        }
    }
}

/// How a stream is to be opened.
#[derive(Clone)]
pub struct StreamRequest {
    /// The last event that the reader has; a new reader has none.
    pub after: Option<i64>,
    /// Where it reads from.
    pub origin: Origin,
    /// The session that opens the cart, if one does. The stream ends with it.
    pub session: Option<SecretHash>,
    /// After how long the reader is to show who it is again.
    pub lasts: Option<Duration>,
    /// Cuts the connection.
    pub hang_up: Arc<dyn Fn() + Send + Sync>,
}

/// Why a stream cannot be opened.
#[derive(Debug)]
pub enum StreamRefusal {
    /// As many are open as may be.
    Full,
    /// As many are open of this cart, or from this address, as may be.
    TooMany,
    /// The server stops.
    Stopping,
    /// The cart cannot be read.
    Failed(Failure),
}

impl From<Failure> for StreamRefusal {
    fn from(failure: Failure) -> StreamRefusal {
        StreamRefusal::Failed(failure)
    }
}

/// An open stream. It is closed by dropping it.
pub struct LiveStream {
    pub(super) engine: Arc<Engine>,
    pub(super) config: Arc<StoreConfig>,
    pub(super) cart: CartId,
    pub(super) access: Access,
    pub(super) place: Place,
    /// What comes before all that waits.
    pub(super) first: VecDeque<LiveEvent>,
    /// Up to which event it was told.
    pub(super) told: i64,
    pub(super) until: Option<Instant>,
    pub(super) over: bool,
    pub(super) ended: bool,
}

impl LiveStream {
    /// Whether the cart is closed and nothing was missed: then there is no point in reading.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The next event; `None` after the end.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        while !self.ended {
            if let Some(event) = self.first.pop_front() {
                return Some(event);
            }
            match self.place.queue.take() {
                Next::Event(LiveEvent::Logged(event)) if event.sequence <= self.told => {}
                Next::Event(event) => {
                    if let LiveEvent::Logged(event) = &event {
                        self.told = event.sequence;
                    }
                    return Some(event);
                }
                // Boxed, since it happens seldom and would make every stream larger.
                Next::Behind => match Box::pin(self.state_anew()).await {
                    Ok(event) => return Some(event),
                    Err(reason) => return Some(self.end(reason)),
                },
                Next::End(reason) => return Some(self.end(reason)),
                Next::Nothing if self.until.is_some_and(|until| Instant::now() >= until) => {
                    return Some(self.end(EndReason::SessionEnded));
                }
                Next::Nothing => {
                    if tokio::time::timeout(KEEP_ALIVE, self.place.queue.ready.notified()).await.is_err() {
                        return Some(LiveEvent::KeepAlive);
                    }
                }
            }
        }
        None
    }

    fn end(&mut self, reason: EndReason) -> LiveEvent {
        self.ended = true;
        LiveEvent::End(reason)
    }

    /// Where the cart stands, for a reader that has lost events.
    async fn state_anew(&mut self) -> Result<LiveEvent, EndReason> {
        let head = self.engine.reader.heads(&[self.config.store.id]).await;
        let position = head.ok().and_then(|heads| heads.first().map(|head| head.last_event));
        match self.engine.cart(&self.config, self.cart, &self.access).await {
            Ok(view) => {
                // What is older than the state says nothing new.
                self.told = self.told.max(position.unwrap_or(0));
                self.engine.live.watch(&self.place, &view.cart, view.lines.iter().cloned());
                Ok(LiveEvent::State { view, position: self.told, reset: true })
            }
            Err(Failure::Refused(_)) => Err(EndReason::CartClosed),
            // It comes back, and is told then.
            Err(_) => Err(EndReason::Stopping),
        }
    }
}
