//! `promotions try`: what a draft would have cost, told so that it can be taken in at a glance.

use super::failure::Failure;
use super::terminal::Terminal;
use super::{promotions, screen};
use cartwright_client::wire::{TryPromotion, TryoutCart, TryoutDay, TryoutReport};
use clap::Args;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of the longest bar.
const BAR: u64 = 40;
/// Carts shown; `--json` has more.
const CARTS_SHOWN: usize = 10;

/// `promotions try …`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The file is one that `create` takes. Orders are priced at their own prices and times, without the draft and with it; whether
it is active, when it starts and when it ends is left out of account. Nothing is changed.

Examples:
  cartwright promotions try summer.json
  cartwright promotions try summer.json --days 7 --replaces \"Welcome: 10% off\"")]
pub struct TryCommand {
    /// The file.
    file: PathBuf,
    /// Days to look back, 1 to 366.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=366))]
    days: i64,
    /// Codes that would unlock it, besides those in the file.
    #[arg(long = "code")]
    codes: Vec<String>,
    /// Counts only orders and carts that carry one of its codes; otherwise all count as if they did.
    #[arg(long)]
    only_with_code: bool,
    /// A promotion whose place it would take: its id or the end of it, or its name.
    #[arg(long)]
    replaces: Option<String>,
}

pub(crate) async fn run(command: TryCommand, terminal: &Terminal) -> Result<(), Failure> {
    let input = promotions::read(&command.file)?;
    let replaces = match &command.replaces {
        Some(word) => Some(promotions::find(word, terminal).await?.id),
        None => None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let draft = TryPromotion {
        definition: input.definition,
        codes: [input.codes, command.codes].concat(),
        assume_code: !command.only_with_code,
        from: Some((now - command.days * DAY_MS).into()),
        until: Some(now.into()),
        replaces,
    };
    terminal.show(&terminal.client.try_promotion(&draft).await?, in_words)
}

fn in_words(report: &TryoutReport) -> String {
    let day = |instant: &str| instant.split('T').next().unwrap_or_default().to_owned();
    let mut parts = vec![format!("{} to {}", day(&report.from), day(&report.until))];
    if report.days.is_empty() {
        parts.push("No order was placed in this time.".to_owned());
    } else {
        parts.push(days(&report.days));
        parts.extend(report.sums.iter().map(|sum| {
            let (changed, orders) = (sum.orders_changed, sum.orders);
            format!("It would have cost {} and changed {changed} of {}.", sum.cost.formatted, counted(orders, "order"))
        }));
    }
    parts.extend(doubts(report));
    let carts = &report.carts;
    let cost: Vec<&str> = carts.cost.iter().map(|money| money.formatted.as_str()).collect();
    let cost = if cost.is_empty() { String::new() } else { format!(", at a cost of {}", cost.join(" and ")) };
    parts.push(format!("It changes {} of {}{cost}.", carts.changed, counted(carts.looked_at, "open cart")));
    if !carts.list.is_empty() {
        parts.push(changed_carts(&carts.list, carts.changed));
    }
    parts.join("\n")
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What keeps the figures from being the whole truth.
fn doubts(report: &TryoutReport) -> Vec<String> {
    let mut doubts = Vec::new();
    if report.orders_differing > 0 {
        let orders = counted(report.orders_differing, "order");
        doubts
            .push(format!("! {orders} would cost something else today without it, too: the store was changed since."));
    }
    if report.orders_not_priced > 0 {
        let orders = counted(report.orders_not_priced, "order");
        doubts.push(format!("! {orders} cannot be priced any more and are in no sum."));
    }
    if report.truncated {
        doubts.push("! There is more than could be looked at; try fewer days.".to_owned());
    }
    doubts
}

/// The days with a bar each, as long as its cost is high among those of its currency.
fn days(days: &[TryoutDay]) -> String {
    let most = |currency: &str| {
        let costs = days.iter().filter(|day| day.currency == currency).map(|day| day.cost.amount.unsigned_abs());
        costs.max().unwrap_or(0)
    };
    let rows = days.iter().map(|day| {
        let bar = screen::bar(day.cost.amount, most(&day.currency), BAR);
        vec![day.date.clone(), day.orders.to_string(), day.changed.to_string(), day.cost.formatted.clone(), bar]
    });
    screen::table(&["Day", "Orders", "Changed", "Cost", ""], &[1, 2, 3], rows.collect())
}

fn changed_carts(list: &[TryoutCart], changed: u64) -> String {
    let rows = list
        .iter()
        .take(CARTS_SHOWN)
        .map(|cart| vec![cart.cart_id.to_string(), cart.before.formatted.clone(), cart.after.formatted.clone()]);
    let mut text = screen::table(&["Cart", "Now", "With it"], &[1, 2], rows.collect());
    if changed > CARTS_SHOWN as u64 {
        text.push_str(&format!("\nand {} more; --json lists up to 1,000", changed - CARTS_SHOWN as u64));
    }
    text
}
