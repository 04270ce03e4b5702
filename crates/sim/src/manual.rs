//! Operators who record money that came past every gateway, and that went back that way.

use crate::model::ModelOrder;
use crate::network::Source;
use crate::world::{Violation, World};
use cartwright_domain::command::{Command, ManualCommand, Rest};
use cartwright_domain::id::OrderId;
use cartwright_domain::manual::ManualMethod;
use cartwright_domain::order::PaymentStatus;
use serde_json::json;

/// The methods of every shop.
pub(crate) const METHODS: [&str; 2] = ["transfer", "invoice"];

/// One that waits for its money, and one that is placed at once.
pub(crate) fn methods() -> Vec<ManualMethod> {
    let method = |method| serde_json::from_value(method).expect("a method as the interface takes it");
    vec![
        method(json!({"handle": METHODS[0], "title": "Transfer", "kind": "bank_transfer", "days": 1})),
        method(json!({"handle": METHODS[1], "title": "Invoice", "kind": "invoice", "place": "at_once"})),
    ]
}

impl World {
    /// What an operator records, where there is anything to record.
    pub(crate) fn record(&mut self) -> Option<Command> {
        let waits = |order: &ModelOrder| order.manual.is_some() && order.payment == PaymentStatus::RefundPending;
        if self.dice.percent(40)
            && let Some(order) = self.some_order(waits)
        {
            return self.sent_back(order.id);
        }
        let order = self.some_order(|order| order.missing() > 0)?;
        let missing = order.missing();
        let amount = match self.dice.below(4) {
            0 => missing,
            1 => missing + self.dice.between(0, 1),
            _ => self.dice.between(1, missing.max(1)),
        };
        let rest = if self.dice.percent(15) { Rest::Waived } else { Rest::Awaited };
        Some(self.paid(order.id, amount, rest))
    }

    fn paid(&mut self, order_id: OrderId, amount: i64, rest: Rest) -> Command {
        let command = ManualCommand::Paid { amount, reference: "statement".to_owned(), rest };
        let idempotency = self.key("operator".to_owned());
        Command::Manual { order_id, command, by: "operator".to_owned(), idempotency }
    }

    fn sent_back(&mut self, order_id: OrderId) -> Option<Command> {
        let refund_id = self.read_order(order_id).ok()?.next_refund()?.id;
        let command = ManualCommand::SentBack { refund_id, reference: "statement".to_owned() };
        let idempotency = self.key("operator".to_owned());
        Some(Command::Manual { order_id, command, by: "operator".to_owned(), idempotency })
    }

    /// At the end operators record all that is to come, and send what is to go back.
    pub(crate) fn record_the_rest(&mut self) -> Result<(), Violation> {
        let open = self.model.orders.iter().filter(|(_, order)| order.manual.is_some() && order.payment.is_open());
        let open: Vec<(OrderId, PaymentStatus, i64)> =
            open.map(|(id, order)| (*id, order.payment, order.missing())).collect();
        for (id, payment, missing) in open {
            let command = match payment {
                PaymentStatus::RefundPending => self.sent_back(id),
                _ => Some(self.paid(id, missing, Rest::Awaited)),
            };
            command.into_iter().for_each(|command| self.send(Source::Operator, command));
        }
        self.calm_down()
    }
}
