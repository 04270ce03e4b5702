//! Webhooks out: signed so that a library of others agrees, at least once and in order whatever breaks, never to private
//! addresses unless allowed.

use crate::events::events;
use crate::harness::{Dice, Received, Receiver, SILENCE, Server, Shop, Storm, eventually, workspace};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const ALLOWED: &str = "--webhooks-allow-private";
const SOON: Duration = Duration::from_secs(20);

/// A receiver that the shop tells of everything; its id and its secret.
pub(crate) async fn subscribe(shop: &Shop, receiver: &Receiver) -> (String, String) {
    let made = shop.post("/admin/webhooks", &json!({"url": receiver.url()})).send().await.expect(201);
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("secret"))
}

pub(crate) async fn buy(server: &Server) -> Value {
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201)
}

pub(crate) async fn shop_with_goods(server: &Server) -> Shop {
    let shop = server.shop();
    shop.put_goods(&[("PEN", 100, 1_000)]).await;
    shop
}

/// What the library of others says to each line.
pub(crate) async fn verified(lines: Vec<String>) -> Vec<String> {
    let python = std::env::var_os("CARTWRIGHT_PYTHON")
        .map_or_else(|| workspace().join("target/tools/venv/bin/python"), std::path::PathBuf::from);
    assert!(python.is_file(), "no python at {}: run ./test, which installs it", python.display());
    let script = workspace().join("crates/cartwright/tests/peers/standard_webhooks.py");
    let mut command = Command::new(python);
    command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
    let ran = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("python runs");
        child.stdin.take().expect("a pipe").write_all(lines.join("\n").as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    })
    .await
    .expect("no panic");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).lines().map(str::to_owned).collect()
}

