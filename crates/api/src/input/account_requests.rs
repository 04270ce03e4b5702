//! What requests about accounts, operators and keys must be.

use super::body::Request;
use super::cart_requests::check_address;
use super::check::Check;
use crate::access::SCOPES;
use cartwright_domain::account::{LONGEST_KEY_MINUTES, MOST_ADDRESSES};
use cartwright_wire::{
    ChangeAccount, ChangePassword, DeleteAccount, ForgotPassword, KeyInput, LogIn, OperatorInput, PersonInput,
    RegisterAccount, SetPassword,
};

/// A language tag such as `de` or `pt-BR`.
pub(super) fn is_language(locale: &str) -> bool {
    let mut parts = locale.split('-');
    let first = parts.next().unwrap_or_default();
    let plain = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_lowercase());
    let rest = parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    plain && rest && locale.len() <= 35
}

fn check_locale(locale: Option<&str>, check: &mut Check) {
    let known = locale.is_none_or(is_language);
    check.expect(known, || "locale".to_owned(), "must be a language such as `de`");
}

impl Request for RegisterAccount {
    fn check(&self, check: &mut Check) {
        check.email("email", &self.email);
        check.optional_text("name", self.name.as_deref(), 0..=200);
        check_locale(self.locale.as_deref(), check);
    }
}

impl Request for SetPassword {
    fn check(&self, check: &mut Check) {
        check.text("token", &self.token, 1..=200);
        check.text("password", &self.password, 8..=200);
    }
}

impl Request for LogIn {
    fn check(&self, check: &mut Check) {
        // Whoever registered when more was taken for an address still gets in.
        check.known_email("email", &self.email);
        check.text("password", &self.password, 1..=200);
        if let Some(cart) = &self.guest_cart {
            check.optional_text("guest_cart.token", cart.token.as_deref(), 1..=200);
        }
        check.optional_text("device", self.device.as_deref(), 0..=200);
    }
}

impl Request for DeleteAccount {
    fn check(&self, check: &mut Check) {
        check.text("password", &self.password, 1..=200);
    }
}

impl Request for ForgotPassword {
    fn check(&self, check: &mut Check) {
        check.email("email", &self.email);
    }
}

impl Request for ChangePassword {
    fn check(&self, check: &mut Check) {
        check.text("current_password", &self.current_password, 1..=200);
        check.text("password", &self.password, 8..=200);
    }
}

impl Request for ChangeAccount {
    fn check(&self, check: &mut Check) {
        check.optional_text("name", self.name.as_set().map(String::as_str), 0..=200);
        check.optional_text("phone", self.phone.as_set().map(String::as_str), 0..=50);
        check_locale(self.locale.as_set().map(String::as_str), check);
        if let Some(addresses) = self.addresses.as_set() {
            check.items("addresses", addresses.len(), 0..=MOST_ADDRESSES);
            for (index, address) in addresses.iter().enumerate() {
                check_address(&format!("addresses[{index}]"), address, check);
            }
        }
    }
}

impl Request for OperatorInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.email("email", &self.email);
    }
}

impl Request for PersonInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        // What was taken for an address before can be erased too.
        check.text("email", &self.email, 3..=254);
    }
}

impl Request for KeyInput {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.text("name", &self.name, 1..=100);
        check.items("scopes", self.scopes.len(), 0..=20);
        for (index, scope) in self.scopes.iter().enumerate() {
            let known = SCOPES.contains(&scope.as_str());
            check.expect(known, || format!("scopes[{index}]"), "is no scope");
        }
        if let Some(minutes) = self.expires_in_minutes {
            check.number("expires_in_minutes", i64::from(minutes), 1..=i64::from(LONGEST_KEY_MINUTES));
        }
    }
}
