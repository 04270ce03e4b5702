//! What a promotion gives.

use super::filter::LineFilter;
use crate::money::{Amounts, Currencies, Minor, Percent};
use crate::pricing::Pick;
use serde::{Deserialize, Serialize};

/// What a promotion gives. In JSON told apart by `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Benefit {
    /// A percentage off the target.
    Percentage {
        /// 0 to 100.
        percent: Percent,
        /// What it comes off.
        #[serde(default)]
        target: Target,
        /// Which units of the target.
        #[serde(default, skip_serializing_if = "Units::is_all")]
        units: Units,
        /// The most it gives, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_discount: Option<Amounts>,
    },
    /// An amount off the target.
    FixedAmount {
        /// The amount, in minor units.
        amount: Amounts,
        /// Once, for each line, or for each unit.
        #[serde(default)]
        per: AmountPer,
        /// What it comes off.
        #[serde(default)]
        target: Target,
        /// Which units, where the amount is per unit.
        #[serde(default, skip_serializing_if = "Units::is_all")]
        units: Units,
    },
    /// The target costs this much, if it cost more.
    FixedPrice {
        /// The price, in minor units.
        price: Amounts,
        /// The price of all together, or of each unit.
        #[serde(default)]
        per: PricePer,
        /// What gets the price.
        #[serde(default)]
        target: Target,
        /// Which units, where the price is per unit.
        #[serde(default, skip_serializing_if = "Units::is_all")]
        units: Units,
    },
    /// Nothing to pay for shipping.
    FreeShipping {},
    /// Who buys `buy_quantity` gets `get_quantity` more cheaper; the cheapest. Who buys two of whose three one is free
    /// has `buy_quantity` 2 and `get_quantity` 1; one of every two free is 1 and 1.
    BuyXGetY {
        /// What has to be bought; by default anything.
        #[serde(default)]
        buy: LineFilter,
        /// How many units of it.
        buy_quantity: u32,
        /// What is given; by default the same goods.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        get: Option<LineFilter>,
        /// How many units of it.
        get_quantity: u32,
        /// How much comes off these; by default everything.
        #[serde(default = "all_of_it")]
        percent: Percent,
        /// How often at most in one order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_uses: Option<u32>,
        /// Whether each line counts for itself instead of all together.
        #[serde(default)]
        count_by: CountBy,
    },
    /// From a quantity on, every unit is cheaper.
    BulkPrice {
        /// The goods; by default all.
        #[serde(default)]
        only: LineFilter,
        /// What is counted together.
        #[serde(default)]
        count_by: CountBy,
        /// Tiers with rising quantities; the last one reached counts for all units.
        tiers: Vec<BulkTier>,
    },
    /// The more is spent, the more comes off.
    SpendTiers {
        /// What it comes off.
        #[serde(default)]
        target: Target,
        /// Tiers with rising amounts; the last one reached counts.
        tiers: Vec<SpendTier>,
    },
    /// Goods that cost a set price when bought together.
    BundlePrice {
        /// What makes a set. A unit is a candidate for the first part that matches it.
        parts: Vec<BundlePart>,
        /// The price of a set, in minor units.
        price: Amounts,
        /// Which matching units make up the sets. Default the dearest.
        #[serde(default = "dearest", skip_serializing_if = "is_dearest")]
        pick: Pick,
        /// How often at most in one order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_uses: Option<u32>,
    },
}

fn dearest() -> Pick {
    Pick::Dearest
}

fn is_dearest(pick: &Pick) -> bool {
    *pick == Pick::Dearest
}

fn all_of_it() -> Percent {
    Percent::HUNDRED
}

/// What a benefit comes off.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// In which step it is applied.
    pub scope: Scope,
    /// Which lines; by default all. Has no meaning for shipping.
    #[serde(skip_serializing_if = "LineFilter::is_any")]
    pub only: LineFilter,
}

/// The step a benefit belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The order: after all promotions on lines.
    #[default]
    Order,
    /// Single lines: first of all.
    Lines,
    /// The shipping fee: last.
    Shipping,
}

/// How often an amount comes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountPer {
    /// Once, spread over the lines of the target.
    #[default]
    Order,
    /// From each line of the target; two lines of the same variant at the same price are one.
    Line,
    /// From each unit.
    Unit,
}

