//! The process that serves the shop: batches as the lane runs them, payments as the engine drives them, the sweeper's steps.
//! All it remembers is lost when it dies; what the database has committed is what the next one finds.

use crate::broken::{Broken, SimWriter};
use crate::network::{Envelope, Source};
use crate::shown::as_taken;
use crate::world::{Violation, World, at_once};
use cartwright_domain::command::{Command, RecoveryCommand, Reply, Settlement};
use cartwright_domain::id::{OrderId, RefundId, StoreId};
use cartwright_domain::mail::Mail;
use cartwright_domain::order::Order;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{
    Failure, Goods, Outcome, Reader, StorageError, SweepStep, SweepWork, Task, Writer, all_or_one_by_one, ask,
    ask_and_look, config_after, cut, decide_all, goes_on_by_itself,
};
use cartwright_storage::sqlite::MemoryDatabase;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A process, with all that it remembers.
pub(crate) struct Process {
    pub writer: SimWriter,
    pub reader: Arc<dyn Reader>,
    pub config: Arc<StoreConfig>,
    /// Orders about whose payment the gateway is being asked.
    pub running: BTreeSet<OrderId>,
    /// Those of them of which the request is still to go out.
    pub to_ask: Vec<Order>,
    /// Mails that were claimed and are to be sent.
    pub to_send: Vec<Arc<Mail>>,
    pub dead: bool,
}

impl Process {
    pub(crate) fn start(
        database: &MemoryDatabase,
        store: StoreId,
        broken: Option<Broken>,
    ) -> Result<Process, Violation> {
        let storage = database.open().map_err(|error| Violation(format!("cannot start: {error}")))?;
        let config = at_once(read_config(storage.reader.as_ref(), store));
        let config = Arc::new(config.map_err(|error| Violation(format!("cannot start: {error}")))?);
        let writer = SimWriter::new(storage.writer, config.clone(), broken);
        let (running, to_ask, to_send) = (BTreeSet::new(), Vec::new(), Vec::new());
        Ok(Process { writer, reader: storage.reader, config, running, to_ask, to_send, dead: false })
    }
}

async fn read_config(reader: &dyn Reader, id: StoreId) -> Result<StoreConfig, StorageError> {
    let store = reader.stores().await?.into_iter().find(|store| store.id == id);
    let store = store.ok_or_else(|| StorageError::Fault("the store is gone".to_owned()))?;
    let kept = reader.kept_promotions(id).await?;
    Ok(StoreConfig::new(store, reader.promotions(id).await?).with_kept(kept))
}

impl World {
    /// Runs what waits as the lane does, brings the answers back, and starts anew where the process died of it.
    pub(crate) fn run_all(&mut self, waiting: Vec<Envelope>) -> Result<(), Violation> {
        for batch in cut(waiting, |envelope| &envelope.command) {
            self.run_batch(batch)?;
        }
        if self.process.dead { self.restart() } else { Ok(()) }
    }

    fn run_batch(&mut self, batch: Vec<Envelope>) -> Result<(), Violation> {
        self.note(|| format!("a batch of {}", batch.len()));
        self.count("batches");
        let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
        let mut wrong = None;
        let attempt = |jobs: &[Envelope]| {
            let run = catch_unwind(AssertUnwindSafe(|| self.attempt(jobs, &mut wrong)));
            run.unwrap_or_else(|_| Err(Failure::Fault("a decision panicked".to_owned())))
        };
        let failed = all_or_one_by_one(&batch, attempt, |at, outcome| outcomes[at] = Some(outcome));
        if failed.is_some() {
            self.count("batches that failed as a whole");
        }
        if let Some(wrong) = wrong {
            return Err(Violation(wrong));
        }
        for (envelope, outcome) in batch.into_iter().zip(outcomes) {
            let outcome = outcome.ok_or_else(|| Violation("a command has no outcome".to_owned()))?;
            self.note(|| format!("  {:?} {} → {}", envelope.from, name(&envelope.command), short(&outcome)));
            self.count("commands");
            self.start_payment(&envelope.command, &outcome);
            self.answer(envelope, outcome)?;
        }
        Ok(())
    }

