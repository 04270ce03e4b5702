//! What the reader of Shopify's format makes of good and bad files.

use super::super::sheet::Written;
use super::*;
use std::path::PathBuf;

fn read_text(text: &str) -> Catalogue {
    let known: Vec<&str> = known().collect();
    let sheet = Sheet::read(text.as_bytes(), &Written::default(), &known).expect("a sheet");
    read(sheet, Numbers::new("EUR", 2, None)).expect("a catalogue")
}

fn reasons(catalogue: &Catalogue) -> Vec<(u64, &str)> {
    catalogue.refused.iter().map(|row| (row.line, row.reason.as_str())).collect()
}

const HEADINGS: &str = "Handle,Title,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
    Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src\n";

#[test]
fn rows_of_one_handle_are_variants_of_one_product() {
    let catalogue = read_text(&format!(
        "{HEADINGS}top,Top,\"red, soft\",true,Size,Small,,120,1,deny,60,http://a/1\n\
         top,,,,,\"Extra Large\",TOP-XL,,3,deny,60.5,http://a/2\ntop,,,,,,,,,,,http://a/3\n"
    ));
    assert!(catalogue.refused.is_empty(), "{:?}", catalogue.refused);
    let product = &catalogue.products[0].input;
    assert_eq!(product.tags.as_set().expect("tags"), &["red", "soft"]);
    assert_eq!(product.images.as_set().expect("images"), &["http://a/1", "http://a/2", "http://a/3"]);
    let variants: Vec<_> =
        product.variants.iter().map(|v| (v.sku.as_str(), v.price, v.on_hand, v.weight_grams.as_set())).collect();
    let expected = [("top-small", Some(6000), Some(1), Some(&120)), ("TOP-XL", Some(6050), Some(3), Some(&0))];
    assert_eq!(variants, expected);
    assert_eq!(product.variants[1].attributes.as_set().expect("attributes")["Size"], "Extra Large");
}

#[test]
fn a_default_title_is_no_attribute_and_the_handle_becomes_the_sku() {
    let catalogue = read_text(&format!("{HEADINGS}pen,Pen,,false,Title,Default Title,,0,1,deny,5,\n"));
    let product = &catalogue.products[0].input;
    assert!(product.variants[0].attributes.as_set().is_some_and(BTreeMap::is_empty) && product.active == Some(false));
    assert_eq!(product.variants[0].sku, "pen");
}

#[test]
fn selling_past_zero_means_that_stock_is_not_counted_and_is_told() {
    let catalogue = read_text(&format!("{HEADINGS}pen,Pen,,true,Title,Default Title,PEN,0,1,continue,5,\n"));
    assert_eq!(catalogue.products[0].input.variants[0].track_stock, Some(false));
    assert_eq!(catalogue.notes[0].line, Some(2));
}

#[test]
fn every_bad_row_is_told_with_line_and_reason_and_the_others_load() {
    let catalogue = read_text(&format!(
        "{HEADINGS}a,A,,true,Size,S,A-S,0,1,deny,9.999,\na,,,,,M,A-M,-5,1,deny,9,\na,,,,,L,A-L,0,1,deny,9,\n\
         b,,,true,,,B,0,1,deny,5,\n,Lost,,true,,,L,0,1,deny,5,\nC C,C,,true,,,C,0,1,deny,5,\n\
         d,D,,true,Size,S,A-L,0,1,deny,5,\nd,,,,,L,D-L,0,1,perhaps,5,\nd,,,,,XL,D-XL,x,1,deny,5,\nshort,row\n"
    ));
    assert_eq!(catalogue.products.len(), 1);
    assert_eq!(catalogue.products[0].input.variants[0].sku, "A-L");
    assert_eq!(catalogue.products[0].lines, [4]);
    let told = reasons(&catalogue);
    let lines: Vec<u64> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 5, 6, 7, 8, 9, 10, 11]);
    for (index, word) in [
        (0, "more than 2 decimals"),
        (1, "below zero"),
        (2, "title"),
        (3, "no handle"),
        (4, "not a handle"),
        (5, "on line 4 already"),
        (6, "perhaps"),
        (7, "whole number"),
        (8, "2 fields"),
    ] {
        assert!(told[index].1.contains(word), "{told:?}");
    }
}

#[test]
fn a_quote_left_open_is_told_and_does_not_pass_for_a_product() {
    let catalogue = read_text(&format!(
        "{HEADINGS}a,A,,true,,,A,0,1,deny,5,\nb,\"B,,true,,,B,0,1,deny,5,\nc,C,,true,,,C,0,1,deny,5,\n"
    ));
    assert_eq!(catalogue.products.len(), 1);
    assert!(reasons(&catalogue)[0].1.contains("quote"), "{:?}", catalogue.refused);
}

