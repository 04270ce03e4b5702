//! `cartwright bench postgres`: the same load on SQLite, on PostgreSQL through one node and through two, and beside them the
//! usual checkout run by `pgbench` on the same server. All take turns, round by round, since machines drift; what counts is
//! the median of the rounds.

mod cluster;
mod report;
mod rival;

use super::machine::Machine;
use super::measure::{Measured, Measurement, Round, Stage, adders, carts_to_check_out};
use super::server::{Database, Server, Workplace};
use super::shop::Shop;
use super::shoppers::{Basket, Buyer, FilledCart};
use cartwright_storage::postgres::{PostgresSettings, yardstick};
use clap::Args;
use cluster::Cluster;
use indicatif::ProgressBar;
use report::Report;
use rival::Rival;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Carts for adding, of each shop.
const CARTS: u64 = 1_000;
const HOT_SKU: &str = "HOT";
const PLENTY: i64 = 1_000_000_000;

/// `bench postgres`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Without --postgres-url a PostgreSQL server is started in a directory that is removed afterwards, as durable as it is by
default. With it, databases named cartwright_bench_… are made on that server and removed at the end. `pgbench` and the
server's programs come with PostgreSQL.

Exit code 1 if any answer was not as it should be, or if the checker finds a database not whole.

Examples:
  cartwright bench postgres
  cartwright bench postgres --rounds 5 --markdown > table.md
  cartwright bench postgres --postgres-url postgres://postgres@db.example/postgres")]
pub struct PostgresArgs {
    /// How long each measurement takes.
    #[arg(long, default_value_t = 5.0, value_parser = super::parse_seconds)]
    seconds: f64,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// Clients at once, each with a connection of its own.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=150))]
    clients: u16,
    /// A server to use instead of one of our own; the user must be allowed to make databases.
    #[arg(long, value_name = "URL")]
    postgres_url: Option<String>,
    /// Only these.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<Contender>,
    /// Where to put the databases while they last; a disk, not memory.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// Everything, for programs.
    #[arg(long)]
    json: bool,
    /// The table as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Contender {
    /// The embedded database
    Sqlite,
    /// PostgreSQL through one node
    OneNode,
    /// PostgreSQL through two nodes, half of the clients at each
    TwoNodes,
    /// The usual checkout on PostgreSQL, a few statements for each line
    PgbenchByLine,
    /// The same, a statement for each table
    Pgbench,
}

impl Contender {
    /// All of them, in their turn.
    const ALL: [Contender; 5] =
        [Contender::Sqlite, Contender::OneNode, Contender::PgbenchByLine, Contender::Pgbench, Contender::TwoNodes];

