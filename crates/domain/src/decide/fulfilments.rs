//! Decisions of operators about an order that is placed: parcels that were sent, and notes. None of them moves stock or money.

use super::{answered, remember};
use crate::command::{FulfilmentChange, Idempotency, NewFulfilment, NewNote, Reply};
use crate::decide::Context;
use crate::event::{EventKind, Subject};
use crate::fulfilment::{
    FulfilledLine, Fulfilment, MAX_FULFILMENTS, MAX_NOTES, OrderNote, ParcelStatus, status, unfulfilled,
};
use crate::id::{FulfilmentId, LineId, OrderId, Timestamp};
use crate::order::{Order, OrderStatus};
use crate::refusal::{Refusal, Shortage};
use crate::working_set::{Keys, WorkingSet};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn need(order_id: OrderId, set: &WorkingSet, keys: &mut Keys) {
    if !set.orders.knows(&order_id) {
        keys.orders.insert(order_id);
    }
}

fn find(order_id: OrderId, set: &WorkingSet) -> Result<Arc<Order>, Refusal> {
    set.orders.get(&order_id).cloned().ok_or(Refusal::OrderNotFound)
}

/// The order as it is, where this was already done under the same key.
fn repeated(order_id: OrderId, key: Option<&Idempotency>, set: &WorkingSet) -> Result<Option<Reply>, Refusal> {
    match key.map(|key| answered(key, set)).transpose()?.flatten() {
        Some(_) => find(order_id, set).map(|order| Some(Reply::Order(order))),
        None => Ok(None),
    }
}

/// Writes the changed order and the key, and answers the order.
fn finish(order: Order, key: Option<&Idempotency>, set: &mut WorkingSet, now: Timestamp) -> Reply {
    let id = order.id;
    set.orders.put(id, Order { updated_at: now, ..order });
    if let Some(key) = key {
        remember(key, Some(id), set, now);
    }
    Reply::Order(set.orders.get(&id).expect("written above").clone())
}

pub(super) fn fulfil(
    order_id: OrderId,
    request: &NewFulfilment,
    key: Option<&Idempotency>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    if let Some(reply) = repeated(order_id, key, set)? {
        return Ok(reply);
    }
    let mut order = Order::clone(&*find(order_id, set)?);
    if order.status != OrderStatus::Placed {
        return Err(Refusal::OrderNotFulfillable { status: order.status.as_str() });
    }
    if order.detail.fulfilments.len() >= MAX_FULFILMENTS {
        return Err(Refusal::TooManyEntries { what: "fulfilments", limit: MAX_FULFILMENTS });
    }
    let parcel = Fulfilment {
        id: FulfilmentId(context.ids.next_id()),
        lines: contents(&order, request.lines.as_deref())?,
        tracking: request.tracking.clone(),
        status: ParcelStatus::Shipped,
        at: context.now,
        delivered_at: None,
        by: request.by.clone(),
    };
    order.detail.fulfilments.push(parcel.clone());
    set.tell(Subject::Order(order_id), EventKind::OrderFulfilled, told(&order, &parcel));
    Ok(finish(order, key, set, context.now))
}

