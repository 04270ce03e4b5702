//! The table of examples, one row each, and the baskets of the first source document.

use crate::case;
use crate::shop::{Shop, promotion_of};
use cartwright_domain::money::{format, parse_amount};
use cartwright_domain::promotion::{Benefit, Promotion};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const TABLE: &str = include_str!("examples.txt");

#[test]
fn the_baskets_of_the_source_document_cost_what_it_says() {
    let Some(file) = case::read("pricing.json") else { return };
    let price_of = |sku: &str| {
        let products = file["products"].as_array().expect("a list");
        let product = products.iter().find(|product| product["sku"] == sku).expect("a product");
        product["price"].as_i64().expect("a price")
    };
    for basket in file["cases"].as_array().expect("a list") {
        let mut shop = Shop::new("EUR".parse().expect("a currency"))
            .promotion(json!({"benefit": {"kind": "buy_x_get_y", "buy": {"skus": ["PEN"]}, "buy_quantity": 1, "get_quantity": 1}}))
            .promotion(json!({"benefit": {"kind": "bulk_price", "only": {"skus": ["TSHIRT"]},
                "tiers": [{"from_quantity": 3, "off": {"percent": "25"}}]}}));
        // As in the document, the goods are put in one by one.
        for sku in basket["items"].as_array().expect("a list") {
            let sku = sku.as_str().expect("a SKU");
            shop = shop.line(sku, price_of(sku), 1);
        }
        let total = shop.quote().totals.total;
        assert_eq!(json!(total), basket["total"], "{}", basket["items"]);
        assert_eq!(json!(format(total, shop.currency)), basket["formatted"]);
    }
}

#[test]
fn every_row_of_the_table_of_examples_holds() {
    let rows = TABLE.lines().filter(|row| row.starts_with("| ") && !row.starts_with("| what |"));
    let (mut count, mut shown) = (0, BTreeSet::new());
    for row in rows {
        let shop = check_row(row);
        let kind = |promotion: &Arc<Promotion>| json!(promotion.benefit)["kind"].as_str().map(str::to_owned);
        shown.extend(shop.promotions.iter().filter_map(kind).map(|kind| (shop.currency.code(), kind)));
        count += 1;
    }
    println!("{count} examples hold");
    assert!(count >= 125, "the table has {count} rows");
    for kind in crate::pages::kinds::<Benefit>() {
        for currency in ["EUR", "JPY", "KWD"] {
            assert!(shown.contains(&(currency, kind.clone())), "no row shows {kind} in {currency}");
        }
    }
}

/// A row: what it shows, currency, goods, shop (JSON), discounts per line, shipping, tax, total.
fn check_row(row: &str) -> Shop {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let [what, currency, goods, settings, discounts, shipping, tax, total] = cells[..] else {
        panic!("a row has eight cells: {row}");
    };
    let shop = shop(currency, goods, settings);
    let quote = shop.quote();
    let money = |text: &str| parse_amount(text, shop.currency).expect("an amount");
    let wanted: Vec<i64> = discounts.split_whitespace().map(money).collect();
    let found: Vec<i64> = quote.lines.iter().map(|line| line.discount).collect();
    assert_eq!(found, wanted, "discounts: {what}");
    assert_eq!(quote.totals.shipping, money(shipping), "shipping: {what}");
    assert_eq!(quote.totals.tax, money(tax), "tax: {what}");
    assert_eq!(format(quote.totals.total, shop.currency), total, "total: {what}");
    shop
}

