//! How much work reads are, counted by SQLite itself on a generated shop with thousands of everything: no statement may read
//! or sort a whole store.

use super::open_reader;
use super::read::SqliteReader;
use crate::copy::Place;
use crate::generate::{Shape, generate};
use cartwright_domain::cart::CartStatus;
use cartwright_domain::event::Subject;
use cartwright_domain::forget::{ErasedNames, Erasure};
use cartwright_domain::id::{AccountId, AuditId, CartId, ErasureId, OrderId, StoreId, Timestamp, VariantId};
use cartwright_domain::mail::MailKind;
use cartwright_engine::{
    EventQuery, LiveReader, OrderQuery, PeopleReader, PersonReader, ProductQuery, ProductSort, Reader, ReportKind,
    ReportQuery, TraceReader,
};
use rusqlite::StatementStatus;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const STORE: StoreId = StoreId(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Steps of SQLite's machine that a read may take: some hundred rows, where the store has thousands.
const MOST_STEPS: i32 = 16_000;

const SHAPE: Shape = Shape {
    seed: 7,
    variants: 8_000,
    carts: 8_000,
    orders: 8_000,
    customers: 8_000,
    promotions: 5,
    codes: 8_000,
    until: Timestamp(1_800_000_000_000),
};

/// What a statement took at most in one run.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    steps: i32,
    full_scan: i32,
    /// SQLite counts over all runs of a prepared statement; this is where it stood.
    counted: (i32, i32),
}

impl Work {
    fn note(&mut self, steps: i32, full_scan: i32) {
        // A count below the last one is that of a statement prepared anew.
        let since = |now: i32, before: i32| if now < before { now } else { now - before };
        self.steps = self.steps.max(since(steps, self.counted.0));
        self.full_scan = self.full_scan.max(since(full_scan, self.counted.1));
        self.counted = (steps, full_scan);
    }
}

type Log = Arc<Mutex<BTreeMap<String, Work>>>;

/// The reader of a generated shop that writes down what each statement took.
async fn watched(path: &Path) -> (SqliteReader, Log) {
    generate(&Place::Sqlite(path.to_owned()), SHAPE, &mut |_| {}).await.expect("a shop");
    let reader = open_reader(path).expect("it opens");
    let log = Log::default();
    reader.each_connection(|connection| {
        let log = log.clone();
        let note = move |event: TraceEvent<'_>| {
            if let TraceEvent::Profile(statement, _) = event {
                let mut log = log.lock().expect("nobody panicked here");
                let work = log.entry(statement.sql().into_owned()).or_default();
                let steps = statement.get_status(StatementStatus::VmStep);
                work.note(steps, statement.get_status(StatementStatus::FullscanStep));
            }
        };
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note)).expect("it can be watched");
    });
    (reader, log)
}

async fn lists(reader: &SqliteReader) {
    let sorts =
        [ProductSort::Name, ProductSort::NameDown, ProductSort::Price, ProductSort::PriceDown, ProductSort::Newest];
    for sort in sorts {
        let plain = ProductQuery { sort, limit: 21, ..ProductQuery::default() };
        let first = reader.products(STORE, &plain).await.expect("products");
        let after = first.last().map(|last| last.position.clone());
        reader.products(STORE, &ProductQuery { after, ..plain.clone() }).await.expect("products");
        for text in ["cotton", "cotton shirt", "zebra", "c", "co", "z", "zz"] {
            let query = ProductQuery { text: Some(text.to_owned()), ..plain.clone() };
            reader.products(STORE, &query).await.expect("products");
        }
        let query = ProductQuery { min_price: Some(5_000), max_price: Some(6_000), in_stock: true, ..plain };
        reader.products(STORE, &query).await.expect("products");
    }
    let middle = SHAPE.order_id(SHAPE.orders / 2);
    for status in [None, Some("placed"), Some("pending_payment"), Some("cancelled"), Some("payment_failed")] {
        for before in [None, Some(middle)] {
            let query = OrderQuery { status, before, limit: 21, ..OrderQuery::default() };
            let found = reader.orders(STORE, &query).await.expect("orders");
            assert!(!found.is_empty() || before.is_some(), "{status:?}");
        }
    }
    filtered_orders(reader, middle).await;
    for kind in [
        ReportKind::Sales,
        ReportKind::Products,
        ReportKind::Promotions,
        ReportKind::Carts,
        ReportKind::Payments,
        ReportKind::Recovery,
    ] {
        // A day of the year that the orders are spread over.
        let until = SHAPE.until.plus_ms(-100 * DAY_MS);
        let buckets = vec![(until.plus_ms(-DAY_MS), until)];
        let query = ReportQuery { kind, buckets, status: None, sku: None, promotion: None, limit: 100 };
        assert!(!reader.report(STORE, &query).await.expect("a report").is_empty(), "{kind:?}");
    }
    reader.customers(STORE, "customer-004000", 21).await.expect("customers");
    reader.placed_orders(STORE, (middle, OrderId(Uuid::max())), 100).await.expect("orders");
    reader.open_carts(STORE, (SHAPE.until, CartId(Uuid::nil())), 100).await.expect("carts");
    reader.due_payments(STORE, Timestamp(i64::MAX), 20).await.expect("payments");
    reader.expired_carts(STORE, SHAPE.until, 20).await.expect("carts");
    let held = reader.expired_holds(STORE, SHAPE.until.plus_ms(40 * DAY_MS), 20).await.expect("holds");
    assert_eq!(held.len(), 20);
    reader.due_gateway_events(STORE, SHAPE.until, 20).await.expect("no events");
}

