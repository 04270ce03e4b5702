//! The days that a report is about, cut into spans of days, weeks or months.

use crate::input::Day;
use crate::problem::{Outcome, Problem, registry as kinds};
use cartwright_domain::id::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// Most days of one report.
const MOST_DAYS: i64 = 400;
/// Days of a report unless said otherwise, today with them.
const USUAL_DAYS: i64 = 30;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// How long the spans are.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    #[default]
    Day,
    /// From Monday on.
    Week,
    Month,
}

/// The days of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    from: Date,
    to: Date,
    /// By so many minutes the days' clock is ahead of UTC.
    pub offset_minutes: i64,
}

impl Period {
    /// The period asked for: its end is today unless given, its start 30 days back.
    pub(crate) fn new(
        from: Option<Day>,
        to: Option<Day>,
        offset_minutes: Option<i64>,
        now: Timestamp,
    ) -> Outcome<Period> {
        let offset_minutes = offset_minutes.unwrap_or(0);
        let today = Day::of(now.plus_ms(offset_minutes * MINUTE_MS));
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| Day::of(to.start().plus_ms((1 - USUAL_DAYS) * DAY_MS)));
        let days = (to.end().0 - from.start().0) / DAY_MS;
        if !(1..=MOST_DAYS).contains(&days) {
            let detail = format!("A report is about 1 to {MOST_DAYS} days, not about {days}.");
            return Err(Problem::new(&kinds::PERIOD_REFUSED, detail));
        }
        Ok(Period { from: from.0, to: to.0, offset_minutes })
    }

    /// First and last day.
    pub(crate) fn days(&self) -> (String, String) {
        (self.from.to_string(), self.to.to_string())
    }

    /// The spans with their first days. The first and the last may be cut short.
    pub(crate) fn spans(&self, by: By) -> Vec<(Date, (Timestamp, Timestamp))> {
        let mut spans = Vec::new();
        let mut first = self.from;
        while first <= self.to {
            let next = next_start(first, by).filter(|next| *next <= self.to);
            let last = next.and_then(|next| next.yesterday().ok()).unwrap_or(self.to);
            spans.push((first, (self.instant(Day(first).start()), self.instant(Day(last).end()))));
            match next {
                Some(next) => first = next,
                None => break,
            }
        }
        spans
    }

    /// The whole of it.
    pub(crate) fn whole(&self) -> (Timestamp, Timestamp) {
        (self.instant(Day(self.from).start()), self.instant(Day(self.to).end()))
    }

    fn instant(&self, by_its_clock: Timestamp) -> Timestamp {
        by_its_clock.plus_ms(-self.offset_minutes * MINUTE_MS)
    }
}

/// The first day of the span after that of this day; none past the end of the calendar.
fn next_start(day: Date, by: By) -> Option<Date> {
    match by {
        By::Day => day.tomorrow().ok(),
        By::Week => day.checked_add((7 - i32::from(day.weekday().to_monday_zero_offset())).days()).ok(),
        By::Month => day.last_of_month().tomorrow().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn firsts(from: Date, to: Date, by: By) -> Vec<String> {
        let period = Period { from, to, offset_minutes: 0 };
        let spans = period.spans(by);
        let touching = spans.windows(2).all(|pair| pair[0].1.1 == pair[1].1.0);
        assert!(touching && spans[0].1.0 == period.whole().0 && spans[spans.len() - 1].1.1 == period.whole().1);
        spans.into_iter().map(|(first, _)| first.to_string()).collect()
    }

    #[test]
    fn spans_follow_each_other_and_are_the_whole_period() {
        let (from, to) = (date(2026, 10, 30), date(2026, 11, 10));
        assert_eq!(firsts(from, to, By::Day).len(), 12);
        assert_eq!(firsts(from, to, By::Week), ["2026-10-30", "2026-11-02", "2026-11-09"]);
        assert_eq!(firsts(from, to, By::Month), ["2026-10-30", "2026-11-01"]);
        assert_eq!(firsts(from, from, By::Month), ["2026-10-30"]);
        assert_eq!(firsts(date(9999, 12, 30), date(9999, 12, 31), By::Week), ["9999-12-30"]);
    }

    fn accepted(from: Option<Day>, to: Option<Day>, offset_minutes: i64, now: Timestamp) -> Period {
        match Period::new(from, to, Some(offset_minutes), now) {
            Ok(period) => period,
            Err(_) => panic!("the period was refused"),
        }
    }

    #[test]
    fn a_clock_ahead_of_utc_begins_its_days_earlier() {
        let day = Some(Day(date(2026, 11, 21)));
        let period = accepted(day, day, 90, Timestamp(0));
        assert_eq!(period.whole().0, Day(date(2026, 11, 21)).start().plus_ms(-90 * MINUTE_MS));
        let late = Day(date(2026, 11, 20)).end().plus_ms(-1);
        assert_eq!(accepted(None, None, 1, late).days().1, "2026-11-21");
    }

    #[test]
    fn a_period_has_at_least_a_day_and_at_most_400() {
        let accepts = |from, to| Period::new(Some(Day(from)), Some(Day(to)), None, Timestamp(0)).is_ok();
        assert!(accepts(date(2026, 1, 1), date(2027, 2, 4)) && accepts(date(2026, 1, 1), date(2026, 1, 1)));
        assert!(!accepts(date(2026, 1, 1), date(2027, 2, 5)) && !accepts(date(2026, 1, 2), date(2026, 1, 1)));
        assert!(!accepts(date(1, 1, 1), date(9999, 12, 31)));
    }
}
