//! Messages to the process and their answers: delivered in any order, some twice, some answers never.

use crate::world::{Violation, World};
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::id::OrderId;
use cartwright_engine::{Failure, Outcome};

/// Who sent a command, and so who learns its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Shopper(usize),
    Operator,
    /// The process itself asked the gateway; the run about this order ends with the outcome.
    Payment(OrderId),
    /// The gateway tells once more by itself, any time later.
    Webhook,
    /// The gateway tells of an event, until somebody has it.
    Gateway,
    Sweeper,
    /// The worker that sends mails.
    Mailer,
    /// Whoever follows the link of a mail, and has no cart.
    Reader,
}

impl Source {
    /// Whether it is lost with the process.
    pub(crate) fn is_inside(self) -> bool {
        matches!(self, Source::Payment(_) | Source::Sweeper | Source::Mailer)
    }
}

/// A command under way.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub from: Source,
    pub command: Command,
    /// How often it was sent before.
    pub sent: u32,
}

/// How often a client sends the same again.
const PATIENCE: u32 = 3;

impl World {
    /// Sends a command; the network may deliver it twice.
    pub(crate) fn send(&mut self, from: Source, command: Command) {
        self.note(|| format!("{from:?} sends {command:?}"));
        let envelope = Envelope { from, command, sent: 0 };
        // Whoever sends without a key on which a repetition is known does not send twice.
        if is_repeatable(&envelope.command) && self.mischief(8) {
            self.count("network: delivered twice");
            self.inbox.push(envelope.clone());
        }
        self.inbox.push(envelope);
    }

    /// Takes random messages, in random order, at most a lane's batch of this simulation.
    pub(crate) fn take_batch(&mut self) -> Vec<Envelope> {
        let count = 1 + self.dice.below(self.inbox.len().min(8));
        (0..count)
            .map(|_| {
                let at = self.dice.below(self.inbox.len());
                self.inbox.swap_remove(at)
            })
            .collect()
    }

    /// Brings the outcome back to who sent the command, unless it gets lost.
    pub(crate) fn answer(&mut self, envelope: Envelope, outcome: Outcome) -> Result<(), Violation> {
        if let Err(Failure::Fault(reason)) = &outcome {
            return Err(Violation(format!("{:?} came to an internal fault: {reason}", envelope.command)));
        }
        match envelope.from {
            Source::Payment(order) => drop(self.process.running.remove(&order)),
            Source::Webhook if outcome.is_err() => self.send_again(envelope),
            Source::Gateway if outcome.is_err() => self.inbox.push(envelope),
            Source::Mailer => {
                if let (Ok(Reply::Mail(mail)), false) = (&outcome, self.process.dead) {
                    self.process.to_send.push(mail.clone());
                }
            }
            Source::Webhook | Source::Gateway | Source::Sweeper => {}
            Source::Shopper(_) | Source::Operator | Source::Reader => {
                let no_answer = matches!(outcome, Err(Failure::Stopping | Failure::Unavailable(_) | Failure::Busy));
                let lost = !no_answer && self.mischief(8);
                if lost {
                    self.count("network: answer lost");
                }
                if no_answer || lost {
                    self.send_again(envelope);
                } else {
                    self.told(envelope, outcome);
                }
            }
        }
        Ok(())
    }

    fn send_again(&mut self, mut envelope: Envelope) {
        envelope.sent += 1;
        let sane = is_repeatable(&envelope.command) || self.dice.percent(30);
        if sane && envelope.sent <= PATIENCE && self.dice.percent(80) {
            self.count("network: sent again");
            self.inbox.push(envelope);
        }
    }

    /// What a client was told must stay true to the end.
    fn told(&mut self, envelope: Envelope, outcome: Outcome) {
        match &outcome {
            Ok(Reply::Order(order) | Reply::OrderCreated(order)) => {
                self.told_orders.insert(order.id, order.clone());
            }
            Ok(Reply::Cart(cart) | Reply::CartCreated(cart)) => {
                let newest = self.told_carts.entry(cart.id).or_insert_with(|| cart.clone());
                if newest.version < cart.version {
                    *newest = cart.clone();
                }
            }
            _ => {}
        }
        if let Source::Shopper(who) = envelope.from {
            self.shopper_learns(who, &envelope.command, &outcome);
        }
    }
}

/// Whether the command may come twice by the contract of the interface.
fn is_repeatable(command: &Command) -> bool {
    match command {
        Command::AddLines { idempotency, .. } | Command::AdjustStock { idempotency, .. } => idempotency.is_some(),
        Command::CreateCart { .. } | Command::PutPromotion { .. } => false,
        _ => true,
    }
}
