//! What is written reads back as the same product.

use super::*;
use crate::cli::catalogue::numbers::Numbers;
use crate::cli::catalogue::read_bytes;
use crate::cli::catalogue::sheet::{Catalogue, Written};
use cartwright_client::wire::{Patch, ProductInput, VariantInput};
use serde_json::json;

fn read(bytes: &[u8]) -> Catalogue {
    read_bytes(bytes, None, &Written::default(), Numbers::new("EUR", 2, None)).expect("reads")
}

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

/// What an import would have to state so that nothing changes, as far as the format can say it.
fn as_input(product: &Product, format: Format) -> ProductInput {
    let is_plain = format == Format::Plain;
    let amounts = |amounts: &[Money], own: &str| -> std::collections::BTreeMap<String, i64> {
        let others = amounts.iter().filter(|money| money.currency != own);
        others.map(|money| (money.currency.clone(), money.amount)).collect()
    };
    let variant = |variant: &Variant| VariantInput {
        sku: variant.sku.clone(),
        attributes: variant.attributes.clone().into(),
        price: Some(variant.price.amount),
        prices: is_plain.then(|| amounts(&variant.prices, "EUR")).into(),
        min_unit_prices: is_plain.then(|| amounts(&variant.min_unit_prices, "")).into(),
        weight_grams: variant.weight_grams.into(),
        track_stock: Some(variant.track_stock),
        active: is_plain.then_some(variant.active),
        on_hand: variant.on_hand,
        ..VariantInput::default()
    };
    ProductInput {
        handle: product.handle.clone(),
        name: Some(product.name.clone()),
        description: product.description.clone().into(),
        vendor: product.vendor.clone().into(),
        tags: product.tags.clone().into(),
        active: Some(product.active),
        tax_category: match product.tax_category.as_str() {
            "standard" if !is_plain => Patch::Unset,
            category => category.to_owned().into(),
        },
        price_policy: match product.price_policy {
            policy if is_plain => policy.map_or(Patch::Unset, Patch::Set),
            _ => Patch::Keep,
        },
        hold_policy: match product.hold_policy {
            policy if is_plain => policy.map_or(Patch::Unset, Patch::Set),
            _ => Patch::Keep,
        },
        images: product.images.clone().into(),
        variants: product.variants.iter().map(variant).collect(),
    }
}

fn comes_back(product: &Product) {
    let plain = plain_csv(std::slice::from_ref(product), 2).expect("writes");
    let (shopify, _) = shopify_csv(std::slice::from_ref(product), 2);
    for (bytes, format) in [(plain, Format::Plain), (shopify.expect("writes"), Format::Shopify)] {
        let read = read(&bytes);
        assert!(read.refused.is_empty(), "{format:?}: {read:?}");
        assert_eq!(read.products[0].input, as_input(product, format), "{format:?}");
    }
}

#[test]
fn what_is_exported_imports_as_the_same_product() {
    comes_back(&product());
    let mut product = product();
    product.variants.iter_mut().for_each(|variant| variant.track_stock = true);
    let (_, left_out) = shopify_csv(std::slice::from_ref(&product), 2);
    assert!(left_out.is_empty(), "{left_out:?}");
    comes_back(&product);
}

#[test]
fn every_byte_of_every_field_comes_back() {
    let texts = [
        " a ",
        "a\n",
        "\u{a0}a",
        "'a'",
        "' a '",
        "'",
        "=1+1",
        " =1",
        "'=1 ",
        "-5",
        "a,b;c\td|e",
        "\"q\"",
        "a\\",
        "\\ a",
        "1.250",
        "Default Title",
        "\u{feff}a",
        "a\r\nb",
        "TRUE",
        "テスト",
    ];
    for text in texts {
        let mut product = product();
        for field in [&mut product.name, &mut product.description, &mut product.vendor, &mut product.tax_category] {
            text.clone_into(field);
        }
        product.tags = vec![text.to_owned(), "x".to_owned(), text.to_owned()];
        product.images = vec![text.to_owned(), "http://a/1".to_owned()];
        for (index, variant) in product.variants.iter_mut().enumerate() {
            let name = if text == "Default Title" { "Size" } else { text };
            variant.attributes = [(name.to_owned(), format!("{text}{index}{text}"))].into();
            variant.sku = format!("{text}{index}{text}");
        }
        comes_back(&product);
    }
}

#[test]
fn other_currencies_keep_their_own_decimals_in_the_plain_format() {
    let mut product = product();
    let yen = json!([{"amount": 3000, "currency": "JPY", "formatted": ""}]);
    product.variants[0].prices = serde_json::from_value(yen).expect("prices");
    let plain = plain_csv(std::slice::from_ref(&product), 2).expect("writes");
    let read = read(&plain);
    assert_eq!(read.products[0].input.variants[0].prices.as_set().expect("prices")["JPY"], 3000);
    let (_, left_out) = shopify_csv(std::slice::from_ref(&product), 2);
    assert!(left_out[0].contains("other currencies"));
}

#[test]
fn what_the_format_cannot_say_is_left_out_and_told() {
    let mut product = product();
    product.variants[0].attributes = [("Title".to_owned(), "Default Title".to_owned())].into();
    let (bytes, left_out) = shopify_csv(std::slice::from_ref(&product), 2);
    assert!(left_out[0].contains("left out") && bytes.expect("writes").split(|byte| *byte == b'\n').count() == 2);
}
