//! How wire shapes look to people: tables and short blocks of text. Amounts are shown as the server formats them.

use cartwright_client::wire::{Cart, Discount, ManualPayment, Money, Order, Product, Tax, Totals};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Lines above, under the headings and below; none between rows.
const STYLE: TableStyle = UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());

/// A table with these headings; the columns at `right` are numbers.
pub(crate) fn table(headings: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(headings.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for index in right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// Names and values under each other.
pub(crate) fn pairs(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}

/// `Size: M, Colour: red`.
pub(crate) fn attributes(attributes: &BTreeMap<String, String>) -> String {
    attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", ")
}

/// The end of an id: ids begin with their time, so that those made together begin alike.
pub(crate) fn short_id(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 8..].to_owned()
}

pub(crate) fn products(products: &[Product]) -> String {
    let rows = products.iter().map(|product| {
        let skus = product.variants.iter().map(|variant| variant.sku.as_str()).collect::<Vec<_>>();
        let skus = if skus.len() > 4 { format!("{} variants", skus.len()) } else { skus.join(" ") };
        vec![product.handle.clone(), product.name.clone(), skus, price_range(product), available(product)]
    });
    table(&["Handle", "Name", "SKU", "Price", "Available"], &[3, 4], rows.collect())
}

fn price_range(product: &Product) -> String {
    let prices = || product.variants.iter().map(|variant| &variant.price);
    match (prices().min_by_key(|price| price.amount), prices().max_by_key(|price| price.amount)) {
        (Some(low), Some(high)) if low.amount != high.amount => format!("{} – {}", low.formatted, high.formatted),
        (Some(price), _) => price.formatted.clone(),
        _ => String::new(),
    }
}

fn available(product: &Product) -> String {
    if product.variants.iter().any(|variant| !variant.track_stock) {
        return "always".to_owned();
    }
    let counted: Option<i64> = product.variants.iter().map(|variant| variant.available).sum();
    units(counted, product.variants.iter().any(|variant| variant.in_stock))
}

/// Units that can be bought; where the shop does not say how many, whether there are some.
fn units(available: Option<i64>, in_stock: bool) -> String {
    let some = || if in_stock { "in stock" } else { "none" }.to_owned();
    available.map_or_else(some, |units| units.to_string())
}

pub(crate) fn product(product: &Product) -> String {
    let head = pairs(&[
        ("Name", product.name.clone()),
        ("Handle", product.handle.clone()),
        ("Vendor", product.vendor.clone()),
        ("Tags", product.tags.join(", ")),
        ("For sale", if product.active { String::new() } else { "no".to_owned() }),
        ("About", product.description.clone()),
        ("Images", product.images.join(" ")),
    ]);
    let rows = product.variants.iter().map(|variant| {
        let available = match variant.track_stock {
            _ if !variant.active => "switched off".to_owned(),
            true => units(variant.available, variant.in_stock),
            false => "always".to_owned(),
        };
        vec![variant.sku.clone(), attributes(&variant.attributes), variant.price.formatted.clone(), available]
    });
    format!("{head}\n{}", table(&["SKU", "Kind", "Price", "Available"], &[2, 3], rows.collect()))
}

pub(crate) fn cart(cart: &Cart) -> String {
    let mut text = format!("Cart {} ({})", cart.id, cart.status);
    if let Some(failure) = &cart.last_payment_failure {
        text.push_str(&format!(
            "\n! The last payment failed ({}, {}): nothing was charged.",
            failure.reason, failure.at
        ));
    }
    if cart.lines.is_empty() {
        text.push_str(
            "\nThe cart is empty. `cartwright products` lists what there is; `cartwright cart add SKU` puts it in.",
        );
        text.push_str(&saved(cart));
        return text;
    }
    let rows = cart.lines.iter().map(|line| {
        let name = with_options(&line.name, &line.options);
        row(&short_id(line.id), &line.sku, name, line.quantity, &line.unit_price, &line.total)
    });
    text.push('\n');
    text.push_str(&table(&LINE_HEADINGS, &[3, 4, 5], rows.collect()));
    for line in &cart.lines {
        if let Some(until) = &line.held_until {
            text.push_str(&format!("\n  {}: held until {until}", line.sku));
        }
        for notice in &line.notices {
            text.push_str(&format!("\n! {}: {}", line.sku, notice.detail));
        }
    }
    text.push('\n');
    text.push_str(&codes(cart));
    text.push_str(&sums(&cart.totals, &cart.discounts, &cart.taxes));
    text.push_str(&saved(cart));
    text
}

