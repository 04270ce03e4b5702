//! The schemas of the domain's data are written by hand; here they are held against the types, field by field and word by
//! word. What a type takes is learnt from its own refusals: serde names the fields or variants that it would have taken.

use cartwright_domain::forget::Retention;
use cartwright_domain::manual::{ManualKind, ManualMethod, PlaceOrder};
use cartwright_domain::pricing::{Pick, PricingPolicy};
use cartwright_domain::promotion::{
    AmountPer, Benefit, BulkTier, BundlePart, Conditions, CountBy, Hours, Limits, LineFilter, NthUnit, Off, PricePer,
    Promotion, Scope, SpendTier, Stacking, Target, Units, Weekday, Within,
};
use cartwright_domain::recovery::{GuestConsent, QuietHours, RecoverySettings};
use cartwright_domain::shipping::{
    Destination, EstimatedDays, ShippingMethod, ShippingRate, ValueBand, WeightBand, Zone,
};
use cartwright_domain::store::{
    CheckoutNeeds, FirstOrderNeeds, HoldPolicy, PaymentCapture, PricePolicy, StockShown, StoreSettings, TaxElsewhere,
    UnavailableLines,
};
use cartwright_domain::tax::{TaxRate, TaxedThings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

type Names = BTreeSet<String>;

/// A part of a schema: an object with its fields, or a word of a list. Its place is unique.
type Part<'s> = (String, &'s Value);

/// The schemas, and which parts of them were held against a type.
struct Schemas {
    all: Map<String, Value>,
    seen: Names,
}

impl Schemas {
    fn read() -> Schemas {
        let mut all = Map::new();
        for file in [include_str!("promotion.json"), include_str!("store.json")] {
            let schemas: Map<String, Value> = serde_json::from_str(file).expect("a file is a JSON object");
            all.extend(schemas);
        }
        Schemas { all, seen: Names::new() }
    }

    /// The parts at a path such as `Benefit:bulk_price/tiers`: a schema, the form of that kind, a field.
    fn at(&self, path: &str) -> Vec<Part<'_>> {
        let mut found = Vec::new();
        for (depth, step) in path.split('/').enumerate() {
            let (name, kind) = step.split_once(':').map_or((step, None), |(name, kind)| (name, Some(kind)));
            let next: Vec<Part<'_>> = match depth {
                0 => vec![(name.to_owned(), &self.all[name])],
                _ => found.iter().filter_map(|part| field(part, name)).collect(),
            };
            found = next.into_iter().flat_map(|(place, part)| self.forms(place, part)).collect();
            found.retain(|(_, part)| kind.is_none_or(|kind| kinds_of(part).contains(kind)));
            assert!(!found.is_empty(), "{path}: there is no {step}");
        }
        found
    }

    /// What a schema may be: through references, lists and alternatives.
    fn forms<'s>(&'s self, place: String, schema: &'s Value) -> Vec<Part<'s>> {
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            // What stands in the document only, such as the currency, is not described here.
            return self.all.get(name).map_or_else(Vec::new, |schema| self.forms(name.to_owned(), schema));
        }
        if let Some(items) = schema.get("items") {
            return self.forms(format!("{place}[]"), items);
        }
        let Some(all) = schema["oneOf"].as_array() else { return vec![(place, schema)] };
        let forms = all.iter().enumerate();
        forms.flat_map(|(at, form)| self.forms(format!("{place}#{at}"), form)).collect()
    }

    /// The fields and words at a path.
    fn names(&mut self, path: &str) -> Names {
        let found = self.at(path);
        let names = found.iter().flat_map(|(_, part)| fields_of(part).chain(words_of(part))).collect();
        let places: Vec<String> = found.into_iter().map(|(place, _)| place).collect();
        self.seen.extend(places);
        names
    }

    fn has(&mut self, path: &str, names: Names) {
        assert_eq!(self.names(path), names, "{path}: left is the schema, right the type");
    }

    /// The fields of an object.
    fn fields<T: DeserializeOwned>(&mut self, path: &str) {
        self.has(path, known::<T>(json!({"?": 0})));
    }

    /// The words of an enumeration.
    fn words<T: DeserializeOwned>(&mut self, path: &str) {
        self.has(path, known::<T>(json!("?")));
    }

    /// Objects told apart by `kind`, with the fields of each.
    fn kinds<T: DeserializeOwned>(&mut self, path: &str) {
        let kinds = known::<T>(json!({"kind": "?"}));
        let described: Names = self.at(path).into_iter().flat_map(|(_, part)| kinds_of(part)).collect();
        assert_eq!(described, kinds, "{path}: left is the schema, right the type");
        for kind in kinds {
            let mut fields = known::<T>(json!({"kind": kind, "?": 0}));
            fields.insert("kind".to_owned());
            self.has(&format!("{path}:{kind}"), fields);
        }
    }

    /// Parts that have fields or words and were held against nothing.
    fn unseen(&self) -> Names {
        let mut open: Vec<Part<'_>> =
            self.all.iter().flat_map(|(name, schema)| self.forms(name.clone(), schema)).collect();
        let mut left = Names::new();
        while let Some((place, part)) = open.pop() {
            let inside = part["properties"].as_object().into_iter().flatten();
            // A kind is looked at with its object, a reference under its own name.
            for (name, schema) in inside.filter(|(name, schema)| *name != "kind" && schema.get("$ref").is_none()) {
                open.extend(self.forms(format!("{place}/{name}"), schema));
            }
            if fields_of(part).chain(words_of(part)).next().is_some() && !self.seen.contains(&place) {
                left.insert(place);
            }
        }
        left
    }
}

