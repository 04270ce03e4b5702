//! A Stripe of our own: a stateful fake that keeps idempotency keys, declines, asks for the shopper, loses answers on demand, and
//! signs webhooks. That it is honest is shown by Stripe's own library and published objects (`stripe.rs` of the suite).

mod account;
mod objects;

pub(crate) use objects::{dispute_object, intent_object, refund_object};

use super::shop::{Answer, Shop};
use account::{Account, Request};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const SECRET_KEY: &str = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_ours";
pub(crate) const PUBLISHABLE_KEY: &str = "pk_test_ours";

/// What goes wrong with a request, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It never arrives.
    Unreachable,
    /// It is done, and the connection closes without an answer.
    AnswerLost,
    /// It is not done, and the error is remembered under the key, as Stripe does.
    ErrorBefore,
    /// It is done, and still an error is answered and remembered.
    ErrorAfter,
    /// It is not done: another request holds the object.
    Locked,
    /// It is not done: the bank would not, and the refusal is remembered.
    Refused,
}

/// A running fake. It ends with the value.
pub(crate) struct FakeStripe {
    address: std::net::SocketAddr,
    account: Arc<Mutex<Account>>,
    task: tokio::task::JoinHandle<()>,
}

impl FakeStripe {
    pub(crate) async fn start() -> FakeStripe {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let account = Arc::new(Mutex::new(Account::default()));
        let served = account.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let account = served.clone();
                let service = hyper::service::service_fn(move |request| answer(account.clone(), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // A lost answer ends the connection with an error: that is meant.
                tokio::spawn(async { drop(connection.await) });
            }
        });
        FakeStripe { address, account, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Arguments of a server that pays here.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let flags = [
            ("api-base", self.url()),
            ("secret-key", SECRET_KEY.to_owned()),
            ("webhook-secret", WEBHOOK_SECRET.to_owned()),
            ("publishable-key", PUBLISHABLE_KEY.to_owned()),
        ];
        flags.into_iter().flat_map(|(name, value)| [format!("--stripe-{name}"), value]).collect()
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().expect("no test panicked here")
    }

    /// The next request of this kind (`create`, `confirm`, `cancel`, `capture`, `retrieve`, `search`, `list`, `refund`,
    /// `list_refunds`) goes wrong.
    pub(crate) fn fail_next(&self, operation: &'static str, fault: Fault) {
        self.account().faults.push((operation, fault));
    }

    /// How many requests of this kind came, answered or not.
    pub(crate) fn asked(&self, operation: &str) -> usize {
        self.account().asked.get(operation).copied().unwrap_or_default()
    }

    /// Forgets all idempotency keys, as Stripe does after a day.
    pub(crate) fn forget_keys(&self) {
        self.account().answers.clear();
    }

    /// The intents of an order, oldest first.
    pub(crate) fn intents(&self, order: &Value) -> Vec<Value> {
        let account = self.account();
        account.intents.iter().filter(|intent| intent["metadata"]["cartwright_order"] == *order).cloned().collect()
    }

