//! What goes wrong around a server, and what it says then: one clear line, the right exit code, and nothing lost.

use crate::harness::{Answer, Server, Shop, eventually, left_out, program, run};
use serde_json::json;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn without_a_command_the_program_explains_itself() {
    let ran = run(&mut program(&[]));
    assert!(format!("{}{}", ran.out, ran.err).contains("cartwright serve --demo"), "{ran:?}");
    assert!(run(&mut program(&["--help"])).good().contains("serve"));
    assert!(run(&mut program(&["help", "serve"])).good().contains("--database"));
    assert!(run(&mut program(&["--version"])).good().starts_with("cartwright "));
}

#[test]
fn a_wrong_flag_or_value_ends_with_two() {
    for arguments in [
        &["serve", "--no-such-flag"][..],
        &["serve", "--listen", "nowhere"],
        &["serve", "--database", "mysql:shop"],
        &["serve", "--database", "sqlite:"],
        &["no-such-command"],
        &["keys", "create"],
        &["serve", "--max-database-mib", "much"],
    ] {
        let ran = run(&mut program(arguments));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(!ran.err.trim().is_empty() && !ran.err.contains("panicked"), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_configuration_file_is_followed_and_a_mistake_in_it_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\nlissten = 1\n").expect("written");
    let ran = run(&mut program(&["serve", "--config", &file.display().to_string()]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("lissten") && ran.err.contains("shop.toml"), "{ran:?}");
    let ran = run(&mut program(&["serve", "--config", "/nowhere/shop.toml"]));
    assert!(matches!(ran.code, Some(1 | 2)) && ran.err.contains("/nowhere/shop.toml"), "{ran:?}");
}

#[test]
fn a_port_that_is_taken_is_told_in_one_line() {
    let server = Server::start();
    let other = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let database = format!("sqlite:{}", other.path().join("shop.db").display());
    let ran = run(&mut program(&["serve", "--database", &database, "--listen", &address]));
    let line = ran.one_clear_line(1);
    assert!(line.contains(&address), "{line}");
    server.verify();
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_turned_away_and_the_first_goes_on() {
    if left_out("a_second_server_on_the_same_database_is_turned_away_and_the_first_goes_on") {
        return;
    }
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 10)]).await;
    let ran = run(&mut server.serve_command("127.0.0.1:0"));
    let line = ran.one_clear_line(1);
    assert!(line.contains("in use") && line.contains("shop.db"), "{line}");
    let cart = server.guest().cart(&[("PEN", 1)]).await;
    server.guest().checkout(&cart, "k", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let mut server = Server::start();
    server.kill();
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
                 SELECT 999, 'from_the_future', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    assert_eq!(server.execute(newer), 1);
    for arguments in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["verify"], &["keys", "create", "--name", "x"]]
    {
        let ran = run(program(arguments).args(["--database", &server.database()]));
        let line = ran.one_clear_line(1);
        assert!(line.contains("newer") && line.contains("999"), "{arguments:?}: {line}");
    }
}

#[test]
fn a_file_that_is_no_database_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.db");
    std::fs::write(&file, "this is not a database, but a letter".repeat(200)).expect("written");
    let database = format!("sqlite:{}", file.display());
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["verify"]] {
        let ran = run(program(arguments).args(["--database", &database]));
        assert!(ran.one_clear_line(1).contains("shop.db"), "{ran:?}");
    }
    let missing = run(&mut program(&["verify", "--database", "sqlite:/nowhere/shop.db"]));
    assert!(missing.one_clear_line(1).contains("/nowhere/shop.db"), "{missing:?}");
}

async fn add(shop: &Shop, cart: &crate::harness::CartKey) -> Answer {
    shop.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1})).token(&cart.token).send().await
}

