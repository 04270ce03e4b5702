//! Reads Shopify's product CSV: a product is all rows of one handle; its first row with a title says what the product is,
//! each row with a price, an SKU or an option value is a variant, and a row with nothing but an image adds the image.
//! Pure: bytes in, catalogue out.

use super::draft::{Draft, Drafts, check_handle, derived_sku, grams, on_hand, price, yes_or_no};
use super::lists::read_list;
use super::sheet::{Catalogue, Note, Row, Sheet};
use cartwright_client::wire::{ProductInput, VariantInput};
use std::collections::BTreeMap;

/// What Cartwright takes over from the format.
const TAKEN: [&str; 21] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Tags",
    "Published",
    "Status",
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
    "Variant Image",
];

/// What says nothing as long as it says what it nearly always says.
const USUAL: [(&str, &str); 7] = [
    ("Variant Fulfillment Service", "manual"),
    ("Variant Inventory Tracker", "shopify"),
    ("Variant Requires Shipping", "true"),
    ("Variant Taxable", "true"),
    ("Gift Card", "false"),
    ("Variant Weight Unit", ""),
    ("Image Position", ""),
];

/// Whether the headings are Shopify's.
pub(crate) fn is_meant(sheet: &Sheet) -> bool {
    sheet.has("Variant Price")
}

/// The catalogue that the file describes, priced in a currency with so many decimals.
pub(crate) fn read(mut sheet: Sheet, exponent: u32) -> Result<Catalogue, String> {
    sheet.require(&["Handle", "Title", "Variant Price"])?;
    let mut drafts = Drafts::new(sheet.rows.len(), std::mem::take(&mut sheet.refused));
    for (handle, rows) in sheet.groups() {
        read_product(&sheet, handle, &rows, exponent, &mut drafts);
    }
    drafts.catalogue.notes.extend(left_aside(&sheet));
    Ok(drafts.into_catalogue())
}

fn read_product(sheet: &Sheet, handle: &str, rows: &[&Row], exponent: u32, drafts: &mut Drafts) {
    if let Err(reason) = check_handle(handle) {
        return drafts.refuse_all(rows, handle, &reason);
    }
    let Some(head) = rows.iter().find(|row| !sheet.cell(row, "Title").is_empty()) else {
        return drafts.refuse_all(rows, handle, "no row of this handle has a title");
    };
    let product = match head_of(sheet, handle, head) {
        Ok(product) => product,
        Err(reason) => return drafts.refuse_all(rows, handle, &reason),
    };
    let names = option_names(sheet, rows);
    let mut draft = Draft::new(product);
    for row in rows {
        if has_variant(sheet, row) {
            match variant_of(sheet, handle, row, &names, exponent, &mut drafts.catalogue.notes) {
                Ok(variant) => drafts.add_variant(&mut draft, row.line, variant),
                Err(reason) => drafts.refuse(row.line, handle, reason),
            }
        } else if images_of(sheet, row).next().is_none() {
            drafts.refuse(row.line, handle, "the row has neither a variant nor an image");
        }
        for image in images_of(sheet, row) {
            if !draft.product.images.iter().any(|known| known == image) {
                draft.product.images.push(image.to_owned());
            }
        }
    }
    drafts.finish(draft, rows);
}

fn head_of(sheet: &Sheet, handle: &str, row: &Row) -> Result<ProductInput, String> {
    let published = yes_or_no("Published", sheet.cell(row, "Published"), true)?;
    let status = sheet.cell(row, "Status").to_ascii_lowercase();
    let tax_category = match sheet.cell(row, "Variant Tax Code") {
        "" => "standard",
        code => code,
    };
    Ok(ProductInput {
        handle: handle.to_owned(),
        name: sheet.cell(row, "Title").to_owned(),
        description: sheet.raw(row, "Body (HTML)").to_owned(),
        vendor: sheet.cell(row, "Vendor").to_owned(),
        tags: read_list(sheet.cell(row, "Tags")),
        active: published && matches!(status.as_str(), "" | "active"),
        tax_category: tax_category.to_owned(),
        price_policy: None,
        hold_policy: None,
        images: Vec::new(),
        variants: Vec::new(),
    })
}

