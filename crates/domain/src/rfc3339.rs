//! Instants as RFC 3339, in UTC, with milliseconds.

use crate::id::Timestamp;

/// `2026-11-21T07:48:03.000Z`. Years outside 0 to 9999 have no such form and are held to its ends.
pub fn rfc3339(at: Timestamp) -> String {
    const FIRST_MS: i64 = -62_167_219_200_000;
    const LAST_MS: i64 = 253_402_300_799_999;
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

#[cfg(test)]
mod tests {
    use super::*;

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
