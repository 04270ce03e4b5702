//! Refunds, and money that comes too late.

use crate::shop::Shop;
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, LineId, OrderId, RefundId, Timestamp, VariantId};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Order, OrderDetail, OrderLine, OrderStatus, Payment, PaymentStatus, Reservation};
use cartwright_domain::pricing::{ShippingQuote, Totals};
use cartwright_domain::refund::{
    Refund, RefundError, RefundLine, RefundOrigin, RefundRequest, RefundStatus, Refundable, Restock, ShippingRefund,
};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

const TEN_PERCENT_ONCE: &str =
    r#"{"name":"once","benefit":{"kind":"percentage","percent":"10"},"limits":{"total_uses":1}}"#;

fn units(line_id: LineId, quantity: i64, restock: Restock) -> RefundRequest {
    RefundRequest { lines: vec![RefundLine { line_id, quantity, restock }], ..RefundRequest::default() }
}

fn amount(amount: i64) -> RefundRequest {
    RefundRequest { amount: Some(amount), ..RefundRequest::default() }
}

/// Three pens at 5.00, paid.
fn paid(shop: &mut Shop) -> Arc<Order> {
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Captured(order.totals.total))
}

#[test]
fn units_and_amounts_go_back_until_nothing_is_left() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let order = paid(&mut shop);
    let line = order.lines[0].id;
    let one = shop.refund(order.id, "1", &units(line, 1, Restock::Yes)).unwrap();
    assert_eq!((one.detail.refunds[0].amount, one.payment.status), (500, PaymentStatus::RefundPending));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 8, reserved: 0 });
    assert_eq!(shop.send_refunds(order.id).payment.status, PaymentStatus::Captured);
    shop.refund(order.id, "2", &amount(333)).unwrap();
    let too_much = shop.refund(order.id, "3", &amount(668)).unwrap_err();
    assert_eq!(
        too_much,
        Refusal::RefundRefused(RefundError::Amount { requested: 668, left: 667, currency: Currency::EUR })
    );
    let too_many = shop.refund(order.id, "3", &units(line, 3, Restock::No)).unwrap_err();
    assert_eq!(too_many, Refusal::RefundRefused(RefundError::Quantity { line_id: line, requested: 3, left: 2 }));
    shop.refund(order.id, "3", &units(line, 2, Restock::No)).unwrap();
    let end = shop.send_refunds(order.id);
    assert_eq!((end.payment.refunded, end.payment.status), (1500, PaymentStatus::Refunded));
    assert_eq!((end.status, shop.stock("PEN")), (OrderStatus::Placed, Stock { on_hand: 8, reserved: 0 }));
    let nothing = shop.refund(order.id, "4", &RefundRequest::default()).unwrap_err();
    assert_eq!(nothing, Refusal::RefundRefused(RefundError::Nothing));
}

#[test]
fn a_key_refunds_once_and_a_cancelled_order_gives_back_what_is_left() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let order = paid(&mut shop);
    let line = order.lines[0].id;
    shop.refund(order.id, "1", &units(line, 1, Restock::Yes)).unwrap();
    let again = shop.refund(order.id, "1", &units(line, 1, Restock::Yes)).unwrap();
    assert_eq!(again.detail.refunds.len(), 1);
    shop.cancel(order.id).unwrap();
    let end = shop.send_refunds(order.id);
    let amounts: Vec<i64> = end.detail.refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(
        (end.status, end.payment.status, amounts),
        (OrderStatus::Cancelled, PaymentStatus::Refunded, vec![500, 1000])
    );
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 10, reserved: 0 });
    assert_eq!(shop.ledger("PEN"), shop.stock("PEN"));
}

#[test]
fn a_refund_that_fails_even_late_leaves_its_money_to_be_refunded_anew() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let order = paid(&mut shop);
    shop.refund(order.id, "1", &amount(400)).unwrap();
    let sent = shop.send_refunds(order.id);
    assert_eq!(sent.payment.refunded, 400);
    let failed = Settlement::RefundFailed { refund_id: sent.detail.refunds[0].id, reason: "closed".into() };
    let failed_order = shop.settle(order.id, failed.clone());
    assert_eq!((failed_order.payment.refunded, failed_order.detail.refunds[0].status), (0, RefundStatus::Failed));
    assert_eq!(shop.settle(order.id, failed).payment.refunded, 0, "told twice");
    shop.refund(order.id, "2", &amount(1500)).unwrap();
    assert_eq!(shop.send_refunds(order.id).payment.refunded, 1500);
}

