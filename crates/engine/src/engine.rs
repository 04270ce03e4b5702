//! The engine as its callers see it: run a command, read, check out, stop.

use crate::cache::Caches;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::lane::{Job, Lane, LaneMetrics, Message, Request};
use crate::live::{Live, LiveLimits};
use crate::mailer::Mailer;
use crate::payments::Payments;
use crate::shared_memory::{SharedHealth, SharedMemory};
use crate::shared_views::{SharedViewMetrics, SharedViews};
use crate::sinks::EventSink;
use crate::storage::{Reader, Storage, StorageError, Writer};
use crate::turns::{Turns, cart_of};
use crate::vault::Vault;
use crate::waiting::Waiting;
use crate::webhooks::WebhookSender;
use cartwright_domain::command::{Access, Command, Reply};
use cartwright_domain::id::{OrderId, StoreId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::{Store, StoreConfig};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that says what `tell` says.
    pub fn new(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(tell))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::new(system_time)
    }
}

/// Settings of the engine.
#[derive(Clone)]
pub struct EngineSettings {
    /// Most commands that may wait in front of the lane; beyond that callers are told to come back.
    pub queue: usize,
    /// What nodes share besides the database.
    pub shared_memory: Option<Arc<dyn SharedMemory>>,
    /// What sends to receivers of events; without it they wait.
    pub webhook_sender: Option<Arc<dyn WebhookSender>>,
    /// The clock; the system's, but in tests.
    pub clock: Clock,
    /// How many streams of live carts may be open.
    pub live: LiveLimits,
    /// What sends mails; without it they wait.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Another listener to all events.
    pub sink: Option<Arc<dyn EventSink>>,
    /// Seals the secrets that the database has to keep; without keys they stand there in the clear.
    pub vault: Arc<Vault>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        EngineSettings {
            queue: 8_192,
            shared_memory: None,
            webhook_sender: None,
            mailer: None,
            sink: None,
            vault: Arc::default(),
            clock: Clock::default(),
            live: LiveLimits::default(),
        }
    }
}

/// The engine. Cheap to share: all callers hold one `Arc`.
pub struct Engine {
    pub(crate) caches: Arc<Caches>,
    pub(crate) reader: Arc<dyn Reader>,
    pub(crate) payments: Payments,
    /// Whether other nodes write the same database, so that no cache can be trusted.
    pub(crate) shared: bool,
    pub(crate) shared_views: Option<SharedViews>,
    pub(crate) live: Arc<Live>,
    pub(crate) webhook_sender: Option<Arc<dyn WebhookSender>>,
    /// This process among the nodes.
    pub(crate) node: Uuid,
    clock: Clock,
    seeds: AtomicU64,
    lane: Mutex<Option<mpsc::Sender<Message>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    metrics: Arc<LaneMetrics>,
    /// Commands of each cart that are under way.
    turns: Arc<Turns>,
    /// Promotions are tried one at a time.
    pub(crate) tryouts: Arc<Semaphore>,
    /// So are reports.
    pub(crate) reports: Arc<Semaphore>,
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    pub(crate) sink: Option<Arc<dyn EventSink>>,
    pub(crate) vault: Arc<Vault>,
}

