//! How the store ships, and its tax rates: two lists that are shown and replaced as a whole.

use super::failure::Failure;
use super::screen;
use super::terminal::Terminal;
use cartwright_client::wire::{ShippingTable, TaxTable};
use clap::Subcommand;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// `shipping …` and `taxes …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
`show --json` prints the file that `set` takes; docs/shipping-and-tax.md describes it.")]
pub enum RatesCommand {
    /// Show the list.
    Show,
    /// Replace the list by a JSON file's.
    Set {
        /// The file: `{\"methods\": […]}` or `{\"rates\": […]}`, or the list alone.
        file: PathBuf,
    },
}

pub(crate) async fn run_shipping(command: RatesCommand, terminal: &Terminal) -> Result<(), Failure> {
    let table: ShippingTable = match command {
        RatesCommand::Show => terminal.client.shipping_table().await?,
        RatesCommand::Set { file } => terminal.client.set_shipping_table(&read(&file, "methods")?).await?,
    };
    terminal.show(&table, |table| {
        let row = |method: &Value| {
            let zones = texts(&method["zones"], place);
            vec![text(&method["handle"]), text(&method["name"]), zones, method["rate"].to_string()]
        };
        screen::table(&["Method", "Name", "Where", "Rate"], &[], table.methods.iter().map(row).collect())
    })
}

pub(crate) async fn run_taxes(command: RatesCommand, terminal: &Terminal) -> Result<(), Failure> {
    let table: TaxTable = match command {
        RatesCommand::Show => terminal.client.tax_table().await?,
        RatesCommand::Set { file } => terminal.client.set_tax_table(&read(&file, "rates")?).await?,
    };
    terminal.show(&table, |table| {
        let row = |rate: &Value| {
            let categories = texts(&rate["categories"], text);
            vec![
                text(&rate["name"]),
                text(&rate["percent"]),
                place(&rate["zone"]),
                categories,
                text(&rate["applies_to"]),
            ]
        };
        let headings = ["Rate", "Percent", "Where", "Categories", "On"];
        screen::table(&headings, &[1], table.rates.iter().map(row).collect())
    })
}

/// The table of a file, or of the list alone.
fn read<T: DeserializeOwned>(path: &Path, list: &str) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::of_file("read", path, &error))?;
    let parsed = serde_json::from_str::<Value>(&text)
        .and_then(|value| serde_json::from_value(if value.is_array() { json!({ list: value }) } else { value }));
    parsed.map_err(|error| Failure::of_file("understand", path, &error))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn texts(list: &Value, one: impl Fn(&Value) -> String) -> String {
    list.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

/// `DE, AT 10…` of a zone; nothing for everywhere.
fn place(zone: &Value) -> String {
    let parts = ["countries", "regions", "postcode_prefixes"].map(|name| texts(&zone[name], text));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
