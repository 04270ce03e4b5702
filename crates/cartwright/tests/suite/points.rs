//! SIGKILL at each named point on the way of an order: placed, charged, asked about, cancelled,
//! refunded in part, told of, expired, captured. The server starts again,
//! the clients repeat what was not answered, and a minute later all is as if nothing had happened.

use crate::harness::stripe::{BrowserAction, FakeStripe, Fault, WEBHOOK_SECRET, now_seconds, signature};
use crate::harness::{Answer, Ask, CartKey, Server};
use cartwright_engine::Point;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What the workers may take after a start.
const LIMIT: Duration = Duration::from_secs(60);

/// A shop that dies once, and its patient clients.
struct Scene {
    point: Point,
    stripe: FakeStripe,
    arguments: Vec<String>,
    server: Server,
    died: bool,
}

impl Scene {
    async fn open(point: Point) -> Scene {
        let stripe = FakeStripe::start().await;
        let arguments = stripe.arguments();
        let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        server.shop().put_goods(&[("PEN", 500, 100)]).await;
        let mut scene = Scene { point, stripe, arguments, server, died: false };
        let name = format!("{point:?}");
        scene.start_with(&["--die-at", &name]);
        scene
    }

    fn start_with(&mut self, more: &[&str]) {
        let all: Vec<&str> = self.arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        self.server.allow(&all);
        self.server.restart();
    }

    /// Starts the server again where it has died.
    fn mend(&mut self) {
        if !self.died && self.server.was_killed() {
            self.died = true;
            self.start_with(&[]);
        }
    }

    /// Asks as the cart's guest until there is an answer.
    async fn insist(&mut self, path: &str, body: Option<&Value>, cart: &CartKey) -> Answer {
        let ask = |server: &Server| {
            let guest = server.guest();
            let ask = match body {
                Some(body) => guest.post(path, body).key("once"),
                None => guest.get(path),
            };
            ask.token(&cart.token)
        };
        self.answered(ask).await
    }

