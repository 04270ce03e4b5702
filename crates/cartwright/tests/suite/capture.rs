//! Stores that set money aside at checkout and capture it by hand, with the test gateway and with Stripe.

use crate::harness::stripe::{FakeStripe, Fault};
use crate::harness::{Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

async fn by_hand(shop: &Shop) {
    let store =
        json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"payment_capture": "manual"}});
    let answer = shop.post("/admin/stores", &store).send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    shop.put_goods(&[("PEN", 500, 100)]).await;
}

/// Two pens at 5.00.
async fn buy(shop: &Shop, gateway: &str, method: &str) -> Value {
    let cart = shop.cart(&[("PEN", 2)]).await;
    let body = json!({"payment": {"gateway": gateway, "method": method}});
    shop.post(&cart.path("/checkout"), &body).key("buy").send().await.expect(201)
}

fn path(order: &Value, rest: &str) -> String {
    format!("/orders/{}{rest}", order["id"].as_str().expect("an id"))
}

async fn order_that_is(shop: &Shop, order: &Value, status: &str, payment: &str) -> Value {
    eventually(&format!("the order is {status}/{payment}"), Duration::from_secs(30), async || {
        let order = shop.get(&path(order, "")).send().await.expect(200);
        (order["status"] == status && order["payment"]["status"] == payment).then_some(order)
    })
    .await
}

#[tokio::test]
async fn money_is_set_aside_captured_in_part_once_and_refunded_within_that() {
    let server = Server::start();
    let shop = server.shop();
    by_hand(&shop).await;
    let order = buy(&shop, "test", "ok").await;
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("placed"), &json!("authorized")));
    assert_eq!(
        (&order["payment"]["authorized"]["amount"], &order["payment"]["captured"]["amount"]),
        (&json!(1_000), &json!(0))
    );
    assert!(order["payment"]["capture_before"].is_string());
    assert_eq!(shop.stock("PEN").await, (98, 0));
    let refund =
        |amount: i64| shop.post(&path(&order, "/refunds"), &json!({"amount": amount})).key(&amount.to_string()).send();
    refund(1).await.problem(409, "nothing_to_refund");
    let capture = |body: Value| shop.post(&path(&order, "/capture"), &body).send();
    capture(json!({"amount": 1_001})).await.problem(409, "capture_too_large");
    let captured = capture(json!({"amount": 600})).await.expect(200);
    assert_eq!(
        (&captured["payment_status"], &captured["payment"]["captured"]["amount"]),
        (&json!("paid"), &json!(600))
    );
    assert_eq!(capture(json!({"amount": 600})).await.expect(200)["payment"]["captured"]["amount"], 600);
    capture(json!({})).await.problem(409, "not_capturable");
    refund(601).await.problem(409, "refund_too_large");
    refund(600).await.expect(201);
    order_that_is(&shop, &order, "placed", "refunded").await;
    server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_lets_the_money_go_and_so_does_the_end_of_its_time() {
    let mut server = Server::start();
    let shop = server.shop();
    by_hand(&shop).await;
    let (cancelled, refused) = (buy(&shop, "test", "ok").await, buy(&shop, "test", "capture_fails").await);
    shop.post(&path(&cancelled, "/cancel"), &json!({})).send().await.expect(200);
    order_that_is(&shop, &cancelled, "cancelled", "voided").await;
    shop.post(&path(&refused, "/capture"), &json!({})).send().await.expect(200);
    let waits = order_that_is(&shop, &refused, "placed", "authorized").await;
    assert_eq!(waits["payment"]["capture_failure"], "capture_fails");
    shop.post(&path(&refused, "/cancel"), &json!({})).send().await.expect(200);
    order_that_is(&shop, &refused, "cancelled", "voided").await;
    let forgotten = buy(&shop, "test", "ok").await;
    server.kill();
    assert_eq!(server.execute("UPDATE payments SET due_at = 1000 WHERE status = 'authorized'"), 1);
    server.restart();
    let shop = server.shop();
    let ended = order_that_is(&shop, &forgotten, "cancelled", "voided").await;
    assert_eq!(ended["payment"]["captured"]["amount"], 0);
    assert_eq!(shop.stock("PEN").await, (100, 0));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_captures_once_whatever_it_answers() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    by_hand(&shop).await;
    for fault in [Fault::Unreachable, Fault::AnswerLost, Fault::ErrorBefore, Fault::ErrorAfter, Fault::Locked] {
        let order = buy(&shop, "stripe", "pm_card_visa").await;
        assert_eq!((&order["payment"]["status"], stripe.money(&order["id"])), (&json!("authorized"), (0, 0)));
        stripe.fail_next("capture", fault);
        shop.post(&path(&order, "/capture"), &json!({"amount": 700})).send().await.expect(200);
        order_that_is(&shop, &order, "placed", "captured").await;
        assert_eq!(stripe.money(&order["id"]), (1, 700), "{fault:?}");
        shop.post(&path(&order, "/cancel"), &json!({})).send().await.expect(200);
        order_that_is(&shop, &order, "cancelled", "refunded").await;
        assert_eq!(stripe.money(&order["id"]), (1, 0), "{fault:?}");
    }
    let order = buy(&shop, "stripe", "pm_card_visa").await;
    shop.post(&path(&order, "/cancel"), &json!({})).send().await.expect(200);
    order_that_is(&shop, &order, "cancelled", "voided").await;
    assert_eq!(
        (stripe.intent(&order["id"])["status"].clone(), stripe.money(&order["id"])),
        (json!("canceled"), (0, 0))
    );
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_stripe_refused_can_be_asked_for_again_and_is_another_one() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    by_hand(&shop).await;
    let order = buy(&shop, "stripe", "pm_card_visa").await;
    stripe.fail_next("capture", Fault::Refused);
    shop.post(&path(&order, "/capture"), &json!({"amount": 700})).send().await.expect(200);
    let waits = order_that_is(&shop, &order, "placed", "authorized").await;
    assert_eq!(waits["payment"]["capture_failure"], "capture_charge_authorization_expired");
    // Stripe would repeat its refusal under the first one's key.
    shop.post(&path(&order, "/capture"), &json!({"amount": 600})).send().await.expect(200);
    let captured = order_that_is(&shop, &order, "placed", "captured").await;
    assert_eq!(captured["payment"]["capture_failure"], Value::Null);
    assert_eq!(stripe.money(&order["id"]), (1, 600));
    server.settle_and_verify().await;
}
