//! What requests about products, prices and stock must be.

use super::body::Request;
use super::check::Check;
use cartwright_domain::catalogue::MOST_VARIANTS;
use cartwright_domain::money::MOST_AMOUNT;
use cartwright_domain::stock::MAX_ON_HAND;
use cartwright_wire::{
    AdjustStock, AdjustmentKind, HoldPolicy, ImportProducts, Patch, PricePolicy, ProductInput, ProductPatch, SetPrices,
    UpsertProducts, VariantInput, VariantPatch, plain_handle,
};

// What clients are told is what the shop counts with.
const _: () = assert!(cartwright_wire::MOST_AMOUNT == MOST_AMOUNT);

const HEAVIEST_GRAMS: i64 = 100_000_000;

impl Request for UpsertProducts {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check_products(&self.products, check);
        for (index, product) in self.products.iter().enumerate() {
            let at = format!("products[{index}]");
            check.expect(product.name.is_some(), || format!("{at}.name"), "is needed");
            check.items(&format!("{at}.variants"), product.variants.len(), 1..=MOST_VARIANTS);
            for (index, variant) in product.variants.iter().enumerate() {
                check.expect(variant.price.is_some(), || format!("{at}.variants[{index}].price"), "is needed");
            }
        }
    }
}

impl Request for ImportProducts {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check_products(&self.products, check);
    }
}

fn check_products(products: &[ProductInput], check: &mut Check) {
    check.items("products", products.len(), 1..=500);
    for (index, product) in products.iter().enumerate() {
        check_product(product, &format!("products[{index}]"), check);
    }
}

fn check_product(product: &ProductInput, at: &str, check: &mut Check) {
    check_handle(&format!("{at}.handle"), &product.handle, check);
    check.optional_text(&format!("{at}.name"), product.name.as_deref(), 1..=500);
    check_texts(&format!("{at}."), [&product.description, &product.vendor, &product.tax_category], check);
    check_policies(&format!("{at}."), product.price_policy.as_set(), product.hold_policy.as_set(), check);
    check_lists(&format!("{at}."), product.tags.as_set(), product.images.as_set(), check);
    check.items(&format!("{at}.variants"), product.variants.len(), 0..=MOST_VARIANTS);
    for (index, variant) in product.variants.iter().enumerate() {
        check_variant(variant, &format!("{at}.variants[{index}]"), check);
    }
}

fn check_handle(at: &str, handle: &str, check: &mut Check) {
    check.text(at, handle, 1..=200);
    let expected = "must consist of letters of any script (no ASCII capitals), digits, `-`, `_` and `.`";
    check.expect(plain_handle(handle).is_some(), || at.to_owned(), expected);
}

fn check_texts(at: &str, [description, vendor, category]: [&Patch<String>; 3], check: &mut Check) {
    check.optional_text(&format!("{at}description"), description.as_set().map(String::as_str), 0..=20_000);
    check.optional_text(&format!("{at}vendor"), vendor.as_set().map(String::as_str), 0..=200);
    check.optional_text(&format!("{at}tax_category"), category.as_set().map(String::as_str), 1..=100);
}

fn check_policies(at: &str, price: Option<&PricePolicy>, hold: Option<&HoldPolicy>, check: &mut Check) {
    if let Some(PricePolicy::Captured { minutes }) = price {
        check.number(&format!("{at}price_policy.minutes"), i64::from(*minutes), 1..=525_600);
    }
    if let Some(HoldPolicy::AtAdd { minutes, max_units }) = hold {
        check.number(&format!("{at}hold_policy.minutes"), i64::from(*minutes), 1..=10_080);
        check.number(&format!("{at}hold_policy.max_units"), i64::from(*max_units), 1..=99_999);
    }
}

fn check_lists(at: &str, tags: Option<&Vec<String>>, images: Option<&Vec<String>>, check: &mut Check) {
    for (name, list, most, longest) in [("tags", tags, 100, 200), ("images", images, 250, 2000)] {
        let list = list.map(Vec::as_slice).unwrap_or_default();
        check.items(&format!("{at}{name}"), list.len(), 0..=most);
        for (index, text) in list.iter().enumerate() {
            check.text(&format!("{at}{name}[{index}]"), text, 0..=longest);
        }
    }
}

