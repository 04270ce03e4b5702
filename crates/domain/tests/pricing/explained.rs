//! Why a promotion counted or did not.

use crate::shop::{Shop, promotion_id};
use cartwright_domain::id::Timestamp;
use cartwright_domain::money::{Currency, format};
use cartwright_domain::pricing::{Outcome, Quote, Reason};
use serde_json::{Value, json};

/// What becomes of one promotion in a cart of three shirts at 20.00 with 4.90 shipping, as data and as a sentence.
fn check(promotion: Value, outcome: Outcome, sentence: &str) {
    let mut shop = Shop::new(Currency::EUR).line("TSHIRT", 2_000, 3).promotion(promotion);
    shop.shipping = Some(490);
    let quote = shop.ask(true);
    assert_eq!(quote.explanations.len(), 1);
    assert_eq!(quote.explanations[0].outcome, outcome);
    assert_eq!(sentence_of(&shop, &quote, 0), format!("promotion 1: {sentence}"));
}

fn sentence_of(shop: &Shop, quote: &Quote, index: usize) -> String {
    quote.explanations[index].sentence(|amount| format(amount, shop.currency), &quote.explanations)
}

fn missed(reason: Reason) -> Outcome {
    Outcome::NotApplied { reason }
}

#[test]
fn what_is_missing_is_said() {
    let free = |least| json!({"benefit": {"kind": "free_shipping"}, "conditions": {"min_order_amount": least}});
    check(free(6420), missed(Reason::MinOrderAmount { missing: 420 }), "4.20€ more for free shipping");
    check(free(6000), Outcome::Applied { amount: 490 }, "saves 4.90€");
    let bulk = json!({"benefit": {"kind": "bulk_price", "tiers": [{"from_quantity": 5, "off": {"amount": 100}}]}});
    check(bulk, missed(Reason::MinQuantity { missing: 2 }), "2 more pieces for this offer");
    let set = json!({"benefit": {"kind": "buy_x_get_y", "buy_quantity": 3, "get_quantity": 1}});
    check(set, missed(Reason::SetIncomplete { missing: 1 }), "1 more piece for this offer");
    let goods = json!({"benefit": {"kind": "percentage", "percent": "10", "target": {"only": {"skus": ["MUG"]}}}});
    check(goods, missed(Reason::GoodsMissing), "is for goods that are not in the cart");
    let code = json!({"requires_code": true, "benefit": {"kind": "free_shipping"}});
    check(code, missed(Reason::CodeRequired), "needs a code");
    let first = json!({"conditions": {"first_order": true}, "benefit": {"kind": "free_shipping"}});
    check(first, missed(Reason::NotFirstOrder), "is for a customer's first order");
}

#[test]
fn who_takes_the_place_of_an_excluded_one_is_said() {
    let group = |percent| json!({"stacking": {"exclusive_in_group": "g"}, "benefit": {"kind": "percentage", "percent": percent}});
    let shop = Shop::new(Currency::EUR).line("A", 1_000, 1).promotion(group("5")).promotion(group("9"));
    let quote = shop.ask(true);
    assert_eq!(sentence_of(&shop, &quote, 0), "promotion 1: does not go with \"promotion 2\", which counts instead");
    let outcomes: Vec<Outcome> = quote.explanations.into_iter().map(|explanation| explanation.outcome).collect();
    let excluded = missed(Reason::Excluded { by: Some(promotion_id(2)) });
    assert_eq!(outcomes, [excluded, Outcome::Applied { amount: 90 }]);
    assert!(shop.quote().explanations.is_empty(), "only where asked for");
}

#[test]
fn free_shipping_without_a_fee_says_so() {
    let shop = Shop::new(Currency::EUR).line("A", 1_000, 1).promotion(json!({"benefit": {"kind": "free_shipping"}}));
    assert_eq!(sentence_of(&shop, &shop.ask(true), 0), "promotion 1: there is no shipping fee to take off");
}

