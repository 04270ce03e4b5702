//! The checker: reads one snapshot of a store and tells for each invariant G1–G7 whether it holds. It computes everything
//! anew from the rows, and shares no code with the decisions that wrote them.

mod holds;
mod persons;

use crate::storage::{AuditRow, Reader, StorageError};
use cartwright_domain::cart::CartLine;
use cartwright_domain::coupon::Coupon;
use cartwright_domain::demand::Demand;
use cartwright_domain::fulfilment::ParcelStatus;
use cartwright_domain::id::{CartId, OrderId, PromotionId, StoreId, Timestamp, VariantId};
use cartwright_domain::manual::PlaceOrder;
use cartwright_domain::order::{DisputeStanding, Order, OrderLine, OrderStatus, PaymentStatus, Reservation};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refund::{Portion, RefundStatus};
use cartwright_domain::stock::{Movement, Reference, Stock};
use holds::Holds;
use persons::Persons;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most violations that are told in words, per invariant.
const TOLD: usize = 100;

/// What was found about one invariant.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `G1` … `G7`.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// Rows looked at.
    pub checked: i64,
    /// Violations in words, at most 100.
    pub violations: Vec<String>,
}

impl Finding {
    fn new(name: &'static str, says: &'static str) -> Finding {
        Finding { name, says, checked: 0, violations: Vec::new() }
    }

    fn expect(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds && self.violations.len() < TOLD {
            self.violations.push(violation());
        }
    }
}

/// Checks G1–G7 of a store on one snapshot. G5 counts as pending only what is overdue at `now`, by more than `grace_ms`.
///
/// # Errors
/// The storage's failure; violations are no error.
pub async fn check(
    reader: &dyn Reader,
    store: StoreId,
    now: Timestamp,
    grace_ms: i64,
) -> Result<Vec<Finding>, StorageError> {
    let promotions = reader.promotions(store).await?;
    let mut audit = Audit::new(now.plus_ms(-grace_ms), promotions);
    reader.audit(store, &mut |row| audit.visit(row)).await?;
    Ok(audit.finish())
}

struct Audit {
    overdue: Timestamp,
    promotions: Vec<Promotion>,
    stock: HashMap<VariantId, Stock>,
    ledger: HashMap<VariantId, Stock>,
    /// What the ledger moved for each order and variant, until the order is seen.
    moved: HashMap<(OrderId, VariantId), Stock>,
    holds: Holds,
    cart_of: HashMap<OrderId, CartId>,
    /// The live order of each cart, until the cart is seen.
    live_by_cart: HashMap<CartId, OrderId>,
    uses: BTreeMap<(PromotionId, Option<String>), i64>,
    redeemed: BTreeMap<(PromotionId, Option<String>), i64>,
    /// The limit that held at the newest live use, and when that was.
    limits: BTreeMap<(PromotionId, Option<String>), (Timestamp, Option<u32>)>,
    persons: Persons,
    coupons: BTreeMap<String, Coupon>,
    redeemed_codes: BTreeMap<(PromotionId, String), i64>,
    /// What is counted to stand in carts, less what does.
    demand: BTreeMap<VariantId, Demand>,
    findings: [Finding; 7],
}

impl Audit {
    fn new(overdue: Timestamp, promotions: Vec<Promotion>) -> Audit {
        Audit {
            overdue,
            promotions,
            stock: HashMap::new(),
            ledger: HashMap::new(),
            moved: HashMap::new(),
            holds: Holds::default(),
            cart_of: HashMap::new(),
            live_by_cart: HashMap::new(),
            uses: BTreeMap::new(),
            redeemed: BTreeMap::new(),
            limits: BTreeMap::new(),
            persons: Persons::default(),
            coupons: BTreeMap::new(),
            redeemed_codes: BTreeMap::new(),
            demand: BTreeMap::new(),
            findings: [
                Finding::new("G1", "stock: 0 ≤ reserved ≤ on hand, and both equal the sum of the ledger"),
                Finding::new("G2", "money: captured ≤ total, refunds ≤ captured, one live order per cart"),
                Finding::new(
                    "G3",
                    "reservations: the ledger holds and sells for each order and cart just what it says, and no more is sent",
                ),
                Finding::new("G4", "promotions: uses are counted right and within their limits"),
                Finding::new("G5", "nothing is left pending past its time"),
                Finding::new("G6", "the parts of every amount sum to the whole"),
                Finding::new("G7", "urgency: what is counted to stand in carts is what stands in them"),
            ],
        }
    }

