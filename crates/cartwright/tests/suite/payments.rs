//! From checkout to the outcome of the payment: every answer a gateway can give, every way to ask twice.

use crate::harness::{CartKey, Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

async fn shop_with_goods() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100)]).await;
    (server, shop, guest)
}

async fn order_that_is(guest: &Shop, cart: &CartKey, id: &Value, status: &str, payment: &str) -> Value {
    let id = id.as_str().expect("an id");
    eventually(&format!("the order is {status}/{payment}"), Duration::from_secs(30), async || {
        let order = guest.order(id, &cart.token).await.expect(200);
        (order["status"] == status && order["payment"]["status"] == payment).then_some(order)
    })
    .await
}

#[tokio::test]
async fn a_paid_checkout_answers_the_placed_order_and_takes_the_goods() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 3)]).await;
    let answer = guest.checkout(&cart, "buy", "ok").send().await;
    let order = answer.expect(201);
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("placed"), &json!("captured")));
    assert_eq!(
        (&order["totals"]["total"]["amount"], &order["payment"]["captured"]["amount"]),
        (&json!(1_500), &json!(1_500))
    );
    assert_eq!(
        (&order["cart_id"], &order["lines"][0]["sku"], &order["lines"][0]["quantity"]),
        (&json!(cart.id), &json!("PEN"), &json!(3))
    );
    assert_eq!(shop.stock("PEN").await, (97, 0));
    let movements = shop.get("/admin/stock/PEN/movements").send().await.expect(200);
    let causes: Vec<&str> =
        movements["items"].as_array().expect("items").iter().filter_map(|one| one["cause"].as_str()).collect();
    assert!(causes.contains(&"hold") && causes.contains(&"commit"), "{causes:?}");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_declined_payment_gives_back_the_goods_the_coupon_and_the_cart() {
    let (server, shop, guest) = shop_with_goods().await;
    let limited =
        json!({"name": "Once", "benefit": {"kind": "percentage", "percent": "10"}, "limits": {"total_uses": 1}});
    let promotion = shop.put_promotion(limited, &["ONCE"]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    guest.post(&cart.path("/coupons"), &json!({"code": "ONCE"})).token(&cart.token).send().await.expect(200);

    let problem = guest.checkout(&cart, "first", "declined").send().await.problem(402, "payment_declined");
    assert_eq!(problem["remedy"]["action"], "new_payment_method");
    let read = guest.read(&cart).await;
    assert_eq!((&read["status"], &read["last_payment_failure"]["reason"]), (&json!("active"), &json!("declined")));
    assert_eq!((&read["totals"]["total"]["amount"], &read["coupons"][0]["applied"]), (&json!(900), &json!(true)));
    assert_eq!(shop.stock("PEN").await, (100, 0));
    assert_eq!(shop.redemptions(&promotion).await, 0);
    assert_eq!(shop.orders(Some("placed")).await.len(), 0);
    guest.checkout(&cart, "first", "declined").send().await.problem(402, "payment_declined");

    let order = guest.checkout(&cart, "second", "ok").send().await.expect(201);
    assert_eq!((&order["status"], &order["totals"]["total"]["amount"]), (&json!("placed"), &json!(900)));
    assert_eq!((shop.stock("PEN").await, shop.redemptions(&promotion).await), ((98, 0), 1));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_payment_that_needs_the_shopper_holds_the_goods_until_it_is_confirmed() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let answer = guest.checkout(&cart, "buy", "requires_action").send().await;
    assert!(matches!(answer.status, 201 | 202), "{answer:?}");
    let order = answer.json();
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("pending_payment"), &json!("requires_action")));
    assert_eq!(shop.stock("PEN").await, (100, 2));
    let id = order["id"].as_str().expect("an id");
    let action = &order["payment"]["action"];
    assert_eq!(action["method"], "POST", "{order}");
    let path = action["path"].as_str().expect("a path");
    assert!(path.starts_with('/') && path.contains(id), "{path}");

    let confirm = guest.ask(reqwest::Method::POST, &format!("/{path}")).json(&json!({})).token(&cart.token);
    let confirmed = confirm.send().await;
    assert!(matches!(confirmed.status, 200 | 202), "{confirmed:?}");
    let placed = order_that_is(&guest, &cart, &order["id"], "placed", "captured").await;
    assert!(placed["payment"].get("action").is_none());
    assert_eq!(shop.stock("PEN").await, (98, 0));
    let again = guest.post(&format!("/orders/{id}/payment/confirm"), &json!({})).token(&cart.token).send().await;
    assert_eq!(again.expect(200)["status"], "placed");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_is_asked_again_until_the_order_has_an_outcome() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let answer = guest.checkout(&cart, "buy", "timeout").send().await;
    assert!(matches!(answer.status, 201 | 202), "{answer:?}");
    let order = answer.json();
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("pending_payment"), &json!("unknown")));
    assert_eq!(shop.stock("PEN").await, (100, 2), "the goods are held while nobody knows");
    let placed = order_that_is(&guest, &cart, &order["id"], "placed", "captured").await;
    assert_eq!(placed["payment"]["captured"]["amount"], 1_000);
    assert_eq!(shop.stock("PEN").await, (98, 0));
    assert_eq!(guest.checkout(&cart, "buy", "timeout").send().await.json()["id"], order["id"]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_unanswered_payment_is_settled_after_the_server_was_killed() {
    let (mut server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let order = guest.checkout(&cart, "buy", "timeout").send().await.json();
    server.kill();
    server.restart();
    order_that_is(&guest, &cart, &order["id"], "placed", "captured").await;
    assert_eq!(shop.stock("PEN").await, (98, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_a_placed_order_puts_the_goods_back_and_refunds_once() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 4)]).await;
    let order = guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    let id = order["id"].as_str().expect("an id");
    let cancel =
        || guest.post(&format!("/orders/{id}/cancel"), &json!({"reason": "changed my mind"})).token(&cart.token).send();
    for answer in futures_util::future::join_all((0..10).map(|_| cancel())).await {
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        assert_eq!(answer.json()["status"], "cancelled");
    }
    let refunded = order_that_is(&guest, &cart, &order["id"], "cancelled", "refunded").await;
    assert_eq!(refunded["payment"]["refunded"]["amount"], 2_000);
    assert_eq!(refunded["totals"], order["totals"], "a cancelled order keeps its sums");
    assert_eq!(shop.stock("PEN").await, (100, 0));
    assert_eq!(guest.checkout(&cart, "buy", "ok").send().await.json()["id"], id, "a replay does not buy anew");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_an_order_that_waits_for_its_shopper_lets_the_goods_go() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 4)]).await;
    let order = guest.checkout(&cart, "buy", "requires_action").send().await.json();
    let path = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    let answer = guest.post(&path, &json!({})).token(&cart.token).send().await;
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    let cancelled = order_that_is(&guest, &cart, &order["id"], "cancelled", "voided").await;
    assert_eq!(cancelled["payment"]["captured"]["amount"], 0);
    assert_eq!(shop.stock("PEN").await, (100, 0));
    assert_eq!(guest.read(&cart).await["status"], "active");
    let confirm = path.replace("/cancel", "/payment/confirm");
    guest.post(&confirm, &json!({})).token(&cart.token).send().await.problem(409, "nothing_to_confirm");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_while_nobody_knows_of_the_money_refunds_it_when_it_turns_up() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 4)]).await;
    let order = guest.checkout(&cart, "buy", "timeout").send().await.json();
    let path = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    let answer = guest.post(&path, &json!({})).token(&cart.token).send().await;
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    let cancelled = order_that_is(&guest, &cart, &order["id"], "cancelled", "refunded").await;
    let sums = [&cancelled["payment"]["captured"]["amount"], &cancelled["payment"]["refunded"]["amount"]];
    assert_eq!(sums, [&json!(2_000), &json!(2_000)]);
    assert_eq!(shop.stock("PEN").await, (100, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_payment_that_nobody_confirms_in_time_gives_everything_back() {
    let (mut server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 4)]).await;
    let order = guest.checkout(&cart, "buy", "requires_action").send().await.json();
    assert_eq!(shop.stock("PEN").await, (100, 4));
    // Nobody waits an hour: the database is told that it has passed, while no server looks.
    server.kill();
    assert_eq!(server.execute("UPDATE payments SET due_at = 1000"), 1);
    server.restart();
    order_that_is(&guest, &cart, &order["id"], "expired", "voided").await;
    let read = guest.read(&cart).await;
    assert_eq!((&read["status"], &read["last_payment_failure"]["reason"]), (&json!("active"), &json!("expired")));
    assert_eq!(shop.stock("PEN").await, (100, 0));
    let order = guest.checkout(&cart, "again", "ok").send().await.expect(201);
    assert_eq!(order["status"], "placed");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused_and_a_missing_one_too() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let pay = json!({"payment": {"gateway": "test", "method": "ok"}});
    let checkout = || guest.post(&cart.path("/checkout"), &pay).token(&cart.token);
    checkout().send().await.problem(400, "idempotency_key_missing");
    checkout().key("").send().await.problem(400, "idempotency_key_invalid");
    checkout().key(&"k".repeat(256)).send().await.problem(400, "idempotency_key_invalid");
    assert_eq!(shop.orders(None).await.len(), 0);
    let order = checkout().key("k").send().await.expect(201);
    guest.checkout(&cart, "k", "declined").send().await.problem(422, "idempotency_key_reused");
    // The order of fields and blanks make no difference: it is the same request.
    let spelt = "{ \"payment\" : {\"method\":\"ok\", \"gateway\":\"test\"}, \"expected_total\": 500 }";
    let same = guest.ask(reqwest::Method::POST, &cart.path("/checkout")).text("application/json", spelt);
    assert_eq!(same.token(&cart.token).key("k").send().await.expect(201), order);
    // Another cart's keys are its own.
    let other = guest.cart(&[("PEN", 1)]).await;
    assert_ne!(guest.checkout(&other, "k", "ok").send().await.expect(201)["id"], order["id"]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_refused_checkout_does_not_burn_its_key() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let count =
        |units: i64| json!({"adjustments": [{"sku": "PEN", "kind": "count", "quantity": units, "reason": "counted"}]});
    shop.post("/admin/stock/adjustments", &count(1)).send().await.expect(200);
    guest.checkout(&cart, "k", "ok").send().await.problem(409, "insufficient_stock");
    shop.post("/admin/stock/adjustments", &count(2)).send().await.expect(200);
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_price_that_rose_is_charged_only_when_the_shopper_agrees_to_it() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    shop.set_price("PEN", 650).await;
    let notice = &guest.read(&cart).await["lines"][0]["notices"][0];
    let told = [&notice["code"], &notice["old"]["amount"], &notice["new"]["amount"]];
    assert_eq!(told, [&json!("price_rose"), &json!(500), &json!(650)]);

    let problem = guest.checkout(&cart, "k1", "ok").send().await.problem(409, "price_changed");
    let line = &problem["errors"][0];
    assert_eq!(
        (&line["sku"], &line["old_unit_price"], &line["new_unit_price"]),
        (&json!("PEN"), &json!(500), &json!(650))
    );
    assert_eq!(problem["remedy"], json!({"action": "accept_total", "with": {"expected_total": 1_300}}));
    assert_eq!(shop.orders(None).await.len(), 0);

    let pay = |total: i64| {
        let body = json!({"expected_total": total, "payment": {"gateway": "test", "method": "ok"}});
        guest.post(&cart.path("/checkout"), &body).token(&cart.token)
    };
    pay(1_000).key("k2").send().await.problem(409, "price_changed");
    let order = pay(1_300).key("k3").send().await.expect(201);
    assert_eq!(
        (&order["totals"]["total"]["amount"], &order["payment"]["captured"]["amount"]),
        (&json!(1_300), &json!(1_300))
    );
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_price_that_fell_is_given_to_the_shopper() {
    let (server, shop, guest) = shop_with_goods().await;
    let (plain, careful) = (guest.cart(&[("PEN", 2)]).await, guest.cart(&[("PEN", 2)]).await);
    shop.set_price("PEN", 400).await;
    let order = guest.checkout(&plain, "k", "ok").send().await.expect(201);
    assert_eq!(
        (&order["totals"]["total"]["amount"], &order["lines"][0]["unit_price"]["amount"]),
        (&json!(800), &json!(400))
    );
    let body = json!({"expected_total": 1_000, "payment": {"gateway": "test", "method": "ok"}});
    let order = guest.post(&careful.path("/checkout"), &body).token(&careful.token).key("k").send().await.expect(201);
    assert_eq!(order["payment"]["captured"]["amount"], 800);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_unknown_way_to_pay_is_refused_before_anything_is_held() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "magic").send().await.problem(409, "payment_method_unknown");
    let body = json!({"payment": {"gateway": "nobody", "method": "ok"}});
    let answer = guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("k").send().await;
    answer.problem(409, "payment_method_unknown");
    assert_eq!((shop.stock("PEN").await, shop.orders(None).await.len()), ((100, 0), 0));
    assert_eq!(guest.read(&cart).await["status"], "active");
    server.verify();
}

#[tokio::test]
async fn a_product_that_is_no_longer_sold_stops_the_checkout_and_names_the_line() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let off = json!({"products": [{"handle": "pen", "name": "PEN", "active": false, "variants": [{"sku": "PEN", "price": 500}]}]});
    shop.post("/admin/products", &off).send().await.expect(200);
    let problem = guest.checkout(&cart, "k", "ok").send().await.problem(409, "not_for_sale");
    assert_eq!(problem["errors"][0]["sku"], "PEN");
    assert_eq!(shop.stock("PEN").await, (100, 0));
    server.verify();
}

#[tokio::test]
async fn a_basket_that_costs_nothing_is_placed_without_asking_a_gateway() {
    let (server, shop, guest) = shop_with_goods().await;
    shop.put_promotion(json!({"name": "Free", "benefit": {"kind": "percentage", "percent": "100"}}), &["FREE"]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.post(&cart.path("/coupons"), &json!({"code": "FREE"})).token(&cart.token).send().await.expect(200);
    let order = guest.checkout(&cart, "k", "declined").send().await.expect(201);
    assert_eq!((&order["status"], &order["totals"]["total"]["amount"]), (&json!("placed"), &json!(0)));
    assert_eq!(shop.stock("PEN").await, (99, 0));
    server.settle_and_verify().await;
}