/// The codes of a cart, where one of them takes nothing off: each with its reason.
fn codes(cart: &Cart) -> String {
    if cart.coupons.iter().all(|coupon| coupon.applied) {
        return String::new();
    }
    let rows = cart.coupons.iter().map(|coupon| {
        let reason = coupon.reason.clone().unwrap_or_else(|| "applied".to_owned());
        vec![coupon.code.clone(), reason, coupon.sentence.clone().unwrap_or_default()]
    });
    format!("{}\n", table(&["Code", "State", "Why"], &[], rows.collect()))
}

/// What is saved for later, beside the cart.
fn saved(cart: &Cart) -> String {
    if cart.saved.is_empty() {
        return String::new();
    }
    let rows = cart.saved.iter().map(|item| {
        let name = with_options(&item.name, &item.options);
        let price = item.unit_price.as_ref().map(|price| price.formatted.clone()).unwrap_or_default();
        vec![short_id(item.id), item.sku.clone(), name, item.quantity.to_string(), price]
    });
    let mut text = "\n\nSaved for later; `cartwright cart restore SKU` puts it back.\n".to_owned();
    text.push_str(&table(&["Item", "SKU", "Name", "Quantity", "Each"], &[3, 4], rows.collect()));
    for item in &cart.saved {
        for notice in &item.notices {
            text.push_str(&format!("\n! {}: {}", item.sku, notice.detail));
        }
    }
    text
}

const LINE_HEADINGS: [&str; 6] = ["Line", "SKU", "Name", "Quantity", "Each", "Total"];

fn row(id: &str, sku: &str, name: String, quantity: i64, each: &Money, total: &Money) -> Vec<String> {
    let texts =
        [id.to_owned(), sku.to_owned(), name, quantity.to_string(), each.formatted.clone(), total.formatted.clone()];
    texts.to_vec()
}

/// `Lana Pen (text: Well done)`.
pub(crate) fn with_options(name: &str, options: &BTreeMap<String, String>) -> String {
    if options.is_empty() { name.to_owned() } else { format!("{name} ({})", attributes(options)) }
}

fn sums(totals: &Totals, discounts: &[Discount], taxes: &[Tax]) -> String {
    let mut rows = Vec::new();
    if totals.subtotal.amount != totals.total.amount {
        rows.push(("Subtotal".to_owned(), totals.subtotal.formatted.clone()));
    }
    rows.extend(discounts.iter().map(|discount| (discount.name.clone(), format!("-{}", discount.amount.formatted))));
    if totals.shipping.amount != 0 {
        rows.push(("Shipping".to_owned(), totals.shipping.formatted.clone()));
    }
    rows.extend(taxes.iter().map(|tax| (tax_label(tax), tax.amount.formatted.clone())));
    rows.push(("Total".to_owned(), totals.total.formatted.clone()));
    let rows: Vec<_> = rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    pairs(&rows)
}

/// `VAT 19 % (included)`.
pub(crate) fn tax_label(tax: &Tax) -> String {
    let kind = if tax.included { "included" } else { "added" };
    let rate = if tax.name.contains('%') { String::new() } else { format!(" {} %", tax.percent) };
    format!("{}{rate} ({kind})", tax.name)
}

pub(crate) fn order(order: &Order) -> String {
    let rows = order.lines.iter().map(|line| {
        let name = with_options(&line.name, &line.options);
        row(&short_id(line.id), &line.sku, name, line.quantity, &line.unit_price, &line.total)
    });
    let mut text = format!("Order {} ({})\n", order.id, order.status);
    text.push_str(&table(&LINE_HEADINGS, &[3, 4, 5], rows.collect()));
    text.push('\n');
    text.push_str(&sums(&order.totals, &order.discounts, &order.taxes));
    let refunded =
        if order.payment.refunded.amount == 0 { String::new() } else { order.payment.refunded.formatted.clone() };
    text.push('\n');
    text.push_str(&pairs(&[
        ("Payment", format!("{} by {}", order.payment.status, order.payment.gateway)),
        ("Captured", order.payment.captured.formatted.clone()),
        ("Refunded", refunded),
        ("Customer", order.customer.clone().unwrap_or_default()),
        ("E-mail", order.email.clone().unwrap_or_default()),
        ("Made", order.created_at.clone()),
        ("Fulfilment", order.fulfilment_status.clone().unwrap_or_default().replace('_', " ")),
    ]));
    if let (Some(authorized), Some(until)) = (&order.payment.authorized, &order.payment.capture_before)
        && order.payment_status == "authorized"
    {
        text.push_str(&format!("\n{} are set aside until {until}.", authorized.formatted));
    }
    if let Some(manual) = &order.payment.manual {
        text.push_str(&money_to_come(manual));
    }
    for refund in &order.refunds {
        let reason = refund.reason.as_deref().unwrap_or_default();
        let origin = if refund.origin == "shop" { String::new() } else { format!(", {}", refund.origin) };
        text.push_str(&format!("\nRefund of {} ({}{origin}) {reason}", refund.amount.formatted, refund.status));
    }
    if !order.fulfilments.is_empty() {
        text.push('\n');
        text.push_str(&parcels(order));
    }
    for note in &order.notes {
        let by = note.by.as_deref().map(|by| format!(" {by}")).unwrap_or_default();
        let hidden = if note.visible_to_customer { "" } else { " (for operators)" };
        text.push_str(&format!("\n{}{by}{hidden}: {}", note.at, note.text));
    }
    if order.payment.action.is_some() {
        text.push_str(&format!(
            "\nThe payment waits for you: `cartwright order confirm {}` when it is done.",
            order.id
        ));
    }
    text
}