    /// Asks until there is an answer.
    async fn answered(&mut self, ask: impl Fn(&Server) -> Ask) -> Answer {
        let begun = Instant::now();
        loop {
            match ask(&self.server).try_send().await {
                Ok(answer) => return answer,
                Err(error) => assert!(begun.elapsed() < LIMIT, "{:?}: no answer: {error}", self.point),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.mend();
        }
    }

    async fn checkout(&mut self, cart: &CartKey, method: &str) -> String {
        let body = json!({"payment": {"gateway": "stripe", "method": method}});
        let order = self.insist(&cart.path("/checkout"), Some(&body), cart).await.json();
        order["id"].as_str().unwrap_or_else(|| panic!("{:?}: {order}", self.point)).to_owned()
    }

    async fn becomes(&mut self, cart: &CartKey, id: &str, status: &str, payment: &str) {
        let begun = Instant::now();
        loop {
            let order = self.insist(&format!("/orders/{id}"), None, cart).await.expect(200);
            if order["status"] == status && order["payment"]["status"] == payment {
                return;
            }
            assert!(begun.elapsed() < LIMIT, "{:?}: {order} should be {status}/{payment}", self.point);
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.mend();
        }
    }

    /// Lets the time of all open payments come: soon, so that the server has started when it dies of it.
    fn let_time_pass(&mut self) {
        self.mend();
        self.server.kill();
        let soon = (now_seconds() + 3) * 1000;
        self.server.execute(&format!("UPDATE payments SET due_at = {soon} WHERE due_at IS NOT NULL"));
        self.server.restart();
    }

    /// The shopper has paid in the browser; Stripe tells until it is answered. Whoever took the event may have died with it:
    /// nobody waits until that is sure.
    async fn paid_in_browser(&mut self, id: &str) {
        let order = json!(id);
        let intent = self.stripe.intent(&order);
        let secret = intent["client_secret"].as_str().expect("a client secret");
        assert!(self.stripe.browser(secret, BrowserAction::Pay("pm_card_visa")));
        let event = self.stripe.event("payment_intent.succeeded", &order);
        let header = signature(WEBHOOK_SECRET, now_seconds(), &event);
        let tell = |server: &Server| {
            let request = server.guest().ask(Method::POST, "/webhooks/stripe").header("Stripe-Signature", &header);
            request.text("application/json", event.clone())
        };
        assert_eq!(self.answered(tell).await.status, 204);
        self.mend();
        self.server.kill();
        self.server.execute("UPDATE gateway_events SET due_at = 1000 WHERE due_at IS NOT NULL");
        self.server.restart();
    }

    /// Part of an order's money goes back.
    async fn refund_in_part(&mut self, cart: &CartKey, id: &str) {
        let path = format!("/orders/{id}/refunds");
        let refund = |server: &Server| server.shop().post(&path, &json!({"amount": 250})).key("part");
        let answer = self.answered(refund).await;
        assert!(matches!(answer.status, 200..=202), "{:?}: {answer:?}", self.point);
        self.becomes(cart, id, "placed", "captured").await;
    }

    /// From now on money is only set aside at checkout; of this cart's it is then captured.
    async fn capture(&mut self, cart: &CartKey) -> String {
        let by_hand =
            json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"payment_capture": "manual"}});
        let answer = self.answered(|server| server.shop().post("/admin/stores", &by_hand)).await;
        assert!(matches!(answer.status, 200..=201), "{:?}: {answer:?}", self.point);
        let id = self.checkout(cart, "pm_card_visa").await;
        self.becomes(cart, &id, "placed", "authorized").await;
        let path = format!("/orders/{id}/capture");
        let capture = json!({"amount": 600});
        self.answered(|server| server.shop().post(&path, &capture)).await.expect(200);
        self.becomes(cart, &id, "placed", "captured").await;
        id
    }

    async fn play(mut self) {
        let guest = self.server.guest();
        let mut carts = Vec::new();
        for _ in 0..6 {
            carts.push(guest.cart(&[("PEN", 2)]).await);
        }
        let [paid, asked_about, returned, told, idle, aside] = &carts[..] else { unreachable!("six carts were made") };
        let first = self.checkout(paid, "pm_card_visa").await;
        self.becomes(paid, &first, "placed", "captured").await;
        self.stripe.fail_next("confirm", Fault::AnswerLost);
        let second = self.checkout(asked_about, "pm_card_visa").await;
        self.becomes(asked_about, &second, "placed", "captured").await;
        let third = self.checkout(returned, "pm_card_visa").await;
        self.becomes(returned, &third, "placed", "captured").await;
        let cancel = format!("/orders/{third}/cancel");
        self.insist(&cancel, Some(&json!({})), returned).await.expect(200);
        self.becomes(returned, &third, "cancelled", "refunded").await;
        self.refund_in_part(paid, &first).await;
        let fourth = self.checkout(told, "browser").await;
        self.paid_in_browser(&fourth).await;
        self.becomes(told, &fourth, "placed", "captured").await;
        let fifth = self.checkout(idle, "browser").await;
        self.let_time_pass();
        self.becomes(idle, &fifth, "expired", "voided").await;

        let sixth = self.capture(aside).await;

        assert!(self.died, "the server never came to {:?}", self.point);
        let money = |id: &str| self.stripe.money(&json!(id));
        let expected = [
            (&first, (1, 750)),
            (&second, (1, 1_000)),
            (&third, (1, 0)),
            (&fourth, (1, 1_000)),
            (&fifth, (0, 0)),
            (&sixth, (1, 600)),
        ];
        for (id, right) in expected {
            assert_eq!(money(id), right, "{:?}: charges and money of order {id}", self.point);
            assert!(self.stripe.intents(&json!(id)).len() <= 1, "{:?}: intents of {id}", self.point);
        }
        let shop = self.server.shop();
        assert_eq!(shop.stock("PEN").await, (92, 0), "{:?}", self.point);
        assert_eq!(shop.orders(None).await.len(), 6, "{:?}", self.point);
        assert_eq!(self.server.guest().read(idle).await["status"], "active", "{:?}", self.point);
        self.server.settle_and_verify().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_point_the_server_dies_at_there_is_one_order_one_charge_and_the_right_stock() {
    for points in Point::ALL.chunks(6) {
        futures_util::future::join_all(points.iter().map(async |point| Scene::open(*point).await.play().await)).await;
    }
}
