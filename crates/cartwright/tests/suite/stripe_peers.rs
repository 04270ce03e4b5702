//! What others wrote for Stripe: its own library against our fake, which shows that the fake is honest; and an emulator by
//! strangers against our gateway.

use crate::harness::stripe::{FakeStripe, SECRET_KEY, WEBHOOK_SECRET, event_of, intent_object, now_seconds, signature};
use crate::harness::{Server, Shop, eventually, workspace};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The interpreter of the environment that `./test` makes.
fn python() -> PathBuf {
    let path = std::env::var_os("CARTWRIGHT_PYTHON")
        .map_or_else(|| workspace().join("target/tools/venv/bin/python"), PathBuf::from);
    assert!(path.is_file(), "no python at {}: run ./test, which installs it", path.display());
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_is_honest_stripes_own_library_works_with_it() {
    let stripe = FakeStripe::start().await;
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let body = event_of("payment_intent.succeeded", &intent_object(7, 1_099, "eur", Map::new()));
    let file = folder.path().join("event.json");
    std::fs::write(&file, &body).expect("written");
    let script = workspace().join("crates/cartwright/tests/peers/stripe_library.py");
    let mut command = Command::new(python());
    command.arg(script).args([&stripe.url(), SECRET_KEY, WEBHOOK_SECRET]);
    command.arg(signature(WEBHOOK_SECRET, now_seconds(), &body)).arg(file);
    let ran = tokio::task::spawn_blocking(move || command.output().expect("python runs")).await.expect("no panic");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("the library is content"), "{out}\n{err}");
}

