//! Which units: discounts that stay on their units, units that count once, the cheapest ones at a set price, and which of
//! several promotions counts. Against a reference that has every unit by itself.

use crate::properties::more;
use crate::shop::Shop;
use cartwright_domain::money::{Currency, Minor};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn shop(policy: Value) -> Shop {
    let mut shop = Shop::new(Currency::EUR);
    shop.policy = serde_json::from_value(policy).expect("a policy");
    shop
}

/// What each promotion gives, in its order of application.
fn given(shop: &Shop) -> Vec<Minor> {
    shop.quote().discounts.iter().map(|discount| discount.amount).collect()
}

fn one_piece(off: Value) -> Value {
    let mut benefit = json!({"units": {"max_quantity": 1}, "target": {"scope": "lines"}});
    benefit.as_object_mut().expect("an object").extend(off.as_object().expect("an object").clone());
    json!({"benefit": benefit})
}

fn ten_off() -> Value {
    one_piece(json!({"kind": "fixed_amount", "amount": 1_000, "per": "unit"}))
}

#[test]
fn two_discounts_on_one_piece_are_averaged_or_stay_on_a_piece_each() {
    let four = |policy: Value, price| shop(policy).line("A", price, 4).promotion(ten_off()).promotion(ten_off());
    assert_eq!(given(&four(json!({}), 1_000)), [1_000, 750], "three quarters of a piece are left on average");
    let on_units = || json!({"unit_discounts": "on_units"});
    assert_eq!(given(&four(on_units(), 1_000)), [1_000, 1_000]);
    assert_eq!(given(&four(on_units(), 1_500)), [1_000, 1_000], "the second goes to another piece");
    assert_eq!(given(&four(json!({"unit_discounts": "on_units", "stack": "parallel"}), 1_500)), [1_000, 1_000]);
}

#[test]
fn where_pieces_run_out_a_discount_goes_to_one_that_was_reduced() {
    let half = || one_piece(json!({"kind": "percentage", "percent": "50"}));
    let shop = |quantity| {
        let shop = shop(json!({"unit_discounts": "on_units"})).line("A", 1_000, quantity);
        shop.promotion(half()).promotion(half()).promotion(half())
    };
    assert_eq!(given(&shop(1)), [500, 250, 125]);
    assert_eq!(given(&shop(2)), [500, 500, 250]);
    assert_eq!(given(&shop(3)), [500, 500, 500]);
}

#[test]
fn a_piece_stops_at_its_own_floor() {
    let shop = |policy: Value| {
        let mut shop = shop(policy).line("A", 1_000, 4).promotion(ten_off());
        shop.lines[0].min_unit_price = Some(600);
        given(&shop)
    };
    assert_eq!(shop(json!({})), [1_000], "on average each costs 7.50");
    assert_eq!(shop(json!({"unit_discounts": "on_units"})), [400]);
}

#[test]
fn what_is_free_already_is_not_what_is_given_next() {
    let three_for_two = || json!({"benefit": {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1}});
    let free = one_piece(json!({"kind": "percentage", "percent": "100"}));
    let shop = |policy: Value| {
        let mut free = free.clone();
        free["priority"] = json!(9);
        given(&shop(policy).line("A", 900, 3).promotion(free).promotion(three_for_two()))
    };
    assert_eq!(shop(json!({})), [900, 600]);
    assert_eq!(shop(json!({"unit_discounts": "on_units"})), [900, 900]);
}

