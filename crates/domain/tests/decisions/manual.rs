//! Money past every gateway: it is awaited, recorded in parts, waived, sent back; and whatever happens, none is kept of an order
//! that came to nothing.

use super::shop::{Shop, mine};
use super::ways::{made, pay};
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{
    Command, Idempotency, ManualCommand, MoneyCommand, Reply, Rest, Settlement, StoreChange,
};
use cartwright_domain::id::OrderId;
use cartwright_domain::manual::{ManualMethod, PlaceOrder};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus, Reservation};
use cartwright_domain::outside::MoneyRecord;
use cartwright_domain::refund::{RefundError, RefundOrigin, RefundRequest, RefundStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::StoreSettings;
use proptest::prelude::*;
use std::sync::Arc;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn method(handle: &str, place: PlaceOrder) -> ManualMethod {
    let method = serde_json::json!({"handle": handle, "title": "A way", "days": 3});
    ManualMethod { place, ..serde_json::from_value(method).expect("a method") }
}

fn shop() -> Shop {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    shop.configure(|store| {
        store.settings.manual_methods =
            vec![method("transfer", PlaceOrder::WhenPaid), method("invoice", PlaceOrder::AtOnce)];
        store.settings.gateways = Some(vec!["manual".to_owned(), "test".to_owned()]);
    });
    shop
}

fn bought(shop: &mut Shop, by: &str) -> OrderId {
    let cart = shop.cart(&[("PEN", 2)]);
    made(pay(shop, cart, "buy", "manual", by)).id
}

fn manual(shop: &mut Shop, id: OrderId, key: &str, command: ManualCommand) -> Result<Arc<Order>, Refusal> {
    let idempotency = Idempotency { scope: "operator".into(), key: key.into(), fingerprint: [3; 32] };
    match shop.run(Command::Manual { order_id: id, command, by: "ann".into(), idempotency })? {
        Reply::Order(order) => Ok(order),
        other => panic!("not an order: {other:?}"),
    }
}

fn paid(shop: &mut Shop, id: OrderId, amount: i64, rest: Rest) -> Result<Arc<Order>, Refusal> {
    let key = format!("{id}-{}-{amount}", shop.order(id).detail.manual.as_ref().unwrap().payments.len());
    manual(shop, id, &key, ManualCommand::Paid { amount, reference: "line 1".into(), rest })
}

fn sent_back(shop: &mut Shop, id: OrderId) -> Result<Arc<Order>, Refusal> {
    let refund_id = shop.order(id).next_refund().expect("a refund waits").id;
    let command = ManualCommand::SentBack { refund_id, reference: "line 2".into() };
    manual(shop, id, &refund_id.to_string(), command)
}

fn state(order: &Order) -> (OrderStatus, PaymentStatus, i64) {
    (order.status, order.payment.status, order.payment.captured)
}

use OrderStatus::{Cancelled, Expired, PendingPayment, Placed};
use PaymentStatus::{Awaited, Captured, RefundPending, Refunded, Voided};

#[test]
fn an_order_waits_with_its_goods_and_is_placed_once_all_its_money_is_recorded() {
    let mut shop = shop();
    let id = bought(&mut shop, "transfer");
    assert_eq!(state(&shop.order(id)), (PendingPayment, Awaited, 0));
    assert_eq!(shop.order(id).payment.due_at, Some(shop.now.plus_ms(3 * DAY_MS)));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 2 });
    let order = paid(&mut shop, id, 400, Rest::Awaited).unwrap();
    assert_eq!((state(&order), order.missing()), ((PendingPayment, Awaited, 400), 600));
    let too_much = paid(&mut shop, id, 601, Rest::Awaited).unwrap_err();
    assert_eq!(too_much, Refusal::PaymentTooLarge { recorded: 601, missing: 600, currency: Currency::EUR });
    assert_eq!(state(&paid(&mut shop, id, 600, Rest::Awaited).unwrap()), (Placed, Captured, 1_000));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 3, reserved: 0 });
    let again = ManualCommand::Paid { amount: 600, reference: "line 1".into(), rest: Rest::Awaited };
    let key = format!("{id}-1-600");
    assert_eq!(state(&manual(&mut shop, id, &key, again).unwrap()), (Placed, Captured, 1_000), "the key came before");
    assert_eq!(
        paid(&mut shop, id, 1, Rest::Awaited).unwrap_err(),
        Refusal::PaymentTooLarge { recorded: 1, missing: 0, currency: Currency::EUR }
    );
}

