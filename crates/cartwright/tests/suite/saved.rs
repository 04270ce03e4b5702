//! Saved for later, and the last removal taken back.

use crate::harness::{CartKey, Server, Shop};
use serde_json::{Value, json};

async fn shop_with_goods() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 5)]).await;
    (server, shop, guest)
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// A POST without a body to something in the cart.
async fn post(guest: &Shop, cart: &CartKey, rest: &str) -> crate::harness::Answer {
    guest.ask(reqwest::Method::POST, &cart.path(rest)).token(&cart.token).send().await
}

fn codes(notices: &Value) -> Vec<&str> {
    notices["notices"].as_array().expect("notices").iter().filter_map(|notice| notice["code"].as_str()).collect()
}

#[tokio::test]
async fn a_saved_line_counts_nothing_tells_what_changed_and_comes_back_at_todays_price() {
    let (server, shop, guest) = shop_with_goods().await;
    let (cart, filled) = guest.fill(&[("PEN", 2), ("MUG", 3)]).await;
    let saved = post(&guest, &cart, &format!("/lines/{}/save", id(&filled["lines"][1]))).await.expect(200);
    assert_eq!(
        (saved["lines"].as_array().map(Vec::len), &saved["totals"]["total"]["amount"]),
        (Some(1), &json!(1_000))
    );
    let item = &saved["saved"][0];
    assert_eq!((&item["sku"], &item["quantity"], &item["notices"]), (&json!("MUG"), &json!(3), &json!([])));

    // Another shopper buys most of them, and the price rises.
    let rival = guest.cart(&[("MUG", 4)]).await;
    guest.checkout(&rival, "k", "ok").send().await.expect(201);
    shop.set_price("MUG", 800).await;
    let read = guest.read(&cart).await;
    assert_eq!(codes(&read["saved"][0]), ["price_rose", "insufficient_stock"]);
    assert_eq!(read["saved"][0]["availability"], json!({"status": "insufficient", "available": 1}));
    let restore = format!("/saved/{}/restore", id(&read["saved"][0]));
    let short = post(&guest, &cart, &restore).await.problem(409, "insufficient_stock");
    assert_eq!(short["errors"][0]["available"], 1);
    assert_eq!(guest.read(&cart).await, read, "a refusal changes nothing");

    let more = json!({"sku": "MUG", "kind": "receive", "quantity": 9, "reason": "delivery"});
    assert!(shop.post("/admin/stock/adjustments", &json!({"adjustments": [more]})).send().await.status < 300);
    let back = post(&guest, &cart, &restore).await.expect(200);
    let line = &back["lines"][1];
    assert_eq!(
        (&line["quantity"], &line["unit_price"]["amount"], &back["saved"]),
        (&json!(3), &json!(800), &json!([]))
    );
    assert_eq!(codes(line), ["price_changed_since_saved"]);
    assert_eq!(line["notices"][0]["old"]["amount"], 750);
    post(&guest, &cart, &restore).await.problem(404, "saved_item_not_found");
    guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn what_is_no_longer_sold_says_so_and_does_not_come_back() {
    let (_server, shop, guest) = shop_with_goods().await;
    let (cart, filled) = guest.fill(&[("MUG", 1)]).await;
    post(&guest, &cart, &format!("/lines/{}/save", id(&filled["lines"][0]))).await.expect(200);
    let ended = json!({"handle": "mug", "name": "MUG", "active": false, "variants": [{"sku": "MUG", "price": 750}]});
    shop.post("/admin/products", &json!({"products": [ended]})).send().await.expect(200);
    let read = guest.read(&cart).await;
    assert_eq!((codes(&read["saved"][0]), read["saved"][0].get("unit_price")), (vec!["unavailable"], None));
    let restore = format!("/saved/{}/restore", id(&read["saved"][0]));
    post(&guest, &cart, &restore).await.problem(409, "not_for_sale");
}

#[tokio::test]
async fn removals_are_taken_back_in_turn_and_forgotten_with_the_next_change() {
    let (server, _, guest) = shop_with_goods().await;
    let (cart, filled) = guest.fill(&[("PEN", 2), ("MUG", 1)]).await;
    let remove = |line: String| guest.delete(&cart.path(&line)).token(&cart.token).send();
    let less = remove(format!("/lines/{}", id(&filled["lines"][0]))).await.expect(200);
    assert_eq!((&less["undo"]["what"], less["undo"]["until"].is_string()), (&json!("removal"), true));
    post(&guest, &cart, &format!("/lines/{}/save", id(&filled["lines"][1]))).await.expect(200);
    post(&guest, &cart, "/undo").await.problem(409, "nothing_to_undo");
    let item = id(&guest.read(&cart).await["saved"][0]).to_owned();
    remove(format!("/saved/{item}")).await.expect(200);
    let back = post(&guest, &cart, "/undo").await.expect(200);
    assert_eq!((id(&back["saved"][0]), back.get("undo")), (item.as_str(), None));
    let restored = post(&guest, &cart, &format!("/saved/{item}/restore")).await.expect(200);
    remove(format!("/lines/{}", id(&restored["lines"][0]))).await.expect(200);
    let same = post(&guest, &cart, "/undo").await.expect(200);
    assert_eq!(same["lines"], restored["lines"]);
    post(&guest, &cart, "/undo").await.problem(409, "nothing_to_undo");
    server.verify();
}

#[tokio::test]
async fn saved_items_go_on_with_the_customers_next_cart() {
    let (server, shop, _) = shop_with_goods().await;
    let lines = json!([{"sku": "PEN", "quantity": 2}, {"sku": "MUG", "quantity": 1}]);
    let cart = shop.post("/carts", &json!({"customer": "ada", "lines": lines})).send().await.expect(201);
    let path = format!("/carts/{}", id(&cart));
    shop.ask(reqwest::Method::POST, &format!("{path}/lines/{}/save", id(&cart["lines"][1]))).send().await.expect(200);
    let pay = json!({"payment": {"gateway": "test", "method": "ok"}});
    shop.post(&format!("{path}/checkout"), &pay).key("k").send().await.expect(201);
    let next = shop.post("/carts", &json!({"customer": "ada"})).send().await.expect(201);
    assert_eq!((&next["saved"][0]["sku"], &next["lines"]), (&json!("MUG"), &json!([])));
    assert_eq!(shop.get(&path).send().await.expect(200)["saved"], json!([]), "it is not there twice");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn the_command_line_saves_restores_takes_back_and_merges() {
    let (server, shop, _) = shop_with_goods().await;
    let run = |arguments: &[&str]| server.client(arguments).good();
    run(&["cart", "add", "PEN=2", "MUG"]);
    let saved = run(&["cart", "save", "MUG"]);
    assert!(saved.contains("Saved for later"), "{saved}");
    assert!(!run(&["cart", "restore", "MUG"]).contains("Saved for later"));
    assert!(!run(&["cart", "remove", "PEN"]).contains("PEN"));
    assert!(run(&["cart", "undo"]).contains("PEN"));
    run(&["cart", "merge", "ada"]);
    let merged = shop.post("/carts", &json!({"customer": "ada"})).send().await.expect(200);
    assert_eq!(merged["lines"].as_array().map(Vec::len), Some(2));
    assert!(run(&["cart", "unmerge"]).contains("The cart is empty"));
}
