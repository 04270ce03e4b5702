//! What a shopper may do with a cart, and who may do it.

use crate::harness::{CartKey, Server, Shop};
use serde_json::{Value, json};

async fn shop_with_goods() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 5)]).await;
    (server, shop, guest)
}

async fn add(guest: &Shop, cart: &CartKey, line: Value) -> Value {
    guest.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200)
}

#[tokio::test]
async fn the_same_goods_are_one_line_and_other_options_make_another() {
    let (server, _, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    add(&guest, &cart, json!({"sku": "PEN", "quantity": 2})).await;
    let gift = json!({"sku": "PEN", "quantity": 1, "options": {"gift_wrap": "red"}});
    add(&guest, &cart, gift.clone()).await;
    let read = add(&guest, &cart, gift).await;
    let lines = read["lines"].as_array().expect("lines");
    let summary: Vec<(&Value, &Value)> = lines.iter().map(|line| (&line["quantity"], &line["options"])).collect();
    assert_eq!(summary, [(&json!(3), &json!({})), (&json!(2), &json!({"gift_wrap": "red"}))]);
    assert_eq!(read["totals"]["total"]["amount"], 2_500);
    server.verify();
}

#[tokio::test]
async fn several_lines_are_added_together_or_not_at_all() {
    let (server, _, guest) = shop_with_goods().await;
    let cart = guest.cart(&[]).await;
    let good =
        json!({"lines": [{"sku": "PEN", "quantity": 1}, {"sku": "MUG", "quantity": 2}, {"sku": "PEN", "quantity": 1}]});
    let read = add(&guest, &cart, good).await;
    assert_eq!(read["totals"]["total"]["amount"], 2 * 500 + 2 * 750);
    let bad = json!({"lines": [{"sku": "PEN", "quantity": 1}, {"sku": "GONE", "quantity": 2}]});
    guest.post(&cart.path("/lines"), &bad).token(&cart.token).send().await.problem(404, "variant_unknown");
    assert_eq!(guest.read(&cart).await, read);
    server.verify();
}

#[tokio::test]
async fn a_quantity_is_changed_and_zero_removes_the_line() {
    let (server, _, guest) = shop_with_goods().await;
    let (cart, filled) = guest.fill(&[("PEN", 1), ("MUG", 1)]).await;
    let line = |at: usize| cart.path(&format!("/lines/{}", filled["lines"][at]["id"].as_str().expect("an id")));
    let change =
        |at: usize, quantity: i64| guest.patch(&line(at), &json!({"quantity": quantity})).token(&cart.token).send();
    let read = change(0, 7).await.expect(200);
    assert_eq!((&read["lines"][0]["quantity"], &read["lines"][0]["id"]), (&json!(7), &filled["lines"][0]["id"]));
    assert_eq!(read["totals"]["total"]["amount"], 7 * 500 + 750);
    let read = change(0, 0).await.expect(200);
    assert_eq!(read["lines"].as_array().map(Vec::len), Some(1));
    change(0, 1).await.problem(404, "line_not_found");
    let read = guest.delete(&line(1)).token(&cart.token).send().await.expect(200);
    assert_eq!((&read["lines"], &read["totals"]["total"]["amount"]), (&json!([]), &json!(0)));
    guest.checkout(&cart, "empty", "ok").send().await.problem(409, "cart_empty");
    server.verify();
}

#[tokio::test]
async fn more_than_there_is_cannot_be_put_into_a_cart_and_the_answer_says_how_many_can() {
    let (server, _, guest) = shop_with_goods().await;
    let (cart, before) = guest.fill(&[("MUG", 3)]).await;
    let answer =
        guest.post(&cart.path("/lines"), &json!({"sku": "MUG", "quantity": 3})).token(&cart.token).send().await;
    let problem = answer.problem(409, "insufficient_stock");
    assert_eq!((&problem["errors"][0]["requested"], &problem["errors"][0]["available"]), (&json!(6), &json!(5)));
    assert_eq!(problem["remedy"], json!({"action": "reduce_quantity", "with": {"quantity": 5}}));
    assert_eq!(guest.read(&cart).await["version"], before["version"]);
    // Two lines of the same goods are counted together.
    let wrapped = json!({"sku": "MUG", "quantity": 3, "options": {"gift_wrap": "red"}});
    guest.post(&cart.path("/lines"), &wrapped).token(&cart.token).send().await.problem(409, "insufficient_stock");
    server.verify();
}

#[tokio::test]
async fn a_cart_that_lost_its_goods_to_others_says_so_and_is_refused_at_checkout() {
    let (server, shop, guest) = shop_with_goods().await;
    let (late, early) = (guest.cart(&[("MUG", 2)]).await, guest.cart(&[("MUG", 4)]).await);
    guest.checkout(&early, "early", "ok").send().await.expect(201);
    let line = &guest.read(&late).await["lines"][0];
    assert_eq!(line["availability"], json!({"status": "insufficient", "available": 1}));
    assert!(
        line["notices"]
            .as_array()
            .is_some_and(|notices| notices.iter().any(|notice| notice["code"] == "insufficient_stock"))
    );
    let problem = guest.checkout(&late, "late", "ok").send().await.problem(409, "insufficient_stock");
    assert_eq!(problem["errors"][0]["available"], 1);
    assert_eq!(shop.orders(None).await.len(), 1);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_carts_tag_saves_reading_it_again_and_guards_a_change() {
    let (server, _, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let read = || guest.get(&cart.path("")).token(&cart.token);
    let tag = read().send().await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "a strong tag: {tag}");
    let unchanged = read().header("If-None-Match", &tag).send().await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));

    let change = || guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token);
    change().header("If-Match", &tag).send().await.expect(200);
    change().header("If-Match", &tag).send().await.problem(412, "version_mismatch");
    let now = read().header("If-None-Match", &tag).send().await;
    assert_eq!(now.expect(200)["lines"][0]["quantity"], 2);
    assert_ne!(now.header("etag"), tag);
    server.verify();
}

