//! A guest logs in: the guest's cart goes into the customer's, once and whole, whatever happens at the same time.

use crate::harness::{Answer, CartKey, Dice, Server, Shop, eventually, right_or_none};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// SKU, units, gift wrap.
type Line = (&'static str, i64, bool);

struct Case {
    name: &'static str,
    /// The customer's cart and its currency, if there is one.
    own: Option<(&'static str, &'static [Line])>,
    guest: &'static [Line],
    /// SKU, units, unit price of the lines afterwards.
    lines: &'static [(&'static str, i64, i64)],
    /// SKU, units, notice of what was set aside.
    saved: &'static [(&'static str, i64, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        name: "the same variant adds up",
        own: Some(("EUR", &[("PEN", 2, false)])),
        guest: &[("PEN", 3, false)],
        lines: &[("PEN", 5, 500)],
        saved: &[],
    },
    Case {
        name: "other options stay another line",
        own: Some(("EUR", &[("PEN", 2, false)])),
        guest: &[("PEN", 3, true), ("MUG", 1, false)],
        lines: &[("PEN", 2, 500), ("PEN", 3, 500), ("MUG", 1, 750)],
        saved: &[],
    },
    Case {
        name: "what is not there waits",
        own: Some(("EUR", &[("MUG", 3, false)])),
        guest: &[("MUG", 4, false), ("MUG", 1, true)],
        lines: &[("MUG", 5, 750)],
        saved: &[("MUG", 2, "merged_short_stock"), ("MUG", 1, "merged_short_stock")],
    },
    Case {
        name: "another currency is priced anew, and what has no price in it waits",
        own: Some(("USD", &[("PEN", 1, false)])),
        guest: &[("PEN", 1, false), ("PEN", 2, true), ("MUG", 2, false)],
        lines: &[("PEN", 2, 550), ("PEN", 2, 550)],
        saved: &[("MUG", 2, "merged_not_for_sale")],
    },
    Case {
        name: "a customer without a cart gets one",
        own: None,
        guest: &[("PEN", 1, false)],
        lines: &[("PEN", 1, 500)],
        saved: &[],
    },
    Case {
        name: "an empty cart is merged too",
        own: Some(("EUR", &[("PEN", 1, false)])),
        guest: &[],
        lines: &[("PEN", 1, 500)],
        saved: &[],
    },
];

fn goods(lines: &[Line]) -> Value {
    let line = |(sku, quantity, wrap): &Line| {
        let options = if *wrap { json!({"wrap": "yes"}) } else { json!({}) };
        json!({"sku": sku, "quantity": quantity, "options": options})
    };
    lines.iter().map(line).collect()
}

async fn shop_with_goods(server: &Server) -> (Shop, Shop) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000), ("MUG", 750, 5)]).await;
    let dollars = json!({"prices": [{"sku": "PEN", "price": 550, "currency": "USD"}]});
    assert!(shop.post("/admin/prices", &dollars).send().await.status < 300);
    (shop, guest)
}

async fn merge(shop: &Shop, guest: &str, customer: &str) -> Answer {
    shop.post(&format!("/carts/{guest}/merge"), &json!({"customer": customer})).send().await
}

async fn customers_cart(shop: &Shop, customer: &str) -> Value {
    let answer = shop.post("/carts", &json!({"customer": customer})).send().await;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer.json()
}

fn shown(cart: &Value) -> Vec<(&str, i64, i64)> {
    let lines = cart["lines"].as_array().expect("lines").iter();
    let line = |line| -> Option<(&str, i64, i64)> {
        let line: &Value = line;
        Some((line["sku"].as_str()?, line["quantity"].as_i64()?, line["unit_price"]["amount"].as_i64()?))
    };
    lines.map(|one| line(one).expect("a line")).collect()
}

fn saved(cart: &Value) -> Vec<(&str, i64, &str)> {
    let items = cart["saved"].as_array().expect("saved items").iter();
    let item = |item| -> Option<(&str, i64, &str)> {
        let item: &Value = item;
        Some((item["sku"].as_str()?, item["quantity"].as_i64()?, item["notices"][0]["code"].as_str()?))
    };
    items.map(|one| item(one).expect("a saved item")).collect()
}

