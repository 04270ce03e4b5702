//! Collects what is wrong with the fields of a request. The limits are those of the OpenAPI document: who changes one,
//! changes both.

use crate::problem::{Outcome, Problem, field_error};
use cartwright_domain::country::country_error;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::money::Currency;
use cartwright_wire::ProblemItem;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What is wrong with the fields of a request, so far.
#[derive(Default)]
pub(crate) struct Check {
    errors: Vec<ProblemItem>,
    /// What is wrong beyond those.
    left_out: usize,
}

/// Most that is told of one request.
const MOST_TOLD: usize = 100;

/// Most entries of the options of a line, or of the attributes of a variant.
const MOST_ENTRIES: usize = 20;

impl Check {
    pub(crate) fn expect(&mut self, holds: bool, field: impl FnOnce() -> String, detail: &str) {
        if !holds {
            self.note(|| field_error(field(), detail));
        }
    }

    fn note(&mut self, error: impl FnOnce() -> ProblemItem) {
        match self.errors.len() < MOST_TOLD {
            true => self.errors.push(error()),
            false => self.left_out += 1,
        }
    }

    /// A text of so many characters.
    pub(crate) fn text(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) {
        // Counting bytes is enough for nearly all texts, and is at once done.
        let (bytes, longest) = (text.len(), length.end().saturating_mul(4));
        let fits = bytes <= *length.end() && bytes >= length.start() * 4
            || bytes <= longest && length.contains(&text.chars().count());
        if !fits {
            self.note(|| field_error(field, format!("must have {} to {} characters", length.start(), length.end())));
        }
    }

    pub(crate) fn optional_text(&mut self, field: &str, text: Option<&str>, length: RangeInclusive<usize>) {
        if let Some(text) = text {
            self.text(field, text, length);
        }
    }

    /// A SKU: 1 to 100 characters, none of them a control character.
    pub(crate) fn sku(&mut self, field: &str, sku: &str) {
        self.text(field, sku, 1..=100);
        // Of one that is too long the beginning says enough.
        let printable = !sku.bytes().take(400).any(|byte| byte < 0x20 || byte == 0x7f);
        self.expect(printable, || field.to_owned(), "must not contain control characters");
    }

    pub(crate) fn number(&mut self, field: &str, number: i64, range: RangeInclusive<i64>) {
        if !range.contains(&number) {
            self.note(|| field_error(field, format!("must be between {} and {}", range.start(), range.end())));
        }
    }

    pub(crate) fn items(&mut self, field: &str, count: usize, range: RangeInclusive<usize>) {
        if !range.contains(&count) {
            self.note(|| field_error(field, format!("must have {} to {} entries", range.start(), range.end())));
        }
    }

    pub(crate) fn currency(&mut self, field: &str, code: &str) {
        self.expect(code.parse::<Currency>().is_ok(), || field.to_owned(), "must be an ISO 4217 code such as EUR");
    }

    /// A country, by its code of ISO 3166-1.
    pub(crate) fn country(&mut self, field: &str, code: &str) {
        if let Some(why) = country_error(code) {
            self.note(|| field_error(field, why));
        }
    }

    /// Exactly one e-mail address.
    pub(crate) fn email(&mut self, field: &str, email: &str) {
        if let Err(error) = EmailAddress::parse(email) {
            self.note(|| field_error(field, error.to_string()));
        }
    }

    /// What once was taken for an e-mail address, which somebody who logs in may have: something, an `@`, something; no blanks.
    pub(crate) fn known_email(&mut self, field: &str, email: &str) {
        self.text(field, email, 3..=254);
        let parts = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !email.bytes().any(|byte| byte <= b' ')
        });
        self.expect(parts, || field.to_owned(), "must be an e-mail address");
    }

    /// Options of a line, attributes of a variant.
    pub(crate) fn entries(&mut self, field: &str, entries: &BTreeMap<String, String>) {
        if entries.is_empty() {
            return;
        }
        self.items(field, entries.len(), 0..=MOST_ENTRIES);
        for (name, value) in entries {
            self.text(&format!("{field}.{name}"), name, 1..=100);
            self.text(&format!("{field}.{name}"), value, 0..=500);
        }
    }

    pub(crate) fn finish(self) -> Outcome<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors, self.left_out)) }
    }
}

/// An address of a request whose fields have been checked.
pub(crate) fn email_of(email: &str) -> Outcome<EmailAddress> {
    EmailAddress::parse(email).map_err(|error| Problem::invalid_field("email", error.to_string()))
}

/// A name of lower-case letters, digits and `others`, that begins with a letter or digit.
pub(crate) fn is_handle(text: &str, others: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut bytes = text.bytes();
    bytes.next().is_some_and(plain) && bytes.all(|byte| plain(byte) || others.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(check: impl FnOnce(&mut Check)) -> bool {
        let mut collected = Check::default();
        check(&mut collected);
        collected.finish().is_err()
    }

    #[test]
    fn lengths_count_characters_and_not_bytes() {
        assert!(!refused(|check| check.text("name", &"€".repeat(100), 1..=100)));
        assert!(refused(|check| check.text("name", &"€".repeat(101), 1..=100)));
        assert!(refused(|check| check.text("name", "", 1..=100)));
        assert!(!refused(|check| check.text("name", "a", 1..=100)));
    }

    #[test]
    fn of_very_many_faults_the_first_are_told_and_how_many_they_are() {
        let mut check = Check::default();
        (0..70_000).for_each(|at| check.number(&format!("lines[{at}].quantity"), -1, 1..=9));
        let body = check.finish().expect_err("it is refused").into_body();
        assert_eq!(body.detail, "70000 fields are not as they must be; here are the first 100.");
        assert_eq!((body.errors.len(), body.errors[99].field.as_deref()), (100, Some("lines[99].quantity")));
    }

    #[test]
    fn an_email_is_one_address_and_nothing_else() {
        assert!(!refused(|check| check.email("email", "ada@example.com")));
        for wrong in ["ada", "x1<victim@example.com>", "a da@example.com", "ada@example.com,eve@example.com"] {
            assert!(refused(|check| check.email("email", wrong)), "{wrong:?}");
        }
    }

    #[test]
    fn a_sku_may_be_anything_that_can_be_printed() {
        assert!(!refused(|check| check.sku("sku", "BANK CHARGES/€ 'x")));
        assert!(refused(|check| check.sku("sku", "A\tB")));
    }
}