#[test]
fn an_invoice_is_placed_at_once_and_paid_later() {
    let mut shop = shop();
    let id = bought(&mut shop, "invoice");
    assert_eq!(state(&shop.order(id)), (Placed, Awaited, 0));
    assert_eq!(shop.order(id).payment.due_at, None, "nobody takes sent goods back because of a date");
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 3, reserved: 0 });
    shop.now = shop.now.plus_ms(100 * DAY_MS);
    shop.settle(id, Settlement::Voided);
    assert_eq!(state(&shop.order(id)), (Placed, Awaited, 0));
    paid(&mut shop, id, 999, Rest::Awaited).unwrap();
    let order = paid(&mut shop, id, 0, Rest::Waived).unwrap();
    assert_eq!((state(&order), order.missing()), ((Placed, Captured, 999), 0));
    assert_eq!(order.detail.manual.as_ref().unwrap().waived, 1);
    let left = RefundRequest { amount: Some(1_000), ..RefundRequest::default() };
    assert!(matches!(shop.refund(id, "r", &left), Err(Refusal::RefundRefused(_))), "only what was paid goes back");
    let left = RefundRequest { amount: Some(999), ..RefundRequest::default() };
    assert_eq!(state(&shop.refund(id, "r2", &left).unwrap()), (Placed, RefundPending, 999));
    assert_eq!(state(&sent_back(&mut shop, id).unwrap()), (Placed, Refunded, 999));
}

#[test]
fn a_refund_waits_until_an_operator_says_that_it_was_sent() {
    let mut shop = shop();
    let id = bought(&mut shop, "transfer");
    paid(&mut shop, id, 1_000, Rest::Awaited).unwrap();
    let part = RefundRequest { amount: Some(300), ..RefundRequest::default() };
    let order = shop.refund(id, "r", &part).unwrap();
    assert_eq!((order.payment.status, order.payment.due_at, order.payment.refunded), (RefundPending, None, 0));
    let order = sent_back(&mut shop, id).unwrap();
    assert_eq!((order.payment.status, order.payment.refunded), (Captured, 300));
    assert_eq!(order.detail.refunds[0].status, RefundStatus::Succeeded);
    let refund_id = order.detail.refunds[0].id;
    let again = ManualCommand::SentBack { refund_id, reference: "line 2".into() };
    assert_eq!(manual(&mut shop, id, "another key", again).unwrap_err(), Refusal::RefundNotPending);
}

#[test]
fn a_time_that_passes_ends_an_unpaid_order_and_leaves_a_part_to_an_operator() {
    let mut shop = shop();
    let (unpaid, part) = (bought(&mut shop, "transfer"), bought(&mut shop, "transfer"));
    paid(&mut shop, part, 400, Rest::Awaited).unwrap();
    for id in [unpaid, part] {
        shop.settle(id, Settlement::Voided);
        assert_eq!(shop.order(id).status, PendingPayment, "not before its time");
    }
    shop.now = shop.now.plus_ms(3 * DAY_MS);
    for id in [unpaid, part] {
        shop.settle(id, Settlement::Voided);
    }
    assert_eq!(state(&shop.order(unpaid)), (Expired, Voided, 0));
    let cart = shop.order(unpaid).cart_id;
    assert_eq!(shop.set.carts.get(&cart).unwrap().status, CartStatus::Active);
    assert_eq!(state(&shop.order(part)), (PendingPayment, Awaited, 400));
    assert_eq!(shop.order(part).payment.due_at, None);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 2 }, "the part's goods are still held");
    assert_eq!(state(&paid(&mut shop, part, 0, Rest::Waived).unwrap()), (Placed, Captured, 400));
    // Money of the expired one: it buys the goods, since they are there still, and the cart is as it was.
    assert_eq!(state(&paid(&mut shop, unpaid, 1_000, Rest::Awaited).unwrap()), (Placed, Captured, 1_000));
}

#[test]
fn a_part_that_comes_too_late_and_one_of_a_cancelled_order_go_back() {
    let mut shop = shop();
    let late = bought(&mut shop, "transfer");
    shop.now = shop.now.plus_ms(3 * DAY_MS);
    shop.settle(late, Settlement::Voided);
    assert_eq!(state(&paid(&mut shop, late, 400, Rest::Awaited).unwrap()), (Expired, RefundPending, 400));
    assert_eq!(state(&paid(&mut shop, late, 600, Rest::Awaited).unwrap()), (Expired, RefundPending, 1_000));
    let sum: i64 = shop.order(late).detail.refunds.iter().map(|refund| refund.amount).sum();
    assert_eq!(sum, 1_000);

    let part = bought(&mut shop, "transfer");
    paid(&mut shop, part, 400, Rest::Awaited).unwrap();
    shop.cancel(part).unwrap();
    assert_eq!(state(&shop.order(part)), (Cancelled, RefundPending, 400));
    assert_eq!(state(&sent_back(&mut shop, part).unwrap()), (Cancelled, Refunded, 400));
    let cart = shop.order(part).cart_id;
    assert_eq!(shop.set.carts.get(&cart).unwrap().status, CartStatus::Active);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 0 });
}

