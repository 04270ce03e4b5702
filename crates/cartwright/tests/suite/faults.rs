//! What stands between a node and its PostgreSQL server breaks: the line, the server, the connections. Meanwhile there are
//! right answers or a 503 that says when to come back, never a wrong answer; afterwards it heals by itself, and nothing is
//! half done.

use crate::harness::{
    AtCommit, CartKey, Dice, Line, PostgresServer, Proxy, Server, Shop, Storm, eventually, right_or_none,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const LIMITS: [&str; 6] =
    ["--statement-timeout-seconds", "2", "--connect-timeout-seconds", "1", "--lock-timeout-seconds", "2"];
const HEALS_WITHIN: Duration = Duration::from_secs(30);

/// Nodes behind a proxy, on a database of this name.
fn behind_a_proxy(database: &str, nodes: usize) -> (Proxy, Server) {
    let postgres = PostgresServer::get();
    postgres.sql("postgres", &format!("CREATE DATABASE {database}"));
    let proxy = Proxy::to(postgres.port());
    let url = format!("postgres://postgres@127.0.0.1:{}/{database}", proxy.port());
    let server = Server::at(&url, nodes, &LIMITS);
    (proxy, server)
}

/// Adds one unit under a key, again and again until there is an answer.
async fn add_until_answered(guest: &Shop, cart: &CartKey, key: &str, refused: &AtomicUsize) {
    let line = json!({"sku": "PEN", "quantity": 1});
    eventually("an add is answered", Duration::from_secs(40), async || {
        let answer = guest.post(&cart.path("/lines"), &line).token(&cart.token).key(key).try_send().await;
        let right = right_or_none(answer).map(|answer| answer.expect(200));
        refused.fetch_add(usize::from(right.is_none()), Ordering::Relaxed);
        right
    })
    .await;
}

/// Reading and writing are answered with a 503 that says when to come back, before the client's patience ends.
async fn is_out_of_order(guest: &Shop, cart: &CartKey) {
    let line = json!({"sku": "PEN", "quantity": 1});
    let asked = [
        guest.get(&cart.path("")).token(&cart.token),
        guest.post(&cart.path("/lines"), &line).token(&cart.token),
        guest.post("/carts", &json!({})),
        guest.checkout(cart, "out-of-order", "ok"),
        guest.get("/products"),
    ];
    for answer in join_all(asked.map(|ask| ask.send())).await {
        answer.problem(503, "storage_unavailable");
        assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{answer:?}");
    }
}

/// A cart's first line and how many units it has.
async fn units(guest: &Shop, cart: &CartKey) -> i64 {
    guest.read(cart).await["lines"][0]["quantity"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_again_and_again_loses_nothing_that_was_answered() {
    let (proxy, server) = behind_a_proxy("cut", 2);
    let mut dice = Dice::new();
    let storm = Storm::begin(&server, 8, &mut dice).await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50 + dice.roll(200))).await;
        proxy.cut();
    }
    storm.goes_on(HEALS_WITHIN).await;
    storm.end().await.check(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_cut_off_is_looked_up_and_answered_once() {
    let (proxy, server) = behind_a_proxy("at_commit", 1);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    // A checkout commits twice: the order, and then its payment.
    let cases = [AtCommit::CutBefore, AtCommit::CutBeforeTheAnswer].map(|what| [(what, 0), (what, 1)]);
    for (count, (what, skipped)) in cases.into_iter().flatten().enumerate() {
        let cart = guest.cart(&[("PEN", 1)]).await;
        proxy.at_commit(what, skipped);
        let order = guest.checkout(&cart, "once", "ok").send().await.expect(201);
        assert!(proxy.has_met_the_commit(), "{what:?} {skipped}");
        assert_eq!(order["status"], "placed", "{what:?} {skipped}");
        assert_eq!(guest.checkout(&cart, "once", "ok").send().await.expect(201), order);
        let so_far = count as i64 + 1;
        assert_eq!((shop.orders(None).await.len() as i64, shop.stock("PEN").await), (so_far, (1_000 - so_far, 0)));
    }
    let cart = guest.cart(&[("PEN", 1)]).await;
    for (what, quantity) in [(AtCommit::CutBefore, 2), (AtCommit::CutBeforeTheAnswer, 3)] {
        proxy.at_commit(what, 0);
        let add = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token);
        assert_eq!(add.send().await.expect(200)["lines"][0]["quantity"], quantity, "{what:?}");
        assert_eq!(units(&guest, &cart).await, quantity, "{what:?}");
    }
    assert!(server.log().contains("looking for its outcome"), "{}", server.log());
    server.settle_and_verify().await;
}

/// Forty adds while the answer to the next commit is held for longer than anybody waits. Returns how many were done, and how many
/// not, where somebody was told that nobody knows.
async fn add_while_the_commit_is_held(proxy: &Proxy, server: &Server, guest: &Shop, cart: &CartKey) -> (i64, usize) {
    let told = server.log().matches("cannot be asked for").count();
    proxy.at_commit(AtCommit::HoldBeforeTheAnswer, 1);
    let line = json!({"sku": "PEN", "quantity": 1});
    let add = |_| guest.post(&cart.path("/lines"), &line).token(&cart.token).send();
    // The line is let go when some were told that nobody knows, so that whoever does it again now would succeed.
    let release = async {
        eventually("nobody knows", Duration::from_secs(30), async || {
            (server.log().matches("cannot be asked for").count() > told).then_some(())
        })
        .await;
        proxy.line(Line::Passes);
    };
    let (answers, ()) = tokio::join!(join_all((0..40).map(add)), release);
    assert!(proxy.has_met_the_commit());
    let done = answers.iter().filter(|answer| answer.status == 200).count() as i64;
    let honest = answers.iter().any(|answer| String::from_utf8_lossy(&answer.body).contains("is not known"));
    let unknown = answers.into_iter().filter_map(|answer| right_or_none(Ok(answer)).is_none().then_some(())).count();
    (done, if honest { unknown } else { 0 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_outcome_cannot_be_learned_is_never_done_twice() {
    let (proxy, server) = behind_a_proxy("unknown_outcome", 1);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let (mut done, mut sent) = (0, 0);
    let unknown = loop {
        let (more, unknown) = add_while_the_commit_is_held(&proxy, &server, &guest, &cart).await;
        (done, sent) = (done + more, sent + 40);
        // The commit may have been one of the server's own jobs.
        if unknown > 0 || sent == 400 {
            break unknown;
        }
    };
    assert!(unknown > 0, "no add was told that nobody knows what became of it");
    let units = eventually("it heals", HEALS_WITHIN, async || {
        let read = right_or_none(guest.get(&cart.path("")).token(&cart.token).try_send().await)?;
        read.expect(200)["lines"][0]["quantity"].as_i64()
    })
    .await;
    assert!((done + 1..=sent + 1).contains(&units), "{done} of {sent} adds were answered, and now there are {units}");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falls_silent_is_told_as_503_and_what_is_repeated_is_done_once() {
    let (proxy, server) = behind_a_proxy("silent", 1);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let other = guest.cart(&[("PEN", 1)]).await;
    proxy.line(Line::Holds);
    is_out_of_order(&guest, &other).await;
    let keys: Vec<String> = (0..30).map(|number| format!("add-{number}")).collect();
    let refused = AtomicUsize::new(0);
    let adds = join_all(keys.iter().map(|key| add_until_answered(&guest, &cart, key, &refused)));
    let release = async {
        // Each has been refused, and is on its way again.
        let enough = async || (refused.load(Ordering::Relaxed) >= keys.len()).then_some(());
        eventually("all are refused once", Duration::from_secs(60), enough).await;
        proxy.line(Line::Passes);
    };
    tokio::join!(adds, release);
    assert_eq!(units(&guest, &cart).await, 31);
    let order = guest.checkout(&cart, "buy", "ok").send().await.expect(201);
    assert_eq!(order["lines"][0]["quantity"], 31);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_line_makes_slow_answers_and_right_ones() {
    let (proxy, server) = behind_a_proxy("slow", 2);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 20)]).await;
    let carts = join_all((0..60).map(|_| guest.cart(&[("PEN", 1)]))).await;
    proxy.line(Line::Delays(Duration::from_millis(30)));
    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, "buy", "ok").send())).await;
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| !matches!(answer.status, 201 | 503)) {
        answer.problem(409, "insufficient_stock");
    }
    proxy.line(Line::Passes);
    // Whoever was sent away comes again with the same key.
    let again = join_all(carts.iter().map(|cart| guest.checkout(cart, "buy", "ok").send())).await;
    let ids = |answers: &[crate::harness::Answer]| -> Vec<Option<Value>> {
        answers.iter().map(|answer| (answer.status == 201).then(|| answer.json()["id"].clone())).collect()
    };
    for (first, second) in ids(&answers).into_iter().zip(ids(&again)).filter(|(first, _)| first.is_some()) {
        assert_eq!(first, second, "the same key answers the same order");
    }
    let orders = shop.orders(Some("placed")).await.len();
    eprintln!("{placed} of {orders} orders were answered on the slow line");
    assert_eq!((orders, shop.stock("PEN").await), (20, (0, 0)));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_connections_is_told_as_503_and_found_again() {
    let (proxy, server) = behind_a_proxy("refused", 1);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    for _ in 0..2 {
        proxy.line(Line::Refuses);
        proxy.cut();
        is_out_of_order(&guest, &cart).await;
        proxy.line(Line::Passes);
        eventually("it heals", HEALS_WITHIN, async || {
            right_or_none(guest.get(&cart.path("")).token(&cart.token).try_send().await)
        })
        .await;
    }
    assert_eq!(units(&guest, &cart).await, 1, "what was refused did not happen");
    let order = guest.checkout(&cart, "out-of-order", "ok").send().await.expect(201);
    assert_eq!((order["status"].as_str(), shop.orders(None).await.len()), (Some("placed"), 1));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_restarted_in_mid_commit_loses_nothing_that_was_answered() {
    let mut postgres = PostgresServer::start(&[]);
    postgres.sql("postgres", "CREATE DATABASE shop");
    let server = Server::at(&postgres.url("shop"), 2, &LIMITS);
    let mut dice = Dice::new();
    let storm = Storm::begin(&server, 8, &mut dice).await;
    for round in 0..4 {
        tokio::time::sleep(Duration::from_millis(500 + dice.roll(500))).await;
        postgres = tokio::task::spawn_blocking(move || {
            if round % 2 == 0 {
                postgres.restart_immediately();
            } else {
                postgres.kill();
                postgres.launch();
            }
            postgres
        })
        .await
        .expect("it starts again");
        storm.goes_on(HEALS_WITHIN).await;
    }
    storm.end().await.check(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_connections_others_have_used_up_is_told_as_503_and_heals() {
    let postgres = PostgresServer::start(&["max_connections=20", "superuser_reserved_connections=5"]);
    postgres.sql("postgres", "CREATE ROLE shop LOGIN; CREATE ROLE others LOGIN");
    postgres.sql("postgres", "CREATE DATABASE shop OWNER shop");
    let server = Server::at(&format!("postgres://shop@127.0.0.1:{}/shop", postgres.port()), 1, &LIMITS);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;

    let mut holders = Vec::new();
    let others = format!("postgres://others@127.0.0.1:{}/postgres", postgres.port());
    let end_those_of = |role: &str| {
        postgres.sql(
            "postgres",
            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"),
        )
    };
    let count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'others'";
    eventually("all connections are taken", Duration::from_secs(15), async || {
        end_those_of("shop");
        for _ in 0..5 {
            let mut psql = std::process::Command::new(postgres.tool("psql"));
            psql.args(["-X", "-q", "-c", "SELECT pg_sleep(60)"]).arg(&others);
            psql.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            holders.push(psql.spawn().expect("psql starts"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        (postgres.sql("postgres", count).trim() == "15").then_some(())
    })
    .await;
    is_out_of_order(&guest, &cart).await;

    end_those_of("others");
    holders.iter_mut().for_each(|holder| drop(holder.wait()));
    eventually("it heals", HEALS_WITHIN, async || {
        right_or_none(guest.get(&cart.path("")).token(&cart.token).try_send().await)
    })
    .await;
    assert_eq!(units(&guest, &cart).await, 1, "what was refused did not happen");
    guest.checkout(&cart, "out-of-order", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}
