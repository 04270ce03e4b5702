//! What people do at the provider itself: refunds by hand, captures, cancellations; and banks, which dispute and decide. The gateway
//! reports some of it; the rest is found by reconciliation, at the end of every run.

use crate::network::{Envelope, Source};
use crate::world::{Violation, World, at_once};
use cartwright_domain::command::{Command, Settlement};
use cartwright_domain::inbox::Notice;
use cartwright_domain::order::{DisputeStanding, Order, PaymentStatus};
use cartwright_domain::outside::Books;
use cartwright_engine::{Look, books_of, take_books};

impl World {
    /// Somebody does something at the provider, now and then. Its chance is of its own, so that the rest of a run stays as it was.
    pub(crate) fn dashboard_acts(&mut self) {
        if !self.outside.percent(5) {
            return;
        }
        let Some((order_id, what)) = self.gateway.act_by_hand(&mut self.outside) else { return };
        self.count(what);
        self.note(|| format!("{what}: order {order_id}"));
        if self.outside.percent(60) {
            self.tell(order_id, &Notice::Reference(order_id.to_string()));
        }
    }

    /// Holds the gateway's books against the orders and takes in what differs, as reconciliation does.
    pub(crate) fn reconcile_all(&mut self) -> Result<(), Violation> {
        for id in self.model.orders.keys().copied().collect::<Vec<_>>() {
            let order = self.read_order(id)?;
            let books = books_of(&self.gateway, &self.process.config, &order, Look::Whole, self.now);
            let Ok(Some(books)) = at_once(books) else { continue };
            let command = if differs(&order, &books) {
                take_books(id, books)
            } else if order.payment.status == PaymentStatus::Authorized && self.is_voided(&order) {
                Command::SettlePayment { order_id: id, settlement: Settlement::Voided }
            } else {
                continue;
            };
            self.count("reconciled");
            self.run_all(vec![Envelope { from: Source::Sweeper, command, sent: 0 }])?;
        }
        Ok(())
    }

    fn is_voided(&self, order: &Order) -> bool {
        self.gateway.attempts().get(&order.payment.attempt_id).is_some_and(|attempt| attempt.is_voided())
    }
}

fn differs(order: &Order, books: &Books) -> bool {
    let back: i64 = books.refunds.iter().filter(|one| one.failure.is_none()).map(|one| one.amount).sum();
    let lost = books.disputes.iter().filter(|one| one.standing == DisputeStanding::Lost);
    let gone = back + lost.map(|one| one.amount).sum::<i64>();
    let standings = |disputes: &[cartwright_domain::order::Dispute]| -> Vec<_> {
        disputes.iter().map(|one| (one.id.clone(), one.standing)).collect()
    };
    books.captured > 0
        && ((books.captured, gone) != (order.payment.captured, order.payment.refunded)
            || standings(&books.disputes) != standings(&order.detail.disputes))
        // What is on its way is not settled yet.
        && order.next_refund().is_none()
}
