//! The inbox of Stripe's events: each is taken once, kept until its order is known and Stripe answers, and forgotten in the end.

use crate::harness::stripe::{BrowserAction, FakeStripe, Fault, WEBHOOK_SECRET, deliver, now_seconds, signature};
use crate::harness::{CartKey, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with an order that its shopper has paid in the browser; only an event can tell before its time is over.
struct Scene {
    stripe: FakeStripe,
    arguments: Vec<String>,
    server: Server,
    cart: CartKey,
    order: Value,
}

async fn scene() -> Scene {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    server.shop().put_goods(&[("PEN", 500, 100)]).await;
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 2)]).await;
    let body = json!({"payment": {"gateway": "stripe", "method": "browser"}});
    let order = guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await.expect(202);
    let secret = order["payment"]["client_secret"].as_str().expect("a client secret");
    assert!(stripe.browser(secret, BrowserAction::Pay("pm_card_visa")));
    Scene { stripe, arguments, server, cart, order }
}

impl Scene {
    fn event(&self) -> String {
        self.stripe.event("payment_intent.succeeded", &self.order["id"])
    }

    async fn status(&self) -> Value {
        let id = self.order["id"].as_str().expect("an id");
        self.server.guest().order(id, &self.cart.token).await.expect(200)["status"].clone()
    }

    async fn is_placed(&self) {
        eventually("the order is placed", PATIENCE, async || (self.status().await == "placed").then_some(())).await;
        assert_eq!(self.stripe.money(&self.order["id"]), (1, 1_000));
        self.server.settle_and_verify().await;
    }

    /// How many events of the inbox are so.
    fn count(&self, condition: &str) -> usize {
        self.server.execute(&format!("UPDATE gateway_events SET tries = tries WHERE {condition}"))
    }

    async fn becomes(&self, condition: &str) {
        eventually(condition, PATIENCE, async || (self.count(condition) == 1).then_some(())).await;
    }

    /// Changes the database while no server looks.
    fn meanwhile(&mut self, sql: &str) {
        self.server.kill();
        assert_eq!(self.server.execute(sql), 1, "{sql}");
        self.server.restart();
    }

