//! `NAME=VALUE` on the command line, as a JSON merge patch: what is not named stays, an empty value is none.

use super::failure::Failure;
use serde_json::{Map, Value};

/// How to write fields; for `after_help`.
pub(super) const HELP: &str = "\
Fields are NAME=VALUE; a point leads into an object (recovery.enabled=true). A value that is JSON is taken as JSON, anything
else as text. An empty value is none: the default, for a setting. What is not named stays as it is.";

/// The fields as one object.
pub(super) fn object(fields: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut object = Map::new();
    for field in fields {
        let (path, value) = field
            .split_once('=')
            .filter(|(path, _)| !path.is_empty())
            .ok_or_else(|| Failure::Usage(format!("`{field}` is not NAME=VALUE")))?;
        let value = match value {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        put(&mut object, path, value).map_err(|()| Failure::Usage(format!("`{path}` is named twice")))?;
    }
    Ok(object)
}

fn put(object: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), ()> {
    match path.split_once('.') {
        None if object.contains_key(path) => Err(()),
        None => {
            object.insert(path.to_owned(), value);
            Ok(())
        }
        Some((name, rest)) => match object.entry(name).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => put(inner, rest, value),
            _ => Err(()),
        },
    }
}

/// The fields as what a request takes; a field that it does not know, or of another type, is named.
pub(super) fn patch<T: serde::de::DeserializeOwned>(object: Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(object)).map_err(|error| Failure::Usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_json_where_they_can_be_and_text_otherwise() {
        let fields =
            ["a=1", "b=true", "c=red shirt", "d=", "e=[\"x\"]", "f.g=2", "f.h=007x", "i=a=b"].map(str::to_owned);
        let expected =
            json!({"a": 1, "b": true, "c": "red shirt", "d": null, "e": ["x"], "f": {"g": 2, "h": "007x"}, "i": "a=b"});
        assert_eq!(object(&fields).map(Value::Object).ok(), Some(expected));
        for wrong in [&["a"][..], &["=1"], &["a=1", "a=2"], &["a=1", "a.b=2"]] {
            let wrong: Vec<String> = wrong.iter().map(|field| (*field).to_owned()).collect();
            assert!(object(&wrong).is_err(), "{wrong:?}");
        }
    }
}
