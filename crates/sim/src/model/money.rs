//! What goes back, and what comes late, in the model. It does not know which cents an engine picks, but how many there are.

use super::{Checked, Model, ModelOrder};
use cartwright_domain::id::{OrderId, RefundId, VariantId};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refund::RefundStatus;
use std::collections::BTreeMap;

impl ModelOrder {
    fn sum(&self, status: RefundStatus) -> i64 {
        self.refunds.values().filter(|refund| refund.1 == status).map(|refund| refund.0).sum()
    }

    pub(super) fn refunded(&self) -> i64 {
        self.sum(RefundStatus::Succeeded)
    }

    /// What may still go back.
    fn left(&self) -> i64 {
        self.captured - self.refunded() - self.sum(RefundStatus::Pending)
    }
}

impl Model {
    /// Notes the refunds that the order has and the books have not; their sum.
    fn note_refunds(&mut self, id: OrderId, told: &Order) -> i64 {
        let Some(order) = self.orders.get_mut(&id) else { return 0 };
        let mut sum = 0;
        for refund in &told.detail.refunds {
            if let std::collections::btree_map::Entry::Vacant(entry) = order.refunds.entry(refund.id) {
                let status = if refund.amount == 0 { RefundStatus::Succeeded } else { RefundStatus::Pending };
                entry.insert((refund.amount, status));
                sum += refund.amount;
            }
        }
        self.money_state(id);
        sum
    }

