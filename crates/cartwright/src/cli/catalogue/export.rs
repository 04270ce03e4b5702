//! Writes the catalogue as CSV so that an import of the file changes nothing.

use super::lists::{write_list, write_pairs, write_text, write_words};
use super::{Format, exponent_of, plain};
use crate::cli::amount::decimal;
use crate::cli::failure::Failure;
use crate::cli::stores;
use crate::cli::terminal::Terminal;
use cartwright_client::ProductQuery;
use cartwright_client::wire::{HoldPolicy, Money, PricePolicy, Product, Variant, write_cell};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

const PAGE_ROWS: u32 = 100;

const SHOPIFY_COLUMNS: [&str; 22] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Requires Shipping",
    "Variant Tax Code",
    "Image Src",
    "Image Position",
];

pub(crate) async fn run(format: Format, output: Option<&Path>, terminal: &Terminal) -> Result<(), Failure> {
    let exponent = exponent_of(&stores::current(terminal).await?.currency)?;
    let query = ProductQuery { sort: Some("name".to_owned()), limit: Some(PAGE_ROWS), ..ProductQuery::default() };
    let products = terminal.client.admin_products(&query).all().await?;
    let (bytes, left_out) = match format {
        Format::Plain => (plain_csv(&products, exponent), Vec::new()),
        Format::Shopify => shopify_csv(&products, exponent),
    };
    let bytes = bytes.map_err(|error| Failure::Unexpected(error.to_string()))?;
    write(output, &bytes)?;
    for told in &left_out {
        eprintln!("note: {told}");
    }
    if let Some(path) = output {
        terminal.remark(&format!("{} products written to {}.", products.len(), path.display()));
    }
    if left_out.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

fn write(output: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    match output {
        Some(path) => std::fs::write(path, bytes).map_err(|error| Failure::of_file("write", path, &error)),
        None => match std::io::stdout().lock().write_all(bytes) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::of_file("write", Path::new("the standard output"), &error))
            }
            _ => Ok(()),
        },
    }
}

