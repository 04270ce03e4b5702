//! Money that moves without us: refunds by hand, disputes, captures at the provider, and what operators record.

use crate::shop::Shop;
use cartwright_domain::command::{Command, Idempotency, MoneyCommand, NewFulfilment, Reply, Settlement};
use cartwright_domain::event::EventKind;
use cartwright_domain::fulfilment::unfulfilled;
use cartwright_domain::id::{OrderId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Dispute, DisputeStanding, Order, OrderStatus, PaymentStatus};
use cartwright_domain::outside::{BookedRefund, Books, MoneyRecord, ReturnedLine};
use cartwright_domain::refund::{RefundError, RefundOrigin, RefundRequest, RefundStatus, Refundable};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::PaymentCapture;
use std::sync::Arc;

fn by_hand(reference: &str, amount: i64) -> BookedRefund {
    BookedRefund { reference: reference.into(), own: None, amount, failure: None }
}

fn came_back(refund: &BookedRefund) -> BookedRefund {
    BookedRefund { failure: Some("failed".into()), ..refund.clone() }
}

fn dispute(amount: i64, status: &str, standing: DisputeStanding) -> Dispute {
    let (id, reason, status) = ("dp_1".into(), "fraudulent".into(), status.into());
    Dispute { id, amount, reason, status, at: Timestamp(0), standing, fee: None }
}

fn books(captured: i64, refunds: &[BookedRefund]) -> Books {
    Books { asked_at: Timestamp(1), captured, refunds: refunds.to_vec(), disputes: vec![] }
}

fn disputed(captured: i64, dispute: Dispute) -> Books {
    Books { disputes: vec![dispute], ..books(captured, &[]) }
}

fn amount(amount: i64) -> RefundRequest {
    RefundRequest { amount: Some(amount), ..RefundRequest::default() }
}

fn take(shop: &mut Shop, order_id: OrderId, books: &Books) -> Arc<Order> {
    order_of(shop.run(Command::Money(MoneyCommand::TakeBooks { order_id, books: books.clone() })).expect("taken in"))
}

fn order_of(reply: Reply) -> Arc<Order> {
    match reply {
        Reply::Order(order) => order,
        other => panic!("not an order: {other:?}"),
    }
}

fn record(
    shop: &mut Shop,
    id: OrderId,
    origin: RefundOrigin,
    request: RefundRequest,
    key: &str,
) -> Result<Arc<Order>, Refusal> {
    let record = MoneyRecord { origin, request, reference: None, reason: "a reason".into(), by: "ann".into() };
    let idempotency = Idempotency { scope: "operator".into(), key: key.into(), fingerprint: [3; 32] };
    shop.run(Command::Money(MoneyCommand::Record { order_id: id, record, idempotency })).map(order_of)
}

/// Three pens at 10.00, paid.
fn paid(shop: &mut Shop) -> Arc<Order> {
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Captured(order.totals.total))
}

fn shop() -> Shop {
    Shop::with(&[("PEN", 1_000, 10)])
}

#[test]
fn a_refund_made_at_the_provider_is_taken_in_once_and_the_rest_may_be_refunded() {
    let mut shop = shop();
    let order = paid(&mut shop);
    let taken = take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    let refund = &taken.detail.refunds[0];
    assert_eq!((refund.amount, refund.origin, refund.status), (1_000, RefundOrigin::Outside, RefundStatus::Succeeded));
    assert_eq!((taken.payment.refunded, Refundable::of(&taken).amount()), (1_000, 2_000));
    assert_eq!(take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)])), taken, "once");
    let too_much = shop.refund(order.id, "1", &amount(2_001)).unwrap_err();
    assert_eq!(
        too_much,
        Refusal::RefundRefused(RefundError::Amount { requested: 2_001, left: 2_000, currency: Currency::EUR })
    );
    shop.refund(order.id, "1", &amount(2_000)).unwrap();
    assert_eq!(shop.send_refunds(order.id).payment.status, PaymentStatus::Refunded);
}

#[test]
fn cancelling_asks_for_exactly_what_is_left() {
    let mut shop = shop();
    let order = paid(&mut shop);
    take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    shop.cancel(order.id).unwrap();
    assert_eq!(shop.order(order.id).next_refund().map(|refund| refund.amount), Some(2_000));
    let end = shop.send_refunds(order.id);
    assert_eq!((end.payment.refunded, end.payment.status), (3_000, PaymentStatus::Refunded));
}