#[test]
fn units_that_one_buy_x_get_y_used_are_not_offered_to_the_next() {
    let offers = |policy: Value, quantity| {
        let three_for_two = json!({"priority": 2, "benefit": {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "max_uses": 1}});
        let second_half = json!({"priority": 1, "benefit": {"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1, "percent": "50"}});
        given(&shop(policy).line("A", 1_000, quantity).promotion(three_for_two).promotion(second_half))
    };
    assert_eq!(offers(json!({}), 5), [1_000, 800]);
    assert_eq!(offers(json!({"bxgy_units": "used_once"}), 4), [1_000], "one unit is left, which is no pair");
    assert_eq!(offers(json!({"bxgy_units": "used_once", "unit_discounts": "on_units"}), 5), [1_000, 500]);
    assert_eq!(offers(json!({"unit_discounts": "on_units"}), 5), [1_000, 1_000]);
    let explained = {
        let pair = || json!({"benefit": {"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1}});
        let shop = shop(json!({"bxgy_units": "used_once"})).line("A", 1_000, 2).promotion(pair()).promotion(pair());
        let quote = shop.ask(true);
        quote.explanations[1].sentence(|amount| amount.to_string(), &quote.explanations)
    };
    assert!(explained.ends_with("2 more pieces for this offer"), "{explained}");
}

#[test]
fn a_set_price_for_the_cheapest_units() {
    let three = |pick: &str, most: Option<u32>, price: Minor| {
        let benefit =
            json!({"kind": "bundle_price", "price": price, "pick": pick, "max_uses": most, "parts": [{"quantity": 3}]});
        let shop = shop(json!({})).line("A", 3_000, 1).line("B", 2_500, 1).line("C", 2_000, 2).line("D", 1_000, 2);
        given(&shop.promotion(json!({"benefit": benefit})))
    };
    assert_eq!(three("dearest", Some(1), 5_000), [2_500]);
    // 10.00, 10.00 and 20.00 are 40.00 together.
    assert_eq!(three("cheapest", Some(1), 3_500), [500]);
    assert!(three("cheapest", Some(1), 5_000).is_empty(), "a set that is dearer than its parts is not made");
    // The second set is 20.00, 25.00 and 30.00.
    assert_eq!(three("cheapest", None, 5_000), [2_500]);
    assert_eq!(three("cheapest", None, 3_500), [500 + 4_000]);
}

#[test]
fn of_each_group_the_nth_unit_and_of_these_as_many_as_the_setting_picks() {
    let nth = |pick: &str| {
        let units = json!({"group_size": 2, "nth": {"position": 1, "from": "dearest"}, "max_quantity": 1});
        let benefit = json!({"kind": "percentage", "percent": "50", "units": units, "target": {"scope": "lines"}});
        let shop =
            shop(json!({"pick": pick})).line("A", 4_000, 1).line("B", 3_000, 1).line("C", 2_000, 1).line("D", 1_000, 1);
        given(&shop.promotion(json!({"benefit": benefit})))
    };
    // The dearer ones of the pairs are 40.00 and 20.00.
    assert_eq!(nth("cheapest"), [1_000]);
    assert_eq!(nth("dearest"), [2_000]);
}

#[test]
fn among_promotions_that_exclude_each_other_the_higher_priority_may_count() {
    let of = |exclusive: &str, offers: &[(i32, &str, Value)]| {
        let mut shop = shop(json!({"exclusive": exclusive})).line("A", 10_000, 1);
        for (priority, percent, stacking) in offers {
            let benefit = json!({"kind": "percentage", "percent": percent});
            shop = shop.promotion(json!({"priority": priority, "stacking": stacking, "benefit": benefit}));
        }
        given(&shop)
    };
    let (alone, plain, group) = (json!("exclusive"), json!("combinable"), json!({"exclusive_in_group": "g"}));
    let two = [(1, "20", alone.clone()), (2, "5", alone.clone())];
    assert_eq!((of("best_for_customer", &two), of("highest_priority", &two)), (vec![2_000], vec![500]));
    let lower = [(3, "10", plain.clone()), (2, "50", alone.clone())];
    assert_eq!((of("best_for_customer", &lower), of("highest_priority", &lower)), (vec![5_000], vec![1_000]));
    assert_eq!(of("wins", &[(3, "30", plain.clone()), (2, "5", alone.clone())]), [500]);
    let equal = [(2, "10", plain.clone()), (2, "50", alone.clone()), (2, "40", alone.clone())];
    assert_eq!(of("highest_priority", &equal), [5_000], "between equals what leaves the least to pay");
    let members = [(1, "20", group.clone()), (2, "5", group.clone()), (0, "10", plain)];
    assert_eq!(
        (of("best_for_customer", &members), of("highest_priority", &members)),
        (vec![2_000, 800], vec![500, 950])
    );
    let nothing = [(1, "20", alone.clone()), (9, "0", alone)];
    assert_eq!(of("highest_priority", &nothing), [2_000], "what gives nothing is passed over");
}

/// A unit of the reference.
struct Unit {
    line: usize,
    left: Minor,
    reduced: bool,
}

/// Every unit by itself: each promotion takes the first so many that still cost something, those that no promotion reduced
/// before the others, by present price, then in the order of lines.
fn reference(prices: &[(Minor, u32)], offers: &[(Option<u32>, Minor, u32)], dearest: bool) -> Vec<Minor> {
    let units_of = |(line, (price, quantity)): (usize, &(Minor, u32))| {
        let unit = move |_| Unit { line, left: *price, reduced: false };
        (0..*quantity).map(unit).collect::<Vec<Unit>>()
    };
    let mut units: Vec<Unit> = prices.iter().enumerate().flat_map(units_of).collect();
    let mut all = Vec::new();
    for (percent, amount, most) in offers {
        units.sort_by_key(|unit| {
            (unit.left == 0, unit.reduced, if dearest { -unit.left } else { unit.left }, unit.line)
        });
        let mut sum = 0;
        for unit in units.iter_mut().take(*most as usize).filter(|unit| unit.left > 0) {
            let off = percent.map_or(*amount, |percent| unit.left * Minor::from(percent) / 100).min(unit.left);
            unit.left -= off;
            unit.reduced = true;
            sum += off;
        }
        all.extend((sum > 0).then_some(sum));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn discounts_on_units_are_what_every_unit_by_itself_would_have(
        prices in prop::collection::vec((1..5i64, 1..6u32), 1..5),
        offers in prop::collection::vec(
            (prop::option::of(select(vec![10u32, 50, 100])), select(vec![100_000i64, 160_000, 500_000]), 1..6u32), 1..5),
        dearest in any::<bool>(),
    ) {
        // Tenths and halves of these are whole, four times over.
        let prices: Vec<(Minor, u32)> = prices.into_iter().map(|(price, quantity)| (price * 160_000, quantity)).collect();
        let pick = if dearest { "dearest" } else { "cheapest" };
        let mut shop = shop(json!({"unit_discounts": "on_units", "pick": pick}));
        for (at, (price, quantity)) in prices.iter().enumerate() {
            shop = shop.line(&format!("L{at}"), *price, *quantity);
        }
        for (percent, amount, most) in &offers {
            let off = match percent {
                Some(percent) => json!({"kind": "percentage", "percent": percent}),
                None => json!({"kind": "fixed_amount", "amount": amount, "per": "unit"}),
            };
            let mut offer = one_piece(off);
            offer["benefit"]["units"]["max_quantity"] = json!(most);
            shop = shop.promotion(offer);
        }
        prop_assert_eq!(given(&shop), reference(&prices, &offers, dearest));
    }

    #[test]
    fn one_promotion_alone_gives_the_same_averaged_and_on_units(
        prices in prop::collection::vec((1..3_000i64, 1..7u32), 1..6),
        units in select(vec![
            json!({"max_quantity": 3}), json!({"max_quantity_per_line": 2}), json!({"group_size": 2}),
            json!({"group_size": 3, "nth": {"position": 2, "from": "dearest"}}),
        ]),
        percent in 1..=100u32,
    ) {
        let quote = |policy: Value| {
            let mut shop = shop(policy);
            for (at, (price, quantity)) in prices.iter().enumerate() {
                shop = shop.line(&format!("L{at}"), *price, *quantity);
            }
            let benefit = json!({"kind": "percentage", "percent": percent, "units": units, "target": {"scope": "lines"}});
            shop.promotion(json!({"benefit": benefit})).quote()
        };
        prop_assert_eq!(quote(json!({})), quote(json!({"unit_discounts": "on_units"})));
    }

    #[test]
    fn sets_are_made_from_one_end_of_the_prices_on_and_only_those_that_save_something(
        prices in prop::collection::vec((1..3_000i64, 1..7u32), 1..6),
        size in 1..5u32,
        price in 0..9_000i64,
        most in prop::option::of(1..4u32),
        dearest in any::<bool>(),
        on_units in any::<bool>(),
    ) {
        let pick = if dearest { "dearest" } else { "cheapest" };
        let mut shop = shop(json!({"unit_discounts": if on_units { "on_units" } else { "averaged" }}));
        let mut units = Vec::new();
        for (at, (price, quantity)) in prices.iter().enumerate() {
            shop = shop.line(&format!("L{at}"), *price, *quantity);
            units.extend((0..*quantity).map(|_| *price));
        }
        units.sort_by_key(|unit| if dearest { -unit } else { *unit });
        let sets = units.chunks_exact(size as usize).take(most.map_or(usize::MAX, |most| most as usize));
        let saved: Minor = sets.map(|set| (set.iter().sum::<Minor>() - price).max(0)).sum();
        let benefit = json!({"kind": "bundle_price", "price": price, "pick": pick, "max_uses": most, "parts": [{"quantity": size}]});
        let quote = shop.promotion(json!({"benefit": benefit})).quote();
        prop_assert_eq!(quote.totals.discount, saved);
    }

    #[test]
    fn a_unit_counts_in_one_buy_x_get_y_at_most(quantity in 1..30u32, buy in 1..4u32, get in 1..3u32, offers in 1..6usize) {
        let free = |policy: Value| {
            let mut shop = shop(policy).line("A", 1_000, quantity);
            for _ in 0..offers {
                let benefit = json!({"kind": "buy_x_get_y", "buy_quantity": buy, "get_quantity": get, "max_uses": 1});
                shop = shop.promotion(json!({"benefit": benefit}));
            }
            given(&shop).into_iter().sum::<Minor>()
        };
        let sets = (quantity / (buy + get)).min(offers as u32);
        let expected = Minor::from(sets * get) * 1_000;
        prop_assert_eq!(free(json!({"bxgy_units": "used_once", "unit_discounts": "on_units"})), expected);
    }
}
