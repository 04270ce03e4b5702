//! Definitions: data of the domain that operators send as they are stored. Read here, with errors that name the place.

use crate::input::write_whole;
use crate::problem::{Outcome, Problem};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a definition that stands at `root` in the request.
pub(super) fn read<T: DeserializeOwned>(root: &str, mut value: Value) -> Outcome<T> {
    write_whole(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let field = match path.as_str() {
            "." => root.to_owned(),
            inside => format!("{root}.{inside}"),
        };
        Problem::invalid_field(field, error.into_inner().to_string())
    })
}

/// Reads a list of definitions.
pub(super) fn read_all<T: DeserializeOwned>(root: &str, values: Vec<Value>) -> Outcome<Vec<T>> {
    values.into_iter().enumerate().map(|(index, value)| read(&format!("{root}[{index}]"), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::tax::TaxRate;
    use serde_json::json;

    #[test]
    fn a_wrong_field_is_named_from_the_root_of_the_request() {
        let rates = vec![json!({ "name": "VAT", "percent": "19" }), json!({ "name": "VAT", "percent": "x" })];
        let problem = read_all::<TaxRate>("rates", rates).expect_err("not a percentage").into_body();
        assert_eq!(problem.errors[0].field.as_deref(), Some("rates[1].percent"));
        assert_eq!(problem.status, 422);
    }
}
