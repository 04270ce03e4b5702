//! Decisions of operators about products and prices. What a draft does not state stays as it was.

use super::Context;
use super::cart::need_variant;
use super::config::note_priced_in;
use crate::catalogue::{CatalogueState, MOST_VARIANTS, Product, ProductDetail, STANDARD, Variant};
use crate::command::{ProductDraft, Reply, StockDone, StockRule, Upserted, VariantDraft};
use crate::id::{ProductId, VariantId};
use crate::money::{Currency, MOST_AMOUNT};
use crate::refusal::{FieldError, Refusal};
use crate::stock::{Cause, MAX_ON_HAND, Movement, Reference};
use crate::store::{HoldPolicy, PricePolicy};
use crate::working_set::{Keys, WorkingSet};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

pub(super) fn need(draft: &ProductDraft, set: &WorkingSet, keys: &mut Keys) {
    for variant in &draft.variants {
        super::stock::need_sku(&variant.sku, set, keys);
    }
    need_handle(&draft.handle, set, keys);
}

/// The product that has this handle, or had it once, with all its variants.
pub(super) fn need_handle(handle: &String, set: &WorkingSet, keys: &mut Keys) {
    if !set.handles.knows(handle) {
        keys.handles.insert(handle.clone());
    } else if let Some(id) = set.handles.get(handle).or_else(|| set.old_handles.get(handle)) {
        need_product(**id, set, keys);
    }
}

pub(super) fn need_product(id: ProductId, set: &WorkingSet, keys: &mut Keys) {
    if !set.products.knows(&id) {
        keys.products.insert(id);
    } else if let Some(product) = set.products.get(&id) {
        product.variants.iter().for_each(|id| need_variant(*id, set, keys));
    }
}

/// The product that has this handle, or had it last, unless it is gone.
pub(super) fn by_handle(handle: &String, set: &WorkingSet) -> Option<Arc<Product>> {
    let id = set.handles.get(handle).or_else(|| set.old_handles.get(handle))?;
    set.products.get(id).filter(|product| product.state != CatalogueState::Deleted).cloned()
}

/// The product that a draft is about. Under a handle that it once had a product is found as long as the draft names one of its
/// variants; otherwise a new product takes the handle.
fn meant(draft: &ProductDraft, set: &WorkingSet) -> Option<Arc<Product>> {
    let found = by_handle(&draft.handle, set)?;
    let names_it = |stated: &VariantDraft| set.skus.get(&stated.sku).is_some_and(|id| found.variants.contains(id));
    (found.handle == draft.handle || draft.variants.iter().any(names_it)).then_some(found)
}

pub(super) fn upsert(draft: &ProductDraft, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let existing = meant(draft, set);
    let known: Vec<Option<VariantId>> =
        draft.variants.iter().map(|stated| known(stated, existing.as_deref(), set)).collect();
    check(draft, existing.as_deref(), &known, set)?;
    let product_id = existing.as_ref().map_or_else(|| ProductId(context.ids.next_id()), |product| product.id);
    let own = Own::of(draft, existing.as_deref(), set);
    let mut order: Vec<VariantId> = existing.as_ref().map_or_else(Vec::new, |product| product.variants.clone());
    let mut stated = HashMap::with_capacity(draft.variants.len());
    let mut stock = StockDone::default();
    let mut changed = false;
    for (variant, known) in draft.variants.iter().zip(known) {
        let id = known.unwrap_or_else(|| VariantId(context.ids.next_id()));
        if known.is_none() {
            order.push(id);
            set.skus.put(variant.sku.clone(), id);
            set.variants.load(id, None);
            set.stock.load(id, None);
        }
        changed |= set_stock(id, variant.on_hand, (known.is_none(), draft.stock), &mut stock, set, context);
        stated.insert(id, variant);
    }
    changed |= write_variants(product_id, &own, &stated, &order, set);
    let priced_in = draft.variants.iter().flat_map(|variant| variant.prices.iter().flat_map(BTreeMap::keys));
    note_priced_in(priced_in.filter_map(|code| code.parse().ok()), set);
    let outcome = write_product(product_id, existing.as_deref(), own, order, changed, set);
    Ok(Reply::Product(product_id, outcome, stock))
}

/// Writes the product, if it or one of its variants changed.
pub(super) fn write_product(
    id: ProductId,
    existing: Option<&Product>,
    own: Own,
    variants: Vec<VariantId>,
    changed: bool,
    set: &mut WorkingSet,
) -> Upserted {
    let Own { handle, name, state, detail, .. } = own;
    let product = Product { id, handle, name, state, detail, variants };
    let outcome = match existing {
        None => Upserted::Created,
        Some(old) if changed || *old != product => Upserted::Updated,
        Some(_) => return Upserted::Unchanged,
    };
    if existing.is_none_or(|old| old.handle != product.handle) {
        set.take_handle(&product.handle, id);
    }
    set.products.put(id, product);
    outcome
}

