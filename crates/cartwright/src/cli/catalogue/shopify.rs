//! Reads Shopify's product CSV: a product is all rows of one handle; its first row with a title says what the product is,
//! each row with a price, an SKU or an option value is a variant, and a row with nothing but an image adds the image.
//! Pure: bytes in, catalogue out.

use super::draft::{Draft, Drafts, check_handle, derived_sku, grams, on_hand, price, yes_or_no};
use super::lists::read_list;
use super::numbers::Numbers;
use super::sheet::{Catalogue, Note, Row, Sheet};
use cartwright_client::wire::{Patch, ProductInput, VariantInput};
use std::collections::BTreeMap;

/// The headings of today beside those that Shopify wrote until 2024, by which the columns are known here.
pub(crate) const NAMES: [(&str, &str); 20] = [
    ("URL handle", "Handle"),
    ("Description", "Body (HTML)"),
    ("Published on online store", "Published"),
    ("SKU", "Variant SKU"),
    ("Barcode", "Variant Barcode"),
    ("Price", "Variant Price"),
    ("Compare-at price", "Variant Compare At Price"),
    ("Charge tax", "Variant Taxable"),
    ("Tax code", "Variant Tax Code"),
    ("Inventory tracker", "Variant Inventory Tracker"),
    ("Inventory quantity", "Variant Inventory Qty"),
    ("Continue selling when out of stock", "Variant Inventory Policy"),
    ("Weight value (grams)", "Variant Grams"),
    ("Weight unit for display", "Variant Weight Unit"),
    ("Requires shipping", "Variant Requires Shipping"),
    ("Fulfillment service", "Variant Fulfillment Service"),
    ("Product image URL", "Image Src"),
    ("Variant image URL", "Variant Image"),
    ("Image alt text", "Image Alt Text"),
    ("Product category", "Product Category"),
];

/// What Cartwright takes over from the format.
pub(crate) const TAKEN: [&str; 23] = [
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
    "Variant Inventory Tracker",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Tax Code",
    "Variant Requires Shipping",
    "Image Src",
    "Variant Image",
];

/// What says nothing as long as it says what it nearly always says.
const USUAL: [(&str, &str); 5] = [
    ("Variant Fulfillment Service", "manual"),
    ("Variant Taxable", "true"),
    ("Gift Card", "false"),
    ("Variant Weight Unit", ""),
    ("Image Position", ""),
];

/// Columns of variants; a file without any says nothing of them.
const OF_VARIANT: [&str; 8] = [
    "Option1 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Qty",
    "Variant Inventory Tracker",
    "Variant Inventory Policy",
    "Variant Price",
    "Option2 Value",
];

/// Whether the headings are Shopify's.
pub(crate) fn is_meant(sheet: &Sheet) -> bool {
    let own = ["URL handle", "Title", "Variant Price", "Variant SKU", "Variant Inventory Qty", "Option1 Value"];
    own.iter().any(|column| sheet.has(column))
}

/// The catalogue that the file describes.
pub(crate) fn read(mut sheet: Sheet, mut numbers: Numbers) -> Result<Catalogue, String> {
    sheet.rename(&NAMES);
    sheet.require(&["Handle"])?;
    numbers.learn(sheet.cells(&["Variant Price"]), sheet.cells(&["Variant Grams", "Variant Inventory Qty"]));
    let (refused, notes) = (std::mem::take(&mut sheet.refused), std::mem::take(&mut sheet.notes));
    let mut drafts = Drafts::new(sheet.rows.len(), refused, notes);
    for (handle, rows) in sheet.groups() {
        read_product(&sheet, handle, &rows, &numbers, &mut drafts);
    }
    drafts.catalogue.notes.extend(left_aside(&sheet));
    drafts.catalogue.notes.extend(numbers.note().map(|text| Note { line: None, text }));
    Ok(drafts.into_catalogue())
}

fn read_product(sheet: &Sheet, handle: &str, rows: &[&Row], numbers: &Numbers, drafts: &mut Drafts) {
    if let Err(reason) = check_handle(handle) {
        return drafts.refuse_all(rows, handle, &reason);
    }
    let has_title = |row: &&&Row| !sheet.has("Title") || !sheet.cell(row, "Title").is_empty();
    let Some(head) = rows.iter().find(has_title) else {
        return drafts.refuse_all(rows, handle, "no row of this handle has a title");
    };
    let product = match head_of(sheet, handle, head) {
        Ok(product) => product,
        Err(reason) => return drafts.refuse_all(rows, handle, &reason),
    };
    let names = option_names(sheet, rows);
    let mut draft = Draft::new(product);
    draft.product_only = !OF_VARIANT.iter().any(|column| sheet.has(column));
    let mut images: Vec<String> = Vec::new();
    for row in rows {
        if has_variant(sheet, row) {
            match variant_of(sheet, handle, row, &names, numbers, &mut drafts.catalogue.notes) {
                Ok(variant) => drafts.add_variant(&mut draft, row.line, variant),
                Err(reason) => drafts.refuse_of(&mut draft, row.line, reason),
            }
        } else if !draft.product_only && images_of(sheet, row).next().is_none() {
            drafts.refuse_of(&mut draft, row.line, "the row has neither a variant nor an image");
        }
        for image in images_of(sheet, row) {
            if !images.iter().any(|known| known == image) {
                images.push(image.to_owned());
            }
        }
    }
    if sheet.has("Image Src") {
        draft.product.images = Patch::Set(images);
    }
    drafts.finish(draft, rows);
}

