//! The shape of JSON beyond what types tell: lists where objects belong, NUL in texts, whole numbers written with a point.

use serde_json::{Number, Value};

/// Every field that holds a list, in requests and in definitions. Types would read a list in place of any object.
pub(crate) const LISTS: [&str; 35] = [
    "addresses",
    "adjustments",
    "bands",
    "categories",
    "codes",
    "countries",
    "currencies",
    "customer_groups",
    "customers",
    "destinations",
    "exclude_tags",
    "gateways",
    "groups",
    "hosts",
    "images",
    "lines",
    "manual_methods",
    "methods",
    "parts",
    "postcode_prefixes",
    "priced_in",
    "prices",
    "products",
    "rates",
    "regions",
    "scopes",
    "shipping_methods",
    "skus",
    "stage_minutes",
    "tags",
    "tiers",
    "types",
    "variants",
    "weekdays",
    "zones",
];

const NUL: &str = "must not contain the character NUL";
const LIST: &str = "must not be a list";

/// The first place that is not as it must be, and why.
pub(crate) fn find_misfit(value: &Value, field: &str) -> Option<(String, &'static str)> {
    match value {
        Value::String(text) => text.contains('\0').then(|| (String::new(), NUL)),
        Value::Array(_) if !LISTS.contains(&field) => Some((String::new(), LIST)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| find_misfit(item, "").map(|(path, reason)| (format!("[{index}]{path}"), reason))),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let found = match name.contains('\0') {
                true => Some((String::new(), NUL)),
                false => find_misfit(value, name),
            };
            found.map(|(path, reason)| (format!(".{}{path}", name.replace('\0', "")), reason))
        }),
        _ => None,
    }
}

/// Writes numbers like `2.0` as `2`: to JSON Schema both are integers.
pub(crate) fn write_whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Beyond 2^53 a float no longer tells one integer from the next.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT);
            if let Some(whole) = whole {
                *number = Number::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_whole),
        Value::Object(fields) => fields.values_mut().for_each(write_whole),
        _ => {}
    }
}