/// The names stand in the first row that has them. `Title` alone is Shopify's way to say that there are no options.
fn option_names(sheet: &Sheet, rows: &[&Row]) -> Vec<String> {
    let name_of = |column: &str| rows.iter().map(|row| sheet.cell(row, column)).find(|name| !name.is_empty());
    ["Option1 Name", "Option2 Name", "Option3 Name"]
        .iter()
        .map(|column| name_of(column).unwrap_or("").to_owned())
        .collect()
}

fn has_variant(sheet: &Sheet, row: &Row) -> bool {
    let telling =
        ["Variant Price", "Variant SKU", "Option1 Value", "Option2 Value", "Option3 Value", "Variant Inventory Qty"];
    !sheet.cell(row, "Title").is_empty() || telling.iter().any(|column| !sheet.cell(row, column).is_empty())
}

fn images_of<'a>(sheet: &Sheet, row: &'a Row) -> impl Iterator<Item = &'a str> {
    [sheet.cell(row, "Image Src"), sheet.cell(row, "Variant Image")].into_iter().filter(|image| !image.is_empty())
}

fn variant_of(
    sheet: &Sheet,
    handle: &str,
    row: &Row,
    names: &[String],
    exponent: u32,
    notes: &mut Vec<Note>,
) -> Result<VariantInput, String> {
    let attributes = attributes_of(sheet, row, names)?;
    let track_stock = match sheet.cell(row, "Variant Inventory Policy").to_ascii_lowercase().as_str() {
        "" | "deny" => true,
        "continue" => {
            let text = "the policy `continue` sells past zero: stock is not counted for this variant".to_owned();
            notes.push(Note { line: Some(row.line), text });
            false
        }
        other => return Err(format!("the inventory policy `{other}` is neither deny nor continue")),
    };
    let sku = match sheet.cell(row, "Variant SKU") {
        "" => derived_sku(handle, &attributes, names),
        sku => sku.to_owned(),
    };
    Ok(VariantInput {
        sku,
        attributes,
        price: price(sheet.cell(row, "Variant Price"), exponent)?,
        prices: BTreeMap::new(),
        min_unit_price: None,
        min_unit_prices: BTreeMap::new(),
        weight_grams: grams(sheet.cell(row, "Variant Grams"))?,
        track_stock,
        on_hand: on_hand(sheet.cell(row, "Variant Inventory Qty"))?,
    })
}

fn attributes_of(sheet: &Sheet, row: &Row, names: &[String]) -> Result<BTreeMap<String, String>, String> {
    let mut attributes = BTreeMap::new();
    for (name, column) in names.iter().zip(["Option1 Value", "Option2 Value", "Option3 Value"]) {
        let value = sheet.cell(row, column);
        match (name.as_str(), value) {
            (_, "") | ("Title", "Default Title") => {}
            ("", value) => return Err(format!("{column} is `{value}`, but the option has no name")),
            (name, value) => {
                if attributes.insert(name.to_owned(), value.to_owned()).is_some() {
                    return Err(format!("two options are named `{name}`"));
                }
            }
        }
    }
    Ok(attributes)
}

/// What the file says and Cartwright does not keep.
fn left_aside(sheet: &Sheet) -> Vec<Note> {
    let known: Vec<&str> = TAKEN.iter().copied().chain(USUAL.iter().map(|(name, _)| *name)).collect();
    let mut notes: Vec<Note> = Vec::new();
    for (column, rows) in sheet.unknown_columns(&known) {
        notes.push(Note { line: None, text: format!("`{column}` is not kept ({rows} rows have it)") });
    }
    for (column, usual) in USUAL.iter().filter(|(_, usual)| !usual.is_empty()) {
        let unusual = |row: &&Row| {
            let said = sheet.cell(row, column);
            !said.is_empty() && !said.eq_ignore_ascii_case(usual)
        };
        let rows = sheet.rows.iter().filter(unusual).count();
        if rows > 0 {
            notes.push(Note { line: None, text: format!("`{column}` other than {usual} is not kept ({rows} rows)") });
        }
    }
    notes
}

#[cfg(test)]
#[path = "shopify_tests.rs"]
mod tests;
