//! `reports …`: sums over a period as a table, with bars where a person looks; as CSV or JSON for programs.

use super::amount;
use super::failure::Failure;
use super::screen::{bar, table};
use super::terminal::{Terminal, print_line};
use cartwright_client::ReportQuery;
use cartwright_client::wire::{CartsRow, PaymentsRow, ProductRow, PromotionRow, RecoveryRow, Report, SalesRow};
use clap::{Args, Subcommand};
use std::io::IsTerminal;
use uuid::Uuid;

/// Characters of the longest bar.
const BAR: u64 = 30;

/// `reports …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Days are inclusive and begin at midnight by the store's clock, or by --time-zone or --utc-offset. Amounts in CSV and JSON are minor units.

Examples:
  cartwright reports sales --from 2026-11-01 --to 2026-11-30
  cartwright reports sales --by month --csv > sales.csv
  cartwright reports products --promotion 01a1fd38-4cbd-70d2-9c03-d036d8702d46")]
pub enum ReportsCommand {
    /// Orders, units and money by day, week or month.
    Sales {
        /// day, week or month.
        #[arg(long, default_value = "day")]
        by: String,
        #[command(flatten)]
        of_orders: OfOrders,
        /// Only orders that have this SKU.
        #[arg(long)]
        sku: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// What was sold of each SKU, what brought most first.
    Products {
        #[command(flatten)]
        of_orders: OfOrders,
        /// Only this SKU.
        #[arg(long)]
        sku: Option<String>,
        /// Most rows.
        #[arg(long)]
        limit: Option<u32>,
        #[command(flatten)]
        common: Common,
    },
    /// What each promotion took off.
    Promotions {
        #[command(flatten)]
        of_orders: OfOrders,
        #[command(flatten)]
        common: Common,
    },
    /// What became of the carts made in the period.
    Carts {
        #[command(flatten)]
        common: Common,
    },
    /// What reminders of abandoned carts brought, against carts that were held out.
    Recovery {
        /// day, week or month.
        #[arg(long, default_value = "day")]
        by: String,
        #[command(flatten)]
        common: Common,
    },
    /// Payments by gateway and outcome.
    Payments {
        /// Only those in this state.
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

/// The period and the form.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// First day, as 2026-11-01; 30 days up to the last one unless given.
    #[arg(long)]
    from: Option<String>,
    /// Last day; today unless given.
    #[arg(long)]
    to: Option<String>,
    /// Time zone by which the days begin, as Europe/Berlin; the store's unless given.
    #[arg(long, conflicts_with = "utc_offset")]
    time_zone: Option<String>,
    /// Minutes by which the clock of the days is ahead of UTC.
    #[arg(long, allow_hyphen_values = true)]
    utc_offset: Option<i64>,
    /// Prints CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Which orders count.
#[derive(Args, Clone, Debug)]
pub struct OfOrders {
    /// State of the orders; placed unless given.
    #[arg(long)]
    status: Option<String>,
    /// Only orders that this promotion took something off.
    #[arg(long)]
    promotion: Option<Uuid>,
}

pub(crate) async fn run(command: ReportsCommand, terminal: &Terminal) -> Result<(), Failure> {
    let (name, query, csv) = question(command);
    if csv {
        return print_line(terminal.client.report_as_csv(name, &query).await?.trim_end());
    }
    let client = &terminal.client;
    match name {
        "sales" => terminal.show(&client.sales_report(&query).await?, |report| by_zone(report, sales)),
        "products" => terminal.show(&client.products_report(&query).await?, |report| by_zone(report, products)),
        "promotions" => terminal.show(&client.promotions_report(&query).await?, |report| by_zone(report, promotions)),
        "carts" => terminal.show(&client.carts_report(&query).await?, |report| by_zone(report, carts)),
        "recovery" => terminal.show(&client.recovery_report(&query).await?, |report| by_zone(report, recovery)),
        _ => terminal.show(&client.payments_report(&query).await?, |report| by_zone(report, payments)),
    }
}

/// Name of the report, its filters, and whether it is to be CSV.
fn question(command: ReportsCommand) -> (&'static str, ReportQuery, bool) {
    let of =
        |orders: OfOrders| ReportQuery { status: orders.status, promotion: orders.promotion, ..Default::default() };
    let (name, query, common) = match command {
        ReportsCommand::Sales { by, of_orders, sku, common } => {
            ("sales", ReportQuery { by: Some(by), sku, ..of(of_orders) }, common)
        }
        ReportsCommand::Products { of_orders, sku, limit, common } => {
            ("products", ReportQuery { sku, limit, ..of(of_orders) }, common)
        }
        ReportsCommand::Promotions { of_orders, common } => ("promotions", of(of_orders), common),
        ReportsCommand::Recovery { by, common } => {
            ("recovery", ReportQuery { by: Some(by), ..Default::default() }, common)
        }
        ReportsCommand::Carts { common } => ("carts", ReportQuery::default(), common),
        ReportsCommand::Payments { status, common } => {
            ("payments", ReportQuery { status, ..Default::default() }, common)
        }
    };
    let Common { from, to, time_zone, utc_offset, csv } = common;
    (name, ReportQuery { from, to, time_zone, utc_offset_minutes: utc_offset, ..query }, csv)
}

/// The rows, and by which clock their days begin.
fn by_zone<T>(report: &Report<T>, shown: impl Fn(&[T]) -> String) -> String {
    format!("{}\n{} to {}, days by {}", shown(&report.rows), report.from, report.to, report.time_zone)
}

fn money(amount: i64, currency: &str) -> String {
    format!("{} {currency}", amount::decimal(amount, amount::exponent(currency).unwrap_or(2)))
}

/// Adds a bar to each row where a person looks: as long as its number is high among those of its group.
fn with_bars(headings: &[&str], right: &[usize], rows: Vec<(Vec<String>, &str, i64)>) -> String {
    if rows.is_empty() {
        return "Nothing in this time.".to_owned();
    }
    if !std::io::stdout().is_terminal() {
        return table(headings, right, rows.into_iter().map(|(cells, ..)| cells).collect());
    }
    let most = |group: &str| rows.iter().filter(|row| row.1 == group).map(|row| row.2.unsigned_abs()).max();
    let drawn = rows.iter().map(|(cells, group, number)| {
        let bar = bar(*number, most(group).unwrap_or(0), BAR);
        [cells.clone(), vec![bar]].concat()
    });
    table(&[headings, &[""]].concat(), right, drawn.collect())
}

fn sales(rows: &[SalesRow]) -> String {
    let headings = ["From", "Orders", "Units", "Discount", "Tax", "Total", "Refunded", "Net"];
    let rows = rows.iter().map(|row| {
        let money = |amount| money(amount, &row.currency);
        let counts = [row.period.clone(), row.orders.to_string(), row.units.to_string()];
        let sums = [row.discount, row.tax, row.total, row.refunded, row.net].map(money);
        ([counts.to_vec(), sums.to_vec()].concat(), row.currency.as_str(), row.net)
    });
    with_bars(&headings, &[1, 2, 3, 4, 5, 6, 7], rows.collect())
}

fn products(rows: &[ProductRow]) -> String {
    let headings = ["SKU", "Name", "Orders", "Units", "Gross", "Discount", "Net of tax"];
    let rows = rows.iter().map(|row| {
        let money = |amount| money(amount, &row.currency);
        let texts = [row.sku.clone(), row.name.clone(), row.orders.to_string(), row.units.to_string()];
        let sums = [row.gross, row.discount, row.net_of_tax].map(money);
        ([texts.to_vec(), sums.to_vec()].concat(), row.currency.as_str(), row.net_of_tax)
    });
    with_bars(&headings, &[2, 3, 4, 5, 6], rows.collect())
}

fn promotions(rows: &[PromotionRow]) -> String {
    let rows = rows.iter().map(|row| {
        let off = [row.goods, row.shipping].map(|amount| money(amount, &row.currency));
        let texts = [row.promotion_id.to_string(), row.name.clone(), row.uses.to_string()];
        ([texts.to_vec(), off.to_vec()].concat(), row.currency.as_str(), row.goods + row.shipping)
    });
    with_bars(&["Promotion", "Name", "Uses", "Off goods", "Off shipping"], &[2, 3, 4], rows.collect())
}

fn carts(rows: &[CartsRow]) -> String {
    let rows = rows.iter().map(|row| {
        let cells = [row.kind.clone(), row.name.clone(), row.carts.to_string(), format!("{} %", row.percent)];
        (cells.to_vec(), row.kind.as_str(), row.carts)
    });
    with_bars(&["", "Carts", "Number", "Of all"], &[2, 3], rows.collect())
}

fn recovery(rows: &[RecoveryRow]) -> String {
    let headings =
        ["From", "Due", "Reminded", "Held out", "Orders", "Of all", "Revenue", "By link", "Of held out", "Uplift"];
    let share = |percent: &Option<String>| percent.as_ref().map_or_else(|| "–".to_owned(), |told| format!("{told} %"));
    let rows = rows.iter().map(|row| {
        let counts = [row.due, row.reminded, row.held_out, row.orders].map(|count| count.to_string());
        let uplift = row.uplift.map_or_else(|| "–".to_owned(), |uplift| money(uplift, &row.currency));
        let [revenue, by_link] = [row.revenue, row.link_revenue].map(|amount| money(amount, &row.currency));
        let rest = [share(&row.conversion), revenue, by_link, share(&row.held_out_conversion), uplift];
        let cells = [vec![row.period.clone()], counts.to_vec(), rest.to_vec()].concat();
        (cells, row.currency.as_str(), row.revenue)
    });
    with_bars(&headings, &[1, 2, 3, 4, 5, 6, 7, 8, 9], rows.collect())
}

fn payments(rows: &[PaymentsRow]) -> String {
    let rows = rows.iter().map(|row| {
        let sums = [row.asked, row.captured, row.refunded].map(|amount| money(amount, &row.currency));
        let texts = [row.gateway.clone(), row.status.clone(), row.payments.to_string()];
        ([texts.to_vec(), sums.to_vec()].concat(), row.currency.as_str(), row.asked)
    });
    with_bars(&["Gateway", "Outcome", "Payments", "Asked", "Captured", "Refunded"], &[2, 3, 4, 5], rows.collect())
}
