//! An amount is money of one currency: the store's own, or the one it names. In others it does not apply.

use crate::shop::{Shop, promotion_of};
use cartwright_domain::money::{Amounts, Currencies, Currency};
use cartwright_domain::pricing::{Outcome, Quote, Reason};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::shipping::{CannotShip, ShippingMethod};
use serde_json::{Value, json};

/// A cart of 100.00 in the currency, in a store whose own is the euro.
fn cart_in(currency: Currency) -> Shop {
    let mut shop = Shop::new(currency).line("A", 4_000, 2).line("B", 2_000, 1);
    shop.store_currency = Currency::EUR;
    shop.shipping = Some(500);
    shop
}

fn reason(quote: &Quote) -> Option<Reason> {
    match &quote.explanations[0].outcome {
        Outcome::Applied { .. } => None,
        Outcome::NotApplied { reason } => Some(reason.clone()),
    }
}

/// Every kind of promotion that states amounts; `amount` makes one of a plain one.
fn all_that_state_amounts(amount: impl Fn(i64) -> Value) -> Vec<Value> {
    let off = |off: Value| json!({"kind": "spend_tiers", "tiers": [{"from_amount": amount(100), "off": off}]});
    let bulk = |off: Value| json!({"kind": "bulk_price", "tiers": [{"from_quantity": 2, "off": off}]});
    let to_ship = json!({"scope": "shipping"});
    let benefits = vec![
        json!({"kind": "percentage", "percent": 10, "max_discount": amount(300)}),
        json!({"kind": "percentage", "percent": 10, "max_discount": amount(3), "target": to_ship}),
        json!({"kind": "fixed_amount", "amount": amount(700)}),
        json!({"kind": "fixed_amount", "amount": amount(700), "per": "line"}),
        json!({"kind": "fixed_amount", "amount": amount(700), "per": "unit"}),
        json!({"kind": "fixed_amount", "amount": amount(70), "target": to_ship}),
        json!({"kind": "fixed_price", "price": amount(700)}),
        json!({"kind": "fixed_price", "price": amount(700), "per": "unit"}),
        json!({"kind": "fixed_price", "price": amount(70), "target": to_ship}),
        json!({"kind": "bundle_price", "parts": [{"quantity": 2}], "price": amount(700)}),
        bulk(json!({"amount": amount(70)})),
        bulk(json!({"unit_price": amount(70)})),
        off(json!({"percent": 5})),
        off(json!({"amount": amount(70)})),
        off(json!({"unit_price": amount(70)})),
    ];
    let least =
        json!({"benefit": {"kind": "percentage", "percent": 10}, "conditions": {"min_order_amount": amount(100)}});
    benefits.into_iter().map(|benefit| json!({"benefit": benefit})).chain([least]).collect()
}

#[test]
fn a_promotion_of_50_000_dong_takes_nothing_off_100_dollars() {
    let mut shop = Shop::new(Currency::USD).line("A", 10_000, 1);
    shop.store_currency = "VND".parse().expect("a currency");
    let shop = shop.promotion(json!({"name": "Tết", "benefit": {"kind": "fixed_amount", "amount": 50_000}}));
    let quote = shop.ask(true);
    assert_eq!(quote.totals.total, 10_000);
    let sentence = quote.explanations[0].sentence(|_| String::new(), &quote.explanations);
    assert_eq!(sentence, "Tết: has no amount in USD");
}

#[test]
fn a_plain_amount_counts_in_the_stores_own_currency_only() {
    for promotion in all_that_state_amounts(|amount| json!(amount)) {
        let own = cart_in(Currency::EUR).promotion(promotion.clone()).ask(true);
        assert_eq!(reason(&own), None, "{promotion}");
        let elsewhere = cart_in(Currency::USD).promotion(promotion.clone()).ask(true);
        assert_eq!(reason(&elsewhere), Some(Reason::NoAmountInCurrency { currency: Currency::USD }), "{promotion}");
        assert_eq!(elsewhere.totals, cart_in(Currency::USD).quote().totals, "{promotion}");
    }
}

