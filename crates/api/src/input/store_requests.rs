//! What requests about stores, promotions, shipping and tax must be. Definitions are data of the domain; they are read in
//! full where they are used.

use super::body::Request;
use super::check::{Check, is_handle};
use cartwright_domain::coupon::MAX_NEW_CODES;
use cartwright_domain::host::plain_host;
use cartwright_wire::{
    AddCodes, CustomerInput, MailTemplateInput, PromotionInput, Reconcile, ShippingTable, StoreInput, StorePatch,
    TaxTable, TryPromotion,
};

impl Request for StoreInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.text("handle", &self.handle, 1..=63);
        check.expect(
            is_handle(&self.handle, b"-"),
            || "handle".to_owned(),
            "must consist of lower-case letters, digits and `-`",
        );
        check.optional_text("name", self.name.as_deref(), 1..=200);
        if let Some(currency) = &self.currency {
            check.currency("currency", currency);
        }
        check_hosts(self.hosts.as_deref().unwrap_or_default(), check);
    }
}

impl Request for StorePatch {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.optional_text("name", self.name.as_deref(), 1..=200);
        check_hosts(self.hosts.as_set().map(Vec::as_slice).unwrap_or_default(), check);
    }
}

fn check_hosts(hosts: &[String], check: &mut Check) {
    check.items("hosts", hosts.len(), 0..=20);
    for (index, host) in hosts.iter().enumerate() {
        let field = || format!("hosts[{index}]");
        check.text(&field(), host, 1..=253);
        check.expect(plain_host(host).is_some(), field, "must be the name or the address of a host");
    }
}

impl Request for MailTemplateInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.text("subject", &self.subject, 1..=500);
        check.text("text", &self.text, 1..=20_000);
        check.optional_text("html", self.html.as_deref(), 1..=100_000);
    }
}

impl Request for PromotionInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check_codes(&self.codes, check);
    }
}

impl Request for TryPromotion {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check_codes(&self.codes, check);
        check.instant("from", self.from.as_ref());
        check.instant("until", self.until.as_ref());
    }
}

impl Request for AddCodes {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.expect(
            self.count.is_none() != self.codes.is_empty(),
            || "count".to_owned(),
            "is needed, or `codes`, and not both",
        );
        if let Some(count) = self.count {
            check.number("count", count, 1..=MAX_NEW_CODES as i64);
        }
        check_codes(&self.codes, check);
        if let Some(prefix) = &self.prefix {
            check.text("prefix", prefix, 1..=20);
            let plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            check.expect(plain, || "prefix".to_owned(), "must consist of letters, digits, `-` and `_`");
            check.expect(self.count.is_some(), || "prefix".to_owned(), "goes with `count` only");
        }
        if let Some(uses) = self.max_uses {
            check.number("max_uses", uses, 1..=1000);
        }
    }
}

impl Request for CustomerInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("groups", self.groups.len(), 0..=100);
        for (index, group) in self.groups.iter().enumerate() {
            check.text(&format!("groups[{index}]"), group, 1..=100);
        }
        if let Some(email) = self.email.as_deref().filter(|email| !email.is_empty()) {
            check.email("email", email);
        }
    }
}

impl Request for Reconcile {
    const OF_OPERATOR: bool = true;
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        check.instant("from", self.from.as_ref());
        check.instant("until", self.until.as_ref());
    }
}

fn check_codes(codes: &[String], check: &mut Check) {
    check.items("codes", codes.len(), 0..=MAX_NEW_CODES);
    for (index, code) in codes.iter().enumerate() {
        check.text(&format!("codes[{index}]"), code, 1..=100);
        check.expect(!code.trim().is_empty(), || format!("codes[{index}]"), "must not be blank");
    }
}

impl Request for ShippingTable {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("methods", self.methods.len(), 0..=200);
    }
}

impl Request for TaxTable {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.items("rates", self.rates.len(), 0..=2_000);
    }
}
