//! A captured price that holds keeps the offers that were in force when it was captured, as they stood then.

use crate::shop::{Shop, TOKEN, line, mine};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Access, CartRef, Command, Reply};
use cartwright_domain::id::{CartId, PromotionId};
use cartwright_domain::pricing::Quote;
use cartwright_domain::promotion::{KeptPromotion, Promotion};
use cartwright_domain::quoting::{CustomerFacts, QuoteContext, quote_cart};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::{PricePolicy, StoreConfig};
use cartwright_domain::working_set::ConfigChange;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const MINUTE_MS: i64 = 60_000;

/// A shop whose captured prices hold for an hour.
fn shop() -> Shop {
    let mut shop = Shop::with(&[("PEN", 1_000, 100), ("MUG", 2_000, 100)]);
    shop.configure(|store| store.settings.price_policy = PricePolicy::Captured { minutes: 60 });
    shop
}

fn run(shop: &mut Shop, command: Command) -> Reply {
    let known = (*shop.set.config).clone();
    shop.set.config_changes.clear();
    // As a batch of its own: the shop of these tests only knows how to add.
    let reply = run_raw(shop, command);
    let config = config_after(&known, &shop.set.config_changes);
    shop.set.config_changes.clear();
    shop.set.config = Arc::new(config);
    reply
}

fn run_raw(shop: &mut Shop, command: Command) -> Reply {
    shop.run_keeping_changes(command).expect("nobody refuses that")
}

fn config_after(known: &StoreConfig, changes: &[ConfigChange]) -> StoreConfig {
    let mut promotions: Vec<Promotion> = known.promotions.iter().map(|promotion| (**promotion).clone()).collect();
    let mut kept: Vec<KeptPromotion> = known.kept.clone();
    for change in changes {
        match change {
            ConfigChange::PutPromotion(new, _) => {
                promotions.retain(|promotion| promotion.id != new.id);
                promotions.push((**new).clone());
            }
            ConfigChange::DeletePromotion(id) => promotions.retain(|promotion| promotion.id != *id),
            ConfigChange::KeepPromotion(new) => kept.push(new.clone()),
            ConfigChange::ForgetKept { before } => kept.retain(|kept| kept.until >= *before),
            ConfigChange::PutStore(_) => panic!("no store is changed here"),
        }
    }
    StoreConfig::new(known.store.clone(), promotions).with_kept(kept)
}

fn put(shop: &mut Shop, id: Option<PromotionId>, definition: Value, codes: &[&str]) -> PromotionId {
    let promotion: Promotion = serde_json::from_value(definition).expect("a promotion");
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    match run(shop, Command::PutPromotion { id, promotion: Box::new(promotion), codes }) {
        Reply::Promotion(id) => id,
        other => panic!("{other:?}"),
    }
}

fn delete(shop: &mut Shop, id: PromotionId) {
    run(shop, Command::DeletePromotion(id));
}

fn tenth() -> Value {
    json!({"name": "Tenth", "benefit": {"kind": "percentage", "percent": "10"}})
}

fn wait(shop: &mut Shop, minutes: i64) {
    shop.now = shop.now.plus_ms(minutes * MINUTE_MS);
}

fn quote(shop: &Shop, cart: CartId) -> Quote {
    let config = &shop.set.config;
    let customer = &CustomerFacts::default();
    let context = QuoteContext { config, exhausted: &[], customer, explain: true, now: shop.now };
    let cart: &Cart = shop.set.carts.get(&cart).expect("a cart");
    quote_cart(cart, |id| shop.set.variants.get(&id), |line| line.unit_price, context).expect("a price")
}

fn total(shop: &Shop, cart: CartId) -> i64 {
    quote(shop, cart).totals.total
}

fn add(shop: &mut Shop, cart: CartId, sku: &str, quantity: i64) {
    shop.run(Command::AddLines { cart: mine(cart), lines: vec![line(sku, quantity)], idempotency: None })
        .expect("added");
}

