//! The headers that every answer has, whatever answered: a handler, a refusal before any route was looked for, a stream. They
//! keep browsers from storing what is private, from guessing types, from showing an answer inside another site, and from
//! telling other sites the address, which may have a link's token in it.

use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};

/// Data is never shown as a page, so a page made of it may load and do nothing.
const POLICY_OF_DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Swagger UI has its scripts in files of this server, sets styles in attributes, has its icons inline, and asks this server.
const POLICY_OF_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The same for an answer that is written without a router: lines of its head.
pub(crate) const LINES: &str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n\
                                Referrer-Policy: no-referrer\r\n\
                                Content-Security-Policy: default-src 'none'; frame-ancestors 'none'";

/// Whether an address is of the page that shows the OpenAPI document.
pub(crate) fn is_page(path: &str) -> bool {
    path == "/docs" || path.starts_with("/docs/")
}

/// Completes an answer.
pub(crate) fn protect(is_page: bool, response: &mut Response) {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(const { HeaderValue::from_static("no-store") });
    headers.insert(X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
    headers.insert(X_FRAME_OPTIONS, const { HeaderValue::from_static("DENY") });
    headers.insert(REFERRER_POLICY, const { HeaderValue::from_static("no-referrer") });
    headers.insert(CONTENT_SECURITY_POLICY, if is_page { POLICY_OF_PAGE } else { POLICY_OF_DATA });
}
