//! Cursors: values written as JSON in hexadecimal digits, so that they pass through any URL and say nothing to clients.

use crate::problem::{Problem, registry as kinds};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a cursor.
pub(crate) fn encode_cursor<T: Serialize>(value: &T) -> String {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads a cursor; `None` where it is none of ours.
pub(crate) fn decode_cursor<T: DeserializeOwned>(cursor: &str) -> Option<T> {
    let half = |digit: u8| char::from(digit).to_digit(16).map(|half| half as u8);
    let (pairs, rest) = cursor.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(half(*high)? << 4 | half(*low)?)).collect();
    // What we wrote has no NUL, which not every storage takes.
    let is_ours = |bytes: &Vec<u8>| rest.is_empty() && !bytes.windows(6).any(|window| window == br"\u0000");
    serde_json::from_slice(&bytes.filter(is_ours)?).ok()
}

/// The cursor is none of ours.
pub(crate) fn no_such_page() -> Problem {
    Problem::new(&kinds::CURSOR_UNKNOWN, "The cursor is not one of this list; begin without.")
}
