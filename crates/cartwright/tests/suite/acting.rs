//! A shop's program that acts for its users: it says for whom, and then opens that customer's carts and orders and nothing else.

use crate::harness::{Answer, CartKey, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};

/// Sends a request for a customer.
async fn ask(shop: &Shop, customer: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let ask = shop.ask(method, path).header("Cartwright-Customer", customer);
    match body {
        Some(body) => ask.json(&body).send().await,
        None => ask.send().await,
    }
}

#[tokio::test]
async fn a_program_that_names_its_user_opens_that_ones_carts_and_orders_alone() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let act = async |customer: &str, method, path: &str, body| ask(&shop, customer, method, path, body).await;
    let one = json!({"sku": "PEN", "quantity": 1});
    let cart = act("1", Method::POST, "/carts", Some(json!({"lines": [one.clone()]}))).await.expect(201);
    assert_eq!((&cart["customer"], cart.get("token")), (&json!("1"), None));
    // The same user has one cart, another has another.
    assert_eq!(act("1", Method::POST, "/carts", Some(json!({}))).await.expect(200)["id"], cart["id"]);
    let others = act("2", Method::POST, "/carts", Some(json!({}))).await.expect(201);
    assert_ne!(others["id"], cart["id"]);
    act("2", Method::POST, "/carts", Some(json!({"customer": "1"}))).await.problem(403, "not_allowed");
    let path = |rest: &str| format!("/carts/{}{rest}", cart["id"].as_str().expect("an id"));
    let line = path(&format!("/lines/{}", cart["lines"][0]["id"].as_str().expect("an id")));
    let buy = |key: &str| {
        let total = cart["totals"]["total"]["amount"].clone();
        json!({"payment": {"gateway": "test", "method": "ok"}, "expected_total": total, "idempotency_key": key})
    };
    // A wrong user is refused whatever they try, and nothing changes.
    for (method, path, body) in [
        (Method::GET, path(""), None),
        (Method::GET, path("/events"), None),
        (Method::GET, path("/shipping-methods"), None),
        (Method::POST, path("/lines"), Some(one.clone())),
        (Method::PATCH, line.clone(), Some(json!({"quantity": 2}))),
        (Method::DELETE, line.clone(), None),
        (Method::PATCH, path(""), Some(json!({"email": "eve@example.com"}))),
        (Method::POST, path("/checkout"), Some(buy("wrong"))),
        (Method::DELETE, path(""), None),
    ] {
        act("2", method.clone(), &path, body).await.problem(404, "cart_not_found");
    }
    assert_eq!(act("1", Method::GET, &path(""), None).await.expect(200), shop.get(&path("")).send().await.expect(200));
    let order = act("1", Method::POST, &path("/checkout"), Some(buy("right"))).await.expect(201);
    let of_order = format!("/orders/{}", order["id"].as_str().expect("an id"));
    act("1", Method::GET, &of_order, None).await.expect(200);
    act("2", Method::GET, &of_order, None).await.problem(404, "order_not_found");
    act("2", Method::POST, &format!("{of_order}/cancel"), Some(json!({}))).await.problem(404, "order_not_found");
    // Whoever acts for somebody sees what that one sees.
    assert!(act("1", Method::GET, &of_order, None).await.json().get("network").is_none());
    // Without the header the key opens what it opened.
    shop.get(&of_order).send().await.expect(200);
    // What was done is in the log under the key's name.
    let log = shop.get("/admin/audit").send().await.expect(200);
    let actors: Vec<&Value> = log["items"].as_array().expect("items").iter().map(|entry| &entry["actor"]).collect();
    assert!(actors.iter().all(|actor| actor.as_str().is_some_and(|actor| actor.starts_with("key:"))), "{log:#}");
    server.verify();
}

#[tokio::test]
async fn who_acts_for_a_customer_does_nothing_else_and_only_operators_do() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    for path in ["/admin/orders", "/admin/customers", "/admin/keys", "/admin/audit"] {
        ask(&shop, "1", Method::GET, path, None).await.problem(403, "not_allowed");
    }
    let adjust = json!({"adjustments": [{"sku": "PEN", "kind": "receive", "quantity": 1, "reason": "x"}]});
    ask(&shop, "1", Method::POST, "/admin/stock/adjustments", Some(adjust)).await.problem(403, "not_allowed");
    assert_eq!(shop.stock("PEN").await, (10, 0));
    // A guest's cart is nobody's customer's.
    let cart: CartKey = guest.cart(&[("PEN", 1)]).await;
    ask(&shop, "1", Method::GET, &cart.path(""), None).await.problem(404, "cart_not_found");
    ask(&guest, "1", Method::POST, "/carts", Some(json!({}))).await.problem(403, "operator_required");
    let ada = server.person("ada@example.com").await.shop(&shop).await;
    ask(&ada, "1", Method::GET, "/account/cart", None).await.problem(403, "operator_required");
    let token = guest.get(&cart.path("")).token(&cart.token).header("Cartwright-Customer", "1").send().await;
    token.problem(403, "operator_required");
    for wrong in ["", &"x".repeat(101)] {
        ask(&shop, wrong, Method::POST, "/carts", Some(json!({}))).await.problem(422, "invalid_request");
    }
    // A key that may not act for shoppers may not do it for one either.
    let limited = shop.with_key(&server.create_key(&["--scope", "orders:read"]));
    ask(&limited, "1", Method::POST, "/carts", Some(json!({}))).await.problem(403, "not_allowed");
    let reader = shop.with_key(&server.create_key(&["--role", "read_only"]));
    ask(&reader, "1", Method::POST, "/carts", Some(json!({}))).await.problem(403, "not_allowed");
}
