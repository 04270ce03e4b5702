//! Decisions of operators about products and prices.

use super::Context;
use super::cart::need_variant;
use super::config::note_priced_in;
use crate::catalogue::{Product, Variant};
use crate::command::{ProductDraft, Reply, Upserted, VariantDraft};
use crate::id::{ProductId, VariantId};
use crate::money::{Currency, MOST_AMOUNT};
use crate::refusal::{FieldError, Refusal};
use crate::stock::{Cause, MAX_ON_HAND, Movement, Reference};
use crate::working_set::{Keys, WorkingSet};
use std::sync::Arc;

pub(super) fn need(draft: &ProductDraft, set: &WorkingSet, keys: &mut Keys) {
    for variant in &draft.variants {
        super::stock::need_sku(&variant.sku, set, keys);
    }
    if !set.handles.knows(&draft.handle) {
        keys.handles.insert(draft.handle.clone());
    } else if let Some(id) = set.handles.get(&draft.handle).map(|id| **id) {
        if !set.products.knows(&id) {
            keys.products.insert(id);
        } else if let Some(product) = set.products.get(&id) {
            product.variants.iter().for_each(|id| need_variant(*id, set, keys));
        }
    }
}

pub(super) fn upsert(draft: &ProductDraft, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let existing = set.handles.get(&draft.handle).map(|id| **id).and_then(|id| set.products.get(&id).cloned());
    check(draft, existing.as_deref(), set)?;
    let product_id = existing.as_ref().map_or_else(|| ProductId(context.ids.next_id()), |product| product.id);
    let mut order: Vec<VariantId> = existing.as_ref().map_or_else(Vec::new, |product| product.variants.clone());
    let mut changed = false;
    for variant in &draft.variants {
        let known = set.skus.get(&variant.sku).map(|id| **id);
        let id = known.unwrap_or_else(|| VariantId(context.ids.next_id()));
        if known.is_none() {
            order.push(id);
            set.skus.put(variant.sku.clone(), id);
            set.variants.load(id, None);
            set.stock.load(id, None);
        }
        changed |= set_stock(id, variant, set, context);
    }
    changed |= write_variants(product_id, draft, &order, set);
    let stated = draft.variants.iter().flat_map(|variant| variant.prices.keys());
    note_priced_in(stated.filter_map(|code| code.parse().ok()), set);
    let product = Product {
        id: product_id,
        handle: draft.handle.clone(),
        name: draft.name.clone(),
        active: draft.active,
        detail: draft.detail.clone(),
        variants: order,
    };
    let outcome = match existing {
        None => Upserted::Created,
        Some(old) if changed || *old != product => Upserted::Updated,
        Some(_) => return Ok(Reply::Product(product_id, Upserted::Unchanged)),
    };
    if outcome == Upserted::Created {
        set.handles.put(product.handle.clone(), product_id);
    }
    set.products.put(product_id, product);
    Ok(Reply::Product(product_id, outcome))
}

/// Writes every variant of the product whose own or inherited data changed; tells whether any did.
fn write_variants(product_id: ProductId, draft: &ProductDraft, order: &[VariantId], set: &mut WorkingSet) -> bool {
    let mut changed = false;
    for (position, id) in order.iter().enumerate() {
        let old: Option<Arc<Variant>> = set.variants.get(id).cloned();
        let stated =
            draft.variants.iter().find(|variant| set.skus.get(&variant.sku).is_some_and(|known| **known == *id));
        let new = match (&old, stated) {
            (_, Some(stated)) => variant(*id, product_id, draft, stated, position),
            (Some(old), None) => inherit((**old).clone(), draft, position),
            (None, None) => continue,
        };
        if old.as_deref() != Some(&new) {
            set.variants.put(*id, new);
            changed = true;
        }
    }
    changed
}

fn variant(
    id: VariantId,
    product_id: ProductId,
    draft: &ProductDraft,
    stated: &VariantDraft,
    position: usize,
) -> Variant {
    Variant {
        id,
        product_id,
        handle: draft.handle.clone(),
        product_name: draft.name.clone(),
        sku: stated.sku.clone(),
        attributes: stated.attributes.clone(),
        price: stated.price,
        prices: stated.prices.clone(),
        floors: stated.floors.clone(),
        weight_grams: stated.weight_grams,
        track_stock: stated.track_stock,
        active: draft.active,
        tags: draft.tags.clone(),
        tax_category: draft.tax_category.clone(),
        price_policy: draft.price_policy,
        hold_policy: draft.hold_policy,
        position: position as i64,
    }
}

