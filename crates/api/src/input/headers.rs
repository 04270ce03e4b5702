//! Headers that change what a request means: idempotency keys and conditions.

use crate::problem::{Outcome, Problem, registry as kinds};
use crate::service::plain_tag;
use crate::state::Shared;
use axum::extract::FromRequestParts;
use cartwright_domain::command::Idempotency;
use http::HeaderMap;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use serde::Serialize;
use sha2::{Digest, Sha256};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

/// An `Idempotency-Key` that has to be there.
pub(crate) struct RequiredKey(pub String);

/// An `Idempotency-Key` that may be there.
pub(crate) struct OptionalKey(pub Option<String>);

impl OptionalKey {
    /// The key of a request that may name it in its body, too.
    pub(crate) fn or_field(self, field: Option<String>) -> Outcome<String> {
        let OptionalKey(header) = self;
        if let (Some(header), Some(field)) = (&header, &field)
            && header != field
        {
            let reason = "must be the same as the header Idempotency-Key, or be left out";
            return Err(Problem::invalid_field("idempotency_key", reason));
        }
        let key = header.or(field).ok_or_else(missing_key)?;
        if is_key(&key) { Ok(key) } else { Err(unfit_key()) }
    }
}

/// Whether something may be a key: characters of ASCII that can be seen, and blanks.
fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn unfit_key() -> Problem {
    let detail = "An Idempotency-Key has 1 to 255 characters of ASCII.";
    Problem::new(&kinds::IDEMPOTENCY_KEY_INVALID, detail)
}

fn missing_key() -> Problem {
    let missing = "Send an Idempotency-Key, a new one for each attempt to buy: the same key never buys twice.";
    Problem::new(&kinds::IDEMPOTENCY_KEY_MISSING, missing)
}

impl FromRequestParts<Shared> for OptionalKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<OptionalKey> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(OptionalKey(None)) };
        let key = value.to_str().ok().filter(|key| is_key(key)).ok_or_else(unfit_key)?;
        Ok(OptionalKey(Some(key.to_owned())))
    }
}

impl FromRequestParts<Shared> for RequiredKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Outcome<RequiredKey> {
        let OptionalKey(key) = OptionalKey::from_request_parts(parts, api).await?;
        key.map(RequiredKey).ok_or_else(missing_key)
    }
}

/// A key with its owner and the fingerprint of its request. Blanks and the order of fields make no difference: what was read
/// is written again in one way.
pub(crate) fn idempotency<T: Serialize>(scope: String, key: String, action: &str, request: &T) -> Idempotency {
    let mut hash = Sha256::new();
    hash.update(action.as_bytes());
    hash.update([0]);
    hash.update(serde_json::to_vec(request).unwrap_or_default());
    Idempotency { scope, key, fingerprint: hash.finalize().into() }
}

/// The versions that `If-Match` allows; `None` where any will do. A tag begins with the version; one that does not is none of ours.
pub(crate) fn versions_wanted(headers: &HeaderMap) -> Option<Vec<i64>> {
    let value = headers.get(IF_MATCH)?.to_str().unwrap_or_default();
    if value.trim() == "*" {
        return None;
    }
    let version = |tag: &str| tag.trim().trim_matches('"').split('-').next()?.parse().ok();
    Some(value.split(',').filter_map(version).collect())
}

/// Whether `If-None-Match` names this tag.
pub(crate) fn is_unchanged(headers: &HeaderMap, tag: &str) -> bool {
    let Some(value) = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    let is_it = |known: &str| known == "*" || known == tag || plain_tag(known) == tag;
    value.split(',').map(|known| known.trim().trim_start_matches("W/")).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn with(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_condition_names_the_versions_of_its_tags() {
        assert_eq!(versions_wanted(&with(IF_MATCH, "\"3-1f\"")), Some(vec![3]));
        assert_eq!(versions_wanted(&with(IF_MATCH, "\"2-1f\", \"3\"")), Some(vec![2, 3]));
        assert_eq!(versions_wanted(&with(IF_MATCH, "\"3-1f.br\"")), Some(vec![3]));
        assert_eq!(versions_wanted(&with(IF_MATCH, "nonsense")), Some(vec![]));
        assert_eq!(versions_wanted(&with(IF_MATCH, "*")), None);
        assert_eq!(versions_wanted(&HeaderMap::new()), None);
    }

    #[test]
    fn a_known_tag_is_recognised_among_several() {
        assert!(is_unchanged(&with(IF_NONE_MATCH, "\"1\", W/\"3-1f\""), "\"3-1f\""));
        assert!(is_unchanged(&with(IF_NONE_MATCH, "\"3-1f.gzip\""), "\"3-1f\""));
        assert!(!is_unchanged(&with(IF_NONE_MATCH, "\"3-2f\""), "\"3-1f\""));
    }

    #[test]
    fn the_fingerprint_tells_requests_apart() {
        let make = |action, body: &str| idempotency("s".to_owned(), "k".to_owned(), action, &body).fingerprint;
        assert_eq!(make("checkout", "x"), make("checkout", "x"));
        assert_ne!(make("checkout", "x"), make("checkout", "y"));
        assert_ne!(make("checkout", "x"), make("add", "x"));
    }
}
