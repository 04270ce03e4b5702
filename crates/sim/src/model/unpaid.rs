//! Goods that unpaid orders hold, in the model: which orders may wait, for how long, and what their shoppers' units count.

use super::{Checked, Model};
use cartwright_domain::id::{OrderId, Timestamp, VariantId};
use cartwright_domain::order::{Order, PaymentStatus};
use cartwright_domain::refusal::Shortage;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

impl Model {
    /// Units of an order's variants of which more than half is held.
    fn short_units(&self, id: OrderId) -> Vec<(VariantId, i64)> {
        let units = self.orders.get(&id).map(|order| order.units.clone()).unwrap_or_default();
        let short = |(variant, _): &(VariantId, i64)| {
            self.shelves.get(variant).is_some_and(|shelf| shelf.tracked && shelf.reserved * 2 > shelf.on_hand)
        };
        units.into_iter().filter(short).collect()
    }

    fn counted(&self, holder: &str, variant: VariantId) -> i64 {
        let row = self.unpaid.get(&(holder.to_owned(), variant));
        row.filter(|(_, until)| self.now < *until).map_or(0, |(units, _)| *units)
    }

    fn most_unpaid(&self, variant: VariantId) -> i64 {
        self.unpaid_units.max(self.shelves.get(&variant).map_or(0, |shelf| shelf.on_hand / 4))
    }

    /// Until when an order waits that could wait until `usual`; notes what it holds. `None` where it may not.
    pub(super) fn begin_to_wait(&mut self, id: OrderId, usual: Timestamp, checked: bool) -> Option<Timestamp> {
        let order = self.orders.get(&id)?.clone();
        if let Some(until) = order.pay_by {
            return Some(until.min(usual));
        }
        let short = self.short_units(id);
        // What the order before of the cart held is counted already.
        let before = self.waited.get(&order.cart).filter(|(until, _)| self.now < *until).cloned();
        let more = |variant: &VariantId, units: i64| {
            let known = before.as_ref().and_then(|(_, units)| units.get(variant)).copied().unwrap_or(0);
            (units - known).max(0)
        };
        let over = |(variant, units): &(VariantId, i64)| {
            self.counted(&order.holder, *variant) + more(variant, *units) > self.most_unpaid(*variant)
        };
        if !checked && short.iter().any(over) {
            return None;
        }
        let mut until = usual;
        for (variant, _) in &short {
            let shelf = self.shelves.get(variant).copied().unwrap_or_default();
            let whole = usual.0 - self.now.0;
            // A fifth is left where all is held, all of it where half is.
            let (free, all) = (i128::from(shelf.on_hand - shelf.reserved), i128::from(shelf.on_hand));
            let left = i128::from(whole) * (20 * all + 160 * free) / (100 * all);
            until = until.min(self.now.plus_ms(left as i64));
        }
        if let Some((whole, _)) = before.as_ref().filter(|_| !short.is_empty()) {
            until = until.min(*whole);
        }
        for (variant, units) in &short {
            let key = (order.holder.clone(), *variant);
            let known = self.counted(&order.holder, *variant);
            let last = self.unpaid.get(&key).map_or(Timestamp(i64::MIN), |row| row.1);
            self.unpaid.insert(key, (known + more(variant, *units), until.plus_ms(DAY_MS).max(last)));
        }
        if let Some(order) = self.orders.get_mut(&id).filter(|_| !short.is_empty()) {
            (order.pay_by, order.counted) = (Some(until), short.into_iter().collect());
        }
        Some(until)
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

    /// An order came to nothing: where it makes way for another one, that one goes on with what it held.
    pub(super) fn leave_to_the_next(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id) else { return };
        match order.pay_by.filter(|_| order.replaced) {
            Some(until) => self.waited.insert(order.cart, (until, order.counted.clone())),
            None => self.waited.remove(&order.cart),
        };
    }

    /// What is paid is no longer counted.
    pub(super) fn count_no_longer(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.unheld = false;
        let (holder, units) = (order.holder.clone(), std::mem::take(&mut order.counted));
        for (variant, units) in units {
            if let Some(row) = self.unpaid.get_mut(&(holder.clone(), variant)) {
                row.0 = (row.0 - units).max(0);
            }
        }
    }

    /// An order that is sure to wait is refused only where its goods are short, and too many would be held.
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
