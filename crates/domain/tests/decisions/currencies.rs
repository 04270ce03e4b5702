//! In which currency a cart may be, how much it may be worth, and what its order says where the buyer is taxed elsewhere.

use crate::shop::{Shop, TOKEN, draft, line, mine};
use cartwright_domain::cart::SetAside;
use cartwright_domain::command::{CartChange, Command, NewLine, Reply, StoreChange};
use cartwright_domain::difference::Difference;
use cartwright_domain::id::CartId;
use cartwright_domain::money::{Currency, MOST_AMOUNT};
use cartwright_domain::order::Address;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::shipping::Destination;
use cartwright_domain::store::{StoreSettings, TaxElsewhere};
use serde_json::json;

/// A shop in euros whose pen has a price in dollars too.
fn shop() -> Shop {
    let mut shop = Shop::with(&[("MUG", 700, 10)]);
    let mut pen = draft("PEN", 500, 10);
    pen.variants[0].prices.get_or_insert_default().insert("USD".into(), 550);
    shop.run(Command::UpsertProduct(Box::new(pen))).expect("goods");
    shop
}

fn cart_in(shop: &mut Shop, currency: &str, customer: Option<&str>, lines: Vec<NewLine>) -> Result<CartId, Refusal> {
    let (token_hash, customer) = (customer.is_none().then_some(TOKEN), customer.map(str::to_owned));
    let command = Command::CreateCart {
        token_hash,
        customer,
        currency: Some(currency.to_owned()),
        email: None,
        lines,
        own: None,
        idempotency: None,
    };
    match shop.run(command)? {
        Reply::CartCreated(cart) => Ok(cart.id),
        other => panic!("not a new cart: {other:?}"),
    }
}

fn refused(currency: &str, offered: &[Currency]) -> Result<CartId, Refusal> {
    Err(Refusal::CurrencyUnknown { currency: currency.to_owned(), offered: offered.to_vec() })
}

fn put_settings(shop: &mut Shop, change: impl FnOnce(&mut StoreSettings)) {
    let mut settings = StoreSettings::default();
    change(&mut settings);
    let change = StoreChange { settings: Some(settings), ..StoreChange::default() };
    shop.run(Command::ChangeStore(Box::new(change))).expect("settings");
}

#[test]
fn without_a_list_a_cart_may_be_in_the_currencies_in_which_the_store_states_prices() {
    let mut shop = shop();
    assert!(cart_in(&mut shop, "EUR", None, vec![]).is_ok());
    assert!(cart_in(&mut shop, "USD", None, vec![line("PEN", 1)]).is_ok());
    for customer in [None, Some("ada")] {
        assert_eq!(cart_in(&mut shop, "JPY", customer, vec![]), refused("JPY", &[Currency::EUR, Currency::USD]));
    }
    let yen = vec![("MUG".to_owned(), Some("JPY".to_owned()), 90)];
    shop.run(Command::SetPrices(yen)).expect("a price");
    assert!(cart_in(&mut shop, "JPY", None, vec![line("MUG", 1)]).is_ok());
    put_settings(&mut shop, |settings| settings.guest_cart_days = 3);
    assert!(cart_in(&mut shop, "JPY", None, vec![]).is_ok(), "new settings do not forget prices");
}

#[test]
fn a_list_says_which_whatever_prices_there_are() {
    let mut shop = shop();
    put_settings(&mut shop, |settings| settings.currencies = Some(vec![Currency::GBP]));
    assert_eq!(cart_in(&mut shop, "USD", None, vec![]), refused("USD", &[Currency::EUR, Currency::GBP]));
    assert!(cart_in(&mut shop, "GBP", None, vec![]).is_ok());
    put_settings(&mut shop, |settings| settings.currencies = Some(vec![]));
    assert_eq!(cart_in(&mut shop, "GBP", None, vec![]), refused("GBP", &[Currency::EUR]));
    assert!(cart_in(&mut shop, "EUR", None, vec![]).is_ok());
}

#[test]
fn a_cart_in_a_currency_that_is_taken_off_the_list_can_still_be_bought() {
    let mut shop = shop();
    let cart = cart_in(&mut shop, "USD", None, vec![line("PEN", 1)]).expect("a cart");
    put_settings(&mut shop, |settings| settings.currencies = Some(vec![]));
    shop.add(cart, "PEN", 1).expect("more of it");
    let order = shop.checkout(cart, "k", None).expect("an order");
    assert_eq!((order.currency, order.totals.total), (Currency::USD, 1_100));
}

