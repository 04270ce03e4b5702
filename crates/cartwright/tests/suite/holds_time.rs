//! What time does to holds, by a clock of the test's own and without a sweeper: the engine on a real database, on PostgreSQL
//! also two of them that share one.

use crate::harness::{Database, nodes, on_postgres};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{
    Access, CartRef, Command, Idempotency, Item, NewLine, ProductDraft, Reply, Settlement, VariantDraft,
};
use cartwright_domain::id::{CartId, OrderId, StoreId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::{HoldPolicy, Store, StoreSettings};
use cartwright_engine::{Clock, Engine, EngineSettings, Failure, SweepStep, SweepWork, check};
use cartwright_storage::postgres::{self, PostgresSettings};
use cartwright_storage::sqlite::MemoryDatabase;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

const MINUTE_MS: i64 = 60_000;
const BEGIN: i64 = 1_699_920_000_000;
const HELD_MINUTES: u32 = 15;

struct Shop {
    engines: Vec<Arc<Engine>>,
    store: StoreId,
    now: Arc<AtomicI64>,
    next: AtomicUsize,
    _file: Option<MemoryDatabase>,
    _database: Option<Database>,
}

impl Shop {
    /// A shop that holds lamps for a while, with so many of them.
    async fn open(lamps: i64) -> Shop {
        let now = Arc::new(AtomicI64::new(BEGIN));
        let (mut engines, mut file, mut database) = (Vec::new(), None, None);
        for node in 0..nodes() {
            let storage = if on_postgres() {
                let url = database.get_or_insert_with(|| Database::new(Path::new(""))).url();
                let name = uuid::Uuid::from_u128(7 + node as u128);
                postgres::open(&PostgresSettings::new(url), name).await.expect("it opens")
            } else {
                file.get_or_insert_with(|| MemoryDatabase::new().expect("a database")).open().expect("it opens")
            };
            let told = now.clone();
            let clock = Clock::new(move || Timestamp(told.load(Ordering::Relaxed)));
            let settings = EngineSettings { clock, ..EngineSettings::default() };
            engines.push(Engine::start(storage, Vec::new(), settings).await.expect("it starts"));
        }
        let store = engines[0].create_store(store()).await.expect("a store").store.id;
        for engine in &engines {
            engine.refresh_stores().await.expect("the storage works");
        }
        let shop = Shop { engines, store, now, next: AtomicUsize::new(0), _file: file, _database: database };
        shop.run(Command::UpsertProduct(Box::new(lamp(lamps)))).await.expect("goods");
        shop
    }

    /// By each node in turn.
    async fn run(&self, command: Command) -> Result<Reply, Refusal> {
        let engine = &self.engines[self.next.fetch_add(1, Ordering::Relaxed) % self.engines.len()];
        let config = engine.store(self.store).expect("the store");
        match engine.run(&config, command).await {
            Ok(reply) => Ok(reply),
            Err(Failure::Refused(refusal)) => Err(refusal),
            Err(failure) => panic!("{failure}"),
        }
    }

    fn wait_ms(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    async fn cart(&self, units: i64) -> Result<CartId, Refusal> {
        let lines = vec![NewLine { item: Item::Sku("LAMP".to_owned()), quantity: units, options: BTreeMap::new() }];
        let token_hash = Some([7; 32]);
        let create = Command::CreateCart {
            token_hash,
            customer: None,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        };
        match self.run(create).await? {
            Reply::CartCreated(cart) => Ok(cart.id),
            other => panic!("{other:?}"),
        }
    }

    async fn checkout(&self, cart: CartId, key: &str) -> Result<OrderId, Refusal> {
        let command = Command::Checkout {
            beside_real: false,
            network: None,
            cart: CartRef { id: cart, access: Access::Operator, if_version: None },
            expected_total: Some(i64::MAX),
            gateway: "test".to_owned(),
            method: "ok".to_owned(),
            idempotency: Idempotency { scope: cart.to_string(), key: key.to_owned(), fingerprint: [1; 32] },
        };
        match self.run(command).await? {
            Reply::OrderCreated(order) => Ok(order.id),
            other => panic!("{other:?}"),
        }
    }

    async fn settle(&self, order_id: OrderId, settlement: Settlement) {
        self.run(Command::SettlePayment { order_id, settlement }).await.expect("nobody refuses that");
    }

    async fn read(&self, id: CartId) -> Cart {
        self.engines[0].reader().cart(self.store, id).await.expect("read").expect("there")
    }

    async fn stock(&self) -> Stock {
        self.engines[0].reader().sku(self.store, "LAMP").await.expect("read").expect("there").stock
    }

    /// Runs the sweeper's step for holds once, and tells whether it found any.
    async fn sweep(&self) -> bool {
        let now = self.engines[0].now();
        let found = SweepStep::ExpiredHolds.find(self.engines[0].reader().as_ref(), self.store, now).await;
        let SweepWork::Commands(commands) = found.expect("the storage works") else { panic!("commands") };
        let any = !commands.is_empty();
        for command in commands {
            self.run(command).await.expect("nobody refuses that");
        }
        any
    }

    /// All books are right; holds that have run out may still wait for the sweeper.
    async fn verify(&self, grace_ms: i64) {
        let reader = self.engines[0].reader();
        let findings = check(reader.as_ref(), self.store, self.engines[0].now(), grace_ms).await.expect("read");
        for finding in findings {
            assert!(finding.violations.is_empty(), "{}: {:#?}", finding.name, finding.violations);
        }
    }
}

fn store() -> Store {
    let hold_policy = HoldPolicy::AtAdd { minutes: HELD_MINUTES, max_units: 10 };
    Store {
        id: StoreId(0),
        version: 0,
        handle: "default".to_owned(),
        name: "Lamps".to_owned(),
        currency: Currency::EUR,
        hosts: Vec::new(),
        settings: StoreSettings { hold_policy, ..StoreSettings::default() },
        shipping_methods: Vec::new(),
        tax_rates: Vec::new(),
    }
}

fn lamp(on_hand: i64) -> ProductDraft {
    let variant =
        VariantDraft { sku: "LAMP".to_owned(), price: Some(4_900), on_hand: Some(on_hand), ..VariantDraft::default() };
    ProductDraft {
        handle: "lamp".to_owned(),
        name: Some("Lamp".to_owned()),
        variants: vec![variant],
        ..ProductDraft::default()
    }
}

const HELD_MS: i64 = HELD_MINUTES as i64 * MINUTE_MS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_run_out_by_the_clock_and_the_next_shoppers_get_them_without_a_sweeper() {
    let shop = Shop::open(100).await;
    let add = |count: usize| join_all((0..count).map(|_| shop.cart(1)));
    let first: Vec<_> = add(1_000).await.into_iter().flatten().collect();
    assert_eq!((first.len(), shop.stock().await), (100, Stock { on_hand: 100, reserved: 100 }));
    shop.wait_ms(HELD_MS - 1);
    assert_eq!(add(20).await.into_iter().flatten().count(), 0, "a millisecond before");
    shop.verify(0).await;
    shop.wait_ms(1);
    // Nobody has swept.
    let next = add(1_000).await.into_iter().flatten().count();
    assert_eq!((next, shop.stock().await), (100, Stock { on_hand: 100, reserved: 100 }));
    for cart in &first {
        assert!(shop.read(*cart).await.detail.holds.is_empty(), "what others hold now is not held for {cart}");
    }
    shop.verify(0).await;
    shop.wait_ms(HELD_MS);
    assert!(shop.sweep().await && !shop.sweep().await, "the first time finds all, the second nothing");
    assert_eq!(shop.stock().await, Stock { on_hand: 100, reserved: 0 });
    shop.verify(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_moment_of_expiry_either_the_owner_buys_or_another_gets_it_never_both_never_neither() {
    let shop = Shop::open(1).await;
    let (mut bought, mut lost) = (0, 0);
    for round in 0..40 {
        let owner = shop.cart(1).await.expect("the only one is there");
        // Every other round a millisecond before: then it is the owner's for sure.
        let over = round % 2 == 0;
        shop.wait_ms(HELD_MS - i64::from(!over));
        let (order, rival) = match round % 4 {
            0 | 1 => tokio::join!(shop.checkout(owner, "k"), shop.cart(1)),
            _ => {
                let (rival, order) = tokio::join!(shop.cart(1), shop.checkout(owner, "k"));
                (order, rival)
            }
        };
        match (order, rival) {
            (Ok(order), Err(Refusal::InsufficientStock(_))) => {
                bought += 1;
                shop.settle(order, Settlement::Captured(4_900)).await;
                assert_eq!(shop.stock().await, Stock { on_hand: 0, reserved: 0 });
                shop.run(Command::UpsertProduct(Box::new(lamp(1)))).await.expect("another one comes in");
            }
            (Err(Refusal::InsufficientStock(_)), Ok(rival)) => {
                assert!(over, "taken before its time");
                lost += 1;
                assert_eq!(shop.stock().await, Stock { on_hand: 1, reserved: 1 });
                let give_up = CartRef { id: rival, access: Access::Operator, if_version: None };
                shop.run(Command::DeleteCart { cart: give_up }).await.expect("given up");
            }
            other => panic!("round {round}: {other:?}"),
        }
        shop.verify(0).await;
    }
    eprintln!("the owner bought {bought} times, another was quicker {lost} times");
    assert!(bought >= 20, "a millisecond before, it is always the owner");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_at_the_deadline_of_an_order_buys_the_goods_or_goes_back() {
    let shop = Shop::open(1).await;
    let (mut placed, mut refunded) = (0, 0);
    for round in 0..30 {
        let cart = shop.cart(1).await.expect("the only one is there");
        let order = shop.checkout(cart, "k").await.expect("it is held");
        // The sweeper gives the order up, the cart holds its goods again, a rival waits for them, and the money arrives.
        let void = async {
            shop.settle(order, Settlement::Voided).await;
            if round % 3 == 0 {
                shop.wait_ms(HELD_MS);
            }
            shop.cart(1).await
        };
        let ((), rival) = tokio::join!(shop.settle(order, Settlement::Captured(4_900)), void);
        let told = shop.engines[0].reader().order(shop.store, order).await.expect("read").expect("there");
        match (told.status, rival) {
            (OrderStatus::Placed, Err(_)) => {
                placed += 1;
                assert_eq!(shop.stock().await, Stock { on_hand: 0, reserved: 0 });
                shop.run(Command::UpsertProduct(Box::new(lamp(1)))).await.expect("another one comes in");
            }
            (OrderStatus::Expired, Ok(rival)) => {
                refunded += 1;
                assert_eq!(told.payment.status, PaymentStatus::RefundPending);
                let refund = told.next_refund().expect("the money goes back").clone();
                let sent = Settlement::Refunded { refund_id: refund.id, amount: refund.amount };
                shop.settle(order, sent).await;
                let give_up = CartRef { id: rival, access: Access::Operator, if_version: None };
                shop.run(Command::DeleteCart { cart: give_up }).await.expect("given up");
            }
            other => panic!("round {round}: {other:?}"),
        }
        shop.verify(0).await;
    }
    eprintln!("{placed} placed, {refunded} given back");
}
