//! A slow and obvious pricing of the default settings, unit by unit where units matter, against which the fast one is
//! held. It knows the common kinds of promotions, all combinable, and tax by line.

use crate::shop::{Line, Shop, promotion_of};
use cartwright_domain::money::Currency;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::sync::Arc;

/// A sort of goods: what is bought of one SKU at one price.
#[derive(Clone, Debug)]
struct Sort {
    sku: String,
    quantity: i128,
    left: i128,
}

fn half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator) / (2 * denominator)
}

/// One cent after the other to whoever is furthest below the exact share; the first of equals.
fn spread(amount: i128, sorts: &mut [Sort], meant: &[usize]) -> i128 {
    let total: i128 = meant.iter().map(|&at| sorts[at].left).sum();
    let amount = amount.min(total);
    if amount <= 0 {
        return 0;
    }
    let exact: Vec<i128> = meant.iter().map(|&at| amount * sorts[at].left).collect();
    let mut parts: Vec<i128> = exact.iter().map(|share| share / total).collect();
    while parts.iter().sum::<i128>() < amount {
        let mut furthest = 0;
        for at in 1..parts.len() {
            if exact[at] - parts[at] * total > exact[furthest] - parts[furthest] * total {
                furthest = at;
            }
        }
        parts[furthest] += 1;
    }
    meant.iter().zip(parts).for_each(|(&at, part)| sorts[at].left -= part);
    amount
}

fn apply(benefit: &Value, sorts: &mut [Sort]) -> i128 {
    let before: i128 = sorts.iter().map(|sort| sort.left).sum();
    let only = if benefit["target"].is_null() { &benefit["only"] } else { &benefit["target"]["only"] };
    let skus = only["skus"].as_array();
    let named = |sort: &Sort| skus.is_none_or(|skus| skus.iter().any(|sku| *sku == json!(sort.sku)));
    let meant: Vec<usize> = (0..sorts.len()).filter(|&at| named(&sorts[at])).collect();
    let percent = benefit["percent"].as_str().and_then(|percent| percent.parse::<i128>().ok()).unwrap_or(0);
    match (benefit["kind"].as_str().expect("a kind"), benefit["per"].as_str()) {
        ("percentage", _) => meant.iter().for_each(|&at| sorts[at].left -= half_up(sorts[at].left * percent, 100)),
        ("fixed_amount", Some("unit")) => {
            let amount = i128::from(benefit["amount"].as_i64().expect("an amount"));
            meant.iter().for_each(|&at| sorts[at].left -= (amount * sorts[at].quantity).min(sorts[at].left));
        }
        ("fixed_amount", _) => {
            spread(i128::from(benefit["amount"].as_i64().expect("an amount")), sorts, &meant);
        }
        ("bulk_price", _) => {
            let quantity: i128 = meant.iter().map(|&at| sorts[at].quantity).sum();
            if quantity >= 3 {
                meant.iter().for_each(|&at| sorts[at].left -= half_up(sorts[at].left * 25, 100));
            }
        }
        ("buy_x_get_y", _) => {
            // Every unit with the exact value it has now, the cheapest first.
            let mut units: Vec<usize> = (0..sorts.len()).flat_map(|at| vec![at; sorts[at].quantity as usize]).collect();
            let cheaper = |a: &usize, b: &usize| {
                (sorts[*a].left * sorts[*b].quantity).cmp(&(sorts[*b].left * sorts[*a].quantity)).then(a.cmp(b))
            };
            units.sort_by(cheaper);
            let free = &units[..units.len() / 3];
            for (at, sort) in sorts.iter_mut().enumerate() {
                let count = free.iter().filter(|unit| **unit == at).count() as i128;
                sort.left -= half_up(sort.left * count, sort.quantity);
            }
        }
        (other, _) => panic!("the reference does not know {other}"),
    }
    before - sorts.iter().map(|sort| sort.left).sum::<i128>()
}