/// Without what every change moves on.
fn content(cart: &Value) -> Value {
    let mut cart = cart.clone();
    for field in ["version", "updated_at", "expires_at", "token"] {
        cart.as_object_mut().expect("a cart").remove(field);
    }
    cart
}

#[tokio::test]
async fn whatever_two_carts_hold_nothing_is_lost_and_nothing_doubled() {
    let server = Server::start();
    let (shop, guest) = shop_with_goods(&server).await;
    for (number, case) in CASES.iter().enumerate() {
        let customer = format!("customer-{number}");
        let own = match case.own {
            Some((currency, lines)) => {
                let new = json!({"customer": customer, "currency": currency, "lines": goods(lines)});
                Some(shop.post("/carts", &new).send().await.expect(201))
            }
            None => None,
        };
        let theirs = guest.post("/carts", &json!({"lines": goods(case.guest)})).send().await.expect(201);
        let key = CartKey::of(&theirs);

        let merged = merge(&shop, &key.id, &customer).await.expect(200);

        assert_eq!((shown(&merged).as_slice(), saved(&merged).as_slice()), (case.lines, case.saved), "{}", case.name);
        assert_eq!(merged["undo"]["guest_cart_id"], json!(key.id), "{}", case.name);
        let kept = guest.read(&key).await;
        assert_eq!((&kept["status"], &kept["merged_into"]), (&json!("merged"), &merged["id"]), "{}", case.name);
        assert_eq!(kept["lines"], theirs["lines"], "{}", case.name);
        guest.checkout(&key, "k", "ok").send().await.problem(409, "cart_closed");
        assert_eq!(merge(&shop, &key.id, &customer).await.expect(200), merged, "repeated: {}", case.name);
        merge(&shop, &key.id, "somebody-else").await.problem(409, "cart_closed");
        assert_eq!(customers_cart(&shop, &customer).await["id"], merged["id"], "{}", case.name);

        let path = format!("/carts/{}/unmerge", merged["id"].as_str().expect("an id"));
        let back = shop.post(&path, &json!(null)).send().await.expect(200);
        match &own {
            Some(own) => assert_eq!(content(&back), content(own), "{}", case.name),
            None => assert_eq!((shown(&back), saved(&back)), (vec![], vec![]), "{}", case.name),
        }
        assert_eq!(content(&guest.read(&key).await), content(&theirs), "{}", case.name);
        shop.post(&path, &json!(null)).send().await.problem(409, "nothing_to_undo");
    }
    server.verify();
}

#[tokio::test]
async fn the_guests_price_is_kept_and_changes_are_told() {
    let server = Server::start();
    let (shop, guest) = shop_with_goods(&server).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    shop.set_price("PEN", 600).await;
    let merged = merge(&shop, &cart.id, "ada").await.expect(200);
    assert_eq!(merged["lines"][0]["unit_price"]["amount"], 500);
    let notice = &merged["lines"][0]["notices"][0];
    assert_eq!((&notice["code"], &notice["new"]["amount"]), (&json!("price_rose"), &json!(600)));
}

