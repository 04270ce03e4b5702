//! How long pricing takes. Measured in a release build (`cargo test --release`); the limits are asserted there only.

use crate::shop::{Line, Shop};
use cartwright_domain::money::Currency;
use cartwright_domain::promotion::Stacking;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A cart of so many lines and a shop of so many promotions of all kinds.
fn shop(lines: usize, promotions: usize) -> Shop {
    let mut shop = Shop::new(Currency::EUR);
    shop.lines = (0..lines)
        .map(|at| Line {
            id: at as u128,
            sku: format!("SKU-{at:04}"),
            tags: vec!["all".to_owned(), format!("tag{}", at % 7)],
            tax_category: if at % 3 == 0 { "books" } else { "standard" }.to_owned(),
            unit_price: 500 + (at as i64 * 37) % 4000,
            quantity: 1 + (at % 5) as u32,
            min_unit_price: None,
        })
        .collect();
    shop.rates = serde_json::from_value(
        json!([{"name": "a", "percent": "19"}, {"name": "b", "percent": "7", "categories": ["books"]}]),
    )
    .expect("rates");
    shop.shipping = Some(490);
    (0..promotions).fold(shop, |shop, at| shop.promotion(json!({"benefit": benefit(at)})))
}

fn benefit(at: usize) -> Value {
    let tag = json!({"scope": "lines", "only": {"tags": [format!("tag{}", at % 7)]}});
    match at % 5 {
        0 => json!({"kind": "percentage", "percent": "2.5", "target": tag}),
        1 => json!({"kind": "fixed_amount", "amount": 97}),
        2 => {
            json!({"kind": "buy_x_get_y", "buy": {"tags": ["all"]}, "buy_quantity": 2, "get_quantity": 1, "percent": "3"})
        }
        3 => {
            json!({"kind": "bulk_price", "only": {"tags": ["all"]}, "tiers": [{"from_quantity": 3, "off": {"percent": "1"}}]})
        }
        _ => json!({"kind": "percentage", "percent": "50", "target": {"scope": "shipping"}}),
    }
}

/// The fastest of several runs: what the work costs, without what else the machine does.
fn measure(shop: &Shop, runs: usize) -> Duration {
    let one = || {
        let start = Instant::now();
        std::hint::black_box(shop.quote());
        start.elapsed()
    };
    (0..runs).map(|_| one()).min().unwrap_or_default()
}

/// Half of the promotions exclude each other, in groups of ten.
fn with_groups(mut shop: Shop) -> Shop {
    let half = shop.promotions.len() / 2;
    for (at, promotion) in shop.promotions.iter_mut().take(half).enumerate() {
        let group = format!("g{}", at / 10);
        Arc::make_mut(promotion).stacking = Stacking::ExclusiveInGroup(group);
    }
    shop
}

#[test]
fn promotions_that_exclude_each_other_keep_to_the_time() {
    for (lines, promotions) in [(5, 5), (5, 50), (50, 50), (500, 100)] {
        let took = measure(&with_groups(shop(lines, promotions)), 10);
        println!("{lines:>6} {promotions:>11} {:>12.1} half of them in groups", took.as_secs_f64() * 1e6);
        if cfg!(not(debug_assertions)) {
            assert!(took < Duration::from_millis(100), "{took:?}");
        }
    }
}

#[test]
fn pricing_is_fast_and_grows_with_lines_and_promotions() {
    println!("{:>6} {:>11} {:>12}", "lines", "promotions", "µs");
    for (lines, promotions) in
        [(1, 0), (5, 0), (5, 5), (5, 50), (50, 10), (100, 100), (500, 10), (500, 50), (500, 100), (1000, 100)]
    {
        let took = measure(&shop(lines, promotions), 20);
        println!("{lines:>6} {promotions:>11} {:>12.1}", took.as_secs_f64() * 1e6);
        if cfg!(not(debug_assertions)) {
            match (lines, promotions) {
                (5, 5) => assert!(took < Duration::from_micros(20), "{took:?}"),
                (500, 100) => assert!(took < Duration::from_millis(10), "{took:?}"),
                _ => {}
            }
        }
    }
}
