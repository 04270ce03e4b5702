//! PostgreSQL writes one batch while the next is decided and waits behind it. Whatever becomes of the first, the second is right or
//! is not there. Left out where the tests run on SQLite, which does not work ahead.

use crate::harness::engine::{goods, store};
use crate::harness::{Database, PostgresServer, on_postgres};
use cartwright_domain::command::{Access, CartRef, Command, Item, NewLine, Reply};
use cartwright_domain::id::{CartId, StoreId, Timestamp};
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{Goods, Sent, StorageError, Task, Trouble, Writer, decide_all};
use cartwright_storage::postgres::{PostgresSettings, open};
use std::sync::Arc;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
/// Turns after which a writer takes itself to be alone, and some.
const WARM: usize = 6;

/// A writer of its own on a database of its own, with pens on the shelf and an open cart.
struct Desk {
    database: Database,
    writer: Box<dyn Writer>,
    store: StoreId,
    config: Arc<StoreConfig>,
    cart: CartId,
    seed: u64,
    _runtime: tokio::runtime::Runtime,
}

fn desk() -> Desk {
    let database = Database::on_server();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let settings = PostgresSettings::new(database.url());
    let mut writer = runtime.block_on(open(&settings, Uuid::new_v4())).expect("it opens").writer;
    let mut store = store(StoreSettings::default());
    let id = writer.create_store(&store).expect("a store");
    store.id = id;
    let config = Arc::new(StoreConfig::new(store, Vec::new()));
    let mut desk = Desk { database, writer, store: id, config, cart: CartId::default(), seed: 0, _runtime: runtime };
    desk.run(Command::UpsertProduct(Box::new(goods("PEN", 500, Some(1_000_000)))));
    let open =
        Command::CreateCart { token_hash: None, customer: None, currency: None, email: None, lines: vec![one_pen()] };
    let Reply::CartCreated(cart) = desk.run(open) else { panic!("a cart") };
    desk.cart = cart.id;
    desk
}

fn one_pen() -> NewLine {
    NewLine { item: Item::Sku("PEN".to_owned()), quantity: 1, options: Default::default() }
}

impl Desk {
    fn decide(&mut self, command: &Command) -> Result<(Arc<WorkingSet>, Reply), Trouble> {
        self.seed += 1;
        let mut set = WorkingSet::new(self.config.clone());
        let task = Task { command, seed: self.seed, audit: None };
        let decided = decide_all(self.writer.as_mut(), self.store, &[task], &mut set, NOW, Goods::Named);
        let outcome = decided?.pop().expect("an outcome");
        Ok((Arc::new(set), outcome.expect("it is not refused")))
    }

    /// Decides a command and sends it.
    fn send(&mut self, command: &Command) -> Result<Sent, Trouble> {
        let (set, _) = self.decide(command)?;
        Ok(self.writer.send(self.store, set)?)
    }

    /// One command, to its end.
    fn run(&mut self, command: Command) -> Reply {
        let (set, reply) = self.decide(&command).expect("it is decided");
        if self.writer.send(self.store, set).expect("it is sent") == Sent::UnderWay {
            self.writer.land().expect("it is written");
        }
        reply
    }

    fn add(&self) -> Command {
        let cart = CartRef { id: self.cart, access: Access::Operator, if_version: None };
        Command::AddLines { cart, lines: vec![one_pen()], idempotency: None }
    }

    fn add_to_its_end(&mut self) {
        let add = self.add();
        self.run(add);
    }

    /// Keeps two adds under way until one is lost. Returns of each whether it was written.
    fn add_until_it_fails(&mut self) -> Vec<bool> {
        let add = self.add();
        let (mut told, mut under_way) = (Vec::new(), 0);
        for _ in 0..5_000 {
            match self.send(&add) {
                Ok(Sent::UnderWay) => under_way += 1,
                Ok(Sent::Committed) => told.push(true),
                Err(_) => break,
            }
            if under_way == 2 {
                told.push(self.is_written());
                under_way -= 1;
            }
            if told.last() == Some(&false) {
                break;
            }
        }
        (0..under_way).for_each(|_| told.push(self.is_written()));
        self.writer.rollback();
        told
    }

