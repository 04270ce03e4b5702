//! Days of the calendar in requests: `2026-11-21`.

use cartwright_domain::id::Timestamp;
use cartwright_domain::time_zone::TimeZone;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A day, as ISO 8601 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = Date, example = "2026-11-21")]
pub(crate) struct Day(pub jiff::civil::Date);

impl Day {
    /// Its first instant by a clock.
    pub(crate) fn start(self, clock: &TimeZone) -> Timestamp {
        clock.start_of(self.0)
    }

    /// The first instant after it by a clock.
    pub(crate) fn end(self, clock: &TimeZone) -> Timestamp {
        match self.0.tomorrow() {
            Ok(next) => clock.start_of(next),
            // The calendar ends here.
            Err(_) => clock.start_of(self.0).plus_ms(DAY_MS),
        }
    }

    /// Reads `2026-11-21`.
    pub(crate) fn parse(text: &str) -> Option<Day> {
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = if plain { text.parse().ok() } else { None };
        day.map(Day)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).ok_or_else(|| serde::de::Error::custom("must be a day such as 2026-11-21"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_by_a_clock() {
        let day: Day = serde_json::from_str("\"2026-11-21\"").expect("a day");
        assert_eq!(day.start(&TimeZone::UTC), Timestamp(1_795_219_200_000));
        assert_eq!(day.end(&TimeZone::UTC), Timestamp(1_795_219_200_000 + DAY_MS));
        let kathmandu: TimeZone = "Asia/Kathmandu".parse().expect("a zone");
        assert_eq!(day.start(&kathmandu), day.start(&TimeZone::fixed(345)));
        let last = Day::parse("9999-12-31").expect("a day");
        assert_eq!(last.end(&TimeZone::UTC).0 - last.start(&TimeZone::UTC).0, DAY_MS);
        for wrong in ["2026-11-31", "20261121", "2026-11-21T00:00", "21.11.2026", ""] {
            assert!(serde_json::from_value::<Day>(serde_json::json!(wrong)).is_err(), "{wrong}");
        }
    }
}
