//! What holds for every cart, every set of promotions and every setting of a store.

use crate::shop::{Line, Shop, promotion_of};
use cartwright_domain::money::Currency;
use cartwright_domain::pricing::Quote;
use cartwright_domain::promotion::Stacking;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;

fn line() -> impl Strategy<Value = Line> {
    let sku = select(vec!["A", "B", "C", "LONGER", "b"]);
    (
        sku,
        0..3000i64,
        1..7u32,
        select(vec!["standard", "books"]),
        any::<bool>(),
        prop::option::weighted(0.2, 0..2000i64),
    )
        .prop_map(|(sku, unit_price, quantity, category, on_sale, min_unit_price)| Line {
            id: 0,
            sku: sku.to_owned(),
            tags: if on_sale { vec!["sale".to_owned()] } else { Vec::new() },
            tax_category: category.to_owned(),
            unit_price,
            quantity,
            min_unit_price,
        })
}

fn filter() -> impl Strategy<Value = Value> + Clone {
    select(vec![
        json!({}),
        json!({"skus": ["A", "b"]}),
        json!({"skus": ["B"]}),
        json!({"tags": ["sale"]}),
        json!({"exclude_tags": ["sale"]}),
    ])
}

fn benefit() -> impl Strategy<Value = Value> {
    let scope = select(vec!["order", "lines"]);
    let target = (scope, filter()).prop_map(|(scope, only)| json!({"scope": scope, "only": only})).boxed();
    let units = select(vec![
        json!({}),
        json!({}),
        json!({"max_quantity": 3}),
        json!({"max_quantity_per_line": 2}),
        json!({"group_size": 2}),
        json!({"group_size": 3, "nth": {"position": 2, "from": "dearest"}}),
        json!({"group_size": 2, "nth": {"position": 1, "from": "dearest"}, "max_quantity": 2}),
    ]);
    let percent = select(vec!["5", "10", "33.333333", "50", "100", "0.5"]);
    prop_oneof![
        (percent.clone(), target.clone(), units.clone(), prop::option::of(1..2000i64)).prop_map(
            |(percent, target, units, most)| json!({"kind": "percentage", "percent": percent, "target": target, "units": units, "max_discount": most})
        ),
        (1..3000i64, target.clone()).prop_map(|(amount, target)| json!({"kind": "fixed_amount", "amount": amount, "target": target})),
        (1..3000i64, target.clone()).prop_map(
            |(amount, target)| json!({"kind": "fixed_amount", "amount": amount, "per": "line", "target": target})
        ),
        (1..900i64, target.clone(), units).prop_map(
            |(amount, target, units)| json!({"kind": "fixed_amount", "amount": amount, "per": "unit", "target": target, "units": units})
        ),
        (0..3000i64, target.clone(), select(vec!["order", "unit"]))
            .prop_map(|(price, target, per)| json!({"kind": "fixed_price", "price": price, "per": per, "target": target})),
        Just(json!({"kind": "free_shipping"})),
        percent.clone().prop_map(|percent| json!({"kind": "percentage", "percent": percent, "target": {"scope": "shipping"}})),
        (filter(), prop::option::of(filter()), 1..3u32, 1..3u32, percent.clone(), select(vec!["together", "variant"])).prop_map(
            |(buy, get, buy_quantity, get_quantity, percent, count_by)| json!({"kind": "buy_x_get_y", "buy": buy, "get": get,
                "buy_quantity": buy_quantity, "get_quantity": get_quantity, "percent": percent, "count_by": count_by})
        ),
        (filter(), percent, 1..900i64).prop_map(|(only, percent, price)| json!({"kind": "bulk_price", "only": only,
            "tiers": [{"from_quantity": 2, "off": {"percent": percent}}, {"from_quantity": 6, "off": {"unit_price": price}}]})),
        (filter(), 1..4u32, 0..4000i64, select(vec!["cheapest", "dearest"])).prop_map(|(only, quantity, price, pick)| json!({"kind": "bundle_price", "price": price,
            "pick": pick, "parts": [{"only": only, "quantity": quantity}, {"quantity": 1}]})),
    ]
}

fn promotion() -> impl Strategy<Value = Value> {
    let stacking = select(vec![
        json!("combinable"),
        json!("combinable"),
        json!("combinable"),
        json!("exclusive"),
        json!({"exclusive_in_group": "g"}),
        json!({"exclusive_in_group": "h"}),
        json!({"exclusive_in_group": "i"}),
    ]);
    (benefit(), stacking, -2..3i32, prop::option::of(0..6000i64)).prop_map(|(benefit, stacking, priority, least)| {
        json!({"benefit": benefit, "stacking": stacking, "priority": priority, "conditions": {"min_order_amount": least}})
    })
}