fn csv_of(headings: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| write_cell(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn plain_csv(products: &[Product], exponent: u32) -> Result<Vec<u8>, csv::Error> {
    let mut rows = Vec::new();
    for product in products {
        for (index, variant) in product.variants.iter().enumerate() {
            rows.push(plain::COLUMNS.map(|column| plain_cell(column, product, variant, index == 0, exponent)).to_vec());
        }
    }
    csv_of(&plain::COLUMNS, rows)
}

/// What belongs to the product stands on its first row only.
fn plain_cell(column: &str, product: &Product, variant: &Variant, is_first: bool, exponent: u32) -> String {
    let of_product = |text: String| if is_first { text } else { String::new() };
    match column {
        "handle" => product.handle.clone(),
        "name" => of_product(kept(&product.name)),
        "description" => of_product(product.description.clone()),
        "vendor" => of_product(kept(&product.vendor)),
        "tags" => of_product(kept(&write_list(&product.tags))),
        "tax_category" => of_product(kept(&product.tax_category)),
        "active" => of_product(product.active.to_string()),
        "images" => of_product(kept(&write_words(&product.images))),
        "sku" => kept(&variant.sku),
        "variant_active" => variant.active.to_string(),
        "price" => decimal(variant.price.amount, exponent),
        "prices" => amounts(variant.prices.iter().filter(|price| price.currency != variant.price.currency)),
        "min_unit_prices" => amounts(variant.min_unit_prices.iter()),
        "price_policy" => of_product(match product.price_policy {
            None => String::new(),
            Some(PricePolicy::Latest {}) => "latest".to_owned(),
            Some(PricePolicy::Captured { minutes }) => format!("captured {minutes}"),
        }),
        "hold_policy" => of_product(match product.hold_policy {
            None => String::new(),
            Some(HoldPolicy::AtCheckout {}) => "at_checkout".to_owned(),
            Some(HoldPolicy::AtAdd { minutes, max_units }) => format!("at_add {minutes} {max_units}"),
        }),
        "stock" => variant.on_hand.map(|units| units.to_string()).unwrap_or_default(),
        "track_stock" => variant.track_stock.to_string(),
        "requires_shipping" => variant.requires_shipping.to_string(),
        "weight_grams" => variant.weight_grams.to_string(),
        "attributes" => {
            let pairs = variant.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            kept(&write_pairs(pairs))
        }
        _ => String::new(),
    }
}

fn kept(text: &str) -> String {
    write_text(text).into_owned()
}

fn amounts<'a>(amounts: impl Iterator<Item = &'a Money>) -> String {
    let written: Vec<(String, String)> = amounts
        .filter_map(|price| {
            let exponent = crate::cli::amount::exponent(&price.currency)?;
            Some((price.currency.clone(), decimal(price.amount, exponent)))
        })
        .collect();
    write_pairs(written.iter().map(|(currency, text)| (currency.as_str(), text.as_str())))
}

/// The file, and what has no place in it.
fn shopify_csv(products: &[Product], exponent: u32) -> (Result<Vec<u8>, csv::Error>, Vec<String>) {
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for product in products {
        let names: BTreeSet<&str> =
            product.variants.iter().flat_map(|variant| variant.attributes.keys()).map(String::as_str).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let told = |what: &str| format!("{}: {what}", product.handle);
        if let Some(reason) = unsayable(product, &names) {
            left_out.push(told(&format!("{reason}; the product is left out")));
            continue;
        }
        let others = |variant: &Variant| variant.prices.iter().any(|price| price.currency != variant.price.currency);
        let policies = product.price_policy.is_some() || product.hold_policy.is_some();
        if policies || product.variants.iter().any(|variant| !variant.min_unit_prices.is_empty()) {
            left_out.push(told("floors and the policies of prices and holds are left out"));
        }
        if product.variants.iter().any(others) {
            left_out.push(told("prices in other currencies are left out"));
        }
        if product.variants.iter().any(|variant| !variant.active) {
            left_out.push(told("that variants are switched off is left out"));
        }
        if product.tags.iter().any(|tag| tag.contains([',', '\\'])) {
            left_out
                .push(told("commas and backslashes in tags have a backslash before them, which Shopify does not know"));
        }
        rows.extend(shopify_rows(product, &names, exponent));
    }
    (csv_of(&SHOPIFY_COLUMNS, rows), left_out)
}

/// Why the format has no place for a product.
fn unsayable(product: &Product, names: &[&str]) -> Option<String> {
    let default_title = |(name, value): (&String, &String)| name == "Title" && value == "Default Title";
    let all = || product.variants.iter().flat_map(|variant| &variant.attributes);
    match names.len() {
        count @ 4.. => Some(format!("has {count} options, the format three")),
        _ if all().any(|(_, value)| value.is_empty()) => Some("has an option without a value".to_owned()),
        _ if has_twice(&product.images) => Some("has an image twice".to_owned()),
        _ if all().any(default_title) => Some("has the option by which the format says that there is none".to_owned()),
        _ => None,
    }
}

fn has_twice(texts: &[String]) -> bool {
    texts.iter().enumerate().any(|(at, text)| texts[..at].contains(text))
}

fn shopify_rows(product: &Product, names: &[&str], exponent: u32) -> Vec<Vec<String>> {
    let count = product.variants.len().max(product.images.len());
    let cell = |index: usize, column: &str| {
        let variant = product.variants.get(index);
        shopify_variant_cell(column, variant, names, exponent)
            .or_else(|| shopify_product_cell(column, product, names, index))
            .unwrap_or_default()
    };
    (0..count).map(|index| SHOPIFY_COLUMNS.map(|column| cell(index, column)).to_vec()).collect()
}

fn shopify_product_cell(column: &str, product: &Product, names: &[&str], index: usize) -> Option<String> {
    match column {
        "Handle" => return Some(product.handle.clone()),
        "Image Src" => return product.images.get(index).map(|image| kept(image)),
        "Image Position" => return product.images.get(index).map(|_| (index + 1).to_string()),
        _ if index > 0 => return None,
        _ => {}
    }
    let name = |place: usize| names.get(place).map(|name| kept(name));
    match column {
        "Title" => Some(kept(&product.name)),
        "Body (HTML)" => Some(product.description.clone()),
        "Vendor" => Some(kept(&product.vendor)),
        "Tags" => Some(kept(&write_list(&product.tags))),
        "Published" => Some(product.active.to_string()),
        "Variant Tax Code" => (product.tax_category != "standard").then(|| kept(&product.tax_category)),
        "Option1 Name" => name(0).or_else(|| Some("Title".to_owned())),
        "Option2 Name" => name(1),
        "Option3 Name" => name(2),
        _ => None,
    }
}

fn shopify_variant_cell(column: &str, variant: Option<&Variant>, names: &[&str], exponent: u32) -> Option<String> {
    let variant = variant?;
    let value = |place: usize| names.get(place).and_then(|name| variant.attributes.get(*name)).map(|value| kept(value));
    match column {
        "Option1 Value" if names.is_empty() => Some("Default Title".to_owned()),
        "Option1 Value" => value(0),
        "Option2 Value" => value(1),
        "Option3 Value" => value(2),
        "Variant SKU" => Some(kept(&variant.sku)),
        "Variant Grams" => Some(variant.weight_grams.to_string()),
        "Variant Requires Shipping" => Some(variant.requires_shipping.to_string()),
        "Variant Inventory Qty" => variant.on_hand.map(|units| units.to_string()),
        "Variant Inventory Tracker" => Some(if variant.track_stock { "shopify" } else { "" }.to_owned()),
        "Variant Inventory Policy" => Some("deny".to_owned()),
        "Variant Price" => Some(decimal(variant.price.amount, exponent)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
