//! Orders, as they were bought.

use super::cart::address_of;
use super::{money_of, rfc3339, totals_of};
use cartwright_domain::order::{Order, OrderLine, PaymentStatus};
use cartwright_wire as wire;

/// An order as the wire shows it.
pub(crate) fn order_of(order: &Order) -> wire::Order {
    let (detail, currency) = (&order.detail, order.currency);
    let discounts = detail.discounts.iter().map(|discount| wire::Discount {
        promotion_id: discount.promotion_id.0,
        name: discount.name.clone(),
        amount: money_of(discount.goods + discount.shipping, currency),
    });
    let taxes = detail.taxes.iter().map(|tax| wire::Tax {
        name: tax.name.clone(),
        percent: tax.percent.clone(),
        amount: money_of(tax.amount, currency),
        included: tax.included,
    });
    wire::Order {
        id: order.id.0,
        status: order.status.as_str().to_owned(),
        cart_id: order.cart_id.0,
        currency: currency.code().to_owned(),
        customer: order.customer.clone(),
        email: detail.email.clone(),
        shipping_address: detail.shipping_address.as_ref().map(address_of),
        billing_address: detail.billing_address.as_ref().map(address_of),
        shipping_method: detail.shipping_method.clone(),
        lines: order.lines.iter().map(|line| line_of(order, line)).collect(),
        coupons: detail.coupons.iter().map(|coupon| coupon.code.clone()).collect(),
        discounts: discounts.collect(),
        taxes: taxes.collect(),
        totals: totals_of(&order.totals, currency),
        payment: payment_of(order),
        created_at: rfc3339(order.created_at),
        updated_at: rfc3339(order.updated_at),
    }
}

fn line_of(order: &Order, line: &OrderLine) -> wire::OrderLine {
    let currency = order.currency;
    wire::OrderLine {
        id: line.id.0,
        variant_id: line.variant_id.0,
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        unit_price: money_of(line.unit_price, currency),
        subtotal: money_of(line.subtotal(), currency),
        discount: money_of(line.discount, currency),
        tax: money_of(line.tax_added + line.tax_included, currency),
        total: money_of(line.subtotal() - line.discount, currency),
        options: line.options.clone(),
    }
}

fn payment_of(order: &Order) -> wire::Payment {
    let (payment, currency) = (&order.payment, order.currency);
    let waits = payment.status == PaymentStatus::RequiresAction;
    wire::Payment {
        attempt_id: payment.attempt_id.0,
        gateway: payment.gateway.clone(),
        status: payment.status.as_str().to_owned(),
        captured: money_of(payment.captured, currency),
        refunded: money_of(payment.refunded, currency),
        action: waits.then(|| wire::PaymentAction {
            method: "POST".to_owned(),
            path: format!("/api/v1/orders/{}/payment/confirm", order.id),
        }),
    }
}
