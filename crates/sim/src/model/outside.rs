//! Money that moved without the shop, in the model. It checks that an order knows each movement once, as far as there was money, and
//! that refunds of ours fail only where they were refused or no longer fit.

use super::{Checked, Model, ModelOrder};
use cartwright_domain::id::OrderId;
use cartwright_domain::order::{DisputeStanding, Order, OrderStatus, PaymentStatus};
use cartwright_domain::outside::Books;
use cartwright_domain::refund::{Refund, RefundOrigin, RefundStatus};

/// Movements that stand by these books and are no refunds of ours, by name.
fn movements(books: &Books) -> Vec<(&str, i64)> {
    let by_hand = books.refunds.iter().filter(|refund| refund.own.is_none() && refund.failure.is_none());
    let lost = books.disputes.iter().filter(|dispute| dispute.standing == DisputeStanding::Lost);
    let by_hand = by_hand.map(|refund| (refund.reference.as_str(), refund.amount));
    by_hand.chain(lost.map(|dispute| (dispute.id.as_str(), dispute.amount))).collect()
}

impl Model {
    pub(super) fn take_books(&mut self, id: OrderId, books: &Books, told: &Order) -> Checked {
        let Some(order) = self.orders.get(&id).cloned() else { return Err(format!("order {id} was never made")) };
        if order.captured == 0 && order.total > 0 && books.captured > 0 {
            self.capture_by_books(id, &order, books, told)?;
        }
        let withheld = books.disputes.iter().filter(|dispute| dispute.standing == DisputeStanding::Withheld);
        let withheld = withheld.map(|dispute| dispute.amount).sum();
        if let Some(order) = self.orders.get_mut(&id) {
            order.withheld = withheld;
        }
        match self.orders.get(&id) {
            Some(order) if order.captured > 0 => self.adopt(id, &order.clone(), books, told),
            _ => Ok(()),
        }
    }

    fn capture_by_books(&mut self, id: OrderId, order: &ModelOrder, books: &Books, told: &Order) -> Checked {
        let money = books.captured.min(order.total);
        match order.status {
            OrderStatus::PendingPayment => {
                self.sell(id, PaymentStatus::Captured);
                self.pay(id, PaymentStatus::Captured, |order| order.captured = money);
                if order.is_given_up() {
                    self.end(id, OrderStatus::Cancelled, PaymentStatus::Captured);
                }
                // The shopper had paid: nothing is to be paid in another way.
                self.orders.get_mut(&id).into_iter().for_each(|order| order.replaced = false);
            }
            OrderStatus::Placed => self.pay(id, PaymentStatus::Captured, |order| order.captured = money),
            _ => {
                if told.status == OrderStatus::Placed {
                    if !movements(books).is_empty() {
                        return Err(format!("order {id} was served, although its money went back"));
                    }
                    self.serve_again(id, PaymentStatus::Captured)?;
                }
                self.pay(id, PaymentStatus::Captured, |order| order.captured = money);
            }
        }
        Ok(())
    }

    /// Takes over the order's refunds, each of which must have a reason in the books or before.
    fn adopt(&mut self, id: OrderId, order: &ModelOrder, books: &Books, told: &Order) -> Checked {
        let standing = movements(books);
        let refunds = &told.detail.refunds;
        let sum: i64 = refunds.iter().filter(|one| one.status != RefundStatus::Failed).map(|one| one.amount).sum();
        if sum > order.captured {
            return Err(format!("order {id}: {sum} went back or is to, of {}", order.captured));
        }
        for refund in refunds {
            let right = match refund.origin {
                RefundOrigin::Shop => own_is_right(refund, order, books, told, !standing.is_empty()),
                RefundOrigin::Outside | RefundOrigin::Dispute => {
                    let reference = refund.reference.as_deref();
                    let booked = standing.iter().find(|(name, _)| Some(*name) == reference);
                    let known = order.refunds.contains_key(&refund.id);
                    known || booked.is_some_and(|(_, amount)| refund.amount <= *amount)
                }
                RefundOrigin::Elsewhere | RefundOrigin::Loss => false,
            };
            if !right {
                return Err(format!("order {id}: {refund:?} has no reason in {books:?}"));
            }
        }
        let stale = told.detail.books_at > Some(books.asked_at);
        for (name, amount) in standing {
            let own: Vec<&Refund> = refunds.iter().filter(|one| one.reference.as_deref() == Some(name)).collect();
            let taken = own.iter().any(|one| one.amount == amount && one.status == RefundStatus::Succeeded);
            let cut = told.payment.refunded == order.captured;
            if own.len() > 1 || !(taken || cut || stale) {
                return Err(format!("order {id} has {own:?} for {name} of {amount}"));
            }
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.refunds = refunds.iter().map(|one| (one.id, (one.amount, one.status))).collect();
        }
        self.money_state(id);
        Ok(())
    }
}

/// A refund of ours is as it was, or as the books have it; given up only where others took money; new only of an order that is over.
fn own_is_right(refund: &Refund, order: &ModelOrder, books: &Books, told: &Order, others: bool) -> bool {
    let booked = books.refunds.iter().find(|booked| booked.own == Some(refund.id));
    let live = matches!(told.status, OrderStatus::PendingPayment | OrderStatus::Placed);
    match (order.refunds.get(&refund.id), refund.status) {
        (Some((_, was)), now) if *was == now => true,
        (Some(_), RefundStatus::Succeeded) => booked.is_some_and(|booked| booked.failure.is_none()),
        (Some((_, RefundStatus::Pending)), RefundStatus::Failed) => {
            others || booked.is_some_and(|booked| booked.failure.is_some())
        }
        (Some(_), RefundStatus::Failed) => booked.is_some_and(|booked| booked.failure.is_some()),
        (Some(_), RefundStatus::Pending) => false,
        (None, RefundStatus::Pending | RefundStatus::Failed) => !live,
        (None, RefundStatus::Succeeded) => false,
    }
}