#[test]
fn one_that_misses_its_own_condition_is_not_said_to_be_kept_out_by_another() {
    let from = |least, stacking: Value| json!({"stacking": stacking, "conditions": {"min_order_amount": least}, "benefit": {"kind": "percentage", "percent": "5"}});
    let group = || json!({"exclusive_in_group": "g"});
    let shop = Shop::new(Currency::EUR).line("A", 1_000, 1);
    let shop =
        shop.promotion(from(3_000, group())).promotion(from(2_000, group())).promotion(from(5_000, json!("exclusive")));
    let outcomes: Vec<Outcome> = shop.ask(true).explanations.into_iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [2_000, 1_000, 4_000].map(|missing| missed(Reason::MinOrderAmount { missing })));
}

#[test]
fn both_ends_of_its_time_are_inside() {
    let shop = Shop::new(Currency::EUR).line("A", 1_000, 1);
    let mut shop =
        shop.promotion(json!({"starts_at": 1000, "ends_at": 2000, "benefit": {"kind": "percentage", "percent": "10"}}));
    for (now, discount) in [(999, 0), (1000, 100), (2000, 100), (2001, 0)] {
        shop.now = Timestamp(now);
        assert_eq!(shop.quote().totals.discount, discount, "at {now}");
    }
}

#[test]
fn days_and_hours_are_those_of_the_shop() {
    // 24 November 2025, 16:00 UTC, is a Monday; in the shop, nine hours ahead, it is one o'clock on Tuesday.
    let at = |conditions: Value| {
        let promotion = json!({"conditions": conditions, "benefit": {"kind": "percentage", "percent": "10"}});
        let mut shop = Shop::new(Currency::EUR).line("A", 1_000, 1).promotion(promotion);
        shop.now = Timestamp(1_764_000_000_000);
        shop.quote().totals.discount
    };
    assert_eq!(at(json!({"weekdays": ["monday"]})), 100);
    assert_eq!(at(json!({"weekdays": ["monday"], "utc_offset_minutes": 540})), 0);
    assert_eq!(at(json!({"weekdays": ["tuesday"], "utc_offset_minutes": 540})), 100);
    assert_eq!(at(json!({"hours": {"from_minute": 960, "until_minute": 961}})), 100);
    assert_eq!(at(json!({"hours": {"from_minute": 900, "until_minute": 960}})), 0);
    assert_eq!(at(json!({"hours": {"from_minute": 1320, "until_minute": 120}, "utc_offset_minutes": 540})), 100);
}

#[test]
fn customers_and_groups_are_told_apart() {
    let promotion =
        |conditions: Value| json!({"conditions": conditions, "benefit": {"kind": "percentage", "percent": "10"}});
    let shop = |conditions| {
        let mut shop = Shop::new(Currency::EUR).line("A", 1_000, 1).promotion(promotion(conditions));
        shop.customer = Some(("c1".to_owned(), vec!["vip".to_owned()], true));
        shop
    };
    for (conditions, discount) in [
        (json!({"customers": ["c1"]}), 100),
        (json!({"customers": ["c2"]}), 0),
        (json!({"customer_groups": ["trade", "vip"]}), 100),
        (json!({"customer_groups": ["trade"]}), 0),
        (json!({"first_order": true}), 100),
        (json!({"currencies": ["USD"]}), 0),
        (json!({"countries": ["DE"]}), 0),
    ] {
        assert_eq!(shop(conditions.clone()).quote().totals.discount, discount, "{conditions}");
    }
}

#[test]
fn a_quote_with_explanations_is_stored_as_it_was_made() {
    let shop = Shop::new(Currency::EUR).line("A", 1_000, 2);
    let shop = shop.promotion(json!({"benefit": {"kind": "percentage", "percent": "10"}}));
    let shop = shop.promotion(json!({"benefit": {"kind": "free_shipping"}, "conditions": {"min_order_amount": 5000}}));
    let shop = shop.promotion(json!({"active": false, "benefit": {"kind": "free_shipping"}}));
    let quote = shop.ask(true);
    let text = serde_json::to_string(&quote).expect("JSON");
    assert!(text.contains(r#""outcome":"not_applied","reason":"min_order_amount","missing":3200"#), "{text}");
    assert_eq!(serde_json::from_str::<cartwright_domain::pricing::Quote>(&text).expect("a quote"), quote);
}
