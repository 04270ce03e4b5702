//! What requests of operators about orders must be.

use super::body::Request;
use super::check::Check;
use cartwright_domain::cart::{MAX_LINES, MAX_QUANTITY};
use cartwright_wire::{
    AddNote, ChangeTracking, CorrectionInput, FulfilOrder, RestockInput, Tracking, UnmatchedInput, UpdateFulfilment,
};

impl Request for FulfilOrder {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, check: &mut Check) {
        if let Some(lines) = &self.lines {
            check.items("lines", lines.len(), 1..=MAX_LINES);
            for (index, line) in lines.iter().enumerate() {
                check.number(&format!("lines[{index}].quantity"), line.quantity, 1..=MAX_QUANTITY);
            }
        }
        check_tracking(self.tracking.as_ref(), check);
    }
}

impl Request for UpdateFulfilment {
    fn check(&self, check: &mut Check) {
        if let Some(tracking) = self.tracking.as_set() {
            check_changed_tracking(tracking, check);
        }
        check.instant("delivered_at", self.delivered_at.as_ref());
    }
}

fn check_tracking(tracking: Option<&Tracking>, check: &mut Check) {
    if let Some(tracking) = tracking {
        check_changed_tracking(&ChangeTracking::from(tracking.clone()), check);
    }
}

fn check_changed_tracking(tracking: &ChangeTracking, check: &mut Check) {
    check.optional_text("tracking.carrier", tracking.carrier.as_deref(), 1..=100);
    check.optional_text("tracking.number", tracking.number.as_deref(), 1..=100);
    if let Some(url) = tracking.url.as_set() {
        check.text("tracking.url", url, 1..=500);
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plausible = rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()));
        check.expect(
            plausible,
            || "tracking.url".to_owned(),
            "must be an address that begins with https:// or http://",
        );
    }
}

impl Request for AddNote {
    fn check(&self, check: &mut Check) {
        check.text("text", &self.text, 1..=2_000);
    }
}

impl Request for CorrectionInput {
    fn check(&self, check: &mut Check) {
        check.items("lines", self.lines.len(), 0..=MAX_LINES);
        for (index, line) in self.lines.iter().enumerate() {
            check.number(&format!("lines[{index}].quantity"), line.quantity, 1..=MAX_QUANTITY);
        }
        if let Some(amount) = self.amount {
            check.number("amount", amount, 1..=i64::MAX);
        }
        check.optional_text("reference", self.reference.as_deref(), 1..=200);
        check.text("reason", &self.reason, 1..=500);
    }
}

impl Request for RestockInput {
    fn check(&self, check: &mut Check) {
        check.items("lines", self.lines.len(), 1..=MAX_LINES);
        for (index, line) in self.lines.iter().enumerate() {
            check.number(&format!("lines[{index}].quantity"), line.quantity, 1..=MAX_QUANTITY);
        }
    }
}

impl Request for UnmatchedInput {
    fn check(&self, check: &mut Check) {
        check.text("gateway", &self.gateway, 1..=50);
        check.text("reference", &self.reference, 1..=200);
        check.text("reason", &self.reason, 1..=500);
    }
}
