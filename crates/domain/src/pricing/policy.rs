//! How a store computes. Shops and their tax offices differ; the defaults are what most engines do.

use crate::money::{Amounts, Rounding};
use serde::{Deserialize, Serialize};

/// How a store computes; a setting that is not given has its default.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PricingPolicy {
    /// What tax is rounded over.
    pub tax_round: TaxRound,
    /// How tax is rounded.
    pub tax_rounding: Rounding,
    /// How percentage discounts are rounded.
    pub disc_rounding: Rounding,
    /// What percentage discounts are rounded over.
    pub disc_round: DiscountRound,
    /// How an amount is spread over lines.
    pub split: Split,
    /// What a later promotion is computed from.
    pub stack: Stack,
    /// What least amounts are compared with.
    pub threshold: Threshold,
    /// In proportion to what an amount is spread over lines.
    pub weights: Weights,
    /// What tax is computed from.
    pub disc_tax: DiscountTax,
    /// How several rates on one thing are computed.
    pub multi_rate: MultiRate,
    /// Which side of a price that contains tax is rounded.
    pub incl_extract: Extract,
    /// Which units count where a promotion is for a limited number of them.
    pub pick: Pick,
    /// Which units are given in buy-x-get-y.
    pub bxgy_pick: Pick,
    /// Whether an incomplete set of buy-x-get-y gives what is there.
    pub partial_get: bool,
    /// Whether units that one buy-x-get-y has used are offered to the next.
    pub bxgy_units: BxgyUnits,
    /// Whether a discount for some units stays on them, or is averaged over the units of its line.
    pub unit_discounts: UnitDiscounts,
    /// How shipping is taxed.
    pub ship_tax: ShippingTax,
    /// What wins against an exclusive promotion.
    pub exclusive: Exclusive,
    /// What a customer exempt from tax pays where prices contain it.
    pub exempt_price: ExemptPrice,
    /// The total is rounded, half up, to a multiple of this many minor units, as cash without small coins needs it. In a
    /// currency for which none is stated it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_rounding: Option<Amounts>,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident $(, $(#[$more_doc:meta])* $more:ident)* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            $first,
            $($(#[$more_doc])* $more,)*
        }
    )*};
}

settings! {
    /// What tax is rounded over.
    TaxRound {
        /// Each line and rate.
        Line,
        /// Each unit and rate, times the quantity.
        Unit,
        /// Each rate over all goods.
        OrderRate,
        /// All rates over goods and shipping together.
        OrderAll,
    }
    /// What percentage discounts are rounded over.
    DiscountRound {
        /// Each line over its whole quantity.
        Line,
        /// Each unit, times the quantity.
        Unit,
        /// All lines of the promotion; the result is spread over them.
        Order,
    }
    /// How an amount is spread over lines so that the parts sum to it. "First" is by SKU, shorter SKUs before longer.
    Split {
        /// Cut off, then one unit each to the largest remainders.
        LargestRemainder,
        /// Each rounded half up, the last takes the rest.
        RoundLastRest,
        /// Cut off, then one unit each from the first on.
        FloorFirst,
        /// Each rounded half down, then one unit each from the first on.
        HalfDownFirst,
        /// From the last line to the first, each gets its share, cut off, of what is left.
        FromEnd,
    }
    /// What a later promotion is computed from.
    Stack {
        /// From what earlier ones have left.
        Sequential,
        /// From the original prices.
        Parallel,
    }
    /// What least amounts are compared with.
    Threshold {
        /// The value after discounts so far.
        Discounted,
        /// The value before all discounts.
        Original,
    }
    /// In proportion to what an amount is spread over lines.
    Weights {
        /// To values as the shop shows them.
        Shown,
        /// To values without tax.
        Net,
        /// To values with tax.
        Gross,
    }
    /// What tax is computed from.
    DiscountTax {
        /// The discounted price.
        After,
        /// The price before discounts.
        Before,
        /// The price before discounts, less the tax, rounded by itself, on the discount as a row of its own.
        OwnRow,
    }
    /// How several rates on one thing are computed.
    MultiRate {
        /// Each rounded by itself.
        PerRate,
        /// The sum of the rates rounded once, then spread over them.
        Combined,
    }
    /// Which side of a price that contains tax is rounded.
    Extract {
        /// The tax; the net is the rest.
        Tax,
        /// The net; the tax is the rest.
        Net,
    }
    /// Which units come first.
    Pick {
        /// The cheapest.
        Cheapest,
        /// The dearest.
        Dearest,
    }
    /// Whether units that one buy-x-get-y has bought or given are offered to the next.
    BxgyUnits {
        /// They are.
        OfferedAgain,
        /// Each unit counts in one buy-x-get-y at most.
        UsedOnce,
    }
    /// What a discount for some units of a line does to what later promotions see.
    UnitDiscounts {
        /// The line's units cost the same each: its value over its quantity.
        Averaged,
        /// It stays on the units that it was given to, and the next one goes to others while there are any.
        OnUnits,
    }
    /// How shipping is taxed.
    ShippingTax {
        /// By the rates of its own tax category.
        Own,
        /// In parts, by the rates of the goods, in proportion to their values.
        Weighted,
    }
    /// What wins against an exclusive promotion.
    Exclusive {
        /// Whatever gives the customer more.
        BestForCustomer,
        /// The exclusive one, even if others would give more.
        Wins,
        /// Whatever has the higher priority, among all that exclude each other; between equals what gives the customer more.
        HighestPriority,
    }
    /// What a customer exempt from tax pays where prices contain it.
    ExemptPrice {
        /// The price without the tax.
        Net,
        /// The price on the shelf.
        Shelf,
    }
}