#[test]
fn two_variants_that_nothing_sets_apart_are_not_both_taken() {
    let catalogue = read_text(&format!("{HEADINGS}a,A,,true,Size,S,,0,1,deny,5,\na,,,,,S,,0,1,deny,5,\n"));
    assert_eq!(catalogue.products[0].input.variants.len(), 1);
    assert!(reasons(&catalogue)[0].1.contains("already"), "{:?}", catalogue.refused);
    // With SKUs of their own the shop may have both already: it is asked.
    let catalogue = read_text(&format!("{HEADINGS}a,A,,true,Size,S,A1,0,1,deny,5,\na,,,,,S,A2,0,1,deny,5,\n"));
    let twins: Vec<_> =
        catalogue.products[0].twins.iter().map(|twin| (twin.sku.as_str(), twin.line, twin.first)).collect();
    assert_eq!(twins, [("A2", 3, 2)]);
}

#[test]
fn the_headings_of_today_say_what_the_old_ones_said() {
    let old = "Handle,Title,Body (HTML),Vendor,Tags,Published,Status,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
        Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Tax Code,Image Src,\
        Image Position,Variant Image\n";
    let new = "URL handle,Title,Description,Vendor,Tags,Published on online store,Status,Option1 name,Option1 value,SKU,\
        Weight value (grams),Inventory tracker,Inventory quantity,Continue selling when out of stock,Price,Tax code,\
        Product image URL,Image position,Variant image URL\n";
    let rows = "top,Top,<p>Soft</p>,Lana,\"red, soft\",TRUE,Active,Size,Small,TOP-S,120,shopify,4,DENY,60.00,books,http://a/1,1,\n\
        top,,,,,,,,Large,TOP-L,130,,9,DENY,61.00,,,,http://a/2\n";
    let (old, new) = (read_text(&format!("{old}{rows}")), read_text(&format!("{new}{rows}")));
    assert!(new.refused.is_empty(), "{:?}", new.refused);
    assert_eq!((&new.products[0].input, &new.notes), (&old.products[0].input, &old.notes));
    let [small, large] = &new.products[0].input.variants[..] else { panic!("{:?}", new.products) };
    assert_eq!((small.track_stock, small.on_hand), (Some(true), Some(4)));
    assert_eq!(large.track_stock, Some(false), "a blank tracker counts nothing");
    assert!(new.notes.iter().any(|note| note.text.contains("no inventory tracker") && note.line == Some(3)));
}

#[test]
fn a_file_of_some_columns_states_these_alone() {
    let catalogue = read_text("Handle,Variant SKU,Variant Inventory Qty\ntop,TOP-S,-4\n");
    let variant = VariantInput { sku: "TOP-S".to_owned(), on_hand: Some(0), ..VariantInput::default() };
    let top = ProductInput { handle: "top".to_owned(), variants: vec![variant], ..ProductInput::default() };
    assert_eq!(catalogue.products[0].input, top);
    assert!(catalogue.notes[0].text.contains("below zero"), "{:?}", catalogue.notes);
    let catalogue = read_text("URL handle,Title,Status\ntop,Top,Draft\n");
    let top = ProductInput {
        handle: "top".to_owned(),
        name: Some("Top".to_owned()),
        active: Some(false),
        ..ProductInput::default()
    };
    assert_eq!(catalogue.products[0].input, top);
}

#[test]
fn handles_are_of_any_script() {
    let catalogue = read_text("Handle,Title,Variant Price\nテスト-シャツ,シャツ,5\nmünze,Münze,6\n");
    assert!(catalogue.refused.is_empty(), "{:?}", catalogue.refused);
    assert_eq!(catalogue.products[0].input.handle, "テスト-シャツ");
}

#[test]
fn a_product_has_up_to_2048_variants() {
    let mut text = HEADINGS.to_owned();
    for row in 0..2_049 {
        text.push_str(&format!("a,{},,,Size,{row},A{row},0,1,deny,5,\n", if row == 0 { "A" } else { "" }));
    }
    let catalogue = read_text(&text);
    assert_eq!((catalogue.products[0].input.variants.len(), catalogue.refused.len()), (2_048, 1));
}

#[test]
fn columns_that_are_not_kept_are_named() {
    let catalogue = read_text("Handle,Title,Variant Price,Cost per item,Gift Card\na,A,5,3,true\n");
    let notes: Vec<_> = catalogue.notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes[0].contains("Cost per item") && notes[1].contains("Gift Card"), "{notes:?}");
}

/// The files that Shopify publishes for developers, where they are.
fn published(name: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join("shared/data");
    let folder = std::env::var_os("CARTWRIGHT_TEST_DATA").map_or(root, PathBuf::from);
    let path = folder.join("shopify").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        crate::left_out::leave_out(&path);
    }
    bytes
}

#[test]
fn the_published_files_load_whole() {
    for (name, rows, products, variants, units) in
        [("apparel.csv", 22, 20, 22, 22), ("home-and-garden.csv", 21, 20, 21, 65)]
    {
        let Some(bytes) = published(name) else { continue };
        let catalogue = read_text(std::str::from_utf8(&bytes).expect("UTF-8"));
        assert!(catalogue.refused.is_empty(), "{name}: {:?}", catalogue.refused);
        let all: Vec<_> = catalogue.products.iter().flat_map(|product| &product.input.variants).collect();
        let on_hand: i64 = all.iter().filter_map(|variant| variant.on_hand).sum();
        assert_eq!(
            (catalogue.rows, catalogue.products.len(), all.len(), on_hand),
            (rows, products, variants, units),
            "{name}"
        );
    }
}
