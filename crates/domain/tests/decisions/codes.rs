//! Codes on carts: which cannot be used, why, and that a checkout names all of them at once.

use crate::shop::{Shop, address, mine};
use cartwright_domain::command::{CartChange, Command};
use cartwright_domain::coupon::{Hindrance, refused};
use cartwright_domain::id::{CartId, PromotionId};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refusal::Refusal;

fn limited(name: &str, limits: &str) -> String {
    format!(
        r#"{{"name":"{name}","requires_code":true,"benefit":{{"kind":"percentage","percent":"10"}},"limits":{limits}}}"#
    )
}

fn shop() -> Shop {
    let mut shop = Shop::with(&[("PEN", 1_000, 100)]);
    shop.promotion(&limited("each", r#"{"uses_per_customer":1}"#), &["EACH"]);
    shop.promotion(&limited("all", r#"{"total_uses":1}"#), &["ALL"]);
    shop.promotion(&limited("free", "{}"), &["FREE", "MORE"]);
    shop
}

fn promotion(shop: &Shop, name: &str) -> Promotion {
    let found = shop.set.config.promotions.iter().find(|known| known.name == name);
    (**found.expect("a promotion")).clone()
}

fn give_email(shop: &mut Shop, cart: CartId, email: &str) {
    let change = Box::new(CartChange { email: Some(address(email)), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: mine(cart), change }).expect("set");
}

fn wrong(shop: &mut Shop, cart: CartId) -> Vec<(String, Hindrance)> {
    match shop.checkout(cart, "try", None) {
        Err(Refusal::CodesRefused(wrong)) => wrong,
        other => panic!("{other:?}"),
    }
}

fn why(code: &str, hindrance: Hindrance) -> (String, Hindrance) {
    (code.to_owned(), hindrance)
}

#[test]
fn a_code_that_is_counted_per_customer_asks_a_guest_for_an_address() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    shop.coupon(cart, "each").expect("applied");
    assert_eq!(wrong(&mut shop, cart), [why("EACH", Hindrance::EmailRequired)]);
    give_email(&mut shop, cart, "ann@example.com");
    assert_eq!(shop.checkout(cart, "k", None).expect("bought").totals.total, 900);
}

#[test]
fn all_codes_that_are_wrong_are_named_at_once_each_with_its_reason() {
    let mut shop = shop();
    let (cart, other) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    for code in ["EACH", "ALL", "FREE"] {
        shop.coupon(cart, code).expect("applied");
    }
    shop.coupon(other, "ALL").expect("applied");
    shop.checkout(other, "k", None).expect("the last use");
    let id = promotion(&shop, "free").id;
    shop.run(Command::DeletePromotion(id)).expect("withdrawn");
    let all = [why("EACH", Hindrance::EmailRequired), why("ALL", Hindrance::UsedUp), why("FREE", Hindrance::Withdrawn)];
    assert_eq!(wrong(&mut shop, cart), all);
    let held = shop.set.carts.get(&cart).expect("a cart").detail.coupons.len();
    assert_eq!(held, 3, "a refusal changes nothing");
}

#[test]
fn a_promotion_that_is_switched_off_has_withdrawn_its_codes_until_it_is_on_again() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    shop.coupon(cart, "FREE").expect("applied");
    let known = promotion(&shop, "free");
    let put = |shop: &mut Shop, active| {
        let promotion = Box::new(Promotion { active, ..known.clone() });
        let codes = vec!["FREE".to_owned(), "MORE".to_owned()];
        shop.run(Command::PutPromotion { id: Some(known.id), promotion, codes }).expect("put");
    };
    put(&mut shop, false);
    assert_eq!(wrong(&mut shop, cart), [why("FREE", Hindrance::Withdrawn)]);
    put(&mut shop, true);
    assert_eq!(shop.checkout(cart, "k", None).expect("bought").totals.total, 900);
}

#[test]
fn a_code_that_went_to_another_promotion_is_withdrawn_from_the_carts_that_had_it() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    shop.coupon(cart, "FREE").expect("applied");
    let mut moved = **shop.set.coupons.get(&"FREE".to_owned()).expect("a code");
    moved.promotion_id = PromotionId(uuid::Uuid::from_u128(9));
    shop.set.coupons.put("FREE".to_owned(), moved);
    assert_eq!(wrong(&mut shop, cart), [why("FREE", Hindrance::Withdrawn)]);
    // Another code of the same promotion is enough.
    shop.coupon(cart, "MORE").expect("applied");
    assert_eq!(shop.checkout(cart, "k", None).expect("bought").totals.total, 900);
}

#[test]
fn a_store_may_take_one_code_a_cart_and_carts_with_more_are_told_which_are_too_many() {
    let mut shop = shop();
    let cart = shop.cart(&[("PEN", 1)]);
    shop.coupon(cart, "FREE").expect("applied");
    shop.coupon(cart, "ALL").expect("applied");
    shop.configure(|store| store.settings.codes_per_cart = 1);
    assert_eq!(
        shop.coupon(cart, "MORE").unwrap_err(),
        Refusal::TooManyCoupons { limit: 1, code: Some("ALL".to_owned()) }
    );
    assert_eq!(wrong(&mut shop, cart), [why("ALL", Hindrance::TooManyCodes)]);
    shop.run(Command::RemoveCoupon { cart: mine(cart), code: "ALL".to_owned() }).expect("taken off");
    assert_eq!(shop.checkout(cart, "k", None).expect("bought").totals.total, 900);
}

#[test]
fn one_usable_code_of_a_promotion_is_enough_for_it() {
    let mut shop = shop();
    let id = promotion(&shop, "free").id;
    shop.run(Command::AddCodes { id, codes: vec!["SINGLE".to_owned()], max_uses: Some(1) }).expect("added");
    let (cart, other) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    shop.coupon(cart, "SINGLE").expect("applied");
    shop.coupon(other, "SINGLE").expect("applied");
    shop.checkout(other, "k", None).expect("its one use");
    assert_eq!(wrong(&mut shop, cart), [why("SINGLE", Hindrance::UsedUp)]);
    shop.coupon(cart, "MORE").expect("applied");
    let row = shop.set.carts.get(&cart).expect("a cart").clone();
    assert!(refused(&row, &[Some(Hindrance::UsedUp), None]).is_empty());
    shop.checkout(cart, "k", None).expect("the other code unlocks it");
}
