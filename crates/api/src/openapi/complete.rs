//! Adds to the document what holds by rule: parameters in paths, headers, security, and the problems that follow from how a
//! request is made (a body can be malformed, an operator's route can lack a key, …).

use super::schemas::{self, LANGUAGE};
use crate::access::Rule;
use cartwright_domain::event::EventKind;
use cartwright_domain::mail::MailKind;
use http::Method;
use serde_json::{Map, Value, json};

const API: &str = "/api/v1/";
/// Signed by a provider: no store is named and no key is looked at.
const WEBHOOKS: &str = "/api/v1/webhooks/";

/// The whole document.
pub(crate) fn finish(described: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    document["info"] = json!({
        "title": "Cartwright",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "A cart and checkout engine. Amounts are integers in the minor unit of their currency. Every refused \
            request answers a problem (RFC 9457) with a stable `code`, where possible with `errors` per line or field and a \
            `remedy`. Cart-changing requests accept `If-Match` with the cart's `ETag`.",
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/" }]);
    document["tags"] = tags();
    document["components"]["securitySchemes"] = json!({
        "operator": { "type": "http", "scheme": "bearer", "description": "An operator's key, `sk_…`, or the session of an account with a role, `cs_…`." },
        "session": { "type": "http", "scheme": "bearer", "description": "A program's session, `cs_…`." },
        "browser": { "type": "apiKey", "in": "cookie", "name": "__Host-cartwright_session", "description": "A browser's session; what changes something also needs the header `Cartwright-CSRF`." },
    });
    schemas::complete(&mut document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    link_carts(&mut document);
    document
}

/// Method and path of every operation, and of the document's own addresses.
pub(crate) fn routes_of(document: &Value) -> Vec<(Method, String)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flat_map(Map::keys);
        methods.filter_map(|name| Some((name.to_uppercase().parse().ok()?, path.clone())))
    });
    operations.chain([(Method::GET, "/openapi.json".to_owned())]).collect()
}

fn tags() -> Value {
    let tag = |name: &str, description: &str| json!({ "name": name, "description": description });
    json!([
        tag("Products", "What the shop sells."),
        tag(
            "Carts",
            "Fill a cart and buy it. A guest's cart opens with `Cart-Token`; without it there is no such cart."
        ),
        tag("Recovery", "What the links of reminders of abandoned carts do. The link itself opens, nothing else does."),
        tag("Orders", "What was bought."),
        tag("Order handling", "Operators: what is sent, notes."),
        tag("Reports", "Operators: sums over a period, as JSON or CSV."),
        tag("Account", "Register, log in, and what is one's own."),
        tag("Webhooks", "For payment providers."),
        tag("Events", "Operators: what happened, and who is told."),
        tag("Catalogue", "Operators: products and prices."),
        tag("Stock", "Operators: stock and its ledger."),
        tag("Promotions", "Operators: promotions and their codes."),
        tag("Shipping and tax", "Operators: how the store ships and taxes."),
        tag("Operators", "Operators: people with roles, keys of programs, and what they did."),
        tag("Mails", "Operators: what the store's mails say."),
        tag("Stores", "Operators: stores, and whether their books are right."),
        tag("Service", "For those who run the server."),
    ])
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let has_query = parameters(operation).iter().any(|parameter| parameter["in"] == "query");
    add_parameters(path, method, operation);
    let rule = Rule::of(operation["operationId"].as_str().unwrap_or_default());
    if let Some(rule) = rule {
        operation["x-access"] = rule.shown();
    }
    match rule {
        Some(Rule::Operator(..) | Rule::Unscoped(_)) => {
            operation["security"] = json!([{ "operator": [] }, { "browser": [] }]);
        }
        Some(Rule::Account) => operation["security"] = json!([{ "session": [] }, { "browser": [] }]),
        _ => {}
    }
    let guarded = !matches!(rule, None | Some(Rule::Public | Rule::Provider | Rule::Link));
    if has_body {
        let optional = OPTIONAL_BODIES.contains(&operation["operationId"].as_str().unwrap_or_default());
        operation["requestBody"]["required"] = Value::Bool(!optional);
    }
    let needs_key = parameters(operation).iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    let in_api = path.starts_with(API);
    let of_store = in_api && !path.starts_with(WEBHOOKS);
    let for_operators = guarded && rule != Some(Rule::Account);
    let common: [(bool, &str, &str); 17] = [
        (has_body, "400", "`malformed_json`."),
        (needs_key, "400", "`idempotency_key_missing`, `idempotency_key_invalid`."),
        (guarded, "401", "`unauthorized`: nobody has this key or session."),
        (rule == Some(Rule::Account), "401", "`session_required`: log in first."),
        (guarded, "403", "`other_store`: the key is of another store."),
        (guarded && method != "get", "403", "`csrf`: the session's cookie came without `Cartwright-CSRF`."),
        (for_operators, "403", "`not_allowed`: the role or the scopes do not allow this."),
        (
            matches!(rule, Some(Rule::Operator(..) | Rule::Unscoped(_))),
            "403",
            "`operator_required`: shoppers may not do this.",
        ),
        (of_store, "404", "`store_not_found`."),
        (has_body, "408", "`request_timeout`: the body came too slowly."),
        (has_body, "413", "`body_too_large`."),
        (has_body, "415", "`unsupported_media_type`."),
        (has_body || has_query, "422", "`invalid_request`, with the fields at fault in `errors`."),
        (needs_key, "422", "`idempotency_key_reused`, where the key came before with another request."),
        (in_api, "429", "`rate_limited`, `coupon_attempts`, `login_attempts`: try again after `Retry-After` seconds."),
        (in_api || path == "/metrics", "500", "`internal`: a fault of ours; nothing was changed."),
        (
            in_api || path == "/readyz",
            "503",
            "`busy`, `stopping`, `storage_unavailable`, `timed_out`: try again after `Retry-After` seconds.",
        ),
    ];
    for (applies, status, description) in common {
        if applies {
            add_problem(&mut operation["responses"], status, description);
        }
    }
    describe_problems(&mut operation["responses"]);
}

