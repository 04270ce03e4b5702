//! Nobody is charged more than they were shown: whatever raises the total between showing and checkout is refused, with
//! differences that sum to the difference of the totals.

use crate::shop::{Shop, TOKEN, draft, line};
use cartwright_domain::command::{Access, CartChange, CartRef, Command, Reply};
use cartwright_domain::customer::Customer;
use cartwright_domain::difference::{Difference, PriceChanged, Shown, Why};
use cartwright_domain::id::CartId;
use cartwright_domain::order::Address;
use cartwright_domain::pricing::{Quote, Reason};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::quoting::{CustomerFacts, QuoteContext, quote_cart};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn configure(shop: &mut Shop, change: impl FnOnce(&mut Vec<Promotion>)) {
    let mut promotions: Vec<Promotion> = shop.set.config.promotions.iter().map(|known| (**known).clone()).collect();
    change(&mut promotions);
    shop.set.config = Arc::new(StoreConfig::new(shop.set.config.store.clone(), promotions));
}

fn facts(shop: &Shop, cart: CartId) -> CustomerFacts {
    let cart = shop.set.carts.get(&cart).expect("a cart");
    let told = cart.customer.as_ref().and_then(|customer| shop.set.customers.get(customer)).cloned();
    CustomerFacts { told: told.unwrap_or_default(), first_order: false }
}

/// The price that a read of the cart shows, and whether the customer is exempt.
fn shown(shop: &Shop, cart: CartId) -> (Quote, bool) {
    let customer = &facts(shop, cart);
    let config = &shop.set.config;
    let context = QuoteContext { config, exhausted: &[], customer, explain: false, now: shop.now };
    let cart = shop.set.carts.get(&cart).expect("a cart");
    let quote = quote_cart(cart, |id| shop.set.variants.get(&id), |line| line.unit_price, context).expect("a price");
    (quote, customer.told.tax_exempt)
}

/// Checks out with the total that was shown; the refusal, compared with what was shown.
fn refused(shop: &mut Shop, cart: CartId, (quote, tax_exempt): &(Quote, bool)) -> PriceChanged {
    let refusal = shop.checkout(cart, "k", Some(quote.totals.total)).expect_err("it costs more now");
    let Refusal::PriceChanged(changed) = refusal else { panic!("{refusal:?}") };
    let row = shop.set.carts.get(&cart).expect("a cart").clone();
    changed.compared_with(&row, Shown { quote, tax_exempt: *tax_exempt })
}

fn ten_percent(name: &str) -> String {
    json!({"name": name, "benefit": {"kind": "percentage", "percent": "10"}}).to_string()
}

fn own(id: CartId) -> CartRef {
    CartRef { id, access: Access::Operator, if_version: None }
}

fn customers_cart(shop: &mut Shop, customer: &str) -> CartId {
    let lines = vec![line("PEN", 2)];
    let (customer, email) = (Some(customer.to_owned()), None);
    match shop
        .run(Command::CreateCart {
            token_hash: None,
            customer,
            currency: None,
            email,
            lines,
            own: None,
            idempotency: None,
        })
        .expect("a cart")
    {
        Reply::CartCreated(cart) => cart.id,
        other => panic!("{other:?}"),
    }
}

fn with_shipping(shop: &mut Shop, fee: i64) {
    let method = json!({"handle": "std", "name": "Standard", "rate": {"kind": "flat", "amount": fee}});
    shop.configure(|store| store.shipping_methods = vec![serde_json::from_value(method).expect("a method")]);
}

#[test]
fn a_checkout_that_names_no_total_is_refused_with_the_total_of_now() {
    let mut shop = Shop::with(&[("PEN", 500, 9)]);
    let cart = shop.cart(&[("PEN", 2)]);
    let refused = shop.checkout_once(cart, "k", None).unwrap_err();
    assert!(matches!(refused, Refusal::TotalRequired { total: 1000, .. }), "{refused:?}");
    assert_eq!(shop.stock("PEN").reserved, 0);
    let order = shop.checkout_once(cart, "k", Some(1000)).unwrap();
    assert_eq!(shop.checkout_once(cart, "k", None).unwrap().id, order.id, "what was answered is answered again");
    assert_eq!(shop.checkout_once(cart, "other", None).unwrap().id, order.id, "and an order that stands");
}

#[test]
fn other_refusals_come_before_the_one_for_a_missing_total() {
    let mut shop = Shop::with(&[("PEN", 500, 1)]);
    let cart = shop.cart(&[("PEN", 1)]);
    let rival = shop.cart(&[("PEN", 1)]);
    shop.checkout(rival, "k", None).unwrap();
    assert!(matches!(shop.checkout_once(cart, "k", None), Err(Refusal::InsufficientStock(_))));
}

