//! What is known of an address to which mails go that strangers can cause: when they went, which of its carts is reminded of,
//! and when whoever reads it was asked whether to be. One row per address in its normal form, so that whatever way it is typed,
//! and on whichever carts it stands, it is counted once; and one more for all `+tag`s of a mailbox ([`crate::email::counted_email`]).

use crate::id::{CartId, Timestamp};
use crate::recovery::RecoverySettings;
use crate::store::DAY_MS;
use serde::{Deserialize, Serialize};

/// How long somebody who was asked whether to be reminded, and said nothing, is not asked again: 30 days.
pub const ASKED_MS: i64 = 30 * DAY_MS;

/// What causes a mail that a stranger can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A cart that was left with the address on it.
    Cart,
    /// A registration, whether the address has an account or not.
    Register,
    /// A password that is said to be forgotten, whether the address has an account or not.
    Forgot,
}

impl Asked {
    /// How many mails of the last day there may be at most before another. Carts cannot take the place of registrations, nor
    /// both of them that of the mails by which an owner gets in.
    fn least_free(self, most: u16) -> usize {
        let most = usize::from(most);
        match self {
            Asked::Cart => (most / 2).max(1),
            Asked::Register => most.saturating_sub(2).max(1),
            Asked::Forgot => most,
        }
    }
}

/// When a cart's shopper may be reminded of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At once.
    Now,
    /// At this instant: another cart of the address had its mail a while ago.
    At(Timestamp),
    /// Not at all: the address has a newer cart.
    Never,
}

/// The reminders of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reminded {
    /// The cart of the last mail.
    cart: CartId,
    /// When that was.
    at: Timestamp,
    /// The newest cart that was due: the one that goes on.
    newest: CartId,
}

/// What is known of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mailbox {
    /// When mails went to it that strangers can cause, the oldest first; those of the last day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sent: Vec<Timestamp>,
    /// Its reminders.
    #[serde(skip_serializing_if = "Option::is_none")]
    reminded: Option<Reminded>,
    /// When whoever reads it was asked whether to be reminded, and has not said yes since.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_at: Option<Timestamp>,
    /// When somebody last wanted a mail to it, sent or not.
    wanted_at: Timestamp,
}

impl Mailbox {
    /// When the next mail of this cause may go, in a store with so many a day.
    pub fn free_at(&self, asked: Asked, most: u16, now: Timestamp) -> Timestamp {
        let recent: Vec<Timestamp> = self.sent.iter().copied().filter(|at| at.plus_ms(DAY_MS) > now).collect();
        let limit = asked.least_free(most);
        recent.len().checked_sub(limit).map_or(now, |at| recent[at].plus_ms(DAY_MS))
    }

    /// Counts a mail, if one of this cause may go now; whether it may. That somebody wanted one is noted in any case, so that a
    /// refusal takes as long as a mail.
    #[must_use]
    pub fn admits(&mut self, asked: Asked, most: u16, now: Timestamp) -> bool {
        let free = self.free_at(asked, most, now) <= now;
        self.wanted_at = now;
        self.sent.retain(|at| at.plus_ms(DAY_MS) > now);
        if free {
            self.sent.push(now);
        }
        free
    }

    /// Whether the question whether to be reminded has gone out and still stands.
    pub fn is_asked(&self, now: Timestamp) -> bool {
        self.asked_at.is_some_and(|at| at.plus_ms(ASKED_MS) > now)
    }

    /// The question goes out.
    pub fn ask(&mut self, now: Timestamp) {
        self.asked_at = Some(now);
    }

    /// Whoever reads it says yes: of another cart they may be asked again.
    pub fn confirm(&mut self) {
        self.asked_at = None;
    }

    /// Whose turn it is of the carts of this address: of those that are due the newest goes on, and between the mails of two of them
    /// lies as much time as between the first two of one.
    pub fn turn(&mut self, cart: CartId, settings: &RecoverySettings, now: Timestamp) -> Turn {
        let (gap_ms, whole_ms) = settings.pace_ms();
        let fresh = self.reminded.filter(|last| now < last.at.plus_ms(whole_ms));
        let Some(last) = fresh.filter(|last| last.cart != cart || last.newest != cart) else { return Turn::Now };
        if cart.0 < last.newest.0 {
            return Turn::Never;
        }
        let next_at = last.at.plus_ms(gap_ms);
        if last.cart == cart || next_at <= now {
            return Turn::Now;
        }
        self.reminded = Some(Reminded { newest: cart, ..last });
        Turn::At(next_at)
    }

    /// A reminder of this cart goes out.
    pub fn remind(&mut self, cart: CartId, now: Timestamp) {
        self.reminded = Some(Reminded { cart, at: now, newest: cart });
    }

    /// Until when it is to be remembered.
    pub fn until(&self, settings: &RecoverySettings) -> Timestamp {
        let ends = [
            self.sent.last().map(|at| at.plus_ms(DAY_MS)),
            self.reminded.map(|last| last.at.plus_ms(settings.pace_ms().1)),
            self.asked_at.map(|at| at.plus_ms(ASKED_MS)),
        ];
        ends.into_iter().flatten().fold(self.wanted_at.plus_ms(1), Timestamp::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HOUR_MS: i64 = 60 * 60 * 1000;

    fn at(hour: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + hour * HOUR_MS)
    }

    fn cart(number: u128) -> CartId {
        CartId(Uuid::from_u128(number))
    }

    #[test]
    fn a_day_has_so_many_mails_and_the_last_places_are_for_owners_who_want_in() {
        let mut mailbox = Mailbox::default();
        let mut sent = |asked, hour| mailbox.admits(asked, 8, at(hour));
        assert_eq!((0..6).filter(|_| sent(Asked::Cart, 0)).count(), 4);
        assert_eq!((0..6).filter(|_| sent(Asked::Register, 1)).count(), 2);
        assert_eq!((0..6).filter(|_| sent(Asked::Forgot, 2)).count(), 2);
        assert!(!sent(Asked::Forgot, 23), "whatever the hour of the day");
        assert!(sent(Asked::Forgot, 24));
        assert_eq!(mailbox.free_at(Asked::Forgot, 8, at(24)), at(24));
        assert_eq!(mailbox.free_at(Asked::Cart, 8, at(24)), at(25), "not before two of five are older than a day");
    }

    #[test]
    fn of_many_carts_the_newest_goes_on_and_only_one_is_reminded_of_at_a_time() {
        let settings = RecoverySettings::default();
        let mut mailbox = Mailbox::default();
        let mut mails = 0;
        for number in 1..=12 {
            if mailbox.turn(cart(number), &settings, at(1)) == Turn::Now {
                mailbox.remind(cart(number), at(1));
                mails += 1;
            }
        }
        assert_eq!(mails, 1);
        assert_eq!(mailbox.turn(cart(1), &settings, at(25)), Turn::Never);
        assert_eq!(mailbox.turn(cart(12), &settings, at(2)), Turn::At(at(24)));
        assert_eq!(mailbox.turn(cart(12), &settings, at(24)), Turn::Now);
        mailbox.remind(cart(12), at(24));
        assert_eq!(mailbox.turn(cart(12), &settings, at(30)), Turn::Now, "its own plan counts");
        assert_eq!(mailbox.turn(cart(11), &settings, at(30)), Turn::Never);
        assert_eq!(mailbox.turn(cart(11), &settings, at(24 + 95)), Turn::Now, "long after, an older one may begin");
    }
}
