//! Adds to the schemas what types do not tell: which characters texts may have, which fields go together, what the data of the
//! domain looks like.

use super::parts::name_parts;
use super::words::name_words;
use crate::input::{LAST_MS, URL_PATTERN};
use cartwright_domain::country::COUNTRIES;
use cartwright_domain::event::EventKind;
use cartwright_domain::money::Currency;
use cartwright_domain::time_zone::TimeZone;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Lines without control characters but those between and in them.
const TEXT: &str = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$";
/// One line, without control characters.
pub(super) const LINE: &str = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$";
/// What was once taken for an e-mail address.
const KNOWN_EMAIL: &str = "^[^@ \\u0000-\\u001F\\u007F-\\u009F]+@[^@ \\u0000-\\u001F\\u007F-\\u009F]+$";
/// An e-mail address in ASCII letters. Those in other letters (RFC 6531) are taken too; whether one is well-formed no pattern tells.
const EMAIL: &str = "^[A-Za-z0-9#$&'*+/=?^_`{}~-](\\.?[A-Za-z0-9#$&'*+/=?^_`{}~-]){0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";
pub(super) const LANGUAGE: &str = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";
const SKU: &str = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$";
/// An instant or a date, without a word on how long months are. Two formats in its place, each a type of its own to generators, would
/// leave them without a way to tell one from the other.
const INSTANT: &str = "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$";
/// Something that is not blank.
const WORD: &str =
    "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$";
/// The name of a host in ASCII letters. Names in other letters, addresses of version 6 and ports are taken too, and brought to one form.
const HOST: &str = "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$";

/// Completes the schemas of a document.
pub(super) fn complete(document: &mut Value) {
    for file in [include_str!("promotion.json"), include_str!("store.json")] {
        let definitions: Value = serde_json::from_str(file).unwrap_or_default();
        for (name, schema) in definitions.as_object().into_iter().flatten() {
            document["components"]["schemas"][name] = schema.clone();
        }
    }
    let schemas = &mut document["components"]["schemas"];
    refine(schemas);
    name_words(schemas);
    for name in requests(&document["paths"], &document["components"]["schemas"]) {
        bound(&mut document["components"]["schemas"][name]);
    }
    document["components"]["schemas"]["Currency"] = json!({
        "type": "string", "description": "A currency of ISO 4217.", "enum": currencies(),
    });
    document["components"]["schemas"]["Country"] = json!({
        "type": "string", "description": "A country of ISO 3166-1, alpha-2, or `XK` for Kosovo.", "enum": &COUNTRIES[..],
    });
    // Generators make constants of the names: those with digits and signs would be called alike.
    let zones = TimeZone::names()
        .into_iter()
        .filter(|name| !name.contains(|letter: char| letter.is_ascii_digit() || letter == '+'));
    document["components"]["schemas"]["TimeZone"] = json!({
        "type": "string",
        "description": "A time zone of the IANA database, with its daylight saving time. Its names with digits, such as `Etc/GMT+1`, are taken too.",
        "enum": zones.collect::<Vec<_>>(),
    });
    let instant = document["components"]["schemas"]["Instant"].clone();
    document["components"]["schemas"]["Instant"] = json!({
        "description": instant["description"],
        "oneOf": [
            { "type": "integer", "minimum": 0, "maximum": LAST_MS, "description": "Milliseconds since 1970." },
            { "type": "string", "pattern": INSTANT, "description": "RFC 3339, or a date: its beginning by the store's clock." },
        ],
    });
    name_parts(&mut document["components"]["schemas"]);
}

