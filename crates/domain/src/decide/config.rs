//! Decisions about what all carts of a store share: promotions and their codes, the store's own data.

use super::Context;
use super::coupons::code_error;
use crate::command::{Reply, StoreChange};
use crate::coupon::{Coupon, normalise_code};
use crate::demand::CountChange;
use crate::id::{PromotionId, Timestamp};
use crate::money::Currency;
use crate::promotion::{KeptPromotion, MOST_KEPT, Promotion};
use crate::recovery::ReplanStep;
use crate::refusal::{FieldError, Refusal};
use crate::store::{Store, StoreSettings};
use crate::working_set::{ConfigChange, WorkingSet};
use uuid::Uuid;

pub(super) fn put_promotion(
    id: Option<PromotionId>,
    promotion: &Promotion,
    codes: &[String],
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    if id.is_some_and(|id| set.config.promotion(id).is_none()) {
        return Err(Refusal::PromotionNotFound);
    }
    let taken = |code: &str| set.coupons.get(&code.to_owned()).is_some_and(|coupon| Some(coupon.promotion_id) != id);
    let normal = check_promotion(promotion, codes, taken).map_err(Refusal::Invalid)?;
    let id = id.unwrap_or_else(|| newest_id(set, context));
    let mut promotion = promotion.clone();
    promotion.id = id;
    promotion.requires_code = promotion.requires_code || !normal.is_empty();
    if set.config.promotion(id).is_some_and(|stood| **stood != promotion) {
        keep_as_it_stood(id, set);
    }
    // A code that is there already keeps its uses.
    for code in normal.iter().filter(|code| set.coupons.get(code).is_none()).cloned().collect::<Vec<_>>() {
        set.coupons.put(code, Coupon::named(id));
    }
    set.config_changes.push(ConfigChange::PutPromotion(Box::new(promotion), normal));
    Ok(Reply::Promotion(id))
}

/// An id above those of all promotions, also of those made in the same millisecond: promotions stand in the order of their ids.
fn newest_id(set: &WorkingSet, context: &mut Context) -> PromotionId {
    let made = set.config_changes.iter().filter_map(|change| match change {
        ConfigChange::PutPromotion(promotion, _) => Some(promotion.id),
        _ => None,
    });
    let known = set.config.promotions.iter().map(|promotion| promotion.id).chain(made).max();
    let fresh = PromotionId(context.ids.next_id());
    match known {
        Some(known) if known >= fresh => PromotionId(Uuid::from_u128(known.0.as_u128() + 1)),
        _ => fresh,
    }
}

/// Checks a promotion with its codes, and brings the codes into the form in which they are compared. `taken` tells whether
/// a code in that form belongs to another promotion.
///
/// # Errors
/// Everything that is wrong, with paths from the root of a request that has `definition` and `codes`.
pub fn check_promotion(
    promotion: &Promotion,
    codes: &[String],
    taken: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Vec<FieldError>> {
    let mut errors: Vec<FieldError> = under("definition", promotion.validate()).collect();
    let mut normal: Vec<String> = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        let code = normalise_code(code);
        match code_error(&code, taken(&code)) {
            Some(reason) => errors.push(FieldError { field: format!("codes[{index}]"), reason: reason.to_owned() }),
            None => normal.push(code),
        }
    }
    normal.sort_unstable();
    normal.dedup();
    if errors.is_empty() { Ok(normal) } else { Err(errors) }
}

pub(super) fn delete_promotion(id: PromotionId, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    if set.config.promotion(id).is_none() {
        return Err(Refusal::PromotionNotFound);
    }
    keep_as_it_stood(id, set);
    set.config_changes.push(ConfigChange::DeletePromotion(id));
    Ok(Reply::Done)
}

/// Lines whose captured price holds keep an offer as it stood, so the store remembers it for a while.
fn keep_as_it_stood(id: PromotionId, set: &mut WorkingSet) {
    let Some(promotion) = set.config.promotion(id).cloned() else { return };
    if set.config.kept.len() >= MOST_KEPT
        && let Some(oldest) = set.config.kept.iter().map(|kept| kept.until).min()
    {
        set.config_changes.push(ConfigChange::ForgetKept { before: oldest.plus_ms(1) });
    }
    set.config_changes.push(ConfigChange::KeepPromotion(KeptPromotion { promotion, until: set.now }));
}

