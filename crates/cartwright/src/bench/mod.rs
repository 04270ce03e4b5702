//! `cartwright bench`: starts a server of its own on a new database, drives it with a load generator on the same machine,
//! and shows how fast it was beside how fast it should be. It uses the public HTTP interface and the command line only,
//! so that it measures what a shop gets; only the pure pricing function is also measured by itself. It must never touch a database that was there before.

mod attacks;
mod big;
mod connection;
mod live;
mod load;
mod machine;
mod measure;
mod postgres;
mod pricing;
mod promotions;
mod report;
mod requests;
mod server;
mod shop;
mod shoppers;
mod table;

use clap::{Args, Subcommand};
use machine::Machine;
use measure::{Measured, Measurement, Round, Stage};
use report::Report;
use server::{Server, Workplace};
use shop::Shop;
use shoppers::{Basket, FilledCart};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Carts for reading and adding, and orders, in the young shop.
const YOUNG: u64 = 1_000;
/// How long each row of the pricing table takes.
const PRICING_SECONDS: f64 = 0.3;
const YOUNG_ROUND: [Measurement; 11] = [
    Measurement::Healthz,
    Measurement::Read,
    Measurement::ReadPromoted,
    Measurement::Add,
    Measurement::AddPromoted,
    Measurement::Alone,
    Measurement::Orders,
    Measurement::Flash,
    Measurement::Checkouts,
    Measurement::Live,
    Measurement::Healthz,
];
const GROWN_ROUND: [Measurement; 7] = [
    Measurement::Read,
    Measurement::ReadCold,
    Measurement::Add,
    Measurement::Alone,
    Measurement::Orders,
    Measurement::Flash,
    Measurement::Healthz,
];

/// `bench`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Starts a server on a new database in a directory that is removed afterwards, fills it with 10,000 variants, 1,000 carts
and 1,000 orders over HTTP, measures, adds --history carts and orders, and measures again. The load generator runs on the
same machine and takes its part of the processor; `/healthz` under the same load is the ceiling to compare with.

Exit code 1 if any answer was not as it should be, if more was sold than was there, or if the checker finds the database
not whole. A missed target is shown, but is no failure.

Examples:
  cartwright bench
  cartwright bench pricing
  cartwright bench postgres
  cartwright bench --history 0 --only orders --only flash
  cartwright bench --markdown > table.md")]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    #[command(subcommand)]
    part: Option<Part>,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 5.0, value_parser = parse_seconds)]
    seconds: f64,
    /// Clients at once, each with a connection of its own.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    clients: u16,
    /// Carts, and as many orders, to add before the second round; 0 leaves it out.
    #[arg(long, default_value_t = 100 * YOUNG)]
    history: u64,
    /// Only these measurements, and the ceiling.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<Measurement>,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Where to put the database while it lasts; a disk, not memory.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// Everything, for programs.
    #[arg(long)]
    json: bool,
    /// The table as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Parts that are run by themselves.
#[derive(Subcommand, Clone, Debug)]
enum Part {
    /// Only how long pricing takes, by lines and promotions.
    Pricing(pricing::PricingArgs),
    /// Only how long every list, search and read takes in a generated shop of any size.
    Big(Box<big::BigArgs>),
    /// Only attacks, one by one and all at once, beside honest shoppers.
    Attacks(attacks::AttacksArgs),
    /// PostgreSQL beside SQLite and beside `pgbench` with the usual checkout, with one node and with two.
    Postgres(postgres::PostgresArgs),
}

/// Runs the benchmark and prints what it found; progress goes to stderr.
pub fn run(args: BenchArgs) -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!(
            "WARNING: this is a debug build, many times slower. For numbers that mean something: cargo run --release"
        );
    }
    let done = match &args.part {
        Some(Part::Pricing(args)) => pricing::run(args).map(|()| ExitCode::SUCCESS),
        Some(Part::Big(args)) => big::run(args),
        Some(Part::Attacks(args)) => attacks::run(args),
        Some(Part::Postgres(args)) => postgres::run(args),
        None => measure_all(&args).map(|report| show(&args, &report)),
    };
    done.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}

fn show(args: &BenchArgs, report: &Report) -> ExitCode {
    if args.json {
        println!("{:#}", report.as_json());
    } else {
        let look = if args.markdown { table::Look::Markdown } else { table::Look::Terminal };
        println!("{}", table::show(report, look));
    }
    if report.faults().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure_all(args: &BenchArgs) -> Result<Report, String> {
    // An open stream is a file handle.
    crate::serve::raise_file_limit();
    let place = Workplace::create(&args.directory)?;
    let machine = Machine::look(place.path())?;
    eprintln!("{}", machine.in_words());
    if machine.is_busy() {
        eprintln!("WARNING: the machine is busy with other work; what that takes is missing in the numbers.");
    }
    let database = place.database()?;
    let key = database.operator_key()?;
    let servers = [Server::start(&place, &database, "server")?];
    let shop = Shop::new(&servers, key, usize::from(args.threads), usize::from(args.clients));
    let measured = both_rounds(args, &servers, &shop)?;
    let database_bytes = place.database_bytes();
    servers.into_iter().try_for_each(Server::stop)?;
    let (verified, verify_says) = database.verify()?;
    let pricing = args.only.is_empty().then(|| pricing::measure_all(Duration::from_secs_f64(PRICING_SECONDS)));
    Ok(Report {
        machine,
        clients: usize::from(args.clients),
        seconds: args.seconds,
        history: args.history,
        measured,
        pricing: pricing.transpose()?,
        database_bytes,
        verified,
        verify_says,
    })
}

fn both_rounds(args: &BenchArgs, servers: &[Server], shop: &Shop) -> Result<Vec<Measured>, String> {
    let hot_carts = YOUNG.max(u64::from(args.clients));
    shop.stock_up()?;
    let carts = shop.make_carts(&Basket::Three, hot_carts, 0)?;
    shop.make_orders(YOUNG, 0)?;
    let mut measured = one_round(args, &stage(args, servers, shop, Round::Young, &carts, &carts), &YOUNG_ROUND)?;
    if args.history > 0 {
        let history = shop.make_carts(&Basket::Three, args.history, 10_000)?;
        shop.make_orders(args.history, 10_000)?;
        let carts = shop.make_carts(&Basket::Three, hot_carts, 20_000)?;
        measured.extend(one_round(args, &stage(args, servers, shop, Round::Grown, &carts, &history), &GROWN_ROUND)?);
    }
    Ok(measured)
}

fn stage<'a>(
    args: &BenchArgs,
    servers: &'a [Server],
    shop: &'a Shop,
    round: Round,
    carts: &'a [FilledCart],
    all_carts: &'a [FilledCart],
) -> Stage<'a> {
    Stage { servers, shop, round, seconds: args.seconds, carts, all_carts }
}

fn one_round(args: &BenchArgs, stage: &Stage<'_>, plan: &[Measurement]) -> Result<Vec<Measured>, String> {
    let wanted = |measurement: &Measurement| {
        *measurement == Measurement::Healthz || args.only.is_empty() || args.only.contains(measurement)
    };
    plan.iter().copied().filter(wanted).map(|measurement| stage.measure(measurement)).collect()
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (0.1..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err("from 0.1 to 3600 seconds".to_owned()) }
}
