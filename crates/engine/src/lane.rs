//! The lane: one thread that owns the storage's writer and runs commands in batches. While one batch commits, the next
//! gathers, and where the storage can it is decided already; nobody waits for a timer. A batch holds commands of one store: prefetch,
//! decide, commit, reply. If a batch fails as a whole its commands run again one by one, so that one bad command fails alone. Not so where the storage is
//! unavailable: then one would wait after another, and what a lost commit may have done would be done twice.

use crate::batch::{Goods, Outcome, Task, Trouble, all_or_one_by_one, cut, decide_all, is_alone};
use crate::cache::Caches;
use crate::failure::Failure;
use crate::live::Live;
use crate::nodes::reload_store;
use crate::points;
use crate::storage::{Reader, Sent, StorageError, Writer};
use crate::turns::Turn;
use crate::waiting::{WINDOW, Waiting};
use cartwright_domain::command::Command;
use cartwright_domain::id::StoreId;
use cartwright_domain::people::AuditEntry;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::WorkingSet;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Most commands in one batch.
const BATCH: usize = 256;
/// How often a batch that met another node's transaction is tried before its commands run one by one, or are sent away.
const MEETINGS: u32 = 8;

/// From so many commands in a batch on it is worth while to wait for more.
const CROWD: usize = 8;
/// Nobody came for so long: no more are waited for.
const GAP: Duration = Duration::from_micros(100);

/// The last batch.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    commands: usize,
    took: Duration,
}

/// A command that waits, and where its outcome goes.
pub(crate) struct Job {
    pub request: Request,
    pub reply: oneshot::Sender<Outcome>,
}

pub(crate) struct Request {
    /// The store as the caller saw it.
    pub config: Arc<StoreConfig>,
    pub command: Command,
    pub seed: u64,
    /// In which operator's name.
    pub audit: Option<Arc<AuditEntry>>,
    /// For somebody who comes from where.
    pub from: Option<crate::origin::Origin>,
    /// Counts among those of its cart for as long as it is under way.
    pub turn: Option<Turn>,
    /// Tells the caller of a command with an idempotency key whether it had been answered before.
    pub repeated: Option<Arc<AtomicBool>>,
}

impl Request {
    fn task(&self) -> Task<'_> {
        let (audit, repeated) = (self.audit.as_deref(), self.repeated.as_deref());
        Task { command: &self.command, seed: self.seed, audit, repeated }
    }
}

/// Commands of one store that are decided together, and where their outcomes go.
pub(crate) struct Batch {
    store: StoreId,
    requests: Vec<Request>,
    replies: Vec<Option<oneshot::Sender<Outcome>>>,
}

impl Batch {
    fn new(store: StoreId, jobs: Vec<Job>) -> Batch {
        let (requests, replies) = jobs.into_iter().map(|job| (job.request, Some(job.reply))).unzip();
        Batch { store, requests, replies }
    }

    fn answer(&mut self, at: usize, outcome: Outcome) {
        if let Some(reply) = self.replies[at].take() {
            // A caller that went away does not change what was decided.
            let _ = reply.send(outcome);
        }
    }

    fn is_alone(&self) -> bool {
        self.requests.iter().any(|request| is_alone(&request.command))
    }
}

/// A batch that is decided, and not written.
struct Decided {
    set: WorkingSet,
    outcomes: Vec<Outcome>,
}

/// A batch that is being written.
pub(crate) struct UnderWay {
    batch: Batch,
    set: Arc<WorkingSet>,
    outcomes: Vec<Outcome>,
}

/// Work on the writer itself.
pub(crate) type DirectWork = Box<dyn FnOnce(&mut dyn Writer) + Send>;

pub(crate) enum Message {
    Run(Box<Job>),
    /// Between batches.
    Direct(DirectWork),
}

impl Message {
    /// Answers that it does not run.
    pub(crate) fn refuse(self, failure: Failure) {
        if let Message::Run(job) = self {
            let _ = job.reply.send(Err(failure));
        }
    }
}

/// What the lane has done since it started.
#[derive(Debug, Default)]
pub struct LaneMetrics {
    /// Commands run.
    pub commands: AtomicU64,
    /// Batches committed.
    pub batches: AtomicU64,
    /// Batches that failed as a whole.
    pub failed_batches: AtomicU64,
}

pub(crate) struct Lane {
    pub writer: Box<dyn Writer>,
    pub waiting: Waiting,
    /// Batches that are being written, the oldest first; two at most.
    pub under_way: VecDeque<UnderWay>,
    pub reader: Arc<dyn Reader>,
    /// Whether other nodes write the same database.
    pub shared: bool,
    /// For the rare reads of the lane's own.
    pub runtime: tokio::runtime::Handle,
    pub caches: Arc<Caches>,
    /// To be told that there is something to tell.
    pub live: Arc<Live>,
    pub metrics: Arc<LaneMetrics>,
    pub clock: crate::engine::Clock,
}