#[test]
fn a_promotion_that_was_deleted_is_not_charged_silently() {
    let mut shop = Shop::with(&[("PEN", 1000, 9)]);
    shop.promotion(&ten_percent("Sale"), &[]);
    let cart = shop.cart(&[("PEN", 2)]);
    let before = shown(&shop, cart);
    configure(&mut shop, Vec::clear);
    let changed = refused(&mut shop, cart, &before);
    assert_eq!((before.0.totals.total, changed.now.totals.total), (1800, 2000));
    let [Difference::Discount { name, old: 200, new: 0, why: Why::Deleted, .. }] = changed.differences.as_slice()
    else {
        panic!("{changed:?}")
    };
    assert_eq!(name, "Sale");
    assert_eq!(shop.checkout(cart, "k", Some(2000)).unwrap().totals.total, 2000, "the new total is accepted");
}

#[test]
fn why_a_promotion_counts_no_more_is_said() {
    let end = 1_700_000_000_000_i64 + 60_000;
    type Case = (Value, fn(&mut Promotion), Reason);
    let cases: [Case; 3] = [
        (json!({}), |promotion| promotion.active = false, Reason::Inactive),
        (json!({"conditions": {"customer_groups": ["club"]}}), |_| (), Reason::OtherCustomer),
        (json!({"ends_at": end}), |_| (), Reason::Ended { ended_at: cartwright_domain::id::Timestamp(end) }),
    ];
    for (more, change, reason) in cases {
        let mut shop = Shop::with(&[("PEN", 1000, 9)]);
        let mut definition: Value = serde_json::from_str(&ten_percent("Sale")).expect("json");
        definition.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        shop.promotion(&definition.to_string(), &[]);
        let customer = |groups: &[&str]| Customer {
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..Customer::default()
        };
        let put = |shop: &mut Shop, customer| {
            shop.run(Command::PutCustomer { id: "ada".to_owned(), customer }).expect("a customer");
        };
        put(&mut shop, customer(&["club"]));
        let cart = customers_cart(&mut shop, "ada");
        let before = shown(&shop, cart);
        assert_eq!(before.0.totals.total, 1800);
        configure(&mut shop, |promotions| change(&mut promotions[0]));
        put(&mut shop, customer(&[]));
        shop.now = shop.now.plus_ms(120_000);
        let command_total = Some(before.0.totals.total);
        let refusal = shop.run(checkout_of(cart, command_total)).expect_err("dearer");
        let Refusal::PriceChanged(changed) = refusal else { panic!("{refusal:?}") };
        let row = shop.set.carts.get(&cart).expect("a cart").clone();
        let changed = changed.compared_with(&row, Shown { quote: &before.0, tax_exempt: before.1 });
        let [Difference::Discount { why: Why::NotApplied(why), .. }] = changed.differences.as_slice() else {
            panic!("{changed:?}")
        };
        assert_eq!(*why, reason);
    }
}

fn checkout_of(cart: CartId, expected_total: Option<i64>) -> Command {
    let idempotency =
        cartwright_domain::command::Idempotency { scope: "s".into(), key: "k".into(), fingerprint: [0; 32] };
    let (gateway, method) = ("test".to_owned(), "ok".to_owned());
    Command::Checkout {
        cart: own(cart),
        expected_total,
        gateway,
        method,
        idempotency,
        beside_real: false,
        network: None,
    }
}

#[test]
fn a_shipping_fee_that_rose_is_not_charged_silently() {
    let mut shop = Shop::with(&[("PEN", 1000, 9)]);
    with_shipping(&mut shop, 300);
    let cart = shop.cart(&[("PEN", 1)]);
    let change = CartChange { shipping_method: Some("std".to_owned()), ..CartChange::default() };
    let named = CartRef { id: cart, access: Access::Token(TOKEN), if_version: None };
    shop.run(Command::ChangeCart { cart: named, change: Box::new(change) }).unwrap();
    let before = shown(&shop, cart);
    with_shipping(&mut shop, 9_900);
    let changed = refused(&mut shop, cart, &before);
    assert_eq!(changed.differences, [Difference::Shipping { old: 300, new: 9_900 }]);
    assert_eq!(changed.now.totals.total, 10_900);
}

