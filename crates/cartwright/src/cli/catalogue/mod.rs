//! Import and export of the catalogue as CSV, through the public interface like everybody else.

mod draft;
mod export;
mod lists;
mod plain;
mod send;
mod sheet;
mod shopify;

pub(crate) use draft::slug;
pub(crate) use send::progress_bar;
pub(crate) use sheet::{Row, Sheet};

use super::amount;
use super::failure::Failure;
use super::stores;
use super::terminal::Terminal;
use clap::{Args, ValueEnum};
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
take its product's other variants with it. The same file again changes nothing. Exit code 1 if a row was refused.

Shopify: rows of one handle are one product. `Title: Default Title` means no options; an empty SKU becomes
handle-option-values; stock comes from Variant Inventory Qty, and the policy `continue` means that stock is not counted.
Columns that Cartwright does not keep are named.

Plain: handle,name,description,vendor,sku,price,prices,stock,track_stock,weight_grams,attributes,tags,tax_category,
active,images; only handle, name and price must be there. Prices are decimal (12.50); `prices` has other currencies
(USD=13.00;JPY=1900), `attributes` is Size=M;Colour=red, tags have commas between them, images blanks. A backslash
before a comma, semicolon or equals sign makes it an ordinary character. An empty stock leaves the stock alone.

Examples:
  cartwright import apparel.csv home-and-garden.csv
  cartwright --store retail import goods.csv --format plain")]
pub struct ImportCommand {
    /// CSV files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Format of the files; told by the headings unless given.
    #[arg(long)]
    format: Option<Format>,
}

/// `export`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
What is exported can be imported again and then changes nothing. Shopify's format has no place for prices in other
currencies and for more than three options; what cannot be written is told on stderr, with exit code 1.

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
        files.push((path.clone(), read_file(path, command.format, exponent)?));
    }
    let mut reports = Vec::with_capacity(files.len());
    for (path, catalogue) in files {
        reports.push(send::send(&path, catalogue, terminal).await?);
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

fn read_file(path: &Path, format: Option<Format>, exponent: u32) -> Result<Catalogue, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::of_file("read", path, &error))?;
    read_bytes(&bytes, format, exponent).map_err(|reason| Failure::of_file("import", path, &reason))
}

fn read_bytes(bytes: &[u8], format: Option<Format>, exponent: u32) -> Result<Catalogue, String> {
    let sheet = Sheet::read(bytes)?;
    let format = format.unwrap_or(if shopify::is_meant(&sheet) { Format::Shopify } else { Format::Plain });
    match format {
        Format::Shopify => shopify::read(sheet, exponent),
        Format::Plain => plain::read(sheet, exponent),
    }
}
