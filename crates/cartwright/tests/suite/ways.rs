//! Paying in another way, and going back from a payment: over HTTP, in two tabs, at once, across a crash, and with Stripe. What must
//! come out is always the same: one purchase, one charge, and until then a cart that is the shopper's.

use crate::harness::stripe::{BrowserAction, FakeStripe, Fault};
use crate::harness::{Answer, CartKey, Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

async fn shop_with_pens(units: i64) -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, units)]).await;
    (server, shop, guest)
}

/// Checks out two pens.
async fn pay(guest: &Shop, cart: &CartKey, key: &str, gateway: &str, method: &str) -> Answer {
    let body = json!({"expected_total": 1_000, "payment": {"gateway": gateway, "method": method}});
    guest.post(&cart.path("/checkout"), &body).token(&cart.token).key(key).send().await
}

async fn cancel(guest: &Shop, cart: &CartKey, order: &Value) -> Value {
    let path = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    guest.post(&path, &json!({})).token(&cart.token).send().await.expect(200)
}

async fn read(guest: &Shop, cart: &CartKey, order: &Value) -> Value {
    guest.order(order["id"].as_str().expect("an id"), &cart.token).await.expect(200)
}

fn state(order: &Value) -> (&str, &str) {
    (order["status"].as_str().unwrap_or_default(), order["payment"]["status"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn another_way_to_pay_replaces_the_attempt_and_the_last_units_stay() {
    let (server, shop, guest) = shop_with_pens(2).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let old = pay(&guest, &cart, "one", "test", "requires_action").await.expect(202);
    assert_eq!(pay(&guest, &cart, "two", "test", "requires_action").await.expect(202)["id"], old["id"]);
    let new = pay(&guest, &cart, "three", "test", "ok").await.expect(201);
    assert_ne!(new["id"], old["id"]);
    assert_eq!(state(&new), ("placed", "captured"));
    assert_eq!(state(&read(&guest, &cart, &old).await), ("cancelled", "voided"));
    assert_eq!(shop.stock("PEN").await, (0, 0));
    // Replays answer what they answered: the new order is a purchase, the old one is none.
    assert_eq!(pay(&guest, &cart, "three", "test", "ok").await.expect(201)["id"], new["id"]);
    let replay = pay(&guest, &cart, "one", "test", "requires_action").await.expect(200);
    assert_eq!((&replay["id"], state(&replay).0), (&old["id"], "cancelled"));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn goods_stay_with_the_cart_when_the_next_attempt_is_declined_late_or_never_made() {
    let (server, shop, guest) = shop_with_pens(2).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    pay(&guest, &cart, "one", "test", "requires_action").await.expect(202);
    // The new order is refused after the old attempt was voided: the cart still holds its goods.
    let less = json!({"expected_total": 999, "payment": {"gateway": "test", "method": "ok"}});
    guest.post(&cart.path("/checkout"), &less).token(&cart.token).key("two").send().await.problem(409, "price_changed");
    let back = guest.read(&cart).await;
    assert_eq!((&back["status"], &back["last_payment_failure"]["reason"]), (&json!("active"), &json!("replaced")));
    assert!(back["lines"][0]["held_until"].is_string(), "{back}");
    assert_eq!(shop.stock("PEN").await, (2, 2));
    let rival = json!({"lines": [{"sku": "PEN", "quantity": 1}]});
    guest.post("/carts", &rival).send().await.problem(409, "insufficient_stock");
    assert_eq!(state(&pay(&guest, &cart, "three", "test", "ok").await.expect(201)), ("placed", "captured"));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn who_had_paid_already_gets_that_order_and_is_not_charged_again() {
    let (server, shop, guest) = shop_with_pens(10).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    // Its money was taken, and nobody here knows yet.
    let old = pay(&guest, &cart, "one", "test", "timeout").await.expect(202);
    let answer = pay(&guest, &cart, "two", "test", "ok").await.expect(201);
    assert_eq!((&answer["id"], state(&answer)), (&old["id"], ("placed", "captured")));
    assert_eq!(shop.orders(None).await.len(), 1);
    assert_eq!(shop.stock("PEN").await, (8, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_an_unpaid_order_gives_the_cart_back_and_only_a_purchase_is_a_201() {
    let (server, shop, guest) = shop_with_pens(10).await;
    let once = json!({"name": "Once", "benefit": {"kind": "fixed_amount", "amount": 1}, "limits": {"total_uses": 1}});
    shop.put_promotion(once, &["ONCE"]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    guest.post(&cart.path("/coupons"), &json!({"code": "ONCE"})).token(&cart.token).send().await.expect(200);
    let order = pay(&guest, &cart, "one", "test", "requires_action").await.expect(202);
    assert_eq!(state(&cancel(&guest, &cart, &order).await), ("cancelled", "voided"));
    let back = guest.read(&cart).await;
    assert_eq!((&back["status"], &back["last_payment_failure"]["reason"]), (&json!("active"), &json!("cancelled")));
    assert_eq!((&back["coupons"][0]["applied"], &back["totals"]["total"]["amount"]), (&json!(true), &json!(999)));
    let replay = pay(&guest, &cart, "one", "test", "requires_action").await.expect(200);
    assert_eq!((&replay["id"], state(&replay).0), (&order["id"], "cancelled"));
    let new = pay(&guest, &cart, "two", "test", "ok").await.expect(201);
    assert_eq!(new["totals"]["total"]["amount"], 999);

    // A purchase that is cancelled is over: its cart is closed, and neither key is answered as a purchase.
    cancel(&guest, &cart, &new).await;
    let closed = pay(&guest, &cart, "three", "test", "ok").await.problem(409, "cart_closed");
    assert_eq!(closed["remedy"]["with"]["order_id"], new["id"]);
    assert_eq!(pay(&guest, &cart, "two", "test", "ok").await.expect(200)["id"], new["id"]);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tabs_that_pay_in_different_ways_at_once_make_one_purchase() {
    let (server, shop, guest) = shop_with_pens(100).await;
    for round in 0..5 {
        let cart = guest.cart(&[("PEN", 2)]).await;
        pay(&guest, &cart, "first", "test", "requires_action").await.expect(202);
        let ways = ["ok", "requires_action", "ok", "declined", "timeout", "refund_fails"];
        let tabs = ways.iter().enumerate().map(|(tab, method)| {
            let (guest, cart) = (guest.clone(), cart.clone());
            async move { pay(&guest, &cart, &format!("tab {tab}"), "test", method).await }
        });
        let answers = futures_util::future::join_all(tabs).await;
        for answer in &answers {
            // An order that another tab has replaced already is answered as it is by then: cancelled, and not as a purchase.
            let replaced = answer.status == 200 && answer.json()["status"] == "cancelled";
            assert!(replaced || [201, 202, 402, 409, 503].contains(&answer.status), "round {round}: {answer:?}");
        }
        // Whoever was told to come back does.
        eventually("somebody buys", Duration::from_secs(30), async || {
            (pay(&guest, &cart, "at last", "test", "ok").await.status == 201).then_some(())
        })
        .await;
        let orders = shop.orders(None).await;
        let own = orders.iter().filter(|order| order["cart_id"] == json!(cart.id));
        let (placed, others): (Vec<&Value>, Vec<&Value>) = own.partition(|order| order["status"] == "placed");
        assert_eq!(placed.len(), 1, "{placed:?}");
        assert!(others.iter().all(|order| order["payment"]["captured"]["amount"] == 0), "{others:?}");
    }
    assert_eq!(shop.stock("PEN").await, (90, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_crash_on_the_way_to_another_payment_leaves_a_cart_that_buys_once() {
    for point in ["ExpireAsking", "ExpireAsked", "ExpireDecided", "ExpireCommitted"] {
        let (mut server, shop, guest) = shop_with_pens(2).await;
        let cart = guest.cart(&[("PEN", 2)]).await;
        let old = pay(&guest, &cart, "one", "test", "requires_action").await.expect(202);
        server.allow(&["--die-at", point]);
        server.restart();
        let body = json!({"expected_total": 1_000, "payment": {"gateway": "test", "method": "ok"}});
        let ask = guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("two");
        assert!(ask.try_send().await.is_err(), "{point}: it was to die");
        server.allow(&[]);
        server.restart();
        let new = pay(&guest, &cart, "two", "test", "ok").await.expect(201);
        assert_ne!(new["id"], old["id"], "{point}");
        assert_eq!(state(&read(&guest, &cart, &old).await), ("cancelled", "voided"), "{point}");
        assert_eq!(shop.stock("PEN").await, (0, 0), "{point}");
        server.settle_and_verify().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_from_three_d_secure_frees_the_cart_and_another_card_pays() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 2)]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let old = pay(&guest, &cart, "one", "stripe", "browser").await.expect(202);
    assert_eq!(state(&old), ("pending_payment", "requires_action"));
    // Nobody knows whether the old attempt is void: nothing else is charged.
    stripe.fail_next("cancel", Fault::Unreachable);
    let busy = pay(&guest, &cart, "two", "stripe", "pm_card_visa").await;
    let problem = busy.problem(409, "payment_in_progress");
    assert_eq!((&problem["remedy"]["action"], busy.header("retry-after")), (&json!("retry"), "1"), "{problem}");
    assert_eq!(stripe.money(&old["id"]), (0, 0));
    let new = eventually("the old attempt is void", Duration::from_secs(30), async || {
        let answer = pay(&guest, &cart, "two", "stripe", "pm_card_visa").await;
        (answer.status == 201).then(|| answer.json())
    })
    .await;
    assert_eq!((stripe.money(&old["id"]), stripe.money(&new["id"])), ((0, 0), (1, 1_000)));
    assert_eq!(stripe.intent(&old["id"])["status"], "canceled");
    assert_eq!(shop.stock("PEN").await, (0, 0));

    // Who has authenticated in the other tab has paid, whatever else they try.
    shop.put_goods(&[("MUG", 500, 2)]).await;
    let cart = guest.cart(&[("MUG", 2)]).await;
    let first = pay(&guest, &cart, "one", "stripe", "browser").await.expect(202);
    let secret = first["payment"]["client_secret"].as_str().expect("a secret").to_owned();
    stripe.browser(&secret, BrowserAction::Pay("pm_card_visa"));
    let answer = pay(&guest, &cart, "two", "stripe", "pm_card_mastercard").await.expect(201);
    assert_eq!((&answer["id"], stripe.money(&first["id"])), (&first["id"], (1, 1_000)));
    server.settle_and_verify().await;
}
