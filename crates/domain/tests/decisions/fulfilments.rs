//! What may be sent of an order, by example and by property.

use crate::shop::Shop;
use cartwright_domain::command::{
    Command, FulfilmentChange, Idempotency, NewFulfilment, NewNote, Reply, Settlement, TrackingChange,
};
use cartwright_domain::event::EventKind;
use cartwright_domain::fulfilment::{FulfilledLine, FulfilmentStatus, ParcelStatus, Tracking, status, unfulfilled};
use cartwright_domain::id::OrderId;
use cartwright_domain::order::{Order, OrderStatus};
use cartwright_domain::refusal::Refusal;
use proptest::prelude::*;
use std::sync::Arc;

/// A shop with a placed order of three pens and two mugs.
fn sold() -> (Shop, OrderId) {
    let mut shop = Shop::with(&[("PEN", 500, 10), ("MUG", 700, 10)]);
    let cart = shop.cart(&[("PEN", 3), ("MUG", 2)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Captured(order.totals.total));
    (shop, order.id)
}

fn order(shop: &Shop, id: OrderId) -> Arc<Order> {
    shop.set.orders.get(&id).unwrap().clone()
}

fn units(shop: &Shop, id: OrderId, quantities: &[(usize, i64)]) -> Vec<FulfilledLine> {
    let order = order(shop, id);
    quantities
        .iter()
        .map(|(line, quantity)| FulfilledLine { line_id: order.lines[*line].id, quantity: *quantity })
        .collect()
}

fn fulfil(
    shop: &mut Shop,
    id: OrderId,
    lines: Option<Vec<FulfilledLine>>,
    key: Option<&str>,
) -> Result<Arc<Order>, Refusal> {
    let idempotency = key.map(|key| Idempotency { scope: "o".into(), key: key.into(), fingerprint: [1; 32] });
    let fulfilment = NewFulfilment { lines, tracking: None, by: "ada".into() };
    match shop.run(Command::FulfilOrder { order_id: id, fulfilment, idempotency })? {
        Reply::Order(order) => Ok(order),
        other => panic!("{other:?}"),
    }
}

fn change(shop: &mut Shop, id: OrderId, parcel: usize, change: FulfilmentChange) -> Result<Reply, Refusal> {
    let fulfilment_id = order(shop, id).detail.fulfilments[parcel].id;
    shop.run(Command::UpdateFulfilment { order_id: id, fulfilment_id, change })
}

fn becomes(status: ParcelStatus) -> FulfilmentChange {
    FulfilmentChange { status: Some(status), ..FulfilmentChange::default() }
}

#[test]
fn an_order_is_sent_in_parts_and_its_status_follows() {
    let (mut shop, id) = sold();
    assert_eq!(status(&order(&shop, id)), Some(FulfilmentStatus::Unfulfilled));
    let lines = units(&shop, id, &[(0, 1), (1, 2)]);
    let partly = fulfil(&mut shop, id, Some(lines), None).unwrap();
    assert_eq!(status(&partly), Some(FulfilmentStatus::PartiallyFulfilled));
    assert_eq!(unfulfilled(&partly), units(&shop, id, &[(0, 2)]));
    let whole = fulfil(&mut shop, id, None, None).unwrap();
    assert_eq!(whole.detail.fulfilments[1].lines, units(&shop, id, &[(0, 2)]));
    assert_eq!(status(&whole), Some(FulfilmentStatus::Fulfilled));
    assert_eq!(fulfil(&mut shop, id, None, None).unwrap_err(), Refusal::NotLeftToFulfil(vec![]));
    change(&mut shop, id, 0, becomes(ParcelStatus::Delivered)).unwrap();
    assert_eq!(status(&order(&shop, id)), Some(FulfilmentStatus::Fulfilled));
    change(&mut shop, id, 1, becomes(ParcelStatus::Delivered)).unwrap();
    assert_eq!(status(&order(&shop, id)), Some(FulfilmentStatus::Delivered));
    assert_eq!(shop.stock("PEN").on_hand, 7, "sending moves no stock: it left the shelf when it was paid");
    let told = shop.set.events.iter().filter(|event| event.kind == EventKind::OrderFulfilled).count();
    let updated = shop.set.events.iter().filter(|event| event.kind == EventKind::FulfilmentUpdated).count();
    assert_eq!((told, updated), (2, 2));
}

#[test]
fn more_than_was_bought_is_not_sent() {
    let (mut shop, id) = sold();
    let too_many = units(&shop, id, &[(0, 4)]);
    assert_eq!(
        fulfil(&mut shop, id, Some(too_many), None).unwrap_err(),
        Refusal::QuantityOutOfRange { index: 0, line_id: None, requested: 4, limit: 3 }
    );
    let twice = units(&shop, id, &[(0, 2), (0, 2)]);
    let refused = fulfil(&mut shop, id, Some(twice), None).unwrap_err();
    assert!(
        matches!(&refused, Refusal::NotLeftToFulfil(lines) if lines[0].requested == 4 && lines[0].available == Some(3))
    );
    let stranger = vec![FulfilledLine { line_id: Default::default(), quantity: 1 }];
    assert_eq!(fulfil(&mut shop, id, Some(stranger), None).unwrap_err(), Refusal::LineNotFound);
    assert!(order(&shop, id).detail.fulfilments.is_empty(), "a refusal changes nothing");
}

#[test]
fn a_cancelled_parcel_gives_its_units_back_and_stays_cancelled() {
    let (mut shop, id) = sold();
    fulfil(&mut shop, id, None, None).unwrap();
    assert_eq!(shop.cancel(id).unwrap_err(), Refusal::OrderSent);
    change(&mut shop, id, 0, becomes(ParcelStatus::Cancelled)).unwrap();
    assert_eq!(status(&order(&shop, id)), Some(FulfilmentStatus::Unfulfilled));
    assert!(change(&mut shop, id, 0, becomes(ParcelStatus::Cancelled)).is_ok(), "twice is once");
    let again = change(&mut shop, id, 0, becomes(ParcelStatus::Delivered)).unwrap_err();
    assert_eq!(again, Refusal::FulfilmentClosed { status: "cancelled" });
    shop.cancel(id).unwrap();
    assert_eq!(status(&order(&shop, id)), None);
    let refused = fulfil(&mut shop, id, None, None).unwrap_err();
    assert_eq!(refused, Refusal::OrderNotFulfillable { status: "cancelled" });
}

#[test]
fn an_order_that_is_not_paid_is_not_sent() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let cart = shop.cart(&[("PEN", 3)]);
    let id = shop.checkout(cart, "k", None).unwrap().id;
    let refused = fulfil(&mut shop, id, None, None).unwrap_err();
    assert_eq!(refused, Refusal::OrderNotFulfillable { status: OrderStatus::PendingPayment.as_str() });
}

