//! `cartwright bench big`: a generated shop of the size asked for, a server on it, and every list, search and read of the
//! interface one after the other, each with many different questions.

use super::connection::Connection;
use super::load::{self, Load, Span};
use super::requests;
use super::server::{Server, Workplace};
use super::shoppers::{Dice, Repeater};
use super::table::{Look, draw};
use crate::database::Database;
use crate::generate::{ShapeArgs, make};
use cartwright_domain::id::OrderId;
use cartwright_storage::generate::Shape;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// What 99 of 100 answers have to stay under, in milliseconds.
const TARGET_MS: f64 = 20.0;
/// Different questions of each kind.
const VARIETY: u64 = 500;
/// Pages that are walked for cursors that lie deep.
const DEPTH: usize = 20;
const HEADINGS: [&str; 7] = ["Question", "Per second", "p50 ms", "p99 ms", "max ms", "Errors", "Met"];
const NUMBERS: [usize; 5] = [1, 2, 3, 4, 5];

/// `bench big`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  cartwright bench big --variants 100000 --carts 1000000 --orders 1000000")]
pub struct BigArgs {
    #[command(flatten)]
    shape: ShapeArgs,
    /// An empty database to fill and leave; by default a file that is removed afterwards.
    #[arg(long)]
    database: Option<String>,
    /// The database was filled before, with the same numbers, seed and `--until`: only measure.
    #[arg(long, requires = "database", requires = "until")]
    generated: bool,
    /// How long each question is asked.
    #[arg(long, default_value_t = 2.0, value_parser = super::parse_seconds)]
    seconds: f64,
    /// Clients at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    clients: u16,
    /// Where to put the file while it lasts.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
    /// Everything, for programs.
    #[arg(long)]
    json: bool,
    /// The table as Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// One kind of question, measured.
#[derive(Clone, Debug, Serialize)]
struct Asked {
    question: &'static str,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    errors: u64,
    first_error: Option<String>,
}

impl Asked {
    fn met(&self) -> bool {
        self.errors == 0 && self.p99_ms < TARGET_MS
    }
}

/// Makes the shop, asks, and prints.
pub(super) fn run(args: &BigArgs) -> Result<ExitCode, String> {
    let place = Workplace::create(&args.directory)?;
    let own = place.database()?;
    let database = args.database.clone().unwrap_or_else(|| own.url.clone());
    let shape = args.shape.shape();
    if !args.generated {
        let named = Database::named(&database).map_err(|error| error.to_string())?;
        let seconds = make(named, shape).map_err(|error| error.to_string())?;
        eprintln!("made the shop in {seconds:.0} s");
    }
    let database = super::server::Database { url: database, ..own };
    let key = database.operator_key()?;
    let server = Server::start(&place, &database, "big")?;
    let asked = ask_all(args, &server, &key, shape)?;
    server.stop()?;
    let faults: Vec<&String> = asked.iter().filter_map(|one| one.first_error.as_ref()).collect();
    if args.json {
        println!("{:#}", json!({"asked": asked, "target_p99_ms": TARGET_MS}));
    } else {
        println!("{}", table(&asked, if args.markdown { Look::Markdown } else { Look::Terminal }));
    }
    faults.iter().for_each(|fault| eprintln!("FAULT: {fault}"));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(asked: &[Asked], look: Look) -> String {
    let row = |one: &Asked| {
        let met = if one.met() { "yes" } else { "no" };
        let ms = |ms: f64| format!("{ms:.2}");
        vec![
            one.question.to_owned(),
            format!("{:.0}", one.per_second),
            ms(one.p50_ms),
            ms(one.p99_ms),
            ms(one.max_ms),
            one.errors.to_string(),
            met.to_owned(),
        ]
    };
    draw(look, &HEADINGS, &NUMBERS, asked.iter().map(row))
}

fn ask_all(args: &BigArgs, server: &Server, key: &str, shape: Shape) -> Result<Vec<Asked>, String> {
    let headers = format!("Authorization: Bearer {key}\r\n");
    let span = Span { warm_up: Duration::from_millis(300), measured: Duration::from_secs_f64(args.seconds) };
    let load = Load { nodes: vec![server.address], threads: 1, span: Some(span) };
    let mut all = Vec::new();
    for (question, paths) in questions(server, &headers, shape)? {
        let request = |path: &String| {
            let mut request = Vec::new();
            requests::get(&mut request, &format!("/api/v1{path}"), &headers);
            request
        };
        let asked: Vec<Vec<u8>> = paths.iter().map(request).collect();
        let clients = (0..u64::from(args.clients)).map(|client| Repeater::new(client, asked.clone()));
        let (tally, _) = load::drive(load.clone(), clients.collect())?;
        let one = Asked {
            question,
            per_second: tally.per_second(),
            p50_ms: tally.percentile_ms(0.5),
            p99_ms: tally.percentile_ms(0.99),
            max_ms: tally.percentile_ms(1.0),
            errors: tally.unexpected,
            first_error: tally.first_unexpected,
        };
        eprintln!("{question}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms", one.p50_ms, one.p99_ms, one.max_ms);
        all.push(one);
    }
    Ok(all)
}

/// Lists that are walked page by page.
const LISTS: [(&str, &str); 25] = [
    ("products by name", "/products"),
    ("products by name, backwards", "/products?sort=-name"),
    ("products by price", "/products?sort=price"),
    ("products by price, backwards", "/products?sort=-price"),
    ("products, newest first", "/products?sort=newest"),
    ("products in stock", "/products?in_stock=true&sort=price"),
    ("products from 50€ to 60€ by name", "/products?min_price=5000&max_price=6000"),
    ("products dearer than any", "/products?min_price=1000000"),
    ("products from 50€, newest first, in stock", "/products?min_price=5000&sort=newest&in_stock=true"),
    ("search: a common word", "/products?text=cotton"),
    ("search: a common word, by price", "/products?text=shirt&sort=price"),
    ("search: two words", "/products?text=cotton+shirt"),
    ("search: nothing found", "/products?text=zebra"),
    ("search: one letter", "/products?text=c"),
    ("search: two letters", "/products?text=co&sort=price"),
    ("search: a letter that no word begins with", "/products?text=z"),
    ("search: two that none begins with", "/products?text=zz"),
    ("orders", "/admin/orders"),
    ("orders placed", "/admin/orders?status=placed"),
    ("orders waiting for payment", "/admin/orders?status=pending_payment"),
    ("orders cancelled", "/admin/orders?status=cancelled"),
    ("orders whose payment failed", "/admin/orders?status=payment_failed"),
    ("orders expired", "/admin/orders?status=expired"),
    ("customers", "/admin/customers"),
    ("products for operators", "/admin/products?limit=100"),
];

fn questions(server: &Server, headers: &str, shape: Shape) -> Result<Vec<(&'static str, Vec<String>)>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime for the generator: {error}"))?;
    runtime.block_on(async {
        let connection = Connection::open(server.address).await;
        let mut reader = Reader {
            connection: connection.map_err(|error| format!("no connection to the server: {error}"))?,
            headers,
        };
        let mut all = single(shape);
        for (name, path) in LISTS {
            all.push((name, reader.walk(path).await?));
        }
        let promotions = reader.get("/admin/promotions").await?;
        if let Some(id) = promotions["promotions"][0]["id"].as_str() {
            all.push(("codes of a promotion", reader.walk(&format!("/admin/promotions/{id}/codes")).await?));
        }
        let sku = shape.sku(0);
        all.push(("ledger of a variant, page by page", reader.walk(&format!("/admin/stock/{sku}/movements")).await?));
        Ok(all)
    })
}

/// Reads of one thing, each time another one.
fn single(shape: Shape) -> Vec<(&'static str, Vec<String>)> {
    let mut dice = Dice::new(shape.seed);
    let mut some = |of: u64, path: &dyn Fn(u64) -> String| (0..VARIETY).map(|_| path(dice.below(of))).collect();
    vec![
        ("a product", some(shape.variants / 4, &|number| format!("/products/p-{:06}", number / 100 * 100))),
        ("search: a SKU", some(shape.variants, &|number| format!("/products?text={}", shape.sku(number)))),
        (
            "a cart",
            some(shape.carts.min(400_000), &|number| format!("/carts/{}", shape.cart_id(shape.carts - 1 - number))),
        ),
        ("an order", some(shape.orders, &|number| format!("/orders/{}", shape.order_id(number)))),
        ("a stock level", some(shape.variants, &|number| format!("/admin/stock/{}", shape.sku(number)))),
        ("a ledger", some(shape.variants, &|number| format!("/admin/stock/{}/movements", shape.sku(number)))),
        ("a customer", some(shape.customers, &|number| format!("/admin/customers/customer-{number:06}"))),
        (
            "orders before any order",
            some(shape.orders, &|number| format!("/admin/orders?cursor={}", cursor(&shape.order_id(number)))),
        ),
        ("promotions", vec!["/admin/promotions".to_owned()]),
        ("stores", vec!["/admin/stores".to_owned()]),
        ("tax rates", vec!["/admin/tax-rates".to_owned()]),
        ("shipping methods", vec!["/admin/shipping-methods".to_owned()]),
    ]
}

/// The cursor behind an order, as the server of this version writes it: a list is entered anywhere without walking there.
fn cursor(order: &OrderId) -> String {
    format!("\"{order}\"").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Asks before measuring, for cursors.
struct Reader<'a> {
    connection: Connection,
    headers: &'a str,
}

impl Reader<'_> {
    async fn get(&mut self, path: &str) -> Result<Value, String> {
        let mut request = Vec::new();
        requests::get(&mut request, &format!("/api/v1{path}"), self.headers);
        let answer = self.connection.exchange(&request).await.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{path}: {}", answer.in_words()));
        }
        serde_json::from_slice(answer.body).map_err(|error| format!("{path}: {error}"))
    }

    /// The paths of the first pages of a list.
    async fn walk(&mut self, path: &str) -> Result<Vec<String>, String> {
        let mut paths = vec![path.to_owned()];
        while paths.len() < DEPTH {
            let page = self.get(&paths[paths.len() - 1]).await?;
            let Some(next) = page["next"].as_str() else { break };
            let joint = if path.contains('?') { '&' } else { '?' };
            paths.push(format!("{path}{joint}cursor={next}"));
        }
        Ok(paths)
    }
}
