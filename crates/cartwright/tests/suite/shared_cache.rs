//! Two nodes on one PostgreSQL that share a Redis: what one has written the other shows, and what is counted is counted once.
//! And whatever becomes of Redis, every answer is right, in time, and not older than the one before.

use crate::harness::{RedisServer, Server, eventually, http_client, on_postgres, program, run};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Lines of a cart that is large enough to be shared.
const LARGE: usize = 110;
/// For what comes sooner or later. Nothing is wrong where Redis does not answer within its 20 ms; it is asked again.
const PATIENCE: Duration = Duration::from_secs(90);

/// Two nodes on one database.
struct Nodes {
    first: Server,
    second: Child,
    urls: [String; 2],
    http: Client,
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = self.second.kill();
        let _ = self.second.wait();
    }
}

/// What one node answered.
struct Said {
    status: u16,
    tag: String,
    body: String,
}

impl Said {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

impl Nodes {
    fn start(arguments: &[&str]) -> Nodes {
        let first = Server::with(arguments);
        let mut second = first.serve_command("127.0.0.1:0");
        let mut second = second.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the second node starts");
        let mut said = BufReader::new(second.stdout.take().expect("its output is ours")).lines().map_while(Result::ok);
        let url = said.find_map(|line| Some(line.split_once("listening on ")?.1.to_owned())).expect("it listens");
        let urls = [first.url(), url];
        Nodes { first, second, urls, http: http_client() }
    }

    async fn say(&self, node: usize, method: Method, path: &str, token: &str, body: Option<Value>) -> Said {
        let request = self.http.request(method, format!("{}{path}", self.urls[node]));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        // It gives up after a while: an answer comes, whatever Redis does.
        let answer = request.header("Cart-Token", token).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let tag = answer.headers().get("etag").map(|tag| tag.to_str().expect("text").to_owned()).unwrap_or_default();
        Said { status, tag, body: answer.text().await.expect("a body") }
    }

    async fn get(&self, node: usize, path: &str, token: &str) -> Said {
        self.say(node, Method::GET, path, token, None).await
    }

    /// A guest's large cart, made at a node: its path and its secret.
    async fn large_cart(&self, node: usize) -> (String, String) {
        let lines: Vec<Value> =
            (0..LARGE).map(|n| json!({"sku": "PEN", "quantity": 1, "options": {"n": n.to_string()}})).collect();
        let made = self.say(node, Method::POST, "/api/v1/carts", "", Some(json!({"lines": lines}))).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        let text = |name: &str| made[name].as_str().expect("text").to_owned();
        (format!("/api/v1/carts/{}", text("id")), text("token"))
    }

    /// One unit more of a cart's first goods.
    async fn add(&self, node: usize, cart: &str, token: &str) -> Said {
        let line = json!({"sku": "PEN", "quantity": 1, "options": {"n": "0"}});
        self.say(node, Method::POST, &format!("{cart}/lines"), token, Some(line)).await
    }

    /// What a node counts under a name.
    async fn counted(&self, node: usize, name: &str) -> Option<u64> {
        let text = self.get(node, "/metrics", "").await.body;
        let line = text.lines().find_map(|line| line.strip_prefix("cartwright_")?.strip_prefix(name))?;
        Some(line.trim_start_matches("_total").trim().parse().expect("a number"))
    }

