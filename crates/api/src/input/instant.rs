//! Instants in requests: RFC 3339, a day, or milliseconds since 1970.

use super::check::Check;
use super::date::Day;
use cartwright_domain::id::Timestamp;
use cartwright_domain::rfc3339;
use cartwright_domain::time_zone::TimeZone;
use cartwright_wire::Instant;

/// The end of the year 9999, milliseconds since 1970.
pub(crate) const LAST_MS: i64 = 253_402_300_799_999;

impl Check {
    /// An instant that can be read.
    pub(crate) fn instant(&mut self, field: &str, instant: Option<&Instant>) {
        match instant {
            None => {}
            Some(Instant::Ms(ms)) => self.number(field, *ms, 0..=LAST_MS),
            Some(text) => {
                let known = read(text, &TimeZone::UTC).is_some();
                let expected =
                    "must be an instant of RFC 3339 such as 2026-11-21T08:00:00Z, a day, or milliseconds since 1970";
                self.expect(known, || field.to_owned(), expected);
            }
        }
    }
}

/// The instant that a checked request names; a day is its beginning by the store's clock.
pub(crate) fn instant_of(instant: Option<Instant>, clock: &TimeZone) -> Option<Timestamp> {
    read(&instant?, clock)
}

fn read(instant: &Instant, clock: &TimeZone) -> Option<Timestamp> {
    let at = match instant {
        Instant::Ms(ms) => Timestamp(*ms),
        Instant::Text(text) => rfc3339::parse(text).or_else(|| Some(Day::parse(text)?.start(clock)))?,
    };
    Some(Timestamp(at.0.clamp(0, LAST_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_rfc_3339_or_a_day_by_the_stores_clock_or_milliseconds() {
        let berlin: TimeZone = "Europe/Berlin".parse().expect("a zone");
        let read = |text: &str| read(&Instant::Text(text.to_owned()), &berlin).map(|at| at.0);
        let midnight = Some(1_795_215_600_000);
        assert_eq!(read("2026-11-21"), midnight);
        assert_eq!(read("2026-11-21T00:00:00+01:00"), midnight);
        assert_eq!(read("2026-11-20T23:00:00.0004Z"), midnight);
        assert_eq!((read("1900-01-01T00:00:00Z"), read("9999-12-31T23:59:59.999-12:00")), (Some(0), Some(LAST_MS)));
        assert_eq!((read("tomorrow"), read("1795215600000"), read("")), (None, None, None));
        assert_eq!(instant_of(Some(Instant::Ms(5)), &berlin), Some(Timestamp(5)));
    }
}
