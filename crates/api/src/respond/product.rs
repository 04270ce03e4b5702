//! Products with their variants, for shoppers and for operators.

use super::{Audience, MoneyForm};
use crate::locale::Locale;
use cartwright_domain::catalogue::{CatalogueState, Variant};
use cartwright_domain::stock::Stock;
use cartwright_domain::store::{HoldPolicy, PricePolicy, StockShown, Store};
use cartwright_engine::{InCarts, ProductListing};
use cartwright_wire as wire;

/// A product as the wire shows it. Units on hand and reserved are the operators' alone.
pub(crate) fn product_of(
    listing: &ProductListing,
    store: &Store,
    audience: Audience,
    locale: Option<&Locale>,
    in_carts: Option<&InCarts>,
) -> wire::Product {
    let product = &listing.product;
    let form = MoneyForm::new(store.currency, locale);
    let shown = if audience == Audience::Operator { StockShown::Exact {} } else { store.settings.stock_shown };
    // Tags and tax category are kept with the variants, which inherit them from the product.
    let first = listing.variants.first().map(|(variant, _)| variant);
    wire::Product {
        id: product.id.0,
        handle: product.handle.clone(),
        name: product.name.clone(),
        description: product.detail.description.clone(),
        vendor: product.detail.vendor.clone(),
        tags: first.map(|variant| variant.tags.clone()).unwrap_or_default(),
        active: product.state == CatalogueState::On,
        tax_category: first.map(|variant| variant.tax_category.clone()).unwrap_or_default(),
        price_policy: first.and_then(|variant| variant.price_policy).map(policy_of),
        hold_policy: first.and_then(|variant| variant.hold_policy).map(hold_policy_of),
        images: product.detail.images.clone(),
        variants: listing
            .variants
            .iter()
            .filter(|(variant, _)| audience == Audience::Operator || variant.active)
            .map(|(variant, stock)| {
                let in_other_carts = in_carts.map(|units| units.get(&variant.id).copied().unwrap_or(0));
                wire::Variant { in_other_carts, ..variant_of(variant, *stock, (audience, shown), &form, locale) }
            })
            .collect(),
    }
}

fn policy_of(policy: PricePolicy) -> wire::PricePolicy {
    match policy {
        PricePolicy::Latest {} => wire::PricePolicy::Latest {},
        PricePolicy::Captured { minutes } => wire::PricePolicy::Captured { minutes },
    }
}

fn hold_policy_of(policy: HoldPolicy) -> wire::HoldPolicy {
    match policy {
        HoldPolicy::AtCheckout {} => wire::HoldPolicy::AtCheckout {},
        HoldPolicy::AtAdd { minutes, max_units } => wire::HoldPolicy::AtAdd { minutes, max_units },
    }
}

fn variant_of(
    variant: &Variant,
    stock: Stock,
    (audience, shown): (Audience, StockShown),
    form: &MoneyForm,
    locale: Option<&Locale>,
) -> wire::Variant {
    let in_currency = |(code, price): (&String, &i64)| Some(MoneyForm::new(code.parse().ok()?, locale).money(*price));
    let told = audience == Audience::Operator;
    wire::Variant {
        id: variant.id.0,
        sku: variant.sku.clone(),
        attributes: variant.attributes.clone(),
        price: form.money(variant.price),
        prices: variant.prices.iter().filter_map(in_currency).collect(),
        min_unit_prices: variant.floors.iter().filter(|_| told).filter_map(in_currency).collect(),
        weight_grams: variant.weight_grams,
        track_stock: variant.track_stock,
        requires_shipping: variant.requires_shipping,
        active: variant.state == CatalogueState::On,
        available: shown.number(stock.available()),
        in_stock: !variant.track_stock || stock.available() > 0,
        in_other_carts: None,
        on_hand: told.then_some(stock.on_hand),
        reserved: told.then_some(stock.reserved),
    }
}