#[test]
fn an_order_that_waits_for_money_gives_way_while_nothing_was_paid() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 5)]);
    let old = made(pay(&mut shop, cart, "a", "manual", "transfer")).id;
    let reply = pay(&mut shop, cart, "b", "test", "ok");
    assert!(matches!(&reply, Ok(Reply::OrderGivesWay(order)) if order.status == Cancelled), "{reply:?}");
    let new = made(pay(&mut shop, cart, "b", "test", "ok")).id;
    assert_eq!(state(&shop.order(old)), (Cancelled, Voided, 0));
    shop.settle(new, Settlement::RequiresAction);
    pay(&mut shop, cart, "c", "manual", "transfer").unwrap();
    shop.settle(new, Settlement::Voided);
    let third = made(pay(&mut shop, cart, "c", "manual", "transfer")).id;
    paid(&mut shop, third, 1, Rest::Awaited).unwrap();
    let refused = pay(&mut shop, cart, "d", "test", "ok").unwrap_err();
    assert_eq!(refused, Refusal::PaymentInProgress { order_id: third });
}

#[test]
fn nothing_is_recorded_for_other_gateways_and_no_unknown_method_is_taken() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    let refused = pay(&mut shop, cart, "a", "manual", "cheque").unwrap_err();
    assert_eq!(refused, Refusal::PaymentMethodUnknown { method: "cheque".into() });
    let order = made(pay(&mut shop, cart, "b", "test", "ok"));
    let command = ManualCommand::Paid { amount: 1, reference: "x".into(), rest: Rest::Awaited };
    let refused = manual(&mut shop, order.id, "k", command).unwrap_err();
    assert_eq!(refused, Refusal::NotManual { gateway: "test".into() });
    assert!(mine(cart).if_version.is_none());
}

#[test]
fn methods_are_checked_and_gateways_offered_as_the_store_says() {
    let wrong = [
        vec![method("Up", PlaceOrder::AtOnce)],
        vec![method("a", PlaceOrder::AtOnce), method("a", PlaceOrder::WhenPaid)],
        vec![ManualMethod { days: Some(0), ..method("a", PlaceOrder::AtOnce) }],
        vec![ManualMethod { title: " ".into(), ..method("a", PlaceOrder::AtOnce) }],
    ];
    for manual_methods in wrong {
        let settings = StoreSettings { manual_methods, ..StoreSettings::default() };
        let change = StoreChange { settings: Some(settings), ..StoreChange::default() };
        let refused = shop().run(Command::ChangeStore(Box::new(change)));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
    let settings = |gateways: Option<&[&str]>, methods: bool| StoreSettings {
        gateways: gateways.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        manual_methods: if methods { vec![method("a", PlaceOrder::AtOnce)] } else { vec![] },
        ..StoreSettings::default()
    };
    let all = ["test", "stripe", "manual"];
    let offered = |settings: &StoreSettings, installed: &[&str]| -> Vec<&str> {
        all.into_iter().filter(|name| settings.offers_gateway(name, installed)).collect()
    };
    assert_eq!(offered(&settings(None, false), &["test", "manual"]), ["test"]);
    assert_eq!(offered(&settings(None, true), &["test", "manual"]), ["manual"], "a real one drives `test` out");
    assert_eq!(offered(&settings(None, true), &all), ["stripe", "manual"]);
    assert_eq!(offered(&settings(Some(&["test"]), true), &all), ["test"], "said twice");
    assert_eq!(offered(&settings(Some(&["test"]), true), &["stripe", "manual"]), [""; 0]);
    assert_eq!(offered(&settings(Some(&["stripe"]), true), &all), ["stripe"]);
    assert_eq!(offered(&settings(Some(&[]), true), &all), [""; 0]);
    assert_eq!(offered(&settings(Some(&["manual"]), false), &all), [""; 0], "no methods, no gateway");
}

#[test]
fn of_an_order_that_still_waits_for_money_nothing_is_recorded_as_gone() {
    let mut shop = shop();
    let id = bought(&mut shop, "transfer");
    paid(&mut shop, id, 400, Rest::Awaited).unwrap();
    let request = RefundRequest { amount: Some(100), ..RefundRequest::default() };
    let (origin, reason, by) = (RefundOrigin::Elsewhere, "in cash".to_owned(), "ann".to_owned());
    let record = MoneyRecord { origin, request, reference: None, reason, by };
    let idempotency = Idempotency { scope: "operator".into(), key: "r".into(), fingerprint: [3; 32] };
    let refused = shop.run(Command::Money(MoneyCommand::Record { order_id: id, record, idempotency })).unwrap_err();
    assert_eq!(refused, Refusal::RefundRefused(RefundError::Nothing));
    assert_eq!(state(&shop.order(id)), (PendingPayment, Awaited, 400));
}

#[test]
fn a_gateway_that_the_store_has_just_taken_off_its_list_is_refused_whatever_the_sender_knew() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    let by_test = |shop: &mut Shop, key: &str| pay(shop, cart, key, "test", "ok");
    for gateways in [Some(vec!["manual".to_owned()]), None] {
        shop.configure(|store| store.settings.gateways.clone_from(&gateways));
        let refused = by_test(&mut shop, "k");
        assert!(matches!(refused, Err(Refusal::PaymentMethodUnknown { .. })), "{gateways:?}: {refused:?}");
    }
    shop.configure(|store| store.settings.manual_methods.clear());
    assert!(by_test(&mut shop, "k").is_ok(), "nothing real is there");
}

