//! A payment gateway with moods. Like a real provider it keeps what it did by attempt and answers a repeated request without
//! doing it again; the way there and the way back may lose the message.

use crate::dice::Dice;
use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, OrderId, RefundId, Timestamp};
use cartwright_domain::order::{Dispute, DisputeStanding};
use cartwright_domain::outside::{self, BookedRefund};
use cartwright_domain::store::PaymentCapture;
use cartwright_engine::{CaptureCall, Charge, Gateway, Look, RefundCall, Silent};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The methods, with how often shoppers choose each.
pub(crate) const METHODS: [(u64, &str); 5] =
    [(45, "ok"), (12, "declined"), (13, "requires_action"), (10, "timeout"), (20, "late")];

/// What the gateway has done for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// The money will be taken then; until then it can be stopped, or not.
    Late(Timestamp, Stoppable),
    /// Set aside, not taken.
    Authorized,
    Captured,
    Declined,
    Voided,
    /// It was said to be voided, and the money will be taken then all the same.
    SaidVoided(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stoppable {
    Yes,
    No,
    /// The gateway says that it was stopped, and it was not.
    SaidSo,
}

/// An attempt as the gateway's own books have it.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    order_id: OrderId,
    state: State,
    amount: i64,
    capture: PaymentCapture,
    captured: i64,
    /// The shopper pays so many milliseconds after the gateway said that it could not be any more; `None` if it can be stopped.
    pays_after: Option<i64>,
    /// Captures that the bank refused, by their number.
    refused_captures: BTreeSet<u32>,
    /// What each refund came to: the amount, or nothing.
    refunds: BTreeMap<RefundId, Option<i64>>,
    /// Refunds made by hand: the amount, and whether it came back.
    by_hand: Vec<(i64, bool)>,
    /// The amount in dispute, and how it stands.
    dispute: Option<(i64, DisputeStanding)>,
    /// Times the money was taken.
    pub charges: i64,
}

impl Attempt {
    fn new(charge: &Charge, state: State) -> Attempt {
        let (amount, capture) = (charge.amount, charge.capture);
        Attempt {
            order_id: charge.order_id,
            state,
            amount,
            capture,
            captured: 0,
            pays_after: None,
            refused_captures: BTreeSet::new(),
            refunds: BTreeMap::new(),
            by_hand: Vec::new(),
            dispute: None,
            charges: 0,
        }
    }

    /// Money taken, and money that went back by whatever way.
    pub(crate) fn money(&self) -> (i64, i64) {
        let own: i64 = self.refunds.values().flatten().sum();
        let by_hand: i64 = self.by_hand.iter().filter(|(_, came_back)| !came_back).map(|(amount, _)| amount).sum();
        (self.captured, own + by_hand + self.disputed(DisputeStanding::Lost))
    }

    pub(crate) fn is_voided(&self) -> bool {
        self.state == State::Voided
    }

    fn disputed(&self, standing: DisputeStanding) -> i64 {
        self.dispute.filter(|(_, known)| *known == standing).map_or(0, |(amount, _)| amount)
    }

    /// What can be sent back now.
    fn left(&self) -> i64 {
        let (captured, back) = self.money();
        captured - back - self.disputed(DisputeStanding::Withheld)
    }

    fn books(&self) -> outside::Books {
        let own = self.refunds.iter().filter_map(|(id, amount)| {
            let reference = format!("own-{id}");
            Some(BookedRefund { reference, own: Some(*id), amount: (*amount)?, failure: None })
        });
        let by_hand = self.by_hand.iter().enumerate().map(|(number, (amount, came_back))| BookedRefund {
            reference: format!("hand-{}-{number}", self.order_id),
            own: None,
            amount: *amount,
            failure: came_back.then(|| "came back".to_owned()),
        });
        let dispute = self.dispute.map(|(amount, standing)| Dispute {
            id: format!("dispute-{}", self.order_id),
            amount,
            reason: "fraudulent".to_owned(),
            status: standing.as_str().to_owned(),
            at: Timestamp(0),
            standing,
            fee: None,
        });
        outside::Books {
            asked_at: Timestamp(0),
            captured: self.captured,
            refunds: own.chain(by_hand).collect(),
            disputes: dispute.into_iter().collect(),
        }
    }