    /// The state of a payment that was captured follows from its refunds.
    pub(super) fn money_state(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id).filter(|order| order.captured > 0) else { return };
        order.payment = match order.refunded() {
            _ if order.sum(RefundStatus::Pending) > 0 => PaymentStatus::RefundPending,
            _ if order.awaits_money() => PaymentStatus::Awaited,
            all if all == order.captured => PaymentStatus::Refunded,
            _ => PaymentStatus::Captured,
        };
    }

    /// All that is left must be on its way back.
    pub(super) fn refund_rest(&mut self, id: OrderId, told: &Order) -> Checked {
        // What the bank holds waits for its decision.
        let left = self.orders.get(&id).map_or(0, |order| (order.left() - order.withheld).max(0));
        let sum = self.note_refunds(id, told);
        if sum == left { Ok(()) } else { Err(format!("order {id} sends {sum} back, {left} were left")) }
    }

    /// An operator's refund was taken: within what is left, with the goods it names.
    pub(super) fn refund(&mut self, id: OrderId, told: &Order) -> Checked {
        let known: Vec<RefundId> =
            self.orders.get(&id).map(|order| order.refunds.keys().copied().collect()).unwrap_or_default();
        let left = self.orders.get(&id).map_or(0, ModelOrder::left);
        let sum = self.note_refunds(id, told);
        if sum > left {
            return Err(format!("order {id} sends {sum} back, only {left} were left"));
        }
        let fresh = told.detail.refunds.iter().filter(|refund| !known.contains(&refund.id));
        for (variant, units) in restocked(told, fresh) {
            let shelf = self.shelves.entry(variant).or_default();
            shelf.on_hand += if shelf.tracked { units } else { 0 };
            let back = self.restocked.entry((id, variant)).or_default();
            *back += units;
            let bought = self.orders.get(&id).and_then(|order| order.units.get(&variant)).copied().unwrap_or(0);
            if *back > bought {
                return Err(format!("{back} of {variant} of order {id} are back, {bought} were bought"));
            }
        }
        Ok(())
    }

    /// A cancelled order gives back what refunds had not.
    pub(super) fn leave_what_was_restocked(&mut self, id: OrderId) {
        let back = self.restocked.range((id, VariantId::default())..).take_while(|((order, _), _)| *order == id);
        for ((_, variant), units) in back.map(|(key, units)| (*key, *units)).collect::<Vec<_>>() {
            let shelf = self.shelves.entry(variant).or_default();
            shelf.on_hand -= if shelf.tracked { units } else { 0 };
        }
    }

    pub(super) fn refund_told(&mut self, id: OrderId, refund: RefundId, outcome: RefundStatus) {
        let Some(known) = self.orders.get_mut(&id).and_then(|order| order.refunds.get_mut(&refund)) else { return };
        let counts = match outcome {
            RefundStatus::Failed => known.1 != RefundStatus::Failed,
            _ => known.1 == RefundStatus::Pending,
        };
        if counts {
            known.1 = outcome;
            self.money_state(id);
        }
    }

    pub(super) fn capture(&mut self, id: OrderId, amount: Option<i64>) {
        let Some(order) = self.orders.get(&id).filter(|order| order.payment == PaymentStatus::Authorized) else {
            return;
        };
        let wanted = amount.unwrap_or(order.total);
        self.pay(id, PaymentStatus::CapturePending, |order| {
            order.to_capture = Some(wanted);
            order.captures += 1;
        });
    }

    /// Money of an order that was given up: it buys the goods, or it goes back.
    pub(super) fn late_money(&mut self, id: OrderId, amount: i64, told: &Order) -> Checked {
        let served = told.status == OrderStatus::Placed;
        if served {
            self.serve_again(id, PaymentStatus::Captured)?;
        }
        self.pay(id, PaymentStatus::Captured, |order| order.captured = amount);
        if served { Ok(()) } else { self.refund_rest(id, told) }
    }

    pub(super) fn late_authorization(&mut self, id: OrderId, told: &Order) -> Checked {
        if told.status == OrderStatus::Placed {
            return self.serve_again(id, PaymentStatus::Authorized);
        }
        self.pay(id, PaymentStatus::VoidPending, |_| ());
        Ok(())
    }

    /// An order may be served again only as if nothing had happened since.
    pub(super) fn serve_again(&mut self, id: OrderId, payment: PaymentStatus) -> Checked {
        let Some(order) = self.orders.get(&id).cloned() else { return Err(format!("order {id} was never made")) };
        let wrong = |what: &str| Err(format!("order {id} was served again, although {what}"));
        if order.cancel_asked || !matches!(order.status, OrderStatus::Expired | OrderStatus::PaymentFailed) {
            return wrong("it was cancelled");
        }
        let Some(cart) = self.carts.get_mut(&order.cart) else { return wrong("its cart is gone") };
        if cart.order.replace(id).is_some() || cart.units != order.units {
            return wrong("its cart was used otherwise");
        }
        self.hand_over(order.cart, &order.units);
        for (variant, count) in &order.units {
            let shelf = self.shelves.entry(*variant).or_default();
            if shelf.tracked && *count > shelf.on_hand - shelf.reserved {
                return wrong("its goods are gone");
            }
        }
        for promotion in &order.gave_back {
            let limits = self.seen.get(promotion).map(|known| known.limits);
            let limit = |pick: fn(&cartwright_domain::promotion::Limits) -> Option<u32>| limits.as_ref().and_then(pick);
            let all = limit(|limits| limits.total_uses);
            let each = limit(|limits| limits.uses_per_customer);
            for who in [None, Some(order.buyer.clone())] {
                *self.uses.entry((*promotion, who)).or_default() += 1;
            }
            let used = self.uses.get(&(*promotion, None)).copied().unwrap_or(0);
            for (used, most) in [(used, all), (self.uses_of_person(*promotion, &order), each)] {
                if most.is_some_and(|most| used > i64::from(most)) {
                    return wrong("a promotion is used up");
                }
            }
        }
        self.served_again += 1;
        self.shelves_of(id, 0, 1);
        self.pay(id, payment, |order| order.uses = std::mem::take(&mut order.gave_back));
        self.sell(id, payment);
        Ok(())
    }
}

/// Units that these refunds put back on the shelf, by variant.
fn restocked<'a>(
    order: &Order,
    refunds: impl Iterator<Item = &'a cartwright_domain::refund::Refund>,
) -> BTreeMap<VariantId, i64> {
    let mut units = BTreeMap::new();
    for part in refunds.flat_map(|refund| &refund.parts.lines) {
        if let Some(line) = order.lines.iter().find(|line| line.id == part.line_id) {
            *units.entry(line.variant_id).or_default() += part.restocked;
        }
    }
    units
}