async fn filtered_orders(reader: &SqliteReader, middle: OrderId) {
    let all = OrderQuery { limit: 21, ..OrderQuery::default() };
    let buyer = reader.order(STORE, middle).await.expect("an order").expect("it is there");
    let mut customers = reader.orders(STORE, &OrderQuery { limit: 50, ..all.clone() }).await.expect("orders");
    customers.retain(|order| order.customer.is_some());
    let queries = [
        OrderQuery { payment: Some("captured"), ..all.clone() },
        OrderQuery { payment: Some("declined"), ..all.clone() },
        OrderQuery { payment: Some("declined"), status: Some("payment_failed"), before: Some(middle), ..all.clone() },
        OrderQuery { fulfilment: Some("unfulfilled"), ..all.clone() },
        OrderQuery { fulfilment: Some("unfulfilled"), status: Some("placed"), before: Some(middle), ..all.clone() },
        OrderQuery { fulfilment: Some("unfulfilled"), payment: Some("captured"), ..all.clone() },
        OrderQuery { customer: customers[0].customer.clone(), ..all.clone() },
        OrderQuery { email: customers[0].detail.email.clone(), ..all.clone() },
        OrderQuery { email: buyer.detail.email.clone(), from: Some(middle), ..all.clone() },
        OrderQuery { from: Some(middle), ..all.clone() },
    ];
    for query in queries {
        assert!(!reader.orders(STORE, &query).await.expect("orders").is_empty(), "{query:?}");
    }
    for fulfilment in ["partially_fulfilled", "fulfilled", "delivered"] {
        let none = OrderQuery { fulfilment: Some(fulfilment), status: Some("placed"), ..all.clone() };
        assert!(reader.orders(STORE, &none).await.expect("orders").is_empty());
    }
}

async fn single(reader: &SqliteReader) {
    let cart = SHAPE.cart_id(4_000);
    assert!(reader.cart_with_goods(STORE, cart).await.expect("a cart").is_some());
    assert!(reader.order(STORE, SHAPE.order_id(4_000)).await.expect("an order").is_some());
    assert!(reader.product(STORE, "p-000100").await.expect("a product").is_some());
    let variant = reader.sku(STORE, &SHAPE.sku(400)).await.expect("a variant").expect("it is there").variant_id;
    reader.variants(STORE, &[variant, VariantId(Uuid::nil())]).await.expect("variants");
    assert!(!reader.ledger(STORE, variant, i64::MAX, 21).await.expect("entries").is_empty());
    assert!(reader.customer(STORE, "customer-000007").await.expect("a customer").is_some());
    let named = ["customer-000007".to_owned(), "customer-000070".to_owned()];
    reader.customers_named(STORE, &named).await.expect("customers");
    reader.first_orders(STORE, &named).await.expect("orders");
    reader.live_orders(STORE, &named).await.expect("a number");
    reader.addresses_of(STORE, &[named[0].clone(), Uuid::max().to_string()]).await.expect("no addresses");
    let addresses = ["ada@example.com".to_owned(), "bea@example.com".to_owned()];
    reader.confirmed(STORE, &addresses).await.expect("no accounts");
    reader.linked(STORE, &addresses).await.expect("no customers");
    reader.stores().await.expect("stores");
    let uses = reader.promotion_uses(STORE, 100).await.expect("uses");
    assert_eq!(uses.iter().map(|promotion| promotion.bulk_codes).sum::<i64>(), SHAPE.codes as i64);
    let promotions = reader.promotions(STORE).await.expect("promotions");
    assert_eq!(reader.coupons(STORE, promotions[0].id, "ONCE-00004000", 21).await.expect("codes").len(), 21);
    assert_eq!(
        reader.codes_named(STORE, &["ONCE-00004000".to_owned(), "NONE".to_owned()]).await.expect("codes").len(),
        1
    );
    reader.uses_of(STORE, &[promotions[0].id], &named).await.expect("uses");
    reader.api_key([7; 32]).await.expect("no key");
    live(reader, variant).await;
    people(reader, &named[0]).await;
}

