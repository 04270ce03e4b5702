//! Whatever is asked, in whatever order: stock is never negative, equals its ledger, and no unit is sold twice.

use crate::shop::Shop;
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{Command, Settlement, StockChange};
use cartwright_domain::order::{OrderStatus, Reservation};
use cartwright_domain::stock::Cause;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Cart(u8, i64),
    Add(usize, u8, i64),
    Checkout(usize, u8),
    Settle(usize, u8),
    Cancel(usize),
    Adjust(u8, i64),
    Price(u8, i64),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_u8, 1..4_i64).prop_map(|(sku, quantity)| Step::Cart(sku, quantity)),
        (0..8_usize, 0..3_u8, -1..5_i64).prop_map(|(cart, sku, quantity)| Step::Add(cart, sku, quantity)),
        (0..8_usize, 0..2_u8).prop_map(|(cart, key)| Step::Checkout(cart, key)),
        (0..8_usize, 0..6_u8).prop_map(|(order, outcome)| Step::Settle(order, outcome)),
        (0..8_usize).prop_map(Step::Cancel),
        (0..3_u8, -4..6_i64).prop_map(|(sku, quantity)| Step::Adjust(sku, quantity)),
        (0..3_u8, 0..900_i64).prop_map(|(sku, price)| Step::Price(sku, price)),
        (0..700_000_000_i64).prop_map(Step::Wait),
    ]
}

const SKUS: [&str; 3] = ["A", "B", "C"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn stock_equals_its_ledger_after_any_history(steps in prop::collection::vec(step(), 1..60)) {
        let mut shop = Shop::with(&[("A", 500, 6), ("B", 700, 3), ("C", 1, 0)]);
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
                Settlement::Refunded(total),
            ];
            shop.settle(*id, outcomes[outcome as usize].clone());
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
        Step::Wait(ms) => shop.now = shop.now.plus_ms(ms),
    }
}

fn check(shop: &Shop) -> Result<(), TestCaseError> {
    for sku in SKUS {
        let stock = shop.stock(sku);
        prop_assert!(0 <= stock.reserved && stock.reserved <= stock.on_hand, "{sku}: {stock:?}");
        prop_assert_eq!(stock, shop.ledger(sku));
        let held: i64 = lines(shop, sku).filter(|line| line.1 == Reservation::Held).map(|line| line.0).sum();
        prop_assert_eq!(stock.reserved, held, "what is reserved is what orders hold");
    }
    for (_, order, _) in shop.set.orders.changes() {
        let expected = match order.status {
            OrderStatus::PendingPayment => Reservation::Held,
            OrderStatus::Placed => Reservation::Committed,
            _ => Reservation::Released,
        };
        prop_assert!(order.lines.iter().all(|line| line.reservation == expected), "{:?}", order.status);
        prop_assert!(order.payment.captured <= order.totals.total && order.payment.refunded <= order.payment.captured);
    }
    for (id, cart, _) in shop.set.carts.changes() {
        let live = shop.set.orders.changes().filter(|(_, order, _)| {
            order.cart_id == *id && matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed)
        });
        let live = live.count();
        prop_assert!(live <= 1, "a cart has at most one live order");
        prop_assert!(live == 0 || cart.status == CartStatus::CheckedOut);
    }
    for (_, uses, _) in shop.set.uses.changes() {
        prop_assert!((0..=2).contains(&**uses));
    }
    Ok(())
}

fn lines<'a>(shop: &'a Shop, sku: &'a str) -> impl Iterator<Item = (i64, Reservation)> + 'a {
    let orders = shop.set.orders.changes().flat_map(|(_, order, _)| order.lines.iter());
    orders.filter(move |line| line.sku == sku).map(|line| (line.quantity, line.reservation))
}
