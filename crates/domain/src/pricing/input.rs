//! What pricing is told.

use super::policy::PricingPolicy;
use crate::id::{LineId, ProductId, PromotionId, Timestamp, VariantId};
use crate::money::{Currencies, Currency, MOST_AMOUNT, Minor};
use crate::promotion::{KeptPromotion, Promotion};
use crate::shipping::{Destination, ShippingMethod};
use crate::tax::TaxRate;
use crate::time_zone::TimeZone;
use std::sync::Arc;

/// Lines a cart may have.
pub const MOST_LINES: usize = 1_000;
/// Units a line may have.
pub const MOST_QUANTITY: u32 = 99_999;

/// Everything a price depends on.
#[derive(Clone, Copy, Debug)]
pub struct PricingInput<'a> {
    /// The cart's one currency.
    pub currency: Currency,
    /// The store's own currency, that of plain amounts.
    pub store_currency: Currency,
    /// How the store computes.
    pub policy: &'a PricingPolicy,
    /// Whether unit prices and shipping fees contain tax, unless a rate says otherwise.
    pub prices_include_tax: bool,
    /// The lines.
    pub lines: &'a [LineInput<'a>],
    /// The store's promotions; those that do not count are passed over.
    pub promotions: &'a [Arc<Promotion>],
    /// Promotions as they stood until they were changed or deleted; only lines whose price holds can keep them.
    pub kept: &'a [KeptPromotion],
    /// Promotions that the cart's codes unlock.
    pub unlocked: &'a [Unlocked<'a>],
    /// Promotions whose limits are used up.
    pub exhausted: &'a [PromotionId],
    /// The customer, if known.
    pub customer: Option<&'a Customer<'a>>,
    /// Where the goods go.
    pub destination: Option<&'a Destination>,
    /// Where the store stands: tax is that of this place as long as the destination is not known.
    pub home: Option<&'a Destination>,
    /// Whether net prices, rather than gross ones, are the same for buyers elsewhere. Needs `home`.
    pub net_prices: NetPrices,
    /// The chosen shipping method.
    pub shipping_method: Option<&'a ShippingMethod>,
    /// A shipping fee found elsewhere, in minor units; goes before the method's own.
    pub shipping_override: Option<Minor>,
    /// The store's tax rates.
    pub tax_rates: &'a [TaxRate],
    /// Whether the customer pays no tax.
    pub tax_exempt: bool,
    /// The time of the question.
    pub now: Timestamp,
    /// The store's time zone, by which promotions read their weekdays and hours unless they name another clock.
    pub time_zone: &'a TimeZone,
    /// Whether each promotion is to be explained.
    pub explain: bool,
}

/// Whether the tax of the store's home is taken out of prices for buyers elsewhere, and theirs put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetPrices {
    /// Gross prices are the same everywhere.
    #[default]
    No,
    /// Net prices are. Unit prices are those at home.
    Everywhere,
    /// Net prices are, and unit prices are already those there, as those of orders are.
    AlreadyInUnitPrices,
}

/// A line to be priced.
#[derive(Clone, Copy, Debug)]
pub struct LineInput<'a> {
    /// The line.
    pub line_id: LineId,
    /// Its product.
    pub product_id: ProductId,
    /// The product's handle.
    pub handle: &'a str,
    /// Its variant.
    pub variant_id: VariantId,
    /// The variant's SKU.
    pub sku: &'a str,
    /// The product's tags.
    pub tags: &'a [String],
    /// Tax category, e.g. `standard`.
    pub tax_category: &'a str,
    /// Weight of a unit in grams.
    pub weight_grams: u32,
    /// Whether it is sent; what is not weighs nothing for shipping, and every method carries it.
    pub requires_shipping: bool,
    /// The captured price of a unit, in minor units, at most [`MOST_AMOUNT`].
    pub unit_price: Minor,
    /// Units, 1 to [`MOST_QUANTITY`].
    pub quantity: u32,
    /// No discount takes a unit below this, in minor units.
    pub min_unit_price: Option<Minor>,
    /// The time for which the captured price holds. Offers that were in force at its beginning stay with the line.
    pub held: Option<Held>,
}

/// The time for which a captured price holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// When it was captured.
    pub since: Timestamp,
    /// First instant at which it holds no more.
    pub until: Timestamp,
}

/// What is known of the customer.
#[derive(Clone, Copy, Debug)]
pub struct Customer<'a> {
    /// Id as promotions name it.
    pub id: &'a str,
    /// Groups.
    pub groups: &'a [String],
    /// Whether there is no earlier order.
    pub first_order: bool,
}

/// A promotion that a code of the cart unlocks.
#[derive(Clone, Copy, Debug)]
pub struct Unlocked<'a> {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// The code.
    pub code: &'a str,
}

/// Why a cart has no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// More than [`MOST_LINES`] lines.
    #[error("a cart has at most {MOST_LINES} lines")]
    TooManyLines,
    /// A quantity of none or of more than [`MOST_QUANTITY`].
    #[error("the quantity of a line must be between 1 and {MOST_QUANTITY}")]
    QuantityOutOfRange {
        /// The line.
        line_id: LineId,
    },
    /// A unit price below zero or above [`MOST_AMOUNT`].
    #[error("a unit price must be between 0 and {MOST_AMOUNT}")]
    PriceOutOfRange {
        /// The line.
        line_id: LineId,
    },
    /// A shipping fee below zero or above [`MOST_AMOUNT`].
    #[error("a shipping fee must be between 0 and {MOST_AMOUNT}")]
    ShippingOutOfRange,
    /// Goods worth more than [`MOST_AMOUNT`], or tax that is out of all range.
    #[error("an amount is out of range")]
    Overflow,
}

impl PricingInput<'_> {
    /// The cart's currency and the store's.
    pub fn currencies(&self) -> Currencies {
        Currencies { wanted: self.currency, own: self.store_currency }
    }

    /// The place whose tax is due.
    pub(super) fn taxed_at(&self) -> Option<&Destination> {
        self.destination.or(self.home)
    }

    pub(super) fn check(&self) -> Result<(), PricingError> {
        if self.lines.len() > MOST_LINES {
            return Err(PricingError::TooManyLines);
        }
        for line in self.lines {
            if !(1..=MOST_QUANTITY).contains(&line.quantity) {
                return Err(PricingError::QuantityOutOfRange { line_id: line.line_id });
            }
            if !(0..=MOST_AMOUNT).contains(&line.unit_price) {
                return Err(PricingError::PriceOutOfRange { line_id: line.line_id });
            }
        }
        match self.shipping_override {
            Some(fee) if !(0..=MOST_AMOUNT).contains(&fee) => Err(PricingError::ShippingOutOfRange),
            _ => Ok(()),
        }
    }
}
