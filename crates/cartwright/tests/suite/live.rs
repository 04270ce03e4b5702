//! Live carts: what others do to a cart, its goods and its order is heard by whoever has it open, on every node, and nothing
//! that was missed stays untold.

use crate::harness::{CartKey, Listener, Server, Shop, eventually};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

async fn add(guest: &Shop, cart: &CartKey, sku: &str) -> Value {
    let line = json!({"sku": sku, "quantity": 1});
    guest.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200)
}

async fn adjust(shop: &Shop, sku: &str, quantity: i64) {
    let change = json!({"adjustments": [{"sku": sku, "kind": "adjust", "quantity": quantity, "reason": "count"}]});
    shop.post("/admin/stock/adjustments", &change).send().await.expect(200);
}

#[tokio::test]
async fn whoever_has_a_cart_open_hears_what_others_do_to_it_and_to_its_goods() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10), ("MUG", 750, 10)]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let mut stream = Listener::open(&guest, &cart, None).await;
    let state = stream.next().await.expect("it begins");
    assert_eq!((state.kind.as_str(), &state.event["data"]["version"]), ("cart.state", &json!(1)));
    assert_eq!(state.event["data"]["total"]["amount"], 200);

    add(&guest, &cart, "MUG").await;
    let changed = stream.hear("cart.changed").await;
    assert_eq!(changed.id, changed.event["sequence"].as_i64());
    assert_eq!((&changed.event["data"]["version"], &changed.event["actor"]), (&json!(2), &json!("shopper")));

    shop.set_price("MUG", 800).await;
    let price = stream.hear("line.price_changed").await.event["data"].clone();
    assert_eq!(
        (&price["sku"], &price["before"]["amount"], &price["unit_price"]["amount"]),
        (&json!("MUG"), &json!(750), &json!(800))
    );

    adjust(&shop, "PEN", -9).await;
    let stock = stream.hear("line.stock_changed").await.event["data"].clone();
    assert_eq!((&stock["sku"], &stock["quantity"]), (&json!("PEN"), &json!(2)));
    assert_eq!(stock["availability"], json!({"status": "insufficient", "available": 1}));

    let other = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&other, "k", "ok").send().await.expect(201);
    eventually("the last one is sold", Duration::from_secs(10), async || {
        let stock = stream.hear("line.stock_changed").await.event["data"]["availability"].clone();
        (stock == json!({"status": "unavailable", "available": 0})).then_some(())
    })
    .await;

    let off = json!({"name": "Ten", "benefit": {"kind": "fixed_amount", "amount": 10}});
    shop.put_promotion(off, &[]).await;
    stream.hear("store.changed").await;
    shop.delete(&cart.path("")).send().await.expect(204);
    stream.hear("cart.deleted").await;
    assert_eq!(stream.next().await.expect("the end").event["data"]["reason"], "cart_closed");
    assert!(stream.next().await.is_none());
    let again = guest.get(&cart.path("/events")).token(&cart.token).header("Accept", "text/event-stream").send().await;
    assert_eq!(again.status, 404, "{again:?}");
}

#[tokio::test]
async fn that_goods_will_not_be_held_much_longer_is_heard_once() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    let policy = json!({"kind": "at_add", "minutes": 1, "max_units": 10});
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": {"hold_policy": policy}});
    shop.post("/admin/stores", &store).send().await.expect(200);
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let cart = guest.cart(&[("PEN", 10)]).await;
    let mut stream = Listener::open(&guest, &cart, None).await;
    let ends = stream.hear("line.hold_ends").await.event["data"].clone();
    assert_eq!(ends["sku"], "PEN");
    let shown = guest.get(&cart.path("")).token(&cart.token).send().await.expect(200);
    assert_eq!(ends["held_until"], shown["lines"][0]["held_until"]);
    adjust(&shop, "PEN", 5).await;
    let stock = stream.next().await.expect("more");
    assert_eq!(stock.kind, "line.stock_changed", "nothing is told twice");
    assert_eq!(stock.event["data"]["availability"], json!({"status": "available", "available": 15}));
}

