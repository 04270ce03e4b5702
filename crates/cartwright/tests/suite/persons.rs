//! One person, several names, over the public interface: a guest's address, the account that has confirmed it, and the shop's
//! own customer. Limits, first orders and own orders count all of them.

use crate::harness::{Answer, CartKey, Server, Shop};
use futures_util::future::join_all;
use serde_json::{Value, json};

const ANN: &str = "ann@example.com";

fn total(cart: &Value) -> i64 {
    cart["totals"]["total"]["amount"].as_i64().unwrap_or_else(|| panic!("a total in {cart}"))
}

async fn once(shop: &Shop) -> String {
    let once = json!({"name": "Once", "requires_code": true, "benefit": {"kind": "percentage", "percent": "10"},
                      "limits": {"uses_per_customer": 1}});
    shop.put_promotion(once, &["ONCE"]).await
}

/// A guest's cart with this address and the code, if it is to be had.
async fn guests_cart(shop: &Shop, email: &str, code: Option<&str>) -> (CartKey, Answer) {
    let body = json!({"email": email, "lines": [{"sku": "PEN", "quantity": 1}]});
    let cart = shop.guest().post("/carts", &body).send().await;
    let key = CartKey::of(&cart.expect(201));
    let Some(code) = code else { return (key, cart) };
    let applied = shop.guest().post(&key.path("/coupons"), &json!({"code": code})).token(&key.token).send().await;
    (key, applied)
}

/// Buys a guest's cart at the total that it shows.
async fn buy(shop: &Shop, cart: &CartKey) -> Answer {
    let guest = shop.guest();
    let seen = total(&guest.read(cart).await);
    let body = json!({"expected_total": seen, "payment": {"gateway": "test", "method": "ok"}});
    guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await
}

/// The cart of somebody who is logged in, or of a customer by the shop's key, with a pen and perhaps a code.
async fn own_cart(shop: &Shop, body: &Value, code: Option<&str>) -> (String, Answer) {
    let cart = shop.post("/carts", body).send().await;
    let id = cart.json()["id"].as_str().unwrap_or_else(|| panic!("a cart: {cart:?}")).to_owned();
    let Some(code) = code else { return (id, cart) };
    let applied = shop.post(&format!("/carts/{id}/coupons"), &json!({"code": code})).send().await;
    (id, applied)
}

async fn buy_own(shop: &Shop, id: &str) -> Answer {
    let seen = total(&shop.get(&format!("/carts/{id}")).send().await.expect(200));
    let body = json!({"expected_total": seen, "payment": {"gateway": "test", "method": "ok"}});
    shop.post(&format!("/carts/{id}/checkout"), &body).key(&format!("buy {id}")).send().await
}

