//! Buyers who are taxed otherwise than at the store's home: what carts show, what is charged, what orders say.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};

async fn put_settings(shop: &Shop, settings: Value) -> crate::harness::Answer {
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await
}

/// A shop in Germany with a pen at 11.90 and a fee of 5.95, both with 19 % of tax in them.
async fn german_shop(server: &Server, settings: Value) -> Shop {
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_190, 100)]).await;
    let rates = json!({"rates": [
        {"name": "VAT 19%", "percent": "19", "zone": {"countries": ["DE"]}},
        {"name": "VAT 25%", "percent": "25", "zone": {"countries": ["DK"]}}]});
    shop.put("/admin/tax-rates", &rates).send().await.expect(200);
    let methods = json!({"methods": [{"handle": "post", "name": "Post", "rate": {"kind": "flat", "amount": 595}}]});
    shop.put("/admin/shipping-methods", &methods).send().await.expect(200);
    put_settings(&shop, settings).await.expect(200);
    shop
}

fn amount(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or_else(|| panic!("an amount: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn net_prices_are_shown_charged_and_kept_with_the_order() {
    let server = Server::start();
    let home = json!({"home": {"country": "DE"}, "tax_elsewhere": "net_prices"});
    let shop = german_shop(&server, home).await;
    let guest = shop.guest();
    let expected = [("DE", 1_190, 595, 2_975), ("CH", 1_000, 500, 2_500), ("DK", 1_250, 625, 3_125)];
    for (country, each, fee, total) in expected {
        let (cart, at_home) = guest.fill(&[("PEN", 2)]).await;
        assert_eq!((amount(&at_home["totals"]["total"]), amount(&at_home["totals"]["tax"])), (2_380, 380));
        let change = json!({"shipping_address": {"country": country}, "shipping_method": "post"});
        let shown = guest.patch(&cart.path(""), &change).token(&cart.token).send().await.expect(200);
        assert_eq!(amount(&shown["lines"][0]["unit_price"]), each, "{country}");
        assert_eq!(amount(&shown["lines"][0]["subtotal"]), 2 * each, "{country}");
        assert_eq!(amount(&shown["totals"]["total"]), total, "{country}");
        assert_eq!(shown["lines"][0]["notices"], json!([]), "no price has moved");
        let offered = guest.get(&cart.path("/shipping-methods")).token(&cart.token).send().await.expect(200);
        assert_eq!(amount(&offered["methods"][0]["price"]), fee, "{country}");
        let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
        assert_eq!((amount(&order["lines"][0]["unit_price"]), amount(&order["totals"]["total"])), (each, total));
    }
    let draft = json!({"definition": {"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}}});
    let tried = shop.post("/admin/promotions/try", &draft).send().await.expect(200);
    assert_eq!(amount(&tried["sums"][0]["cost"]), (2_380 + 2_000 + 2_500) / 2, "orders are tried at their own prices");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unless_it_is_set_everybody_pays_the_gross_price() {
    let server = Server::start();
    let shop = german_shop(&server, json!({})).await;
    let guest = shop.guest();
    let (cart, _) = guest.fill(&[("PEN", 2)]).await;
    let change = json!({"shipping_address": {"country": "CH"}});
    let shown = guest.patch(&cart.path(""), &change).token(&cart.token).send().await.expect(200);
    assert_eq!((amount(&shown["totals"]["total"]), amount(&shown["totals"]["tax"])), (2_380, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_are_refused() {
    let server = Server::start();
    let shop = server.shop();
    put_settings(&shop, json!({"tax_elsewhere": "net_prices"})).await.problem(409, "definition_refused");
    for wrong in [
        json!({"tax_elsewhere": "none"}),
        json!({"home": "DE"}),
        json!({"home": {"country": "Germany"}}),
        json!({"home": {"country": "de"}}),
        json!({"home": {"country": "DE", "postcode": "1".repeat(21)}}),
        json!({"home": {"country": "DE", "planet": "Earth"}}),
    ] {
        put_settings(&shop, wrong).await.problem(422, "invalid_request");
    }
}
