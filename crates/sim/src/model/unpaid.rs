//! Goods that unpaid orders hold, in the model: which orders may wait, for how long, and what their shoppers' units count. The
//! books have a line for each order and variant, where the engine has one for each hour.

use super::{Checked, Model};
use cartwright_domain::id::{OrderId, Timestamp, VariantId};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Shortage;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So few units are judged by what is held now.
const FEW: i64 = 2;

/// Units of one order that count.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub holder: String,
    pub units: i64,
    /// The hour in which the order is over, or was.
    pub over_at: i64,
}

/// What an order left to the next one of its cart.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub order: OrderId,
    pub holder: String,
    pub pay_by: Timestamp,
    pub since: Timestamp,
}

impl Model {
    /// Units of an order's variants whose stock is counted.
    fn held_units(&self, id: OrderId) -> Vec<(VariantId, i64)> {
        let units = self.orders.get(&id).map(|order| order.units.clone()).unwrap_or_default();
        let tracked = |(variant, _): &(VariantId, i64)| self.shelves.get(variant).is_some_and(|shelf| shelf.tracked);
        units.into_iter().filter(tracked).collect()
    }

    /// Units of a shopper whose orders are over later than at this instant.
    fn units_over_after(&self, holder: &str, variant: VariantId, instant: i64) -> i64 {
        let of = |(key, line): &(&(OrderId, VariantId), &Counted)| {
            key.1 == variant && line.holder == holder && line.over_at > instant
        };
        self.unpaid.iter().filter(of).map(|(_, line)| line.units).sum()
    }

    fn most_unpaid(&self, variant: VariantId) -> i64 {
        self.unpaid_units.max(self.shelves.get(&variant).map_or(0, |shelf| shelf.on_hand / 4))
    }

    /// What the order before of the same cart left, if it can still be gone on with.
    fn left_to(&self, id: OrderId, at: Timestamp) -> Option<Left> {
        self.waited.get(&self.orders.get(&id)?.cart).filter(|left| at < left.pay_by).cloned()
    }

    fn strike_out(&mut self, order: OrderId) {
        self.unpaid.retain(|key, _| key.0 != order);
    }

    /// Until when an order waits that could wait until `usual`; notes what it holds. `None` where it may not.
    pub(super) fn begin_to_wait(&mut self, id: OrderId, usual: Timestamp, checked: bool) -> Option<Timestamp> {
        let order = self.orders.get(&id)?.clone();
        if let Some(until) = order.pay_by {
            return Some(until.min(usual));
        }
        let before = self.left_to(id, self.now);
        if let Some(before) = before.as_ref().filter(|before| before.holder == order.holder) {
            self.strike_out(before.order);
        }
        let whole = usual.0 - self.now.0;
        let (mut wait, mut may_wait) = (whole, true);
        for (variant, units) in self.held_units(id) {
            let shelf = self.shelves.get(&variant).copied().unwrap_or_default();
            let few = units <= FEW;
            let since = if few { self.now.0 } else { self.now.0 - DAY_MS };
            let beyond = self.units_over_after(&order.holder, variant, since) + units > self.most_unpaid(variant);
            let others = shelf.reserved - units;
            let short = 2 * if few { others } else { shelf.reserved } > shelf.on_hand;
            may_wait &= checked || !(beyond && short);
            // A fifth is left where others hold all, all of it where they hold half.
            let (free, all) = (i128::from(shelf.on_hand - others), i128::from(shelf.on_hand));
            let left = if beyond { 20 * all } else { (20 * all + 160 * free).min(100 * all) };
            wait = wait.min((i128::from(whole) * left / (100 * all)) as i64);
        }
        let mut until = self.now.plus_ms(wait);
        if let Some(before) = before.filter(|_| wait < whole) {
            until = until.min(before.since.plus_ms(wait).max(before.pay_by));
        }
        let over_at = (until.0 + HOUR_MS - 1).div_euclid(HOUR_MS) * HOUR_MS;
        for (variant, units) in self.held_units(id) {
            self.unpaid.insert((id, variant), Counted { holder: order.holder.clone(), units, over_at });
        }
        self.orders.get_mut(&id)?.pay_by = Some(until);
        may_wait.then_some(until)
    }

    /// The shopper has to do something: the order waits, or its payment is given up.
    pub(super) fn asks_for_action(&mut self, id: OrderId, told: &Order) -> Checked {
        let usual = told.created_at.plus_ms(self.payment_ms);
        match self.begin_to_wait(id, usual, false) {
            Some(until) if told.payment.due_at != Some(until) => {
                Err(format!("order {id} waits until {:?}, should until {until:?}", told.payment.due_at))
            }
            Some(_) => {
                self.pay(id, PaymentStatus::RequiresAction, |_| ());
                Ok(())
            }
            None => {
                self.not_held += 1;
                self.pay(id, PaymentStatus::VoidPending, |order| order.unheld = true);
                Ok(())
            }
        }
    }

    /// An order came to nothing: what it held counts for a day more, and where it makes way for another one, that one goes on
    /// with it.
    pub(super) fn is_over(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id).cloned().filter(|order| order.status == OrderStatus::PendingPayment)
        else {
            return;
        };
        let over = match order.pay_by {
            Some(_) => (!order.replaced).then_some(id),
            None => self.left_to(id, self.now).filter(|left| left.holder == order.holder).map(|left| left.order),
        };
        let hour = self.now.0.div_euclid(HOUR_MS) * HOUR_MS;
        let most: Vec<(VariantId, i64)> = self.shelves.keys().map(|id| (*id, self.most_unpaid(*id))).collect();
        for (variant, most) in most {
            if let Some(line) = over.and_then(|over| self.unpaid.get_mut(&(over, variant))) {
                line.over_at = hour;
                line.units = if order.unheld { line.units.min(most) } else { line.units };
            }
        }
    }

    /// The cart of an order that came to nothing is its owner's again.
    pub(super) fn leave_to_the_next(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id).cloned() else { return };
        let since = self.left_to(id, order.made_at).map_or(order.made_at, |left| left.since);
        match order.pay_by.filter(|_| order.replaced) {
            Some(pay_by) => {
                self.waited.insert(order.cart, Left { order: id, holder: order.holder, pay_by, since });
            }
            None => drop(self.waited.remove(&order.cart)),
        }
    }

    /// What is paid is no longer counted, nor what the order before it left to it.
    pub(super) fn count_no_longer(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id).cloned() else { return };
        if let Some(left) =
            self.left_to(id, self.now).filter(|left| order.pay_by.is_none() && left.holder == order.holder)
        {
            self.strike_out(left.order);
        }
        self.strike_out(id);
        self.orders.get_mut(&id).into_iter().for_each(|order| order.unheld = false);
    }

    /// An order that is sure to wait is refused only where too many would be held, any other where it came for nothing before.
    pub(super) fn may_not_wait(&self, too_many: &[Shortage]) -> Checked {
        for shortage in too_many {
            let id = self.skus.get(&shortage.sku).copied().unwrap_or_default();
            let left = shortage.available.unwrap_or(i64::MAX);
            if shortage.requested <= left || left > self.most_unpaid(id) {
                return Err(format!("an order was refused to wait: {shortage:?}"));
            }
        }
        if too_many.is_empty() { Err("an order was refused to wait for nothing".to_owned()) } else { Ok(()) }
    }
}
