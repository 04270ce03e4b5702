//! Webhooks over hours and days, by a clock of the test's own: the engine with a receiver that is down, and without sockets.

use crate::harness::engine::store;
use async_trait::async_trait;
use cartwright_domain::command::{Access, CartChange, CartRef, Command, Reply, WebhookChange};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::{CartId, Timestamp, WebhookId};
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_domain::webhook::{DeliveryStatus, Replay};
use cartwright_engine::{
    Clock, DeliveryQuery, DeliverySelection, Engine, EngineSettings, WebhookAnswer, WebhookMessage, WebhookSender,
};
use cartwright_storage::sqlite::MemoryDatabase;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A receiver that may be down.
#[derive(Default)]
struct Line {
    up: AtomicBool,
    sent: Mutex<Vec<(String, Value, bool)>>,
}

#[async_trait]
impl WebhookSender for Line {
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer {
        let up = self.up.load(Ordering::Relaxed);
        let event = serde_json::from_slice(&message.body).expect("JSON");
        self.sent.lock().expect("no test panicked here").push((message.id.clone(), event, up));
        if up {
            WebhookAnswer::Taken("200".to_owned())
        } else {
            WebhookAnswer::Refused("connection refused".to_owned())
        }
    }
}

struct Shop {
    engine: Arc<Engine>,
    config: Arc<StoreConfig>,
    webhook: WebhookId,
    line: Arc<Line>,
    now: Arc<AtomicI64>,
    _database: MemoryDatabase,
}

impl Shop {
    async fn open() -> Shop {
        let (line, now) = (Arc::<Line>::default(), Arc::new(AtomicI64::new(1_700_000_000_000)));
        let database = MemoryDatabase::new().expect("a database");
        let told = now.clone();
        let settings = EngineSettings {
            webhook_sender: Some(line.clone()),
            clock: Clock::new(move || Timestamp(told.load(Ordering::Relaxed))),
            ..EngineSettings::default()
        };
        let engine = Engine::start(database.open().expect("it opens"), Vec::new(), settings).await.expect("it starts");
        let config = engine.create_store(store(StoreSettings::default())).await.expect("a store");
        let change = WebhookChange { url: Some("https://erp.example/".to_owned()), ..WebhookChange::default() };
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let command = Command::CreateWebhook { change: Box::new(change), secret, position: 0 };
        let Ok(Reply::Webhook(webhook)) = engine.run(&config, command).await else { panic!("no receiver") };
        Shop { engine, config, webhook: webhook.id, line, now, _database: database }
    }

    async fn make_cart(&self) -> CartId {
        let command = Command::CreateCart {
            token_hash: Some([7; 32]),
            customer: None,
            currency: None,
            email: None,
            lines: Vec::new(),
            own: None,
            idempotency: None,
        };
        match self.engine.run(&self.config, command).await {
            Ok(Reply::CartCreated(cart)) => cart.id,
            other => panic!("{other:?}"),
        }
    }

    async fn change_cart(&self, id: CartId) {
        let change = CartChange { email: EmailAddress::parse("a@example.com").ok(), ..CartChange::default() };
        let cart = CartRef { id, access: Access::Operator, if_version: None };
        self.engine.run(&self.config, Command::ChangeCart { cart, change: Box::new(change) }).await.expect("changed");
    }

    /// Sends all that is due now.
    async fn send(&self) {
        while self.engine.send_webhooks(&self.config).await.expect("the storage works") {}
    }

