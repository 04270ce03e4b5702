//! Refunds over HTTP: by unit, shipping and amount, with tax, many at once, and through crashes.

use crate::harness::stripe::{FakeStripe, Fault, deliver, event_of};
use crate::harness::{CartKey, Server, Shop, eventually};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

async fn shop_with_goods() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 333, 100), ("INK", 1_000, 100)]).await;
    (server, shop, guest)
}

fn path(order: &Value, rest: &str) -> String {
    format!("/orders/{}{rest}", order["id"].as_str().expect("an id"))
}

async fn buy(guest: &Shop, goods: &[(&str, i64)], method: &str) -> (CartKey, Value) {
    let cart = guest.cart(goods).await;
    let order = guest.checkout(&cart, "buy", method).send().await;
    assert!(matches!(order.status, 201 | 202), "{order:?}");
    (cart, order.json())
}

/// The order once nothing of it is pending.
async fn settled(shop: &Shop, order: &Value) -> Value {
    eventually("the refunds have an outcome", Duration::from_secs(30), async || {
        let order = shop.get(&path(order, "")).send().await.expect(200);
        let open = order["refunds"].as_array().expect("refunds").iter().any(|refund| refund["status"] == "pending");
        (!open).then_some(order)
    })
    .await
}

fn refunds(order: &Value, what: &str) -> Vec<i64> {
    let all = order["refunds"].as_array().expect("refunds").iter();
    all.map(|refund| refund[what]["amount"].as_i64().expect("an amount")).collect()
}

