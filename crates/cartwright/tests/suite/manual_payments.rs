//! Which gateways a store offers, and money that comes past all of them: awaited, recorded in parts, waived, sent back.

use crate::harness::stripe::FakeStripe;
use crate::harness::{CartKey, Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

async fn set(shop: &Shop, settings: Value) {
    let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

fn methods() -> Value {
    json!([
        {"handle": "transfer", "kind": "bank_transfer", "title": "Bank transfer", "days": 3,
         "instructions": "Pay {amount} and name {order}."},
        {"handle": "invoice", "kind": "invoice", "title": "Invoice", "place": "at_once"},
    ])
}

async fn shop_by_hand() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    set(&shop, json!({"manual_methods": methods()})).await;
    (server, shop, guest)
}

async fn buy(guest: &Shop, gateway: &str, method: &str) -> (CartKey, crate::harness::Answer) {
    let cart = guest.cart(&[("PEN", 2)]).await;
    let body = json!({"expected_total": 1_000, "payment": {"gateway": gateway, "method": method}});
    let answer = guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await;
    (cart, answer)
}

fn path(order: &Value, rest: &str) -> String {
    format!("/orders/{}{rest}", order["id"].as_str().expect("an id"))
}

async fn paid(shop: &Shop, order: &Value, key: &str, amount: i64) -> crate::harness::Answer {
    let body = json!({"amount": amount, "reference": format!("statement {key}")});
    shop.post(&path(order, "/payments"), &body).key(key).send().await
}

fn state(order: &Value) -> (&str, &str, i64) {
    let payment = &order["payment"];
    let captured = payment["captured"]["amount"].as_i64().unwrap_or(-1);
    (order["status"].as_str().unwrap_or_default(), payment["status"].as_str().unwrap_or_default(), captured)
}

#[tokio::test]
async fn nobody_can_name_the_test_gateway_where_it_was_not_asked_for_and_no_document_shows_it() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    assert!(server.log().contains("the gateway `test` is on"), "{}", server.log());
    let (_, bought) = buy(&guest, "test", "ok").await;
    let bought = bought.expect(201);
    server.set("CARTWRIGHT_TEST_GATEWAY", "false");
    server.kill();
    let known = server.log().len();
    server.restart();
    assert!(!server.log()[known..].contains("the gateway `test`"));
    let (cart, refused) = buy(&guest, "test", "ok").await;
    let problem = refused.problem(409, "payment_method_unknown");
    assert_eq!(shop.stock("PEN").await, (8, 0));
    let offered = guest.get(&cart.path("/payment-methods")).token(&cart.token).send().await.expect(200);
    assert_eq!(offered["methods"], json!([]), "{problem}");
    let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"gateways": ["test"]}});
    shop.post("/admin/stores", &store).send().await.problem(422, "invalid_request");
    let document = String::from_utf8(guest.get("//openapi.json").send().await.body).expect("text");
    for word in ["`test`", "test gateway", "\"test\"", "refund_fails"] {
        assert!(!document.contains(word), "the document shows {word}");
    }
    // What was paid by it waits, and whoever asks is told why.
    shop.post(&path(&bought, "/refunds"), &json!({"amount": 300})).key("r").send().await.expect(201);
    let report = shop.post("/admin/payments/reconciliation", &json!({})).send().await.expect(200);
    assert_eq!(report["silent"], json!(["test"]), "{report}");
    assert!(server.log().contains("no such gateway; the payment waits"), "{}", server.log());
    server.set("CARTWRIGHT_TEST_GATEWAY", "true");
    server.restart();
    eventually("the refund is sent", Duration::from_secs(60), async || {
        let order = shop.get(&path(&bought, "")).send().await.expect(200);
        (order["payment"]["refunded"]["amount"] == 300).then_some(())
    })
    .await;
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_real_gateway_the_test_gateway_must_be_said_twice() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let offers = async |cart: &CartKey| -> Vec<String> {
        let answer = guest.get(&cart.path("/payment-methods")).token(&cart.token).send().await.expect(200);
        let names = answer["methods"].as_array().expect("methods").iter().filter_map(|one| one["gateway"].as_str());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.dedup();
        names
    };
    let (cart, refused) = buy(&guest, "test", "ok").await;
    refused.problem(409, "payment_method_unknown");
    assert_eq!(offers(&cart).await, ["stripe"]);
    buy(&guest, "stripe", "pm_card_visa").await.1.expect(201);
    set(&shop, json!({"gateways": ["test"]})).await;
    assert_eq!(offers(&cart).await, ["test"]);
    buy(&guest, "test", "ok").await.1.expect(201);
    buy(&guest, "stripe", "pm_card_visa").await.1.problem(409, "payment_method_unknown");
    set(&shop, json!({"gateways": ["manual", "stripe"], "manual_methods": methods()})).await;
    assert_eq!(offers(&cart).await, ["stripe", "manual"]);
    buy(&guest, "test", "ok").await.1.problem(409, "payment_method_unknown");
    buy(&guest, "manual", "cheque").await.1.problem(409, "payment_method_unknown");
    let wrong = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"gateways": ["strpie"]}});
    shop.post("/admin/stores", &wrong).send().await.problem(422, "invalid_request");
    for (field, value) in [("days", json!(0)), ("handle", json!("A b")), ("title", json!("")), ("days", json!(366))] {
        let mut methods = methods();
        methods[0][field] = value;
        let settings = json!({"manual_methods": methods});
        let wrong = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": settings});
        shop.post("/admin/stores", &wrong).send().await.problem(409, "definition_refused");
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_transfer_is_awaited_recorded_in_parts_and_the_order_then_placed() {
    let (server, shop, guest) = shop_by_hand().await;
    let (cart, answer) = buy(&guest, "manual", "transfer").await;
    let order = answer.expect(202);
    assert_eq!(state(&order), ("pending_payment", "awaited", 0));
    let manual = &order["payment"]["manual"];
    let told = format!("Pay 10.00€ and name {}.", order["id"].as_str().expect("an id"));
    assert_eq!((&manual["title"], &manual["instructions"]), (&json!("Bank transfer"), &json!(told)));
    assert_eq!((&manual["missing"]["amount"], shop.stock("PEN").await), (&json!(1_000), (10, 2)));

    paid(&shop, &order, "a", 0).await.problem(422, "invalid_request");
    paid(&guest, &order, "a", 400).await.problem(401, "unauthorized");
    let part = paid(&shop, &order, "a", 400).await.expect(201);
    assert_eq!(
        (state(&part), &part["payment_status"]),
        (("pending_payment", "awaited", 400), &json!("partially_paid"))
    );
    assert_eq!(state(&paid(&shop, &order, "a", 400).await.expect(201)).2, 400, "the key came before");
    let over = paid(&shop, &order, "b", 601).await.problem(409, "payment_too_large");
    assert_eq!(over["remedy"]["with"]["amount"], 600);
    let seen = guest.order(order["id"].as_str().expect("an id"), &cart.token).await.expect(200);
    let recorded = &seen["payment"]["manual"]["recorded"][0];
    assert!(recorded["amount"]["amount"] == 400 && recorded["reference"].is_null(), "{seen}");
    // A part is there: it is not paid in another way beside it.
    let body = json!({"expected_total": 1_000, "payment": {"gateway": "manual", "method": "invoice"}});
    let other = guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("other").send().await;
    other.problem(409, "payment_in_progress");
    shop.post(&path(&order, "/refunds"), &json!({"amount": 1})).key("r").send().await.problem(409, "nothing_to_refund");

    let id = order["id"].as_str().expect("an id");
    let ran = server.client(&["orders", "paid", id, "599", "--reference", "line 4", "--waive-rest"]);
    assert!(ran.code == Some(0) && ran.out.contains("line 4"), "{ran:?}");
    let placed = shop.get(&path(&order, "")).send().await.expect(200);
    assert_eq!((state(&placed), &placed["payment_status"]), (("placed", "captured", 999), &json!("paid")));
    assert_eq!(placed["payment"]["manual"]["waived"]["amount"], 1);
    assert_eq!(shop.stock("PEN").await, (8, 0));
    let log = shop.get("/admin/audit").send().await.expect(200).to_string();
    assert!(log.contains("record_payment"), "{log}");

    // Its money goes back by hand, too.
    let refund = shop.post(&path(&order, "/refunds"), &json!({"amount": 999})).key("r").send().await.expect(201);
    let refund = &refund["refunds"][0];
    assert_eq!(refund["status"], "pending");
    let ran = server.client(&["orders", "sent-back", id, "--reference", "transfer 9"]);
    assert!(ran.code == Some(0), "{ran:?}");
    let back = shop.get(&path(&order, "")).send().await.expect(200);
    assert_eq!((state(&back).1, &back["refunds"][0]["reference"]), ("refunded", &json!("transfer 9")));
    let again = path(&order, &format!("/refunds/{}/sent", refund["id"].as_str().expect("an id")));
    shop.post(&again, &json!({"reference": "x"})).key("s").send().await.problem(409, "refund_not_pending");
    let report = shop.post("/admin/payments/reconciliation", &json!({})).send().await.expect(200);
    assert_eq!((&report["ok"], &report["silent"]), (&json!(true), &json!([])), "{report}");
    server.verify();
}

#[tokio::test]
async fn an_invoice_order_is_placed_and_sent_before_it_is_paid() {
    let (server, shop, guest) = shop_by_hand().await;
    let order = buy(&guest, "manual", "invoice").await.1.expect(201);
    assert_eq!((state(&order), &order["payment_status"]), (("placed", "awaited", 0), &json!("pending")));
    shop.post(&format!("/admin{}", path(&order, "/fulfilments")), &json!({})).send().await.expect(200);
    server.verify();
    let listed = shop.get("/admin/orders?payment_status=awaited").send().await.expect(200);
    assert_eq!(listed["items"][0]["id"], order["id"]);
    assert_eq!(state(&paid(&shop, &order, "a", 1_000).await.expect(201)), ("placed", "captured", 1_000));
    let (cart, unpaid) = buy(&guest, "manual", "invoice").await;
    let unpaid = unpaid.expect(201);
    guest.post(&path(&unpaid, "/cancel"), &json!({})).token(&cart.token).send().await.expect(200);
    let ended = shop.get(&path(&unpaid, "")).send().await.expect(200);
    assert_eq!((state(&ended), shop.stock("PEN").await), (("cancelled", "voided", 0), (8, 0)));
    let test = buy(&guest, "test", "ok").await.1;
    test.problem(409, "payment_method_unknown");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_time_that_passes_frees_what_is_unpaid_and_asks_an_operator_about_a_part() {
    let (mut server, shop, guest) = shop_by_hand().await;
    let (cart, unpaid) = buy(&guest, "manual", "transfer").await;
    let (other, part) = buy(&guest, "manual", "transfer").await;
    let (unpaid, part) = (unpaid.expect(202), part.expect(202));
    paid(&shop, &part, "a", 400).await.expect(201);
    server.kill();
    assert_eq!(server.execute("UPDATE payments SET due_at = 1000"), 2);
    server.restart();
    let is = async |order: &Value, wanted: (&str, &str, i64)| {
        eventually(&format!("{wanted:?}"), Duration::from_secs(30), async || {
            let order = shop.get(&path(order, "")).send().await.expect(200);
            let overdue = wanted.1 != "awaited" || order["payment"]["manual"]["overdue"] == true;
            (state(&order) == wanted && overdue).then_some(order)
        })
        .await
    };
    is(&unpaid, ("expired", "voided", 0)).await;
    is(&part, ("pending_payment", "awaited", 400)).await;
    server.verify();
    assert_eq!((&guest.read(&cart).await["status"], shop.stock("PEN").await), (&json!("active"), (10, 2)));
    // Money of the expired order: the goods are there, so it buys them.
    assert_eq!(state(&paid(&shop, &unpaid, "late", 1_000).await.expect(201)), ("placed", "captured", 1_000));
    // The part goes back when its order is cancelled, and the cart with it.
    shop.post(&path(&part, "/cancel"), &json!({})).send().await.expect(200);
    let ended = is(&part, ("cancelled", "refund_pending", 400)).await;
    assert_eq!(guest.read(&other).await["status"], "active");
    server.verify();
    let sent = path(&part, &format!("/refunds/{}/sent", ended["refunds"][0]["id"].as_str().expect("an id")));
    for _ in 0..2 {
        let answer = shop.post(&sent, &json!({"reference": "9"})).key("s").send().await.expect(200);
        assert_eq!(state(&answer), ("cancelled", "refunded", 400));
    }
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn money_that_is_recorded_many_times_at_once_counts_once_per_key_and_never_beyond_the_total() {
    let (server, shop, guest) = shop_by_hand().await;
    let order = buy(&guest, "manual", "transfer").await.1.expect(202);
    let asked = (0..20).map(|number| {
        let (shop, order) = (shop.clone(), order.clone());
        async move { paid(&shop, &order, &format!("key {}", number % 10), 150).await.status }
    });
    let statuses = futures_util::future::join_all(asked).await;
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let now = shop.get(&path(&order, "")).send().await.expect(200);
    assert_eq!(state(&now), ("pending_payment", "awaited", 900));
    server.verify();
}

#[tokio::test]
async fn the_command_line_shows_the_ways_to_pay_and_pays_by_one() {
    let server = Server::demo();
    assert!(server.said().iter().any(|line| line.contains("gateway `test`")), "{:?}", server.said());
    server.client(&["cart", "add", "PEN"]);
    let ran = server.client(&["cart", "payment-methods"]);
    assert!(ran.out.contains("--gateway manual --method transfer") && ran.out.contains("--method ok"), "{ran:?}");
    let ran = server.client(&["checkout", "--method", "transfer"]);
    assert!(ran.code == Some(0) && ran.out.contains("DE02 1203"), "{ran:?}");
    server.client(&["cart", "new"]);
    server.client(&["cart", "add", "PEN"]);
    let ran = server.client(&["checkout"]);
    assert!(ran.code == Some(0) && ran.out.contains("captured by test"), "{ran:?}");
    server.verify();
}
