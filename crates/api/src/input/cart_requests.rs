//! What requests about carts and orders must be.

use super::body::Request;
use super::check::Check;
use cartwright_domain::cart::{MAX_LINES, MAX_QUANTITY};
use cartwright_domain::command::AddressChange;
use cartwright_wire::{
    AddLines, Address, ApplyCoupon, CancelOrder, CaptureInput, ChangeAddress, ChangeCart, ChangeLine, Checkout,
    CreateCart, LineInput, MergeCart, Patch, RecordPayment, RefundInput, RefundSent, RestoreCart,
};

impl Request for CreateCart {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(currency) = &self.currency {
            check.currency("currency", currency);
        }
        if let Some(email) = &self.email {
            check.email("email", email);
        }
        check.optional_text("customer", self.customer.as_deref(), 1..=100);
        check.items("lines", self.lines.len(), 0..=MAX_LINES);
        check_lines(&self.lines, check);
    }
}

impl Request for RestoreCart {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, _: &mut Check) {}
}

impl Request for AddLines {
    fn check(&self, check: &mut Check) {
        let single =
            self.sku.is_some() || self.variant_id.is_some() || self.quantity.is_some() || !self.options.is_empty();
        if single && !self.lines.is_empty() {
            check.expect(false, || "lines".to_owned(), "give one line, or `lines`, not both");
        } else if single {
            let Some(quantity) = self.quantity else {
                return check.expect(false, || "quantity".to_owned(), "is missing");
            };
            let line = LineInput {
                sku: self.sku.clone(),
                variant_id: self.variant_id,
                quantity,
                options: self.options.clone(),
            };
            check_line(&line, "", check);
        } else {
            check.items("lines", self.lines.len(), 1..=MAX_LINES);
            check_lines(&self.lines, check);
        }
    }
}

fn check_lines(lines: &[LineInput], check: &mut Check) {
    for (index, line) in lines.iter().enumerate() {
        check_line(line, &format!("lines[{index}]."), check);
    }
}

fn check_line(line: &LineInput, at: &str, check: &mut Check) {
    let field = |name: &str| format!("{at}{name}");
    check.expect(
        line.sku.is_some() != line.variant_id.is_some(),
        || field("sku"),
        "give `sku` or `variant_id`, one of them",
    );
    if let Some(sku) = &line.sku {
        check.sku(&field("sku"), sku);
    }
    check.number(&field("quantity"), line.quantity, 1..=MAX_QUANTITY);
    check.entries(&field("options"), &line.options);
}

impl Request for ChangeLine {
    fn check(&self, check: &mut Check) {
        check.number("quantity", self.quantity, 0..=MAX_QUANTITY);
    }
}

impl Request for MergeCart {
    fn check(&self, check: &mut Check) {
        check.text("customer", &self.customer, 1..=100);
    }
}

impl Request for ApplyCoupon {
    fn check(&self, check: &mut Check) {
        check.text("code", &self.code, 1..=100);
    }
}

impl Request for ChangeCart {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(email) = self.email.as_set() {
            check.email("email", email);
        }
        for (field, address) in
            [("shipping_address", &self.shipping_address), ("billing_address", &self.billing_address)]
        {
            if let Some(address) = address.as_set() {
                check_changed_address(field, address, check);
            }
        }
        check.optional_text("shipping_method", self.shipping_method.as_set().map(String::as_str), 1..=100);
    }
}

/// A postal address of a request.
pub(crate) fn address_of(address: Address) -> cartwright_domain::order::Address {
    let Address { name, line1, line2, city, region, postcode, country, phone } = address;
    cartwright_domain::order::Address { name, line1, line2, city, region, postcode, country, phone }
}

/// What a request changes of a postal address.
pub(crate) fn address_change_of(change: &ChangeAddress) -> AddressChange {
    let text = |field: &Patch<String>| field.clone().or_unset(String::new());
    AddressChange {
        name: text(&change.name),
        line1: text(&change.line1),
        line2: text(&change.line2),
        city: text(&change.city),
        region: text(&change.region),
        postcode: text(&change.postcode),
        country: change.country.clone(),
        phone: text(&change.phone),
    }
}

pub(super) fn check_address(field: &str, address: &Address, check: &mut Check) {
    check_changed_address(field, &ChangeAddress::from(address.clone()), check);
}

fn check_changed_address(field: &str, address: &ChangeAddress, check: &mut Check) {
    let parts = [
        ("name", &address.name, 200),
        ("line1", &address.line1, 200),
        ("line2", &address.line2, 200),
        ("city", &address.city, 200),
        ("region", &address.region, 100),
        ("postcode", &address.postcode, 20),
        ("phone", &address.phone, 50),
    ];
    for (name, text, most) in parts {
        check.optional_text(&format!("{field}.{name}"), text.as_set().map(String::as_str), 0..=most);
    }
    if let Some(country) = &address.country {
        check.country(&format!("{field}.country"), country);
    }
}

impl Request for Checkout {
    fn check(&self, check: &mut Check) {
        if let Some(total) = self.expected_total {
            check.number("expected_total", total, 0..=i64::MAX);
        }
        check.text("payment.gateway", &self.payment.gateway, 1..=50);
        check.text("payment.method", &self.payment.method, 1..=200);
    }
}

impl Request for RefundInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("lines", self.lines.len(), 0..=500);
        for (index, line) in self.lines.iter().enumerate() {
            check.number(&format!("lines[{index}].quantity"), line.quantity, 1..=1_000_000);
        }
        for (field, amount) in [("shipping_amount", self.shipping_amount), ("amount", self.amount)] {
            if let Some(amount) = amount {
                check.number(field, amount, 1..=i64::MAX);
            }
        }
        check.optional_text("reason", self.reason.as_deref(), 0..=500);
    }
}

impl Request for CaptureInput {
    const OF_OPERATOR: bool = true;
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(amount) = self.amount {
            check.number("amount", amount, 1..=i64::MAX);
        }
    }
}

impl Request for RecordPayment {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.number("amount", self.amount, i64::from(!self.waive_rest)..=i64::MAX);
        check.text("reference", &self.reference, 1..=200);
    }
}

impl Request for RefundSent {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.text("reference", &self.reference, 1..=200);
    }
}

impl Request for CancelOrder {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        check.optional_text("reason", self.reason.as_deref(), 0..=500);
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::parse;
    use super::*;

    fn accepts(body: &str) -> bool {
        parse::<AddLines>(body.as_bytes()).is_ok()
    }

    #[test]
    fn one_line_or_several_but_not_both_and_not_none() {
        assert!(accepts(r#"{"sku": "PEN", "quantity": 1}"#));
        assert!(accepts(r#"{"lines": [{"sku": "PEN", "quantity": 1}]}"#));
        assert!(!accepts(r#"{"sku": "PEN", "quantity": 1, "lines": [{"sku": "PEN", "quantity": 1}]}"#));
        assert!(!accepts("{}"));
        assert!(!accepts(r#"{"lines": []}"#));
    }

    #[test]
    fn a_line_names_its_variant_once() {
        assert!(!accepts(r#"{"quantity": 1}"#));
        assert!(!accepts(r#"{"sku": "A", "variant_id": "0192a2f0-0000-7000-8000-000000000000", "quantity": 1}"#));
        assert!(!accepts(r#"{"sku": "A"}"#));
    }

    #[test]
    fn quantities_are_whole_and_positive() {
        for quantity in ["0", "-1", "1.5", "100000", "99999999999999999999", "\"1\"", "null"] {
            assert!(!accepts(&format!(r#"{{"sku": "PEN", "quantity": {quantity}}}"#)), "{quantity}");
        }
    }
}