impl Engine {
    /// Starts the lane and loads the stores' configurations. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn start(
        storage: Storage,
        gateways: Vec<Arc<dyn Gateway>>,
        settings: EngineSettings,
    ) -> Result<Arc<Engine>, StorageError> {
        let caches = Arc::new(Caches::new());
        crate::nodes::load_stores(storage.reader.as_ref(), &caches).await?;
        let clock = settings.clock;
        let live = Arc::new(Live::new(settings.live));
        let metrics = Arc::new(LaneMetrics::default());
        let (sender, queue) = mpsc::channel(settings.queue);
        let lane = Lane {
            writer: storage.writer,
            waiting: Waiting::default(),
            under_way: std::collections::VecDeque::new(),
            reader: storage.reader.clone(),
            shared: storage.shared,
            runtime: tokio::runtime::Handle::current(),
            caches: caches.clone(),
            live: live.clone(),
            metrics: metrics.clone(),
            clock: clock.clone(),
        };
        let thread = std::thread::Builder::new().name("lane".to_owned()).spawn(move || lane.run(queue));
        let thread = thread.map_err(|error| StorageError::Fault(format!("cannot start the lane: {error}")))?;
        Ok(Arc::new(Engine {
            caches,
            reader: storage.reader,
            payments: Payments::new(gateways),
            shared: storage.shared,
            shared_views: settings.shared_memory.map(SharedViews::new),
            live,
            webhook_sender: settings.webhook_sender,
            node: Uuid::from_u64_pair(random_seed()?, random_seed()?),
            clock,
            seeds: AtomicU64::new(random_seed()?),
            lane: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            metrics,
            turns: Turns::new(),
            tryouts: Arc::new(Semaphore::new(1)),
            reports: Arc::new(Semaphore::new(1)),
            mailer: settings.mailer,
            sink: settings.sink,
            vault: settings.vault,
        }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the lane has done.
    pub fn metrics(&self) -> &LaneMetrics {
        &self.metrics
    }

    /// How the shared memory does, and what it was good for; `None` where there is none.
    pub fn shared_metrics(&self) -> Option<(&SharedHealth, &SharedViewMetrics)> {
        self.shared_views.as_ref().map(|views| (views.memory.health(), &views.metrics))
    }

    /// The read queries.
    pub fn reader(&self) -> &Arc<dyn Reader> {
        &self.reader
    }

    /// All stores with their configurations, in order of creation.
    pub fn stores(&self) -> Vec<Arc<StoreConfig>> {
        self.caches.configs()
    }

    /// A store's newest configuration.
    pub fn store(&self, id: StoreId) -> Option<Arc<StoreConfig>> {
        self.caches.config(id)
    }

    /// Runs a command through the lane; the answer is durable when it comes.
    ///
    /// # Errors
    /// The refusal, or why the command did not run. In both cases nothing has changed.
    pub async fn run(&self, config: &Arc<StoreConfig>, command: Command) -> Result<Reply, Failure> {
        let (reply, answer) = oneshot::channel();
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        let turn = match cart_of(&command) {
            Some(cart) => Some(self.turns.take(cart).ok_or(Failure::Busy)?),
            None => None,
        };
        let (audit, from) = (crate::audit::entry(), crate::asker::asker());
        let repeated = command.idempotency().map(|_| Arc::new(AtomicBool::new(false)));
        let request = Request { config: config.clone(), command, seed, audit, from, turn, repeated: repeated.clone() };
        self.send(Message::Run(Box::new(Job { request, reply })))?;
        let outcome = answer.await.map_err(|_| Failure::Stopping)?;
        if outcome.is_ok() && repeated.is_some_and(|repeated| repeated.load(Ordering::Acquire)) {
            crate::asker::note_repeated();
        }
        outcome
    }

    /// A number that nobody guesses.
    pub(crate) fn dice(&self) -> u64 {
        self.seeds.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }

    /// Creates a store.
    ///
    /// # Errors
    /// Refused where a store of that handle exists; otherwise the storage's failure.
    pub async fn create_store(&self, mut store: Store) -> Result<Arc<StoreConfig>, Failure> {
        let (reply, answer) = oneshot::channel();
        let caches = self.caches.clone();
        let work = move |writer: &mut dyn Writer| {
            if caches.configs().iter().any(|config| config.store.handle == store.handle) {
                let detail = format!("a store {} exists already", store.handle);
                let _ = reply.send(Err(Failure::Refused(Refusal::Conflict { detail })));
                return;
            }
            let taken = || Refusal::Conflict { detail: format!("a store {} exists already", store.handle) };
            let created = writer.create_store(&store).map_err(|error| match error {
                StorageError::Conflict(_) => Failure::Refused(taken()),
                other => Failure::from(other),
            });
            if let Ok(id) = created {
                store.id = id;
                caches.put_config(StoreConfig::new(store, Vec::new()));
            }
            let _ = reply.send(created);
        };
        self.send(Message::Direct(Box::new(work)))?;
        let id = answer.await.map_err(|_| Failure::Stopping)??;
        self.store(id).ok_or_else(|| Failure::Fault("the new store is not there".to_owned()))
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        let sender = self.lane.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sender = sender.ok_or(Failure::Stopping)?;
        sender.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Busy,
            mpsc::error::TrySendError::Closed(_) => Failure::Stopping,
        })
    }

    /// An order, for its owner or the shop.
    ///
    /// # Errors
    /// Refused with `OrderNotFound`; otherwise the storage's failure.
    pub async fn order(&self, config: &StoreConfig, id: OrderId, access: &Access) -> Result<Arc<Order>, Failure> {
        let order = self.reader.order(config.store.id, id).await?;
        let order = order.filter(|order| order.is_opened_by(access)).ok_or(Refusal::OrderNotFound)?;
        Ok(Arc::new(order))
    }

    /// Takes no more commands, lets those in the queue finish, and closes the storage. Blocks until that is done.
    pub fn stop(&self) {
        drop(self.lane.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the lane ended with a panic");
        }
    }
}

fn system_time() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}

fn random_seed() -> Result<u64, StorageError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| StorageError::Fault(format!("no randomness: {error}")))?;
    Ok(u64::from_le_bytes(bytes))
}