    fn is_written(&mut self) -> bool {
        match self.writer.land() {
            Ok(()) => true,
            Err(StorageError::Conflict(_) | StorageError::Unavailable(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn database_name(&self) -> &str {
        match &self.database {
            Database::Postgres(name) => name,
            other => panic!("{} is not on our server", other.url()),
        }
    }

    fn sql(&self, sql: &str) -> String {
        PostgresServer::get().sql(self.database_name(), sql)
    }

    /// Pens in the cart, as the database has it.
    fn pens(&self) -> usize {
        self.sql("SELECT lines->0->>'quantity' FROM carts").trim().parse().expect("a number")
    }
}

#[test]
fn what_follows_finds_what_the_first_leaves_before_that_is_written() {
    if !on_postgres() {
        return;
    }
    let mut desk = desk();
    (0..WARM).for_each(|_| desk.add_to_its_end());
    let add = desk.add();
    for round in 1..=100 {
        assert_eq!(desk.send(&add).expect("the first"), Sent::UnderWay, "round {round}");
        assert_eq!(desk.send(&add).expect("the second"), Sent::UnderWay, "round {round}");
        let third = desk.decide(&add);
        assert!(matches!(third, Err(Trouble::Storage(StorageError::Conflict(_)))), "two are enough");
        desk.writer.rollback();
        desk.writer.land().expect("the first is written");
        desk.writer.land().expect("the second is written");
        assert_eq!(desk.pens(), 1 + WARM + 2 * round);
    }
}

#[test]
fn what_follows_comes_to_nothing_where_another_node_had_the_turn_in_between() {
    if !on_postgres() {
        return;
    }
    let mut desk = desk();
    (0..WARM).for_each(|_| desk.add_to_its_end());
    let add = desk.add();
    assert_eq!(desk.send(&add).expect("the first"), Sent::UnderWay);
    let (set, _) = desk.decide(&add).expect("the second is decided");
    desk.writer.land().expect("the first is written");
    desk.sql("UPDATE lanes SET writer = gen_random_uuid(), batch = 1");
    desk.sql("UPDATE carts SET lines = jsonb_set(lines::jsonb, '{0,quantity}', '100')::json, version = version + 1");
    assert_eq!(desk.writer.send(desk.store, set).expect("it is sent"), Sent::UnderWay);
    let told = desk.writer.land();
    assert!(matches!(told, Err(StorageError::Conflict(_))), "{told:?}");
    desk.writer.rollback();
    assert_eq!(desk.pens(), 100);
    desk.add_to_its_end();
    assert_eq!(desk.pens(), 101, "what the other node wrote is read");
}

#[test]
fn two_under_way_are_there_as_they_are_told_wherever_the_line_is_cut() {
    if !on_postgres() {
        return;
    }
    let mut desk = desk();
    let (mut pens, mut lost_both, mut lost_second) = (1, 0, 0);
    for round in 0..60 {
        for _ in 0..WARM {
            desk.add_to_its_end();
            pens += 1;
        }
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND datname = current_database()";
        let name = desk.database_name().to_owned();
        let shears = std::thread::spawn(move || PostgresServer::get().sql(&name, cut));
        let told = desk.add_until_it_fails();
        shears.join().expect("it was cut");
        pens += told.iter().filter(|written| **written).count();
        assert_eq!(desk.pens(), pens, "round {round}, told {told:?}");
        assert!(told.is_sorted_by(|one, next| one >= next), "the second without the first: {told:?}");
        match told.iter().filter(|written| !**written).count() {
            2.. => lost_both += 1,
            1 => lost_second += 1,
            0 => {}
        }
    }
    assert!(lost_both > 0, "the line was never cut with two under way ({lost_second} times with one)");
}
