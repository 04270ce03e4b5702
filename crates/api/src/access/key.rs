//! Operators: whoever sends a key as `Authorization: Bearer sk_…`, of which only the SHA-256 is known here and in the storage; and
//! whoever is logged in and has a role.

use super::guard::{self, Principal};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::{Api, Shared};
use axum::extract::FromRequestParts;
use cartwright_domain::account::{ALL_STORES, Role, SecretHash, USE_NOTED_MS, UsedSecret, is_noteworthy, key_id};
use cartwright_domain::id::{AccountId, StoreId};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::ApiKey;
use http::HeaderMap;
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a key is believed to be good without asking again.
const FRESH: Duration = Duration::from_secs(5);
/// How long its requests are not counted by address. It is asked for anew more often, where it is used.
const SEEN: Duration = Duration::from_secs(60);
/// More keys than a shop has; beyond that the cache starts anew.
const MOST_KEYS: usize = 1_000;

/// An operator of the store that the request is about.
#[derive(Clone)]
pub(crate) struct Operator {
    /// The store.
    pub store: Arc<StoreConfig>,
    /// The key, as far as idempotency keys of different operators must not meet.
    pub scope: String,
    /// The key's name, for people.
    pub name: String,
    /// The one store the key opens; `None` opens all.
    pub bound_to: Option<StoreId>,
    /// What the operator may do.
    pub role: Role,
    /// What a key is limited to; empty where it is not.
    pub scopes: Vec<String>,
    /// Who it is, for the log of what operators did.
    pub actor: String,
    /// The account, where it is a person who is logged in.
    pub account: Option<AccountId>,
    /// The customer for whom they act: then that one's carts and orders open, and nothing else.
    pub acts_for: Option<String>,
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

    /// Whether a key was found to be good lately, if not just now. Good enough not to count its requests, and for nothing else.
    pub(crate) fn has_seen(&self, secret: &str) -> bool {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&hash).is_some_and(|(since, _)| since.elapsed() < SEEN)
    }

    /// Forgets a key that was withdrawn or has ended.
    pub(crate) fn forget(&self, hash: &[u8; 32]) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
    }

    fn put(&self, hash: [u8; 32], key: ApiKey) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        known.insert(hash, (Instant::now(), key));
    }
}

/// The operator who has this key, if anybody has.
pub(super) async fn by_key(headers: &HeaderMap, secret: &str, api: &Api) -> Outcome<Option<Operator>> {
    let hash: [u8; 32] = Sha256::digest(secret).into();
    let now = api.engine.now();
    let cached = api.keys.get(&hash);
    let is_cached = cached.is_some();
    let known = if is_cached { cached } else { api.engine.reader().api_key(hash).await? };
    let Some(key) = known.filter(|key| key.expires_at.is_none_or(|end| now < end)) else {
        api.keys.forget(&hash);
        return Ok(None);
    };
    if !is_cached {
        api.keys.put(hash, key.clone());
    }
    let store = api.stores.find_newest(&api.engine, headers).await?;
    if key.store.is_some_and(|own| own != store.store.id) {
        return Err(Problem::new(&kinds::OTHER_STORE, "This key does not open this store."));
    }
    if !is_cached && is_noteworthy(key.used_at, now, USE_NOTED_MS) {
        let secret = UsedSecret::Key(key.store.unwrap_or(ALL_STORES), hash);
        api.uses.note(&api.engine, &store, secret);
    }
    let actor = format!("key:{}:{}", key.name, key_id(&hash));
    let (role, scopes) = (key.role, key.scopes);
    let scope = scope_of(&hash);
    let (name, bound_to) = (key.name, key.store);
    Ok(Some(Operator { store, scope, name, bound_to, role, scopes, actor, account: None, acts_for: None }))
}

fn scope_of(hash: &SecretHash) -> String {
    let mut scope = String::from("operator/");
    for byte in &hash[..8] {
        let _ = write!(scope, "{byte:02x}");
    }
    scope
}

impl Operator {
    /// Whether this is the key by which the operator has come.
    pub(crate) fn came_by(&self, hash: &SecretHash) -> bool {
        self.scope == scope_of(hash)
    }
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Operator> {
        match &guard::found(parts)?.principal {
            Principal::Operator(operator) => Ok(operator.clone()),
            _ => Err(Problem::new(&kinds::OPERATOR_REQUIRED, "Only operators of the shop may do this.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_believed_for_seconds_and_left_uncounted_for_a_minute() {
        let cache = KeyCache::default();
        let hash: [u8; 32] = Sha256::digest("sk_one").into();
        let key = ApiKey {
            name: "one".to_owned(),
            store: None,
            role: Role::Owner,
            scopes: Vec::new(),
            expires_at: None,
            used_at: None,
        };
        let age = |by: Duration| {
            let mut known = cache.known.lock().expect("nobody panicked");
            known.values_mut().for_each(|(since, _)| *since -= by);
        };
        let is_known = || (cache.get(&hash).is_some(), cache.has_seen("sk_one"));
        assert_eq!(is_known(), (false, false));
        cache.put(hash, key);
        assert_eq!((is_known(), cache.has_seen("sk_other")), ((true, true), false));
        age(FRESH);
        assert_eq!(is_known(), (false, true));
        age(SEEN);
        assert_eq!(is_known(), (false, false));
        cache.forget(&hash);
        assert!(cache.known.lock().expect("nobody panicked").is_empty());
    }
}
