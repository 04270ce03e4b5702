//! Sends what a catalogue file says, in batches, and tells what became of every row.

use super::draft::not_apart;
use super::sheet::{Catalogue, Note, ReadProduct, RefusedRow, Twin};
use crate::cli::failure::Failure;
use crate::cli::screen;
use crate::cli::terminal::Terminal;
use cartwright_client::Error;
use cartwright_client::wire::{ImportProducts, StockDone, StockRule, UpsertOutcome, UpsertResult};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::Path;

/// Products and variants of a request, at most.
const BATCH: usize = 200;
const BATCH_VARIANTS: usize = 4_000;

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
    /// Variants whose stock the file stated, by what became of it.
    stock: StockDone,
    refused: Vec<RefusedRow>,
    notes: Vec<Note>,
}

/// A bar on a terminal; nothing where stderr is a file or a pipe.
pub(crate) fn progress_bar(length: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    let template = format!("{what} {{bar:40}} {{pos}}/{{len}} ({{per_sec}}, {{eta}} left)");
    ProgressStyle::with_template(&template).map_or(bar.clone(), |style| bar.with_style(style))
}

pub(crate) async fn send(
    path: &Path,
    catalogue: Catalogue,
    stock: StockRule,
    terminal: &Terminal,
) -> Result<FileReport, Failure> {
    let Catalogue { mut products, refused, notes, rows } = catalogue;
    let file = path.display().to_string();
    let mut report = FileReport {
        file,
        rows,
        products: products.len(),
        created: 0,
        updated: 0,
        unchanged: 0,
        refused_rows: 0,
        stock: StockDone::default(),
        refused,
        notes,
    };
    for product in products.iter_mut().filter(|product| !product.twins.is_empty()) {
        report.refused.extend(refuse_twins(product, terminal).await?);
    }
    let bar = progress_bar(products.len(), "products");
    let mut rest = products.as_slice();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(batch_of(rest));
        for (product, result) in batch.iter().zip(send_batch(batch, stock, terminal).await?) {
            report.note(product, &result);
        }
        bar.inc(batch.len() as u64);
        rest = after;
    }
    bar.finish_and_clear();
    report.refused.sort_by_key(|refused| refused.line);
    report.refused_rows = report.refused.len();
    Ok(report)
}

/// How many of the products make the next request.
fn batch_of(products: &[ReadProduct]) -> usize {
    let mut variants = 0;
    let fits = |product: &&ReadProduct| {
        variants += product.input.variants.len();
        variants <= BATCH_VARIANTS
    };
    products.iter().take(BATCH).take_while(fits).count().max(1)
}

/// Variants that nothing sets apart are taken where the shop has them so already.
async fn refuse_twins(product: &mut ReadProduct, terminal: &Terminal) -> Result<Vec<RefusedRow>, Failure> {
    let known = match terminal.client.admin_product(&product.input.handle).await {
        Ok(known) => known.variants,
        Err(error) if error.problem().is_some_and(|problem| problem.status == 404) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let new: Vec<Twin> = std::mem::take(&mut product.twins);
    let new = new.into_iter().filter(|twin| !known.iter().any(|variant| variant.sku == twin.sku));
    let mut refused = Vec::new();
    for twin in new {
        product.input.variants.retain(|variant| variant.sku != twin.sku);
        product.lines.retain(|line| *line != twin.line);
        let (line, handle) = (twin.line, product.input.handle.clone());
        refused.push(RefusedRow { line, handle, reason: not_apart(twin.first) });
    }
    Ok(refused)
}

/// A batch that is refused as a whole is sent in halves, so that one bad product fails alone.
async fn send_batch(
    batch: &[ReadProduct],
    stock: StockRule,
    terminal: &Terminal,
) -> Result<Vec<UpsertResult>, Failure> {
    let products = batch.iter().map(|product| product.input.clone()).collect();
    match terminal.client.import_products(&ImportProducts { products, stock }).await {
        Ok(report) if report.results.len() == batch.len() => Ok(report.results),
        Ok(report) => {
            let (sent, answered) = (batch.len(), report.results.len());
            Err(Failure::Unexpected(format!("{sent} products were sent and {answered} answered")))
        }
        Err(error) => match (is_about_content(&error), batch) {
            (true, [product]) => Ok(vec![refusal_of(product, &error)]),
            (true, _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                let mut results = Box::pin(send_batch(first, stock, terminal)).await?;
                results.extend(Box::pin(send_batch(second, stock, terminal)).await?);
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
    let (handle, stock) = (product.input.handle.clone(), StockDone::default());
    UpsertResult { handle, outcome: UpsertOutcome::Refused, reason: Some(reason), stock }
}

impl FileReport {
    fn note(&mut self, product: &ReadProduct, result: &UpsertResult) {
        self.stock += result.stock;
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
        if let Some(stock) = stock_in_words(report.stock) {
            text.push_str(&format!("\nstock: {}: {stock}", report.file));
        }
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

/// What became of the stock that a file states.
fn stock_in_words(done: StockDone) -> Option<String> {
    let StockDone { new, set, added, left } = done;
    let said = [
        (new, "set for new variants"),
        (set, "set to another number"),
        (added, "added to what was there"),
        (left, "left as it is, though the file says otherwise (--stock set or add changes it)"),
    ];
    let said: Vec<String> =
        said.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    (!said.is_empty()).then(|| said.join(", "))
}