/// What a set price is the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricePer {
    /// Of everything the target matches.
    #[default]
    Order,
    /// Of each unit.
    Unit,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBy {
    /// Everything that matches.
    #[default]
    Together,
    /// Each variant by itself.
    Variant,
}

/// Which units of the matching lines a benefit is for; by default all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Units {
    /// At most this many of the order; which ones the store's `pick` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<u32>,
    /// At most this many of each line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_quantity_per_line: Option<u32>,
    /// Only units of whole groups of this size, formed over all matching lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_size: Option<u32>,
    /// Of each group only one unit. Needs `group_size`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<NthUnit>,
}

/// One unit of each group; groups are formed by rising price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NthUnit {
    /// Which one, from 1.
    pub position: u32,
    /// Counted from the cheapest or from the dearest.
    pub from: Pick,
    /// Where it is counted.
    #[serde(default)]
    pub within: Within,
}

/// Where the position of a unit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Inside each group.
    #[default]
    EachGroup,
    /// Over all grouped units: position 1 is the first so many units as there are groups, position 2 the next so many.
    AllGroups,
}

/// A tier of [`Benefit::BulkPrice`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkTier {
    /// Least quantity, in units.
    pub from_quantity: u32,
    /// What each unit then costs or saves.
    pub off: Off,
}

/// What a unit costs or saves. In JSON `{"percent": "25"}`, `{"amount": 100}` or `{"unit_price": 800}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off<A = Amounts> {
    /// This percentage less.
    Percent(Percent),
    /// This amount less per unit (for spend tiers: once), in minor units.
    Amount(A),
    /// This price per unit, if it cost more, in minor units.
    UnitPrice(A),
}

impl Off {
    /// The same in the wanted currency, if it has an amount in it.
    pub fn get(&self, currencies: Currencies) -> Option<Off<Minor>> {
        Some(match self {
            Off::Percent(percent) => Off::Percent(*percent),
            Off::Amount(amount) => Off::Amount(amount.get(currencies)?),
            Off::UnitPrice(price) => Off::UnitPrice(price.get(currencies)?),
        })
    }
}

/// A tier of [`Benefit::SpendTiers`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendTier {
    /// Least amount of the order, in minor units.
    pub from_amount: Amounts,
    /// What then comes off.
    pub off: Off,
}

/// A part of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundlePart {
    /// The goods; by default any.
    #[serde(default)]
    pub only: LineFilter,
    /// How many units of them.
    pub quantity: u32,
}

impl Units {
    /// Whether there is no limit.
    pub fn is_all(&self) -> bool {
        *self == Units::default()
    }
}

impl Benefit {
    /// Whether all amounts it states are there in the wanted currency.
    pub fn has_amounts(&self, currencies: Currencies) -> bool {
        let off = |off: &Off| off.get(currencies).is_some();
        match self {
            Benefit::Percentage { max_discount, .. } => max_discount.as_ref().is_none_or(|most| most.is_in(currencies)),
            Benefit::FixedAmount { amount, .. } => amount.is_in(currencies),
            Benefit::FixedPrice { price, .. } | Benefit::BundlePrice { price, .. } => price.is_in(currencies),
            Benefit::BulkPrice { tiers, .. } => tiers.iter().all(|tier| off(&tier.off)),
            Benefit::SpendTiers { tiers, .. } => {
                tiers.iter().all(|tier| tier.from_amount.is_in(currencies) && off(&tier.off))
            }
            Benefit::FreeShipping {} | Benefit::BuyXGetY { .. } => true,
        }
    }

    /// The step the benefit is applied in.
    pub fn scope(&self) -> Scope {
        match self {
            Benefit::Percentage { target, .. }
            | Benefit::FixedAmount { target, .. }
            | Benefit::FixedPrice { target, .. }
            | Benefit::SpendTiers { target, .. } => target.scope,
            Benefit::FreeShipping {} => Scope::Shipping,
            Benefit::BuyXGetY { .. } | Benefit::BulkPrice { .. } | Benefit::BundlePrice { .. } => Scope::Lines,
        }
    }
}
