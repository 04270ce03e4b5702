//! A desk: a writer of the storage that a test gives commands to, without lane and server.

use crate::harness::engine::{goods, store};
use crate::harness::{Database, PostgresServer};
use cartwright_domain::command::{Access, CartRef, Command, Item, NewLine, Reply};
use cartwright_domain::id::{CartId, StoreId, Timestamp};
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{Goods, Sent, Task, Trouble, Writer, decide_all};
use cartwright_storage::postgres::{PostgresSettings, open};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
/// So many pens are on the shelf.
pub(crate) const PENS: i64 = 1_000_000;

/// A writer of its own on a database with pens on the shelf and an open cart with one of them.
pub(crate) struct Desk {
    database: Rc<Database>,
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) store: StoreId,
    config: Arc<StoreConfig>,
    pub(crate) cart: CartId,
    /// Of the last command, shared by all at a database: ids are made of it.
    seed: Rc<Cell<u64>>,
    runtime: Rc<tokio::runtime::Runtime>,
}

fn writer(database: &Database, runtime: &tokio::runtime::Runtime) -> Box<dyn Writer> {
    let settings = PostgresSettings::new(database.url());
    runtime.block_on(open(&settings, Uuid::new_v4())).expect("it opens").writer
}

fn one_pen() -> NewLine {
    NewLine { item: Item::Sku("PEN".to_owned()), quantity: 1, options: Default::default() }
}

impl Desk {
    /// The first at a new database.
    pub(crate) fn new() -> Desk {
        let (database, runtime) = (Database::on_server(), tokio::runtime::Runtime::new().expect("a runtime"));
        let mut writer = writer(&database, &runtime);
        let mut store = store(StoreSettings::default());
        let id = writer.create_store(&store).expect("a store");
        store.id = id;
        let config = Arc::new(StoreConfig::new(store, Vec::new()));
        let (database, runtime) = (Rc::new(database), Rc::new(runtime));
        let mut desk =
            Desk { database, writer, store: id, config, cart: CartId::default(), seed: Rc::default(), runtime };
        desk.run(Command::UpsertProduct(Box::new(goods("PEN", 500, Some(PENS)))));
        desk.cart = desk.open_cart();
        desk
    }

    /// Another at the same database, as of another node.
    pub(crate) fn beside(&self) -> Desk {
        Desk {
            database: self.database.clone(),
            writer: writer(&self.database, &self.runtime),
            store: self.store,
            config: self.config.clone(),
            cart: self.cart,
            seed: self.seed.clone(),
            runtime: self.runtime.clone(),
        }
    }

    /// Decides a command.
    pub(crate) fn decide(&mut self, command: &Command) -> Result<(Arc<WorkingSet>, Reply), Trouble> {
        self.seed.set(self.seed.get() + 1);
        let mut set = WorkingSet::new(self.config.clone());
        let task = Task { command, seed: self.seed.get(), audit: None, repeated: None };
        let decided = decide_all(self.writer.as_mut(), self.store, &[task], &mut set, NOW, Goods::Named);
        let outcome = decided?.pop().expect("an outcome");
        Ok((Arc::new(set), outcome.expect("it is not refused")))
    }

    /// Decides a command and sends it.
    pub(crate) fn send(&mut self, command: &Command) -> Result<Sent, Trouble> {
        let (set, _) = self.decide(command)?;
        Ok(self.writer.send(self.store, set)?)
    }

    /// One command, to its end.
    pub(crate) fn run(&mut self, command: Command) -> Reply {
        let (set, reply) = self.decide(&command).expect("it is decided");
        if self.writer.send(self.store, set).expect("it is sent") == Sent::UnderWay {
            self.writer.land().expect("it is written");
        }
        reply
    }

    /// A new cart with a pen.
    pub(crate) fn open_cart(&mut self) -> CartId {
        let lines = vec![one_pen()];
        let open = Command::CreateCart {
            token_hash: None,
            customer: None,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        };
        let Reply::CartCreated(cart) = self.run(open) else { panic!("a cart") };
        cart.id
    }

    /// Puts a pen into the cart.
    pub(crate) fn add(&self) -> Command {
        self.add_to(self.cart)
    }

    /// Puts a pen into a cart.
    pub(crate) fn add_to(&self, id: CartId) -> Command {
        let cart = CartRef { id, access: Access::Operator, if_version: None };
        Command::AddLines { cart, lines: vec![one_pen()], idempotency: None }
    }

    pub(crate) fn database_name(&self) -> &str {
        match &*self.database {
            Database::Postgres(name) => name,
            other => panic!("{} is not on our server", other.url()),
        }
    }

    /// Asks or changes the database itself.
    pub(crate) fn sql(&self, sql: &str) -> String {
        PostgresServer::get().sql(self.database_name(), sql)
    }
}