async fn live(reader: &SqliteReader, variant: VariantId) {
    let head = reader.heads(&[STORE]).await.expect("heads")[0];
    assert_eq!(reader.moved_variants(STORE, head.last_movement - 5, 100).await.expect("movements").len(), 5);
    let carts: Vec<CartId> = (0..20).map(|at| SHAPE.cart_id(at * 100)).collect();
    assert_eq!(reader.carts(STORE, &carts).await.expect("carts").len(), carts.len());
    let orders: Vec<OrderId> = (0..20).map(|at| SHAPE.order_id(at * 100)).collect();
    reader.order_events(STORE, &orders, head.last_event / 2, 100).await.expect("events");
    let subject = Some(Subject::Cart(carts[0]));
    reader.events(STORE, &EventQuery { subject, limit: 1, ..EventQuery::default() }).await.expect("events");
    reader.sessions_named(STORE, &[[7; 32], [8; 32]]).await.expect("no sessions");
    reader.demand(STORE, &[variant, VariantId(Uuid::nil())]).await.expect("no demand");
    assert!(!reader.is_counting_demand(STORE).await.expect("nothing is counted"));
}

async fn people(reader: &SqliteReader, buyer: &str) {
    let (account, now) = (AccountId(Uuid::max()), Timestamp(0));
    reader.account(STORE, account).await.expect("no account");
    reader.account_by_email(STORE, "ada@example.com").await.expect("no account");
    reader.session(STORE, [7; 32]).await.expect("no session");
    reader.sessions(STORE, account, now, 20).await.expect("no sessions");
    reader.mailed_token(STORE, [7; 32]).await.expect("no secret");
    reader.operators(STORE, 20).await.expect("no operators");
    reader.store_keys(STORE, 20).await.expect("no keys");
    reader.due_mails(STORE, now, 20).await.expect("no mails");
    reader.due_recoveries(STORE, now, 20).await.expect("no carts");
    reader.replan(STORE, 20).await.expect("nothing to do");
    reader.link_secret(STORE).await.expect("no secret");
    reader.mail_templates(STORE, MailKind::CartReminder1).await.expect("no templates");
    reader.mail_template_names(STORE).await.expect("no templates");
    reader.audit_log(STORE, AuditId(Uuid::max()), 20).await.expect("no entries");
    reader.orders_of(STORE, &[buyer.to_owned(), "x".to_owned()], OrderId(Uuid::max()), 20).await.expect("orders");
    traces(reader, buyer).await;
}

async fn traces(reader: &SqliteReader, buyer: &str) {
    let emails = vec!["ada@example.com".to_owned(), "bea@example.com".to_owned()];
    let names = ErasedNames { account: None, customers: vec![buyer.to_owned()], emails: emails.clone() };
    assert!(!reader.carts_of(STORE, &names, CartId(Uuid::nil()), 20).await.expect("carts").is_empty());
    for status in CartStatus::ALL {
        reader.forgettable_carts(STORE, status, SHAPE.until, 20).await.expect("no carts");
    }
    reader.forgettable_orders(STORE, SHAPE.until, 20).await.expect("no orders");
    reader.erasures(STORE, ErasureId(Uuid::nil()), 20).await.expect("nobody");
    let erasure = Erasure { id: ErasureId(Uuid::nil()), names, begun_at: SHAPE.until };
    assert!(!reader.left_of(STORE, &erasure, 20).await.expect("carts").carts.is_empty());
    reader.mails_to(STORE, &emails, 20).await.expect("no mails");
    reader.unsubscribed(STORE, &emails).await.expect("no addresses");
    let carts: Vec<CartId> = (0..20).map(|at| SHAPE.cart_id(at * 100)).collect();
    reader.cart_events(STORE, &carts, 0, 100).await.expect("events");
}

#[tokio::test]
async fn no_read_goes_through_a_whole_store() {
    let path = std::env::temp_dir().join(format!("cartwright-plans-{}.sqlite", std::process::id()));
    let (reader, log) = watched(&path).await;
    lists(&reader).await;
    single(&reader).await;
    drop(reader);
    for ending in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    let log = log.lock().expect("nobody panicked here");
    assert!(log.len() > 30, "only {} statements were seen", log.len());
    let too_much = |work: &Work| work.steps > MOST_STEPS || work.full_scan > 100;
    let wrong: Vec<_> = log.iter().filter(|(_, work)| too_much(work)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
