//! Instants in requests.

use serde::{Deserialize, Serialize};

/// An instant: RFC 3339 with any offset, a day such as `2026-11-21` (its beginning by the store's clock), or milliseconds
/// since 1970. What is before 1970 or after 9999 counts as their ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be an instant of RFC 3339, a day, or milliseconds since 1970")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Instant {
    /// Milliseconds since 1970.
    Ms(i64),
    /// RFC 3339, or a day.
    Text(String),
}

impl From<i64> for Instant {
    fn from(ms: i64) -> Instant {
        Instant::Ms(ms)
    }
}
