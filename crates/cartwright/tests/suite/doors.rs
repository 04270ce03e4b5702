//! What stands around every answer: the headers that keep browsers from mischief, what is answered at which address, cells that
//! spreadsheets would run, and how much of a request an answer repeats.

use crate::harness::{Answer, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What an answer must have, but for the page that shows the OpenAPI document.
#[track_caller]
fn protected(what: &str, answer: &Answer) {
    let shown = |name: &str| answer.header(name).to_owned();
    let page = what.contains("/docs");
    let public = what.starts_with("GET /api/v1/products") && answer.status == 200;
    assert_eq!(shown("cache-control"), if public { "no-cache" } else { "no-store" }, "{what}: {answer:?}");
    assert_eq!(shown("x-content-type-options"), "nosniff", "{what}: {answer:?}");
    assert_eq!(shown("x-frame-options"), "DENY", "{what}: {answer:?}");
    assert_eq!(shown("referrer-policy"), "no-referrer", "{what}: {answer:?}");
    let policy = shown("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "), "{what}: {policy}");
    assert!(policy.ends_with("frame-ancestors 'none'"), "{what}: {policy}");
    assert_eq!(policy.contains("script-src 'self'"), page, "{what}: {policy}");
    assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' 'unsafe"), "{what}: {policy}");
}

struct Operation {
    name: String,
    method: Method,
    path: String,
    what: Value,
}

async fn operations(shop: &Shop) -> (Value, Vec<Operation>) {
    let document = shop.get("//openapi.json").send().await.expect(200);
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, what) in item.as_object().expect("operations") {
            let name = what["operationId"].as_str().expect("a name").to_owned();
            all.push(Operation {
                name,
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                what: what.clone(),
            });
        }
    }
    (document, all)
}