/// Fields whose form the types do not tell.
fn refine(schemas: &mut Value) {
    let optional_currency = json!({ "oneOf": [{ "$ref": "#/components/schemas/Currency" }, { "type": "null" }] });
    let handle = json!({ "type": "string", "minLength": 1, "maxLength": 200, "pattern": handle_pattern() });
    let texts = |most: u32, item: Value| json!({ "type": ["array", "null"], "maxItems": most, "items": item });
    let hosts = json!({
        "type": ["array", "null"], "maxItems": 20,
        "items": { "type": "string", "minLength": 1, "maxLength": 253, "pattern": HOST },
    });
    let address = json!({ "type": "string", "minLength": 3, "maxLength": 254, "pattern": EMAIL });
    let known = json!({ "type": "string", "minLength": 3, "maxLength": 254, "pattern": KNOWN_EMAIL });
    let language = json!({ "type": ["string", "null"], "maxLength": 35, "pattern": LANGUAGE });
    let scopes =
        json!({ "type": "array", "maxItems": 20, "items": { "type": "string", "enum": crate::access::SCOPES } });
    let email = json!({ "type": ["string", "null"], "minLength": 3, "maxLength": 254, "pattern": EMAIL });
    let sku = json!({ "type": "string", "minLength": 1, "maxLength": 100, "pattern": SKU });
    let text =
        |least: u32, most: u32| json!({ "type": "string", "minLength": least, "maxLength": most, "pattern": TEXT });
    let entries = json!({
        "type": "object", "maxProperties": 20, "additionalProperties": text(0, 500),
        "propertyNames": { "type": "string", "minLength": 1, "maxLength": 100, "pattern": LINE },
    });
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let optional = |name: &str| json!({ "oneOf": [reference(name), { "type": "null" }] });
    let list = |name: &str, most: u32| json!({ "type": "array", "maxItems": most, "items": reference(name) });
    let code = json!({ "type": "string", "minLength": 1, "maxLength": 100, "pattern": WORD });
    let codes = json!({ "type": "array", "maxItems": 10000, "items": code });
    let url = json!({ "type": "string", "minLength": 1, "maxLength": 2000, "pattern": URL_PATTERN });
    let fields = [
        ("Address", "country", reference("Country")),
        ("CreateCart", "currency", optional_currency.clone()),
        ("CreateCart", "email", email.clone()),
        ("ChangeCart", "email", email.clone()),
        ("CustomerInput", "email", json!({ "anyOf": [email, { "type": "string", "maxLength": 0 }] })),
        ("RegisterAccount", "email", address.clone()),
        ("RegisterAccount", "locale", language.clone()),
        ("ChangeAccount", "locale", language),
        ("LogIn", "email", known),
        ("ForgotPassword", "email", address.clone()),
        ("OperatorInput", "email", address),
        ("KeyInput", "scopes", scopes),
        ("VariantInput", "sku", sku.clone()),
        ("VariantInput", "attributes", or_null(entries.clone())),
        ("VariantInput", "prices", or_null(price_list())),
        ("VariantInput", "min_unit_prices", or_null(price_list())),
        ("ProductInput", "handle", handle.clone()),
        ("ProductInput", "tags", texts(100, text(0, 200))),
        ("ProductInput", "images", texts(250, text(0, 2000))),
        ("ProductPatch", "handle", handle),
        ("ProductPatch", "tags", texts(100, text(0, 200))),
        ("ProductPatch", "images", texts(250, text(0, 2000))),
        ("VariantPatch", "sku", sku.clone()),
        ("VariantPatch", "attributes", nullable(&entries)),
        ("VariantPatch", "prices", nullable(&price_list())),
        ("VariantPatch", "min_unit_prices", nullable(&price_list())),
        ("StorePatch", "hosts", hosts.clone()),
        ("StorePatch", "settings", optional("StoreSettingsPatch")),
        ("PriceInput", "sku", sku.clone()),
        ("PriceInput", "currency", optional_currency.clone()),
        ("StoreInput", "currency", optional_currency.clone()),
        ("StoreInput", "hosts", hosts),
        ("StoreInput", "settings", optional("StoreSettingsPatch")),
        ("PromotionInput", "definition", reference("PromotionDefinition")),
        ("PromotionInput", "codes", codes.clone()),
        ("TryPromotion", "definition", reference("PromotionDefinition")),
        ("TryPromotion", "codes", codes.clone()),
        ("AddCodes", "codes", codes),
        ("CustomerInput", "groups", json!({ "type": "array", "maxItems": 100, "items": text(1, 100) })),
        ("CreateWebhook", "url", url.clone()),
        ("CreateWebhook", "types", types("array")),
        ("ChangeWebhook", "url", url),
        ("ChangeAddress", "country", reference("Country")),
        ("ChangeWebhook", "types", types(json!(["array", "null"]))),
        ("ShippingTable", "methods", list("ShippingMethodDefinition", 200)),
        ("TaxTable", "rates", list("TaxRateDefinition", 2000)),
    ];
    for (schema, field, value) in fields {
        describe(&mut schemas[schema]["properties"][field], value);
    }
    schemas["RecordPayment"]["anyOf"] = json!([
        { "properties": { "amount": { "minimum": 1 } } },
        { "properties": { "waive_rest": { "const": true } }, "required": ["waive_rest"] },
    ]);
    schemas["StoreSettingsPatch"] = settings_patch(&schemas["StoreSettings"]);
    need_in_full(schemas);
    schemas["LineInput"] = line_input(&sku, &entries);
    schemas["AddLines"] = add_lines(&sku, &entries);
    schemas["AddCodes"] = add_codes(&schemas["AddCodes"]);
    schemas["StockAdjustment"] = stock_adjustment(&sku, &text(1, 500));
}

