//! Sends what a catalogue file says, in batches, and tells what became of every row.

use super::sheet::{Catalogue, Note, ReadProduct, RefusedRow};
use crate::cli::failure::Failure;
use crate::cli::screen;
use crate::cli::terminal::Terminal;
use cartwright_client::Error;
use cartwright_client::wire::{UpsertOutcome, UpsertProducts, UpsertResult};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::Path;

const BATCH: usize = 200;

/// What became of one file.
#[derive(Debug, Serialize)]
pub(crate) struct FileReport {
    file: String,
    rows: usize,
    products: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    refused_rows: usize,
    refused: Vec<RefusedRow>,
    notes: Vec<Note>,
}

/// A bar on a terminal; nothing where stderr is a file or a pipe.
pub(crate) fn progress_bar(length: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    let template = format!("{what} {{bar:40}} {{pos}}/{{len}} ({{per_sec}}, {{eta}} left)");
    ProgressStyle::with_template(&template).map_or(bar.clone(), |style| bar.with_style(style))
}

pub(crate) async fn send(path: &Path, catalogue: Catalogue, terminal: &Terminal) -> Result<FileReport, Failure> {
    let Catalogue { products, refused, notes, rows } = catalogue;
    let file = path.display().to_string();
    let mut report = FileReport {
        file,
        rows,
        products: products.len(),
        created: 0,
        updated: 0,
        unchanged: 0,
        refused_rows: 0,
        refused,
        notes,
    };
    let bar = progress_bar(products.len(), "products");
    for batch in products.chunks(BATCH) {
        for (product, result) in batch.iter().zip(send_batch(batch, terminal).await?) {
            report.note(product, &result);
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    report.refused.sort_by_key(|refused| refused.line);
    report.refused_rows = report.refused.len();
    Ok(report)
}

/// A batch that is refused as a whole is sent product by product, so that one bad product fails alone.
async fn send_batch(batch: &[ReadProduct], terminal: &Terminal) -> Result<Vec<UpsertResult>, Failure> {
    let products = batch.iter().map(|product| product.input.clone()).collect();
    match terminal.client.upsert_products(&UpsertProducts { products }).await {
        Ok(report) if report.results.len() == batch.len() => Ok(report.results),
        Ok(report) => {
            let (sent, answered) = (batch.len(), report.results.len());
            Err(Failure::Unexpected(format!("{sent} products were sent and {answered} answered")))
        }
        Err(error) => match (is_about_content(&error), batch) {
            (true, [product]) => Ok(vec![refusal_of(product, &error)]),
            (true, _) => {
                let mut results = Vec::with_capacity(batch.len());
                for product in batch.chunks(1) {
                    results.extend(Box::pin(send_batch(product, terminal)).await?);
                }
                Ok(results)
            }
            _ => Err(error.into()),
        },
    }
}

fn is_about_content(error: &Error) -> bool {
    error.problem().is_some_and(|problem| matches!(problem.status, 400 | 409 | 413 | 422))
}

fn refusal_of(product: &ReadProduct, error: &Error) -> UpsertResult {
    let items = error.problem().map(|problem| problem.errors.as_slice()).unwrap_or_default();
    let mut reason = error.to_string();
    for item in items {
        reason.push_str(&format!("; {}: {}", item.field.as_deref().unwrap_or(&item.code), item.detail));
    }
    UpsertResult { handle: product.input.handle.clone(), outcome: UpsertOutcome::Refused, reason: Some(reason) }
}

impl FileReport {
    fn note(&mut self, product: &ReadProduct, result: &UpsertResult) {
        match result.outcome {
            UpsertOutcome::Created => self.created += 1,
            UpsertOutcome::Updated => self.updated += 1,
            UpsertOutcome::Unchanged => self.unchanged += 1,
            UpsertOutcome::Refused => {
                let reason = result.reason.clone().unwrap_or_else(|| "refused by the shop".to_owned());
                let (handle, lines) = (product.input.handle.clone(), product.lines.iter());
                self.refused.extend(lines.map(|line| RefusedRow {
                    line: *line,
                    handle: handle.clone(),
                    reason: reason.clone(),
                }));
            }
        }
    }
}

/// The summary; a failure if a row was refused.
pub(crate) fn show(reports: &[FileReport], terminal: &Terminal) -> Result<(), Failure> {
    terminal.show(&reports, |reports| in_words(reports))?;
    if reports.iter().all(|report| report.refused.is_empty()) { Ok(()) } else { Err(Failure::Found) }
}

fn in_words(reports: &[FileReport]) -> String {
    let rows = reports.iter().map(|report| {
        let counts =
            [report.rows, report.products, report.created, report.updated, report.unchanged, report.refused_rows];
        std::iter::once(report.file.clone()).chain(counts.map(|count| count.to_string())).collect()
    });
    let headings = ["File", "Rows", "Products", "Created", "Updated", "Unchanged", "Refused rows"];
    let mut text = screen::table(&headings, &[1, 2, 3, 4, 5, 6], rows.collect());
    for report in reports {
        for refused in &report.refused {
            let handle = if refused.handle.is_empty() { String::new() } else { format!("{}: ", refused.handle) };
            text.push_str(&format!("\nrefused: {}:{}: {}{}", report.file, refused.line, handle, refused.reason));
        }
        for note in &report.notes {
            let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
            text.push_str(&format!("\nnote: {}{line}: {}", report.file, note.text));
        }
    }
    text
}
