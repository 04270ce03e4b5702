//! What shoppers were shown last: the total of each cart in the newest answer that anybody of this process got about it. A
//! storefront names it at checkout, so the harness does where a test does not name one itself.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

static SHOWN: LazyLock<Mutex<HashMap<String, i64>>> = LazyLock::new(Mutex::default);

/// Takes note of an answer that shows a cart, by itself or beside something else.
pub(super) fn note(body: &[u8]) {
    if let Some((id, total)) = std::str::from_utf8(body).ok().and_then(cart_in) {
        SHOWN.lock().expect("no test panicked here").insert(id, total);
    }
}

fn cart_in(text: &str) -> Option<(String, i64)> {
    let opening = r#"{"id":""#;
    let nested = || text.find(r#""cart":{"id":""#).map(|at| &text[at + r#""cart":"#.len()..]);
    let cart = if text.starts_with(opening) { Some(text) } else { nested() }?;
    let id = cart[opening.len()..].split('"').next()?;
    let totals = &cart[cart.rfind(r#""totals":{"#)?..];
    let amount = totals.split_once(r#""total":{"amount":"#)?.1.split(',').next()?;
    Some((id.to_owned(), amount.parse().ok()?))
}

/// The body of a checkout with the total that was shown, where it names none.
pub(super) fn name_total(path: &str, body: &Value) -> Value {
    let cart = path.strip_prefix("/carts/").and_then(|rest| rest.strip_suffix("/checkout"));
    let is_silent = body.get("payment").is_some() && body.get("expected_total").is_none();
    let mut body = body.clone();
    if let Some(total) = cart.filter(|_| is_silent).and_then(shown) {
        body["expected_total"] = json!(total);
    }
    body
}

/// The total of a cart that was shown last, in minor units.
pub(crate) fn shown(cart: &str) -> Option<i64> {
    SHOWN.lock().expect("no test panicked here").get(cart).copied()
}
