//! Every step of every worker done twice. A shop that has work for all of them is stopped, and its file copied for each try: in
//! one the n-th commit of a worker does not come about, in the other it does and its answer is lost; either way the process ends
//! there, and the next one takes up what it finds. All end with the same books. The workers come from `Worker::ALL`, from
//! which the server starts them, so a new one cannot stay away; the steps of the sweep are also done twice one by one, in
//! random shops, by the simulator.

use crate::harness::engine::{goods, store};
use async_trait::async_trait;
use cartwright_domain::account::NewSecret;
use cartwright_domain::command::{
    Access, AccountCommand, CartChange, CartRef, Command, Idempotency, Item, NewLine, Reply, Settlement, WebhookChange,
};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{OrderId, StoreId, Timestamp};
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_domain::recovery::{GuestConsent, RecoverySettings};
use cartwright_domain::refund::{RefundRequest, ShippingRefund};
use cartwright_domain::store::{Store, StoreConfig, StoreSettings};
use cartwright_domain::working_set::{Keys, WorkingSet};
use cartwright_engine::letters::Letter;
use cartwright_engine::{
    Clock, Engine, EngineSettings, EventSink, Mailer, Storage, StorageError, WebhookAnswer, WebhookMessage,
    WebhookSender, Worker, Writer, check,
};
use cartwright_gateways::TestGateway;
use cartwright_storage::sqlite::{SqliteSettings, open};
use futures_util::{StreamExt, stream};
use rusqlite::types::ValueRef;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const BEGIN: i64 = 1_700_000_000_000;
const MINUTE_MS: i64 = 60_000;
/// When the workers look: stages of reminders, the ends of payments, of carts, of a claim, and of what is kept.
const ROUNDS: [i64; 9] = [1, 12, 24, 36, 60, 120, 24 * 60, 40 * 24 * 60, 41 * 24 * 60];

/// What stands in the database in the end, but for instants, numbers of tries, and ids that are drawn by the workers. A mail that
/// was claimed may not be sent again, so whether it was is not asked here.
const BOOKS: [&str; 9] = [
    "SELECT 'order', hex(o.order_id), o.status, p.status, p.captured, p.refunded, p.due_at IS NULL \
     FROM orders o JOIN payments p USING (store_id, order_id)",
    "SELECT 'line', hex(order_id), position, reservation FROM order_lines",
    "SELECT 'stock', hex(variant_id), on_hand, reserved FROM stock",
    "SELECT 'movement', hex(variant_id), on_hand_delta, reserved_delta, cause, hex(order_id) FROM stock_movements",
    "SELECT 'cart', hex(cart_id), status, recovery_at IS NULL FROM carts",
    "SELECT 'reminder', hex(cart_id), stage FROM reminders",
    "SELECT 'mail', kind, recipient, state NOT IN ('waiting', 'sending') FROM mails",
    "SELECT 'event', kind, hex(cart_id), hex(order_id) FROM events",
    "SELECT 'delivery', status, kind, hex(subject) FROM webhook_deliveries",
];

/// What reached the world outside.
#[derive(Debug, Default)]
struct Outside {
    mails: Vec<String>,
    /// Number and id of each event that a receiver, or the other listener, took.
    received: Vec<(String, String)>,
    heard: Vec<(i64, String)>,
}

#[derive(Clone, Debug, Default)]
struct World(Arc<Mutex<Outside>>);

impl World {
    fn tell(&self, what: impl FnOnce(&mut Outside)) {
        what(&mut self.0.lock().expect("no test panicked here"));
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, _: &EmailAddress, mail: &Mail, _: &Letter) -> MailOutcome {
        self.tell(|outside| outside.mails.push(mail.id.to_string()));
        MailOutcome::Sent
    }
}

#[async_trait]
impl WebhookSender for World {
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer {
        let event: serde_json::Value = serde_json::from_slice(&message.body).expect("JSON");
        self.tell(|outside| outside.received.push((event["sequence"].to_string(), message.id.clone())));
        WebhookAnswer::Taken("200".to_owned())
    }
}