/// What is to be paid past every gateway, and what was.
fn money_to_come(manual: &ManualPayment) -> String {
    let mut text = String::new();
    for payment in &manual.recorded {
        let reference = payment.reference.as_deref().unwrap_or_default();
        text.push_str(&format!("\n{} recorded at {} {reference}", payment.amount.formatted, payment.at));
    }
    if manual.missing.amount > 0 {
        let (missing, until) = (&manual.missing.formatted, &manual.due_before);
        text.push_str(&format!("\n{}: {missing} to be paid until {until}. {}", manual.title, manual.instructions));
    }
    if manual.overdue {
        text.push_str("\n! That time is over, and a part was paid: record the rest, waive it, or cancel the order.");
    }
    text
}

fn parcels(order: &Order) -> String {
    let rows = order.fulfilments.iter().map(|parcel| {
        let sku = |id: Uuid| order.lines.iter().find(|line| line.id == id).map_or("?", |line| line.sku.as_str());
        let goods: Vec<String> =
            parcel.lines.iter().map(|line| format!("{} × {}", line.quantity, sku(line.line_id))).collect();
        let tracking = parcel.tracking.as_ref().map(|tracking| format!("{} {}", tracking.carrier, tracking.number));
        let (id, sent) = (short_id(parcel.id), parcel.at.clone());
        vec![id, parcel.status.clone(), goods.join(", "), tracking.unwrap_or_default(), sent]
    });
    table(&["Parcel", "Status", "Goods", "Tracking", "Sent"], &[], rows.collect())
}

pub(crate) fn orders(orders: &[Order]) -> String {
    let rows = orders.iter().map(|order| {
        let units: i64 = order.lines.iter().map(|line| line.quantity).sum();
        let who = order.customer.clone().or_else(|| order.email.clone()).unwrap_or_else(|| "guest".to_owned());
        let (status, total) = (order.status.clone(), order.totals.total.formatted.clone());
        let sent = order.fulfilment_status.clone().unwrap_or_default().replace('_', " ");
        vec![order.id.to_string(), order.created_at.clone(), status, sent, who, units.to_string(), total]
    });
    table(&["Order", "Made", "Status", "Fulfilment", "Who", "Units", "Total"], &[5, 6], rows.collect())
}

/// A bar of eighths of a character, `longest` of which stand for `most`; what is below zero is drawn light.
pub(crate) fn bar(amount: i64, most: u64, longest: u64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if amount == 0 || most == 0 {
        return String::new();
    }
    let eighths = (u128::from(amount.unsigned_abs()) * u128::from(longest) * 8 / u128::from(most)).max(1) as usize;
    if amount < 0 {
        return "░".repeat(eighths.div_ceil(8));
    }
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_nothing_where_there_is_something() {
        assert_eq!(bar(800, 800, 40), "█".repeat(40));
        assert_eq!(bar(410, 800, 40), format!("{}▌", "█".repeat(20)));
        assert_eq!(
            (bar(1, 1_000_000, 40), bar(0, 800, 40), bar(0, 0, 40)),
            ("▏".to_owned(), String::new(), String::new())
        );
        assert_eq!(bar(-800, 800, 40), "░".repeat(40));
        assert_eq!(bar(i64::MIN, i64::MIN.unsigned_abs(), 40), "░".repeat(40));
    }
}