#[tokio::test]
async fn a_database_locked_by_another_process_answers_503_and_heals() {
    if left_out("a_database_locked_by_another_process_answers_503_and_heals") {
        return;
    }
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let held = rusqlite::Connection::open(server.file()).expect("the file opens");
    held.execute_batch("BEGIN EXCLUSIVE").expect("the lock is ours");

    // Nobody is left waiting: the client gives up after a while.
    let refused = futures_util::future::join_all((0..5).map(|_| add(&guest, &cart))).await;
    for answer in &refused {
        answer.problem(503, "storage_unavailable");
        assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{answer:?}");
    }
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 1, "reading goes on");

    held.execute_batch("ROLLBACK").expect("the lock is given back");
    drop(held);
    eventually("it heals", Duration::from_secs(10), async || (add(&guest, &cart).await.status == 200).then_some(()))
        .await;
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 2, "what was refused did not happen");
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(order["status"], "placed");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_full_database_answers_503_loses_nothing_and_still_reads() {
    if left_out("a_full_database_answers_503_loses_nothing_and_still_reads") {
        return;
    }
    let server = Server::with(&["--max-database-mib", "2"]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let long = "x".repeat(400);
    let options: serde_json::Map<String, serde_json::Value> =
        (0..9).map(|number| (format!("engraving-{number}"), json!(long))).collect();
    let lines: Vec<serde_json::Value> = (0..20)
        .map(|number| {
            let mut options = options.clone();
            options.insert("engraving-0".to_owned(), json!(number.to_string()));
            json!({"sku": "PEN", "quantity": 1, "options": options})
        })
        .collect();
    let body = json!({"lines": lines});
    let mut bought = Vec::new();
    let refused = loop {
        assert!(bought.len() < 1_000, "two mebibytes are full by now");
        let answer = guest.post("/carts", &body).send().await;
        if answer.status != 201 {
            break answer;
        }
        let cart = crate::harness::CartKey::of(&answer.json());
        let answer = guest.checkout(&cart, "k", "ok").send().await;
        if answer.status != 201 {
            break answer;
        }
        bought.push((cart, answer.json()));
    };
    refused.problem(503, "storage_unavailable");
    assert!(refused.header("retry-after").parse::<u64>().is_ok(), "{refused:?}");
    assert!(bought.len() > 1);
    for (cart, told) in &bought {
        let order = guest.order(told["id"].as_str().expect("an id"), &cart.token).await.expect(200);
        assert_eq!(&order, told);
    }
    guest.get("/products").send().await.expect(200);
    assert_eq!(guest.get("//healthz").send().await.status, 200);

    // With more room it goes on where it was.
    let mut server = server;
    server.kill();
    server.allow(&["--max-database-mib", "64"]);
    server.restart();
    for (cart, told) in &bought {
        let order = guest.order(told["id"].as_str().expect("an id"), &cart.token).await.expect(200);
        assert_eq!(&order, told);
    }
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_turns_callers_away_and_counts_only_what_it_took() {
    let server = Server::with(&["--queue", "2"]);
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    let answers = futures_util::future::join_all((0..400).map(|_| add(&guest, &cart))).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(503, "busy");
        assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{answer:?}");
    }
    assert!(taken > 0 && taken < 400, "{taken} of 400 were taken");
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 1 + taken);
    server.verify();
}