#[async_trait]
impl EventSink for World {
    fn name(&self) -> &'static str {
        "world"
    }

    async fn take(&self, _: &str, events: &[LoggedEvent]) -> (usize, Option<String>) {
        let heard = events.iter().map(|logged| (logged.sequence, logged.event.id.to_string()));
        self.tell(|outside| outside.heard.extend(heard));
        (events.len(), None)
    }
}

/// How a commit is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// It does not come about.
    Before,
    /// It does, but nobody hears of it.
    After,
}

/// When the power goes.
#[derive(Debug, Default)]
struct Fuse {
    /// Commits are counted only while the worker that is looked at is at work.
    armed: bool,
    commits: usize,
    cut: Option<(usize, Cut)>,
    blown: bool,
}

/// A writer whose power goes.
struct CutWriter {
    inner: Box<dyn Writer>,
    fuse: Arc<Mutex<Fuse>>,
}

const NO_POWER: &str = "the power is gone";

impl CutWriter {
    /// Whether the power stays on, and how this commit is cut off if not.
    fn burn(&self) -> Result<Option<Cut>, StorageError> {
        let mut fuse = self.fuse.lock().expect("no test panicked here");
        if fuse.blown {
            return Err(StorageError::Unavailable(NO_POWER.to_owned()));
        }
        if !fuse.armed {
            return Ok(None);
        }
        fuse.commits += 1;
        let cut = fuse.cut.filter(|(at, _)| *at == fuse.commits).map(|(_, cut)| cut);
        fuse.blown = cut.is_some();
        Ok(cut)
    }
}

impl Writer for CutWriter {
    fn load(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), StorageError> {
        match self.fuse.lock().expect("no test panicked here").blown {
            true => Err(StorageError::Unavailable(NO_POWER.to_owned())),
            false => self.inner.load(store, keys, set),
        }
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError> {
        match self.burn()? {
            None => self.inner.commit(store, set),
            Some(Cut::Before) => Err(StorageError::Unavailable(NO_POWER.to_owned())),
            Some(Cut::After) => {
                self.inner.commit(store, set)?;
                Err(StorageError::Uncertain(NO_POWER.to_owned()))
            }
        }
    }

    fn rollback(&mut self) {
        self.inner.rollback();
    }

    fn create_store(&mut self, store: &Store) -> Result<StoreId, StorageError> {
        self.inner.create_store(store)
    }
}

/// A process that works on a file.
struct Process {
    engine: Arc<Engine>,
    now: Arc<AtomicI64>,
}

impl Process {
    async fn start(file: &Path, now: i64, world: &World, fuse: &Arc<Mutex<Fuse>>) -> Process {
        let storage = open(&SqliteSettings { path: file.to_owned(), max_mib: None }).expect("it opens");
        let writer = Box::new(CutWriter { inner: storage.writer, fuse: fuse.clone() });
        let storage = Storage { writer, reader: storage.reader, shared: storage.shared };
        let now = Arc::new(AtomicI64::new(now));
        let told = now.clone();
        let settings = EngineSettings {
            clock: Clock::new(move || Timestamp(told.load(Ordering::Relaxed))),
            mailer: Some(Arc::new(world.clone())),
            webhook_sender: Some(Arc::new(world.clone())),
            sink: Some(Arc::new(world.clone())),
            ..EngineSettings::default()
        };
        let engine = Engine::start(storage, vec![Arc::new(TestGateway)], settings).await.expect("it starts");
        Process { engine, now }
    }

    fn config(&self) -> Arc<StoreConfig> {
        self.engine.stores()[0].clone()
    }

    async fn run(&self, command: Command) -> Reply {
        self.engine.run(&self.config(), command).await.expect("not refused")
    }

    async fn stop(self) {
        let engine = self.engine;
        tokio::task::spawn_blocking(move || engine.stop()).await.expect("it stops");
    }

    async fn cart(&self, email: &str) -> CartRef {
        let lines = vec![NewLine { item: Item::Sku("PEN".to_owned()), quantity: 2, options: BTreeMap::new() }];
        let email = EmailAddress::parse(email).ok();
        let command = Command::CreateCart {
            token_hash: Some([7; 32]),
            customer: None,
            currency: None,
            email,
            lines,
            own: None,
            idempotency: None,
        };
        let Reply::CartCreated(cart) = self.run(command).await else { panic!("no cart") };
        CartRef { id: cart.id, access: Access::Operator, if_version: None }
    }

