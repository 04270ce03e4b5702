//! Instants as RFC 3339: written in UTC with milliseconds, read with any offset and as many decimals as there are.

use crate::id::Timestamp;
use crate::store::DAY_MS;
use crate::time_zone::days_since_1970;
use serde::Deserializer;
use serde::de::{Error, Visitor};
use std::fmt;

/// The end of the year 9999, milliseconds since 1970.
const LAST_MS: i64 = 253_402_300_799_999;

/// `2026-11-21T07:48:03.000Z`. Years outside 0 to 9999 have no such form and are held to its ends.
pub fn rfc3339(at: Timestamp) -> String {
    const FIRST_MS: i64 = -62_167_219_200_000;
    let ms = at.0.clamp(FIRST_MS, LAST_MS);
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let mut text = Vec::with_capacity(24);
    digits(&mut text, year, 4);
    text.push(b'-');
    digits(&mut text, month, 2);
    text.push(b'-');
    digits(&mut text, day, 2);
    text.push(b'T');
    digits(&mut text, of_day / 3_600_000, 2);
    text.push(b':');
    digits(&mut text, of_day / 60_000 % 60, 2);
    text.push(b':');
    digits(&mut text, of_day / 1_000 % 60, 2);
    text.push(b'.');
    digits(&mut text, of_day % 1_000, 3);
    text.push(b'Z');
    text.into_iter().map(char::from).collect()
}

/// Year, month and day of the Gregorian calendar, so many days after 1 January 1970 (Howard Hinnant, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn digits(text: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        text.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
    }
}

/// What a text that is to be an instant must be.
pub const EXPECTED: &str = "must be an instant of RFC 3339 such as 2026-11-21T08:00:00Z, or milliseconds since 1970";

/// Reads an instant of RFC 3339, section 5.6; what is finer than a millisecond is cut off. `None` where the text is none.
pub fn parse(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        other => byte == other,
    };
    let (time, rest) = text.as_bytes().split_at_checked(SHAPE.len())?;
    if !time.iter().zip(SHAPE).all(fits) {
        return None;
    }
    let decimals = match rest.strip_prefix(b".") {
        None => 0,
        Some(fraction) => 1 + fraction.iter().position(|byte| !byte.is_ascii_digit()).filter(|count| *count > 0)?,
    };
    let offset_minutes = offset(&rest[decimals..])?;
    // Milliseconds are enough, and the library takes no more than nanoseconds.
    let shown: jiff::civil::DateTime = text.get(..SHAPE.len() + decimals.min(4))?.to_ascii_uppercase().parse().ok()?;
    let time = shown.time();
    let second = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let of_day = second * 1_000 + i64::from(time.millisecond()) - offset_minutes * 60_000;
    Some(Timestamp(days_since_1970(shown.date()) * DAY_MS + of_day))
}

/// Minutes ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let number =
        |tens: u8, ones: u8| Some(i64::from(char::from(tens).to_digit(10)? * 10 + char::from(ones).to_digit(10)?));
    let (sign, hours, minutes) = match *zone {
        [b'Z' | b'z'] => return Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => (sign, number(a, b)?, number(c, d)?),
        _ => return None,
    };
    let ahead = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some(if sign == b'-' { -ahead } else { ahead })
}

/// Reads an instant that may be there, as RFC 3339 or as milliseconds since 1970, which is how it is stored. A text
/// before 1970 or after 9999 counts as their ends.
pub(crate) fn either<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    deserializer.deserialize_option(Either)
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Option<Timestamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an instant of RFC 3339 such as 2026-11-21T08:00:00Z, or milliseconds since 1970")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_i64<E: Error>(self, ms: i64) -> Result<Self::Value, E> {
        Ok(Some(Timestamp(ms)))
    }

    fn visit_u64<E: Error>(self, ms: u64) -> Result<Self::Value, E> {
        i64::try_from(ms).map(|ms| Some(Timestamp(ms))).map_err(|_| E::custom("is too far away"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let at = parse(text).ok_or_else(|| E::custom(EXPECTED))?;
        Ok(Some(Timestamp(at.0.clamp(0, LAST_MS))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_any_offset_and_precision_and_nothing_else_is() {
        let read = |text: &str| parse(text).map(|at| at.0);
        let morning = Some(1_795_248_000_000);
        for text in
            ["2026-11-21T08:00:00Z", "2026-11-21t08:00:00z", "2026-11-21 08:00:00.0Z", "2026-11-21T09:30:00+01:30"]
        {
            assert_eq!(read(text), morning, "{text}");
        }
        assert_eq!(read("2026-11-20T23:59:59.999999999999-08:00"), Some(1_795_247_999_999));
        assert_eq!(read("2026-11-21T08:00:00.12Z"), Some(1_795_248_000_120));
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21T08:00:00",
            "2026-11-21T08:00Z",
            "2026-11-31T08:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T08:00:00+01",
            "2026-11-21T08:00:00.Z",
            "2026-11-21T08:00:00Z[UTC]",
            "20261121T080000Z",
            "1795248000000",
            "2026-11-21T08:00:00+25:99",
            "２026-11-21T08:00:00Z",
            "2026-11-21T08:00:00€",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        for ms in [0, 951_782_399_999, 253_402_300_799_999] {
            assert_eq!(parse(&rfc3339(Timestamp(ms))), Some(Timestamp(ms)));
        }
    }

    #[test]
    fn instants_are_written_as_a_calendar_library_writes_them() {
        let samples = [0, 1, 951_782_399_999, 951_782_400_000, 1_732_175_283_250, 4_102_444_800_000, -1];
        let many = (0..4_000).map(|index| index * 86_400_000 * 13 + index * 7_919);
        for ms in samples.into_iter().chain(many) {
            let expected = jiff::Timestamp::from_millisecond(ms).expect("in range");
            assert_eq!(rfc3339(Timestamp(ms)), format!("{expected:.3}"));
        }
    }
}
