//! Reconciliation: the providers' payments of a period beside the orders.

use super::failure::Failure;
use super::instant::instant;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{Instant, Reconcile, ReconcileReport};
use clap::Args;

/// `reconcile`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Ends with exit code 1 where something differs that was not repaired, or a gateway gave no answer.

Examples:
  cartwright reconcile                                            # the last 24 hours
  cartwright reconcile --from 2026-11-01 --until 2026-12-01       # a month
  cartwright reconcile --repair --json")]
pub struct ReconcileCommand {
    /// First instant of the period: a day by the store's clock, or RFC 3339 [default: 24 hours before its end].
    #[arg(long, value_parser = instant)]
    from: Option<Instant>,
    /// End of the period, left out [default: now].
    #[arg(long, value_parser = instant)]
    until: Option<Instant>,
    /// Repair what can be, by taking in what the provider says; for the rest it says what to do.
    #[arg(long)]
    repair: bool,
}

pub(crate) async fn run(command: ReconcileCommand, terminal: &Terminal) -> Result<(), Failure> {
    let ReconcileCommand { from, until, repair } = command;
    let report = terminal.client.reconcile(&Reconcile { from, until, repair }).await?;
    terminal.show(&report, show)?;
    if report.ok { Ok(()) } else { Err(Failure::Found) }
}

fn show(report: &ReconcileReport) -> String {
    let mut text = format!("{} payments beside {} orders.", report.payments, report.orders);
    if report.drift.is_empty() {
        text.push_str(" Nothing differs.");
    } else {
        let rows = report.drift.iter().map(|drift| {
            let order = drift.order_id.map(|id| id.to_string()).unwrap_or_default();
            let (ours, theirs) = (drift.captured.formatted.clone(), drift.captured_there.formatted.clone());
            let back = drift.refunded_there.as_ref().map(|money| money.formatted.clone()).unwrap_or_default();
            let repaired = if drift.repaired { "repaired" } else { "" };
            let back = format!("{} / {back}", drift.refunded.formatted);
            vec![
                drift.kind.clone(),
                order,
                drift.reference.clone(),
                format!("{ours} / {theirs}"),
                back,
                repaired.to_owned(),
            ]
        });
        let headings = ["What", "Order", "Payment", "Captured: here / there", "Refunded: here / there", ""];
        text.push('\n');
        text.push_str(&screen::table(&headings, &[3, 4], rows.collect()));
    }
    for drift in report.drift.iter().filter(|drift| !drift.next.is_empty()) {
        let named = drift.order_id.map_or_else(|| drift.reference.clone(), |id| id.to_string());
        text.push_str(&format!("\n{} {named}: {}", drift.kind, drift.next));
    }
    for gateway in &report.silent {
        text.push_str(&format!("\n! {gateway} gave no answer; its payments were not all compared."));
    }
    if report.cut_off {
        text.push_str("\n! More than is looked at once: choose a shorter period.");
    }
    text
}
