//! All attacks at once, bounded, beside honest shoppers: how long these wait, quiet and in the storm, and what the server holds in
//! memory. Attackers run on threads of their own and pause between requests: the machine is to be shared, not used up.

use super::super::connection::Connection;
use super::super::load::Tally;
use super::super::requests::CartKey;
use super::super::server::Program;
use super::super::table::{Look, draw};
use super::caller::Caller;
use super::scene::Scene;
use super::{AttacksArgs, runtime, shoppers};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// Honest shoppers, each with an address and a connection.
const HONEST: usize = 16;
/// How often each of them asks.
const PACE: Duration = Duration::from_millis(50);
/// How long an attacker pauses.
const PAUSE: Duration = Duration::from_millis(5);
/// What 99 of 100 waits may become in the storm, times the quiet one.
const MOST_TIMES: f64 = 5.0;
/// What the server may hold, in MB.
const MOST_MEMORY_MB: u64 = 200;

/// How a build came through the storm.
#[derive(Debug, Serialize)]
pub(super) struct Weathered {
    pub(super) build: &'static str,
    quiet_p50_ms: f64,
    quiet_p99_ms: f64,
    storm_p50_ms: f64,
    storm_p99_ms: f64,
    operations: u64,
    /// Answers that an honest shopper should not get.
    errors: u64,
    first_error: Option<String>,
    peak_memory_mb: u64,
    whole: bool,
}

impl Weathered {
    fn times(&self) -> f64 {
        self.storm_p99_ms / self.quiet_p99_ms.max(1e-9)
    }

    pub(super) fn is_met(&self) -> bool {
        self.whole && self.errors == 0 && self.times() < MOST_TIMES && self.peak_memory_mb < MOST_MEMORY_MB
    }
}

/// The storm as a table, a column for each build.
pub(super) fn table(look: Look, weathered: &[Weathered]) -> String {
    let mut headings = vec!["Honest shoppers"];
    headings.extend(weathered.iter().map(|storm| storm.build));
    headings.push("Target");
    let row = |title: &str, cell: &dyn Fn(&Weathered) -> String, target: &str| {
        let cells = weathered.iter().map(cell);
        std::iter::once(title.to_owned()).chain(cells).chain([target.to_owned()]).collect::<Vec<_>>()
    };
    let rows = [
        row("p50, quiet", &|storm| format!("{:.2} ms", storm.quiet_p50_ms), ""),
        row("p99, quiet", &|storm| format!("{:.2} ms", storm.quiet_p99_ms), ""),
        row("p50, in the storm", &|storm| format!("{:.2} ms", storm.storm_p50_ms), ""),
        row("p99, in the storm", &|storm| format!("{:.2} ms", storm.storm_p99_ms), ""),
        row("p99, times the quiet one", &|storm| format!("{:.1}", storm.times()), "< 5"),
        row("answers they should not get", &|storm| format!("{} of {}", storm.errors, storm.operations), "0"),
        row("most memory of the server", &|storm| format!("{} MB", storm.peak_memory_mb), "< 200 MB"),
        row("verify", &|storm| if storm.whole { "whole".to_owned() } else { "NOT WHOLE".to_owned() }, "whole"),
    ];
    draw(look, &headings, &[], rows)
}

/// Honest shoppers in quiet, then in the storm.
pub(super) fn weather(args: &AttacksArgs, build: &'static str, program: &Program) -> Result<Weathered, String> {
    let scene = Scene::open(program, &args.directory)?;
    let Ok(read_only) = scene.database.key("reader", &["--role", "read_only"]) else {
        return Err("cannot make a key".to_owned());
    };
    let reader = scene.anyone.key(&read_only);
    let seconds = Duration::from_secs_f64(args.seconds);
    runtime()?.block_on(async {
        scene.stock("SHIRT", 10_000_000).await;
        let recovery = json!({"enabled": true, "stage_minutes": [1, 60, 1440]});
        scene.settings(json!({"storefront_url": "https://shop.example", "recovery": recovery})).await;
    });
    let quiet = honest(&scene, seconds)?;
    let heavy = runtime()?.block_on(shoppers::heavy_cart(&scene, "203.0.113.1"));
    scene.server.forget_peak();
    let over = Arc::new(AtomicBool::new(false));
    let attackers = attackers(&scene, reader, heavy, &over);
    let stormy = honest(&scene, seconds);
    let peak = scene.server.peak_memory_bytes();
    over.store(true, Relaxed);
    let _ = attackers.join();
    let mut stormy = stormy?;
    if let Some(first) = &stormy.first_unexpected {
        eprintln!("storm, {build}: {first}");
    }
    // A build that was knocked over has no memory to tell of, and no database to look at in peace.
    let whole = scene.close().map_err(|fault| eprintln!("storm, {build}: {fault}")).is_ok();
    Ok(Weathered {
        build,
        quiet_p50_ms: quiet.percentile_ms(0.5),
        quiet_p99_ms: quiet.percentile_ms(0.99),
        storm_p50_ms: stormy.percentile_ms(0.5),
        storm_p99_ms: stormy.percentile_ms(0.99),
        operations: stormy.operations,
        errors: stormy.unexpected,
        first_error: stormy.first_unexpected.take(),
        peak_memory_mb: peak.unwrap_or_default() / 1_000_000,
        whole,
    })
}

