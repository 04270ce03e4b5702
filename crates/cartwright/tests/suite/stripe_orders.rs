//! Every order in which an answer, three webhooks, a look-up or the reconciler, and the end of an order's time or its cancellation
//! can come: the engine and the gateway in this process, so that each of them can be told when to come. Where the story says
//! what must come of it, that is the same in whatever order it is told.

use crate::harness::engine::{goods, store};
use crate::harness::eventually;
use crate::harness::stripe::{BrowserAction, FakeStripe, SECRET_KEY};
use cartwright_domain::command::{Access, CartRef, Command, Idempotency, Item, NewLine, Reply, Settlement};
use cartwright_domain::id::OrderId;
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_engine::{Charge, Engine, EngineSettings, Failure, Gateway, Notice, Owner, Repair, SignedNotice, check};
use cartwright_gateways::{StripeGateway, StripeSettings};
use cartwright_storage::sqlite::{SqliteSettings, open};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What comes, at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// The gateway's own answer to the charge.
    Direct,
    Webhook,
    /// The sweeper asks.
    LookUp,
    /// The books of the provider are compared with ours, and repaired.
    Reconcile,
    /// The shopper pays in the browser.
    Pays,
    Cancel,
    /// The order's time is over.
    Expiry,
}

use Arrival::{Cancel, Direct, Expiry, LookUp, Pays, Reconcile, Webhook};

/// All orders of these arrivals, alike ones counted once.
fn orders_of(arrivals: &[Arrival]) -> Vec<Vec<Arrival>> {
    if arrivals.is_empty() {
        return vec![Vec::new()];
    }
    let mut all: Vec<Vec<Arrival>> = Vec::new();
    for (at, first) in arrivals.iter().enumerate().filter(|(at, first)| !arrivals[..*at].contains(first)) {
        let mut others = arrivals.to_vec();
        others.remove(at);
        all.extend(orders_of(&others).into_iter().map(|rest| [vec![*first], rest].concat()));
    }
    all
}

struct Bench {
    stripe: FakeStripe,
    gateway: Arc<StripeGateway>,
    engine: Arc<Engine>,
    config: Arc<StoreConfig>,
    _folder: tempfile::TempDir,
}

async fn bench() -> Bench {
    let stripe = FakeStripe::start().await;
    let settings = StripeSettings {
        secret_key: SECRET_KEY.to_owned(),
        webhook_secret: None,
        publishable_key: None,
        api_base: stripe.url(),
    };
    let gateway = Arc::new(StripeGateway::new(settings).expect("a gateway"));
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let storage = open(&SqliteSettings { path: folder.path().join("shop.sqlite"), max_mib: None }).expect("a database");
    let engine = Engine::start(storage, vec![gateway.clone()], EngineSettings::default()).await.expect("an engine");
    let config = engine.create_store(store(StoreSettings::default())).await.expect("a store");
    engine.run(&config, Command::UpsertProduct(Box::new(goods("PEN", 500, Some(100_000))))).await.expect("goods");
    Bench { stripe, gateway, engine, config, _folder: folder }
}

impl Bench {
    /// An order that is committed, and whose gateway has not been asked.
    async fn order(&self, method: &str) -> Arc<Order> {
        let lines = vec![NewLine { item: Item::Sku("PEN".to_owned()), quantity: 2, options: Default::default() }];
        let command = Command::CreateCart {
            token_hash: Some([7; 32]),
            customer: None,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        };
        let Ok(Reply::CartCreated(cart)) = self.engine.run(&self.config, command).await else { panic!("no cart") };
        let command = Command::Checkout {
            beside_real: false,
            network: None,
            cart: CartRef { id: cart.id, access: Access::Operator, if_version: None },
            expected_total: Some(1_000),
            gateway: "stripe".to_owned(),
            method: method.to_owned(),
            idempotency: Idempotency { scope: cart.id.to_string(), key: "k".to_owned(), fingerprint: [0; 32] },
        };
        let Ok(Reply::OrderCreated(order)) = self.engine.run(&self.config, command).await else { panic!("no order") };
        order
    }

