//! Hours of promotions, so that prices change by the clock while shoppers look at them. They are thrown with dice of their
//! own: everything else of a run stays as its seed has it.

use crate::dice::Dice;
use crate::world::World;
use cartwright_domain::time_zone::TimeZone;
use serde_json::{Value, json};

const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The dice for hours of a run.
pub(crate) fn dice(seed: u64) -> Dice {
    Dice::new(seed ^ 0x484F_5552)
}

/// The store's time zone.
pub(crate) fn time_zone(dice: &mut Dice) -> TimeZone {
    dice.pick(&ZONES).parse().unwrap_or_default()
}

impl World {
    /// Adds days and hours to the conditions of one promotion in four.
    pub(crate) fn add_hours(&mut self, conditions: &mut Value) {
        if !self.hours.percent(25) {
            return;
        }
        let from = self.hours.between(0, 1_439);
        let until = (from + self.hours.between(60, 20 * 60)) % 1_440;
        conditions["hours"] = json!({"from_minute": from, "until_minute": if until == 0 { 1_440 } else { until }});
        if self.hours.percent(30) {
            let days: Vec<&str> = DAYS.into_iter().filter(|_| self.hours.percent(60)).collect();
            conditions["weekdays"] = json!(days);
        }
        if self.hours.percent(20) {
            conditions["time_zone"] = json!(self.hours.pick(&ZONES));
        }
    }
}