/// What was kept until before this instant is kept no longer.
pub(super) fn forget_kept(before: Timestamp, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    if set.config.kept.iter().any(|kept| kept.until < before) {
        set.config_changes.push(ConfigChange::ForgetKept { before });
    }
    Ok(Reply::Done)
}

/// The store as the batch has left it so far.
fn current_store(set: &WorkingSet) -> &Store {
    let changed = set.config_changes.iter().rev().find_map(|change| match change {
        ConfigChange::PutStore(store) => Some(&**store),
        _ => None,
    });
    changed.unwrap_or(&set.config.store)
}

/// Remembers that there are prices in these currencies, so that shoppers may choose them unless the store lists others.
pub(super) fn note_priced_in(currencies: impl Iterator<Item = Currency>, set: &mut WorkingSet) {
    let known = current_store(set);
    let is_known = |currency: &Currency| *currency == known.currency || known.settings.priced_in.contains(currency);
    let mut new: Vec<Currency> = currencies.filter(|currency| !is_known(currency)).collect();
    if new.is_empty() {
        return;
    }
    let mut store = known.clone();
    store.settings.priced_in.append(&mut new);
    store.settings.priced_in.sort_unstable();
    store.settings.priced_in.dedup();
    set.config_changes.push(ConfigChange::PutStore(Box::new(store)));
}

pub(super) fn change_store(change: &StoreChange, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let StoreChange { name, hosts, settings, merge, shipping_methods, tax_rates } = change.clone();
    let mut store = current_store(set).clone();
    let merged = merge.map(|merge| store.settings.merged(&merge)).transpose().map_err(|error| {
        Refusal::Invalid(vec![FieldError { field: "settings".to_owned(), reason: error.to_string() }])
    })?;
    let settings = merged.or(settings);
    store.name = name.unwrap_or(store.name);
    store.hosts = hosts.unwrap_or(store.hosts);
    if let Some(settings) = settings {
        let priced_in = std::mem::take(&mut store.settings.priced_in);
        store.settings = StoreSettings { priced_in, ..settings };
    }
    store.shipping_methods = shipping_methods.unwrap_or(store.shipping_methods);
    store.tax_rates = tax_rates.unwrap_or(store.tax_rates);
    // What was kept by an older version is not looked at again until it is sent anew.
    let mut errors = Vec::new();
    let methods = change.shipping_methods.as_deref().unwrap_or_default();
    for (index, method) in methods.iter().enumerate() {
        errors.extend(under(&format!("methods[{index}]"), method.validate()));
        if methods[..index].iter().any(|other| other.handle == method.handle) {
            errors.push(FieldError { field: format!("methods[{index}].handle"), reason: "stands twice".to_owned() });
        }
    }
    for (index, rate) in change.tax_rates.iter().flatten().enumerate() {
        errors.extend(under(&format!("rates[{index}]"), rate.validate()));
    }
    if let Some(reason) = store.settings.price_policy.error() {
        errors.push(FieldError { field: "settings.price_policy.minutes".to_owned(), reason: reason.to_owned() });
    }
    if let Some((name, reason)) = store.settings.hold_policy.error() {
        errors.push(FieldError { field: format!("settings.hold_policy.{name}"), reason: reason.to_owned() });
    }
    errors.extend(under("settings", crate::manual::validate_methods(&store.settings)));
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    let before = &current_store(set).settings;
    let plan =
        |settings: &StoreSettings| (settings.guest_cart_days, settings.customer_cart_days, settings.recovery.clone());
    if plan(before) != plan(&store.settings) {
        set.people.replans.push(ReplanStep::Begin);
    }
    let was = set.config.store.settings.urgency;
    set.demand.count = match store.settings.urgency {
        now if now == was => None,
        true => Some(CountChange::Begin),
        false => Some(CountChange::End),
    };
    set.config_changes.push(ConfigChange::PutStore(Box::new(store)));
    Ok(Reply::Done)
}

/// Errors of a part, with paths from the request's root.
fn under(root: &str, errors: Vec<crate::promotion::FieldError>) -> impl Iterator<Item = FieldError> {
    errors.into_iter().map(move |error| FieldError { field: format!("{root}.{}", error.path), reason: error.message })
}
