//! Decisions about products and variants that are there: another handle or SKU, off the shelf, gone. What is gone stays on
//! record for the orders, carts and ledger entries that name it; nobody finds it, and its name is free.

use super::catalogue::{
    AMOUNT, Own, by_handle, need_handle, need_product, policy_error, price_range, write_product, write_variants,
};
use super::config::note_priced_in;
use crate::catalogue::{CatalogueState, Product, Variant};
use crate::command::{Merge, ProductChange, Reply, StockDone, Upserted, VariantChange};
use crate::money::{Currency, MOST_AMOUNT};
use crate::refusal::{FieldError, Refusal};
use crate::working_set::{Keys, WorkingSet};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) fn need_change(change: &ProductChange, set: &WorkingSet, keys: &mut Keys) {
    need_handle(&change.draft.handle, set, keys);
    if let Some(handle) = &change.handle {
        need_handle(handle, set, keys);
    }
}

pub(super) fn need_variant_change(change: &VariantChange, set: &WorkingSet, keys: &mut Keys) {
    need_sku(&change.sku, set, keys);
    if let Some(sku) = &change.new_sku {
        super::stock::need_sku(sku, set, keys);
    }
}

/// The variant of an SKU, and its whole product.
pub(super) fn need_sku(sku: &str, set: &WorkingSet, keys: &mut Keys) {
    super::stock::need_sku(sku, set, keys);
    let sku = sku.to_owned();
    let id = if set.skus.knows(&sku) { set.skus.get(&sku).map(|id| **id) } else { None };
    let Some(id) = id.filter(|id| set.variants.knows(id)) else { return };
    if let Some(variant) = set.variants.get(&id) {
        need_product(variant.product_id, set, keys);
    }
}

fn product_of(sku: &str, set: &WorkingSet) -> Result<(Arc<Variant>, Arc<Product>), Refusal> {
    let found = set.skus.get(&sku.to_owned()).and_then(|id| set.variants.get(id)).cloned();
    let found = found.and_then(|variant| Some((variant.clone(), set.products.get(&variant.product_id)?.clone())));
    found.ok_or_else(|| Refusal::SkuUnknown { sku: sku.to_owned() })
}

pub(super) fn change_product(change: &ProductChange, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let product = by_handle(&change.draft.handle, set).ok_or(Refusal::ProductNotFound)?;
    if let Some((field, reason)) = policy_error(&change.draft) {
        return Err(Refusal::Invalid(vec![FieldError { field, reason: reason.to_owned() }]));
    }
    let mut own = Own::of(&change.draft, Some(&product), set);
    if let Some(handle) = &change.handle {
        if set.handles.get(handle).is_some_and(|id| **id != product.id) {
            return Err(Refusal::Conflict { detail: format!("The handle `{handle}` belongs to another product.") });
        }
        own.handle.clone_from(handle);
    }
    if own.handle != product.handle {
        set.redirect(&product.handle, product.id);
    }
    let changed = write_variants(product.id, &own, &HashMap::new(), &product.variants, set);
    let outcome = write_product(product.id, Some(&product), own, product.variants.clone(), changed, set);
    Ok(Reply::Product(product.id, outcome, StockDone::default()))
}

pub(super) fn change_variant(change: &VariantChange, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let (old, product) = product_of(&change.sku, set)?;
    let currency = set.config.store.currency;
    let mut variant = (*old).clone();
    if let Some(sku) = change.new_sku.as_ref().filter(|sku| **sku != old.sku) {
        if set.skus.get(sku).is_some() {
            return Err(Refusal::Conflict { detail: format!("The SKU `{sku}` belongs to another variant.") });
        }
        variant.sku.clone_from(sku);
    }
    variant.attributes = merged(&change.attributes, variant.attributes);
    variant.price = change.price.unwrap_or(variant.price);
    variant.prices = merged(&change.prices, variant.prices);
    variant.prices.remove(currency.code());
    variant.floors = merged(&change.floors, variant.floors);
    variant.weight_grams = change.weight_grams.unwrap_or(variant.weight_grams);
    variant.track_stock = change.track_stock.unwrap_or(variant.track_stock);
    variant.requires_shipping = change.requires_shipping.unwrap_or(variant.requires_shipping);
    variant.state = change.active.map_or(variant.state, CatalogueState::of);
    variant.active = product.state == CatalogueState::On && variant.state == CatalogueState::On;
    check(&variant)?;
    note_priced_in(variant.prices.keys().filter_map(|code| code.parse().ok()), set);
    if variant == *old {
        return Ok(Reply::Product(product.id, Upserted::Unchanged, StockDone::default()));
    }
    if variant.sku != old.sku {
        set.skus.forget(&old.sku);
        set.skus.put(variant.sku.clone(), variant.id);
    }
    set.variants.put(variant.id, variant);
    // What products are found by names their SKUs.
    set.products.put(product.id, (*product).clone());
    Ok(Reply::Product(product.id, Upserted::Updated, StockDone::default()))
}

fn merged<V: Clone>(merge: &Option<Merge<V>>, map: BTreeMap<String, V>) -> BTreeMap<String, V> {
    merge.as_ref().map(|merge| merge.of(&map)).unwrap_or(map)
}

fn check(variant: &Variant) -> Result<(), Refusal> {
    let mut errors = Vec::new();
    let mut error = |field: String, reason: &str| errors.push(FieldError { field, reason: reason.to_owned() });
    if !(0..=MOST_AMOUNT).contains(&variant.price) {
        error("price".to_owned(), &price_range());
    }
    for (name, amounts) in [("prices", &variant.prices), ("min_unit_prices", &variant.floors)] {
        for (code, amount) in amounts {
            if code.parse::<Currency>().is_err() || !(0..=MOST_AMOUNT).contains(amount) {
                error(format!("{name}.{code}"), AMOUNT);
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}

pub(super) fn delete_product(handle: &String, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    // Under a name that it no longer has, a product is shown, but not removed.
    let product = by_handle(handle, set).filter(|product| product.handle == *handle).ok_or(Refusal::ProductNotFound)?;
    for id in &product.variants {
        if let Some(variant) = set.variants.get(id).cloned() {
            forget_variant(&variant, set);
        }
    }
    set.handles.forget(&product.handle);
    set.products
        .put(product.id, Product { state: CatalogueState::Deleted, variants: Vec::new(), ..(*product).clone() });
    Ok(Reply::Done)
}

pub(super) fn delete_variant(sku: &str, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let (variant, product) = product_of(sku, set)?;
    let variants: Vec<_> = product.variants.iter().copied().filter(|id| *id != variant.id).collect();
    if variants.is_empty() {
        let handle = &product.handle;
        let detail =
            format!("`{sku}` is the last variant of `{handle}`: delete the product, or switch the variant off.");
        return Err(Refusal::Conflict { detail });
    }
    forget_variant(&variant, set);
    set.products.put(product.id, Product { variants, ..(*product).clone() });
    Ok(Reply::Done)
}

fn forget_variant(variant: &Variant, set: &mut WorkingSet) {
    set.skus.forget(&variant.sku);
    let gone = Variant { state: CatalogueState::Deleted, active: false, ..variant.clone() };
    set.variants.put(variant.id, gone);
}