    fn visit(&mut self, row: AuditRow) {
        match row {
            AuditRow::Stock(id, stock) => {
                self.stock.insert(id, stock);
            }
            AuditRow::Movement(movement) => self.movement(&movement),
            AuditRow::Order(order) => self.order(&order),
            AuditRow::CheckedOutCart(cart, order) => self.checked_out(cart, order),
            AuditRow::Hold(cart, hold) => self.holds.row(cart, hold, self.overdue, &mut self.findings[4]),
            AuditRow::HoldingCart(cart) => self.holds.cart(&cart, &mut self.findings[2]),
            AuditRow::Uses(promotion, uses) => {
                self.uses.insert((promotion, None), uses);
            }
            AuditRow::CustomerUses(promotion, customer, uses) => {
                self.uses.insert((promotion, Some(customer)), uses);
            }
            AuditRow::Name { name, address, since } => self.persons.name(name, &address, since),
            AuditRow::Coupon(code, coupon) => {
                self.coupons.insert(code, coupon);
            }
            AuditRow::Demand(variant, counted) => self.demand.entry(variant).or_default().add(counted),
            AuditRow::CountedCart(_, lines) => self.counted_cart(&lines),
            AuditRow::Redemption(promotion, _, customer, code) => {
                if let Some(code) = code {
                    *self.redeemed_codes.entry((promotion, code)).or_default() += 1;
                }
                *self.redeemed.entry((promotion, None)).or_default() += 1;
                *self.redeemed.entry((promotion, Some(customer))).or_default() += 1;
            }
        }
    }

    fn counted_cart(&mut self, lines: &[CartLine]) {
        let mut seen = HashSet::new();
        for line in lines {
            let carts = -i64::from(seen.insert(line.variant_id));
            self.demand.entry(line.variant_id).or_default().add(Demand { carts, units: -line.quantity });
        }
    }

    fn movement(&mut self, movement: &Movement) {
        let level = self.ledger.entry(movement.variant_id).or_default();
        level.on_hand += movement.on_hand_delta;
        level.reserved += movement.reserved_delta;
        let level = *level;
        self.holds.movement(movement);
        if let Reference::Order(order) = movement.reference {
            let moved = self.moved.entry((order, movement.variant_id)).or_default();
            moved.on_hand += movement.on_hand_delta;
            moved.reserved += movement.reserved_delta;
        }
        self.findings[0].expect(0 <= level.reserved && level.reserved <= level.on_hand, || {
            format!("variant {} stood at {level:?} after a {} movement", movement.variant_id, movement.cause.as_str())
        });
    }

    /// A cart that was checked out names the order that was made of it, and its live order, if it has one, is that.
    fn checked_out(&mut self, cart: CartId, order: Option<OrderId>) {
        let live = self.live_by_cart.remove(&cart);
        let own = order.is_some_and(|order| self.cart_of.get(&order) == Some(&cart));
        self.findings[1].expect(own && (live.is_none() || live == order), || {
            format!("cart {cart} names order {order:?}, its live order is {live:?}")
        });
    }

    fn order(&mut self, order: &Order) {
        self.cart_of.insert(order.id, order.cart_id);
        self.money(order);
        self.pending(order);
        self.sums(order);
        self.reservations(order);
        self.holds.order(order);
        self.fulfilments(order);
        self.limits(order);
        self.persons.order(order);
    }

    /// All live uses there are were live when the newest of them was made, so they keep the limit that held then, whatever
    /// an operator has made of it since.
    fn limits(&mut self, order: &Order) {
        let buyer = order.buyer().unwrap_or_default();
        for (promotion, limits) in &order.detail.limits {
            for (who, limit) in [(None, limits.total_uses), (Some(buyer.clone()), limits.uses_per_customer)] {
                let newest = self.limits.entry((*promotion, who)).or_insert((order.created_at, limit));
                let wider = newest.1.is_some_and(|known| limit.is_none_or(|limit| limit > known));
                if newest.0 < order.created_at || newest.0 == order.created_at && wider {
                    *newest = (order.created_at, limit);
                }
            }
        }
    }

