//! One run: steps at random until enough was done, then everything settles, then all books are compared.

use crate::broken::Broken;
use crate::world::{Notes, Tally, Violation, World, at_once};
use cartwright_domain::id::{ErasureId, Timestamp};
use cartwright_engine::SweepStep;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rounds in which everything must have settled. The longest wait is the deadline of a payment, of 90 minutes.
const SETTLING_ROUNDS: usize = 60;
/// Steps between two comparisons of all books.
const AUDIT_EVERY: usize = 40;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// What was found wrong, in words; `None` where nothing was.
    pub violation: Option<String>,
    /// How often what happened.
    pub tally: Tally,
    /// All that happened, in order; kept of a run that failed.
    pub steps: Vec<String>,
}

/// Runs a seed, on a whole engine or on a broken one. `verbose` prints every step to the standard error. A seed that fails
/// quietly runs once more, for its steps.
pub fn run(seed: u64, broken: Option<Broken>, verbose: bool) -> Run {
    let run = run_once(seed, broken, if verbose { Notes::Printed } else { Notes::None });
    if run.violation.is_none() || verbose { run } else { run_once(seed, broken, Notes::Kept) }
}

fn run_once(seed: u64, broken: Option<Broken>, notes: Notes) -> Run {
    let mut world = match World::new(seed, broken, notes) {
        Ok(world) => world,
        Err(Violation(what)) => return Run { violation: Some(what), tally: Tally::new(), steps: Vec::new() },
    };
    let result = catch_unwind(AssertUnwindSafe(|| world.live_to_the_end()));
    let violation = match result {
        Ok(Ok(())) => None,
        Ok(Err(Violation(what))) => Some(what),
        Err(_) => Some("a panic".to_owned()),
    };
    let mut tally = std::mem::take(&mut world.tally);
    tally.extend(world.gateway.faults());
    let counted = [
        ("holds", world.model.held),
        ("holds: taken by others once they had run out", world.model.reclaimed),
        ("holds: ended by the sweep", world.model.ran_out),
    ];
    tally.extend(counted.into_iter().filter(|(_, count)| *count > 0));
    if world.model.replaced > 0 {
        tally.insert("another way to pay", world.model.replaced);
        tally.insert("orders that could not wait", world.model.not_held);
    }
    let forgotten = &world.model.forgotten;
    let counted = [
        ("forgotten: carts erased", forgotten.erased_carts),
        ("forgotten: orders", forgotten.forgotten_orders),
        ("forgotten: persons gone", forgotten.ended),
    ];
    tally.extend(counted.into_iter().filter(|(_, count)| *count > 0));
    if world.model.served_again > 0 {
        tally.insert("late money: bought the goods", world.model.served_again);
    }
    Run { violation, tally, steps: std::mem::take(&mut world.steps) }
}

#[derive(Clone, Copy)]
enum Event {
    Shopper,
    Operator,
    Batch,
    Ask,
    Sweep,
    Jump,
    Crash,
    Mail,
}

impl World {
    fn live_to_the_end(&mut self) -> Result<(), Violation> {
        self.live()?;
        self.settle_down()?;
        self.audit_end()
    }

    /// Steps at random, until enough was done.
    pub(crate) fn live(&mut self) -> Result<(), Violation> {
        for step in 1..=self.dice.between(60, 240) as usize {
            let passing = self.dice.between(1, 2_000);
            self.pass(passing);
            self.step()?;
            self.dashboard_acts();
            if step.is_multiple_of(AUDIT_EVERY) {
                self.audit()?;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Violation> {
        let event = self.dice.weighted(&[
            (40, Event::Shopper),
            (12, Event::Operator),
            (30, Event::Batch),
            (18, Event::Ask),
            (5, Event::Sweep),
            (4, Event::Jump),
            (1, Event::Crash),
            (12, Event::Mail),
        ]);
        match event {
            Event::Shopper => self.shopper_acts(),
            Event::Operator => self.operator_acts(),
            Event::Batch if !self.inbox.is_empty() => {
                let batch = self.take_batch();
                self.run_all(batch)?;
            }
            Event::Ask if !self.process.to_ask.is_empty() => self.ask_gateway()?,
            Event::Sweep => {
                let step = *self.dice.pick(&SweepStep::ALL);
                self.sweep(step)?;
            }
            Event::Jump => {
                self.jump();
                // Workers wake before people do.
                if self.dice.percent(70) {
                    self.mail_worker_runs()?;
                }
            }
            Event::Crash => {
                self.count("crash: between batches");
                self.restart()?;
            }
            Event::Mail => self.mail_goes_on()?,
            Event::Batch | Event::Ask => {}
        }
        Ok(())
    }

    fn jump(&mut self) {
        let ms = self.dice.weighted(&[
            (40, MINUTE_MS),
            (30, 20 * MINUTE_MS),
            (20, 100 * MINUTE_MS),
            (8, DAY_MS + MINUTE_MS),
            (2, 40 * DAY_MS),
        ]);
        self.count("clock: jumped");
        self.note(|| format!("the clock jumps by {ms} ms"));
        self.pass(ms);
    }

    /// Nothing fails any more, nobody buys any more: what is under way comes to its end.
    fn settle_down(&mut self) -> Result<(), Violation> {
        self.note(|| "all settles".to_owned());
        for _ in 0..SETTLING_ROUNDS {
            self.calm_down()?;
            self.pass(6 * MINUTE_MS);
            for step in SweepStep::ALL {
                self.sweep(step)?;
            }
            self.calm_down()?;
            self.reconcile_all()?;
            self.calm_down()?;
            self.record_the_rest()?;
            if self.is_settled()? {
                return Ok(());
            }
        }
        Err(Violation("payments are still open after hours".to_owned()))
    }

    /// From now on nothing fails; what is under way arrives.
    pub(crate) fn calm_down(&mut self) -> Result<(), Violation> {
        self.friendly = true;
        self.gateway.be_friendly();
        loop {
            if !self.inbox.is_empty() {
                let batch = self.take_batch();
                self.run_all(batch)?;
            } else if !self.process.to_ask.is_empty() {
                self.ask_gateway()?;
            } else if !self.process.to_send.is_empty() {
                self.send_mail()?;
            } else {
                return Ok(());
            }
        }
    }

    fn is_settled(&self) -> Result<bool, Violation> {
        let waiting = at_once(self.process.reader.due_gateway_events(self.store, Timestamp(i64::MAX), 1));
        let waiting = waiting.map_err(|error| Violation(format!("events: {error}")))?;
        // Money that is set aside may have been refused to a capture, and be past its time.
        let due = at_once(self.process.reader.due_payments(self.store, self.now, 1));
        let due = due.map_err(|error| Violation(format!("payments: {error}")))?;
        let erased = at_once(self.process.reader.erasures(self.store, ErasureId(uuid::Uuid::nil()), 1));
        let erased = erased.map_err(|error| Violation(format!("erasures: {error}")))?.is_empty();
        let open = self.gateway.will_break_its_word() || !waiting.is_empty() || !due.is_empty() || !erased;
        Ok(!open && self.model.orders.values().all(|order| !order.payment.is_open()))
    }
}
