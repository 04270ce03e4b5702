//! What a replay comes to: orders, compared totals, and every row that was not sold, with its reason.

use super::invoices::{Plan, ReportedRow};
use super::play::{Outcome, Outcomes, Reason};
use crate::cli::amount::decimal;
use crate::cli::failure::Failure;
use crate::cli::screen;
use cartwright_client::wire::write_cell;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The result of a replay.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) store: String,
    pub(crate) rows: usize,
    pub(crate) invoices: usize,
    pub(crate) articles: usize,
    pub(crate) orders_placed: usize,
    pub(crate) orders_found_from_before: usize,
    pub(crate) invoices_without_a_sellable_row: usize,
    pub(crate) failed: Vec<FailedInvoice>,
    pub(crate) compared: usize,
    pub(crate) equal: usize,
    pub(crate) different: Vec<Difference>,
    pub(crate) totals_left_out: BTreeMap<&'static str, usize>,
    pub(crate) orders_without_a_total: usize,
    pub(crate) reported_rows: BTreeMap<&'static str, usize>,
    pub(crate) elapsed_ms: u64,
}

/// An invoice that did not become a placed order.
#[derive(Debug, Serialize)]
pub(crate) struct FailedInvoice {
    pub(crate) invoice: String,
    #[serde(flatten)]
    pub(crate) reason: Reason,
}

/// An order whose total is not the known one; minor units.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) invoice: String,
    pub(crate) known: i64,
    pub(crate) charged: i64,
}

impl Report {
    pub(crate) fn new(plan: &Plan, outcomes: &Outcomes, totals: &[(String, i64)]) -> Self {
        let mut report = Self {
            rows: plan.rows,
            invoices: plan.invoices.len(),
            articles: plan.articles.len(),
            invoices_without_a_sellable_row: plan.invoices.iter().filter(|invoice| invoice.lines.is_empty()).count(),
            ..Self::default()
        };
        for row in &plan.reported {
            *report.reported_rows.entry(row.reason).or_default() += 1;
        }
        let known: HashMap<&str, i64> = totals.iter().map(|(number, total)| (number.as_str(), *total)).collect();
        for invoice in &plan.invoices {
            match outcomes.get(&invoice.number) {
                Some(Outcome::Placed { is_new, .. }) => {
                    *(if *is_new { &mut report.orders_placed } else { &mut report.orders_found_from_before }) += 1;
                    report.orders_without_a_total += usize::from(!known.contains_key(invoice.number.as_str()));
                }
                Some(Outcome::Failed(reason)) => {
                    report.failed.push(FailedInvoice { invoice: invoice.number.clone(), reason: reason.clone() });
                }
                None => {}
            }
        }
        report.compare(plan, outcomes, totals);
        report
    }

    fn compare(&mut self, plan: &Plan, outcomes: &Outcomes, totals: &[(String, i64)]) {
        let reported: HashMap<&str, usize> =
            plan.invoices.iter().map(|invoice| (invoice.number.as_str(), invoice.reported)).collect();
        for (number, known) in totals {
            let left_out = match (reported.get(number.as_str()), outcomes.get(number)) {
                (None, _) => "not among the invoices replayed",
                (Some(1..), _) => "has rows that cannot be sold",
                (Some(0), Some(Outcome::Placed { total, .. })) => {
                    self.compared += 1;
                    if total == known {
                        self.equal += 1;
                    } else {
                        self.different.push(Difference { invoice: number.clone(), known: *known, charged: *total });
                    }
                    continue;
                }
                (Some(0), _) => "has no placed order",
            };
            *self.totals_left_out.entry(left_out).or_default() += 1;
        }
    }

    /// Whether every order was placed and every compared total is the known one.
    pub(crate) fn is_good(&self) -> bool {
        self.different.is_empty() && self.failed.is_empty()
    }

