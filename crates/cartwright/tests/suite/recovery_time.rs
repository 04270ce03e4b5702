//! Abandoned carts over days, by a clock of the test's own: the engine with a mail server of others, and without HTTP.

use crate::harness::engine::{goods, store};
use crate::harness::{Database, SmtpCatcher, on_postgres};
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::command::{
    Access, CartChange, CartRef, Command, Idempotency, Item, NewLine, Reply, StoreChange,
};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::{CartId, StoreId, Timestamp};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::recovery::{GuestConsent, QuietHours, RecoverySettings};
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_engine::{Clock, Engine, EngineSettings, SweepStep, SweepWork};
use cartwright_gateways::SmtpMailer;
use cartwright_storage::postgres::{self, PostgresSettings};
use cartwright_storage::sqlite::MemoryDatabase;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A midnight by UTC.
const BEGIN: i64 = 1_699_920_000_000;
const ADA: &str = "ada@example.com";

struct Shop {
    engine: Arc<Engine>,
    store: StoreId,
    now: Arc<AtomicI64>,
    smtp: SmtpCatcher,
    mailer: SmtpMailer,
    _file: Option<MemoryDatabase>,
    _database: Option<Database>,
}

impl Shop {
    async fn open(recovery: RecoverySettings) -> Shop {
        let now = Arc::new(AtomicI64::new(BEGIN + 12 * HOUR_MS));
        let told = now.clone();
        let clock = Clock::new(move || Timestamp(told.load(Ordering::Relaxed)));
        let (storage, file, database) = if on_postgres() {
            let database = Database::new(Path::new(""));
            let settings = PostgresSettings::new(database.url());
            let storage = postgres::open(&settings, uuid::Uuid::from_u128(7)).await.expect("it opens");
            (storage, None, Some(database))
        } else {
            let file = MemoryDatabase::new().expect("a database");
            (file.open().expect("it opens"), Some(file), None)
        };
        let settings = EngineSettings { clock, ..EngineSettings::default() };
        let engine = Engine::start(storage, Vec::new(), settings).await.expect("it starts");
        let config = engine.create_store(store(reminding(recovery))).await.expect("a store");
        let smtp = SmtpCatcher::start(0);
        let mailer = SmtpMailer::new(&smtp.url(), "Shop <shop@example.com>", None).expect("a mailer");
        let shop = Shop { engine, store: config.store.id, now, smtp, mailer, _file: file, _database: database };
        shop.run(Command::UpsertProduct(Box::new(goods("TEA", 1_000, None)))).await;
        shop
    }

    fn config(&self) -> Arc<StoreConfig> {
        self.engine.store(self.store).expect("the store")
    }

    async fn run(&self, command: Command) -> Reply {
        self.engine.run(&self.config(), command).await.expect("not refused")
    }

    /// A cart with so many packs of tea at 10.00 that may be reminded of.
    async fn leave_cart(&self, email: &str, packs: i64) -> CartId {
        let line = NewLine { item: Item::Sku("TEA".to_owned()), quantity: packs, options: BTreeMap::new() };
        let create = Command::CreateCart {
            token_hash: Some([7; 32]),
            customer: None,
            currency: None,
            email: EmailAddress::parse(email).ok(),
            lines: vec![line],
            own: None,
            idempotency: None,
        };
        let Reply::CartCreated(cart) = self.run(create).await else { panic!("no cart") };
        let consent = CartChange { email_consent: Some(true), ..CartChange::default() };
        self.run(Command::ChangeCart { cart: operators(cart.id), change: Box::new(consent) }).await;
        cart.id
    }

    async fn cart(&self, id: CartId) -> Cart {
        self.engine.reader().cart(self.store, id).await.expect("read").expect("there")
    }

