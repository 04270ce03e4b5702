//! The writing side: one connection, one transaction per batch, few round trips: one per load, one to write and commit.

use super::PLAN_ANEW;
use super::ahead::{Scout, UnderWay};
use super::changes;
use super::connect::Connector;
use super::demand;
use super::error::Fault;
use super::known::Known;
use super::load::{self, Part, Turn};
use super::session::{Pipeline, Session, value};
use super::told;
use cartwright_domain::demand::ALL_COUNTED;
use cartwright_domain::id::StoreId;
use cartwright_domain::store::Store;
use cartwright_domain::working_set::{Keys, RowState, WorkingSet};
use cartwright_engine::{Sent, StorageError, Writer};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::Runtime;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// How long the outcome of a COMMIT without an answer is asked for, in times of a statement's limit.
const OUTCOME_LIMIT: u32 = 2;
/// Between two tries to find it out.
const OUTCOME_PAUSE: Duration = Duration::from_millis(200);
/// How long the note of a writer's last batch is kept.
pub(super) const NOTES_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) const FORGET_NOTES: &str = "DELETE FROM writers WHERE store_id = $1 AND written_at < $2";
const TAKE_TURN: &str = "UPDATE lanes SET writer = $2, batch = $3 WHERE store_id = $1";
const LAST_BATCH: &str = "SELECT batch FROM writers WHERE store_id = $1 AND writer = $2";
/// One creation of a store at a time: the handle must be new, and handles are not part of the key.
const LOCK_STORES: &str = "SELECT pg_advisory_xact_lock(7263548)";
const SAME_HANDLE: &str = "SELECT store_id FROM stores WHERE handle = $1";
const INSERT_STORE: &str = "INSERT INTO stores (store_id, handle, name, currency, hosts, settings, shipping_methods, tax_rates) \
     SELECT coalesce(max(store_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7 FROM stores RETURNING store_id";
const INSERT_LANE: &str = "INSERT INTO lanes (store_id, version, catalogue, last_movement) VALUES ($1, 0, 0, 0)";

/// How many carts and orders were made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Made {
    carts: usize,
    orders: usize,
}

impl Made {
    pub(super) fn count(&mut self, set: &WorkingSet) {
        self.carts += set.carts.changes().filter(|(.., state)| *state == RowState::Created).count();
        self.orders += set.orders.changes().filter(|(.., state)| *state == RowState::Created).count();
    }

    pub(super) fn has_doubled(self, since: Made) -> bool {
        let doubled = |now: usize, then: usize| now > then && now >= 2 * then;
        doubled(self.carts, since.carts) || doubled(self.orders, since.orders)
    }
}

/// The writer of the lane.
pub struct PostgresWriter {
    pub(super) connector: Connector,
    /// Drives the connections while the lane's thread waits for them; `None` only while it is dropped.
    pub(super) runtime: Option<Runtime>,
    pub(super) session: Option<Arc<Session>>,
    /// Whether a transaction is open, and the turn it has.
    pub(super) turn: Option<Turn>,
    /// Batches that are being written, the oldest first.
    pub(super) under_way: VecDeque<UnderWay>,
    /// The turn that the last batch under way leaves, if something was loaded for the next one.
    pub(super) ahead: Option<Turn>,
    pub(super) scout: Scout,
    /// Since when the outcome of a lost commit is asked for, as long as nobody has told it.
    asking_since: Option<Instant>,
    pub(super) known: Known,
    /// Names this process in the notes of batches.
    pub(super) name: Uuid,
    /// Batches so far.
    pub(super) batch: i64,
    /// Carts and orders that this process has made, and how many when plans were last made anew.
    pub(super) made: Made,
    pub(super) planned_at: Made,
    /// Stores in which this process has left a note.
    pub(super) noted: HashSet<StoreId>,
}