#[tokio::test]
async fn a_guest_the_account_and_the_shops_customer_are_one_for_a_code() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let promotion = once(&shop).await;
    let (cart, applied) = guests_cart(&shop, "Ann@Example.COM", Some("once")).await;
    assert_eq!(total(&applied.expect(200)), 900);
    let order = buy(&shop, &cart).await.expect(201);
    let pen = json!({"lines": [{"sku": "PEN", "quantity": 1}]});
    let ann = server.person(ANN).await.shop(&shop).await;
    let (_, refused) = own_cart(&ann, &pen, Some("ONCE")).await;
    refused.problem(409, "coupon_invalid");
    let linked = shop.put("/admin/customers/ada", &json!({"groups": [], "email": "ANN@example.com"})).send().await;
    assert_eq!(linked.expect(200)["email"], ANN);
    let hers = json!({"customer": "ada", "lines": [{"sku": "PEN", "quantity": 1}]});
    let (_, refused) = own_cart(&shop, &hers, Some("ONCE")).await;
    refused.problem(409, "coupon_invalid");
    // Absent leaves it; an empty one takes it away.
    let told = shop.put("/admin/customers/ada", &json!({"groups": ["club"]})).send().await.expect(200);
    assert_eq!((&told["email"], &told["groups"]), (&json!(ANN), &json!(["club"])));
    // Given back under the name that took it, the use is anybody's again.
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    shop.post(&cancel, &json!({})).send().await.expect(200);
    let (id, _) = own_cart(&shop, &json!({"customer": "ada"}), Some("ONCE")).await;
    assert_eq!(total(&buy_own(&shop, &id).await.expect(201)), 900);
    assert_eq!(shop.redemptions(&promotion).await, 1);
    let (_, refused) = guests_cart(&shop, ANN, Some("ONCE")).await;
    refused.problem(409, "coupon_invalid");
    let told = shop.put("/admin/customers/ada", &json!({"email": ""})).send().await.expect(200);
    assert_eq!(told.get("email"), None);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_address_is_one_however_it_is_typed() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    once(&shop).await;
    let (cart, _) = guests_cart(&shop, "jos\u{e9}@m\u{fc}ller.example", Some("ONCE")).await;
    buy(&shop, &cart).await.expect(201);
    for typed in
        ["jose\u{301}@m\u{fc}ller.example", "JOS\u{c9}@MU\u{308}LLER.example", "jos\u{e9}@xn--mller-kva.example"]
    {
        let (_, refused) = guests_cart(&shop, typed, Some("ONCE")).await;
        refused.problem(409, "coupon_invalid");
    }
    let (_, applied) = guests_cart(&shop, "jose@m\u{fc}ller.example", Some("ONCE")).await;
    applied.expect(200);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_first_order_is_the_first_of_the_person() {
    let server = Server::start();
    let shop = server.shop();
    shop.trust_addresses().await;
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let welcome = json!({"name": "Welcome", "conditions": {"first_order": true},
                         "benefit": {"kind": "fixed_amount", "amount": 300}});
    shop.put_promotion(welcome, &[]).await;
    let ann = server.person(ANN).await.shop(&shop).await;
    let pen = json!({"lines": [{"sku": "PEN", "quantity": 1}]});
    let (id, cart) = own_cart(&ann, &pen, None).await;
    assert_eq!(total(&cart.json()), 700);
    let (guests, cart) = guests_cart(&shop, "Ann@example.com", None).await;
    assert_eq!(total(&cart.json()), 700);
    buy(&shop, &guests).await.expect(201);
    let read = ann.get(&format!("/carts/{id}")).send().await.expect(200);
    assert_eq!(total(&read), 1_000, "the guest's order was hers");
    assert_eq!(total(&buy_own(&ann, &id).await.expect(201)), 1_000);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn orders_of_a_guest_are_in_the_account_that_confirms_the_address_and_in_no_other() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let bought = async |email: &str| {
        let (cart, _) = guests_cart(&shop, email, None).await;
        buy(&shop, &cart).await.expect(201)["id"].clone()
    };
    let before = bought("Ann@Example.com").await;
    let others = bought("bob@example.com").await;
    let ann = server.person(ANN).await.shop(&shop).await;
    let after = bought(ANN).await;
    let (id, _) = own_cart(&ann, &json!({"lines": [{"sku": "PEN", "quantity": 1}]}), None).await;
    // What a shopper types into their own cart is nobody else's order.
    ann.patch(&format!("/carts/{id}"), &json!({"email": "bob@example.com"})).send().await.expect(200);
    let own = buy_own(&ann, &id).await.expect(201)["id"].clone();
    let page = ann.get("/account/orders?limit=2").send().await.expect(200);
    let listed: Vec<&Value> = page["items"].as_array().expect("items").iter().map(|order| &order["id"]).collect();
    assert_eq!(listed, [&own, &after]);
    let next = format!("/account/orders?limit=2&cursor={}", page["next"].as_str().expect("more"));
    let page = ann.get(&next).send().await.expect(200);
    assert_eq!((&page["items"][0]["id"], page["items"].as_array().map(Vec::len)), (&before, Some(1)));
    let export = ann.get("/account/export").send().await.expect(200);
    assert_eq!(export["orders"].as_array().map(Vec::len), Some(3));
    let path = |id: &Value| format!("/orders/{}", id.as_str().expect("an id"));
    assert_eq!(ann.get(&path(&before)).send().await.expect(200)["id"], before);
    ann.get(&path(&others)).send().await.problem(404, "order_not_found");
    // It may be read; whoever only reads the mail of an address has not bought, and does not cancel.
    ann.post(&format!("{}/cancel", path(&before)), &json!({})).send().await.problem(404, "order_not_found");
    let bob = server.person("bob@example.com").await.shop(&shop).await;
    let his = bob.get("/account/orders").send().await.expect(200);
    assert_eq!((&his["items"][0]["id"], his["items"].as_array().map(Vec::len)), (&others, Some(1)));
    bob.get(&path(&own)).send().await.problem(404, "order_not_found");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_goes_to_one_name_only() {
    last_use(Server::start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_use_goes_to_one_name_only_on_two_nodes() {
    last_use(Server::nodes(2)).await;
}

/// Guests, the account and the shop's customer take the one use of a person at once.
async fn last_use(server: Server) {
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 1_000)]).await;
    let promotion = once(&shop).await;
    let ann = server.person(ANN).await.shop(&shop).await;
    shop.put("/admin/customers/ada", &json!({"email": ANN})).send().await.expect(200);
    let mut guests = Vec::new();
    for _ in 0..6 {
        guests.push(guests_cart(&shop, ANN, Some("ONCE")).await.0);
    }
    let pen = json!({"lines": [{"sku": "PEN", "quantity": 1}]});
    let account = own_cart(&ann, &pen, Some("ONCE")).await.0;
    let hers = json!({"customer": "ada", "lines": [{"sku": "PEN", "quantity": 1}]});
    let customer = own_cart(&shop, &hers, Some("ONCE")).await.0;
    let (all_guests, account, customer) = tokio::join!(
        join_all(guests.iter().map(|cart| buy_as_seen(&shop, cart))),
        buy_at(&ann, &account),
        buy_at(&shop, &customer)
    );
    let answers: Vec<Answer> = all_guests.into_iter().chain([account, customer]).collect();
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(placed, 1, "{answers:?}");
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| {
        assert_eq!(answer.code(), "coupon_exhausted", "{answer:?}");
        assert_eq!(answer.json()["errors"][0]["code"], "used_by_you", "{answer:?}");
    });
    assert_eq!(shop.redemptions(&promotion).await, 1);
    server.settle_and_verify().await;
}

