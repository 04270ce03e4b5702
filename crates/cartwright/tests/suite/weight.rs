//! Heavy carts, and what one guest may cost everybody else.

use crate::harness::{CartKey, Server, Shop};
use serde_json::{Value, json};

/// Bytes that the options of a line may have, and the texts of a cart, where nothing else is set.
const LINE: usize = 4_096;
const CART: usize = 262_144;

/// A line with so many bytes of options, told apart by its number.
fn engraved(number: usize, bytes: usize) -> Value {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut left = bytes;
    let mut options = serde_json::Map::new();
    for name in names {
        if left == 0 {
            break;
        }
        let value = left.saturating_sub(1).min(500);
        let text = format!("{number:05}{}", "x".repeat(value.saturating_sub(5)));
        options.insert(name.to_owned(), json!(text[..value]));
        left -= value + 1;
    }
    json!({"sku": "PEN", "quantity": 1, "options": options})
}

/// A guest's cart with as many texts as it may have.
async fn heaviest(guest: &Shop) -> CartKey {
    let cart = guest.cart(&[]).await;
    let lines: Vec<Value> = (0..CART / LINE).map(|number| engraved(number, LINE)).collect();
    for lines in lines.chunks(32) {
        guest.post(&cart.path("/lines"), &json!({"lines": lines})).token(&cart.token).send().await.expect(200);
    }
    cart
}

#[tokio::test]
async fn texts_of_a_line_and_of_a_cart_are_bounded_and_the_refusal_says_by_what() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let add = async |line: &Value| guest.post(&cart.path("/lines"), line).token(&cart.token).send().await;
    let refused = add(&engraved(900, LINE + 1)).await.problem(409, "options_too_large");
    assert_eq!(refused["remedy"], json!({"action": "shorten", "with": {"bytes": LINE + 1, "limit_bytes": LINE}}));
    assert_eq!(refused["errors"][0]["field"], "lines[0].options");
    let refused = add(&engraved(900, 20)).await.problem(409, "cart_too_heavy");
    assert_eq!(refused["remedy"], json!({"action": "remove_lines", "with": {"bytes": CART + 20, "limit_bytes": CART}}));
    // What it is full of it may still change, and a line without texts is welcome.
    add(&json!({"sku": "PEN", "quantity": 2})).await.expect(200);
    let read = guest.read(&cart).await;
    assert_eq!(read["lines"].as_array().map(Vec::len), Some(CART / LINE + 1));
    assert!(read.to_string().len() < 2 * CART, "an answer has the texts once");
    server.verify();
}

#[tokio::test]
async fn a_store_sets_its_own_limits_within_reason_and_heavier_carts_live_on() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let set = async |settings: Value| {
        let store = json!({"handle": "default", "name": "Default store", "currency": "EUR", "settings": settings});
        shop.post("/admin/stores", &store).send().await
    };
    for wrong in [
        json!({"cart_bytes": 16_383}),
        json!({"cart_bytes": 1_048_577}),
        json!({"line_options_bytes": 65_537}),
        json!({"line_options_bytes": -1}),
    ] {
        set(wrong.clone()).await.problem(422, "invalid_request");
    }
    set(json!({"cart_bytes": 16_384, "line_options_bytes": 0})).await.expect(200);
    let add = async |line: &Value| guest.post(&cart.path("/lines"), line).token(&cart.token).send().await;
    add(&engraved(900, 8)).await.problem(409, "options_too_large");
    add(&json!({"sku": "PEN", "quantity": 1})).await.expect(200);
    let read = guest.read(&cart).await;
    let line = read["lines"][0]["id"].as_str().expect("an id");
    guest.delete(&cart.path(&format!("/lines/{line}"))).token(&cart.token).send().await.expect(200);
    guest.post(&cart.path("/undo"), &json!({})).token(&cart.token).send().await.expect(200);
    server.verify();
}