impl PostgresWriter {
    pub(super) fn new(connector: Connector, name: Uuid) -> std::io::Result<PostgresWriter> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(PostgresWriter {
            connector,
            runtime: Some(runtime),
            session: None,
            turn: None,
            under_way: VecDeque::new(),
            ahead: None,
            scout: Scout::default(),
            asking_since: None,
            known: Known::default(),
            name,
            batch: 0,
            made: Made::default(),
            planned_at: Made::default(),
            noted: HashSet::new(),
        })
    }

    pub(super) fn wait<T>(runtime: &Option<Runtime>, work: impl Future<Output = T>) -> T {
        runtime.as_ref().expect("it is taken only when the writer is dropped").block_on(work)
    }

    pub(super) fn open(&mut self) -> Result<Arc<Session>, Fault> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let statements: Vec<_> = load::STATEMENTS.iter().chain(&changes::STATEMENTS).copied().collect();
        let session = Arc::new(Self::wait(&self.runtime, Session::open(&self.connector, &statements))?);
        // It may be another server, which does not have all that the last one had.
        self.known.doubt_all();
        self.session = Some(session.clone());
        Ok(session)
    }

    /// Runs a pipeline on the connection; one that is lost is given up.
    fn run<Tag: Copy>(&mut self, pipeline: Pipeline<'_, Tag>) -> Result<Vec<(Tag, Vec<tokio_postgres::Row>)>, Fault> {
        let session = self.open()?;
        let ran = Self::wait(&self.runtime, session.run(pipeline));
        if ran.as_ref().is_err_and(Fault::lost_connection) {
            self.session = None;
        }
        ran
    }

    /// What begins a transaction. A connection that was cut while nothing was under way is made anew, once.
    fn anew_once<T>(&mut self, mut first: impl FnMut(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let was_open = self.session.is_some();
        match first(self) {
            Err(fault) if was_open && fault.lost_connection() && !matches!(fault, Fault::NoAnswer) => first(self),
            begun => begun,
        }
        .inspect(|_| self.asking_since = None)
    }

    /// The first load of a batch, which begins its transaction.
    fn begin(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), Fault> {
        let since = self.known.position(store);
        if since.is_some() {
            self.read_before_turn(store, keys, set)?;
        }
        let (wanted, believed) = self.known.plan(store, keys, set);
        let answers = self.anew_once(|writer| {
            let mut pipeline = Pipeline::new();
            // A plan made over a small table may take any index, and reads all of the store once it is large. So plans are made
            // anew whenever the carts or the orders have doubled: often in a young shop, and at no cost in an old one.
            if writer.made.has_doubled(writer.planned_at) {
                writer.planned_at = writer.made;
                pipeline.plain(PLAN_ANEW);
            }
            load::begin(&mut pipeline, store, since);
            load::ask(&mut pipeline, store, &wanted);
            writer.turn = Some(Turn::default());
            writer.run(pipeline)
        })?;
        let mut turn = Turn::default();
        let changed = told::changed(&answers)?;
        load::take_in(answers, &wanted, set, &mut turn)?;
        self.known.see(store, &turn, changed);
        let mut unknown = Keys::default();
        self.known.recall(store, believed, set, &mut turn, &mut unknown);
        self.turn = Some(turn);
        if unknown.is_empty() { Ok(()) } else { self.ask(store, &unknown, set) }
    }

    /// While other nodes have the turn, carts and stock can be read: of what changes until it is taken, it tells.
    fn read_before_turn(&mut self, store: StoreId, keys: &Keys, set: &WorkingSet) -> Result<(), Fault> {
        let (Keys { carts, stock, variants, .. }, _) = self.known.plan(store, keys, set);
        // The others come with their goods.
        let stock = stock.difference(&variants).copied().collect();
        let early = Keys { carts, stock, ..Keys::default() };
        if early.is_empty() {
            return Ok(());
        }
        let answers = self.anew_once(|writer| {
            let mut pipeline = Pipeline::new();
            load::ask(&mut pipeline, store, &early);
            writer.run(pipeline)
        })?;
        let (mut read, mut turn) = (WorkingSet::new(set.config.clone()), Turn::default());
        load::take_in(answers, &early, &mut read, &mut turn)?;
        self.known.learn(store, &read, &turn);
        Ok(())
    }

    fn load_more(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), Fault> {
        let mut turn = self.turn.take().unwrap_or_default();
        if let Err(stale) = load::same_version(&turn, set) {
            self.turn = Some(turn);
            return Err(stale);
        }
        let (mut wanted, believed) = self.known.plan(store, keys, set);
        self.known.recall(store, believed, set, &mut turn, &mut wanted);
        self.turn = Some(turn);
        if wanted.is_empty() { Ok(()) } else { self.ask(store, &wanted, set) }
    }

    /// One round trip within the turn.
    fn ask(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), Fault> {
        let mut pipeline: Pipeline<'_, Part> = Pipeline::new();
        load::ask(&mut pipeline, store, keys);
        let answers = self.run(pipeline)?;
        let mut turn = self.turn.take().unwrap_or_default();
        let taken = load::take_in(answers, keys, set, &mut turn);
        self.turn = Some(turn);
        taken
    }

    /// Writes and commits in one round trip. Returns the turn as it leaves it.
    fn write(&mut self, store: StoreId, set: &WorkingSet) -> Result<Turn, Fault> {
        let mut turn = self.turn.clone().unwrap_or_default();
        self.batch += 1;
        let mut pipeline = Pipeline::new();
        let now = now_ms();
        let note = changes::Note { writer: self.name, batch: self.batch, written_at: now };
        changes::add(&mut pipeline, store, set, &mut turn, note);
        if !self.noted.contains(&store) {
            pipeline.add((), FORGET_NOTES, vec![value(store.0), value(now - NOTES_MS)]);
        }
        pipeline.plain("COMMIT");
        self.run(pipeline)?;
        self.turn = None;
        self.noted.insert(store);
        self.made.count(set);
        Ok(turn)
    }

    /// Whether a batch was committed, asked from the database: it waits for the store's turn, so that the lost transaction has
    /// ended by then, and looks for its note, or that of a later one, which can only have followed it. One that has not begun
    /// yet never will: it finds that somebody else has had the turn.
    fn outcome(&mut self, store: StoreId, batch: i64) -> Result<bool, Fault> {
        self.batch += 1;
        let mut pipeline = Pipeline::new();
        pipeline.plain("BEGIN");
        pipeline.add(false, load::TURN, vec![value(store.0)]);
        pipeline.add(true, LAST_BATCH, vec![value(store.0), value(self.name)]);
        pipeline.add(false, TAKE_TURN, vec![value(store.0), value(self.name), value(self.batch)]);
        pipeline.plain("COMMIT");
        let answers = self.run(pipeline);
        if answers.is_err() {
            self.end();
        }
        let rows = answers?.into_iter().filter(|(is_note, _)| *is_note).flat_map(|(_, rows)| rows);
        let noted: Vec<i64> = rows.map(|row| Ok(row.try_get(0)?)).collect::<Result<_, Fault>>()?;
        Ok(noted.first().is_some_and(|noted| *noted >= batch))
    }

    /// Finds out what became of a COMMIT whose answer was lost.
    pub(super) fn resolve(&mut self, store: StoreId, batch: i64) -> Result<(), StorageError> {
        // Who follows a batch about which nobody could be asked does not wait as long again.
        let begun = *self.asking_since.get_or_insert_with(Instant::now);
        tracing::warn!("the connection was lost during a commit; looking for its outcome");
        loop {
            match self.outcome(store, batch) {
                Ok(committed) => {
                    self.asking_since = None;
                    let lost = || StorageError::Conflict("the connection was lost before the commit".to_owned());
                    return committed.then_some(()).ok_or_else(lost);
                }
                Err(fault) if begun.elapsed() > self.connector.statement_timeout * OUTCOME_LIMIT => {
                    let reason = format!("the outcome of a commit cannot be asked for: {}", fault.in_words());
                    return Err(StorageError::Uncertain(reason));
                }
                // Made within the runtime, which has the timer.
                Err(_) => Self::wait(&self.runtime, async { tokio::time::sleep(OUTCOME_PAUSE).await }),
            }
        }
    }

    /// Ends a transaction that is to leave no trace.
    fn end(&mut self) {
        self.turn = None;
        if let Some(session) = &self.session
            && Self::wait(&self.runtime, session.plain("ROLLBACK")).is_err()
        {
            // The server rolls back by itself when the connection ends.
            self.session = None;
        }
    }

    fn insert_store(&mut self, store: &Store) -> Result<StoreId, Fault> {
        let mut pipeline = Pipeline::new();
        pipeline.plain("BEGIN");
        pipeline.add(false, LOCK_STORES, Vec::new());
        pipeline.add(true, SAME_HANDLE, vec![value(&store.handle)]);
        let answers = self.run(pipeline)?;
        if answers.iter().any(|(is_store, rows)| *is_store && !rows.is_empty()) {
            let taken = format!("a store {} exists already", store.handle);
            return Err(Fault::Told(StorageError::Conflict(taken)));
        }
        let mut pipeline = Pipeline::new();
        let values = vec![
            value(&store.handle),
            value(&store.name),
            value(store.currency.code()),
            value(Json(&store.hosts)),
            value(Json(&store.settings)),
            value(Json(&store.shipping_methods)),
            value(Json(&store.tax_rates)),
        ];
        pipeline.add((), INSERT_STORE, values);
        let answers = self.run(pipeline)?;
        let row = answers.iter().flat_map(|(_, rows)| rows).next();
        let id: i64 = row.ok_or_else(|| Fault::Unreadable("no store was made".to_owned()))?.try_get(0)?;
        let mut pipeline = Pipeline::new();
        pipeline.add((), INSERT_LANE, vec![value(id)]);
        if store.settings.urgency {
            demand::begin(&mut pipeline, StoreId(id), ALL_COUNTED);
        }
        pipeline.plain("COMMIT");
        self.run(pipeline)?;
        Ok(StoreId(id))
    }
}

