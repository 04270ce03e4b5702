//! Why a cart costs what it costs: which promotion gave what, how near a missed one is, and how people write amounts.

use crate::harness::{CartKey, Server, Shop};
use serde_json::{Value, json};

async fn shop_with_goods() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 100), ("RUG", 3_080, 100)]).await;
    let flat = json!({"methods": [{"handle": "parcel", "name": "Parcel", "rate": {"kind": "flat", "amount": 490}}]});
    shop.ask(reqwest::Method::PUT, "/admin/shipping-methods").json(&flat).send().await.expect(200);
    (server, shop, guest)
}

async fn explained(shop: &Shop, cart: &CartKey) -> Value {
    shop.get(&cart.path("?explain=true")).token(&cart.token).send().await.expect(200)
}

/// A new cart with these goods, explained; sent with the one method there is.
async fn explain(shop: &Shop, goods: &[(&str, i64)]) -> Value {
    let cart = shop.cart(goods).await;
    let parcel = json!({"shipping_address": {"country": "DE"}, "shipping_method": "parcel"});
    shop.patch(&cart.path(""), &parcel).token(&cart.token).send().await.expect(200);
    explained(shop, &cart).await
}

fn of<'a>(cart: &'a Value, name: &str) -> &'a Value {
    let all = cart["explanations"].as_array().expect("explanations");
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {cart:#}"))
}

fn amount(money: &Value) -> i64 {
    money["amount"].as_i64().unwrap_or_else(|| panic!("{money} is no amount"))
}

fn shares(explanation: &Value) -> Vec<i64> {
    explanation["lines"].as_array().expect("lines").iter().map(|share| amount(&share["amount"])).collect()
}

fn free_from_50() -> Value {
    json!({"name": "Free from 50", "conditions": {"min_order_amount": 5_000}, "benefit": {"kind": "free_shipping"}})
}

#[tokio::test]
async fn it_is_told_how_near_free_shipping_is() {
    let (_server, shop, guest) = shop_with_goods().await;
    shop.put_promotion(free_from_50(), &[]).await;
    let cart = explain(&guest, &[("RUG", 1), ("MUG", 2)]).await;
    let missed = of(&cart, "Free from 50");
    assert_eq!((&missed["outcome"], &missed["reason"]), (&json!("not_applied"), &json!("min_order_amount")));
    assert_eq!(missed["missing_amount"], json!({"amount": 420, "currency": "EUR", "formatted": "4.20€"}));
    assert_eq!(missed["sentence"], "Free from 50: 4.20€ more for free shipping");
    assert_eq!((&missed["lines"], missed.get("amount")), (&json!([]), None));
    assert_eq!((amount(&cart["shipping_fee"]), amount(&cart["totals"]["shipping"])), (490, 490));

    let cart = explain(&guest, &[("RUG", 1), ("MUG", 3)]).await;
    let applied = of(&cart, "Free from 50");
    assert_eq!((&applied["outcome"], applied.get("reason")), (&json!("applied"), None));
    assert_eq!((amount(&applied["amount"]), amount(&applied["shipping_amount"])), (490, 490));
    assert_eq!(applied["sentence"], "Free from 50: saves 4.90€");
    assert_eq!((amount(&cart["shipping_fee"]), amount(&cart["totals"]["shipping"])), (490, 0));
}

#[tokio::test]
async fn a_shipping_method_that_becomes_free_by_itself_says_how_far_off_that_is() {
    let (_server, shop, guest) = shop_with_goods().await;
    let parcel =
        json!({"handle": "parcel", "name": "Parcel", "rate": {"kind": "flat", "amount": 490}, "free_from": 5_000});
    let methods = json!({"methods": [parcel]});
    shop.ask(reqwest::Method::PUT, "/admin/shipping-methods").json(&methods).send().await.expect(200);
    let near = explain(&guest, &[("RUG", 1), ("MUG", 2)]).await;
    assert_eq!(amount(&near["missing_for_free_shipping"]), 420);
    let reached = explain(&guest, &[("RUG", 2)]).await;
    assert_eq!((reached.get("missing_for_free_shipping"), amount(&reached["shipping_fee"])), (None, 0));
}