/// The emulator by strangers, on this machine only. It ends with the value.
struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    async fn start() -> Emulator {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        // Its own command listens on every interface.
        let script = "import sys; from aiohttp import web; from localstripe.server import app; \
                      web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)";
        let mut command = Command::new(python());
        command.args(["-c", script, &free.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("localstripe starts");
        let emulator = Emulator { child, url: format!("http://127.0.0.1:{free}") };
        eventually("localstripe listens", Duration::from_secs(30), async || {
            tokio::net::TcpStream::connect(("127.0.0.1", free)).await.ok()
        })
        .await;
        emulator
    }

    /// Has it send webhooks to a shop.
    async fn tell(&self, shop: &Server) {
        let url = format!("{}/api/v1/webhooks/stripe", shop.url());
        let body = json!({"url": url, "secret": WEBHOOK_SECRET, "events": ["payment_intent.succeeded"]}).to_string();
        let request = reqwest::Client::new().post(format!("{}/_config/webhooks/ours", self.url)).body(body);
        let answer = request.header("Content-Type", "application/json").send().await.expect("an answer");
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// What became of an order's money, as the emulator tells it.
    async fn get(&self, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", self.url)).bearer_auth(SECRET_KEY);
        let text = request.send().await.expect("an answer").text().await.expect("a text");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn order_that_is(shop: &Shop, id: &Value, status: &str, payment: &str) -> Value {
    let path = format!("/orders/{}", id.as_str().expect("an id"));
    eventually(&format!("the order is {status}/{payment}"), Duration::from_secs(30), async || {
        let order = shop.get(&path).send().await.expect(200);
        (order["status"] == status && order["payment"]["status"] == payment).then_some(order)
    })
    .await
}

#[tokio::test]
async fn an_emulator_by_strangers_is_paid_declines_and_refunds() {
    let emulator = Emulator::start().await;
    let arguments = ["--stripe-secret-key", SECRET_KEY, "--stripe-webhook-secret", WEBHOOK_SECRET, "--stripe-api-base"];
    let arguments = [arguments.as_slice(), &[emulator.url.as_str()]].concat();
    let server = Server::with(&arguments);
    let shop = server.shop();
    emulator.tell(&server).await;
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let pay = async |method: &str| {
        let cart = shop.cart(&[("PEN", 2)]).await;
        let body = json!({"payment": {"gateway": "stripe", "method": method}});
        shop.post(&cart.path("/checkout"), &body).key("k").send().await
    };
    let order = pay("pm_card_visa").await.expect(201);
    assert_eq!((&order["status"], &order["payment"]["captured"]["amount"]), (&json!("placed"), &json!(1_000)));
    pay("pm_card_chargeCustomerFail").await.problem(402, "payment_declined");
    pay("pm_card_nobodys").await.problem(402, "payment_declined");
    let waits = pay("browser").await.expect(202);
    assert!(waits["payment"]["client_secret"].is_string(), "{waits}");

    for (id, payment) in [(&order["id"], "refunded"), (&waits["id"], "voided")] {
        let cancel = format!("/orders/{}/cancel", id.as_str().expect("an id"));
        shop.post(&cancel, &json!({})).send().await.expect(200);
        order_that_is(&shop, id, "cancelled", payment).await;
    }
    let intents = emulator.get("/v1/payment_intents?limit=100").await;
    let with_status = |status: &str| {
        let all = intents["data"].as_array().expect("a list").iter();
        all.filter(|intent| intent["status"] == status).count()
    };
    assert_eq!((with_status("succeeded"), with_status("canceled")), (1, 2), "{intents:#}");
    let refunds = emulator.get("/v1/refunds?limit=100").await;
    assert_eq!(refunds["data"].as_array().map(Vec::len), Some(1), "{refunds:#}");
    assert_eq!(refunds["data"][0]["amount"], 1_000);
    assert_eq!(shop.stock("PEN").await, (100, 0));
    // It signs as Stripe does, a second after the fact.
    eventually("its webhook was taken", Duration::from_secs(10), async || {
        let metrics = server.guest().get("//metrics").send().await;
        let text = String::from_utf8_lossy(&metrics.body).into_owned();
        let mut lines = text.lines().filter(|line| line.contains("/webhooks/stripe") && line.contains("2xx"));
        lines.any(|line| !line.ends_with(" 0")).then_some(())
    })
    .await;
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_emulator_by_strangers_sets_aside_captures_and_refunds_in_part() {
    let emulator = Emulator::start().await;
    let arguments = ["--stripe-secret-key", SECRET_KEY, "--stripe-webhook-secret", WEBHOOK_SECRET, "--stripe-api-base"];
    let arguments = [arguments.as_slice(), &[emulator.url.as_str()]].concat();
    let server = Server::with(&arguments);
    let shop = server.shop();
    let by_hand =
        json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"payment_capture": "manual"}});
    shop.post("/admin/stores", &by_hand).send().await.expect(200);
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let cart = shop.cart(&[("PEN", 2)]).await;
    let body = json!({"payment": {"gateway": "stripe", "method": "pm_card_visa"}});
    let order = shop.post(&cart.path("/checkout"), &body).key("k").send().await.expect(201);
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("placed"), &json!("authorized")));
    let path = |rest: &str| format!("/orders/{}{rest}", order["id"].as_str().expect("an id"));
    let captured = shop.post(&path("/capture"), &json!({})).send().await.expect(200);
    assert_eq!(
        (&captured["payment_status"], &captured["payment"]["captured"]["amount"]),
        (&json!("paid"), &json!(1_000))
    );
    for amount in [300, 200] {
        shop.post(&path("/refunds"), &json!({"amount": amount})).key(&amount.to_string()).send().await.expect(201);
    }
    let part = order_that_is(&shop, &order["id"], "placed", "captured").await;
    assert_eq!(
        (&part["payment_status"], &part["payment"]["refunded"]["amount"]),
        (&json!("partially_refunded"), &json!(500))
    );
    let refunds = emulator.get("/v1/refunds?limit=100").await;
    let amounts = refunds["data"].as_array().expect("a list").iter().filter_map(|refund| refund["amount"].as_i64());
    assert_eq!(amounts.sum::<i64>(), 500, "{refunds:#}");
    server.settle_and_verify().await;
}
