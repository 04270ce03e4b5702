//! Replays real invoices: articles into the catalogue, each invoice a cart and an order at that invoice's prices, and the
//! totals compared with what other people computed. Everything goes over HTTP.

mod goods;
mod invoices;
mod play;
mod report;

use super::catalogue::exponent_of;
use super::failure::Failure;
use super::stores;
use super::terminal::Terminal;
use cartwright_client::wire::{Store, StoreInput};
use clap::Args;
use invoices::{Invoice, Plan};
use play::Outcomes;
use report::Report;
use std::path::{Path, PathBuf};
use std::time::Instant;

const STORE: &str = "retail";
const CURRENCY: &str = "GBP";

/// `replay`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Reads InvoiceNo, StockCode, Description, Quantity, UnitPrice, CustomerID. The store (`retail` unless --store says
otherwise) is made if it is missing, in pounds. Articles go into its catalogue with stock for all invoices. Then, invoice
by invoice: the operator sets the prices that differ, a cart is filled (the customer's where CustomerID is there, else a
guest's), and it is checked out with the gateway `test` (`serve --test-gateway`). An article at two prices on one invoice gets a second variant
(85123A/2).

What cannot be sold is reported, not dropped: returns, prices of zero or below, missing descriptions. Only invoices made
only of sellable rows are compared with --totals. Exit code 1 if a total differs or an order fails.

Repeatable: each order carries the e-mail address invoice-NUMBER@replay.invalid. A later run reads the store's orders
first, takes the orders it finds for these invoices as they are, and places only those that are missing; nothing is
kept on this side. To place all of them anew, name another store: --store retail-2.

With --concurrency above 1, neighbouring invoices go at once where they agree on all prices and are of different
customers.

Examples:
  cartwright replay invoices.csv --totals invoice_totals.csv
  cartwright replay invoices.csv --totals invoice_totals.csv --limit 50 --report rows.csv
  cartwright --store retail-2 replay invoices.csv --totals invoice_totals.csv --concurrency 8 --json")]
pub struct ReplayCommand {
    /// CSV file of invoices.
    file: PathBuf,
    /// CSV file of the totals to compare with: InvoiceNo, TotalGBP.
    #[arg(long)]
    totals: Option<PathBuf>,
    /// Only the first so many invoices.
    #[arg(long)]
    limit: Option<usize>,
    /// Most invoices at once.
    #[arg(long, default_value_t = 1)]
    concurrency: usize,
    /// File to write every reported row to, with its line number.
    #[arg(long)]
    report: Option<PathBuf>,
}

pub(crate) async fn run(command: ReplayCommand, terminal: &Terminal) -> Result<(), Failure> {
    let begun = Instant::now();
    let bytes = read_file(&command.file)?;
    let totals = command.totals.as_deref().map(|path| read_file(path).map(|bytes| (path, bytes))).transpose()?;
    let terminal = terminal.for_store(terminal.options.store.as_deref().unwrap_or(STORE))?;
    let exponent = exponent_of(&open_store(&terminal).await?.currency)?;
    let plan = Plan::read(&bytes, exponent, command.limit.unwrap_or(usize::MAX))
        .map_err(|reason| Failure::of_file("replay", &command.file, &reason))?;
    let totals = match totals {
        Some((path, bytes)) => {
            invoices::read_totals(&bytes, exponent).map_err(|reason| Failure::of_file("use", path, &reason))?
        }
        None => Vec::new(),
    };
    let outcomes = place_what_is_missing(&plan, command.concurrency, &terminal).await?;
    if let Some(path) = &command.report {
        report::write_rows(path, &plan.reported)?;
    }
    let mut report = Report::new(&plan, &outcomes, &totals);
    report.store = terminal.store().to_owned();
    report.elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    terminal.show(&report, |report| report.in_words(exponent))?;
    if report.is_good() { Ok(()) } else { Err(Failure::Found) }
}

async fn place_what_is_missing(plan: &Plan, width: usize, terminal: &Terminal) -> Result<Outcomes, Failure> {
    let mut outcomes = play::earlier(&plan.invoices, terminal).await?;
    let is_missing = |invoice: &&Invoice| !invoice.lines.is_empty() && !outcomes.contains_key(&invoice.number);
    let missing: Vec<&Invoice> = plan.invoices.iter().filter(is_missing).collect();
    if !missing.is_empty() {
        let prices = goods::put(plan, &missing, terminal).await?;
        outcomes.extend(play::play(plan, &missing, prices, width, terminal).await?);
    }
    Ok(outcomes)
}

async fn open_store(terminal: &Terminal) -> Result<Store, Failure> {
    let handle = terminal.store();
    match terminal.client.stores().await {
        Ok(_) => stores::current(terminal).await,
        Err(error) if error.code() == Some("store_not_found") => {
            let name = Some(format!("Invoices replayed into {handle}"));
            let currency = Some(CURRENCY.to_owned());
            let input = StoreInput { handle: handle.to_owned(), name, currency, hosts: None, settings: None };
            // The store is not there to be asked, so the one that always is makes it.
            Ok(terminal.for_store("default")?.client.put_store(&input).await?)
        }
        Err(error) => Err(error.into()),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::of_file("read", path, &error))
}
