//! Nobody is charged more than they were shown, whatever changes between the last answer and the checkout; and what has
//! changed is said, over HTTP and at the command line.

use super::harness::{CartKey, Server, Shop, shown};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

fn total(body: &Value) -> i64 {
    body["totals"]["total"]["amount"].as_i64().unwrap_or_else(|| panic!("a total in {body}"))
}

/// A shop that sells pens at 10.00 with half off, sends at 3.00, and takes 19 % on top from all but the exempt.
async fn shop() -> (Server, Shop, String) {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let half = json!({"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}});
    let promotion = shop.put_promotion(half, &[]).await;
    ship_at(&shop, 300).await;
    (server, shop, promotion)
}

async fn ship_at(shop: &Shop, fee: i64) {
    let methods = json!({"methods": [
        {"handle": "std", "name": "Standard", "rate": {"kind": "flat", "amount": fee}}]});
    shop.put("/admin/shipping-methods", &methods).send().await.expect(200);
}

async fn tax_at(shop: &Shop, percent: &str) {
    let rates = json!({"rates": [{"name": "VAT", "percent": percent, "included": false}]});
    shop.put("/admin/tax-rates", &rates).send().await.expect(200);
}

async fn customer(shop: &Shop, name: &str, exempt: bool, groups: &[&str]) {
    let told = json!({"tax_exempt": exempt, "groups": groups});
    let answer = shop.put(&format!("/admin/customers/{name}"), &told).send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
}

async fn customers_cart(shop: &Shop, name: &str) -> CartKey {
    let cart = json!({"customer": name, "lines": [{"sku": "PEN", "quantity": 1}]});
    let cart = shop.post("/carts", &cart).send().await.expect(201);
    CartKey { id: cart["id"].as_str().expect("an id").to_owned(), token: String::new() }
}

/// Checks out at what was shown, is refused, and agrees to what the refusal names. The refusal.
async fn refused_then_bought(shop: &Shop, cart: &CartKey) -> Value {
    let before = shown(&cart.id).expect("it was shown");
    let refused = shop.checkout(cart, "k", "ok").send().await.problem(409, "price_changed");
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains('€') && !text.contains("minor")), "{refused}");
    let now = refused["remedy"]["with"]["expected_total"].as_i64().expect("a total");
    assert!(now > before, "{refused}");
    let body = json!({"expected_total": now, "payment": {"gateway": "test", "method": "ok"}});
    let order = shop.post(&cart.path("/checkout"), &body).token(&cart.token).key("k").send().await.expect(201);
    assert_eq!((total(&order), &order["payment"]["captured"]["amount"]), (now, &json!(now)));
    refused
}

fn only_error(refused: &Value) -> Value {
    let errors = refused["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{refused}");
    errors[0].clone()
}

