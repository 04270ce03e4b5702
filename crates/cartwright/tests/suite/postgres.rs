//! What only a PostgreSQL server can do to us, and how its schema must look. Left out where the tests run on SQLite.

use crate::harness::{PostgresServer, Server, eventually, on_postgres, program, run, workspace};
use serde_json::json;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_server_that_is_not_there_is_told_in_one_line_without_the_password() {
    if !on_postgres() {
        return;
    }
    let nobody = "postgres://shop:s3cret@127.0.0.1:1/shop";
    let commands =
        [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["verify"], &["keys", "create", "--name", "x"]];
    for arguments in commands {
        let ran = run(program(arguments).args(["--database", nobody]));
        let line = ran.one_clear_line(1);
        assert!(line.contains("postgres://127.0.0.1:1/shop") && !line.contains("s3cret"), "{line}");
    }
    let missing = PostgresServer::get().url("no_such_database");
    let ran = run(&mut program(&["migrate", "--database", &missing]));
    assert!(ran.one_clear_line(1).contains("no_such_database"), "{ran:?}");
}

#[test]
fn an_address_that_cannot_be_understood_is_told_without_the_password() {
    for (address, code) in [
        ("postgress://shop:s3cret@localhost/shop", 2),
        ("postgres://shop:s3cret@localhost:port/shop", 1),
        ("postgres://shop:s3cret@localhost/shop?sslmode=perhaps", 1),
    ] {
        let ran = run(&mut program(&["migrate", "--database", address]));
        let line = ran.one_clear_line(code);
        assert!(!line.contains("s3cret"), "{line}");
    }
    let mut help = program(&["serve", "--help"]);
    let help = run(help.env("DATABASE_URL", "postgres://shop:s3cret@localhost/shop"));
    assert!(help.out.contains("DATABASE_URL") && !help.out.contains("s3cret"), "{}", help.out);
}

#[test]
fn a_database_without_its_schema_is_told_and_migrate_makes_it_ahead() {
    if !on_postgres() {
        return;
    }
    let postgres = PostgresServer::get();
    postgres.sql("postgres", "CREATE DATABASE migrated_ahead");
    let url = postgres.url("migrated_ahead");
    let ran = run(&mut program(&["verify", "--database", &url]));
    assert!(ran.one_clear_line(1).contains("cartwright migrate"), "{ran:?}");
    let first = run(&mut program(&["migrate", "--database", &url])).good();
    assert_eq!(run(&mut program(&["migrate", "--database", &url])).good(), first);
    run(&mut program(&["verify", "--database", &url])).good();
    postgres.sql("postgres", "DROP DATABASE migrated_ahead");
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_schema_and_one_store() {
    if !on_postgres() {
        return;
    }
    let postgres = PostgresServer::get();
    postgres.sql("postgres", "CREATE DATABASE started_at_once");
    let url = postgres.url("started_at_once");
    let serve = || {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database", &url]);
        command.stdout(Stdio::piped()).spawn().expect("it starts")
    };
    let mut nodes: Vec<_> = (0..4).map(|_| serve()).collect();
    for node in &mut nodes {
        let mut said = String::new();
        let out = node.stdout.take().expect("its output is ours");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut said).expect("a line");
        assert!(said.contains("listening on"), "{said}");
    }
    for mut node in nodes {
        node.kill().expect("it is stopped");
        node.wait().expect("it ends");
    }
    assert_eq!(postgres.sql("started_at_once", "SELECT handle FROM stores").trim(), "default");
    postgres.sql("postgres", "DROP DATABASE started_at_once WITH (FORCE)");
}

#[tokio::test]
async fn the_password_is_in_no_log_and_no_answer() {
    if !on_postgres() {
        return;
    }
    let mut server = Server::demo();
    let guest = server.guest();
    for path in ["//healthz", "//readyz", "//metrics"] {
        let answer = guest.get(path).send().await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("pa55"), "{path}");
    }
    server.ask_to_stop();
    assert_eq!(server.wait().code(), Some(0));
    assert!(!server.log().contains("pa55"), "{}", server.log());
}

