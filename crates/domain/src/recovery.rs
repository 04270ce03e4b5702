//! Abandoned carts: when a shopper is reminded of a cart, and what stops it. The plan of a cart stands in its detail; each of
//! its stages is reached once at most, so each of its mails is written once at most. A cart that changes is planned anew for the
//! stages that are left. Links are signed and read outside; nothing here knows them.

use crate::cart::{Cart, CartStatus};
use crate::id::{CartId, MailId, PromotionId, Timestamp};
use crate::money::Currency;
use crate::time_zone::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many mails a cart causes at most.
pub const STAGES: usize = 3;
/// The stage at which a cart of high value gets a code of its own.
pub const CODE_STAGE: u8 = 2;
/// Devices on which a cart was restored that it opens on at once; the oldest gives way.
pub const MOST_DEVICES: usize = 5;
/// Names of goods that a mail shows at most.
pub const MOST_SHOWN: usize = 10;

const MINUTE_MS: i64 = 60_000;
/// Carts whose first mail would have been due so long before reminders were switched on cause none: a day.
const LONG_AGO_MS: i64 = 24 * 60 * MINUTE_MS;

/// How a store reminds of abandoned carts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecoverySettings {
    /// Whether it does. Default false.
    pub enabled: bool,
    /// Minutes after a cart's last change at which each of the [`STAGES`] mails is due, rising. Default an hour, a day, three days.
    pub stage_minutes: Vec<u32>,
    /// From which value of goods on, minor units by ISO 4217 code, the second mail brings a code for this cart alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub high_value: BTreeMap<String, i64>,
    /// The promotion that such codes unlock; it must need a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_id: Option<PromotionId>,
    /// Per cent of the carts that get nothing, for comparison, 0 to 90. Default 0.
    pub hold_out_percent: u8,
    /// When no mail is sent; what falls into it waits for its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Days for which links restore the cart, 1 to 60. Default 7.
    pub link_days: u16,
    /// What a guest's word is worth that an address wants reminders. Default `confirmed`.
    pub guest_consent: GuestConsent,
}

/// What a guest's word is worth that an address wants reminders: anybody can type anybody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuestConsent {
    /// Whoever reads the address is asked by one mail, and reminded only after having said yes.
    #[default]
    Confirmed,
    /// It is enough: the storefront has made sure of it.
    Trusted,
    /// Nothing: guests are not reminded.
    None,
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First minute of the day, 0 to 1439.
    pub from_minute: u16,
    /// First minute after it; lower than `from_minute` where it goes past midnight.
    pub until_minute: u16,
    /// Minutes by which the clock is ahead of UTC, -840 to 840; the store's time zone counts unless given. Settings made
    /// before there were zones have 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i16>,
}

impl QuietHours {
    fn contain(self, minute: u16) -> bool {
        match self.from_minute <= self.until_minute {
            true => (self.from_minute..self.until_minute).contains(&minute),
            false => minute >= self.from_minute || minute < self.until_minute,
        }
    }
}

impl Default for RecoverySettings {
    fn default() -> Self {
        RecoverySettings {
            enabled: false,
            stage_minutes: vec![60, 24 * 60, 72 * 60],
            high_value: BTreeMap::new(),
            promotion_id: None,
            hold_out_percent: 0,
            quiet_hours: None,
            link_days: 7,
            guest_consent: GuestConsent::Confirmed,
        }
    }
}

impl RecoverySettings {
    /// Whether this cart belongs to those that get nothing. Always the same for one cart and share.
    pub fn holds_out(&self, cart: CartId) -> bool {
        // The last bits of an id are random; the first are its time.
        (cart.0.as_u128() as u64) % 10_007 % 100 < u64::from(self.hold_out_percent)
    }

    /// Milliseconds after a cart's last change at which the mail after so many stages is due.
    pub fn delay_ms(&self, stages_done: u8) -> Option<i64> {
        self.stage_minutes.get(usize::from(stages_done)).map(|minutes| i64::from(*minutes) * MINUTE_MS)
    }

    /// Milliseconds from the first mail about a cart to the second, and how long all of them take, with as much again.
    pub fn pace_ms(&self) -> (i64, i64) {
        let first = self.delay_ms(0).unwrap_or(0);
        let second = self.delay_ms(1).unwrap_or(first);
        let last = self.stage_minutes.last().map_or(first, |minutes| i64::from(*minutes) * MINUTE_MS);
        let gap = (second - first).max(MINUTE_MS);
        (gap, last - first + gap)
    }

    /// This instant, or the end of the quiet hours that it falls into, by the store's clock unless they name another.
    pub fn awake(&self, at: Timestamp, stores: &TimeZone) -> Timestamp {
        let Some(quiet) = self.quiet_hours else { return at };
        let clock = quiet.utc_offset_minutes.map_or_else(|| stores.clone(), TimeZone::fixed);
        let mut awake = at;
        // Where the clock is put forward or back on the way, what is left is looked at anew.
        while quiet.contain(clock.wall_time(awake).minute) {
            awake = clock.next_look(awake, &[quiet.until_minute]);
        }
        awake
    }

    /// Whether goods of this value, minor units, are worth a code.
    pub fn is_high(&self, value: i64, currency: Currency) -> bool {
        self.high_value.get(currency.code()).is_some_and(|least| value >= *least)
    }
}

/// Why a cart causes no more mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// The shopper does not want to be reminded of this cart.
    Dismissed,
    /// The shopper wants no such mails at all.
    Unsubscribed,
}

