//! Orders of the model: made, settled, confirmed, cancelled.

use super::{Checked, Model, ModelOrder, clock};
use cartwright_domain::command::{Idempotency, Reply, Settlement};
use cartwright_domain::id::{CartId, OrderId, PromotionId, Timestamp};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refund::RefundStatus;
use std::collections::BTreeMap;

impl Model {
    pub(super) fn checked_out(
        &mut self,
        cart: CartId,
        key: &Idempotency,
        way: (&str, &str),
        reply: &Reply,
        now: Timestamp,
    ) -> Checked {
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
                let known = self.orders.get(&order.id);
                let waits = known.is_some_and(|known| known.status == OrderStatus::PendingPayment);
                let its_way = known.is_some_and(|known| (known.way.0.as_str(), known.way.1.as_str()) == way);
                if self.answer(key).is_none() && (order.status == OrderStatus::Cancelled || waits && !its_way) {
                    return Err(format!("another way to pay was answered with order {}, {:?}", order.id, order.status));
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
        self.hand_over(cart_id, &units);
        self.note_held_at_add(cart_id, &units);
        for (variant, count) in &units {
            let shelf = self.shelves.entry(*variant).or_default();
            if shelf.tracked && *count > shelf.on_hand - shelf.reserved {
                return Err(format!("order {} takes {count} of {variant}, the shelf has {shelf:?}", order.id));
            }
            shelf.reserved += if shelf.tracked { *count } else { 0 };
        }
        self.check_amounts(order)?;
        let buyer = order.buyer().unwrap_or_default();
        let mut made = ModelOrder {
            cart: cart_id,
            buyer,
            is_guest: order.customer.is_none(),
            units,
            total: order.totals.total,
            status: OrderStatus::PendingPayment,
            payment: PaymentStatus::Created,
            captured: 0,
            refunds: BTreeMap::new(),
            cancel_asked: false,
            uses: Vec::new(),
            gave_back: Vec::new(),
            to_capture: None,
            captures: 0,
            withheld: 0,
            way: (order.payment.gateway.clone(), order.payment.method.clone()),
            replaced: false,
            holder: match (&order.customer, &order.detail.network) {
                (Some(customer), _) => format!("customer:{customer}"),
                (None, Some(network)) => format!("network:{network}"),
                (None, None) => format!("cart:{cart_id}"),
            },
            made_at: order.created_at,
            pay_by: None,
            unheld: false,
            manual: None,
        };
        made.uses = self.use_promotions(order, &made)?;
        self.orders.insert(order.id, made);
        if order.totals.total == 0 {
            self.sell(order.id, PaymentStatus::Captured);
        }
        self.begin_manual(order);
        Ok(())
    }

    /// Every promotion that gave something and has limits or needs a code is used once, within its limits.
    fn use_promotions(&mut self, order: &Order, made: &ModelOrder) -> Result<Vec<PromotionId>, String> {
        let mut uses = Vec::new();
        for discount in &order.detail.discounts {
            let id = discount.promotion_id;
            if uses.contains(&id) {
                continue;
            }
            // One that was withdrawn stays with lines whose price holds.
            let stood = || self.withdrawn.get(&id).filter(|_| self.held_prices);
            let Some(promotion) = self.seen.get(&id).or_else(stood).cloned() else {
                return Err(format!("order {} has a discount of {id}, which does not stand", order.id));
            };
            if !self.held_prices && promotion.conditions.first_order {
                self.is_first(order.id, order)?;
            }
            if !self.held_prices && !clock::shows(&promotion.conditions, &self.time_zone, order.created_at)? {
                return Err(format!("order {} has a discount of {id} outside of its hours", order.id));
            }
            let limits = promotion.limits;
            // Without its code it was given as it stood before it needed one, and is not counted.
            let has_code = order.detail.coupons.iter().any(|coupon| coupon.promotion_id == id);
            if promotion.requires_code && !has_code && self.held_prices {
                continue;
            }
            if !promotion.requires_code && limits.total_uses.is_none() && limits.uses_per_customer.is_none() {
                continue;
            }
            for who in [None, Some(made.buyer.clone())] {
                *self.uses.entry((id, who)).or_default() += 1;
            }
            let all = self.uses.get(&(id, None)).copied().unwrap_or(0);
            for (used, limit) in [(all, limits.total_uses), (self.uses_of_person(id, made), limits.uses_per_customer)] {
                if limit.is_some_and(|limit| used > i64::from(limit)) {
                    return Err(format!("order {} is use {used} of {id}, the limit is {limit:?}", order.id));
                }
            }
            uses.push(id);
        }
        Ok(uses)
    }

    pub(super) fn shelves_of(&mut self, order: OrderId, on_hand: i64, reserved: i64) {
        let units = self.orders.get(&order).map(|order| order.units.clone()).unwrap_or_default();
        for (variant, count) in units {
            let shelf = self.shelves.entry(variant).or_default();
            if shelf.tracked {
                shelf.on_hand += on_hand * count;
                shelf.reserved += reserved * count;
            }
        }
    }

    pub(super) fn sell(&mut self, id: OrderId, payment: PaymentStatus) {
        self.count_no_longer(id);
        self.shelves_of(id, -1, -1);
        if let Some(order) = self.orders.get_mut(&id) {
            order.status = OrderStatus::Placed;
            order.payment = payment;
        }
    }

    /// An order ends without a sale: goods and uses go back, and the cart to its owner unless the order had been placed.
    pub(super) fn end(&mut self, id: OrderId, status: OrderStatus, payment: PaymentStatus) {
        let sold = self.orders.get(&id).is_some_and(|order| order.status == OrderStatus::Placed);
        self.is_over(id);
        if sold {
            self.shelves_of(id, 1, 0);
            self.leave_what_was_restocked(id);
        } else {
            self.shelves_of(id, 0, -1)
        }
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.status = status;
        order.payment = payment;
        order.gave_back = std::mem::take(&mut order.uses);
        for promotion in order.gave_back.clone() {
            for who in [None, Some(order.buyer.clone())] {
                *self.uses.entry((promotion, who)).or_default() -= 1;
            }
        }
        if !sold {
            self.give_cart_back(id);
        }
    }

    fn give_cart_back(&mut self, id: OrderId) {
        let Some((cart, replaced)) = self.orders.get(&id).map(|order| (order.cart, order.replaced)) else { return };
        if self.carts.get(&cart).is_some_and(|cart| cart.order == Some(id)) {
            self.leave_to_the_next(id);
        }
        if let Some(cart) = self.carts.get_mut(&cart).filter(|cart| cart.order == Some(id)) {
            cart.order = None;
            self.come_back(id, replaced);
        }
    }

    pub(super) fn settle(&mut self, id: OrderId, settlement: &Settlement, told: &Order) -> Checked {
        use PaymentStatus::{Authorized, CapturePending, Declined, Unknown, VoidPending, Voided};
        let Some(order) = self.orders.get(&id).cloned() else { return Ok(()) };
        let pending = order.status == OrderStatus::PendingPayment;
        let placed = order.status == OrderStatus::Placed;
        let unpaid = order.captured == 0 && order.total > 0;
        match settlement {
            Settlement::Voided if order.manual.is_some() => self.time_passed(id),
            _ if order.manual.is_some() => {}
            Settlement::Captured(amount) if pending => {
                self.sell(id, PaymentStatus::Captured);
                self.pay(id, PaymentStatus::Captured, |order| order.captured = *amount);
                if order.is_given_up() {
                    self.end(id, OrderStatus::Cancelled, PaymentStatus::Captured);
                    self.refund_rest(id, told)?;
                }
                self.orders.get_mut(&id).into_iter().for_each(|order| order.replaced = false);
            }
            Settlement::Captured(amount) if unpaid && placed => {
                self.pay(id, PaymentStatus::Captured, |order| order.captured = *amount);
            }
            Settlement::Captured(amount) if unpaid => self.late_money(id, *amount, told)?,
            Settlement::Authorized(_) if pending && order.payment != VoidPending => self.sell(id, Authorized),
            Settlement::Authorized(_) if unpaid && !pending && !placed && order.payment != VoidPending => {
                self.late_authorization(id, told)?;
            }
            Settlement::CaptureFailed { capture, .. }
                if order.payment == CapturePending && *capture == order.captures =>
            {
                self.pay(id, Authorized, |order| order.to_capture = None);
            }
            Settlement::Declined(_) if pending => self.end(id, OrderStatus::PaymentFailed, Declined),
            Settlement::Voided if pending && (order.cancel_asked || order.replaced) => {
                self.end(id, OrderStatus::Cancelled, Voided)
            }
            Settlement::Voided if pending && order.unheld => self.end(id, OrderStatus::PaymentFailed, Voided),
            Settlement::Voided if pending => self.end(id, OrderStatus::Expired, Voided),
            Settlement::Voided if placed && unpaid => self.end(id, OrderStatus::Cancelled, Voided),
            Settlement::Voided if order.payment == VoidPending => self.pay(id, Voided, |_| ()),
            Settlement::RequiresAction if pending && order.payment != VoidPending => {
                self.asks_for_action(id, told)?;
            }
            Settlement::Unknown if pending && order.payment != VoidPending => self.pay(id, Unknown, |_| ()),
            Settlement::Refunded { refund_id, .. } => self.refund_told(id, *refund_id, RefundStatus::Succeeded),
            Settlement::RefundFailed { refund_id, .. } => self.refund_told(id, *refund_id, RefundStatus::Failed),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn pay(&mut self, id: OrderId, payment: PaymentStatus, change: impl FnOnce(&mut ModelOrder)) {
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

    pub(super) fn cancel(&mut self, id: OrderId, told: &Order) -> Checked {
        use PaymentStatus::{Authorized, CapturePending, VoidPending};
        let Some(order) = self.orders.get(&id).cloned() else { return Ok(()) };
        match order.status {
            _ if order.manual.is_some() => self.cancel_manual(id, told)?,
            OrderStatus::PendingPayment if !order.cancel_asked => {
                self.pay(id, VoidPending, |order| (order.cancel_asked, order.replaced) = (true, false));
            }
            OrderStatus::Placed => {
                let aside = matches!(order.payment, Authorized | CapturePending);
                self.end(id, OrderStatus::Cancelled, if aside { VoidPending } else { order.payment });
                self.pay(id, if aside { VoidPending } else { order.payment }, |order| order.cancel_asked = true);
                self.refund_rest(id, told)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// An order as somebody tells it, beside the books.
    pub(crate) fn compare_order(&self, order: &Order) -> Checked {
        let known = self.orders.get(&order.id).ok_or_else(|| format!("order {} was never made", order.id))?;
        let payment = &order.payment;
        let told = (order.status, payment.status, payment.captured, payment.refunded, order.totals.total);
        let books = (known.status, known.payment, known.captured, known.refunded(), known.total);
        if told == books { Ok(()) } else { Err(format!("order {} is {told:?}, should be {books:?}", order.id)) }
    }
}