async fn buy_as_seen(shop: &Shop, cart: &CartKey) -> Answer {
    let body = json!({"expected_total": 900, "payment": {"gateway": "test", "method": "ok"}});
    shop.guest().post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await
}

async fn buy_at(shop: &Shop, id: &str) -> Answer {
    let body = json!({"expected_total": 900, "payment": {"gateway": "test", "method": "ok"}});
    shop.post(&format!("/carts/{id}/checkout"), &body).key("buy").send().await
}

#[tokio::test]
async fn bad_addresses_of_customers_are_refused_and_an_accounts_is_its_own() {
    let server = Server::start();
    let shop = server.shop();
    for wrong in [json!("no address"), json!("a@b@c"), json!(7)] {
        let answer = shop.put("/admin/customers/ada", &json!({"email": wrong})).send().await;
        assert!((400..500).contains(&answer.status), "{wrong}: {answer:?}");
    }
    assert_eq!(shop.get("/admin/customers/ada").send().await.expect(200).get("email"), None);
    let ann = server.person(ANN).await.shop(&shop).await;
    let id = ann.get("/account").send().await.expect(200)["id"].as_str().expect("an id").to_owned();
    let told = shop.put(&format!("/admin/customers/{id}"), &json!({"email": "eve@example.com"})).send().await;
    assert!((400..500).contains(&told.status), "{told:?}");
    server.verify();
}
