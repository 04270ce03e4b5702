//! A promotion is tried before its launch: what it would have cost is told, and nothing is changed.

use crate::harness::{CartKey, Server, Shop};
use serde_json::{Value, json};

fn tenth() -> Value {
    json!({"name": "Tenth", "benefit": {"kind": "percentage", "percent": "10"}})
}

/// A shop with three orders of 1,000, 2,250 and 1,500 minor units, and open carts of 500 and 750 and an empty one.
async fn shop_with_a_past() -> (Server, Shop, Vec<CartKey>) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 100)]).await;
    for (number, goods) in [&[("PEN", 2)][..], &[("MUG", 3)], &[("PEN", 3)]].into_iter().enumerate() {
        let cart = guest.cart(goods).await;
        guest.checkout(&cart, &format!("k{number}"), "ok").send().await.expect(201);
    }
    // Neither counts: the one is cancelled, for the other nobody paid.
    let cancelled = guest.cart(&[("PEN", 1)]).await;
    let order = guest.checkout(&cancelled, "cancelled", "ok").send().await.expect(201);
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    shop.post(&cancel, &json!({})).send().await.expect(200);
    let carts = vec![guest.cart(&[("PEN", 1)]).await, guest.cart(&[("MUG", 1)]).await, guest.cart(&[]).await];
    (server, shop, carts)
}

async fn tried(shop: &Shop, request: Value) -> Value {
    shop.post("/admin/promotions/try", &request).send().await.expect(200)
}

/// All that a trial must leave as it is.
async fn state(shop: &Shop, carts: &[CartKey]) -> (Vec<Value>, Value, Vec<Value>, (i64, i64)) {
    let mut read = Vec::new();
    for cart in carts {
        read.push(shop.read(cart).await);
    }
    let promotions = shop.get("/admin/promotions").send().await.expect(200);
    (shop.orders(None).await, promotions, read, shop.stock("PEN").await)
}