#[tokio::test]
async fn what_becomes_of_the_order_is_heard() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;
    let mut stream = Listener::open(&guest, &cart, None).await;
    assert_eq!(guest.checkout(&cart, "one", "declined").send().await.status, 402);
    stream.hear("cart.checked_out").await;
    let mut failed = Vec::new();
    while failed.len() < 2 {
        let told = stream.next().await.expect("more").kind;
        failed.extend(Some(told).filter(|kind| kind != "line.stock_changed"));
    }
    failed.sort();
    assert_eq!(failed, ["cart.reactivated", "order.payment_failed"]);
    let order = guest.checkout(&cart, "two", "ok").send().await.expect(201);
    stream.hear("cart.checked_out").await;
    let placed = stream.hear("order.placed").await;
    assert_eq!((&placed.event["order_id"], &placed.event["data"]["total"]), (&order["id"], &json!(200)));
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    let cancelled = shop.post(&cancel, &json!({"reason": "the shop's own business"})).send().await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let told = stream.hear("order.cancelled").await;
    assert!(!told.event.to_string().contains("own business"), "{told:?}");
    // Who missed all of it is told all of it again, in its order.
    let page = guest.get(&cart.path("/events?after=0")).token(&cart.token).send().await.expect(200);
    let kinds: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["type"].as_str()).collect();
    for kind in ["cart.created", "order.payment_failed", "cart.reactivated", "order.placed", "order.cancelled"] {
        assert_eq!(kinds.iter().filter(|told| **told == kind).count(), 1, "{kind} in {kinds:?}");
    }
    let numbers: Vec<i64> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["sequence"].as_i64()).collect();
    assert!(numbers.is_sorted() && numbers.len() == kinds.len(), "{page}");
}

#[tokio::test]
async fn what_was_missed_while_the_server_was_dead_is_told_again_in_its_order() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 100)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let mut stream = Listener::open(&guest, &cart, None).await;
    add(&guest, &cart, "PEN").await;
    let last = stream.hear("cart.changed").await.id.expect("an id");
    server.kill();
    while stream.next().await.is_some() {}
    server.restart();
    add(&guest, &cart, "PEN").await;
    add(&guest, &cart, "PEN").await;
    let mut stream = Listener::open(&guest, &cart, Some(&last.to_string())).await;
    for version in [3, 4] {
        let told = stream.next().await.expect("what was missed");
        assert_eq!((told.kind.as_str(), &told.event["data"]["version"]), ("cart.changed", &json!(version)));
    }
    let state = stream.next().await.expect("the state");
    assert_eq!((state.kind.as_str(), &state.event["data"]["version"]), ("cart.state", &json!(4)));
    add(&guest, &cart, "PEN").await;
    assert_eq!(stream.next().await.expect("it goes on").event["data"]["version"], 5);
    // What is no longer known, or never was, begins anew.
    let first = |after: String| {
        let (guest, cart) = (guest.clone(), cart.clone());
        async move { Listener::open(&guest, &cart, Some(&after)).await.next().await.expect("it begins").kind }
    };
    assert_eq!(first("999999".to_owned()).await, "reset");
    assert_eq!(first("garbage".to_owned()).await, "reset");
    assert_eq!(first("1".to_owned()).await, "cart.changed");
    server.execute("DELETE FROM events WHERE sequence <= 2");
    assert_eq!(first("1".to_owned()).await, "reset");
    assert_eq!(first((last + 1).to_string()).await, "cart.changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_one_node_is_heard_at_the_other_and_a_reader_goes_on_there() {
    let mut server = Server::nodes(2);
    let nodes: Vec<Shop> = server.shop_of_each_node();
    nodes[0].put_goods(&[("PEN", 100, 10)]).await;
    let cart = nodes[0].guest().cart(&[("PEN", 1)]).await;
    let mut streams =
        [Listener::open(&nodes[0].guest(), &cart, None).await, Listener::open(&nodes[1].guest(), &cart, None).await];
    for round in 0..4 {
        add(&nodes[round % 2].guest(), &cart, "PEN").await;
        for stream in &mut streams {
            assert_eq!(stream.hear("cart.changed").await.event["data"]["version"], json!(round + 2));
        }
    }
    nodes[1].set_price("PEN", 120).await;
    adjust(&nodes[1], "PEN", -3).await;
    nodes[1].put_promotion(json!({"name": "Ten", "benefit": {"kind": "fixed_amount", "amount": 10}}), &[]).await;
    for stream in &mut streams {
        let mut heard = Vec::new();
        while heard.len() < 3 {
            heard.push(stream.next().await.expect("it goes on").kind);
        }
        heard.sort();
        assert_eq!(heard, ["line.price_changed", "line.stock_changed", "store.changed"]);
    }
    add(&nodes[0].guest(), &cart, "PEN").await;
    let last = streams[0].hear("cart.changed").await.id.expect("an id").to_string();
    server.kill_node(0);
    add(&nodes[1].guest(), &cart, "PEN").await;
    let mut stream = Listener::open(&nodes[1].guest(), &cart, Some(&last)).await;
    assert_eq!(stream.next().await.expect("what was missed").event["data"]["version"], 7);
    assert_eq!(stream.next().await.expect("the state").kind, "cart.state");
}

