//! Events that the gateway tells of by itself: received into the inbox, some of them many times, and taken up by the sweeper.

use crate::network::{Envelope, Source};
use crate::world::{Violation, World, at_once};
use cartwright_domain::command::{Command, InboxCommand, Settlement};
use cartwright_domain::id::{AttemptId, OrderId};
use cartwright_domain::inbox::{InboxEvent, InboxKey, Notice, Owner};
use cartwright_domain::order::Order;
use cartwright_engine::{Gateway, look_into};

impl World {
    /// The gateway tells of what was just answered.
    pub(crate) fn tell_of(&mut self, order: &Order, settlement: &Settlement) {
        let owner = self.owner(order.id, order.payment.attempt_id);
        let notice = match settlement {
            Settlement::Refunded { refund_id, .. } | Settlement::RefundFailed { refund_id, .. } => {
                Notice::Refund(owner, *refund_id)
            }
            _ => Notice::Payment(owner),
        };
        self.tell(order.id, &notice);
    }

    /// The gateway tells of money that it took although it had said that it would not.
    pub(crate) fn tell_of_broken_words(&mut self) {
        for (order_id, attempt_id) in self.gateway.untold() {
            self.count("gateway: took what it had voided");
            self.tell(order_id, &Notice::Payment(self.owner(order_id, attempt_id)));
        }
    }

    fn owner(&self, order_id: OrderId, attempt_id: AttemptId) -> Owner {
        Owner { store: self.process.config.store.handle.clone(), order_id, attempt_id }
    }

    /// Sends an event; sometimes more than once.
    pub(crate) fn tell(&mut self, order_id: OrderId, notice: &Notice) {
        let key = InboxKey { gateway: self.gateway.name().to_owned(), event_id: format!("event-{}", self.fresh()) };
        let command = Command::Inbox(InboxCommand::Receive { key, order_id, notice: notice.clone() });
        for _ in 0..self.dice.weighted(&[(70, 1), (20, 2), (10, 3)]) {
            self.count("gateway: told of an event");
            self.inbox.push(Envelope { from: Source::Gateway, command: command.clone(), sent: 0 });
        }
    }

    /// Takes an event up: the order hears of it in the batch in which it is finished.
    pub(crate) fn take_up(&mut self, event: &InboxEvent) -> Result<(), Violation> {
        let order = at_once(self.process.reader.order(self.store, event.order_id));
        let order = order.map_err(|error| Violation(format!("event: {error}")))?;
        let told =
            order.map(|order| at_once(look_into(&self.gateway, &self.process.config, &order, &event.notice, self.now)));
        let commands = match told {
            Some(Ok(settled)) => {
                self.count("events taken up");
                settled.into_iter().chain([Command::Inbox(InboxCommand::Finish(event.key.clone()))]).collect()
            }
            _ => vec![Command::Inbox(InboxCommand::PutOff { key: event.key.clone(), tries: event.tries })],
        };
        let envelope = |command| Envelope { from: Source::Sweeper, command, sent: 0 };
        self.run_all(commands.into_iter().map(envelope).collect())
    }
}
