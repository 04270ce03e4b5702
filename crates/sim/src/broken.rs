//! Engines that are broken on purpose, to see that the simulation finds it. All of it happens here, around the real parts: by
//! lying about rows that are loaded, or by tampering with what is to be committed.

use cartwright_domain::command::{Command, MailCommand, Settlement};
use cartwright_domain::id::{StoreId, Timestamp, VariantId};
use cartwright_domain::mail::{Mail, MailState};
use cartwright_domain::order::{OrderStatus, Reservation};
use cartwright_domain::people::PeopleKeys;
use cartwright_domain::stock::{Cause, Movement, Reference, Stock};
use cartwright_domain::store::{Store, StoreConfig};
use cartwright_domain::working_set::{Keys, RowState, Table, WorkingSet};
use cartwright_engine::{StorageError, Task, Writer};
use std::sync::Arc;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Checkout does not see what is held for others.
    SkipsStockCheck,
    /// What a failed order held stays held.
    ForgetsRelease,
    /// Money that is reported twice is taken in twice.
    SettlesTwice,
    /// The uses of promotions of an order that failed are not given back.
    ForgetsUses,
    /// Answers under idempotency keys are not kept.
    LosesIdempotency,
    /// A stock change runs twice.
    AppliesTwice,
    /// The client is answered before the commit.
    AnswersBeforeCommit,
    /// Each request to the gateway is a new attempt.
    NewAttemptEachTime,
    /// Nobody looks at payments that are open.
    ForgetsDue,
    /// A refund whose answer was lost is sent again under another id.
    RefundsTwice,
    /// Late money is served again without taking stock.
    ServesWithoutStock,
    /// A mail that is on its way is claimed once more.
    MailsTwice,
    /// Nobody knows which mails have gone to an address before.
    ForgetsMailboxes,
    /// What was held for a cart stays reserved when the hold ends.
    KeepsHolds,
    /// A hold that ends stays where others find it.
    LeavesHoldRows,
    /// The customers that the shop has linked to an address are not known by it.
    ForgetsNames,
    /// A plain amount of a promotion is money of any currency.
    MixesCurrencies,
    /// Units that unpaid orders held are not counted.
    ForgetsUnpaid,
    /// Checkout charges whatever the cart costs, not what the shopper was shown at most.
    IgnoresTotal,
}

impl Broken {
    /// All of them.
    pub const ALL: [Broken; 19] = [
        Broken::SkipsStockCheck,
        Broken::ForgetsRelease,
        Broken::SettlesTwice,
        Broken::ForgetsUses,
        Broken::LosesIdempotency,
        Broken::AppliesTwice,
        Broken::AnswersBeforeCommit,
        Broken::NewAttemptEachTime,
        Broken::ForgetsDue,
        Broken::RefundsTwice,
        Broken::ServesWithoutStock,
        Broken::MailsTwice,
        Broken::ForgetsMailboxes,
        Broken::KeepsHolds,
        Broken::LeavesHoldRows,
        Broken::ForgetsNames,
        Broken::MixesCurrencies,
        Broken::ForgetsUnpaid,
        Broken::IgnoresTotal,
    ];

    /// Tampers with a batch between the decisions and the commit.
    pub(crate) fn tamper(self, set: &mut WorkingSet, lied_about: &[VariantId]) {
        match self {
            Broken::SkipsStockCheck => tell_the_truth(set, lied_about),
            Broken::ForgetsRelease => {
                forget_releases(set, |movement| matches!(movement.reference, Reference::Order(_)))
            }
            Broken::KeepsHolds => forget_releases(set, |movement| matches!(movement.reference, Reference::Cart(_))),
            Broken::LeavesHoldRows => set.hold_changes.retain(|_, hold| hold.is_some()),
            Broken::ServesWithoutStock => forget_second_sales(set),
            Broken::ForgetsUnpaid => set.unpaid = Table::default(),
            Broken::LosesIdempotency => set.idempotency = Table::default(),
            Broken::ForgetsDue => {
                let open: Vec<_> = set.orders.changes().map(|(id, ..)| *id).collect();
                for order in open {
                    if let Some(order) = set.orders.edit(&order) {
                        order.payment.due_at = None;
                    }
                }
            }
            _ => {}
        }
    }
}

/// Units that are not there.
const PLENTY: i64 = 1_000;

/// What was lied about is written as it is: the lie is for the decision alone.
fn tell_the_truth(set: &mut WorkingSet, lied_about: &[VariantId]) {
    for id in lied_about {
        if let Some(stock) = set.stock.edit(id) {
            stock.on_hand -= PLENTY;
        }
    }
}

/// Neither the shelf nor the ledger hears of the release, so that they still agree.
fn forget_releases(set: &mut WorkingSet, concerned: fn(&Movement) -> bool) {
    let (released, kept) =
        std::mem::take(&mut set.movements).into_iter().partition(|m| m.cause == Cause::Release && concerned(m));
    set.movements = kept;
    let released: Vec<Movement> = released;
    for movement in released {
        if let Some(stock) = set.stock.edit(&movement.variant_id) {
            stock.reserved -= movement.reserved_delta;
        }
    }
}