#[tokio::test]
async fn strangers_hear_nothing_and_nobody_opens_streams_without_end() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let ask = |shop: &Shop| shop.get(&cart.path("/events")).header("Accept", "text/event-stream");
    ask(&guest).send().await.problem(404, "cart_not_found");
    ask(&guest).token("stranger").send().await.problem(404, "cart_not_found");
    let eve = server.person("eve@example.com").await.shop(&shop).await;
    ask(&eve).send().await.problem(404, "cart_not_found");
    let mut of_shop = Listener::of(ask(&shop).open().await);
    assert_eq!(of_shop.next().await.expect("operators may").kind, "cart.state");
    if server.shop_of_each_node().len() == 1 {
        let mut open = Vec::new();
        for _ in 0..19 {
            open.push(Listener::open(&guest, &cart, None).await);
        }
        ask(&guest).token(&cart.token).send().await.problem(429, "too_many_streams");
        drop(open);
        eventually("their places are free", Duration::from_secs(10), async || {
            let response = ask(&guest).token(&cart.token).open().await;
            (response.status() == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_session_that_opened_it_and_with_a_merge() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let ada = server.person("ada@example.com").await.shop(&shop).await;
    let own = ada.post("/carts", &json!({"lines": [{"sku": "PEN", "quantity": 1}]})).send().await;
    assert!((200..300).contains(&own.status), "{own:?}");
    let own = own.json()["id"].as_str().expect("an id").to_owned();
    let events = format!("/carts/{own}/events");
    let mut stream = Listener::of(ada.get(&events).header("Accept", "text/event-stream").open().await);
    stream.hear("cart.state").await;

    let guests = guest.cart(&[("PEN", 2)]).await;
    let mut of_guest = Listener::open(&guest, &guests, None).await;
    let customer = shop.get(&format!("/carts/{own}")).send().await.expect(200)["customer"].clone();
    let merged = shop.post(&guests.path("/merge"), &json!({"customer": customer})).send().await;
    assert_eq!(merged.status, 200, "{merged:?}");
    let told = of_guest.hear("cart.merged").await;
    assert_eq!(told.event["data"]["customers_cart_id"], own.as_str());
    assert_eq!(of_guest.next().await.expect("the end").kind, "end");
    assert_eq!(stream.hear("cart.changed").await.event["data"]["cause"], "merged");
    let last = told.id.expect("an id").to_string();
    let again = guest.get(&guests.path("/events")).token(&guests.token).header("Accept", "text/event-stream");
    assert_eq!(again.header("Last-Event-ID", &last).send().await.status, 204);

    ada.delete("/account/session").send().await.expect(204);
    assert_eq!(stream.hear("end").await.event["data"]["reason"], "session_ended");
    assert!(stream.next().await.is_none());
}

/// A reader that asks and never reads.
fn deaf(server: &Server, cart: &CartKey) -> TcpStream {
    let url = server.url();
    let address = url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).expect("a connection");
    let path = format!("/api/v1/carts/{}/events", cart.id);
    let token = &cart.token;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: shop\r\nAccept: text/event-stream\r\nCart-Token: {token}\r\n\r\n")
        .expect("sent");
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_does_not_read_holds_nobody_up_and_is_hung_up_on() {
    let server = Server::start();
    if server.shop_of_each_node().len() > 1 {
        return;
    }
    let (shop, guest) = (server.shop(), server.guest());
    // Long, so that each event is some 100 kB: the network alone holds megabytes for one that does not read.
    let sku = "P".repeat(90);
    let sku = sku.as_str();
    shop.put_goods(&[(sku, 100, 1_000_000)]).await;
    let lines: Vec<Value> =
        (0..999).map(|at| json!({"sku": sku, "quantity": 1, "options": {"text": at.to_string()}})).collect();
    let lines = json!({"lines": lines});
    let cart = guest.cart(&[(sku, 1)]).await;
    let mut reads = Listener::open(&guest, &cart, None).await;
    let mut deaf = deaf(&server, &cart);
    for round in 0..90 {
        guest.post(&cart.path("/lines"), &lines).token(&cart.token).send().await.expect(200);
        let told = reads.next().await.expect("it goes on");
        assert!(["cart.state", "cart.changed", "reset"].contains(&told.kind.as_str()), "{round}: {told:?}");
    }
    let hung_up = eventually("it is hung up on", Duration::from_secs(60), async || {
        let metrics = guest.get("//metrics").send().await;
        let text = String::from_utf8(metrics.body).expect("text");
        text.contains("cartwright_live_streams 1\n").then_some(())
    });
    hung_up.await;
    deaf.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    let mut buffer = vec![0; 1 << 20];
    while deaf.read(&mut buffer).is_ok_and(|read| read > 0) {}
    server.verify();
}

#[tokio::test]
async fn open_streams_do_not_hold_up_a_server_that_stops() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 10)]).await;
    let mut streams = Vec::new();
    for _ in 0..30 {
        let cart = guest.cart(&[("PEN", 1)]).await;
        let mut stream = Listener::open(&guest, &cart, None).await;
        stream.hear("cart.state").await;
        streams.push(stream);
    }
    server.ask_to_stop();
    for stream in &mut streams {
        assert_eq!(stream.next().await.expect("the end").event["data"]["reason"], "stopping");
        assert!(stream.next().await.is_none());
    }
    assert!(server.wait().success());
}

