//! The days that a report is about, cut into spans of days, weeks or months.

use crate::input::Day;
use crate::problem::{Outcome, Problem, registry as kinds};
use cartwright_domain::id::Timestamp;
use cartwright_domain::time_zone::{TimeZone, days_since_1970};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// Most days of one report.
const MOST_DAYS: i64 = 400;
/// Days of a report unless said otherwise, today with them.
const USUAL_DAYS: i64 = 30;

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
#[derive(Clone, Debug)]
pub(crate) struct Period {
    from: Date,
    to: Date,
    /// By which the days begin.
    pub clock: TimeZone,
}

impl Period {
    /// The period asked for: its end is today unless given, its start 30 days back.
    pub(crate) fn new(from: Option<Day>, to: Option<Day>, clock: TimeZone, now: Timestamp) -> Outcome<Period> {
        let to = to.map_or_else(|| clock.date(now), |day| day.0);
        let from = from.map_or_else(|| to.saturating_sub((USUAL_DAYS - 1).days()), |day| day.0);
        let days = days_since_1970(to) - days_since_1970(from) + 1;
        if !(1..=MOST_DAYS).contains(&days) {
            let detail = format!("A report is about 1 to {MOST_DAYS} days, not about {days}.");
            return Err(Problem::new(&kinds::PERIOD_REFUSED, detail));
        }
        Ok(Period { from, to, clock })
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
            spans.push((first, (self.clock.start_of(first), Day(last).end(&self.clock))));
            match next {
                Some(next) => first = next,
                None => break,
            }
        }
        spans
    }

    /// The whole of it.
    pub(crate) fn whole(&self) -> (Timestamp, Timestamp) {
        (self.clock.start_of(self.from), Day(self.to).end(&self.clock))
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

    const HOUR_MS: i64 = 60 * 60_000;

    fn firsts(from: Date, to: Date, by: By, clock: TimeZone) -> Vec<String> {
        let period = Period { from, to, clock };
        let spans = period.spans(by);
        let touching = spans.windows(2).all(|pair| pair[0].1.1 == pair[1].1.0);
        assert!(touching && spans[0].1.0 == period.whole().0 && spans[spans.len() - 1].1.1 == period.whole().1);
        spans.into_iter().map(|(first, _)| first.to_string()).collect()
    }

    fn zone(name: &str) -> TimeZone {
        name.parse().expect("a zone")
    }

    #[test]
    fn spans_follow_each_other_and_are_the_whole_period() {
        let (from, to) = (date(2026, 10, 30), date(2026, 11, 10));
        for clock in [TimeZone::UTC, TimeZone::fixed(-90), zone("America/New_York")] {
            assert_eq!(firsts(from, to, By::Day, clock.clone()).len(), 12);
            assert_eq!(firsts(from, to, By::Week, clock.clone()), ["2026-10-30", "2026-11-02", "2026-11-09"]);
            assert_eq!(firsts(from, to, By::Month, clock.clone()), ["2026-10-30", "2026-11-01"]);
            assert_eq!(firsts(from, from, By::Month, clock.clone()), ["2026-10-30"]);
            assert_eq!(firsts(date(9999, 12, 30), date(9999, 12, 31), By::Week, clock), ["9999-12-30"]);
        }
    }

    #[test]
    fn a_day_on_which_the_clock_is_put_back_has_25_hours_and_one_when_it_is_put_forward_23() {
        let hours = |from, to| {
            let period = Period { from, to, clock: zone("Europe/Berlin") };
            let lengths = period.spans(By::Day).into_iter().map(|(_, (start, end))| (end.0 - start.0) / HOUR_MS);
            lengths.collect::<Vec<i64>>()
        };
        assert_eq!(hours(date(2026, 10, 24), date(2026, 10, 26)), [24, 25, 24]);
        assert_eq!(hours(date(2026, 3, 28), date(2026, 3, 30)), [24, 23, 24]);
    }

    fn accepted(from: Option<Day>, to: Option<Day>, clock: TimeZone, now: Timestamp) -> Period {
        match Period::new(from, to, clock, now) {
            Ok(period) => period,
            Err(_) => panic!("the period was refused"),
        }
    }

    #[test]
    fn a_clock_ahead_of_utc_begins_its_days_earlier() {
        let day = Some(Day(date(2026, 11, 21)));
        let midnight = TimeZone::UTC.start_of(date(2026, 11, 21));
        let period = accepted(day, day, TimeZone::fixed(90), Timestamp(0));
        assert_eq!(period.whole().0, midnight.plus_ms(-90 * 60_000));
        let late = midnight.plus_ms(-1);
        assert_eq!(accepted(None, None, TimeZone::fixed(1), late).days().1, "2026-11-21");
        let usual = accepted(None, None, zone("Europe/Berlin"), late).days();
        assert_eq!((usual.0.as_str(), usual.1.as_str()), ("2026-10-23", "2026-11-21"));
    }

    #[test]
    fn a_period_has_at_least_a_day_and_at_most_400() {
        let accepts =
            |from, to| Period::new(Some(Day(from)), Some(Day(to)), zone("Asia/Kathmandu"), Timestamp(0)).is_ok();
        assert!(accepts(date(2026, 1, 1), date(2027, 2, 4)) && accepts(date(2026, 1, 1), date(2026, 1, 1)));
        assert!(!accepts(date(2026, 1, 1), date(2027, 2, 5)) && !accepts(date(2026, 1, 2), date(2026, 1, 1)));
        assert!(!accepts(date(1, 1, 1), date(9999, 12, 31)));
    }
}