    async fn both(&self, name: &str) -> u64 {
        self.counted(0, name).await.expect("counted") + self.counted(1, name).await.expect("counted")
    }
}

/// Two nodes with pens and Redis.
async fn shop_with_redis(more: &[&str]) -> (Nodes, RedisServer) {
    let redis = RedisServer::start();
    let url = redis.url();
    let nodes = Nodes::start(&[&["--redis-url", &url], more].concat());
    nodes.first.shop().put_goods(&[("PEN", 500, 1_000_000)]).await;
    (nodes, redis)
}

fn keys(redis: &mut redis::Connection, pattern: &str) -> Vec<String> {
    redis::cmd("KEYS").arg(pattern).query(redis).expect("keys")
}

#[tokio::test]
async fn what_one_node_wrote_the_other_shows_until_it_changes_or_expires() {
    if !on_postgres() {
        return;
    }
    let (nodes, server) = shop_with_redis(&[]).await;
    let mut redis = server.connection();
    // A machine that is busy may keep Redis from answering in time; then the other node prices the cart itself.
    let (cart, token, here, hits) =
        eventually("a cart that one node wrote is shown by the other", PATIENCE, async || {
            let known = keys(&mut redis, "cartwright:cart:*").len();
            let (cart, token) = nodes.large_cart(0).await;
            let shared = async || (keys(&mut redis, "cartwright:cart:*").len() > known).then_some(());
            eventually_or_not(shared).await?;
            let before = nodes.counted(1, "shared_cart_hits").await?;
            let (here, there) = (nodes.get(0, &cart, &token).await, nodes.get(1, &cart, &token).await);
            assert_eq!((&here.tag, &here.body), (&there.tag, &there.body));
            let hits = nodes.counted(1, "shared_cart_hits").await?;
            (hits == before + 1).then_some((cart, token, here, hits))
        })
        .await;
    assert_eq!(nodes.get(1, &cart, &token).await.body, here.body);
    assert_eq!(nodes.counted(1, "shared_cart_hits").await, Some(hits), "the second time it knew");
    let known = nodes.http.get(format!("{}{cart}", nodes.urls[1])).header("Cart-Token", &token);
    assert_eq!(known.header("If-None-Match", &here.tag).send().await.expect("an answer").status().as_u16(), 304);
    assert_eq!(nodes.get(1, &cart, "wrong").await.status, 404, "what is shared opens nothing");

    // What changed there is seen here: the cart, the goods, the store.
    assert_eq!(nodes.add(1, &cart, &token).await.status, 200);
    assert_eq!(nodes.get(0, &cart, &token).await.json()["lines"][0]["quantity"], 2);
    nodes.first.shop().set_price("PEN", 600).await;
    for node in [0, 1] {
        let line = nodes.get(node, &cart, &token).await.json()["lines"][0].clone();
        assert_eq!(line["notices"][0]["new"]["amount"], 600, "{line}");
    }
    eventually("Redis answers", PATIENCE, async || {
        nodes.add(0, &cart, &token).await;
        (nodes.counted(0, "redis_up").await == Some(1)).then_some(())
    })
    .await;
}

/// Asks for three seconds; for what may not come, and is then begun anew.
async fn eventually_or_not<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..60 {
        if let Some(found) = ask().await {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

#[tokio::test]
async fn guests_answers_are_kept_for_thirty_days_and_customers_for_one() {
    if !on_postgres() {
        return;
    }
    let (nodes, server) = shop_with_redis(&[]).await;
    let mut redis = server.connection();
    // Days that the new ones have left, where there are any in a while.
    let mut days_of_new = async |known: &[String]| {
        let new = |keys: Vec<String>| Some(keys.into_iter().filter(|key| !known.contains(key)).collect::<Vec<_>>());
        let found = async || new(keys(&mut redis, "cartwright:cart:*")).filter(|keys| !keys.is_empty());
        let found = eventually_or_not(found).await?;
        let left: Vec<i64> =
            found.iter().map(|key| redis::cmd("PTTL").arg(key).query(&mut redis).expect("a time")).collect();
        Some(left.into_iter().map(|ms| ms as f64 / 86_400_000.0).fold(f64::INFINITY, f64::min))
    };
    let guests = eventually("a guest's cart is shared", PATIENCE, async || {
        nodes.large_cart(0).await;
        days_of_new(&[]).await
    })
    .await;
    assert!(guests > 29.9 && guests <= 30.0, "{guests} days");
    let lines: Vec<Value> =
        (0..LARGE).map(|n| json!({"sku": "PEN", "quantity": 1, "options": {"n": n.to_string()}})).collect();
    let body = json!({"customer": "ada", "lines": lines});
    let known = keys(&mut server.connection(), "cartwright:cart:*");
    let customers = eventually("a customer's cart is shared", PATIENCE, async || {
        nodes.first.shop().post("/carts", &body).send().await.expect(201);
        days_of_new(&known).await
    })
    .await;
    assert!(customers > 0.9 && customers <= 1.0, "{customers} days");
}

/// Makes Redis forget, mix up, age and garble what it has, and stand still, until told to stop.
fn torment(server: &RedisServer, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let mut redis = server.connection();
    std::thread::spawn(move || {
        let mut old: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        let mut round = 0_usize;
        while !stop.load(Ordering::Relaxed) {
            round += 1;
            let all = keys(&mut redis, "cartwright:cart:*");
            let mut values = Vec::new();
            for key in &all {
                let value: Option<Vec<u8>> = redis::cmd("GET").arg(key).query(&mut redis).expect("a value");
                let value = value.unwrap_or_default();
                old.entry(key.clone()).or_default().push(value.clone());
                values.push(value);
            }
            for (at, key) in all.iter().enumerate() {
                let lie = match round % 5 {
                    0 => old[key][round * 7 % old[key].len()].clone(),
                    1 => values[(at + 1) % values.len()].clone(),
                    2 => format!("{{\"id\": \"garbage\", \"version\": {round}}}").into_bytes(),
                    3 => values[at][..values[at].len() / 2].to_vec(),
                    _ => continue,
                };
                let _: () = redis::cmd("SET").arg(key).arg(lie).query(&mut redis).expect("a lie");
            }
            match round % 400 {
                // Seldom: for a second after it nothing is asked.
                13 => redis::cmd("DEBUG").arg("SLEEP").arg("0.15").exec(&mut redis).expect("it slept"),
                now if now % 20 == 7 => redis::cmd("FLUSHALL").exec(&mut redis).expect("flushed"),
                _ => std::thread::sleep(Duration::from_millis(3)),
            }
        }
    })
}

/// A shopper with a large cart at both nodes: whatever is read next is what was answered last.
async fn shop_around(nodes: &Nodes, rounds: usize) {
    let (cart, token) = nodes.large_cart(0).await;
    let mut last = nodes.get(0, &cart, &token).await.json();
    for round in 0..rounds {
        let changed = nodes.add(round % 2, &cart, &token).await;
        let changed = changed.json();
        assert_eq!(changed["lines"][0]["quantity"].as_i64(), last["lines"][0]["quantity"].as_i64().map(|n| n + 1));
        last = changed;
        for node in [(round + 1) % 2, round % 2, (round + 1) % 2] {
            let read = nodes.get(node, &cart, &token).await;
            let read = read.json();
            for part in ["id", "version", "totals", "updated_at"] {
                assert_eq!(read[part], last[part], "{part} in round {round}");
            }
            assert_eq!(read["lines"], last["lines"], "lines in round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgets_lies_and_stands_still_makes_no_answer_old_or_late() {
    if !on_postgres() {
        return;
    }
    let (nodes, redis) = shop_with_redis(&[]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let tormentor = torment(&redis, stop.clone());
    futures_util::future::join_all((0..4).map(|_| shop_around(&nodes, 60))).await;
    eventually("lies are told, and seen through", PATIENCE, async || {
        let seen = nodes.both("shared_cart_outdated").await > 0 && nodes.both("shared_cart_misses").await > 0;
        if !seen {
            shop_around(&nodes, 20).await;
        }
        seen.then_some(())
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    tormentor.join().expect("Redis was tormented to the end");
    nodes.first.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_goes_is_done_without_and_used_again_when_it_is_back() {
    if !on_postgres() {
        return;
    }
    let (nodes, mut redis) = shop_with_redis(&[]).await;
    eventually("it is used", PATIENCE, async || {
        shop_around(&nodes, 5).await;
        (nodes.both("shared_cart_hits").await > 0).then_some(())
    })
    .await;
    redis.kill();
    shop_around(&nodes, 30).await;
    assert_eq!((nodes.counted(0, "redis_up").await, nodes.counted(1, "redis_up").await), (Some(0), Some(0)));
    assert_eq!(nodes.get(1, "/readyz", "").await.status, 200, "a node is ready without Redis");
    redis.restart();
    let before = nodes.both("shared_cart_hits").await;
    eventually("it is used again", Duration::from_secs(15), async || {
        shop_around(&nodes, 3).await;
        (nodes.both("shared_cart_hits").await > before && nodes.counted(0, "redis_up").await == Some(1)).then_some(())
    })
    .await;
    assert!(!nodes.first.log().contains("pa55"), "{}", nodes.first.log());
}

#[tokio::test]
async fn a_node_starts_without_its_redis_and_finds_it_later() {
    if !on_postgres() {
        return;
    }
    let mut redis = RedisServer::start();
    redis.kill();
    let nodes = Nodes::start(&["--redis-url", &redis.url()]);
    nodes.first.shop().put_goods(&[("PEN", 500, 1_000_000)]).await;
    shop_around(&nodes, 5).await;
    redis.restart();
    eventually("it is used", Duration::from_secs(15), async || {
        shop_around(&nodes, 3).await;
        (nodes.both("shared_cart_hits").await > 0).then_some(())
    })
    .await;
}

/// How many of these requests, sent to both nodes in turn, were not turned away for their number.
async fn admitted(nodes: &Nodes, count: usize, path: &str, token: &str, body: Option<Value>) -> usize {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let asked = (0..count).map(|n| nodes.say(n % 2, method.clone(), path, token, body.clone()));
    let answers = futures_util::future::join_all(asked).await;
    for answer in &answers {
        assert!(answer.status < 500, "{}", answer.status);
    }
    answers.iter().filter(|answer| answer.status != 429).count()
}

/// Twenty requests at ten a second: that takes its time, and no condition tells of it.
async fn filled_again() {
    tokio::time::sleep(Duration::from_millis(2_100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_an_address_are_counted_over_both_nodes_while_redis_answers() {
    if !on_postgres() {
        return;
    }
    // Ten a second; twenty at once, and some more while they are asked.
    let redis = RedisServer::start();
    let mut nodes = Nodes::start(&["--redis-url", &redis.url(), "--rate-limit", "10"]);
    eventually("requests are counted by a Redis that answers each time", PATIENCE, async || {
        let (unanswered, begun) = (nodes.both("redis_unanswered").await, Instant::now());
        let both = admitted(&nodes, 120, "/api/v1/products", "", None).await;
        let most = 20 + (begun.elapsed().as_secs_f64() * 10.0).ceil() as usize;
        if nodes.both("redis_unanswered").await > unanswered {
            filled_again().await;
            return None;
        }
        assert!((20..=most).contains(&both), "{both} admitted, at most {most}");
        Some(())
    })
    .await;
    // A count that cannot be is none; and nobody is locked out by it.
    let mut connection = redis.connection();
    for lie in ["garbage", "99999999999999999999", "-1"] {
        for key in keys(&mut connection, "cartwright:requests:*") {
            let _: () = redis::cmd("SET").arg(key).arg(lie).query(&mut connection).expect("a lie");
        }
        filled_again().await;
        assert!(admitted(&nodes, 20, "/api/v1/products", "", None).await >= 19, "locked out by {lie}");
    }
    drop(redis);
    filled_again().await;
    let each = admitted(&nodes, 120, "/api/v1/products", "", None).await;
    assert!(each >= 40, "{each}: each node counts for itself");
    nodes.second.kill().expect("the second node ends");
}

#[tokio::test]
async fn codes_that_are_tried_on_a_cart_are_counted_over_both_nodes() {
    if !on_postgres() {
        return;
    }
    let (nodes, redis) = shop_with_redis(&["--coupon-attempts-per-cart", "5"]).await;
    let guess = json!({"code": "GUESS"});
    let (cart, token) = eventually("tries are counted by a Redis that answers each time", PATIENCE, async || {
        let (cart, token) = nodes.large_cart(0).await;
        let (unanswered, begun) = (nodes.both("redis_unanswered").await, Instant::now());
        let tried = admitted(&nodes, 24, &format!("{cart}/coupons"), &token, Some(guess.clone())).await;
        if nodes.both("redis_unanswered").await > unanswered {
            return None;
        }
        // Five at once, and one more every twelve seconds.
        let most = 6 + begun.elapsed().as_secs() as usize / 12;
        assert!((5..=most).contains(&tried), "{tried} tries");
        Some((cart, token))
    })
    .await;
    redis::cmd("FLUSHALL").exec(&mut redis.connection()).expect("flushed");
    let begun = Instant::now();
    let tried = admitted(&nodes, 24, &format!("{cart}/coupons"), &token, Some(guess)).await;
    let most = 6 + begun.elapsed().as_secs() as usize / 6;
    assert!(tried <= most, "{tried}: what Redis forgot, each node still knows for itself");
}

#[tokio::test]
async fn without_redis_each_node_counts_for_itself_and_nothing_is_told_of_it() {
    if !on_postgres() {
        return;
    }
    let nodes = Nodes::start(&["--coupon-attempts-per-cart", "5"]);
    nodes.first.shop().put_goods(&[("PEN", 500, 1_000_000)]).await;
    shop_around(&nodes, 5).await;
    let (cart, token) = nodes.large_cart(0).await;
    let path = format!("{cart}/coupons");
    let begun = Instant::now();
    let tried = admitted(&nodes, 24, &path, &token, Some(json!({"code": "GUESS"}))).await;
    // Five at each node at once, and one more at each every twelve seconds.
    let most = 12 + begun.elapsed().as_secs() as usize / 6;
    assert!((10..=most).contains(&tried), "{tried} tries, at most {most}");
    assert_eq!((nodes.counted(0, "redis_up").await, nodes.counted(0, "shared_cart_hits").await), (None, None));
}

#[test]
fn an_address_of_redis_that_is_none_is_told_without_the_password() {
    for address in ["rediss//:s3cret@localhost", "http://:s3cret@localhost", "redis://:s3cret@localhost/zero"] {
        let folder = tempfile::TempDir::new().expect("a folder");
        let database = format!("sqlite:{}", folder.path().join("shop.db").display());
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", &database, "--redis-url", address];
        let ran = run(&mut program(&arguments));
        let line = ran.one_clear_line(2);
        assert!(!line.contains("s3cret"), "{line}");
    }
}
