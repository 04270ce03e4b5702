//! Databases of an older build open and go on. The folder `old` has a demo shop as the build of schema 14 (SQLite) and 15
//! (PostgreSQL) left it: orders in every state, a pending and an unknown payment, an open cart with a code, codes with limits.

use crate::harness::{CartKey, PostgresServer, Server, Shop, on_postgres, program, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DATABASE: &str = "shop_of_an_older_build";
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

/// A copy of the shop, of a test's own.
struct OldShop {
    folder: TempDir,
}

impl OldShop {
    fn new() -> OldShop {
        let old = OldShop { folder: TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder") };
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/old");
        if on_postgres() {
            PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {DATABASE}"));
            let mut psql = PostgresServer::get().psql_command(DATABASE);
            run(psql.arg("-q").arg("-f").arg(kept.join("shop_v15.sql"))).good();
        } else {
            std::fs::copy(kept.join("shop_v14.db"), old.file()).expect("a copy");
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
        if on_postgres() { PostgresServer::get().url(DATABASE) } else { format!("sqlite:{}", self.file().display()) }
    }

    fn execute(&self, sql: &str) {
        if on_postgres() {
            PostgresServer::get().sql(DATABASE, sql);
        } else {
            rusqlite::Connection::open(self.file()).expect("the file opens").execute(sql, []).expect("it is written");
        }
    }
}

impl Drop for OldShop {
    fn drop(&mut self) {
        if on_postgres() {
            PostgresServer::get().sql("postgres", &format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"));
        }
    }
}

fn key((id, token): (&str, &str)) -> CartKey {
    CartKey::of(&json!({ "id": id, "token": token }))
}

async fn read(guest: &Shop, cart: &CartKey) -> Value {
    guest.get(&cart.path("")).token(&cart.token).send().await.expect(200)
}

async fn settled(shop: &Shop, order: &str) -> Value {
    let begun = Instant::now();
    loop {
        let seen = shop.get(&format!("/orders/{order}")).send().await.expect(200);
        if seen["status"] != "pending_payment" {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody has seen it through: {seen}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_database_of_an_older_build_opens_and_goes_on() {
    let old = OldShop::new();
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
