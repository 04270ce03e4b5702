//! Secrets that the database has to keep and give back stand in it sealed, with keys that are not in it.

use crate::harness::{
    Ran, Received, Receiver, Server, Shop, SmtpCatcher, eventually, link_of, on_postgres, program, run,
};
use crate::recovery;
use crate::webhooks::{ALLOWED, buy, shop_with_goods, subscribe, verified};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// A file with a key, and the arguments of a server that may send to this machine and seals with it.
fn key_file(folder: &Path, name: &str) -> (PathBuf, Vec<String>) {
    let file = folder.join(name);
    run(&mut program(&["secrets", "create", &file.display().to_string()])).good();
    let arguments = [ALLOWED, "--secret-file", &file.display().to_string()].map(str::to_owned);
    (file, arguments.to_vec())
}

fn secrets(arguments: &[&str], file: &Path, more: &[&str]) -> Ran {
    let file = file.display().to_string();
    run(program(&["secrets"]).args(arguments).arg(&file).args(more))
}

fn has_ended(server: &mut Server) {
    server.ask_to_stop();
    assert!(server.wait().success());
}

/// Whether the database has a text, or the server's log.
fn database_has(server: &Server, text: &str) -> bool {
    let all = server.contents();
    assert!(all.iter().any(|(_, bytes)| bytes.len() > 50_000), "there is a database");
    all.iter().any(|(_, bytes)| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn inside(secret: &str) -> &str {
    secret.strip_prefix("whsec_").expect("a secret of a webhook")
}

/// Buys, and finds the events of that signed with this secret.
async fn bought_and_signed(server: &Server, secret: &str, receiver: &Receiver) {
    let before = receiver.taken().len();
    buy(server).await;
    came_signed(before, secret, receiver).await;
}

/// The five events of an order came after so many others, signed with this secret.
async fn came_signed(before: usize, secret: &str, receiver: &Receiver) {
    let came: Vec<Received> = eventually("five events", SOON, async || {
        let taken = receiver.taken();
        (taken.len() >= before + 5).then_some(taken)
    })
    .await;
    let told = verified(came[before..].iter().map(|one| one.to_check(secret)).collect()).await;
    assert!(told.iter().all(|line| line == "good"), "{told:?}");
}

async fn sealed_with(server: &Server, id: &str) {
    eventually("secrets are sealed with the newest key", SOON, async || {
        database_has(server, &format!("sealed:{id}:")).then_some(())
    })
    .await;
}

/// The ids of the keys of a file, as a command that changed it said.
fn ids(ran: Ran) -> Vec<String> {
    let ids = ran.good();
    let (_, ids) = ids.trim().rsplit_once("newest first: ").expect("ids");
    ids.split(", ").map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_the_database_learns_no_secret_of_webhooks_links_or_mails() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, arguments) = key_file(folder.path(), "keys");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (mut server, receiver) = (Server::with(&arguments), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (id, secret) = subscribe(&shop, &receiver).await;
    shop.guest().post("/account", &json!({"email": "ada@example.com"})).send().await.expect(204);
    let mailed = server.mailed_secret("ada@example.com", 1).await;
    bought_and_signed(&server, &secret, &receiver).await;
    let rotated = shop.post(&format!("/admin/webhooks/{id}/rotate"), &json!({})).send().await.expect(200);
    let rotated = rotated["secret"].as_str().expect("a secret").to_owned();
    bought_and_signed(&server, &rotated, &receiver).await;
    has_ended(&mut server);
    for text in [inside(&secret), inside(&rotated), &mailed] {
        assert!(!database_has(&server, text), "{text}");
    }
    assert!(database_has(&server, "sealed:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stood_in_the_clear_is_sealed_at_the_start_and_every_node_needs_the_same_key() {
    // Without a place beside it a PostgreSQL database has its secrets in the clear until a key is given.
    let (mut server, receiver) = (Server::nodes_with(2, &[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (_, secret) = subscribe(&shop, &receiver).await;
    assert!(
        server.log().contains("secrets of webhooks and links stand in the clear in the database"),
        "{}",
        server.log()
    );
    assert!(database_has(&server, inside(&secret)));

    let folder = tempfile::tempdir().expect("a folder");
    let (_, arguments) = key_file(folder.path(), "keys");
    server.allow(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    server.restart();
    assert!(!database_has(&server, inside(&secret)) && database_has(&server, "sealed:"));
    bought_and_signed(&server, &secret, &receiver).await;

    let (_, others) = key_file(folder.path(), "others");
    for arguments in [&others[1..], &[]] {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database", &server.database()]);
        let ran = run(command.args(arguments));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("sealed with a key that is not here"), "{ran:?}");
    }
    bought_and_signed(&server, &secret, &receiver).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_beside_running_servers_and_forgotten_once_nothing_needs_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, arguments) = key_file(folder.path(), "keys");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (mut server, receiver) = (Server::with(&arguments), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (_, secret) = subscribe(&shop, &receiver).await;
    let database = server.database();
    server.kill();
    let two = ids(secrets(&["rotate"], &file, &[]));
    assert_eq!(two.len(), 2);
    let refused = secrets(&["forget"], &file, &["--database", &database]);
    assert!(refused.one_clear_line(1).contains(&format!("still sealed with the key {}", two[1])), "{refused:?}");
    server.restart();
    sealed_with(&server, &two[0]).await;

    let three = ids(secrets(&["rotate"], &file, &[]));
    assert_eq!(&three[1..], &two[..]);
    sealed_with(&server, &three[0]).await;
    eventually("nothing needs the older keys", SOON, async || {
        let ran = secrets(&["forget"], &file, &["--database", &database]);
        (ran.code == Some(0)).then(|| assert_eq!(ids(ran), three[..1]))
    })
    .await;
    server.restart();
    bought_and_signed(&server, &secret, &receiver).await;
    server.verify();

    let again = run(&mut program(&["secrets", "create", &file.display().to_string()]));
    assert!(again.one_clear_line(2).contains("is there already"), "{again:?}");
    std::fs::write(&file, "# nothing\n").expect("written");
    assert!(secrets(&["rotate"], &file, &[]).one_clear_line(2).contains("there is no key"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_whose_key_is_lost_sells_on_when_it_is_told_to_forget() {
    if on_postgres() {
        return;
    }
    let (mut server, receiver) = (Server::with(&[ALLOWED]), Receiver::start().await);
    let shop = shop_with_goods(&server).await;
    let (id, secret) = subscribe(&shop, &receiver).await;
    bought_and_signed(&server, &secret, &receiver).await;
    let mut file = server.file().into_os_string();
    file.push(".secret");
    assert!(Path::new(&file).exists(), "made when missing");
    let backup = server.folder().join("backup.sqlite");
    let told = run(&mut program(&["backup", "--database", &server.database(), &backup.display().to_string()])).good();
    assert!(told.contains("keep a copy of that apart from the backups"), "{told}");
    let elsewhere = format!("sqlite:{}", server.folder().join("elsewhere.sqlite").display());
    let told = run(&mut program(&["restore", &backup.display().to_string(), "--database", &elsewhere])).good();
    assert!(told.contains("Put the file with the keys that sealed its secrets at"), "{told}");

    server.kill();
    std::fs::remove_file(&file).expect("lost");
    let ran = run(&mut server.serve_command("127.0.0.1:0"));
    assert!(ran.code == Some(1) && ran.err.contains("start once with --forget-lost-secrets"), "{ran:?}");
    server.allow(&[ALLOWED, "--forget-lost-secrets"]);
    server.restart();
    let shop = server.shop();
    let webhook = shop.get(&format!("/admin/webhooks/{id}")).send().await.expect(200);
    assert_eq!(webhook["active"], false);
    assert!(webhook["off_reason"].as_str().is_some_and(|why| why.contains("secret was lost")), "{webhook}");
    let before = receiver.taken().len();
    buy(&server).await;
    let rotated = shop.post(&format!("/admin/webhooks/{id}/rotate"), &json!({})).send().await.expect(200);
    shop.patch(&format!("/admin/webhooks/{id}"), &json!({"active": true})).send().await.expect(200);
    came_signed(before, rotated["secret"].as_str().expect("a secret"), &receiver).await;
    server.verify();
}

#[tokio::test]
async fn links_that_were_sent_end_when_they_are_told_to_and_new_ones_open() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = recovery::start(&smtp, 1).await;
    let token = reminded(&mut server, &shop, &smtp, "ada@example.com").await;
    server.guest().get(&format!("/recovery/{token}")).send().await.expect(200);
    run(&mut program(&["secrets", "end-links", "--database", &server.database()])).good();
    server.guest().get(&format!("/recovery/{token}")).send().await.problem(404, "token_invalid");
    let shop = server.shop();
    let token = reminded(&mut server, &shop, &smtp, "bob@example.com").await;
    server.guest().get(&format!("/recovery/{token}")).send().await.expect(200);
}

async fn reminded(server: &mut Server, shop: &Shop, smtp: &SmtpCatcher, email: &str) -> String {
    recovery::left_cart(shop, email).await;
    recovery::let_time_pass(server);
    link_of(&smtp.wait_for(email, 1).await.remove(0))
}
