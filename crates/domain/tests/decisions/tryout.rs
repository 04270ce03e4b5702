//! What a draft would have cost, against orders that the shop itself has made.

use crate::shop::Shop;
use cartwright_domain::cart::Cart;
use cartwright_domain::coupon::AppliedCoupon;
use cartwright_domain::id::{CartId, PromotionId};
use cartwright_domain::order::Order;
use cartwright_domain::tryout::{Buyers, Draft, DraftUses, Outcome, Trial, Variants};
use std::sync::Arc;

const TENTH: &str = r#"{"name":"tenth","benefit":{"kind":"percentage","percent":"10"}}"#;

fn draft(definition: &str, codes: &[&str]) -> Draft {
    let promotion = serde_json::from_str(definition).expect("a promotion");
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    Draft { promotion, codes, assume_code: true, replaces: None }
}

fn trial(shop: &Shop, draft: Draft) -> Trial {
    Trial::new(shop.set.config.clone(), draft)
}

fn variants(shop: &Shop) -> Variants {
    shop.set.variants.rows().map(|(id, variant)| (*id, variant.clone())).collect()
}

fn order(shop: &mut Shop, lines: &[(&str, i64)]) -> Arc<Order> {
    let cart = shop.cart(lines);
    shop.checkout(cart, "k", None).expect("an order")
}

fn try_order(shop: &Shop, trial: &Trial, order: &Order, uses: &mut DraftUses) -> Outcome {
    trial.try_order(order, &variants(shop), &Buyers::default(), uses).expect("an outcome")
}

#[test]
fn a_tenth_off_costs_a_tenth_of_the_prices_that_were_paid() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let order = order(&mut shop, &[("PEN", 3)]);
    shop.run(cartwright_domain::command::Command::UpsertProduct(Box::new(crate::shop::draft("PEN", 900, 100))))
        .expect("a new price");
    let trial = trial(&shop, draft(TENTH, &[]));
    let outcome = try_order(&shop, &trial, &order, &mut DraftUses::default());
    assert_eq!(outcome, Outcome { before: 1_500, after: 1_350 });
}

#[test]
fn a_draft_that_begins_later_or_is_switched_off_is_tried_as_if_it_counted() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let order = order(&mut shop, &[("PEN", 2)]);
    let later = r#"{"name":"later","active":false,"starts_at":9000000000000,"ends_at":9000000000001,
        "benefit":{"kind":"percentage","percent":"10"}}"#;
    let outcome = try_order(&shop, &trial(&shop, draft(later, &[])), &order, &mut DraftUses::default());
    assert_eq!(outcome.after, 900);
}

#[test]
fn limits_are_kept_in_the_order_of_the_orders() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let orders: Vec<_> = (0..4).map(|_| order(&mut shop, &[("PEN", 2)])).collect();
    let costs = |limits: &str, customers: &[&str]| -> Vec<i64> {
        let definition =
            format!(r#"{{"name":"x","benefit":{{"kind":"percentage","percent":"10"}},"limits":{limits}}}"#);
        let (trial, mut uses) = (trial(&shop, draft(&definition, &[])), DraftUses::default());
        let tried = orders.iter().zip(customers).map(|(order, customer)| {
            let customer = Some((*customer).to_owned()).filter(|name| !name.is_empty());
            let outcome = try_order(&shop, &trial, &Order { customer, ..(**order).clone() }, &mut uses);
            outcome.before - outcome.after
        });
        tried.collect()
    };
    assert_eq!(costs(r#"{"total_uses":2}"#, &["", "", "", ""]), [100, 100, 0, 0]);
    assert_eq!(costs(r#"{"uses_per_customer":1}"#, &["ada", "ada", "", "bob"]), [100, 0, 0, 100]);
    assert_eq!(costs(r#"{"uses_per_customer":2,"total_uses":3}"#, &["ada", "ada", "ada", "bob"]), [100, 100, 0, 100]);
}

#[test]
fn a_code_is_taken_as_entered_or_must_be_there() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let without = order(&mut shop, &[("PEN", 2)]);
    let mut with = (*without).clone();
    with.detail.coupons.push(AppliedCoupon { code: "SPRING".to_owned(), promotion_id: PromotionId::default() });
    let after = |assume_code: bool, order: &Order| {
        let draft = Draft { assume_code, ..draft(TENTH, &["SPRING"]) };
        try_order(&shop, &trial(&shop, draft), order, &mut DraftUses::default()).after
    };
    assert_eq!((after(true, &without), after(false, &without), after(false, &with)), (900, 1_000, 900));
}

#[test]
fn a_draft_may_take_the_place_of_a_promotion_and_cost_less_than_it() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    shop.promotion(r#"{"name":"half","benefit":{"kind":"percentage","percent":"50"}}"#, &[]);
    let order = order(&mut shop, &[("PEN", 2)]);
    let replaces = Some(shop.set.config.promotions[0].id);
    let beside = try_order(&shop, &trial(&shop, draft(TENTH, &[])), &order, &mut DraftUses::default());
    assert_eq!(beside, Outcome { before: 500, after: 450 });
    let instead = trial(&shop, Draft { replaces, ..draft(TENTH, &[]) });
    let instead = try_order(&shop, &instead, &order, &mut DraftUses::default());
    assert_eq!(instead, Outcome { before: 500, after: 900 });
}

#[test]
fn a_limited_promotion_counts_for_the_orders_that_got_it() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let once = r#"{"name":"once","benefit":{"kind":"percentage","percent":"10"},"limits":{"total_uses":1}}"#;
    shop.promotion(once, &[]);
    let first = order(&mut shop, &[("PEN", 2)]);
    shop.set.uses.put(shop.set.config.promotions[0].id, 1);
    let second = Order { detail: Default::default(), ..(*first).clone() };
    let trial = trial(&shop, draft(TENTH, &[]));
    let before = |order: &Order| try_order(&shop, &trial, order, &mut DraftUses::default()).before;
    assert_eq!((before(&first), before(&second)), (900, 1_000));
}

#[test]
fn an_order_whose_goods_are_gone_has_no_price() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    let order = order(&mut shop, &[("PEN", 2)]);
    let trial = trial(&shop, draft(TENTH, &[]));
    assert_eq!(trial.try_order(&order, &Variants::new(), &Buyers::default(), &mut DraftUses::default()), None);
}

#[test]
fn a_used_up_promotion_does_not_count_for_a_cart() {
    let mut shop = Shop::with(&[("PEN", 500, 100)]);
    shop.promotion(r#"{"name":"half","benefit":{"kind":"percentage","percent":"50"}}"#, &[]);
    let id: CartId = shop.cart(&[("PEN", 2)]);
    let cart: Cart = (**shop.set.carts.get(&id).expect("a cart")).clone();
    let (trial, half) = (trial(&shop, draft(TENTH, &[])), shop.set.config.promotions[0].id);
    let outcome = |used_up: &[PromotionId]| {
        trial
            .try_cart(&cart, &variants(&shop), &Buyers::default(), used_up, shop.now, &mut DraftUses::default())
            .expect("an outcome")
    };
    assert_eq!(outcome(&[]), Outcome { before: 500, after: 450 });
    assert_eq!(outcome(&[half]), Outcome { before: 1_000, after: 900 });
}
