//! Sessions: in a browser by the cookie `__Host-cartwright_session`, in a program as `Authorization: Bearer cs_…`. A cookie is sent
//! by the browser whoever makes it send a request, so what changes something also needs the header `Cartwright-CSRF`, which only
//! pages of the shop know, and must not come from a page of somebody else.
//!
//! The prefix `__Host-` has browsers take the cookie from this very host over TLS only (or from localhost), so that no neighbour
//! under the same domain plants one. A cookie that comes twice is refused: one of both was planted.

use super::visitor::Secret;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Api;
use cartwright_domain::account::{Account, SecretHash, SessionKind, USE_NOTED_MS, UsedSecret, is_noteworthy};
use cartwright_domain::store::{Cookies, StoreConfig, StoreSettings};
use cartwright_engine::DEVICE_MS;
use http::header::{COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const SESSION_COOKIE: &str = "__Host-cartwright_session";
const CSRF_COOKIE: &str = "__Host-cartwright_csrf";
const DEVICE_COOKIE: &str = "__Host-cartwright_device";
const CSRF_HEADER: &str = "cartwright-csrf";
/// How secrets of sessions begin.
pub(super) const PREFIX: &str = "cs_";

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct LoggedIn {
    /// Who.
    pub account: Arc<Account>,
    /// The session, by the hash of its secret.
    pub session: SecretHash,
}

/// What a cookie of this name holds.
pub(super) fn cookie_named<'a>(headers: &'a HeaderMap, wanted: &str) -> Outcome<Option<&'a str>> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let mut found = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == wanted);
    let first = found.next();
    if found.next().is_some() {
        return Err(Problem::invalid_field("Cookie", format!("must have `{wanted}` once")));
    }
    Ok(first.map(|(_, value)| value))
}

/// The secret in the session's cookie.
pub(super) fn cookie(headers: &HeaderMap) -> Outcome<Option<&str>> {
    cookie_named(headers, SESSION_COOKIE)
}

/// Hash of the secret of the session that a request carries, good or not.
pub(crate) fn carried(headers: &HeaderMap) -> Outcome<Option<SecretHash>> {
    Ok(cookie(headers)?.map(|secret| Sha256::digest(secret).into()))
}

/// The token of the device that a request comes from, good or not.
pub(crate) fn device_carried(headers: &HeaderMap) -> Outcome<Option<&str>> {
    cookie_named(headers, DEVICE_COOKIE)
}

/// The cookie that makes a browser a known device.
pub(crate) fn device_cookie(token: &str) -> HeaderValue {
    let seconds = DEVICE_MS / 1000;
    let line = format!("{DEVICE_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax");
    // It consists of letters, digits and punctuation.
    HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""))
}

/// Whom a secret opens.
pub(super) async fn find(
    api: &Api,
    store: &Arc<StoreConfig>,
    secret: &str,
    kind: SessionKind,
) -> Outcome<Option<LoggedIn>> {
    let hash: SecretHash = Sha256::digest(secret).into();
    let found = api.engine.reader().session(store.store.id, hash).await?;
    let (now, idle_ms) = (api.engine.now(), api.settings.operator_idle_ms);
    let found = found.filter(|(session, account)| {
        session.kind == kind && session.opens(account, now) && !session.is_idle(account, now, idle_ms)
    });
    if let Some((session, account)) = &found {
        // Often enough that nobody is logged out who was there a moment ago.
        let every_ms = if account.role.is_some() { USE_NOTED_MS.min(idle_ms / 10) } else { USE_NOTED_MS };
        if is_noteworthy(Some(session.used_at), now, every_ms) {
            api.uses.note(&api.engine, store, UsedSecret::Session(hash));
        }
    }
    Ok(found.map(|(_, account)| LoggedIn { account: Arc::new(account), session: hash }))
}

/// Refuses what a page of somebody else may have made a browser send.
pub(super) fn check_csrf(method: &Method, headers: &HeaderMap, secret: &str, settings: &StoreSettings) -> Outcome<()> {
    if method.is_safe() {
        return Ok(());
    }
    // Both are hashes of a secret: their comparison gives nothing away by its timing.
    let told = headers.get(CSRF_HEADER).map(|value| Sha256::digest(value.as_bytes()));
    let fits = told == Some(Sha256::digest(csrf_token(secret)));
    if is_foreign(headers, settings) || !fits {
        let detail = "Send the `csrf_token` that came with the cookie as `Cartwright-CSRF`, from a page of this shop.";
        return Err(Problem::new(&kinds::CSRF, detail));
    }
    Ok(())
}

