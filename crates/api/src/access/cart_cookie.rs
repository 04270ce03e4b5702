//! A guest's cart in a browser, as an alternative to the secret in the answer: a cookie that no script can read, so that a hole in
//! a page does not give the cart away. It holds the cart and its secret, and the next cart of the browser gets the same secret, so
//! that what was bought before still opens.
//!
//! The browser sends it whoever makes it send a request, so the rules are those of sessions (`session.rs`): the prefix `__Host-`,
//! a second secret as `Cartwright-CSRF` for whatever changes something, and the shop's own pages or those that it allows. Each
//! store has a cookie of its own, since several may share a host.

use super::session::{check_csrf, cookie_named, csrf_token, is_foreign, same_origin};
use crate::problem::{Outcome, Problem, registry as kinds};
use axum::response::Response;
use cartwright_domain::account::SecretHash;
use cartwright_domain::id::CartId;
use cartwright_domain::store::{Store, StoreSettings};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

const CARTS: &str = "/api/v1/carts";
const CART_COOKIE: &str = "__Host-cartwright_cart_";
const CSRF_COOKIE: &str = "__Host-cartwright_cart_csrf_";

/// What a browser keeps of a guest's cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CartCookie {
    /// The cart that it had last.
    pub cart: CartId,
    /// What opens it, and the browser's carts before it.
    pub secret: String,
}

impl CartCookie {
    /// The cookie of a request. One that is no cookie of ours says nothing.
    pub(crate) fn of(headers: &HeaderMap, store: &Store) -> Outcome<Option<CartCookie>> {
        if !headers.contains_key(COOKIE) {
            return Ok(None);
        }
        let found = cookie_named(headers, &format!("{CART_COOKIE}{}", store.handle))?;
        Ok(found.and_then(|value| {
            let (cart, secret) = value.split_once('.')?;
            let is_secret = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_secret.then_some(CartCookie { cart: CartId(cart.parse().ok()?), secret: secret.to_owned() })
        }))
    }

    /// The hash of its secret.
    pub(crate) fn hash(&self) -> SecretHash {
        Sha256::digest(self.secret.as_bytes()).into()
    }

    /// The second secret, which follows from the first and opens nothing alone.
    pub(crate) fn csrf_token(&self) -> String {
        csrf_token(&self.secret)
    }

    /// Whether a request is about the very cart that the cookie is for.
    pub(super) fn names(&self, parts: &Parts) -> bool {
        let rest = parts.uri.path().strip_prefix(CARTS).and_then(|rest| rest.strip_prefix('/'));
        rest.and_then(|rest| rest.split('/').next()?.parse().ok()).is_some_and(|id| CartId(id) == self.cart)
    }

    /// What it opens for a request, if the request may come by it. For a new cart it opens nothing: that one is answered by it.
    pub(super) fn opens(&self, parts: &Parts, settings: &StoreSettings) -> Outcome<Option<SecretHash>> {
        if parts.uri.path() == CARTS {
            return Ok(None);
        }
        check_csrf(&parts.method, &parts.headers, &self.secret, settings)?;
        Ok(Some(self.hash()))
    }
}

/// Refuses pages that may not have a cart in the browser's cookie.
pub(crate) fn check_page(headers: &HeaderMap, settings: &StoreSettings) -> Outcome<()> {
    if !is_foreign(headers, settings) {
        return Ok(());
    }
    let detail =
        "A cart in a cookie is for pages of this host, and of those that the store lists as `allowed_origins`.";
    Err(Problem::new(&kinds::CSRF, detail))
}

/// Has the browser keep a cart; for the answer's body, the second secret.
pub(crate) fn keep(cookie: &CartCookie, store: &Store, headers: &HeaderMap, response: &mut Response) {
    let seconds = i64::from(store.settings.guest_cart_days) * 24 * 60 * 60;
    // To a page of another site browsers give no cookie that does not say so; it is then another one on each site.
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_elsewhere = site.map_or_else(|| !same_origin(headers), |site| site == "cross-site");
    let site = if is_elsewhere { "SameSite=None; Partitioned" } else { "SameSite=Lax" };
    let (handle, csrf) = (&store.handle, cookie.csrf_token());
    let lines = [
        format!(
            "{CART_COOKIE}{handle}={}.{}; Path=/; Max-Age={seconds}; HttpOnly; Secure; {site}",
            cookie.cart, cookie.secret
        ),
        format!("{CSRF_COOKIE}{handle}={csrf}; Path=/; Max-Age={seconds}; Secure; {site}"),
    ];
    // They consist of letters, digits and punctuation.
    for line in lines.into_iter().filter_map(|line| HeaderValue::try_from(line).ok()) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}
