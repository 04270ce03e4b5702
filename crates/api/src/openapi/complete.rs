//! Adds to the document what holds by rule: parameters in paths, headers, security, and the problems that follow from how a
//! request is made (a body can be malformed, an operator's route can lack a key, …).

use super::parameters::{add_parameters, parameters};
use super::schemas;
use crate::access::Rule;
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
    document["components"]["securitySchemes"] = security_schemes();
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

/// What opens something.
fn security_schemes() -> Value {
    let cookie = |name: &str, what: &str| {
        let description = format!("{what}; what changes something also needs the header `Cartwright-CSRF`.");
        json!({ "type": "apiKey", "in": "cookie", "name": name, "description": description })
    };
    let own = "A guest's cart in a browser, in a cookie for each store, here for `default`";
    json!({
        "operator": { "type": "http", "scheme": "bearer", "description": "An operator's key, `sk_…`, or the session of an account with a role, `cs_…`." },
        "session": { "type": "http", "scheme": "bearer", "description": "A program's session, `cs_…`." },
        "browser": cookie("__Host-cartwright_session", "A browser's session"),
        "cart": { "type": "apiKey", "in": "header", "name": "Cart-Token", "description": "The secret of a guest's cart." },
        "cart_in_browser": cookie("__Host-cartwright_cart_default", own),
        "stripe": { "type": "apiKey", "in": "header", "name": "Stripe-Signature", "description": "Stripe's signature of the body." },
    })
}

/// What an operation of a rule may be opened with. A cart or an order that nothing opens is not there (404), which is told without
/// any of it.
fn security_of(rule: Option<Rule>) -> Value {
    match rule {
        Some(Rule::Operator(..) | Rule::Unscoped(_)) => json!([{ "operator": [] }, { "browser": [] }]),
        Some(Rule::Account) => json!([{ "session": [] }, { "browser": [] }]),
        Some(Rule::Shopper(..)) => json!([
            { "cart": [] }, { "cart_in_browser": [] }, { "session": [] }, { "browser": [] }, { "operator": [] }, {},
        ]),
        Some(Rule::Provider) => json!([{ "stripe": [] }]),
        None | Some(Rule::Public | Rule::Link) => json!([]),
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let has_query = parameters(operation).iter().any(|parameter| parameter["in"] == "query");
    add_parameters(path, method, operation);
    let rule = Rule::of(operation["operationId"].as_str().unwrap_or_default());
    if let Some(rule) = rule {
        operation["x-access"] = rule.shown();
    }
    operation["security"] = security_of(rule);
    let guarded = !matches!(rule, None | Some(Rule::Public | Rule::Provider | Rule::Link));
    if has_body {
        let optional = OPTIONAL_BODIES.contains(&operation["operationId"].as_str().unwrap_or_default());
        operation["requestBody"]["required"] = Value::Bool(!optional);
        if method == "patch" {
            let content = &mut operation["requestBody"]["content"];
            content[MERGE_PATCH] = content["application/json"].clone();
        }
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
    let takes_key = parameters(operation).iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    describe_headers(&mut operation["responses"], takes_key);
}

/// Headers that answers have by rule: a cart's tag, and that a request was answered before.
fn describe_headers(responses: &mut Value, takes_key: bool) {
    let done = responses.as_object_mut().into_iter().flatten().filter(|(status, _)| status.as_str() < "300");
    for (_, response) in done {
        if response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Cart" {
            let description = "The cart's tag, for `If-Match` and `If-None-Match`.";
            response["headers"]["ETag"] = json!({ "description": description, "schema": { "type": "string" } });
        }
        if takes_key {
            let description = "`true` where the request had been answered before under its key, and did nothing more.";
            let schema = json!({ "type": "string", "enum": ["true"] });
            response["headers"]["Idempotent-Replayed"] = json!({ "description": description, "schema": schema });
        }
    }
}

/// What every `PATCH` takes, under this name or as plain JSON.
const MERGE_PATCH: &str = "application/merge-patch+json";

const OPTIONAL_BODIES: [&str; 9] = [
    "create_cart",
    "restore_cart",
    "change_cart",
    "cancel_order",
    "capture_payment",
    "reconcile",
    "verify",
    "replay_webhook",
    "fulfil_order",
];

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
            "429" | "503" => {
                let description = "Seconds after which to try again.";
                let schema = json!({ "type": "integer", "minimum": 0 });
                response["headers"] = json!({ "Retry-After": { "description": description, "schema": schema } });
            }
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
            let security = operation["security"].as_array().unwrap_or_else(|| panic!("{place} says nothing"));
            let is_open = security.is_empty() || security.contains(&json!({}));
            assert_eq!(guarded || rule == Some(Rule::Provider), !is_open, "{place}");
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
