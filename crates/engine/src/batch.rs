//! A batch of commands, without the thread that runs it: prefetch, decide, and what to do where a batch fails as a whole.
//! The lane calls this with the real clock; the simulator calls the same with a clock of its own.

use crate::failure::Failure;
use crate::storage::{StorageError, Writer};
use cartwright_domain::command::{AccountCommand, Command, Reply};
use cartwright_domain::decide::{Context, decide, is_repeated, needs};
use cartwright_domain::id::{IdSource, StoreId, Timestamp};
use cartwright_domain::people::AuditEntry;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::{ConfigChange, Keys, WorkingSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// Rounds of loading before a command counts as faulty: rows name rows, but never deeper than this. Few take more than three;
/// holds that have run out come page by page.
const LOAD_ROUNDS: usize = 24;

/// The result of one command.
pub type Outcome = Result<Reply, Failure>;

/// A command of a batch, with the seed of its ids.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// What is wanted.
    pub command: &'a Command,
    /// Differs from command to command.
    pub seed: u64,
    /// In which operator's name it runs.
    pub audit: Option<&'a AuditEntry>,
    /// Where it is noted whether the command was answered before under its idempotency key.
    pub repeated: Option<&'a AtomicBool>,
}

/// Why a batch did not go through.
#[derive(Debug)]
pub enum Trouble {
    /// The storage failed.
    Storage(StorageError),
    /// A decision failed in a way that none may.
    Fault(String),
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

/// Which goods are loaded besides those that commands name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goods {
    /// None.
    Named,
    /// Those of all open carts of the batch: they are shown with the answer, where nothing remembered may be shown.
    OfOpenCarts,
}

fn need_goods(set: &WorkingSet, keys: &mut Keys) {
    let open = set.carts.rows().filter(|(_, cart)| cart.is_open());
    let goods = open.flat_map(|(_, cart)| cart.shown_variants());
    keys.variants.extend(goods.filter(|id| !set.variants.knows(id)));
}