    /// Lets time pass minute by minute where something is due, and sends what there is.
    async fn wait(&self, minutes: i64) {
        let end = self.now.load(Ordering::Relaxed) + minutes * MINUTE_MS;
        while self.now.load(Ordering::Relaxed) < end {
            self.now.fetch_add(10 * MINUTE_MS, Ordering::Relaxed);
            self.sweep().await;
        }
    }

    async fn sweep(&self) {
        let found = SweepStep::DueRecoveries.find(self.engine.reader().as_ref(), self.store, self.engine.now()).await;
        let SweepWork::Commands(commands) = found.expect("the storage works") else { panic!("commands") };
        for command in commands {
            self.run(command).await;
        }
        self.engine.send_due(&self.config(), &self.mailer).await.expect("the storage works");
    }

    /// How many mails came to an address. The mail server prints them before it says that it has them.
    async fn mails(&self, email: &str, count: usize) -> Vec<Value> {
        let mails = self.smtp.wait_for(email, count).await;
        assert_eq!(mails.len(), count, "{mails:#?}");
        mails
    }
}

fn operators(id: CartId) -> CartRef {
    CartRef { id, access: Access::Operator, if_version: None }
}

fn reminding(recovery: RecoverySettings) -> StoreSettings {
    let storefront_url = Some("https://shop.example".to_owned());
    let recovery = RecoverySettings { enabled: true, guest_consent: GuestConsent::Trusted, ..recovery };
    StoreSettings { storefront_url, recovery, ..StoreSettings::default() }
}

#[tokio::test]
async fn three_mails_come_an_hour_a_day_and_three_days_after_the_last_change() {
    let shop = Shop::open(RecoverySettings::default()).await;
    let id = shop.leave_cart(ADA, 1).await;
    shop.wait(50).await;
    shop.mails(ADA, 0).await;
    assert_eq!(shop.cart(id).await.status, CartStatus::Active);
    shop.wait(10).await;
    shop.mails(ADA, 1).await;
    assert_eq!(shop.cart(id).await.status, CartStatus::Abandoned);
    shop.wait(22 * 60 + 50).await;
    shop.mails(ADA, 1).await;
    shop.wait(10).await;
    shop.mails(ADA, 2).await;
    shop.wait(47 * 60 + 50).await;
    shop.mails(ADA, 2).await;
    shop.wait(10).await;
    let mails = shop.mails(ADA, 3).await;
    shop.wait(14 * 24 * 60).await;
    shop.mails(ADA, 3).await;
    let subjects: Vec<&str> = mails.iter().filter_map(|mail| mail["headers"]["subject"].as_str()).collect();
    assert_eq!(subjects[0], "Your cart at Default is waiting");
    assert!(subjects[1].starts_with("Still thinking") && subjects[2].starts_with("A last word"), "{subjects:?}");
    assert!(mails.iter().all(|mail| mail["defects"] == json!([])), "{mails:#?}");
}

#[tokio::test]
async fn a_change_counts_anew_for_the_stages_that_are_left_and_a_purchase_ends_them() {
    let shop = Shop::open(RecoverySettings::default()).await;
    let id = shop.leave_cart(ADA, 1).await;
    shop.wait(120).await;
    shop.mails(ADA, 1).await;
    let change = CartChange { email: EmailAddress::parse(ADA).ok(), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: operators(id), change: Box::new(change) }).await;
    assert_eq!(shop.cart(id).await.status, CartStatus::Active);
    shop.wait(23 * 60 + 50).await;
    shop.mails(ADA, 1).await;
    shop.wait(10).await;
    shop.mails(ADA, 2).await;
    let idempotency = Idempotency { scope: "s".to_owned(), key: "k".to_owned(), fingerprint: [0; 32] };
    let (gateway, method) = ("test".to_owned(), "ok".to_owned());
    shop.run(Command::Checkout {
        cart: operators(id),
        expected_total: Some(1_000),
        gateway,
        method,
        idempotency,
        beside_real: false,
        network: None,
    })
    .await;
    shop.wait(7 * 24 * 60).await;
    shop.mails(ADA, 2).await;
}

