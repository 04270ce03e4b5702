//! The shape of JSON beyond what types tell: lists where objects belong, control characters in texts, whole numbers written with a point.

use super::control::{is_control, is_control_in_lines, without_controls};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt::{self, Formatter};

/// Every field that holds a list, in requests and in definitions. Types would read a list in place of any object.
pub(crate) const LISTS: [&str; 36] = [
    "addresses",
    "adjustments",
    "allowed_origins",
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

const CONTROL: &str = "must not contain control characters";
const LIST: &str = "must not be a list";

/// What is not as it must be: where, and why.
pub(crate) type Misfit = (String, &'static str);

/// The first place that is not as it must be, if all is JSON. Nothing of it is kept: as values JSON takes up to eighty times as much.
pub(crate) fn find_misfit(json: &[u8]) -> Option<Misfit> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(json);
    Look { at: &Place::Root, found: &mut found }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    found
}

/// Where a value stands.
enum Place<'a> {
    Root,
    Field(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// As problems write it.
    fn path(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Field(Place::Root, name) => without_controls(name),
            Place::Field(before, name) => format!("{}.{}", before.path(), without_controls(name)),
            Place::Item(before, index) => format!("{}[{index}]", before.path()),
        }
    }

    fn takes_lists(&self) -> bool {
        matches!(self, Place::Field(_, name) if LISTS.contains(name))
    }
}

/// Looks through a value.
struct Look<'a> {
    at: &'a Place<'a>,
    found: &'a mut Option<Misfit>,
}

impl Look<'_> {
    fn note(&mut self, reason: &'static str) {
        self.found.get_or_insert_with(|| (self.at.path(), reason));
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        if text.chars().any(is_control_in_lines) {
            self.note(CONTROL);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        if !self.at.takes_lists() {
            self.note(LIST);
        }
        for index in 0.. {
            let at = Place::Item(self.at, index);
            if items.next_element_seed(Look { at: &at, found: self.found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            let at = Place::Field(self.at, &name);
            if name.chars().any(is_control) {
                Look { at: &at, found: self.found }.note(CONTROL);
            }
            fields.next_value_seed(Look { at: &at, found: self.found })?;
        }
        Ok(())
    }
}

/// JSON in which numbers like `2.0` are written as `2`: to JSON Schema both are integers.
pub(crate) fn with_whole_numbers(json: &[u8]) -> Vec<u8> {
    let mut written = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        let zeros = if byte == b'.' && !in_text { zeros_alone(&json[at + 1..]) } else { 0 };
        if zeros == 0 {
            written.push(byte);
        }
        in_text ^= byte == b'"' && !escaped;
        escaped = in_text && byte == b'\\' && !escaped;
        at += 1 + zeros;
    }
    written
}

/// How many digits follow a point, if all of them are zeros and no exponent follows.
fn zeros_alone(rest: &[u8]) -> usize {
    let zeros = rest.iter().take_while(|byte| **byte == b'0').count();
    let ends = rest.get(zeros).is_none_or(|next| !next.is_ascii_digit() && !matches!(next, b'e' | b'E'));
    if ends { zeros } else { 0 }
}

/// Writes numbers like `2.0` as `2`, in a value.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_misfit_is_found_with_its_place_in_whatever_is_json() {
        let found = |json: &str| find_misfit(json.as_bytes()).map(|(path, reason)| format!("{path}: {reason}"));
        assert_eq!(found(r#"{"lines": [{"a": {"b": "x"}}, {"c": 1.5, "d": null, "e": -1, "f": true}]}"#), None);
        assert_eq!(found("[1]"), Some(format!(": {LIST}")));
        assert_eq!(found(r#"{"lines": [{}, {"sku": []}, []]}"#), Some(format!("lines[1].sku: {LIST}")));
        assert_eq!(found(r#"{"lines": [{"sku": "a\u0000"}]}"#), Some(format!("lines[0].sku: {CONTROL}")));
        assert_eq!(found(r#"{"a": {"b\u0000c": 1}}"#), Some(format!("a.bc: {CONTROL}")));
        assert_eq!((found(r#"{"a": []"#), found(r#"{"a": []} x"#)), (None, None), "whoever reads it tells the place");
    }

    #[test]
    fn numbers_that_are_whole_are_written_whole_and_texts_stay() {
        let written = |json: &str| String::from_utf8(with_whole_numbers(json.as_bytes())).expect("text");
        assert_eq!(written(r#"{"a": 2.0, "b": [-3.00,1.0]}"#), r#"{"a": 2, "b": [-3,1]}"#);
        for same in [r#"{"1.0": "2.0 \" 3.0 \\", "a": 2.05}"#, r#"[1.50, 0.01, 1.0e3, 2.]"#] {
            assert_eq!(written(same), same);
        }
        assert_eq!(written(r#""\\" 1.0"#), r#""\\" 1"#);
    }
}