/// Letters that handles may have beside ASCII ones: nothing blank, invisible, or reserved. Those beyond the first plane are taken
/// too.
const LETTERS: &str = "\\u00A1-\\u00AC\\u00AE-\\u061B\\u061D-\\u167F\\u1681-\\u180D\\u180F-\\u1FFF\\u2C00-\\u2FFF\\u3001-\\uD7FF\\uF900-\\uFDCF";

fn handle_pattern() -> String {
    format!("^[a-z0-9{LETTERS}][a-z0-9{LETTERS}._-]*$")
}

fn or_null(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

/// A map as a merge patch has it: whatever is `null` is taken away.
fn nullable(map: &Value) -> Value {
    let mut schema = or_null(map.clone());
    let value = schema["additionalProperties"].take();
    schema["additionalProperties"] = json!({ "oneOf": [value, { "type": "null" }] });
    schema
}

/// The settings of a store as a merge patch has them: `null` is the default.
fn settings_patch(settings: &Value) -> Value {
    let mut schema = settings.clone();
    for (_, setting) in schema["properties"].as_object_mut().into_iter().flatten() {
        match &setting["type"] {
            Value::String(kind) if setting.get("enum").is_none() => setting["type"] = json!([kind, "null"]),
            Value::Array(kinds) if kinds.iter().any(|kind| kind == "null") => {}
            _ => *setting = json!({ "anyOf": [setting.take(), { "type": "null" }] }),
        }
    }
    schema
}

/// Rows of a file may leave out what products that are stated in full must have.
fn need_in_full(schemas: &mut Value) {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    schemas["ImportedVariant"] = schemas["VariantInput"].clone();
    schemas["ImportedProduct"] = schemas["ProductInput"].clone();
    schemas["ImportedProduct"]["properties"]["variants"]["items"] = reference("ImportedVariant");
    schemas["ImportProducts"]["properties"]["products"]["items"] = reference("ImportedProduct");
    schemas["ProductInput"]["required"] = json!(["handle", "name", "variants"]);
    schemas["ProductInput"]["properties"]["variants"]["minItems"] = json!(1);
    schemas["VariantInput"]["required"] = json!(["sku", "price"]);
}

/// A list of types of events.
fn types(kind: impl Into<Value>) -> Value {
    let names: Vec<&str> = EventKind::ALL.into_iter().map(EventKind::as_str).collect();
    json!({ "type": kind.into(), "maxItems": 100, "items": { "type": "string", "enum": names } })
}

/// Puts a new description in place of a field's, and keeps its words.
fn describe(field: &mut Value, mut value: Value) {
    if let Some(words) = field.get("description").cloned() {
        value["description"] = words;
    }
    *field = value;
}

fn price_list() -> Value {
    let price =
        json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": cartwright_domain::money::MOST_AMOUNT });
    json!({ "type": "object", "propertyNames": { "$ref": "#/components/schemas/Currency" }, "additionalProperties": price })
}

/// A line names its variant by SKU or by id.
fn line_forms(sku: &Value, entries: &Value) -> [Value; 2] {
    let form = |title: &str, name: &str, schema: Value| {
        json!({
            "title": title,
            "type": "object",
            "required": [name, "quantity"],
            "additionalProperties": false,
            "properties": {
                name: schema,
                "quantity": { "type": "integer", "format": "int64", "minimum": 1, "maximum": 99_999, "description": "Units." },
                "options": entries,
            },
        })
    };
    [
        form("LineBySku", "sku", sku.clone()),
        form("LineByVariant", "variant_id", json!({ "type": "string", "format": "uuid" })),
    ]
}

fn line_input(sku: &Value, entries: &Value) -> Value {
    json!({ "description": "Goods to add: `sku` or `variant_id`, not both.", "oneOf": line_forms(sku, entries) })
}

fn add_lines(sku: &Value, entries: &Value) -> Value {
    let line = json!({ "$ref": "#/components/schemas/LineInput" });
    let several = json!({
        "title": "SeveralLines",
        "type": "object",
        "required": ["lines"],
        "additionalProperties": false,
        "properties": { "lines": { "type": "array", "minItems": 1, "maxItems": 1000, "items": line } },
    });
    let [by_sku, by_id] = line_forms(sku, entries);
    json!({ "description": "One line (its fields at the top level) or several (`lines`).", "oneOf": [by_sku, by_id, several] })
}

/// Codes are generated or named.
fn add_codes(derived: &Value) -> Value {
    let form = |title: &str, required: &str, others: &[&str]| {
        let names = others.iter().chain([&required]);
        let properties: serde_json::Map<String, Value> =
            names.map(|name| ((*name).to_owned(), derived["properties"][*name].clone())).collect();
        json!({ "title": title, "type": "object", "required": [required], "additionalProperties": false, "properties": properties })
    };
    let mut named = form("NamedCodes", "codes", &["max_uses"]);
    named["properties"]["codes"]["minItems"] = json!(1);
    let mut generated = form("GeneratedCodes", "count", &["prefix", "max_uses"]);
    generated["properties"]["count"]["type"] = json!("integer");
    json!({ "description": derived["description"], "oneOf": [generated, named] })
}

/// How many units a change may name depends on its kind.
fn stock_adjustment(sku: &Value, reason: &Value) -> Value {
    let form = |title: &str, kinds: Value, quantity: Value| {
        json!({
            "title": title,
            "type": "object",
            "required": ["sku", "kind", "quantity", "reason"],
            "additionalProperties": false,
            "properties": {
                "sku": sku, "kind": { "type": "string", "enum": kinds }, "quantity": quantity, "reason": reason,
            },
        })
    };
    let units =
        |least: i64, most: i64| json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most });
    let most = 1_000_000_000;
    json!({
        "description": "One change of stock: goods in or returned, counted, or corrected up or down.",
        "oneOf": [
            form("StockReceipt", json!(["receive", "return"]), units(1, most)),
            form("StockCount", json!(["count"]), units(0, most)),
            form("StockCorrection", json!(["adjust"]), json!({ "anyOf": [units(-most, -1), units(1, most)] })),
        ],
    })
}

