//! Which products a text finds; the same on both storages.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};

async fn put(shop: &Shop, handle: &str, name: &str, sku: &str) {
    let product = json!({"handle": handle, "name": name, "variants": [{"sku": sku, "price": 100, "on_hand": 1}]});
    let report = shop.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
    assert_ne!(report["results"][0]["outcome"], "refused", "{report}");
}

/// Handles of what is found, by name.
async fn found(shop: &Shop, text: &str) -> Vec<String> {
    let url = reqwest::Url::parse_with_params("http://shop/", [("text", text)]).expect("a query");
    let page = shop.get(&format!("/products?{}", url.query().expect("a query"))).send().await.expect(200);
    let handle = |product: &Value| product["handle"].as_str().expect("a handle").to_owned();
    page["items"].as_array().expect("products").iter().map(handle).collect()
}

/// Asserts what a text finds, the handles parted by blanks.
async fn check(shop: &Shop, text: &str, expected: &str) {
    assert_eq!(found(shop, text).await.join(" "), expected, "{text:?}");
}

async fn open() -> (Server, Shop) {
    let server = Server::start();
    let shop = server.shop();
    put(&shop, "a1", "Coconut T-Shirt", "TS-77").await;
    put(&shop, "b2", "Émail/Crème 50% (blau)", "X_1").await;
    put(&shop, "c3", "Old \"Zebra\" mug", "MUG*[9]").await;
    (server, shop)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_letters_are_found_anywhere() {
    let (_server, shop) = open().await;
    for (text, expected) in [
        ("cocon", "a1"),
        ("CONUT", "a1"),
        ("ut t-sh", "a1"),
        ("  shirt ", "a1"),
        ("ts-77", "a1"),
        ("50%", "b2"),
        ("5_%", ""),
        ("%%%", ""),
        ("x_1", "b2"),
        ("crème", "b2"),
        ("ÉMAIL/C", "b2"),
        ("\"zebra\"", "c3"),
        ("*[9]", "c3"),
        ("mug mug", ""),
        ("con not", ""),
    ] {
        check(&shop, text, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_or_two_letters_are_found_where_a_word_begins() {
    let (_server, shop) = open().await;
    for (text, expected) in [
        ("co", "a1"),
        ("on", ""),
        ("T", "a1"),
        ("sh", "a1"),
        ("7", "a1"),
        ("t-", "a1"),
        ("-s", ""),
        ("c", "a1 c3 b2"),
        ("cr", "b2"),
        ("É", "b2"),
        ("(b", "b2"),
        ("bl", ""),
        ("50", "b2"),
        ("%", ""),
        ("_1", ""),
        ("*", ""),
        (".", ""),
        ("\"Z", "c3"),
        ("-", ""),
        (" ", "a1 c3 b2"),
    ] {
        check(&shop, text, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_product_is_found_by_its_new_name_alone_and_in_its_store_alone() {
    let (_server, shop) = open().await;
    put(&shop, "a1", "Walnut vest", "TS-77").await;
    for (text, expected) in [("coconut", ""), ("co", ""), ("walnut", "a1"), ("wa", "a1"), ("w", "a1")] {
        check(&shop, text, expected).await;
    }
    let second = json!({"handle": "second", "name": "Second", "currency": "EUR"});
    shop.post("/admin/stores", &second).send().await.expect(200);
    let second = shop.of_store("second");
    put(&second, "w9", "Walnut bowl", "W9").await;
    for text in ["walnut", "wa", "w"] {
        check(&shop, text, "a1").await;
        check(&second, text, "w9").await;
    }
}
