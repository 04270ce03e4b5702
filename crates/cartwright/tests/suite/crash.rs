//! The plug is pulled again and again in the middle of a storm of checkouts. What a shopper was told stays true.

use crate::harness::{CartKey, Server, Shop, eventually};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

const KILLS: usize = 10;
const SHOPPERS: usize = 8;

/// A checkout that was sent, and the order it was answered with, if an answer came.
struct Attempt {
    cart: CartKey,
    key: String,
    method: &'static str,
    goods: Vec<(&'static str, i64)>,
    answered: Option<Value>,
}

/// Small and repeatable; the start is printed, so that a run can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn seed() -> u64 {
    let given = std::env::var("CARTWRIGHT_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
        u64::from(since.subsec_nanos()) | 1
    });
    eprintln!("CARTWRIGHT_TEST_SEED={seed} repeats this run's rolls");
    seed
}

/// Buys and buys; connections that break are what this test is about.
async fn shopper(guest: Shop, seed: u64, stop: Arc<AtomicBool>) -> Vec<Attempt> {
    let mut dice = Dice(seed);
    let mut attempts = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut goods = vec![("A", 1 + dice.roll(3) as i64), ("B", 1)];
        if dice.roll(2) == 0 {
            goods.reverse();
        }
        let lines: Vec<Value> = goods.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let Ok(answer) = guest.post("/carts", &json!({"lines": lines})).try_send().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cart = CartKey::of(&answer.expect(201));
        let method = if dice.roll(5) == 0 { "timeout" } else { "ok" };
        let key = format!("{seed}-{}", attempts.len());
        let answered = match guest.checkout(&cart, &key, method).try_send().await {
            Ok(answer) if method == "ok" => Some(answer.expect(201)),
            Ok(answer) => {
                assert!(matches!(answer.status, 201 | 202), "{answer:?}");
                Some(answer.json())
            }
            Err(_) => None,
        };
        attempts.push(Attempt { cart, key, method, goods, answered });
    }
    attempts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_were_answered_survive_the_plug_being_pulled_and_none_is_there_twice() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 1_000_000), ("B", 250, 1_000_000)]).await;
    let seed = seed();
    let stop = Arc::new(AtomicBool::new(false));
    let shoppers: Vec<_> = (0..SHOPPERS as u64)
        .map(|number| tokio::spawn(shopper(guest.apart(), seed.wrapping_add(number * 7_919) | 1, stop.clone())))
        .collect();

    let mut dice = Dice(seed);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(150 + dice.roll(500))).await;
        // A blocking wait: the storm goes on in the other threads.
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
            server
        })
        .await
        .expect("it starts again on the same file");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    let mut attempts = Vec::new();
    for shopper in shoppers {
        attempts.extend(shopper.await.expect("no shopper met an answer that must not be"));
    }
    server.kill();
    server.restart();
    let (answered, cut_off) = (attempts.iter().filter(|one| one.answered.is_some()).count(), KILLS);
    eprintln!("{} checkouts, {answered} answered, {cut_off} kills", attempts.len());
    assert!(answered > 50, "a storm has to blow for this test to say something");

    let mut ids = HashSet::new();
    for attempt in &attempts {
        let again = guest.checkout(&attempt.cart, &attempt.key, attempt.method).send().await;
        assert!(matches!(again.status, 201 | 202), "{again:?}");
        let order = again.json();
        let id = order["id"].as_str().expect("an id").to_owned();
        assert!(ids.insert(id.clone()), "{id} answers two different checkouts");
        let once_more = guest.checkout(&attempt.cart, &attempt.key, attempt.method).send().await.json();
        assert_eq!(once_more["id"], order["id"]);
        let Some(told) = &attempt.answered else { continue };
        assert_eq!(told["id"], order["id"], "the same key answers the same order");
        let now = guest.order(&id, &attempt.cart.token).await.expect(200);
        if attempt.method == "ok" {
            assert_eq!(&now, told, "the order is as it was told");
        } else {
            for field in ["lines", "totals", "cart_id", "created_at"] {
                assert_eq!(now[field], told[field], "{field}");
            }
        }
    }

    eventually("every order is placed", Duration::from_secs(60), async || {
        shop.orders(Some("pending_payment")).await.is_empty().then_some(())
    })
    .await;
    let orders = shop.orders(None).await;
    let mut per_cart: HashMap<&str, usize> = HashMap::new();
    for order in &orders {
        assert_eq!(order["status"], "placed", "{order}");
        *per_cart.entry(order["cart_id"].as_str().expect("an id")).or_default() += 1;
    }
    assert!(per_cart.values().all(|count| *count == 1), "a cart has two orders");
    assert_eq!(orders.len(), attempts.len(), "each cart that was checked out has its order, and there are no others");

    let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
    for (sku, quantity) in attempts.iter().flat_map(|attempt| &attempt.goods) {
        *sold.entry(sku).or_default() += quantity;
    }
    for (sku, sold) in sold {
        assert_eq!(shop.stock(sku).await, (1_000_000 - sold, 0), "{sku}");
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_cart_that_was_answered_survives_the_plug_being_pulled() {
    let mut server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 1_000)]).await;
    for round in 1..=5_i64 {
        let cart = guest.cart(&[("A", 1)]).await;
        let line = json!({"sku": "A", "quantity": round});
        let told = guest.post(&cart.path("/lines"), &line).token(&cart.token).send().await.expect(200);
        server.kill();
        server.restart();
        assert_eq!(guest.read(&cart).await, told);
    }
    server.verify();
}