#[tokio::test]
async fn units_shipping_and_amounts_go_back_in_exact_parts_with_their_tax() {
    let (server, shop, guest) = shop_with_goods().await;
    let tax = json!({"rates": [{"name": "VAT", "percent": "19"}]});
    shop.ask(reqwest::Method::PUT, "/admin/tax-rates").json(&tax).send().await.expect(200);
    let method =
        json!({"methods": [{"handle": "standard", "name": "Standard", "rate": {"kind": "flat", "amount": 490}}]});
    shop.ask(reqwest::Method::PUT, "/admin/shipping-methods").json(&method).send().await.expect(200);
    let cart = guest.cart(&[("PEN", 3), ("INK", 1)]).await;
    let address = json!({"name": "A", "line1": "B", "city": "C", "postcode": "12345", "country": "DE"});
    let chosen = json!({"shipping_address": address, "shipping_method": "standard"});
    guest.patch(&cart.path(""), &chosen).token(&cart.token).send().await.expect(200);
    let order = guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    assert_eq!((&order["totals"]["total"]["amount"], &order["payment_status"]), (&json!(2_489), &json!("paid")));
    assert_eq!(order["refundable"]["amount"]["amount"], 2_489);
    let pen = &order["lines"][0]["id"];

    let refund = async |key: &str, body: Value| shop.post(&path(&order, "/refunds"), &body).key(key).send().await;
    let one =
        json!({"lines": [{"line_id": pen, "quantity": 1, "restock": true}], "shipping": true, "reason": "broken"});
    let answer = refund("1", one.clone()).await.expect(201);
    let first = &answer["refunds"][0];
    assert_eq!((&first["amount"]["amount"], &first["shipping"]["amount"]), (&json!(823), &json!(490)));
    assert_eq!((&first["status"], &first["reason"]), (&json!("succeeded"), &json!("broken")));
    assert_eq!(answer["payment_status"], "partially_refunded");
    assert_eq!(shop.stock("PEN").await, (98, 0));
    assert_eq!(refund("1", one.clone()).await.expect(201)["refunds"].as_array().map(Vec::len), Some(1), "once");
    refund("1", json!({"amount": 1})).await.problem(422, "idempotency_key_reused");

    refund("2", json!({"amount": 100})).await.expect(201);
    let rest = json!({"lines": [{"line_id": pen, "quantity": 3}]});
    refund("3", rest).await.problem(409, "refund_too_large");
    let left = refund("4", json!({"amount": 1_567})).await.problem(409, "refund_too_large");
    assert_eq!(left["remedy"]["with"]["amount"], 1_566);
    let line = json!({"lines": [{"line_id": order["id"], "quantity": 1}]});
    refund("5", line).await.problem(404, "line_not_found");
    refund("6", json!({})).await.problem(409, "nothing_to_refund");
    refund("7", json!({"amount": 0})).await.problem(422, "invalid_request");
    guest
        .post(&path(&order, "/refunds"), &json!({"amount": 1}))
        .key("8")
        .token(&cart.token)
        .send()
        .await
        .problem(401, "unauthorized");

    // The shopper sees what goes back, not what the shop wrote about it.
    let seen = guest.order(order["id"].as_str().expect("an id"), &cart.token).await.expect(200);
    assert_eq!((&seen["refunds"][0]["amount"]["amount"], &seen["refunds"][0]["reason"]), (&json!(823), &Value::Null));

    let cancelled = shop.post(&path(&order, "/cancel"), &json!({})).send().await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    let end = settled(&shop, &order).await;
    assert_eq!(refunds(&end, "amount"), vec![823, 100, 1_566]);
    let tax = order["taxes"][0]["amount"]["amount"].as_i64().expect("tax");
    assert_eq!(refunds(&end, "tax").iter().sum::<i64>(), tax, "the tax of the parts is the tax of the order");
    assert_eq!((&end["payment"]["status"], &end["payment"]["refunded"]["amount"]), (&json!("refunded"), &json!(2_489)));
    assert_eq!((shop.stock("PEN").await, shop.stock("INK").await), ((100, 0), (100, 0)));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_refund_that_fails_is_on_record_and_its_money_may_go_back_anew() {
    let (server, shop, guest) = shop_with_goods().await;
    let (_, order) = buy(&guest, &[("INK", 2)], "refund_fails").await;
    let refund =
        async |key: &str| shop.post(&path(&order, "/refunds"), &json!({"amount": 2_000})).key(key).send().await;
    refund("1").await.expect(201);
    let failed = settled(&shop, &order).await;
    let first = &failed["refunds"][0];
    assert_eq!((&first["status"], &first["failure"]), (&json!("failed"), &json!("refund_fails")));
    assert_eq!((&failed["payment"]["refunded"]["amount"], &failed["payment_status"]), (&json!(0), &json!("paid")));
    refund("2").await.expect(201);
    assert_eq!(settled(&shop, &order).await["refunds"].as_array().map(Vec::len), Some(2));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_refunds_at_once_never_pass_the_total() {
    let (server, shop, guest) = shop_with_goods().await;
    let (_, order) = buy(&guest, &[("INK", 3)], "ok").await;
    let line = &order["lines"][0]["id"];
    let asked = (0..20).map(|number| {
        let body = match number % 2 {
            0 => json!({"lines": [{"line_id": line, "quantity": 1, "restock": true}]}),
            _ => json!({"amount": 450}),
        };
        let shop = shop.clone();
        let path = path(&order, "/refunds");
        async move { shop.post(&path, &body).key(&format!("r-{number}")).send().await }
    });
    let answers = join_all(asked).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.code() == "refund_too_large"), "{answers:?}");
    assert!((3..=9).contains(&taken), "{taken} refunds");
    let end = settled(&shop, &order).await;
    let sum: i64 = refunds(&end, "amount").iter().sum();
    assert_eq!(end["payment"]["refunded"]["amount"], sum);
    assert!(sum <= 3_000 && sum + end["refundable"]["amount"]["amount"].as_i64().expect("a number") == 3_000, "{sum}");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_sent_once_whatever_stripe_answers_and_whenever_the_server_dies() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let mut server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let cart = shop.cart(&[("PEN", 4)]).await;
    let body = json!({"payment": {"gateway": "stripe", "method": "pm_card_visa"}});
    let order = shop.post(&cart.path("/checkout"), &body).key("k").send().await.expect(201);
    let faults = [Fault::Unreachable, Fault::AnswerLost, Fault::ErrorBefore, Fault::ErrorAfter, Fault::Locked];
    for (number, fault) in faults.into_iter().enumerate() {
        stripe.fail_next("refund", fault);
        let refund = shop.post(&path(&order, "/refunds"), &json!({"amount": 100})).key(&format!("r-{number}"));
        refund.send().await.expect(201);
        settled(&shop, &order).await;
        assert_eq!(stripe.money(&order["id"]), (1, 2_000 - 100 * (number as i64 + 1)), "{fault:?}");
    }
    // Sent, and dead before the answer was written down.
    stripe.fail_next("refund", Fault::AnswerLost);
    shop.post(&path(&order, "/refunds"), &json!({"amount": 700})).key("last").send().await.expect(201);
    server.kill();
    server.restart();
    let shop = server.shop();
    let end = settled(&shop, &order).await;
    assert_eq!((stripe.money(&order["id"]), &end["payment"]["refunded"]["amount"]), ((1, 800), &json!(1_200)));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn money_that_comes_late_buys_the_goods_if_they_are_there_and_goes_back_otherwise() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 5)]).await;
    for (goods_are_there, status, payment) in [(true, "placed", "captured"), (false, "payment_failed", "refunded")] {
        let cart = shop.cart(&[("PEN", 2)]).await;
        let body = json!({"payment": {"gateway": "stripe", "method": "pm_card_visa_chargeDeclined"}});
        shop.post(&cart.path("/checkout"), &body).key("k").send().await.problem(402, "payment_declined");
        let order = shop.orders(Some("payment_failed")).await.remove(0);
        if !goods_are_there {
            let counted = json!({"adjustments": [{"sku": "PEN", "kind": "count", "quantity": 1, "reason": "counted"}]});
            shop.post("/admin/stock/adjustments", &counted).send().await.expect(200);
        }
        // The bank was slow to say yes.
        stripe.take_late(&order["id"]);
        let answer = stripe.deliver(&shop, "payment_intent.succeeded", &order["id"]).await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
        let end = settled(&shop, &order).await;
        assert_eq!((&end["status"], &end["payment"]["status"]), (&json!(status), &json!(payment)));
        let read = shop.read(&cart).await;
        assert_eq!(read["status"], if goods_are_there { "checked_out" } else { "active" });
        assert_eq!(shop.stock("PEN").await, if goods_are_there { (3, 0) } else { (1, 0) });
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_refund_that_the_bank_sends_back_and_a_dispute_are_noted_when_stripe_tells() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let cart = shop.cart(&[("PEN", 2)]).await;
    let body = json!({"payment": {"gateway": "stripe", "method": "pm_card_visa"}});
    let order = shop.post(&cart.path("/checkout"), &body).key("k").send().await.expect(201);
    shop.post(&path(&order, "/refunds"), &json!({"amount": 400})).key("r").send().await.expect(201);
    assert_eq!(settled(&shop, &order).await["payment"]["refunded"]["amount"], 400);
    let refund = stripe.fail_refunds(&order["id"]);
    for _ in 0..2 {
        deliver(&shop, &event_of("refund.failed", &refund)).await.expect(204);
    }
    let failed = settled(&shop, &order).await;
    let first = &failed["refunds"][0];
    assert_eq!((&first["status"], &first["failure"]), (&json!("failed"), &json!("lost_or_stolen_card")));
    assert_eq!((&failed["payment_status"], &failed["refundable"]["amount"]["amount"]), (&json!("paid"), &json!(1_000)));

    let mut dispute = json!({
        "id": "dp_1", "object": "dispute", "amount": 1_000, "currency": "eur", "reason": "fraudulent",
        "status": "needs_response", "payment_intent": stripe.intent(&order["id"])["id"], "metadata": {},
    });
    deliver(&shop, &event_of("charge.dispute.created", &dispute)).await.expect(204);
    dispute["status"] = json!("lost");
    deliver(&shop, &event_of("charge.dispute.closed", &dispute)).await.expect(204);
    let disputed = settled(&shop, &order).await;
    let noted = &disputed["disputes"];
    assert_eq!((noted.as_array().map(Vec::len), &noted[0]["status"]), (Some(1), &json!("lost")));
    let seen = server.guest().order(order["id"].as_str().expect("an id"), &cart.token).await.expect(200);
    assert_eq!(seen["disputes"], Value::Null);
    server.settle_and_verify().await;
}
