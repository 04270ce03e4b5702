//! Days of the calendar in queries: `2026-11-21`.

use cartwright_domain::id::Timestamp;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

/// A day, as ISO 8601 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = Date, example = "2026-11-21")]
pub(crate) struct Day(pub jiff::civil::Date);

impl Day {
    /// The day of an instant, by UTC.
    pub(crate) fn of(at: Timestamp) -> Day {
        let days = i32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
        Day(EPOCH.saturating_add(jiff::Span::new().try_days(days).unwrap_or_default()))
    }

    /// Its first instant by UTC.
    pub(crate) fn start(self) -> Timestamp {
        let days = EPOCH.until(self.0).map_or(0, |span| i64::from(span.get_days()));
        Timestamp(days * DAY_MS)
    }

    /// The first instant after it by UTC.
    pub(crate) fn end(self) -> Timestamp {
        self.start().plus_ms(DAY_MS)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = if plain { text.parse().ok() } else { None };
        day.map(Day).ok_or_else(|| serde::de::Error::custom("must be a day such as 2026-11-21"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_by_utc() {
        let day: Day = serde_json::from_str("\"2026-11-21\"").expect("a day");
        assert_eq!(day.start(), Timestamp(1_795_219_200_000));
        assert_eq!((Day::of(day.start()), Day::of(day.end().plus_ms(-1))), (day, day));
        assert!(Day::of(day.end()) > day);
        for wrong in ["2026-11-31", "20261121", "2026-11-21T00:00", "21.11.2026", ""] {
            assert!(serde_json::from_value::<Day>(serde_json::json!(wrong)).is_err(), "{wrong}");
        }
    }
}