#[test]
fn an_offer_that_ended_by_the_clock_stays_with_goods_in_carts_until_the_price_is_held_no_more() {
    let mut shop = shop();
    let mut sale = tenth();
    sale["ends_at"] = json!(shop.now.0 + 10 * MINUTE_MS);
    put(&mut shop, None, sale, &[]);
    wait(&mut shop, 1);
    let begun = shop.now;
    let cart = shop.cart(&[("PEN", 2)]);
    wait(&mut shop, 30);
    let late = shop.cart(&[("PEN", 2)]);
    assert_eq!((total(&shop, cart), total(&shop, late)), (1_800, 2_000));
    let kept = quote(&shop, cart);
    let until = begun.plus_ms(60 * MINUTE_MS);
    assert_eq!(kept.discounts[0].kept_until, Some(until));
    assert_eq!(kept.explanations[0].kept_until, Some(until));
    // Goods that are added after the end cost what they cost now.
    add(&mut shop, cart, "MUG", 1);
    assert_eq!(total(&shop, cart), 3_800);
    let other = shop.cart(&[("PEN", 1)]);
    assert_eq!(shop.checkout(other, "k", Some(900)).unwrap_err().to_total(), 1_000);
    let order = shop.checkout(cart, "k", Some(3_800)).unwrap();
    assert_eq!(order.totals.total, 3_800);
}

#[test]
fn once_the_hold_is_over_the_old_total_is_refused_with_the_difference() {
    let mut shop = shop();
    let id = put(&mut shop, None, tenth(), &[]);
    wait(&mut shop, 1);
    let cart = shop.cart(&[("PEN", 1)]);
    delete(&mut shop, id);
    wait(&mut shop, 59);
    assert_eq!(total(&shop, cart), 900);
    wait(&mut shop, 1);
    assert_eq!(total(&shop, cart), 1_000);
    assert_eq!(shop.checkout(cart, "k", Some(900)).unwrap_err().to_total(), 1_000);
}

#[test]
fn an_offer_that_was_deleted_switched_off_or_changed_stays_as_it_stood() {
    let worse = json!({"name": "Tenth", "benefit": {"kind": "percentage", "percent": "5"}});
    let off = json!({"name": "Tenth", "active": false, "benefit": {"kind": "percentage", "percent": "10"}});
    for changed in [None, Some(worse), Some(off)] {
        let mut shop = shop();
        let id = put(&mut shop, None, tenth(), &[]);
        wait(&mut shop, 1);
        let cart = shop.cart(&[("PEN", 1)]);
        wait(&mut shop, 1);
        match changed.clone() {
            None => delete(&mut shop, id),
            Some(definition) => drop(put(&mut shop, Some(id), definition, &[])),
        }
        assert_eq!(total(&shop, cart), 900, "{changed:?}");
        assert_eq!(shop.checkout(cart, "k", Some(900)).unwrap().totals.total, 900, "{changed:?}");
    }
}

