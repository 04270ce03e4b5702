//! Reads the plain catalogue CSV: one row per variant, rows of one handle make a product. What belongs to the product is
//! said on its first row; other rows may leave it empty or repeat it. Pure: bytes in, catalogue out.

use super::draft::{Draft, Drafts, check_handle, derived_sku, grams, on_hand, price, yes_or_no};
use super::lists::{read_list, read_pairs};
use super::sheet::{Catalogue, Note, Row, Sheet};
use crate::cli::amount;
use cartwright_client::wire::{HoldPolicy, PricePolicy, ProductInput, VariantInput};
use std::collections::BTreeMap;

/// The columns, in the order in which an export writes them.
pub(crate) const COLUMNS: [&str; 18] = [
    "handle",
    "name",
    "description",
    "vendor",
    "sku",
    "price",
    "prices",
    "min_unit_prices",
    "stock",
    "track_stock",
    "weight_grams",
    "attributes",
    "tags",
    "tax_category",
    "price_policy",
    "hold_policy",
    "active",
    "images",
];

const OF_PRODUCT: [&str; 9] =
    ["name", "description", "vendor", "tags", "tax_category", "price_policy", "hold_policy", "active", "images"];

/// The catalogue that the file describes, priced in a currency with so many decimals.
pub(crate) fn read(mut sheet: Sheet, exponent: u32) -> Result<Catalogue, String> {
    sheet.require(&["handle", "name", "price"])?;
    let mut drafts = Drafts::new(sheet.rows.len(), std::mem::take(&mut sheet.refused));
    for (handle, rows) in sheet.groups() {
        read_product(&sheet, handle, &rows, exponent, &mut drafts);
    }
    let strange = sheet.unknown_columns(&COLUMNS).into_iter();
    let notes = strange
        .map(|(column, rows)| Note { line: None, text: format!("`{column}` is not kept ({rows} rows have it)") });
    drafts.catalogue.notes.extend(notes);
    Ok(drafts.into_catalogue())
}

fn read_product(sheet: &Sheet, handle: &str, rows: &[&Row], exponent: u32, drafts: &mut Drafts) {
    if let Err(reason) = check_handle(handle) {
        return drafts.refuse_all(rows, handle, &reason);
    }
    let Some(head) = rows.iter().find(|row| !sheet.cell(row, "name").is_empty()) else {
        return drafts.refuse_all(rows, handle, "no row of this handle has a name");
    };
    let product = match head_of(sheet, handle, head) {
        Ok(product) => product,
        Err(reason) => return drafts.refuse_all(rows, handle, &reason),
    };
    let mut draft = Draft::new(product);
    for row in rows {
        match contradiction(sheet, head, row).map_or_else(|| variant_of(sheet, handle, row, exponent), Err) {
            Ok(variant) => drafts.add_variant(&mut draft, row.line, variant),
            Err(reason) => drafts.refuse(row.line, handle, reason),
        }
    }
    drafts.finish(draft, rows);
}

fn contradiction(sheet: &Sheet, head: &Row, row: &Row) -> Option<String> {
    let differs = |column: &&&str| {
        let said = sheet.cell(row, column);
        !said.is_empty() && said != sheet.cell(head, column)
    };
    let column = OF_PRODUCT.iter().find(differs)?;
    Some(format!("`{column}` is not the same as on line {}, which is of the same product", head.line))
}

fn head_of(sheet: &Sheet, handle: &str, row: &Row) -> Result<ProductInput, String> {
    let tax_category = match sheet.cell(row, "tax_category") {
        "" => "standard",
        category => category,
    };
    Ok(ProductInput {
        handle: handle.to_owned(),
        name: sheet.cell(row, "name").to_owned(),
        description: sheet.raw(row, "description").to_owned(),
        vendor: sheet.cell(row, "vendor").to_owned(),
        tags: read_list(sheet.cell(row, "tags")),
        active: yes_or_no("active", sheet.cell(row, "active"), true)?,
        tax_category: tax_category.to_owned(),
        price_policy: price_policy(sheet.cell(row, "price_policy"))?,
        hold_policy: hold_policy(sheet.cell(row, "hold_policy"))?,
        images: sheet.cell(row, "images").split_whitespace().map(str::to_owned).collect(),
        variants: Vec::new(),
    })
}

fn variant_of(sheet: &Sheet, handle: &str, row: &Row, exponent: u32) -> Result<VariantInput, String> {
    let attributes = read_pairs(sheet.cell(row, "attributes")).map_err(|reason| format!("attributes: {reason}"))?;
    let sku = match sheet.cell(row, "sku") {
        "" => derived_sku(handle, &attributes, &attributes.keys().cloned().collect::<Vec<_>>()),
        sku => sku.to_owned(),
    };
    Ok(VariantInput {
        sku,
        attributes,
        price: price(sheet.cell(row, "price"), exponent)?,
        prices: amounts("prices", sheet.cell(row, "prices"))?,
        min_unit_price: None,
        min_unit_prices: amounts("min_unit_prices", sheet.cell(row, "min_unit_prices"))?,
        weight_grams: grams(sheet.cell(row, "weight_grams"))?,
        track_stock: yes_or_no("track_stock", sheet.cell(row, "track_stock"), true)?,
        on_hand: on_hand(sheet.cell(row, "stock"))?,
    })
}

