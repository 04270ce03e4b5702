//! Urgency: how much of a variant stands in others' carts is counted exactly, whatever happens at once, and the checker knows.

use crate::harness::{CartKey, Server, Shop, eventually, program, run};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

async fn set_urgency(shop: &Shop, on: bool) {
    let store = json!({"handle": "default", "name": "Default store", "currency": "EUR", "settings": {"urgency": on}});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

async fn in_carts(guest: &Shop, sku: &str) -> Value {
    let product = guest.get(&format!("/products/{}", sku.to_lowercase())).send().await.expect(200);
    product["variants"][0]["in_other_carts"].clone()
}

/// Numbers are as of a few seconds ago; carts past their date are found by the sweeper.
async fn until_counted(guest: &Shop, sku: &str, units: i64) {
    let mut last = Value::Null;
    for _ in 0..900 {
        last = in_carts(guest, sku).await;
        if last == units {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{sku}: {last} stand in carts, should be {units}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_others_carts_is_counted_exactly_through_everything_that_happens_to_carts() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    set_urgency(&shop, true).await;
    shop.put_goods(&[("PEN", 100, 1_000), ("MUG", 750, 1_000)]).await;
    let fill = (0..30).map(|at| {
        let guest = guest.clone();
        async move {
            let cart = guest.cart(&[("PEN", 1), ("MUG", 1)]).await;
            let adds = (0..at % 3).map(|_| async {
                let line = json!({"sku": "PEN", "quantity": 2});
                guest.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200);
            });
            join_all(adds).await;
            cart
        }
    });
    let carts: Vec<CartKey> = join_all(fill).await;
    // 30 ones, and in every third cart 2 more, in every third 4 more.
    until_counted(&guest, "PEN", 90).await;
    until_counted(&guest, "MUG", 30).await;
    let listed = guest.get("/products?text=mug").send().await.expect(200);
    assert_eq!(listed["items"][0]["variants"][0]["in_other_carts"], 30);
    let own = eventually("others' carts without one's own", Duration::from_secs(10), async || {
        let cart = guest.read(&carts[2]).await;
        (cart["lines"][0]["in_other_carts"] == 85).then_some(cart)
    });
    let own = own.await;
    assert_eq!(
        (&own["lines"][1]["in_other_carts"], &own["lines"][0]["availability"]["available"]),
        (&json!(29), &json!(1_000))
    );

    guest.checkout(&carts[0], "k", "ok").send().await.expect(201);
    assert_eq!(guest.checkout(&carts[3], "k", "declined").send().await.status, 402);
    guest.delete(&carts[6].path("")).token(&carts[6].token).send().await.expect(204);
    until_counted(&guest, "PEN", 88).await;
    shop.post(&carts[9].path("/merge"), &json!({"customer": "ada"})).send().await.expect(200);
    shop.post(&carts[12].path("/merge"), &json!({"customer": "ada"})).send().await.expect(200);
    let line = guest.read(&carts[15]).await["lines"][1]["id"].as_str().expect("an id").to_owned();
    guest.delete(&carts[15].path(&format!("/lines/{line}"))).token(&carts[15].token).send().await.expect(200);
    until_counted(&guest, "MUG", 27).await;
    until_counted(&guest, "PEN", 88).await;
    server.kill();
    server.restart();
    server.verify();
    server.kill();
    assert!(server.execute("UPDATE carts SET expires_at = 1000 WHERE customer = 'ada'") > 0);
    server.restart();
    until_counted(&guest, "PEN", 86).await;
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_begins_to_show_it_counts_the_carts_that_are_there_while_shoppers_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let url = if crate::harness::on_postgres() {
        crate::harness::PostgresServer::get().sql("postgres", "CREATE DATABASE urgency");
        crate::harness::PostgresServer::get().url("urgency")
    } else {
        url
    };
    let size = ["--variants", "200", "--carts", "5000", "--orders", "500", "--codes", "0"];
    run(program(&["generate", "--database", &url]).args(size)).good();
    let server = Server::on(&url);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 100, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 3)]).await;
    assert_eq!(in_carts(&guest, "PEN").await, Value::Null);
    assert!(guest.read(&cart).await["lines"][0].get("in_other_carts").is_none());
    for round in 0..2 {
        set_urgency(&shop, true).await;
        let buyers = (0..20).map(|_| {
            let guest = guest.clone();
            async move {
                for _ in 0..5 {
                    guest.cart(&[("PEN", 1)]).await;
                }
            }
        });
        join_all(buyers).await;
        until_counted(&guest, "PEN", 3 + 100 * (round + 1)).await;
        server.verify();
        set_urgency(&shop, false).await;
        assert_eq!(in_carts(&guest, "PEN").await, Value::Null);
    }
    server.verify();
}
