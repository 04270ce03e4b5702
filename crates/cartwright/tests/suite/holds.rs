//! Goods that are held from the moment they are added, over HTTP: many shoppers at once, and the plug pulled in a storm of them.
//! What time does to holds is in `holds_time`.

use crate::harness::{CartKey, Dice, Server, Shop, eventually, right_or_none};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

async fn hold_at_add(shop: &Shop, minutes: u32, max_units: u32) {
    let policy = json!({"kind": "at_add", "minutes": minutes, "max_units": max_units});
    let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": {"hold_policy": policy}});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_shoppers_add_the_last_hundred_units_and_a_hundred_of_them_hold_one() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    hold_at_add(&shop, 60, 5).await;
    shop.put_goods(&[("LAMP", 4_900, 100)]).await;
    let lines = json!({"lines": [{"sku": "LAMP", "quantity": 1}]});
    let answers = join_all((0..1_000).map(|_| guest.post("/carts", &lines).send())).await;

    let (held, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((held.len(), refused.len()), (100, 900));
    for answer in refused {
        let problem = answer.problem(409, "insufficient_stock");
        assert_eq!(problem["errors"][0]["available"], 0, "{problem}");
    }
    assert_eq!(shop.stock("LAMP").await, (100, 100));
    let product = guest.get("/products/lamp").send().await.expect(200);
    assert_eq!(product["variants"][0]["available"], 0);

    let carts: Vec<CartKey> = held.iter().map(|answer| CartKey::of(&answer.json())).collect();
    let read = guest.read(&carts[0]).await;
    let line = &read["lines"][0];
    assert!(line["held_until"].as_str().is_some_and(|until| until.ends_with('Z')), "{read}");
    assert_eq!((&line["held_quantity"], &line["availability"]["status"]), (&json!(1), &json!("available")));
    assert_eq!(line["availability"]["available"], 1, "its own unit is there for it");

    let buy = |(number, cart): (usize, &CartKey)| guest.checkout(cart, &format!("buyer-{number}"), "ok").send();
    for answer in join_all(carts.iter().enumerate().map(buy)).await {
        assert_eq!(answer.expect(201)["status"], "placed");
    }
    assert_eq!(shop.stock("LAMP").await, (0, 0));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_shopper_holds_stands_on_each_line_and_moves_with_the_cart() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    hold_at_add(&shop, 60, 3).await;
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let (cart, filled) = guest.fill(&[("PEN", 5)]).await;
    let line = &filled["lines"][0];
    assert_eq!((&line["held_quantity"], &line["notices"][0]["code"]), (&json!(3), &json!("not_held")), "{filled}");
    assert_eq!(shop.stock("PEN").await, (10, 3));

    let path = cart.path(&format!("/lines/{}", line["id"].as_str().expect("an id")));
    let fewer = guest.patch(&path, &json!({"quantity": 2})).token(&cart.token).send().await.expect(200);
    assert_eq!(
        (&fewer["lines"][0]["held_quantity"], fewer["lines"][0]["notices"].as_array()),
        (&json!(2), Some(&vec![]))
    );
    assert_eq!(shop.stock("PEN").await, (10, 2));

    let declined = guest.checkout(&cart, "k", "declined").send().await;
    assert!(declined.status >= 400, "{declined:?}");
    let back = guest.read(&cart).await;
    assert!(back["lines"][0]["held_until"].is_string(), "held again: {back}");
    assert_eq!(shop.stock("PEN").await, (10, 2));

    let ledger = shop.get("/admin/stock/PEN/movements").send().await.expect(200);
    let named = ledger["items"].as_array().expect("items").iter();
    let of_cart = named.filter(|entry| entry["reference"] == format!("cart {}", cart.id)).count();
    assert!(of_cart >= 3, "{ledger}");
    guest.delete(&cart.path("")).token(&cart.token).send().await.expect(204);
    assert_eq!(shop.stock("PEN").await, (10, 0));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_may_hold_at_add_in_a_shop_that_does_not_and_wrong_policies_are_refused() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("MUG", 500, 10)]).await;
    let put = async |policy: Value| {
        let product = json!({"handle": "pen", "name": "Pen", "hold_policy": policy,
                             "variants": [{"sku": "PEN", "price": 100, "on_hand": 5}]});
        shop.post("/admin/products", &json!({"products": [product]})).send().await
    };
    put(json!({"kind": "at_add", "minutes": 0})).await.problem(422, "invalid_request");
    put(json!({"kind": "at_add", "minutes": 5, "max_units": 100_000})).await.problem(422, "invalid_request");
    put(json!({"kind": "at_add", "minutes": 5})).await.expect(200);
    let shown = guest.get("/products/pen").send().await.expect(200);
    assert_eq!(shown["hold_policy"], json!({"kind": "at_add", "minutes": 5, "max_units": 10}));
    let (_, cart) = guest.fill(&[("PEN", 2), ("MUG", 2)]).await;
    assert!(cart["lines"][0]["held_until"].is_string() && cart["lines"][1]["held_until"].is_null(), "{cart}");
    assert!(cart["lines"][1].get("held_quantity").is_none(), "{cart}");
    assert_eq!((shop.stock("PEN").await, shop.stock("MUG").await), ((5, 2), (10, 0)));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweeper_ends_what_has_run_out_and_the_cart_and_its_timeline_say_so() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    hold_at_add(&shop, 1, 5).await;
    shop.put_goods(&[("PEN", 500, 2)]).await;
    let (cart, _) = guest.fill(&[("PEN", 2)]).await;
    eventually("the hold runs out", Duration::from_secs(90), async || {
        (shop.stock("PEN").await == (2, 0)).then_some(())
    })
    .await;
    let read = guest.read(&cart).await;
    assert!(read["lines"][0]["held_until"].is_null(), "{read}");
    assert_eq!((&read["lines"][0]["held_quantity"], &read["version"]), (&json!(0), &json!(2)));
    let told = shop.get("/events?types=cart.hold_expired").send().await.expect(200);
    let items = told["items"].as_array().expect("items");
    let event = items.iter().find(|event| event["type"] == "cart.hold_expired").unwrap_or_else(|| panic!("{told}"));
    assert_eq!(event["data"]["lines"], json!([{"sku": "PEN", "quantity": 2}]));
    assert_eq!(event["actor"], "system");
    server.settle_and_verify().await;
}

