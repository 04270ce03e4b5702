//! JSON bodies: strict about type, size, speed, form and fields.

use super::check::Check;
use super::control::may_have_controls;
use super::shape::{find_misfit, with_whole_numbers};
use crate::in_flight::{Held, Holder, InFlight};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::FromRequest;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

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
        let (parts, bytes, _held) = read_in_time(request, api, limit).await?;
        if bytes.is_empty() && T::MAY_BE_EMPTY {
            return parse(b"{}").map(Body);
        }
        let is_patch = parts.method == Method::PATCH;
        let is_merge_patch = is_patch && is_of_type(&parts.headers, "application/merge-patch+json");
        if !is_json(&parts.headers) && !is_merge_patch {
            let or_patch = if is_patch { " or application/merge-patch+json" } else { "" };
            let detail = format!("Send the body as application/json{or_patch}.");
            return Err(Problem::new(&kinds::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        parse(&bytes).map(Body)
    }
}

/// A body of JSON as it came over the wire, for those who check its signature.
pub(crate) struct RawJson(pub Bytes);

impl FromRequest<Shared> for RawJson {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, api: &Shared) -> Outcome<RawJson> {
        let (parts, bytes, _held) = read_in_time(request, api, api.settings.body_limit_bytes).await?;
        if !is_json(&parts.headers) {
            return Err(Problem::new(&kinds::UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json."));
        }
        Ok(RawJson(bytes))
    }
}

/// The body, and what counts its bytes for as long as they are there.
async fn read_in_time(
    request: axum::extract::Request,
    api: &Shared,
    limit: usize,
) -> Outcome<(Parts, Bytes, Option<Held>)> {
    let (parts, body) = request.into_parts();
    let declared = content_length(&parts.headers);
    if declared.is_some_and(|length| length > limit as u64) {
        discard(body, limit).await;
        return Err(too_large(limit));
    }
    let held = parts.extensions.get::<Holder>().map(Holder::begin);
    let reading = read(body, limit, held.as_ref());
    let bytes = tokio::time::timeout(api.settings.body_timeout(), reading)
        .await
        .map_err(|_| Problem::new(&kinds::REQUEST_TIMEOUT, "The body was not there in time."))??;
    Ok((parts, bytes, held))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/json")
}

fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(wanted)
}

/// How long the rest of a body that is too large is read and thrown away.
const DISCARD_TIME: Duration = Duration::from_secs(2);

fn too_large(limit: usize) -> Problem {
    Problem::new(&kinds::BODY_TOO_LARGE, format!("The body may have {limit} bytes."))
}

/// Reads on for a while without keeping anything: a client that is still writing when the connection closes would see a
/// broken pipe instead of the answer. Bounded in bytes and time, so that nobody is served this way for long.
async fn discard(mut body: axum::body::Body, limit: usize) {
    let reading = async {
        let mut left = limit.saturating_mul(4);
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARD_TIME, reading).await;
}

async fn read(mut body: axum::body::Body, limit: usize, held: Option<&Held>) -> Outcome<Bytes> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(&kinds::MALFORMED_JSON, "The body was cut off."))?;
        let Ok(data) = frame.into_data() else { continue };
        if let Some(held) = held
            && !held.grow(data.len())
        {
            return Err(InFlight::full());
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
        if first.len() + rest.len() > limit {
            discard(body, limit).await;
            return Err(too_large(limit));
        }
    }
    // Nearly all bodies come in one piece.
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Reads and checks a body.
pub(crate) fn parse<T: Request>(bytes: &[u8]) -> Outcome<T> {
    inspect(bytes)?;
    let value: T = match parse_strictly(bytes) {
        Ok(value) => value,
        Err(error) if may_be_fraction(error.inner(), bytes) => {
            // `2.0` is a whole number, `2.5` is none.
            parse_strictly(&with_whole_numbers(bytes)).map_err(unreadable)?
        }
        Err(error) => return Err(unreadable(error)),
    };
    let mut check = Check::default();
    value.check(&mut check);
    check.finish()?;
    Ok(value)
}

fn parse_strictly<T: Request>(bytes: &[u8]) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let value = match T::deserialize(serde_path_to_error::Deserializer::new(&mut reader, &mut track)) {
        Ok(value) => value,
        Err(error) => return Err(serde_path_to_error::Error::new(track.path(), error)),
    };
    match reader.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(serde_path_to_error::Error::new(track.path(), error)),
    }
}

/// Whether a number that was written with a point may be what is wrong. Not every type says so.
fn may_be_fraction(error: &serde_json::Error, bytes: &[u8]) -> bool {
    error.is_data() && bytes.contains(&b'.')
}

fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (path, error) = (error.path().to_string(), error.inner());
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    if error.is_data() {
        let field = if path == "." { "" } else { &path };
        return Problem::invalid_field(field, without_secret(field, reason));
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    Problem::new(&kinds::MALFORMED_JSON, format!("The body is not JSON: {reason} ({place})."))
}

/// Fields whose values are secrets, also where they are of the wrong type.
const SECRETS: [&str; 7] = ["code", "codes", "current_password", "device", "password", "secret", "token"];

/// Why a field cannot be read, without its value where that is a secret.
fn without_secret(field: &str, reason: &str) -> String {
    let name = field.rsplit('.').next().unwrap_or(field);
    // Of `codes[3]` the name is `codes`.
    let name = name.split('[').next().unwrap_or(name);
    match reason.rsplit_once(", expected ") {
        Some((_, expected)) if SECRETS.contains(&name) => format!("must be {expected}"),
        _ => reason.to_owned(),
    }
}

/// Looks at what the types would let pass: control characters, and lists in place of objects.
fn inspect(bytes: &[u8]) -> Outcome<()> {
    let suspicious = bytes.contains(&b'[') || may_have_controls(bytes);
    if !suspicious {
        return Ok(());
    }
    // What is not JSON is told by the reader that knows the place.
    match find_misfit(bytes) {
        None => Ok(()),
        Some((path, reason)) => Err(Problem::invalid_field(path, reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_wire::{ChangeLine, CreateCart, PromotionInput};

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
        assert_eq!(
            refused::<ChangeLine>(r#"{"quantity": 1.5}"#),
            (422, "invalid_request".to_owned(), "quantity".to_owned())
        );
        assert!(parse::<ChangeLine>(br#"{"quantity": 2.0}"#).is_ok_and(|change| change.quantity == 2));
        let lines = br#"{"lines": [{"quantity": 2.0, "sku": "PEN"}, {"quantity": 1, "sku": "MUG"}]}"#;
        assert!(parse::<CreateCart>(lines).is_ok_and(|cart| cart.lines[0].quantity == 2));
        assert_eq!(
            refused::<ChangeLine>(r#"{"quantity": -1}"#),
            (422, "invalid_request".to_owned(), "quantity".to_owned())
        );
    }

    #[test]
    fn a_price_in_a_request_is_an_unknown_field() {
        let (status, code, field) =
            refused::<CreateCart>(r#"{"lines": [{"sku": "PEN", "quantity": 1, "unit_price": 1}]}"#);
        assert_eq!((status, code.as_str(), field.as_str()), (422, "invalid_request", "lines[0].unit_price"));
    }

    #[test]
    fn a_body_nested_too_deeply_is_malformed() {
        assert_eq!(refused::<CreateCart>(&format!(r#"{{"lines": {}"#, "[".repeat(200))).0, 422);
        assert_eq!(refused::<PromotionInput>(&format!(r#"{{"definition": {}"#, "[".repeat(100_000))).0, 400);
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated() {
        use cartwright_wire::LogIn;
        let Err(problem) = parse::<LogIn>(br#"{"email": "ada@example.com", "password": 1234567890123}"#) else {
            panic!("it was accepted")
        };
        let body = serde_json::to_string(&problem.into_body()).expect("JSON");
        assert!(!body.contains("1234567890123") && body.contains("must be a string"), "{body}");
        let told = |field| without_secret(field, "invalid type: integer `4711`, expected a string");
        assert_eq!(["codes[3]", "device", "a.token"].map(told), ["must be a string"; 3]);
        assert!(told("codes.name").contains("4711"));
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(refused::<CreateCart>("[null, null]"), (422, "invalid_request".to_owned(), String::new()));
        assert_eq!(refused::<CreateCart>(r#"{"lines": [["PEN", null, 1]]}"#).2, "lines[0]");
    }

    #[test]
    fn control_characters_are_refused_with_their_place_and_their_spelling_is_not() {
        for escaped in ["\\u0000", "\\u0001", "\\b", "\\u001b", "\u{7f}", "\u{85}"] {
            let body = format!(r#"{{"lines": [{{"sku": "PEN", "quantity": 1, "options": {{"a": "x{escaped}"}}}}]}}"#);
            let (status, _, field) = refused::<CreateCart>(&body);
            assert_eq!((status, field.as_str()), (422, "lines[0].options.a"), "{escaped}");
        }
        let lines = r#"{"lines": [{"sku": "PEN", "quantity": 1, "options": {"a": "two\r\n\tlines"}}]}"#;
        assert!(parse::<CreateCart>(lines.as_bytes()).is_ok());
        assert!(parse::<CreateCart>(br#"{"lines": [{"sku": "a\\u0000", "quantity": 1}]}"#).is_ok());
    }
}