    /// The one intent of an order.
    #[track_caller]
    pub(crate) fn intent(&self, order: &Value) -> Value {
        let all = self.intents(order);
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0].clone()
    }

    /// Charges of an order, and the money that is still with the shop, in Stripe's minor units.
    pub(crate) fn money(&self, order: &Value) -> (usize, i64) {
        let ids: Vec<Value> = self.intents(order).iter().map(|intent| intent["id"].clone()).collect();
        let account = self.account();
        let charged = account.charges.iter().filter(|(intent, _)| ids.contains(intent));
        let gone = |refund: &Value| matches!(refund["status"].as_str(), Some("failed" | "canceled"));
        let stands = |refund: &&Value| ids.contains(&refund["payment_intent"]) && !gone(refund);
        let refunded = account.refunds.iter().filter(stands);
        let back: i64 = refunded.filter_map(|refund| refund["amount"].as_i64()).sum();
        (charged.clone().count(), charged.map(|(_, amount)| amount).sum::<i64>() - back)
    }

    /// The bank takes the money of an order's intent after all, whatever was said before.
    pub(crate) fn take_late(&self, order: &Value) {
        self.account().take_late(order);
    }

    /// Somebody refunds part of an order's payment at Stripe itself.
    pub(crate) fn refund_by_hand(&self, order: &Value, amount: i64) -> Value {
        let intent = self.intent(order);
        let mut account = self.account();
        let refund = refund_object(account.refunds.len() + 1, &intent, amount);
        account.refunds.push(refund.clone());
        refund
    }

    /// The three events by which Stripe reports a refund, as they are then.
    pub(crate) fn refund_events(&self, order: &Value, refund: &Value) -> Vec<String> {
        let charge = {
            let intent = self.intent(order);
            self.account().charge_of(&intent)
        };
        vec![
            event_of("refund.created", refund),
            event_of("charge.refunded", &charge),
            event_of("charge.refund.updated", refund),
        ]
    }

    /// The bank sends one refund back; the refund as it is then.
    pub(crate) fn fail_refund(&self, id: &Value) -> Value {
        let mut account = self.account();
        let refund = account.refunds.iter_mut().find(|refund| refund["id"] == *id).expect("a refund");
        refund["status"] = json!("failed");
        refund["failure_reason"] = json!("expired_or_canceled_card");
        refund.clone()
    }

    /// Somebody captures part of what is set aside at Stripe itself.
    pub(crate) fn capture_by_hand(&self, order: &Value, amount: i64) {
        self.account().capture_by_hand(order, amount);
    }

    /// Somebody cancels a payment at Stripe itself.
    pub(crate) fn cancel_by_hand(&self, order: &Value) {
        self.account().cancel_by_hand(order);
    }

    /// The buyer's bank disputes a payment, or its dispute stands otherwise now; the dispute.
    pub(crate) fn dispute(&self, order: &Value, amount: i64, status: &str) -> Value {
        let intent = self.intent(order);
        let mut account = self.account();
        let dispute = dispute_object(&intent, amount, status);
        account.disputes.retain(|known| known["id"] != dispute["id"]);
        account.disputes.push(dispute.clone());
        dispute
    }

    /// The provider's books say another amount than was taken, as after a mistake of its own.
    pub(crate) fn correct_received(&self, order: &Value, amount: i64) {
        let mut account = self.account();
        let intent = account.intents.iter_mut().find(|intent| intent["metadata"]["cartwright_order"] == *order);
        intent.expect("an intent")["amount_received"] = json!(amount);
    }

    /// A payment that is not in the provider's books any more.
    pub(crate) fn lose_intent(&self, order: &Value) {
        let mut account = self.account();
        for intent in &mut account.intents {
            if intent["metadata"]["cartwright_order"] == *order {
                intent["id"] = json!("pi_of_somebody_else");
                intent["metadata"] = json!({});
            }
        }
        account.answers.clear();
    }

    /// The bank sends all refunds of an order back; the last of them as it is then.
    pub(crate) fn fail_refunds(&self, order: &Value) -> Value {
        let intent = self.intent(order);
        let mut account = self.account();
        let own = account.refunds.iter_mut().filter(|refund| refund["payment_intent"] == intent["id"]);
        let failed = own.map(|refund| {
            refund["status"] = json!("failed");
            refund["failure_reason"] = json!("lost_or_stolen_card");
            refund.clone()
        });
        failed.last().expect("a refund")
    }

    /// A payment that was made with an order's names on it, though there is no such order.
    pub(crate) fn charge_of_nobody(&self, amount: i64) {
        let mut account = self.account();
        let id = uuid::Uuid::new_v4().to_string();
        let metadata = json!({"cartwright_store": "default", "cartwright_order": id, "cartwright_attempt": id});
        let metadata = metadata.as_object().cloned().unwrap_or_default();
        let mut intent = intent_object(account.intents.len() + 1, amount, "eur", metadata);
        intent["status"] = json!("succeeded");
        intent["amount_received"] = json!(amount);
        intent["latest_charge"] = json!(format!("ch_nobody{}", account.intents.len()));
        account.intents.push(intent);
    }

    /// The shopper's browser, with nothing but a client secret: confirms with a card, or finishes what the bank asked for.
    pub(crate) fn browser(&self, client_secret: &str, action: BrowserAction) -> bool {
        self.account().browser(client_secret, action)
    }

    /// An event about an order's intent as Stripe would send it now.
    pub(crate) fn event(&self, kind: &str, order: &Value) -> String {
        event_of(kind, &self.intent(order))
    }

    /// Delivers an event to a shop.
    pub(crate) async fn deliver(&self, shop: &Shop, kind: &str, order: &Value) -> Answer {
        deliver(shop, &self.event(kind, order)).await
    }
}

/// What a shopper does in the browser.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BrowserAction {
    /// Confirms with this card.
    Pay(&'static str),
    /// Passes what the bank asks for.
    Authenticate,
    /// Fails it.
    FailAuthentication,
}

impl Drop for FakeStripe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An event with this intent; each has an id of its own.
pub(crate) fn event_of(kind: &str, intent: &Value) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("evt_{:x}_{}", now_seconds(), COUNT.fetch_add(1, Ordering::Relaxed));
    let event = json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": now_seconds(), "livemode": false,
        "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": kind, "data": {"object": intent},
    });
    event.to_string()
}

/// Sends a signed body, as Stripe does.
pub(crate) async fn deliver(shop: &Shop, body: &str) -> Answer {
    let header = signature(WEBHOOK_SECRET, now_seconds(), body);
    let request = shop.ask(Method::POST, "/webhooks/stripe").header("Stripe-Signature", &header);
    request.text("application/json; charset=utf-8", body.to_owned()).send().await
}

/// The header with which Stripe signs.
pub(crate) fn signature(secret: &str, seconds: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key does");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

pub(crate) fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

async fn answer(
    account: Arc<Mutex<Account>>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let query = parts.uri.query().unwrap_or_default();
    let form = format!("http://form/?{query}{}", String::from_utf8_lossy(&body));
    let form = reqwest::Url::parse(&form).map_err(io::Error::other)?;
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        parameters: form.query_pairs().into_owned().collect(),
        key: text("Idempotency-Key").filter(|_| parts.method == "POST"),
        authorised: text("Authorization").as_deref() == Some(&format!("Bearer {SECRET_KEY}")),
    };
    let told = account.lock().expect("no test panicked here").answer(&request);
    let Some(told) = told else { return Err(io::Error::other("the answer is lost")) };
    let mut response = hyper::Response::builder().status(told.status).header("Content-Type", "application/json");
    if told.replayed {
        response = response.header("Idempotent-Replayed", "true");
    }
    let response = response.header("Request-Id", "req_fake");
    response.body(Full::new(Bytes::from(told.body.to_string()))).map_err(io::Error::other)
}
