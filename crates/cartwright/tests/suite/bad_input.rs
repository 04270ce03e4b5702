//! Whatever is sent, the answer is a problem with a stable code, nothing has changed, and nothing is a fault of ours.

use crate::harness::{CartKey, HUNG, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a request that is refused must leave as it was.
async fn fingerprint(shop: &Shop, cart: &CartKey) -> Value {
    let read = shop.read(cart).await;
    let orders = shop.orders(None).await.len();
    let (pen, mug) = (shop.stock("PEN").await, shop.stock("MUG").await);
    let promotions = shop.get("/admin/promotions").send().await.expect(200);
    let products = shop.get("/admin/products").send().await.expect(200);
    json!([read, orders, pen, mug, promotions, products])
}

struct Bad {
    what: String,
    method: Method,
    path: String,
    kind: Option<&'static str>,
    body: Vec<u8>,
    expected: (u16, &'static str),
    operator: bool,
}

/// Collects rows of the table.
struct Table {
    rows: Vec<Bad>,
    cart: String,
    line: String,
}

impl Table {
    fn row(&mut self, method: Method, path: &str, body: impl Into<Vec<u8>>, expected: (u16, &'static str)) -> &mut Bad {
        let path = path.replace("{cart}", &self.cart).replace("{line}", &self.line);
        let body: Vec<u8> = body.into();
        let kind = (!body.is_empty()).then_some("application/json");
        let start: String = String::from_utf8_lossy(&body).chars().take(120).collect();
        let what = format!("{method} {path} {start}");
        self.rows.push(Bad { what, method, path, kind, body, expected, operator: false });
        self.rows.last_mut().expect("just pushed")
    }

    fn post(&mut self, path: &str, body: &str, expected: (u16, &'static str)) -> &mut Bad {
        self.row(Method::POST, path, body, expected)
    }
}

const INVALID: (u16, &str) = (422, "invalid_request");
const MALFORMED: (u16, &str) = (400, "malformed_json");
const NOWHERE: &str = "0192a2f0-0000-7000-8000-000000000000";

fn quantities(table: &mut Table) {
    for quantity in [
        "-1",
        "0",
        "1.5",
        "1e400",
        "1e-3",
        "100000",
        "9223372036854775807",
        "99999999999999999999999",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "{}",
        "NaN",
    ] {
        let expected = match quantity {
            "NaN" | "1e400" => MALFORMED,
            _ => INVALID,
        };
        table.post("/carts/{cart}/lines", &format!(r#"{{"sku": "PEN", "quantity": {quantity}}}"#), expected);
        table.post("/carts", &format!(r#"{{"lines": [{{"sku": "PEN", "quantity": {quantity}}}]}}"#), expected);
        if quantity != "0" {
            let body = format!(r#"{{"quantity": {quantity}}}"#);
            table.row(Method::PATCH, "/carts/{cart}/lines/{line}", body, expected);
        }
    }
    // Each is allowed; together with what the cart has they are too many.
    let full = r#"{"lines": [{"sku": "PEN", "quantity": 99999}, {"sku": "PEN", "quantity": 99999}]}"#;
    table.post("/carts/{cart}/lines", full, (422, "quantity_out_of_range"));
}

fn texts(table: &mut Table) {
    let long = "x".repeat(101);
    for sku in [r"PEN\u0000", r"PEN\u0007", r"PEN\u001b[2J", r"\n", "", long.as_str()] {
        table.post("/carts/{cart}/lines", &format!(r#"{{"sku": "{sku}", "quantity": 1}}"#), INVALID);
    }
    for sku in ["pen", "PEN ", " PEN", "' OR 1=1 --", "%", "../PEN", "PEN;DROP TABLE carts", "🖊"] {
        table.post("/carts/{cart}/lines", &format!(r#"{{"sku": "{sku}", "quantity": 1}}"#), (404, "variant_unknown"));
    }
    let text = "y".repeat(501);
    table.post(
        "/carts/{cart}/lines",
        &format!(r#"{{"sku": "PEN", "quantity": 1, "options": {{"a": "{text}"}}}}"#),
        INVALID,
    );
    table.post("/carts/{cart}/lines", r#"{"sku": "PEN", "quantity": 1, "options": {"": "x"}}"#, INVALID);
    table.post("/carts/{cart}/lines", r#"{"sku": "PEN", "quantity": 1, "options": {"a": 1}}"#, INVALID);
    let many: serde_json::Map<String, Value> = (0..21).map(|number| (number.to_string(), json!("x"))).collect();
    table.post("/carts/{cart}/lines", &json!({"sku": "PEN", "quantity": 1, "options": many}).to_string(), INVALID);
    for email in ["ada", "@", "a@b c", "", "ada@example.com\\u0000"] {
        table.row(Method::PATCH, "/carts/{cart}", format!(r#"{{"email": "{email}"}}"#), INVALID);
    }
    let endless = format!("{}@example.com", "a".repeat(300));
    table.row(Method::PATCH, "/carts/{cart}", format!(r#"{{"email": "{endless}"}}"#), INVALID);
    for country in ["", "de", "DEU", "D1", "Ä"] {
        let body = format!(r#"{{"shipping_address": {{"country": "{country}"}}}}"#);
        table.row(Method::PATCH, "/carts/{cart}", body, INVALID);
    }
    table.row(Method::PATCH, "/carts/{cart}", r#"{"shipping_method": "no-such"}"#, (409, "shipping_method_unknown"));
    table.post("/carts", r#"{"currency": "XXZ"}"#, INVALID);
    table.post("/carts", r#"{"currency": "eur"}"#, INVALID);
    table.post("/carts/{cart}/coupons", r#"{"code": ""}"#, INVALID);
    table.post("/carts/{cart}/coupons", r#"{"code": "NO-SUCH"}"#, (409, "coupon_invalid"));
    table.row(Method::POST, "/carts/{cart}/lines", b"{\"sku\": \"\xff\xfe\", \"quantity\": 1}".to_vec(), MALFORMED);
}

fn prices_and_unknown_fields(table: &mut Table) {
    for field in ["price", "unit_price", "total", "discount", "amount", "nonsense"] {
        table.post("/carts/{cart}/lines", &format!(r#"{{"sku": "PEN", "quantity": 1, "{field}": 1}}"#), INVALID);
        table.post("/carts", &format!(r#"{{"lines": [{{"sku": "PEN", "quantity": 1, "{field}": 1}}]}}"#), INVALID);
        table.post("/carts", &format!(r#"{{"{field}": 1}}"#), INVALID);
        table.row(Method::PATCH, "/carts/{cart}", format!(r#"{{"{field}": 1}}"#), INVALID);
        table.row(Method::PATCH, "/carts/{cart}/lines/{line}", format!(r#"{{"quantity": 1, "{field}": 1}}"#), INVALID);
        let body = format!(r#"{{"payment": {{"gateway": "test", "method": "ok"}}, "{field}": 1}}"#);
        table.post("/carts/{cart}/checkout", &body, INVALID);
        let body = format!(r#"{{"payment": {{"gateway": "test", "method": "ok", "{field}": 1}}}}"#);
        table.post("/carts/{cart}/checkout", &body, INVALID);
    }
    table.post("/carts/{cart}/lines", r#"{"sku": "PEN", "sku": "MUG", "quantity": 1}"#, INVALID);
    table.post("/carts/{cart}/lines", r#"{"quantity": 1}"#, INVALID);
    table.post("/carts/{cart}/lines", r#"{"sku": "PEN"}"#, INVALID);
    table.post("/carts/{cart}/lines", "{}", INVALID);
    table.post("/carts/{cart}/lines", r#"{"lines": []}"#, INVALID);
    let both = format!(r#"{{"sku": "PEN", "variant_id": "{NOWHERE}", "quantity": 1}}"#);
    table.post("/carts/{cart}/lines", &both, INVALID);
    let crowd = vec![json!({"sku": "PEN", "quantity": 1}); 1_001];
    table.post("/carts/{cart}/lines", &json!({"lines": crowd}).to_string(), INVALID);
    for total in ["-1", "1.5", "\"500\"", "1e30"] {
        let body = format!(r#"{{"expected_total": {total}, "payment": {{"gateway": "test", "method": "ok"}}}}"#);
        table.post("/carts/{cart}/checkout", &body, INVALID);
    }
    for body in ["{}", r#"{"payment": null}"#, r#"{"payment": {}}"#, r#"{"payment": {"gateway": "test"}}"#] {
        table.post("/carts/{cart}/checkout", body, INVALID);
    }
}

fn bodies(table: &mut Table) {
    for body in ["", "{", "}", "nonsense", "{\"sku\": \"PEN\", \"quantity\": 1} {}", "{'sku': 'PEN'}", "\u{feff}{}"] {
        table.post("/carts/{cart}/lines", body, MALFORMED).kind = Some("application/json");
    }
    for body in ["null", "1", "\"PEN\""] {
        table.post("/carts/{cart}/lines", body, INVALID);
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    table.post("/carts/{cart}/lines", &format!(r#"{{"sku": "PEN", "quantity": {deep}}}"#), INVALID);
    let objects = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    table.post("/carts/{cart}/lines", &objects, INVALID);
    for open in ["[", "{\"lines\":[", "{\"a\":"] {
        let bottomless = open.repeat(100_000);
        let row = table.post("/carts", &bottomless, INVALID);
        row.what = format!("POST /carts, {open} a hundred thousand times");
    }
    let huge = format!(r#"{{"sku": "{}", "quantity": 1}}"#, "x".repeat(1024 * 1024));
    table.post("/carts/{cart}/lines", &huge, (413, "body_too_large")).what = "POST lines, over 1 MiB".to_owned();
    for kind in
        [Some("text/plain"), Some("application/xml"), Some("application/x-www-form-urlencoded"), Some("json"), None]
    {
        let row =
            table.post("/carts/{cart}/lines", r#"{"sku": "PEN", "quantity": 1}"#, (415, "unsupported_media_type"));
        row.kind = kind;
        row.what = format!("POST lines as {kind:?}");
    }
}

fn places(table: &mut Table) {
    let (get, put, delete) = (Method::GET, Method::PUT, Method::DELETE);
    for id in [NOWHERE, "1", "..", "%00", "not-an-id", "%F0%9F%96%8A", "' OR 1=1", &"9".repeat(3_000)] {
        table.row(get.clone(), &format!("/carts/{id}"), "", (404, "cart_not_found"));
        table.row(get.clone(), &format!("/orders/{id}"), "", (404, "order_not_found"));
        table.row(delete.clone(), &format!("/carts/{{cart}}/lines/{id}"), "", (404, "line_not_found"));
        table.row(get.clone(), &format!("/products/{id}"), "", (404, "product_not_found"));
    }
    // A client would take `..` out of the address itself.
    table.rows.retain(|row| !row.path.ends_with("/..") && !row.path.contains("/../"));
    let line = format!(r#"{{"variant_id": "{NOWHERE}", "quantity": 1}}"#);
    table.post("/carts/{cart}/lines", &line, (404, "variant_unknown"));
    table.post("/carts/{cart}/lines", r#"{"variant_id": "1", "quantity": 1}"#, INVALID);
    for path in
        ["/", "/nonsense", "/carts/{cart}/nonsense", "/admin", "/admin/nonsense", "/carts/{cart}/lines/{line}/x"]
    {
        table.row(get.clone(), path, "", (404, "route_not_found"));
    }
    table.row(get.clone(), "//nonsense", "", (404, "route_not_found"));
    table.row(get.clone(), "//api/v2/carts", "", (404, "route_not_found"));
    for (method, path) in [
        (put.clone(), "/carts/{cart}"),
        (get.clone(), "/carts"),
        (delete.clone(), "/products"),
        (Method::PATCH, "/orders/x"),
        (get, "/carts/{cart}/checkout"),
        (put, "//healthz"),
        (Method::TRACE, "/carts"),
    ] {
        table.row(method, path, "", (405, "method_not_allowed"));
    }
    for query in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=99999999999999999999",
        "min_price=x",
        "sort=nonsense",
        "in_stock=perhaps",
        "nonsense=1",
    ] {
        table.row(Method::GET, &format!("/products?{query}"), "", INVALID);
    }
    table.row(Method::GET, "/products?cursor=nonsense", "", (404, "cursor_unknown"));
}

fn operators(table: &mut Table) {
    let first = table.rows.len();
    let product =
        |variant: &str| format!(r#"{{"products": [{{"handle": "new", "name": "New", "variants": [{variant}]}}]}}"#);
    for variant in [
        r#"{"sku": "NEW", "price": -1}"#,
        r#"{"sku": "NEW", "price": 1.5}"#,
        r#"{"sku": "", "price": 1}"#,
        r#"{"sku": "NEW", "price": 9007199254740992}"#,
        r#"{"sku": "NEW"}"#,
        r#"{"sku": "NEW", "price": 1, "on_hand": -1}"#,
        r#"{"sku": "NEW", "price": 1, "x": 1}"#,
    ] {
        table.post("/admin/products", &product(variant), INVALID);
    }
    table.post("/admin/products", &product(""), INVALID);
    table.post(
        "/admin/products",
        r#"{"products": [{"handle": "No Handle", "name": "x", "variants": [{"sku": "N", "price": 1}]}]}"#,
        INVALID,
    );
    for change in [
        r#""kind": "receive", "quantity": 0"#,
        r#""kind": "receive", "quantity": -5"#,
        r#""kind": "adjust", "quantity": 0"#,
        r#""kind": "count", "quantity": -1"#,
        r#""kind": "steal", "quantity": 1"#,
        r#""kind": "receive", "quantity": 1.5"#,
        r#""kind": "receive", "quantity": 99999999999"#,
    ] {
        let body = format!(r#"{{"adjustments": [{{"sku": "PEN", {change}, "reason": "x"}}]}}"#);
        table.post("/admin/stock/adjustments", &body, INVALID);
    }
    table.post(
        "/admin/stock/adjustments",
        r#"{"adjustments": [{"sku": "PEN", "kind": "adjust", "quantity": -101, "reason": "x"}]}"#,
        (409, "stock_out_of_range"),
    );
    let half = r#"{"adjustments": [{"sku": "PEN", "kind": "receive", "quantity": 5, "reason": "x"}, {"sku": "GONE", "kind": "receive", "quantity": 5, "reason": "x"}]}"#;
    table.post("/admin/stock/adjustments", half, (404, "variant_unknown"));
    table.post(
        "/admin/prices",
        r#"{"prices": [{"sku": "PEN", "price": 1}, {"sku": "GONE", "price": 1}]}"#,
        (404, "variant_unknown"),
    );
    table.post("/admin/prices", r#"{"prices": [{"sku": "PEN", "price": -1}]}"#, INVALID);
    for definition in [
        "{}",
        r#"{"name": "x"}"#,
        r#"{"name": "x", "benefit": {"kind": "magic"}}"#,
        r#"{"name": "x", "benefit": {"kind": "percentage", "percent": "-1"}}"#,
        "null",
        "[]",
    ] {
        table.post("/admin/promotions", &format!(r#"{{"definition": {definition}}}"#), INVALID);
    }
    for definition in [
        r#"{"name": "x", "benefit": {"kind": "percentage", "percent": "101"}}"#,
        r#"{"name": "x", "benefit": {"kind": "fixed_amount", "amount": -5}}"#,
        r#"{"name": "x", "starts_at": 2, "ends_at": 1, "benefit": {"kind": "percentage", "percent": "10"}}"#,
    ] {
        let body = format!(r#"{{"definition": {definition}}}"#);
        table.post("/admin/promotions", &body, (409, "definition_refused"));
    }
    table.row(Method::DELETE, &format!("/admin/promotions/{NOWHERE}"), "", (404, "promotion_not_found"));
    table.post("/admin/stores", r#"{"handle": "Not A Handle", "name": "x", "currency": "EUR"}"#, INVALID);
    table.post("/admin/stores", r#"{"handle": "x", "name": "x", "currency": "EURO"}"#, INVALID);
    table.row(Method::GET, "/admin/stock/GONE", "", (404, "variant_unknown"));
    table.row(Method::GET, "/admin/orders?status=nonsense", "", INVALID);
    table.rows[first..].iter_mut().for_each(|row| row.operator = true);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_is_told_by_a_stable_code_and_changes_nothing() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 100)]).await;
    let (cart, filled) = guest.fill(&[("PEN", 2), ("MUG", 1)]).await;
    let line = filled["lines"][0]["id"].as_str().expect("an id").to_owned();
    let mut table = Table { rows: Vec::new(), cart: cart.id.clone(), line };
    quantities(&mut table);
    texts(&mut table);
    prices_and_unknown_fields(&mut table);
    bodies(&mut table);
    places(&mut table);
    operators(&mut table);
    eprintln!("{} bad requests", table.rows.len());

    let before = fingerprint(&shop, &cart).await;
    let mut wrong = Vec::new();
    for row in table.rows {
        let asker = if row.operator { &shop } else { &guest };
        let mut ask = asker.ask(row.method, &row.path).token(&cart.token).key("bad");
        ask = match row.kind {
            Some(kind) => ask.text(kind, row.body),
            None if row.body.is_empty() => ask,
            None => ask.bytes(row.body),
        };
        let answer = match ask.try_send().await {
            Ok(answer) => answer,
            Err(error) => {
                wrong.push(format!("{}: no answer: {error:?}", row.what));
                continue;
            }
        };
        let kind = answer.header("content-type");
        if (answer.status, answer.code().as_str(), kind) != (row.expected.0, row.expected.1, "application/problem+json")
        {
            wrong.push(format!("{}\n    expected {:?}, got {answer:?}", row.what, row.expected));
        }
        let after = fingerprint(&shop, &cart).await;
        if after != before {
            wrong.push(format!("{}: it changed something:\n  before {before}\n  after {after}", row.what));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    server.verify();
}

#[tokio::test]
async fn a_method_that_is_not_allowed_names_those_that_are() {
    let server = Server::start();
    let answer = server.guest().ask(Method::PUT, "/carts").send().await;
    answer.problem(405, "method_not_allowed");
    assert!(answer.header("allow").contains("POST"), "{answer:?}");
}

/// Sends bytes as they are, piece by piece, and reads what comes until the other side ends or falls silent.
fn talk(server: &Server, pieces: &[&[u8]], between: Duration) -> String {
    let address = server.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(HUNG)).expect("a limit");
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
        std::thread::sleep(between);
    }
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("the connection is still open: {:?}", String::from_utf8_lossy(&bytes))
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_head_that_never_ends_does_not_hold_a_connection_for_ever() {
    let server = Server::start();
    let begin: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: shop\r\nX-Slow: ";
    let answer = talk(&server, &[begin], Duration::ZERO);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[test]
fn a_body_that_never_ends_is_answered_with_408() {
    let server = Server::start();
    let begin: &[u8] = b"POST /api/v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{";
    let answer = talk(&server, &[begin, b" ", b" "], Duration::from_millis(500));
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"request_timeout\""), "{answer}");
}

#[test]
fn what_is_not_http_is_turned_away_and_the_server_goes_on() {
    let server = Server::start();
    let long = format!("GET /{} HTTP/1.1\r\nHost: shop\r\n\r\n", "x".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\nHost: shop\r\n{}\r\n", "X-A: b\r\n".repeat(5_000));
    for bytes in
        [b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), b"nonsense\r\n\r\n".to_vec(), long.into_bytes(), many.into_bytes()]
    {
        let answer = talk(&server, &[&bytes, b"\r\n\r\n"], Duration::ZERO);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // Two lengths that disagree are how requests are smuggled.
    let two: &[u8] = b"POST /api/v1/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{} ";
    let answer = talk(&server, &[two], Duration::ZERO);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    let healthy: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
    let answer = talk(&server, &[healthy], Duration::ZERO);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.verify();
}
