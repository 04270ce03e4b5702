//! What the reader of Shopify's format makes of good and bad files.

use super::*;
use std::path::PathBuf;

fn read_text(text: &str) -> Catalogue {
    read(Sheet::read(text.as_bytes()).expect("a sheet"), 2).expect("a catalogue")
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
    assert_eq!(product.tags, ["red", "soft"]);
    assert_eq!(product.images, ["http://a/1", "http://a/2", "http://a/3"]);
    let variants: Vec<_> =
        product.variants.iter().map(|v| (v.sku.as_str(), v.price, v.on_hand, v.weight_grams)).collect();
    assert_eq!(variants, [("top-small", 6000, Some(1), 120), ("TOP-XL", 6050, Some(3), 0)]);
    assert_eq!(product.variants[1].attributes["Size"], "Extra Large");
}

#[test]
fn a_default_title_is_no_attribute_and_the_handle_becomes_the_sku() {
    let catalogue = read_text(&format!("{HEADINGS}pen,Pen,,false,Title,Default Title,,0,1,deny,5,\n"));
    let product = &catalogue.products[0].input;
    assert!(product.variants[0].attributes.is_empty() && !product.active);
    assert_eq!(product.variants[0].sku, "pen");
}

#[test]
fn selling_past_zero_means_that_stock_is_not_counted_and_is_told() {
    let catalogue = read_text(&format!("{HEADINGS}pen,Pen,,true,Title,Default Title,PEN,0,1,continue,5,\n"));
    assert!(!catalogue.products[0].input.variants[0].track_stock);
    assert_eq!(catalogue.notes[0].line, Some(2));
}

#[test]
fn every_bad_row_is_told_with_line_and_reason_and_the_others_load() {
    let catalogue = read_text(&format!(
        "{HEADINGS}a,A,,true,Size,S,A-S,0,1,deny,9.999,\na,,,,,M,A-M,0,-1,deny,9,\na,,,,,L,A-L,0,1,deny,9,\n\
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
    let catalogue = read_text(&format!("{HEADINGS}a,A,,true,Size,S,A1,0,1,deny,5,\na,,,,,S,A2,0,1,deny,5,\n"));
    assert_eq!(catalogue.products[0].input.variants.len(), 1);
    assert!(reasons(&catalogue)[0].1.contains("sets it apart"));
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
        let catalogue = read(Sheet::read(&bytes).expect("a sheet"), 2).expect("a catalogue");
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