#[tokio::test]
async fn the_shares_of_the_lines_sum_to_what_comes_off_goods() {
    let (_server, shop, guest) = shop_with_goods().await;
    let third = json!({"name": "A third", "benefit": {"kind": "percentage", "percent": "33.33"}});
    shop.put_promotion(third, &[]).await;
    let ten = json!({"name": "Ten off", "priority": -1, "benefit": {"kind": "fixed_amount", "amount": 1_000}});
    shop.put_promotion(ten, &["TEN"]).await;
    let cart = guest.cart(&[("PEN", 3), ("MUG", 1), ("RUG", 1)]).await;
    guest.post(&cart.path("/coupons"), &json!({"code": "ten"})).token(&cart.token).send().await.expect(200);
    let cart = explained(&guest, &cart).await;
    for name in ["A third", "Ten off"] {
        let applied = of(&cart, name);
        assert_eq!(shares(applied).iter().sum::<i64>(), amount(&applied["amount"]), "{applied:#}");
        assert_eq!(shares(applied).len(), 3, "{applied:#}");
    }
    assert_eq!((&of(&cart, "Ten off")["code"], of(&cart, "A third").get("code")), (&json!("TEN"), None));
    for (at, line) in cart["lines"].as_array().expect("lines").iter().enumerate() {
        let all = cart["explanations"].as_array().expect("explanations").iter();
        let own: i64 = all.map(|one| amount(&one["lines"][at]["amount"])).sum();
        assert_eq!(own, amount(&line["discount"]), "{line}");
    }
}

#[tokio::test]
async fn an_offer_that_loses_names_the_one_that_won_and_units_that_are_missing_are_counted() {
    let (_server, shop, guest) = shop_with_goods().await;
    let week = |name: &str, percent: &str| json!({"name": name, "stacking": {"exclusive_in_group": "week"}, "benefit": {"kind": "percentage", "percent": percent}});
    shop.put_promotion(week("Small week", "5"), &[]).await;
    let winner = shop.put_promotion(week("Big week", "20"), &[]).await;
    let mugs = json!({"name": "Four mugs", "conditions": {"goods": {"skus": ["MUG"]}, "min_quantity": 4},
        "benefit": {"kind": "fixed_amount", "amount": 100}});
    shop.put_promotion(mugs, &[]).await;
    let cart = explain(&guest, &[("MUG", 3)]).await;
    let lost = of(&cart, "Small week");
    assert_eq!((&lost["reason"], &lost["excluded_by"]), (&json!("excluded"), &json!(winner)));
    assert_eq!(lost["sentence"], "Small week: does not go with \"Big week\", which counts instead");
    assert_eq!(amount(&of(&cart, "Big week")["amount"]), 450);
    let mugs = of(&cart, "Four mugs");
    assert_eq!((&mugs["reason"], &mugs["missing_quantity"]), (&json!("min_quantity"), &json!(1)));
    assert_eq!(mugs["sentence"], "Four mugs: 1 more piece for this offer");
}

#[tokio::test]
async fn secret_offers_are_told_to_operators_and_to_whoever_has_the_code() {
    let (_server, shop, guest) = shop_with_goods().await;
    let offer = |name: &str| json!({"name": name, "benefit": {"kind": "percentage", "percent": "10"}});
    shop.put_promotion(offer("Friends"), &["FRIENDS"]).await;
    let mut later = offer("Friends later");
    later["starts_at"] = json!(4_102_444_800_000_i64);
    shop.put_promotion(later, &["LATER"]).await;
    let mut off = offer("Switched off");
    off["active"] = json!(false);
    shop.put_promotion(off, &[]).await;
    let mut past = offer("Last year");
    past["ends_at"] = json!(1_000_000_000_000_i64);
    shop.put_promotion(past, &[]).await;

    let cart = guest.cart(&[("PEN", 1)]).await;
    let told = |cart: &Value| -> Vec<(String, Value)> {
        let all = cart["explanations"].as_array().expect("explanations").iter();
        all.map(|one| (one["name"].as_str().expect("a name").to_owned(), one["reason"].clone())).collect()
    };
    let reasons = |list: &[(&str, &str)]| -> Vec<(String, Value)> {
        list.iter().map(|(name, reason)| ((*name).to_owned(), json!(reason))).collect()
    };
    assert_eq!(told(&explained(&guest, &cart).await), reasons(&[("Last year", "ended")]));
    let all = [
        ("Friends", "code_required"),
        ("Friends later", "not_started"),
        ("Switched off", "inactive"),
        ("Last year", "ended"),
    ];
    assert_eq!(told(&explained(&shop, &cart).await), reasons(&all));
    guest.post(&cart.path("/coupons"), &json!({"code": "FRIENDS"})).token(&cart.token).send().await.expect(200);
    let with_code = explained(&guest, &cart).await;
    assert_eq!(of(&with_code, "Friends")["outcome"], "applied");
    assert_eq!(told(&with_code).len(), 2, "{with_code:#}");
}