#[test]
fn an_amount_by_currency_counts_in_each_that_it_names() {
    let named = all_that_state_amounts(|amount| json!({"EUR": amount, "JPY": amount / 2}));
    for (promotion, plain) in named.into_iter().zip(all_that_state_amounts(|amount| json!(amount))) {
        let own = cart_in(Currency::EUR).promotion(promotion.clone()).quote();
        assert_eq!(own.totals, cart_in(Currency::EUR).promotion(plain).quote().totals, "{promotion}");
        let yen = cart_in(Currency::JPY).promotion(promotion.clone()).ask(true);
        assert_eq!(reason(&yen), None, "{promotion}");
        let dollars = cart_in(Currency::USD).promotion(promotion.clone()).ask(true);
        assert_eq!(reason(&dollars), Some(Reason::NoAmountInCurrency { currency: Currency::USD }), "{promotion}");
    }
    let off = json!({"benefit": {"kind": "fixed_amount", "amount": {"EUR": 700, "USD": 850}}});
    assert_eq!(cart_in(Currency::USD).promotion(off.clone()).quote().totals.discount, 850);
    assert_eq!(cart_in(Currency::EUR).promotion(off).quote().totals.discount, 700);
}

#[test]
fn a_percentage_without_amounts_counts_in_every_currency() {
    let shop = cart_in(Currency::KWD).promotion(json!({"benefit": {"kind": "percentage", "percent": 10}}));
    assert_eq!(shop.quote().totals.discount, 1_000);
}

#[test]
fn plain_amounts_of_a_promotion_for_one_currency_alone_are_in_that_one() {
    let promotion = |currencies: Value| json!({"benefit": {"kind": "fixed_amount", "amount": 700}, "conditions": {"currencies": currencies, "min_order_amount": 100}});
    let discount = |currencies, currency| cart_in(currency).promotion(promotion(currencies)).quote().totals.discount;
    assert_eq!(discount(json!(["USD"]), Currency::USD), 700);
    assert_eq!(discount(json!(["USD"]), Currency::EUR), 0);
    assert_eq!(discount(json!(["EUR", "USD"]), Currency::USD), 0);
    assert_eq!(discount(json!(["EUR", "USD"]), Currency::EUR), 700);
}

#[test]
fn one_amount_that_is_not_named_is_enough_for_a_promotion_not_to_count() {
    let tiers = json!({"kind": "spend_tiers", "tiers": [
        {"from_amount": {"EUR": 100, "USD": 100}, "off": {"percent": 5}},
        {"from_amount": {"EUR": 200, "USD": 200}, "off": {"amount": {"EUR": 50}}}]});
    let quote = cart_in(Currency::USD).promotion(json!({"benefit": tiers})).ask(true);
    assert_eq!(reason(&quote), Some(Reason::NoAmountInCurrency { currency: Currency::USD }));
}

#[test]
fn an_exclusive_promotion_without_an_amount_does_not_keep_others_out() {
    let shop = cart_in(Currency::USD)
        .promotion(json!({"stacking": "exclusive", "benefit": {"kind": "fixed_amount", "amount": 9_000}}))
        .promotion(json!({"benefit": {"kind": "percentage", "percent": 10}}));
    assert_eq!(shop.quote().totals.discount, 1_000);
}

fn method(rate: Value, more: Value) -> ShippingMethod {
    let mut method = json!({"handle": "post", "name": "Post", "rate": rate});
    method.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let method: ShippingMethod = serde_json::from_value(method).expect("a method");
    assert_eq!(method.validate(), vec![]);
    method
}

fn fee(method: &ShippingMethod, currency: Currency) -> Result<i64, CannotShip> {
    let mut shop = cart_in(currency);
    shop.shipping = None;
    shop.method = Some(method.clone());
    let shipping = shop.quote().shipping;
    shipping.unavailable.map_or(Ok(shipping.amount), Err)
}

#[test]
fn a_flat_fee_of_490_cents_is_not_490_yen() {
    let rates = [
        json!({"kind": "flat", "amount": 490}),
        json!({"kind": "weight", "bands": [{"up_to_grams": 1000, "amount": 490}]}),
        json!({"kind": "order_value", "bands": [{"from_amount": 0, "amount": 490}]}),
    ];
    for rate in rates {
        let method = method(rate, json!({}));
        assert_eq!(fee(&method, Currency::EUR), Ok(490));
        assert_eq!(fee(&method, Currency::JPY), Err(CannotShip::NoFeeInCurrency));
        assert_eq!(fee(&method, Currency::KWD), Err(CannotShip::NoFeeInCurrency));
    }
}