/// Loads what the tasks name and decides them in their order, over one working set. Nothing is written.
///
/// # Errors
/// The storage's failure while loading.
pub fn decide_all(
    writer: &mut dyn Writer,
    store: StoreId,
    tasks: &[Task<'_>],
    set: &mut WorkingSet,
    now: Timestamp,
    goods: Goods,
) -> Result<Vec<Outcome>, Trouble> {
    set.now = now;
    prefetch(writer, store, tasks, set, goods)?;
    let mut outcomes = Vec::with_capacity(tasks.len());
    for task in tasks {
        // An earlier command of the batch may have led this one to rows that nobody asked for before.
        prefetch(writer, store, std::slice::from_ref(task), set, goods)?;
        let mut context = Context { now, ids: IdSource::new(now, task.seed) };
        if let Some(repeated) = task.repeated {
            repeated.store(is_repeated(task.command, set), Ordering::Release);
        }
        let outcome = decide(task.command, set, &mut context).map_err(Failure::Refused);
        if let Some(entry) = task.audit.filter(|_| outcome.is_ok()) {
            set.people.note(entry, now);
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn prefetch(
    writer: &mut dyn Writer,
    store: StoreId,
    tasks: &[Task<'_>],
    set: &mut WorkingSet,
    goods: Goods,
) -> Result<(), Trouble> {
    for _ in 0..LOAD_ROUNDS {
        let mut keys = Keys::default();
        for task in tasks {
            needs(task.command, set, &mut keys);
        }
        if goods == Goods::OfOpenCarts {
            need_goods(set, &mut keys);
        }
        if keys.is_empty() {
            return Ok(());
        }
        writer.load(store, &keys, set)?;
        set.note_demand();
    }
    Err(Trouble::Fault("a command asks for rows without end".to_owned()))
}

/// Runs a batch by `attempt`, which does all of the jobs it is given or none. Where it fails as a whole by a fault, the jobs run
/// again one by one, so that a bad one fails alone. A storage that is unavailable is nobody's fault: all are sent away, and
/// nothing runs again that may have been committed without an answer. `answer` is told each job's place and outcome as soon as it has one. Returns why
/// the batch failed as a whole, if it did.
pub fn all_or_one_by_one<J>(
    jobs: &[J],
    mut attempt: impl FnMut(&[J]) -> Result<Vec<Outcome>, Failure>,
    mut answer: impl FnMut(usize, Outcome),
) -> Option<Failure> {
    let error = match attempt(jobs) {
        Ok(outcomes) => {
            outcomes.into_iter().enumerate().for_each(|(at, outcome)| answer(at, outcome));
            return None;
        }
        Err(error) => error,
    };
    if jobs.len() == 1 || !matches!(error, Failure::Fault(_)) {
        (0..jobs.len()).for_each(|at| answer(at, Err(error.clone())));
        return Some(error);
    }
    for (at, job) in jobs.iter().enumerate() {
        let missing = || Err(Failure::Fault("no outcome".to_owned()));
        let outcome = attempt(std::slice::from_ref(job));
        answer(at, outcome.and_then(|mut outcomes| outcomes.pop().unwrap_or_else(missing)));
    }
    Some(error)
}

/// Cuts what waits into batches. All commands of a batch see the configuration with which it began, so a command that changes
/// the configuration is a batch of its own: otherwise a code could be added to a promotion that is just withdrawn.
/// So is one that forgets answers or a receiver, or counts what carts hold: rows that others of its batch have loaded would come back to life.
pub fn cut<J>(jobs: Vec<J>, command: impl Fn(&J) -> &Command) -> Vec<Vec<J>> {
    let mut batches: Vec<Vec<J>> = Vec::new();
    let mut open = false;
    for job in jobs {
        let alone = is_alone(command(&job));
        match batches.last_mut().filter(|_| open && !alone) {
            Some(batch) => batch.push(job),
            None => batches.push(vec![job]),
        }
        open = !alone;
    }
    batches
}

/// Whether a command is a batch of its own.
pub(crate) fn is_alone(command: &Command) -> bool {
    matches!(
        command,
        Command::PutPromotion { .. }
            | Command::DeletePromotion(_)
            | Command::ChangeStore(_)
            | Command::ForgetAnswers { .. }
            | Command::ForgetKept { .. }
            | Command::CountDemand
            | Command::DeleteWebhook(_)
            | Command::Account(AccountCommand::ForgetEnded)
    )
}

/// The store's configuration as a committed batch has left it.
pub fn config_after(set: &WorkingSet) -> StoreConfig {
    let mut store = set.config.store.clone();
    let mut kept = set.config.kept.clone();
    let mut promotions: Vec<_> = set.config.promotions.iter().map(|promotion| (**promotion).clone()).collect();
    for change in &set.config_changes {
        match change {
            ConfigChange::PutPromotion(new, _) => {
                promotions.retain(|promotion| promotion.id != new.id);
                promotions.push((**new).clone());
            }
            ConfigChange::DeletePromotion(id) => promotions.retain(|promotion| promotion.id != *id),
            ConfigChange::KeepPromotion(new) => {
                // Of two changes in one instant the first ended how it stood.
                if kept.iter().all(|known| (known.promotion.id, known.until) != (new.promotion.id, new.until)) {
                    kept.push(new.clone());
                }
            }
            ConfigChange::ForgetKept { before } => kept.retain(|kept| kept.until >= *before),
            ConfigChange::PutStore(new) => store = (**new).clone(),
        }
    }
    StoreConfig::new(store, promotions).with_kept(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::id::{CartId, PromotionId};

    #[test]
    fn what_changes_the_configuration_is_a_batch_of_its_own_and_the_order_stays() {
        let cart = || Command::ExpireCart { cart_id: CartId::default() };
        let delete = || Command::DeletePromotion(PromotionId::default());
        let jobs = vec![(1, cart()), (2, cart()), (3, delete()), (4, delete()), (5, cart()), (6, cart())];
        let batches = cut(jobs, |(_, command)| command);
        let numbers: Vec<Vec<i32>> =
            batches.iter().map(|batch| batch.iter().map(|(number, _)| *number).collect()).collect();
        assert_eq!(numbers, [vec![1, 2], vec![3], vec![4], vec![5, 6]]);
        assert!(cut(Vec::new(), |(_, command): &(i32, Command)| command).is_empty());
    }
}