fn shop(currency: &str, goods: &str, settings: &str) -> Shop {
    let mut shop = Shop::new(currency.parse().expect("a currency"));
    for line in goods.split(',') {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [quantity, sku, price] = words[..] else { panic!("goods are `3 MUG 7.50`: {line}") };
        let price = parse_amount(price, shop.currency).expect("a price");
        shop = shop.line(sku, price, quantity.parse().expect("a quantity"));
    }
    let settings: Value = serde_json::from_str(settings).unwrap_or_else(|error| panic!("{error}: {settings}"));
    let settings = settings.as_object().expect("an object");
    for (name, value) in settings {
        match name.as_str() {
            "benefit" => shop = shop.promotion(json!({"benefit": value})),
            "promotions" => {
                for promotion in value.as_array().expect("a list") {
                    shop = shop.promotion(promotion.clone());
                }
            }
            "shipping" => shop.shipping = value.as_i64(),
            "prices_include_tax" => shop.prices_include_tax = value == &json!(true),
            "policy" => shop.policy = serde_json::from_value(value.clone()).expect("a policy"),
            "tax" => {
                let rate = |percent: &Value| json!({"name": "tax", "percent": percent});
                shop.rates = vec![serde_json::from_value(rate(value)).expect("a rate")];
            }
            "exempt" => shop.tax_exempt = value == &json!(true),
            "floor" => shop.lines.iter_mut().for_each(|line| line.min_unit_price = value.as_i64()),
            "sale" => shop.lines[value.as_u64().expect("a line") as usize].tags = vec!["sale".to_owned()],
            "code" => shop.codes.push((1, value.as_str().expect("a code").to_owned())),
            other => panic!("no such setting: {other}"),
        }
    }
    shop
}

#[test]
fn each_of_two_lines_of_a_variant_stops_at_the_floor() {
    // Three times one cent over lines of one and two units would always go to the larger one.
    let mut shop = Shop::new("EUR".parse().expect("a currency")).line("A", 1000, 1).line("A", 1000, 2);
    shop.lines.iter_mut().for_each(|line| line.min_unit_price = Some(999));
    for _ in 0..3 {
        shop = shop.promotion(json!({"benefit": {"kind": "fixed_amount", "amount": 1}}));
    }
    let discounts: Vec<i64> = shop.quote().lines.iter().map(|line| line.discount).collect();
    assert_eq!(discounts, [1, 2]);
}

#[test]
fn what_is_wrong_with_a_promotion_is_said_by_field() {
    let mut promotion = promotion_of(1, json!({"benefit": {"kind": "percentage", "percent": "10"}}));
    promotion.benefit = serde_json::from_value(json!({"kind": "percentage", "percent": "150",
        "units": {"group_size": 2, "nth": {"position": 3, "from": "cheapest"}}}))
    .expect("it can be read");
    promotion.limits.total_uses = Some(0);
    let errors: Vec<String> = promotion.validate().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "limits.total_uses: must be at least 1; leave it out for no limit",
            "benefit.percent: must be between 0 and 100",
            "benefit.units.nth.position: must be between 1 and group_size",
        ]
    );
}

#[test]
fn a_field_nobody_knows_is_refused() {
    for benefit in [
        json!({"kind": "percentage", "percent": "10", "percentt": 1}),
        json!({"kind": "free_shipping", "percent": "10"}),
        json!({"kind": "percentage", "percent": "10", "target": {"scope": "order", "skus": ["A"]}}),
    ] {
        serde_json::from_value::<cartwright_domain::promotion::Benefit>(benefit.clone())
            .expect_err(&benefit.to_string());
    }
}

#[test]
fn a_promotion_is_stored_as_it_was_read() {
    let promotion = promotion_of(
        7,
        json!({"conditions": {"min_order_amount": 5000, "weekdays": ["friday"], "currencies": ["EUR"]},
            "stacking": {"exclusive_in_group": "summer"}, "starts_at": 1, "ends_at": 2,
            "benefit": {"kind": "percentage", "percent": 12.5, "target": {"scope": "lines", "only": {"tags": ["b", "a"]}}}}),
    );
    let text = serde_json::to_string(&promotion).expect("JSON");
    assert!(text.contains(r#""percent":"12.5""#) && text.contains(r#"["a","b"]"#), "{text}");
    assert_eq!(serde_json::from_str::<cartwright_domain::promotion::Promotion>(&text).expect("a promotion"), promotion);
}