fn field<'s>((place, part): &Part<'s>, name: &str) -> Option<Part<'s>> {
    Some((format!("{place}/{name}"), part["properties"].get(name)?))
}

fn fields_of(part: &Value) -> impl Iterator<Item = String> {
    part["properties"].as_object().into_iter().flat_map(Map::keys).cloned()
}

fn words_of(part: &Value) -> impl Iterator<Item = String> {
    part["enum"].as_array().into_iter().flatten().filter_map(|word| Some(word.as_str()?.to_owned()))
}

fn kinds_of(part: &Value) -> Names {
    words_of(&part["properties"]["kind"]).collect()
}

/// What a type says about the question mark in a probe.
fn refusal<T: DeserializeOwned>(probe: &Value) -> String {
    let refused = serde_json::from_value::<T>(probe.clone()).err();
    refused.unwrap_or_else(|| panic!("{probe} was taken")).to_string()
}

/// The names that a type takes in place of the question mark: "unknown field `?`, expected one of `a`, `b`".
fn known<T: DeserializeOwned>(probe: Value) -> Names {
    let said = refusal::<T>(&probe);
    assert!(said.starts_with("unknown field `?`") || said.starts_with("unknown variant `?`"), "{probe}: {said}");
    said.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_schemas_have_the_fields_and_words_of_the_types() {
    let mut schemas = Schemas::read();
    check_promotions(&mut schemas);
    check_benefits(&mut schemas);
    check_stores(&mut schemas);
    assert_eq!(schemas.unseen(), Names::new(), "no type is held against these parts");
}

fn check_promotions(schemas: &mut Schemas) {
    // The id stands beside the definition.
    let mut promotion = known::<Promotion>(json!({"?": 0}));
    assert!(promotion.remove("id"));
    schemas.has("PromotionDefinition", promotion);
    schemas.words::<Stacking>("PromotionDefinition/stacking");
    schemas.fields::<Limits>("PromotionDefinition/limits");
    schemas.fields::<Conditions>("PromotionDefinition/conditions");
    schemas.fields::<LineFilter>("Conditions/goods");
    schemas.fields::<Hours>("Conditions/hours");
    schemas.words::<Weekday>("Conditions/weekdays");
}

fn check_benefits(schemas: &mut Schemas) {
    schemas.kinds::<Benefit>("PromotionDefinition/benefit");
    for kind in ["percentage", "fixed_amount", "fixed_price", "spend_tiers"] {
        // Goods and shipping are two forms.
        schemas.fields::<Target>(&format!("Benefit:{kind}/target"));
        schemas.words::<Scope>(&format!("Benefit:{kind}/target/scope"));
    }
    schemas.fields::<Units>("Benefit:percentage/units");
    schemas.fields::<NthUnit>("Units/nth");
    schemas.words::<Pick>("NthUnit/from");
    schemas.words::<Within>("NthUnit/within");
    schemas.words::<AmountPer>("Benefit:fixed_amount/per");
    schemas.words::<PricePer>("Benefit:fixed_price/per");
    schemas.words::<CountBy>("Benefit:buy_x_get_y/count_by");
    schemas.words::<CountBy>("Benefit:bulk_price/count_by");
    schemas.fields::<BulkTier>("Benefit:bulk_price/tiers");
    schemas.fields::<SpendTier>("Benefit:spend_tiers/tiers");
    schemas.fields::<BundlePart>("Benefit:bundle_price/parts");
    schemas.words::<Pick>("Benefit:bundle_price/pick");
    schemas.words::<Off>("Benefit:bulk_price/tiers/off");
    schemas.words::<Off>("Benefit:spend_tiers/tiers/off");
}

fn check_stores(schemas: &mut Schemas) {
    schemas.fields::<StoreSettings>("StoreSettings");
    schemas.kinds::<PricePolicy>("StoreSettings/price_policy");
    schemas.kinds::<HoldPolicy>("StoreSettings/hold_policy");
    schemas.kinds::<StockShown>("StoreSettings/stock_shown");
    schemas.words::<FirstOrderNeeds>("StoreSettings/first_order_needs");
    schemas.fields::<ManualMethod>("StoreSettings/manual_methods");
    schemas.words::<ManualKind>("ManualMethod/kind");
    schemas.words::<PlaceOrder>("ManualMethod/place");
    schemas.words::<TaxElsewhere>("StoreSettings/tax_elsewhere");
    schemas.fields::<CheckoutNeeds>("StoreSettings/checkout_needs");
    schemas.words::<UnavailableLines>("StoreSettings/unavailable_lines");
    schemas.fields::<Destination>("StoreSettings/home");
    schemas.words::<PaymentCapture>("StoreSettings/payment_capture");
    schemas.fields::<PricingPolicy>("StoreSettings/pricing");
    schemas.fields::<RecoverySettings>("StoreSettings/recovery");
    schemas.fields::<QuietHours>("StoreSettings/recovery/quiet_hours");
    schemas.words::<GuestConsent>("StoreSettings/recovery/guest_consent");
    schemas.fields::<Retention>("StoreSettings/retention");
    for setting in schemas.names("PricingPolicy") {
        let path = format!("PricingPolicy/{setting}");
        let probe = json!({&setting: "?"});
        match refusal::<PricingPolicy>(&probe).starts_with("unknown variant") {
            true => schemas.has(&path, known::<PricingPolicy>(probe)),
            false => schemas.has(&path, Names::new()),
        }
    }
    schemas.fields::<ShippingMethod>("ShippingMethodDefinition");
    schemas.fields::<EstimatedDays>("ShippingMethodDefinition/estimated_days");
    schemas.kinds::<ShippingRate>("ShippingMethodDefinition/rate");
    schemas.fields::<WeightBand>("ShippingRate:weight/bands");
    schemas.fields::<ValueBand>("ShippingRate:order_value/bands");
    schemas.fields::<Zone>("ShippingMethodDefinition/zones");
    schemas.fields::<TaxRate>("TaxRateDefinition");
    schemas.fields::<Zone>("TaxRateDefinition/zone");
    schemas.words::<TaxedThings>("TaxRateDefinition/applies_to");
}