impl Lane {
    /// Runs until all senders are gone and the queue is empty.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut last = Pace::default();
        while self.wait(&mut queue, last) {
            let messages = self.gather(&mut queue, last);
            let begun = Instant::now();
            let commands = messages.len();
            let mut jobs = Vec::with_capacity(commands);
            for message in messages {
                match message {
                    Message::Run(job) => jobs.push(*job),
                    Message::Direct(work) => {
                        self.run_all(std::mem::take(&mut jobs));
                        self.land();
                        work(self.writer.as_mut());
                    }
                }
            }
            self.run_all(jobs);
            last = Pace { commands, took: begun.elapsed() };
        }
    }

    /// Waits until there is something to do; false once all senders are gone. While a batch is under way in a crowd, others are on their way; where
    /// nobody comes, its outcome is waited for first, so that nobody waits for an answer that is there.
    fn wait(&mut self, queue: &mut mpsc::Receiver<Message>, last: Pace) -> bool {
        if self.waiting.len() > 0 {
            return true;
        }
        if !self.under_way.is_empty() {
            let until = Instant::now() + last.took / 2;
            loop {
                if let Ok(message) = queue.try_recv() {
                    self.waiting.enter(message);
                    return true;
                }
                if last.commands < CROWD || Instant::now() >= until {
                    break;
                }
                std::thread::sleep(GAP);
            }
            self.land();
        }
        let message = queue.blocking_recv();
        let is_there = message.is_some();
        message.into_iter().for_each(|message| self.waiting.enter(message));
        is_there
    }

    /// What waits in the queue. A database over the network costs much for each batch and little for each command: where many
    /// ask at once, those that were just answered are given time to ask again, never longer than half of what the last batch took:
    /// as long as they keep coming, or where other nodes have their turns anyway, until as many are there as the last time.
    fn gather(&mut self, queue: &mut mpsc::Receiver<Message>, last: Pace) -> Vec<Message> {
        let has_rivals = match self.waiting.first() {
            Some(Message::Run(job)) => self.writer.has_rivals(job.request.config.store.id),
            Some(Message::Direct(_)) | None => false,
        };
        let mut drain = |waiting: &mut Waiting| {
            while waiting.len() < WINDOW
                && let Ok(message) = queue.try_recv()
            {
                waiting.enter(message);
            }
        };
        drain(&mut self.waiting);
        let until = Instant::now() + last.took / 2;
        let mut before = 0;
        let is_waited_for = |now: usize, before: usize| now > before || has_rivals && now < last.commands;
        while self.shared
            && last.commands >= CROWD
            && is_waited_for(self.waiting.len(), before)
            && self.waiting.len() < BATCH
            && Instant::now() < until
        {
            before = self.waiting.len();
            std::thread::sleep(GAP);
            drain(&mut self.waiting);
        }
        self.waiting.take(BATCH)
    }

    /// Splits the jobs by store and into batches, keeping the order within each store.
    fn run_all(&mut self, mut jobs: Vec<Job>) {
        while let Some(first) = jobs.first() {
            let store = first.request.config.store.id;
            let (batch, rest): (Vec<Job>, Vec<Job>) =
                jobs.into_iter().partition(|job| job.request.config.store.id == store);
            for batch in cut(batch, |job| &job.request.command) {
                self.run_batch(Batch::new(store, batch));
            }
            jobs = rest;
        }
    }

    /// Decides a batch and sends it. One that can be decided while the batch before it is being written is decided then.
    fn run_batch(&mut self, batch: Batch) {
        self.metrics.commands.fetch_add(batch.requests.len() as u64, Ordering::Relaxed);
        self.metrics.batches.fetch_add(1, Ordering::Relaxed);
        let follows = self.under_way.back().is_some_and(|before| before.batch.store == batch.store);
        let batch = if follows && !batch.is_alone() {
            match self.run_ahead(batch) {
                None => return,
                Some(batch) => batch,
            }
        } else {
            batch
        };
        self.land();
        match self.decide(batch.store, &batch.requests).and_then(|decided| self.send(batch.store, decided)) {
            Ok((Sent::UnderWay, set, outcomes)) => self.under_way.push_back(UnderWay { batch, set, outcomes }),
            Ok((Sent::Committed, set, outcomes)) => self.committed(batch, &set, outcomes),
            Err(trouble) => {
                self.writer.rollback();
                self.run_again(batch, trouble);
            }
        }
    }

    /// Sends a batch behind the one that is under way; gives it back where that cannot be.
    fn run_ahead(&mut self, batch: Batch) -> Option<Batch> {
        match self.decide(batch.store, &batch.requests).and_then(|decided| self.send(batch.store, decided)) {
            Ok((_, set, outcomes)) => {
                self.under_way.push_back(UnderWay { batch, set, outcomes });
                self.land_oldest();
                None
            }
            Err(_) => {
                self.writer.rollback();
                Some(batch)
            }
        }
    }

    fn send(&mut self, store: StoreId, decided: Decided) -> Result<(Sent, Arc<WorkingSet>, Vec<Outcome>), Trouble> {
        let set = Arc::new(decided.set);
        Ok((self.writer.send(store, set.clone())?, set, decided.outcomes))
    }

    /// Waits for the outcomes of all batches that are under way, and answers their callers.
    fn land(&mut self) {
        while !self.under_way.is_empty() {
            self.land_oldest();
        }
    }

    /// Waits for the outcome of the oldest batch that is under way, and answers its callers. Where it failed, those behind it
    /// fail too; all of them run again, in their order.
    fn land_oldest(&mut self) {
        let mut failed = Vec::new();
        while let Some(UnderWay { batch, set, outcomes }) = self.under_way.pop_front() {
            match self.writer.land() {
                Ok(()) => self.committed(batch, &set, outcomes),
                Err(error) => failed.push((batch, error)),
            }
            if failed.is_empty() {
                return;
            }
        }
        self.writer.rollback();
        for (batch, error) in failed {
            self.run_again(batch, error.into());
        }
    }

    fn committed(&self, mut batch: Batch, set: &WorkingSet, outcomes: Vec<Outcome>) {
        batch.requests.iter().for_each(|request| points::committed(&request.command));
        self.publish(batch.store, set);
        outcomes.into_iter().enumerate().for_each(|(at, outcome)| batch.answer(at, outcome));
    }

    /// A batch whose first try failed.
    fn run_again(&mut self, mut batch: Batch, trouble: Trouble) {
        let store = batch.store;
        let requests = std::mem::take(&mut batch.requests);
        let mut first = Some(trouble);
        let attempt = |requests: &[Request]| self.persist(store, requests, first.take());
        let failed = all_or_one_by_one(&requests, attempt, |at, outcome| batch.answer(at, outcome));
        if let Some(error) = failed {
            self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%error, commands = requests.len(), "a batch failed");
        }
    }

    /// Tries until the batch meets no other node's transaction, with the newest configuration. `trouble` is what a try came to
    /// that was made before.
    fn persist(
        &mut self,
        store: StoreId,
        batch: &[Request],
        mut trouble: Option<Trouble>,
    ) -> Result<Vec<Outcome>, Failure> {
        for meeting in 1.. {
            let result = match trouble.take() {
                Some(trouble) => Err(trouble),
                None => self.attempt(store, batch),
            };
            match result {
                Err(Trouble::Storage(StorageError::StaleConfig)) if meeting < MEETINGS => self.reload(store)?,
                Err(Trouble::Storage(StorageError::Conflict(_))) if meeting < MEETINGS => {
                    // Both would meet again at once; each waits another while.
                    std::thread::sleep(Duration::from_micros(batch[0].seed % 1_000 * u64::from(meeting)));
                }
                // One command may be what meets the other node again and again.
                Err(Trouble::Storage(StorageError::Conflict(reason))) if batch.len() > 1 => {
                    return Err(Failure::Fault(reason));
                }
                result => return Ok(result?),
            }
        }
        unreachable!("the last meeting returns")
    }

    /// Reads the store's newest configuration.
    fn reload(&self, store: StoreId) -> Result<(), StorageError> {
        self.runtime.block_on(reload_store(self.reader.as_ref(), &self.caches, store))
    }

    /// One transaction: all commands of the batch, or on an error none.
    fn attempt(&mut self, store: StoreId, batch: &[Request]) -> Result<Vec<Outcome>, Trouble> {
        let committed = self.decide(store, batch).and_then(|decided| {
            self.writer.commit(store, &decided.set)?;
            Ok(decided)
        });
        match committed {
            Ok(Decided { set, outcomes }) => {
                batch.iter().for_each(|request| points::committed(&request.command));
                self.publish(store, &set);
                Ok(outcomes)
            }
            Err(trouble) => {
                self.writer.rollback();
                Err(trouble)
            }
        }
    }

    fn decide(&mut self, store: StoreId, batch: &[Request]) -> Result<Decided, Trouble> {
        let now = self.clock.now();
        // The newest configuration counts, not the one that the request saw.
        let config = self.caches.config(store).unwrap_or_else(|| batch[0].config.clone());
        let mut set = WorkingSet::new(config);
        let tasks: Vec<Task<'_>> = batch.iter().map(Request::task).collect();
        let goods = if self.shared { Goods::OfOpenCarts } else { Goods::Named };
        let run =
            catch_unwind(AssertUnwindSafe(|| decide_all(self.writer.as_mut(), store, &tasks, &mut set, now, goods)));
        let outcomes = match run {
            Ok(result) => result?,
            Err(_) => return Err(Trouble::Fault("a decision panicked".to_owned())),
        };
        batch.iter().for_each(|request| points::decided(&request.command));
        self.waiting.note(&set);
        Ok(Decided { set, outcomes })
    }

    /// Others may see what is committed.
    fn publish(&self, store: StoreId, set: &WorkingSet) {
        if self.shared {
            self.caches.publish_shared(store, set);
        } else {
            self.caches.publish(store, set);
        }
        self.live.note(store, set, self.shared);
        if self.shared
            && !set.config_changes.is_empty()
            && let Err(error) = self.reload(store)
        {
            // It is committed; whoever needs it next reads it.
            tracing::warn!(%error, "the new configuration could not be read back");
        }
    }
}