/// Whether a request comes from a page that is neither of this host nor one that the store allows.
pub(super) fn is_foreign(headers: &HeaderMap, settings: &StoreSettings) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("origin").is_some_and(|origin| settings.allows_origin(origin) == Some(Cookies::Allowed)) {
        return false;
    }
    text("sec-fetch-site") == Some("cross-site") || !same_origin(headers)
}

/// Whether the page that made the request is of the host that it goes to; programs name none.
pub(super) fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_ascii_lowercase();
    let host = headers.get(HOST).map(text).unwrap_or_default();
    text(origin).split_once("://").is_some_and(|(_, of_origin)| !host.is_empty() && of_origin == host)
}

/// The second secret of a browser's session, which follows from the first and opens nothing alone.
pub(crate) fn csrf_token(secret: &str) -> String {
    hex(&Sha256::digest(format!("csrf:{secret}")))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A new session's secret.
pub(crate) fn draw() -> Outcome<Secret> {
    let drawn = Secret::draw()?;
    let token = format!("{PREFIX}{}", drawn.token);
    let hash = Sha256::digest(&token).into();
    Ok(Secret { token, hash })
}

/// The cookies of a browser's session; with nothing in them where it has ended.
pub(crate) fn cookies(secret: Option<&str>, lasts_ms: i64) -> [HeaderValue; 2] {
    let seconds = if secret.is_some() { lasts_ms / 1000 } else { 0 };
    let csrf = secret.map(csrf_token).unwrap_or_default();
    let session = secret.unwrap_or_default();
    let lines = [
        format!("{SESSION_COOKIE}={session}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax"),
        format!("{CSRF_COOKIE}={csrf}; Path=/; Max-Age={seconds}; Secure; SameSite=Lax"),
    ];
    // They consist of letters, digits and punctuation.
    lines.map(|line| HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn a_cookie_is_taken_by_its_whole_name_and_not_where_it_comes_twice() {
        let read = |lines: &[&str]| {
            let mut map = HeaderMap::new();
            for line in lines {
                map.append(COOKIE, line.parse().expect("a value"));
            }
            cookie(&map).map(|found| found.map(str::to_owned))
        };
        assert_eq!(read(&["a=b; __Host-cartwright_session=cs_1"]).expect("once").as_deref(), Some("cs_1"));
        // A neighbour under the same domain can plant the name without the prefix, never the one with it.
        assert_eq!(read(&["cartwright_session=cs_1"]).expect("not at all"), None);
        assert!(read(&["__Host-cartwright_session=cs_1; __Host-cartwright_session=cs_2"]).is_err());
        assert!(read(&["__Host-cartwright_session=cs_1", "__Host-cartwright_session=cs_1"]).is_err());
    }

    #[test]
    fn a_change_by_cookie_needs_the_token_and_the_shops_own_page() {
        let (secret, token) = ("cs_1", csrf_token("cs_1"));
        let allowed_origins = vec!["https://front.example".to_owned(), "*".to_owned()];
        let settings = StoreSettings { allowed_origins, ..StoreSettings::default() };
        let check = |method, pairs: &[(&'static str, &str)]| check_csrf(method, &headers(pairs), secret, &settings);
        let refused = |pairs: &[(&'static str, &str)]| check(&Method::POST, pairs).is_err();
        assert!(check(&Method::GET, &[]).is_ok());
        assert!(refused(&[]) && refused(&[("cartwright-csrf", "cs_1")]));
        let good = ("cartwright-csrf", token.as_str());
        assert!(!refused(&[good]));
        assert!(!refused(&[good, ("host", "shop.example"), ("origin", "https://shop.example")]));
        assert!(refused(&[good, ("host", "shop.example"), ("origin", "https://evil.example")]));
        assert!(refused(&[good, ("host", "shop.example"), ("origin", "null")]));
        assert!(refused(&[good, ("sec-fetch-site", "cross-site")]));
        // A page that the store names, but not one of all, nor one without the token.
        let front = [("host", "shop.example"), ("origin", "https://front.example"), ("sec-fetch-site", "cross-site")];
        assert!(!refused(&[&front[..], &[good]].concat()) && refused(&front));
    }
}
