//! One person, several names: a guest's address, an account, the shop's own id. Whatever is counted per person counts them all.

use crate::shop::{Shop, address};
use cartwright_domain::account::{NewSecret, Profile, Purpose};
use cartwright_domain::command::{
    Access, AccountCommand, CartChange, CartRef, Command, RecoveryCommand, Reply, Settlement,
};
use cartwright_domain::coupon::Hindrance;
use cartwright_domain::customer::Customer;
use cartwright_domain::id::{AccountId, CartId};
use cartwright_domain::order::Order;
use cartwright_domain::person::Who;
use cartwright_domain::recovery::{GuestConsent, RecoverySettings};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::FirstOrderNeeds;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const ANN: &str = "ann@example.com";
const ONCE: &str = r#"{"name":"once","requires_code":true,"benefit":{"kind":"percentage","percent":"10"},
    "limits":{"uses_per_customer":1}}"#;
const TWICE: &str = r#"{"name":"twice","requires_code":true,"benefit":{"kind":"percentage","percent":"10"},
    "limits":{"uses_per_customer":2}}"#;
const FIRST: &str =
    r#"{"name":"first","benefit":{"kind":"percentage","percent":"50"},"conditions":{"first_order":true}}"#;

fn guest(email: &str) -> Who<'_> {
    Who { customer: None, email: Some(email) }
}

fn customer(id: &str) -> Who<'_> {
    Who { customer: Some(id), email: None }
}

fn shop(promotion: &str) -> Shop {
    let mut shop = Shop::with(&[("PEN", 1_000, 1_000)]);
    let codes: &[&str] = if promotion == FIRST { &[] } else { &["CODE"] };
    shop.promotion(promotion, codes);
    shop
}

fn register(shop: &mut Shop, email: &str, secret: u8) {
    let (email, secret) = (address(email), NewSecret { text: "s".into(), hash: [secret; 32] });
    shop.run(Command::Account(AccountCommand::Register { email, name: None, locale: None, secret }))
        .expect("registered");
}

fn confirm(shop: &mut Shop, secret: u8) -> AccountId {
    let (purpose, password) = (Purpose::Verify, "hash".to_owned());
    match shop.run(Command::Account(AccountCommand::SetPassword { token: [secret; 32], purpose, password })) {
        Ok(Reply::Account(account)) => account.id,
        other => panic!("{other:?}"),
    }
}

fn account(shop: &mut Shop, email: &str) -> String {
    register(shop, email, 1);
    confirm(shop, 1).to_string()
}

fn link(shop: &mut Shop, id: &str, email: &str) {
    let customer = Customer { email: Some(email.to_owned()), ..Customer::default() };
    shop.run(Command::PutCustomer { id: id.to_owned(), customer }).expect("told");
}

fn buy(shop: &mut Shop, who: Who<'_>) -> Result<Arc<Order>, Refusal> {
    let cart = shop.somebodys_cart(who, &[("PEN", 1)]);
    shop.buy(&cart, &["CODE"])
}

fn buy_anew(shop: &mut Shop, who: Who<'_>) -> Result<Arc<Order>, Refusal> {
    let cart = shop.somebodys_cart(who, &[("PEN", 1)]);
    shop.buy(&cart, &[])
}

/// As a code is refused to somebody who has used it, before it is on the cart.
fn not_again() -> Refusal {
    Refusal::CouponInvalid { code: "CODE".to_owned() }
}

#[test]
fn a_guest_and_the_account_of_the_same_address_use_a_code_once_between_them() {
    let mut shop = shop(ONCE);
    buy(&mut shop, guest("Ann@Example.com")).expect("the first");
    let ann = account(&mut shop, ANN);
    assert_eq!(buy(&mut shop, customer(&ann)).unwrap_err(), not_again());
    let mut shop = self::shop(ONCE);
    let ann = account(&mut shop, ANN);
    buy(&mut shop, customer(&ann)).expect("the first");
    assert_eq!(buy(&mut shop, guest("ANN@example.com")).unwrap_err(), not_again());
    buy(&mut shop, guest("bob@example.com")).expect("somebody else");
}

