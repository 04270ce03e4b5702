//! What pricing answers. All amounts are minor units of the quote's currency.

use super::elsewhere::Ratio;
use crate::id::{LineId, PromotionId, Timestamp};
use crate::money::{Currency, Minor, Percent};
use crate::shipping::CannotShip;
use serde::{Deserialize, Serialize};

/// A priced cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The lines, in the order they were handed in.
    pub lines: Vec<LineQuote>,
    /// The shipping fee.
    pub shipping: ShippingQuote,
    /// The promotions that gave something, in the order they were applied.
    pub discounts: Vec<AppliedDiscount>,
    /// Tax per rate, goods and shipping together.
    pub taxes: Vec<TaxAmount>,
    /// Each promotion, why it counted or did not; only where asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<Explanation>,
    /// The sums.
    pub totals: Totals,
}

/// A priced line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineQuote {
    /// The line.
    pub line_id: LineId,
    /// The price of a unit for this buyer: as it was handed in, or with the tax at the buyer's in the place of the home's.
    pub unit_price: Minor,
    /// Unit price times quantity.
    pub subtotal: Minor,
    /// What comes off, at least zero.
    pub discount: Minor,
    /// Tax on top of the price.
    pub tax_added: Minor,
    /// Tax contained in the price.
    pub tax_included: Minor,
    /// Tax taken out of the price for an exempt customer.
    pub relief: Minor,
    /// `subtotal - discount + tax_added - relief`.
    pub total: Minor,
    /// The parts of `discount`.
    pub adjustments: Vec<Adjustment>,
    /// What prices at home become for this buyer, where that differs.
    #[serde(skip)]
    pub elsewhere: Option<Ratio>,
}

impl LineQuote {
    /// What a price of these goods at home is for this buyer, minor units.
    pub fn price_here(&self, at_home: Minor) -> Minor {
        self.elsewhere.and_then(|ratio| ratio.price(at_home)).unwrap_or(at_home)
    }
}

/// What one promotion takes off a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// What comes off, above zero.
    pub amount: Minor,
}

/// The priced shipping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShippingQuote {
    /// The fee before promotions.
    pub amount: Minor,
    /// What comes off.
    pub discount: Minor,
    /// Tax on top of the fee.
    pub tax_added: Minor,
    /// Tax contained in the fee.
    pub tax_included: Minor,
    /// Tax taken out of the fee for an exempt customer.
    pub relief: Minor,
    /// `amount - discount + tax_added - relief`.
    pub total: Minor,
    /// Why the chosen method does not carry this order; the fee is then zero and the order must not be placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<CannotShip>,
}

/// What one promotion gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedDiscount {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name.
    pub name: String,
    /// What came off goods.
    pub amount: Minor,
    /// What came off shipping.
    pub shipping_amount: Minor,
    /// The code that unlocked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Tax of one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxAmount {
    /// Name of the rate.
    pub name: String,
    /// The rate.
    pub percent: Percent,
    /// What it was computed from, without the tax itself.
    pub base: Minor,
    /// The tax.
    pub amount: Minor,
    /// Whether prices contain it.
    pub included: bool,
}

/// The sums of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Goods before discounts.
    pub subtotal: Minor,
    /// Discounts on goods, at least zero.
    pub discount: Minor,
    /// Shipping after its discounts and before added tax.
    pub shipping: Minor,
    /// All tax, on top and contained.
    pub tax: Minor,
    /// Tax on top of prices.
    pub tax_added: Minor,
    /// Tax contained in prices.
    pub tax_included: Minor,
    /// Tax taken out of prices for an exempt customer.
    pub relief: Minor,
    /// What rounding to cash adds (or, below zero, takes off).
    pub rounding: Minor,
    /// `subtotal - discount + shipping + tax_added - relief + rounding`.
    pub total: Minor,
}

/// Why a promotion counted or did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name.
    pub name: String,
    /// What it makes cheaper.
    pub about: About,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What a promotion makes cheaper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Goods.
    Goods,
    /// Shipping, in part.
    Shipping,
    /// Shipping, altogether.
    FreeShipping,
}

/// What became of a promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It gave this much, goods and shipping together.
    Applied {
        /// The amount.
        amount: Minor,
    },
    /// It gave nothing.
    NotApplied {
        /// Why, and how far off.
        #[serde(flatten)]
        reason: Reason,
    },
}

/// Why a promotion gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Switched off.
    Inactive,
    /// Not yet.
    NotStarted {
        /// Its first instant.
        starts_at: Timestamp,
    },
    /// No more.
    Ended {
        /// Its last instant.
        ended_at: Timestamp,
    },
    /// Only at other days or hours.
    OtherTime,
    /// Needs a code that the cart does not have.
    CodeRequired,
    /// Its uses are used up.
    Exhausted,
    /// For other currencies.
    OtherCurrency,
    /// Not all of its amounts are stated in the cart's currency.
    NoAmountInCurrency {
        /// The cart's.
        currency: Currency,
    },
    /// For other destinations.
    OtherDestination,
    /// For other shipping methods.
    OtherShippingMethod,
    /// For other customers, or for known ones.
    OtherCustomer,
    /// Only for a customer's first order.
    NotFirstOrder,
    /// The cart has none of the goods it asks for.
    GoodsMissing,
    /// The order is too small.
    MinOrderAmount {
        /// What is missing.
        missing: Minor,
    },
    /// Too few units.
    MinQuantity {
        /// Units that are missing.
        missing: u32,
    },
    /// No set is complete.
    SetIncomplete {
        /// Units that are missing for one.
        missing: u32,
    },
    /// Nothing is left to take a discount off, or no shipping fee is due.
    NothingToDiscount,
    /// Another one that it does not go with counts instead.
    Excluded {
        /// That one, where it is a single one.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<PromotionId>,
    },
}
