//! Two nodes on one PostgreSQL database, the load spread over both: races end as on one node, what one node answered the other
//! knows at once, and a node that dies takes nothing with it.

use crate::harness::{Dice, PostgresServer, Server, Shop, Storm, eventually};
use crate::{merge, prices, races};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const KILLS: usize = 6;
/// The lease of a node that died, and the sweep of the one that takes it.
const SWEPT_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_buyers_on_two_nodes_for_a_hundred_units_make_exactly_a_hundred_orders() {
    races::thousand_buyers(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_checkout_sent_fifty_times_to_two_nodes_makes_one_order_and_fifty_equal_answers() {
    races::same_checkout(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_adds_to_one_cart_on_two_nodes_all_count() {
    races::parallel_adds(Server::nodes(2)).await;
    races::same_version(Server::nodes(2)).await;
    races::one_customer(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_that_log_in_at_once_on_two_nodes_all_bring_their_goods_once() {
    merge::devices(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coupon_for_ten_orders_is_redeemed_exactly_ten_times_by_two_hundred_on_two_nodes() {
    races::limited_coupon(Server::nodes(2), 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_first_orders_on_two_nodes_are_one() {
    prices::first_orders(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_in_opposite_order_on_two_nodes_make_no_deadlock() {
    races::opposite_orders(Server::nodes(2)).await;
    races::everybody_at_once(Server::nodes(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_codes_is_good_for_one_order_on_two_nodes() {
    let server = Server::nodes(2);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 1_000)]).await;
    let thanks = json!({"name": "Thanks", "requires_code": true, "benefit": {"kind": "fixed_amount", "amount": 100}});
    let promotion = shop.put_promotion(thanks, &["NAMED"]).await;
    let path = format!("/admin/promotions/{promotion}/codes");
    let added = shop.post(&path, &json!({"count": 10})).send().await.expect(201);
    let codes: Vec<String> = serde_json::from_value(added["codes"].clone()).expect("codes");
    let buyers = codes.iter().flat_map(|code| (0..10).map(move |_| code)).map(|code| {
        let guest = guest.clone();
        async move {
            let cart = guest.cart(&[("PEN", 1)]).await;
            guest.post(&cart.path("/coupons"), &json!({"code": code})).token(&cart.token).send().await;
            let answer = guest.checkout(&cart, "buy", "ok").send().await;
            (code, answer)
        }
    });
    let answers = join_all(buyers).await;
    for code in &codes {
        let reduced = |(of, answer): &&(&String, crate::harness::Answer)| {
            *of == code && answer.status == 201 && answer.json()["totals"]["total"]["amount"] == 900
        };
        assert_eq!(answers.iter().filter(reduced).count(), 1, "{code}");
    }
    server.settle_and_verify().await;
}

/// What the second node says right after the first one answered, and the other way round.
async fn told_at_once(nodes: &[Shop], round: i64) {
    let (one, other) = if round % 2 == 0 { (&nodes[0], &nodes[1]) } else { (&nodes[1], &nodes[0]) };
    let cart = one.guest().cart(&[("PEN", 1)]).await;
    for quantity in 2..5 {
        let line = json!({"sku": "PEN", "quantity": 1});
        let told = one.guest().post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200);
        assert_eq!(told["lines"][0]["quantity"], quantity);
        assert_eq!(other.guest().read(&cart).await, told, "the cart");
    }
    let price = 1_000 + round;
    one.set_price("PEN", price).await;
    let read = other.guest().read(&cart).await;
    assert_eq!(read["lines"][0]["notices"][0]["new"]["amount"], price, "the price of a cart's line: {read}");
    let (cart, fresh) = other.guest().fill(&[("PEN", 1)]).await;
    assert_eq!(fresh["totals"]["subtotal"]["amount"], price, "the price of a new cart");
    let change = json!({"adjustments": [{"sku": "PEN", "kind": "receive", "quantity": 2, "reason": "delivery"}]});
    let before = other.stock("PEN").await;
    one.post("/admin/stock/adjustments", &change).send().await.expect(200);
    assert_eq!(other.stock("PEN").await, (before.0 + 2, before.1), "the stock");

    let name = format!("round-{round}");
    let off = json!({"name": name, "benefit": {"kind": "fixed_amount", "amount": 100}});
    let promotion = one.put_promotion(off, &[]).await;
    let total = async |shop: &Shop| shop.guest().read(&cart).await["totals"]["total"]["amount"].as_i64();
    assert_eq!(total(other).await, Some(price - 100), "a promotion that was made");
    let gone = one.delete(&format!("/admin/promotions/{promotion}")).send().await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_eq!(total(other).await, Some(price), "a promotion that is gone");

    let product = json!({"handle": name, "name": name, "variants": [{"sku": name, "price": 300, "on_hand": 3}]});
    one.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
    other.guest().get(&format!("/products/{name}")).send().await.expect(200);
    other.guest().cart(&[(&name, 3)]).await;

    let store = json!({"handle": name, "name": name, "currency": "USD", "hosts": []});
    one.post("/admin/stores", &store).send().await.expect(200);
    let there = other.of_store(&name);
    assert_eq!(there.guest().get("/products").send().await.expect(200)["items"], json!([]), "a new store");
    there.put_goods(&[("NOVEL", 100, 5)]).await;
    let (_, abroad) = one.of_store(&name).guest().fill(&[("NOVEL", 1)]).await;
    assert_eq!(abroad["currency"], "USD");

    let order = one.guest().checkout(&cart, "buy", "ok").send().await.expect(201);
    let id = order["id"].as_str().expect("an id");
    assert_eq!(other.guest().order(id, &cart.token).await.expect(200), order, "the order");
    assert_eq!(other.guest().checkout(&cart, "buy", "ok").send().await.expect(201), order);
    let closed = other.guest().read(&cart).await;
    assert_eq!(closed["order_id"], order["id"], "the cart of an order: {closed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_answered_the_other_knows_at_once() {
    let server = Server::nodes(2);
    let nodes = server.shop_of_each_node();
    nodes[0].put_goods(&[("PEN", 500, 1_000)]).await;
    for round in 0..10 {
        told_at_once(&nodes, round).await;
    }
    server.settle_and_verify().await;
}

/// A node that was alone with the store takes what it remembers for true, until it notices that it is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_long_alone_sees_what_another_has_sold_meanwhile() {
    let server = Server::nodes(2);
    let nodes = server.shop_of_each_node();
    let (one, other) = (&nodes[0], &nodes[1]);
    for round in 0..5 {
        let sku = format!("LAST-{round}");
        one.put_goods(&[(&sku, 500, 2)]).await;
        let (sold, late) = (one.guest().cart(&[(&sku, 1)]).await, one.guest().cart(&[(&sku, 1)]).await);
        for _ in 0..10 {
            one.guest().cart(&[(&sku, 1)]).await;
        }
        let order = other.guest().checkout(&sold, "first", "ok").send().await.expect(201);
        let last = other.guest().cart(&[(&sku, 1)]).await;
        other.guest().checkout(&last, "last", "ok").send().await.expect(201);
        let refused = one.guest().checkout(&late, "late", "ok").send().await;
        assert_eq!(refused.status, 409, "{refused:?}");
        let again = one.guest().checkout(&sold, "again", "ok").send().await.expect(201);
        assert_eq!(again["id"], order["id"], "a cart that is an order already");
        assert_eq!(one.stock(&sku).await, (0, 0));
    }
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_made_on_one_node_holds_on_the_other_at_once() {
    let server = Server::nodes(2);
    let nodes = server.shop_of_each_node();
    nodes[0].put_goods(&[("PEN", 1_000, 1_000)]).await;
    let (cart, _) = nodes[0].guest().fill(&[("PEN", 1)]).await;
    for round in 0..10_usize {
        let (one, other) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let percent = 10 + round;
        let rates = json!({"rates": [{"name": "VAT", "percent": percent.to_string()}]});
        let set = one.ask(Method::PUT, "/admin/tax-rates").json(&rates).send().await.expect(200);
        assert_eq!(other.get("/admin/tax-rates").send().await.expect(200), set, "the table");
        let theirs = other.guest().read(&cart).await;
        assert_eq!(theirs, one.guest().read(&cart).await, "a cart is priced alike");
    }
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_killed_in_turn_in_the_storm_lose_nothing_that_was_answered() {
    let mut server = Server::nodes(2);
    let mut dice = Dice::new();
    let storm = Storm::begin(&server, 8, &mut dice).await;
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(300 + dice.roll(500))).await;
        let pause = Duration::from_millis(dice.roll(400));
        // A blocking wait: the storm goes on in the other threads, and on the other node.
        server = tokio::task::spawn_blocking(move || {
            server.kill_node(kill % 2);
            std::thread::sleep(pause);
            server.restart_node(kill % 2);
            server
        })
        .await
        .expect("it starts again on the same database");
    }
    storm.goes_on(Duration::from_secs(30)).await;
    storm.end().await.check(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unpaid_orders_expire_once_also_when_the_node_that_sweeps_is_killed() {
    let mut server = Server::nodes(2);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    // Whichever sweeps: at the latest the second kill meets it.
    for round in 0..2 {
        let carts = join_all((0..20).map(|_| guest.cart(&[("PEN", 1)]))).await;
        join_all(carts.iter().map(|cart| guest.checkout(cart, "buy", "requires_action").send())).await;
        assert_eq!(shop.stock("PEN").await, (1_000, 20));
        server.execute("UPDATE payments SET due_at = 1000 WHERE due_at > 1000");
        server.kill_node(round);
        let survivor = &server.shop_of_each_node()[1 - round];
        let begun = Instant::now();
        eventually("the orders expire", SWEPT_WITHIN, async || {
            survivor.orders(Some("pending_payment")).await.is_empty().then_some(())
        })
        .await;
        eprintln!("expired {:?} after the kill", begun.elapsed());
        assert_eq!(survivor.stock("PEN").await, (1_000, 0));
        server.restart_node(round);
    }
    let expired: Vec<Value> = shop.orders(Some("expired")).await;
    assert_eq!(expired.len(), 40);
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let released = "SELECT count(*) FROM stock_movements WHERE reserved_delta = -1";
    assert_eq!(PostgresServer::get().sql(&database, released).trim(), "40", "each was released once");
    server.settle_and_verify().await;
}
