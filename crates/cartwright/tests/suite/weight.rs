//! Heavy carts, and what one guest may cost everybody else.

use crate::harness::{CartKey, Server, Shop, eventually};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes that the options of a line may have, and the texts of a cart, where nothing else is set.
const LINE: usize = 4_096;
const CART: usize = 262_144;

/// A line with so many bytes of options, told apart by its number.
fn engraved(number: usize, bytes: usize) -> Value {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut left = bytes;
    let mut options = serde_json::Map::new();
    for name in names {
        if left == 0 {
            break;
        }
        let value = left.saturating_sub(1).min(500);
        let text = format!("{number:05}{}", "x".repeat(value.saturating_sub(5)));
        options.insert(name.to_owned(), json!(text[..value]));
        left -= value + 1;
    }
    json!({"sku": "PEN", "quantity": 1, "options": options})
}

/// A guest's cart with as many texts as it may have.
async fn heaviest(guest: &Shop) -> CartKey {
    let cart = guest.cart(&[]).await;
    let lines: Vec<Value> = (0..CART / LINE).map(|number| engraved(number, LINE)).collect();
    for lines in lines.chunks(32) {
        guest.post(&cart.path("/lines"), &json!({"lines": lines})).token(&cart.token).send().await.expect(200);
    }
    cart
}

#[tokio::test]
async fn texts_of_a_line_and_of_a_cart_are_bounded_and_the_refusal_says_by_what() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let add = async |line: &Value| guest.post(&cart.path("/lines"), line).token(&cart.token).send().await;
    let refused = add(&engraved(900, LINE + 1)).await.problem(409, "options_too_large");
    assert_eq!(refused["remedy"], json!({"action": "shorten", "with": {"bytes": LINE + 1, "limit_bytes": LINE}}));
    assert_eq!(refused["errors"][0]["field"], "lines[0].options");
    let refused = add(&engraved(900, 20)).await.problem(409, "cart_too_heavy");
    assert_eq!(refused["remedy"], json!({"action": "remove_lines", "with": {"bytes": CART + 20, "limit_bytes": CART}}));
    // What it is full of it may still change, and a line without texts is welcome.
    add(&json!({"sku": "PEN", "quantity": 2})).await.expect(200);
    let read = guest.read(&cart).await;
    assert_eq!(read["lines"].as_array().map(Vec::len), Some(CART / LINE + 1));
    assert!(read.to_string().len() < 2 * CART, "an answer has the texts once");
    server.verify();
}

#[tokio::test]
async fn a_store_sets_its_own_limits_within_reason_and_heavier_carts_live_on() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let set = async |settings: Value| {
        let store = json!({"handle": "default", "name": "Default store", "currency": "EUR", "settings": settings});
        shop.post("/admin/stores", &store).send().await
    };
    for wrong in [
        json!({"cart_bytes": 16_383}),
        json!({"cart_bytes": 1_048_577}),
        json!({"line_options_bytes": 65_537}),
        json!({"line_options_bytes": -1}),
    ] {
        set(wrong.clone()).await.problem(422, "invalid_request");
    }
    set(json!({"cart_bytes": 16_384, "line_options_bytes": 0})).await.expect(200);
    let add = async |line: &Value| guest.post(&cart.path("/lines"), line).token(&cart.token).send().await;
    add(&engraved(900, 8)).await.problem(409, "options_too_large");
    add(&json!({"sku": "PEN", "quantity": 1})).await.expect(200);
    let read = guest.read(&cart).await;
    let line = read["lines"][0]["id"].as_str().expect("an id");
    guest.delete(&cart.path(&format!("/lines/{line}"))).token(&cart.token).send().await.expect(200);
    guest.post(&cart.path("/undo"), &json!({})).token(&cart.token).send().await.expect(200);
    server.verify();
}

/// Somebody who asks for a cart again and again over one connection, and reads no answer.
fn deaf(server: &Server, cart: &CartKey, address: &str) -> TcpStream {
    let url = server.url();
    let mut socket = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let CartKey { id, token } = cart;
    let ask = format!(
        "GET /api/v1/carts/{id} HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: {address}\r\nCart-Token: {token}\r\n\r\n"
    );
    // More than the system keeps on its way; what the server has no patience for may be cut off as it is sent.
    let _ = socket.write_all(ask.repeat(64).as_bytes());
    socket
}

