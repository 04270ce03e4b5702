//! From what operators send about products and variants to what the engine is told.

use cartwright_domain::catalogue::STANDARD;
use cartwright_domain::command::{self, Merge, ProductDraft, VariantChange, VariantDraft};
use cartwright_domain::money::Currency;
use cartwright_domain::store::{HoldPolicy, PricePolicy};
use cartwright_wire as wire;
use cartwright_wire::{Patch, ProductInput, ProductPatch, VariantInput, VariantPatch, plain_handle};
use std::collections::BTreeMap;

pub(super) fn draft_of(product: ProductInput, stock: wire::StockRule, currency: Currency) -> ProductDraft {
    ProductDraft {
        handle: normal(product.handle),
        name: product.name,
        active: product.active,
        tags: product.tags.or_unset(Vec::new()),
        tax_category: product.tax_category.or_unset(STANDARD.to_owned()),
        price_policy: policy_of(product.price_policy),
        hold_policy: hold_policy_of(product.hold_policy),
        description: product.description.or_unset(String::new()),
        vendor: product.vendor.or_unset(String::new()),
        images: product.images.or_unset(Vec::new()),
        variants: product.variants.into_iter().map(|variant| variant_of(variant, currency)).collect(),
        stock: match stock {
            wire::StockRule::Set => command::StockRule::Set,
            wire::StockRule::Add => command::StockRule::Add,
            wire::StockRule::Leave => command::StockRule::Leave,
        },
    }
}

/// A handle that was checked, in its one form.
fn normal(handle: String) -> String {
    plain_handle(&handle).unwrap_or(handle)
}

fn policy_of(policy: Patch<wire::PricePolicy>) -> Option<Option<PricePolicy>> {
    let policy = policy.map(|policy| match policy {
        wire::PricePolicy::Latest {} => PricePolicy::Latest {},
        wire::PricePolicy::Captured { minutes } => PricePolicy::Captured { minutes },
    });
    policy.map(Some).or_unset(None)
}

fn hold_policy_of(policy: Patch<wire::HoldPolicy>) -> Option<Option<HoldPolicy>> {
    let policy = policy.map(|policy| match policy {
        wire::HoldPolicy::AtCheckout {} => HoldPolicy::AtCheckout {},
        wire::HoldPolicy::AtAdd { minutes, max_units } => HoldPolicy::AtAdd { minutes, max_units },
    });
    policy.map(Some).or_unset(None)
}

fn variant_of(variant: VariantInput, currency: Currency) -> VariantDraft {
    let own = variant.min_unit_price.map(|floor| (currency.code().to_owned(), floor));
    let mut floors = variant.min_unit_prices.or_unset(BTreeMap::new());
    if let Some((code, floor)) = own {
        floors.get_or_insert_default().insert(code, floor);
    }
    VariantDraft {
        sku: variant.sku,
        sku_is_derived: variant.derived_sku,
        attributes: variant.attributes.or_unset(BTreeMap::new()),
        price: variant.price,
        prices: variant.prices.or_unset(BTreeMap::new()),
        floors,
        weight_grams: variant.weight_grams.or_unset(0),
        track_stock: variant.track_stock,
        requires_shipping: variant.requires_shipping,
        active: variant.active,
        on_hand: variant.on_hand,
    }
}

pub(super) fn product_change(handle: String, patch: ProductPatch) -> command::ProductChange {
    let draft = ProductDraft {
        handle,
        name: patch.name,
        active: patch.active,
        tags: patch.tags.or_unset(Vec::new()),
        tax_category: patch.tax_category.or_unset(STANDARD.to_owned()),
        price_policy: policy_of(patch.price_policy),
        hold_policy: hold_policy_of(patch.hold_policy),
        description: patch.description.or_unset(String::new()),
        vendor: patch.vendor.or_unset(String::new()),
        images: patch.images.or_unset(Vec::new()),
        ..ProductDraft::default()
    };
    command::ProductChange { draft, handle: patch.handle.map(normal) }
}

pub(super) fn variant_change(sku: String, patch: VariantPatch) -> VariantChange {
    VariantChange {
        sku,
        new_sku: patch.sku,
        attributes: merge_of(patch.attributes),
        price: patch.price,
        prices: merge_of(patch.prices),
        floors: merge_of(patch.min_unit_prices),
        weight_grams: patch.weight_grams.or_unset(0),
        track_stock: patch.track_stock,
        requires_shipping: patch.requires_shipping,
        active: patch.active,
    }
}

fn merge_of<V>(patch: Patch<BTreeMap<String, Option<V>>>) -> Option<Merge<V>> {
    patch.map(Merge::Entries).or_unset(Merge::Clear)
}