#[tokio::test]
async fn a_mail_that_was_written_is_not_sent_any_more_once_the_shopper_is_back() {
    let shop = Shop::open(RecoverySettings::default()).await;
    let id = shop.leave_cart(ADA, 1).await;
    shop.now.fetch_add(HOUR_MS, Ordering::Relaxed);
    let found = SweepStep::DueRecoveries.find(shop.engine.reader().as_ref(), shop.store, shop.engine.now()).await;
    let SweepWork::Commands(commands) = found.expect("the storage works") else { panic!("commands") };
    assert_eq!(commands.len(), 1);
    // Two nodes that found the same cart.
    for command in commands.iter().chain(&commands) {
        shop.run(command.clone()).await;
    }
    assert_eq!(shop.engine.reader().due_mails(shop.store, shop.engine.now(), 10).await.expect("a list").len(), 1);
    let change = CartChange { email: EmailAddress::parse(ADA).ok(), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: operators(id), change: Box::new(change) }).await;
    shop.sweep().await;
    shop.mails(ADA, 0).await;
    assert!(shop.engine.reader().due_mails(shop.store, shop.engine.now(), 10).await.expect("a list").is_empty());
}

#[tokio::test]
async fn quiet_hours_put_mails_off_and_a_server_that_was_away_does_not_send_all_at_once() {
    let quiet = QuietHours { from_minute: 12 * 60 + 30, until_minute: 8 * 60, utc_offset_minutes: Some(0) };
    let shop = Shop::open(RecoverySettings { quiet_hours: Some(quiet), ..RecoverySettings::default() }).await;
    shop.leave_cart(ADA, 1).await;
    shop.wait(19 * 60 + 50).await;
    shop.mails(ADA, 0).await;
    shop.wait(10).await;
    shop.mails(ADA, 1).await;
    shop.now.fetch_add(10 * 24 * HOUR_MS, Ordering::Relaxed);
    shop.wait(60).await;
    shop.mails(ADA, 2).await;
}

#[tokio::test]
async fn a_cart_of_high_value_gets_a_code_for_one_order_with_the_second_mail_and_others_get_none() {
    let shop = Shop::open(RecoverySettings::default()).await;
    let definition = json!({
        "name": "Come back", "requires_code": true, "benefit": {"kind": "percentage", "percent": "10"},
    });
    let promotion: Promotion = serde_json::from_value(definition).expect("a definition");
    let put = Command::PutPromotion { id: None, promotion: Box::new(promotion), codes: Vec::new() };
    let Reply::Promotion(promotion) = shop.run(put).await else { panic!("no promotion") };
    let mut settings = shop.config().store.settings.clone();
    settings.recovery.high_value = [("EUR".to_owned(), 5_000)].into();
    settings.recovery.promotion_id = Some(promotion);
    let change = cartwright_domain::command::StoreChange { settings: Some(settings), ..Default::default() };
    shop.run(Command::ChangeStore(Box::new(change))).await;
    let rich = shop.leave_cart(ADA, 5).await;
    shop.leave_cart("bob@example.com", 4).await;
    shop.wait(25 * 60).await;
    let texts = |mails: Vec<Value>| mails.iter().map(|mail| mail["text"].to_string()).collect::<Vec<_>>();
    let (ada, bob) = (texts(shop.mails(ADA, 2).await), texts(shop.mails("bob@example.com", 2).await));
    let said = "With this code";
    assert_eq!([&ada, &bob].map(|texts| texts.iter().filter(|text| text.contains(said)).count()), [1, 0]);
    let coupons = shop.engine.reader().coupons(shop.store, promotion, "", 10).await.expect("codes");
    assert_eq!((coupons.len(), coupons[0].1.max_uses, coupons[0].1.bulk), (1, Some(1), true));
    assert!(ada[1].contains(&coupons[0].0), "{ada:?}");
    let code = coupons[0].0.clone();
    let Reply::Cart(cart) = shop.run(Command::ApplyCoupon { cart: operators(rich), code }).await else { panic!() };
    assert_eq!(cart.detail.coupons.len(), 1);
}

