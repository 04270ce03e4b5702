//! Orders of the model: made, settled, confirmed, cancelled.

use super::{Checked, Model, ModelOrder};
use cartwright_domain::command::{Idempotency, Reply, Settlement};
use cartwright_domain::id::{CartId, OrderId, PromotionId, Timestamp};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use std::collections::BTreeMap;

impl Model {
    pub(super) fn checked_out(&mut self, cart: CartId, key: &Idempotency, reply: &Reply, now: Timestamp) -> Checked {
        match reply {
            Reply::OrderCreated(order) => {
                if let Some(earlier) = self.answer(key) {
                    return Err(format!("key {} made order {} after {earlier:?}", key.key, order.id));
                }
                self.order_made(cart, order)?;
                self.remember(key, Some(order.id), now);
                self.compare_order(order)
            }
            Reply::Order(order) => {
                let standing = self.carts.get(&cart).and_then(|cart| cart.order);
                let expected = self.answer(key).unwrap_or(standing);
                if expected != Some(order.id) {
                    return Err(format!("key {} was answered with {}, not {expected:?}", key.key, order.id));
                }
                self.compare_order(order)
            }
            other => Err(format!("checkout answered {other:?}")),
        }
    }

    fn order_made(&mut self, cart_id: CartId, order: &Order) -> Checked {
        let cart = self.carts.get_mut(&cart_id).ok_or_else(|| format!("an order of an unknown cart {cart_id}"))?;
        if let Some(standing) = cart.order.replace(order.id) {
            return Err(format!("cart {cart_id} has order {standing} and gets {}", order.id));
        }
        let mut units = BTreeMap::new();
        for line in &order.lines {
            *units.entry(line.variant_id).or_default() += line.quantity;
        }
        if units != cart.units {
            return Err(format!("order {} has {units:?}, its cart {:?}", order.id, cart.units));
        }
        for (variant, count) in &units {
            let shelf = self.shelves.entry(*variant).or_default();
            if shelf.tracked && *count > shelf.on_hand - shelf.reserved {
                return Err(format!("order {} takes {count} of {variant}, the shelf has {shelf:?}", order.id));
            }
            shelf.reserved += if shelf.tracked { *count } else { 0 };
        }
        let buyer = order.buyer().unwrap_or_default();
        let uses = self.use_promotions(order, &buyer)?;
        let made = ModelOrder {
            cart: cart_id,
            buyer,
            units,
            total: order.totals.total,
            status: OrderStatus::PendingPayment,
            payment: PaymentStatus::Created,
            captured: 0,
            refunded: 0,
            cancel_asked: false,
            uses,
        };
        self.orders.insert(order.id, made);
        if order.totals.total == 0 {
            self.sell(order.id);
        }
        Ok(())
    }

    /// Every promotion that gave something and has limits or needs a code is used once, within its limits.
    fn use_promotions(&mut self, order: &Order, buyer: &str) -> Result<Vec<PromotionId>, String> {
        let mut uses = Vec::new();
        for discount in &order.detail.discounts {
            let id = discount.promotion_id;
            let Some(promotion) = self.seen.get(&id).cloned() else {
                return Err(format!("order {} has a discount of {id}, which does not stand", order.id));
            };
            let limits = promotion.limits;
            if !promotion.requires_code && limits.total_uses.is_none() && limits.uses_per_customer.is_none() {
                continue;
            }
            for (who, limit) in [(None, limits.total_uses), (Some(buyer.to_owned()), limits.uses_per_customer)] {
                let used = self.uses.entry((id, who)).or_default();
                *used += 1;
                if limit.is_some_and(|limit| *used > i64::from(limit)) {
                    return Err(format!("order {} is use {used} of {id}, the limit is {limit:?}", order.id));
                }
            }
            uses.push(id);
        }
        Ok(uses)
    }

    fn shelves_of(&mut self, order: OrderId, on_hand: i64, reserved: i64) {
        let units = self.orders.get(&order).map(|order| order.units.clone()).unwrap_or_default();
        for (variant, count) in units {
            let shelf = self.shelves.entry(variant).or_default();
            if shelf.tracked {
                shelf.on_hand += on_hand * count;
                shelf.reserved += reserved * count;
            }
        }
    }

