//! Whatever is asked, in whatever order: stock is never negative, equals its ledger, and no unit is sold twice.

use crate::shop::{Shop, mine};
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{Command, Idempotency, MoneyCommand, Settlement, StockChange};
use cartwright_domain::id::OrderId;
use cartwright_domain::order::{Dispute, DisputeStanding, Order, OrderStatus, PaymentStatus, Reservation};
use cartwright_domain::outside::{BookedRefund, Books, MoneyRecord};
use cartwright_domain::refund::{
    RefundLine, RefundOrigin, RefundRequest, RefundStatus, Refundable, Restock, ShippingRefund,
};
use cartwright_domain::stock::Cause;
use cartwright_domain::store::{HoldPolicy, PaymentCapture};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Cart(u8, i64),
    Add(usize, u8, i64),
    Checkout(usize, u8),
    Settle(usize, u8),
    Refund(usize, i64, i64),
    Capture(usize, Option<i64>),
    Books(usize, Vec<(u8, i64, bool)>, u8, i64),
    Record(usize, i64, bool),
    Cancel(usize),
    Adjust(u8, i64),
    Price(u8, i64),
    Change(usize, i64),
    Log(usize),
    Sweep,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_u8, 1..4_i64).prop_map(|(sku, quantity)| Step::Cart(sku, quantity)),
        (0..8_usize, 0..3_u8, -1..5_i64).prop_map(|(cart, sku, quantity)| Step::Add(cart, sku, quantity)),
        (0..8_usize, 0..2_u8).prop_map(|(cart, key)| Step::Checkout(cart, key)),
        (0..8_usize, 0..10_u8).prop_map(|(order, outcome)| Step::Settle(order, outcome)),
        (0..8_usize, 0..4_i64, 0..600_i64).prop_map(|(order, units, amount)| Step::Refund(order, units, amount)),
        (0..8_usize, prop::option::of(1..900_i64)).prop_map(|(order, amount)| Step::Capture(order, amount)),
        (0..8_usize, prop::collection::vec((0..4_u8, 1..900_i64, any::<bool>()), 0..4), 0..8_u8, 0..3_i64)
            .prop_map(|(order, refunds, dispute, captured)| Step::Books(order, refunds, dispute, captured)),
        (0..8_usize, 1..700_i64, any::<bool>()).prop_map(|(order, amount, loss)| Step::Record(order, amount, loss)),
        (0..8_usize).prop_map(Step::Cancel),
        (0..3_u8, -4..6_i64).prop_map(|(sku, quantity)| Step::Adjust(sku, quantity)),
        (0..3_u8, 0..900_i64).prop_map(|(sku, price)| Step::Price(sku, price)),
        (0..8_usize, 0..6_i64).prop_map(|(cart, quantity)| Step::Change(cart, quantity)),
        (0..8_usize).prop_map(Step::Log),
        Just(Step::Sweep),
        prop_oneof![0..700_000_000_i64, 0..1_000_000_i64].prop_map(Step::Wait),
    ]
}

