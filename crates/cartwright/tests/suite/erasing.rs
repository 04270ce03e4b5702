//! Erasing people while payments are waited for, and exports however large: neither takes what is not meant, nor holds others up.

use crate::harness::{CartKey, Server, Shop, eventually, on_postgres};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const EMAIL: &str = "trillian@example.com";

async fn guests_cart(shop: &Shop, email: &str) -> CartKey {
    let cart = shop.cart(&[("PEN", 1)]).await;
    shop.patch(&cart.path(""), &json!({"email": email})).token(&cart.token).send().await.expect(200);
    cart
}

/// An order of a guest that waits for the shopper to act.
async fn waiting_order(shop: &Shop, email: &str) -> Value {
    let cart = guests_cart(shop, email).await;
    shop.checkout(&cart, email, "requires_action").send().await.expect(202)
}

fn erasures(server: &Server) -> usize {
    server.execute("UPDATE erasures SET begun_at = begun_at")
}

/// Puts in somebody who is to go, as if asked for now; the ids begin with these digits.
fn to_go(server: &Server, first: &str, number: u32, names: &Value) {
    let id = format!("{first}{number:030x}");
    let id = if on_postgres() { format!("'{id}'::uuid") } else { format!("X'{id}'") };
    server.execute(&format!(
        "INSERT INTO erasures (store_id, erasure_id, names, begun_at) VALUES (1, {id}, '{names}', 4102444800000)"
    ));
}

/// The sweeper has looked at everybody who is to go since this was asked.
async fn swept(server: &Server, number: u32) {
    let before = erasures(server);
    to_go(server, "ff", number, &json!({"customers": [], "emails": [format!("nobody{number}@example.com")]}));
    eventually("the sweeper has come", Duration::from_secs(60), async || (erasures(server) == before).then_some(()))
        .await;
}

#[tokio::test]
async fn while_an_erasure_waits_what_the_person_does_anew_stays_and_others_go() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 1_000)]).await;
    let guest = server.guest();
    let order = waiting_order(&guest, EMAIL).await;
    let person = json!({"email": EMAIL});
    for _ in 0..3 {
        operator.post("/admin/persons/erase", &person).send().await.expect(204);
    }
    assert_eq!(erasures(&server), 1, "the same person is to go once");

    // As many as one sweep looks at before, all of whom wait for the same payment.
    for number in 1..=120 {
        to_go(&server, "00", number, &json!({"customers": [], "emails": [EMAIL, format!("{number}@example.com")]}));
    }
    // Made after the erasure was asked for, which does not mean them.
    server.execute(&format!("UPDATE erasures SET begun_at = {} WHERE begun_at > 4000000000000", begun_at(&order)));
    let anew = guests_cart(&guest, EMAIL).await;
    let again = guest.checkout(&guests_cart(&guest, EMAIL).await, "again", "declined").send().await;
    assert_eq!(again.status, 402, "{again:?}");
    server.execute(&format!("INSERT INTO unsubscribed (store_id, email, at) VALUES (1, '{EMAIL}', 4102444800000)"));
    for number in 0..2 {
        swept(&server, number).await;
        assert_eq!(guest.read(&anew).await["email"], EMAIL);
    }
    let others = guests_cart(&guest, "ford@example.com").await;
    operator.post("/admin/persons/erase", &json!({"email": "ford@example.com"})).send().await.expect(204);
    guest.get(&others.path("")).token(&others.token).send().await.problem(404, "cart_not_found");

    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    operator.post(&cancel, &json!({})).send().await.expect(200);
    eventually("all are erased", Duration::from_secs(60), async || (erasures(&server) == 0).then_some(())).await;
    let cancelled = operator.orders(Some("cancelled")).await;
    assert!(cancelled[0]["email"].is_null(), "{cancelled:#?}");
    assert_eq!(operator.orders(Some("payment_failed")).await[0]["email"], EMAIL);
    assert_eq!(guest.read(&anew).await["email"], EMAIL);
    assert_eq!(server.execute("UPDATE unsubscribed SET at = at"), 1);
    server.verify();
}

/// An instant after an order was made, and before what comes next: milliseconds in its id.
fn begun_at(order: &Value) -> i64 {
    let id: String = order["id"].as_str().expect("an id").split('-').take(2).collect();
    i64::from_str_radix(&id, 16).expect("a number") + 1
}

/// An answer as it comes: the lengths of its parts (chunks), and the whole.
fn parts(server: &Server, key: &str, email: &str) -> (Vec<usize>, Value) {
    let url = server.url();
    let mut socket = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let body = json!({"email": email}).to_string();
    let head = format!(
        "POST /api/v1/admin/persons/export HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let (mut rest, mut lengths, mut whole) = (&answer[end + 4..], Vec::new(), Vec::new());
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").expect("a length");
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).expect("digits"), 16).expect("a length");
        if length == 0 {
            return (lengths, serde_json::from_slice(&whole).expect("JSON"));
        }
        whole.extend_from_slice(&rest[line + 2..line + 2 + length]);
        lengths.push(length);
        rest = &rest[line + 2 + length + 2..];
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_written_in_small_parts_and_once_at_a_time_for_a_person() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let text = "x".repeat(500);
    let options: serde_json::Map<String, Value> =
        ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name.to_owned(), json!(text))).into_iter().collect();
    let large: Vec<Value> = (0..60)
        .map(|number| {
            let mut options = options.clone();
            options.insert("number".to_owned(), json!(number.to_string()));
            json!({"sku": "PEN", "quantity": 1, "options": options})
        })
        .collect();
    let small: Vec<Value> = (0..500).map(|_| json!({"sku": "PEN", "quantity": 1})).collect();
    let many = (0..16).map(|number| {
        let lines = if number % 2 == 0 { &large } else { &small };
        guest.post("/carts", &json!({"email": EMAIL, "lines": lines})).send()
    });
    for made in join_all(many).await {
        made.expect(201);
    }
    let order = waiting_order(&guest, EMAIL).await;
    let (lengths, export) = parts(&server, &server.create_key(&[]), EMAIL);
    let largest = lengths.iter().max().copied().unwrap_or_default();
    assert!(largest < 600_000, "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() > 1_500_000, "{lengths:?}");
    assert_eq!(export["carts"].as_array().map(Vec::len), Some(17));
    let events = export["cart_events"].as_array().expect("events");
    assert!(events.len() >= 18 && events.iter().all(|event| event["cart_id"].is_string()), "{}", events.len());
    assert_eq!(export["orders"][0]["id"], order["id"]);
    assert_eq!(export["order_events"][0]["order_id"], order["id"]);

    let person = json!({"email": EMAIL});
    let held = operator.post("/admin/persons/export", &person).open().await;
    assert_eq!(held.status(), 200);
    operator.post("/admin/persons/export", &person).send().await.problem(503, "busy");
    operator.post("/admin/persons/export", &json!({"email": "ford@example.com"})).send().await.expect(200);
    drop(held);
    eventually("its turn is over", Duration::from_secs(60), async || {
        (operator.post("/admin/persons/export", &person).send().await.status == 200).then_some(())
    })
    .await;
}