/// Fills carts, leaves some, buys some, gives some up; returns those that were answered as left.
async fn shopper(guest: Shop, mut dice: u64, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> Vec<(CartKey, i64)> {
    let mut left = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let units = 1 + (dice >> 40) as i64 % 3;
        let lines = json!({"lines": [{"sku": "PEN", "quantity": units}]});
        let Some(answer) = right_or_none(guest.post("/carts", &lines).try_send().await) else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cart = CartKey::of(&answer.expect(201));
        match (dice >> 50) % 4 {
            0 => drop(guest.checkout(&cart, "k", "ok").try_send().await),
            1 => drop(guest.delete(&cart.path("")).token(&cart.token).try_send().await),
            _ => {
                left.push((cart, units));
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    left
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_as_held_is_held_after_the_plug_was_pulled_in_a_storm() {
    let mut server = Server::start();
    let shop = server.shop();
    hold_at_add(&shop, 600, 5).await;
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let (mut dice, stop) = (Dice::new(), Arc::<AtomicBool>::default());
    let count = Arc::<AtomicUsize>::default();
    let enter = |seed| tokio::spawn(shopper(server.guest().apart(), seed, stop.clone(), count.clone()));
    let shoppers: Vec<_> = (0..6).map(|_| dice.roll(u64::MAX)).map(enter).collect();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(150 + dice.roll(500))).await;
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
            server
        })
        .await
        .expect("it starts again on the same database");
    }
    let before = count.load(Ordering::Relaxed);
    let enough = async || (count.load(Ordering::Relaxed) > (before + 5).max(40)).then_some(());
    eventually("a storm that says something", Duration::from_secs(90), enough).await;
    stop.store(true, Ordering::Relaxed);
    let mut left = Vec::new();
    for shopper in shoppers {
        left.extend(shopper.await.expect("no shopper met an answer that must not be"));
    }
    server.kill();
    server.restart();
    assert!(left.len() > 30, "a storm has to blow for this test to say something: {} carts", left.len());
    for (cart, units) in &left {
        let read = server.guest().read(cart).await;
        assert_eq!((&read["lines"][0]["held_quantity"], &read["lines"][0]["quantity"]), (&json!(units), &json!(units)));
    }
    server.settle_and_verify().await;
}