#[tokio::test]
async fn a_store_whose_turn_is_held_answers_503_and_heals() {
    if !on_postgres() {
        return;
    }
    let server = Server::with(&["--lock-timeout-seconds", "1"]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let mut psql = PostgresServer::get().psql_command(&database);
    let mut holder = psql.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("psql starts");
    let mut typed = holder.stdin.take().expect("its input is ours");
    writeln!(typed, "BEGIN; SELECT * FROM lanes FOR UPDATE;").expect("typed");
    typed.flush().expect("typed");
    eventually("the turn is held", Duration::from_secs(60), async || {
        let free = PostgresServer::get().sql(&database, "SELECT store_id FROM lanes FOR UPDATE SKIP LOCKED");
        free.trim().is_empty().then_some(())
    })
    .await;

    let add = || guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token).send();
    // Nobody is left waiting: the client gives up after a while.
    let refused = add().await;
    refused.problem(503, "storage_unavailable");
    assert!(refused.header("retry-after").parse::<u64>().is_ok(), "{refused:?}");
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 1, "reading goes on");

    drop(typed);
    assert!(holder.wait().expect("psql ends").success());
    eventually("it heals", Duration::from_secs(10), async || (add().await.status == 200).then_some(())).await;
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 2, "what was refused did not happen");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_again_and_again_lose_nothing_that_was_answered() {
    if !on_postgres() {
        return;
    }
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
    );
    let buyers: Vec<_> = (0..8)
        .map(|number| {
            let guest = guest.apart();
            tokio::spawn(async move {
                let mut placed = 0;
                for round in 0..40 {
                    let Ok(answer) =
                        guest.post("/carts", &json!({"lines": [{"sku": "PEN", "quantity": 1}]})).try_send().await
                    else {
                        continue;
                    };
                    if answer.status == 503 {
                        continue;
                    }
                    let cart = crate::harness::CartKey::of(&answer.expect(201));
                    // Repeated until there is an answer, as a shopper's browser would.
                    for _ in 0..50 {
                        let answer = guest.checkout(&cart, &format!("{number}-{round}"), "ok").send().await;
                        match answer.status {
                            201 | 202 => {
                                placed += 1;
                                break;
                            }
                            503 => tokio::time::sleep(Duration::from_millis(50)).await,
                            _ => panic!("{answer:?}"),
                        }
                    }
                }
                placed
            })
        })
        .collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        PostgresServer::get().sql("postgres", &cut);
    }
    let mut placed = 0;
    for buyer in buyers {
        placed += buyer.await.expect("every answer is a good one");
    }
    assert!(placed > 10, "only {placed} orders");
    server.settle_and_verify().await;
    let (on_hand, reserved) = shop.stock("PEN").await;
    assert_eq!((1_000_000 - on_hand, reserved), (placed, 0), "each order that was answered is there once");
}

#[tokio::test]
async fn reads_are_answered_whichever_of_their_connections_are_cut() {
    if !on_postgres() {
        return;
    }
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
    );
    let shears = tokio::task::spawn_blocking(move || {
        for _ in 0..30 {
            PostgresServer::get().sql("postgres", &cut);
        }
    });
    let (mut read, mut refused) = (0, 0);
    while !(shears.is_finished() && read >= 100) {
        let reads = (0..16).map(|_| shop.get("/admin/stock/PEN").send());
        for answer in futures_util::future::join_all(reads).await {
            // On a slow machine all tries of one may be cut.
            if answer.status == 503 {
                refused += 1;
                continue;
            }
            assert_eq!(answer.expect(200)["on_hand"], 1_000);
            read += 1;
        }
    }
    shears.await.expect("they were cut");
    assert!(refused * 20 <= read, "{refused} were refused, {read} answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_looked_up_and_counts_once() {
    if !on_postgres() {
        return;
    }
    let postgres = PostgresServer::get();
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let of_database = format!("FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()");
    // From now on commits wait for a standby that never comes: they are done, and nobody says so.
    postgres.sql("postgres", &format!("ALTER DATABASE {database} SET synchronous_commit = on"));
    postgres.sql("postgres", &format!("SELECT pg_terminate_backend(pid) {of_database}"));
    let add = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token).send();
    let add = tokio::spawn(add);
    let waiting = format!("SELECT pid {of_database} AND wait_event = 'SyncRep'");
    eventually("the commit waits", Duration::from_secs(8), async || {
        (!postgres.sql("postgres", &waiting).trim().is_empty()).then_some(())
    })
    .await;
    postgres.sql("postgres", &format!("ALTER DATABASE {database} RESET synchronous_commit"));
    postgres.sql("postgres", &format!("SELECT pg_terminate_backend(pid) {of_database}"));

    let answer = add.await.expect("a task").expect(200);
    assert_eq!(answer["lines"][0]["quantity"], 2, "{answer}");
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 2, "it counts once");
    assert!(server.log().contains("looking for its outcome"), "{}", server.log());
    server.settle_and_verify().await;
}

#[test]
fn every_table_and_every_index_of_the_server_begins_with_the_store() {
    if !on_postgres() {
        return;
    }
    let server = Server::start();
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let indexes = "SELECT c.relname || ' ' || i.relname || ' ' || a.attname FROM pg_index x \
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' \
         JOIN pg_attribute a ON a.attrelid = i.oid AND a.attnum = 1 WHERE c.relname <> 'refinery_schema_history'";
    let found = PostgresServer::get().sql(&database, indexes);
    let wrong: Vec<&str> = found.lines().filter(|line| !line.ends_with(" store_id")).collect();
    assert_eq!(wrong, ["api_keys api_keys_by_hash hash"], "{found}");
    assert!(found.lines().count() > 30, "{found}");
    let without_key = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' \
         WHERE c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)";
    assert_eq!(PostgresServer::get().sql(&database, without_key).trim(), "", "tables without a key");
}

#[test]
fn the_commands_for_citus_name_every_table() {
    if !on_postgres() {
        return;
    }
    let server = Server::start();
    let database = server.database().rsplit('/').next().expect("a name").to_owned();
    let tables = PostgresServer::get().sql(
        &database,
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'refinery_schema_history'",
    );
    let guide = std::fs::read_to_string(workspace().join("docs/scaling.md")).expect("the guide is there");
    let missing: Vec<&str> = tables.lines().filter(|table| !guide.contains(&format!("'{table}'"))).collect();
    assert_eq!(missing, [""; 0], "left out in docs/scaling.md");
}
