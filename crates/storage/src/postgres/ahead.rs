//! Working ahead: a batch is written while the next one is decided. What the first leaves is known as soon as it is sent, so the
//! next needs no answer for the rows that it touches, and is sent behind it; the few that nobody knows are read over a connection
//! of their own, the scout. Nobody else can write between the two unseen: the second begins by comparing who had the turn last,
//! and comes to nothing if that is not the first one. Only while this node alone writes the store, and only for what most
//! shoppers do.

use super::PLAN_ANEW;
use super::changes::{self, Note};
use super::error::Fault;
use super::load::{self, Turn};
use super::session::{Pipeline, Session, value};
use super::write::{FORGET_NOTES, Made, NOTES_MS, PostgresWriter, now_ms};
use cartwright_domain::id::StoreId;
use cartwright_domain::people::PeopleKeys;
use cartwright_domain::working_set::{Keys, Table, WorkingSet};
use cartwright_engine::StorageError;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// After the scout failed, how long none is sent.
const SCOUT_PAUSE: Duration = Duration::from_secs(10);
/// So often the connection is given time to send what was given to it.
const PUSHES: usize = 4;

/// A batch that is being written.
pub struct UnderWay {
    store: StoreId,
    set: Arc<WorkingSet>,
    /// The turn as it leaves it.
    turn: Turn,
    batch: i64,
    task: JoinHandle<Result<Turn, Fault>>,
}

/// Reads what nobody knows while the writer's connection is busy.
#[derive(Default)]
pub struct Scout {
    session: Option<Session>,
    not_before: Option<Instant>,
    /// What was made when its plans were made.
    planned_at: Made,
}

fn not_ahead(why: &str) -> Fault {
    Fault::Told(StorageError::Conflict(format!("not to be known before the last batch is written: {why}")))
}

/// Whether the rows that the batch leaves are those in its set, and nothing else has changed that is read ahead.
fn can_be_followed(set: &WorkingSet) -> bool {
    set.config_changes.is_empty()
        && !super::known::changes_catalogue(set)
        && !set.people.has_changes()
        && set.demand.count.is_none()
        && set.forget_answers_before.is_none()
        && set.forget_cart_events_before.is_none()
        && set.forget_inbox_before.is_none()
}

/// Whether nothing is asked for but what can be read ahead.
fn can_be_read(keys: &Keys) -> bool {
    let Keys {
        carts: _,
        skus: _,
        variants: _,
        stock: _,
        orders: _,
        idempotency: _,
        customer_carts,
        customers,
        buyers,
        handles,
        products,
        coupons,
        uses,
        customer_uses,
        unpaid,
        webhooks,
        inbox,
        people,
        demand_page,
        expired_holds,
    } = keys;
    customer_carts.is_empty()
        && customers.is_empty()
        && buyers.is_empty()
        && handles.is_empty()
        && products.is_empty()
        && coupons.is_empty()
        && uses.is_empty()
        && customer_uses.is_empty()
        && unpaid.is_empty()
        && webhooks.is_empty()
        && inbox.is_empty()
        && *people == PeopleKeys::default()
        && !demand_page
        && expired_holds.is_empty()
}

/// Takes the rows that the batch under way has from there, and leaves the keys of the others.
fn take<K: Ord + Eq + Hash + Clone, V: Clone>(wanted: &mut BTreeSet<K>, from: &Table<K, V>, into: &mut Table<K, V>) {
    wanted.retain(|key| {
        let known = from.knows(key);
        if known {
            into.load(key.clone(), from.get(key).cloned());
        }
        !known
    });
}

impl UnderWay {
    /// Puts what its set has into the next one's.
    fn lend(&self, wanted: &mut Keys, set: &mut WorkingSet, turn: &mut Turn) {
        let heads = wanted.stock.iter().filter_map(|id| Some((*id, *self.turn.heads.get(id)?)));
        turn.heads.extend(heads.collect::<Vec<_>>());
        take(&mut wanted.carts, &self.set.carts, &mut set.carts);
        take(&mut wanted.skus, &self.set.skus, &mut set.skus);
        take(&mut wanted.variants, &self.set.variants, &mut set.variants);
        take(&mut wanted.stock, &self.set.stock, &mut set.stock);
        take(&mut wanted.orders, &self.set.orders, &mut set.orders);
        take(&mut wanted.idempotency, &self.set.idempotency, &mut set.idempotency);
    }
}

impl PostgresWriter {
    /// Loads for the batch after the one that is under way.
    pub(super) fn load_ahead(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), Fault> {
        // Two are enough: one that is written, and one that is next.
        let Some(before) = self.under_way.pop_back() else { return Err(not_ahead("nothing is under way")) };
        let loaded = match self.under_way.is_empty() {
            true => self.load_after(&before, store, keys, set),
            false => Err(not_ahead("two are under way")),
        };
        self.under_way.push_back(before);
        loaded
    }

