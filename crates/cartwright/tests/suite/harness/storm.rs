//! A storm of checkouts that blows while a test breaks things, and the questions that are asked when it is over: what a
//! shopper was told stays true, and no order is there twice.

use super::eventually;
use super::server::Server;
use super::shop::{Answer, CartKey, Shop};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::task::JoinHandle;

/// On the shelf of each of the goods: more than a storm can buy.
const ON_HAND: i64 = 1_000_000;
/// How often a shopper repeats a checkout that found the shop out of order.
const PATIENCE: usize = 20;
/// Orders that make a storm.
const ENOUGH: usize = 50;
/// How long it may take to get going.
const LULL: Duration = Duration::from_secs(120);

/// Small and repeatable; the start is printed, so that a run can be repeated.
pub(crate) struct Dice(u64);

impl Dice {
    /// Rolls that `CARTWRIGHT_TEST_SEED` repeats.
    pub(crate) fn new() -> Dice {
        let given = std::env::var("CARTWRIGHT_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
            u64::from(since.subsec_nanos()) | 1
        });
        eprintln!("CARTWRIGHT_TEST_SEED={seed} repeats this run's rolls");
        Dice(seed)
    }

    /// A number below this one.
    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// A checkout that was sent, and the order it was answered with, if an answer came.
struct Attempt {
    cart: CartKey,
    key: String,
    method: &'static str,
    goods: Vec<(&'static str, i64)>,
    answered: Option<Value>,
}

/// Shoppers who buy and buy.
pub(crate) struct Storm {
    stop: Arc<AtomicBool>,
    placed: Arc<AtomicUsize>,
    shoppers: Vec<JoinHandle<Vec<Attempt>>>,
}

/// All checkouts of a storm.
pub(crate) struct Aftermath(Vec<Attempt>);

impl Storm {
    /// Puts goods on the shelf and lets so many shoppers in.
    pub(crate) async fn begin(server: &Server, shoppers: u64, dice: &mut Dice) -> Storm {
        server.shop().put_goods(&[("A", 100, ON_HAND), ("B", 250, ON_HAND)]).await;
        let (guest, stop, placed) = (server.guest(), Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let seeds: Vec<u64> = (0..shoppers).map(|_| dice.roll(u64::MAX) | 1).collect();
        let enter = |seed| tokio::spawn(shopper(guest.apart(), seed, stop.clone(), placed.clone()));
        let shoppers = seeds.into_iter().map(enter).collect();
        Storm { stop, placed, shoppers }
    }

    /// How many orders were answered so far.
    pub(crate) fn placed(&self) -> usize {
        self.placed.load(Ordering::Relaxed)
    }

    /// Waits until more orders are answered than now, and returns how long that took.
    pub(crate) async fn goes_on(&self, limit: Duration) -> Duration {
        let (before, begun) = (self.placed(), Instant::now());
        eventually("the storm goes on", limit, async || (self.placed() > before + 5).then_some(())).await;
        begun.elapsed()
    }

    /// Waits until so many orders are answered: on a slow machine that takes its time.
    pub(crate) async fn reach(&self, placed: usize) {
        eventually("the storm blows", LULL, async || (self.placed() >= placed).then_some(())).await;
    }

    /// Ends it, once it has blown long enough for a test to say something.
    pub(crate) async fn end(self) -> Aftermath {
        self.reach(ENOUGH).await;
        self.stop.store(true, Ordering::Relaxed);
        let mut attempts = Vec::new();
        for shopper in self.shoppers {
            attempts.extend(shopper.await.expect("no shopper met an answer that must not be"));
        }
        let answered = attempts.iter().filter(|one| one.answered.is_some()).count();
        eprintln!("{} checkouts, {answered} answered", attempts.len());
        Aftermath(attempts)
    }
}

/// Buys and buys. Connections that break, and a shop that is out of order for a moment, are what such tests are about; any
/// other answer than an order is wrong.
async fn shopper(guest: Shop, seed: u64, stop: Arc<AtomicBool>, placed: Arc<AtomicUsize>) -> Vec<Attempt> {
    let mut dice = Dice(seed);
    let mut attempts = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let mut goods = vec![("A", 1 + dice.roll(3) as i64), ("B", 1)];
        if dice.roll(2) == 0 {
            goods.reverse();
        }
        let lines: Vec<Value> = goods.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let Some(answer) = right_or_none(guest.post("/carts", &json!({"lines": lines})).try_send().await) else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let cart = CartKey::of(&answer.expect(201));
        let method = if dice.roll(5) == 0 { "timeout" } else { "ok" };
        let key = format!("{seed}-{}", attempts.len());
        let answered = buy(&guest, &cart, &key, method, &stop).await;
        placed.fetch_add(usize::from(answered.is_some()), Ordering::Relaxed);
        attempts.push(Attempt { cart, key, method, goods, answered });
    }
    attempts
}

/// Checks out, with the same key again where there was no answer.
async fn buy(guest: &Shop, cart: &CartKey, key: &str, method: &str, stop: &AtomicBool) -> Option<Value> {
    for _ in 0..PATIENCE {
        match right_or_none(guest.checkout(cart, key, method).try_send().await) {
            Some(answer) if method == "ok" => return Some(answer.expect(201)),
            Some(answer) => {
                assert!(matches!(answer.status, 201 | 202), "{answer:?}");
                return Some(answer.json());
            }
            None if stop.load(Ordering::Relaxed) => return None,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    None
}

/// The answer, if it is one: not where the connection broke, nor a 503, which must say when to come back.
pub(crate) fn right_or_none(answer: Result<Answer, reqwest::Error>) -> Option<Answer> {
    let answer = answer.ok()?;
    if answer.status != 503 {
        return Some(answer);
    }
    answer.problem(503, &answer.code());
    assert!(answer.header("retry-after").parse::<u64>().is_ok(), "when to come back: {answer:?}");
    None
}

impl Aftermath {
    /// Asks everything again, once the shop is in order: each checkout has exactly the order that it was answered with, the
    /// books are whole, and there is nothing else.
    pub(crate) async fn check(&self, server: &Server) {
        let (shop, guest) = (server.shop(), server.guest());
        let mut ids = HashSet::new();
        for attempt in &self.0 {
            let id = attempt.check(&guest).await;
            assert!(ids.insert(id.clone()), "{id} answers two different checkouts");
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
        assert_eq!(orders.len(), self.0.len(), "each cart that was checked out has its order, and there are no others");
        let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
        for (sku, quantity) in self.0.iter().flat_map(|attempt| &attempt.goods) {
            *sold.entry(sku).or_default() += quantity;
        }
        for (sku, sold) in sold {
            assert_eq!(shop.stock(sku).await, (ON_HAND - sold, 0), "{sku}");
        }
        server.settle_and_verify().await;
    }
}

impl Attempt {
    /// Repeats the checkout twice, and compares with what was told. Returns the order's id.
    async fn check(&self, guest: &Shop) -> String {
        let again = guest.checkout(&self.cart, &self.key, self.method).send().await;
        assert!(matches!(again.status, 201 | 202), "{again:?}");
        let order = again.json();
        let id = order["id"].as_str().expect("an id").to_owned();
        let once_more = guest.checkout(&self.cart, &self.key, self.method).send().await.json();
        assert_eq!(once_more["id"], order["id"]);
        let Some(told) = &self.answered else { return id };
        assert_eq!(told["id"], order["id"], "the same key answers the same order");
        let now = guest.order(&id, &self.cart.token).await.expect(200);
        if self.method == "ok" {
            assert_eq!(&now, told, "the order is as it was told");
        } else {
            for field in ["lines", "totals", "cart_id", "created_at"] {
                assert_eq!(now[field], told[field], "{field}");
            }
        }
        id
    }
}