    /// Somebody does something by hand that this attempt allows; what it was.
    fn act_by_hand(&mut self, dice: &mut Dice) -> Option<&'static str> {
        let left = self.left();
        let standing = self.by_hand.iter().position(|(_, came_back)| !came_back);
        match (dice.below(6), self.state, self.dispute) {
            (0 | 1, State::Captured, _) if left > 0 => {
                let amount = if dice.percent(40) { left } else { dice.between(1, left) };
                self.by_hand.push((amount, false));
                Some("dashboard: refunded")
            }
            (2, State::Captured, _) if standing.is_some() => {
                self.by_hand[standing?].1 = true;
                Some("dashboard: a refund came back")
            }
            (3, State::Captured, None) if left > 0 => {
                let amount = if dice.percent(50) { left } else { dice.between(1, left) };
                self.dispute = Some((amount, DisputeStanding::Withheld));
                Some("bank: disputed")
            }
            (3 | 4, State::Captured, Some((amount, standing))) => {
                let lost = standing == DisputeStanding::Withheld && dice.percent(60);
                let reopened = standing == DisputeStanding::Noted && left >= amount && dice.percent(50);
                let standing = if lost || reopened { DisputeStanding::Lost } else { DisputeStanding::Noted };
                self.dispute = Some((amount, standing));
                Some(if standing == DisputeStanding::Lost { "bank: dispute lost" } else { "bank: dispute won" })
            }
            (4, State::Authorized, _) => {
                let amount = if dice.percent(50) { self.amount } else { dice.between(1, self.amount) };
                self.take(amount);
                Some("dashboard: captured")
            }
            (5, State::Authorized, _) => {
                self.state = State::Voided;
                Some("dashboard: cancelled")
            }
            _ => None,
        }
    }
}

struct Books {
    dice: Dice,
    now: Timestamp,
    friendly: bool,
    attempts: BTreeMap<AttemptId, Attempt>,
    faults: BTreeMap<&'static str, u64>,
    /// Payments that were said to be voided, and then were taken: the gateway is about to tell.
    untold: Vec<(OrderId, AttemptId)>,
}

pub(crate) struct SimGateway(Mutex<Books>);

impl SimGateway {
    pub(crate) fn new(seed: u64, now: Timestamp) -> SimGateway {
        let dice = Dice::new(seed);
        let (attempts, faults, untold) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        SimGateway(Mutex::new(Books { dice, now, friendly: false, attempts, faults, untold }))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_time(&self, now: Timestamp) {
        let mut books = self.books();
        books.now = now;
        books.mature();
    }

    /// Payments of which the gateway is to tell that their money was taken after all.
    pub(crate) fn untold(&self) -> Vec<(OrderId, AttemptId)> {
        std::mem::take(&mut self.books().untold)
    }

    /// Somebody does something by hand about one of the payments, if it can be; the order, and what it was.
    pub(crate) fn act_by_hand(&self, dice: &mut Dice) -> Option<(OrderId, &'static str)> {
        let mut books = self.books();
        let known: Vec<AttemptId> = books.attempts.keys().copied().collect();
        if known.is_empty() {
            return None;
        }
        let attempt = books.attempts.get_mut(dice.pick(&known))?;
        Some((attempt.order_id, attempt.act_by_hand(dice)?))
    }

    /// From now on nothing is lost.
    pub(crate) fn be_friendly(&self) {
        self.books().friendly = true;
    }

    /// Whether it is still to take money that it said it would not.
    pub(crate) fn will_break_its_word(&self) -> bool {
        self.books().attempts.values().any(|attempt| matches!(attempt.state, State::SaidVoided(_)))
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
                true => attempt.pay(),
                false => attempt.state = State::Declined,
            }
        }
    }
}

impl Attempt {
    /// The bank agrees.
    fn pay(&mut self) {
        match self.capture {
            PaymentCapture::Automatic => self.take(self.amount),
            PaymentCapture::Manual => self.state = State::Authorized,
        }
    }

    fn take(&mut self, amount: i64) {
        self.state = State::Captured;
        self.captured += amount;
        self.charges += 1;
    }

