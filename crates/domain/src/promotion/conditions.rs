//! Under which circumstances a promotion counts.

use super::filter::{LineFilter, Names};
use crate::id::Timestamp;
use crate::money::{Amounts, Currency};
use crate::shipping::Zone;
use crate::time_zone::TimeZone;
use serde::{Deserialize, Serialize};

/// All that are given must hold; by default none is.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// Least value of the goods in minor units; whether after earlier discounts or before is a setting of the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_order_amount: Option<Amounts>,
    /// Least number of units of `goods`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<u32>,
    /// Goods of which the cart must have at least one unit; by default any.
    #[serde(skip_serializing_if = "LineFilter::is_any")]
    pub goods: LineFilter,
    /// Ids of customers it is for.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub customers: Names,
    /// Groups of customers it is for; one of them is enough.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub customer_groups: Names,
    /// Only for the first order of a known customer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub first_order: bool,
    /// Days of the week; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
    /// Hours of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// The time zone of `weekdays` and `hours`; the store's unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// Minutes by which the clock of `weekdays` and `hours` is ahead of UTC, instead of a zone. Promotions made before there
    /// were zones have 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i16>,
    /// Currencies of the cart; empty for all. Plain amounts of a promotion for one currency alone are in that one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub currencies: Vec<Currency>,
    /// Countries of destination, ISO 3166-1 alpha-2; empty for all.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub countries: Names,
    /// Parts of the world of which the destination lies in one; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Zone>,
    /// Handles of the chosen shipping method; empty for all.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub shipping_methods: Names,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// Part of a day, in minutes after midnight. `until` before `from` goes past midnight, and belongs to the day of `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute inside, 0 to 1439.
    pub from_minute: u16,
    /// First minute outside, 1 to 1440.
    pub until_minute: u16,
}

impl Conditions {
    /// By which clock weekdays and hours are read: a fixed distance from UTC, else the promotion's own zone, else the store's.
    fn clock(&self, stores: &TimeZone) -> TimeZone {
        match (self.utc_offset_minutes, &self.time_zone) {
            (Some(minutes), _) => TimeZone::fixed(minutes),
            (None, Some(own)) => own.clone(),
            (None, None) => stores.clone(),
        }
    }

    /// Whether the clock shows one of the weekdays and a time within the hours. Hours past midnight belong to the day on
    /// which they begin. Times that a clock skips never come; times that it shows twice count twice.
    pub fn hold_at(&self, now: Timestamp, stores: &TimeZone) -> bool {
        if self.weekdays.is_empty() && self.hours.is_none() {
            return true;
        }
        let clock = self.clock(stores);
        let shown = clock.wall_time(now);
        let of_yesterday = match self.hours {
            None => false,
            Some(hours) if !hours.contain(shown.minute) => return false,
            Some(hours) => shown.minute < hours.from_minute,
        };
        if self.weekdays.is_empty() {
            return true;
        }
        let day = if of_yesterday { clock.day_before(shown.day) } else { shown.day };
        self.weekdays.contains(&weekday(day))
    }

    /// An instant after `now`, up to which weekdays and hours hold, or do not hold, as they do now.
    pub fn next_change(&self, now: Timestamp, stores: &TimeZone) -> Option<Timestamp> {
        if self.weekdays.is_empty() && self.hours.is_none() {
            return None;
        }
        let (from, until) = self.hours.map_or((0, 0), |hours| (hours.from_minute, hours.until_minute));
        Some(self.clock(stores).next_look(now, &[0, from, until]))
    }
}

/// The day of the week, `days` after 1 January 1970, which was a Thursday.
fn weekday(days: i64) -> Weekday {
    match days.rem_euclid(7) {
        0 => Weekday::Thursday,
        1 => Weekday::Friday,
        2 => Weekday::Saturday,
        3 => Weekday::Sunday,
        4 => Weekday::Monday,
        5 => Weekday::Tuesday,
        _ => Weekday::Wednesday,
    }
}

impl Hours {
    fn contain(self, minute: u16) -> bool {
        if self.from_minute < self.until_minute {
            (self.from_minute..self.until_minute).contains(&minute)
        } else {
            minute >= self.from_minute || minute < self.until_minute
        }
    }
}