fn currencies() -> Vec<&'static str> {
    let letters = || b'A'..=b'Z';
    let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
    let known = codes.filter_map(|code| std::str::from_utf8(&code).ok()?.parse::<Currency>().ok());
    known.map(Currency::code).collect()
}

/// Names of the schemas that requests are made of.
fn requests(paths: &Value, schemas: &Value) -> Vec<String> {
    let operations = paths
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.values())
        .flat_map(|item| item.as_object().into_iter().flatten());
    let mut found = HashSet::new();
    for (_, operation) in operations {
        gather(&operation["requestBody"], schemas, &mut found);
    }
    found.into_iter().collect()
}

fn gather(value: &Value, schemas: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                gather(&schemas[name], schemas, found);
            }
            fields.values().for_each(|value| gather(value, schemas, found));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, schemas, found)),
        _ => {}
    }
}

/// Gives every free text of a request the pattern of texts, and every whole number the range of 64 bits.
fn bound(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is = |wanted: &str| match fields.get("type") {
                Some(Value::String(kind)) => kind == wanted,
                Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
                _ => false,
            };
            let (text, number) = (is("string"), is("integer"));
            if text && !["pattern", "enum", "format", "const"].iter().any(|name| fields.contains_key(*name)) {
                fields.insert("pattern".to_owned(), json!(TEXT));
            }
            if number {
                fields.entry("minimum").or_insert(json!(i64::MIN));
                fields.entry("maximum").or_insert(json!(i64::MAX));
            }
            fields.values_mut().for_each(bound);
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        _ => {}
    }
}
