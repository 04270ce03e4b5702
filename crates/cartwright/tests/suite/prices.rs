//! What a price depends on besides goods and promotions: the customer, the clock of a captured price, floors, destinations,
//! and codes with their limits.

use crate::harness::{Answer, CartKey, Server, Shop};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn total(cart: &Value) -> i64 {
    cart["totals"]["total"]["amount"].as_i64().unwrap_or_else(|| panic!("a total in {cart}"))
}

/// A customer's cart, made and opened with the operator's key.
async fn customers_cart(shop: &Shop, customer: &str, goods: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> = goods.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    shop.post("/carts", &json!({"customer": customer, "lines": lines})).send().await.json()
}

async fn reread(shop: &Shop, cart: &Value) -> Value {
    shop.get(&format!("/carts/{}", cart["id"].as_str().expect("an id"))).send().await.expect(200)
}

async fn checkout(shop: &Shop, cart: &Value, key: &str) -> Answer {
    let path = format!("/carts/{}/checkout", cart["id"].as_str().expect("an id"));
    shop.post(&path, &json!({"payment": {"gateway": "test", "method": "ok"}})).key(key).send().await
}

async fn apply(shop: &Shop, cart: &CartKey, code: &str) -> Answer {
    shop.post(&cart.path("/coupons"), &json!({"code": code})).token(&cart.token).send().await
}