#[test]
fn money_that_comes_after_the_order_was_released_buys_the_goods_if_they_are_there() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    shop.promotion(TEN_PERCENT_ONCE, &[]);
    let cart = shop.cart(&[("PEN", 2)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Declined("declined".into()));
    let late = shop.settle(order.id, Settlement::Captured(900));
    assert_eq!((late.status, late.payment.status), (OrderStatus::Placed, PaymentStatus::Captured));
    assert_eq!((late.detail.redeemed.len(), late.detail.gave_back.len()), (1, 0));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 3, reserved: 0 });
    let cart = shop.set.carts.get(&cart).unwrap();
    assert_eq!((cart.status, cart.order_id), (CartStatus::CheckedOut, Some(order.id)));
    assert_eq!(shop.set.retaken_redemptions, vec![order.id]);
}

/// Settles late money after `meanwhile`, and expects it to go back.
#[track_caller]
fn goes_back(meanwhile: impl FnOnce(&mut Shop, cartwright_domain::id::CartId)) {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    shop.promotion(TEN_PERCENT_ONCE, &[]);
    let cart = shop.cart(&[("PEN", 4)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Declined("declined".into()));
    meanwhile(&mut shop, cart);
    let before = shop.stock("PEN");
    let late = shop.settle(order.id, Settlement::Captured(1800));
    assert_eq!((late.status, late.payment.status), (OrderStatus::PaymentFailed, PaymentStatus::RefundPending));
    let end = shop.send_refunds(order.id);
    assert_eq!((end.payment.captured, end.payment.refunded), (1800, 1800));
    assert_eq!(shop.stock("PEN"), before);
}

#[test]
fn late_money_goes_back_where_goods_are_gone_uses_are_gone_or_the_shopper_went_on() {
    goes_back(|shop, _| {
        let rival = shop.cart(&[("PEN", 2)]);
        shop.checkout(rival, "k", None).unwrap();
    });
    goes_back(|shop, _| {
        let rival = shop.cart(&[("PEN", 1)]);
        shop.checkout(rival, "k", None).unwrap();
    });
    goes_back(|shop, cart| drop(shop.add(cart, "PEN", 1).unwrap()));
    goes_back(|shop, cart| drop(shop.checkout(cart, "again", None).unwrap()));
}

fn line(id: u128, quantity: i64, unit_price: i64, discount: i64, tax_added: i64, relief: i64) -> OrderLine {
    OrderLine {
        id: LineId(Uuid::from_u128(id)),
        variant_id: VariantId(Uuid::from_u128(id)),
        sku: "PEN".into(),
        name: "Pen".into(),
        quantity,
        unit_price,
        discount,
        tax_added,
        tax_included: 0,
        relief,
        options: Default::default(),
        reservation: Reservation::Committed,
    }
}

fn an_order(lines: Vec<OrderLine>, shipping: (i64, i64), rounding: i64, captured_of_100: i64) -> Order {
    let goods: i64 = lines.iter().map(|line| line.subtotal() - line.discount + line.tax_added - line.relief).sum();
    // Rounding adds at most as much as there is, and takes off at most all of it.
    let exact = goods + shipping.0 + shipping.1;
    let rounding = rounding.clamp(-exact, exact);
    let total = exact + rounding;
    let shipping = ShippingQuote { amount: shipping.0, tax_added: shipping.1, ..ShippingQuote::default() };
    Order {
        id: OrderId::default(),
        cart_id: Default::default(),
        token_hash: None,
        customer: None,
        status: OrderStatus::Placed,
        currency: Currency::EUR,
        lines,
        totals: Totals { rounding, total, ..Totals::default() },
        detail: OrderDetail { shipping, ..OrderDetail::default() },
        payment: Payment {
            attempt_id: AttemptId::default(),
            gateway: "test".into(),
            method: "ok".into(),
            status: PaymentStatus::Captured,
            captured: total * captured_of_100 / 100,
            refunded: 0,
            tries: 0,
            due_at: None,
        },
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn lines() -> impl Strategy<Value = Vec<OrderLine>> {
    let one = (1..8_i64, 0..1_500_i64, 0..100_i64, 0..30_i64, 0..30_i64);
    prop::collection::vec(one, 1..6).prop_map(|all| {
        let lines = all.into_iter().enumerate().map(|(at, (quantity, price, off, added, relief))| {
            let discount = quantity * price * off / 100;
            let net = quantity * price - discount;
            line(at as u128 + 1, quantity, price, discount, net * added / 100, net * relief / 100)
        });
        lines.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_refunds_of_any_part_stay_within_what_was_captured_and_sum_to_it(
        lines in lines(),
        shipping in (0..900_i64, 0..200_i64),
        rounding in -4..5_i64,
        captured in 1..=100_i64,
        asked in prop::collection::vec((0..6_usize, 0..8_i64, prop::option::of(0..2_000_i64), 0..3_u8, any::<bool>()), 0..14),
    ) {
        let mut order = an_order(lines, shipping, rounding, captured);
        for (at, quantity, amount, ship, fails) in asked {
            let line_id = order.lines[at % order.lines.len()].id;
            let lines = vec![RefundLine { line_id, quantity, restock: Restock::No }];
            let shipping = match ship {
                0 => ShippingRefund::None,
                1 => ShippingRefund::All,
                _ => ShippingRefund::Amount(100),
            };
            let before = Refundable::of(&order);
            if let Ok(parts) = before.clone().parts(&RefundRequest { lines, shipping, amount }) {
                prop_assert!(parts.lines.iter().all(|line| line.portion.amount() >= 0) && parts.shipping.amount() >= 0);
                prop_assert!(parts.amount() <= before.amount());
                note(&mut order, parts, if fails { RefundStatus::Failed } else { RefundStatus::Succeeded });
            }
            let left = Refundable::of(&order);
            prop_assert_eq!(left.amount() + order.payment.refunded, order.payment.captured);
            prop_assert!(left.lines.iter().all(|line| line.quantity >= 0 && line.portion.amount() >= 0));
        }
        let rest = Refundable::of(&order).everything();
        note(&mut order, rest, RefundStatus::Succeeded);
        prop_assert_eq!(order.payment.refunded, order.payment.captured);
        prop_assert_eq!(Refundable::of(&order).amount(), 0);
    }

    #[test]
    fn a_line_refunded_unit_by_unit_gives_exactly_the_line_however_its_units_are_grouped(
        line_ in lines(),
        groups in prop::collection::vec(1..4_i64, 1..8),
    ) {
        let mut order = an_order(line_, (0, 0), 0, 100);
        let id = order.lines[0].id;
        let whole = Refundable::of(&order).lines[0].portion;
        let mut sum = 0;
        for group in groups.into_iter().chain(std::iter::repeat(1)) {
            let left = Refundable::of(&order).lines[0].quantity;
            if left == 0 {
                break;
            }
            let parts = Refundable::of(&order).parts(&units(id, group.min(left), Restock::No)).expect("units are left");
            sum += parts.amount();
            note(&mut order, parts, RefundStatus::Succeeded);
        }
        prop_assert_eq!(sum, whole.amount());
        let taken = order.detail.refunds.iter().flat_map(|refund| &refund.parts.lines).map(|line| line.portion);
        prop_assert_eq!(taken.map(|portion| portion.tax_added).sum::<i64>(), whole.tax_added, "its tax too");
    }
}

fn note(order: &mut Order, parts: cartwright_domain::refund::RefundParts, status: RefundStatus) {
    let amount = parts.amount();
    if status == RefundStatus::Succeeded {
        order.payment.refunded += amount;
    }
    let (id, reason, by) = (RefundId::default(), String::new(), String::new());
    order.detail.refunds.push(Refund {
        id,
        amount,
        parts,
        reason,
        by,
        status,
        failure: None,
        at: Timestamp(0),
        origin: RefundOrigin::Shop,
        reference: None,
    });
}
