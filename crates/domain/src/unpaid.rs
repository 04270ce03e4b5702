//! Goods that unpaid orders hold: how many units of a variant one shopper's orders hold or held, which of them are too many, and
//! how long an order may wait. Arithmetic only; which rows it is about is `decide/unpaid.rs`'s matter.

use crate::cart::Cart;
use crate::id::{CartId, Timestamp, VariantId};
use crate::order::Order;
use crate::stock::Stock;
use crate::store::{DAY_MS, StoreSettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long units count after their order is over, milliseconds: whoever held goods and did not pay holds less for a day.
pub const COUNTED_MS: i64 = DAY_MS;

/// Units are counted by the hour in which their order is over.
const PART_MS: i64 = 60 * 60 * 1000;

/// Of so many parts of the stock one shopper may have one by unpaid orders, where that is more than the store's `unpaid_units`.
const PART: i64 = 4;

/// An order of so few units is judged by what its shopper holds now, not by what was left unpaid before: a network may be many.
const FEW: i64 = 2;

/// Whoever had so many shares in a day and paid none takes no more than a few units, however it is to be paid.
const MOST_SHARES: i64 = 3;

/// With so few units on hand one batch may make a variant short.
const SMALL_STOCK: i64 = 40;

/// Units of a variant that one shopper's orders hold unpaid, or held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpaid {
    /// Units by the instant from which on they no longer count: a day after the hour in which their order is over.
    parts: BTreeMap<Timestamp, i64>,
}

impl Unpaid {
    /// Takes in a part as the storage has it.
    pub fn load(&mut self, until: Timestamp, units: i64) {
        self.parts.insert(until, units);
    }

    /// All parts: until when they count, and units. Those of none too, since the storage may have had some.
    pub fn parts(&self) -> impl Iterator<Item = (Timestamp, i64)> {
        self.parts.iter().map(|(until, units)| (*until, *units))
    }

    /// Units of orders that are not over yet.
    pub fn held_at(&self, now: Timestamp) -> i64 {
        self.units_after(now.plus_ms(COUNTED_MS))
    }

    /// Those, and the units of orders that were over within the day before.
    pub fn counted_at(&self, now: Timestamp) -> i64 {
        self.units_after(now)
    }

    fn units_after(&self, instant: Timestamp) -> i64 {
        self.parts.range(instant.plus_ms(1)..).map(|(_, units)| units).sum()
    }

    /// An order holds so many until then.
    pub fn hold(&mut self, units: i64, until: Timestamp) {
        *self.parts.entry(part_of_held(until)).or_default() += units;
    }

    /// An order that held so many until then is paid, or counted otherwise.
    pub fn take_out(&mut self, units: i64, until: Timestamp) {
        if let Some(part) = self.parts.get_mut(&part_of_held(until)) {
            *part = (*part - units).max(0);
        }
    }

    /// An order is over that held so many.
    pub fn leave(&mut self, units: i64, now: Timestamp) {
        self.parts.retain(|until, _| *until > now);
        let hour = now.0.div_euclid(PART_MS) * PART_MS;
        *self.parts.entry(Timestamp(hour).plus_ms(COUNTED_MS)).or_default() += units;
    }
}

/// The next full hour, so that it is held until the order is over.
fn part_of_held(until: Timestamp) -> Timestamp {
    let hour = until.0.saturating_add(PART_MS - 1).div_euclid(PART_MS) * PART_MS;
    Timestamp(hour).plus_ms(COUNTED_MS)
}

/// What an order held that has made way for another one of its cart: that one goes on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Until when it could wait.
    pub pay_by: Timestamp,
    /// When it, or the first of several, began to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Under which name its units are counted.
    #[serde(default)]
    pub holder: String,
    /// Units by variant.
    pub units: BTreeMap<VariantId, i64>,
}

/// Units that an order asks for, and what they are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Units of the order.
    pub units: i64,
    /// The stock, with these units reserved.
    pub stock: Stock,
    /// What its shopper's other orders hold, or held.
    pub row: &'a Unpaid,
    /// When.
    pub now: Timestamp,
}

impl Asked<'_> {
    /// Whether it cannot wait for its payment: the goods are short, and it is more than its shopper's share.
    pub fn is_refused(self, settings: &StoreSettings) -> bool {
        self.is_beyond_share(settings) && self.is_short()
    }

    /// Whether it is refused however it is to be paid: whoever makes orders again and again that cannot wait would hold the goods
    /// for as long as it takes to void their payments.
    pub fn is_turned_away(self, settings: &StoreSettings) -> bool {
        let share = share(self.stock, settings);
        let too_often = match self.is_few() {
            true => self.row.held_at(self.now) + self.units > share * 2,
            false => self.row.counted_at(self.now) >= share * MOST_SHARES,
        };
        too_often && self.is_short()
    }

    /// Units that would not be refused.
    pub fn left(self, settings: &StoreSettings) -> i64 {
        let share = share(self.stock, settings);
        let few = FEW.min(share - self.row.held_at(self.now));
        (share - self.row.counted_at(self.now)).max(few).max(0)
    }

    /// How long it may wait that could usually wait for `usual_ms`: all of it while others hold at most half of the units, then
    /// less, in proportion, down to the store's `short_hold_percent` of it where they hold all; and so short where it is more
    /// than a share.
    pub fn wait_ms(self, usual_ms: i64, settings: &StoreSettings) -> i64 {
        let least = i128::from(settings.short_hold_percent.clamp(1, 100));
        let others = self.others();
        let (on_hand, free) = (i128::from(others.on_hand.max(1)), i128::from(others.available()));
        let parts = match self.is_beyond_share(settings) {
            true => least * on_hand,
            // Of all, `2 × free / on hand` is left of the part that shrinks.
            false => (least * on_hand + (100 - least) * 2 * free).min(100 * on_hand),
        };
        i64::try_from(i128::from(usual_ms) * parts / (100 * on_hand)).unwrap_or(usual_ms)
    }

    fn is_beyond_share(self, settings: &StoreSettings) -> bool {
        let counted = if self.is_few() { self.row.held_at(self.now) } else { self.row.counted_at(self.now) };
        counted + self.units > share(self.stock, settings)
    }

    /// A few units of an order make no goods short: what others hold does.
    fn is_short(self) -> bool {
        is_short(if self.is_few() { self.others() } else { self.stock })
    }

    fn is_few(self) -> bool {
        self.units <= FEW
    }

    fn others(self) -> Stock {
        Stock { reserved: (self.stock.reserved - self.units).max(0), ..self.stock }
    }
}