    pub(crate) fn in_words(&self, exponent: u32) -> String {
        let mut rows: Vec<[String; 2]> = Vec::new();
        let mut add = |what: &str, count: usize| rows.push([what.to_owned(), count.to_string()]);
        add("Rows read", self.rows);
        add("Invoices", self.invoices);
        add("Articles", self.articles);
        add("Orders placed", self.orders_placed);
        add("Orders found from an earlier run", self.orders_found_from_before);
        add("Invoices that failed", self.failed.len());
        add("Invoices without a sellable row", self.invoices_without_a_sellable_row);
        add("Totals compared", self.compared);
        add("  equal", self.equal);
        add("  different", self.different.len());
        add("Totals left out", self.totals_left_out.values().sum());
        for (reason, count) in &self.totals_left_out {
            add(&format!("  {reason}"), *count);
        }
        add("Orders without a known total", self.orders_without_a_total);
        add("Rows reported, not sold", self.reported_rows.values().sum());
        for (reason, count) in &self.reported_rows {
            add(&format!("  {reason}"), *count);
        }
        let title = format!("Replay into the store {}", self.store);
        let mut text = screen::table(&[&title, "Count"], &[1], rows.into_iter().map(Vec::from).collect());
        for failed in &self.failed {
            text.push_str(&format!("\nfailed: {}: {} [{}]", failed.invoice, failed.reason.detail, failed.reason.code));
        }
        for difference in &self.different {
            let (known, charged) = (decimal(difference.known, exponent), decimal(difference.charged, exponent));
            text.push_str(&format!("\ndifferent: {}: known {known}, charged {charged}", difference.invoice));
        }
        let verdict = match (self.compared, self.is_good()) {
            (0, _) => "No total was compared.".to_owned(),
            (compared, true) => format!("All {compared} compared totals are equal."),
            (compared, false) => format!("{} of {compared} compared totals are equal.", self.equal),
        };
        format!("{text}\n{verdict} ({}.{:01} s)", self.elapsed_ms / 1_000, self.elapsed_ms % 1_000 / 100)
    }
}

/// Writes every reported row with its line number.
pub(crate) fn write_rows(path: &Path, rows: &[ReportedRow]) -> Result<(), Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::of_file("write", path, error);
    let mut writer = csv::Writer::from_path(path).map_err(|error| cannot(&error))?;
    let headings = ["line", "invoice", "stock_code", "quantity", "unit_price", "reason"];
    writer.write_record(headings).map_err(|error| cannot(&error))?;
    for row in rows {
        let line = row.line.to_string();
        let cells = [&*line, &row.invoice, &row.stock_code, &row.quantity, &row.unit_price, row.reason];
        writer.write_record(cells.map(|cell| write_cell(cell).into_owned())).map_err(|error| cannot(&error))?;
    }
    writer.flush().map_err(|error| cannot(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_invoices_made_only_of_sellable_rows_are_compared() {
        let text = "InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID\n\
                    1,A,x,1,1.00,\n2,A,x,1,1.00,\n3,A,x,1,1.00,\n3,A,x,1,0,\n4,A,x,1,1.00,\n5,A,x,1,1.00,\nC6,A,x,-1,1.00,\n";
        let plan = Plan::read(text.as_bytes(), 2, usize::MAX).expect("a plan");
        let placed = |total| Outcome::Placed { total, is_new: true };
        let failed = Outcome::Failed(Reason { code: "insufficient_stock".to_owned(), detail: "no".to_owned() });
        let outcomes = Outcomes::from(
            [("1", placed(100)), ("2", placed(101)), ("3", placed(100)), ("4", failed), ("5", placed(100))]
                .map(|(number, outcome)| (number.to_owned(), outcome)),
        );
        let totals = [("1", 100), ("2", 100), ("3", 100), ("4", 100), ("9", 100)]
            .map(|(number, total)| (number.to_owned(), total));
        let report = Report::new(&plan, &outcomes, &totals);
        assert_eq!((report.compared, report.equal, report.orders_placed, report.failed.len()), (2, 1, 4, 1));
        assert_eq!(report.different, [Difference { invoice: "2".to_owned(), known: 100, charged: 101 }]);
        assert_eq!(report.totals_left_out.values().sum::<usize>(), 3);
        assert_eq!((report.orders_without_a_total, report.invoices_without_a_sellable_row), (1, 1));
        assert!(!report.is_good());
    }
}