    fn wait(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    async fn count(&self, status: DeliveryStatus) -> usize {
        let selection = DeliverySelection::Newest { status: Some(status), before: i64::MAX };
        let query = DeliveryQuery { webhook: self.webhook, selection, limit: 10_000 };
        self.engine.reader().deliveries(self.config.store.id, &query).await.expect("a list").len()
    }

    async fn newest(&self) -> i64 {
        self.engine.reader().newest_event(self.config.store.id).await.expect("a number")
    }

    /// What was sent: the event's id, the event, whether it was taken.
    fn sent(&self) -> Vec<(String, Value, bool)> {
        self.line.sent.lock().expect("no test panicked here").clone()
    }

    /// Every event was taken once, in the order of its cart, each try with the same id.
    async fn all_taken_in_order(&self) {
        let (mut ids, mut last) = (BTreeMap::new(), HashMap::new());
        let mut taken = 0;
        for (id, event, up) in self.sent() {
            let (number, cart) = (event["sequence"].as_i64().expect("a number"), event["cart_id"].to_string());
            assert_eq!(ids.entry(number).or_insert_with(|| id.clone()), &id);
            assert_eq!(event["id"], id);
            if up {
                taken += 1;
                assert!(last.insert(cart, number).is_none_or(|before| before < number), "{number} came late");
            }
        }
        assert_eq!((ids.len() as i64, taken), (self.newest().await, self.newest().await));
    }
}

#[tokio::test]
async fn a_receiver_that_was_down_for_an_hour_gets_everything_in_order_each_event_with_one_id() {
    let shop = Shop::open().await;
    let mut carts = Vec::new();
    for minute in 0..60_usize {
        carts.push(shop.make_cart().await);
        shop.change_cart(carts[minute / 2]).await;
        shop.change_cart(carts[minute / 3]).await;
        shop.send().await;
        shop.wait(MINUTE_MS);
    }
    assert_eq!(shop.count(DeliveryStatus::Delivered).await, 0);
    let tries = shop.sent().len();
    assert!(tries > carts.len(), "what failed was tried again: {tries}");
    shop.line.up.store(true, Ordering::Relaxed);
    for _ in 0..36 {
        shop.send().await;
        shop.wait(10 * MINUTE_MS);
    }
    assert_eq!(shop.count(DeliveryStatus::Pending).await, 0, "six hours later all is told");
    assert_eq!(shop.count(DeliveryStatus::Dead).await, 0);
    shop.all_taken_in_order().await;
}

#[tokio::test]
async fn an_event_that_nobody_takes_for_days_is_given_up_and_can_be_sent_again() {
    let shop = Shop::open().await;
    let cart = shop.make_cart().await;
    shop.change_cart(cart).await;
    for _ in 0..24 * 8 {
        shop.send().await;
        shop.wait(HOUR_MS);
    }
    assert_eq!(shop.count(DeliveryStatus::Dead).await, 2, "the second has its own tries after the first");
    assert_eq!(shop.sent().len(), 20);
    shop.line.up.store(true, Ordering::Relaxed);
    shop.change_cart(cart).await;
    shop.send().await;
    assert_eq!(shop.count(DeliveryStatus::Delivered).await, 1, "the cart goes on without them");
    let replay = Command::ReplayDeliveries { id: shop.webhook, replay: Replay::Dead };
    shop.engine.run(&shop.config, replay).await.expect("they live again");
    shop.send().await;
    assert_eq!((shop.count(DeliveryStatus::Dead).await, shop.count(DeliveryStatus::Delivered).await), (0, 3));
    let numbers: Vec<i64> = shop.sent()[20..].iter().map(|(_, event, _)| event["sequence"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [3, 1, 2]);
}

#[tokio::test]
async fn a_backlog_waits_in_the_log_and_is_told_from_an_instant_on() {
    let shop = Shop::open().await;
    for _ in 0..1_500 {
        shop.make_cart().await;
        shop.wait(1_000);
    }
    shop.send().await;
    assert_eq!(shop.count(DeliveryStatus::Pending).await, 1_000, "no more are taken up, the rest waits in the log");
    shop.line.up.store(true, Ordering::Relaxed);
    for _ in 0..20 {
        shop.wait(MINUTE_MS);
        shop.send().await;
    }
    shop.all_taken_in_order().await;
    let since = Timestamp(1_700_000_000_000 + 1_490 * 1_000);
    let position = shop.engine.last_event_before(shop.config.store.id, since).await.expect("a number");
    assert_eq!(position, 1_490);
    let before = shop.sent().len();
    let replay = Command::ReplayDeliveries { id: shop.webhook, replay: Replay::After(position) };
    shop.engine.run(&shop.config, replay).await.expect("they are told again");
    shop.send().await;
    assert_eq!(shop.sent().len() - before, 10);
}
