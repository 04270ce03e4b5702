//! Goods that unpaid orders hold: from when on a variant is short, how many units of it one shopper's unpaid orders may then hold,
//! and for how much of the usual time. Arithmetic only; which rows it is about is `decide/unpaid.rs`'s matter.

use crate::cart::Cart;
use crate::id::{Timestamp, VariantId};
use crate::order::Order;
use crate::stock::Stock;
use crate::store::{DAY_MS, StoreSettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long units count after the time of their order is over, milliseconds: whoever held goods and did not pay holds less for a day.
pub const COUNTED_MS: i64 = DAY_MS;

/// Of so many parts of the stock one shopper may have one by unpaid orders, where that is more than the store's `unpaid_units`.
const PART: i64 = 4;

/// What an order held that has made way for another one of its cart: that one may go on with it, but not for longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Until when it could wait.
    pub pay_by: Timestamp,
    /// Units by variant.
    pub units: BTreeMap<VariantId, i64>,
}

/// So few units one batch may take.
const FEW: i64 = 40;

/// Whether more than half of what is on hand is held.
pub fn is_short(stock: Stock) -> bool {
    stock.reserved.saturating_mul(2) > stock.on_hand
}

/// Whether it may be short by the end of the batch: more than a quarter is held, or there are only a few.
pub fn may_become_short(stock: Stock) -> bool {
    stock.reserved.saturating_mul(4) > stock.on_hand || stock.on_hand <= FEW
}

/// Units of a short variant that one shopper's unpaid orders may hold within a day.
pub fn most_units(stock: Stock, settings: &StoreSettings) -> i64 {
    i64::from(settings.unpaid_units).max(stock.on_hand / PART)
}

/// How long an unpaid order may wait that could usually wait for `usual_ms`: all of it while at most half of the units are held,
/// then less, in proportion, down to the store's `short_hold_percent` of it where all are.
pub fn wait_ms(usual_ms: i64, stock: Stock, settings: &StoreSettings) -> i64 {
    if !is_short(stock) {
        return usual_ms;
    }
    let least = i128::from(settings.short_hold_percent.clamp(1, 100));
    let (on_hand, free) = (i128::from(stock.on_hand.max(1)), i128::from(stock.available()));
    // Of all, `2 × free / on hand` is left of the part that shrinks.
    let percent_of_on_hand = least * on_hand + (100 - least) * 2 * free;
    i64::try_from(i128::from(usual_ms) * percent_of_on_hand / (100 * on_hand)).unwrap_or(usual_ms).min(usual_ms)
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

fn name(customer: Option<&str>, network: Option<&str>, cart: crate::id::CartId) -> String {
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

    #[test]
    fn the_time_shrinks_from_half_of_the_stock_on() {
        let settings = StoreSettings::default();
        let hour = 3_600_000;
        let minutes = |reserved| wait_ms(hour, Stock { on_hand: 100, reserved }, &settings) / 60_000;
        assert_eq!([0, 50, 75, 100].map(minutes), [60, 60, 36, 12]);
        let one = Stock { on_hand: 1, reserved: 1 };
        assert_eq!(wait_ms(hour, one, &settings), 12 * 60_000);
        let whole = StoreSettings { short_hold_percent: 100, ..settings };
        assert_eq!(wait_ms(hour, one, &whole), hour);
        let most = Stock { on_hand: crate::stock::MAX_ON_HAND, reserved: crate::stock::MAX_ON_HAND };
        assert_eq!(wait_ms(365 * DAY_MS, most, &StoreSettings::default()), 73 * DAY_MS);
    }

    #[test]
    fn one_shopper_may_hold_a_few_units_or_a_quarter() {
        let settings = StoreSettings::default();
        let most = |on_hand| most_units(Stock { on_hand, reserved: 0 }, &settings);
        assert_eq!([3, 40, 988].map(most), [10, 10, 247]);
    }
}
