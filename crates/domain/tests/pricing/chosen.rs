//! Which promotions count where some exclude each other: held against pricing every way to combine them by itself.

use crate::properties::{more, shop_with};
use crate::shop::Shop;
use cartwright_domain::pricing::{Exclusive, Quote};
use cartwright_domain::promotion::{Promotion, Scope, Stacking};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::sync::Arc;

/// The shop with only these promotions, which no longer exclude each other.
fn only(shop: &Shop, wanted: impl Fn(&Promotion) -> bool) -> Shop {
    let mut other = shop.clone();
    other.promotions.retain(|promotion| wanted(promotion));
    other.promotions.iter_mut().for_each(|promotion| Arc::make_mut(promotion).stacking = Stacking::Combinable);
    other
}

/// What is paid before tax.
fn payable(quote: &Quote) -> i64 {
    quote.totals.subtotal - quote.totals.discount + quote.totals.shipping
}

/// Those that come into question, in the order in which they are applied. The conditions made here are all about the
/// value of the order, so one is out only for its goods.
fn candidates(shop: &Shop) -> Vec<Arc<Promotion>> {
    let explained = shop.ask(true).explanations;
    let goods_missing = |at: usize| format!("{:?}", explained[at].outcome).contains("GoodsMissing");
    let mut found: Vec<_> =
        (0..shop.promotions.len()).filter(|&at| !goods_missing(at)).map(|at| shop.promotions[at].clone()).collect();
    let step = |promotion: &Promotion| match promotion.benefit.scope() {
        Scope::Lines => 0,
        Scope::Order => 1,
        Scope::Shipping => 2,
    };
    found.sort_by_key(|promotion| (step(promotion), Reverse(promotion.priority)));
    found
}

/// The cheapest way, the first of equal ones: groups in the order of their first members, the first turning fastest.
fn best_by_trying_all(shop: &Shop) -> Quote {
    let candidates = candidates(shop);
    let mut groups: Vec<(&Stacking, Vec<&Arc<Promotion>>)> = Vec::new();
    for one in candidates.iter().filter(|one| matches!(one.stacking, Stacking::ExclusiveInGroup(_))) {
        match groups.iter_mut().find(|group| *group.0 == one.stacking) {
            Some(group) => group.1.push(one),
            None => groups.push((&one.stacking, vec![one])),
        }
    }
    groups.iter_mut().for_each(|group| group.1.sort_by_key(|one| Reverse(one.priority)));
    let ways: usize = groups.iter().map(|group| group.1.len()).product();
    let way = |number: usize| {
        let mut rest = number;
        let picked: Vec<_> = groups
            .iter()
            .map(|group| {
                let at = rest % group.1.len();
                rest /= group.1.len();
                group.1[at].id
            })
            .collect();
        only(shop, |one| one.stacking == Stacking::Combinable || picked.contains(&one.id)).quote()
    };
    let mut best = (0..ways).map(way).min_by_key(payable).expect("at least one way");
    let mut exclusive = false;
    for one in candidates.iter().filter(|one| one.stacking == Stacking::Exclusive) {
        let alone = only(shop, |other| other.id == one.id).quote();
        let wins = shop.policy.exclusive == Exclusive::Wins && !exclusive && !alone.discounts.is_empty();
        if payable(&alone) < payable(&best) || wins {
            (best, exclusive) = (alone, true);
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(1000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_choice_is_the_best_of_all_ways(shop in shop_with(0..10), wins in any::<bool>()) {
        let mut shop = shop;
        shop.policy.exclusive = if wins { Exclusive::Wins } else { Exclusive::BestForCustomer };
        prop_assert_eq!(shop.quote(), best_by_trying_all(&shop));
    }

    #[test]
    fn of_more_ways_than_are_tried_one_of_each_group_counts(shop in shop_with(25..40)) {
        let mut shop = shop;
        shop.promotions.retain(|one| one.stacking != Stacking::Exclusive);
        let quote = shop.quote();
        for discount in &quote.discounts {
            let find = |id| shop.promotions.iter().find(|one| one.id == id).expect("one of the shop's");
            let one = find(discount.promotion_id);
            let alike = quote.discounts.iter().filter(|other| find(other.promotion_id).stacking == one.stacking);
            prop_assert!(one.stacking == Stacking::Combinable || alike.count() == 1);
        }
    }
}
