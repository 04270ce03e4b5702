//! Databases of older builds open and go on. The folder `old` has a demo shop as the build of schema 14 (SQLite) and 15
//! (PostgreSQL) left it: orders in every state, a pending and an unknown payment, an open cart with a code, codes with limits. And
//! one of schema 19 (both), with an order that waits for a transfer, a webhook, keys and an invited owner: `make_shop.py` made it.

use crate::harness::{CartKey, PostgresServer, Server, Shop, eventually, on_postgres, program, run};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long a worker may take to see a payment through.
const PATIENCE: Duration = Duration::from_secs(60);

/// The cart that was open, with a code on it.
const OPEN: (&str, &str) =
    ("01a22948-3001-7066-aa1a-f3f0f34e6aab", "d5c658212d4049680d4a7e97a7dd27ac3b47c4bcf7bd27b2473b308511a743b1");
/// The cart whose order waits for its shopper, and the order.
const WAITING: (&str, &str) =
    ("01a22948-2dcc-7127-a783-943ad24a338e", "11054c99c5da2b7733953edbf32921cf12fa89a049775907fca865a7a1bf33eb");
const WAITING_ORDER: &str = "01a22948-2df3-7a09-b340-5be1c7fb9f92";
/// The cart whose order was cancelled while it waited; that build kept such carts closed.
const CANCELLED: (&str, &str) =
    ("01a22948-31b9-7f9f-a050-249bbf5015d0", "e9a1b8db18b6f4c23290dbc8962d11f2076eb9a273899e97b42d63722a58d22a");
/// An order whose payment had no outcome yet, one with a refund, and one that used a code that is for once per customer.
const UNKNOWN_ORDER: &str = "01a22948-2e5c-7612-aaf8-4aaee30a0493";
const REFUNDED_ORDER: &str = "01a22948-2fc8-7ace-b446-76e43cef604f";

/// What opens the shop of schema 19.
#[derive(Deserialize)]
struct Opened {
    key: String,
    open: (String, String),
    waiting: (String, String),
    cancelled: (String, String),
    waiting_order: String,
    refunded_order: String,
    transfer_order: String,
    unknown_order: String,
}

/// A copy of the shop, of a test's own.
struct OldShop {
    folder: TempDir,
    database: String,
}

impl OldShop {
    fn new(file: &str, dump: &str) -> OldShop {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let old = OldShop { folder, database: format!("of_an_older_build_{}", dump.trim_end_matches(".sql")) };
        if on_postgres() {
            PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {}", old.database));
            let mut psql = PostgresServer::get().psql_command(&old.database);
            run(psql.arg("-q").arg("-f").arg(kept(dump))).good();
        } else {
            std::fs::copy(kept(file), old.file()).expect("a copy");
        }
        // What was open then is still open, however long ago that build ran.
        old.execute("UPDATE carts SET expires_at = 4000000000000 WHERE status = 'active'");
        old.execute("UPDATE payments SET due_at = 4000000000000 WHERE status = 'requires_action'");
        old
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("shop.sqlite")
    }

    fn url(&self) -> String {
        if on_postgres() {
            PostgresServer::get().url(&self.database)
        } else {
            format!("sqlite:{}", self.file().display())
        }
    }

    fn execute(&self, sql: &str) {
        if on_postgres() {
            PostgresServer::get().sql(&self.database, sql);
        } else {
            rusqlite::Connection::open(self.file()).expect("the file opens").execute(sql, []).expect("it is written");
        }
    }
}

impl Drop for OldShop {
    fn drop(&mut self) {
        if on_postgres() {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database);
            PostgresServer::get().sql("postgres", &drop);
        }
    }
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/old").join(name)
}

fn key((id, token): (&str, &str)) -> CartKey {
    CartKey::of(&json!({ "id": id, "token": token }))
}

async fn read(guest: &Shop, cart: &CartKey) -> Value {
    guest.get(&cart.path("")).token(&cart.token).send().await.expect(200)
}

async fn settled(shop: &Shop, order: &str) -> Value {
    eventually("somebody has seen it through", PATIENCE, async || {
        let seen = shop.get(&format!("/orders/{order}")).send().await.expect(200);
        (seen["status"] != "pending_payment").then_some(seen)
    })
    .await
}