fn policy() -> impl Strategy<Value = Value> {
    let rounding = || select(vec!["half_up", "half_even", "half_down", "down"]);
    let first = (
        select(vec!["line", "unit", "order_rate", "order_all"]),
        rounding(),
        select(vec!["line", "unit", "order"]),
        rounding(),
        select(vec!["largest_remainder", "round_last_rest", "floor_first", "half_down_first", "from_end"]),
        select(vec!["sequential", "parallel"]),
        select(vec!["shown", "net", "gross"]),
        select(vec!["after", "before", "own_row"]),
    );
    let second = (
        select(vec!["per_rate", "combined"]),
        select(vec!["tax", "net"]),
        select(vec!["cheapest", "dearest"]),
        any::<bool>(),
        select(vec!["own", "weighted"]),
        select(vec!["discounted", "original"]),
        prop::option::of(select(vec![5, 50])),
        (select(vec!["averaged", "on_units"]), select(vec!["offered_again", "used_once"])),
        select(vec!["best_for_customer", "wins", "highest_priority"]),
    );
    (first, second).prop_map(|(first, second)| {
        json!({"tax_round": first.0, "tax_rounding": first.1, "disc_round": first.2, "disc_rounding": first.3,
            "split": first.4, "stack": first.5, "weights": first.6, "disc_tax": first.7,
            "multi_rate": second.0, "incl_extract": second.1, "pick": second.2, "partial_get": second.3,
            "ship_tax": second.4, "threshold": second.5, "cash_rounding": second.6,
            "unit_discounts": second.7.0, "bxgy_units": second.7.1, "exclusive": second.8})
    })
}

fn rates() -> impl Strategy<Value = Value> {
    select(vec![
        json!([]),
        json!([{"name": "a", "percent": "19"}, {"name": "b", "percent": "7", "categories": ["books"]}]),
        json!([{"name": "a", "percent": "19"}, {"name": "b", "percent": "7", "categories": ["books"], "layer": 1}]),
        json!([{"name": "a", "percent": "8.25"}, {"name": "b", "percent": "1.5", "layer": 1}]),
        json!([{"name": "a", "percent": "20", "included": true, "applies_to": "items"}, {"name": "b", "percent": "10", "included": false, "layer": 1}]),
    ])
}

pub fn shop() -> impl Strategy<Value = Shop> {
    shop_with(0..5)
}

/// A shop with so many promotions.
pub fn shop_with(promotions: Range<usize>) -> impl Strategy<Value = Shop> {
    let lines = prop::collection::vec(line(), 1..8);
    let promotions = prop::collection::vec(promotion(), promotions);
    (lines, promotions, policy(), rates(), any::<bool>(), prop::bool::weighted(0.1), 0..1500i64).prop_map(
        |(lines, promotions, policy, rates, prices_include_tax, tax_exempt, shipping)| {
            let mut shop = Shop::new(Currency::EUR);
            shop.lines = lines;
            number(&mut shop.lines);
            let numbered = promotions.into_iter().enumerate();
            shop.promotions = numbered.map(|(at, one)| Arc::new(promotion_of(at as u128 + 1, one))).collect();
            shop.policy = serde_json::from_value(policy).expect("a policy");
            shop.rates = serde_json::from_value(rates).expect("rates");
            (shop.prices_include_tax, shop.tax_exempt, shop.shipping) =
                (prices_include_tax, tax_exempt, Some(shipping));
            shop
        },
    )
}

pub fn number(lines: &mut [Line]) {
    for (at, line) in lines.iter_mut().enumerate() {
        line.id = at as u128 + 1;
    }
}