#[test]
fn a_fee_by_currency_is_had_in_each_and_free_where_that_is_stated() {
    let flat = json!({"kind": "flat", "amount": {"EUR": 490, "JPY": 800}});
    let from = method(flat, json!({"free_from": 5_000}));
    assert_eq!((fee(&from, Currency::EUR), fee(&from, Currency::JPY)), (Ok(0), Ok(800)));
    let bands = json!({"kind": "order_value", "bands": [
        {"from_amount": {"EUR": 0, "JPY": 0}, "amount": {"EUR": 490, "JPY": 800}},
        {"from_amount": {"EUR": 20_000, "JPY": 9_000}, "amount": {"EUR": 0, "JPY": 100}}]});
    let by_value = method(bands, json!({}));
    assert_eq!((fee(&by_value, Currency::EUR), fee(&by_value, Currency::JPY)), (Ok(490), Ok(100)));
}

#[test]
fn a_method_of_one_currency_has_its_plain_amounts_in_it() {
    let dollars = method(json!({"kind": "flat", "amount": 490}), json!({"currency": "USD"}));
    assert_eq!(fee(&dollars, Currency::USD), Ok(490));
    assert_eq!(fee(&dollars, Currency::EUR), Err(CannotShip::OtherCurrency));
}

#[test]
fn rounding_to_cash_is_for_the_currency_of_its_coins() {
    let total = |currency, step: Value| {
        let mut shop = Shop::new(currency).line("A", 1_003, 1);
        shop.store_currency = Currency::EUR;
        shop.policy = serde_json::from_value(json!({"cash_rounding": step})).expect("a policy");
        shop.quote().totals.total
    };
    assert_eq!((total(Currency::EUR, json!(5)), total(Currency::USD, json!(5))), (1_005, 1_003));
    let by_currency = json!({"CHF": 5, "USD": 10});
    assert_eq!((total(Currency::EUR, by_currency.clone()), total(Currency::USD, by_currency)), (1_003, 1_000));
}

#[test]
fn amounts_that_cannot_be_are_refused_with_their_path() {
    let paths = |promotion: Value| -> Vec<String> {
        let promotion: Promotion = serde_json::from_value(promotion).expect("a promotion");
        promotion.validate().into_iter().map(|error| error.path).collect()
    };
    let off = |amount: Value| json!({"name": "x", "benefit": {"kind": "fixed_amount", "amount": amount}});
    for wrong in
        [json!({}), json!({"EUR": 0}), json!({"EUR": 5, "USD": -1}), json!(0), json!(9_007_199_254_740_992_i64)]
    {
        assert_eq!(paths(off(wrong.clone())), ["benefit.amount"], "{wrong}");
    }
    assert_eq!(paths(off(json!({"EUR": 9_007_199_254_740_991_i64}))), Vec::<String>::new());
    let tiers = |first: Value, second: Value| {
        let tier = |from: Value| json!({"from_amount": from, "off": {"percent": 5}});
        json!({"name": "x", "benefit": {"kind": "spend_tiers", "tiers": [tier(first), tier(second)]}})
    };
    assert_eq!(paths(tiers(json!({"EUR": 1, "USD": 1}), json!({"EUR": 2, "USD": 2}))), Vec::<String>::new());
    for (first, second) in [
        (json!({"EUR": 1, "USD": 2}), json!({"EUR": 2, "USD": 2})),
        (json!({"EUR": 1, "USD": 2}), json!({"EUR": 2})),
        (json!({"EUR": 1}), json!(2)),
    ] {
        assert_eq!(paths(tiers(first, second)), ["benefit.tiers"]);
    }
    for unreadable in [json!("5"), json!(5.5), json!({"XXX": 5}), json!({"euro": 5}), json!({"EUR": "5"}), json!([5])] {
        assert!(serde_json::from_value::<Promotion>(off(unreadable.clone())).is_err(), "{unreadable}");
    }
    let twice = r#"{"name": "x", "benefit": {"kind": "fixed_amount", "amount": {"EUR": 5, "EUR": 6}}}"#;
    assert!(serde_json::from_str::<Promotion>(twice).is_err());
}

#[test]
fn what_is_stored_is_what_was_stated() {
    for amounts in [json!(5_000), json!({"EUR": 5_000, "USD": 5_500})] {
        let read: Amounts = serde_json::from_value(amounts.clone()).expect("amounts");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), amounts);
        let promotion = promotion_of(1, json!({"benefit": {"kind": "fixed_amount", "amount": amounts}}));
        assert_eq!(serde_json::to_value(&promotion).expect("JSON")["benefit"]["amount"], amounts);
    }
    let plain = Amounts::from(5);
    let wanted = |wanted| plain.get(Currencies { wanted, own: Currency::EUR });
    assert_eq!((wanted(Currency::EUR), wanted(Currency::USD)), (Some(5), None));
}
