//! When promotions count, in the model: by a calendar library, minute by minute, without the rule's own code.

use cartwright_domain::id::Timestamp;
use cartwright_domain::promotion::{Conditions, Weekday};
use jiff::civil;

/// Whether the clock on the wall of this zone shows one of the days and a time within the hours.
pub(crate) fn shows(conditions: &Conditions, stores: &str, at: Timestamp) -> Result<bool, String> {
    let own = conditions.time_zone.as_ref().map(|zone| zone.name());
    let zone = jiff::tz::TimeZone::get(own.as_deref().unwrap_or(stores)).map_err(|error| error.to_string())?;
    let instant = jiff::Timestamp::from_millisecond(at.0).map_err(|error| error.to_string())?;
    let now = instant.to_zoned(zone.clone());
    let minute = now.hour() as u16 * 60 + now.minute() as u16;
    let mut date = now.date();
    if let Some(hours) = conditions.hours {
        let late = hours.until_minute <= hours.from_minute;
        let within = if late {
            minute >= hours.from_minute || minute < hours.until_minute
        } else {
            (hours.from_minute..hours.until_minute).contains(&minute)
        };
        if !within {
            return Ok(false);
        }
        if late && minute < hours.from_minute {
            date = date.yesterday().map_err(|error| error.to_string())?;
        }
    }
    let day = match date.weekday() {
        civil::Weekday::Monday => Weekday::Monday,
        civil::Weekday::Tuesday => Weekday::Tuesday,
        civil::Weekday::Wednesday => Weekday::Wednesday,
        civil::Weekday::Thursday => Weekday::Thursday,
        civil::Weekday::Friday => Weekday::Friday,
        civil::Weekday::Saturday => Weekday::Saturday,
        civil::Weekday::Sunday => Weekday::Sunday,
    };
    Ok(conditions.weekdays.is_empty() || conditions.weekdays.contains(&day))
}