#[tokio::test]
async fn the_command_line_follows_a_cart() {
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 100, 10)]).await;
    server.client(&["cart", "add", "PEN"]).good();
    server.client(&["cart", "delete"]).good();
    // A cart that is gone is told so, not followed forever.
    let ran = server.client(&["cart", "watch"]);
    assert_ne!(ran.code, Some(0), "{} {}", ran.out, ran.err);
    server.client(&["cart", "add", "PEN"]).good();
    let shop = server.shop();
    let seen = shop.get("/events").send().await.expect(200);
    let created = seen["items"].as_array().expect("items").last().expect("one").clone();
    let id = created["cart_id"].as_str().expect("a cart").to_owned();
    let watching = tokio::task::spawn_blocking({
        let (url, key, session) = (server.url(), server.key.clone(), server.folder().join("session.json"));
        move || {
            let mut command = crate::harness::program(&["cart", "watch", "--after", "0", "--json"]);
            command.env("CARTWRIGHT_URL", url).env("CARTWRIGHT_API_KEY", key).env("CARTWRIGHT_SESSION", session);
            crate::harness::run(&mut command)
        }
    });
    eventually("it watches", Duration::from_secs(60), async || {
        let metrics = shop.guest().get("//metrics").send().await;
        String::from_utf8_lossy(&metrics.body).contains("cartwright_live_streams 1\n").then_some(())
    })
    .await;
    shop.delete(&format!("/carts/{id}")).send().await.expect(204);
    let ran = watching.await.expect("it ends with the cart");
    let kinds: Vec<String> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["type"].as_str().expect("a type").to_owned())
        .collect();
    assert_eq!(kinds, ["cart.created", "cart.state", "cart.deleted", "end"], "{} {}", ran.out, ran.err);
}