/// Lets the honest shop for a while.
fn honest(scene: &Scene, seconds: Duration) -> Result<Tally, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let address = scene.server.address;
    let mut all = Tally::default();
    let tallies = runtime.block_on(async {
        let shoppers = (0..HONEST).map(|number| tokio::spawn(shop(address, number, seconds)));
        let mut tallies = Vec::new();
        for shopper in shoppers.collect::<Vec<_>>() {
            tallies.push(shopper.await);
        }
        tallies
    });
    for tally in tallies {
        all.add(tally.map_err(|error| error.to_string())?);
    }
    all.sort();
    Ok(all)
}

/// One honest shopper: makes a cart, adds, reads, buys, and begins again.
async fn shop(address: std::net::SocketAddr, number: usize, seconds: Duration) -> Tally {
    let caller = Caller::new(address).from(&format!("198.51.100.{}", number + 1));
    let mut connection = Connection::open(address).await;
    let (mut tally, begin) = (Tally::default(), Instant::now());
    let mut cart: Option<CartKey> = None;
    for step in 0_usize.. {
        let due = begin + PACE * step as u32 + PACE * number as u32 / HONEST as u32;
        if due > begin + seconds {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        let request = next(&caller, cart.as_ref(), step, number);
        let asked = Instant::now();
        let answer = match &mut connection {
            Ok(open) => {
                open.exchange(&request).await.map(|answer| (answer.status, answer.body.to_vec(), answer.in_words()))
            }
            Err(error) => Err(std::io::Error::other(error.to_string())),
        };
        tally.take_time(asked.elapsed());
        match answer {
            Ok((200 | 201, body, _)) => {
                let known = cart.map(|cart| cart.with_total_of(&body));
                cart = CartKey::scan(&body).or(known).filter(|_| step % 5 != 4);
            }
            Ok((.., words)) => {
                tally.take_unexpected(|| words);
                cart = None;
            }
            Err(error) => {
                tally.take_unexpected(|| error.to_string());
                connection = Connection::open(address).await;
                cart = None;
            }
        }
    }
    tally.elapsed = begin.elapsed();
    tally
}

/// What an honest shopper asks next.
fn next(caller: &Caller, cart: Option<&CartKey>, step: usize, number: usize) -> Vec<u8> {
    let line = json!({"sku": "SHIRT", "quantity": 1});
    let Some(cart) = cart else {
        let body = json!({"lines": [line], "email": format!("honest{number}@example.com")});
        return caller.request("POST", "/carts", Some(&body), "keep-alive");
    };
    let (own, place) = (caller.with("Cart-Token", &cart.token), format!("/carts/{}", cart.id));
    match step % 5 {
        4 => {
            let payment = json!({"gateway": "test", "method": "ok"});
            let body = json!({"expected_total": cart.total, "payment": payment});
            let own = own.with("Idempotency-Key", &format!("honest-{number}-{step}"));
            own.request("POST", &format!("{place}/checkout"), Some(&body), "keep-alive")
        }
        3 => own.request("GET", &place, None, "keep-alive"),
        _ => own.request("POST", &format!("{place}/lines"), Some(&line), "keep-alive"),
    }
}

/// The attackers' own work is done by other machines: here it comes after the server's and the shoppers'.
fn runtime_of_others() -> std::io::Result<tokio::runtime::Runtime> {
    let give_way = || {
        let _ = rustix::process::nice(19);
    };
    give_way();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).on_thread_start(give_way).enable_all().build()
}

