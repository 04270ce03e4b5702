//! Operators: whoever sends a key as `Authorization: Bearer sk_…`. Only the key's SHA-256 is known here and in the storage.

use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::{Api, Shared};
use axum::extract::FromRequestParts;
use cartwright_domain::id::StoreId;
use cartwright_domain::store::StoreConfig;
use cartwright_engine::ApiKey;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a key is believed to be good without asking again.
const FRESH: Duration = Duration::from_secs(5);
/// More keys than a shop has; beyond that the cache starts anew.
const MOST_KEYS: usize = 1_000;

/// An operator of the store that the request is about.
pub(crate) struct Operator {
    /// The store.
    pub store: Arc<StoreConfig>,
    /// The key, as far as idempotency keys of different operators must not meet.
    pub scope: String,
    /// The one store the key opens; `None` opens all.
    pub bound_to: Option<StoreId>,
}

/// Keys that were found to be good a moment ago.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<HashMap<[u8; 32], (Instant, ApiKey)>>,
}

impl KeyCache {
    fn get(&self, hash: &[u8; 32]) -> Option<ApiKey> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).filter(|(since, _)| since.elapsed() < FRESH).map(|(_, key)| key.clone())
    }

    fn put(&self, hash: [u8; 32], key: ApiKey) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        known.insert(hash, (Instant::now(), key));
    }
}

/// The operator who sent the request; `None` where no key was sent.
pub(super) async fn operator(headers: &HeaderMap, api: &Api) -> Outcome<Option<Operator>> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let secret = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, secret)) = secret else { return Err(unknown()) };
    let hash: [u8; 32] = Sha256::digest(secret.trim()).into();
    let key = match api.keys.get(&hash) {
        Some(key) => key,
        None => {
            let key = api.engine.reader().api_key(hash).await?.ok_or_else(unknown)?;
            api.keys.put(hash, key.clone());
            key
        }
    };
    let store = api.stores.find_newest(&api.engine, headers).await?;
    if key.store.is_some_and(|own| own != store.store.id) {
        return Err(Problem::new(&kinds::OTHER_STORE, "This key does not open this store."));
    }
    let mut scope = String::from("operator/");
    for byte in &hash[..8] {
        let _ = write!(scope, "{byte:02x}");
    }
    Ok(Some(Operator { store, scope, bound_to: key.store }))
}

fn unknown() -> Problem {
    Problem::new(&kinds::UNAUTHORIZED, "Nobody has this key. Send one as `Authorization: Bearer sk_…`.")
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Outcome<Operator> {
        let missing = "Send an operator's key as `Authorization: Bearer sk_…`.";
        operator(&parts.headers, api).await?.ok_or_else(|| Problem::new(&kinds::UNAUTHORIZED, missing))
    }
}