/// Parts sum to wholes, and nothing is below zero.
pub fn check(shop: &Shop, quote: &Quote) {
    let totals = &quote.totals;
    let shipping = &quote.shipping;
    let mut sum = (0, 0, 0, 0, 0, 0);
    for (line, asked) in quote.lines.iter().zip(&shop.lines) {
        assert_eq!(line.line_id.0.as_u128(), asked.id);
        assert_eq!(line.adjustments.iter().map(|part| part.amount).sum::<i64>(), line.discount);
        assert_eq!(line.subtotal - line.discount + line.tax_added - line.relief, line.total);
        assert!(line.adjustments.iter().all(|part| part.amount > 0));
        assert!(line.discount >= 0 && line.discount <= line.subtotal && line.total >= 0 && line.relief >= 0);
        assert!(line.tax_added >= 0 && line.tax_included >= 0);
        let floor = asked.min_unit_price.unwrap_or(0).min(asked.unit_price) * i64::from(asked.quantity);
        assert!(line.subtotal - line.discount >= floor || line.discount == 0, "a line stops at its floor: {line:?}");
        sum.0 += line.subtotal;
        sum.1 += line.discount;
        sum.2 += line.tax_added;
        sum.3 += line.tax_included;
        sum.4 += line.relief;
        sum.5 += line.total;
    }
    assert_eq!(sum.0, totals.subtotal);
    assert_eq!(sum.1, totals.discount);
    assert_eq!(sum.2 + shipping.tax_added, totals.tax_added);
    assert_eq!(sum.3 + shipping.tax_included, totals.tax_included);
    assert_eq!(sum.4 + shipping.relief, totals.relief);
    assert_eq!(sum.5 + shipping.total + totals.rounding, totals.total);
    assert_eq!(totals.tax_added + totals.tax_included, totals.tax);
    assert_eq!(quote.taxes.iter().map(|tax| tax.amount).sum::<i64>(), totals.tax);
    assert_eq!(shipping.amount - shipping.discount, totals.shipping);
    assert_eq!(shipping.amount - shipping.discount + shipping.tax_added - shipping.relief, shipping.total);
    assert_eq!(quote.discounts.iter().map(|discount| discount.amount).sum::<i64>(), totals.discount);
    assert_eq!(quote.discounts.iter().map(|discount| discount.shipping_amount).sum::<i64>(), shipping.discount);
    assert!(totals.total >= 0 && shipping.total >= 0 && shipping.discount >= 0 && totals.tax >= 0);
    for discount in &quote.discounts {
        let parts = quote.lines.iter().flat_map(|line| &line.adjustments);
        let own = parts.filter(|part| part.promotion_id == discount.promotion_id);
        assert_eq!(own.map(|part| part.amount).sum::<i64>(), discount.amount);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(2000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_sum_to_wholes_and_nothing_is_below_zero(shop in shop()) {
        check(&shop, &shop.quote());
    }

    #[test]
    fn pricing_twice_gives_the_same_and_explaining_changes_nothing(shop in shop()) {
        let quote = shop.quote();
        prop_assert_eq!(&quote, &shop.quote());
        let explained = shop.ask(true);
        prop_assert_eq!(explained.explanations.len(), shop.promotions.len());
        prop_assert_eq!(quote, Quote { explanations: Vec::new(), ..explained });
    }

    #[test]
    fn the_order_of_lines_does_not_matter(shop in shop(), turn in 0..8usize) {
        let mut other = shop.clone();
        let turn = turn % other.lines.len();
        other.lines.rotate_left(turn);
        other.lines.reverse();
        number(&mut other.lines);
        let (quote, moved) = (shop.quote(), other.quote());
        prop_assert_eq!(quote.totals, moved.totals);
        prop_assert_eq!(quote.discounts, moved.discounts);
        prop_assert_eq!(quote.taxes, moved.taxes);
    }

    #[test]
    fn a_quantity_split_over_two_lines_costs_the_same(shop in shop(), line in 0..8usize, part in 1..7u32) {
        let mut shop = shop;
        let line = line % shop.lines.len();
        shop.lines[line].quantity += 1;
        let mut other = shop.clone();
        let mut rest = other.lines[line].clone();
        let part = 1 + part % (rest.quantity - 1);
        other.lines[line].quantity = part;
        rest.quantity -= part;
        other.lines.push(rest);
        number(&mut other.lines);
        let (quote, split) = (shop.quote(), other.quote());
        check(&other, &split);
        prop_assert_eq!(quote.totals, split.totals);
        prop_assert_eq!(quote.discounts, split.discounts);
        prop_assert_eq!(quote.taxes, split.taxes);
    }

    #[test]
    fn more_goods_never_make_a_percentage_smaller(shop in shop(), line in 0..8usize, percent in 1..=100u32) {
        let benefit = json!({"kind": "percentage", "percent": percent});
        let mut shop = Shop { promotions: Vec::new(), ..shop }.promotion(json!({"benefit": benefit}));
        shop.policy.disc_round = Default::default();
        shop.lines.iter_mut().for_each(|line| line.min_unit_price = None);
        let before = shop.quote().totals.discount;
        let line = line % shop.lines.len();
        shop.lines[line].quantity += 1;
        prop_assert!(shop.quote().totals.discount >= before);
    }

    // One of a group counts in any case, and may spoil a bundle; an exclusive one counts only where it gives more.
    #[test]
    fn an_exclusive_promotion_never_makes_it_dearer(shop in shop()) {
        let mut shop = shop;
        shop.policy.cash_rounding = None;
        shop.policy.exclusive = Default::default();
        shop.rates.clear();
        shop.promotions.retain(|promotion| !matches!(promotion.stacking, Stacking::ExclusiveInGroup(_)));
        let with = shop.quote().totals.total;
        shop.promotions.retain(|promotion| promotion.stacking == Stacking::Combinable);
        prop_assert!(with <= shop.quote().totals.total);
    }
}

/// So many cases, or as many as `PROPTEST_CASES` asks for if that is more.
pub fn more(cases: u32) -> u32 {
    ProptestConfig::default().cases.max(cases)
}