#[test]
fn an_address_that_is_not_confirmed_makes_nobody_the_person() {
    let mut shop = shop(ONCE);
    buy(&mut shop, guest(ANN)).expect("the first");
    register(&mut shop, ANN, 1);
    let id = shop.set.people.by_email(ANN).expect("an account").id.to_string();
    buy(&mut shop, customer(&id)).expect("nobody has confirmed that it is hers");
    let ann = confirm(&mut shop, 1).to_string();
    assert_eq!(ann, id);
    assert_eq!(buy(&mut shop, customer(&ann)).unwrap_err(), not_again());
}

#[test]
fn what_a_shopper_types_into_a_cart_neither_uses_up_nor_gives_what_is_anothers() {
    let mut shop = shop(ONCE);
    let eve = account(&mut shop, "eve@example.com");
    let types = |shop: &mut Shop| {
        let cart = shop.somebodys_cart(customer(&eve), &[("PEN", 1)]);
        let named = CartRef { access: Access::Customer(eve.clone()), ..cart.clone() };
        let change = Box::new(CartChange { email: Some(address(ANN)), ..CartChange::default() });
        shop.run(Command::ChangeCart { cart: named, change }).expect("set");
        shop.buy(&cart, &["CODE"])
    };
    types(&mut shop).expect("her own first");
    buy(&mut shop, guest(ANN)).expect("ann has used none");
    assert_eq!(types(&mut shop).unwrap_err(), not_again());
}

#[test]
fn the_shops_own_id_is_one_with_the_address_that_the_shop_says() {
    let mut shop = shop(ONCE);
    buy(&mut shop, guest(ANN)).expect("the first");
    buy(&mut shop, customer("ada")).expect("nothing is known of her");
    let mut shop = self::shop(ONCE);
    link(&mut shop, "ada", "ANN@example.com");
    buy(&mut shop, guest(ANN)).expect("the first");
    assert_eq!(buy(&mut shop, customer("ada")).unwrap_err(), not_again());
    let ann = account(&mut shop, ANN);
    assert_eq!(buy(&mut shop, customer(&ann)).unwrap_err(), not_again());
    // The shop says otherwise.
    link(&mut shop, "ada", "other@example.com");
    buy(&mut shop, customer("ada")).expect("another person");
}

#[test]
fn an_address_that_an_operator_sets_on_a_customers_cart_links_them() {
    let mut shop = shop(ONCE);
    buy(&mut shop, guest(ANN)).expect("the first");
    let cart = shop.somebodys_cart(customer("ada"), &[("PEN", 1)]);
    let change = Box::new(CartChange { email: Some(address("Ann@example.com")), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: cart.clone(), change }).expect("set");
    assert_eq!(shop.buy(&cart, &["CODE"]).unwrap_err(), not_again());
    let made = shop.somebodys_cart(Who { customer: Some("bea"), email: Some(ANN) }, &[("PEN", 1)]);
    assert_eq!(shop.buy(&made, &["CODE"]).unwrap_err(), not_again());
    // An account's address is the one that it has confirmed, whatever anybody says.
    let eve = account(&mut shop, "eve@example.com");
    let cart = shop.somebodys_cart(Who { customer: Some(&eve), email: Some(ANN) }, &[("PEN", 1)]);
    shop.buy(&cart, &["CODE"]).expect("she is herself");
    let customer = Customer { email: Some(ANN.to_owned()), ..Customer::default() };
    let refused = shop.run(Command::PutCustomer { id: eve, customer }).unwrap_err();
    assert!(matches!(&refused, Refusal::Invalid(errors) if errors[0].field == "email"), "{refused:?}");
}

#[test]
fn uses_of_all_names_are_added_up_and_go_back_under_the_name_that_took_them() {
    let mut shop = shop(TWICE);
    let ann = account(&mut shop, ANN);
    let first = buy(&mut shop, guest(ANN)).expect("one");
    buy(&mut shop, customer(&ann)).expect("two");
    assert_eq!(buy(&mut shop, guest(ANN)).unwrap_err(), not_again());
    shop.settle(first.id, Settlement::Declined("declined".into()));
    // The guest's cart is open again, and has the code; now it is the account that takes the use.
    buy(&mut shop, customer(&ann)).expect("given back");
    let again = CartRef { id: first.cart_id, access: Access::Token(crate::shop::TOKEN), if_version: None };
    let refused = shop.run(checkout(&again)).unwrap_err();
    assert_eq!(refused, Refusal::CodesRefused(vec![("CODE".to_owned(), Hindrance::UsedByYou)]));
    let id = first.detail.redeemed[0];
    assert_eq!(shop.set.customer_uses.get(&(id, ANN.to_owned())).map(|used| **used), Some(0));
    assert_eq!(shop.set.customer_uses.get(&(id, ann)).map(|used| **used), Some(2));
}