/// Discounts by promotion, tax, total.
fn reference(shop: &Shop, benefits: &[Value], percent: i128) -> (Vec<i128>, i128, i128) {
    let mut goods = shop.lines.clone();
    goods.sort_by(|a, b| (a.sku.len(), &a.sku, a.unit_price).cmp(&(b.sku.len(), &b.sku, b.unit_price)));
    let mut sorts: Vec<(i64, Sort)> = Vec::new();
    for line in goods {
        let quantity = i128::from(line.quantity);
        let value = i128::from(line.unit_price) * quantity;
        match sorts.last_mut().filter(|last| last.1.sku == line.sku && last.0 == line.unit_price) {
            Some((_, sort)) => (sort.quantity, sort.left) = (sort.quantity + quantity, sort.left + value),
            None => sorts.push((line.unit_price, Sort { sku: line.sku, quantity, left: value })),
        }
    }
    let mut sorts: Vec<Sort> = sorts.into_iter().map(|sort| sort.1).collect();
    let on_lines = |benefit: &Value| benefit["target"]["scope"] != json!("order");
    let mut discounts = vec![0; benefits.len()];
    for phase in [true, false] {
        for (at, benefit) in benefits.iter().enumerate().filter(|benefit| on_lines(benefit.1) == phase) {
            discounts[at] = apply(benefit, &mut sorts);
        }
    }
    let goods: i128 = sorts.iter().map(|sort| sort.left).sum();
    if shop.prices_include_tax {
        let tax = sorts.iter().map(|sort| half_up(sort.left * percent, 100 + percent)).sum();
        return (discounts, tax, goods);
    }
    let tax: i128 = sorts.iter().map(|sort| half_up(sort.left * percent, 100)).sum();
    (discounts, tax, goods + tax)
}

fn benefit() -> impl Strategy<Value = Value> {
    let only = || select(vec![json!({}), json!({"skus": ["A"]}), json!({"skus": ["B", "LONG"]})]);
    let target =
        || (select(vec!["order", "lines"]), only()).prop_map(|(scope, only)| json!({"scope": scope, "only": only}));
    prop_oneof![
        (1..=100u32, target())
            .prop_map(|(percent, target)| json!({"kind": "percentage", "percent": percent.to_string(), "target": target})),
        (1..3000i64, target()).prop_map(|(amount, target)| json!({"kind": "fixed_amount", "amount": amount, "target": target})),
        (1..300i64, target()).prop_map(
            |(amount, target)| json!({"kind": "fixed_amount", "per": "unit", "amount": amount, "target": target})
        ),
        only().prop_map(|only| json!({"kind": "bulk_price", "only": only, "tiers": [{"from_quantity": 3, "off": {"percent": "25"}}]})),
        Just(json!({"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::properties::more(5000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_obvious_pricing_agrees_to_the_cent(
        goods in prop::collection::vec((select(vec!["A", "B", "C", "LONG"]), 0..2500i64, 1..6u32), 1..7),
        benefits in prop::collection::vec(benefit(), 0..5),
        percent in 0..30u32,
        prices_include_tax in any::<bool>(),
    ) {
        let mut shop = Shop::new(Currency::EUR);
        for (sku, unit_price, quantity) in goods {
            shop = shop.line(sku, unit_price, quantity);
        }
        shop.prices_include_tax = prices_include_tax;
        shop.rates = serde_json::from_value(json!([{"name": "tax", "percent": percent}])).expect("a rate");
        shop.promotions = benefits.iter().enumerate()
            .map(|(at, benefit)| Arc::new(promotion_of(at as u128 + 1, json!({"benefit": benefit})))).collect();
        let quote = shop.quote();
        let (discounts, tax, total) = reference(&shop, &benefits, i128::from(percent));
        let given = |at: usize| {
            let found = quote.discounts.iter().find(|one| one.promotion_id.0.as_u128() == at as u128 + 1);
            found.map_or(0, |one| i128::from(one.amount))
        };
        prop_assert_eq!((0..benefits.len()).map(given).collect::<Vec<_>>(), discounts);
        prop_assert_eq!((i128::from(quote.totals.tax), i128::from(quote.totals.total)), (tax, total));
    }
}

#[test]
fn the_reference_itself_is_right_about_a_basket_worked_out_by_hand() {
    let line = |sku: &str, unit_price, quantity| Line {
        id: 0,
        sku: sku.to_owned(),
        tags: Vec::new(),
        tax_category: "standard".to_owned(),
        unit_price,
        quantity,
        min_unit_price: None,
    };
    let mut shop = Shop::new(Currency::EUR);
    shop.lines = vec![line("B", 2000, 1), line("A", 500, 2)];
    // 10 % off A is 1.00, leaving 9.00 and 20.00; 5.00 over these is 1.55 and 3.45; 19 % in 7.45 and 16.55 is 1.19 and 2.64.
    let benefits = [
        json!({"kind": "percentage", "percent": "10", "target": {"scope": "lines", "only": {"skus": ["A"]}}}),
        json!({"kind": "fixed_amount", "amount": 500, "target": {"scope": "order", "only": {}}}),
    ];
    assert_eq!(reference(&shop, &benefits, 19), (vec![100, 500], 383, 2400));
}
