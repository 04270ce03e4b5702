//! What requests about products, prices and stock must be.

use super::body::Request;
use super::check::{Check, is_handle};
use cartwright_domain::money::MOST_AMOUNT;
use cartwright_domain::stock::MAX_ON_HAND;
use cartwright_wire::{
    AdjustStock, AdjustmentKind, HoldPolicy, PricePolicy, ProductInput, SetPrices, UpsertProducts, VariantInput,
};

const HEAVIEST_GRAMS: i64 = 100_000_000;

impl Request for UpsertProducts {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("products", self.products.len(), 1..=500);
        for (index, product) in self.products.iter().enumerate() {
            check_product(product, &format!("products[{index}]"), check);
        }
    }
}

fn check_product(product: &ProductInput, at: &str, check: &mut Check) {
    check.text(&format!("{at}.handle"), &product.handle, 1..=200);
    let plain = is_handle(&product.handle, b"._-");
    check.expect(plain, || format!("{at}.handle"), "must consist of lower-case letters, digits, `-`, `_` and `.`");
    check.text(&format!("{at}.name"), &product.name, 1..=500);
    check.text(&format!("{at}.description"), &product.description, 0..=20_000);
    check.text(&format!("{at}.vendor"), &product.vendor, 0..=200);
    check.text(&format!("{at}.tax_category"), &product.tax_category, 1..=100);
    if let Some(PricePolicy::Captured { minutes }) = product.price_policy {
        check.number(&format!("{at}.price_policy.minutes"), i64::from(minutes), 1..=525_600);
    }
    if let Some(HoldPolicy::AtAdd { minutes, max_units }) = product.hold_policy {
        check.number(&format!("{at}.hold_policy.minutes"), i64::from(minutes), 1..=10_080);
        check.number(&format!("{at}.hold_policy.max_units"), i64::from(max_units), 1..=99_999);
    }
    check.items(&format!("{at}.tags"), product.tags.len(), 0..=100);
    for (index, tag) in product.tags.iter().enumerate() {
        check.text(&format!("{at}.tags[{index}]"), tag, 0..=200);
    }
    check.items(&format!("{at}.images"), product.images.len(), 0..=250);
    for (index, image) in product.images.iter().enumerate() {
        check.text(&format!("{at}.images[{index}]"), image, 0..=2000);
    }
    check.items(&format!("{at}.variants"), product.variants.len(), 1..=250);
    for (index, variant) in product.variants.iter().enumerate() {
        check_variant(variant, &format!("{at}.variants[{index}]"), check);
    }
}

fn check_variant(variant: &VariantInput, at: &str, check: &mut Check) {
    check.sku(&format!("{at}.sku"), &variant.sku);
    check.entries(&format!("{at}.attributes"), &variant.attributes);
    check.number(&format!("{at}.price"), variant.price, 0..=MOST_AMOUNT);
    for (currency, price) in &variant.prices {
        check.currency(&format!("{at}.prices.{currency}"), currency);
        check.number(&format!("{at}.prices.{currency}"), *price, 0..=MOST_AMOUNT);
    }
    if let Some(floor) = variant.min_unit_price {
        check.number(&format!("{at}.min_unit_price"), floor, 0..=MOST_AMOUNT);
    }
    for (currency, floor) in &variant.min_unit_prices {
        check.currency(&format!("{at}.min_unit_prices.{currency}"), currency);
        check.number(&format!("{at}.min_unit_prices.{currency}"), *floor, 0..=MOST_AMOUNT);
    }
    check.number(&format!("{at}.weight_grams"), variant.weight_grams, 0..=HEAVIEST_GRAMS);
    if let Some(on_hand) = variant.on_hand {
        check.number(&format!("{at}.on_hand"), on_hand, 0..=MAX_ON_HAND);
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