    fn sell(&mut self, id: OrderId) {
        self.shelves_of(id, -1, -1);
        if let Some(order) = self.orders.get_mut(&id) {
            order.status = OrderStatus::Placed;
            order.payment = PaymentStatus::Captured;
            order.captured = order.total;
        }
    }

    /// An order ends without a sale: goods and uses go back, and the cart to its owner unless the order was cancelled.
    fn end(&mut self, id: OrderId, status: OrderStatus, payment: PaymentStatus) {
        let sold = self.orders.get(&id).is_some_and(|order| order.status == OrderStatus::Placed);
        if sold {
            self.shelves_of(id, 1, 0)
        } else {
            self.shelves_of(id, 0, -1)
        }
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.status = status;
        order.payment = payment;
        for promotion in std::mem::take(&mut order.uses) {
            for who in [None, Some(order.buyer.clone())] {
                *self.uses.entry((promotion, who)).or_default() -= 1;
            }
        }
        if status != OrderStatus::Cancelled
            && let Some(cart) = self.carts.get_mut(&order.cart).filter(|cart| cart.order == Some(id))
        {
            cart.order = None;
        }
    }

    pub(super) fn settle(&mut self, id: OrderId, settlement: &Settlement) {
        use PaymentStatus::{
            Captured, Declined, RefundPending, Refunded, RequiresAction, Unknown, VoidPending, Voided,
        };
        let Some(order) = self.orders.get(&id).cloned() else { return };
        let pending = order.status == OrderStatus::PendingPayment;
        let open = !matches!(order.payment, Captured | Declined | Voided | Refunded);
        match settlement {
            Settlement::Captured(_) if pending => {
                self.sell(id);
                if order.payment == VoidPending {
                    self.end(id, OrderStatus::Cancelled, RefundPending);
                }
            }
            Settlement::Captured(amount) if order.captured == 0 => {
                self.pay(id, RefundPending, |order| order.captured = *amount);
            }
            Settlement::Declined(_) if pending => self.end(id, OrderStatus::PaymentFailed, Declined),
            Settlement::Voided if pending && order.cancel_asked => self.end(id, OrderStatus::Cancelled, Voided),
            Settlement::Voided if pending => self.end(id, OrderStatus::Expired, Voided),
            Settlement::RequiresAction if pending && order.payment != VoidPending => {
                self.pay(id, RequiresAction, |_| ());
            }
            Settlement::Unknown if open && !matches!(order.payment, VoidPending | RefundPending) => {
                self.pay(id, Unknown, |_| ());
            }
            Settlement::Refunded(amount) if order.payment == RefundPending => {
                self.pay(id, Refunded, |order| order.refunded = *amount);
            }
            _ => {}
        }
    }

    fn pay(&mut self, id: OrderId, payment: PaymentStatus, change: impl FnOnce(&mut ModelOrder)) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.payment = payment;
            change(order);
        }
    }

    pub(super) fn confirm(&mut self, id: OrderId) {
        let waits = self.orders.get(&id).is_some_and(|order| order.payment == PaymentStatus::RequiresAction);
        if waits {
            self.pay(id, PaymentStatus::Unknown, |_| ());
        }
    }

    pub(super) fn cancel(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id).cloned() else { return };
        match order.status {
            OrderStatus::PendingPayment if !order.cancel_asked => {
                self.pay(id, PaymentStatus::VoidPending, |order| order.cancel_asked = true);
            }
            OrderStatus::Placed => {
                let paid = order.captured > 0;
                let payment = if paid { PaymentStatus::RefundPending } else { order.payment };
                self.end(id, OrderStatus::Cancelled, payment);
            }
            _ => {}
        }
    }

    /// An order as somebody tells it, beside the books.
    pub(crate) fn compare_order(&self, order: &Order) -> Checked {
        let known = self.orders.get(&order.id).ok_or_else(|| format!("order {} was never made", order.id))?;
        let payment = &order.payment;
        let told = (order.status, payment.status, payment.captured, payment.refunded, order.totals.total);
        let books = (known.status, known.payment, known.captured, known.refunded, known.total);
        if told == books { Ok(()) } else { Err(format!("order {} is {told:?}, should be {books:?}", order.id)) }
    }
}