/// `USD=12.50;JPY=1300`
fn amounts(column: &str, text: &str) -> Result<BTreeMap<String, i64>, String> {
    let pairs = read_pairs(text).map_err(|reason| format!("{column}: {reason}"))?;
    let exact = |(currency, text): (String, String)| {
        let exponent =
            amount::exponent(&currency).ok_or_else(|| format!("{column}: `{currency}` is not a currency"))?;
        Ok((currency, price(&text, exponent)?))
    };
    pairs.into_iter().map(exact).collect()
}

/// `latest`, or `captured` with minutes (`captured 60`); nothing leaves it to the store.
fn price_policy(text: &str) -> Result<Option<PricePolicy>, String> {
    let minutes = text.strip_prefix("captured ").and_then(|minutes| minutes.trim().parse().ok());
    match (text, minutes) {
        ("", _) => Ok(None),
        ("latest", _) => Ok(Some(PricePolicy::Latest {})),
        (_, Some(minutes)) => Ok(Some(PricePolicy::Captured { minutes })),
        _ => Err(format!("price_policy: `{text}` is neither `latest` nor `captured` with minutes")),
    }
}

/// `at_checkout`, or `at_add` with minutes and, if need be, most units (`at_add 15 10`); nothing leaves it to the store.
fn hold_policy(text: &str) -> Result<Option<HoldPolicy>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let strange = || format!("hold_policy: `{text}` is neither `at_checkout` nor `at_add` with minutes and most units");
    let number = |word: &str| word.parse().map_err(|_| strange());
    match words.as_slice() {
        [] => Ok(None),
        ["at_checkout"] => Ok(Some(HoldPolicy::AtCheckout {})),
        ["at_add", minutes] => Ok(Some(HoldPolicy::AtAdd { minutes: number(minutes)?, max_units: 10 })),
        ["at_add", minutes, most] => {
            Ok(Some(HoldPolicy::AtAdd { minutes: number(minutes)?, max_units: number(most)? }))
        }
        _ => Err(strange()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Catalogue {
        read(Sheet::read(text.as_bytes()).expect("a sheet"), 2).expect("a catalogue")
    }

    #[test]
    fn rows_of_one_handle_make_one_product() {
        let catalogue = read_text(
            "handle,name,sku,price,stock,attributes,prices\n\
             tee,Tee,T-S,20.00,5,Size=S,JPY=3000\ntee,,T-M,21,,Size=M,\npen,Pen,PEN,5.00,1000,,\n",
        );
        assert!(catalogue.refused.is_empty(), "{:?}", catalogue.refused);
        let tee = &catalogue.products[0].input;
        assert_eq!(tee.variants.iter().map(|variant| variant.price).collect::<Vec<_>>(), [2000, 2100]);
        assert_eq!(tee.variants[0].prices, BTreeMap::from([("JPY".to_owned(), 3000)]));
        assert_eq!((tee.variants[0].on_hand, tee.variants[1].on_hand), (Some(5), None));
        assert_eq!(catalogue.products.len(), 2);
    }

    #[test]
    fn floors_and_price_policies_are_read() {
        let catalogue = read_text(
            "handle,name,sku,price,min_unit_prices,price_policy\n\
             tee,Tee,T-S,20.00,EUR=15;JPY=2000,captured 60\npen,Pen,PEN,5.00,,latest\ncup,Cup,CUP,5.00,,captured\n",
        );
        let tee = &catalogue.products[0].input;
        assert_eq!(tee.price_policy, Some(PricePolicy::Captured { minutes: 60 }));
        let floors = BTreeMap::from([("EUR".to_owned(), 1500), ("JPY".to_owned(), 2000)]);
        assert_eq!(tee.variants[0].min_unit_prices, floors);
        assert_eq!(catalogue.products[1].input.price_policy, Some(PricePolicy::Latest {}));
        assert!(catalogue.refused[0].reason.starts_with("price_policy: `captured`"), "{:?}", catalogue.refused);
    }

    #[test]
    fn a_bad_row_does_not_take_the_others_with_it() {
        let catalogue = read_text(
            "handle,name,sku,price,stock,attributes\ntee,Tee,T-S,20,-1,Size=S\ntee,Shirt,T-L,20,1,Size=L\ntee,,T-M,20,1,Size=M\n",
        );
        assert_eq!(catalogue.products[0].input.variants.len(), 1);
        let refused: Vec<_> = catalogue.refused.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert_eq!(refused[0], (2, "stock: `-1` is below zero"));
        assert!(refused[1].1.contains("`name` is not the same"), "{refused:?}");
    }

    #[test]
    fn missing_columns_are_named() {
        let sheet = Sheet::read(b"handle,sku\npen,PEN\n").expect("a sheet");
        assert_eq!(read(sheet, 2).expect_err("refused"), "the headings lack name, price");
    }
}
