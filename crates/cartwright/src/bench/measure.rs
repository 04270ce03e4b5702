//! The measurements: what each lets shoppers do, and what was seen.

use super::load::{self, Shopper, Span, Tally};
use super::requests;
use super::server::{Server, own_processor_seconds};
use super::shop::Shop;
use super::shoppers::{Basket, Buyer, FilledCart, Payer, Repeater};
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Units in a flash sale for each second measured: fewer than are asked for when the target is met.
const FLASH_UNITS_PER_SECOND: u64 = 4_000;

/// Carts that are made for each second of checkouts: more than any storage can check out.
const CARTS_PER_SECOND: f64 = 14_000.0;
const CHECKOUTS_SEED: u64 = 30_000;

/// How many carts checkouts of so many seconds need, the warm-up included.
pub(super) fn carts_to_check_out(seconds: f64) -> u64 {
    (CARTS_PER_SECOND * (seconds + 0.5)) as u64
}

/// Promotions that are active where their cost is measured.
pub(super) const PROMOTIONS: u64 = 50;

/// How often it is measured beside none.
const PAIRS: usize = 5;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Measurement {
    /// `GET /healthz`: what HTTP itself allows on this machine, the generator included
    Healthz,
    /// A cart with three lines is read
    Read,
    /// The same with fifty active promotions, beside none
    ReadPromoted,
    /// A cart with three lines is read, out of all carts in the database (second round only)
    ReadCold,
    /// One unit is added to a cart
    Add,
    /// The same with fifty active promotions, beside none
    AddPromoted,
    /// One unit is added by one client alone
    Alone,
    /// Units are added at a steady pace while thousands have their carts open
    Live,
    /// A cart with three lines is made and checked out: one order
    Orders,
    /// Carts with three lines, made beforehand, are checked out
    Checkouts,
    /// All buy one variant; refusals for lack of stock count
    Flash,
}

impl Measurement {
    pub(super) fn title(self) -> &'static str {
        match self {
            Measurement::Healthz => "/healthz (ceiling)",
            Measurement::Read => "cart read",
            Measurement::ReadPromoted => "cart read, 50 promotions",
            Measurement::AddPromoted => "add to cart, 50 promotions",
            Measurement::ReadCold => "cart read, all carts in turn",
            Measurement::Add => "add to cart, durable",
            Measurement::Alone => "add to cart, one client alone",
            Measurement::Live => "adds, 1,000/s, 5,000 live carts open",
            Measurement::Orders => "orders (cart of 3 lines + checkout)",
            Measurement::Checkouts => "checkouts of carts made before",
            Measurement::Flash => "flash sale, attempts on one variant",
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// With how much in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Round {
    /// A young shop.
    Young,
    /// The same shop with a hundred times as many carts and orders.
    Grown,
}

/// What was seen in one measurement.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    pub(super) measurement: Measurement,
    pub(super) round: Round,
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) operations: u64,
    /// Operations that ended in a clear refusal, as some of a flash sale must.
    pub(super) refused: u64,
    /// Answers that should not have come.
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
    /// How many were done in a second without promotions, just before; where that is compared.
    pub(super) bare_per_second: Option<f64>,
    /// After how long 99 of 100 streams had told of a change; where that is measured.
    pub(super) heard_p99_ms: Option<f64>,
    pub(super) peak_memory_bytes: Option<u64>,
    /// Cores kept busy by the server, by name of thread.
    pub(super) server_cores: BTreeMap<String, f64>,
    /// Cores kept busy by the generator.
    pub(super) generator_cores: f64,
}

impl Measured {
    pub(super) fn in_words(&self) -> String {
        let cores: Vec<_> = self.server_cores.iter().map(|(name, cores)| format!("{name} {cores:.2}")).collect();
        format!(
            "{}: {:.0}/s, p50 {:.3} ms, p99 {:.3} ms, {} refused, {} errors; cores: {}, generator {:.2}",
            self.measurement.title(),
            self.per_second,
            self.p50_ms,
            self.p99_ms,
            self.refused,
            self.errors,
            cores.join(", "),
            self.generator_cores
        )
    }
}

/// Everything a measurement works with.
#[derive(Clone, Copy)]
pub(super) struct Stage<'a> {
    /// The nodes.
    pub(super) servers: &'a [Server],
    pub(super) shop: &'a Shop,
    pub(super) round: Round,
    pub(super) seconds: f64,
    /// Carts with three lines, for reading and adding.
    pub(super) carts: &'a [FilledCart],
    /// All carts of the database that are known.
    pub(super) all_carts: &'a [FilledCart],
}

