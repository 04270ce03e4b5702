//! Query strings, strict about names and values.

use super::check::Check;
use crate::problem::{Outcome, Problem};
use crate::state::Shared;
use axum::extract::FromRequestParts;
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
