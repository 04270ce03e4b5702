//! Who may do what, tried out: every operation of the OpenAPI document as every kind of visitor, against the rule that the
//! document tells (`x-access`). An operation without a rule fails.

use crate::harness::{CartKey, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};

/// What anybody may do. This list only shrinks.
const OPEN: [&str; 10] = [
    "forgot_password",
    "healthz",
    "list_products",
    "log_in",
    "metrics",
    "read_product",
    "readyz",
    "register_account",
    "reset_password",
    "verify_account",
];

/// Visitors; the first ones never may what is not public.
const VISITORS: [&str; 6] = ["nobody", "wrong cart token", "other shopper", "other store", "read_only", "staff"];

struct Visitors {
    guest: Shop,
    shopper: Shop,
    elsewhere: Shop,
    reader: Shop,
    staff: Shop,
}

impl Visitors {
    async fn ask(&self, who: &str, method: &Method, path: &str, body: Option<&Value>) -> u16 {
        let shop = match who {
            "other shopper" => &self.shopper,
            "other store" => &self.elsewhere,
            "read_only" => &self.reader,
            "staff" => &self.staff,
            _ => &self.guest,
        };
        let mut ask = shop.ask(method.clone(), path).key("sweep");
        if let Some(body) = body {
            ask = ask.json(body);
        }
        if who == "wrong cart token" {
            ask = ask.token(&"0".repeat(64));
        }
        ask.send().await.status
    }
}

/// What a visitor must be answered: one of these, or nothing of the kind.
enum Expected {
    OneOf(&'static [u16]),
    NoneOf(&'static [u16]),
}

fn expected(access: &Value, method: &Method, operation: &str, who: &str) -> Expected {
    use Expected::{NoneOf, OneOf};
    let least = access["role"].as_str().unwrap_or_default();
    let enough = |role: &str| {
        let rank = |name: &str| ["read_only", "staff", "owner"].iter().position(|known| *known == name);
        rank(role) >= rank(least)
    };
    match (access["who"].as_str(), who) {
        (Some("anybody"), _) => NoneOf(&[403, 500]),
        (Some("provider"), _) => OneOf(&[401, 404, 422]),
        (Some("link"), _) => OneOf(&[404]),
        (Some("account"), "other shopper") => NoneOf(&[401, 403, 500]),
        (Some("account"), "other store") => OneOf(&[403]),
        (Some("account"), _) => OneOf(&[401]),
        (Some("operator" | "shopper"), "other store") => OneOf(&[403]),
        (Some("operator" | "shopper"), "read_only" | "staff") if !enough(who) => OneOf(&[403]),
        (Some("operator" | "shopper"), "read_only" | "staff") => NoneOf(&[401, 403, 500]),
        (Some("operator"), "other shopper") => OneOf(&[403]),
        (Some("operator"), _) => OneOf(&[401]),
        // Everybody may have a cart of their own.
        (Some("shopper"), _) if operation == "create_cart" && *method == Method::POST => OneOf(&[200, 201]),
        (Some("shopper"), _) => OneOf(&[404]),
        (rule, _) => panic!("{operation} has no rule that this test knows: {rule:?}"),
    }
}

/// A body that is right as far as the document can tell, so that only the rule stands in the way.
fn body(operation: &str) -> Value {
    match operation {
        "add_lines" => json!({"sku": "PEN", "quantity": 1}),
        "change_line" => json!({"quantity": 1}),
        "apply_coupon" => json!({"code": "X"}),
        "checkout" => json!({"payment": {"gateway": "test", "method": "ok"}}),
        _ => json!({}),
    }
}

#[tokio::test]
async fn every_operation_is_open_to_those_whom_its_rule_names_and_to_nobody_else() {
    let server = Server::start();
    let owner = server.shop();
    owner.put_goods(&[("PEN", 500, 1000)]).await;
    let other = json!({"handle": "other", "name": "Other", "currency": "EUR"});
    owner.post("/admin/stores", &other).send().await.expect(200);
    let key = |more: &[&str]| owner.with_key(&server.create_key(more));
    let visitors = Visitors {
        guest: server.guest(),
        shopper: server.person("eve@example.com").await.shop(&owner).await,
        elsewhere: key(&["--only-store", "other"]),
        reader: key(&["--role", "read_only"]),
        staff: key(&["--role", "staff"]),
    };
    let document = owner.guest().get("//openapi.json").send().await.expect(200);
    let mut operations: Vec<(String, Method, String, Value)> = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            assert!(operation["x-access"]["who"].is_string(), "{name} has no rule");
            let method: Method = method.to_uppercase().parse().expect("a method");
            operations.push((name, method, path.clone(), operation.clone()));
        }
    }
    let open = operations.iter().filter(|(.., operation)| operation["x-access"]["who"] == "anybody");
    let mut open: Vec<&str> = open.map(|(name, ..)| name.as_str()).collect();
    open.sort_unstable();
    assert_eq!(open, OPEN);
    // What ends the shopper's session comes last.
    operations.sort_by_key(|(name, ..)| {
        ["change_password", "delete_account", "log_out"].iter().position(|last| last == name).map_or(0, |at| at + 1)
    });
    let again = server.person("mallory@example.com").await.shop(&owner).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (name, method, path, operation) in &operations {
        let shopper = if name == "log_out" { Some(&again) } else { None };
        for who in VISITORS {
            let status = {
                let path = with_ids(&owner, path).await;
                let body = operation.get("requestBody").map(|_| body(name));
                match shopper.filter(|_| who == "other shopper") {
                    Some(again) => again.ask(method.clone(), &path).send().await.status,
                    None => visitors.ask(who, method, &path, body.as_ref()).await,
                }
            };
            tried += 1;
            let right = match expected(&operation["x-access"], method, name, who) {
                Expected::OneOf(allowed) => allowed.contains(&status),
                Expected::NoneOf(forbidden) => !forbidden.contains(&status),
            };
            if !right {
                wrong.push(format!("{method} {path} ({name}) as {who}: {status}; {}", operation["x-access"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 300, "only {tried} were tried");
    server.settle_and_verify().await;
}

/// The path with a guest's cart, its line and an order of somebody else.
async fn with_ids(owner: &Shop, path: &str) -> String {
    let bare = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
    if !bare.contains('{') {
        return bare;
    }
    let guest = owner.guest();
    let (cart, filled) = guest.fill(&[("PEN", 1)]).await;
    let bare =
        bare.replace("{cart_id}", &cart.id).replace("{line_id}", filled["lines"][0]["id"].as_str().expect("an id"));
    let bare = match bare.contains("{order_id}") {
        true => bare.replace("{order_id}", &order(&guest, &cart).await),
        false => bare,
    };
    let bare =
        bare.replace("{sku}", "PEN").replace("{handle}", "pen").replace("{code}", "X").replace("{customer}", "c");
    let mut parts: Vec<String> = bare.split('/').map(str::to_owned).collect();
    for part in parts.iter_mut().filter(|part| part.starts_with('{')) {
        *part = "00000000-0000-7000-8000-000000000000".to_owned();
    }
    parts.join("/")
}

async fn order(guest: &Shop, cart: &CartKey) -> String {
    let order = guest.checkout(cart, "k", "ok").send().await.expect(201);
    order["id"].as_str().expect("an id").to_owned()
}
