//! The lane: one thread that owns the storage's writer and runs commands in batches. While one batch commits, the next
//! gathers; nobody waits for a timer. A batch holds commands of one store: prefetch, decide, commit, reply. If a batch
//! fails as a whole its commands run again one by one, so that one bad command fails alone. Not so where the storage is
//! unavailable: then one would wait after another, and what a lost commit may have done would be done twice.

use crate::batch::{Goods, Outcome, Task, Trouble, all_or_one_by_one, cut, decide_all};
use crate::cache::Caches;
use crate::failure::Failure;
use crate::live::Live;
use crate::nodes::reload_store;
use crate::points;
use crate::storage::{Reader, StorageError, Writer};
use cartwright_domain::command::Command;
use cartwright_domain::id::StoreId;
use cartwright_domain::people::AuditEntry;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::WorkingSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
}

impl Request {
    fn task(&self) -> Task<'_> {
        Task { command: &self.command, seed: self.seed, audit: self.audit.as_deref() }
    }
}

/// Work on the writer itself.
pub(crate) type DirectWork = Box<dyn FnOnce(&mut dyn Writer) + Send>;

pub(crate) enum Message {
    Run(Box<Job>),
    /// Between batches.
    Direct(DirectWork),
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
        while let Some(first) = queue.blocking_recv() {
            let messages = self.gather(first, &mut queue, last);
            let begun = Instant::now();
            let commands = messages.len();
            let mut jobs = Vec::with_capacity(commands);
            for message in messages {
                match message {
                    Message::Run(job) => jobs.push(*job),
                    Message::Direct(work) => {
                        self.run_all(std::mem::take(&mut jobs));
                        work(self.writer.as_mut());
                    }
                }
            }
            self.run_all(jobs);
            last = Pace { commands, took: begun.elapsed() };
        }
    }

    /// What waits in the queue. A database over the network costs much for each batch and little for each command: where many
    /// ask at once, those that were just answered are given time to ask again, as long as they keep coming, and never longer
    /// than half of what the last batch took.
    fn gather(&self, first: Message, queue: &mut mpsc::Receiver<Message>, last: Pace) -> Vec<Message> {
        let mut messages = vec![first];
        let mut drain = |messages: &mut Vec<Message>| {
            while messages.len() < BATCH
                && let Ok(message) = queue.try_recv()
            {
                messages.push(message);
            }
        };
        drain(&mut messages);
        let until = Instant::now() + last.took / 2;
        let mut grows = self.shared && last.commands >= CROWD;
        while grows && messages.len() < BATCH && Instant::now() < until {
            let before = messages.len();
            std::thread::sleep(GAP);
            drain(&mut messages);
            grows = messages.len() > before;
        }
        messages
    }

    /// Splits the jobs by store and into batches, keeping the order within each store.
    fn run_all(&mut self, mut jobs: Vec<Job>) {
        while let Some(first) = jobs.first() {
            let store = first.request.config.store.id;
            let (batch, rest): (Vec<Job>, Vec<Job>) =
                jobs.into_iter().partition(|job| job.request.config.store.id == store);
            for batch in cut(batch, |job| &job.request.command) {
                self.run_batch(store, batch);
            }
            jobs = rest;
        }
    }

    fn run_batch(&mut self, store: StoreId, batch: Vec<Job>) {
        self.metrics.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
        self.metrics.batches.fetch_add(1, Ordering::Relaxed);
        let (requests, mut replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|job| (job.request, Some(job.reply))).unzip();
        let answer = |at: usize, outcome| {
            if let Some(reply) = replies[at].take() {
                // A caller that went away does not change what was decided.
                let _ = reply.send(outcome);
            }
        };
        let failed = all_or_one_by_one(&requests, |requests| self.persist(store, requests), answer);
        if let Some(error) = failed {
            self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%error, commands = requests.len(), "a batch failed");
        }
    }

    /// Tries until the batch meets no other node's transaction, with the newest configuration.
    fn persist(&mut self, store: StoreId, batch: &[Request]) -> Result<Vec<Outcome>, Failure> {
        for meeting in 1.. {
            match self.attempt(store, batch) {
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
        let now = self.clock.now();
        // The newest configuration counts, not the one that the request saw.
        let config = self.caches.config(store).unwrap_or_else(|| batch[0].config.clone());
        let mut set = WorkingSet::new(config);
        let tasks: Vec<Task<'_>> = batch.iter().map(Request::task).collect();
        let goods = if self.shared { Goods::OfOpenCarts } else { Goods::Named };
        let run =
            catch_unwind(AssertUnwindSafe(|| decide_all(self.writer.as_mut(), store, &tasks, &mut set, now, goods)));
        let result = match run {
            Ok(result) => result,
            Err(_) => Err(Trouble::Fault("a decision panicked".to_owned())),
        };
        batch.iter().for_each(|request| points::decided(&request.command));
        let committed = result.and_then(|outcomes| Ok(self.commit(store, &set).map(|()| outcomes)?));
        match committed {
            Ok(_) => batch.iter().for_each(|request| points::committed(&request.command)),
            Err(_) => self.writer.rollback(),
        }
        committed
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError> {
        self.writer.commit(store, set)?;
        if !self.shared {
            self.caches.publish(store, set);
            self.live.note(store, set, self.shared);
            return Ok(());
        }
        self.caches.publish_shared(store, set);
        self.live.note(store, set, self.shared);
        if !set.config_changes.is_empty()
            && let Err(error) = self.reload(store)
        {
            // It is committed; whoever needs it next reads it.
            tracing::warn!(%error, "the new configuration could not be read back");
        }
        Ok(())
    }
}
