//! Rows of orders and of all that an order touches, and the sums over them: the ledger, stock, uses of promotions.

use super::catalogue::{STORE, as_json, id, int, maybe, text};
use super::plan::{DAY_MS, Plan, PlannedLine, PlannedOrder, price, sku};
use crate::copy::{Row, Value};
use cartwright_domain::cart::{CartDetail, CartStatus};
use cartwright_domain::coupon::AppliedCoupon;
use cartwright_domain::id::{RefundId, Timestamp};
use cartwright_domain::order::{OrderDetail, OrderDiscount, OrderStatus, PaymentStatus, Reservation};
use cartwright_domain::refund::{Portion, Refund, RefundParts, RefundStatus, RefundedLine};
use cartwright_domain::stock::{Cause, Reference, Stock};
use std::collections::BTreeMap;

/// Units that were delivered of each variant.
const DELIVERED: i64 = 100_000;

type Rows = Vec<(&'static str, Row)>;

/// Stock and uses, as the orders so far have left them.
pub struct Ledger<'a> {
    plan: &'a Plan,
    /// By number of the variant, with its newest entry.
    stock: Vec<(Stock, i64)>,
    sequence: i64,
    uses: BTreeMap<u64, i64>,
    customer_uses: BTreeMap<(u64, String), i64>,
}

impl<'a> Ledger<'a> {
    pub fn new(plan: &'a Plan) -> Ledger<'a> {
        let stock = vec![(Stock::default(), 0); plan.shape.variants as usize];
        Ledger { plan, stock, sequence: 0, uses: BTreeMap::new(), customer_uses: BTreeMap::new() }
    }

    /// The first entry of each variant.
    pub fn deliveries(&mut self) -> Rows {
        let at = self.plan.opened();
        let delivered = (0..self.plan.shape.variants).filter(|variant| Plan::is_delivered(*variant));
        let delivery = Reference::Reason("first delivery".to_owned());
        delivered.map(|variant| self.moved(variant, Cause::Receive, (DELIVERED, 0), &delivery, at)).collect()
    }

    fn moved(
        &mut self,
        variant: u64,
        cause: Cause,
        (on_hand, reserved): (i64, i64),
        reference: &Reference,
        at: Timestamp,
    ) -> (&'static str, Row) {
        self.sequence += 1;
        let (stock, last) = &mut self.stock[variant as usize];
        stock.on_hand += on_hand;
        stock.reserved += reserved;
        let previous = std::mem::replace(last, self.sequence);
        let row = vec![
            int(STORE),
            int(self.sequence),
            id(self.plan.variant_id(variant).0),
            int(previous),
            int(on_hand),
            int(reserved),
            text(cause.as_str()),
            if let Reference::Order(order) = reference { id(order.0) } else { Value::Null },
            if let Reference::Reason(reason) = reference { text(reason.as_str()) } else { Value::Null },
            int(at.0),
            if let Reference::Cart(cart) = reference { id(cart.0) } else { Value::Null },
        ];
        ("stock_movements", row)
    }

    /// An order with its cart, lines, payment, movements and redemption.
    pub fn order_rows(&mut self, order: &PlannedOrder) -> Rows {
        let sums = Sums::of(self.plan, order);
        let mut rows = vec![
            ("orders", order_row(self.plan, order, &sums)),
            ("payments", payment_row(order, sums.total())),
            ("carts", cart_row(self.plan, order)),
        ];
        for (position, line) in order.lines.iter().enumerate() {
            rows.push(("order_lines", line_row(self.plan, order, position, line, sums.discounts[position])));
            for (cause, deltas) in movements(order.status, line.quantity) {
                rows.push(self.moved(line.variant, *cause, deltas, &Reference::Order(order.id), order.at));
            }
        }
        rows.extend(self.redemption(order));
        rows.extend(reminder_row(order));
        rows
    }

    /// How the stock moved for what a cart besides the orders' holds.
    pub fn hold_row(&mut self, number: u64) -> Option<(&'static str, Row)> {
        let (variant, hold) = self.plan.hold(number)?;
        let (cart, at, _) = self.plan.cart(number);
        Some(self.moved(variant, Cause::Hold, (0, hold.units), &Reference::Cart(cart), at))
    }

    fn redemption(&mut self, order: &PlannedOrder) -> Option<(&'static str, Row)> {
        let promotion = order.promotion?;
        let live = is_live(order.status);
        if live {
            *self.uses.entry(promotion).or_default() += 1;
            *self.customer_uses.entry((promotion, buyer(order))).or_default() += 1;
        }
        let row = vec![
            int(STORE),
            id(order.id.0),
            id(self.plan.promotion_id(promotion).0),
            text(buyer(order)),
            text(self.plan.code(promotion)),
            Value::Bool(live),
        ];
        Some(("redemptions", row))
    }

    /// What it all came to.
    pub fn sums(self) -> Rows {
        let plan = self.plan;
        let stock = self.stock.into_iter().enumerate().map(|(variant, (stock, last))| {
            let key = id(plan.variant_id(variant as u64).0);
            ("stock", vec![int(STORE), key, int(stock.on_hand), int(stock.reserved), int(last)])
        });
        let of = |promotion: u64| id(plan.promotion_id(promotion).0);
        let uses = self.uses.into_iter();
        let uses = uses.map(|(promotion, uses)| ("promotion_uses", vec![int(STORE), of(promotion), int(uses)]));
        let by_customer = self.customer_uses.into_iter().map(|((promotion, customer), uses)| {
            ("customer_uses", vec![int(STORE), of(promotion), text(customer), int(uses)])
        });
        stock.chain(uses).chain(by_customer).collect()
    }
}

fn is_live(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Placed | OrderStatus::PendingPayment)
}

