//! Up to the stated limits everything is counted exactly; beyond them a cart has no price, and none that is wrong.

use crate::properties::{check, more, number, shop};
use crate::shop::Shop;
use cartwright_domain::money::{Currency, MOST_AMOUNT};
use cartwright_domain::pricing::{MOST_LINES, MOST_QUANTITY, PricingError};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_car_in_rupiah_and_a_television_in_pounds_of_lebanon_have_a_price() {
    // 850,000,000.00 IDR and 1,500,000,000.00 LBP; one more limit would be met at 10^10.
    for (code, price) in [("IDR", 85_000_000_000), ("LBP", 150_000_000_000), ("IRR", 9_000_000_000_000)] {
        let shop = Shop::new(code.parse().expect("a currency")).line("CAR", price, 3);
        assert_eq!(shop.quote().totals.total, 3 * price, "{code}");
    }
}

#[test]
fn goods_of_exactly_the_limit_have_a_price_and_one_unit_more_has_none() {
    let shop = Shop::new(Currency::EUR).line("A", MOST_AMOUNT - 1, 1).line("B", 1, 1);
    assert_eq!(shop.quote().totals.total, MOST_AMOUNT);
    assert_eq!(shop.line("C", 1, 1).try_ask(false).expect_err("too much"), PricingError::Overflow);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(60), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overflows_up_to_the_stated_limits(
        shop in shop(),
        alike in any::<bool>(),
        amount in 1..=MOST_AMOUNT,
        share in 1..=MOST_AMOUNT / MOST_LINES as i64,
        quantity in prop_oneof![Just(1), 1..=MOST_QUANTITY, Just(MOST_QUANTITY)],
        percent in prop_oneof![Just("1000"), Just("8.25")],
    ) {
        let mut shop = shop;
        let pattern = shop.lines.clone();
        shop.lines = (0..MOST_LINES).map(|at| {
            let mut line = pattern[at % pattern.len()].clone();
            if !alike {
                line.sku = format!("{}{at}", line.sku);
            }
            (line.unit_price, line.quantity) = ((share / i64::from(quantity)).max(1), quantity);
            line
        }).collect();
        number(&mut shop.lines);
        shop.shipping = Some(MOST_AMOUNT);
        shop.rates = serde_json::from_value(json!([
            {"name": "a", "percent": percent}, {"name": "b", "percent": percent, "layer": 1, "included": false},
        ])).expect("rates");
        let amount = json!({"kind": "fixed_amount", "amount": amount});
        let mut shop = shop.promotion(json!({"benefit": amount, "priority": 9}));
        shop.promotions.rotate_right(1);
        check(&shop, &shop.quote());
    }

    #[test]
    fn a_cart_is_refused_exactly_where_its_goods_are_worth_more_than_the_limit(
        shop in shop(),
        prices in prop::collection::vec(prop_oneof![0..=MOST_AMOUNT, 0..10_000_000_000_000i64], 1..8),
        quantities in prop::collection::vec(prop_oneof![Just(1), 1..=MOST_QUANTITY], 8),
    ) {
        let mut shop = shop;
        for ((line, price), quantity) in shop.lines.iter_mut().zip(prices).zip(quantities) {
            (line.unit_price, line.quantity) = (price, quantity);
        }
        let worth: i128 = shop.lines.iter().map(|line| i128::from(line.unit_price) * i128::from(line.quantity)).sum();
        match shop.try_ask(true) {
            Ok(quote) => {
                prop_assert!(worth <= i128::from(MOST_AMOUNT));
                check(&shop, &quote);
            }
            Err(error) => {
                prop_assert_eq!(error, PricingError::Overflow);
                prop_assert!(worth > i128::from(MOST_AMOUNT));
            }
        }
    }
}