#[tokio::test]
async fn a_share_of_the_carts_gets_nothing_for_comparison() {
    let shop = Shop::open(RecoverySettings { hold_out_percent: 50, ..RecoverySettings::default() }).await;
    let (mut held, mut told) = (0, 0);
    for number in 0..30 {
        let email = format!("shopper{number}@example.com");
        let id = shop.leave_cart(&email, 1).await;
        shop.wait(60).await;
        let cart = shop.cart(id).await;
        assert_eq!(cart.status, CartStatus::Abandoned, "both are noted as abandoned");
        let held_out = cart.detail.recovery.expect("noted").held_out;
        shop.mails(&email, usize::from(!held_out)).await;
        if held_out { held += 1 } else { told += 1 }
    }
    assert!(held > 3 && told > 3, "{held} and {told}");
}

#[tokio::test]
async fn settings_that_change_apply_to_carts_that_were_left_before() {
    let shop =
        Shop::open(RecoverySettings { stage_minutes: vec![600, 1_200, 1_800], ..RecoverySettings::default() }).await;
    let mut carts = Vec::new();
    for number in 0..25 {
        carts.push(shop.leave_cart(&format!("ada{number}@example.com"), 1).await);
    }
    shop.wait(50).await;
    let mut settings = reminding(RecoverySettings::default());
    settings.guest_cart_days = 3;
    let change = StoreChange { settings: Some(settings), ..StoreChange::default() };
    shop.run(Command::ChangeStore(Box::new(change))).await;
    let replans = async || {
        let found = SweepStep::Replans.find(shop.engine.reader().as_ref(), shop.store, shop.engine.now()).await;
        let SweepWork::Commands(commands) = found.expect("the storage works") else { panic!("commands") };
        let count = commands.len();
        for command in commands {
            shop.run(command).await;
        }
        count
    };
    assert!(replans().await > 0);
    assert_eq!(replans().await, 0, "all are done");
    let cart = shop.cart(carts[7]).await;
    assert_eq!(cart.expires_at.0 - cart.updated_at.0, 3 * 24 * HOUR_MS);
    shop.wait(10).await;
    shop.mails("ada7@example.com", 1).await;
}

#[tokio::test]
async fn whoever_bought_with_another_cart_of_the_same_address_is_not_reminded() {
    let shop = Shop::open(RecoverySettings::default()).await;
    shop.leave_cart(ADA, 1).await;
    let line = NewLine { item: Item::Sku("TEA".to_owned()), quantity: 1, options: BTreeMap::new() };
    let create = Command::CreateCart {
        token_hash: None,
        customer: Some("c-17".to_owned()),
        own: None,
        idempotency: None,
        currency: None,
        email: None,
        lines: vec![line],
    };
    shop.wait(10).await;
    let Reply::CartCreated(cart) = shop.run(create).await else { panic!("no cart") };
    // The customer types it; the shop has not said that it is theirs.
    let own = CartRef { access: Access::Customer("c-17".to_owned()), ..operators(cart.id) };
    let change = CartChange { email: EmailAddress::parse("Ada@Example.com").ok(), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: own.clone(), change: Box::new(change) }).await;
    let idempotency = Idempotency { scope: "cart".to_owned(), key: "k".to_owned(), fingerprint: [1; 32] };
    let checkout = Command::Checkout {
        cart: own,
        expected_total: Some(1_000),
        gateway: "test".to_owned(),
        method: "ok".to_owned(),
        beside_real: false,
        network: None,
        idempotency,
    };
    shop.run(checkout).await;
    shop.wait(5 * 24 * 60).await;
    shop.mails(ADA, 0).await;
}