/// How far the recovery of a cart has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recovery {
    /// Stages that it has reached, 0 to [`STAGES`].
    #[serde(skip_serializing_if = "is_zero")]
    pub stage: u8,
    /// When to look at it again; counts while the cart is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// It gets nothing, for comparison.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held_out: bool,
    /// Why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

fn is_zero(stage: &u8) -> bool {
    *stage == 0
}

/// A cart, by the order in which carts are planned anew once settings have changed: that in which they expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visited {
    /// When the cart expires.
    pub expires_at: Timestamp,
    /// Which.
    pub cart_id: CartId,
}

/// A step of planning a store's open carts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplanStep {
    /// It begins, or begins again.
    Begin,
    /// These were done; where it began again meanwhile, this says nothing.
    Done {
        /// The last one that had been done before.
        after: Visited,
        /// The last one that is done; `None` where none is left.
        last: Option<Visited>,
    },
}

/// What a cart's stage has led to, for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// The cart.
    pub cart_id: CartId,
    /// 1 to [`STAGES`]; each once.
    pub stage: u8,
    /// The mail; `None` where the cart gets nothing, for comparison.
    pub mail_id: Option<MailId>,
    /// When.
    pub at: Timestamp,
}

impl Cart {
    /// When to look whether its shopper is to be reminded.
    pub fn recovery_at(&self) -> Option<Timestamp> {
        self.detail.recovery.as_ref()?.next_at.filter(|_| self.is_open())
    }

    /// Plans the next mail, counted from a change at `now`.
    pub fn plan_recovery(&mut self, settings: &RecoverySettings, now: Timestamp) {
        if !settings.enabled && self.detail.recovery.is_none() {
            return;
        }
        let mut recovery = self.detail.recovery.take().unwrap_or_default();
        let reachable = self.customer.is_some() || (self.detail.email.is_some() && self.detail.email_consent);
        let wanted =
            settings.enabled && reachable && !self.lines.is_empty() && !recovery.held_out && recovery.stopped.is_none();
        let delay = settings.delay_ms(recovery.stage).filter(|_| wanted);
        recovery.next_at = delay.map(|delay| now.plus_ms(delay));
        self.detail.recovery = (recovery != Recovery::default()).then_some(recovery);
    }

    /// Plans by settings that have changed since the cart has: the time it is due counts from the cart's own last change, and the
    /// distance between two mails does not shrink below half of what is set. Nobody is reminded now of what was left alone long
    /// ago, and was not to be reminded of.
    pub fn replan(&mut self, settings: &RecoverySettings, now: Timestamp) {
        let was_planned = self.recovery_at().is_some();
        let stage = self.detail.recovery.as_ref().map_or(0, |recovery| recovery.stage);
        self.plan_recovery(settings, self.updated_at);
        let Some(recovery) = self.detail.recovery.as_mut() else { return };
        let Some(due) = recovery.next_at else { return };
        let spacing = match stage {
            0 => 0,
            done => settings.delay_ms(done).unwrap_or(0) - settings.delay_ms(done - 1).unwrap_or(0),
        };
        let is_long_ago = due.plus_ms(LONG_AGO_MS) < now;
        recovery.next_at = (was_planned || !is_long_ago).then(|| due.max(now.plus_ms(spacing / 2)));
        if *recovery == Recovery::default() {
            self.detail.recovery = None;
        }
    }

    /// Whether it still waits for its shopper after this stage.
    pub fn waits_at(&self, stage: u8) -> bool {
        let recovery = self.detail.recovery.as_ref();
        self.status == CartStatus::Abandoned
            && recovery.is_some_and(|recovery| recovery.stage == stage && recovery.stopped.is_none())
    }

    /// Value of its goods at the captured prices, minor units.
    pub fn captured_value(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.unit_price.saturating_mul(line.quantity)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 / 86_400_000 * 86_400_000 + minute * MINUTE_MS)
    }

    #[test]
    fn what_falls_into_quiet_hours_waits_for_their_end_past_midnight_too_and_by_the_shops_clock() {
        let quiet = |from_minute, until_minute, utc_offset_minutes| RecoverySettings {
            quiet_hours: Some(QuietHours { from_minute, until_minute, utc_offset_minutes: Some(utc_offset_minutes) }),
            ..RecoverySettings::default()
        };
        let night = quiet(22 * 60, 8 * 60, 0);
        for (asked, told) in [(21 * 60 + 59, 21 * 60 + 59), (22 * 60, 32 * 60), (60, 8 * 60), (8 * 60, 8 * 60)] {
            assert_eq!(night.awake(at(asked), &TimeZone::UTC), at(told), "{asked}");
        }
        assert_eq!(quiet(22 * 60, 8 * 60, 120).awake(at(20 * 60), &TimeZone::UTC), at(30 * 60));
        assert_eq!(quiet(60, 60, 0).awake(at(60), &TimeZone::UTC), at(60), "no hours at all");
        assert_eq!(RecoverySettings::default().awake(at(3), &TimeZone::UTC), at(3));
    }

    #[test]
    fn a_share_of_the_carts_is_held_out_and_always_the_same_ones() {
        let mut ids = crate::id::IdSource::new(at(0), 7);
        let carts: Vec<CartId> = (0..10_000).map(|_| CartId(ids.next_id())).collect();
        let held = |percent| {
            let settings = RecoverySettings { hold_out_percent: percent, ..RecoverySettings::default() };
            carts.iter().filter(|cart| settings.holds_out(**cart)).count()
        };
        assert_eq!(held(0), 0);
        assert!((1_800..2_200).contains(&held(20)), "{}", held(20));
        assert_eq!(held(20), held(20));
    }
}
