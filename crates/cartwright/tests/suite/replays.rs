//! Requests that come twice: a new cart and a checkout under a key, wherever the key stands; and answers that say that they are not
//! the first.

use crate::harness::{Answer, CartKey, Server, Shop};
use serde_json::{Value, json};

/// Whether an answer says that the request had been answered before.
#[track_caller]
fn replayed(answer: &Answer) -> bool {
    match answer.header("idempotent-replayed") {
        "" => false,
        "true" => true,
        other => panic!("{other}: {answer:?}"),
    }
}

async fn carts(server: &Server) -> usize {
    let shop = server.shop();
    let events = shop.get("/events?types=cart.created&limit=100").send().await.expect(200);
    events["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn a_new_cart_under_a_key_is_made_once_and_answered_with_the_same_secret() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10), ("MUG", 900, 10)]).await;
    let body = json!({"lines": [{"sku": "PEN", "quantity": 2}]});
    let first = guest.post("/carts", &body).key("a cart").send().await;
    let cart = first.expect(201);
    assert!(!replayed(&first));
    let again = guest.post("/carts", &body).key("a cart").send().await;
    assert_eq!(again.expect(201), cart);
    assert!(replayed(&again) && again.header("location") == first.header("location"), "{again:?}");
    assert_eq!(carts(&server).await, 1);
    // Blanks make no other request, goods do.
    let spaced = guest.ask(reqwest::Method::POST, "/carts").text("application/json", format!("{body:#}"));
    assert_eq!(spaced.key("a cart").send().await.expect(201)["id"], cart["id"]);
    let other = json!({"lines": [{"sku": "MUG", "quantity": 2}]});
    guest.post("/carts", &other).key("a cart").send().await.problem(422, "idempotency_key_reused");
    // Without a key, and with another one, it is another cart.
    assert_ne!(guest.post("/carts", &body).send().await.expect(201)["id"], cart["id"]);
    assert_ne!(guest.post("/carts", &body).key("another").send().await.expect(201)["id"], cart["id"]);
    // It is answered as it is by now, also once it was bought.
    let key = CartKey::of(&cart);
    guest.post(&key.path("/lines"), &json!({"sku": "MUG", "quantity": 1})).token(&key.token).send().await.expect(200);
    let grown = guest.post("/carts", &body).key("a cart").send().await.expect(201);
    assert_eq!((grown["lines"].as_array().map(Vec::len), &grown["token"]), (Some(2), &cart["token"]));
    guest.checkout(&key, "buy", "ok").send().await.expect(201);
    assert_eq!(guest.post("/carts", &body).key("a cart").send().await.expect(201)["status"], "checked_out");
    server.verify();
}

#[tokio::test]
async fn a_hundred_requests_for_a_new_cart_under_one_key_make_one() {
    let server = Server::start();
    let guest = server.guest();
    server.shop().put_goods(&[("PEN", 500, 10)]).await;
    let body = json!({"lines": [{"sku": "PEN", "quantity": 1}]});
    let all = (0..100).map(|_| guest.post("/carts", &body).key("many").send());
    let answers = futures_util::future::join_all(all).await;
    let cart = answers[0].expect(201);
    for answer in &answers {
        assert_eq!(
            (answer.expect(201)["id"].clone(), answer.json()["token"].clone()),
            (cart["id"].clone(), cart["token"].clone())
        );
    }
    assert_eq!(answers.iter().filter(|answer| !replayed(answer)).count(), 1);
    assert_eq!(carts(&server).await, 1);
}

#[tokio::test]
async fn keys_of_guests_elsewhere_of_customers_and_of_operators_never_meet() {
    let server = Server::with(&["--trust-forwarded-for"]);
    let (shop, guest) = (server.shop(), server.guest());
    let ask = |shop: &Shop, from: &str| shop.post("/carts", &json!({})).key("1").header("X-Forwarded-For", from);
    let one = ask(&guest, "192.0.2.1").send().await.expect(201);
    assert_eq!(ask(&guest, "192.0.2.1").send().await.expect(201)["token"], one["token"]);
    // Whoever guesses the key somewhere else gets a cart of their own.
    let other = ask(&guest, "192.0.2.2").send().await;
    assert!(other.expect(201)["id"] != one["id"] && !replayed(&other), "{other:?}");
    let of_shop = ask(&shop, "192.0.2.1").send().await.expect(201);
    assert_ne!(of_shop["id"], one["id"]);
    let another = shop.with_key(&server.create_key(&[]));
    assert_ne!(ask(&another, "192.0.2.1").send().await.expect(201)["id"], of_shop["id"]);
    let ada = server.person("ada@example.com").await.shop(&shop).await;
    let first = ask(&ada, "192.0.2.1").send().await;
    let again = ask(&ada, "192.0.2.7").send().await;
    assert_eq!(
        (first.expect(201)["id"].clone(), again.expect(201)["id"].clone()),
        (first.json()["id"].clone(), first.json()["id"].clone())
    );
    assert!(!replayed(&first) && replayed(&again) && first.json().get("token").is_none());
}

#[tokio::test]
async fn behind_a_proxy_that_is_not_trusted_keys_of_shoppers_do_not_meet_either() {
    let server = Server::start();
    let guest = server.guest();
    let ask = |from: &str| guest.post("/carts", &json!({})).key("1").header("X-Forwarded-For", from);
    let one = ask("192.0.2.1").send().await.expect(201);
    assert_ne!(ask("192.0.2.2").send().await.expect(201)["id"], one["id"]);
    assert_eq!(ask("192.0.2.1").send().await.expect(201)["id"], one["id"]);
}

#[tokio::test]
async fn a_customers_cart_that_is_asked_for_twice_gets_its_goods_once() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let body = json!({"customer": "ada", "lines": [{"sku": "PEN", "quantity": 1}]});
    let first = shop.post("/carts", &body).key("one").send().await.expect(201);
    let again = shop.post("/carts", &body).key("one").send().await;
    assert!(replayed(&again));
    assert_eq!(again.expect(201)["lines"][0]["quantity"], 1);
    let more = shop.post("/carts", &body).key("two").send().await;
    assert_eq!((more.expect(200)["lines"][0]["quantity"].clone(), replayed(&more)), (json!(2), false));
    let again = shop.post("/carts", &body).key("two").send().await;
    assert_eq!((again.expect(200)["lines"][0]["quantity"].clone(), replayed(&again)), (json!(2), true));
    assert_eq!(again.json()["id"], first["id"]);
    server.verify();
}

