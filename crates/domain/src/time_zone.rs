//! Time zones by their names in the IANA database, which is compiled in: what a clock on the wall shows at an instant, and
//! when it is put forward or back. Nothing here reads a file, the environment or the clock of the machine.

use crate::id::Timestamp;
use crate::store::DAY_MS;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone as Rules, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

const MINUTE_MS: i64 = 60_000;
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone with its daylight saving time, or a fixed distance from UTC. In JSON its name, such as `Europe/Berlin`.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZone(Rules);

/// What a clock on the wall shows, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime {
    /// Days since 1 January 1970.
    pub day: i64,
    /// Minutes after midnight, 0 to 1439.
    pub minute: u16,
}

/// The name is not in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", TimeZone::EXPECTED)]
pub struct UnknownZone;

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: TimeZone = TimeZone(Rules::UTC);
    /// What a name must be.
    pub const EXPECTED: &'static str = "must be the name of an IANA time zone such as Europe/Berlin";

    /// All names, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = DATABASE.available().map(|name| name.to_string()).collect();
        names.retain(|name| name.parse::<TimeZone>().is_ok());
        names.sort_unstable();
        names
    }

    /// A clock so many minutes ahead of UTC, whatever the season.
    pub fn fixed(minutes: i16) -> TimeZone {
        let offset = Offset::from_seconds(i32::from(minutes) * 60).unwrap_or(Offset::UTC);
        TimeZone(Rules::fixed(offset))
    }

    /// Its name, or its distance from UTC such as `+01:00`.
    pub fn name(&self) -> String {
        match self.0.iana_name() {
            Some(name) => name.to_owned(),
            None => self.0.to_fixed_offset().map_or_else(|_| "UTC".to_owned(), |offset| format!("{offset:#}")),
        }
    }

    /// Minutes ahead of UTC, where that never changes.
    pub fn fixed_minutes(&self) -> Option<i64> {
        self.0.to_fixed_offset().ok().map(|offset| i64::from(offset.seconds() / 60))
    }

    /// Milliseconds by which the clock is ahead of UTC at an instant.
    fn offset_ms(&self, at: Timestamp) -> i64 {
        i64::from(self.0.to_offset(instant(at)).seconds()) * 1_000
    }

    /// What the clock shows.
    pub fn wall_time(&self, at: Timestamp) -> WallTime {
        let local_ms = at.0.saturating_add(self.offset_ms(at));
        let minute = local_ms.rem_euclid(DAY_MS) / MINUTE_MS;
        WallTime { day: local_ms.div_euclid(DAY_MS), minute: minute as u16 }
    }

    /// The first instant of a day: midnight, or the first time after it where the clock skips midnight.
    pub fn start_of(&self, date: Date) -> Timestamp {
        let start = self.0.to_timestamp(date.at(0, 0, 0, 0));
        Timestamp(start.map_or_else(|_| days_since_1970(date) * DAY_MS, |start| start.as_millisecond()))
    }

    /// The calendar's day of an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        date_of(self.wall_time(at).day)
    }

    /// The day that the clock showed before `day` began: the one before, unless the zone left a day out.
    pub fn day_before(&self, day: i64) -> i64 {
        self.wall_time(self.start_of(date_of(day)).plus_ms(-1)).day
    }

    /// The first instant after `now` at which the clock shows one of these minutes after midnight (0 to 1440), or is put
    /// forward or back, whichever comes first.
    pub fn next_look(&self, now: Timestamp, minutes: &[u16]) -> Timestamp {
        let offset_ms = self.offset_ms(now);
        let midnight_ms = now.0.saturating_add(offset_ms).div_euclid(DAY_MS) * DAY_MS - offset_ms;
        let of_days = minutes.iter().flat_map(|minute| {
            let first = midnight_ms + i64::from(*minute) * MINUTE_MS;
            [first, first + DAY_MS]
        });
        let shown = of_days.filter(|ms| *ms > now.0).min().unwrap_or(midnight_ms + DAY_MS);
        Timestamp(self.next_shift(now).map_or(shown, |shift| shift.0.min(shown)))
    }

    /// The first instant after `now` at which the distance from UTC may change.
    fn next_shift(&self, now: Timestamp) -> Option<Timestamp> {
        let shifts = self.0.following(instant(now)).map(|shift| Timestamp(shift.timestamp().as_millisecond()));
        shifts.into_iter().find(|shift| *shift > now)
    }
}