#[tokio::test]
async fn a_server_without_a_file_handle_left_comes_back_when_there_are_some() {
    let server = Server::with_file_handles(96);
    server.shop().put_goods(&[("PEN", 500, 1_000)]).await;
    let address = server.url().trim_start_matches("http://").to_owned();
    let crowd: Vec<_> = (0..200).map_while(|_| std::net::TcpStream::connect(&address).ok()).collect();
    assert!(crowd.len() > 96, "{} connections", crowd.len());
    let guest = server.guest();
    // The server keeps the handles that it needs itself, and turns away whoever comes too late.
    eventually("nobody else gets a place", Duration::from_secs(60), async || {
        let told = server.told_at_the_door();
        (told.starts_with("HTTP/1.1 503") && told.contains("Retry-After: 1")).then_some(())
    })
    .await;
    drop(crowd);
    eventually("it answers again", Duration::from_secs(20), async || {
        let answer = guest.apart().get("//healthz").try_send().await;
        answer.is_ok_and(|answer| answer.status == 200).then_some(())
    })
    .await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_answers_what_is_under_way_and_ends_with_zero() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000_000)]).await;
    let bought = Arc::<AtomicUsize>::default();
    let buyers: Vec<_> = (0..16)
        .map(|number| {
            let (guest, bought) = (guest.apart(), bought.clone());
            tokio::spawn(async move {
                let mut told = Vec::new();
                for round in 0.. {
                    let Ok(answer) =
                        guest.post("/carts", &json!({"lines": [{"sku": "PEN", "quantity": 1}]})).try_send().await
                    else {
                        break;
                    };
                    if answer.status == 503 {
                        answer.problem(503, "stopping");
                        break;
                    }
                    let cart = crate::harness::CartKey::of(&answer.expect(201));
                    match guest.checkout(&cart, &format!("{number}-{round}"), "ok").try_send().await {
                        Ok(answer) if answer.status == 503 => {
                            answer.problem(503, "stopping");
                            break;
                        }
                        Ok(answer) => {
                            told.push((cart, answer.expect(201)));
                            bought.fetch_add(1, Ordering::Relaxed);
                        }
                        // Refused at the door is as good; cut off in the middle of an answer is not.
                        Err(error) => {
                            assert!(!error.is_body() && !error.is_decode(), "{error:?}");
                            break;
                        }
                    }
                }
                told
            })
        })
        .collect();
    eventually("a load", Duration::from_secs(60), async || (bought.load(Ordering::Relaxed) > 40).then_some(())).await;
    server.ask_to_stop();
    let (status, mut server) = tokio::task::spawn_blocking(move || {
        let status = server.wait();
        (status, server)
    })
    .await
    .expect("it stops");
    assert_eq!(status.code(), Some(0), "{}", server.log());
    server.verify();
    server.restart();
    let mut orders = 0;
    for buyer in buyers {
        for (cart, told) in buyer.await.expect("every answer is a good one") {
            let order = guest.order(told["id"].as_str().expect("an id"), &cart.token).await.expect(200);
            assert_eq!(order, told);
            orders += 1;
        }
    }
    assert!(orders > 8, "only {orders} orders: that was no load");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_slow_request_that_is_under_way_when_the_server_is_asked_to_stop_is_answered() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    // The test gateway takes a while to say nothing; the stop comes in the middle of that.
    let buying = tokio::spawn(guest.checkout(&cart, "k", "timeout").try_send());
    eventually("the order is there", Duration::from_secs(60), async || {
        (!shop.orders(None).await.is_empty()).then_some(())
    })
    .await;
    server.ask_to_stop();
    let answer = buying.await.expect("a task").expect("an answer");
    assert!(matches!(answer.status, 201 | 202), "{answer:?}");
    assert_eq!(server.wait().code(), Some(0));
    server.restart();
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    eventually("it is settled later", Duration::from_secs(30), async || {
        (guest.order(&id, &cart.token).await.expect(200)["status"] == "placed").then_some(())
    })
    .await;
    server.settle_and_verify().await;
}

#[tokio::test]
async fn health_readiness_metrics_and_logs_tell_how_it_is() {
    let mut server = Server::demo();
    let guest = server.guest();
    assert_eq!(guest.get("//healthz").send().await.status, 200);
    assert_eq!(guest.get("//readyz").send().await.status, 200);
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let metrics = guest.get("//metrics").send().await;
    assert_eq!(metrics.status, 200);
    let text = String::from_utf8(metrics.body.clone()).expect("text");
    assert!(text.contains("# TYPE ") && text.contains("cartwright_"), "{text}");
    for secret in [&cart.id, &cart.token, &server.key] {
        assert!(!text.contains(secret.as_str()), "an identity or secret in the metrics");
    }
    assert!(server.said().iter().any(|line| line.starts_with("operator key: sk_")), "{:?}", server.said());
    // What a crowd has taken is given back in a while.
    eventually("memory", Duration::from_secs(60), async || (server.memory_kib() < 200 * 1024).then_some(())).await;
    server.ask_to_stop();
    assert_eq!(server.wait().code(), Some(0));
    assert!(!server.log().contains("panicked"), "{}", server.log());
    server.verify();
}

#[tokio::test]
async fn the_demo_starts_again_on_its_database_without_a_second_set_of_goods() {
    let mut server = Server::demo();
    let cart = server.guest().cart(&[("PEN", 1)]).await;
    server.guest().checkout(&cart, "k", "ok").send().await.expect(201);
    let before = server.guest().get("/products").send().await.expect(200);
    let promotions = server.shop().get("/admin/promotions").send().await.expect(200);
    server.ask_to_stop();
    assert_eq!(server.wait().code(), Some(0));
    server.restart();
    assert_eq!(
        server.guest().get("/products").send().await.expect(200)["items"].as_array().map(Vec::len),
        before["items"].as_array().map(Vec::len)
    );
    let again = server.shop().get("/admin/promotions").send().await.expect(200);
    assert_eq!(again["promotions"].as_array().map(Vec::len), promotions["promotions"].as_array().map(Vec::len));
    for sku in ["PEN", "TSHIRT", "MUG"] {
        assert!(server.shop().stock(sku).await.0 >= 999, "{sku}");
    }
    server.settle_and_verify().await;
}