#[derive(Clone, Debug)]
enum Step {
    Paid(i64, bool),
    Refund(i64),
    SentBack,
    Cancel,
    Wait(i64),
    OtherWay(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..1_200_i64, any::<bool>()).prop_map(|(amount, waive)| Step::Paid(amount, waive && amount % 3 == 0)),
        2 => (1..1_200_i64).prop_map(Step::Refund),
        2 => Just(Step::SentBack),
        1 => Just(Step::Cancel),
        1 => (1..5_i64).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::OtherWay),
    ]
}

proptest! {
    #[test]
    fn no_money_is_lost_or_kept_whatever_is_recorded(at_once: bool, steps in prop::collection::vec(step(), 1..30)) {
        let mut shop = shop();
        let first = bought(&mut shop, if at_once { "invoice" } else { "transfer" });
        let cart = shop.order(first).cart_id;
        let (mut recorded, mut count) = (0, 0);
        for step in steps {
            count += 1;
            match step {
                Step::Paid(amount, waive) => {
                    let rest = if waive { Rest::Waived } else { Rest::Awaited };
                    let command = ManualCommand::Paid { amount, reference: "x".into(), rest };
                    let ok = manual(&mut shop, first, &format!("k{count}"), command).is_ok();
                    recorded += if ok { amount } else { 0 };
                }
                Step::Refund(amount) => {
                    let request = RefundRequest { amount: Some(amount), ..RefundRequest::default() };
                    let _ = shop.refund(first, &format!("r{count}"), &request);
                }
                Step::SentBack if shop.order(first).next_refund().is_some() => {
                    sent_back(&mut shop, first).expect("it waits");
                }
                Step::SentBack => {}
                Step::Cancel => drop(shop.cancel(first)),
                Step::Wait(days) => {
                    shop.now = shop.now.plus_ms(days * DAY_MS);
                    if shop.order(first).payment.due_at.is_some_and(|due| due <= shop.now) {
                        shop.settle(first, Settlement::Voided);
                    }
                }
                Step::OtherWay(invoice) => {
                    let by = if invoice { "invoice" } else { "transfer" };
                    let _ = pay(&mut shop, cart, &format!("o{count}"), "manual", by);
                }
            }
            let order = shop.order(first);
            let (total, manual) = (order.totals.total, order.detail.manual.clone().expect("manual"));
            prop_assert_eq!(order.payment.captured, recorded);
            prop_assert_eq!(manual.payments.iter().map(|one| one.amount).sum::<i64>(), recorded);
            prop_assert!(recorded + manual.waived <= total);
            prop_assert!(order.payment.refunded <= recorded);
            let sums = |status| order.detail.refunds.iter().filter(|one| one.status == status).map(|one| one.amount).sum::<i64>();
            prop_assert_eq!(sums(RefundStatus::Succeeded), order.payment.refunded);
            let on_its_way = sums(RefundStatus::Pending);
            prop_assert_eq!(order.payment.status == RefundPending, on_its_way > 0);
            match order.status {
                PendingPayment => prop_assert!(order.missing() > 0 && order.payment.status == Awaited),
                Placed if !at_once => prop_assert_eq!(order.missing(), 0),
                Placed => prop_assert!(order.missing() == 0 || order.payment.status != Captured),
                _ => prop_assert_eq!(recorded, order.payment.refunded + on_its_way, "money of nothing is kept"),
            }
            let held = order.lines.iter().all(|line| line.reservation == match order.status {
                PendingPayment => Reservation::Held,
                Placed => Reservation::Committed,
                _ => Reservation::Released,
            });
            prop_assert!(held);
            prop_assert_eq!(shop.ledger("PEN"), shop.stock("PEN"));
        }
    }
}