    /// As in a backup that was made before the order was.
    fn hide_order(&mut self) {
        self.meanwhile("UPDATE orders SET store_id = store_id + 1000");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_twenty_times_at_once_is_taken_once() {
    let scene = scene().await;
    let (event, guest) = (scene.event(), scene.server.guest());
    let before = scene.stripe.asked("retrieve") + scene.stripe.asked("create");
    let answers = futures_util::future::join_all((0..20).map(|_| deliver(&guest, &event))).await;
    assert!(answers.iter().all(|answer| answer.status == 204), "{answers:?}");
    scene.is_placed().await;
    let asked = scene.stripe.asked("retrieve") + scene.stripe.asked("create") - before;
    // One question; on a node that does not know the intent's id yet it takes two requests.
    assert!((1..=2).contains(&asked), "Stripe was asked {asked} times");
    assert_eq!((scene.count("state = 'done'"), scene.count("1 = 1")), (1, 1));

    assert_eq!(deliver(&guest, &event).await.status, 204);
    let again = scene.stripe.asked("retrieve") + scene.stripe.asked("create") - before;
    assert_eq!(again, asked, "what was done is answered at once");
}

#[tokio::test]
async fn an_event_that_comes_before_its_order_is_known_is_not_lost() {
    let mut scene = scene().await;
    scene.hide_order();
    assert_eq!(deliver(&scene.server.guest(), &scene.event()).await.status, 204);
    assert_eq!(scene.count("state = 'pending' AND tries > 0"), 1);
    scene.meanwhile("UPDATE orders SET store_id = store_id - 1000");
    scene.is_placed().await;
    scene.becomes("state = 'done'").await;
}

#[tokio::test]
async fn an_event_about_which_stripe_is_silent_is_kept_and_asked_about_again() {
    let scene = scene().await;
    (0..3).for_each(|_| scene.stripe.fail_next("retrieve", Fault::Unreachable));
    assert_eq!(deliver(&scene.server.guest(), &scene.event()).await.status, 204);
    assert_eq!(scene.status().await, "pending_payment");
    scene.is_placed().await;
    scene.becomes("state = 'done'").await;
}

#[tokio::test]
async fn an_event_is_not_lost_when_the_server_dies_right_after_receiving_it() {
    let mut scene = scene().await;
    let arguments = scene.arguments.clone();
    let plain: Vec<&str> = arguments.iter().map(String::as_str).collect();
    scene.server.allow(&[&plain[..], &["--die-at", "EventCommitted"]].concat());
    scene.server.restart();
    let event = scene.event();
    let header = signature(WEBHOOK_SECRET, now_seconds(), &event);
    let request = scene.server.guest().ask(Method::POST, "/webhooks/stripe").header("Stripe-Signature", &header);
    assert!(request.text("application/json", event.clone()).try_send().await.is_err(), "it dies before it answers");
    let dies = async || scene.server.was_killed().then_some(());
    eventually("it dies", Duration::from_secs(60), dies).await;
    scene.server.allow(&plain);
    scene.server.restart();
    assert_eq!(scene.status().await, "pending_payment");
    // Stripe sends it once more: it is known. Nobody waits until the one who took it must have died.
    assert_eq!(deliver(&scene.server.guest(), &event).await.status, 204);
    assert_eq!((scene.status().await, scene.count("state = 'pending'")), (json!("pending_payment"), 1));
    scene.meanwhile("UPDATE gateway_events SET due_at = 1000");
    scene.is_placed().await;
    scene.becomes("state = 'done'").await;
}

#[tokio::test]
async fn what_stripe_did_not_sign_leaves_nothing_and_so_does_an_event_of_no_store_of_ours() {
    let scene = scene().await;
    let event = scene.event();
    let guest = scene.server.guest();
    for header in
        [signature("whsec_theirs", now_seconds(), &event), signature(WEBHOOK_SECRET, now_seconds() - 400, &event)]
    {
        let request = guest.ask(Method::POST, "/webhooks/stripe").header("Stripe-Signature", &header);
        request.text("application/json", event.clone()).send().await.problem(401, "signature_invalid");
    }
    let elsewhere = event.replace("\"cartwright_store\":\"default\"", "\"cartwright_store\":\"another\"");
    assert_ne!(elsewhere, event);
    deliver(&guest, &elsewhere).await.problem(404, "order_not_found");
    assert_eq!(scene.count("1 = 1"), 0);
    assert_eq!(deliver(&guest, &event).await.status, 204);
    scene.is_placed().await;
}

#[tokio::test]
async fn an_event_that_waits_in_vain_is_dropped_after_three_days_and_taken_anew_should_it_come_again() {
    let mut scene = scene().await;
    scene.hide_order();
    let event = scene.event();
    assert_eq!(deliver(&scene.server.guest(), &event).await.status, 204);
    // Days in which no server was there to try are not enough.
    scene.meanwhile(&format!(
        "UPDATE gateway_events SET received_at = received_at - {}, due_at = 1000, tries = 0",
        3 * DAY_MS
    ));
    scene.becomes("state = 'pending' AND tries >= 1").await;
    scene.meanwhile("UPDATE gateway_events SET due_at = 1000, tries = 20");
    scene.becomes("state = 'dropped'").await;
    assert!(scene.server.log().contains("is given up after three days"));
    scene.meanwhile("UPDATE orders SET store_id = store_id - 1000");
    assert_eq!(deliver(&scene.server.guest(), &event).await.status, 204);
    scene.is_placed().await;

    scene.meanwhile(&format!("UPDATE gateway_events SET done_at = done_at - {}", 31 * DAY_MS));
    eventually("it is forgotten", PATIENCE, async || (scene.count("1 = 1") == 0).then_some(())).await;
}
