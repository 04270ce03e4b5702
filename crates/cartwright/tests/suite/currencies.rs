//! An amount is money of one currency: the store's own, or the one it names. And amounts as large as currencies need.

use crate::harness::{Answer, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};

async fn put_store(shop: &Shop, handle: &str, currency: &str, settings: Value) -> Answer {
    let store = json!({"handle": handle, "name": handle, "currency": currency, "settings": settings});
    shop.post("/admin/stores", &store).send().await
}

/// A store in dong whose lamp costs 2,500,000 ₫ or 100.00 $, with a fee of 30,000 ₫.
async fn store_in_dong(server: &Server) -> Shop {
    put_store(&server.shop(), "hanoi", "VND", json!({})).await.expect(200);
    let shop = server.shop().of_store("hanoi");
    shop.put_goods(&[("LAMP", 2_500_000, 100)]).await;
    let dollars = json!({"prices": [{"sku": "LAMP", "price": 10_000, "currency": "USD"}]});
    assert!(shop.post("/admin/prices", &dollars).send().await.status < 300);
    shop
}

async fn cart_in(shop: &Shop, currency: &str, units: i64) -> Value {
    let lines = json!([{"sku": "LAMP", "quantity": units}]);
    shop.post("/carts", &json!({"currency": currency, "lines": lines})).send().await.expect(201)
}

async fn read(shop: &Shop, cart: &Value, rest: &str) -> Value {
    let path = format!("/carts/{}{rest}", cart["id"].as_str().expect("an id"));
    shop.get(&path).token(cart["token"].as_str().expect("a secret")).send().await.expect(200)
}

