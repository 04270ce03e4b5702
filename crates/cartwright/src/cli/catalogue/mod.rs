//! Import and export of the catalogue as CSV, through the public interface like everybody else.

mod draft;
mod export;
mod lists;
mod numbers;
mod plain;
mod send;
mod sheet;
mod shopify;
mod text;

pub(crate) use draft::slug;
pub(crate) use send::progress_bar;
pub(crate) use sheet::{Row, Sheet, Written};

use super::amount;
use super::failure::Failure;
use super::stores;
use super::terminal::Terminal;
use cartwright_client::wire::StockRule;
use clap::{Args, ValueEnum};
use numbers::{Decimal, Numbers};
use sheet::Catalogue;
use std::path::{Path, PathBuf};

/// Format of a catalogue file.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Shopify's product CSV.
    Shopify,
    /// One row per variant, with Cartwright's own columns.
    Plain,
}

/// `import`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Every row that cannot be taken is told with its line and the reason; all others are loaded, and a bad variant does not
take its product's other variants with it. Exit code 1 if a row was refused.

What the file does not state stays as it is: columns that it lacks, variants that it does not name. An empty cell is none;
an empty price or name is refused, an empty `active`, `track_stock` or `stock` says nothing. Stock counts for new variants;
that of the others stays, so that what was sold does not come back, unless --stock says otherwise.

Shopify, with its headings of today or before: rows of one handle are one product. `Title: Default Title` means no options;
a variant without an SKU is the one with the same options, and a new one gets handle-option-values. Where the inventory tracker
is blank, or the policy is `continue`, stock is not counted. Columns that Cartwright does not keep are named.

Plain: handle,name,description,vendor,sku,price,prices,min_unit_prices,stock,track_stock,weight_grams,attributes,tags,
tax_category,price_policy,hold_policy,active,variant_active,images; only handle must be there. `prices` has other currencies
(USD=13.00;JPY=1900), `attributes` is Size=M;Colour=red, tags have commas between them, images blanks. A backslash before a
comma, semicolon, blank or equals sign makes it an ordinary character; apostrophes around a cell keep blanks at its ends.

Commas, semicolons, tabs and bars between fields, decimal points and commas, UTF-8, UTF-16 and the encodings of older
spreadsheets are recognised; what is unusual is said. A number that can mean two things is refused: say --decimal.

Examples:
  cartwright import apparel.csv home-and-garden.csv
  cartwright import delivery.csv --stock add
  cartwright --store retail import preise.csv --format plain --decimal comma --encoding windows-1252")]
pub struct ImportCommand {
    /// CSV files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Format of the files; told by the headings unless given.
    #[arg(long)]
    format: Option<Format>,
    /// What the stock of a file means for variants that are there already: it is the number now, so many came in, or nothing.
    #[arg(long, default_value = "leave")]
    stock: Stock,
    /// Mark before decimals; told by the numbers unless given.
    #[arg(long)]
    decimal: Option<Decimal>,
    /// Mark between fields, or `tab`; told by the headings unless given.
    #[arg(long, value_parser = separator)]
    separator: Option<u8>,
    /// Encoding, such as windows-1252; told by the text unless given.
    #[arg(long)]
    encoding: Option<String>,
}

/// What the stock of a file means for variants that are there already.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Stock {
    /// So many are there now.
    Set,
    /// So many came in.
    Add,
    /// Nothing.
    Leave,
}

impl Stock {
    fn rule(self) -> StockRule {
        match self {
            Stock::Set => StockRule::Set,
            Stock::Add => StockRule::Add,
            Stock::Leave => StockRule::Leave,
        }
    }
}

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [mark] if mark.is_ascii() && !mark.is_ascii_alphanumeric() && *mark != b'"' => Ok(*mark),
        _ => Err("must be one mark such as `;`, or `tab`".to_owned()),
    }
}

/// `export`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
What is exported can be imported again and then changes nothing, to the last byte of every field. Shopify's format has no
place for prices in other currencies, floors, policies and switched-off variants, and for more than three options; what
cannot be written is told on stderr, with exit code 1, and stays as it is when the file is imported into the same store.

Examples:
  cartwright export > catalogue.csv
  cartwright export --format shopify --output products.csv")]
pub struct ExportCommand {
    /// Format to write.
    #[arg(long, default_value = "plain")]
    format: Format,
    /// File to write; the standard output unless given.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

pub(crate) async fn import(command: ImportCommand, terminal: &Terminal) -> Result<(), Failure> {
    // All files are read before anything is sent: a file that is missing stops the import, not the half of it.
    let store = stores::current(terminal).await?;
    let exponent = exponent_of(&store.currency)?;
    let mut files = Vec::with_capacity(command.files.len());
    for path in &command.files {
        let numbers = Numbers::new(&store.currency, exponent, command.decimal);
        files.push((path.clone(), read_file(path, &command, numbers)?));
    }
    let mut reports = Vec::with_capacity(files.len());
    for (path, catalogue) in files {
        reports.push(send::send(&path, catalogue, command.stock.rule(), terminal).await?);
    }
    send::show(&reports, terminal)
}

pub(crate) async fn export(command: ExportCommand, terminal: &Terminal) -> Result<(), Failure> {
    export::run(command.format, command.output.as_deref(), terminal).await
}

/// Decimals of a currency that the server named.
pub(crate) fn exponent_of(currency: &str) -> Result<u32, Failure> {
    amount::exponent(currency).ok_or_else(|| Failure::Unexpected(format!("`{currency}` is not a known currency")))
}

fn read_file(path: &Path, command: &ImportCommand, numbers: Numbers) -> Result<Catalogue, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::of_file("read", path, &error))?;
    let written = Written { encoding: command.encoding.clone(), separator: command.separator };
    read_bytes(&bytes, command.format, &written, numbers).map_err(|reason| Failure::of_file("import", path, &reason))
}

fn read_bytes(bytes: &[u8], format: Option<Format>, written: &Written, numbers: Numbers) -> Result<Catalogue, String> {
    let known: Vec<&str> = match format {
        Some(Format::Shopify) => shopify::known().collect(),
        Some(Format::Plain) => plain::COLUMNS.to_vec(),
        None => shopify::known().chain(plain::COLUMNS).collect(),
    };
    let sheet = Sheet::read(bytes, written, &known)?;
    let format = format.unwrap_or(if shopify::is_meant(&sheet) { Format::Shopify } else { Format::Plain });
    match format {
        Format::Shopify => shopify::read(sheet, numbers),
        Format::Plain => plain::read(sheet, numbers),
    }
}