fn email(order: &PlannedOrder) -> String {
    format!("guest-{}@example.com", order.number)
}

fn buyer(order: &PlannedOrder) -> String {
    order.customer.clone().unwrap_or_else(|| email(order))
}

/// How an order moved the stock of a line: change on hand, change reserved.
fn movements(status: OrderStatus, quantity: i64) -> impl Iterator<Item = (&'static Cause, (i64, i64))> {
    let causes: &[Cause] = match status {
        OrderStatus::PendingPayment => &[Cause::Hold],
        OrderStatus::Placed => &[Cause::Hold, Cause::Commit],
        OrderStatus::Cancelled => &[Cause::Hold, Cause::Commit, Cause::Restock],
        OrderStatus::PaymentFailed | OrderStatus::Expired => &[Cause::Hold, Cause::Release],
    };
    causes.iter().map(move |cause| match cause {
        Cause::Hold => (cause, (0, quantity)),
        Cause::Commit => (cause, (-quantity, -quantity)),
        Cause::Release => (cause, (0, -quantity)),
        _ => (cause, (quantity, 0)),
    })
}

/// Amounts of an order, minor units.
struct Sums {
    subtotal: i64,
    /// By line.
    discounts: Vec<i64>,
}

impl Sums {
    fn of(plan: &Plan, order: &PlannedOrder) -> Sums {
        let amounts: Vec<i64> = order.lines.iter().map(|line| price(line.variant) * line.quantity).collect();
        let off = |amount: &i64| if plan.shape.promotions > 0 && order.promotion.is_some() { amount / 10 } else { 0 };
        Sums { subtotal: amounts.iter().sum(), discounts: amounts.iter().map(off).collect() }
    }

    fn discount(&self) -> i64 {
        self.discounts.iter().sum()
    }

    fn total(&self) -> i64 {
        self.subtotal - self.discount()
    }
}

fn detail(plan: &Plan, order: &PlannedOrder, sums: &Sums) -> OrderDetail {
    let discount = sums.discount();
    let promotions = order.promotion.iter().map(|number| (plan.promotion_id(*number), *number));
    let coupon = |(promotion_id, number)| AppliedCoupon { code: plan.code(number), promotion_id };
    OrderDetail {
        email: order.customer.is_none().then(|| email(order)),
        coupons: promotions.clone().map(coupon).collect(),
        discounts: promotions
            .clone()
            .map(|(promotion_id, number)| OrderDiscount {
                promotion_id,
                name: plan.promotion_name(number),
                goods: discount,
                shipping: 0,
            })
            .collect(),
        redeemed: promotions.filter(|_| is_live(order.status)).map(|(id, _)| id).collect(),
        payment_failure: (order.status == OrderStatus::PaymentFailed).then(|| "declined".to_owned()),
        cancel_reason: (order.status == OrderStatus::Cancelled).then(|| "not wanted".to_owned()),
        refunds: (order.status == OrderStatus::Cancelled).then(|| refund(order, sums)).into_iter().collect(),
        ..OrderDetail::default()
    }
}

