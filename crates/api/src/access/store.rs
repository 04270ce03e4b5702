//! Which store a request is about: the one that the header `Cartwright-Store` names, else the one of the host, else `default`.

use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::FromRequestParts;
use cartwright_domain::host::plain_host;
use cartwright_domain::id::StoreId;
use cartwright_domain::store::{ANY_ORIGIN, Cookies, StoreConfig};
use cartwright_engine::Engine;
use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

const HEADER: &str = "cartwright-store";
const DEFAULT: &str = "default";
/// How long names and hosts are believed before they are gathered again.
const FRESH: Duration = Duration::from_secs(1);

/// The store that a request is about.
pub(crate) struct Store(pub Arc<StoreConfig>);

/// Names and hosts of all stores, so that no request has to look through them.
#[derive(Default)]
pub(crate) struct StoreDirectory {
    entries: RwLock<Option<Arc<Entries>>>,
    /// When the stores were last read again for an origin that is not known.
    refreshed: Mutex<Option<Instant>>,
}

struct Entries {
    gathered: Instant,
    by_handle: HashMap<String, StoreId>,
    by_host: HashMap<String, StoreId>,
    implied: Option<StoreId>,
    /// Origins that some store allows.
    origins: HashMap<String, Cookies>,
}

impl Entries {
    fn gather(engine: &Engine) -> Entries {
        let stores = engine.stores();
        let by_handle: HashMap<_, _> =
            stores.iter().map(|config| (config.store.handle.clone(), config.store.id)).collect();
        let mut by_host = HashMap::new();
        // Where two stores list one host, it stays with the older one: nobody takes it from whom it belongs to.
        let listed = stores.iter().flat_map(|config| config.store.hosts.iter().map(|host| (host, config.store.id)));
        let mut listed: Vec<_> = listed.filter_map(|(host, id)| Some((id, plain_host(host)?))).collect();
        listed.sort_unstable();
        for (id, host) in listed {
            by_host.entry(host).or_insert(id);
        }
        let implied = by_handle.get(DEFAULT).copied().or_else(|| stores.first().map(|config| config.store.id));
        let mut origins = HashMap::new();
        for origin in stores.iter().flat_map(|config| &config.store.settings.allowed_origins) {
            let cookies = if origin == ANY_ORIGIN { Cookies::Refused } else { Cookies::Allowed };
            origins.insert(origin.clone(), cookies);
        }
        Entries { gathered: Instant::now(), by_host, by_handle, implied, origins }
    }

    fn find(&self, headers: &HeaderMap) -> Option<StoreId> {
        if let Some(handle) = headers.get(HEADER) {
            return handle.to_str().ok().and_then(|handle| self.by_handle.get(handle)).copied();
        }
        if self.by_host.is_empty() {
            return self.implied;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(plain_host);
        host.and_then(|host| self.by_host.get(&host)).copied().or(self.implied)
    }
}

impl StoreDirectory {
    fn entries(&self, engine: &Engine) -> Arc<Entries> {
        let known = self.entries.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known.filter(|entries| entries.gathered.elapsed() < FRESH) {
            Some(entries) => entries,
            None => self.gather(engine),
        }
    }

    /// Gathers under the lock: what was gathered before a store was made must not be written after [`Self::forget`].
    fn gather(&self, engine: &Engine) -> Arc<Entries> {
        let mut known = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let entries = Arc::new(Entries::gather(engine));
        *known = Some(entries.clone());
        entries
    }

    /// Forgets what is known, after a store was created or changed.
    pub(crate) fn forget(&self) {
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether any store allows pages of other origins.
    pub(crate) fn allows_any(&self, engine: &Engine) -> bool {
        !self.entries(engine).origins.is_empty()
    }

    /// Whether any store allows pages of this origin. A browser that asks beforehand does not say which store it means. An origin
    /// that is not known may have been allowed on another node a moment ago.
    pub(crate) async fn allows(&self, engine: &Engine, origin: &str) -> Option<Cookies> {
        let found =
            |entries: &Entries| entries.origins.get(origin).or_else(|| entries.origins.get(ANY_ORIGIN)).copied();
        let entries = self.entries(engine);
        if let Some(cookies) = found(&entries) {
            return Some(cookies);
        }
        if !engine.is_shared() || !self.may_refresh() || engine.refresh_stores().await.is_err() {
            return None;
        }
        self.forget();
        found(&self.entries(engine))
    }

    /// Strangers can ask for any origin: the stores are read again for them once in a while only.
    fn may_refresh(&self) -> bool {
        let mut last = self.refreshed.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|last| last.elapsed() >= FRESH);
        if may {
            *last = Some(Instant::now());
        }
        may
    }

    /// The store that a request is about, as far as it is known here.
    pub(crate) fn known(&self, engine: &Engine, headers: &HeaderMap) -> Option<Arc<StoreConfig>> {
        let id = self.entries(engine).find(headers);
        id.and_then(|id| engine.store(id))
    }

    /// The store. One that is not known may have been made by another node a moment ago.
    pub(crate) async fn find(&self, engine: &Engine, headers: &HeaderMap) -> Outcome<Arc<StoreConfig>> {
        let mut found = self.known(engine, headers);
        if found.is_none() && engine.is_shared() {
            engine.refresh_stores().await?;
            self.forget();
            found = self.known(engine, headers);
        }
        found.ok_or_else(|| Problem::new(&kinds::STORE_NOT_FOUND, "No store has the name in Cartwright-Store."))
    }

    /// As [`Self::find`]; where other nodes make and change stores, as it is now.
    pub(crate) async fn find_newest(&self, engine: &Engine, headers: &HeaderMap) -> Outcome<Arc<StoreConfig>> {
        let found = self.find(engine, headers).await?;
        Ok(engine.newest(found).await?)
    }
}

impl FromRequestParts<Shared> for Store {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Outcome<Store> {
        api.stores.find_newest(&api.engine, &parts.headers).await.map(Store)
    }
}
