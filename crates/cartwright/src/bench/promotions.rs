//! Promotions as a shop of some size has them, for measuring what they cost: automatic ones of various kinds, of which
//! most do not hold for a given cart, and some that wait for their code.

use cartwright_wire::PromotionInput;
use serde_json::{Value, json};

/// Tags that tell the goods of the shop apart, as departments do.
pub(super) const DEPARTMENTS: u64 = 20;

/// The tags of the goods with this number.
pub(super) fn tags(number: u64) -> Vec<String> {
    vec!["bench".to_owned(), department(number)]
}

fn department(number: u64) -> String {
    format!("department-{}", number % DEPARTMENTS)
}

/// The first so many of the mix.
pub(super) fn usual(count: u64) -> Vec<PromotionInput> {
    (0..count).map(one).collect()
}

/// Of ten two wait for a code, three for another customer, destination or way to ship, two for a large order; the others
/// hold where the cart has goods of their department.
fn one(number: u64) -> PromotionInput {
    let goods = json!({"tags": [department(number / 10 * 3 + number)]});
    let lines = json!({"scope": "lines", "only": goods});
    let (conditions, benefit) = match number % 10 {
        0 => (json!({}), json!({"kind": "percentage", "percent": "2.5", "target": lines})),
        1 => (json!({}), json!({"kind": "percentage", "percent": "10", "target": {"scope": "order"}})),
        2 => (least_order(number), json!({"kind": "fixed_amount", "amount": 500, "target": {"scope": "order"}})),
        3 => (json!({}), json!({"kind": "buy_x_get_y", "buy": goods, "buy_quantity": 2, "get_quantity": 1})),
        4 => (json!({}), bulk_price(&goods)),
        5 => (least_order(number), json!({"kind": "free_shipping"})),
        6 => (json!({}), json!({"kind": "fixed_amount", "amount": 1000, "target": lines})),
        7 => (json!({"customers": ["anna", "bert"]}), json!({"kind": "percentage", "percent": "5"})),
        8 => (json!({"countries": ["CH", "LI"]}), json!({"kind": "percentage", "percent": "3", "target": lines})),
        _ => (json!({"shipping_methods": ["pickup"]}), json!({"kind": "percentage", "percent": "1"})),
    };
    let codes = if matches!(number % 10, 1 | 6) { vec![format!("CODE-{number}")] } else { Vec::new() };
    PromotionInput { definition: json!({"name": name(number), "conditions": conditions, "benefit": benefit}), codes }
}

fn least_order(number: u64) -> Value {
    json!({"min_order_amount": 500_000 + 10_000 * number})
}

fn bulk_price(goods: &Value) -> Value {
    let tiers = json!([{"from_quantity": 6, "off": {"percent": "5"}}, {"from_quantity": 12, "off": {"percent": "8"}}]);
    json!({"kind": "bulk_price", "only": goods, "tiers": tiers})
}

/// The first so many of a mix in which every promotion holds: the most that can be asked of pricing.
pub(super) fn all_holding(count: u64) -> Vec<PromotionInput> {
    let one = |number: u64| {
        let goods = json!({"tags": ["bench"]});
        let benefit = match number % 5 {
            0 => json!({"kind": "percentage", "percent": "2.5", "target": {"scope": "lines", "only": goods}}),
            1 => json!({"kind": "fixed_amount", "amount": 97, "target": {"scope": "order"}}),
            2 => {
                json!({"kind": "buy_x_get_y", "buy": goods, "buy_quantity": 2, "get_quantity": 1, "percent": "3"})
            }
            3 => {
                let tiers = json!([{"from_quantity": 3, "off": {"percent": "1"}}]);
                json!({"kind": "bulk_price", "only": goods, "tiers": tiers})
            }
            _ => json!({"kind": "percentage", "percent": "10", "target": {"scope": "shipping"}}),
        };
        PromotionInput { definition: json!({"name": name(number), "benefit": benefit}), codes: Vec::new() }
    };
    (0..count).map(one).collect()
}

/// The same, the first half of which exclude each other in groups of `size`.
pub(super) fn in_groups(count: u64, size: u64) -> Vec<PromotionInput> {
    let mut promotions = all_holding(count);
    for (number, promotion) in (0..count / 2).zip(&mut promotions) {
        promotion.definition["stacking"] = json!({"exclusive_in_group": format!("group-{}", number / size)});
    }
    promotions
}

/// The same, each of which excludes all others.
pub(super) fn exclusive(count: u64) -> Vec<PromotionInput> {
    let mut promotions = all_holding(count);
    promotions.iter_mut().for_each(|promotion| promotion.definition["stacking"] = json!("exclusive"));
    promotions
}

fn name(number: u64) -> String {
    format!("Offer {number}")
}