fn checkout(cart: &CartRef) -> Command {
    let idempotency = cartwright_domain::command::Idempotency {
        scope: cart.id.to_string(),
        key: "again".to_owned(),
        fingerprint: [3; 32],
    };
    let (gateway, method) = ("test".to_owned(), "ok".to_owned());
    Command::Checkout {
        cart: cart.clone(),
        expected_total: None,
        gateway,
        method,
        idempotency,
        beside_real: false,
        network: None,
    }
}

#[test]
fn the_first_order_of_a_person_is_the_first_under_any_name() {
    let mut shop = shop(FIRST);
    shop.configure(|store| store.settings.first_order_needs = FirstOrderNeeds::Trust);
    let ann = account(&mut shop, ANN);
    link(&mut shop, "ada", ANN);
    assert_eq!(buy_anew(&mut shop, customer(&ann)).expect("first").totals.total, 500);
    shop.now = shop.now.plus_ms(1);
    assert_eq!(buy_anew(&mut shop, guest("ANN@example.com")).expect("second").totals.total, 1_000);
    assert_eq!(buy_anew(&mut shop, customer("ada")).expect("third").totals.total, 1_000);
    assert_eq!(buy_anew(&mut shop, guest("bob@example.com")).expect("another's").totals.total, 500);
}

#[test]
fn a_guests_price_does_not_tell_whether_an_address_has_bought() {
    let mut shop = shop(FIRST);
    let ann = account(&mut shop, ANN);
    for address in [ANN, "bob@example.com"] {
        assert_eq!(buy_anew(&mut shop, guest(address)).expect("a guest").totals.total, 1_000, "{address}");
    }
    // The account that has confirmed the address is the same person, and has bought.
    assert_eq!(buy_anew(&mut shop, customer(&ann)).expect("Ann").totals.total, 1_000);
    assert_eq!(buy_anew(&mut shop, customer("eve")).expect("Eve").totals.total, 500);
    assert_eq!(buy_anew(&mut shop, customer("eve")).expect("Eve again").totals.total, 1_000);
}

#[test]
fn an_account_that_is_deleted_leaves_the_address_and_its_links() {
    let mut shop = shop(ONCE);
    let ann = account(&mut shop, ANN);
    link(&mut shop, "ada", ANN);
    buy(&mut shop, guest(ANN)).expect("the first");
    let id = ann.parse().map(AccountId).expect("an id");
    shop.run(Command::Account(AccountCommand::Close { account: id, seen_password: Some("hash".to_owned()) }))
        .expect("closed");
    assert_eq!(shop.set.customers.get(&"ada".to_owned()).expect("told").email, None);
    assert_eq!(buy(&mut shop, guest(ANN)).unwrap_err(), not_again());
    buy(&mut shop, customer("ada")).expect("nobody says who she is any more");
}

fn reminded(shop: &mut Shop, cart: CartId) -> bool {
    let before = shop.set.people.mails.rows().count();
    let code = "X".to_owned();
    shop.run(Command::Recovery(RecoveryCommand::Recover { cart_id: cart, code })).expect("looked at");
    shop.set.people.mails.rows().count() > before
}

/// A guest's cart that waits to be reminded of, and the same of an account that wants mails.
fn left_carts(shop: &mut Shop) -> (CartId, CartRef, String) {
    shop.configure(|store| store.settings.recovery = RecoverySettings { enabled: true, ..Default::default() });
    let ann = account(shop, ANN);
    let id = ann.parse().map(AccountId).expect("an id");
    let profile = Profile { marketing: true, ..Profile::default() };
    shop.set.people.accounts.edit(&id).expect("an account").profile = profile;
    let guests = shop.somebodys_cart(guest("ANN@example.com"), &[("PEN", 1)]);
    let change = Box::new(CartChange { email_consent: Some(true), ..CartChange::default() });
    shop.run(Command::ChangeCart { cart: guests.clone(), change }).expect("wanted");
    (guests.id, shop.somebodys_cart(customer(&ann), &[("PEN", 1)]), ann)
}