#[test]
fn an_offer_that_became_better_is_given_and_counts_once() {
    let mut shop = shop();
    let id = put(&mut shop, None, tenth(), &[]);
    wait(&mut shop, 1);
    let cart = shop.cart(&[("PEN", 1)]);
    let better = json!({"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}});
    put(&mut shop, Some(id), better, &[]);
    assert_eq!(total(&shop, cart), 500);
}

#[test]
fn a_code_of_the_cart_keeps_its_offer_and_a_cart_without_it_does_not() {
    let mut shop = shop();
    let mut offer = tenth();
    offer["requires_code"] = json!(true);
    let id = put(&mut shop, None, offer, &["TEN"]);
    wait(&mut shop, 1);
    let (with, without) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    shop.coupon(with, "TEN").unwrap();
    delete(&mut shop, id);
    assert_eq!((total(&shop, with), total(&shop, without)), (900, 1_000));
    assert_eq!(shop.checkout(with, "k", Some(900)).unwrap().totals.total, 900);
}

#[test]
fn limits_that_are_used_up_end_an_offer_all_the_same() {
    let mut shop = shop();
    let mut offer = tenth();
    offer["limits"] = json!({"total_uses": 1});
    let id = put(&mut shop, None, offer, &[]);
    wait(&mut shop, 1);
    let (first, second) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    delete(&mut shop, id);
    assert_eq!(shop.checkout(first, "k", Some(900)).unwrap().totals.total, 900);
    assert_eq!(shop.checkout(second, "k", Some(900)).unwrap_err().to_total(), 1_000);
}

#[test]
fn free_shipping_stays_only_where_all_goods_keep_it() {
    let mut shop = shop();
    let method = json!({"handle": "std", "name": "Standard", "rate": {"kind": "flat", "amount": 300}});
    shop.configure(|store| store.shipping_methods = vec![serde_json::from_value(method).expect("a method")]);
    let free = json!({"name": "Free", "benefit": {"kind": "free_shipping"}});
    let id = put(&mut shop, None, free, &[]);
    wait(&mut shop, 1);
    let cart = shop.cart(&[("PEN", 1)]);
    let change = cartwright_domain::command::CartChange {
        shipping_method: Some("std".to_owned()),
        ..cartwright_domain::command::CartChange::default()
    };
    let named = CartRef { id: cart, access: Access::Token(TOKEN), if_version: None };
    shop.run(Command::ChangeCart { cart: named, change: Box::new(change) }).unwrap();
    delete(&mut shop, id);
    assert_eq!(total(&shop, cart), 1_000);
    wait(&mut shop, 1);
    add(&mut shop, cart, "MUG", 1);
    assert_eq!(total(&shop, cart), 3_300);
}

#[test]
fn shops_that_count_the_latest_price_keep_no_offer() {
    let mut shop = shop();
    shop.configure(|store| store.settings.price_policy = PricePolicy::Latest {});
    let id = put(&mut shop, None, tenth(), &[]);
    wait(&mut shop, 1);
    let cart = shop.cart(&[("PEN", 1)]);
    delete(&mut shop, id);
    assert_eq!(total(&shop, cart), 1_000);
}

#[test]
fn how_an_offer_stood_is_forgotten_on_demand_and_an_offer_made_later_is_not_taken_for_one_that_was() {
    let mut shop = shop();
    let id = put(&mut shop, None, tenth(), &[]);
    wait(&mut shop, 1);
    let cart = shop.cart(&[("PEN", 1)]);
    wait(&mut shop, 1);
    delete(&mut shop, id);
    let (deleted, later) = (shop.now, shop.now.plus_ms(1));
    run(&mut shop, Command::ForgetKept { before: deleted });
    assert_eq!(total(&shop, cart), 900);
    run(&mut shop, Command::ForgetKept { before: later });
    assert_eq!((total(&shop, cart), shop.set.config.kept.len()), (1_000, 0));
    wait(&mut shop, 1);
    let mut short = tenth();
    short["starts_at"] = json!(0);
    short["ends_at"] = json!(shop.now.0 + MINUTE_MS);
    put(&mut shop, None, short, &[]);
    wait(&mut shop, 2);
    assert_eq!(total(&shop, cart), 1_000, "the offer was made after the price was captured, and is over");
}

trait Total {
    fn to_total(&self) -> i64;
}

impl Total for Refusal {
    fn to_total(&self) -> i64 {
        match self {
            Refusal::PriceChanged(changed) => changed.now.totals.total,
            other => panic!("{other:?}"),
        }
    }
}

fn offer() -> impl Strategy<Value = Value> {
    let benefit = prop_oneof![
        (1..=90u8).prop_map(|percent| json!({"kind": "percentage", "percent": percent.to_string()})),
        (1..3_000i64).prop_map(|amount| json!({"kind": "fixed_amount", "amount": amount})),
    ];
    let stacking = prop_oneof![Just(json!("combinable")), Just(json!("exclusive"))];
    (benefit, stacking, any::<bool>()).prop_map(|(benefit, stacking, active)| {
        json!({"name": "Offer", "benefit": benefit, "stacking": stacking, "active": active})
    })
}

proptest! {
    /// Whatever becomes of offers while a cart's prices hold, the cart never costs more than it was shown.
    #[test]
    fn while_its_prices_hold_a_cart_never_gets_dearer(
        before in proptest::collection::vec(offer(), 0..3),
        after in proptest::collection::vec(proptest::option::of(offer()), 3),
        more in proptest::option::of(offer()),
    ) {
        let mut shop = shop();
        let ids: Vec<PromotionId> = before.into_iter().map(|offer| put(&mut shop, None, offer, &[])).collect();
        wait(&mut shop, 1);
        let cart = shop.cart(&[("PEN", 3), ("MUG", 1)]);
        let shown = total(&shop, cart);
        wait(&mut shop, 1);
        for (id, after) in ids.into_iter().zip(after) {
            match after {
                Some(offer) => drop(put(&mut shop, Some(id), offer, &[])),
                None => delete(&mut shop, id),
            }
        }
        if let Some(offer) = more {
            put(&mut shop, None, offer, &[]);
        }
        wait(&mut shop, 10);
        let now = quote(&shop, cart);
        prop_assert!(now.totals.total <= shown, "{} after {shown}: {now:?}", now.totals.total);
        let parts: i64 = now.discounts.iter().map(|discount| discount.amount).sum();
        prop_assert_eq!(parts, now.totals.discount);
        let order = shop.checkout(cart, "k", Some(shown));
        prop_assert!(order.is_ok_and(|order| order.totals.total <= shown));
    }
}