#[test]
fn a_number_may_be_told_later_and_an_arrival_may_be_dated() {
    let (mut shop, id) = sold();
    fulfil(&mut shop, id, None, None).unwrap();
    let tracking = Tracking { carrier: "DHL".into(), number: "1".into(), url: None };
    let told = TrackingChange {
        carrier: Some(tracking.carrier.clone()),
        number: Some(tracking.number.clone()),
        url: Some(tracking.url.clone()),
    };
    change(&mut shop, id, 0, FulfilmentChange { tracking: Some(Some(told)), ..Default::default() }).unwrap();
    let at = shop.now.plus_ms(-5);
    let arrived = FulfilmentChange { delivered_at: Some(at), ..becomes(ParcelStatus::Delivered) };
    change(&mut shop, id, 0, arrived).unwrap();
    let parcel = order(&shop, id).detail.fulfilments[0].clone();
    assert_eq!((parcel.tracking, parcel.delivered_at), (Some(tracking), Some(at)));
    let refused = change(&mut shop, id, 0, becomes(ParcelStatus::Cancelled)).unwrap_err();
    assert_eq!(refused, Refusal::FulfilmentClosed { status: "delivered" });
}

#[test]
fn a_repeated_request_sends_and_notes_once() {
    let (mut shop, id) = sold();
    let one = units(&shop, id, &[(0, 1)]);
    fulfil(&mut shop, id, Some(one.clone()), Some("f")).unwrap();
    let again = fulfil(&mut shop, id, Some(one), Some("f")).unwrap();
    assert_eq!(again.detail.fulfilments.len(), 1);
    for _ in 0..2 {
        let idempotency = Some(Idempotency { scope: "o".into(), key: "n".into(), fingerprint: [2; 32] });
        let note = NewNote { text: "gift".into(), visible_to_customer: true, by: "ada".into() };
        shop.run(Command::AddOrderNote { order_id: id, note, idempotency }).unwrap();
    }
    assert_eq!(order(&shop, id).detail.notes.len(), 1);
}

proptest! {
    #[test]
    fn no_history_sends_more_than_was_bought(steps in prop::collection::vec((0..4_u8, 0..2_usize, -1..5_i64), 1..40)) {
        let (mut shop, id) = sold();
        for (kind, place, number) in steps {
            let parcels = order(&shop, id).detail.fulfilments.len();
            match kind {
                0 => { let lines = units(&shop, id, &[(place, number)]); let _ = fulfil(&mut shop, id, Some(lines), None); }
                1 if number == 0 => { let _ = fulfil(&mut shop, id, None, None); }
                2 if parcels > 0 => {
                    let states = [ParcelStatus::Cancelled, ParcelStatus::Delivered];
                    let _ = change(&mut shop, id, number.max(0) as usize % parcels, becomes(states[place]));
                }
                3 if number == 4 => { let _ = shop.cancel(id); }
                _ => {}
            }
            let order = order(&shop, id);
            for line in &order.lines {
                let live = order.detail.fulfilments.iter().filter(|parcel| parcel.status != ParcelStatus::Cancelled);
                let sent = live.flat_map(|parcel| &parcel.lines).filter(|sent| sent.line_id == line.id);
                let quantities: Vec<i64> = sent.map(|sent| sent.quantity).collect();
                prop_assert!(quantities.iter().all(|quantity| *quantity > 0));
                prop_assert!(quantities.iter().sum::<i64>() <= line.quantity, "{quantities:?} of {}", line.quantity);
                prop_assert!(order.status == OrderStatus::Placed || quantities.is_empty(), "a cancelled order was sent");
            }
        }
    }
}
