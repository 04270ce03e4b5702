//! JSON bodies: strict about type, size, speed, form and fields.

use super::check::Check;
use crate::problem::{Outcome, Problem, field_error, registry as kinds};
use crate::state::Shared;
use axum::extract::FromRequest;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A request's body as it must be.
pub(crate) struct Body<T>(pub T);

/// A shape that a body may have.
pub(crate) trait Request: DeserializeOwned {
    /// Whether no body means `{}`.
    const MAY_BE_EMPTY: bool = false;
    /// Whether the larger limit of operators holds.
    const OF_OPERATOR: bool = false;

    /// Finds what the types do not tell.
    fn check(&self, check: &mut Check);
}

/// A body without fields.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFields {}

impl Request for NoFields {
    const MAY_BE_EMPTY: bool = true;

    fn check(&self, _: &mut Check) {}
}

impl<T: Request> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, api: &Shared) -> Outcome<Body<T>> {
        let limit = if T::OF_OPERATOR { api.settings.operator_body_limit_bytes } else { api.settings.body_limit_bytes };
        let (parts, body) = request.into_parts();
        let declared = content_length(&parts.headers);
        if declared.is_some_and(|length| length > limit as u64) {
            return Err(too_large(limit));
        }
        let reading = read(body, limit);
        let bytes = tokio::time::timeout(api.settings.body_timeout(), reading).await.map_err(|_| {
            Problem::new(&kinds::REQUEST_TIMEOUT, "The body was not there in time.")
        })??;
        if bytes.is_empty() && T::MAY_BE_EMPTY {
            return parse(b"{}").map(Body);
        }
        if !is_json(&parts.headers) {
            return Err(Problem::new(&kinds::UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json."));
        }
        parse(&bytes).map(Body)
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn too_large(limit: usize) -> Problem {
    Problem::new(&kinds::BODY_TOO_LARGE, format!("The body may have {limit} bytes."))
}

async fn read(mut body: axum::body::Body, limit: usize) -> Outcome<Bytes> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(&kinds::MALFORMED_JSON, "The body was cut off."))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
        if first.len() + rest.len() > limit {
            return Err(too_large(limit));
        }
    }
    // Nearly all bodies come in one piece.
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Reads and checks a body.
pub(crate) fn parse<T: Request>(bytes: &[u8]) -> Outcome<T> {
    refuse_nul(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        unreadable(&error.into_inner(), &path)
    })?;
    reader.end().map_err(|error| unreadable(&error, "."))?;
    let mut check = Check::default();
    value.check(&mut check);
    check.finish()?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error, path: &str) -> Problem {
    if error.is_data() {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        let field = if path == "." { "" } else { path };
        return Problem::invalid(vec![field_error(field, reason)]);
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    Problem::new(&kinds::MALFORMED_JSON, format!("The body is not JSON: {reason} ({place})."))
}

/// No text may contain the character NUL, which not every storage can keep. In JSON it is always written as an escape.
fn refuse_nul(bytes: &[u8]) -> Outcome<()> {
    if !bytes.windows(6).any(|window| window == br"\u0000") {
        return Ok(());
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Ok(()) };
    match path_of_nul(&value) {
        None => Ok(()),
        Some(path) => Err(Problem::invalid(vec![field_error(path.trim_start_matches('.'), "must not contain the character NUL")])),
    }
}

fn path_of_nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| path_of_nul(item).map(|path| format!("[{index}]{path}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let inside = path_of_nul(value).map(|path| format!(".{}{path}", name.replace('\0', "")));
            inside.or_else(|| name.contains('\0').then(|| format!(".{}", name.replace('\0', ""))))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_wire::{ChangeLine, CreateCart};

    fn refused<T: Request>(body: &str) -> (u16, String, String) {
        let Err(problem) = parse::<T>(body.as_bytes()) else { panic!("{body} was accepted") };
        let body = problem.into_body();
        let field = body.errors.into_iter().next().and_then(|error| error.field).unwrap_or_default();
        (body.status, body.code, field)
    }

    #[test]
    fn a_body_that_is_not_json_is_told_from_one_with_wrong_fields() {
        assert_eq!(refused::<ChangeLine>("{"), (400, "malformed_json".to_owned(), String::new()));
        assert_eq!(refused::<ChangeLine>(r#"{"quantity": 1} x"#).0, 400);
        assert_eq!(refused::<ChangeLine>(r#"{"quantity": 1.5}"#), (422, "invalid_request".to_owned(), "quantity".to_owned()));
        assert_eq!(refused::<ChangeLine>(r#"{"quantity": -1}"#), (422, "invalid_request".to_owned(), "quantity".to_owned()));
    }

    #[test]
    fn a_price_in_a_request_is_an_unknown_field() {
        let (status, code, field) = refused::<CreateCart>(r#"{"lines": [{"sku": "PEN", "quantity": 1, "unit_price": 1}]}"#);
        assert_eq!((status, code.as_str(), field.as_str()), (422, "invalid_request", "lines[0].unit_price"));
    }

    #[test]
    fn a_body_nested_too_deeply_is_malformed() {
        assert_eq!(refused::<CreateCart>(&"[".repeat(100_000)).0, 400);
        assert_eq!(refused::<CreateCart>(&format!(r#"{{"lines": {}}}"#, "[".repeat(200))).0, 422);
    }

    #[test]
    fn nul_is_refused_with_its_place_and_its_spelling_is_not() {
        let (status, _, field) = refused::<CreateCart>(r#"{"lines": [{"sku": "a\u0000", "quantity": 1}]}"#);
        assert_eq!((status, field.as_str()), (422, "lines[0].sku"));
        assert!(parse::<CreateCart>(br#"{"lines": [{"sku": "a\\u0000", "quantity": 1}]}"#).is_ok());
    }
}
