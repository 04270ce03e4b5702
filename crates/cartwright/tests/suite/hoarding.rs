//! Goods held for nothing, and stock and history that shoppers are not to find out, over HTTP.

use crate::harness::{Answer, CartKey, Server, Shop};
use futures_util::future::join_all;
use serde_json::{Value, json};

async fn set(shop: &Shop, settings: Value) {
    let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

async fn pay(guest: &Shop, cart: &CartKey, way: (&str, &str), total: i64) -> Answer {
    let body = json!({"expected_total": total, "payment": {"gateway": way.0, "method": way.1}});
    guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_anonymous_cart_cannot_take_all_mugs_for_an_hour_again_and_again() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("MUG", 100, 988)]).await;
    for _ in 0..3 {
        let (cart, _) = guest.fill(&[("MUG", 988)]).await;
        let problem = guest.checkout(&cart, "hoard", "requires_action").send().await.problem(409, "pay_at_once");
        assert_eq!(problem["remedy"]["action"], "new_payment_method", "{problem}");
        assert_eq!(shop.stock("MUG").await, (988, 0));
        assert_eq!(guest.read(&cart).await["status"], "active");
    }
    // Whoever pays at once may have them all.
    let (cart, _) = guest.fill(&[("MUG", 988)]).await;
    guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_anonymous_carts_of_one_network_do_not_lock_out_who_pays() {
    let server = Server::with(&["--trust-forwarded-for"]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("LAMP", 100, 100)]).await;
    let carts = join_all((0..40).map(|_| guest.fill(&[("LAMP", 3)]))).await;
    let hoard = carts.iter().map(|(cart, _)| {
        guest.checkout(cart, "hoard", "requires_action").header("x-forwarded-for", "192.0.2.7").send()
    });
    let answers = join_all(hoard).await;
    let waiting = answers.iter().filter(|answer| answer.status == 202).count();
    // A quarter of the stock, and for a fifth of the time up to half of it.
    assert!((8..=16).contains(&waiting), "{waiting} orders wait");
    let (_, reserved) = shop.stock("LAMP").await;
    assert!(reserved <= 50, "{reserved} units are held");
    let last = answers.iter().find(|answer| answer.status == 202).expect("one waits").json();
    assert!(last["payment"]["pay_by"].is_string(), "{last}");
    let buyers = join_all((0..20).map(|_| guest.fill(&[("LAMP", 1)]))).await;
    for answer in join_all(buyers.iter().map(|(cart, _)| guest.checkout(cart, "buy", "ok").send())).await {
        assert_eq!(answer.expect(201)["status"], "placed");
    }
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_that_is_not_trusted_guests_are_not_one_shopper_and_the_log_says_so() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("LAMP", 100, 30)]).await;
    for (number, client) in ["192.0.2.7", "192.0.2.8", "192.0.2.9"].into_iter().enumerate() {
        let (cart, _) = guest.fill(&[("LAMP", 10)]).await;
        let pay = guest.checkout(&cart, &format!("buy {number}"), "requires_action");
        pay.header("x-forwarded-for", client).send().await.expect(202);
    }
    assert!(server.log().contains("X-Forwarded-For"), "{}", server.log());
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_everything_again_and_again_is_refused_before_it_is_held() {
    let server = Server::with(&["--trust-forwarded-for"]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("MUG", 100, 988), ("RING", 100, 1)]).await;
    for (number, method) in ["requires_action", "requires_action", "requires_action", "ok"].into_iter().enumerate() {
        let (cart, _) = guest.fill(&[("MUG", 988)]).await;
        let pay = guest.checkout(&cart, &format!("hoard {number}"), method).header("x-forwarded-for", "192.0.2.7");
        let problem = pay.send().await.problem(409, "pay_at_once");
        assert_eq!(problem["errors"][0]["available"], if method == "ok" { json!(2) } else { Value::Null }, "{problem}");
        assert_eq!(shop.stock("MUG").await, (988, 0));
    }
    // One of a kind waits its whole time, whatever the network left unpaid.
    let (cart, _) = guest.fill(&[("RING", 1), ("MUG", 2)]).await;
    let pay = guest.checkout(&cart, "one", "requires_action").header("x-forwarded-for", "192.0.2.7");
    let order = pay.send().await.expect(202);
    assert_eq!(time_to_pay(&order), 3_600_000, "{order}");
    server.verify();
}

