//! The plug is pulled again and again in the middle of a storm of checkouts. What a shopper was told stays true.

use crate::harness::{Dice, Server, Storm};
use serde_json::json;
use std::time::Duration;

const KILLS: usize = 10;
const SHOPPERS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_were_answered_survive_the_plug_being_pulled_and_none_is_there_twice() {
    let mut server = Server::start();
    let mut dice = Dice::new();
    let storm = Storm::begin(&server, SHOPPERS, &mut dice).await;
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(150 + dice.roll(500))).await;
        // A blocking wait: the storm goes on in the other threads.
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
            server
        })
        .await
        .expect("it starts again on the same file");
    }
    storm.goes_on(Duration::from_secs(60)).await;
    let aftermath = storm.end().await;
    server.kill();
    server.restart();
    aftermath.check(&server).await;
}

#[tokio::test]
async fn a_cart_that_was_answered_survives_the_plug_being_pulled() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 1_000)]).await;
    for round in 1..=5_i64 {
        let cart = guest.cart(&[("A", 1)]).await;
        let line = json!({"sku": "A", "quantity": round});
        let told = guest.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200);
        server.kill();
        server.restart();
        assert_eq!(guest.read(&cart).await, told);
    }
    server.verify();
}
