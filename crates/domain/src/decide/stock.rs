//! Decisions of operators about stock.

use super::{answered, remember};
use crate::command::{Idempotency, Reply, StockChange};
use crate::id::Timestamp;
use crate::refusal::{FieldError, Refusal};
use crate::stock::{Cause, Movement, Reference, Stock};
use crate::working_set::{Keys, WorkingSet};
use std::collections::BTreeMap;

pub(super) fn need_sku(sku: &str, set: &WorkingSet, keys: &mut Keys) {
    let sku = sku.to_owned();
    if !set.skus.knows(&sku) {
        keys.skus.insert(sku);
    } else if let Some(id) = set.skus.get(&sku) {
        super::cart::need_variant(**id, set, keys);
    }
}

pub(super) fn adjust(
    changes: &[StockChange],
    idempotency: Option<&Idempotency>,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let repeated = match idempotency {
        Some(idempotency) => answered(idempotency, set)?.is_some(),
        None => false,
    };
    if !repeated {
        for movement in plan(changes, set, now)? {
            set.move_stock(movement);
        }
        if let Some(idempotency) = idempotency {
            remember(idempotency, None, set, now);
        }
    }
    let mut levels: Vec<(String, Stock)> = Vec::new();
    for change in changes {
        let Some(id) = set.skus.get(&change.sku).map(|id| **id) else { continue };
        if !levels.iter().any(|(sku, _)| *sku == change.sku) {
            levels.push((change.sku.clone(), set.stock_of(id)));
        }
    }
    Ok(Reply::Stock(levels))
}

/// The movements that the changes amount to, checked one after the other.
fn plan(changes: &[StockChange], set: &WorkingSet, now: Timestamp) -> Result<Vec<Movement>, Refusal> {
    let mut levels = BTreeMap::new();
    let mut movements = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let known = set.skus.get(&change.sku).map(|id| **id).filter(|id| set.variants.get(id).is_some());
        let Some(variant_id) = known else { return Err(Refusal::SkuUnknown { sku: change.sku.clone() }) };
        let stock = *levels.entry(variant_id).or_insert_with(|| set.stock_of(variant_id));
        let delta = delta(change, stock, index)?;
        let after = stock.after(delta, 0).ok_or_else(|| Refusal::StockOutOfRange {
            sku: change.sku.clone(),
            on_hand: stock.on_hand,
            reserved: stock.reserved,
        })?;
        levels.insert(variant_id, after);
        if delta != 0 {
            let reference = Reference::Reason(change.reason.clone());
            movements.push(Movement {
                variant_id,
                on_hand_delta: delta,
                reserved_delta: 0,
                cause: change.cause,
                reference,
                at: now,
            });
        }
    }
    Ok(movements)
}

fn delta(change: &StockChange, stock: Stock, index: usize) -> Result<i64, Refusal> {
    let bad = |reason: &str| {
        Refusal::Invalid(vec![FieldError {
            field: format!("adjustments[{index}].quantity"),
            reason: reason.to_owned(),
        }])
    };
    match change.cause {
        Cause::Count if change.quantity < 0 => Err(bad("must be 0 or more")),
        Cause::Count => Ok(change.quantity - stock.on_hand),
        Cause::Adjust if change.quantity == 0 => Err(bad("must not be 0")),
        Cause::Adjust => Ok(change.quantity),
        _ if change.quantity < 1 => Err(bad("must be 1 or more")),
        _ => Ok(change.quantity),
    }
}
