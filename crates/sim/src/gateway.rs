//! A payment gateway with moods. Like a real provider it keeps what it did by attempt and answers a repeated request without
//! doing it again; the way there and the way back may lose the message.

use crate::dice::Dice;
use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, Timestamp};
use cartwright_engine::{Charge, Gateway};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The methods, with how often shoppers choose each.
pub(crate) const METHODS: [(u64, &str); 5] =
    [(50, "ok"), (15, "declined"), (15, "requires_action"), (10, "timeout"), (10, "late")];

/// What the gateway has done for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// The money will be taken then; until then it can be stopped, or not.
    Late(Timestamp, Stoppable),
    Captured,
    Declined,
    Voided,
    Refunded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stoppable {
    Yes,
    No,
}

/// An attempt as the gateway's own books have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    state: State,
    amount: i64,
    /// Times the money was taken.
    pub charges: i64,
}

impl Attempt {
    /// Money taken and money sent back.
    pub(crate) fn money(&self) -> (i64, i64) {
        match self.state {
            State::Captured => (self.amount, 0),
            State::Refunded => (self.amount, self.amount),
            _ => (0, 0),
        }
    }
}

struct Books {
    dice: Dice,
    now: Timestamp,
    friendly: bool,
    attempts: BTreeMap<AttemptId, Attempt>,
    faults: BTreeMap<&'static str, u64>,
}

pub(crate) struct SimGateway(Mutex<Books>);

impl SimGateway {
    pub(crate) fn new(seed: u64, now: Timestamp) -> SimGateway {
        let dice = Dice::new(seed);
        let (attempts, faults) = (BTreeMap::new(), BTreeMap::new());
        SimGateway(Mutex::new(Books { dice, now, friendly: false, attempts, faults }))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_time(&self, now: Timestamp) {
        self.books().now = now;
    }

    /// From now on nothing is lost.
    pub(crate) fn be_friendly(&self) {
        self.books().friendly = true;
    }

    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        self.books().faults.clone()
    }

    pub(crate) fn attempts(&self) -> BTreeMap<AttemptId, Attempt> {
        let mut books = self.books();
        books.mature();
        books.attempts.clone()
    }

    /// The shopper does what the payment asks for, if it still waits; sometimes the bank then says no.
    pub(crate) fn complete(&self, id: AttemptId) {
        let mut books = self.books();
        let pays = books.dice.percent(85);
        if let Some(attempt) = books.attempts.get_mut(&id).filter(|attempt| attempt.state == State::Waiting) {
            match pays {
                true => attempt.capture(),
                false => attempt.state = State::Declined,
            }
        }
    }
}

impl Attempt {
    fn capture(&mut self) {
        self.state = State::Captured;
        self.charges += 1;
    }

    fn answer(&self) -> Settlement {
        match self.state {
            State::Waiting => Settlement::RequiresAction,
            State::Late(..) => Settlement::Unknown,
            State::Captured => Settlement::Captured(self.amount),
            State::Declined => Settlement::Declined("declined".to_owned()),
            State::Voided => Settlement::Voided,
            State::Refunded => Settlement::Refunded(self.amount),
        }
    }
}

impl Books {
    fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Takes the money whose time has come.
    fn mature(&mut self) {
        let now = self.now;
        for attempt in self.attempts.values_mut() {
            if matches!(attempt.state, State::Late(at, _) if at <= now) {
                attempt.capture();
            }
        }
    }

    fn loses(&mut self, what: &'static str) -> bool {
        let lost = !self.friendly && self.dice.percent(10);
        if lost {
            self.count(what);
        }
        lost
    }

    /// One request: it may be lost on the way, it is done at most once, and the answer may be lost on the way back.
    fn request(&mut self, work: impl FnOnce(&mut Books) -> Settlement) -> Settlement {
        self.mature();
        if self.loses("gateway: request lost") {
            return Settlement::Unknown;
        }
        let answer = work(self);
        if self.loses("gateway: answer lost") { Settlement::Unknown } else { answer }
    }

    fn charge(&mut self, charge: &Charge) -> Settlement {
        if let Some(known) = self.attempts.get(&charge.attempt_id) {
            return known.answer();
        }
        let mut attempt = Attempt { state: State::Waiting, amount: charge.amount, charges: 0 };
        match charge.method.as_str() {
            "ok" | "timeout" => attempt.capture(),
            "requires_action" => {}
            "late" => {
                let stoppable = if self.dice.percent(50) { Stoppable::Yes } else { Stoppable::No };
                attempt.state = State::Late(self.now.plus_ms(self.dice.between(1, 120) * 60_000), stoppable);
                self.count("gateway: charged late");
            }
            _ => attempt.state = State::Declined,
        }
        self.attempts.insert(charge.attempt_id, attempt);
        match charge.method.as_str() {
            "timeout" => {
                self.count("gateway: no answer in time");
                Settlement::Unknown
            }
            _ => attempt.answer(),
        }
    }

    /// An attempt that never came is noted as voided, so that a charge that comes after it takes nothing.
    fn void(&mut self, charge: &Charge) -> Settlement {
        let unheard = Attempt { state: State::Voided, amount: charge.amount, charges: 0 };
        let attempt = self.attempts.entry(charge.attempt_id).or_insert(unheard);
        if matches!(attempt.state, State::Waiting | State::Late(_, Stoppable::Yes)) {
            attempt.state = State::Voided;
        }
        match attempt.state {
            State::Declined => Settlement::Voided,
            _ => attempt.answer(),
        }
    }

    fn refund(&mut self, charge: &Charge) -> Settlement {
        match self.attempts.get_mut(&charge.attempt_id) {
            Some(attempt) if matches!(attempt.state, State::Captured | State::Refunded) => {
                attempt.state = State::Refunded;
                attempt.answer()
            }
            _ => Settlement::Unknown,
        }
    }
}

#[async_trait]
impl Gateway for SimGateway {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows_method(&self, method: &str) -> bool {
        METHODS.iter().any(|(_, known)| *known == method)
    }

    async fn charge(&self, charge: &Charge) -> Settlement {
        self.books().request(|books| books.charge(charge))
    }

    async fn look_up(&self, charge: &Charge) -> Settlement {
        self.books().request(|books| books.charge(charge))
    }

    async fn void(&self, charge: &Charge) -> Settlement {
        self.books().request(|books| books.void(charge))
    }

    async fn refund(&self, charge: &Charge) -> Settlement {
        self.books().request(|books| books.refund(charge))
    }
}