/// Milliseconds from the order until it is to be paid.
fn time_to_pay(order: &Value) -> i64 {
    let instant = |value: &Value| -> jiff::Timestamp { value.as_str().expect("a time").parse().expect("a time") };
    instant(&order["payment"]["pay_by"]).as_millisecond() - instant(&order["created_at"]).as_millisecond()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_wait_for_days_do_not_hold_everything() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("RUG", 100, 20)]).await;
    let transfer = json!({"handle": "transfer", "kind": "bank_transfer", "title": "Bank transfer"});
    set(&shop, json!({"gateways": ["test", "manual"], "manual_methods": [transfer], "units_per_order": 20})).await;
    let (cart, _) = guest.fill(&[("RUG", 20)]).await;
    let problem = pay(&guest, &cart, ("manual", "transfer"), 2_000).await.problem(409, "pay_at_once");
    assert_eq!((&problem["errors"][0]["available"], &problem["remedy"]["with"]["quantity"]), (&json!(10), &json!(10)));
    assert_eq!(shop.stock("RUG").await, (20, 0));
    let (many, _) = guest.fill(&[("RUG", 10)]).await;
    let line = json!({"lines": [{"sku": "RUG", "quantity": 11}]});
    guest.post(&many.path("/lines"), &line).token(&many.token).send().await.problem(422, "quantity_out_of_range");
    pay(&guest, &many, ("manual", "transfer"), 1_000).await.expect(202);
    server.verify();
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_that_is_hidden_is_nowhere_shown_to_shoppers() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 37), ("CUP", 500, 3)]).await;
    for (shown, pens, cups) in [
        (json!({"kind": "exact"}), json!(37), json!(3)),
        (json!({"kind": "low", "units": 5}), Value::Null, json!(3)),
        (json!({"kind": "hidden"}), Value::Null, Value::Null),
    ] {
        set(&shop, json!({"stock_shown": shown})).await;
        for (handle, expected) in [("pen", &pens), ("cup", &cups)] {
            let product = guest.get(&format!("/products/{handle}")).send().await.expect(200);
            let variant = &product["variants"][0];
            assert_eq!((&variant["available"], &variant["in_stock"]), (expected, &json!(true)), "{product}");
        }
        let (cart, filled) = guest.fill(&[("PEN", 1), ("CUP", 1)]).await;
        assert_eq!(filled["lines"][0]["availability"]["available"], pens, "{filled}");
        assert_eq!(filled["lines"][1]["availability"]["available"], cups, "{filled}");
        let more = json!({"lines": [{"sku": "PEN", "quantity": 50}]});
        let answer = guest.post(&cart.path("/lines"), &more).token(&cart.token).send().await;
        let problem = answer.problem(409, "insufficient_stock");
        assert_eq!(problem["errors"][0]["available"], pens, "{problem}");
        assert_eq!(problem.to_string().contains("37"), pens == json!(37), "{problem}");
    }
    let listed = shop.get("/admin/products").send().await.expect(200);
    let units: Vec<&Value> =
        listed["items"].as_array().expect("items").iter().map(|one| &one["variants"][0]["available"]).collect();
    assert_eq!(units, [&json!(3), &json!(37)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_cart_does_not_tell_whether_an_address_has_bought() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let welcome = json!({"name": "Welcome", "requires_code": true, "conditions": {"first_order": true},
                         "benefit": {"kind": "fixed_amount", "amount": 300}});
    shop.put_promotion(welcome, &["HELLO"]).await;
    let mut told = Vec::new();
    for address in ["ann@example.com", "ann@example.com", "bob@example.com"] {
        let body = json!({"email": address, "lines": [{"sku": "PEN", "quantity": 1}]});
        let cart = CartKey::of(&guest.post("/carts", &body).send().await.expect(201));
        let applied =
            guest.post(&cart.path("/coupons"), &json!({"code": "HELLO"})).token(&cart.token).send().await.expect(200);
        let code = &applied["coupons"][0];
        assert_eq!((&code["applied"], &code["reason"]), (&json!(false), &json!("login_required")), "{applied}");
        told.push((applied["totals"].clone(), code.clone()));
        let order = pay(&guest, &cart, ("test", "ok"), 1_000).await.expect(201);
        assert_eq!(order["totals"]["total"]["amount"], 1_000);
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    server.settle_and_verify().await;
}