impl Stage<'_> {
    /// Measures.
    ///
    /// # Errors
    /// When the generator cannot work at all; answers that should not have come are counted instead.
    pub(super) fn measure(&self, measurement: Measurement) -> Result<Measured, String> {
        let clients = self.shop.clients;
        match measurement {
            Measurement::Healthz => {
                let mut request = Vec::new();
                requests::get(&mut request, "/healthz", "");
                let repeaters = (0..clients as u64).map(|client| Repeater::new(client, vec![request.clone()]));
                self.repeat(measurement, repeaters.collect())
            }
            Measurement::Read => self.repeat(measurement, readers(self.carts, clients)),
            Measurement::ReadPromoted => self.beside(Measurement::Read, measurement, readers),
            Measurement::AddPromoted => self.beside(Measurement::Add, measurement, adders),
            Measurement::ReadCold => self.repeat(measurement, readers(self.all_carts, clients)),
            Measurement::Add => self.repeat(measurement, adders(self.carts, clients)),
            Measurement::Alone => self.repeat(measurement, adders(self.carts, 1)),
            Measurement::Live => self.live(),
            Measurement::Orders => {
                let buyers = self.buyers(measurement, &Basket::Three);
                self.observe(measurement, buyers).map(|(measured, _)| measured)
            }
            Measurement::Checkouts => {
                let carts = self.shop.make_carts(&Basket::Three, carts_to_check_out(self.seconds), CHECKOUTS_SEED)?;
                self.check_out(carts).map(|(measured, ..)| measured)
            }
            Measurement::Flash => self.flash(),
        }
    }

    /// Checks out carts; also tells how many orders that made, those of the warm-up among them, and which carts are left.
    pub(super) fn check_out(&self, carts: Vec<FilledCart>) -> Result<(Measured, u64, Vec<FilledCart>), String> {
        let mut shares: Vec<Vec<FilledCart>> = vec![Vec::new(); self.shop.clients];
        carts.into_iter().enumerate().for_each(|(at, cart)| shares[at % self.shop.clients].push(cart));
        let payers = shares.into_iter().map(Payer::new).collect();
        let (measured, payers) = self.observe(Measurement::Checkouts, payers)?;
        if payers.iter().any(|payer| payer.carts.is_empty()) {
            return Err("the carts made for checkouts ran out before the time was over".to_owned());
        }
        let sold = payers.iter().map(|payer| payer.sold).sum();
        Ok((measured, sold, payers.into_iter().flat_map(|payer| payer.carts).collect()))
    }

    fn repeat(&self, measurement: Measurement, repeaters: Vec<Repeater>) -> Result<Measured, String> {
        self.observe(measurement, repeaters).map(|(measured, _)| measured)
    }

    /// The same with promotions, turn and turn about with none: machines drift, so of the pairs the one in the middle
    /// counts.
    fn beside(
        &self,
        bare: Measurement,
        measurement: Measurement,
        shoppers: fn(&[FilledCart], usize) -> Vec<Repeater>,
    ) -> Result<Measured, String> {
        let turn = Stage { seconds: self.seconds / 2.0, ..*self };
        let shoppers = || shoppers(self.carts, self.shop.clients);
        let (mut pairs, mut errors, mut first_error) = (Vec::new(), 0, None);
        for _ in 0..PAIRS {
            let before = turn.repeat(bare, shoppers())?;
            let promotions = self.shop.promote(PROMOTIONS)?;
            let mut measured = turn.repeat(measurement, shoppers())?;
            self.shop.end_promotions(&promotions)?;
            errors += before.errors + measured.errors;
            first_error = first_error.or(before.first_error).or(measured.first_error.take());
            measured.bare_per_second = Some(before.per_second);
            pairs.push((measured.per_second / before.per_second.max(1e-9), measured));
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (_, middle) = pairs.swap_remove(PAIRS / 2);
        Ok(Measured { errors, first_error, ..middle })
    }

    /// A flash sale; afterwards no unit may be sold that was not there, and none kept back while buyers went away.
    fn flash(&self) -> Result<Measured, String> {
        let sku = format!("FLASH-{:?}", self.round).to_uppercase();
        let units = (self.seconds * FLASH_UNITS_PER_SECOND as f64).ceil() as u64;
        self.shop.stock_flash(&sku, units as i64)?;
        let buyers = self.buyers(Measurement::Flash, &Basket::Flash(sku.clone()));
        let (mut measured, buyers) = self.observe(Measurement::Flash, buyers)?;
        let sold: u64 = buyers.iter().map(|buyer| buyer.sold).sum();
        let sold_out: u64 = buyers.iter().map(|buyer| buyer.sold_out).sum();
        let left = self.shop.stock_level(&sku)?;
        let right = sold == units.min(sold + sold_out) && left.on_hand == units as i64 - sold as i64;
        if !right || left.reserved != 0 {
            let fault = format!("flash sale of {units} units: {sold} sold, {sold_out} refused, stock then {left:?}");
            measured.errors += 1;
            measured.first_error.get_or_insert(fault);
        }
        Ok(measured)
    }

    fn buyers(&self, measurement: Measurement, basket: &Basket) -> Vec<Buyer> {
        let prefix = |client| format!("{}-{:?}-{client}", measurement.name(), self.round);
        let seed = 1_000_000 * (1 + self.round as u64);
        let buyer =
            |client| Buyer::new(seed + client, prefix(client), basket.clone(), u64::MAX, &ProgressBar::hidden());
        (0..self.shop.clients as u64).map(buyer).collect()
    }

    /// Lets the shoppers loose for the time set, and watches the server meanwhile.
    pub(super) fn observe<S: Shopper>(
        &self,
        measurement: Measurement,
        shoppers: Vec<S>,
    ) -> Result<(Measured, Vec<S>), String> {
        let spinner = ProgressBar::new_spinner().with_message(measurement.title());
        spinner.enable_steady_tick(Duration::from_millis(500));
        self.servers.iter().for_each(Server::forget_peak);
        let (server_before, own_before) = (self.processor_seconds(), own_processor_seconds());
        let begin = Instant::now();
        let span = Span {
            warm_up: Duration::from_secs_f64((self.seconds / 5.0).min(0.5)),
            measured: Duration::from_secs_f64(self.seconds),
        };
        let (tally, shoppers) = load::drive(load::Load { span: Some(span), ..self.shop.load.clone() }, shoppers)?;
        let wall = begin.elapsed().as_secs_f64();
        let mut server_cores = self.processor_seconds();
        for (name, seconds) in &mut server_cores {
            *seconds = (*seconds - server_before.get(name).unwrap_or(&0.0)) / wall;
        }
        server_cores.retain(|_, cores| *cores >= 0.005);
        let mut measured = self.sum_up(measurement, tally);
        measured.server_cores = server_cores;
        measured.generator_cores = (own_processor_seconds() - own_before) / wall;
        spinner.finish_and_clear();
        eprintln!("{}", measured.in_words());
        Ok((measured, shoppers))
    }

    /// Of all nodes together.
    fn processor_seconds(&self) -> BTreeMap<String, f64> {
        let mut all = BTreeMap::new();
        for (name, seconds) in self.servers.iter().flat_map(Server::processor_seconds) {
            *all.entry(name).or_default() += seconds;
        }
        all
    }

    pub(super) fn sum_up(&self, measurement: Measurement, tally: Tally) -> Measured {
        Measured {
            measurement,
            round: self.round,
            per_second: tally.per_second(),
            p50_ms: tally.percentile_ms(0.5),
            p95_ms: tally.percentile_ms(0.95),
            p99_ms: tally.percentile_ms(0.99),
            operations: tally.operations,
            refused: tally.refused,
            errors: tally.unexpected,
            first_error: tally.first_unexpected,
            bare_per_second: None,
            heard_p99_ms: None,
            peak_memory_bytes: self.servers.iter().filter_map(Server::peak_memory_bytes).max(),
            server_cores: BTreeMap::new(),
            generator_cores: 0.0,
        }
    }
}

fn readers(carts: &[FilledCart], clients: usize) -> Vec<Repeater> {
    repeaters(carts, clients, |cart, requests| {
        let mut request = Vec::new();
        requests::read_cart(&mut request, &cart.key);
        requests.push(request);
    })
}

pub(super) fn adders(carts: &[FilledCart], clients: usize) -> Vec<Repeater> {
    repeaters(carts, clients, |cart, requests| {
        for sku in &cart.skus {
            let mut request = Vec::new();
            requests::add_line(&mut request, &cart.key, sku);
            requests.push(request);
        }
    })
}

/// One client for each share of the carts, each with the requests for its own.
fn repeaters(carts: &[FilledCart], clients: usize, write: impl Fn(&FilledCart, &mut Vec<Vec<u8>>)) -> Vec<Repeater> {
    let share = carts.len().div_ceil(clients).max(1);
    let requests_of = |carts: &[FilledCart]| {
        let mut requests = Vec::new();
        carts.iter().for_each(|cart| write(cart, &mut requests));
        requests
    };
    carts.chunks(share).enumerate().map(|(client, carts)| Repeater::new(client as u64, requests_of(carts))).collect()
}
