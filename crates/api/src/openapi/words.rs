//! Closed lists of words, and instants: fields that are texts to the wire's types, and of which the document says more. The words
//! stand in the field's own description, so that they are written once.

use serde_json::{Value, json};

/// The name of each list, and the fields that have a word of it. The first field's description has the words.
const WORDS: [(&str, &[(&str, &str)]); 25] = [
    ("CartStatus", &[("Cart", "status"), ("CartRecord", "status"), ("CartState", "status")]),
    ("Actor", &[("Event", "actor"), ("CartEvent", "actor")]),
    ("AuditOutcome", &[("AuditEntry", "outcome")]),
    ("AvailabilityStatus", &[("Availability", "status")]),
    ("CouponReason", &[("Coupon", "reason")]),
    ("DeliveryStatus", &[("WebhookDelivery", "status")]),
    ("DisputeStanding", &[("Dispute", "standing")]),
    ("DriftKind", &[("Drift", "kind")]),
    ("ExplanationOutcome", &[("Explanation", "outcome")]),
    ("ExplanationReason", &[("Explanation", "reason")]),
    ("FulfilmentStatus", &[("Order", "fulfilment_status")]),
    ("MailState", &[("MailRecord", "state")]),
    ("ManualPaymentKind", &[("ManualPayment", "kind"), ("PaymentMethod", "kind")]),
    ("NoticeCode", &[("Notice", "code")]),
    ("OrderPaymentStatus", &[("Order", "payment_status")]),
    ("OrderStatus", &[("Order", "status")]),
    ("ParcelStatus", &[("Fulfilment", "status")]),
    ("PaymentStatus", &[("Payment", "status")]),
    ("RefundOrigin", &[("Refund", "origin")]),
    ("RefundStatus", &[("Refund", "status")]),
    ("Role", &[("Account", "role"), ("Key", "role"), ("Operator", "role")]),
    ("ShippingHindrance", &[("UnavailableMethod", "reason")]),
    ("StockCause", &[("StockMovement", "cause")]),
    ("UndoKind", &[("Undo", "what")]),
    ("UnmatchedPaymentAction", &[("UnmatchedPayment", "action")]),
];

/// Gives each closed list a schema, and instants their format.
pub(super) fn name_words(schemas: &mut Value) {
    for schema in schemas.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, field) in properties.into_iter().flatten() {
            mark_instant(field);
        }
    }
    for (name, fields) in WORDS {
        let mut words = Vec::new();
        for (schema, field) in fields {
            let property = &mut schemas[schema]["properties"][field];
            let text = property["description"].as_str().unwrap_or_default().to_owned();
            if words.is_empty() {
                words = words_of(&text);
            }
            let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
            let or_nothing = property["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"));
            *property = match or_nothing {
                true => json!({ "description": text, "oneOf": [reference, { "type": "null" }] }),
                false => json!({ "description": text, "$ref": reference["$ref"] }),
            };
        }
        schemas[name] = json!({ "type": "string", "enum": words });
    }
}

fn mark_instant(field: &mut Value) {
    let is_instant = field["description"].as_str().is_some_and(|text| text.contains("RFC 3339"));
    let is_text = match &field["type"] {
        Value::String(one) => one == "string",
        Value::Array(all) => all.iter().any(|one| one == "string"),
        _ => false,
    };
    if is_instant && is_text {
        field["format"] = json!("date-time");
    }
}

/// The words in backticks, each once.
fn words_of(description: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in description.split('`').skip(1).step_by(2) {
        let is_word = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_word && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::finish;
    use cartwright_domain::account::Role;
    use cartwright_domain::cart::CartStatus;
    use cartwright_domain::event::Actor;
    use cartwright_domain::mail::MailState;
    use cartwright_domain::order::{OrderStatus, PaymentStatus};
    use cartwright_domain::outside::UnmatchedAction;
    use cartwright_domain::people::AuditOutcome;
    use cartwright_domain::stock::Cause;
    use cartwright_domain::webhook::DeliveryStatus;
    use std::collections::BTreeSet;

    #[test]
    fn the_words_are_those_that_the_domain_writes() {
        let document = finish(&crate::router::documented_routes().into_openapi());
        let schemas = &document["components"]["schemas"];
        let words = |name: &str| -> BTreeSet<String> {
            let words = schemas[name]["enum"].as_array().unwrap_or_else(|| panic!("{name} has no words"));
            words.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
        };
        let check = |name: &str, known: &[&str]| {
            let known: BTreeSet<String> = known.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(words(name), known, "{name}: left is the description of the field, right the domain");
        };
        check("CartStatus", &CartStatus::ALL.map(CartStatus::as_str));
        check("OrderStatus", &OrderStatus::ALL.map(OrderStatus::as_str));
        check("PaymentStatus", &PaymentStatus::ALL.map(PaymentStatus::as_str));
        check("Role", &Role::ALL.map(Role::as_str));
        check("Actor", &Actor::ALL.map(Actor::as_str));
        check("MailState", &MailState::ALL.map(MailState::as_str));
        check("StockCause", &Cause::ALL.map(Cause::as_str));
        check("DeliveryStatus", &DeliveryStatus::ALL.map(DeliveryStatus::as_str));
        check("AuditOutcome", &AuditOutcome::ALL.map(AuditOutcome::as_str));
        check("UnmatchedPaymentAction", &UnmatchedAction::ALL.map(UnmatchedAction::as_str));
        for (name, fields) in WORDS {
            assert!(words(name).len() > 1, "{name}");
            for (schema, field) in fields {
                assert!(schemas[schema]["properties"][field].to_string().contains(name), "{schema}.{field}");
            }
        }
    }

    #[test]
    fn words_are_what_stands_in_backticks_and_instants_are_known_by_their_standard() {
        assert_eq!(words_of("One of `paid` (all of it), `open_still` or `paid`; see `/undo`."), ["paid", "open_still"]);
        let mut field = json!({ "type": ["string", "null"], "description": "When. RFC 3339." });
        mark_instant(&mut field);
        assert_eq!(field["format"], "date-time");
        let mut field = json!({ "type": "string", "description": "When." });
        mark_instant(&mut field);
        assert!(field.get("format").is_none());
    }
}
