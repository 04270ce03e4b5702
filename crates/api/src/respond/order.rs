//! Orders, as they were bought.

use super::cart::address_of;
use super::refund::{add_record, dispute_of, payment_status, refund_of, refundable_of};
use super::{Audience, MoneyForm, rfc3339, totals_of};
use crate::locale::Locale;
use cartwright_domain::fulfilment::{self, Fulfilment, FulfilmentStatus, OrderNote};
use cartwright_domain::manual::ManualPayment;
use cartwright_domain::order::{Order, OrderLine, PaymentStatus};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::Engine;
use cartwright_wire as wire;

/// An order as the wire shows it to this audience, with amounts in the form of a locale where one is named.
pub(crate) fn order_of(order: &Order, locale: Option<&Locale>, audience: Audience) -> wire::Order {
    let detail = &order.detail;
    let form = &MoneyForm::new(order.currency, locale);
    let discounts = detail.discounts.iter().map(|discount| wire::Discount {
        promotion_id: discount.promotion_id.0,
        name: discount.name.clone(),
        amount: form.money(discount.goods + discount.shipping),
    });
    let taxes = detail.taxes.iter().map(|tax| wire::Tax {
        name: tax.name.clone(),
        percent: tax.percent.clone(),
        amount: form.money(tax.amount),
        included: tax.included,
    });
    let mut body = wire::Order {
        id: order.id.0,
        status: order.status.as_str().to_owned(),
        cart_id: order.cart_id.0,
        currency: order.currency.code().to_owned(),
        customer: order.customer.clone(),
        email: detail.email.clone(),
        shipping_address: detail.shipping_address.as_ref().map(address_of),
        billing_address: detail.billing_address.as_ref().map(address_of),
        shipping_method: detail.shipping_method.clone(),
        lines: order.lines.iter().map(|line| line_of(line, fulfilment::fulfilled(order, line.id), form)).collect(),
        coupons: detail.coupons.iter().map(|coupon| coupon.code.clone()).collect(),
        discounts: discounts.collect(),
        taxes: taxes.collect(),
        totals: totals_of(&order.totals, form),
        payment: payment_of(order, form, audience),
        payment_status: payment_status(order).to_owned(),
        refunds: detail.refunds.iter().map(|refund| refund_of(refund, form)).collect(),
        refundable: refundable_of(order, form),
        disputes: Vec::new(),
        fulfilment_status: fulfilment::status(order).map(FulfilmentStatus::as_str).map(str::to_owned),
        fulfilments: detail.fulfilments.iter().map(|parcel| fulfilment_of(parcel, audience)).collect(),
        notes: notes_of(&detail.notes, audience),
        created_at: rfc3339(order.created_at),
        updated_at: rfc3339(order.updated_at),
    };
    if audience == Audience::Operator {
        body.disputes = detail.disputes.iter().map(|dispute| dispute_of(dispute, form)).collect();
        add_record(order, &mut body);
    }
    body
}

/// As [`order_of`], for whoever opened the order: with what the browser needs to go on with the payment.
pub(crate) async fn opened_order(
    engine: &Engine,
    store: &StoreConfig,
    order: &Order,
    locale: Option<&Locale>,
    audience: Audience,
) -> wire::Order {
    let mut body = order_of(order, locale, audience);
    if let Some(keys) = engine.client_keys(store, order).await {
        body.payment.client_secret = Some(keys.client_secret);
        body.payment.publishable_key = keys.publishable_key;
    }
    body
}

fn manual_of(order: &Order, manual: &ManualPayment, form: &MoneyForm, audience: Audience) -> wire::ManualPayment {
    let method = &manual.method;
    // Of an order that came to nothing nothing is to be paid.
    let missing = form.money(if order.awaits_money() { order.missing() } else { 0 });
    let known = |text: &String| Some(text.clone()).filter(|_| audience == Audience::Operator);
    let recorded = manual.payments.iter().map(|payment| wire::RecordedPayment {
        amount: form.money(payment.amount),
        at: rfc3339(payment.at),
        reference: known(&payment.reference),
        by: known(&payment.by),
    });
    let instructions = method.instructions.replace("{amount}", &missing.formatted);
    wire::ManualPayment {
        method: method.handle.clone(),
        kind: method.kind.as_str().to_owned(),
        title: method.title.clone(),
        instructions: instructions.replace("{order}", &order.id.to_string()),
        missing,
        due_before: rfc3339(manual.until),
        overdue: manual.overdue && order.awaits_money(),
        waived: (manual.waived > 0).then(|| form.money(manual.waived)),
        recorded: recorded.collect(),
    }
}

fn fulfilment_of(parcel: &Fulfilment, audience: Audience) -> wire::Fulfilment {
    let lines = parcel.lines.iter();
    wire::Fulfilment {
        id: parcel.id.0,
        status: parcel.status.as_str().to_owned(),
        lines: lines.map(|line| wire::FulfilledLine { line_id: line.line_id.0, quantity: line.quantity }).collect(),
        tracking: parcel.tracking.clone().map(|tracking| wire::Tracking {
            carrier: tracking.carrier,
            number: tracking.number,
            url: tracking.url,
        }),
        at: rfc3339(parcel.at),
        delivered_at: parcel.delivered_at.map(rfc3339),
        by: (audience == Audience::Operator).then(|| parcel.by.clone()),
    }
}

fn notes_of(notes: &[OrderNote], audience: Audience) -> Vec<wire::OrderNote> {
    let told = notes.iter().filter(|note| note.visible_to_customer || audience == Audience::Operator);
    told.map(|note| wire::OrderNote {
        text: note.text.clone(),
        visible_to_customer: note.visible_to_customer,
        at: rfc3339(note.at),
        by: (audience == Audience::Operator).then(|| note.by.clone()),
    })
    .collect()
}

fn line_of(line: &OrderLine, fulfilled: i64, form: &MoneyForm) -> wire::OrderLine {
    wire::OrderLine {
        id: line.id.0,
        variant_id: line.variant_id.0,
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        fulfilled,
        unit_price: form.money(line.unit_price),
        subtotal: form.money(line.subtotal()),
        discount: form.money(line.discount),
        tax: form.money(line.tax_added + line.tax_included),
        total: form.money(line.subtotal() - line.discount),
        options: line.options.clone(),
    }
}

fn payment_of(order: &Order, form: &MoneyForm, audience: Audience) -> wire::Payment {
    let payment = &order.payment;
    let authorization = order.detail.authorization.as_ref();
    let waits = payment.status == PaymentStatus::RequiresAction;
    wire::Payment {
        attempt_id: payment.attempt_id.0,
        gateway: payment.gateway.clone(),
        status: payment.status.as_str().to_owned(),
        authorized: authorization.map(|authorization| form.money(authorization.amount)),
        capture_before: authorization.map(|authorization| rfc3339(authorization.until)),
        capture_failure: None,
        captured: form.money(payment.captured),
        refunded: form.money(payment.refunded),
        manual: order.detail.manual.as_ref().map(|manual| manual_of(order, manual, form, audience)),
        action: waits.then(|| wire::PaymentAction {
            method: "POST".to_owned(),
            path: format!("/api/v1/orders/{}/payment/confirm", order.id),
        }),
        pay_by: payment.due_at.filter(|_| waits).map(rfc3339),
        client_secret: None,
        publishable_key: None,
    }
}