    fn is_pgbench(self) -> bool {
        matches!(self, Contender::PgbenchByLine | Contender::Pgbench)
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    /// Checkouts of carts made beforehand, of three lines, spread over all variants
    Spread,
    /// The same, one of the lines the same variant in all
    Hot,
    /// The whole way: a cart of three lines is made, then checked out
    Whole,
    /// One unit added to a cart
    Add,
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
struct Seen {
    contender: Contender,
    work: Work,
    per_second: f64,
    p99_ms: Option<f64>,
    /// Statements that the server ran for each operation, BEGIN and COMMIT among them.
    statements: Option<f64>,
    /// Cores kept busy, in words.
    cores: String,
    errors: u64,
    first_error: Option<String>,
}

/// Measures and prints.
pub(super) fn run(args: &PostgresArgs) -> Result<ExitCode, String> {
    let report = measure_all(args)?;
    if args.json {
        println!("{:#}", report.as_json());
    } else {
        println!("{}", report.show(args.markdown));
    }
    Ok(if report.faults().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure_all(args: &PostgresArgs) -> Result<Report, String> {
    let place = Workplace::create(&args.directory)?;
    let machine = Machine::look(place.path())?;
    eprintln!("{}", machine.in_words());
    if machine.is_busy() {
        eprintln!("WARNING: the machine is busy with other work; what that takes is missing in the numbers.");
    }
    let cluster = match &args.postgres_url {
        Some(_) => None,
        None => Some(Cluster::start(place.path())?),
    };
    let url = args.postgres_url.clone().or_else(|| cluster.as_ref().map(Cluster::url)).unwrap_or_default();
    let version =
        crate::in_runtime(yardstick::version(&PostgresSettings::new(&url))).map_err(|error| error.to_string())?;
    let shops = Databases { shop: NewDatabase::make(&url, "shop")?, rival: NewDatabase::make(&url, "pgbench")? };
    let mut field = Field::prepare(args, &place, &shops)?;
    let mut seen = Vec::new();
    for round in 0..args.rounds {
        seen.extend(field.round(round)?);
    }
    let verified = field.close()?;
    Ok(Report { machine, version, clients: args.clients, seconds: args.seconds, rounds: args.rounds, seen, verified })
}

struct Databases {
    shop: NewDatabase,
    rival: NewDatabase,
}

/// A database on the server, removed when dropped.
struct NewDatabase {
    server: PostgresSettings,
    name: String,
    url: String,
}

impl NewDatabase {
    fn make(server: &str, purpose: &str) -> Result<NewDatabase, String> {
        let name = format!("cartwright_bench_{}_{purpose}", std::process::id());
        let url = with_database(server, &name)?;
        let server = PostgresSettings::new(server);
        crate::in_runtime(yardstick::create_database(&server, &name)).map_err(|error| error.to_string())?;
        Ok(NewDatabase { server, name, url })
    }
}

impl Drop for NewDatabase {
    fn drop(&mut self) {
        if let Err(error) = crate::in_runtime(yardstick::drop_database(&self.server, &self.name)) {
            eprintln!("WARNING: {} is still there: {error}", self.name);
        }
    }
}

/// The address of another database on the same server.
fn with_database(server: &str, name: &str) -> Result<String, String> {
    let (base, options) = server.split_once('?').map_or((server, None), |(base, options)| (base, Some(options)));
    let host = base.find("://").map(|at| at + 3).ok_or("the address of PostgreSQL begins with postgres://")?;
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    Ok(format!("{}/{name}{options}", &base[..end]))
}

/// A shop with its nodes, filled.
struct Filled {
    database: Database,
    servers: Vec<Server>,
    key: String,
    carts: Vec<FilledCart>,
    /// Carts to be checked out: spread, and with the one variant in all.
    open: [Vec<FilledCart>; 2],
}

impl Filled {
    fn prepare(args: &PostgresArgs, place: &Workplace, database: Database, nodes: usize) -> Result<Filled, String> {
        let key = database.operator_key()?;
        let scheme = database.url.split(':').next().unwrap_or_default();
        let node = |number| Server::start(place, &database, &format!("{scheme}-{number}"));
        let servers = (0..nodes).map(node).collect::<Result<Vec<_>, _>>()?;
        let shop = Shop::new(&servers[..1], key.clone(), 1, usize::from(args.clients));
        shop.stock_up()?;
        shop.stock_flash(HOT_SKU, PLENTY)?;
        let carts = shop.make_carts(&Basket::Three, CARTS.max(u64::from(args.clients)), 0)?;
        Ok(Filled { database, servers, key, carts, open: Default::default() })
    }

    /// Enough carts for a measurement of checkouts; made outside of its time.
    fn carts_for(&mut self, work: Work, shop: &Shop, seconds: f64, round: u16) -> Result<Vec<FilledCart>, String> {
        let (place, basket) = match work {
            Work::Spread => (0, Basket::Three),
            Work::Hot => (1, Basket::Hot(HOT_SKU.to_owned())),
            Work::Whole | Work::Add => return Ok(Vec::new()),
        };
        let mut carts = std::mem::take(&mut self.open[place]);
        let missing = carts_to_check_out(seconds).saturating_sub(carts.len() as u64);
        carts.extend(shop.make_carts(&basket, missing, 1_000 * (1 + u64::from(round)))?);
        Ok(carts)
    }

    fn measure(&mut self, args: &PostgresArgs, contender: Contender, work: Work, round: u16) -> Result<Seen, String> {
        let nodes = if contender == Contender::TwoNodes { 2 } else { 1 };
        let clients = usize::from(args.clients);
        let shop = Shop::new(&self.servers[..nodes], self.key.clone(), 1, clients);
        let seconds = args.seconds;
        let open = self.carts_for(work, &shop, seconds, round)?;
        let servers = &self.servers[..nodes];
        let stage =
            Stage { servers, shop: &shop, round: Round::Young, seconds, carts: &self.carts, all_carts: &self.carts };
        let counted = || match contender {
            Contender::Sqlite | Contender::Pgbench | Contender::PgbenchByLine => None,
            _ => crate::in_runtime(yardstick::statements(&PostgresSettings::new(&self.database.url))),
        };
        if contender != Contender::Sqlite {
            crate::in_runtime(yardstick::settle(&PostgresSettings::new(&self.database.url)));
        }
        let before = counted();
        let (measured, all) = match work {
            Work::Spread | Work::Hot => {
                let (measured, sold, left) = stage.check_out(open)?;
                self.open[usize::from(work == Work::Hot)] = left;
                (measured, sold)
            }
            Work::Whole => {
                let prefix = format!("{contender:?}-{round}");
                let (measured, buyers) = stage.observe(Measurement::Orders, buyers(clients, &prefix))?;
                (measured, buyers.iter().map(|buyer| buyer.sold).sum())
            }
            Work::Add => {
                let (measured, adders) = stage.observe(Measurement::Add, adders(&self.carts, clients))?;
                (measured, adders.iter().map(|adder| adder.done).sum())
            }
        };
        let all: u64 = all;
        let statements = before.zip(counted()).map(|(before, after)| (after - before) as f64 / all.max(1) as f64);
        Ok(seen(contender, work, measured, statements))
    }

    fn close(self) -> Result<(bool, String), String> {
        self.servers.into_iter().try_for_each(Server::stop)?;
        self.database.verify()
    }
}

fn seen(contender: Contender, work: Work, measured: Measured, statements: Option<f64>) -> Seen {
    let cores: Vec<_> = measured.server_cores.iter().map(|(name, cores)| format!("{name} {cores:.2}")).collect();
    Seen {
        contender,
        work,
        per_second: measured.per_second,
        p99_ms: Some(measured.p99_ms),
        statements,
        cores: cores.join(", "),
        errors: measured.errors,
        first_error: measured.first_error,
    }
}

fn buyers(clients: usize, prefix: &str) -> Vec<Buyer> {
    let buyer =
        |client: u64| Buyer::new(client, format!("{prefix}-{client}"), Basket::Three, u64::MAX, &ProgressBar::hidden());
    (0..clients as u64).map(buyer).collect()
}

/// All contenders, ready.
struct Field<'a> {
    args: &'a PostgresArgs,
    sqlite: Filled,
    postgres: Filled,
    rival: Rival,
}

impl<'a> Field<'a> {
    fn prepare(args: &'a PostgresArgs, place: &Workplace, shops: &Databases) -> Result<Field<'a>, String> {
        let sqlite = Filled::prepare(args, place, place.database()?, 1)?;
        let database = Database { url: shops.shop.url.clone(), ..place.database()? };
        let postgres = Filled::prepare(args, place, database, 2)?;
        let rival = Rival::prepare(place.path(), shops.rival.url.clone(), args.clients)?;
        Ok(Field { args, sqlite, postgres, rival })
    }

    /// Each once.
    fn round(&mut self, round: u16) -> Result<Vec<Seen>, String> {
        let mut all = Vec::new();
        for work in [Work::Spread, Work::Hot, Work::Whole, Work::Add] {
            for contender in Contender::ALL {
                let wanted = self.args.only.is_empty() || self.args.only.contains(&contender);
                if !wanted || (contender.is_pgbench() && matches!(work, Work::Whole | Work::Add)) {
                    continue;
                }
                let seen = match contender {
                    _ if contender.is_pgbench() => self.rival.measure(contender, work, self.args.seconds)?,
                    Contender::Sqlite => self.sqlite.measure(self.args, contender, work, round)?,
                    _ => self.postgres.measure(self.args, contender, work, round)?,
                };
                eprintln!("{}", seen.in_words());
                all.push(seen);
            }
        }
        Ok(all)
    }

    /// Stops the nodes and lets the checker look at both databases.
    fn close(self) -> Result<Vec<(bool, String)>, String> {
        Ok(vec![self.sqlite.close()?, self.postgres.close()?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_on_the_same_server_is_named() {
        let named = |server| with_database(server, "shop");
        assert_eq!(named("postgres://a:b@host:1/postgres").unwrap(), "postgres://a:b@host:1/shop");
        assert_eq!(named("postgres://host?sslmode=require").unwrap(), "postgres://host/shop?sslmode=require");
        assert!(named("host").is_err());
    }
}
