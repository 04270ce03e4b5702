//! Control characters: wherever a request has one, it is refused by us and not by a storage.

use crate::harness::{Answer, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};

/// As addresses write them: NUL, others of ASCII, those beyond it.
const ESCAPED: [&str; 6] = ["%00", "a%00b", "%01", "%1F", "%7F", "%C2%85"];
/// As texts.
const PLAIN: [char; 6] = ['\0', '\u{1}', '\u{8}', '\u{1b}', '\u{7f}', '\u{9f}'];

#[track_caller]
fn refused(what: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
}

struct Operation {
    method: Method,
    path: String,
    query: Vec<String>,
    has_body: bool,
}

async fn operations(shop: &Shop) -> Vec<Operation> {
    let document = shop.get("//openapi.json").send().await.expect(200);
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, what) in item.as_object().expect("operations") {
            let parameters = what["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            all.push(Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned),
                query: query.map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect(),
                has_body: what.get("requestBody").is_some(),
            });
        }
    }
    all
}

/// A path with something in the place of its parameters: of one with another text than of the rest.
fn filled(path: &str, place: usize, with: &str) -> Option<String> {
    let mut at = 0;
    let part = |part: &str| {
        if !part.starts_with('{') {
            return part.to_owned();
        }
        at += 1;
        if at - 1 == place { with.to_owned() } else { "00000000-0000-7000-8000-000000000000".to_owned() }
    };
    let done = path.split('/').map(part).collect::<Vec<_>>().join("/");
    (place < at || place == usize::MAX).then_some(done)
}

#[tokio::test]
async fn no_parameter_of_any_operation_may_have_a_control_character() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let mut tried = 0;
    for operation in operations(&shop).await {
        let Operation { method, path, query, has_body } = &operation;
        let ask = async |path: &str| {
            let ask = shop.ask(method.clone(), path).key("k");
            if *has_body { ask.json(&json!({})).send().await } else { ask.send().await }
        };
        for escaped in ESCAPED {
            for place in 0.. {
                let Some(path) = filled(path, place, escaped) else { break };
                refused(&format!("{method} {path}"), &ask(&path).await);
                tried += 1;
            }
            let path = filled(path, usize::MAX, "").expect("a path");
            for name in query {
                let path = format!("{path}?{name}={escaped}");
                refused(&format!("{method} {path}"), &ask(&path).await);
                tried += 1;
            }
        }
    }
    assert!(tried > 600, "only {tried} were tried");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn lists_of_operators_name_the_field_that_has_one() {
    let server = Server::start();
    let shop = server.shop();
    for (path, field) in [
        ("/products?text=a%00", "text"),
        ("/admin/products?text=%00", "text"),
        ("/admin/orders?customer=%00", "customer"),
        ("/admin/orders?email=a%00b", "email"),
        ("/admin/customers?cursor=%00", "cursor"),
    ] {
        let problem = shop.get(path).send().await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], field, "{path}: {problem}");
    }
    // Written into a cursor, where it is not seen.
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for list in ["/admin/customers", "/admin/products", "/products", "/admin/orders", "/admin/audit"] {
        for inside in [r#""\u0000""#, r#"["\u0000","\u0000"]"#, r#"["a\u0000",1,"x"]"#] {
            let answer = shop.get(&format!("{list}?cursor={}", hex(inside))).send().await;
            refused(&format!("{list} {inside}"), &answer);
        }
    }
}

#[tokio::test]
async fn no_text_of_a_body_may_have_a_control_character_but_lines_and_tabs() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    for character in PLAIN {
        let text = format!("a{character}b");
        let bodies: [(Method, String, Value, &str); 6] = [
            (
                Method::PATCH,
                cart.path(""),
                json!({"shipping_address": {"country": "DE", "city": text}}),
                "shipping_address.city",
            ),
            (
                Method::POST,
                cart.path("/lines"),
                json!({"sku": "PEN", "quantity": 1, "options": {"note": text}}),
                "options.note",
            ),
            (Method::POST, cart.path("/coupons"), json!({"code": text}), "code"),
            (Method::POST, "/carts".to_owned(), json!({"customer": text}), "customer"),
            (Method::POST, "/admin/stores".to_owned(), json!({"handle": "x", "name": text, "currency": "EUR"}), "name"),
            (Method::PUT, "/admin/customers/ada".to_owned(), json!({"groups": [text]}), "groups[0]"),
        ];
        for (method, path, body, field) in bodies {
            let answer = shop.ask(method, &path).json(&body).send().await;
            let problem = answer.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let named = guest.post("/carts", &json!({ text.as_str(): 1 })).send().await;
        assert!(named.status == 422, "{named:?}");
    }
    let lines = json!({"shipping_address": {"country": "DE", "line1": "House\tA\r\nStreet 1"}});
    guest.patch(&cart.path(""), &lines).token(&cart.token).send().await.expect(200);
}
