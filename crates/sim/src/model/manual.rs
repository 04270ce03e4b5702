//! Money past every gateway, and ways to pay that replace each other, in the model.

use super::{Checked, Model, ModelOrder};
use cartwright_domain::command::{Idempotency, ManualCommand, Rest};
use cartwright_domain::id::{CartId, OrderId, Timestamp};
use cartwright_domain::manual::PlaceOrder;
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refund::RefundStatus;

/// How long goods stay with a cart whose shopper pays in another way.
const KEPT_MS: i64 = 10 * 60_000;

/// What the books know of an order whose money operators record.
#[derive(Clone, Debug)]
pub(crate) struct ModelManual {
    pub until: Timestamp,
    pub overdue: bool,
    pub waived: i64,
}

impl ModelOrder {
    /// What is still to be recorded.
    pub(crate) fn missing(&self) -> i64 {
        self.manual.as_ref().map_or(0, |manual| self.total - self.captured - manual.waived)
    }

    pub(super) fn awaits_money(&self) -> bool {
        matches!(self.status, OrderStatus::PendingPayment | OrderStatus::Placed) && self.missing() > 0
    }
}

impl Model {
    /// An order was made that is paid past every gateway.
    pub(super) fn begin_manual(&mut self, made: &Order) {
        let Some(manual) = made.detail.manual.as_ref().filter(|_| made.totals.total > 0) else { return };
        let days = i64::from(manual.method.days.unwrap_or(7));
        let usual = self.now.plus_ms(days * 24 * 60 * 60_000);
        let at_once = manual.method.place == PlaceOrder::AtOnce;
        let until = if at_once { usual } else { self.begin_to_wait(made.id, usual, true).unwrap_or(usual) };
        self.pay(made.id, PaymentStatus::Awaited, |order| {
            order.manual = Some(ModelManual { until, overdue: false, waived: 0 });
        });
        if manual.method.place == PlaceOrder::AtOnce {
            self.sell(made.id, PaymentStatus::Awaited);
        }
    }

    /// Somebody looks whether the time of an order is over.
    pub(super) fn time_passed(&mut self, id: OrderId) {
        let now = self.now;
        let Some(order) = self.orders.get_mut(&id) else { return };
        let waits = order.status == OrderStatus::PendingPayment && order.payment == PaymentStatus::Awaited;
        let paid = order.captured > 0;
        let Some(manual) = order.manual.as_mut().filter(|manual| waits && manual.until <= now) else { return };
        if paid {
            manual.overdue = true;
        } else {
            self.end(id, OrderStatus::Expired, PaymentStatus::Voided);
        }
    }

    /// An operator recorded something, for the first time under its key.
    pub(super) fn recorded(&mut self, id: OrderId, command: &ManualCommand, told: &Order) -> Checked {
        match command {
            ManualCommand::SentBack { refund_id, .. } => self.refund_told(id, *refund_id, RefundStatus::Succeeded),
            ManualCommand::Paid { amount, rest, .. } => self.money_came(id, *amount, *rest, told)?,
        }
        Ok(())
    }

    fn money_came(&mut self, id: OrderId, amount: i64, rest: Rest, told: &Order) -> Checked {
        let Some(order) = self.orders.get(&id).cloned() else { return Err(format!("order {id} was never made")) };
        if amount > order.missing() {
            return Err(format!("order {id} took {amount}, only {} were missing", order.missing()));
        }
        if !matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed) {
            if order.captured == 0 {
                return self.late_money(id, amount, told);
            }
            self.pay(id, order.payment, |order| order.captured += amount);
            return self.refund_rest(id, told);
        }
        let missing = order.missing() - amount;
        self.pay(id, order.payment, |order| {
            order.captured += amount;
            if let Some(manual) = order.manual.as_mut().filter(|_| rest == Rest::Waived) {
                manual.waived += missing;
            }
        });
        let done = self.orders.get(&id).is_some_and(|order| order.missing() == 0);
        if done && order.status == OrderStatus::PendingPayment {
            self.sell(id, PaymentStatus::Captured);
        }
        if done && order.captured + amount == 0 {
            self.pay(id, PaymentStatus::Captured, |_| ());
        }
        self.money_state(id);
        Ok(())
    }

    /// A cancelled order of recorded money: what came goes back, what did not come is not wanted any more.
    pub(super) fn cancel_manual(&mut self, id: OrderId, told: &Order) -> Checked {
        let Some(order) = self.orders.get(&id).cloned() else { return Ok(()) };
        if order.status == OrderStatus::PendingPayment || order.status == OrderStatus::Placed {
            let payment = if order.payment == PaymentStatus::Awaited { PaymentStatus::Voided } else { order.payment };
            self.end(id, OrderStatus::Cancelled, payment);
            self.pay(id, payment, |order| order.cancel_asked = true);
            self.refund_rest(id, told)?;
        }
        Ok(())
    }

    /// A checkout found that the cart's order is paid in another way, or is being voided.
    pub(super) fn gave_way(&mut self, cart: CartId, key: &Idempotency, way: (&str, &str), told: &Order) -> Checked {
        let id = told.id;
        if self.answer(key).is_some() || self.carts.get(&cart).and_then(|cart| cart.order) != Some(id) {
            // A manual order has ended by now, and its cart was open for a moment.
            return Err(format!("order {id} gives way, which is not the one of cart {cart}"));
        }
        let Some(order) = self.orders.get(&id).cloned() else { return Err(format!("order {id} was never made")) };
        if order.status != OrderStatus::PendingPayment || order.captured > 0 {
            return Err(format!("order {id} gives way, and is {:?} with {}", order.status, order.captured));
        }
        if order.payment != PaymentStatus::VoidPending {
            if (order.way.0.as_str(), order.way.1.as_str()) == way {
                return Err(format!("order {id} gives way to its own way to pay"));
            }
            self.replaced += 1;
            self.pay(id, PaymentStatus::VoidPending, |order| order.replaced = true);
            if order.manual.is_some() {
                self.end(id, OrderStatus::Cancelled, PaymentStatus::Voided);
            }
        }
        self.compare_order(told)
    }

    /// The items of an order that gave way stay with its cart for a while.
    pub(super) fn keep(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id).cloned() else { return };
        let until = self.now.plus_ms(KEPT_MS);
        for (variant, units) in order.units {
            if self.shelves.get(&variant).is_some_and(|shelf| shelf.tracked) {
                self.set_hold(variant, order.cart, units, until);
            }
        }
    }
}