impl Writer for PostgresWriter {
    fn has_rivals(&self, store: StoreId) -> bool {
        !self.known.is_alone(store)
    }

    fn load(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), StorageError> {
        let loaded = match &self.turn {
            _ if !self.under_way.is_empty() => self.load_ahead(store, keys, set),
            Some(_) => self.load_more(store, keys, set),
            None => self.begin(store, keys, set),
        };
        Ok(loaded?)
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError> {
        if !set.has_changes() {
            if let Some(turn) = &self.turn {
                self.known.remember(store, set, turn);
                self.end();
            }
            return Ok(());
        }
        if self.turn.is_none() {
            // A command that needs no rows; it was decided on a configuration all the same.
            self.begin(store, &Keys::default(), &mut WorkingSet::new(set.config.clone()))?;
        }
        match self.write(store, set) {
            Err(fault) if fault.lost_connection() => {
                self.turn = None;
                self.resolve(store, self.batch)
            }
            written => {
                self.known.remember(store, set, &written?);
                Ok(())
            }
        }
    }

    fn send(&mut self, store: StoreId, set: Arc<WorkingSet>) -> Result<Sent, StorageError> {
        let alone = self.turn.is_some() && set.has_changes() && self.known.is_alone(store);
        if self.ahead.is_some() || self.under_way.is_empty() && alone {
            self.set_out(store, set)?;
            return Ok(Sent::UnderWay);
        }
        if !self.under_way.is_empty() {
            return Err(StorageError::Conflict("nothing was loaded ahead".to_owned()));
        }
        self.commit(store, &set).map(|()| Sent::Committed)
    }

    fn land(&mut self) -> Result<(), StorageError> {
        self.arrive()
    }

    fn rollback(&mut self) {
        self.ahead = None;
        if self.under_way.is_empty() && self.turn.is_some() {
            self.end();
        }
    }

    fn create_store(&mut self, store: &Store) -> Result<StoreId, StorageError> {
        let made = self.insert_store(store);
        if made.is_err() {
            self.end();
        }
        Ok(made?)
    }
}

impl Drop for PostgresWriter {
    fn drop(&mut self) {
        // May happen within another runtime, where waiting for this one's end is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
