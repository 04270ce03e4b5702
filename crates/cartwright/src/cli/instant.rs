//! Instants on the command line, as the server takes them.

use cartwright_client::wire::Instant;

/// Milliseconds since 1970 where it is a number; the server reads RFC 3339 and days, the latter by the store's clock.
pub(super) fn instant(text: &str) -> Result<Instant, String> {
    match text.parse::<i64>() {
        Ok(ms) => Ok(Instant::Ms(ms)),
        Err(_) if text.starts_with(|first: char| first.is_ascii_digit()) => Ok(Instant::Text(text.to_owned())),
        Err(_) => Err("not like 2026-11-21 or 2026-11-21T08:00:00Z".to_owned()),
    }
}
