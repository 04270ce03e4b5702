//! The primary dies in mid-load and its synchronous standby takes over. Every order that was answered is there.

use crate::harness::{Dice, PostgresServer, Server, Storm};
use std::time::{Duration, Instant};

/// How long the nodes may take to find the new primary.
const FOUND_WITHIN: Duration = Duration::from_secs(30);

/// A primary that answers a commit only when its standby has it too.
fn primary_and_standby() -> (PostgresServer, PostgresServer) {
    let primary = PostgresServer::start(&[]);
    let standby = primary.standby("standby");
    primary.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
    primary.sql("postgres", "SELECT pg_reload_conf()");
    primary.wait_until("the standby follows", "SELECT sync_state FROM pg_stat_replication", "sync");
    primary.sql("postgres", "CREATE DATABASE shop");
    (primary, standby)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_primary_dies_the_nodes_find_its_standby_and_every_answered_order_is_there() {
    let (mut primary, standby) = primary_and_standby();
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let url = format!("postgres://postgres@{hosts}/shop?target_session_attrs=read-write");
    let limits = ["--statement-timeout-seconds", "2", "--connect-timeout-seconds", "2", "--lock-timeout-seconds", "2"];
    let server = Server::at(&url, 2, &limits);
    let storm = Storm::begin(&server, 8, &mut Dice::new()).await;
    storm.reach(20).await;
    let before = storm.placed();

    primary.kill();
    let promoted = Instant::now();
    standby.promote();
    let again = storm.goes_on(FOUND_WITHIN).await;
    eprintln!("{before} orders before, promoted within {:?}, orders again after {again:?}", promoted.elapsed() - again);
    storm.goes_on(FOUND_WITHIN).await;
    storm.end().await.check(&server).await;
    for shop in server.shop_of_each_node() {
        shop.guest().cart(&[("A", 1)]).await;
    }
}