    fn money(&mut self, order: &Order) {
        let (payment, total) = (&order.payment, order.totals.total);
        let money = &mut self.findings[1];
        money.expect(0 <= payment.captured && payment.captured <= total, || {
            format!("order {}: captured {} of {total}", order.id, payment.captured)
        });
        money.expect(0 <= payment.refunded && payment.refunded <= payment.captured, || {
            format!("order {}: refunded {} of {} captured", order.id, payment.refunded, payment.captured)
        });
        // Of money that was set aside an operator may take a part, or nothing yet.
        let aside = order.detail.authorization.as_ref().map_or(0, |authorization| authorization.amount);
        let manual = order.detail.manual.as_ref();
        if let Some(manual) = manual {
            let recorded: i64 = manual.payments.iter().map(|one| one.amount).sum();
            money.expect(
                recorded == payment.captured && manual.waived >= 0 && recorded + manual.waived <= total,
                || {
                    format!(
                        "order {}: recorded {recorded}, waived {}, captured {} of {total}",
                        order.id, manual.waived, payment.captured
                    )
                },
            );
        }
        // What operators record may be waived in part; where the shop trusts the buyer, it comes after the order is placed.
        let settled = manual.is_some_and(|manual| {
            manual.method.place == PlaceOrder::AtOnce || payment.captured + manual.waived == total
        });
        let paid = payment.captured == total || aside > 0 && payment.captured <= aside || settled;
        money.expect(order.status != OrderStatus::Placed || paid, || {
            format!("order {} is placed with {} of {total} captured, {aside} set aside", order.id, payment.captured)
        });
        let sum = |status: RefundStatus| -> i64 {
            order.detail.refunds.iter().filter(|refund| refund.status == status).map(|refund| refund.amount).sum()
        };
        let (sent, to_send) = (sum(RefundStatus::Succeeded), sum(RefundStatus::Pending));
        // Before refunds were noted one by one only their sum was.
        let noted = order.detail.refunds.is_empty() || sent == payment.refunded;
        money.expect(noted && sent + to_send <= payment.captured, || {
            let (id, captured, refunded) = (order.id, payment.captured, payment.refunded);
            format!("order {id}: refunds of {sent} sent and {to_send} to send; {refunded} refunded of {captured}")
        });
        let outside = order.detail.refunds.iter().filter_map(|refund| refund.reference.as_deref());
        let mut seen = HashSet::new();
        let twice = outside.filter(|reference| !seen.insert(*reference)).count();
        money.expect(twice == 0, || format!("order {}: money that left outside is taken in twice", order.id));
        if matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed) {
            let other = self.live_by_cart.insert(order.cart_id, order.id);
            money.expect(other.is_none(), || {
                format!("cart {} has two live orders: {} and {other:?}", order.cart_id, order.id)
            });
        }
    }

    fn pending(&mut self, order: &Order) {
        let overdue = order.payment.due_at.is_some_and(|due| due < self.overdue);
        let open = order.payment.status.is_open() || order.payment.status == PaymentStatus::Authorized;
        let unattended = open && order.payment.due_at.is_none() && !self::waits_for_operator(order);
        let pending = &mut self.findings[4];
        pending.expect(!(open && overdue), || {
            format!("order {}: payment {} was due", order.id, order.payment.status.as_str())
        });
        pending.expect(!unattended, || format!("order {}: nobody will look at its open payment", order.id));
        let kept = order.status != OrderStatus::Placed && order.status != OrderStatus::PendingPayment;
        let charged = order.payment.status == PaymentStatus::Captured;
        // A refund that failed is an operator's to send again.
        let failed = order.detail.refunds.iter().any(|refund| refund.status == RefundStatus::Failed);
        // What the bank holds goes back once the dispute is decided.
        let held = order.detail.disputes.iter().any(|dispute| dispute.standing == DisputeStanding::Withheld);
        pending.expect(!(kept && charged && order.payment.captured > 0 && !failed && !held), || {
            format!("order {} is {} but its money was kept", order.id, order.status.as_str())
        });
    }

    fn sums(&mut self, order: &Order) {
        let (totals, shipping) = (&order.totals, &order.detail.shipping);
        let of_lines =
            |amount: fn(&cartwright_domain::order::OrderLine) -> i64| order.lines.iter().map(amount).sum::<i64>();
        let sums = &mut self.findings[5];
        let mut equal = |what: &str, parts: i64, whole: i64| {
            sums.expect(parts == whole, || format!("order {}: parts of {what} sum to {parts}, not {whole}", order.id));
        };
        equal("subtotal", of_lines(|line| line.unit_price * line.quantity), totals.subtotal);
        equal("discount", of_lines(|line| line.discount), totals.discount);
        equal("goods discounts", order.detail.discounts.iter().map(|discount| discount.goods).sum(), totals.discount);
        equal(
            "shipping discounts",
            order.detail.discounts.iter().map(|discount| discount.shipping).sum(),
            shipping.discount,
        );
        equal("shipping", shipping.amount - shipping.discount, totals.shipping);
        equal("added tax", of_lines(|line| line.tax_added) + shipping.tax_added, totals.tax_added);
        equal("contained tax", of_lines(|line| line.tax_included) + shipping.tax_included, totals.tax_included);
        equal("relief", of_lines(|line| line.relief) + shipping.relief, totals.relief);
        equal("tax", totals.tax_added + totals.tax_included, totals.tax);
        equal("tax by rate", order.detail.taxes.iter().map(|tax| tax.amount).sum(), totals.tax);
        let total =
            totals.subtotal - totals.discount + totals.shipping + totals.tax_added - totals.relief + totals.rounding;
        equal("total", total, totals.total);
        for refund in &order.detail.refunds {
            let parts = refund.parts.lines.iter().map(|line| &line.portion).chain([&refund.parts.shipping]);
            let of = |part: &Portion| part.net + part.tax_added - part.relief + part.rounding;
            equal("a refund", parts.map(of).sum(), refund.amount);
        }
        sums.expect(refunds_fit(order), || format!("order {}: more of a line was refunded than there is", order.id));
        sums.expect(order.lines.iter().all(|line| 0 <= line.discount && line.discount <= line.subtotal()), || {
            format!("order {}: a line is below zero", order.id)
        });
    }

    /// The ledger must have moved for an order exactly what its lines say is held or sold.
    fn reservations(&mut self, order: &Order) {
        let mut expected: HashMap<VariantId, Stock> = HashMap::new();
        for line in order.lines.iter().filter(|line| line.reservation != Reservation::None) {
            let sum = expected.entry(line.variant_id).or_default();
            match line.reservation {
                Reservation::Held => sum.reserved += line.quantity,
                Reservation::Committed => sum.on_hand -= line.quantity - restocked(order, line),
                Reservation::Released | Reservation::None => {}
            }
            let right = match order.status {
                OrderStatus::PendingPayment => Reservation::Held,
                OrderStatus::Placed => Reservation::Committed,
                _ => Reservation::Released,
            };
            self.findings[2].expect(line.reservation == right, || {
                format!("order {} is {} with a line {}", order.id, order.status.as_str(), line.reservation.as_str())
            });
        }
        for (variant, expected) in expected {
            let moved = self.moved.remove(&(order.id, variant)).unwrap_or_default();
            self.findings[2].expect(moved == expected, || {
                format!("order {} variant {variant}: its lines say {expected:?}, the ledger {moved:?}", order.id)
            });
        }
    }

    /// Of each line no more was sent than was bought; of orders that are not placed, nothing.
    fn fulfilments(&mut self, order: &Order) {
        let mut left: HashMap<_, i64> = order.lines.iter().map(|line| (line.id, line.quantity)).collect();
        let sent = order.detail.fulfilments.iter().filter(|parcel| parcel.status != ParcelStatus::Cancelled);
        for line in sent.flat_map(|parcel| &parcel.lines) {
            let rest = left.entry(line.line_id).or_default();
            *rest -= line.quantity;
            let right = line.quantity > 0 && *rest >= 0 && order.status == OrderStatus::Placed;
            self.findings[2].expect(right, || {
                format!(
                    "order {} is {}: of line {} {} too many were sent",
                    order.id,
                    order.status.as_str(),
                    line.line_id,
                    -*rest
                )
            });
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        self.finish_stock();
        std::mem::take(&mut self.holds).finish(&self.stock, &mut self.findings[2]);
        for ((order, variant), moved) in std::mem::take(&mut self.moved) {
            self.findings[2].expect(false, || format!("order {order} has no line for {moved:?} of variant {variant}"));
        }
        for (cart, order) in std::mem::take(&mut self.live_by_cart) {
            self.findings[1].expect(false, || format!("order {order} is live, but its cart {cart} is not checked out"));
        }
        for (variant, left) in std::mem::take(&mut self.demand) {
            self.findings[6].expect(left == Demand::default(), || {
                format!("variant {variant}: {} carts and {} units too many are counted", left.carts, left.units)
            });
        }
        self.finish_uses();
        self.finish_codes();
        std::mem::take(&mut self.persons).finish(&mut self.findings[3]);
        self.findings.into()
    }

    fn finish_stock(&mut self) {
        let ledger = std::mem::take(&mut self.ledger);
        for (id, stock) in &self.stock {
            let counted = ledger.get(id).copied().unwrap_or_default();
            self.findings[0].expect(counted == *stock, || format!("variant {id}: stock {stock:?}, ledger {counted:?}"));
        }
        for (id, counted) in ledger {
            let known = self.stock.contains_key(&id);
            self.findings[0].expect(known, || format!("variant {id}: ledger {counted:?}, no stock row"));
        }
    }

    /// No code was used more often than it allows.
    fn finish_codes(&mut self) {
        let finding = &mut self.findings[3];
        for (code, coupon) in &self.coupons {
            let counted = self.redeemed_codes.get(&(coupon.promotion_id, code.clone())).copied().unwrap_or(0);
            finding.expect(coupon.max_uses.is_none_or(|most| counted <= most), || {
                format!("code {code}: {counted} uses, limit {:?}", coupon.max_uses)
            });
        }
    }

    fn finish_uses(&mut self) {
        let finding = &mut self.findings[3];
        for ((promotion, customer), uses) in &self.uses {
            let counted = self.redeemed.get(&(*promotion, customer.clone())).copied().unwrap_or(0);
            finding.expect(counted == *uses, || {
                format!("promotion {promotion} {customer:?}: {uses} counted, {counted} on record")
            });
        }
        for ((promotion, customer), counted) in &self.redeemed {
            let limits = self.promotions.iter().find(|known| known.id == *promotion).map(|known| known.limits);
            let today = match customer {
                None => limits.and_then(|limits| limits.total_uses),
                Some(_) => limits.and_then(|limits| limits.uses_per_customer),
            };
            let limit = self.limits.get(&(*promotion, customer.clone())).map_or(today, |(_, then)| *then);
            finding.expect(limit.is_none_or(|limit| *counted <= i64::from(limit)), || {
                format!("promotion {promotion} {customer:?}: {counted} uses, limit {limit:?}")
            });
        }
    }
}

/// Whether an operator goes on, and nobody else: money to record of an order that is placed or paid in part, or to send back.
fn waits_for_operator(order: &Order) -> bool {
    let Some(manual) = &order.detail.manual else { return false };
    match order.payment.status {
        PaymentStatus::Awaited => order.status == OrderStatus::Placed || manual.overdue && order.payment.captured > 0,
        PaymentStatus::RefundPending => true,
        _ => false,
    }
}

/// Units of a line that refunds put back on the shelf.
fn restocked(order: &Order, line: &OrderLine) -> i64 {
    let parts = order.detail.refunds.iter().flat_map(|refund| &refund.parts.lines);
    parts.filter(|part| part.line_id == line.id).map(|part| part.restocked).sum()
}

/// Of no line more units were refunded, or put back, than it has.
fn refunds_fit(order: &Order) -> bool {
    let standing = || order.detail.refunds.iter().filter(|refund| refund.status != RefundStatus::Failed);
    order.lines.iter().all(|line| {
        let parts = standing().flat_map(|refund| &refund.parts.lines).filter(|part| part.line_id == line.id);
        let units: i64 = parts.map(|part| part.quantity).sum();
        units <= line.quantity && restocked(order, line) <= line.quantity
    })
}
