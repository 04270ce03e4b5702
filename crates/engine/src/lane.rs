//! The lane: one thread that owns the storage's writer and runs commands in batches. While one batch commits, the next
//! gathers; nobody waits for a timer. A batch holds commands of one store: prefetch, decide, commit, reply. If a batch
//! fails as a whole its commands run again one by one, so that one bad command fails alone. Not so where the storage is
//! unavailable: then one would wait after another, and what a lost commit may have done would be done twice.

use crate::cache::Caches;
use crate::failure::Failure;
use crate::nodes::reload_store;
use crate::storage::{Reader, StorageError, Writer};
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::decide::{Context, decide, needs};
use cartwright_domain::id::{IdSource, StoreId, Timestamp};
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::{Keys, WorkingSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Most commands in one batch.
const BATCH: usize = 256;
/// Rounds of loading before a command counts as faulty: rows name rows, but never deeper than this.
const LOAD_ROUNDS: usize = 6;
/// How often a batch that met another node's transaction is tried before its commands run one by one, or are sent away.
const MEETINGS: u32 = 8;

/// The result of one command.
pub(crate) type Outcome = Result<Reply, Failure>;

pub(crate) struct Job {
    pub config: Arc<StoreConfig>,
    pub command: Command,
    pub seed: u64,
    pub reply: oneshot::Sender<Outcome>,
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
    pub metrics: Arc<LaneMetrics>,
    pub clock: crate::engine::Clock,
}

impl Lane {
    /// Runs until all senders are gone and the queue is empty.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        while let Some(first) = queue.blocking_recv() {
            let mut jobs = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next.take() {
                match message {
                    Message::Run(job) => jobs.push(*job),
                    Message::Direct(work) => {
                        self.run_all(std::mem::take(&mut jobs));
                        work(self.writer.as_mut());
                    }
                }
                if jobs.len() < BATCH {
                    next = queue.try_recv().ok();
                }
            }
            self.run_all(jobs);
        }
    }

    /// Splits the jobs by store, keeping the order within each.
    fn run_all(&mut self, mut jobs: Vec<Job>) {
        while let Some(first) = jobs.first() {
            let store = first.config.store.id;
            let (batch, rest): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.config.store.id == store);
            self.run_batch(store, batch);
            jobs = rest;
        }
    }

    fn run_batch(&mut self, store: StoreId, batch: Vec<Job>) {
        self.metrics.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
        self.metrics.batches.fetch_add(1, Ordering::Relaxed);
        match self.persist(store, &batch) {
            Ok(outcomes) => reply(batch, outcomes),
            Err(trouble) if batch.len() == 1 || trouble.is_of_the_storage() => {
                self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
                let error = Failure::from(trouble);
                tracing::warn!(%error, commands = batch.len(), "a batch failed");
                let outcomes = vec![Err(error); batch.len()];
                reply(batch, outcomes);
            }
            Err(trouble) => {
                self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
                let error = Failure::from(trouble);
                tracing::warn!(%error, commands = batch.len(), "a batch failed; its commands run one by one");
                self.run_one_by_one(store, batch);
            }
        }
    }

    fn run_one_by_one(&mut self, store: StoreId, batch: Vec<Job>) {
        for job in batch {
            let outcome = match self.persist(store, std::slice::from_ref(&job)) {
                Ok(mut outcomes) => outcomes.pop().unwrap_or_else(|| Err(Failure::Fault("no outcome".to_owned()))),
                Err(trouble) => Err(trouble.into()),
            };
            let _ = job.reply.send(outcome);
        }
    }

    /// Tries until the batch meets no other node's transaction, with the newest configuration.
    fn persist(&mut self, store: StoreId, batch: &[Job]) -> Result<Vec<Outcome>, Trouble> {
        for meeting in 1.. {
            match self.attempt(store, batch) {
                Err(Trouble::Storage(StorageError::StaleConfig)) if meeting < MEETINGS => self.reload(store)?,
                Err(Trouble::Storage(StorageError::Conflict(_))) if meeting < MEETINGS => {
                    // Both would meet again at once; each waits another while.
                    std::thread::sleep(Duration::from_micros(batch[0].seed % 1_000 * u64::from(meeting)));
                }
                done => return done,
            }
        }
        unreachable!("the last meeting returns")
    }

    /// Reads the store's newest configuration.
    fn reload(&self, store: StoreId) -> Result<(), StorageError> {
        self.runtime.block_on(reload_store(self.reader.as_ref(), &self.caches, store))
    }

    /// One transaction: all commands of the batch, or on an error none.
    fn attempt(&mut self, store: StoreId, batch: &[Job]) -> Result<Vec<Outcome>, Trouble> {
        let now = (self.clock)();
        // The newest configuration counts, not the one that the request saw.
        let config = self.caches.config(store).unwrap_or_else(|| batch[0].config.clone());
        let mut set = WorkingSet::new(config);
        let run = catch_unwind(AssertUnwindSafe(|| self.decide_all(store, batch, &mut set, now)));
        let result = match run {
            Ok(result) => result,
            Err(_) => Err(Trouble::Fault("a decision panicked".to_owned())),
        };
        let committed = result.and_then(|outcomes| Ok(self.commit(store, &set).map(|()| outcomes)?));
        if committed.is_err() {
            self.writer.rollback();
        }
        committed
    }

    fn decide_all(
        &mut self,
        store: StoreId,
        batch: &[Job],
        set: &mut WorkingSet,
        now: Timestamp,
    ) -> Result<Vec<Outcome>, Trouble> {
        self.prefetch(store, batch.iter(), set)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch {
            // An earlier command of the batch may have led this one to rows that nobody asked for before.
            self.prefetch(store, std::iter::once(job), set)?;
            let mut context = Context { now, ids: IdSource::new(now, job.seed) };
            outcomes.push(decide(&job.command, set, &mut context).map_err(Failure::Refused));
        }
        Ok(outcomes)
    }

    fn prefetch<'a>(
        &mut self,
        store: StoreId,
        jobs: impl Iterator<Item = &'a Job> + Clone,
        set: &mut WorkingSet,
    ) -> Result<(), Trouble> {
        for _ in 0..LOAD_ROUNDS {
            let mut keys = Keys::default();
            for job in jobs.clone() {
                needs(&job.command, set, &mut keys);
            }
            if keys.is_empty() {
                return Ok(());
            }
            self.writer.load(store, &keys, set)?;
        }
        Err(Trouble::Fault("a command asks for rows without end".to_owned()))
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError> {
        self.writer.commit(store, set)?;
        if !self.shared {
            self.caches.publish(store, set);
            return Ok(());
        }
        self.caches.publish_shared(store, set);
        if !set.config_changes.is_empty()
            && let Err(error) = self.reload(store)
        {
            // It is committed; whoever needs it next reads it.
            tracing::warn!(%error, "the new configuration could not be read back");
        }
        Ok(())
    }
}

/// Why a batch did not go through.
enum Trouble {
    Storage(StorageError),
    Fault(String),
}

impl Trouble {
    /// Whether every other batch would meet it too, or this one may have been done.
    fn is_of_the_storage(&self) -> bool {
        matches!(self, Trouble::Storage(StorageError::Unavailable(_) | StorageError::Uncertain(_)))
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Trouble {
        Trouble::Storage(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Storage(error) => error.into(),
            Trouble::Fault(reason) => Failure::Fault(reason),
        }
    }
}

fn reply(batch: Vec<Job>, outcomes: Vec<Outcome>) {
    for (job, outcome) in batch.into_iter().zip(outcomes) {
        // A caller that went away does not change what was decided.
        let _ = job.reply.send(outcome);
    }
}