/// All of a cancelled order.
fn refund(order: &PlannedOrder, sums: &Sums) -> Refund {
    let lines = order.lines.iter().zip(&sums.discounts).map(|(line, discount)| RefundedLine {
        line_id: line.id,
        quantity: line.quantity,
        restocked: 0,
        unsent: line.quantity,
        portion: Portion { net: price(line.variant) * line.quantity - discount, ..Portion::default() },
    });
    Refund {
        // There is one refund of an attempt here: it may have the attempt's id.
        id: RefundId(order.attempt_id.0),
        amount: sums.total(),
        parts: RefundParts { lines: lines.collect(), shipping: Portion::default() },
        reason: "not wanted".to_owned(),
        by: String::new(),
        status: RefundStatus::Succeeded,
        failure: None,
        origin: Default::default(),
        reference: None,
        at: order.at,
    }
}

fn order_row(plan: &Plan, order: &PlannedOrder, sums: &Sums) -> Row {
    vec![
        int(STORE),
        id(order.id.0),
        id(order.cart_id.0),
        Value::Null,
        maybe(order.customer.clone()),
        text(buyer(order)),
        text(order.status.as_str()),
        text("EUR"),
        int(sums.subtotal),
        int(sums.discount()),
        int(0),
        int(0),
        int(0),
        int(0),
        int(0),
        int(sums.total()),
        as_json(&detail(plan, order, sums)),
        int(order.at.0),
        int(order.at.0),
        maybe((order.status == OrderStatus::Placed).then(|| "unfulfilled".to_owned())),
        // Nobody real.
        Value::Bool(false),
    ]
}

fn line_row(plan: &Plan, order: &PlannedOrder, position: usize, line: &PlannedLine, discount: i64) -> Row {
    let reservation = match order.status {
        OrderStatus::PendingPayment => Reservation::Held,
        OrderStatus::Placed => Reservation::Committed,
        _ => Reservation::Released,
    };
    vec![
        int(STORE),
        id(order.id.0),
        int(position as i64),
        id(line.id.0),
        id(plan.variant_id(line.variant).0),
        text(sku(line.variant)),
        text(plan.variant_name(line.variant)),
        int(line.quantity),
        int(price(line.variant)),
        int(discount),
        int(0),
        int(0),
        int(0),
        text("{}"),
        text(reservation.as_str()),
    ]
}

fn payment_row(order: &PlannedOrder, total: i64) -> Row {
    let (status, captured, refunded) = match order.status {
        OrderStatus::PendingPayment => (PaymentStatus::RequiresAction, 0, 0),
        OrderStatus::Placed => (PaymentStatus::Captured, total, 0),
        OrderStatus::Cancelled => (PaymentStatus::Refunded, total, total),
        OrderStatus::PaymentFailed => (PaymentStatus::Declined, 0, 0),
        OrderStatus::Expired => (PaymentStatus::Voided, 0, 0),
    };
    // Long enough for whoever looks at the shop now.
    let due = if status.is_open() { int(order.at.0 + 30 * DAY_MS) } else { Value::Null };
    vec![
        int(STORE),
        id(order.id.0),
        id(order.attempt_id.0),
        text("test"),
        text("ok"),
        text(status.as_str()),
        int(captured),
        int(refunded),
        int(0),
        due,
    ]
}

/// Every fourth order is one of a cart that was due for a reminder, of these every fourth was held out.
fn reminder_row(order: &PlannedOrder) -> Option<(&'static str, Row)> {
    let mail = if order.number.is_multiple_of(16) { Value::Null } else { id(order.attempt_id.0) };
    let row = vec![int(STORE), id(order.cart_id.0), int(1), mail, int(order.at.0)];
    order.number.is_multiple_of(4).then_some(("reminders", row))
}

/// The cart that the order was made of.
fn cart_row(plan: &Plan, order: &PlannedOrder) -> Row {
    let sold = is_live(order.status) || order.status == OrderStatus::Cancelled;
    let (open, expires) = plan.open_or_expired(order.at);
    let status = if sold { CartStatus::CheckedOut } else { open };
    vec![
        int(STORE),
        id(order.cart_id.0),
        Value::Null,
        maybe(order.customer.clone()),
        text(status.as_str()),
        int(order.lines.len() as i64 + 1),
        text("EUR"),
        plan.cart_lines(&order.lines, order.at),
        as_json(&CartDetail::default()),
        if sold { id(order.id.0) } else { Value::Null },
        int(order.at.0),
        int(order.at.0),
        int(expires.0),
        Value::Null,
        Value::Null,
        // Nobody real.
        Value::Bool(false),
    ]
}
