//! A shop moves from one database to another and back, and answers the same; backups are made in the middle of a storm.

use crate::harness::{CartKey, HUNG, PostgresServer, Server, Shop, eventually, on_postgres, program, run};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A database of the test's own on the PostgreSQL server; it ends with the value.
struct Target(String);

impl Target {
    fn new(name: &str) -> Target {
        PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {name}"));
        Target(name.to_owned())
    }

    fn url(&self) -> String {
        PostgresServer::get().url(&self.0)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        PostgresServer::get().sql("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0));
    }
}

fn copy(from: &str, to: &str) -> Command {
    program(&["copy", "--json", "--from", from, "--to", to])
}

/// What a shop is asked before and after: paths, and the cart's secret where one is needed.
type Questions = Vec<(String, String)>;

/// Orders in every state, carts open and left, a promotion with uses, customers; and what to ask about them.
async fn fill(shop: &Shop, guest: &Shop) -> (Questions, CartKey) {
    let mut asked: Questions = Vec::new();
    shop.put_goods(&[("PEN", 500, 100), ("MUG", 750, 100), ("RUG", 9_900, 3)]).await;
    let ten = shop.put_promotion(
        json!({"name": "Ten", "requires_code": true, "benefit": {"kind": "percentage", "percent": "10"}, "limits": {"total_uses": 9}}),
        &["TEN", "ZEHN"],
    )
    .await;
    shop.post(&format!("/admin/promotions/{ten}/codes"), &json!({"count": 3})).send().await.expect(201);
    let told = json!({"groups": ["wholesale"], "tax_exempt": true});
    let answer = shop.ask(reqwest::Method::PUT, "/admin/customers/anna%20%C3%A4").json(&told).send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    for (number, method) in ["ok", "ok", "declined", "requires_action", "ok"].into_iter().enumerate() {
        let cart = guest.cart(&[("PEN", 2), ("MUG", 1)]).await;
        if number == 0 {
            let answer = guest.post(&cart.path("/coupons"), &json!({"code": "ten"})).token(&cart.token).send().await;
            assert!((200..300).contains(&answer.status), "{answer:?}");
        }
        let answer = guest.checkout(&cart, &format!("before-{number}"), method).send().await;
        assert!(answer.status < 500, "{answer:?}");
        asked.push((cart.path(""), cart.token));
    }
    let placed = shop.orders(Some("placed")).await;
    let cancel = format!("/orders/{}/cancel", placed[0]["id"].as_str().expect("an id"));
    let answer = shop.post(&cancel, &json!({"reason": "changed \"their\" mind"})).send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    for order in shop.orders(None).await {
        asked.push((format!("/orders/{}", order["id"].as_str().expect("an id")), String::new()));
    }
    let open = guest.cart(&[("RUG", 1), ("PEN", 1)]).await;
    asked.push((open.path(""), open.token.clone()));
    for path in [
        "/products",
        "/products/pen",
        "/products?text=mu",
        "/products?text=pen",
        "/products?sort=-price",
        "/admin/orders",
        "/admin/orders?status=cancelled",
        "/admin/stock/PEN",
        "/admin/stock/PEN/movements",
        "/admin/promotions",
        "/admin/customers",
        "/admin/customers/anna%20%C3%A4",
        "/admin/stores",
    ] {
        asked.push((path.to_owned(), String::new()));
    }
    (asked, open)
}

/// All answers: of operators where no secret is given.
async fn answers(shop: &Shop, guest: &Shop, questions: &Questions) -> Vec<Value> {
    let mut all = Vec::with_capacity(questions.len());
    for (path, token) in questions {
        let ask = if token.is_empty() { shop.get(path) } else { guest.get(path).token(token) };
        all.push(ask.send().await.expect(200));
    }
    all
}

fn expect_same(before: &[Value], after: &[Value], questions: &Questions) {
    for ((before, after), (path, _)) in before.iter().zip(after).zip(questions) {
        assert_eq!(before, after, "{path}");
    }
}

fn stop(server: &mut Server) {
    server.ask_to_stop();
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_moves_to_postgresql_and_back_and_answers_the_same() {
    if !on_postgres() {
        return;
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let mut server = Server::on(&file("first.db"));
    let (questions, open) = fill(&server.shop(), &server.guest()).await;
    let before = answers(&server.shop(), &server.guest(), &questions).await;
    let there = Target::new("copied_there");

    let line = run(&mut copy(&server.database(), &there.url()));
    assert!(line.one_clear_line(1).contains("in use"), "a running server keeps its database: {line:?}");
    stop(&mut server);
    let report = run(&mut copy(&server.database(), &there.url())).json(0);
    let rows = |table: &str| {
        let tables = report["tables"].as_array().expect("tables");
        tables.iter().find(|one| one["table"] == table).expect("it was copied")["rows"].as_i64().expect("a number")
    };
    assert_eq!((rows("stores"), rows("orders"), rows("carts"), rows("products")), (1, 5, 6, 3), "{report:#}");
    let again = run(&mut copy(&server.database(), &there.url()));
    assert!(again.one_clear_line(1).contains("is not empty"), "{again:?}");

    server.move_to(&there.url());
    expect_same(&before, &answers(&server.shop(), &server.guest(), &questions).await, &questions);
    let (shop, guest) = (server.shop(), server.guest());
    guest.checkout(&open, "after-1", "ok").send().await.expect(201);
    guest.checkout(&guest.cart(&[("PEN", 3)]).await, "after-2", "ok").send().await.expect(201);
    assert_eq!(shop.stock("RUG").await, (2, 0));
    shop.post("/admin/stores", &json!({"handle": "second", "name": "Second", "currency": "EUR"})).send().await;
    server.verify();
    let before = answers(&shop, &guest, &questions).await;
    let line = run(&mut copy(&there.url(), &file("back.db")));
    assert!(line.one_clear_line(1).contains("in use"), "{line:?}");
    stop(&mut server);

    run(&mut copy(&there.url(), &file("back.db"))).json(0);
    let again = run(&mut copy(&there.url(), &file("back.db")));
    assert!(again.one_clear_line(1).contains("is not empty"), "{again:?}");
    server.move_to(&file("back.db"));
    expect_same(&before, &answers(&server.shop(), &server.guest(), &questions).await, &questions);
    let guest = server.guest();
    guest.checkout(&guest.cart(&[("PEN", 1)]).await, "after-3", "ok").send().await.expect(201);
    server.verify();
}

#[test]
fn a_copy_that_is_killed_in_the_middle_leaves_the_target_empty() {
    if !on_postgres() {
        return;
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let (from, back) = (file("from.db"), file("back.db"));
    let generated = ["--variants", "50", "--carts", "50", "--orders", "50"];
    run(program(&["generate", "--database", &from]).args(generated)).good();
    let there = Target::new("killed");
    run(&mut program(&["migrate", "--database", &there.url()])).good();

    // Somebody holds a table that is copied late: the copy stands still in the middle, and dies there.
    kill_in_the_middle(&there, &mut copy(&from, &there.url()));
    let left =
        PostgresServer::get().sql(&there.0, "SELECT (SELECT count(*) FROM stores) + (SELECT count(*) FROM carts)");
    assert_eq!(left.trim(), "0");
    run(&mut copy(&from, &there.url())).json(0);

    kill_in_the_middle(&there, &mut copy(&there.url(), &back));
    let path = back.strip_prefix("sqlite:").expect("a file");
    let left = rusqlite::Connection::open(path).expect("the file opens");
    let left: i64 = left.query_row("SELECT count(*) FROM carts", [], |row| row.get(0)).expect("a count");
    assert_eq!(left, 0);
    run(&mut copy(&there.url(), &back)).json(0);
    run(&mut program(&["verify", "--database", &back])).good();
}

fn kill_in_the_middle(there: &Target, copy: &mut Command) {
    let mut holder = PostgresServer::get().psql_command(&there.0);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("psql starts");
    let mut typed = holder.stdin.take().expect("its input is ours");
    writeln!(typed, "BEGIN; LOCK TABLE idempotency IN ACCESS EXCLUSIVE MODE;").expect("typed");
    typed.flush().expect("typed");
    let waiting = |who: &str| {
        let sql = format!(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_database d ON d.oid = l.database \
             WHERE c.relname = 'idempotency' AND d.datname = '{}' AND {who}",
            there.0
        );
        PostgresServer::get().sql(&there.0, &sql).trim() != "0"
    };
    let until = |who: &str| {
        let begun = Instant::now();
        while !waiting(who) {
            assert!(begun.elapsed() < HUNG, "nobody: {who}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until("l.granted AND l.mode = 'AccessExclusiveLock'");
    let mut child = copy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the copy starts");
    until("NOT l.granted");
    child.kill().expect("it runs");
    child.wait().expect("it ended");
    drop(typed);
    holder.wait().expect("psql ends");
    // The server notices only when it answers that its client is gone.
    let begun = Instant::now();
    while waiting("l.mode <> 'AccessShareLock'") || connected(there) {
        assert!(begun.elapsed() < HUNG, "the session of the killed copy lives on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn connected(there: &Target) -> bool {
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cartwright'";
    PostgresServer::get().sql(&there.0, sql).trim() != "0"
}

#[test]
fn copying_tells_in_one_line_what_is_wrong() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let missing = run(&mut copy(&file("missing.db"), &file("to.db")));
    assert!(missing.one_clear_line(1).contains("no such file"), "{missing:?}");
    assert!(!folder.path().join("to.db").exists(), "nothing is made before there is something to copy");
    run(&mut copy("mysql://shop:s3cret@db/shop", &file("to.db"))).one_clear_line(2);
    run(&mut program(&["backup", "--database", "postgres://shop:s3cret@db/shop", "x"])).one_clear_line(2);
    let ran = run(&mut program(&["restore", "x", "--database", "postgres://shop:s3cret@db/shop"]));
    assert!(ran.one_clear_line(2).contains("pg_restore"), "{ran:?}");
}

/// Buys and buys, and remembers what was answered, with the instant at which the answer was there.
async fn buy(guest: Shop, number: usize, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> Vec<(Instant, String)> {
    let mut placed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let cart = guest.cart(&[("PEN", 1)]).await;
        let order = guest.checkout(&cart, &format!("{number}-{}", placed.len()), "ok").send().await.expect(201);
        placed.push((Instant::now(), order["id"].as_str().expect("an id").to_owned()));
        count.fetch_add(1, Ordering::Relaxed);
    }
    placed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_in_the_middle_of_a_storm_has_every_order_that_was_answered_before_it() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (url, saved) = (format!("sqlite:{}", file("shop.db")), file("saved.db"));
    let mut server = Server::on(&url);
    server.shop().put_goods(&[("PEN", 500, 1_000_000)]).await;
    let (stopped, count) = (Arc::new(AtomicBool::new(false)), Arc::<AtomicUsize>::default());
    let enter = |number| tokio::spawn(buy(server.guest().apart(), number, stopped.clone(), count.clone()));
    let buyers: Vec<_> = (0..4).map(enter).collect();
    let more = async |than: usize| {
        eventually("orders", Duration::from_secs(60), async || (count.load(Ordering::Relaxed) > than).then_some(()))
            .await;
    };
    more(20).await;
    let begun = Instant::now();
    let backup = |to: &str| run(&mut program(&["backup", "--database", &url, to, "--json"]));
    backup(&saved).json(0);
    assert!(backup(&saved).one_clear_line(1).contains("exists"), "a backup never overwrites");
    more(count.load(Ordering::Relaxed) + 4).await;
    stopped.store(true, Ordering::Relaxed);
    let mut answered = Vec::new();
    for buyer in buyers {
        let placed = buyer.await.expect("every answer is a good one");
        answered.extend(placed.into_iter().filter(|(at, _)| *at < begun).map(|(_, id)| id));
    }
    assert!(answered.len() > 3, "only {} orders before the backup", answered.len());

    let restore = |more: &[&str]| run(program(&["restore", &saved, "--database", &url]).args(more));
    assert!(restore(&["--force"]).one_clear_line(1).contains("in use"), "a running server keeps its database");
    stop(&mut server);
    assert!(restore(&[]).one_clear_line(1).contains("--force"));
    std::fs::write(file("broken.db"), b"not a database at all").expect("a file");
    let broken = run(&mut program(&["restore", &file("broken.db"), "--database", &url, "--force"]));
    assert!(broken.one_clear_line(1).contains("no whole backup"), "{broken:?}");
    restore(&["--force"]).good();
    server.restart();
    server.verify();
    let shop = server.shop();
    for id in answered {
        shop.get(&format!("/orders/{id}")).send().await.expect(200);
    }
}
