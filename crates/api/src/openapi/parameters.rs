//! The parameters of operations: those of paths and headers, which no handler describes.

use super::schemas::{LANGUAGE, LINE};
use crate::access::Rule;
use cartwright_domain::event::EventKind;
use cartwright_domain::mail::MailKind;
use serde_json::{Value, json};

const API: &str = "/api/v1/";
/// Signed by a provider: no store is named and no key is looked at.
const WEBHOOKS: &str = "/api/v1/webhooks/";

/// The parameters of an operation.
pub(super) fn parameters(operation: &Value) -> &[Value] {
    operation["parameters"].as_array().map_or(&[], Vec::as_slice)
}

/// Adds the parameters that follow from where an operation is, who may use it and what it answers.
pub(super) fn add_parameters(path: &str, method: &str, operation: &mut Value) {
    let is_described = |name: &&str| parameters(operation).iter().any(|parameter| parameter["name"] == *name);
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = in_path.filter(|name| !is_described(name)).map(path_parameter).collect();
    if path.starts_with(API) && !path.starts_with(WEBHOOKS) {
        let schema = json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 63 });
        let description = "The store, by handle; otherwise the host decides, and `default` is implied.";
        all.push(header("Cartwright-Store", false, description, schema));
    }
    let of_operator = ["/refunds", "/sent", "/payments", "/capture"].iter().any(|end| path.ends_with(end));
    if path.starts_with("/api/v1/carts/") || path.starts_with("/api/v1/orders/") && !of_operator {
        let description = "The secret of a guest's cart. Operators send their key instead.";
        all.push(header("Cart-Token", false, description, json!({ "type": "string" })));
    }
    let rule = Rule::of(operation["operationId"].as_str().unwrap_or_default());
    if matches!(rule, Some(Rule::Shopper(..))) {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 100, "pattern": LINE });
        let description = "For operators' keys: the customer for whom they act. Then that one's carts and orders open, and nothing else.";
        all.push(header("Cartwright-Customer", false, description, schema));
    }
    all.extend(conditions(path, method, operation));
    let is_by_cookie = !matches!(rule, None | Some(Rule::Public | Rule::Provider | Rule::Link));
    if is_by_cookie && method != "get" {
        let description = "Where a cookie tells who asks: the `csrf_token` that came with it.";
        all.push(header("Cartwright-CSRF", false, description, json!({ "type": "string" })));
    }
    let key = match (method, path) {
        (
            "post",
            "/api/v1/orders/{order_id}/payments"
            | "/api/v1/orders/{order_id}/refunds"
            | "/api/v1/orders/{order_id}/refunds/{refund_id}/sent"
            | "/api/v1/admin/orders/{order_id}/corrections"
            | "/api/v1/admin/orders/{order_id}/restock",
        ) => Some(true),
        (
            "post",
            "/api/v1/carts"
            | "/api/v1/carts/{cart_id}/checkout"
            | "/api/v1/carts/{cart_id}/lines"
            | "/api/v1/admin/stock/adjustments",
        ) => Some(false),
        ("post", "/api/v1/admin/orders/{order_id}/fulfilments" | "/api/v1/admin/orders/{order_id}/notes") => {
            Some(false)
        }
        _ => None,
    };
    if let Some(required) = key {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        let description = "Names this attempt: sent again, the request is answered again and done once.";
        all.push(header("Idempotency-Key", required, description, schema));
    }
    all.extend_from_slice(parameters(operation));
    for types in all.iter_mut().filter(|parameter| parameter["name"] == "types") {
        types["schema"] = json!({ "type": "string", "pattern": types_pattern() });
    }
    for zone in all.iter_mut().filter(|parameter| parameter["name"] == "time_zone") {
        zone["schema"] = json!({ "$ref": "#/components/schemas/TimeZone" });
    }
    for parameter in all.iter_mut().filter(|parameter| parameter["in"] == "query") {
        let schema = &mut parameter["schema"];
        let closed =
            ["pattern", "enum", "format", "const", "$ref", "oneOf"].iter().any(|name| schema.get(name).is_some());
        if schema["type"] == "string" && !closed {
            schema["pattern"] = json!(LINE);
        }
    }
    if !all.is_empty() {
        operation["parameters"] = Value::Array(all);
    }
}

/// Headers that make a request depend on what the client has seen.
fn conditions(path: &str, method: &str, operation: &Value) -> Vec<Value> {
    let text = || json!({ "type": "string" });
    let mut all = Vec::new();
    if operation["responses"].get("412").is_some() {
        let description =
            "Only if the cart has this `ETag` still, or one of several with commas between them; otherwise 412.";
        all.push(header("If-Match", false, description, text()));
    }
    if operation["responses"].get("304").is_some() {
        let description = "The `ETag` that the client has: 304 where it is still the newest.";
        all.push(header("If-None-Match", false, description, text()));
    }
    if method == "get" && path.ends_with("/carts/{cart_id}/events") {
        let description = "The `id` of the last event that the reader has: it goes on from there.";
        all.push(header("Last-Event-ID", false, description, text()));
    }
    all
}

/// Names of types of events with commas between them.
fn types_pattern() -> String {
    let names: Vec<String> = EventKind::ALL.iter().map(|kind| kind.as_str().replace('.', "\\.")).collect();
    let one = format!("({})", names.join("|"));
    format!("^{one}(,{one})*$")
}

fn header(name: &str, required: bool, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema })
}

fn path_parameter(name: &str) -> Value {
    let (description, schema) = match name {
        "handle" => ("The product's handle.", json!({ "type": "string", "minLength": 1 })),
        "sku" => ("The variant's SKU.", json!({ "type": "string", "minLength": 1 })),
        "customer" => {
            let schema = json!({ "type": "string", "minLength": 1, "maxLength": 100 });
            ("The customer's name in the shop's own system.", schema)
        }
        "code" => ("The code.", json!({ "type": "string", "minLength": 1 })),
        "kind" => {
            let kinds = MailKind::ALL.map(MailKind::as_str);
            ("The kind of mail.", json!({ "type": "string", "enum": kinds }))
        }
        "locale" => ("The language.", json!({ "type": "string", "pattern": LANGUAGE, "maxLength": 35 })),
        "sequence" => ("The event's number.", json!({ "type": "integer", "format": "int64" })),
        id => {
            (if id == "cart_id" { "The cart." } else { "The identity." }, json!({ "type": "string", "format": "uuid" }))
        }
    };
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}
