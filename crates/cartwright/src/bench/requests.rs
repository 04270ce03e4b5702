//! The bytes of requests, and the few fields of answers that the next request needs. Shoppers send what a storefront
//! would send; nothing here parses JSON.

use super::connection::position;
use std::io::Write;

/// Identity and secret of a cart, and the total that its answer showed, in minor units.
#[derive(Clone, Debug)]
pub(super) struct CartKey {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) total: i64,
}

impl CartKey {
    /// Out of the answer to the request that made the cart.
    pub(super) fn scan(body: &[u8]) -> Option<Self> {
        Some(Self { id: field(body, b"\"id\":\"")?, token: field(body, b"\"token\":\"")?, total: total(body)? })
    }

    /// With the total of a later answer.
    pub(super) fn with_total_of(self, body: &[u8]) -> Self {
        Self { total: total(body).unwrap_or(self.total), ..self }
    }
}

/// The total of a cart. It stands near the end, so it is looked for from there.
fn total(body: &[u8]) -> Option<i64> {
    let from = |wanted: &[u8], within: &[u8]| within.windows(wanted.len()).rposition(|window| window == wanted);
    let opening = b"\"total\":{\"amount\":";
    let totals = from(b"\"totals\":{", body)?;
    let rest = &body[totals + position(&body[totals..], opening)? + opening.len()..];
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

fn field(body: &[u8], opening: &[u8]) -> Option<String> {
    let rest = &body[position(body, opening)? + opening.len()..];
    let end = rest.iter().position(|byte| *byte == b'"')?;
    String::from_utf8(rest[..end].to_vec()).ok()
}

/// Whether a problem's `code` is this one.
pub(super) fn has_code(body: &[u8], code: &str) -> bool {
    position(body, format!("\"code\":\"{code}\"").as_bytes()).is_some()
}

/// A GET; `headers` are whole lines.
pub(super) fn get(out: &mut Vec<u8>, path: &str, headers: &str) {
    say(out, format_args!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
}

pub(super) fn read_cart(out: &mut Vec<u8>, cart: &CartKey) {
    get(out, &format!("/api/v1/carts/{}", cart.id), &format!("Cart-Token: {}\r\n", cart.token));
}

/// A cart with one unit of each of these.
pub(super) fn create_cart(out: &mut Vec<u8>, skus: &[String]) {
    let mut body = Vec::with_capacity(160);
    body.extend_from_slice(b"{\"lines\":[");
    for (index, sku) in skus.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        say(&mut body, format_args!("{comma}{{\"sku\":\"{sku}\",\"quantity\":1}}"));
    }
    body.extend_from_slice(b"]}");
    post(out, "/api/v1/carts", "", &body);
}

/// One more unit of `sku`.
pub(super) fn add_line(out: &mut Vec<u8>, cart: &CartKey, sku: &str) {
    let headers = format!("Cart-Token: {}\r\n", cart.token);
    let body = format!("{{\"sku\":\"{sku}\",\"quantity\":1}}");
    post(out, &format!("/api/v1/carts/{}/lines", cart.id), &headers, body.as_bytes());
}

/// Buys the cart with the test gateway.
pub(super) fn checkout(out: &mut Vec<u8>, cart: &CartKey, key: &str) {
    let headers = format!("Cart-Token: {}\r\nIdempotency-Key: {key}\r\n", cart.token);
    let total = cart.total;
    let body = format!("{{\"expected_total\":{total},\"payment\":{{\"gateway\":\"test\",\"method\":\"ok\"}}}}");
    post(out, &format!("/api/v1/carts/{}/checkout", cart.id), &headers, body.as_bytes());
}

/// A DELETE; `headers` are whole lines.
pub(super) fn delete(out: &mut Vec<u8>, path: &str, headers: &str) {
    say(out, format_args!("DELETE {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
}

/// A POST of JSON; `headers` are whole lines.
pub(super) fn post(out: &mut Vec<u8>, path: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    say(
        out,
        format_args!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n"
        ),
    );
    out.extend_from_slice(body);
}

fn say(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_secret_and_total_are_found_in_a_new_cart() {
        let cart = CartKey::scan(
            br#"{"id":"01","token":"ct_x","version":1,"lines":[{"id":"02","total":{"amount":5}}],
                "totals":{"subtotal":{"amount":7},"total":{"amount":1250,"currency":"EUR"}},"updated_at":""}"#,
        );
        let cart = cart.unwrap();
        assert_eq!((cart.id.as_str(), cart.token.as_str(), cart.total), ("01", "ct_x", 1250));
        assert!(CartKey::scan(br#"{"id":"01","version":1}"#).is_none());
    }

    #[test]
    fn a_request_says_how_long_its_body_is() {
        let mut request = Vec::new();
        create_cart(&mut request, &["A".to_owned(), "B".to_owned()]);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        assert_eq!(body, r#"{"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":1}]}"#);
    }
}
