//! Under which circumstances a promotion counts.

use super::filter::{LineFilter, Names};
use crate::id::Timestamp;
use crate::money::{Amounts, Currency};
use crate::shipping::Zone;
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
    /// Minutes by which the clock of `weekdays` and `hours` is ahead of UTC.
    pub utc_offset_minutes: i16,
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

/// Part of a day, in minutes after midnight. `until` before `from` goes past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute inside, 0 to 1439.
    pub from_minute: u16,
    /// First minute outside, 1 to 1440.
    pub until_minute: u16,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Conditions {
    /// Whether the instant falls on one of the weekdays and into the hours.
    pub fn hold_at(&self, now: Timestamp) -> bool {
        if self.weekdays.is_empty() && self.hours.is_none() {
            return true;
        }
        let local_ms = now.plus_ms(i64::from(self.utc_offset_minutes) * 60_000).0;
        let minute = (local_ms.rem_euclid(DAY_MS) / 60_000) as u16;
        let day = weekday(local_ms.div_euclid(DAY_MS));
        let in_hours = self.hours.is_none_or(|hours| hours.contain(minute));
        in_hours && (self.weekdays.is_empty() || self.weekdays.contains(&day))
    }
}

impl Conditions {
    /// The first instant after `now` at which weekdays or hours may begin or end to hold.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        if self.weekdays.is_empty() && self.hours.is_none() {
            return None;
        }
        let offset_ms = i64::from(self.utc_offset_minutes) * 60_000;
        let midnight_ms = (now.0 + offset_ms).div_euclid(DAY_MS) * DAY_MS - offset_ms;
        let minutes = self.hours.map_or([0, 0], |hours| [hours.from_minute, hours.until_minute]);
        let instants = [0, 1].into_iter().flat_map(|day| {
            let begin = midnight_ms + day * DAY_MS;
            [begin, begin + i64::from(minutes[0]) * 60_000, begin + i64::from(minutes[1]) * 60_000]
        });
        instants.filter(|instant| *instant > now.0).min().map(Timestamp)
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