/// The variant of the store that is meant, if it is there already.
fn known(stated: &VariantDraft, existing: Option<&Product>, set: &WorkingSet) -> Option<VariantId> {
    let by_sku = || set.skus.get(&stated.sku).map(|id| **id);
    let Some(product) = existing.filter(|_| stated.sku_is_derived) else { return by_sku() };
    let alike = |id: &&VariantId| match &stated.attributes {
        Some(attributes) => set.variants.get(id).is_some_and(|variant| variant.attributes == *attributes),
        None => product.variants.len() == 1,
    };
    product.variants.iter().find(alike).copied().or_else(by_sku)
}

/// What is the product's own, and what its variants inherit.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) handle: String,
    name: String,
    state: CatalogueState,
    tags: Vec<String>,
    tax_category: String,
    price_policy: Option<PricePolicy>,
    hold_policy: Option<HoldPolicy>,
    detail: ProductDetail,
}

impl Own {
    /// As it was, or as new products are, and as the draft states.
    pub(super) fn of(draft: &ProductDraft, existing: Option<&Product>, set: &WorkingSet) -> Own {
        let first = existing.and_then(|product| product.variants.first()).and_then(|id| set.variants.get(id));
        let was = existing.map(|product| product.detail.clone()).unwrap_or_default();
        Own {
            handle: existing.map_or_else(|| draft.handle.clone(), |product| product.handle.clone()),
            name: draft.name.clone().or_else(|| existing.map(|product| product.name.clone())).unwrap_or_default(),
            state: draft.active.map(CatalogueState::of).or(existing.map(|product| product.state)).unwrap_or_default(),
            tags: draft.tags.clone().or_else(|| first.map(|variant| variant.tags.clone())).unwrap_or_default(),
            tax_category: (draft.tax_category.clone())
                .or_else(|| first.map(|variant| variant.tax_category.clone()))
                .unwrap_or_else(|| STANDARD.to_owned()),
            price_policy: draft.price_policy.unwrap_or_else(|| first.and_then(|variant| variant.price_policy)),
            hold_policy: draft.hold_policy.unwrap_or_else(|| first.and_then(|variant| variant.hold_policy)),
            detail: ProductDetail {
                description: draft.description.clone().unwrap_or(was.description),
                vendor: draft.vendor.clone().unwrap_or(was.vendor),
                images: draft.images.clone().unwrap_or(was.images),
            },
        }
    }

    /// The variant as one of this product.
    fn inherited_by(&self, mut variant: Variant, position: usize) -> Variant {
        variant.handle.clone_from(&self.handle);
        variant.product_name.clone_from(&self.name);
        variant.active = self.state == CatalogueState::On && variant.state == CatalogueState::On;
        variant.tags.clone_from(&self.tags);
        variant.tax_category.clone_from(&self.tax_category);
        variant.price_policy = self.price_policy;
        variant.hold_policy = self.hold_policy;
        variant.position = position as i64;
        variant
    }
}

/// Writes every variant of the product whose own or inherited data changed; tells whether any did.
pub(super) fn write_variants(
    product_id: ProductId,
    own: &Own,
    stated: &HashMap<VariantId, &VariantDraft>,
    order: &[VariantId],
    set: &mut WorkingSet,
) -> bool {
    let currency = set.config.store.currency;
    let mut changed = false;
    for (position, id) in order.iter().enumerate() {
        let old: Option<Arc<Variant>> = set.variants.get(id).cloned();
        let new = match (&old, stated.get(id)) {
            (Some(old), None) => (**old).clone(),
            (None, None) => continue,
            (old, Some(stated)) => {
                let base = old.as_deref().cloned().unwrap_or_else(|| new_variant(*id, product_id, &stated.sku));
                stated_on(base, stated, currency)
            }
        };
        let new = own.inherited_by(new, position);
        if old.as_deref() != Some(&new) {
            set.variants.put(*id, new);
            changed = true;
        }
    }
    changed
}

/// A variant of which nothing is stated yet.
fn new_variant(id: VariantId, product_id: ProductId, sku: &str) -> Variant {
    Variant {
        id,
        product_id,
        handle: String::new(),
        product_name: String::new(),
        sku: sku.to_owned(),
        attributes: BTreeMap::new(),
        price: 0,
        prices: BTreeMap::new(),
        floors: BTreeMap::new(),
        weight_grams: 0,
        track_stock: true,
        requires_shipping: true,
        active: true,
        state: CatalogueState::On,
        tags: Vec::new(),
        tax_category: STANDARD.to_owned(),
        price_policy: None,
        hold_policy: None,
        position: 0,
    }
}

fn stated_on(mut variant: Variant, stated: &VariantDraft, currency: Currency) -> Variant {
    let VariantDraft {
        attributes, price, prices, floors, weight_grams, track_stock, requires_shipping, active, ..
    } = stated;
    variant.attributes = attributes.clone().unwrap_or(variant.attributes);
    variant.price = price.unwrap_or(variant.price);
    variant.prices = prices.clone().unwrap_or(variant.prices);
    // The store's own currency has its price already.
    variant.prices.remove(currency.code());
    variant.floors = floors.clone().unwrap_or(variant.floors);
    variant.weight_grams = weight_grams.unwrap_or(variant.weight_grams);
    variant.track_stock = track_stock.unwrap_or(variant.track_stock);
    variant.requires_shipping = requires_shipping.unwrap_or(variant.requires_shipping);
    variant.state = active.map_or(variant.state, CatalogueState::of);
    variant
}

