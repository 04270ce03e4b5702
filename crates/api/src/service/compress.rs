//! Answers in fewer bytes, where the client takes them: brotli or gzip.
//!
//! How long a compressed text is tells of what it repeats, so whoever can have a browser ask again and again, with a text of their
//! choice in an answer that has a secret too, learns that secret (BREACH). So only what is read is compressed, never what a change
//! answers, which may hand a secret out; nothing about an order, which may have the secret of its payment; and nothing that a cookie
//! has opened, since only cookies are sent by browsers of their own accord. What everybody may read is always compressed.

use axum::body::HttpBody;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, ETAG};
use http::{HeaderValue, Method, Request, StatusCode};
use std::convert::Infallible;
use tower::ServiceExt;
use tower_http::CompressionLevel;
use tower_http::compression::Compression;
use tower_http::compression::predicate::Predicate;

/// Bytes from which on it is worth while: less fits into one packet.
const LEAST: u64 = 1_200;
/// What a quick look finds: a tenth larger than with the most care, and ten times as quick.
const LEVEL: i32 = 4;
/// What tags end with where the body is compressed: two texts of bytes must not have one strong tag.
const ENDS: [&str; 2] = [".br", ".gzip"];

/// What a client takes, if the answer to its request may be compressed at all.
pub(crate) fn taken<B>(request: &Request<B>) -> Option<HeaderValue> {
    let headers = request.headers();
    let taken = headers.get(ACCEPT_ENCODING)?;
    let path = request.uri().path();
    let is_for_all = !path.starts_with("/api/") || path.starts_with("/api/v1/products");
    let is_private = path.starts_with("/api/v1/orders/") || path.starts_with("/api/v1/recovery/");
    let may = request.method() == Method::GET && (is_for_all || !is_private && !headers.contains_key(COOKIE));
    may.then(|| taken.clone())
}

/// The same answer, compressed if that is worth while.
pub(crate) async fn compressed(taken: HeaderValue, response: Response) -> Response {
    let headers = response.headers();
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_text = kind.starts_with("text/") || ["json", "javascript", "svg"].iter().any(|end| kind.contains(end));
    let is_worth_while = response.status() == StatusCode::OK
        && is_text
        && !headers.contains_key(CONTENT_ENCODING)
        // Streams say no size.
        && response.body().size_hint().exact().is_some_and(|bytes| bytes >= LEAST);
    if !is_worth_while {
        return response;
    }
    let mut request = Request::new(());
    request.headers_mut().insert(ACCEPT_ENCODING, taken);
    let mut ready = Some(response);
    let answer = tower::service_fn(move |_: Request<()>| {
        std::future::ready(Ok::<_, Infallible>(ready.take().unwrap_or_default()))
    });
    let layer = Compression::new(answer).quality(CompressionLevel::Precise(LEVEL)).compress_when(Always);
    let Ok(done) = layer.oneshot(request).await;
    let mut response = done.into_response();
    retag(&mut response);
    response
}

#[derive(Clone, Copy)]
struct Always;

impl Predicate for Always {
    fn should_compress<B: HttpBody>(&self, _: &http::Response<B>) -> bool {
        true
    }
}

fn retag(response: &mut Response) {
    let headers = response.headers_mut();
    let (Some(tag), Some(encoding)) = (headers.get(ETAG), headers.get(CONTENT_ENCODING)) else { return };
    let tag = tag.to_str().ok().and_then(|tag| tag.strip_suffix('"'));
    let tag = tag.zip(encoding.to_str().ok()).map(|(tag, encoding)| format!("{tag}.{encoding}\""));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers.insert(ETAG, tag);
    }
}

/// A tag as it is without compression.
pub(crate) fn plain_tag(tag: &str) -> String {
    let bare = tag.strip_suffix('"').unwrap_or(tag);
    match ENDS.iter().find_map(|end| bare.strip_suffix(end)) {
        Some(bare) => format!("{bare}\""),
        None => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(method: Method, path: &str, cookie: bool) -> bool {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("a path");
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if cookie {
            request.headers_mut().insert(COOKIE, HeaderValue::from_static("a=b"));
        }
        taken(&request).is_some()
    }

    #[test]
    fn secrets_beside_texts_of_strangers_are_not_compressed() {
        for path in ["/api/v1/products", "/api/v1/products/pen", "/openapi.json", "/docs/swagger-ui.css"] {
            assert!(may(Method::GET, path, false) && may(Method::GET, path, true), "{path}");
        }
        for path in ["/api/v1/carts/1", "/api/v1/admin/orders", "/api/v1/account/orders"] {
            assert!(may(Method::GET, path, false) && !may(Method::GET, path, true), "{path}");
            assert!(!may(Method::POST, path, false), "{path}");
        }
        for path in ["/api/v1/orders/1", "/api/v1/recovery/secret"] {
            assert!(!may(Method::GET, path, false), "{path}");
        }
    }

    #[test]
    fn a_tag_of_compressed_bytes_leads_back_to_the_plain_one() {
        assert_eq!(plain_tag("\"3-1f.br\""), "\"3-1f\"");
        assert_eq!(plain_tag("\"3-1f-de.gzip\""), "\"3-1f-de\"");
        assert_eq!(plain_tag("\"3-1f\""), "\"3-1f\"");
        // In Breton, and not compressed.
        assert_eq!(plain_tag("\"3-1f-br\""), "\"3-1f-br\"");
        assert_eq!(plain_tag("*"), "*");
    }
}