#[tokio::test]
async fn ten_percent_on_everything_costs_a_tenth_of_the_goods_and_changes_nothing() {
    let (server, shop, carts) = shop_with_a_past().await;
    let before = state(&shop, &carts).await;
    let found = tried(&shop, json!({"definition": tenth()})).await;
    let euros = |amount: i64, formatted: &str| json!({"amount": amount, "currency": "EUR", "formatted": formatted});
    let sum = json!({"currency": "EUR", "orders": 3, "orders_changed": 3, "cost": euros(475, "4.75€")});
    assert_eq!(found["sums"], json!([sum]), "{found}");
    let days = found["days"].as_array().expect("days");
    let of_days = |field: &str| days.iter().map(|day| day[field].as_i64().expect("a number")).sum::<i64>();
    assert_eq!((of_days("orders"), of_days("changed")), (3, 3));
    assert_eq!(days.iter().map(|day| day["cost"]["amount"].as_i64().expect("an amount")).sum::<i64>(), 475);
    let today = found["until"].as_str().expect("an instant").split('T').next().expect("a date");
    assert!(days.iter().any(|day| day["date"] == today), "{found}");
    assert_eq!((&found["orders_looked_at"], &found["orders_differing"]), (&json!(3), &json!(0)));
    assert_eq!((&found["orders_not_priced"], &found["truncated"]), (&json!(0), &json!(false)));

    let told = &found["carts"];
    assert_eq!((&told["looked_at"], &told["changed"]), (&json!(3), &json!(2)), "{told}");
    assert_eq!(told["cost"], json!([euros(125, "1.25€")]));
    let change =
        |cart: &CartKey, before: Value, after: Value| json!({"cart_id": cart.id, "before": before, "after": after});
    let expected = [
        change(&carts[0], euros(500, "5.00€"), euros(450, "4.50€")),
        change(&carts[1], euros(750, "7.50€"), euros(675, "6.75€")),
    ];
    assert_eq!(told["list"], json!(expected));

    assert_eq!(state(&shop, &carts).await, before);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn limits_go_to_the_first_orders_and_codes_are_assumed_unless_told_otherwise() {
    let (_server, shop, _) = shop_with_a_past().await;
    let cost = |found: &Value| (found["sums"][0]["orders_changed"].clone(), found["sums"][0]["cost"]["amount"].clone());
    let mut limited = tenth();
    limited["limits"] = json!({"total_uses": 2});
    let found = tried(&shop, json!({"definition": limited, "codes": ["SPRING"]})).await;
    assert_eq!(cost(&found), (json!(2), json!(100 + 225)));
    // Guests are nobody in particular: a limit per customer cannot be kept for them.
    limited["limits"] = json!({"uses_per_customer": 1});
    assert_eq!(cost(&tried(&shop, json!({"definition": limited})).await), (json!(0), json!(0)));
    let entered = json!({"definition": tenth(), "codes": ["SPRING"], "assume_code": false});
    let found = tried(&shop, entered).await;
    assert_eq!((cost(&found), &found["carts"]["changed"]), ((json!(0), json!(0)), &json!(0)));
}

#[tokio::test]
async fn a_draft_may_replace_a_promotion_and_later_changes_of_the_store_are_told() {
    let (_server, shop, _) = shop_with_a_past().await;
    let half = json!({"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}});
    let id = shop.put_promotion(half, &[]).await;
    let found = tried(&shop, json!({"definition": tenth(), "replaces": id})).await;
    // Against today's half price a tenth off brings in 40 % of 4,750; but nobody was given half price then.
    assert_eq!((&found["sums"][0]["cost"]["amount"], &found["orders_differing"]), (&json!(-1_900), &json!(3)));
    let unknown = json!({"definition": tenth(), "replaces": "00000000-0000-7000-8000-000000000000"});
    shop.post("/admin/promotions/try", &unknown).send().await.problem(404, "promotion_not_found");
}

#[tokio::test]
async fn only_the_period_counts() {
    let (_server, shop, _) = shop_with_a_past().await;
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let early = json!({"definition": tenth(), "from": 0, "until": 366 * DAY_MS});
    let found = tried(&shop, early).await;
    assert_eq!((&found["orders_looked_at"], &found["sums"], &found["days"]), (&json!(0), &json!([]), &json!([])));
    assert_eq!(found["from"], "1970-01-01T00:00:00.000Z");
    // An order's own instant is inside, at both ends.
    let instant = |order: &Value| {
        let id: uuid::Uuid = order["id"].as_str().expect("an id").parse().expect("a UUID");
        let (seconds, nanoseconds) = id.get_timestamp().expect("ids begin with their time").to_unix();
        seconds as i64 * 1_000 + i64::from(nanoseconds) / 1_000_000
    };
    let placed = shop.orders(Some("placed")).await;
    let at = instant(&placed[1]);
    let then = placed.iter().filter(|order| instant(order) == at).count();
    let found = tried(&shop, json!({"definition": tenth(), "from": at, "until": at})).await;
    assert_eq!(found["orders_looked_at"], then, "{found}");
}

#[tokio::test]
async fn a_wrong_draft_is_refused_with_the_field_that_is_wrong() {
    let (server, shop, _) = shop_with_a_past().await;
    shop.put_promotion(tenth(), &["SPRING"]).await;
    let refused = async |request: Value, status: u16, code: &str| {
        let problem = shop.post("/admin/promotions/try", &request).send().await.problem(status, code);
        let errors = problem["errors"].as_array().expect("errors").iter();
        errors.map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let of = |benefit: Value| json!({"definition": {"name": "X", "benefit": benefit}});
    let field = refused(of(json!({"kind": "percentage", "percent": "ten"})), 422, "invalid_request").await;
    assert!(field.starts_with("definition.benefit"), "{field}");
    let field = refused(of(json!({"kind": "bulk_price", "tiers": []})), 409, "definition_refused").await;
    assert_eq!(field, "definition.benefit.tiers");
    assert_eq!(refused(json!({"definition": tenth(), "until": 1, "from": 2}), 409, "definition_refused").await, "from");
    assert_eq!(refused(json!({"definition": tenth(), "from": 0}), 409, "definition_refused").await, "from");
    let taken = json!({"definition": tenth(), "codes": ["FRESH", "spring"]});
    assert_eq!(refused(taken, 409, "definition_refused").await, "codes[1]");
    assert_eq!(refused(json!({"definition": tenth(), "dayz": 3}), 422, "invalid_request").await, "dayz");
    let guest = server.guest().post("/admin/promotions/try", &json!({"definition": tenth()})).send().await;
    guest.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_command_draws_the_days_and_lists_the_carts() {
    let (server, shop, carts) = shop_with_a_past().await;
    shop.put_promotion(json!({"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}}), &[]).await;
    let file = server.folder().join("tenth.json");
    std::fs::write(&file, tenth().to_string()).expect("written");
    let file = file.display().to_string();
    let text = server.client(&["promotions", "try", &file, "--days", "7", "--code", "SPRING"]).good();
    // Half of 4,750 is what they would have paid; a tenth of that.
    for part in ["2.38€", "changed 3 of 3 orders", "█████", "2 of 3 open carts", &carts[0].id, "store was changed"]
    {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    let found = server.client(&["promotions", "try", &file, "--replaces", "Half", "--json"]).json(0);
    assert_eq!(found["sums"][0]["cost"]["amount"], -1_900);
    let ran = server.client(&["promotions", "try", &file, "--days", "0"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}