/// What goes into a parcel: what is asked for, as far as it is left to send, or all that is left.
fn contents(order: &Order, asked: Option<&[FulfilledLine]>) -> Result<Vec<FulfilledLine>, Refusal> {
    let left = unfulfilled(order);
    let Some(asked) = asked else {
        return if left.is_empty() { Err(Refusal::NotLeftToFulfil(Vec::new())) } else { Ok(left) };
    };
    let left_of = |id: LineId| left.iter().find(|line| line.line_id == id).map_or(0, |line| line.quantity);
    let mut lines: Vec<FulfilledLine> = Vec::new();
    for (index, line) in asked.iter().enumerate() {
        let bought = order.lines.iter().find(|bought| bought.id == line.line_id).ok_or(Refusal::LineNotFound)?;
        if !(1..=bought.quantity).contains(&line.quantity) {
            let (requested, limit) = (line.quantity, bought.quantity);
            return Err(Refusal::QuantityOutOfRange { index, line_id: None, requested, limit });
        }
        match lines.iter_mut().find(|known| known.line_id == line.line_id) {
            Some(known) => known.quantity += line.quantity,
            None => lines.push(*line),
        }
    }
    let sku = |id: LineId| order.lines.iter().find(|line| line.id == id).map(|line| line.sku.clone());
    let missing = lines.iter().filter(|line| line.quantity > left_of(line.line_id)).map(|line| Shortage {
        line_id: Some(line.line_id),
        sku: sku(line.line_id).unwrap_or_default(),
        requested: line.quantity,
        available: Some(left_of(line.line_id)),
    });
    let missing: Vec<Shortage> = missing.collect();
    match missing.is_empty() && !lines.is_empty() {
        true => Ok(lines),
        false => Err(Refusal::NotLeftToFulfil(missing)),
    }
}

fn told(order: &Order, parcel: &Fulfilment) -> Value {
    json!({
        "fulfilment_id": parcel.id,
        "status": parcel.status.as_str(),
        "lines": parcel.lines,
        "tracking": parcel.tracking,
        "fulfilment_status": status(order).map(|status| status.as_str()),
        "by": parcel.by,
    })
}

pub(super) fn update(
    order_id: OrderId,
    fulfilment_id: FulfilmentId,
    change: &FulfilmentChange,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let known = find(order_id, set)?;
    let mut order = Order::clone(&known);
    let parcels = &mut order.detail.fulfilments;
    let parcel = parcels.iter_mut().find(|parcel| parcel.id == fulfilment_id).ok_or(Refusal::FulfilmentNotFound)?;
    match (parcel.status, change.status) {
        (ParcelStatus::Cancelled, Some(ParcelStatus::Cancelled)) => return Ok(Reply::Order(known)),
        (ParcelStatus::Cancelled, _) | (ParcelStatus::Delivered, Some(ParcelStatus::Cancelled)) => {
            return Err(Refusal::FulfilmentClosed { status: parcel.status.as_str() });
        }
        (_, Some(ParcelStatus::Cancelled)) => parcel.status = ParcelStatus::Cancelled,
        (_, Some(ParcelStatus::Delivered)) => {
            parcel.status = ParcelStatus::Delivered;
            parcel.delivered_at = change.delivered_at.or(parcel.delivered_at).or(Some(now));
        }
        (_, Some(ParcelStatus::Shipped)) => {
            parcel.status = ParcelStatus::Shipped;
            parcel.delivered_at = None;
        }
        (_, None) => {}
    }
    if let Some(change) = &change.tracking {
        parcel.tracking = change.as_ref().map(|change| change.of(parcel.tracking.take())).transpose()?;
    }
    let parcel = parcel.clone();
    if order == *known {
        return Ok(Reply::Order(known));
    }
    set.tell(Subject::Order(order_id), EventKind::FulfilmentUpdated, told(&order, &parcel));
    Ok(finish(order, None, set, now))
}

pub(super) fn add_note(
    order_id: OrderId,
    note: &NewNote,
    key: Option<&Idempotency>,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    if let Some(reply) = repeated(order_id, key, set)? {
        return Ok(reply);
    }
    let mut order = Order::clone(&*find(order_id, set)?);
    if order.detail.notes.len() >= MAX_NOTES {
        return Err(Refusal::TooManyEntries { what: "notes", limit: MAX_NOTES });
    }
    let NewNote { text, visible_to_customer, by } = note.clone();
    let told = json!({ "text": text, "visible_to_customer": visible_to_customer, "by": by });
    order.detail.notes.push(OrderNote { text, visible_to_customer, at: now, by });
    set.tell(Subject::Order(order_id), EventKind::OrderNoteAdded, told);
    Ok(finish(order, key, set, now))
}