#[test]
fn prices_outside_the_range_are_refused_and_those_at_its_end_are_not() {
    let mut shop = shop();
    let put = |shop: &mut Shop, price| shop.run(Command::SetPrices(vec![("PEN".to_owned(), None, price)]));
    assert!(matches!(put(&mut shop, MOST_AMOUNT + 1), Err(Refusal::Invalid(_))));
    assert!(matches!(put(&mut shop, -1), Err(Refusal::Invalid(_))));
    put(&mut shop, MOST_AMOUNT).expect("a price");
    let order = {
        let cart = shop.cart(&[("PEN", 1)]);
        shop.checkout(cart, "k", None).expect("an order")
    };
    assert_eq!(order.totals.total, MOST_AMOUNT);
}

#[test]
fn a_cart_beyond_the_range_is_refused_when_goods_are_added_and_stays_as_it_was() {
    let mut shop = Shop::with(&[("HALF", MOST_AMOUNT / 2, 10), ("PEN", 500, 10)]);
    let cart = shop.cart(&[("HALF", 2)]);
    let before = shop.set.carts.get(&cart).cloned();
    assert_eq!(shop.add(cart, "HALF", 1).map(|_| ()), Err(Refusal::AmountTooLarge));
    assert_eq!(shop.add(cart, "PEN", 1).map(|_| ()), Err(Refusal::AmountTooLarge));
    let line_id = before.as_ref().expect("a cart").lines[0].id;
    let more = Command::ChangeLine { cart: mine(cart), line_id, quantity: 3 };
    assert_eq!(shop.run(more).map(|_| ()), Err(Refusal::AmountTooLarge));
    assert_eq!(shop.set.carts.get(&cart).cloned(), before);
    assert_eq!(shop.try_cart(&[("HALF", 3)]).map(|_| ()), Err(Refusal::AmountTooLarge));
}

#[test]
fn what_makes_merged_carts_worth_too_much_waits() {
    let mut shop = Shop::with(&[("HALF", MOST_AMOUNT / 2, 10)]);
    cart_in(&mut shop, "EUR", Some("ada"), vec![line("HALF", 1)]).expect("a cart");
    let guest = shop.cart(&[("HALF", 2)]);
    let merge = Command::MergeCart { guest: mine(guest), customer: "ada".to_owned() };
    let Ok(Reply::Cart(cart)) = shop.run(merge) else { panic!("not merged") };
    assert_eq!(cart.lines[0].quantity, 2);
    let saved: Vec<_> = cart.detail.saved.iter().map(|item| (item.quantity, item.set_aside)).collect();
    assert_eq!(saved, [(1, Some(SetAside::NoRoom))]);
}

#[test]
fn goods_that_have_become_too_dear_to_count_are_refused_at_checkout() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let cart = shop.cart(&[("PEN", 2)]);
    shop.run(Command::SetPrices(vec![("PEN".to_owned(), None, MOST_AMOUNT)])).expect("a price");
    assert_eq!(shop.checkout(cart, "k", Some(i64::MAX)).map(|_| ()), Err(Refusal::AmountTooLarge));
}

#[test]
fn an_order_from_elsewhere_has_net_prices_and_its_parts_sum_to_its_whole() {
    let mut shop = Shop::with(&[("PEN", 1_190, 10)]);
    shop.configure(|store| {
        let rates = json!([{"name": "VAT", "percent": 19, "zone": {"countries": ["DE"]}}]);
        store.tax_rates = serde_json::from_value(rates).expect("rates");
        store.settings.home = Some(Destination { country: "DE".to_owned(), region: None, postcode: None });
        store.settings.tax_elsewhere = TaxElsewhere::NetPrices;
    });
    let cart = shop.cart(&[("PEN", 3)]);
    let address = Address { country: "CH".to_owned(), ..Address::default() };
    let change = CartChange { shipping_address: Some(address.into()), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: mine(cart), change: Box::new(change) }).expect("an address");
    shop.run(Command::SetPrices(vec![("PEN".to_owned(), None, 2_380)])).expect("a price");
    let Err(Refusal::PriceChanged(changed)) = shop.checkout(cart, "k", Some(3_000)) else { panic!("charged more") };
    let [Difference::UnitPrice { old, new, .. }] = changed.differences.as_slice() else { panic!("{changed:?}") };
    assert_eq!((changed.now.totals.total, *old, *new), (6_000, 1_000, 2_000), "told as the buyer has seen them");
    let order = shop.checkout(cart, "k", Some(6_000)).expect("an order");
    assert_eq!((order.lines[0].unit_price, order.totals.subtotal, order.totals.total), (2_000, 6_000, 6_000));
    assert_eq!(order.totals.tax, 0);
}