/// Whether more than half of what is on hand is held.
fn is_short(stock: Stock) -> bool {
    stock.reserved.saturating_mul(2) > stock.on_hand
}

/// Whether it may be short by the end of the batch: more than a quarter is held, or there are only a few.
pub fn may_become_short(stock: Stock) -> bool {
    stock.reserved.saturating_mul(4) > stock.on_hand || stock.on_hand <= SMALL_STOCK
}

/// Units of a variant that one shopper's unpaid orders may hold where it is short.
pub fn share(stock: Stock, settings: &StoreSettings) -> i64 {
    i64::from(settings.unpaid_units).max(stock.on_hand / PART)
}

/// Under which name a shopper's unpaid units are counted: who is logged in by name, a guest by network, or by cart where that is
/// not known. Many guests may share a network; nobody there is refused who pays at once or logs in.
pub fn holder_of(cart: &Cart, network: Option<&str>) -> String {
    name(cart.customer.as_deref(), network, cart.id)
}

/// As [`holder_of`], of an order.
pub fn holder(order: &Order) -> String {
    name(order.customer.as_deref(), order.detail.network.as_deref(), order.cart_id)
}

fn name(customer: Option<&str>, network: Option<&str>, cart: CartId) -> String {
    match (customer, network) {
        (Some(customer), _) => customer_holder(customer),
        (None, Some(network)) => format!("network:{network}"),
        (None, None) => format!("cart:{cart}"),
    }
}

/// As [`holder_of`], of who is logged in.
pub fn customer_holder(customer: &str) -> String {
    format!("customer:{customer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + hours * HOUR)
    }

    fn asked(units: i64, on_hand: i64, reserved: i64, row: &Unpaid) -> Asked<'_> {
        Asked { units, stock: Stock { on_hand, reserved }, row, now: at(0) }
    }

    #[test]
    fn the_time_shrinks_where_others_hold_more_than_half() {
        let (settings, row) = (StoreSettings::default(), Unpaid::default());
        let minutes = |others: i64| asked(10, 100, others + 10, &row).wait_ms(HOUR, &settings) / 60_000;
        assert_eq!([0, 50, 75, 90].map(minutes), [60, 60, 36, 21]);
        assert_eq!(asked(1, 1, 1, &row).wait_ms(HOUR, &settings), HOUR, "the last one is nobody else's");
        let whole = StoreSettings { short_hold_percent: 100, ..StoreSettings::default() };
        assert_eq!(asked(1, 100, 100, &row).wait_ms(HOUR, &whole), HOUR);
        let most = crate::stock::MAX_ON_HAND;
        assert_eq!(asked(most, most, most, &row).wait_ms(365 * DAY_MS, &settings), 73 * DAY_MS, "more than a share");
    }

    #[test]
    fn one_shopper_may_hold_a_few_units_or_a_quarter() {
        let settings = StoreSettings::default();
        let most = |on_hand| share(Stock { on_hand, reserved: 0 }, &settings);
        assert_eq!([3, 40, 988].map(most), [10, 10, 247]);
    }

    #[test]
    fn units_count_until_their_order_is_over_and_a_day_more_each_for_itself() {
        let mut row = Unpaid::default();
        row.hold(3, at(1));
        row.hold(4, at(24 * 7));
        assert_eq!((row.held_at(at(0)), row.counted_at(at(0))), (7, 7));
        // Cancelled long before its time.
        row.take_out(4, at(24 * 7));
        row.leave(4, at(2));
        assert_eq!((row.held_at(at(2)), row.counted_at(at(2))), (0, 7));
        assert_eq!(row.counted_at(at(27)), 0);
        row.leave(1, at(27));
        assert_eq!(row.counted_at(at(27)), 1, "what comes later keeps nothing alive");
    }

    #[test]
    fn a_few_units_are_judged_by_what_is_held_now_and_more_by_the_day() {
        let settings = StoreSettings::default();
        let mut row = Unpaid::default();
        row.leave(10, at(0));
        assert!(asked(3, 20, 15, &row).is_refused(&settings));
        assert!(!asked(2, 20, 15, &row).is_refused(&settings));
        assert_eq!(asked(3, 20, 15, &row).left(&settings), 2);
        row.hold(9, at(1));
        assert!(asked(2, 20, 15, &row).is_refused(&settings));
        assert!(!asked(2, 20, 12, &row).is_refused(&settings), "without them the goods are not short");
        assert_eq!(asked(2, 20, 12, &row).wait_ms(HOUR, &settings), HOUR / 5);
        row.leave(11, at(0));
        assert!(asked(3, 20, 15, &row).is_turned_away(&settings));
        assert!(!asked(2, 20, 15, &row).is_turned_away(&settings));
    }
}