    fn answer(&self) -> Settlement {
        match self.state {
            State::Waiting => Settlement::RequiresAction,
            State::Late(..) => Settlement::Unknown,
            State::Authorized => Settlement::Authorized(self.amount),
            State::Captured => Settlement::Captured(self.captured),
            State::Declined => Settlement::Declined("declined".to_owned()),
            State::Voided | State::SaidVoided(_) => Settlement::Voided,
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
        for (id, attempt) in &mut self.attempts {
            match attempt.state {
                State::Late(at, _) if at <= now => attempt.pay(),
                State::SaidVoided(at) if at <= now => {
                    attempt.pay();
                    self.untold.push((attempt.order_id, *id));
                }
                _ => {}
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

    /// One question that moves nothing; it may stay without an answer.
    fn shows<T>(&mut self, look: impl FnOnce(&BTreeMap<AttemptId, Attempt>) -> T) -> Result<T, Silent> {
        self.mature();
        if self.loses("gateway: silent about an event") { Err(Silent) } else { Ok(look(&self.attempts)) }
    }

    fn charge(&mut self, charge: &Charge) -> Settlement {
        if let Some(known) = self.attempts.get(&charge.attempt_id) {
            return known.answer();
        }
        let mut attempt = Attempt::new(charge, State::Waiting);
        match charge.method.as_str() {
            "ok" | "timeout" => attempt.pay(),
            "requires_action" => {
                let minutes = self.dice.between(1, 20);
                attempt.pays_after = self.dice.percent(50).then_some(minutes * 60_000);
            }
            "late" => {
                let stoppable =
                    self.dice.weighted(&[(30, Stoppable::Yes), (20, Stoppable::No), (50, Stoppable::SaidSo)]);
                attempt.state = State::Late(self.now.plus_ms(self.dice.between(1, 120) * 60_000), stoppable);
                self.count("gateway: charged late");
            }
            _ => attempt.state = State::Declined,
        }
        let answer = attempt.answer();
        self.attempts.insert(charge.attempt_id, attempt);
        match charge.method.as_str() {
            "timeout" => {
                self.count("gateway: no answer in time");
                Settlement::Unknown
            }
            _ => answer,
        }
    }

    /// An attempt that never came is noted as voided, so that a charge that comes after it takes nothing.
    fn void(&mut self, charge: &Charge) -> Settlement {
        let now = self.now;
        let unheard = Attempt::new(charge, State::Voided);
        let attempt = self.attempts.entry(charge.attempt_id).or_insert(unheard);
        if let (State::Waiting, Some(ms)) = (attempt.state, attempt.pays_after) {
            attempt.state = State::SaidVoided(now.plus_ms(ms));
        }
        if matches!(attempt.state, State::Waiting | State::Authorized | State::Late(_, Stoppable::Yes)) {
            attempt.state = State::Voided;
        }
        if let State::Late(at, Stoppable::SaidSo) = attempt.state {
            attempt.state = State::SaidVoided(at);
        }
        match attempt.state {
            State::Declined => Settlement::Voided,
            _ => attempt.answer(),
        }
    }

    /// Once; sometimes the bank refuses a try, then it refuses this one for good.
    fn capture(&mut self, charge: &Charge, call: &CaptureCall) -> Settlement {
        let capture = call.number;
        let refuses = !self.friendly && self.dice.percent(40);
        let Some(attempt) = self.attempts.get_mut(&charge.attempt_id) else { return Settlement::Unknown };
        let known = attempt.refused_captures.contains(&capture);
        if attempt.state == State::Authorized && (refuses || known) {
            attempt.refused_captures.insert(capture);
            if !known {
                self.count("gateway: capture refused");
            }
            return Settlement::CaptureFailed { capture, reason: "refused".to_owned() };
        }
        if attempt.state == State::Authorized {
            attempt.take(call.amount);
        }
        attempt.answer()
    }

    /// A refund that came before has the answer it had.
    fn refund(&mut self, charge: &Charge, call: &RefundCall) -> Settlement {
        let refund_id = call.refund_id;
        let fails = !self.friendly && self.dice.percent(25);
        let Some(attempt) = self.attempts.get_mut(&charge.attempt_id) else { return Settlement::Unknown };
        if attempt.state != State::Captured {
            return Settlement::Unknown;
        }
        let known = attempt.refunds.contains_key(&refund_id);
        // Somebody else was quicker, or the bank holds it.
        let fails = fails || attempt.left() < call.amount;
        match attempt.refunds.entry(refund_id).or_insert((!fails).then_some(call.amount)) {
            Some(amount) => Settlement::Refunded { refund_id, amount: *amount },
            None => {
                if !known {
                    self.count("gateway: refund failed");
                }
                Settlement::RefundFailed { refund_id, reason: "refused".to_owned() }
            }
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

    async fn capture(&self, charge: &Charge, capture: &CaptureCall) -> Settlement {
        self.books().request(|books| books.capture(charge, capture))
    }

    async fn refund(&self, charge: &Charge, refund: &RefundCall) -> Settlement {
        self.books().request(|books| books.refund(charge, refund))
    }

    async fn observe(&self, charge: &Charge) -> Result<Option<Settlement>, Silent> {
        self.books().shows(|attempts| attempts.get(&charge.attempt_id).map(Attempt::answer))
    }

    async fn books(&self, charge: &Charge, _look: Look) -> Result<Option<outside::Books>, Silent> {
        self.books().shows(|attempts| attempts.get(&charge.attempt_id).map(Attempt::books))
    }

    async fn observe_refund(&self, charge: &Charge, refund: &RefundCall) -> Result<Option<Settlement>, Silent> {
        let refund_id = refund.refund_id;
        let told = |amount: &Option<i64>| match *amount {
            Some(amount) => Settlement::Refunded { refund_id, amount },
            None => Settlement::RefundFailed { refund_id, reason: "refused".to_owned() },
        };
        self.books().shows(|attempts| attempts.get(&charge.attempt_id)?.refunds.get(&refund_id).map(told))
    }
}