/// Everybody who means harm, on threads of their own, until it is over.
fn attackers(
    scene: &Scene,
    reader: Caller,
    heavy: super::scene::OwnCart,
    over: &Arc<AtomicBool>,
) -> std::thread::JoinHandle<()> {
    let (anyone, over) = (scene.anyone.clone(), Arc::clone(over));
    std::thread::spawn(move || {
        let Ok(runtime) = runtime_of_others() else { return };
        runtime.block_on(async {
            let mut all = tokio::task::JoinSet::new();
            for number in 0..2 {
                all.spawn(repeat(over.clone(), reader.clone(), move |caller, _| template(caller, number)));
            }
            for _ in 0..8 {
                let place = format!("/carts/{}/lines", heavy.id);
                let line = shoppers::heavy_line(0, 1);
                all.spawn(repeat(over.clone(), heavy.shopper.clone(), move |caller, _| {
                    post(caller, place.clone(), line.clone())
                }));
            }
            for number in 0..10 {
                all.spawn(deaf(over.clone(), heavy.shopper.clone(), heavy.id.clone(), number));
            }
            for task in 0..8_u64 {
                all.spawn(repeat(over.clone(), anyone.clone(), move |caller, turn| login(caller, task, turn)));
            }
            for task in 0..4_u64 {
                all.spawn(repeat(over.clone(), anyone.clone(), move |caller, turn| victim(caller, task, turn)));
            }
            for task in 0..4_u64 {
                let place = format!("/carts/{}/coupons", heavy.id);
                let from = anyone.from(&format!("203.0.113.{}", 50 + task)).with("Cart-Token", "ct_0000");
                all.spawn(repeat(over.clone(), from, move |caller, turn| {
                    post(caller, place.clone(), json!({"code": format!("GUESS{turn}")}))
                }));
            }
            for task in 0..2_u64 {
                let from = anyone.from(&format!("203.0.113.{}", 60 + task));
                let body = json!({"lines": [{"sku": "x".repeat(900_000), "quantity": 1}]});
                all.spawn(repeat(over.clone(), from, move |caller, _| post(caller, "/carts".to_owned(), body.clone())));
            }
            for _ in 0..50 {
                all.spawn(drip(over.clone(), anyone.clone()));
            }
            while all.join_next().await.is_some() {}
        });
    })
}

async fn repeat<F: Future<Output = ()>>(over: Arc<AtomicBool>, caller: Caller, attack: impl Fn(Caller, u64) -> F) {
    for turn in 0.. {
        if over.load(Relaxed) {
            return;
        }
        attack(caller.clone(), turn).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn post(caller: Caller, path: String, body: Value) {
    caller.post(&path, &body).await;
}

/// A text doubled 18 times, and a little differently by each: heavy, but not deadly.
async fn template(caller: Caller, number: u64) {
    let body = json!({"subject": format!("x{number}"), "text": super::operators::doubling(18)});
    caller.post("/admin/mail-templates/cart_reminder_1/fr/preview", &body).await;
}

/// Passwords guessed from ever new addresses of one IPv6 network and of a few others.
async fn login(caller: Caller, task: u64, turn: u64) {
    let from =
        if task < 4 { format!("2001:db8::{task:x}:{turn:x}") } else { format!("203.0.113.{}", 100 + turn % 100) };
    let body = json!({"email": format!("ada{}@example.com", turn % 7), "password": format!("wrong guess {turn}")});
    caller.from(&from).post("/account/session", &body).await;
}

/// Carts for somebody else's address, all of whose goods are taken to a checkout that nobody pays.
async fn victim(caller: Caller, task: u64, turn: u64) {
    let guest = caller.from(&format!("203.0.114.{}", (task * 64 + turn % 64) % 250));
    let lines = json!([{"sku": "MUG", "quantity": 500}]);
    let made = guest.post("/carts", &json!({"email": "victim@example.com", "lines": lines})).await;
    let (place, own) = (format!("/carts/{}", made.text("/id")), guest.with("Cart-Token", &made.text("/token")));
    own.patch(&place, &json!({"email_consent": true})).await;
    let total = made.json()["totals"]["total"]["amount"].clone();
    let payment = json!({"gateway": "test", "method": "requires_action"});
    let own = own.with("Idempotency-Key", &format!("hold-{task}-{turn}"));
    own.post(&format!("{place}/checkout"), &json!({"expected_total": total, "payment": payment})).await;
}

/// Asks for a heavy cart and never reads the answer.
async fn deaf(over: Arc<AtomicBool>, caller: Caller, cart: String, number: u64) {
    while !over.load(Relaxed) {
        let from = caller.with("X-Nothing", &number.to_string());
        let open = from.send("GET", &format!("/carts/{cart}"), None).await;
        for _ in 0..50 {
            if over.load(Relaxed) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        drop(open);
    }
}

/// Sends a head byte by byte.
async fn drip(over: Arc<AtomicBool>, caller: Caller) {
    let request = caller.request("GET", "/products", None, "close");
    while !over.load(Relaxed) {
        let Ok(mut open) = caller.send_nothing().await else { return };
        for byte in &request {
            if over.load(Relaxed) || open.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}
