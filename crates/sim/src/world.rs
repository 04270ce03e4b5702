//! Everything of one run: the shop's database, the process that serves it, the gateway, shoppers, operators, the messages
//! that are under way, the clock, and the model that knows what should be.

use crate::broken::Broken;
use crate::dice::Dice;
use crate::gateway::SimGateway;
use crate::mails::Arrived;
use crate::model::Model;
use crate::network::Envelope;
use crate::process::Process;
use crate::shoppers::Shopper;
use cartwright_domain::cart::Cart;
use cartwright_domain::id::{CartId, OrderId, StoreId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_storage::sqlite::MemoryDatabase;
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// How often what happened.
pub type Tally = BTreeMap<&'static str, u64>;

/// What becomes of a run's steps. Writing them down takes longer than the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    None,
    Kept,
    Printed,
}

/// Why a run ended before its end.
#[derive(Debug)]
pub(crate) struct Violation(pub String);

impl From<String> for Violation {
    fn from(what: String) -> Violation {
        Violation(what)
    }
}

pub(crate) struct World {
    pub dice: Dice,
    /// The chance of what happens at the provider itself.
    pub outside: Dice,
    /// For what has to do with currencies alone.
    pub money: Dice,
    /// Those for hours of promotions.
    pub hours: Dice,
    pub now: Timestamp,
    pub store: StoreId,
    pub database: MemoryDatabase,
    pub process: Process,
    pub gateway: SimGateway,
    /// What is under way to the process, in no order.
    pub inbox: Vec<Envelope>,
    pub shoppers: Vec<Shopper>,
    pub model: Model,
    /// What clients were told about orders.
    pub told_orders: BTreeMap<OrderId, Arc<Order>>,
    /// The newest that clients were told about each cart.
    pub told_carts: BTreeMap<CartId, Arc<Cart>>,
    /// Reminders that have arrived.
    pub post: Vec<Arrived>,
    pub broken: Option<Broken>,
    /// From now on nothing fails.
    pub friendly: bool,
    /// Seeds of commands and names of keys.
    pub counter: u64,
    pub tally: Tally,
    pub steps: Vec<String>,
    pub notes: Notes,
}

impl World {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    pub(crate) fn note(&mut self, step: impl FnOnce() -> String) {
        if self.notes == Notes::None {
            return;
        }
        let step = format!("{} {}", self.now.0, step());
        if self.notes == Notes::Printed {
            eprintln!("{step}");
        }
        self.steps.push(step);
    }

    /// Chance, as long as anything may fail.
    pub(crate) fn mischief(&mut self, percent: u64) -> bool {
        !self.friendly && self.dice.percent(percent)
    }

    pub(crate) fn fresh(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(crate) fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.gateway.set_time(self.now);
        self.tell_of_broken_words();
    }
}

/// The result of a future that never waits: storage in memory and the simulated gateway answer at once.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}
