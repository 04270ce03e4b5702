//! An explained cart as a receipt: the steps of its price in their order, then why each promotion counts or does not.

use super::screen;
use cartwright_client::wire::{Cart, CartLine, Explanation, Money};

/// The receipt. Amounts are shown as the server formats them.
pub(crate) fn receipt(cart: &Cart) -> String {
    let explanations = cart.explanations.as_deref().unwrap_or_default();
    let mut rows: Vec<Vec<String>> = cart.lines.iter().flat_map(|line| line_rows(line, explanations)).collect();
    rows.extend(sum_rows(cart, explanations));
    let mut text = format!("Cart {} ({})\n", cart.id, cart.status);
    text.push_str(&screen::table(&["Quantity", "What", "Each", "Amount"], &[0, 2, 3], rows));
    let mut reasons: Vec<String> = explanations.iter().map(|explanation| explanation.sentence.clone()).collect();
    let missing = cart.missing_for_free_shipping.iter();
    reasons.extend(missing.map(|missing| format!("Shipping: {} more for free shipping", missing.formatted)));
    if !reasons.is_empty() {
        text.push_str("\nWhy");
    }
    for reason in reasons {
        text.push_str(&format!("\n  {reason}"));
    }
    text
}

/// A line, and under it what each promotion takes off it.
fn line_rows(line: &CartLine, explanations: &[Explanation]) -> Vec<Vec<String>> {
    let name = screen::with_options(&format!("{} {}", line.sku, line.name), &line.options);
    let amounts = [name, line.unit_price.formatted.clone(), line.subtotal.formatted.clone()];
    let mut rows = vec![[vec![line.quantity.to_string()], amounts.to_vec()].concat()];
    for explanation in explanations {
        let shares = explanation.lines.iter().filter(|share| share.line_id == line.id);
        rows.extend(shares.map(|share| row(&format!("  {}", explanation.name), taken_off(&share.amount))));
    }
    rows
}

fn sum_rows(cart: &Cart, explanations: &[Explanation]) -> Vec<Vec<String>> {
    let totals = &cart.totals;
    let mut rows = vec![row("Subtotal", totals.subtotal.formatted.clone())];
    if totals.discount.amount != 0 {
        rows.push(row("Discounts", taken_off(&totals.discount)));
    }
    if let Some(fee) = cart.shipping_fee.as_ref().filter(|fee| fee.amount != 0) {
        rows.push(row("Shipping", fee.formatted.clone()));
    }
    for explanation in explanations {
        let off = explanation.shipping_amount.iter();
        rows.extend(off.map(|amount| row(&format!("  {}", explanation.name), taken_off(amount))));
    }
    rows.extend(cart.taxes.iter().map(|tax| row(&screen::tax_label(tax), tax.amount.formatted.clone())));
    rows.extend(cart.rounding.iter().map(|rounding| row("Rounding", rounding.formatted.clone())));
    rows.push(row("Total", totals.total.formatted.clone()));
    rows
}

fn row(what: &str, amount: String) -> Vec<String> {
    vec![String::new(), what.to_owned(), String::new(), amount]
}

fn taken_off(amount: &Money) -> String {
    format!("-{}", amount.formatted)
}
