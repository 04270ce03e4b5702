//! The shop at the beginning of a run.

use crate::broken::Broken;
use crate::dice::Dice;
use crate::gateway::SimGateway;
use crate::hours;
use crate::model::{Model, Shelf};
use crate::network::{Envelope, Source};
use crate::process::Process;
use crate::shoppers::Shopper;
use crate::world::{Notes, Tally, Violation, World, at_once};
use cartwright_domain::command::{Command, ProductDraft, VariantDraft};
use cartwright_domain::forget::Retention;
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::recovery::{GuestConsent, RecoverySettings};
use cartwright_domain::store::{FirstOrderNeeds, HoldPolicy, PaymentCapture, Store, StoreSettings};
use cartwright_storage::sqlite::MemoryDatabase;
use std::collections::BTreeMap;

/// The goods; the stock of the last is not counted.
pub(crate) const SKUS: [&str; 5] = ["S0", "S1", "S2", "S3", "S4"];
/// When every run begins.
const BEGIN: Timestamp = Timestamp(1_700_000_000_000);
/// Makes of a seed another one.
const OUTSIDE: u64 = 0x6f75_7473_6964_6500;
/// Most shoppers of a run.
const SHOPPERS: i64 = 6;

impl World {
    /// A shop with goods and promotions.
    pub(crate) fn new(seed: u64, broken: Option<Broken>, notes: Notes) -> Result<World, Violation> {
        let mut dice = Dice::new(seed);
        let failed = |error: &dyn std::fmt::Display| Violation(format!("cannot make the shop: {error}"));
        let database = MemoryDatabase::new().map_err(|error| failed(&error))?;
        let mut storage = database.open().map_err(|error| failed(&error))?;
        let mut store = store(&mut dice);
        let mut hours = hours::dice(seed);
        store.settings.time_zone = hours::time_zone(&mut hours);
        let id = storage.writer.create_store(&store).map_err(|error| failed(&error))?;
        drop(storage);
        let shoppers = (0..dice.between(2, SHOPPERS)).map(|number| Shopper::new(number, &mut dice)).collect();
        let mut world = World {
            now: BEGIN,
            store: id,
            process: Process::start(&database, id, broken)?,
            database,
            gateway: SimGateway::new(dice.roll(), BEGIN),
            inbox: Vec::new(),
            shoppers,
            model: Model::default(),
            told_orders: BTreeMap::new(),
            told_carts: BTreeMap::new(),
            post: Vec::new(),
            broken,
            friendly: true,
            counter: 0,
            tally: Tally::new(),
            steps: Vec::new(),
            notes,
            money: Dice::new(!seed),
            dice,
            outside: Dice::new(seed ^ OUTSIDE),
            hours,
        };
        world.model.open_shop(&store.settings);
        world.fill_shelves()?;
        world.friendly = false;
        Ok(world)
    }

    fn fill_shelves(&mut self) -> Result<(), Violation> {
        for (number, sku) in SKUS.iter().enumerate() {
            let tracked = number + 1 < SKUS.len();
            let price = *self.dice.pick(&[100, 250, 999, 1_999]);
            let on_hand = tracked.then(|| self.dice.between(0, 15));
            let draft = product(sku, price, tracked, on_hand);
            let envelope = Envelope { from: Source::Sweeper, command: Command::UpsertProduct(draft), sent: 0 };
            self.run_all(vec![envelope])?;
            let known = at_once(self.process.reader.sku(self.store, sku));
            let known = known.ok().flatten().ok_or_else(|| Violation(format!("{sku} is not there")))?;
            self.model.skus.insert((*sku).to_owned(), known.variant_id);
            let shelf = Shelf { on_hand: on_hand.unwrap_or(0), reserved: 0, tracked };
            self.model.shelves.insert(known.variant_id, shelf);
        }
        for _ in 0..3 {
            let command = self.new_promotion();
            self.run_all(vec![Envelope { from: Source::Sweeper, command, sent: 0 }])?;
        }
        Ok(())
    }
}

/// A product with one variant.
pub(crate) fn product(sku: &str, price: i64, tracked: bool, on_hand: Option<i64>) -> Box<ProductDraft> {
    let variant = VariantDraft {
        sku: sku.to_owned(),
        price: Some(price),
        prices: Some(BTreeMap::from([("USD".to_owned(), price + price / 10)])),
        weight_grams: Some(100),
        track_stock: Some(tracked),
        on_hand,
        ..VariantDraft::default()
    };
    Box::new(ProductDraft {
        handle: sku.to_lowercase(),
        name: Some(format!("Product {sku}")),
        active: Some(true),
        hold_policy: Some(None),
        variants: vec![variant],
        ..ProductDraft::default()
    })
}

/// Every other shop holds goods when they are added.
pub(crate) fn hold_policy(dice: &mut Dice) -> HoldPolicy {
    match dice.below(2) {
        0 => HoldPolicy::AtCheckout {},
        _ => HoldPolicy::AtAdd { minutes: *dice.pick(&[1, 5, 30]), max_units: *dice.pick(&[2, 5, 50]) },
    }
}

/// What has ended forgets its person soon.
const ONE_DAY: Retention = Retention {
    checked_out_cart_days: 1,
    merged_cart_days: 1,
    expired_cart_days: 1,
    removed_cart_days: 1,
    unpaid_order_days: 1,
};

/// Mails to one address in a day that shoppers cause: so few that some are left out.
pub(crate) const MAILS_A_DAY: u16 = 4;

/// In every other shop money is set aside at checkout, and operators capture it; most remind of carts, and hold some out.
fn store(dice: &mut Dice) -> Store {
    let payment_capture = if dice.percent(50) { PaymentCapture::Manual } else { PaymentCapture::Automatic };
    let recovery = RecoverySettings {
        enabled: dice.percent(70),
        stage_minutes: vec![10, 60, 240],
        hold_out_percent: *dice.pick(&[0, 30]),
        guest_consent: *dice.pick(&[GuestConsent::Trusted, GuestConsent::Trusted, GuestConsent::Confirmed]),
        ..RecoverySettings::default()
    };
    let storefront_url = Some("https://shop.example".to_owned());
    Store {
        id: StoreId(0),
        version: 0,
        handle: "default".to_owned(),
        name: "Simulated".to_owned(),
        currency: Currency::EUR,
        hosts: Vec::new(),
        settings: StoreSettings {
            payment_capture,
            hold_policy: hold_policy(dice),
            recovery,
            storefront_url,
            mails_per_address: MAILS_A_DAY,
            urgency: true,
            unpaid_units: 3,
            first_order_needs: FirstOrderNeeds::Trust,
            retention: ONE_DAY,
            manual_methods: crate::manual::methods(),
            gateways: Some(vec!["test".to_owned(), "manual".to_owned()]),
            ..StoreSettings::default()
        },
        shipping_methods: Vec::new(),
        tax_rates: Vec::new(),
    }
}
