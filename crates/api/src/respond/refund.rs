//! What went back of an order, and what may.

use super::{MoneyForm, rfc3339};
use cartwright_domain::order::{Dispute, Order, OrderStatus, PaymentStatus};
use cartwright_domain::refund::{Refund, Refundable};
use cartwright_wire as wire;

/// A refund as everybody may see it.
pub(super) fn refund_of(refund: &Refund, form: &MoneyForm) -> wire::Refund {
    let lines = refund.parts.lines.iter().map(|line| wire::RefundedLine {
        line_id: line.line_id.0,
        quantity: line.quantity,
        restocked: line.restocked,
        amount: form.money(line.portion.amount()),
        tax: form.money(line.portion.tax()),
    });
    wire::Refund {
        id: refund.id.0,
        status: refund.status.as_str().to_owned(),
        origin: refund.origin.as_str().to_owned(),
        reference: None,
        amount: form.money(refund.amount),
        tax: form.money(refund.parts.tax()),
        lines: lines.collect(),
        shipping: form.money(refund.parts.shipping.amount()),
        created_at: rfc3339(refund.at),
        reason: None,
        by: None,
        failure: None,
    }
}

/// What is left to be refunded.
pub(super) fn refundable_of(order: &Order, form: &MoneyForm) -> wire::Refundable {
    let left = Refundable::of(order);
    let withheld = order.withheld();
    let lines = left.lines.iter().map(|line| wire::RefundableLine {
        line_id: line.line_id.0,
        quantity: line.quantity,
        amount: form.money(line.portion.amount()),
    });
    wire::Refundable {
        amount: form.money((left.amount() - withheld).max(0)),
        withheld: (withheld > 0).then(|| form.money(withheld)),
        shipping: form.money(left.shipping.amount()),
        lines: lines.collect(),
    }
}

/// Where the money is, in one word.
pub(super) fn payment_status(order: &Order) -> &'static str {
    let payment = &order.payment;
    match payment.status {
        PaymentStatus::Declined => "failed",
        PaymentStatus::Voided => "voided",
        PaymentStatus::Authorized | PaymentStatus::CapturePending => "authorized",
        PaymentStatus::Awaited if payment.captured > payment.refunded => "partially_paid",
        PaymentStatus::Awaited => "pending",
        _ if payment.captured == 0 && order.status == OrderStatus::Placed => "paid",
        _ if payment.captured == 0 => "pending",
        _ if payment.refunded == payment.captured => "refunded",
        _ if payment.refunded > 0 => "partially_refunded",
        _ => "paid",
    }
}

pub(super) fn dispute_of(dispute: &Dispute, form: &MoneyForm) -> wire::Dispute {
    wire::Dispute {
        id: dispute.id.clone(),
        amount: form.money(dispute.amount),
        reason: dispute.reason.clone(),
        status: dispute.status.clone(),
        standing: dispute.standing.as_str().to_owned(),
        fee: dispute.fee.map(|fee| form.money(fee)),
        at: rfc3339(dispute.at),
    }
}

/// Adds to an order's answer what operators alone may see.
pub(super) fn add_record(order: &Order, body: &mut wire::Order) {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    for (refund, shown) in order.detail.refunds.iter().zip(&mut body.refunds) {
        (shown.reason, shown.by, shown.failure) = (some(&refund.reason), some(&refund.by), refund.failure.clone());
        shown.reference.clone_from(&refund.reference);
    }
    for sent in order.detail.manual.iter().flat_map(|manual| &manual.sent) {
        let shown = body.refunds.iter_mut().find(|refund| refund.id == sent.refund_id.0);
        shown.into_iter().for_each(|refund| refund.reference = Some(sent.reference.clone()));
    }
    let authorization = order.detail.authorization.as_ref();
    body.payment.capture_failure = authorization.and_then(|authorization| authorization.capture_failure.clone());
}
