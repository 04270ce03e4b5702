//! Which rates and methods hold for a destination.

use crate::shop::Shop;
use cartwright_domain::money::{Currencies, Currency};
use cartwright_domain::shipping::{CannotShip, Destination, ShippingMethod};
use cartwright_domain::tax::{TaxRate, Taxed, matching_rates};
use serde_json::json;

fn to(country: &str, region: &str, postcode: &str) -> Destination {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Destination { country: country.to_owned(), region: some(region), postcode: some(postcode) }
}

fn rates() -> Vec<TaxRate> {
    serde_json::from_value(json!([
        {"name": "DE", "percent": "19", "zone": {"countries": ["DE"]}},
        {"name": "DE books", "percent": "7", "zone": {"countries": ["DE"]}, "categories": ["books"]},
        {"name": "Heligoland", "percent": "0", "zone": {"countries": ["DE"], "postcode_prefixes": ["27498"]}},
        {"name": "CA state", "percent": "7.25", "zone": {"countries": ["US"], "regions": ["CA"]}, "applies_to": "items"},
        {"name": "LA city", "percent": "2.25", "zone": {"countries": ["US"], "regions": ["CA"], "postcode_prefixes": ["900"]},
         "layer": 1, "applies_to": "items"}
    ]))
    .expect("rates")
}

#[test]
fn the_nearest_rate_of_each_layer_counts() {
    let rates = rates();
    let names = |thing, category, destination: &Destination| -> Vec<&str> {
        let found = matching_rates(&rates, thing, category, Some(destination));
        found.into_iter().map(|index| rates[index].name.as_str()).collect()
    };
    assert_eq!(names(Taxed::Item, "standard", &to("DE", "", "10115")), ["DE"]);
    assert_eq!(names(Taxed::Item, "books", &to("DE", "", "10115")), ["DE books"]);
    assert_eq!(names(Taxed::Item, "standard", &to("DE", "", "27 498")), ["Heligoland"]);
    assert_eq!(names(Taxed::Item, "standard", &to("US", "CA", "90012")), ["CA state", "LA city"]);
    assert_eq!(names(Taxed::Shipping, "shipping", &to("US", "CA", "90012")), [""; 0]);
    assert_eq!(names(Taxed::Item, "standard", &to("FR", "", "75001")), [""; 0]);
    assert!(matching_rates(&rates, Taxed::Item, "standard", None).is_empty());
}

#[test]
fn the_amount_of_each_rate_is_shown() {
    let mut shop = Shop::new(Currency::USD).line("A", 10_000, 1).line("B", 5_000, 1);
    shop.prices_include_tax = false;
    shop.rates = rates();
    shop.destination = Some(to("US", "ca", "90012"));
    shop.shipping = Some(1_000);
    let quote = shop.quote();
    let shown: Vec<_> = quote.taxes.iter().map(|tax| (tax.name.as_str(), tax.base, tax.amount, tax.included)).collect();
    assert_eq!(shown, [("CA state", 15_000, 1_088, false), ("LA city", 15_000, 338, false)]);
    assert_eq!((quote.totals.tax, quote.totals.total), (1_426, 17_426));
}

fn methods() -> Vec<ShippingMethod> {
    serde_json::from_value(json!([
        {"handle": "flat", "name": "Parcel", "rate": {"kind": "flat", "amount": 490}, "free_from": 5000,
         "zones": [{"countries": ["DE", "AT"]}], "estimated_days": {"fewest": 1, "most": 3}},
        {"handle": "heavy", "name": "By weight", "rate": {"kind": "weight", "bands": [
            {"up_to_grams": 1000, "amount": 400}, {"up_to_grams": 5000, "amount": 900}]}},
        {"handle": "value", "name": "By value", "rate": {"kind": "order_value", "bands": [
            {"from_amount": 1000, "amount": 700}, {"from_amount": 4000, "amount": 300}]}}
    ]))
    .expect("methods")
}

#[test]
fn fees_follow_zone_weight_and_value() {
    let methods = methods();
    assert!(methods.iter().all(|method| method.validate().is_empty()));
    let euros = Currencies { wanted: Currency::EUR, own: Currency::EUR };
    let fees = |country: &str, grams, value| -> Vec<Result<i64, CannotShip>> {
        let there = to(country, "", "");
        methods.iter().map(|method| method.fee(Some(&there), euros, grams, value)).collect()
    };
    assert_eq!(fees("DE", 1000, 1000), [Ok(490), Ok(400), Ok(700)]);
    assert_eq!(fees("DE", 1001, 5000), [Ok(0), Ok(900), Ok(300)]);
    let refused = [Err(CannotShip::OutsideZones), Err(CannotShip::TooHeavy), Err(CannotShip::BelowLeastValue)];
    assert_eq!(fees("FR", 5001, 999), refused);
}

#[test]
fn free_shipping_from_an_amount_looks_at_the_discounted_goods() {
    let mut shop = Shop::new(Currency::EUR).line("A", 5_000, 1);
    shop.destination = Some(to("DE", "", ""));
    shop.method = Some(methods().swap_remove(0));
    assert_eq!(shop.quote().totals.shipping, 0);
    let shop = shop.promotion(json!({"benefit": {"kind": "fixed_amount", "amount": 1}}));
    assert_eq!(shop.quote().totals.shipping, 490);
}

#[test]
fn a_method_that_does_not_go_there_is_said_and_costs_nothing() {
    let mut shop = Shop::new(Currency::EUR).line("A", 5_000, 1);
    shop.destination = Some(to("FR", "", ""));
    shop.method = Some(methods().swap_remove(0));
    let shipping = shop.quote().shipping;
    assert_eq!((shipping.unavailable, shipping.total), (Some(CannotShip::OutsideZones), 0));
}