    /// One transaction, with all the ways in which it may end.
    fn attempt<'a>(&mut self, jobs: &'a [Envelope], wrong: &mut Option<String>) -> Result<Vec<Outcome>, Failure> {
        if self.process.dead || self.dies("crash: before load") {
            return Err(Failure::Stopping);
        }
        let config = self.process.config.clone();
        let seen = self.broken.map_or_else(|| config.clone(), |broken| broken.misread(&config));
        let mut set = WorkingSet::new(seen);
        let taken = as_taken(jobs, self.broken);
        let tasks = self.tasks(&taken);
        self.process.writer.begin(config.clone(), &tasks);
        self.process.writer.fail_load = self.fails("storage: load fails");
        self.process.writer.fail_commit = self.fails("storage: commit fails");
        let writer = &mut self.process.writer;
        let outcomes = decide_all(writer, self.store, &tasks, &mut set, self.now, Goods::Named);
        let outcomes = outcomes.inspect_err(|_| self.process.writer.rollback())?;
        set.config = config;
        if self.dies("crash: after decide") {
            return Err(Failure::Stopping);
        }
        if let Some(broken) = self.broken {
            broken.tamper(&mut set, &self.process.writer.lied_about);
            if broken == Broken::AnswersBeforeCommit && self.dies("crash: before commit") {
                return Ok(outcomes);
            }
        }
        if let Err(error) = self.process.writer.commit(self.store, &set) {
            self.process.writer.rollback();
            return Err(error.into());
        }
        match self.broken {
            // What the model takes in is what was sent.
            Some(Broken::IgnoresTotal) => {
                let as_sent = |(task, job): (&Task<'_>, &'a Envelope)| Task {
                    command: &job.command,
                    seed: task.seed,
                    audit: None,
                    repeated: None,
                };
                let sent: Vec<Task<'a>> = tasks.iter().zip(jobs).map(as_sent).collect();
                self.take_in(&sent, &outcomes, &set, wrong);
            }
            _ => self.take_in(&tasks, &outcomes, &set, wrong),
        }
        if self.dies("crash: after commit") { Err(Failure::Stopping) } else { Ok(one_each(outcomes, jobs.len())) }
    }

    fn tasks<'a>(&mut self, jobs: &'a [Envelope]) -> Vec<Task<'a>> {
        let twice = |command: &Command| match command {
            Command::AdjustStock { idempotency, .. } => idempotency.is_none(),
            _ => false,
        };
        let mut tasks: Vec<Task<'a>> = jobs
            .iter()
            .map(|job| Task { command: &job.command, seed: self.fresh(), audit: None, repeated: None })
            .collect();
        if self.broken == Some(Broken::AppliesTwice) {
            // At the end, so that the first outcomes are those of the jobs.
            let again: Vec<Task<'a>> = tasks.iter().filter(|task| twice(task.command)).copied().collect();
            tasks.extend(again);
        }
        tasks
    }

    /// The batch is committed: what the process remembers and what the model says follow, whoever gets to know of it.
    fn take_in(&mut self, tasks: &[Task<'_>], outcomes: &[Outcome], set: &WorkingSet, wrong: &mut Option<String>) {
        if !set.config_changes.is_empty() {
            self.process.config = Arc::new(config_after(set));
        }
        self.model.begin_batch();
        // A broken engine that runs more than it was asked to has more tasks than the model knows of.
        let asked = if self.broken == Some(Broken::AppliesTwice) { distinct(tasks) } else { tasks.len() };
        for (task, outcome) in tasks.iter().zip(outcomes).take(asked) {
            if let Err(what) = self.model.apply(task.command, outcome, self.now) {
                wrong.get_or_insert(what);
            }
            if let Ok(Reply::OrderCreated(order)) = outcome {
                self.count("orders");
                if order.currency != self.process.config.store.currency {
                    self.count("orders in another currency");
                }
            }
            match (task.command, outcome) {
                (_, Err(_)) => self.count("refusals"),
                (Command::Manual { .. }, Ok(_)) => self.count("operators: recorded"),
                (Command::RefundOrder { .. }, Ok(_)) => self.count("operators: refunded"),
                (Command::CapturePayment { .. }, Ok(_)) => self.count("operators: captured"),
                (Command::MergeCart { .. }, Ok(_)) => self.count("merges"),
                (Command::UnmergeCart { .. }, Ok(_)) => self.count("merges undone"),
                (Command::UndoRemoval { .. }, Ok(_)) => self.count("removals undone"),
                (Command::SaveLine { .. }, Ok(_)) => self.count("lines saved"),
                (Command::RestoreSaved { .. }, Ok(_)) => self.count("saved items restored"),
                (Command::Recovery(RecoveryCommand::Restore { .. }), Ok(_)) => self.count("links: cart restored"),
                (Command::Recovery(RecoveryCommand::Dismiss { .. }), Ok(_)) => self.count("links: dismissed"),
                (Command::Recovery(RecoveryCommand::Confirm { .. }), Ok(_)) => self.count("links: confirmed"),
                (Command::Recovery(RecoveryCommand::Unsubscribe { .. }), Ok(_)) => self.count("links: unsubscribed"),
                _ => {}
            }
        }
    }

    fn dies(&mut self, point: &'static str) -> bool {
        let dies = self.mischief(2);
        if dies {
            self.note(|| format!("  {point}"));
            self.count(point);
            self.process.dead = true;
        }
        dies
    }

    fn fails(&mut self, point: &'static str) -> bool {
        let fails = self.mischief(2);
        if fails {
            self.note(|| format!("  {point}"));
            self.count(point);
        }
        fails
    }

    /// The process is gone with all it remembered; a new one starts on what was committed.
    pub(crate) fn restart(&mut self) -> Result<(), Violation> {
        self.note(|| "the process starts anew".to_owned());
        let remembered = self.process.config.clone();
        // The old writer goes first, and its open transaction with it.
        self.process.writer.close();
        self.process = Process::start(&self.database, self.store, self.broken)?;
        self.inbox.retain(|envelope| !envelope.from.is_inside());
        let found = &self.process.config;
        if found.store != remembered.store || found.promotions != remembered.promotions || found.kept != remembered.kept
        {
            return Err(Violation(format!("the configuration was {remembered:?}, and is {found:?} after a restart")));
        }
        Ok(())
    }

    /// As the engine does after a command that answers an order.
    fn start_payment(&mut self, command: &Command, outcome: &Outcome) {
        let asks = matches!(
            command,
            Command::Checkout { .. }
                | Command::ConfirmPayment { .. }
                | Command::CancelOrder { .. }
                | Command::RefundOrder { .. }
                | Command::CapturePayment { .. }
        );
        if let (true, Ok(Reply::Order(order) | Reply::OrderCreated(order) | Reply::OrderGivesWay(order))) =
            (asks, outcome)
            && goes_on_by_itself(order)
        {
            self.drive((**order).clone());
        }
    }

    /// Whoever wants an order settled joins the run there is.
    fn drive(&mut self, order: Order) {
        if !self.process.dead && self.process.running.insert(order.id) {
            self.process.to_ask.push(order);
        }
    }

    /// Asks the gateway about one of the payments that run, and takes its answer along.
    pub(crate) fn ask_gateway(&mut self) -> Result<(), Violation> {
        let at = self.dice.below(self.process.to_ask.len());
        let mut order = self.process.to_ask.swap_remove(at);
        if self.dies("crash: before the gateway is asked") {
            return self.restart();
        }
        if self.broken == Some(Broken::NewAttemptEachTime) {
            order.payment.attempt_id.0 = uuid_of(self.fresh());
        }
        let settled = |settlement| vec![Command::SettlePayment { order_id: order.id, settlement }];
        let mut commands = match self.broken {
            Some(Broken::RefundsTwice) => settled(self.ask_under_another_id(&order)),
            _ => at_once(ask_and_look(&self.gateway, &self.process.config, &order, self.now)),
        };
        let Some(Command::SettlePayment { settlement, .. }) = commands.pop() else {
            return Err(Violation("a gateway was asked for nothing".to_owned()));
        };
        // What others did is taken in before the refusal that it explains.
        let first = commands.into_iter().map(|command| Envelope { from: Source::Sweeper, command, sent: 0 }).collect();
        self.run_all(first)?;
        self.count("gateway: asked");
        self.note(|| format!("the gateway is asked about {} ({:?}): {settlement:?}", order.id, order.payment.status));
        let command = Command::SettlePayment { order_id: order.id, settlement: settlement.clone() };
        // Providers tell the same again, and late.
        if settlement != Settlement::Unknown {
            for _ in 0..self.dice.weighted(&[(80, 0), (15, 1), (5, 2)]) {
                self.count("gateway: told again");
                self.inbox.push(Envelope { from: Source::Webhook, command: command.clone(), sent: 0 });
            }
            if self.dice.percent(30) {
                self.tell_of(&order, &settlement);
            }
        }
        if self.dies("crash: after the gateway was asked") {
            return self.restart();
        }
        self.inbox.push(Envelope { from: Source::Payment(order.id), command, sent: 0 });
        Ok(())
    }

    /// A refund that was asked for in vain gets another id on the way to the gateway, and its own on the way back.
    fn ask_under_another_id(&mut self, order: &Order) -> Settlement {
        let mut asked = order.clone();
        let other = RefundId(uuid_of(self.fresh()));
        let own = order.next_refund().map(|refund| refund.id).filter(|_| order.payment.tries > 0);
        for refund in asked.detail.refunds.iter_mut().filter(|refund| Some(refund.id) == own) {
            refund.id = other;
        }
        match (at_once(ask(&self.gateway, &self.process.config, &asked, self.now)), own) {
            (Settlement::Refunded { amount, .. }, Some(refund_id)) => Settlement::Refunded { refund_id, amount },
            (Settlement::RefundFailed { reason, .. }, Some(refund_id)) => {
                Settlement::RefundFailed { refund_id, reason }
            }
            (told, _) => told,
        }
    }

    /// Runs a step of the sweep.
    pub(crate) fn sweep(&mut self, step: SweepStep) -> Result<(), Violation> {
        self.note(|| format!("sweep: {step:?}"));
        self.count("sweeps");
        let found = at_once(step.find(self.process.reader.as_ref(), self.store, self.now));
        match found.map_err(|error| Violation(format!("sweep: {error}")))? {
            SweepWork::Payments(due) => due.into_iter().for_each(|order| self.drive(order)),
            SweepWork::Events(due) => {
                for event in due {
                    self.take_up(&event)?;
                }
            }
            SweepWork::Commands(commands) => {
                for command in commands {
                    self.inbox.push(Envelope { from: Source::Sweeper, command, sent: 0 });
                }
            }
        }
        Ok(())
    }
}

/// How many of the tasks are of different commands.
fn distinct(tasks: &[Task<'_>]) -> usize {
    let repeated = |at: usize| tasks[..at].iter().any(|earlier| std::ptr::eq(earlier.command, tasks[at].command));
    (0..tasks.len()).find(|at| repeated(*at)).unwrap_or(tasks.len())
}

fn one_each(mut outcomes: Vec<Outcome>, jobs: usize) -> Vec<Outcome> {
    outcomes.truncate(jobs);
    outcomes
}

fn uuid_of(number: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(number))
}

fn name(command: &Command) -> String {
    let text = format!("{command:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Ok(Reply::Order(order) | Reply::OrderCreated(order) | Reply::OrderGivesWay(order)) => {
            format!("order {} {:?} {:?}", order.id, order.status, order.payment.status)
        }
        Ok(Reply::Cart(cart) | Reply::CartCreated(cart)) => format!("cart {} version {}", cart.id, cart.version),
        Ok(other) => format!("{other:?}"),
        Err(failure) => format!("{failure:?}"),
    }
}
