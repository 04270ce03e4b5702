//! Writes the catalogue as CSV so that an import of the file changes nothing.

use super::lists::{write_list, write_pairs};
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

const SHOPIFY_COLUMNS: [&str; 20] = [
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
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
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
        "name" => of_product(product.name.clone()),
        "description" => of_product(product.description.clone()),
        "vendor" => of_product(product.vendor.clone()),
        "tags" => of_product(write_list(&product.tags)),
        "tax_category" => of_product(product.tax_category.clone()),
        "active" => of_product(product.active.to_string()),
        "images" => of_product(product.images.join(" ")),
        "sku" => variant.sku.clone(),
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
        "weight_grams" => variant.weight_grams.to_string(),
        "attributes" => write_pairs(variant.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        _ => String::new(),
    }
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
        if names.len() > 3 {
            left_out.push(format!(
                "{}: has {} options, the format three; the product is left out",
                product.handle,
                names.len()
            ));
            continue;
        }
        let others = |variant: &Variant| variant.prices.iter().any(|price| price.currency != variant.price.currency);
        let policies = product.price_policy.is_some() || product.hold_policy.is_some();
        if policies || product.variants.iter().any(|variant| !variant.min_unit_prices.is_empty()) {
            left_out.push(format!("{}: floors and the policies of prices and holds are left out", product.handle));
        }
        if product.variants.iter().any(others) {
            left_out.push(format!("{}: prices in other currencies are left out", product.handle));
        }
        if product.tags.iter().any(|tag| tag.contains(',')) {
            left_out.push(format!("{}: a tag with a comma is left out", product.handle));
        }
        rows.extend(shopify_rows(product, &names, exponent));
    }
    (csv_of(&SHOPIFY_COLUMNS, rows), left_out)
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
        "Image Src" => return product.images.get(index).cloned(),
        "Image Position" => return product.images.get(index).map(|_| (index + 1).to_string()),
        _ if index > 0 => return None,
        _ => {}
    }
    let name = |place: usize| names.get(place).map(|name| (*name).to_owned());
    match column {
        "Title" => Some(product.name.clone()),
        "Body (HTML)" => Some(product.description.clone()),
        "Vendor" => Some(product.vendor.clone()),
        "Tags" => Some(product.tags.iter().filter(|tag| !tag.contains(',')).cloned().collect::<Vec<_>>().join(", ")),
        "Published" => Some(product.active.to_string()),
        "Variant Tax Code" => (product.tax_category != "standard").then(|| product.tax_category.clone()),
        "Option1 Name" => name(0).or_else(|| Some("Title".to_owned())),
        "Option2 Name" => name(1),
        "Option3 Name" => name(2),
        _ => None,
    }
}

fn shopify_variant_cell(column: &str, variant: Option<&Variant>, names: &[&str], exponent: u32) -> Option<String> {
    let variant = variant?;
    let value = |place: usize| names.get(place).and_then(|name| variant.attributes.get(*name)).cloned();
    match column {
        "Option1 Value" if names.is_empty() => Some("Default Title".to_owned()),
        "Option1 Value" => value(0),
        "Option2 Value" => value(1),
        "Option3 Value" => value(2),
        "Variant SKU" => Some(variant.sku.clone()),
        "Variant Grams" => Some(variant.weight_grams.to_string()),
        "Variant Inventory Qty" => variant.on_hand.map(|units| units.to_string()),
        "Variant Inventory Policy" => Some(if variant.track_stock { "deny" } else { "continue" }.to_owned()),
        "Variant Price" => Some(decimal(variant.price.amount, exponent)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::catalogue::read_bytes;
    use cartwright_client::wire::ProductInput;
    use serde_json::json;

    fn product() -> Product {
        let money = |amount: i64, currency: &str| json!({"amount": amount, "currency": currency, "formatted": ""});
        let variant = |sku: &str, size: &str, prices: serde_json::Value| {
            json!({
                "id": uuid::Uuid::nil(), "sku": sku, "attributes": {"Size": size, "Colour; or so": "a=b"},
                "price": money(2055, "EUR"), "prices": prices, "weight_grams": 120, "track_stock": sku == "T-S",
                "available": 3, "on_hand": 5, "reserved": 2,
            })
        };
        serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "handle": "tee", "name": "Tee, \"soft\"", "description": "Two\nlines, trailing blank ",
            "vendor": "Lana", "tags": ["red", "warm"], "active": false, "tax_category": "reduced",
            "images": ["http://a/1", "http://a/2", "http://a/3"],
            "variants": [variant("T-S", "S", json!([])), variant("T-M", "M", json!([]))],
        }))
        .expect("a product")
    }

    fn as_input(product: &Product) -> ProductInput {
        let mut value = serde_json::to_value(product).expect("JSON");
        let strip = |value: &mut serde_json::Value, names: &[&str]| {
            for name in names {
                value.as_object_mut().expect("an object").remove(*name);
            }
        };
        strip(&mut value, &["id"]);
        for variant in value["variants"].as_array_mut().expect("variants") {
            strip(variant, &["id", "available", "in_stock", "reserved", "prices"]);
            variant["price"] = variant["price"]["amount"].clone();
        }
        serde_json::from_value(value).expect("an input")
    }

    #[test]
    fn what_is_exported_imports_as_the_same_product() {
        let product = product();
        let plain = plain_csv(std::slice::from_ref(&product), 2).expect("writes");
        let (shopify, left_out) = shopify_csv(std::slice::from_ref(&product), 2);
        assert!(left_out.is_empty());
        for (bytes, name) in [(plain, "plain"), (shopify.expect("writes"), "shopify")] {
            let read = read_bytes(&bytes, None, 2).expect(name);
            assert!(read.refused.is_empty() && read.notes.iter().all(|note| note.line.is_some()), "{name}: {read:?}");
            assert_eq!(read.products[0].input, as_input(&product), "{name}");
        }
    }

    #[test]
    fn other_currencies_keep_their_own_decimals_in_the_plain_format() {
        let mut product = product();
        let yen = json!([{"amount": 3000, "currency": "JPY", "formatted": ""}]);
        product.variants[0].prices = serde_json::from_value(yen).expect("prices");
        let plain = plain_csv(std::slice::from_ref(&product), 2).expect("writes");
        let read = read_bytes(&plain, Some(Format::Plain), 2).expect("reads");
        assert_eq!(read.products[0].input.variants[0].prices["JPY"], 3000);
        let (_, left_out) = shopify_csv(std::slice::from_ref(&product), 2);
        assert!(left_out[0].contains("other currencies"));
    }
}