    async fn current(&self, id: OrderId) -> Arc<Order> {
        self.engine.order(&self.config, id, &Access::Operator).await.expect("the order")
    }

    async fn settle(&self, id: OrderId, settlement: Settlement) {
        self.engine.run(&self.config, Command::SettlePayment { order_id: id, settlement }).await.expect("settled");
    }

    async fn arrive(&self, arrival: Arrival, charge: &Charge, direct: &Settlement) {
        let id = charge.order_id;
        match arrival {
            Direct => self.settle(id, direct.clone()).await,
            LookUp => self.settle(id, self.gateway.look_up(charge).await).await,
            Webhook => {
                let (store, attempt_id) = (charge.store.clone(), charge.attempt_id);
                let notice = Notice::Payment(Owner { store, order_id: id, attempt_id });
                let told = SignedNotice { event_id: uuid::Uuid::new_v4().to_string(), notice };
                self.engine.take_notice("stripe", told).await.expect("taken");
            }
            // Of this order's millisecond alone.
            Reconcile => {
                let at = self.current(id).await.created_at;
                let report = self.engine.reconcile(&self.config, (at, at.plus_ms(1)), Repair::Yes).await;
                assert!(report.expect("reconciled").orders >= 1);
            }
            Pays => self.pay(charge),
            Cancel => {
                let command = Command::CancelOrder { order_id: id, access: Access::Operator, reason: None };
                match self.engine.run_order(&self.config, command).await {
                    Ok(_) | Err(Failure::Refused(Refusal::OrderNotCancellable { .. })) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            // As the sweeper does with an order that waits for its shopper.
            Expiry if self.current(id).await.payment.status == PaymentStatus::RequiresAction => {
                self.settle(id, self.gateway.void(charge).await).await;
            }
            Expiry => {}
        }
    }

    /// With the first card that is at hand; a closed intent refuses it.
    fn pay(&self, charge: &Charge) {
        let intent = self.stripe.intent(&json!(charge.order_id.to_string()));
        let action = match &intent["status"] {
            Value::String(status) if status == "requires_action" => BrowserAction::Authenticate,
            _ => BrowserAction::Pay("pm_card_visa"),
        };
        self.stripe.browser(intent["client_secret"].as_str().expect("a client secret"), action);
    }

    /// One order in which these things come in this order; its id.
    async fn play(&self, method: &str, answer_is_lost: bool, arrivals: &[Arrival]) -> OrderId {
        let order = self.order(method).await;
        let charge = Charge {
            store: "default".to_owned(),
            order_id: order.id,
            attempt_id: order.payment.attempt_id,
            amount: order.totals.total,
            currency: order.currency,
            method: method.to_owned(),
            capture: order.detail.capture,
            age_ms: 0,
        };
        let answer = self.gateway.charge(&charge).await;
        let direct = if answer_is_lost { Settlement::Unknown } else { answer };
        if !arrivals.contains(&Direct) {
            self.settle(order.id, direct.clone()).await;
        }
        for arrival in arrivals {
            self.arrive(*arrival, &charge, &direct).await;
        }
        order.id
    }

    /// The order has an outcome, and the money is where the outcome says. Tells it with all that came of it.
    async fn assert_right(&self, id: OrderId, story: &str) -> (OrderStatus, String) {
        let order = eventually(story, Duration::from_secs(60), async || {
            Some(self.current(id).await).filter(|order| !order.payment.status.is_open())
        })
        .await;
        let (charges, money) = self.stripe.money(&json!(id.to_string()));
        let payment = &order.payment;
        let due = if order.status == OrderStatus::Placed { 1_000 } else { 0 };
        assert_eq!(money, due, "{story}: {:?}", order.status);
        assert_eq!(payment.captured - payment.refunded, due, "{story}: {payment:?}");
        assert_eq!(charges, usize::from(payment.captured > 0), "{story}: {payment:?}");
        let lines: Vec<_> = order.lines.iter().map(|line| line.reservation).collect();
        let refunds: Vec<_> = order.detail.refunds.iter().map(|refund| (refund.amount, refund.status)).collect();
        let cart = self.engine.reader().cart(self.config.store.id, order.cart_id).await.expect("read").expect("a cart");
        let cart = (cart.status, cart.order_id == Some(id));
        let end = format!("{:?}, {:?}, {lines:?}, {refunds:?}, cart {cart:?}", order.status, payment.status);
        (order.status, end)
    }
}

/// What of a story decides its end, besides what is paid with and what ends it: whether the shopper was quicker, or whether the
/// decline was known when somebody cancelled. A reconciler tells of no declines.
fn decided_by(method: &str, lost: bool, arrivals: &[Arrival]) -> bool {
    let end = arrivals.iter().position(|arrival| matches!(arrival, Cancel | Expiry)).expect("every story ends");
    let before = &arrivals[..end];
    match method {
        "pm_card_visa" => true,
        "pm_card_visa_chargeDeclined" if arrivals[end] == Cancel => {
            before.iter().any(|arrival| matches!(arrival, Webhook | LookUp) || (*arrival == Direct && !lost))
        }
        "pm_card_visa_chargeDeclined" => true,
        _ => before.contains(&Pays),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_in_whatever_order_the_order_and_the_money_are_right() {
    let bench = bench().await;
    let ways = [
        ("pm_card_visa", false, Direct),
        ("pm_card_visa", true, Direct),
        ("pm_card_visa_chargeDeclined", false, Direct),
        ("pm_card_visa_chargeDeclined", true, Direct),
        ("pm_card_authenticationRequired", false, Pays),
        ("browser", false, Pays),
    ];
    let mut stories = Vec::new();
    for (end, asker) in [(Cancel, LookUp), (Expiry, LookUp), (Cancel, Reconcile), (Expiry, Reconcile)] {
        for (method, lost, first) in ways {
            let orders = orders_of(&[first, Webhook, Webhook, Webhook, asker, end]);
            assert_eq!(orders.len(), 120);
            stories.extend(orders.into_iter().map(|arrivals| (method, lost, end, arrivals)));
        }
    }
    let played = stream::iter(stories).map(async |(method, lost, end, arrivals)| {
        let id = bench.play(method, lost, &arrivals).await;
        let told_alike = format!("{method}, {end:?}, {}", decided_by(method, lost, &arrivals));
        (id, method, end, told_alike, format!("{method}, lost {lost}: {arrivals:?}"))
    });
    let stories: Vec<_> = played.buffer_unordered(16).collect().await;
    tokio::spawn(Engine::sweep_forever(Arc::downgrade(&bench.engine)));
    let (mut placed, mut others) = (0, 0);
    let mut ends: BTreeMap<&str, (String, &str)> = BTreeMap::new();
    for (id, method, end, told_alike, story) in &stories {
        let (status, came_of_it) = bench.assert_right(*id, story).await;
        let (first, first_story) = ends.entry(told_alike).or_insert_with(|| (came_of_it.clone(), story));
        assert_eq!(came_of_it, *first, "{told_alike}: {story}, unlike {first_story}");
        match (*method, end, status) {
            ("pm_card_visa", Expiry, status) => assert_eq!(status, OrderStatus::Placed, "{story}"),
            (_, Cancel, status) => assert_ne!(status, OrderStatus::Placed, "{story}"),
            ("pm_card_visa_chargeDeclined", _, status) => assert_eq!(status, OrderStatus::PaymentFailed, "{story}"),
            _ => {}
        }
        if status == OrderStatus::Placed { placed += 1 } else { others += 1 }
    }
    assert!(placed >= 480 && others >= 480, "{placed} placed, {others} not");
    assert_eq!(ends.len(), 13, "{ends:#?}");
    let findings = check(bench.engine.reader().as_ref(), bench.config.store.id, bench.engine.now(), 0).await;
    for finding in findings.expect("checked") {
        assert!(finding.violations.is_empty(), "{}: {:?}", finding.name, finding.violations);
    }
}
