//! The four baskets of the first source document, over HTTP and with the command line, to the cent and as people write it.

use crate::harness::{Server, Shop, shared};
use serde_json::{Value, json};

/// Items, total in cents, total for people.
type Case = (Vec<String>, i64, String);

fn stated_here() -> Vec<Case> {
    let cases: [(&str, i64, &str); 4] = [
        ("PEN TSHIRT MUG", 3_250, "32.50€"),
        ("PEN TSHIRT PEN", 2_500, "25.00€"),
        ("TSHIRT TSHIRT TSHIRT PEN TSHIRT", 6_500, "65.00€"),
        ("PEN TSHIRT PEN PEN MUG TSHIRT TSHIRT", 6_250, "62.50€"),
    ];
    let owned = |(items, total, formatted): (&str, i64, &str)| {
        (items.split(' ').map(str::to_owned).collect(), total, formatted.to_owned())
    };
    cases.into_iter().map(owned).collect()
}

/// Those of the case file too, where it is there.
fn cases() -> Vec<Case> {
    let mut cases = stated_here();
    if let Some(folder) = shared("CARTWRIGHT_TEST_CASES", "cases") {
        let text = std::fs::read_to_string(folder.join("pricing.json")).expect("the case file can be read");
        let file: Value = serde_json::from_str(&text).expect("the case file is JSON");
        let listed = file["cases"].as_array().expect("cases");
        assert!(listed.len() >= 4);
        cases.extend(listed.iter().map(|case| {
            let items = case["items"].as_array().expect("items").iter();
            let items = items.map(|item| item.as_str().expect("a SKU").to_owned()).collect();
            let formatted = case["formatted"].as_str().expect("a text").to_owned();
            (items, case["total"].as_i64().expect("cents"), formatted)
        }));
    }
    cases
}

async fn buy_over_http(shop: &Shop, (items, total, formatted): &Case) {
    let cart = shop.cart(&[]).await;
    for sku in items {
        let line = json!({"sku": sku, "quantity": 1});
        shop.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200);
    }
    let expected = json!({"amount": total, "currency": "EUR", "formatted": formatted});
    assert_eq!(shop.read(&cart).await["totals"]["total"], expected, "{items:?}");
    let body = json!({"expected_total": total, "payment": {"gateway": "test", "method": "ok"}});
    let order = shop.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await.expect(201);
    assert_eq!((&order["totals"]["total"], &order["status"]), (&expected, &json!("placed")), "{order}");
    assert_eq!(order["payment"]["captured"], expected);
}

#[tokio::test]
async fn the_four_baskets_cost_what_they_must_over_http() {
    let server = Server::demo();
    for case in cases() {
        buy_over_http(&server.guest(), &case).await;
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn the_four_baskets_cost_what_they_must_at_the_command_line() {
    let server = Server::demo();
    for (items, total, formatted) in cases() {
        let words: Vec<&str> = std::iter::once("basket").chain(items.iter().map(String::as_str)).collect();
        assert_eq!(server.client(&words).good(), format!("Total: {formatted}\n"), "{items:?}");
        let with_commas = items.join(", ");
        assert_eq!(server.client(&["basket", &with_commas]).good(), format!("Total: {formatted}\n"), "{items:?}");
        let cart = server.client(&[&words[..], &["--json"]].concat()).json(0);
        let expected = json!({"amount": total, "currency": "EUR", "formatted": formatted});
        assert_eq!(cart["totals"]["total"], expected, "{items:?}");
    }
}

#[tokio::test]
async fn a_shopper_buys_at_the_command_line_from_browsing_to_the_order() {
    let server = Server::demo();
    let products = server.client(&["products"]).good();
    for name in ["PEN", "TSHIRT", "MUG"] {
        assert!(products.to_uppercase().contains(name), "{name} in {products}");
    }
    server.client(&["cart", "add", "PEN=2", "TSHIRT"]).good();
    assert!(server.client(&["cart", "show"]).good().contains("25.00€"));
    let order = server.client(&["checkout", "--json"]).json(0);
    assert_eq!((&order["status"], &order["totals"]["total"]["amount"]), (&json!("placed"), &json!(2_500)));
    let id = order["id"].as_str().expect("an id");
    assert_eq!(server.client(&["order", "show", id, "--json"]).json(0)["id"], id);
    let cancelled = server.client(&["order", "cancel", id, "--json"]).json(0);
    assert_eq!(cancelled["status"], "cancelled");
    server.settle_and_verify().await;
}

#[test]
fn the_command_line_says_what_went_wrong_and_ends_with_the_right_code() {
    let server = Server::demo();
    let refused = server.client(&["basket", "NO-SUCH-THING"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("variant_unknown"), "{refused:?}");
    assert_eq!(server.client(&["basket", "PEN=1.5"]).code, Some(2));
    assert_eq!(server.client(&["basket", "--no-such-flag", "PEN"]).code, Some(2));
    let nowhere = server.client(&["products", "--url", "http://127.0.0.1:1"]);
    assert_eq!(nowhere.code, Some(3), "{nowhere:?}");
    assert!(nowhere.err.contains("no answer from"), "{nowhere:?}");
}
