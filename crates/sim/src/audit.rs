//! Comparisons: the database with the model, with the gateway's books, and with what clients were told; and the engine's own
//! checker.

use crate::model::Checked;
use crate::world::{Violation, World, at_once};
use cartwright_domain::id::{CartId, ErasureId, OrderId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_domain::stock::Stock;
use cartwright_engine::{AuditRow, Left, check};
use std::collections::BTreeMap;

/// How far the checker looks past due times while a run goes on: the sweeper comes when it comes.
const PATIENCE_MS: i64 = i64::MAX / 4;

fn same<T: PartialEq + std::fmt::Debug>(what: impl std::fmt::Display, found: T, expected: T) -> Checked {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, should be {expected:?}")) }
}

impl World {
    /// The books as committed, beside the model and by the checker.
    pub(crate) fn audit(&mut self) -> Result<(), Violation> {
        self.count("audits");
        self.run_checker(PATIENCE_MS)?;
        let mut rows = Vec::new();
        let read = at_once(self.process.reader.audit(self.store, &mut |row| rows.push(row)));
        read.map_err(|error| Violation(format!("audit: {error}")))?;
        let mut checked_out: BTreeMap<CartId, Option<OrderId>> = BTreeMap::new();
        let (mut orders, mut holds) = (0, 0);
        let mut uses: BTreeMap<_, i64> = self.model.uses.keys().map(|key| (key.clone(), 0)).collect();
        for row in rows {
            match row {
                AuditRow::Stock(id, Stock { on_hand, reserved }) => {
                    let shelf = self.model.shelves.get(&id).copied().unwrap_or_default();
                    same(format!("stock of {id}"), (on_hand, reserved), (shelf.on_hand, shelf.reserved))?;
                }
                AuditRow::Order(order) => {
                    orders += 1;
                    self.model.compare_order(&order)?;
                }
                AuditRow::Hold(cart, hold) => {
                    let known = self.model.holds.get(&(hold.variant_id, cart)).copied();
                    same(format!("hold of {cart}"), Some((hold.units, hold.until)), known)?;
                    holds += 1;
                }
                AuditRow::CheckedOutCart(cart, order) => drop(checked_out.insert(cart, order)),
                AuditRow::Redemption(promotion, _, customer, _) => {
                    *uses.entry((promotion, None)).or_default() += 1;
                    *uses.entry((promotion, Some(customer))).or_default() += 1;
                }
                _ => {}
            }
        }
        same("holds", holds, self.model.holds.len())?;
        same("orders", orders, self.model.orders.len())?;
        same("uses", uses, self.model.uses.clone())?;
        let made = self.model.carts.iter().filter(|(_, cart)| cart.order.is_some());
        same("carts that became orders", checked_out, made.map(|(id, cart)| (*id, cart.order)).collect())?;
        self.audit_carts()?;
        Ok(self.audit_codes()?)
    }

    fn run_checker(&self, grace_ms: i64) -> Result<(), Violation> {
        let findings = at_once(check(self.process.reader.as_ref(), self.store, self.now, grace_ms));
        for finding in findings.map_err(|error| Violation(format!("the checker: {error}")))? {
            // The checker tells them in no order; a seed must tell the same each time.
            if let Some(violation) = finding.violations.iter().min() {
                return Err(Violation(format!("{}: {violation}", finding.name)));
            }
        }
        Ok(())
    }

    fn audit_carts(&self) -> Checked {
        for id in self.model.carts.keys() {
            let cart = at_once(self.process.reader.cart(self.store, *id)).ok().flatten();
            let cart = cart.ok_or_else(|| format!("cart {id} is gone"))?;
            self.model.compare_cart(&cart)?;
            if let Some(told) = self.told_carts.get(id) {
                let newer = cart.version > told.version;
                if !newer && cart != **told {
                    return Err(format!("cart {id} was told as {told:?}, and is {cart:?}"));
                }
            }
        }
        Ok(())
    }

    fn audit_codes(&self) -> Checked {
        let standing = at_once(self.process.reader.promotions(self.store)).map_err(|error| error.to_string())?;
        let standing: Vec<_> = standing.into_iter().map(|promotion| promotion.id).collect();
        same("promotions", standing, self.model.promotions.keys().copied().collect())?;
        for id in &self.model.promotions_ever {
            let found = at_once(self.process.reader.coupons(self.store, *id, "", 1_000));
            let found = found.map_err(|error| error.to_string())?;
            let found: Vec<_> = found.into_iter().map(|(code, known)| (code, known.max_uses, known.bulk)).collect();
            let own = self.model.codes.iter().filter(|(_, code)| code.promotion == *id);
            let expected = own.map(|(name, code)| (name.clone(), code.max_uses, code.bulk)).collect();
            same(format!("codes of {id}"), found, expected)?;
        }
        Ok(())
    }

    /// At the end: nothing is pending, the gateway's books agree, and all that was told is still true.
    pub(crate) fn audit_end(&mut self) -> Result<(), Violation> {
        self.audit()?;
        self.run_checker(0)?;
        let waiting = at_once(self.process.reader.due_gateway_events(self.store, Timestamp(i64::MAX), 10));
        let waiting = waiting.map_err(|error| Violation(format!("events: {error}")))?;
        same("events of the gateway that still wait", waiting, Vec::new())?;
        let attempts = self.gateway.attempts();
        let mut money = BTreeMap::new();
        for id in self.model.orders.keys() {
            let order = self.read_order(*id)?;
            if let Some(manual) = &order.detail.manual {
                // Its money is in no gateway's books; the model has compared it with what was recorded.
                let recorded: i64 = manual.payments.iter().map(|payment| payment.amount).sum();
                same(format!("recorded money of order {id}"), recorded, order.payment.captured)?;
                continue;
            }
            if order.payment.status.is_open() {
                return Err(Violation(format!("order {id} is still {:?}", order.payment.status)));
            }
            let attempt = attempts.get(&order.payment.attempt_id);
            let taken = attempt.map_or((0, 0), |attempt| attempt.money());
            same(format!("money of order {id}"), taken, (order.payment.captured, order.payment.refunded))?;
            same(format!("charges of order {id}"), attempt.is_none_or(|attempt| attempt.charges <= 1), true)?;
            money.insert(order.payment.attempt_id, taken);
        }
        let strange = attempts.iter().find(|(id, attempt)| attempt.charges > 0 && !money.contains_key(id));
        same("attempts of no order", strange.map(|(id, _)| *id), None)?;
        self.count_held_out()?;
        self.audit_erased()?;
        for (id, told) in &self.told_orders {
            let now = self.read_order(*id)?;
            same(format!("lines of order {id}"), bought(&now), bought(told))?;
            same(format!("totals of order {id}"), now.totals, told.totals)?;
            same(format!("cart of order {id}"), (now.cart_id, now.created_at), (told.cart_id, told.created_at))?;
        }
        Ok(())
    }

    /// Nothing is left of anybody who was to go, from before that was asked for, but what a payment holds up.
    fn audit_erased(&self) -> Checked {
        let reader = self.process.reader.as_ref();
        let standing = at_once(reader.erasures(self.store, ErasureId(uuid::Uuid::nil()), 1_000));
        let standing = standing.map_err(|error| error.to_string())?;
        for erasure in self.model.begun() {
            let left = at_once(reader.left_of(self.store, erasure, 10)).map_err(|error| error.to_string())?;
            let stands = standing.iter().any(|other| other.names == erasure.names);
            let nothing = Left { carts: Vec::new(), orders: Vec::new(), waits: left.waits && stands };
            same(format!("left of {:?}", erasure.names), left, nothing)?;
        }
        Ok(())
    }

    fn count_held_out(&mut self) -> Checked {
        for id in self.model.carts.keys().copied().collect::<Vec<_>>() {
            let cart = at_once(self.process.reader.cart(self.store, id)).map_err(|error| error.to_string())?;
            if cart.and_then(|cart| cart.detail.recovery).is_some_and(|recovery| recovery.held_out) {
                self.count("carts held out");
            }
        }
        Ok(())
    }

    pub(crate) fn read_order(&self, id: OrderId) -> Result<Order, String> {
        let order = at_once(self.process.reader.order(self.store, id)).map_err(|error| error.to_string())?;
        order.ok_or_else(|| format!("order {id} is gone"))
    }
}

fn bought(order: &Order) -> Vec<(uuid::Uuid, i64, i64, i64)> {
    let line = |line: &cartwright_domain::order::OrderLine| (line.id.0, line.quantity, line.unit_price, line.discount);
    order.lines.iter().map(line).collect()
}
