//! The lane: one thread that owns the storage's writer and runs commands in batches. While one batch commits, the next
//! gathers; nobody waits for a timer. A batch holds commands of one store: prefetch, decide, commit, reply. If a batch
//! fails as a whole its commands run again one by one, so that one bad command fails alone.

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
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Most commands in one batch.
const BATCH: usize = 256;
/// Rounds of loading before a command counts as faulty: rows name rows, but never deeper than this.
const LOAD_ROUNDS: usize = 6;
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
            Err(error) if batch.len() == 1 => {
                self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
                reply(batch, vec![Err(error)]);
            }
            Err(error) => {
                self.metrics.failed_batches.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, commands = batch.len(), "a batch failed; its commands run one by one");
                for job in batch {
                    let outcome = self.persist(store, std::slice::from_ref(&job)).and_then(|mut outcomes| {
                        outcomes.pop().unwrap_or_else(|| Err(Failure::Fault("no outcome".to_owned())))
                    });
                    let _ = job.reply.send(outcome);
                }
            }
        }
    }

    /// Tries until the batch meets no other node's transaction, with the newest configuration.
    fn persist(&mut self, store: StoreId, batch: &[Job]) -> Result<Vec<Outcome>, Failure> {
        for meeting in 1.. {
            match self.attempt(store, batch) {
                Err(Trouble::Storage(StorageError::StaleConfig)) if meeting < MEETINGS => self.reload(store)?,
                Err(Trouble::Storage(StorageError::Conflict(_))) if meeting < MEETINGS => {
                    // Both would meet again at once; each waits another while.
                    std::thread::sleep(Duration::from_micros(batch[0].seed % 1_000 * u64::from(meeting)));
                }
                Err(Trouble::Storage(error)) => return Err(error.into()),
                Err(Trouble::Fault(reason)) => return Err(Failure::Fault(reason)),
                Ok(outcomes) => return Ok(outcomes),
            }
        }
        unreachable!("the last meeting returns")
    }

    /// Reads the store's newest configuration.
    fn reload(&self, store: StoreId) -> Result<(), Failure> {
        Ok(self.runtime.block_on(reload_store(self.reader.as_ref(), &self.caches, store))?)
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
            if self.shared {
                need_goods(set, &mut keys);
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

/// The goods of all open carts: they are shown with the answer, and nothing remembered may be shown.
fn need_goods(set: &WorkingSet, keys: &mut Keys) {
    let open = set.carts.rows().filter(|(_, cart)| cart.is_open());
    let goods = open.flat_map(|(_, cart)| cart.lines.iter().map(|line| line.variant_id));
    keys.variants.extend(goods.filter(|id| !set.variants.knows(id)));
}

/// Why a batch did not go through.
enum Trouble {
    Storage(StorageError),
    Fault(String),
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Trouble {
        Trouble::Storage(error)
    }
}

fn reply(batch: Vec<Job>, outcomes: Vec<Outcome>) {
    for (job, outcome) in batch.into_iter().zip(outcomes) {
        // A caller that went away does not change what was decided.
        let _ = job.reply.send(outcome);
    }
}