#[tokio::test]
async fn a_database_of_an_older_build_opens_and_goes_on() {
    let old = OldShop::new("shop_v14.db", "shop_v15.sql");
    run(&mut program(&["migrate", "--database", &old.url()])).good();
    let server = Server::on(&old.url());
    let (shop, guest) = (server.shop(), server.guest());

    // What that build did not see the end of is seen through; then the books are whole.
    assert_eq!(settled(&shop, UNKNOWN_ORDER).await["status"], "placed");
    server.verify();
    let confirm = guest.post(&format!("/orders/{WAITING_ORDER}/payment/confirm"), &json!({}));
    assert_eq!(confirm.token(WAITING.1).send().await.expect(200)["status"], "placed");
    let again = guest.checkout(&key(WAITING), "another-key", "requires_action").send().await.expect(201);
    assert_eq!(again["id"], WAITING_ORDER);

    // The open cart has its code, and is bought at the total that it shows.
    let open = read(&guest, &key(OPEN)).await;
    assert_eq!(open["coupons"][0]["code"], "WELCOME10");
    let names: Vec<&str> =
        open["discounts"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.starts_with(&["2 for 1 on pens", "Welcome: 10% off"]), "{open}");
    // A promotion for some hours of Sunday evenings may take something off, too.
    let total = open["totals"]["total"]["amount"].as_i64().expect("an amount");
    assert!(total == 450 || total == 405, "two pens for one, and a tenth off: {open}");
    let order = guest.checkout(&key(OPEN), "goes-on", "ok").send().await.expect(201);
    assert_eq!(order["totals"]["total"]["amount"].as_i64(), Some(total));

    // Of a refunded order the rest goes back.
    let cancelled = shop.post(&format!("/orders/{REFUNDED_ORDER}/cancel"), &json!({})).send().await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["payment"]["status"]), (&json!("cancelled"), &json!("refunded")));

    // A cart that stayed closed behind a cancelled order makes no second one by itself.
    let refused = guest.checkout(&key(CANCELLED), "k", "ok").send().await;
    assert!((400..500).contains(&refused.status), "{refused:?}");

    // Uses that were counted then count now, however the address is written.
    let cart = guest.cart(&[("MUG", 1)]).await;
    let email = json!({"email": "DORA@Example.COM"});
    guest.patch(&cart.path(""), &email).token(&cart.token).send().await.expect(200);
    let once = guest.post(&cart.path("/coupons"), &json!({"code": "ONCE"})).token(&cart.token).send().await;
    assert_eq!(once.status, 409, "{once:?}");
    server.verify();
}

#[tokio::test]
async fn a_database_of_schema_19_opens_and_goes_on() {
    let text = std::fs::read_to_string(kept("shop_v19.json")).expect("what opens it");
    let opened: Opened = serde_json::from_str(&text).expect("JSON");
    let old = OldShop::new("shop_v19.db", "shop_v19.sql");
    let server = Server::on(&old.url());
    let (shop, guest) = (server.shop(), server.guest());
    let cart = |(id, token): &(String, String)| key((id, token));

    assert_eq!(settled(&shop, &opened.unknown_order).await["status"], "placed");
    server.verify();
    let confirm = guest.post(&format!("/orders/{}/payment/confirm", opened.waiting_order), &json!({}));
    assert_eq!(confirm.token(&opened.waiting.1).send().await.expect(200)["status"], "placed");

    // The open cart has its code, and is bought at the total that it shows.
    let open = read(&guest, &cart(&opened.open)).await;
    assert_eq!(open["coupons"][0]["code"], "WELCOME10");
    let order = guest.checkout(&cart(&opened.open), "goes-on", "ok").send().await.expect(201);
    assert_eq!(order["totals"]["total"], open["totals"]["total"]);
    // The cart behind an order that was cancelled while it waited is its shopper's again.
    read(&guest, &cart(&opened.cancelled)).await;
    guest.checkout(&cart(&opened.cancelled), "again", "ok").send().await.expect(201);

    // Of a refunded order the rest goes back, and money that was waited for comes.
    let cancelled =
        shop.post(&format!("/orders/{}/cancel", opened.refunded_order), &json!({})).send().await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["payment"]["status"]), (&json!("cancelled"), &json!("refunded")));
    let path = format!("/orders/{}", opened.transfer_order);
    let due = shop.get(&path).send().await.expect(200)["totals"]["total"]["amount"].clone();
    let paid = json!({"amount": due, "reference": "statement 1"});
    let paid = shop.post(&format!("{path}/payments"), &paid).key("paid").send().await.expect(201);
    assert_eq!(paid["status"], "placed", "{paid}");

    // Uses that were counted then count now.
    let again = guest.cart(&[("MUG", 1)]).await;
    let email = json!({"email": "dora@example.com"});
    guest.patch(&again.path(""), &email).token(&again.token).send().await.expect(200);
    let once = guest.post(&again.path("/coupons"), &json!({"code": "ONCE"})).token(&again.token).send().await;
    assert_eq!(once.status, 409, "{once:?}");

    // Keys of then open now; who was invited, what is told to whom, and the customer are there.
    let by_old_key = shop.with_key(&opened.key);
    by_old_key.get("/admin/orders").send().await.expect(200);
    assert_eq!(
        by_old_key.get("/admin/webhooks").send().await.expect(200)["webhooks"].as_array().map(Vec::len),
        Some(1)
    );
    let operators = by_old_key.get("/admin/operators").send().await.expect(200);
    assert!(operators.to_string().contains("owner@example.com"), "{operators}");
    let body = json!({"email": "demo@example.com", "password": "demo-password", "kind": "program"});
    guest.post("/account/session", &body).send().await.expect(201);
    server.verify();
}
