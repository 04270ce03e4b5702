//! Names the parts of schemas: each form that something may have (`oneOf`, `anyOf`) becomes a schema of its own. Generators make
//! a type of each, and call those that have no name `OneOf3`.

use serde_json::{Map, Value, json};

/// Puts every object that is one of several forms under a name of its own.
pub(super) fn name_parts(schemas: &mut Value) {
    let Some(all) = schemas.as_object_mut() else { return };
    let names: Vec<String> = all.keys().cloned().collect();
    for name in names {
        let mut found = Map::new();
        if let Some(schema) = all.get_mut(&name) {
            lift(&name, schema, &mut found);
        }
        for (part, schema) in found {
            debug_assert!(!all.contains_key(&part) || all[&part] == schema, "two schemas are called {part}");
            all.insert(part, schema);
        }
    }
}

fn lift(name: &str, schema: &mut Value, found: &mut Map<String, Value>) {
    let Value::Object(fields) = schema else { return };
    for (field, inner) in fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        lift(&format!("{name}{}", pascal(field)), inner, found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(key) {
            lift(name, inner, found);
        }
    }
    for key in ["oneOf", "anyOf"] {
        let Some(forms) = fields.get_mut(key).and_then(Value::as_array_mut) else { continue };
        // Something or nothing is one form.
        let is_alone = forms.iter().filter(|form| form["type"] != "null").count() == 1;
        for form in forms {
            lift(name, form, found);
            if form["type"] == "object" {
                let part = if is_alone { name.to_owned() } else { name_of(name, form) };
                debug_assert!(found.get(&part).is_none_or(|known| known == form), "two forms are called {part}");
                found.insert(part.clone(), form.take());
                *form = json!({ "$ref": format!("#/components/schemas/{part}") });
            }
        }
    }
}

/// The name of a form: by its kind, else by what it must have.
fn name_of(name: &str, form: &Value) -> String {
    if let Some(title) = form["title"].as_str() {
        return title.to_owned();
    }
    if let Some(kinds) = form["properties"]["kind"]["enum"].as_array() {
        let kinds: Vec<String> = kinds.iter().map(|kind| pascal(kind.as_str().unwrap_or_default())).collect();
        return format!("{name}{}{}", kinds.join("Or"), what_of(form));
    }
    match form["required"].as_array().map(Vec::as_slice) {
        Some([first, ..]) => format!("{name}{}", pascal(first.as_str().unwrap_or_default())),
        _ if form.get("propertyNames").is_some() => format!("{name}ByCurrency"),
        _ => format!("{name}Form"),
    }
}

/// What tells forms of one kind apart.
fn what_of(form: &Value) -> &'static str {
    let properties = &form["properties"];
    match () {
        () if properties["target"]["$ref"] == "#/components/schemas/ShippingTarget" => "OfShipping",
        () if properties["per"]["enum"] == json!(["unit"]) => "PerUnit",
        () => "",
    }
}

fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_named_by_their_kind_or_by_what_they_must_have() {
        let of_kind = |per: &str| json!({ "type": "object", "properties": { "kind": { "enum": ["fixed_price"] }, "per": { "enum": [per] } } });
        let mut schemas = json!({
            "Off": { "oneOf": [{ "type": "object", "required": ["unit_price"] }, { "type": "integer" }, { "$ref": "#/x" }] },
            "Benefit": { "properties": {
                "of": { "items": { "oneOf": [of_kind("order"), of_kind("unit")] } },
                "hours": { "oneOf": [{ "type": "object" }, { "type": "null" }] },
            } },
        });
        name_parts(&mut schemas);
        assert_eq!(schemas["Off"]["oneOf"][0], json!({ "$ref": "#/components/schemas/OffUnitPrice" }));
        assert_eq!(schemas["Off"]["oneOf"][1], json!({ "type": "integer" }));
        let names: Vec<&str> = schemas.as_object().expect("schemas").keys().map(String::as_str).collect();
        let parts =
            ["Benefit", "BenefitHours", "BenefitOfFixedPrice", "BenefitOfFixedPricePerUnit", "Off", "OffUnitPrice"];
        assert_eq!(names, parts);
    }
}