    fn load_after(
        &mut self,
        before: &UnderWay,
        store: StoreId,
        keys: &Keys,
        set: &mut WorkingSet,
    ) -> Result<(), Fault> {
        if before.store != store || before.turn.version != set.config.store.version || !can_be_followed(&before.set) {
            return Err(not_ahead("it changes more than shoppers do"));
        }
        if !can_be_read(keys) {
            return Err(not_ahead("other rows are asked for"));
        }
        let mut turn = self.ahead.take().unwrap_or_else(|| before.turn.without_heads());
        let (mut wanted, believed) = self.known.plan(store, keys, set);
        before.lend(&mut wanted, set, &mut turn);
        self.known.recall(store, believed, set, &mut turn, &mut wanted);
        let read = if wanted.is_empty() { Ok(()) } else { self.scout(store, &wanted, set, &mut turn) };
        self.ahead = Some(turn);
        read
    }

    fn scout(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet, turn: &mut Turn) -> Result<(), Fault> {
        if self.scout.not_before.is_some_and(|time| Instant::now() < time) {
            return Err(not_ahead("the scout rests"));
        }
        let (runtime, connector, session) = (&self.runtime, &self.connector, &mut self.scout.session);
        let plans_anew = self.made.has_doubled(self.scout.planned_at);
        let read = Self::wait(runtime, async {
            let session = match session {
                Some(session) => session,
                none => none.insert(Session::open(connector, &load::STATEMENTS).await?),
            };
            let mut pipeline = Pipeline::new();
            if plans_anew {
                pipeline.plain(PLAN_ANEW);
            }
            load::ask(&mut pipeline, store, keys);
            session.run(pipeline).await
        });
        match read {
            Ok(answers) => {
                if plans_anew {
                    self.scout.planned_at = self.made;
                }
                load::take_in(answers, keys, set, turn)
            }
            Err(fault) => {
                self.scout = Scout { not_before: Some(Instant::now() + SCOUT_PAUSE), ..Scout::default() };
                Err(fault)
            }
        }
    }

    /// Begins to write a batch, with the turn that it has or that the one before has left.
    pub(super) fn set_out(&mut self, store: StoreId, set: Arc<WorkingSet>) -> Result<(), Fault> {
        let session = self.open()?;
        let (ahead, turn) = match (self.ahead.take(), self.turn.take()) {
            (Some(turn), _) => (true, turn),
            (None, turn) => (false, turn.unwrap_or_default()),
        };
        self.batch += 1;
        let now = now_ms();
        let note = Note { writer: self.name, batch: self.batch, written_at: now };
        let changes = set.has_changes();
        let left = if changes { changes::left_by(&turn, &set, note) } else { turn.clone() };
        let forgets = !self.noted.contains(&store);
        let writes = set.clone();
        let plans_anew = ahead && self.made.has_doubled(self.planned_at);
        if plans_anew {
            self.planned_at = self.made;
        }
        let mut turn = turn;
        let work = async move {
            let mut pipeline = Pipeline::new();
            if ahead {
                let (writer, batch) = turn.token.unwrap_or_default();
                if plans_anew {
                    pipeline.plain(PLAN_ANEW);
                }
                pipeline.plain("BEGIN");
                pipeline.add((), load::SAME_TURN, vec![value(store.0), value(writer), value(batch)]);
            }
            if changes {
                changes::add(&mut pipeline, store, &writes, &mut turn, note);
            }
            if changes && forgets {
                pipeline.add((), FORGET_NOTES, vec![value(store.0), value(now - NOTES_MS)]);
            }
            pipeline.plain("COMMIT");
            session.run(pipeline).await.map(|_| turn)
        };
        let runtime = self.runtime.as_ref().expect("it is taken only when the writer is dropped");
        let task = runtime.spawn(work);
        self.known.remember(store, &set, &left);
        self.under_way.push_back(UnderWay { store, set, turn: left, batch: note.batch, task });
        Self::wait(&self.runtime, async {
            for _ in 0..PUSHES {
                tokio::task::yield_now().await;
            }
        });
        Ok(())
    }

    /// Waits until the oldest that is under way is written, or is not.
    pub(super) fn arrive(&mut self) -> Result<(), StorageError> {
        let Some(UnderWay { store, set, turn, batch, task }) = self.under_way.pop_front() else { return Ok(()) };
        let fault = match Self::wait(&self.runtime, task).unwrap_or(Err(Fault::NoAnswer)) {
            Ok(left) => {
                debug_assert_eq!(left, turn, "the next batch was told another turn");
                self.noted.insert(store);
                self.made.count(&set);
                return Ok(());
            }
            Err(fault) => fault,
        };
        self.known.doubt(store);
        if fault.lost_connection() {
            self.session = None;
            if set.has_changes() {
                return self.resolve(store, batch);
            }
        } else {
            // Whatever is left of its transaction is rolled back.
            self.turn = Some(Turn::default());
        }
        Err(fault.into())
    }
}