const SKUS: [&str; 3] = ["A", "B", "C"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn stock_equals_its_ledger_after_any_history(steps in prop::collection::vec(step(), 1..80), manual: bool, hold: bool) {
        let mut shop = Shop::with(&[("A", 500, 6), ("B", 700, 3), ("C", 1, 0)]);
        if manual {
            shop.configure(|store| store.settings.payment_capture = PaymentCapture::Manual);
        }
        if hold {
            let policy = HoldPolicy::AtAdd { minutes: 10, max_units: 3 };
            shop.configure(|store| store.settings.hold_policy = policy);
        }
        shop.promotion(r#"{"name":"p","benefit":{"kind":"percentage","percent":"33"},"limits":{"total_uses":2}}"#, &[]);
        let (mut carts, mut orders) = (Vec::new(), Vec::new());
        for step in steps {
            apply(step, &mut shop, &mut carts, &mut orders);
            check(&shop)?;
        }
    }
}

fn apply(
    step: Step,
    shop: &mut Shop,
    carts: &mut Vec<cartwright_domain::id::CartId>,
    orders: &mut Vec<cartwright_domain::id::OrderId>,
) {
    let sku = |index: u8| SKUS[index as usize];
    match step {
        Step::Cart(index, quantity) => carts.extend(shop.try_cart(&[(sku(index), quantity)])),
        Step::Add(cart, index, quantity) => {
            if let Some(cart) = carts.get(cart) {
                let _ = shop.add(*cart, sku(index), quantity);
            }
        }
        Step::Checkout(cart, key) => {
            if let Some(cart) = carts.get(cart) {
                orders.extend(shop.checkout(*cart, &format!("key {key}"), None).map(|order| order.id));
            }
        }
        Step::Settle(order, outcome) => {
            let Some(id) = orders.get(order) else { return };
            let total = shop.set.orders.get(id).map_or(0, |order| order.totals.total);
            let outcomes = [
                Settlement::Captured(total),
                Settlement::Declined("no".into()),
                Settlement::RequiresAction,
                Settlement::Unknown,
                Settlement::Voided,
                Settlement::Authorized(total),
                refunded(shop, *id),
                refund_failed(shop, *id),
                Settlement::CaptureFailed { capture: 1, reason: "no".into() },
                Settlement::Captured(total / 2),
            ];
            shop.settle(*id, outcomes[outcome as usize].clone());
        }
        Step::Refund(order, units, amount) => {
            let Some(id) = orders.get(order) else { return };
            let line_id = shop.order(*id).lines[0].id;
            let restock = if amount % 2 == 0 { Restock::Yes } else { Restock::No };
            let lines = (units > 0).then_some(RefundLine { line_id, quantity: units, restock });
            let request = RefundRequest {
                lines: lines.into_iter().collect(),
                shipping: ShippingRefund::None,
                amount: Some(amount).filter(|amount| *amount > 300),
            };
            let key = format!("refund {}", shop.set.events.len());
            let _ = shop.refund(*id, &key, &request);
        }
        Step::Capture(order, amount) => {
            if let Some(id) = orders.get(order) {
                let _ = shop.run(Command::CapturePayment { order_id: *id, amount });
            }
        }
        Step::Books(order, refunds, dispute, captured) => {
            let Some(id) = orders.get(order) else { return };
            let books = books(shop, *id, &refunds, dispute, captured);
            shop.run(Command::Money(MoneyCommand::TakeBooks { order_id: *id, books })).expect("nobody refuses that");
        }
        Step::Record(order, amount, loss) => {
            let Some(id) = orders.get(order) else { return };
            let origin = if loss { RefundOrigin::Loss } else { RefundOrigin::Elsewhere };
            let request = RefundRequest { amount: Some(amount), ..RefundRequest::default() };
            let (reason, by) = (String::new(), String::new());
            let record = MoneyRecord { origin, request, reference: None, reason, by };
            let key = format!("record {}", shop.set.events.len());
            let idempotency = Idempotency { scope: "operator".into(), key, fingerprint: [5; 32] };
            let _ = shop.run(Command::Money(MoneyCommand::Record { order_id: *id, record, idempotency }));
        }
        Step::Cancel(order) => {
            if let Some(id) = orders.get(order) {
                let _ = shop.cancel(*id);
            }
        }
        Step::Adjust(index, quantity) => {
            let change = StockChange { sku: sku(index).into(), cause: Cause::Adjust, quantity, reason: "count".into() };
            let _ = shop.run(Command::AdjustStock { changes: vec![change], idempotency: None });
        }
        Step::Price(index, price) => {
            let _ = shop.run(Command::SetPrices(vec![(sku(index).into(), None, price)]));
        }
        Step::Change(cart, quantity) => {
            let Some(cart) = carts.get(cart) else { return };
            let line = shop.set.carts.get(cart).and_then(|cart| cart.lines.first()).map(|line| line.id);
            if let Some(line_id) = line {
                let _ = shop.run(Command::ChangeLine { cart: mine(*cart), line_id, quantity });
            }
        }
        Step::Log(cart) => {
            if let Some(guest) = carts.get(cart) {
                let _ = shop.run(Command::MergeCart { guest: mine(*guest), customer: "ada".into() });
            }
        }
        Step::Sweep => {
            shop.run(Command::ReleaseHolds { carts: carts.clone() }).expect("nobody refuses that");
            for cart in carts {
                let left = shop.set.carts.get(cart).map_or(&[][..], |cart| &cart.detail.holds);
                assert!(left.iter().all(|hold| hold.until > shop.now), "{left:?}");
            }
        }
        Step::Wait(ms) => shop.now = shop.now.plus_ms(ms),
    }
}

fn check(shop: &Shop) -> Result<(), TestCaseError> {
    for sku in SKUS {
        let stock = shop.stock(sku);
        prop_assert!(0 <= stock.reserved && stock.reserved <= stock.on_hand, "{sku}: {stock:?}");
        prop_assert_eq!(stock, shop.ledger(sku));
        let held: i64 = lines(shop, sku).filter(|line| line.1 == Reservation::Held).map(|line| line.0).sum();
        let in_carts = crate::holds::held_by_carts(shop, sku);
        prop_assert_eq!(stock.reserved, held + in_carts, "what is reserved is what orders and carts hold");
    }
    for (_, order, _) in shop.set.orders.changes() {
        let expected = match order.status {
            OrderStatus::PendingPayment => Reservation::Held,
            OrderStatus::Placed => Reservation::Committed,
            _ => Reservation::Released,
        };
        prop_assert!(order.lines.iter().all(|line| line.reservation == expected), "{:?}", order.status);
        check_money(order)?;
    }
    for (id, cart, _) in shop.set.carts.changes() {
        let live = shop.set.orders.changes().filter(|(_, order, _)| {
            order.cart_id == *id && matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed)
        });
        let live = live.count();
        prop_assert!(live <= 1, "a cart has at most one live order");
        prop_assert!(live == 0 || cart.status == CartStatus::CheckedOut);
    }
    crate::holds::check_carts(shop);
    for (_, uses, _) in shop.set.uses.changes() {
        prop_assert!((0..=2).contains(&**uses));
    }
    Ok(())
}