    /// An order whose gateway was not asked.
    async fn order(&self, method: &str) -> OrderId {
        let cart = self.cart("bob@example.com").await;
        let (gateway, method) = ("test".to_owned(), method.to_owned());
        let idempotency = Idempotency { scope: cart.id.to_string(), key: "k".to_owned(), fingerprint: [0; 32] };
        let command = Command::Checkout {
            cart,
            expected_total: Some(1_000),
            gateway,
            method,
            idempotency,
            beside_real: false,
            network: None,
        };
        let Reply::OrderCreated(order) = self.run(command).await else { panic!("no order") };
        order.id
    }

    /// An order of which a part is to be refunded.
    async fn order_to_refund(&self, method: &str) {
        let order_id = self.order(method).await;
        self.run(Command::SettlePayment { order_id, settlement: Settlement::Captured(1_000) }).await;
        let command = Command::RefundOrder {
            order_id,
            request: RefundRequest { lines: Vec::new(), shipping: ShippingRefund::None, amount: Some(300) },
            reason: "late".to_owned(),
            by: "ada".to_owned(),
            idempotency: Idempotency { scope: order_id.to_string(), key: "r".to_owned(), fingerprint: [0; 32] },
        };
        self.run(command).await;
    }

    /// Something to do for every worker.
    async fn live(&self) {
        self.engine.create_store(store(settings())).await.expect("a store");
        self.run(Command::UpsertProduct(Box::new(goods("PEN", 500, Some(100))))).await;
        let change = WebhookChange { url: Some("https://erp.example/".to_owned()), ..WebhookChange::default() };
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        self.run(Command::CreateWebhook { change: Box::new(change), secret, position: 0 }).await;
        for method in ["ok", "declined", "timeout", "requires_action", "late"] {
            self.order(method).await;
        }
        self.order_to_refund("ok").await;
        self.order_to_refund("refund_fails").await;
        let cart = self.cart("ada@example.com").await;
        let change = CartChange { email_consent: Some(true), ..CartChange::default() };
        self.run(Command::ChangeCart { cart, change: Box::new(change) }).await;
        let secret = NewSecret { text: "secret".to_owned(), hash: [7; 32] };
        let email = EmailAddress::parse("eve@example.com").expect("an address");
        let register = AccountCommand::Register { email, name: None, locale: None, secret };
        self.run(Command::Account(register)).await;
    }
}

fn settings() -> StoreSettings {
    let recovery = RecoverySettings {
        enabled: true,
        guest_consent: GuestConsent::Trusted,
        stage_minutes: vec![10, 20, 30],
        ..RecoverySettings::default()
    };
    let storefront_url = Some("https://shop.example".to_owned());
    StoreSettings { storefront_url, recovery, ..StoreSettings::default() }
}

/// How a shop ended.
struct Ending {
    books: Vec<String>,
    outside: Outside,
    /// Commits of the worker that was looked at.
    commits: usize,
    /// Whether the power went.
    was_cut: bool,
}

/// Lets all workers go their rounds, and the power go at this commit of one of them.
async fn work(base: &Path, name: &str, watched: Worker, cut: Option<(usize, Cut)>) -> Ending {
    let file = base.with_file_name(format!("{name}.sqlite"));
    std::fs::copy(base, &file).expect("copied");
    let (world, fuse) = (World::default(), Arc::new(Mutex::new(Fuse { cut, ..Fuse::default() })));
    let mut process = Process::start(&file, BEGIN, &world, &fuse).await;
    let mut was_cut = false;
    for minutes in ROUNDS {
        process.now.store(BEGIN + minutes * MINUTE_MS, Ordering::Relaxed);
        for worker in Worker::ALL {
            fuse.lock().expect("no test panicked here").armed = worker == watched;
            // What a process that ends leaves behind is taken up by the next one.
            while !matches!(worker.round(&process.engine, &process.config()).await, Ok(false)) {
                if std::mem::take(&mut fuse.lock().expect("no test panicked here").blown) {
                    was_cut = true;
                    let now = process.now.load(Ordering::Relaxed);
                    process.stop().await;
                    process = Process::start(&file, now, &world, &fuse).await;
                }
            }
        }
    }
    let findings = check(process.engine.reader().as_ref(), process.config().store.id, process.engine.now(), 0).await;
    let findings = findings.expect("read");
    assert!(findings.iter().all(|finding| finding.violations.is_empty()), "{name}: {findings:#?}");
    process.stop().await;
    let commits = fuse.lock().expect("no test panicked here").commits;
    let outside = std::mem::take(&mut *world.0.lock().expect("no test panicked here"));
    Ending { books: books(&file), outside, commits, was_cut }
}

fn books(file: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(file).expect("the file opens");
    let mut books = Vec::new();
    for sql in BOOKS {
        let mut statement = connection.prepare(sql).expect("SQL");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let values = (0..columns).map(|at| match row.get_ref(at).expect("a value") {
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            });
            books.push(values.collect::<Vec<_>>().join(" "));
        }
    }
    books.sort();
    books
}