/// The calendar's day, so many days after 1 January 1970; the last that there is beyond its end.
pub fn date_of(day: i64) -> Date {
    let span = i32::try_from(day).ok().and_then(|days| jiff::Span::new().try_days(days).ok());
    EPOCH.saturating_add(span.unwrap_or_default())
}

/// Days from 1 January 1970 to this one.
pub fn days_since_1970(date: Date) -> i64 {
    EPOCH.until(date).map_or(0, |span| i64::from(span.get_days()))
}

/// Instants beyond the library's calendar are held to its ends.
fn instant(at: Timestamp) -> jiff::Timestamp {
    let (first, last) = (jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond());
    jiff::Timestamp::from_millisecond(at.0.clamp(first, last)).unwrap_or_default()
}

impl Default for TimeZone {
    fn default() -> Self {
        TimeZone::UTC
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl FromStr for TimeZone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<TimeZone, UnknownZone> {
        let found = DATABASE.get(name).map_err(|_| UnknownZone)?;
        if found.is_unknown() { Err(UnknownZone) } else { Ok(TimeZone(found)) }
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        name.parse().expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond())
    }

    #[test]
    fn zones_are_known_by_their_names_only() {
        assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
        assert_eq!((zone("UTC"), TimeZone::fixed(0).name()), (TimeZone::UTC, "UTC".to_owned()));
        assert_eq!(
            (TimeZone::fixed(90).name(), TimeZone::fixed(-840).fixed_minutes()),
            ("+01:30".to_owned(), Some(-840))
        );
        for wrong in ["", "Mars/Olympus", "Europe", "+01:00", "Etc/Unknown", "../etc/passwd", "CEST", "Europe/Berlin "]
        {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
        let names = TimeZone::names();
        assert!(names.len() > 400 && names.iter().all(|name| zone(name).name() == *name), "{names:?}");
        let read: TimeZone = serde_json::from_str("\"America/New_York\"").expect("a zone");
        assert_eq!(serde_json::to_string(&read).expect("text"), "\"America/New_York\"");
    }

    #[test]
    fn days_have_23_24_or_25_hours_and_one_was_left_out() {
        let hours = |name: &str, day: Date| {
            let zone = zone(name);
            (zone.start_of(day.tomorrow().expect("a day")).0 - zone.start_of(day).0) / 60 / MINUTE_MS
        };
        let day = jiff::civil::date;
        assert_eq!(hours("Europe/Berlin", day(2026, 3, 29)), 23);
        assert_eq!(hours("Europe/Berlin", day(2026, 10, 25)), 25);
        assert_eq!(hours("Europe/Berlin", day(2026, 11, 29)), 24);
        assert_eq!(hours("Asia/Beirut", day(2026, 3, 29)), 23, "midnight is skipped");
        assert_eq!(hours("Pacific/Apia", day(2011, 12, 30)), 0);
        let apia = zone("Pacific/Apia");
        let saturday = days_since_1970(day(2011, 12, 31));
        assert_eq!((apia.day_before(saturday), apia.day_before(saturday + 1)), (saturday - 2, saturday));
    }

    #[test]
    fn the_wall_shows_quarters_of_hours_and_summer() {
        let shown =
            |name: &str, text: &str| (zone(name).date(at(text)).to_string(), zone(name).wall_time(at(text)).minute);
        assert_eq!(shown("Asia/Kathmandu", "2026-11-29T18:15:00Z"), ("2026-11-30".to_owned(), 0));
        assert_eq!(shown("Europe/Berlin", "2026-07-01T22:30:00Z"), ("2026-07-02".to_owned(), 30));
        assert_eq!(shown("Europe/Berlin", "2026-12-01T22:30:00Z"), ("2026-12-01".to_owned(), 23 * 60 + 30));
        for beyond in [i64::MIN, i64::MAX] {
            let far = Timestamp(beyond);
            assert!(zone("Europe/Berlin").wall_time(far).minute < 1440);
        }
    }
}