#[tokio::test]
async fn a_checkout_without_the_total_is_refused_with_the_total_and_nothing_is_bought() {
    let (server, shop, _) = shop().await;
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 2)]).await;
    let silent = |key: &str| {
        let body = json!({"payment": {"gateway": "test", "method": "ok"}});
        guest.ask(Method::POST, &cart.path("/checkout")).json(&body).token(&cart.token).key(key).send()
    };
    let refused = silent("k").await.problem(409, "total_required");
    assert_eq!(refused["remedy"], json!({"action": "accept_total", "with": {"expected_total": 1_000}}));
    assert_eq!(refused["errors"][0]["field"], "expected_total");
    assert_eq!((shop.orders(None).await.len(), shop.stock("PEN").await), (0, (100, 0)));
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(total(&order), 1_000);
    // An order that stands is answered: nothing more is charged by that.
    assert_eq!(silent("another").await.expect(201)["id"], order["id"]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_promotion_that_was_deleted_or_changed_is_not_charged_silently() {
    let (server, shop, promotion) = shop().await;
    let guest = server.guest();
    let (kept, lost) = (guest.cart(&[("PEN", 2)]).await, guest.cart(&[("PEN", 2)]).await);
    let path = format!("/admin/promotions/{promotion}");
    let tenth =
        json!({"definition": {"name": "Half", "benefit": {"kind": "percentage", "percent": "10"}}, "codes": []});
    shop.put(&path, &tenth).send().await.expect(200);
    let error = only_error(&refused_then_bought(&guest, &kept).await);
    assert_eq!((&error["code"], &error["reason"]), (&json!("discount_changed"), &json!("amount")));
    assert_eq!((&error["old_amount"]["amount"], &error["new_amount"]["formatted"]), (&json!(1_000), &json!("2.00€")));
    assert_eq!(guest.read(&lost).await["totals"]["total"]["amount"], 1_800);
    let answer = shop.delete(&path).send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let error = only_error(&refused_then_bought(&guest, &lost).await);
    assert_eq!((&error["promotion_id"], &error["reason"]), (&json!(promotion), &json!("deleted")));
    assert_eq!((&error["old_amount"]["amount"], &error["new_amount"]["amount"]), (&json!(200), &json!(0)));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_shipping_fee_a_tax_a_group_and_an_exemption_are_not_charged_silently() {
    let (server, shop, _) = shop().await;
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    let chosen = json!({"shipping_method": "std"});
    let read = guest.patch(&cart.path(""), &chosen).token(&cart.token).send().await.expect(200);
    assert_eq!(total(&read), 800);
    ship_at(&shop, 9_900).await;
    let error = only_error(&refused_then_bought(&guest, &cart).await);
    assert_eq!(error["code"], "shipping_changed");
    assert_eq!(error["detail"], "Shipping was 3.00€ and is 99.00€.");

    tax_at(&shop, "7").await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    tax_at(&shop, "19").await;
    let error = only_error(&refused_then_bought(&guest, &cart).await);
    assert_eq!((&error["code"], &error["detail"]), (&json!("tax_changed"), &json!("VAT was 0.35€ and is 0.95€.")));

    customer(&shop, "ada", true, &[]).await;
    let cart = customers_cart(&shop, "ada").await;
    customer(&shop, "ada", false, &[]).await;
    assert_eq!(only_error(&refused_then_bought(&shop, &cart).await)["code"], "exemption_changed");

    let club = json!({"name": "Club", "conditions": {"customer_groups": ["club"]},
                      "benefit": {"kind": "fixed_amount", "amount": 100}});
    shop.put_promotion(club, &[]).await;
    customer(&shop, "bob", true, &["club"]).await;
    let cart = customers_cart(&shop, "bob").await;
    assert_eq!(shown(&cart.id), Some(400));
    customer(&shop, "bob", true, &[]).await;
    let error = only_error(&refused_then_bought(&shop, &cart).await);
    assert_eq!(error["reason"], "other_customer", "{error}");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_buy_while_the_promotion_goes_nobody_pays_more_than_shown() {
    let (server, shop, promotion) = shop().await;
    let guest = server.guest();
    let carts = join_all((0..40).map(|_| guest.cart(&[("PEN", 1)]))).await;
    let path = format!("/admin/promotions/{promotion}");
    let buying = join_all(carts.iter().map(|cart| guest.checkout(cart, "k", "ok").send()));
    let (answers, gone) = tokio::join!(buying, shop.delete(&path).send());
    assert!((200..300).contains(&gone.status), "{gone:?}");
    for answer in answers {
        match answer.status {
            201 => assert_eq!(total(&answer.json()), 500),
            _ => drop(answer.problem(409, "price_changed")),
        }
    }
    server.settle_and_verify().await;
}

async fn hold_prices(shop: &Shop, minutes: i64) {
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR",
                       "settings": {"price_policy": {"kind": "captured", "minutes": minutes}}});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

fn now_ms() -> u128 {
    std::time::UNIX_EPOCH.elapsed().expect("a clock after 1970").as_millis()
}

fn notices(cart: &Value) -> Vec<(String, String)> {
    let all = cart["lines"][0]["notices"].as_array().expect("notices").iter();
    let text = |notice: &Value, name: &str| notice[name].as_str().expect("a text").to_owned();
    all.map(|notice| (text(notice, "code"), text(notice, "detail"))).collect()
}

#[tokio::test]
async fn an_offer_stays_with_goods_in_carts_while_their_price_is_held_also_after_a_restart() {
    let (mut server, shop, promotion) = shop().await;
    hold_prices(&shop, 60).await;
    let guest = server.guest();
    let (first, second) = (guest.cart(&[("PEN", 2)]).await, guest.cart(&[("PEN", 2)]).await);
    let gone = shop.delete(&format!("/admin/promotions/{promotion}")).send().await;
    assert!((200..300).contains(&gone.status), "{gone:?}");
    // What is captured in the very millisecond of the change may still have the offer.
    let answered = now_ms();
    while now_ms() <= answered {
        tokio::task::yield_now().await;
    }
    let late = guest.cart(&[("PEN", 2)]).await;
    let read = guest.read(&first).await;
    let kept = notices(&read);
    assert_eq!((total(&read), kept[0].0.as_str()), (1_000, "offer_kept"), "{read}");
    let until = read["lines"][0]["price_held_until"].as_str().expect("an instant");
    assert_eq!(kept[0].1, format!("The offer \"Half\" has ended; your price is kept until {until}."));
    let explained = guest.get(&first.path("?explain=true")).token(&first.token).send().await.expect(200);
    assert_eq!(explained["explanations"][0]["kept_until"], read["lines"][0]["price_held_until"], "{explained}");
    assert_eq!((total(&guest.read(&late).await), shown(&late.id)), (2_000, Some(2_000)));
    assert_eq!(total(&guest.checkout(&first, "k", "ok").send().await.expect(201)), 1_000);
    // What goes in later has no part in it; a restart forgets nothing.
    server.kill();
    server.restart();
    let guest = server.guest();
    let more = json!({"sku": "MUG", "quantity": 1});
    server.shop().put_goods(&[("MUG", 700, 9)]).await;
    let grown = guest.post(&second.path("/lines"), &more).token(&second.token).send().await;
    assert_eq!(total(&grown.json()), 1_700, "{grown:?}");
    assert_eq!(total(&guest.checkout(&second, "k", "ok").send().await.expect(201)), 1_700);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn when_the_price_is_held_no_more_the_old_total_is_refused() {
    let (server, shop, promotion) = shop().await;
    hold_prices(&shop, 60).await;
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 2)]).await;
    shop.delete(&format!("/admin/promotions/{promotion}")).send().await;
    assert_eq!(total(&guest.read(&cart).await), 1_000);
    // As if an hour had passed: the policy is another.
    let latest = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": {"price_policy": null}});
    shop.post("/admin/stores", &latest).send().await.expect(200);
    let error = only_error(&refused_then_bought(&guest, &cart).await);
    assert_eq!((&error["code"], &error["reason"]), (&json!("discount_changed"), &json!("deleted")));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn the_command_line_charges_what_it_showed_and_says_what_has_changed() {
    let (server, shop, promotion) = shop().await;
    assert!(server.client(&["cart", "add", "PEN=2"]).good().contains("10.00€"));
    shop.delete(&format!("/admin/promotions/{promotion}")).send().await;
    let refused = server.client(&["checkout"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    for text in ["price_changed", "20.00€", "Half", "withdrawn", "cartwright checkout"] {
        assert!(refused.err.contains(text), "{text} in {refused:?}");
    }
    assert_eq!(shop.orders(None).await.len(), 0);
    let order = server.client(&["checkout", "--json"]).json(0);
    assert_eq!((total(&order), &order["payment"]["captured"]["amount"]), (2_000, &json!(2_000)));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn the_command_line_shows_a_cart_that_it_has_not_shown_before_it_buys() {
    let (server, shop, _) = shop().await;
    let folder = server.folder().join("session.json");
    server.client(&["cart", "add", "PEN=2"]).good();
    // As a session of the build before: it knows the cart, not what was shown.
    let text = std::fs::read_to_string(&folder).expect("a session");
    let mut memory: Value = serde_json::from_str(&text).expect("JSON");
    assert!(memory.as_object_mut().expect("an object").remove("shown").is_some(), "{text}");
    std::fs::write(&folder, memory.to_string()).expect("written");
    let asked = server.client(&["checkout"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.out.contains("10.00€") && asked.err.contains("total_required"), "{asked:?}");
    assert_eq!(shop.orders(None).await.len(), 0);
    assert_eq!(server.client(&["checkout", "--json"]).json(0)["status"], "placed");
    server.settle_and_verify().await;
}