/// The path with something in the place of each parameter, as [`Shop::ask`] takes it.
fn filled(path: &str, with: &str) -> String {
    let bare = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
    let part = |part: &str| if part.starts_with('{') { with.to_owned() } else { part.to_owned() };
    bare.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_answer_tells_browsers_to_keep_it_to_themselves() {
    let server = Server::with(&["--body-limit-kib", "1"]);
    let (owner, guest) = (server.shop(), server.guest());
    owner.put_goods(&[("PEN", 500, 10)]).await;
    let (_, operations) = operations(&owner).await;
    let mut tried = 0;
    for operation in &operations {
        let (path, method) = (filled(&operation.path, "00000000-0000-7000-8000-000000000000"), &operation.method);
        for shop in [&guest, &owner] {
            let mut ask = shop.ask(method.clone(), &path).key("sweep");
            if operation.what.get("requestBody").is_some() {
                ask = ask.json(&json!({}));
            }
            protected(&format!("{method} {}", operation.path), &ask.send().await);
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} were tried");
    for path in [
        "/nowhere",
        "//nowhere",
        "//docs/",
        "//docs/swagger-ui.css",
        "//docs/nothing",
        "//openapi.json",
        "/products/pen",
    ] {
        protected(&format!("GET {}", path.replacen("/products", "/api/v1/products", 1)), &guest.get(path).send().await);
    }
    let method = guest.put("/carts", &json!({})).send().await;
    method.problem(405, "method_not_allowed");
    let large = guest.post("/carts", &json!({"email": "x".repeat(2_000)})).send().await;
    large.problem(413, "body_too_large");
    let kind = guest.ask(Method::POST, "/carts").text("text/plain", "{}").send().await;
    kind.problem(415, "unsupported_media_type");
    let broken = guest.ask(Method::POST, "/carts").text("application/json", "{").send().await;
    broken.problem(400, "malformed_json");
    for answer in [method, large, kind, broken] {
        protected("an error", &answer);
    }
    let cart = guest.cart(&[("PEN", 1)]).await;
    let stream = guest.get(&cart.path("/events")).token(&cart.token).header("Accept", "text/event-stream").open().await;
    let answer = Answer { status: 200, headers: stream.headers().clone(), body: Vec::new() };
    protected("a stream", &answer);
}

#[tokio::test]
async fn answers_before_any_route_is_looked_for_are_protected_too() {
    let server = Server::with(&["--rate-limit", "1"]);
    let guest = server.guest();
    let mut refused = 0;
    for _ in 0..10 {
        let answer = guest.get("/account").send().await;
        protected("GET /api/v1/account", &answer);
        refused += usize::from(answer.status == 429);
    }
    assert!(refused > 0, "none was turned away");
    // A body that never comes.
    let address = server.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    let head = "POST /api/v1/webhooks/stripe HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 9\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("it is taken");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let head = text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
    for line in [
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "referrer-policy: no-referrer",
    ] {
        assert!(head.contains(line), "{text}");
    }
}

#[tokio::test]
async fn metrics_and_documents_are_at_an_address_of_their_own_where_that_is_wanted() {
    let server = Server::with(&["--internal-listen", "127.0.0.1:0"]);
    let said = server.said();
    let url = said.iter().find_map(|line| line.strip_prefix("metrics and documents at ")).expect("it says where");
    let internal = async |path: &str| {
        let answer = crate::harness::http_client().get(format!("{url}{path}")).send().await.expect("an answer");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        answer.status().as_u16()
    };
    let guest = server.guest();
    for path in ["/metrics", "/docs/", "/openapi.json"] {
        guest.get(&format!("/{path}")).send().await.problem(404, "route_not_found");
        assert_eq!(internal(path).await, 200, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        guest.get(&format!("/{path}")).send().await.expect(200);
        assert_eq!(internal(path).await, 200, "{path}");
    }
    assert_eq!(internal("/api/v1/products").await, 404);
    let mut server = server;
    server.ask_to_stop();
    assert!(server.wait().success());
}

#[tokio::test]
async fn metrics_and_documents_can_be_off() {
    let server = Server::with(&["--no-docs", "--no-metrics"]);
    let guest = server.guest();
    for path in ["//metrics", "//docs", "//docs/", "//openapi.json"] {
        guest.get(path).send().await.problem(404, "route_not_found");
    }
    guest.get("//healthz").send().await.expect(200);
}

#[tokio::test]
async fn what_a_spreadsheet_would_run_is_marked_and_comes_back_as_it_was() {
    let server = Server::start();
    let shop = server.shop();
    let name = "=HYPERLINK(\"http://evil.example\",\"Pen\")";
    let product = json!({
        "handle": "pen", "name": name, "description": "\t@SUM(A1)", "vendor": "'=quoted", "tags": ["-1+1"],
        "variants": [{"sku": "+PEN", "price": 500, "on_hand": 10, "attributes": {"=Size": "M"}}],
    });
    shop.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
    let before = shop.get("/admin/products").send().await.expect(200);
    let file = server.folder().join("export.csv");
    let file = file.display().to_string();
    server.client(&["export", "--output", &file]).good();
    let written = std::fs::read(&file).expect("it was written");
    let mut cells = csv::ReaderBuilder::new().has_headers(false).from_reader(&*written);
    let cells: Vec<String> =
        cells.records().flat_map(|row| row.expect("a row").iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.contains(&format!("'{name}")), "{cells:?}");
    assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{cells:?}");
    server.client(&["import", &file]).good();
    assert_eq!(shop.get("/admin/products").send().await.expect(200), before);
    let guest = server.guest();
    let cart = guest.cart(&[("+PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let report = shop.get("/admin/reports/products?format=csv").send().await;
    let text = String::from_utf8_lossy(&report.body).into_owned();
    assert!(report.status == 200 && text.contains("'+PEN") && text.contains("\"'=HYPERLINK"), "{report:?}");
}

/// A value that is told apart from everything else, in 10 KB: alone, and with all that texts are quoted with.
fn huge(tough: bool) -> String {
    if tough { "zq`zq\" zq'\\ ".repeat(900) } else { "zq".repeat(5_000) }
}

/// The most of that value that one text of an answer repeats, in characters.
fn repeated(value: &Value) -> usize {
    match value {
        Value::String(text) => text.matches("zq").count() * 2,
        Value::Array(items) => items.iter().map(repeated).max().unwrap_or(0),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| repeated(value).max(name.matches("zq").count() * 2)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

#[track_caller]
fn short(what: &str, answer: &Answer) {
    if answer.status < 400 || answer.body.is_empty() {
        return;
    }
    let most = repeated(&answer.json());
    assert!(most <= 64, "{what}: {most} characters of what was sent are repeated: {answer:?}");
}

/// The fields of a request's body, with those of the objects in it: paths of names.
fn fields(document: &Value, schema: &Value, depth: usize) -> Vec<Vec<String>> {
    let schema = match schema["$ref"].as_str() {
        Some(name) => document.pointer(&name[1..]).expect("a schema"),
        None => schema,
    };
    let mut all = Vec::new();
    for part in ["oneOf", "allOf", "anyOf"].iter().filter_map(|name| schema[*name].as_array()).flatten() {
        all.extend(fields(document, part, depth));
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        all.push(vec![name.clone()]);
        if depth > 0 {
            let items = if inner["items"].is_object() { &inner["items"] } else { inner };
            let listed =
                if inner["items"].is_object() { vec![name.clone(), "[]".to_owned()] } else { vec![name.clone()] };
            all.extend(fields(document, items, depth - 1).into_iter().map(|rest| [listed.clone(), rest].concat()));
        }
    }
    all
}

fn nested(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, name| if name == "[]" { json!([inner]) } else { json!({ name: inner }) })
}

#[tokio::test]
async fn no_refusal_repeats_more_than_64_characters_of_a_value() {
    let server = Server::start();
    let shop = server.shop();
    let (document, operations) = operations(&shop).await;
    let mut tried = 0;
    for operation in &operations {
        let (name, method) = (&operation.name, &operation.method);
        let path = filled(&operation.path, "pen");
        let ask = |path: &str| shop.ask(method.clone(), path).key("k");
        let body = |ask: crate::harness::Ask, value: Value| match operation.what.get("requestBody") {
            Some(_) => ask.json(&value),
            None => ask,
        };
        short(name, &body(ask(&filled(&operation.path, &huge(false))), json!({})).send().await);
        for parameter in operation.what["parameters"].as_array().into_iter().flatten() {
            let field = parameter["name"].as_str().expect("a name");
            tried += 1;
            match parameter["in"].as_str() {
                Some("query") => {
                    let wrong = ask(&format!("{path}?{field}={}", huge(false)));
                    short(&format!("{name}?{field}"), &body(wrong, json!({})).send().await);
                }
                Some("header") if !["idempotency-key"].contains(&field.to_lowercase().as_str()) => {
                    short(
                        &format!("{name} {field}"),
                        &body(ask(&path).header(field, &huge(false)), json!({})).send().await,
                    );
                }
                _ => {}
            }
        }
        short(&format!("{name}?huge"), &body(ask(&format!("{path}?{}=1", huge(false))), json!({})).send().await);
        let schema = &operation.what["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            continue;
        }
        for tough in [false, true] {
            short(name, &ask(&path).json(&json!({ huge(tough): 1 })).send().await);
            for field in fields(&document, schema, 2) {
                tried += 1;
                let what = format!("{name}: {}", field.join("."));
                for value in [json!(huge(tough)), json!({ huge(tough): 1 })] {
                    short(&what, &ask(&path).json(&nested(&field, value)).send().await);
                }
            }
        }
    }
    assert!(tried > 500, "only {tried} were tried");
    assert!(!server.log().contains(&"zq".repeat(33)), "the log repeats what was sent");
}

#[tokio::test]
async fn no_refusal_repeats_a_secret() {
    let server = Server::start();
    let guest = server.guest();
    let secret = 1_234_567_890_123_i64;
    let bodies = [
        ("/account/session", json!({"email": "ada@example.com", "password": secret})),
        ("/account/verify", json!({"token": secret, "password": secret})),
        ("/account/password/reset", json!({"token": secret, "password": "long enough"})),
        ("/account/session", json!({"email": "ada@example.com", "password": {"x": secret}})),
    ];
    for (path, body) in bodies {
        let answer = guest.post(path, &body).send().await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("1234567890123"), "{answer:?}");
    }
    for key in ["sk_1234567890123", "cs_1234567890123", "1234567890123"] {
        let answer = guest.with_key(key).get("/admin/orders").send().await;
        assert!(answer.status == 401 && !String::from_utf8_lossy(&answer.body).contains("1234567890123"), "{answer:?}");
    }
    assert!(!server.log().contains("1234567890123"), "{}", server.log());
}