impl Ending {
    /// Each mail once at most; each event at least once, always under the same id, the same ones for all who listen.
    fn must_have_told(&self, name: &str, events: usize) {
        let mails: BTreeSet<_> = self.outside.mails.iter().collect();
        assert_eq!(mails.len(), self.outside.mails.len(), "{name}: a mail was sent twice");
        let received: BTreeSet<_> = self.outside.received.iter().cloned().collect();
        let heard: BTreeSet<_> = self.outside.heard.iter().map(|(at, id)| (at.to_string(), id.clone())).collect();
        assert_eq!((received.len(), heard.len()), (events, events), "{name}");
        assert_eq!(received, heard, "{name}");
    }
}

impl Ending {
    /// Cuts the worker off there, and looks whether it ends like this.
    async fn must_come_of(&self, base: &Path, worker: Worker, cut: (usize, Cut)) {
        let name = format!("{worker:?}-{}-{:?}", cut.0, cut.1);
        let ending = work(base, &name, worker, Some(cut)).await;
        // What is done at once may share a commit, so that there are fewer of them than last time.
        assert!(ending.was_cut || ending.commits < cut.0, "{name}: the power stayed on");
        let missing: Vec<_> = self.books.iter().filter(|entry| !ending.books.contains(entry)).collect();
        let more: Vec<_> = ending.books.iter().filter(|entry| !self.books.contains(entry)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{name}: missing {missing:#?}\nmore {more:#?}");
        assert_eq!(self.books.len(), ending.books.len(), "{name}");
        ending.must_have_told(&name, self.outside.heard.len());
        std::fs::remove_file(base.with_file_name(format!("{name}.sqlite"))).expect("removed");
    }
}

async fn shop_with_work(folder: &Path) -> PathBuf {
    let base = folder.join("base.sqlite");
    let process = Process::start(&base, BEGIN, &World::default(), &Arc::default()).await;
    process.live().await;
    process.stop().await;
    let connection = rusqlite::Connection::open(&base).expect("the file opens");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("one file");
    base
}

#[tokio::test]
async fn every_commit_of_every_worker_may_fail_or_be_lost_and_the_books_end_the_same() {
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let base = shop_with_work(folder.path()).await;
    for worker in Worker::ALL {
        let calm = work(&base, &format!("{worker:?}"), worker, None).await;
        assert!(calm.commits >= 2, "{worker:?} had next to nothing to do: this test says nothing about it");
        let events = calm.outside.heard.len();
        assert!(events > 30, "{events}");
        calm.must_have_told("calm", events);
        assert_eq!(calm.outside.mails.len(), 4, "three reminders and a registration");
        let cuts = (1..=calm.commits).flat_map(|at| [(at, Cut::Before), (at, Cut::After)]);
        stream::iter(cuts).for_each_concurrent(8, |cut| calm.must_come_of(&base, worker, cut)).await;
    }
}