/// A variant that the draft does not name keeps its own data and takes the product's.
fn inherit(mut variant: Variant, draft: &ProductDraft, position: usize) -> Variant {
    variant.product_name.clone_from(&draft.name);
    variant.active = draft.active;
    variant.tags.clone_from(&draft.tags);
    variant.tax_category.clone_from(&draft.tax_category);
    variant.price_policy = draft.price_policy;
    variant.hold_policy = draft.hold_policy;
    variant.position = position as i64;
    variant
}

fn set_stock(id: VariantId, stated: &VariantDraft, set: &mut WorkingSet, context: &Context) -> bool {
    let Some(target) = stated.on_hand else { return false };
    let delta = target - set.stock_of(id).on_hand;
    if delta == 0 {
        return false;
    }
    let reference = Reference::Reason("catalogue import".to_owned());
    let movement = Movement {
        variant_id: id,
        on_hand_delta: delta,
        reserved_delta: 0,
        cause: Cause::Count,
        reference,
        at: context.now,
    };
    set.move_stock(movement)
}

fn check(draft: &ProductDraft, existing: Option<&Product>, set: &WorkingSet) -> Result<(), Refusal> {
    let mut errors = Vec::new();
    let mut error = |field: String, reason: &str| errors.push(FieldError { field, reason: reason.to_owned() });
    if draft.variants.is_empty() {
        error("variants".to_owned(), "at least one is needed");
    }
    if let Some(reason) = draft.price_policy.and_then(crate::store::PricePolicy::error) {
        error("price_policy.minutes".to_owned(), reason);
    }
    if let Some((name, reason)) = draft.hold_policy.and_then(crate::store::HoldPolicy::error) {
        error(format!("hold_policy.{name}"), reason);
    }
    for (index, stated) in draft.variants.iter().enumerate() {
        let field = |name: &str| format!("variants[{index}].{name}");
        if draft.variants[..index].iter().any(|other| other.sku == stated.sku) {
            error(field("sku"), "stands twice in this product");
        }
        if !(0..=MOST_AMOUNT).contains(&stated.price) {
            error(field("price"), &price_range());
        }
        for (name, amounts) in [("prices", &stated.prices), ("min_unit_prices", &stated.floors)] {
            for (code, amount) in amounts {
                if code.parse::<Currency>().is_err() || !(0..=MOST_AMOUNT).contains(amount) {
                    error(
                        field(&format!("{name}.{code}")),
                        "must be an ISO 4217 code with an amount of 0 or more minor units",
                    );
                }
            }
        }
        let known = set.skus.get(&stated.sku).map(|id| **id);
        let owner = known.and_then(|id| set.variants.get(&id)).map(|variant| variant.product_id);
        if owner.is_some() && owner != existing.map(|product| product.id) {
            error(field("sku"), "belongs to another product");
        }
        let reserved = known.map_or(0, |id| set.stock_of(id).reserved);
        if stated.on_hand.is_some_and(|on_hand| on_hand < reserved || on_hand > MAX_ON_HAND) {
            error(field("on_hand"), "must not be below what is reserved, nor above 1000000000");
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}

fn price_range() -> String {
    format!("must be between 0 and {MOST_AMOUNT} minor units")
}

pub(super) fn set_prices(prices: &[(String, Option<String>, i64)], set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let mut planned = Vec::new();
    for (index, (sku, currency, price)) in prices.iter().enumerate() {
        let known = set.skus.get(sku).map(|id| **id).filter(|id| set.variants.get(id).is_some());
        let id = known.ok_or_else(|| Refusal::SkuUnknown { sku: sku.clone() })?;
        let invalid = |name: &str, reason: &str| {
            Refusal::Invalid(vec![FieldError { field: format!("prices[{index}].{name}"), reason: reason.to_owned() }])
        };
        if !(0..=MOST_AMOUNT).contains(price) {
            return Err(invalid("price", &price_range()));
        }
        let currency = match currency {
            Some(code) => code.parse::<Currency>().map_err(|_| invalid("currency", "is not an ISO 4217 code"))?,
            None => set.config.store.currency,
        };
        planned.push((id, currency, *price));
    }
    let store_currency = set.config.store.currency;
    note_priced_in(planned.iter().map(|(_, currency, _)| *currency), set);
    for (id, currency, price) in planned {
        let same = set.variants.get(&id).and_then(|variant| variant.price_in(currency, store_currency)) == Some(price);
        if same {
            continue;
        }
        let Some(variant) = set.variants.edit(&id) else { continue };
        if currency == store_currency {
            variant.price = price;
        } else {
            variant.prices.insert(currency.code().to_owned(), price);
        }
    }
    Ok(Reply::Done)
}
