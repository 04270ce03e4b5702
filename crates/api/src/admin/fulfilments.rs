//! `/admin/orders/{order_id}/fulfilments` and `/admin/orders/{order_id}/notes`.

use crate::access::Operator;
use crate::input::{Body, FulfilmentPath, OptionalKey, OrderPath, idempotency, instant_of};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, ok, order_of};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Command, FulfilmentChange, NewFulfilment, NewNote, TrackingChange};
use cartwright_domain::fulfilment::{FulfilledLine, ParcelStatus, Tracking};
use cartwright_domain::id::LineId;
use cartwright_wire as wire;
use cartwright_wire::{AddNote, ChangeTracking, FulfilOrder, Order, ParcelState, Patch, UpdateFulfilment};
use std::sync::Arc;

async fn run(api: &Arc<Api>, operator: &Operator, command: Command) -> Outcome {
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    Ok(ok(&order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator)))
}

fn tracking_of(tracking: wire::Tracking) -> Tracking {
    Tracking { carrier: tracking.carrier, number: tracking.number, url: tracking.url }
}

fn tracking_change_of(change: ChangeTracking) -> TrackingChange {
    let ChangeTracking { carrier, number, url } = change;
    TrackingChange { carrier, number, url: url.map(Some).or_unset(None) }
}

/// Fulfils an order
///
/// Says which units were sent, in one parcel; without lines, all that are left. Stock is not moved: it left the shelf when the
/// order was paid. Sent again with the same `Idempotency-Key`, nothing more is sent.
#[utoipa::path(
    post, path = "/api/v1/admin/orders/{order_id}/fulfilments", tag = "Order handling", request_body = FulfilOrder,
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`order_not_fulfillable`: it is not placed; `not_left_to_fulfil`: with the lines in `errors`; \
            `too_many_entries`."),
        (status = 422, description = "`quantity_out_of_range`: more than was bought."),
    ),
)]
pub(crate) async fn fulfil_order(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    OptionalKey(key): OptionalKey,
    Body(request): Body<FulfilOrder>,
) -> Outcome {
    let action = format!("fulfil {order_id}");
    let idempotency = key.map(|key| idempotency(operator.scope.clone(), key, &action, &request));
    let line = |line: wire::FulfilledLine| FulfilledLine { line_id: LineId(line.line_id), quantity: line.quantity };
    let fulfilment = NewFulfilment {
        lines: request.lines.map(|lines| lines.into_iter().map(line).collect()),
        tracking: request.tracking.map(tracking_of),
        by: operator.name.clone(),
    };
    run(&api, &operator, Command::FulfilOrder { order_id, fulfilment, idempotency }).await
}

/// Changes a fulfilment
///
/// A JSON Merge Patch (RFC 7396): what is absent stays, `null` unsets. Tells another number, that the parcel arrived, or that it was
/// not sent after all: then its units are to be sent again.
#[utoipa::path(
    patch, path = "/api/v1/admin/orders/{order_id}/fulfilments/{fulfilment_id}", tag = "Order handling",
    request_body = UpdateFulfilment,
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `fulfilment_not_found`, `store_not_found`."),
        (status = 409, description = "`fulfilment_closed`: it was cancelled, or has arrived and cannot be cancelled; `definition_refused`: `tracking` needs carrier and number."),
    ),
)]
pub(crate) async fn update_fulfilment(
    State(api): State<Shared>,
    operator: Operator,
    FulfilmentPath(order_id, fulfilment_id): FulfilmentPath,
    Body(request): Body<UpdateFulfilment>,
) -> Outcome {
    let status = request.status.map(|status| match status {
        ParcelState::Shipped => ParcelStatus::Shipped,
        ParcelState::Delivered => ParcelStatus::Delivered,
        ParcelState::Cancelled => ParcelStatus::Cancelled,
    });
    let change = FulfilmentChange {
        tracking: match request.tracking {
            Patch::Keep => None,
            Patch::Unset => Some(None),
            Patch::Set(change) => Some(Some(tracking_change_of(change))),
        },
        status: status.or_else(|| request.delivered_at.as_ref().map(|_| ParcelStatus::Delivered)),
        delivered_at: instant_of(request.delivered_at, &operator.store.store.settings.time_zone),
    };
    run(&api, &operator, Command::UpdateFulfilment { order_id, fulfilment_id, change }).await
}

/// Writes a note on an order
///
/// For operators, or also for whoever bought it. Sent again with the same `Idempotency-Key`, it is written once.
#[utoipa::path(
    post, path = "/api/v1/admin/orders/{order_id}/notes", tag = "Order handling", request_body = AddNote,
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
        (status = 409, description = "`too_many_entries`."),
    ),
)]
pub(crate) async fn add_order_note(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    OptionalKey(key): OptionalKey,
    Body(request): Body<AddNote>,
) -> Outcome {
    let action = format!("note {order_id}");
    let idempotency = key.map(|key| idempotency(operator.scope.clone(), key, &action, &request));
    let AddNote { text, visible_to_customer } = request;
    let note = NewNote { text, visible_to_customer, by: operator.name.clone() };
    run(&api, &operator, Command::AddOrderNote { order_id, note, idempotency }).await
}