#[tokio::test]
async fn codes_and_addresses_come_along_where_there_is_room_for_them() {
    let server = Server::start();
    let (shop, guest) = shop_with_goods(&server).await;
    let off = |percent: &str, more: Value| {
        let mut definition =
            json!({"name": percent, "requires_code": true, "benefit": {"kind": "percentage", "percent": percent}});
        definition["conditions"] = more;
        definition
    };
    shop.put_promotion(off("10", json!({})), &["OWN", "BOTH"]).await;
    shop.put_promotion(off("5", json!({})), &["HOLDS"]).await;
    shop.put_promotion(off("2", json!({"currencies": ["EUR"]})), &["EUROS"]).await;
    let own = json!({"customer": "ada", "currency": "USD", "lines": [{"sku": "PEN", "quantity": 1}]});
    let own = shop.post("/carts", &own).send().await.expect(201);
    let path = format!("/carts/{}", own["id"].as_str().expect("an id"));
    let apply = |shop: Shop, path: String, token: Option<String>, code: &'static str| async move {
        let ask = shop.post(&format!("{path}/coupons"), &json!({"code": code}));
        let ask = match &token {
            Some(token) => ask.token(token),
            None => ask,
        };
        ask.send().await.expect(200)
    };
    for code in ["OWN", "BOTH"] {
        apply(shop.clone(), path.clone(), None, code).await;
    }
    let shipped = json!({"shipping_address": {"name": "Ada", "country": "ES"}});
    shop.patch(&path, &shipped).send().await.expect(200);
    let cart = guest.cart(&[("PEN", 1)]).await;
    for code in ["BOTH", "HOLDS", "EUROS"] {
        apply(guest.clone(), cart.path(""), Some(cart.token.clone()), code).await;
    }
    let told = json!({"email": "ada@example.com", "shipping_address": {"name": "Guest", "country": "DE"}});
    guest.patch(&cart.path(""), &told).token(&cart.token).send().await.expect(200);

    let merged = merge(&shop, &cart.id, "ada").await.expect(200);

    let codes: Vec<&str> =
        merged["coupons"].as_array().expect("codes").iter().filter_map(|coupon| coupon["code"].as_str()).collect();
    assert_eq!(codes, ["OWN", "BOTH", "HOLDS"]);
    assert_eq!(merged["undo"]["left_coupons"], json!(["EUROS"]));
    assert_eq!((&merged["email"], &merged["shipping_address"]["name"]), (&json!("ada@example.com"), &json!("Ada")));
    server.verify();
}