#[tokio::test]
async fn checkout_takes_its_key_as_a_field_too() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let (cart, shown) = guest.fill(&[("PEN", 1)]).await;
    let total = &shown["totals"]["total"]["amount"];
    let body = json!({"payment": {"gateway": "test", "method": "ok"}, "expected_total": total});
    let with = |key: &str| {
        let mut body = body.clone();
        body["idempotency_key"] = json!(key);
        body
    };
    let ask = |body: &Value| guest.post(&cart.path("/checkout"), body).token(&cart.token);
    ask(&body).send().await.problem(400, "idempotency_key_missing");
    for wrong in ["", "k\u{e9}y", &"k".repeat(256)] {
        let refused = ask(&with(wrong)).send().await;
        assert!(matches!(refused.code().as_str(), "idempotency_key_invalid" | "invalid_request"), "{refused:?}");
    }
    let differs = ask(&with("one")).key("two").send().await.problem(422, "invalid_request");
    assert_eq!(differs["errors"][0]["field"], "idempotency_key");
    let order = ask(&with("one")).send().await;
    assert!(!replayed(&order));
    let order = order.expect(201);
    // The same key, wherever it stands, and with both.
    for again in [ask(&with("one")), ask(&body).key("one"), ask(&with("one")).key("one")] {
        let again = again.send().await;
        assert!(replayed(&again), "{again:?}");
        assert_eq!(again.expect(201)["id"], order["id"]);
    }
    let other = json!({"payment": {"gateway": "test", "method": "declined"}, "expected_total": total, "idempotency_key": "one"});
    ask(&other).send().await.problem(422, "idempotency_key_reused");
    assert_eq!(shop.orders(None).await.len(), 1);
    server.verify();
}

#[tokio::test]
async fn whatever_has_a_key_says_when_it_was_answered_before() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10), ("MUG", 900, 10)]).await;
    let cart = guest.cart(&[("PEN", 4)]).await;
    let add = || guest.post(&cart.path("/lines"), &json!({"sku": "MUG", "quantity": 1})).token(&cart.token).key("add");
    twice("lines", &add().send().await, &add().send().await);
    let buy = || guest.checkout(&cart, "buy", "ok");
    let (first, again) = (buy().send().await, buy().send().await);
    twice("checkout", &first, &again);
    let order = first.json();
    let id = order["id"].as_str().expect("an id");
    let line = &order["lines"][0]["id"];
    let bodies = [
        (
            "/admin/stock/adjustments".to_owned(),
            json!({"adjustments": [{"sku": "PEN", "kind": "receive", "quantity": 1, "reason": "x"}]}),
        ),
        (format!("/admin/orders/{id}/fulfilments"), json!({"lines": [{"line_id": line, "quantity": 1}]})),
        (format!("/admin/orders/{id}/notes"), json!({"text": "Gift"})),
        (format!("/orders/{id}/refunds"), json!({"lines": [{"line_id": line, "quantity": 1}], "reason": "x"})),
        (format!("/admin/orders/{id}/restock"), json!({"lines": [{"line_id": line, "quantity": 1}]})),
        (format!("/admin/orders/{id}/corrections"), json!({"kind": "elsewhere", "amount": 10, "reason": "cash"})),
    ];
    for (path, body) in bodies {
        let ask = || shop.post(&path, &body).key(&path);
        twice(&path, &ask().send().await, &ask().send().await);
    }
    // A refusal burns no key, so it says nothing.
    let cart = guest.cart(&[("MUG", 1)]).await;
    let bad =
        || guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 9_000})).token(&cart.token).key("bad");
    for _ in 0..2 {
        let refused = bad().send().await;
        assert!(refused.status == 409 && !replayed(&refused), "{refused:?}");
    }
    server.settle_and_verify().await;
}

/// Two answers to one request under a key.
#[track_caller]
fn twice(what: &str, first: &Answer, again: &Answer) {
    assert!((200..300).contains(&first.status) && first.status == again.status, "{what}: {first:?} {again:?}");
    assert_eq!((replayed(first), replayed(again)), (false, true), "{what}: {first:?} {again:?}");
}