fn set_stock(
    id: VariantId,
    stated: Option<i64>,
    (is_new, rule): (bool, StockRule),
    done: &mut StockDone,
    set: &mut WorkingSet,
    context: &Context,
) -> bool {
    let Some(units) = stated else { return false };
    let on_hand = set.stock_of(id).on_hand;
    let (delta, cause, count) = match rule {
        _ if is_new => (units, Cause::Count, &mut done.new),
        StockRule::Set => (units - on_hand, Cause::Count, &mut done.set),
        StockRule::Add => (units, Cause::Receive, &mut done.added),
        StockRule::Leave => (0, Cause::Count, &mut done.left),
    };
    *count += u64::from(is_new || delta != 0 || rule == StockRule::Leave && units != on_hand);
    if delta == 0 {
        return false;
    }
    let reference = Reference::Reason("catalogue import".to_owned());
    set.move_stock(Movement {
        variant_id: id,
        on_hand_delta: delta,
        reserved_delta: 0,
        cause,
        reference,
        at: context.now,
    })
}

fn check(
    draft: &ProductDraft,
    existing: Option<&Product>,
    known: &[Option<VariantId>],
    set: &WorkingSet,
) -> Result<(), Refusal> {
    let mut errors = Vec::new();
    let mut error = |field: String, reason: &str| errors.push(FieldError { field, reason: reason.to_owned() });
    if existing.is_none() && draft.variants.is_empty() {
        error("variants".to_owned(), "at least one is needed");
    }
    if existing.is_none() && draft.name.is_none() {
        error("name".to_owned(), "is needed: there is no product of this handle yet");
    }
    let added = known.iter().filter(|known| known.is_none()).count();
    if existing.map_or(0, |product| product.variants.len()) + added > MOST_VARIANTS {
        error("variants".to_owned(), &format!("a product has at most {MOST_VARIANTS}"));
    }
    if let Some((name, reason)) = policy_error(draft) {
        error(name, reason);
    }
    let mut seen = HashSet::with_capacity(draft.variants.len());
    let mut ids = HashSet::with_capacity(draft.variants.len());
    for (index, (stated, known)) in draft.variants.iter().zip(known).enumerate() {
        let field = |name: &str| format!("variants[{index}].{name}");
        if !seen.insert(&stated.sku) || known.is_some_and(|id| !ids.insert(id)) {
            error(field("sku"), "stands twice in this product");
        }
        if known.is_none() && stated.price.is_none() {
            error(field("price"), "is needed: there is no variant of this SKU yet");
        }
        if stated.price.is_some_and(|price| !(0..=MOST_AMOUNT).contains(&price)) {
            error(field("price"), &price_range());
        }
        for (name, amounts) in [("prices", &stated.prices), ("min_unit_prices", &stated.floors)] {
            for (code, amount) in amounts.iter().flatten() {
                if code.parse::<Currency>().is_err() || !(0..=MOST_AMOUNT).contains(amount) {
                    error(field(&format!("{name}.{code}")), AMOUNT);
                }
            }
        }
        let owner = known.and_then(|id| set.variants.get(&id)).map(|variant| variant.product_id);
        if owner.is_some() && owner != existing.map(|product| product.id) {
            error(field("sku"), "belongs to another product");
        }
        if let Some(reason) = stock_error(stated, *known, draft.stock, set) {
            error(field("on_hand"), reason);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
}

/// What amounts by currency must be.
pub(super) const AMOUNT: &str = "must be an ISO 4217 code with an amount of 0 or more minor units";

/// What is wrong with the policies of a draft: the field, and why.
pub(super) fn policy_error(draft: &ProductDraft) -> Option<(String, &'static str)> {
    let price = draft.price_policy.flatten().and_then(PricePolicy::error);
    let hold = draft.hold_policy.flatten().and_then(HoldPolicy::error);
    price
        .map(|reason| ("price_policy.minutes".to_owned(), reason))
        .or_else(|| hold.map(|(name, reason)| (format!("hold_policy.{name}"), reason)))
}

fn stock_error(
    stated: &VariantDraft,
    known: Option<VariantId>,
    rule: StockRule,
    set: &WorkingSet,
) -> Option<&'static str> {
    let units = stated.on_hand?;
    let stock = known.map_or_else(Default::default, |id| set.stock_of(id));
    let after = match (known, rule) {
        (None, _) | (Some(_), StockRule::Set) => units,
        (Some(_), StockRule::Add) => units.saturating_add(stock.on_hand),
        (Some(_), StockRule::Leave) => return None,
    };
    (units < 0 || after < stock.reserved || after > MAX_ON_HAND)
        .then_some("must not be below what is reserved, nor above 1000000000")
}

pub(super) fn price_range() -> String {
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