#[test]
fn where_a_guests_consent_counts_for_nothing_no_guest_is_reminded_or_asked() {
    let hour = 60 * 60 * 1_000;
    for (consent, mails) in
        [(GuestConsent::Trusted, true), (GuestConsent::Confirmed, true), (GuestConsent::None, false)]
    {
        let mut shop = shop(FIRST);
        let (guests, ..) = left_carts(&mut shop);
        shop.configure(|store| store.settings.recovery.guest_consent = consent);
        shop.now = shop.now.plus_ms(hour);
        assert_eq!(reminded(&mut shop, guests), mails, "{consent:?}");
    }
    let mut shop = shop(FIRST);
    let (_, accounts, _) = left_carts(&mut shop);
    shop.configure(|store| store.settings.recovery.guest_consent = GuestConsent::None);
    shop.now = shop.now.plus_ms(hour);
    assert!(reminded(&mut shop, accounts.id), "an account speaks for itself");
}

#[test]
fn whoever_has_bought_under_another_name_is_not_reminded() {
    let hour = 60 * 60 * 1_000;
    let mut shop = shop(FIRST);
    let (guests, _, _) = left_carts(&mut shop);
    shop.now = shop.now.plus_ms(hour);
    assert!(reminded(&mut shop, guests), "nobody has bought");
    let mut shop = self::shop(FIRST);
    let (guests, accounts, _) = left_carts(&mut shop);
    shop.now = shop.now.plus_ms(1);
    shop.buy(&accounts, &[]).expect("bought");
    shop.now = shop.now.plus_ms(hour);
    assert!(!reminded(&mut shop, guests), "the account bought");
    let mut shop = self::shop(FIRST);
    let (_, accounts, _) = left_carts(&mut shop);
    shop.now = shop.now.plus_ms(1);
    buy_anew(&mut shop, guest(ANN)).expect("bought");
    shop.now = shop.now.plus_ms(hour);
    assert!(!reminded(&mut shop, accounts.id), "the guest bought");
}

/// Which of a person's names buys: 0 the guest, 1 the account, 2 the shop's id; 3 is somebody else.
#[derive(Clone, Copy, Debug)]
enum Step {
    Buy(usize),
    GiveBack(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![3 => (0..4_usize).prop_map(Step::Buy), 1 => (0..20_usize).prop_map(Step::GiveBack)];
    prop::collection::vec(step, 1..25)
}

proptest! {
    #[test]
    fn whatever_name_buys_in_whatever_order_a_limit_is_kept_and_used_in_full(steps in steps(), limit in 1..4_i64) {
        let definition = ONCE.replace("\"uses_per_customer\":1", &format!("\"uses_per_customer\":{limit}"));
        let mut shop = shop(&definition);
        let ann = account(&mut shop, ANN);
        link(&mut shop, "ada", ANN);
        let names = [guest("Ann@EXAMPLE.com"), customer(&ann), customer("ada"), guest("bob@example.com")];
        let (mut live, mut orders) = (BTreeMap::from([(false, 0_i64), (true, 0)]), Vec::new());
        for step in steps {
            match step {
                Step::Buy(name) => {
                    let other = name == 3;
                    let bought = buy(&mut shop, names[name]);
                    prop_assert_eq!(bought.is_ok(), live[&other] < limit, "{:?}", bought);
                    if let Ok(order) = bought {
                        *live.entry(other).or_default() += 1;
                        orders.push((other, order.id));
                    } else if let Some(id) = customer_of(names[name]) {
                        // The next cart of a customer is a new one.
                        let cart = shop.somebodys_cart(customer(id), &[]);
                        shop.run(Command::DeleteCart { cart }).expect("gone");
                    }
                }
                Step::GiveBack(at) if !orders.is_empty() => {
                    let (other, order) = orders.swap_remove(at % orders.len());
                    shop.settle(order, Settlement::Voided);
                    let cart = shop.order(order).cart_id;
                    let named = CartRef { id: cart, access: Access::Operator, if_version: None };
                    shop.run(Command::DeleteCart { cart: named }).expect("gone");
                    *live.entry(other).or_default() -= 1;
                }
                Step::GiveBack(_) => {}
            }
        }
    }
}

fn customer_of(who: Who<'_>) -> Option<&str> {
    who.customer
}