#[tokio::test]
async fn a_cart_that_is_gone_bought_or_somebody_elses_is_not_merged() {
    let mut server = Server::start();
    let (shop, guest) = shop_with_goods(&server).await;
    let own = json!({"customer": "ada", "lines": [{"sku": "PEN", "quantity": 1}]});
    let own = shop.post("/carts", &own).send().await.expect(201);
    let bought = guest.cart(&[("PEN", 1)]).await;
    let order = guest.checkout(&bought, "k", "ok").send().await.expect(201);
    let refused = merge(&shop, &bought.id, "ada").await.problem(409, "cart_closed");
    assert_eq!(refused["remedy"]["with"]["order_id"], order["id"]);
    let given_up = guest.cart(&[("PEN", 1)]).await;
    guest.delete(&given_up.path("")).token(&given_up.token).send().await.expect(204);
    merge(&shop, &given_up.id, "ada").await.problem(404, "cart_removed");
    let others = customers_cart(&shop, "bob").await;
    merge(&shop, others["id"].as_str().expect("an id"), "ada").await.problem(409, "not_a_guest_cart");
    merge(&shop, "0192a2f0-0000-7000-8000-000000000000", "ada").await.problem(404, "cart_not_found");
    let open = guest.cart(&[("PEN", 1)]).await;
    let by_guest = guest.post(&open.path("/merge"), &json!({"customer": "ada"})).token(&open.token).send().await;
    by_guest.problem(401, "unauthorized");
    let stale =
        shop.post(&open.path("/merge"), &json!({"customer": "ada"})).header("If-Match", "\"99-a\"").send().await;
    stale.problem(412, "version_mismatch");
    server.kill();
    let past = server.execute("UPDATE carts SET expires_at = 1000 WHERE customer IS NULL AND status = 'active'");
    assert!(past > 0);
    server.restart();
    merge(&shop, &open.id, "ada").await.problem(404, "cart_expired");
    assert_eq!(customers_cart(&shop, "ada").await["version"], own["version"], "nothing has changed");
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_that_log_in_at_once_all_bring_their_goods_once() {
    devices(Server::start()).await;
}

/// Many devices of one customer, each telling its login three times at once; and one device that two customers claim.
pub(crate) async fn devices(server: Server) {
    let (shop, guest) = shop_with_goods(&server).await;
    let carts = join_all((0..20).map(|_| guest.cart(&[("PEN", 1), ("MUG", 1)]))).await;
    let logins = carts.iter().flat_map(|cart| (0..3).map(|_| merge(&shop, &cart.id, "ada")));
    let answers = join_all(logins).await;
    let first = answers[0].expect(200)["id"].clone();
    assert!(answers.iter().all(|answer| answer.expect(200)["id"] == first));
    let cart = customers_cart(&shop, "ada").await;
    assert_eq!(cart["id"], first);
    let lines = shown(&cart);
    assert_eq!(
        (lines.len(), lines.iter().map(|line| (line.0, line.1)).collect::<BTreeMap<_, _>>()),
        (2, BTreeMap::from([("PEN", 20), ("MUG", 5)]))
    );
    assert_eq!(saved(&cart), [("MUG", 15, "merged_short_stock")]);

    let disputed = guest.cart(&[("PEN", 7)]).await;
    let claims = join_all((0..10).map(|number| {
        let (shop, id) = (shop.clone(), disputed.id.clone());
        async move { merge(&shop, &id, if number % 2 == 0 { "bob" } else { "eve" }).await }
    }));
    let mut units = 0;
    for answer in claims.await {
        assert!(matches!((answer.status, answer.code().as_str()), (200, "") | (409, "cart_closed")), "{answer:?}");
    }
    for customer in ["bob", "eve"] {
        units += shown(&customers_cart(&shop, customer).await).iter().map(|line| line.1).sum::<i64>();
    }
    assert_eq!(units, 7, "one of the two has them");
    server.verify();
}

const KILLS: usize = 6;
const CUSTOMERS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merges_that_the_plug_cuts_off_are_repeated_and_done_once() {
    let mut server = Server::start();
    let (_, guest) = shop_with_goods(&server).await;
    let mut dice = Dice::new();
    let (stop, count) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let enter = |number: usize| {
        let (stop, count) = (stop.clone(), count.clone());
        tokio::spawn(log_in_again_and_again(server.shop(), guest.apart(), number % CUSTOMERS, stop, count))
    };
    let logins: Vec<_> = (0..6).map(enter).collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(150 + dice.roll(400))).await;
        // A blocking wait: the logins go on in the other threads.
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
            server
        })
        .await
        .expect("it starts again");
    }
    let enough = async || (count.load(Ordering::Relaxed) > 10).then_some(());
    eventually("merges", Duration::from_secs(90), enough).await;
    stop.store(true, Ordering::Relaxed);
    let (mut brought, mut merges) = ([0; CUSTOMERS], 0);
    for login in logins {
        let (customer, units, times) = login.await.expect("no login met an answer that must not be");
        brought[customer] += units;
        merges += times;
    }
    eprintln!("{merges} merges");
    assert!(merges > 10, "there must be some for this test to say something: {merges}");
    let shop = server.shop();
    for (customer, brought) in brought.iter().enumerate() {
        let cart = customers_cart(&shop, &format!("customer-{customer}")).await;
        let in_cart: i64 = shown(&cart).iter().map(|line| line.1).sum();
        let beside: i64 = saved(&cart).iter().map(|item| item.1).sum();
        assert_eq!(in_cart + beside, *brought, "{cart}");
    }
    server.verify();
}

/// Fills a guest's cart and merges it, until the merge is answered; tells how many units were brought by how many merges.
async fn log_in_again_and_again(
    shop: Shop,
    guest: Shop,
    customer: usize,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
) -> (usize, i64, usize) {
    let shop = shop.apart();
    let (mut units, mut merges) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let quantity = 1 + (merges as i64) % 3;
        let lines = json!({"lines": [{"sku": "PEN", "quantity": quantity}, {"sku": "MUG", "quantity": 1}]});
        let Some(cart) = right_or_none(guest.post("/carts", &lines).try_send().await) else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cart = CartKey::of(&cart.expect(201));
        let body = json!({"customer": format!("customer-{customer}")});
        loop {
            if let Some(answer) = right_or_none(shop.post(&cart.path("/merge"), &body).try_send().await) {
                answer.expect(200);
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        units += quantity + 1;
        merges += 1;
        count.fetch_add(1, Ordering::Relaxed);
    }
    (customer, units, merges)
}
