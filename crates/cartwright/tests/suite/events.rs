//! The log of events: complete, in order, without gaps; and what operators and shoppers see of it.

use crate::harness::{Dice, Server, Shop, Storm, eventually};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// All events after a number, page by page.
pub(crate) async fn events(shop: &Shop, mut after: i64) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = shop.get(&format!("/events?after={after}&limit=1000")).send().await.expect(200);
        let items = page["items"].as_array().expect("a list").clone();
        all.extend(items);
        after = all.last().map_or(after, |last: &Value| last["sequence"].as_i64().expect("a number"));
        if page["next"].is_null() {
            return all;
        }
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

async fn timeline(shop: &Shop, path: &str) -> Vec<Value> {
    let page = shop.get(&format!("{path}/timeline")).send().await.expect(200);
    page["items"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_storm_of_checkouts_every_orders_events_are_there_once_in_order_and_without_gaps() {
    let server = Server::start();
    let storm = Storm::begin(&server, 8, &mut Dice::new()).await;
    storm.reach(100).await;
    storm.end().await;
    server.settle_and_verify().await;
    let shop = server.shop();
    let all = events(&shop, 0).await;
    let numbers: Vec<i64> = all.iter().map(|event| event["sequence"].as_i64().expect("a number")).collect();
    assert_eq!(numbers, (1..=all.len() as i64).collect::<Vec<_>>());
    let mut per_order: HashMap<&str, Vec<&str>> = HashMap::new();
    for event in &all {
        if let Some(order) = event["order_id"].as_str() {
            per_order.entry(order).or_default().push(event["type"].as_str().expect("a type"));
        }
    }
    let orders = shop.orders(None).await;
    assert_eq!(per_order.len(), orders.len());
    for order in &orders {
        let told = &per_order[order["id"].as_str().expect("an id")];
        assert_eq!(told, &["order.created", "payment.captured", "order.placed"], "{order}");
    }
}

#[tokio::test]
async fn every_change_of_a_cart_is_told_with_its_cause_and_by_whom() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let promotion = json!({"name": "Ten", "requires_code": true, "benefit": {"kind": "fixed_amount", "amount": 10}});
    shop.put_promotion(promotion, &["TEN"]).await;
    let (cart, shown) = guest.fill(&[("PEN", 1)]).await;
    let line = shown["lines"][0]["id"].as_str().expect("an id").to_owned();
    let token = &cart.token;
    guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 2})).token(token).send().await.expect(200);
    guest.patch(&cart.path(&format!("/lines/{line}")), &json!({"quantity": 2})).token(token).send().await.expect(200);
    guest.post(&cart.path("/coupons"), &json!({"code": "TEN"})).token(token).send().await.expect(200);
    shop.patch(&cart.path(""), &json!({"email": "a@example.com"})).send().await.expect(200);
    let order = guest.checkout(&cart, "k", "declined").send().await;
    assert!(order.status < 500, "{order:?}");
    let told = timeline(&shop, &cart.path("")).await;
    let expected = [
        "cart.created",
        "cart.changed",
        "cart.changed",
        "cart.changed",
        "cart.changed",
        "cart.checked_out",
        "cart.reactivated",
    ];
    assert_eq!(types(&told), expected);
    let causes: Vec<&str> = told[1..5].iter().map(|event| event["data"]["cause"].as_str().expect("a cause")).collect();
    assert_eq!(causes, ["lines_added", "line_changed", "coupon_applied", "details_set"]);
    assert_eq!(told[1]["data"]["lines"], json!([{"sku": "PEN", "quantity": 2}]));
    assert_eq!((&told[2]["data"]["before"], &told[2]["data"]["quantity"]), (&json!(3), &json!(2)));
    assert_eq!(told[4]["data"]["fields"], json!(["email"]));
    assert!(!told.iter().any(|event| event.to_string().contains("a@example.com")), "addresses stay out of events");
    let by: Vec<&str> = told.iter().map(|event| event["actor"].as_str().expect("an actor")).collect();
    assert_eq!(by, ["shopper", "shopper", "shopper", "shopper", "operator", "shopper", "gateway"]);
    guest.get(&cart.path("/timeline")).token(token).send().await.problem(403, "operator_required");
    guest.get(&cart.path("/timeline")).send().await.problem(404, "cart_not_found");
    guest.get("/events").send().await.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_timeline_of_an_order_tells_its_owner_less_than_an_operator_and_others_nothing() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
    shop.post(&format!("{path}/cancel"), &json!({"reason": "smells of fraud"})).send().await.expect(200);
    let expected =
        ["order.created", "payment.captured", "order.placed", "order.cancelled", "refund.created", "refund.succeeded"];
    let all = eventually("the refund is through", Duration::from_secs(10), async || {
        let all = timeline(&shop, &path).await;
        (all.len() == expected.len()).then_some(all)
    })
    .await;
    assert_eq!(types(&all), expected);
    assert_eq!(all[3]["data"]["reason"], "smells of fraud");
    let owners = guest.get(&format!("{path}/timeline")).token(&cart.token).send().await.expect(200);
    assert_eq!(types(owners["items"].as_array().expect("a list")), expected);
    assert!(!owners.to_string().contains("fraud"), "{owners}");
    assert_eq!(owners["items"][1]["data"]["amount"], 100);
    guest.get(&format!("{path}/timeline")).token("another").send().await.problem(404, "order_not_found");
}

#[tokio::test]
async fn events_are_listed_by_type_and_page_and_on_the_command_line() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let placed = shop.get("/events?types=order.placed,order.created").send().await.expect(200);
    assert_eq!(types(placed["items"].as_array().expect("a list")), ["order.created", "order.placed"]);
    let first = shop.get("/events?limit=1").send().await.expect(200);
    assert_eq!((first["items"].as_array().map(Vec::len), &first["next"]), (Some(1), &json!("1")));
    shop.get("/events?types=order.eaten").send().await.problem(422, "invalid_request");
    shop.get("/events?before=1").send().await.problem(422, "invalid_request");
    let listed = server.client(&["events", "--json"]).json(0);
    assert_eq!(listed.as_array().map(Vec::len), Some(5), "{listed}");
    let id = order["id"].as_str().expect("an id");
    let shown = server.client(&["orders", "timeline", id]).good();
    assert!(shown.contains("order.placed"), "{shown}");
    let shown = server.client(&["carts", "timeline", &cart.id]).good();
    assert!(shown.contains("cart.checked_out"), "{shown}");
}

#[tokio::test]
async fn every_type_of_event_stands_in_the_documentation() {
    let text = std::fs::read_to_string(crate::harness::workspace().join("docs/events.md")).expect("docs/events.md");
    for kind in cartwright_domain::event::EventKind::ALL {
        assert!(text.contains(&format!("| `{}` |", kind.as_str())), "{} is missing", kind.as_str());
    }
}