#[tokio::test]
async fn a_price_that_changes_makes_another_tag_although_the_cart_is_the_same() {
    let (server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let tag = guest.get(&cart.path("")).token(&cart.token).send().await.header("etag").to_owned();
    shop.set_price("PEN", 600).await;
    let read = guest.get(&cart.path("")).token(&cart.token).header("If-None-Match", &tag).send().await.expect(200);
    assert_eq!(read["lines"][0]["notices"][0]["code"], "price_rose", "{read}");
    server.verify();
}

#[tokio::test]
async fn a_cart_opens_with_its_token_only() {
    let (server, shop, guest) = shop_with_goods().await;
    let (cart, other) = (guest.cart(&[("PEN", 1)]).await, guest.cart(&[]).await);
    guest.get(&cart.path("")).send().await.problem(404, "cart_not_found");
    guest.get(&cart.path("")).token(&other.token).send().await.problem(404, "cart_not_found");
    guest.get(&cart.path("")).token("").send().await.problem(404, "cart_not_found");
    guest.delete(&cart.path("")).token(&other.token).send().await.problem(404, "cart_not_found");
    guest
        .checkout(&CartKey { token: other.token.clone(), ..cart.clone() }, "steal", "ok")
        .send()
        .await
        .problem(404, "cart_not_found");
    assert!(guest.read(&cart).await.get("token").is_none(), "the token comes once");
    // The shop itself may look.
    assert_eq!(shop.get(&cart.path("")).send().await.expect(200)["id"], cart.id);

    let order = guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    let id = order["id"].as_str().expect("an id");
    assert!(!order.to_string().contains(&cart.token));
    guest.order(id, &other.token).await.problem(404, "order_not_found");
    guest.get(&format!("/orders/{id}")).send().await.problem(404, "order_not_found");
    assert_eq!(guest.order(id, &cart.token).await.expect(200), order);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_cart_that_was_deleted_or_checked_out_takes_no_more_changes() {
    let (server, _, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    assert_eq!(guest.delete(&cart.path("")).token(&cart.token).send().await.status, 204);
    let gone = guest.get(&cart.path("")).token(&cart.token).send().await;
    gone.problem(404, "cart_removed");

    let cart = guest.cart(&[("PEN", 1)]).await;
    let order = guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    let late = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token).send().await;
    let problem = late.problem(409, "cart_closed");
    assert_eq!(problem["remedy"], json!({"action": "read_order", "with": {"order_id": order["id"]}}));
    let read = guest.read(&cart).await;
    assert_eq!((&read["status"], &read["order_id"]), (&json!("checked_out"), &order["id"]));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_add_with_a_key_counts_once_however_often_it_is_sent() {
    let (server, _, guest) = shop_with_goods().await;
    let cart = guest.cart(&[]).await;
    let add = |quantity: i64| {
        guest
            .post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": quantity}))
            .token(&cart.token)
            .key("add-1")
            .send()
    };
    for _ in 0..3 {
        assert_eq!(add(2).await.expect(200)["lines"][0]["quantity"], 2);
    }
    add(3).await.problem(422, "idempotency_key_reused");
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 2);
    server.verify();
}

#[tokio::test]
async fn a_customer_has_one_cart_and_only_the_shop_opens_it() {
    let (server, shop, guest) = shop_with_goods().await;
    let create = json!({"customer": "ada", "lines": [{"sku": "PEN", "quantity": 1}]});
    guest.post("/carts", &create).send().await.problem(403, "operator_required");
    let cart = shop.post("/carts", &create).send().await.expect(201);
    assert_eq!((&cart["customer"], cart.get("token")), (&json!("ada"), None));
    let again = shop.post("/carts", &create).send().await;
    assert!(matches!(again.status, 200 | 201), "{again:?}");
    let again = again.json();
    assert_eq!((&again["id"], &again["lines"][0]["quantity"]), (&cart["id"], &json!(2)));
    let path = format!("/carts/{}", cart["id"].as_str().expect("an id"));
    guest.get(&path).send().await.problem(404, "cart_not_found");
    guest.get(&path).token("").send().await.problem(404, "cart_not_found");
    let body = json!({"payment": {"gateway": "test", "method": "ok"}});
    let order = shop.post(&format!("{path}/checkout"), &body).key("ada-1").send().await.expect(201);
    assert_eq!((&order["customer"], &order["status"]), (&json!("ada"), &json!("placed")));
    let next = shop.post("/carts", &json!({"customer": "ada"})).send().await.expect(201);
    assert_ne!(next["id"], cart["id"]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_cart_past_its_date_is_gone_and_takes_nothing_with_it() {
    let (mut server, shop, guest) = shop_with_goods().await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let read = guest.read(&cart).await;
    assert!(read["expires_at"].as_str() > read["created_at"].as_str(), "{read}");
    // Nobody waits thirty days: the database is told that they have passed, while no server looks.
    server.kill();
    assert_eq!(server.execute("UPDATE carts SET expires_at = 1000"), 1);
    server.restart();
    guest.get(&cart.path("")).token(&cart.token).send().await.problem(404, "cart_expired");
    guest.checkout(&cart, "late", "ok").send().await.problem(404, "cart_expired");
    let change = guest.patch(&cart.path(""), &json!({"email": "ada@example.com"})).token(&cart.token).send().await;
    change.problem(404, "cart_expired");
    // The next add starts a new cart, with a secret of its own.
    let add = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 2})).token(&cart.token).send().await;
    let new = add.expect(201);
    assert!(new["id"] != json!(cart.id) && new["token"] != json!(cart.token), "{new}");
    assert_eq!(new["lines"][0]["quantity"], 2);
    guest.checkout(&CartKey::of(&new), "buy", "ok").send().await.expect(201);
    guest.get(&cart.path("")).token(&cart.token).send().await.problem(404, "cart_expired");
    assert_eq!(shop.stock("PEN").await, (98, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_code_is_found_whatever_its_case_and_an_unknown_one_is_refused() {
    let (server, shop, guest) = shop_with_goods().await;
    shop.put_promotion(json!({"name": "Tenth off", "benefit": {"kind": "percentage", "percent": "10"}}), &["TENTH"])
        .await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let apply = |code: &str| guest.post(&cart.path("/coupons"), &json!({"code": code})).token(&cart.token).send();
    let read = apply("  tenTH ").await.expect(200);
    assert_eq!((&read["coupons"][0]["code"], &read["coupons"][0]["applied"]), (&json!("TENTH"), &json!(true)));
    let totals = [
        &read["totals"]["subtotal"]["amount"],
        &read["totals"]["discount"]["amount"],
        &read["totals"]["total"]["amount"],
    ];
    assert_eq!(totals, [&json!(1_000), &json!(100), &json!(900)]);
    assert_eq!(read["discounts"][0]["name"], "Tenth off");
    let twice = apply("TENTH").await.expect(200);
    assert_eq!(twice["totals"], read["totals"], "a code counts once");
    apply("NOPE").await.problem(409, "coupon_invalid");
    let without = guest.delete(&cart.path("/coupons/tenth")).token(&cart.token).send().await.expect(200);
    assert_eq!((&without["coupons"], &without["totals"]["total"]["amount"]), (&json!([]), &json!(1_000)));
    server.verify();
}