/// A shop in which nobody is cut off for reading slowly, with the heaviest cart and a light one.
async fn patient(mib: &str) -> (Server, Shop, CartKey, CartKey) {
    let bounds = ["--max-in-flight-mib", mib, "--write-timeout-seconds", "3600", "--rate-limit", "0"];
    let server = Server::with(&[&["--trust-forwarded-for"][..], &bounds].concat());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let light = guest.cart(&[("PEN", 1)]).await;
    (server, guest, cart, light)
}

/// What the metrics say of this.
async fn metric(guest: &Shop, name: &str) -> u64 {
    let metrics = String::from_utf8_lossy(&guest.get("//metrics").send().await.body).into_owned();
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("{name}: {metrics}"));
    line.trim().parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_makes_way_for_others_of_the_address_and_keeps_nobody_else_out() {
    let (server, guest, cart, light) = patient("2").await;
    if server.shop_of_each_node().len() > 1 {
        return;
    }
    let read = async |address: &str| {
        guest.get(&cart.path("")).token(&cart.token).header("X-Forwarded-For", address).send().await
    };
    let before = server.memory_kib();
    let deaf: Vec<TcpStream> = (0..10).map(|_| deaf(&server, &cart, "203.0.113.9")).collect();
    eventually("something is held", Duration::from_secs(60), async || {
        (metric(&guest, "cartwright_bytes_in_flight").await > 0).then_some(())
    })
    .await;
    // Everybody else reads and writes as before, large carts and small ones.
    read("203.0.113.10").await.expect(200);
    let line = json!({"sku": "PEN", "quantity": 1});
    guest.post(&light.path("/lines"), &line).token(&light.token).send().await.expect(200);
    let held = server.memory_kib().saturating_sub(before);
    assert!(held < 100 * 1024, "{held} KiB are held by ten who do not read");
    // For whoever shares their address they make way in turn, though nobody's time is over.
    for _ in 0..3 {
        eventually("somebody made way", Duration::from_secs(60), async || {
            let answer = read("203.0.113.9").await;
            assert!(answer.status == 200 || answer.code() == "busy", "{answer:?}");
            (answer.status == 200).then_some(())
        })
        .await;
    }
    // A change is answered at once, however much the address holds.
    let note = json!({"lines": [engraved(901, 0)]});
    for _ in 0..3 {
        let change = guest.post(&cart.path("/lines"), &note).token(&cart.token);
        change.header("X-Forwarded-For", "203.0.113.9").send().await.expect(200);
    }
    assert!(metric(&guest, "cartwright_connections_cut_total").await > 0);
    drop(deaf);
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_many_networks_fill_all_memory_small_requests_go_on_and_large_ones_find_room() {
    let (server, guest, cart, light) = patient("2").await;
    if server.shop_of_each_node().len() > 1 {
        return;
    }
    let deaf: Vec<TcpStream> =
        (0..40).map(|last| deaf(&server, &cart, &format!("203.0.113.{}", 1 + last % 20))).collect();
    eventually("all is held", Duration::from_secs(60), async || {
        (metric(&guest, "cartwright_bytes_in_flight").await > (2 << 20) - 2 * CART as u64).then_some(())
    })
    .await;
    for _ in 0..20 {
        let line = json!({"sku": "PEN", "quantity": 1});
        guest.post(&light.path("/lines"), &line).token(&light.token).send().await.expect(200);
        guest.get("/products").send().await.expect(200);
    }
    eventually("a large answer has room", Duration::from_secs(60), async || {
        let read = guest.get(&cart.path("")).token(&cart.token).header("X-Forwarded-For", "198.51.100.7").send();
        (read.await.status == 200).then_some(())
    })
    .await;
    drop(deaf);
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_is_cut_off() {
    let server = Server::with(&["--write-timeout-seconds", "1"]);
    if server.shop_of_each_node().len() > 1 {
        return;
    }
    server.shop().put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let deaf = deaf(&server, &cart, "203.0.113.9");
    eventually("it is cut off", Duration::from_secs(60), async || {
        let name = "cartwright_turned_away_total{why=\"not_reading\"}";
        (metric(&guest, name).await > 0).then_some(())
    })
    .await;
    drop(deaf);
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_one_more_is_told_to_come_back() {
    let server = Server::with(&["--max-connections-per-address", "8"]);
    if server.shop_of_each_node().len() > 1 {
        return;
    }
    let address = server.url().trim_start_matches("http://").to_owned();
    let mut open = Vec::new();
    loop {
        assert!(open.len() < 20, "twenty connections are open");
        let mut socket = TcpStream::connect(&address).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let asked = socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n");
        let mut answer = vec![0; 4_096];
        let read = asked.and_then(|()| socket.read(&mut answer)).unwrap_or(0);
        if !answer[..read].starts_with(b"HTTP/1.1 200") {
            break;
        }
        open.push(socket);
    }
    let told = server.told_at_the_door();
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("Retry-After: 1\r\n"), "{told}");
    assert!(told.contains(r#""code":"busy""#), "{told}");
    assert!((4..=8).contains(&open.len()), "{} were open", open.len());
    drop(open);
    eventually("there is room again", Duration::from_secs(60), async || {
        let answer = server.guest().apart().get("//healthz").try_send().await;
        answer.is_ok_and(|answer| answer.status == 200).then_some(())
    })
    .await;
    assert!(metric(&server.guest(), "cartwright_turned_away_total{why=\"connections\"}").await > 0);
    assert!(metric(&server.guest(), "cartwright_connections").await > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_eight_hammer_the_heaviest_cart_no_write_of_others_is_refused_and_nothing_is_lost() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let guest = server.guest();
    let cart = heaviest(&guest).await;
    let line = guest.read(&cart).await["lines"][0]["id"].as_str().expect("an id").to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    let hammers: Vec<_> = (0..8)
        .map(|number| {
            let (guest, stop, path, token) =
                (guest.clone(), stop.clone(), cart.path(&format!("/lines/{line}")), cart.token.clone());
            tokio::spawn(async move {
                let mut answered = 0;
                while !stop.load(Ordering::Relaxed) {
                    let body = json!({"quantity": 1 + (answered + number) % 50});
                    let answer = guest.patch(&path, &body).token(&token).send().await;
                    assert!(answer.status == 200 || answer.code() == "busy", "{answer:?}");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    for _ in 0..20 {
        let own = guest.cart(&[("PEN", 1)]).await;
        let line = json!({"sku": "PEN", "quantity": 1});
        let added = guest.post(&own.path("/lines"), &line).token(&own.token).send().await.expect(200);
        assert_eq!(added["lines"][0]["quantity"], 2);
    }
    stop.store(true, Ordering::Relaxed);
    for hammer in hammers {
        assert!(hammer.await.expect("it ran") > 0);
    }
    assert_eq!(guest.read(&cart).await["lines"].as_array().map(Vec::len), Some(CART / LINE));
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_hundreds_of_adds_to_one_cart_at_once_each_counts_or_is_told_to_come_back() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    let adds = (0..300).map(|_| {
        let (guest, path, token) = (guest.clone(), cart.path("/lines"), cart.token.clone());
        tokio::spawn(async move {
            let line = json!({"sku": "PEN", "quantity": 1});
            guest.post(&path, &line).token(&token).send().await
        })
    });
    let adds: Vec<_> = adds.collect();
    let mut taken = 0;
    for add in adds {
        let answer = add.await.expect("it ran");
        if answer.status == 200 {
            taken += 1;
        } else {
            answer.problem(503, "busy");
            assert!(answer.header("Retry-After").parse::<u64>().is_ok(), "{answer:?}");
        }
    }
    assert!(taken >= 200, "{taken} of 300 were taken");
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 1 + taken);
    server.verify();
}

#[tokio::test]
async fn a_cart_has_a_thousand_lines_and_not_one_more() {
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 10_000)]).await;
    let guest = server.guest();
    let lines: Vec<Value> = (0..1_000).map(|number| engraved(number, 10)).collect();
    let cart = CartKey::of(&guest.post("/carts", &json!({"lines": lines})).send().await.expect(201));
    let one_more = guest.post(&cart.path("/lines"), &engraved(1_000, 10)).token(&cart.token).send().await;
    one_more.problem(409, "too_many_lines");
    guest.post(&cart.path("/lines"), &engraved(999, 10)).token(&cart.token).send().await.expect(200);
}

#[tokio::test]
async fn a_head_that_is_longer_than_any_browsers_is_refused() {
    let server = Server::start();
    let fits = server.guest().apart().get("//healthz").header("X-Long", &"x".repeat(16 * 1024)).try_send().await;
    assert_eq!(fits.expect("answered").status, 200);
    // As much as is read, and no more: what the server leaves unread would take its answer away.
    let mut socket = TcpStream::connect(server.url().trim_start_matches("http://")).expect("a connection");
    let head = format!("GET /healthz HTTP/1.1\r\nHost: shop\r\nX-Long: {}", "x".repeat(32 * 1024));
    socket.write_all(&head.as_bytes()[..32 * 1024]).expect("sent");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}
