//! The report as a table: for a terminal, or as Markdown.

use super::measure::{Measured, Measurement, PROMOTIONS, Round};
use super::pricing;
use super::report::{Report, Verdict};
use comfy_table::presets::{ASCII_MARKDOWN, UTF8_HORIZONTAL_ONLY};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

const HEADINGS: [&str; 12] = [
    "Measurement",
    "Per second",
    "Of ceiling",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "Errors",
    "Target",
    "Met",
    "Grown: per second",
    "Cost",
    "Met",
];
const NUMBERS: [usize; 8] = [1, 2, 3, 4, 5, 6, 9, 10];
const ORDER: [Measurement; 11] = [
    Measurement::Healthz,
    Measurement::Read,
    Measurement::ReadPromoted,
    Measurement::ReadCold,
    Measurement::Add,
    Measurement::AddPromoted,
    Measurement::Alone,
    Measurement::Live,
    Measurement::Orders,
    Measurement::Checkouts,
    Measurement::Flash,
];

/// How the table is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Terminal,
    Markdown,
}

/// The table with what stands around it.
pub(super) fn show(report: &Report, look: Look) -> String {
    let table = draw(look, &HEADINGS, &NUMBERS, rows(report));
    let mut text = format!("{}\n\n{table}\n\n{}", report.machine.in_words(), below(report));
    if let Some(rows) = &report.pricing {
        text.push_str(&format!("\n\n{}", pricing::show(rows, look)));
    }
    text
}

/// A table; the columns `numbers` stand right.
pub(super) fn draw(
    look: Look,
    headings: &[&str],
    numbers: &[usize],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    let style: TableStyle = match look {
        Look::Terminal => UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()),
        Look::Markdown => ASCII_MARKDOWN,
    };
    table.load_style(style).set_header(headings.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for &index in numbers {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let mut rows: Vec<_> = ORDER.into_iter().filter_map(|measurement| row(report, measurement)).collect();
    let memory = |round| report.memory_mb(round).map(|megabytes| format!("{megabytes:.0} MB")).unwrap_or_default();
    let young = report.memory_verdict(Round::Young);
    let mut last = vec!["memory of the server, peak".to_owned(), memory(Round::Young)];
    last.resize(7, String::new());
    last.push(young.as_ref().map(|verdict| verdict.target.clone()).unwrap_or_default());
    last.push(mark_of(young));
    last.extend([memory(Round::Grown), String::new(), mark_of(report.memory_verdict(Round::Grown))]);
    rows.push(last);
    rows
}

fn row(report: &Report, measurement: Measurement) -> Option<Vec<String>> {
    let (young, grown) = (report.find(measurement, Round::Young), report.find(measurement, Round::Grown));
    let seen = young.or(grown)?;
    let per_second = if measurement == Measurement::Healthz { report.ceiling_per_second() } else { seen.per_second };
    let verdict = report.verdict(seen);
    let errors: u64 = [young, grown].into_iter().flatten().map(|seen| seen.errors).sum();
    let cost = report.growth_cost(measurement).filter(|_| measurement != Measurement::Healthz);
    Some(vec![
        measurement.title().to_owned(),
        if young.is_some() { thousands(per_second) } else { String::new() },
        format!("{:.2}", per_second / report.ceiling_per_second().max(1.0)),
        milliseconds(seen.p50_ms),
        milliseconds(seen.p95_ms),
        milliseconds(seen.p99_ms),
        errors.to_string(),
        verdict.as_ref().map(|verdict| verdict.target.clone()).unwrap_or_default(),
        mark_of(verdict),
        grown.map(|seen: &Measured| thousands(seen.per_second)).unwrap_or_default(),
        cost.map(|(cost, _)| format!("{:.0} %", cost * 100.0)).unwrap_or_default(),
        cost.map(|(_, met)| mark(met).to_owned()).unwrap_or_default(),
    ])
}

/// What the columns mean, the checker's verdict, the faults.
fn below(report: &Report) -> String {
    let Report { clients, seconds, history, .. } = report;
    let mut text = format!(
        "{clients} clients, {seconds} s each; server, load generator and database on the same machine. \
         /healthz is the median of its runs. With {PROMOTIONS} promotions: measured turn and turn about \
         with none; of the pairs the one in the middle."
    );
    if *history > 0 {
        text.push_str(&format!(
            " Grown: the same once {history} more carts and {history} more orders are in the database \
             ({:.0} MB at the end); it may cost 20 %.",
            report.database_bytes as f64 / 1e6
        ));
    }
    for seen in report.measured.iter().filter(|seen| seen.measurement == Measurement::Flash) {
        let (sold, refused) = (seen.operations - seen.refused, seen.refused);
        text.push_str(&format!(" Flash sale ({:?}): {sold} sold, {refused} refused in time.", seen.round));
    }
    text.push_str(&format!("\n\nverify: {}\n{}", mark(report.verified), report.verify_says));
    for fault in report.faults() {
        text.push_str(&format!("\nERROR  {fault}"));
    }
    text
}

fn mark_of(verdict: Option<Verdict>) -> String {
    verdict.map(|verdict| mark(verdict.met).to_owned()).unwrap_or_default()
}

pub(super) fn mark(met: bool) -> &'static str {
    if met { "✓" } else { "✗" }
}

fn milliseconds(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

/// `12,345`.
pub(super) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(0.4), "0");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
    }
}