fn head_of(sheet: &Sheet, handle: &str, row: &Row) -> Result<ProductInput, String> {
    let stated = |column: &str| sheet.stated(row, column);
    Ok(ProductInput {
        handle: handle.to_owned(),
        name: stated("Title").map(str::to_owned),
        description: sheet.has("Body (HTML)").then(|| sheet.raw(row, "Body (HTML)").to_owned()).into(),
        vendor: stated("Vendor").map(str::to_owned).into(),
        tags: stated("Tags").map(read_list).into(),
        active: is_active(sheet, row)?,
        tax_category: stated("Variant Tax Code").map_or(Patch::Keep, |code| match code {
            "" => Patch::Unset,
            code => Patch::Set(code.to_owned()),
        }),
        ..ProductInput::default()
    })
}

/// For sale is what is published and active, as far as the file says either.
fn is_active(sheet: &Sheet, row: &Row) -> Result<Option<bool>, String> {
    let published = yes_or_no("Published", sheet.cell(row, "Published"))?;
    let status = match sheet.cell(row, "Status").to_lowercase().as_str() {
        "" => None,
        "active" => Some(true),
        // Unlisted ones are for whoever has the address; there is no such thing here.
        "draft" | "archived" | "unlisted" => Some(false),
        other => return Err(format!("the status `{other}` is none of active, draft, archived and unlisted")),
    };
    Ok(match (published, status) {
        (Some(published), Some(status)) => Some(published && status),
        (one, other) => one.or(other),
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
    let of_head = OF_VARIANT.iter().any(|column| sheet.has(column)) && !sheet.cell(row, "Title").is_empty();
    of_head || telling.iter().any(|column| !sheet.cell(row, column).is_empty())
}

fn images_of<'a>(sheet: &Sheet, row: &'a Row) -> impl Iterator<Item = &'a str> {
    [sheet.cell(row, "Image Src"), sheet.cell(row, "Variant Image")].into_iter().filter(|image| !image.is_empty())
}

fn variant_of(
    sheet: &Sheet,
    handle: &str,
    row: &Row,
    names: &[String],
    numbers: &Numbers,
    notes: &mut Vec<Note>,
) -> Result<VariantInput, String> {
    let stated = |column: &str| sheet.stated(row, column);
    let attributes = attributes_of(sheet, row, names)?;
    let given = sheet.cell(row, "Variant SKU");
    let sku = if given.is_empty() { derived_sku(handle, &attributes, names) } else { given.to_owned() };
    Ok(VariantInput {
        sku,
        derived_sku: given.is_empty(),
        attributes: sheet.has("Option1 Value").then_some(attributes).into(),
        price: stated("Variant Price").map(|text| price(text, numbers)).transpose()?,
        weight_grams: stated("Variant Grams").map(|text| grams(text, numbers)).transpose()?.into(),
        track_stock: is_counted(sheet, row, notes)?,
        requires_shipping: yes_or_no("Requires shipping", sheet.cell(row, "Variant Requires Shipping"))?,
        on_hand: on_hand(sheet.cell(row, "Variant Inventory Qty"), numbers, row.line, notes)?,
        ..VariantInput::default()
    })
}

/// Stock is counted where something tracks it and the policy does not sell past zero.
fn is_counted(sheet: &Sheet, row: &Row, notes: &mut Vec<Note>) -> Result<Option<bool>, String> {
    let mut note = |text: &str| notes.push(Note { line: Some(row.line), text: text.to_owned() });
    let sells_on = match sheet.cell(row, "Variant Inventory Policy").to_lowercase().as_str() {
        "" => None,
        "deny" | "false" | "no" => Some(false),
        "continue" | "true" | "yes" => Some(true),
        other => return Err(format!("the inventory policy `{other}` is neither deny nor continue")),
    };
    let tracker = sheet.stated(row, "Variant Inventory Tracker");
    match (tracker, sells_on) {
        (Some(""), _) => {
            note("no inventory tracker: stock is not counted for this variant");
            Ok(Some(false))
        }
        (_, Some(true)) => {
            note("the policy `continue` sells past zero: stock is not counted for this variant");
            Ok(Some(false))
        }
        (Some(_), _) | (None, Some(false)) => Ok(Some(true)),
        (None, None) => Ok(None),
    }
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

/// All headings that say something, old and new.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    TAKEN.iter().copied().chain(USUAL.iter().map(|(name, _)| *name)).chain(NAMES.iter().map(|(today, _)| *today))
}

/// What the file says and Cartwright does not keep.
fn left_aside(sheet: &Sheet) -> Vec<Note> {
    let known: Vec<&str> = known().filter(|name| !NAMES.iter().any(|(today, _)| today == name)).collect();
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
