//! Query strings, strict about names and values.

use super::check::Check;
use super::control::{is_control, without_controls};
use crate::problem::{Outcome, Problem};
use crate::state::Shared;
use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;

/// A query as it must be.
pub(crate) struct Query<T>(pub T);

/// A shape that a query may have.
pub(crate) trait Filter: DeserializeOwned {
    /// Finds what the types do not tell.
    fn check(&self, check: &mut Check);
}

impl<T: Filter> FromRequestParts<Shared> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Query<T>> {
        refuse_controls(&parts.uri)?;
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let axum::extract::Query(value) = read.map_err(|rejection| {
            let source = std::error::Error::source(&rejection).map(ToString::to_string);
            let text = source.unwrap_or_else(|| rejection.to_string());
            // The rejection's own text begins with the path of the field.
            let (field, reason) = text.split_once(": ").unwrap_or(("", text.as_str()));
            Problem::invalid_field(field, reason)
        })?;
        let mut check = Check::default();
        value.check(&mut check);
        check.finish()?;
        Ok(Query(value))
    }
}

/// Refuses control characters in any value, before it goes anywhere.
fn refuse_controls(uri: &Uri) -> Outcome<()> {
    // They cannot stand in an address as they are.
    if !uri.query().is_some_and(|query| query.contains('%')) {
        return Ok(());
    }
    let pairs =
        axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
    let found = pairs.iter().find(|(name, value)| name.chars().chain(value.chars()).any(is_control));
    match found {
        None => Ok(()),
        Some((name, _)) => Err(Problem::invalid_field(without_controls(name), "must not contain control characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_query_has_a_control_character() {
        let refused = |query: &str| refuse_controls(&format!("/x?{query}").parse().expect("an address")).is_err();
        for query in ["a=%00", "a=b&c=d%0Ae", "a%7f=b", "a=%C2%85", "a=%09", "%00", "a=b&%1b"] {
            assert!(refused(query), "{query}");
        }
        for query in ["", "a=b", "a=%20%C3%A9%E2%82%AC", "a=%", "a=%ff", "a=100%25"] {
            assert!(!refused(query), "{query}");
        }
    }
}
