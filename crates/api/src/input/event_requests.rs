//! What requests about receivers of events must be.

use super::body::Request;
use super::check::Check;
use cartwright_domain::event::EventKind;
use cartwright_wire::{ChangeWebhook, CreateWebhook, ReplayWebhook};

const LONGEST_URL: usize = 2_000;
/// The same, for the document.
pub(crate) const URL_PATTERN: &str = "^https?://[A-Za-z0-9._:\\[\\]-]+(/[!-~]*)?$";

impl Request for CreateWebhook {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check_url(&self.url, check);
        check.optional_text("description", self.description.as_deref(), 0..=500);
        check_types(&self.types, check);
    }
}

impl Request for ChangeWebhook {
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(url) = &self.url {
            check_url(url, check);
        }
        check.optional_text("description", self.description.as_set().map(String::as_str), 0..=500);
        if let Some(types) = self.types.as_set() {
            check_types(types, check);
        }
    }
}

impl Request for ReplayWebhook {
    const MAY_BE_EMPTY: bool = true;
    const OF_OPERATOR: bool = true;

    fn check(&self, check: &mut Check) {
        check.instant("since", self.since.as_ref());
    }
}

fn check_url(url: &str, check: &mut Check) {
    check.text("url", url, 1..=LONGEST_URL);
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:[]-".contains(&byte));
    let printable = path.bytes().all(|byte| byte.is_ascii_graphic());
    check.expect(!host.is_empty() && plain && printable, || "url".to_owned(), "must be an address, http or https");
}

fn check_types(types: &[String], check: &mut Check) {
    check.items("types", types.len(), 0..=100);
    for (index, name) in types.iter().enumerate() {
        check.expect(EventKind::named(name).is_some(), || format!("types[{index}]"), "must be a type of event");
    }
}