#[tokio::test]
async fn the_plain_cart_and_its_tag_know_nothing_of_explanations() {
    let (_server, shop, guest) = shop_with_goods().await;
    shop.put_promotion(free_from_50(), &[]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let ask = |query: &str| guest.get(&cart.path(query)).token(&cart.token);
    let plain = ask("").send().await;
    let tag = plain.header("etag").to_owned();
    let explained = ask("?explain=true").header("If-None-Match", &tag).send().await;
    assert_eq!((explained.status, explained.header("etag")), (200, ""));
    assert!(explained.json()["explanations"].is_array());
    for query in ["", "?explain=false"] {
        let again = ask(query).send().await;
        assert_eq!((again.body == plain.body, again.header("etag")), (true, tag.as_str()), "{query}");
        assert_eq!(ask(query).header("If-None-Match", &tag).send().await.status, 304);
    }
    assert!(plain.json().get("explanations").is_none() && plain.json().get("shipping_fee").is_none());
    for wrong in ["?explain=yes", "?explain=", "?explain=1", "?explian=true"] {
        ask(wrong).send().await.problem(422, "invalid_request");
    }
    guest.get(&cart.path("?explain=true")).send().await.problem(404, "cart_not_found");
}

#[tokio::test]
async fn the_receipt_shows_the_steps_of_the_price_in_their_order() {
    let (server, shop, _) = shop_with_goods().await;
    let vat = json!({"rates": [{"name": "VAT", "percent": "19", "zone": {"countries": ["DE"]}}]});
    shop.ask(reqwest::Method::PUT, "/admin/tax-rates").json(&vat).send().await.expect(200);
    let tenth = json!({"name": "A tenth", "benefit": {"kind": "percentage", "percent": "10"}});
    shop.put_promotion(tenth, &[]).await;
    let half = json!({"name": "Half the postage",
        "benefit": {"kind": "percentage", "percent": "50", "target": {"scope": "shipping"}}});
    shop.put_promotion(half, &[]).await;
    shop.put_promotion(free_from_50(), &[]).await;
    for arguments in
        [&["cart", "add", "PEN=2", "MUG"][..], &["cart", "address", "--country", "DE"], &["cart", "ship", "parcel"]]
    {
        server.client(arguments).good();
    }
    let text = server.client(&["cart", "show", "--explain"]).good();
    let steps = [
        &["2", "PEN", "5.00€", "10.00€"][..],
        &["A tenth", "-1.00€"],
        &["1", "MUG", "7.50€"],
        &["A tenth", "-0.75€"],
        &["Subtotal", "17.50€"],
        &["Discounts", "-1.75€"],
        &["Shipping", "4.90€"],
        &["Half the postage", "-2.45€"],
        &["VAT 19 % (included)", "2.91€"],
        &["Total", "18.20€"],
        &["Why"],
        &["A tenth: saves 1.75€"],
        &["Half the postage: saves 2.45€"],
        &["Free from 50: 34.25€ more for free shipping"],
    ];
    let mut lines = text.lines();
    for step in steps {
        let holds = |line: &str| step.iter().all(|word| line.contains(word));
        assert!(lines.any(holds), "{step:?} is not there or not in its place:\n{text}");
    }
    let data = server.client(&["cart", "show", "--explain", "--json"]).json(0);
    assert_eq!(data["explanations"].as_array().map(Vec::len), Some(3));
    let basket = server.client(&["basket", "--explain", "PEN", "MUG"]).good();
    assert!(basket.contains("A tenth: saves 1.25€") && basket.contains("11.25€"), "{basket}");
    assert!(!server.client(&["cart", "show"]).good().contains("Why"));
}

#[tokio::test]
async fn amounts_are_written_as_the_reader_or_the_store_has_it() {
    let (_server, shop, guest) = shop_with_goods().await;
    shop.put_promotion(free_from_50(), &[]).await;
    let cart = guest.cart(&[("RUG", 40)]).await;
    let total = async |query: &str| {
        let read = guest.get(&cart.path(query)).token(&cart.token).send().await.expect(200);
        read["totals"]["total"]["formatted"].as_str().expect("a text").to_owned()
    };
    let forms = [
        ("", "1232.00€"),
        ("?locale=de-DE", "1.232,00\u{a0}€"),
        ("?locale=en-US", "€1,232.00"),
        ("?locale=ja-JP", "€1,232.00"),
        ("?locale=ar-KW-u-nu-latn&explain=true", "\u{200f}1,232.00\u{a0}€"),
    ];
    for (query, expect) in forms {
        assert_eq!(total(query).await, expect, "{query}");
    }
    let path = cart.path("?locale=de-DE");
    let german = guest.get(&path).token(&cart.token).send().await;
    let again = guest.get(&path).token(&cart.token).header("If-None-Match", german.header("etag")).send().await;
    assert_eq!(again.status, 304);
    let plain = guest.get(&cart.path("")).token(&cart.token).header("If-None-Match", german.header("etag"));
    assert_eq!(plain.send().await.status, 200, "the tag of one form does not stand for another");

    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let order = guest.get(&format!("/orders/{}?locale=fr-FR", order["id"].as_str().expect("an id")));
    let order = order.token(&cart.token).send().await.expect(200);
    assert_eq!(order["totals"]["total"]["formatted"], "1\u{202f}232,00\u{a0}€");
    let product = guest.get("/products/pen?locale=de-DE").send().await.expect(200);
    assert_eq!(product["variants"][0]["price"]["formatted"], "5,00\u{a0}€");
    let listed = guest.get("/products?text=pen&locale=de-DE").send().await.expect(200);
    assert_eq!(listed["items"][0]["variants"][0]["price"]["formatted"], "5,00\u{a0}€");
    for wrong in ["german", "de_DE", "de-DE-1996", ""] {
        guest.get(&format!("/products/pen?locale={wrong}")).send().await.problem(422, "invalid_request");
    }
}

#[tokio::test]
async fn a_store_has_a_locale_for_all_its_answers_and_every_currency_keeps_its_units() {
    let server = Server::start();
    let shop = server.shop();
    for (handle, currency, locale, expect) in [
        ("kyoto", "JPY", "ja-JP", "￥12,345"),
        ("berlin", "EUR", "de-DE", "123,45\u{a0}€"),
        ("kuwait", "KWD", "ar-KW-u-nu-latn", "\u{200f}12.345\u{a0}د.ك.\u{200f}"),
    ] {
        let store = |locale: Value| json!({"handle": handle, "name": handle, "currency": currency, "settings": {"locale": locale}});
        shop.post("/admin/stores", &store(json!("no locale"))).send().await.problem(422, "invalid_request");
        let put = shop.post("/admin/stores", &store(json!(locale))).send().await.expect(200);
        assert_eq!(put["settings"]["locale"], locale);
        let here = shop.of_store(handle);
        here.put_goods(&[("PEN", 12_345, 10)]).await;
        let (cart, made) = here.guest().fill(&[("PEN", 1)]).await;
        assert_eq!(made["totals"]["total"]["formatted"], expect);
        assert_eq!(here.guest().read(&cart).await["totals"]["total"]["formatted"], expect);
        let order = here.guest().checkout(&cart, "k", "ok").send().await.expect(201);
        assert_eq!(order["payment"]["captured"]["formatted"], expect);
        shop.post("/admin/stores", &store(Value::Null)).send().await.expect(200);
        let product = here.guest().get("/products/pen").send().await.expect(200);
        let plain = cartwright_domain::money::format(12_345, currency.parse().expect("a currency"));
        assert_eq!(product["variants"][0]["price"]["formatted"], plain);
    }
}
