//! The pages on promotions and on shipping and tax say what is so: every definition on them is read by the real types, every
//! basket is priced, and its receipt must be the one on the page. What the types know stands on the page, and nothing else.

use crate::page::check_receipts;
use cartwright_domain::pricing::PricingPolicy;
use cartwright_domain::promotion::{
    Benefit, BulkTier, BundlePart, Conditions, Hours, Limits, LineFilter, NthUnit, Off, Promotion, Scope, SpendTier,
    Stacking, Target, Units, Weekday,
};
use cartwright_domain::shipping::{
    Destination, EstimatedDays, ShippingMethod, ShippingRate, ValueBand, WeightBand, Zone,
};
use cartwright_domain::store::{CheckoutNeeds, TaxElsewhere};
use cartwright_domain::tax::{TaxRate, TaxedThings};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PROMOTIONS: &str = include_str!("../../../../docs/promotions.md");
const SHIPPING_AND_TAX: &str = include_str!("../../../../docs/shipping-and-tax.md");

/// Names that a type takes in place of the question mark of the probe; serde tells them when it refuses.
fn known<T: DeserializeOwned>(probe: Value) -> BTreeSet<String> {
    let said = serde_json::from_value::<T>(probe.clone()).err().map(|error| error.to_string()).unwrap_or_default();
    let names = said.starts_with("unknown field `?`") || said.starts_with("unknown variant `?`");
    if names { said.split('`').skip(3).step_by(2).map(str::to_owned).collect() } else { BTreeSet::new() }
}

fn fields<T: DeserializeOwned>() -> BTreeSet<String> {
    known::<T>(json!({"?": 0}))
}

fn words<T: DeserializeOwned>() -> BTreeSet<String> {
    known::<T>(json!("?"))
}

/// The kinds of something told apart by `kind`.
pub fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    known::<T>(json!({"kind": "?"}))
}

/// Fields of every kind, and the words of those that are enumerations.
fn fields_of_kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for kind in kinds::<T>() {
        for field in known::<T>(json!({"kind": kind, "?": 0})) {
            names.extend(known::<T>(json!({"kind": kind, &field: "?"})));
            names.insert(field);
        }
    }
    names
}

fn settings() -> BTreeSet<String> {
    let mut names = fields::<PricingPolicy>();
    for setting in fields::<PricingPolicy>() {
        names.extend(known::<PricingPolicy>(json!({setting: "?"})));
    }
    names
}

/// Every name stands on the page between backticks, and what a table of the page describes is one of the names.
fn check_names(page: &str, names: &BTreeSet<String>) {
    let missing: Vec<&String> = names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
    let described = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let unknown: Vec<&str> = described.filter(|name| !names.contains(*name)).collect();
    assert!(unknown.is_empty(), "no type has what the page describes: {unknown:?}");
}

#[test]
fn the_page_on_promotions_says_what_is_so() {
    let shown = check_receipts(PROMOTIONS);
    assert_eq!(shown, kinds::<Benefit>(), "each kind has an example");
    let mut names = fields::<Promotion>();
    // The engine gives the id.
    assert!(names.remove("id"));
    for more in [
        fields::<Limits>(),
        words::<Stacking>(),
        fields::<Conditions>(),
        fields::<Hours>(),
        words::<Weekday>(),
        fields::<LineFilter>(),
        kinds::<Benefit>(),
        fields_of_kinds::<Benefit>(),
        fields::<Target>(),
        words::<Scope>(),
        fields::<Units>(),
        fields::<NthUnit>(),
        fields::<BulkTier>(),
        fields::<SpendTier>(),
        fields::<BundlePart>(),
        words::<Off>(),
        settings(),
    ] {
        assert!(!more.is_empty());
        names.extend(more);
    }
    check_names(PROMOTIONS, &names);
}

#[test]
fn the_page_on_shipping_and_tax_says_what_is_so() {
    let shown = check_receipts(SHIPPING_AND_TAX);
    assert!(kinds::<ShippingRate>().is_subset(&shown), "each kind of rate has an example");
    let mut names = BTreeSet::new();
    for more in [
        fields::<ShippingMethod>(),
        kinds::<ShippingRate>(),
        fields_of_kinds::<ShippingRate>(),
        fields::<WeightBand>(),
        fields::<ValueBand>(),
        fields::<EstimatedDays>(),
        fields::<Zone>(),
        fields::<TaxRate>(),
        words::<TaxedThings>(),
        words::<TaxElsewhere>(),
        fields::<Destination>(),
        fields::<CheckoutNeeds>(),
    ] {
        assert!(!more.is_empty());
        names.extend(more);
    }
    // Of a store's settings those about tax.
    names.extend(["home", "tax_elsewhere"].map(str::to_owned));
    let about_tax = [
        "tax_round",
        "tax_rounding",
        "multi_rate",
        "incl_extract",
        "disc_tax",
        "ship_tax",
        "exempt_price",
        "cash_rounding",
    ];
    for setting in about_tax {
        names.extend(known::<PricingPolicy>(json!({setting: "?"})));
        names.insert(setting.to_owned());
    }
    check_names(SHIPPING_AND_TAX, &names);
}