/// An order that is not new and holds goods was given up before. Neither shelf nor ledger hears that it has them again.
fn forget_second_sales(set: &mut WorkingSet) {
    let changed = set.orders.changes().filter(|(_, _, state)| *state == RowState::Changed);
    let known: Vec<Reference> = changed.map(|(id, ..)| Reference::Order(*id)).collect();
    let holds = set.movements.iter().filter(|movement| movement.cause == Cause::Hold);
    let again: Vec<Reference> =
        holds.map(|movement| movement.reference.clone()).filter(|reference| known.contains(reference)).collect();
    let (forgotten, kept): (Vec<Movement>, _) =
        std::mem::take(&mut set.movements).into_iter().partition(|movement| again.contains(&movement.reference));
    set.movements = kept;
    for movement in forgotten {
        if let Some(stock) = set.stock.edit(&movement.variant_id) {
            stock.on_hand -= movement.on_hand_delta;
            stock.reserved -= movement.reserved_delta;
        }
    }
}

/// The real writer, that may fail and may be lied about.
pub(crate) struct SimWriter {
    inner: Option<Box<dyn Writer>>,
    broken: Option<Broken>,
    config: Arc<StoreConfig>,
    /// Whether the batch has commands of the kind that is broken alone.
    concerned: bool,
    /// Variants whose stock the batch was told wrongly.
    pub lied_about: Vec<VariantId>,
    pub fail_load: bool,
    pub fail_commit: bool,
}

impl SimWriter {
    pub(crate) fn new(inner: Box<dyn Writer>, config: Arc<StoreConfig>, broken: Option<Broken>) -> SimWriter {
        let (concerned, lied_about) = (false, Vec::new());
        SimWriter { inner: Some(inner), broken, config, concerned, lied_about, fail_load: false, fail_commit: false }
    }

    /// A batch begins.
    pub(crate) fn begin(&mut self, config: Arc<StoreConfig>, tasks: &[Task<'_>]) {
        self.config = config;
        self.lied_about.clear();
        let broken = self.broken;
        self.concerned = tasks.iter().all(|task| match broken {
            Some(Broken::SkipsStockCheck) => matches!(task.command, Command::Checkout { .. }),
            Some(Broken::SettlesTwice) => {
                matches!(task.command, Command::SettlePayment { settlement: Settlement::Captured(_), .. })
            }
            Some(Broken::MailsTwice) => matches!(task.command, Command::Mail(MailCommand::Claim(_))),
            _ => true,
        });
    }

    /// The process dies: its connection closes, and with it what was not committed.
    pub(crate) fn close(&mut self) {
        self.inner = None;
    }

    fn inner(&mut self) -> Result<&mut Box<dyn Writer>, StorageError> {
        self.inner.as_mut().ok_or_else(|| StorageError::Fault("the process is dead".to_owned()))
    }

    /// Loads the rows of which a lie is told, and tells it.
    fn load_lies(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), StorageError> {
        let Some(broken) = self.broken.filter(|_| self.concerned) else { return Ok(()) };
        if broken == Broken::ForgetsNames {
            keys.people.linked.iter().for_each(|address| set.people.linked.load(address.clone(), None));
        }
        if broken == Broken::ForgetsMailboxes {
            keys.people.mailboxes.iter().for_each(|address| set.people.mailboxes.load(address.clone(), None));
        }
        let mut truth = WorkingSet::new(self.config.clone());
        let lied_about = match broken {
            Broken::SkipsStockCheck => Keys { stock: keys.stock.clone(), ..Keys::default() },
            Broken::ForgetsUses | Broken::SettlesTwice => Keys { orders: keys.orders.clone(), ..Keys::default() },
            Broken::MailsTwice => {
                let people = PeopleKeys { mails: keys.people.mails.clone(), ..PeopleKeys::default() };
                Keys { people, ..Keys::default() }
            }
            _ => return Ok(()),
        };
        self.inner()?.load(store, &lied_about, &mut truth)?;
        for (id, stock) in truth.stock.rows() {
            self.lied_about.push(*id);
            set.stock.load(*id, Some(Arc::new(Stock { on_hand: stock.on_hand + PLENTY, ..**stock })));
        }
        for (id, mail) in truth.people.mails.rows().filter(|(_, mail)| mail.state == MailState::Sending) {
            let waiting = Mail { state: MailState::Waiting, due_at: Some(Timestamp(0)), ..(**mail).clone() };
            set.people.mails.load(*id, Some(Arc::new(waiting)));
        }
        for (id, order) in truth.orders.rows() {
            let mut order = (**order).clone();
            if broken == Broken::ForgetsUses {
                order.detail.redeemed.clear();
            } else if order.status == OrderStatus::Placed {
                order.status = OrderStatus::PendingPayment;
                let sold = order.lines.iter_mut().filter(|line| line.reservation == Reservation::Committed);
                sold.for_each(|line| line.reservation = Reservation::Held);
            }
            set.orders.load(*id, Some(Arc::new(order)));
        }
        Ok(())
    }
}

impl Writer for SimWriter {
    fn load(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), StorageError> {
        if self.fail_load {
            return Err(StorageError::Unavailable("the simulated disk is away".to_owned()));
        }
        self.load_lies(store, keys, set)?;
        self.inner()?.load(store, keys, set)
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError> {
        if self.fail_commit {
            return Err(StorageError::Unavailable("the simulated disk is full".to_owned()));
        }
        self.inner()?.commit(store, set)
    }

    fn rollback(&mut self) {
        if let Some(inner) = &mut self.inner {
            inner.rollback();
        }
    }

    fn create_store(&mut self, store: &Store) -> Result<StoreId, StorageError> {
        self.inner()?.create_store(store)
    }
}