/// Everything came, what is about one cart or order in its order (but for repetitions), each event always with one id.
fn complete_and_in_order(received: &[Received], all: &[Value]) {
    let mut first_seen: HashMap<String, Vec<i64>> = HashMap::new();
    let mut ids: HashMap<i64, String> = HashMap::new();
    for one in received {
        let event = one.event();
        assert_eq!(event["id"], one.id());
        let number = event["sequence"].as_i64().expect("a number");
        let subject = event["order_id"].as_str().or(event["cart_id"].as_str()).expect("a subject").to_owned();
        assert_eq!(ids.entry(number).or_insert_with(|| one.id().to_owned()), one.id());
        let seen = first_seen.entry(subject).or_default();
        if !seen.contains(&number) {
            assert!(seen.last().is_none_or(|last| *last < number), "{number} came after {seen:?}");
            seen.push(number);
        }
    }
    let missing: Vec<&Value> =
        all.iter().filter(|event| !ids.contains_key(&event["sequence"].as_i64().expect("a number"))).collect();
    assert!(missing.is_empty(), "{} of {} are missing: {:?}", missing.len(), all.len(), missing.first());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_of_others_agrees_with_the_signature_before_and_after_a_new_secret() {
    let (server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (id, old) = subscribe(&shop, &receiver).await;
    buy(&server).await;
    let first = eventually("five events", SOON, async || Some(receiver.taken()).filter(|all| all.len() == 5)).await;
    let rotated = shop.post(&format!("/admin/webhooks/{id}/rotate"), &json!({})).send().await.expect(200);
    let new = rotated["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(old, new);
    let ping = shop.post(&format!("/admin/webhooks/{id}/ping"), &json!({})).send().await.expect(200);
    assert_eq!(ping, json!({"taken": true, "answer": "204"}));
    let ping = receiver.taken().pop().expect("the ping");
    assert_eq!(ping.event()["type"], "ping");
    let mut lines: Vec<String> = first.iter().map(|one| one.to_check(&old)).collect();
    lines.extend([ping.to_check(&old), ping.to_check(&new)]);
    let mut forged = ping.clone();
    forged.body.push(' ');
    lines.extend([first[0].to_check(&new), forged.to_check(&new)]);
    let said = verified(lines).await;
    assert!(said[..7].iter().all(|word| word == "good"), "{said:?}");
    assert!(said[7..].iter().all(|word| word.starts_with("bad")) && said.len() == 9, "{said:?}");
    let again = shop.get(&format!("/admin/webhooks/{id}")).send().await.expect(200);
    assert!(again["secret"].is_null() && !server.log().contains(&new), "a secret is shown once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_refused_comes_again_with_its_id_and_those_behind_it_wait() {
    let (server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (id, _) = subscribe(&shop, &receiver).await;
    receiver.answer(500);
    buy(&server).await;
    eventually("a try for the cart and one for the order", SOON, async || {
        (receiver.received().len() == 2).then_some(())
    })
    .await;
    receiver.answer(200);
    let all = events(&shop, 0).await;
    let taken =
        eventually("all come", SOON, async || Some(receiver.taken()).filter(|taken| taken.len() >= all.len())).await;
    complete_and_in_order(&receiver.received(), &all);
    assert_eq!(taken.len(), all.len(), "what was taken does not come again");
    let log = shop.get(&format!("/admin/webhooks/{id}/deliveries?status=delivered")).send().await.expect(200);
    let tries: i64 =
        log["items"].as_array().expect("a list").iter().map(|one| one["tries"].as_i64().expect("tries")).sum();
    assert_eq!(tries as usize, receiver.received().len());
    let last = all.last().expect("an event")["sequence"].as_i64().expect("a number");
    let again = format!("/admin/webhooks/{id}/deliveries/{last}/replay");
    shop.post(&again, &json!({})).send().await.expect(204);
    let repeated = eventually("it comes again", SOON, async || receiver.taken().get(all.len()).cloned()).await;
    assert_eq!(repeated.event(), all[all.len() - 1]);
    shop.post(&format!("/admin/webhooks/{id}/deliveries/999/replay"), &json!({}))
        .send()
        .await
        .problem(404, "delivery_not_found");
    let since = json!({"since": 0});
    let before = receiver.taken().len();
    shop.post(&format!("/admin/webhooks/{id}/replay"), &since).send().await.expect(204);
    eventually("all come again", SOON, async || (receiver.taken().len() == before + all.len()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_sent_before_the_plug_was_pulled_comes_again_with_the_same_id() {
    let (mut server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    subscribe(&shop, &receiver).await;
    receiver.answer(SILENCE);
    buy(&server).await;
    eventually("both are on their way", SOON, async || (receiver.received().len() >= 2).then_some(())).await;
    let sent: Vec<String> = receiver.received().iter().map(|one| one.id().to_owned()).collect();
    receiver.answer(200);
    server.restart();
    let all = events(&server.shop(), 0).await;
    eventually("all come", SOON, async || (receiver.taken().len() >= all.len()).then_some(())).await;
    let taken: Vec<String> = receiver.taken().iter().map(|one| one.id().to_owned()).collect();
    assert!(sent.iter().all(|id| taken.contains(id)));
    complete_and_in_order(&receiver.received(), &all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_is_told_in_order_and_at_least_once_though_the_plug_is_pulled() {
    let (mut server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    subscribe(&server.shop(), &receiver).await;
    let storm = Storm::begin(&server, 4, &mut Dice::new()).await;
    for _ in 0..3 {
        storm.goes_on(Duration::from_secs(60)).await;
        server = tokio::task::spawn_blocking(move || {
            server.restart();
            server
        })
        .await
        .expect("it starts again");
    }
    blown(storm).await;
    told_all(&server, &receiver).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_tell_a_storm_in_order_and_at_least_once() {
    let mut server = Server::nodes_with(2, &[ALLOWED]);
    let receiver = Receiver::start().await;
    subscribe(&server.shop(), &receiver).await;
    let storm = Storm::begin(&server, 4, &mut Dice::new()).await;
    storm.reach(20).await;
    server.kill_node(0);
    server.restart_node(0);
    blown(storm).await;
    told_all(&server, &receiver).await;
}

/// Ends a storm once it has blown long enough to say something, also on a machine that is busy with other things.
async fn blown(storm: Storm) {
    eventually("enough orders", Duration::from_secs(90), async || (storm.placed() > 80).then_some(())).await;
    storm.end().await;
}

async fn told_all(server: &Server, receiver: &Receiver) {
    server.settle_and_verify().await;
    let all = events(&server.shop(), 0).await;
    let numbers: Vec<i64> = all.iter().map(|event| event["sequence"].as_i64().expect("a number")).collect();
    assert_eq!(numbers, (1..=all.len() as i64).collect::<Vec<_>>());
    eventually("all are told", Duration::from_secs(60), async || {
        let ids: std::collections::HashSet<String> = receiver.taken().iter().map(|one| one.id().to_owned()).collect();
        (ids.len() >= all.len()).then_some(())
    })
    .await;
    complete_and_in_order(&receiver.received(), &all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_a_private_address_unless_allowed() {
    let (server, receiver) = (Server::start(), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let by_name = receiver.url().replace("127.0.0.1", "localhost");
    for url in [receiver.url(), by_name, "http://169.254.169.254/latest/meta-data".to_owned()] {
        let made = shop.post("/admin/webhooks", &json!({"url": url})).send().await.expect(201);
        let path = format!("/admin/webhooks/{}/ping", made["id"].as_str().expect("an id"));
        let ping = shop.post(&path, &json!({})).send().await.expect(200);
        assert_eq!(ping["taken"], false, "{url}");
        assert!(ping["answer"].as_str().is_some_and(|answer| answer.contains("private")), "{url}: {ping}");
    }
    buy(&server).await;
    let webhooks = shop.get("/admin/webhooks").send().await.expect(200);
    for webhook in webhooks["webhooks"].as_array().expect("a list") {
        let path = format!("/admin/webhooks/{}/deliveries?status=pending", webhook["id"].as_str().expect("an id"));
        eventually("it is written down", SOON, async || {
            let found = shop.get(&path).send().await.expect(200);
            found.to_string().contains("private").then_some(())
        })
        .await;
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receivers_get_what_they_asked_for_and_one_that_is_gone_is_switched_off() {
    let (server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let added = server.client(&["webhooks", "add", &receiver.url(), "--types", "order.placed", "--json"]).json(0);
    let id = added["id"].as_str().expect("an id");
    buy(&server).await;
    eventually("it is told", SOON, async || (receiver.taken().len() == 1).then_some(())).await;
    assert_eq!(receiver.taken()[0].event()["type"], "order.placed");
    receiver.answer(410);
    buy(&server).await;
    let off = eventually("it is off", SOON, async || {
        let now = shop.get(&format!("/admin/webhooks/{id}")).send().await.expect(200);
        (now["active"] == false).then_some(now)
    })
    .await;
    assert!(off["off_reason"].as_str().is_some_and(|reason| reason.contains("410")), "{off}");
    receiver.answer(200);
    shop.patch(&format!("/admin/webhooks/{id}"), &json!({"active": true})).send().await.expect(200);
    eventually("it is told what it missed", SOON, async || (receiver.taken().len() == 2).then_some(())).await;
    let listed = server.client(&["webhooks", "deliveries", id]).good();
    assert!(listed.contains("delivered"), "{listed}");
    shop.delete(&format!("/admin/webhooks/{id}")).send().await.expect(204);
    shop.get(&format!("/admin/webhooks/{id}")).send().await.problem(404, "webhook_not_found");
    for bad in [json!({"url": "ftp://a/"}), json!({"url": "http://a/", "types": ["order.eaten"]}), json!({})] {
        shop.post("/admin/webhooks", &bad).send().await.problem(422, "invalid_request");
    }
}