#[test]
fn a_refund_of_ours_that_no_longer_fits_is_given_up_and_the_rest_is_asked_for_instead() {
    let mut shop = shop();
    let order = paid(&mut shop);
    shop.cancel(order.id).unwrap();
    let taken = take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    let told: Vec<_> = taken.detail.refunds.iter().map(|refund| (refund.amount, refund.status)).collect();
    let expected = [(3_000, RefundStatus::Failed), (1_000, RefundStatus::Succeeded), (2_000, RefundStatus::Pending)];
    assert_eq!(told, expected);
    assert_eq!(shop.send_refunds(order.id).payment.status, PaymentStatus::Refunded);
    // An operator's is only given up: what is left is theirs to decide.
    let order = paid(&mut shop);
    shop.refund(order.id, "1", &amount(2_500)).unwrap();
    let taken = take(&mut shop, order.id, &books(3_000, &[by_hand("re_2", 1_000)]));
    assert_eq!((taken.next_refund(), taken.payment.refunded), (None, 1_000));
    assert_eq!(taken.detail.refunds[0].failure.as_deref(), Some("refunded_outside"));
}

#[test]
fn what_went_although_it_was_given_up_stands_again() {
    let mut shop = shop();
    let order = paid(&mut shop);
    shop.refund(order.id, "1", &amount(2_500)).unwrap();
    let own = shop.order(order.id).detail.refunds[0].id;
    take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    let went = BookedRefund { own: Some(own), ..by_hand("re_2", 2_500) };
    let all = Books { asked_at: Timestamp(2), ..books(3_000, &[came_back(&by_hand("re_1", 1_000)), went]) };
    let taken = take(&mut shop, order.id, &all);
    assert_eq!((taken.payment.refunded, taken.detail.refunds[0].status), (2_500, RefundStatus::Succeeded));
    // An older answer that comes late does not bring the other one back.
    let taken = take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    assert_eq!(taken.payment.refunded, 2_500);
}

#[test]
fn a_full_refund_made_outside_leaves_nothing_to_be_sent_and_the_operator_puts_the_goods_back() {
    let mut shop = shop();
    let order = paid(&mut shop);
    take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    assert_eq!(unfulfilled(&shop.order(order.id)).len(), 1, "a part of the money leaves the goods to be sent");
    let all = [by_hand("re_1", 1_000), by_hand("re_2", 2_000)];
    let taken = take(&mut shop, order.id, &books(3_000, &all));
    assert_eq!((taken.status, taken.payment.status), (OrderStatus::Placed, PaymentStatus::Refunded));
    assert!(unfulfilled(&taken).is_empty());
    let parcel = NewFulfilment { lines: None, tracking: None, by: "ann".into() };
    let sent = shop.run(Command::FulfilOrder { order_id: order.id, fulfilment: parcel, idempotency: None });
    assert_eq!(sent.unwrap_err(), Refusal::NotLeftToFulfil(vec![]));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 7, reserved: 0 });

    let line_id = order.lines[0].id;
    let restock = |shop: &mut Shop, quantity: i64, key: &str| {
        let idempotency = Idempotency { scope: "operator".into(), key: key.into(), fingerprint: [4; 32] };
        let lines = vec![ReturnedLine { line_id, quantity }];
        shop.run(Command::Money(MoneyCommand::Restock { order_id: order.id, lines, idempotency }))
    };
    restock(&mut shop, 2, "1").unwrap();
    restock(&mut shop, 2, "1").unwrap();
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 9, reserved: 0 });
    let refused = restock(&mut shop, 2, "2").unwrap_err();
    assert_eq!(refused, Refusal::RefundRefused(RefundError::Quantity { line_id, requested: 2, left: 1 }));
    // The bank sends the second one back: one unit is to be sent again, two are on the shelf.
    let back = Books { asked_at: Timestamp(2), ..books(3_000, &[all[0].clone(), came_back(&all[1])]) };
    let taken = take(&mut shop, order.id, &back);
    assert_eq!((taken.payment.refunded, unfulfilled(&taken)[0].quantity), (1_000, 1));
    shop.cancel(order.id).unwrap();
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 10, reserved: 0 });
    assert_eq!(shop.ledger("PEN"), shop.stock("PEN"));
}

#[test]
fn a_lost_dispute_takes_the_money_and_a_won_one_gives_it_back() {
    let mut shop = shop();
    let order = paid(&mut shop);
    let open = dispute(2_000, "needs_response", DisputeStanding::Withheld);
    take(&mut shop, order.id, &disputed(3_000, open));
    let refused = shop.refund(order.id, "1", &amount(1_001)).unwrap_err();
    assert_eq!(
        refused,
        Refusal::RefundRefused(RefundError::Amount { requested: 1_001, left: 1_000, currency: Currency::EUR })
    );
    let lost = take(&mut shop, order.id, &disputed(3_000, dispute(2_000, "lost", DisputeStanding::Lost)));
    assert_eq!((lost.payment.refunded, lost.detail.refunds[0].origin), (2_000, RefundOrigin::Dispute));
    let refused = shop.refund(order.id, "1", &amount(1_001)).unwrap_err();
    assert_eq!(
        refused,
        Refusal::RefundRefused(RefundError::Amount { requested: 1_001, left: 1_000, currency: Currency::EUR })
    );
    let won = Books { asked_at: Timestamp(3), ..disputed(3_000, dispute(2_000, "won", DisputeStanding::Noted)) };
    let won = take(&mut shop, order.id, &won);
    assert_eq!((won.payment.refunded, won.payment.status), (0, PaymentStatus::Captured));
    let again = Books { asked_at: Timestamp(4), ..disputed(3_000, dispute(2_000, "lost", DisputeStanding::Lost)) };
    assert_eq!(take(&mut shop, order.id, &again).payment.refunded, 2_000);
    let told = shop.set.events.iter().filter(|event| event.kind == EventKind::PaymentDisputed).count();
    assert_eq!(told, 4);
}