#[test]
fn an_exemption_that_ended_is_named() {
    for included in [true, false] {
        let mut shop = Shop::with(&[("PEN", 1190, 9)]);
        let rate = json!({"name": "VAT", "percent": "19"});
        shop.configure(|store| {
            store.tax_rates = vec![serde_json::from_value(rate).expect("a rate")];
            store.settings.prices_include_tax = included;
        });
        let put = |shop: &mut Shop, tax_exempt| {
            let customer = Customer { tax_exempt, ..Customer::default() };
            shop.run(Command::PutCustomer { id: "ada".to_owned(), customer }).expect("a customer");
        };
        put(&mut shop, true);
        let cart = customers_cart(&mut shop, "ada");
        let before = shown(&shop, cart);
        put(&mut shop, false);
        let refusal = shop.run(checkout_of(cart, Some(before.0.totals.total))).expect_err("dearer");
        let Refusal::PriceChanged(changed) = refusal else { panic!("{refusal:?}") };
        let row = shop.set.carts.get(&cart).expect("a cart").clone();
        let changed = changed.compared_with(&row, Shown { quote: &before.0, tax_exempt: before.1 });
        assert!(matches!(changed.differences.as_slice(), [Difference::Exemption { .. }]), "{changed:?}");
        let more: i64 = changed.differences.iter().map(Difference::adds).sum();
        assert_eq!(more, changed.now.totals.total - before.0.totals.total);
    }
}

#[test]
fn where_nobody_knows_what_was_shown_captured_prices_are_compared() {
    let mut shop = Shop::with(&[("PEN", 1000, 9)]);
    let cart = shop.cart(&[("PEN", 2)]);
    shop.run(Command::SetPrices(vec![("PEN".into(), None, 1200)])).unwrap();
    let Err(Refusal::PriceChanged(changed)) = shop.checkout(cart, "k", Some(2000)) else { panic!("charged") };
    let [Difference::UnitPrice { old: 1000, new: 1200, quantity: 2, .. }] = changed.differences.as_slice() else {
        panic!("{changed:?}")
    };
}

/// A shop as it may be at two instants.
#[derive(Clone, Debug)]
struct Setting {
    price: i64,
    percent: Option<u8>,
    fixed: Option<i64>,
    fee: i64,
    tax: u8,
    exempt: bool,
    included: bool,
}

fn setting() -> impl Strategy<Value = Setting> {
    let (percent, fixed) = (proptest::option::of(1..=100u8), proptest::option::of(1..3_000i64));
    let rest = (1..5_000i64, 0..2_000i64, 0..30u8, any::<bool>(), any::<bool>());
    (percent, fixed, rest).prop_map(|(percent, fixed, (price, fee, tax, exempt, included))| Setting {
        price,
        percent,
        fixed,
        fee,
        tax,
        exempt,
        included,
    })
}

fn apply(shop: &mut Shop, setting: &Setting) {
    with_shipping(shop, setting.fee);
    let mut product = draft("PEN", setting.price, 100);
    product.variants[0].on_hand = None;
    shop.run(Command::UpsertProduct(Box::new(product))).expect("a product");
    let rate = json!({"name": "VAT", "percent": setting.tax.to_string()});
    shop.configure(|store| {
        store.tax_rates = vec![serde_json::from_value(rate).expect("a rate")];
        store.settings.prices_include_tax = setting.included;
    });
    let customer = Customer { tax_exempt: setting.exempt, ..Customer::default() };
    shop.run(Command::PutCustomer { id: "ada".to_owned(), customer }).expect("a customer");
    let percent = setting.percent.map(|percent| json!({"kind": "percentage", "percent": percent.to_string()}));
    let fixed = setting.fixed.map(|amount| json!({"kind": "fixed_amount", "amount": amount}));
    let benefits = [("percent", percent, 1), ("fixed", fixed, 2)];
    configure(shop, |promotions| {
        promotions.clear();
        for (name, benefit, id) in benefits {
            let Some(benefit) = benefit else { continue };
            let id = uuid::Uuid::from_u128(id);
            let definition = json!({"id": id, "name": name, "benefit": benefit});
            promotions.push(serde_json::from_value(definition).expect("a promotion"));
        }
    });
}

proptest! {
    #[test]
    fn nobody_pays_more_than_shown_and_the_differences_sum(before in setting(), after in setting()) {
        let mut shop = Shop::with(&[("PEN", before.price, 100)]);
        apply(&mut shop, &before);
        let cart = customers_cart(&mut shop, "ada");
        let address = Address { name: "A".into(), country: "DE".into(), ..Address::default() };
        let change = CartChange {
            shipping_address: Some(address.into()),
            shipping_method: Some("std".to_owned()),
            ..CartChange::default()
        };
        shop.run(Command::ChangeCart { cart: own(cart), change: Box::new(change) }).unwrap();
        let (quote, tax_exempt) = shown(&shop, cart);
        apply(&mut shop, &after);
        match shop.run(checkout_of(cart, Some(quote.totals.total))) {
            Ok(Reply::OrderCreated(order)) => prop_assert!(order.totals.total <= quote.totals.total),
            Err(Refusal::PriceChanged(changed)) => {
                let row = shop.set.carts.get(&cart).expect("a cart").clone();
                let changed = changed.compared_with(&row, Shown { quote: &quote, tax_exempt });
                let more: i64 = changed.differences.iter().map(Difference::adds).sum();
                prop_assert_eq!(more, changed.now.totals.total - quote.totals.total);
                prop_assert!(more > 0);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
