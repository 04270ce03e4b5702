//! Reads the plain catalogue CSV: one row per variant, rows of one handle make a product. What belongs to the product is
//! said on its first row; other rows may leave it empty or repeat it. What has no column is not stated, and stays as it is in the
//! shop. Pure: bytes in, catalogue out.

use super::draft::{Draft, Drafts, check_handle, checked_price, derived_sku, grams, on_hand, price, yes_or_no};
use super::lists::{read_list, read_pairs, read_words};
use super::numbers::Numbers;
use super::sheet::{Catalogue, Note, Row, Sheet};
use crate::cli::amount;
use cartwright_client::wire::{HoldPolicy, Patch, PricePolicy, ProductInput, VariantInput};
use std::collections::BTreeMap;

/// The columns, in the order in which an export writes them.
pub(crate) const COLUMNS: [&str; 20] = [
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
    "requires_shipping",
    "weight_grams",
    "attributes",
    "tags",
    "tax_category",
    "price_policy",
    "hold_policy",
    "active",
    "variant_active",
    "images",
];

const OF_PRODUCT: [&str; 9] =
    ["name", "description", "vendor", "tags", "tax_category", "price_policy", "hold_policy", "active", "images"];

const OF_VARIANT: [&str; 9] = [
    "sku",
    "price",
    "prices",
    "min_unit_prices",
    "stock",
    "track_stock",
    "weight_grams",
    "attributes",
    "variant_active",
];

/// The catalogue that the file describes.
pub(crate) fn read(mut sheet: Sheet, mut numbers: Numbers) -> Result<Catalogue, String> {
    sheet.require(&["handle"])?;
    numbers.learn(sheet.cells(&["price"]), sheet.cells(&["stock", "weight_grams"]));
    let (refused, notes) = (std::mem::take(&mut sheet.refused), std::mem::take(&mut sheet.notes));
    let mut drafts = Drafts::new(sheet.rows.len(), refused, notes);
    for (handle, rows) in sheet.groups() {
        read_product(&sheet, handle, &rows, &numbers, &mut drafts);
    }
    let strange = sheet.unknown_columns(&COLUMNS).into_iter();
    let notes = strange.map(|(column, rows)| format!("`{column}` is not kept ({rows} rows have it)"));
    drafts.catalogue.notes.extend(notes.chain(numbers.note()).map(|text| Note { line: None, text }));
    Ok(drafts.into_catalogue())
}