#[test]
fn an_order_cancelled_while_its_payment_is_disputed_gives_back_what_the_dispute_leaves() {
    for (status, standing, end) in [("won", DisputeStanding::Noted, 3_000), ("lost", DisputeStanding::Lost, 1_000)] {
        let mut shop = shop();
        let order = paid(&mut shop);
        take(&mut shop, order.id, &disputed(3_000, dispute(2_000, "under_review", DisputeStanding::Withheld)));
        shop.cancel(order.id).unwrap();
        assert_eq!(shop.send_refunds(order.id).payment.refunded, 1_000);
        take(&mut shop, order.id, &disputed(3_000, dispute(2_000, status, standing)));
        let sent = shop.send_refunds(order.id);
        assert_eq!(sent.payment.status, PaymentStatus::Refunded);
        let own: i64 = sent.detail.refunds.iter().filter(|refund| refund.origin.is_shop()).map(|one| one.amount).sum();
        assert_eq!(own, end, "{status}");
    }
}

#[test]
fn money_that_comes_late_and_went_back_by_hand_is_not_sent_back_twice_nor_served() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Declined("declined".into()));
    let taken = take(&mut shop, order.id, &books(3_000, &[by_hand("re_1", 1_000)]));
    assert_eq!((taken.status, taken.payment.refunded), (OrderStatus::PaymentFailed, 1_000));
    assert_eq!(taken.next_refund().map(|refund| refund.amount), Some(2_000));
    assert_eq!(shop.send_refunds(order.id).payment.status, PaymentStatus::Refunded);
}

#[test]
fn money_captured_by_hand_is_taken_in_and_less_than_was_known_is_written_off() {
    let mut shop = shop();
    shop.configure(|store| store.settings.payment_capture = PaymentCapture::Manual);
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Authorized(3_000));
    let part = take(&mut shop, order.id, &books(1_200, &[by_hand("re_1", 200)]));
    assert_eq!((part.payment.captured, part.payment.refunded, part.status), (1_200, 200, OrderStatus::Placed));
    assert_eq!(take(&mut shop, order.id, &books(2_000, &[])).payment.captured, 2_000);
    let less = take(&mut shop, order.id, &books(1_500, &[]));
    assert_eq!((less.payment.captured, less.written_off(), less.payment.refunded), (2_000, 500, 700));
    assert_eq!(take(&mut shop, order.id, &books(1_500, &[])), less);
    let found = take(&mut shop, order.id, &books(2_000, &[]));
    assert_eq!((found.written_off(), found.payment.refunded), (0, 200));
}

#[test]
fn an_operator_records_money_that_left_otherwise() {
    let mut shop = shop();
    let order = paid(&mut shop);
    let cash = record(&mut shop, order.id, RefundOrigin::Elsewhere, amount(500), "1").unwrap();
    assert_eq!(record(&mut shop, order.id, RefundOrigin::Elsewhere, amount(500), "1").unwrap(), cash);
    assert_eq!((cash.payment.refunded, cash.refunded_at_provider(), cash.next_refund()), (500, 0, None));
    assert_eq!((cash.detail.refunds[0].by.as_str(), cash.detail.refunds[0].reason.as_str()), ("ann", "a reason"));
    let refused = record(&mut shop, order.id, RefundOrigin::Loss, amount(2_501), "2").unwrap_err();
    assert_eq!(
        refused,
        Refusal::RefundRefused(RefundError::Amount { requested: 2_501, left: 2_500, currency: Currency::EUR })
    );
    let gone = record(&mut shop, order.id, RefundOrigin::Loss, amount(2_500), "2").unwrap();
    assert_eq!((gone.payment.status, gone.written_off()), (PaymentStatus::Refunded, 2_500));
    assert!(unfulfilled(&gone).is_empty());
}

#[test]
fn an_order_as_it_was_written_before_is_read() {
    let old = r#"{"id":"018bcfe5-6800-7000-8000-000000000001","amount":5,"parts":{},"status":"succeeded","at":1}"#;
    let refund: cartwright_domain::refund::Refund = serde_json::from_str(old).expect("an old refund");
    assert_eq!((refund.origin, refund.reference.clone()), (RefundOrigin::Shop, None));
    assert!(!serde_json::to_string(&refund).expect("JSON").contains("origin"));
    let old = r#"{"id":"dp_1","amount":5,"reason":"r","status":"lost","at":1}"#;
    let dispute: Dispute = serde_json::from_str(old).expect("an old dispute");
    assert_eq!(dispute.standing, DisputeStanding::Noted);
}