async fn put_settings(shop: &Shop, settings: Value) {
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_exemption_follow_the_customer_at_once() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1190, 100)]).await;
    let rates = json!({"rates": [{"name": "VAT", "percent": "19"}]});
    shop.ask(reqwest::Method::PUT, "/admin/tax-rates").json(&rates).send().await.expect(200);
    let wholesale = json!({"name": "Wholesale", "conditions": {"customer_groups": ["wholesale"]},
                           "benefit": {"kind": "percentage", "percent": "50"}});
    shop.put_promotion(wholesale, &[]).await;
    let cart = customers_cart(&shop, "ada", &[("PEN", 1)]).await;
    assert_eq!(total(&cart), 1190);
    let tell = |body: Value| shop.ask(reqwest::Method::PUT, "/admin/customers/ada").json(&body).send();
    tell(json!({"groups": ["wholesale"]})).await.expect(200);
    assert_eq!(total(&reread(&shop, &cart).await), 595);
    tell(json!({"groups": [], "tax_exempt": true})).await.expect(200);
    let cart = reread(&shop, &cart).await;
    assert_eq!((total(&cart), cart["totals"]["tax"]["amount"].as_i64()), (1000, Some(0)));
    let order = checkout(&shop, &cart, "k-exempt").await.expect(201);
    assert_eq!(total(&order), 1000);
    let listed = shop.get("/admin/customers?limit=1").send().await.expect(200);
    assert_eq!(listed["items"], json!([{"id": "ada", "groups": [], "tax_exempt": true}]));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_order_is_one_without_a_live_order_before() {
    let server = Server::start();
    let shop = server.shop();
    put_settings(&shop, json!({"first_order_needs": "trust"})).await;
    shop.put_goods(&[("PEN", 1000, 100)]).await;
    let welcome = json!({"name": "Welcome", "conditions": {"first_order": true},
                         "benefit": {"kind": "fixed_amount", "amount": 300}});
    shop.put_promotion(welcome, &[]).await;
    let first = customers_cart(&shop, "ada", &[("PEN", 1)]).await;
    assert_eq!(total(&first), 700);
    let order = checkout(&shop, &first, "k-1").await.expect(201);
    assert_eq!(total(&order), 700);
    let second = customers_cart(&shop, "ada", &[("PEN", 1)]).await;
    assert_eq!(total(&second), 1000);
    // A cancelled order was none.
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    shop.post(&cancel, &json!({})).send().await.expect(200);
    assert_eq!(total(&reread(&shop, &second).await), 700);
    // A guest is known by the e-mail address, however it is written; nobody known has no first order.
    let guest = shop.guest();
    let (cart, _) = guest.fill(&[("PEN", 1)]).await;
    assert_eq!(total(&guest.read(&cart).await), 1000);
    let email = |address: &str| guest.patch(&cart.path(""), &json!({"email": address})).token(&cart.token).send();
    assert_eq!(total(&email("Bob@Example.com").await.expect(200)), 700);
    guest.checkout(&cart, "k-2", "ok").send().await.expect(201);
    let body = json!({"email": "bob@example.COM", "lines": [{"sku": "PEN", "quantity": 1}]});
    assert_eq!(total(&guest.post("/carts", &body).send().await.expect(201)), 1000);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_orders_at_once_are_one() {
    first_orders(Server::start()).await;
}

/// First orders of one buyer.
pub(crate) async fn first_orders(server: Server) {
    let shop = server.shop();
    put_settings(&shop, json!({"first_order_needs": "trust"})).await;
    shop.put_goods(&[("PEN", 1000, 100)]).await;
    let welcome = json!({"name": "Welcome", "conditions": {"first_order": true},
                         "benefit": {"kind": "fixed_amount", "amount": 300}});
    shop.put_promotion(welcome, &[]).await;
    let guest = shop.guest();
    let body = json!({"email": "ada@example.com", "lines": [{"sku": "PEN", "quantity": 1}]});
    let carts = join_all((0..20).map(|_| guest.post("/carts", &body).send())).await;
    let carts: Vec<CartKey> = carts.iter().map(|cart| CartKey::of(&cart.expect(201))).collect();
    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, "k", "ok").send())).await;
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(placed, 1, "{answers:?}");
    let others = answers.iter().filter(|answer| answer.status != 201);
    others.for_each(|answer| assert_eq!(answer.code(), "price_changed", "{answer:?}"));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_price_holds_for_its_time_and_the_lower_one_is_given() {
    let server = Server::start();
    let shop = server.shop();
    put_settings(&shop, json!({"price_policy": {"kind": "captured", "minutes": 60}})).await;
    let latest = json!({"handle": "mug", "name": "Mug", "price_policy": {"kind": "latest"},
                        "variants": [{"sku": "MUG", "price": 800, "on_hand": 100}]});
    shop.post("/admin/products", &json!({"products": [latest]})).send().await.expect(200);
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let guest = shop.guest();
    let (pens, seen) = guest.fill(&[("PEN", 2)]).await;
    assert!(seen["lines"][0]["price_held_until"].is_string(), "{seen}");
    let (mugs, seen) = guest.fill(&[("MUG", 1)]).await;
    assert!(seen["lines"][0].get("price_held_until").is_none(), "{seen}");
    for (sku, price) in [("PEN", 700), ("MUG", 900)] {
        shop.set_price(sku, price).await;
    }
    let held = guest.read(&pens).await;
    assert_eq!((total(&held), &held["lines"][0]["notices"][0]["code"]), (1000, &json!("price_held")));
    assert_eq!(total(&guest.checkout(&pens, "k-1", "ok").send().await.expect(201)), 1000);
    let refused = guest.checkout(&mugs, "k-2", "ok").send().await.problem(409, "price_changed");
    assert_eq!(refused["remedy"]["with"]["expected_total"], 900, "{refused}");
    // A price that fell is given even while the captured one holds.
    let (pens, _) = guest.fill(&[("PEN", 2)]).await;
    shop.set_price("PEN", 300).await;
    assert_eq!(total(&guest.checkout(&pens, "k-3", "ok").send().await.expect(201)), 600);
    // What would hold for no time at all is no policy.
    let wrong = json!({"handle": "default", "name": "Default", "currency": "EUR",
                       "settings": {"price_policy": {"kind": "captured", "minutes": 0}}});
    let refused = shop.post("/admin/stores", &wrong).send().await;
    assert!(
        refused.status == 422 && refused.json().to_string().contains("settings.price_policy.minutes"),
        "{refused:?}"
    );
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_discount_goes_below_a_floor() {
    let server = Server::start();
    let shop = server.shop();
    let product = json!({"handle": "watch", "name": "Watch", "variants": [
        {"sku": "WATCH", "price": 10000, "min_unit_price": 9500, "min_unit_prices": {"USD": 9000}, "on_hand": 10}]});
    shop.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
    shop.put_promotion(json!({"name": "Ten", "benefit": {"kind": "percentage", "percent": "10"}}), &[]).await;
    let (_, cart) = shop.guest().fill(&[("WATCH", 2)]).await;
    assert_eq!(total(&cart), 19000);
    let told = shop.get("/admin/products?text=watch").send().await.expect(200);
    let floors = &told["items"][0]["variants"][0]["min_unit_prices"];
    assert_eq!(floors.as_array().map(Vec::len), Some(2), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_there_is_told_per_line() {
    let server = Server::start();
    let shop = server.shop();
    let battery = json!({"handle": "battery", "name": "Battery", "tags": ["dangerous"],
                         "variants": [{"sku": "BATTERY", "price": 2000, "on_hand": 10}]});
    shop.post("/admin/products", &json!({"products": [battery]})).send().await.expect(200);
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let methods = json!({"methods": [
        {"handle": "air", "name": "Air", "only": {"exclude_tags": ["dangerous"]}, "rate": {"kind": "flat", "amount": 900}},
        {"handle": "road", "name": "Road", "zones": [{"countries": ["DE"]}], "rate": {"kind": "flat", "amount": 400}}]});
    shop.ask(reqwest::Method::PUT, "/admin/shipping-methods").json(&methods).send().await.expect(200);
    let guest = shop.guest();
    let (cart, _) = guest.fill(&[("PEN", 1), ("BATTERY", 1)]).await;
    let send_to = |country: &'static str| {
        guest.patch(&cart.path(""), &json!({"shipping_address": {"country": country}})).token(&cart.token).send()
    };
    let codes = |cart: &Value, line: usize| -> Vec<String> {
        let notices = cart["lines"][line]["notices"].as_array().expect("notices");
        notices.iter().filter_map(|notice| Some(notice["code"].as_str()?.to_owned())).collect()
    };
    let home = send_to("DE").await.expect(200);
    assert!(codes(&home, 0).is_empty() && codes(&home, 1).is_empty(), "{home}");
    let offered = guest.get(&cart.path("/shipping-methods")).token(&cart.token).send().await.expect(200);
    assert_eq!(offered["methods"].as_array().map(Vec::len), Some(1), "{offered}");
    let abroad = send_to("FR").await.expect(200);
    assert_eq!((codes(&abroad, 0), codes(&abroad, 1)), (vec![], vec!["cannot_be_shipped".to_owned()]), "{abroad}");
    let air = json!({"shipping_method": "air"});
    guest.patch(&cart.path(""), &air).token(&cart.token).send().await.expect(200);
    guest.checkout(&cart, "k", "ok").send().await.problem(409, "shipping_method_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_codes_in_one_call_each_for_one_order() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1000, 1000)]).await;
    let definition =
        json!({"name": "Thanks", "requires_code": true, "benefit": {"kind": "fixed_amount", "amount": 100}});
    let id = shop.put_promotion(definition.clone(), &["NAMED"]).await;
    let path = format!("/admin/promotions/{id}/codes");
    let added = shop.post(&path, &json!({"count": 5000, "prefix": "thx-"})).send().await.expect(201);
    let codes: Vec<String> = serde_json::from_value(added["codes"].clone()).expect("codes");
    assert_eq!(codes.len(), 5000);
    // One code, many carts at once: one order.
    let guest = shop.guest();
    let carts: Vec<CartKey> = join_all((0..20).map(|_| guest.cart(&[("PEN", 1)]))).await;
    let lower = codes[0].to_lowercase();
    for answer in join_all(carts.iter().map(|cart| apply(&guest, cart, &lower))).await {
        assert_eq!(total(&answer.expect(200)), 900);
    }
    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, "k", "ok").send())).await;
    let orders: Vec<Value> = answers.iter().filter(|answer| answer.status == 201).map(Answer::json).collect();
    assert_eq!(orders.len(), 1, "{answers:?}");
    let late = guest.cart(&[("PEN", 1)]).await;
    apply(&guest, &late, &codes[0]).await.problem(409, "coupon_invalid");
    // Cancelled, the code is good again; replaced, the promotion keeps its codes in bulk and their uses.
    let cancel = format!("/orders/{}/cancel", orders[0]["id"].as_str().expect("an id"));
    shop.post(&cancel, &json!({})).send().await.expect(200);
    apply(&guest, &late, &codes[0]).await.expect(200);
    guest.checkout(&late, "k", "ok").send().await.expect(201);
    let replaced = shop
        .ask(reqwest::Method::PUT, &format!("/admin/promotions/{id}"))
        .json(&json!({"definition": definition, "codes": ["OTHER"]}));
    assert_eq!(replaced.send().await.expect(200)["bulk_codes"], 5000);
    let mut listed = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = shop.get(&format!("{path}?limit=1000{cursor}")).send().await.expect(200);
        for code in page["items"].as_array().expect("items") {
            listed.insert(code["code"].as_str().expect("a code").to_owned(), code["uses"].clone());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((listed.len(), &listed[&codes[0]], &listed[&codes[1]]), (5001, &json!(1), &json!(0)));
    assert!(listed.contains_key("OTHER") && !listed.contains_key("NAMED"));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_added_to_promotions_that_need_one_and_belong_to_one() {
    let server = Server::start();
    let shop = server.shop();
    let automatic =
        shop.put_promotion(json!({"name": "All", "benefit": {"kind": "fixed_amount", "amount": 1}}), &[]).await;
    let one = json!({"name": "One", "requires_code": true, "benefit": {"kind": "fixed_amount", "amount": 1}});
    let (one, other) = (shop.put_promotion(one.clone(), &[]).await, shop.put_promotion(one, &[]).await);
    let add = |id: &str, body: Value| shop.post(&format!("/admin/promotions/{id}/codes"), &body).send();
    add(&automatic, json!({"count": 1})).await.problem(409, "conflict");
    add(&one, json!({"codes": ["A", "B"], "max_uses": 3})).await.expect(201);
    add(&one, json!({"codes": ["A", "C"]})).await.expect(201);
    let refused = add(&other, json!({"codes": ["D", "b"]})).await.problem(409, "definition_refused");
    assert_eq!(refused["errors"][0]["field"], "codes[1]", "{refused}");
    let listed = shop.get(&format!("/admin/promotions/{other}/codes")).send().await.expect(200);
    assert_eq!(listed["items"], json!([]), "all or none");
    let told = shop.get("/admin/promotions").send().await.expect(200);
    let counted: Vec<&Value> =
        told["promotions"].as_array().expect("a list").iter().map(|one| &one["bulk_codes"]).collect();
    assert_eq!(counted, [0, 3, 0], "a code that is sent twice counts once");
    for wrong in [
        json!({}),
        json!({"count": 0}),
        json!({"count": 10_001}),
        json!({"count": 1, "codes": ["X"]}),
        json!({"codes": [" "]}),
    ] {
        add(&one, wrong).await.problem(422, "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guesser_learns_nothing_and_is_slowed() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1000, 1000)]).await;
    let give = json!({"kind": "fixed_amount", "amount": 100});
    let cases = [
        ("OVER", json!({"name": "Over", "ends_at": 1, "benefit": give})),
        ("SOON", json!({"name": "Soon", "starts_at": 9_000_000_000_000_i64, "benefit": give})),
        ("OFF", json!({"name": "Off", "active": false, "benefit": give})),
        ("STAFF", json!({"name": "Staff", "conditions": {"customer_groups": ["staff"]}, "benefit": give})),
        ("DOLLARS", json!({"name": "Dollars", "conditions": {"currencies": ["USD"]}, "benefit": give})),
    ];
    for (code, definition) in &cases {
        shop.put_promotion(definition.clone(), &[code]).await;
    }
    let guest = shop.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    let unknown = apply(&guest, &cart, "NO-SUCH").await.problem(409, "coupon_invalid").to_string();
    for (code, _) in &cases {
        let answer = apply(&guest, &cart, code).await.problem(409, "coupon_invalid").to_string();
        assert_eq!(answer.replace(code, "NO-SUCH"), unknown);
    }
    // Ten tries a minute on one cart; then the right one has to wait as well.
    shop.put_promotion(json!({"name": "Good", "benefit": give}), &["GOOD"]).await;
    for number in 0..4 {
        apply(&guest, &cart, &format!("GUESS{number}")).await.problem(409, "coupon_invalid");
    }
    let slowed = apply(&guest, &cart, "GOOD").await;
    slowed.problem(429, "coupon_attempts");
    assert!(slowed.header("Retry-After").parse::<u32>().is_ok());
    // Another cart is not held up, and the shop's own server never is.
    let other = guest.cart(&[("PEN", 1)]).await;
    apply(&guest, &other, "GOOD").await.expect(200);
    for number in 0..30 {
        apply(&shop, &cart, &format!("GUESS{number}")).await.problem(409, "coupon_invalid");
    }
    apply(&shop, &cart, "GOOD").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_one_address_many_carts_do_not_help_a_guesser() {
    let server = Server::with(&["--coupon-attempts-per-address", "12"]);
    let guest = server.guest();
    let mut statuses = Vec::new();
    for number in 0..20 {
        let cart = guest.cart(&[]).await;
        statuses.push(apply(&guest, &cart, &format!("GUESS{number}")).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 12, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 8, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_under_attack() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1000, 1000)]).await;
    let definition = |name: &str, limits: Value| json!({"name": name, "limits": limits, "benefit": {"kind": "fixed_amount", "amount": 100}});
    // Two codes of one promotion share its limit of ten; 200 shoppers at once.
    let shared = shop.put_promotion(definition("Shared", json!({"total_uses": 10})), &["ONE", "TWO"]).await;
    let guest = shop.guest();
    let carts: Vec<CartKey> = join_all((0..200).map(|_| guest.cart(&[("PEN", 1)]))).await;
    let applied = carts.iter().enumerate().map(|(at, cart)| apply(&guest, cart, ["ONE", "TWO"][at % 2]));
    join_all(applied).await.iter().for_each(|answer| drop(answer.expect(200)));
    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, "k", "ok").send())).await;
    let orders: Vec<(usize, Value)> = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.status == 201)
        .map(|(at, answer)| (at, answer.json()))
        .collect();
    assert_eq!(orders.len(), 10);
    answers
        .iter()
        .filter(|answer| answer.status != 201)
        .for_each(|answer| assert_eq!(answer.code(), "coupon_exhausted"));
    assert_eq!(shop.redemptions(&shared).await, 10);
    // A cancelled order and a declined payment give back, to exactly as many others.
    let (at, order) = &orders[0];
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    guest.post(&cancel, &json!({})).token(&carts[*at].token).send().await.expect(200);
    let left: Vec<&CartKey> =
        carts.iter().zip(&answers).filter(|(_, answer)| answer.status != 201).map(|(cart, _)| cart).collect();
    guest.checkout(left[0], "declined", "declined").send().await.problem(402, "payment_declined");
    let again = join_all(left[1..40].iter().map(|cart| guest.checkout(cart, "again", "ok").send())).await;
    assert_eq!(again.iter().filter(|answer| answer.status == 201).count(), 1, "{again:?}");
    assert_eq!(shop.redemptions(&shared).await, 10);
    // One customer, many carts: one use each.
    let once = shop.put_promotion(definition("Once", json!({"uses_per_customer": 1})), &["ONCE"]).await;
    let body = json!({"email": "Ada@example.com", "lines": [{"sku": "PEN", "quantity": 1}]});
    let carts = join_all((0..20).map(|_| guest.post("/carts", &body).send())).await;
    let carts: Vec<CartKey> = carts.iter().map(|cart| CartKey::of(&cart.expect(201))).collect();
    join_all(carts.iter().map(|cart| apply(&guest, cart, "ONCE")))
        .await
        .iter()
        .for_each(|answer| drop(answer.expect(200)));
    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, "k", "ok").send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert_eq!(shop.redemptions(&once).await, 1);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_customers_and_rates_on_the_command_line() {
    let server = Server::demo();
    let shop = server.shop();
    let definition =
        json!({"name": "Thanks", "requires_code": true, "benefit": {"kind": "fixed_amount", "amount": 100}});
    shop.put_promotion(definition, &[]).await;
    let printed = server.client(&["promotions", "codes", "add", "Thanks", "--count", "3", "--prefix", "T"]).good();
    let codes: Vec<&str> = printed.lines().collect();
    assert!(codes.len() == 3 && codes.iter().all(|code| code.len() == 13 && code.starts_with('T')), "{printed}");
    let listed = server.client(&["promotions", "codes", "list", "Thanks"]).good();
    assert!(codes.iter().all(|code| listed.contains(code)), "{listed}");
    let told = server.client(&["customers", "set", "ada", "--group", "staff", "--tax-exempt"]).good();
    assert!(told.contains("staff") && told.contains("exempt"), "{told}");
    assert!(server.client(&["customers", "list"]).good().contains("ada"));
    for list in ["shipping", "taxes"] {
        let file = server.folder().join(format!("{list}.json"));
        let shown = server.client(&[list, "show", "--json"]).good();
        std::fs::write(&file, &shown).expect("a file");
        let again = server.client(&[list, "set", file.to_str().expect("a path"), "--json"]).good();
        assert_eq!(again, shown);
        assert!(!server.client(&[list, "show"]).good().is_empty());
    }
}