fn read_product(sheet: &Sheet, handle: &str, rows: &[&Row], numbers: &Numbers, drafts: &mut Drafts) {
    if let Err(reason) = check_handle(handle) {
        return drafts.refuse_all(rows, handle, &reason);
    }
    let has_name = |row: &&&Row| !sheet.has("name") || !sheet.cell(row, "name").is_empty();
    let Some(head) = rows.iter().find(has_name) else {
        return drafts.refuse_all(rows, handle, "no row of this handle has a name");
    };
    let product = match head_of(sheet, handle, head) {
        Ok(product) => product,
        Err(reason) => return drafts.refuse_all(rows, handle, &reason),
    };
    let mut draft = Draft::new(product);
    draft.product_only = !OF_VARIANT.iter().any(|column| sheet.has(column));
    for row in rows {
        let variant = match contradiction(sheet, head, row) {
            Some(reason) => Err(reason),
            None if draft.product_only => continue,
            None => variant_of(sheet, handle, row, numbers, &mut drafts.catalogue.notes),
        };
        match variant {
            Ok(variant) => drafts.add_variant(&mut draft, row.line, variant),
            Err(reason) => drafts.refuse_of(&mut draft, row.line, reason),
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
    let stated = |column: &str| sheet.stated(row, column);
    Ok(ProductInput {
        handle: handle.to_owned(),
        name: stated("name").map(str::to_owned),
        description: sheet.has("description").then(|| sheet.raw(row, "description").to_owned()).into(),
        vendor: stated("vendor").map(str::to_owned).into(),
        tags: stated("tags").map(read_list).into(),
        active: yes_or_no("active", sheet.cell(row, "active"))?,
        tax_category: stated("tax_category").map_or(Patch::Keep, |category| match category {
            "" => Patch::Unset,
            category => Patch::Set(category.to_owned()),
        }),
        price_policy: policy(stated("price_policy").map(price_policy))?,
        hold_policy: policy(stated("hold_policy").map(hold_policy))?,
        images: stated("images").map(read_words).into(),
        variants: Vec::new(),
    })
}

/// A policy that is stated, if only as none.
fn policy<T>(stated: Option<Result<Option<T>, String>>) -> Result<Patch<T>, String> {
    let stated = stated.transpose()?;
    Ok(stated.map_or(Patch::Keep, |policy| policy.map_or(Patch::Unset, Patch::Set)))
}

fn variant_of(
    sheet: &Sheet,
    handle: &str,
    row: &Row,
    numbers: &Numbers,
    notes: &mut Vec<Note>,
) -> Result<VariantInput, String> {
    let stated = |column: &str| sheet.stated(row, column);
    let attributes =
        stated("attributes").map(read_pairs).transpose().map_err(|reason| format!("attributes: {reason}"))?;
    let given = sheet.cell(row, "sku");
    let sku = match &attributes {
        _ if !given.is_empty() => given.to_owned(),
        Some(attributes) => derived_sku(handle, attributes, &attributes.keys().cloned().collect::<Vec<_>>()),
        None => handle.to_owned(),
    };
    Ok(VariantInput {
        sku,
        derived_sku: given.is_empty(),
        attributes: attributes.into(),
        price: stated("price").map(|text| price(text, numbers)).transpose()?,
        prices: stated("prices").map(|text| amounts("prices", text, numbers)).transpose()?.into(),
        min_unit_price: None,
        min_unit_prices: stated("min_unit_prices")
            .map(|text| amounts("min_unit_prices", text, numbers))
            .transpose()?
            .into(),
        weight_grams: stated("weight_grams").map(|text| grams(text, numbers)).transpose()?.into(),
        track_stock: yes_or_no("track_stock", sheet.cell(row, "track_stock"))?,
        requires_shipping: yes_or_no("requires_shipping", sheet.cell(row, "requires_shipping"))?,
        active: yes_or_no("variant_active", sheet.cell(row, "variant_active"))?,
        on_hand: on_hand(sheet.cell(row, "stock"), numbers, row.line, notes)?,
    })
}

/// `USD=12.50;JPY=1300`
fn amounts(column: &str, text: &str, numbers: &Numbers) -> Result<BTreeMap<String, i64>, String> {
    let pairs = read_pairs(text).map_err(|reason| format!("{column}: {reason}"))?;
    let exact = |(currency, text): (String, String)| {
        let exponent =
            amount::exponent(&currency).ok_or_else(|| format!("{column}: `{currency}` is not a currency"))?;
        let amount = numbers.amount(&text, &currency, exponent);
        Ok((currency, checked_price(&text, amount)?))
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
    use super::super::sheet::Written;
    use super::*;

    fn read_text(text: &str) -> Catalogue {
        let sheet = Sheet::read(text.as_bytes(), &Written::default(), &COLUMNS).expect("a sheet");
        read(sheet, Numbers::new("EUR", 2, None)).expect("a catalogue")
    }

    #[test]
    fn rows_of_one_handle_make_one_product() {
        let catalogue = read_text(
            "handle,name,sku,price,stock,attributes,prices\n\
             tee,Tee,T-S,20.00,5,Size=S,JPY=3000\ntee,,T-M,21,,Size=M,\npen,Pen,PEN,5.00,1000,,\n",
        );
        assert!(catalogue.refused.is_empty(), "{:?}", catalogue.refused);
        let tee = &catalogue.products[0].input;
        assert_eq!(tee.variants.iter().map(|variant| variant.price).collect::<Vec<_>>(), [Some(2000), Some(2100)]);
        assert_eq!(tee.variants[0].prices, BTreeMap::from([("JPY".to_owned(), 3000)]).into());
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
        assert_eq!(tee.price_policy, PricePolicy::Captured { minutes: 60 }.into());
        let floors = BTreeMap::from([("EUR".to_owned(), 1500), ("JPY".to_owned(), 2000)]);
        assert_eq!(tee.variants[0].min_unit_prices, floors.into());
        assert_eq!(catalogue.products[1].input.price_policy, PricePolicy::Latest {}.into());
        assert!(catalogue.refused[0].reason.starts_with("price_policy: `captured`"), "{:?}", catalogue.refused);
    }

    #[test]
    fn a_bad_row_does_not_take_the_others_with_it() {
        let catalogue = read_text(
            "handle,name,sku,price,stock,attributes\ntee,Tee,T-S,20,x,Size=S\ntee,Shirt,T-L,20,1,Size=L\ntee,,T-M,20,1,Size=M\n",
        );
        assert_eq!(catalogue.products[0].input.variants.len(), 1);
        let refused: Vec<_> = catalogue.refused.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert!(refused[0].0 == 2 && refused[0].1.contains("whole number"), "{refused:?}");
        assert!(refused[1].1.contains("`name` is not the same"), "{refused:?}");
    }

    #[test]
    fn what_has_no_column_is_not_stated_and_what_is_empty_is_none() {
        let catalogue = read_text("handle,sku,price\npen,PEN,5.00\n");
        let pen = &catalogue.products[0].input;
        let variant = VariantInput { sku: "PEN".to_owned(), price: Some(500), ..VariantInput::default() };
        assert_eq!(*pen, ProductInput { handle: "pen".to_owned(), variants: vec![variant], ..ProductInput::default() });
        let catalogue = read_text(
            "handle,name,vendor,tags,tax_category,price_policy,active,sku,price,prices\npen,Pen,,,,,,PEN,5,\n",
        );
        let pen = &catalogue.products[0].input;
        assert_eq!((&pen.vendor, &pen.tags), (&Patch::Set(String::new()), &Patch::Set(Vec::new())));
        assert_eq!((&pen.tax_category, &pen.price_policy, pen.active), (&Patch::Unset, &Patch::Unset, None));
        assert_eq!(pen.variants[0].prices, Patch::Set(BTreeMap::new()));
    }

    #[test]
    fn less_than_no_stock_is_none_and_said() {
        let catalogue = read_text("handle,name,sku,price,stock\npen,Pen,PEN,5,-3\n");
        assert_eq!(catalogue.products[0].input.variants[0].on_hand, Some(0));
        assert!(
            catalogue.notes[0].text.contains("below zero") && catalogue.notes[0].line == Some(2),
            "{:?}",
            catalogue.notes
        );
    }

    #[test]
    fn forty_thousand_refused_rows_are_read_in_a_moment() {
        let mut text = "handle,name,sku,price\n".to_owned();
        (0..40_000).for_each(|row| text.push_str(&format!("p{row},P,S{row},seven\n")));
        let begun = std::time::Instant::now();
        let catalogue = read_text(&text);
        assert_eq!(catalogue.refused.len(), 80_000 / 2);
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn missing_columns_are_named() {
        let sheet = Sheet::read(b"sku,price\nPEN,5\n", &Written::default(), &COLUMNS).expect("a sheet");
        assert_eq!(read(sheet, Numbers::new("EUR", 2, None)).expect_err("refused"), "the headings lack handle");
    }
}