const OPTIONAL_BODIES: [&str; 8] = [
    "create_cart",
    "change_cart",
    "cancel_order",
    "capture_payment",
    "reconcile",
    "verify",
    "replay_webhook",
    "fulfil_order",
];

fn parameters(operation: &Value) -> &[Value] {
    operation["parameters"].as_array().map_or(&[], Vec::as_slice)
}

fn add_parameters(path: &str, method: &str, operation: &mut Value) {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = in_path.map(path_parameter).collect();
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
    let key = match (method, path) {
        (
            "post",
            "/api/v1/carts/{cart_id}/checkout"
            | "/api/v1/orders/{order_id}/payments"
            | "/api/v1/orders/{order_id}/refunds"
            | "/api/v1/orders/{order_id}/refunds/{refund_id}/sent"
            | "/api/v1/admin/orders/{order_id}/corrections"
            | "/api/v1/admin/orders/{order_id}/restock",
        ) => Some(true),
        ("post", "/api/v1/carts/{cart_id}/lines" | "/api/v1/admin/stock/adjustments") => Some(false),
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
    if !all.is_empty() {
        operation["parameters"] = Value::Array(all);
    }
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

/// Adds a reason to a status, and the status where it is not there.
fn add_problem(responses: &mut Value, status: &str, description: &str) {
    let known = responses[status]["description"].as_str().unwrap_or_default();
    // A reason of the same code stands there already.
    let code = description.split('`').nth(1).unwrap_or_default();
    if known.contains(&format!("`{code}`")) {
        return;
    }
    let joined = if known.is_empty() { description.to_owned() } else { format!("{known} {description}") };
    responses[status] = json!({ "description": joined });
}

/// Every status from 400 on answers a problem.
fn describe_problems(responses: &mut Value) {
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if status.as_str() < "400" {
            continue;
        }
        response["content"] =
            json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        match status.as_str() {
            "401" => response["headers"] = json!({ "WWW-Authenticate": { "schema": { "type": "string" } } }),
            "503" => response["headers"] = json!({ "Retry-After": { "schema": { "type": "string" } } }),
            _ => {}
        }
    }
}

/// Tells programs that a new cart's id and secret are what the other operations on carts take.
fn link_carts(document: &mut Value) {
    let link = |operation: &str| {
        let parameters = json!({ "path.cart_id": "$response.body#/id", "header.Cart-Token": "$response.body#/token" });
        json!({ "operationId": operation, "parameters": parameters })
    };
    let operations = [
        "read_cart",
        "change_cart",
        "delete_cart",
        "add_lines",
        "apply_coupon",
        "read_cart_shipping_methods",
        "checkout",
    ];
    let links: Map<String, Value> = operations.iter().map(|name| ((*name).to_owned(), link(name))).collect();
    document["paths"]["/api/v1/carts"]["post"]["responses"]["201"]["links"] = Value::Object(links);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    const ADMIN: &str = "/api/v1/admin/";

    fn document() -> Value {
        finish(&crate::router::documented_routes().to_openapi())
    }

    fn operations(document: &Value) -> Vec<(String, Value)> {
        let paths = document["paths"].as_object().expect("paths").iter();
        let all = paths.flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations").iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
        });
        all.collect()
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_a_tag_and_a_summary() {
        let document = document();
        let mut names = HashSet::new();
        for (place, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
            assert!(!name.is_empty() && names.insert(name), "{place}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{place}");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{place}");
        }
        assert!(names.len() >= 30, "only {} operations", names.len());
    }

    #[test]
    fn every_operation_of_the_interface_documents_its_problems() {
        for (place, operation) in operations(&document()).into_iter().filter(|(place, _)| place.contains(API)) {
            let responses = operation["responses"].as_object().expect("responses");
            for status in ["404", "500", "503"] {
                assert!(responses.contains_key(status), "{place} lacks {status}");
            }
            let problems = responses.iter().filter(|(status, _)| status.as_str() >= "400");
            for (status, response) in problems {
                assert!(response["content"]["application/problem+json"].is_object(), "{place} {status}");
            }
            if operation.get("requestBody").is_some() {
                assert!(["400", "413", "415", "422"].iter().all(|status| responses.contains_key(*status)), "{place}");
            }
            let rule = Rule::of(operation["operationId"].as_str().unwrap_or_default());
            let guarded = matches!(rule, Some(Rule::Account | Rule::Operator(..) | Rule::Unscoped(_)));
            assert_eq!(guarded, operation.get("security").is_some(), "{place}");
            assert!(!place.contains(ADMIN) || matches!(rule, Some(Rule::Operator(..) | Rule::Unscoped(_))), "{place}");
        }
    }

    /// The fields of a schema that hold lists, and those of all schemas that it leads to.
    fn lists_in(document: &Value, schema: &Value, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            if seen.insert(name.to_owned()) {
                let target = document.pointer(name.trim_start_matches('#')).expect("references lead somewhere");
                lists_in(document, target, seen, found);
            }
            return;
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let kind = &field["type"];
            let is_list =
                kind == "array" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "array"));
            if is_list {
                found.insert(name.clone());
            }
        }
        match schema {
            Value::Object(parts) => parts.values().for_each(|part| lists_in(document, part, seen, found)),
            Value::Array(parts) => parts.iter().for_each(|part| lists_in(document, part, seen, found)),
            _ => {}
        }
    }

    #[test]
    fn the_fields_that_may_hold_lists_are_those_of_the_document() {
        let document = document();
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        for (_, operation) in operations(&document) {
            lists_in(&document, &operation["requestBody"], &mut seen, &mut found);
        }
        let known: BTreeSet<String> = crate::input::LISTS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(found, known, "left is the document, right input/shape.rs");
    }

    #[test]
    fn every_operation_has_a_rule() {
        for (place, operation) in operations(&document()) {
            assert!(operation["x-access"]["who"].is_string(), "{place} has no rule in access/rules.rs");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap_or_default();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn every_part_of_a_path_is_described() {
        for (place, operation) in operations(&document()) {
            let named = place.split('{').skip(1).filter_map(|part| part.split('}').next());
            for name in named {
                assert!(parameters(&operation).iter().any(|parameter| parameter["name"] == name), "{place} {name}");
            }
        }
    }
}