fn check_variant(variant: &VariantInput, at: &str, check: &mut Check) {
    check.sku(&format!("{at}.sku"), &variant.sku);
    if let Some(attributes) = variant.attributes.as_set() {
        check.entries(&format!("{at}.attributes"), attributes);
    }
    for (name, amount) in [("price", variant.price), ("min_unit_price", variant.min_unit_price)] {
        check_amount(&format!("{at}.{name}"), amount, check);
    }
    for (name, amounts) in [("prices", &variant.prices), ("min_unit_prices", &variant.min_unit_prices)] {
        for (currency, amount) in amounts.as_set().into_iter().flatten() {
            check.currency(&format!("{at}.{name}.{currency}"), currency);
            check_amount(&format!("{at}.{name}.{currency}"), Some(*amount), check);
        }
    }
    if let Some(grams) = variant.weight_grams.as_set() {
        check.number(&format!("{at}.weight_grams"), *grams, 0..=HEAVIEST_GRAMS);
    }
    if let Some(on_hand) = variant.on_hand {
        check.number(&format!("{at}.on_hand"), on_hand, 0..=MAX_ON_HAND);
    }
}

fn check_amount(at: &str, amount: Option<i64>, check: &mut Check) {
    if let Some(amount) = amount {
        check.number(at, amount, 0..=MOST_AMOUNT);
    }
}

impl Request for ProductPatch {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(handle) = &self.handle {
            check_handle("handle", handle, check);
        }
        check.optional_text("name", self.name.as_deref(), 1..=500);
        check_texts("", [&self.description, &self.vendor, &self.tax_category], check);
        check_policies("", self.price_policy.as_set(), self.hold_policy.as_set(), check);
        check_lists("", self.tags.as_set(), self.images.as_set(), check);
    }
}

impl Request for VariantPatch {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(sku) = &self.sku {
            check.sku("sku", sku);
        }
        let attributes = self.attributes.as_set().into_iter().flatten();
        let attributes = attributes.map(|(name, value)| (name.clone(), value.clone().unwrap_or_default()));
        check.entries("attributes", &attributes.collect());
        check_amount("price", self.price, check);
        for (name, amounts) in [("prices", &self.prices), ("min_unit_prices", &self.min_unit_prices)] {
            for (currency, amount) in amounts.as_set().into_iter().flatten() {
                check.currency(&format!("{name}.{currency}"), currency);
                check_amount(&format!("{name}.{currency}"), *amount, check);
            }
        }
        if let Some(grams) = self.weight_grams.as_set() {
            check.number("weight_grams", *grams, 0..=HEAVIEST_GRAMS);
        }
    }
}

impl Request for SetPrices {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("prices", self.prices.len(), 1..=1000);
        for (index, price) in self.prices.iter().enumerate() {
            check.sku(&format!("prices[{index}].sku"), &price.sku);
            check.number(&format!("prices[{index}].price"), price.price, 0..=MOST_AMOUNT);
            if let Some(currency) = &price.currency {
                check.currency(&format!("prices[{index}].currency"), currency);
            }
        }
    }
}

impl Request for AdjustStock {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("adjustments", self.adjustments.len(), 1..=1000);
        for (index, change) in self.adjustments.iter().enumerate() {
            check.sku(&format!("adjustments[{index}].sku"), &change.sku);
            let range = match change.kind {
                AdjustmentKind::Receive | AdjustmentKind::Return => 1..=MAX_ON_HAND,
                AdjustmentKind::Count => 0..=MAX_ON_HAND,
                AdjustmentKind::Adjust => -MAX_ON_HAND..=MAX_ON_HAND,
            };
            check.number(&format!("adjustments[{index}].quantity"), change.quantity, range);
            let idle = change.kind == AdjustmentKind::Adjust && change.quantity == 0;
            check.expect(!idle, || format!("adjustments[{index}].quantity"), "must not be 0");
            check.text(&format!("adjustments[{index}].reason"), &change.reason, 1..=500);
        }
    }
}
