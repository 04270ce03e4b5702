//! `POST /admin/payments/reconciliation`.

use crate::access::Operator;
use crate::input::{Body, instant_of};
use crate::problem::Outcome;
use crate::respond::{MoneyForm, ok, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::money::Currency;
use cartwright_engine::{Drift, DriftKind, Repair};
use cartwright_wire as wire;
use cartwright_wire::{Reconcile, ReconcileReport};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Compares payments with orders
///
/// Every payment that the providers have of a period beside every order, both ways. What differs is named; with `repair` the gateway's
/// answer is taken in once more where that mends it. Differences are an answer, not an error.
#[utoipa::path(
    post, path = "/api/v1/admin/payments/reconciliation", tag = "Orders", request_body = Reconcile,
    responses((status = 200, description = "What differs.", body = ReconcileReport)),
)]
pub(crate) async fn reconcile(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<Reconcile>,
) -> Outcome {
    let clock = &operator.store.store.settings.time_zone;
    let until = instant_of(request.until, clock).unwrap_or_else(|| api.engine.now().plus_ms(1_000));
    let from = instant_of(request.from, clock).unwrap_or_else(|| until.plus_ms(-DAY_MS));
    let repair = if request.repair { Repair::Yes } else { Repair::No };
    let found = api.engine.reconcile(&operator.store, (from, until), repair).await?;
    Ok(ok(&ReconcileReport {
        ok: found.silent.is_empty() && !found.cut_off && found.drift.iter().all(|drift| drift.repaired),
        from: rfc3339(from),
        until: rfc3339(until),
        payments: found.payments,
        orders: found.orders,
        drift: found.drift.into_iter().map(|drift| drift_of(drift, operator.store.store.currency)).collect(),
        silent: found.silent,
        cut_off: found.cut_off,
    }))
}

fn drift_of(drift: Drift, store: Currency) -> wire::Drift {
    let form = MoneyForm::new(drift.currency.parse().unwrap_or(store), None);
    wire::Drift {
        kind: drift.kind.as_str().to_owned(),
        next: next_step(&drift),
        gateway: drift.gateway,
        reference: drift.reference,
        order_id: drift.order_id.map(|id| id.0),
        captured: form.money(drift.ours.captured),
        captured_there: form.money(drift.theirs.captured),
        refunded: form.money(drift.ours.refunded.unwrap_or(0)),
        refunded_there: drift.theirs.refunded.map(|amount| form.money(amount)),
        authorized_there: form.money(drift.theirs.authorized),
        repaired: drift.repaired,
    }
}

/// What an operator does about a difference.
fn next_step(drift: &Drift) -> String {
    if drift.repaired {
        return String::new();
    }
    let order = drift.order_id.map(|id| id.to_string()).unwrap_or_default();
    let (gateway, reference) = (&drift.gateway, &drift.reference);
    match drift.kind {
        DriftKind::ChargeWithoutOrder => format!(
            "Send it back with `cartwright unmatched refund {gateway} {reference} --reason …`, or record that it was dealt with: \
             `cartwright unmatched dismiss {gateway} {reference} --reason …`."
        ),
        DriftKind::OrderWithoutCharge => format!(
            "Write it off with `cartwright orders correct {order} --kind loss --amount {} --reason …`, if the provider never took it.",
            drift.ours.captured - drift.ours.refunded.unwrap_or(0)
        ),
        DriftKind::AmountDiffers | DriftKind::RefundDiffers => format!(
            "Repair it with `cartwright reconcile --repair`; what stays was taken or sent back beyond the order: `cartwright unmatched \
             refund {gateway} {reference} --reason …`, or `dismiss`."
        ),
        DriftKind::CaptureUnknown
        | DriftKind::CapturedButReleased
        | DriftKind::AuthorizationUnknown
        | DriftKind::AuthorizationEnded
        | DriftKind::DisputeDiffers => "Repair it with `cartwright reconcile --repair`.".to_owned(),
    }
}