/// Captured is never more than the total; what went back, what is to, and what is left to go back sum to it.
fn check_money(order: &Order) -> Result<(), TestCaseError> {
    let payment = &order.payment;
    prop_assert!(0 <= payment.captured && payment.captured <= order.totals.total);
    let sum = |status: RefundStatus| -> i64 {
        order.detail.refunds.iter().filter(|refund| refund.status == status).map(|refund| refund.amount).sum()
    };
    prop_assert_eq!(payment.refunded, sum(RefundStatus::Succeeded));
    let left = Refundable::of(order);
    prop_assert_eq!(left.amount() + sum(RefundStatus::Succeeded) + sum(RefundStatus::Pending), payment.captured);
    prop_assert!(left.lines.iter().all(|line| line.quantity >= 0 && line.portion.amount() >= 0), "{:?}", left);
    prop_assert_eq!(order.next_refund().is_some(), payment.status == PaymentStatus::RefundPending);
    prop_assert!(order.detail.refunds.iter().all(|refund| refund.amount == refund.parts.amount()));
    prop_assert!(order.lines.iter().all(|line| (0..=line.quantity).contains(&order.restocked(line.id))));
    Ok(())
}

/// A provider's books as they might be: our refunds, some made by hand, a dispute in some state, and what was captured.
fn books(shop: &Shop, id: OrderId, refunds: &[(u8, i64, bool)], dispute: u8, captured: i64) -> Books {
    let order = shop.order(id);
    let by_hand = refunds.iter().map(|(name, amount, failed)| BookedRefund {
        reference: format!("re_{name}"),
        own: order.detail.refunds.get(usize::from(*name)).filter(|_| amount % 2 == 0).map(|refund| refund.id),
        amount: *amount,
        failure: failed.then(|| "failed".into()),
    });
    let standing = [DisputeStanding::Noted, DisputeStanding::Withheld, DisputeStanding::Lost];
    let dispute = standing.get(usize::from(dispute)).map(|standing| Dispute {
        id: "dp_1".into(),
        amount: 400,
        reason: "fraudulent".into(),
        status: standing.as_str().into(),
        at: shop.now,
        standing: *standing,
        fee: None,
    });
    let captured = [order.payment.captured, order.totals.total, order.totals.total / 2][captured as usize];
    Books { asked_at: shop.now, captured, refunds: by_hand.collect(), disputes: dispute.into_iter().collect() }
}

fn refunded(shop: &Shop, id: OrderId) -> Settlement {
    let order = shop.order(id);
    let refund = order.next_refund().map_or_else(Default::default, |refund| (refund.id, refund.amount));
    Settlement::Refunded { refund_id: refund.0, amount: refund.1 }
}

/// Of the first that did not fail before.
fn refund_failed(shop: &Shop, id: OrderId) -> Settlement {
    let order = shop.order(id);
    let standing = order.detail.refunds.iter().find(|refund| refund.status != RefundStatus::Failed);
    let refund_id = standing.map_or_else(Default::default, |refund| refund.id);
    Settlement::RefundFailed { refund_id, reason: "the card is gone".into() }
}

fn lines<'a>(shop: &'a Shop, sku: &'a str) -> impl Iterator<Item = (i64, Reservation)> + 'a {
    let orders = shop.set.orders.changes().flat_map(|(_, order, _)| order.lines.iter());
    orders.filter(move |line| line.sku == sku).map(|line| (line.quantity, line.reservation))
}