fn total(cart: &Value) -> i64 {
    cart["totals"]["total"]["amount"].as_i64().unwrap_or_else(|| panic!("a total in {cart}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_dong_are_not_five_hundred_dollars() {
    let server = Server::start();
    let shop = store_in_dong(&server).await;
    let off = json!({"name": "Tết", "benefit": {"kind": "fixed_amount", "amount": 50_000}});
    shop.put_promotion(off, &[]).await;
    let guest = shop.guest();
    let cart = cart_in(&guest, "USD", 1).await;
    assert_eq!(total(&cart), 10_000);
    let explained = read(&guest, &cart, "?explain=true").await;
    let told = &explained["explanations"][0];
    assert_eq!(
        (&told["reason"], &told["sentence"]),
        (&json!("no_amount_in_currency"), &json!("Tết: has no amount in USD"))
    );
    assert_eq!(total(&cart_in(&guest, "VND", 1).await), 2_450_000);
    let both = json!({"name": "Both", "benefit": {"kind": "fixed_amount", "amount": {"VND": 20_000, "USD": 100}}});
    shop.put_promotion(both, &[]).await;
    assert_eq!(total(&cart_in(&guest, "USD", 1).await), 9_900);
    assert_eq!(total(&cart_in(&guest, "VND", 1).await), 2_430_000);
    let checkout = format!("/carts/{}/checkout", cart["id"].as_str().expect("an id"));
    let paid = json!({"expected_total": 9_900, "payment": {"gateway": "test", "method": "ok"}});
    let token = cart["token"].as_str().expect("a secret");
    let order = guest.post(&checkout, &paid).token(token).key("k").send().await.expect(201);
    assert_eq!((total(&order), &order["currency"]), (9_900, &json!("USD")));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_without_a_fee_in_the_carts_currency_is_not_to_be_had_and_says_so() {
    let server = Server::start();
    let shop = store_in_dong(&server).await;
    let methods = json!({"methods": [
        {"handle": "post", "name": "Post", "rate": {"kind": "flat", "amount": 30_000}},
        {"handle": "air", "name": "Air", "rate": {"kind": "flat", "amount": {"VND": 90_000, "USD": 1_200}},
         "free_from": 5_000_000}]});
    shop.put("/admin/shipping-methods", &methods).send().await.expect(200);
    let guest = shop.guest();
    let cart = cart_in(&guest, "USD", 2).await;
    let offered = read(&guest, &cart, "/shipping-methods").await;
    assert_eq!(offered["methods"].as_array().map(Vec::len), Some(1), "{offered}");
    assert_eq!(
        (&offered["methods"][0]["handle"], &offered["methods"][0]["price"]["amount"]),
        (&json!("air"), &json!(1_200))
    );
    let missing =
        json!([{"handle": "post", "name": "Post", "reason": "no_fee_in_currency", "detail": "It has no fee in USD."}]);
    assert_eq!(offered["unavailable"], missing);
    let own = cart_in(&guest, "VND", 2).await;
    let offered = read(&guest, &own, "/shipping-methods").await;
    let prices: Vec<&Value> =
        offered["methods"].as_array().expect("methods").iter().map(|one| &one["price"]["amount"]).collect();
    assert_eq!(prices, [&json!(30_000), &json!(0)], "free from an amount of the store's currency, in it");
    let (path, token) =
        (format!("/carts/{}", cart["id"].as_str().expect("an id")), cart["token"].as_str().expect("a secret"));
    guest.patch(&path, &json!({"shipping_method": "post"})).token(token).send().await.expect(200);
    let pay = json!({"payment": {"gateway": "test", "method": "ok"}});
    let refused = guest.post(&format!("{path}/checkout"), &pay).token(token).key("k").send().await;
    refused.problem(409, "shipping_method_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn which_currencies_a_shopper_may_choose_is_the_stores_list() {
    let server = Server::start();
    let shop = store_in_dong(&server).await;
    for asker in [shop.guest(), shop.clone()] {
        let problem = asker.post("/carts", &json!({"currency": "JPY"})).send().await.problem(409, "currency_unknown");
        assert_eq!(problem["remedy"], json!({"action": "choose_currency", "with": {"currencies": ["VND", "USD"]}}));
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("VND, USD")), "{problem}");
    }
    let kept = cart_in(&shop.guest(), "USD", 1).await;
    put_store(&shop, "hanoi", "VND", json!({"currencies": []})).await.expect(200);
    shop.post("/carts", &json!({"currency": "USD"})).send().await.problem(409, "currency_unknown");
    assert_eq!(total(&read(&shop.guest(), &kept, "").await), 10_000, "a cart of before goes on");
    put_store(&shop, "hanoi", "VND", json!({"currencies": ["JPY"]})).await.expect(200);
    shop.post("/carts", &json!({"currency": "JPY"})).send().await.expect(201);
    for wrong in [json!(["EURO"]), json!(["EUR", "EUR"]), json!("EUR")] {
        put_store(&shop, "hanoi", "VND", json!({"currencies": wrong})).await.problem(422, "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_amounts_of_small_money_are_sold_up_to_the_limit() {
    let server = Server::start();
    put_store(&server.shop(), "jakarta", "IDR", json!({})).await.expect(200);
    let shop = server.shop().of_store("jakarta");
    shop.put_goods(&[("LAMP", 85_000_000_000, 10), ("MOST", 9_007_199_254_740_991, 10)]).await;
    let guest = shop.guest();
    let (cart, shown) = guest.fill(&[("LAMP", 2)]).await;
    assert_eq!(total(&shown), 170_000_000_000);
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(total(&order), 170_000_000_000);
    let (cart, _) = guest.fill(&[("MOST", 1)]).await;
    let add = json!({"lines": [{"sku": "LAMP", "quantity": 1}]});
    guest.post(&cart.path("/lines"), &add).token(&cart.token).send().await.problem(409, "amount_too_large");
    let same = guest.get(&cart.path("")).token(&cart.token).send().await.expect(200);
    assert_eq!(total(&same), 9_007_199_254_740_991);
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let above = json!({"prices": [{"sku": "LAMP", "price": 9_007_199_254_740_992_i64}]});
    shop.post("/admin/prices", &above).send().await.problem(422, "invalid_request");
    let fee = json!({"methods": [{"handle": "a", "name": "A", "rate": {"kind": "flat", "amount": 9_007_199_254_740_992_i64}}]});
    shop.ask(Method::PUT, "/admin/shipping-methods").json(&fee).send().await.problem(409, "definition_refused");
    let sales = shop.get("/admin/reports/sales").send().await.expect(200);
    let sold = 9_007_199_254_740_991_i64 + 170_000_000_000;
    assert_eq!(sales["rows"][0]["total"]["amount"], json!(sold), "{sales}");
    server.settle_and_verify().await;
}
