//! Promotions as data: conditions under which one counts, the benefit it gives, how it stands to others. They are
//! stored and edited as JSON; [`Promotion::validate`] is run on entry. Applying them is the work of [`crate::pricing`].
//!
//! Amounts are minor units. A plain amount belongs to the store's own currency, or to the one of a promotion for a single
//! currency; for others it is named beside it. In a currency without all of its amounts a promotion does not count.

mod benefit;
mod conditions;
mod filter;
mod validate;

pub use benefit::{
    AmountPer, Benefit, BulkTier, BundlePart, CountBy, NthUnit, Off, PricePer, Scope, SpendTier, Target, Units, Within,
};
pub use conditions::{Conditions, Hours, Weekday};
pub use filter::{LineFilter, Names};
pub use validate::FieldError;

use crate::id::{PromotionId, Timestamp};
use crate::money::Currencies;
use crate::rfc3339;
use serde::{Deserialize, Serialize};

/// An offer of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// Its identity.
    #[serde(default)]
    pub id: PromotionId,
    /// Name for people; stands on the receipt.
    pub name: String,
    /// Longer text for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Switched on. One that is off never counts.
    #[serde(default = "yes")]
    pub active: bool,
    /// Within a step higher priorities are applied first; equal ones in the order they are handed over.
    #[serde(default)]
    pub priority: i32,
    /// How it stands to other promotions.
    #[serde(default)]
    pub stacking: Stacking,
    /// First instant at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "rfc3339::either")]
    pub starts_at: Option<Timestamp>,
    /// Last instant at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "rfc3339::either")]
    pub ends_at: Option<Timestamp>,
    /// Counts only for carts that carry one of its codes.
    #[serde(default)]
    pub requires_code: bool,
    /// All must hold.
    #[serde(default)]
    pub conditions: Conditions,
    /// What it gives.
    pub benefit: Benefit,
    /// How often it may be used; counted outside of pricing.
    #[serde(default)]
    pub limits: Limits,
}

impl Promotion {
    /// The wanted currency, and the one that this promotion's plain amounts belong to.
    pub fn currencies(&self, of_store: Currencies) -> Currencies {
        match self.conditions.currencies.as_slice() {
            [only] => of_store.with_own(Some(*only)),
            _ => of_store,
        }
    }

    /// Whether it can count for carts in the wanted currency.
    pub fn counts_in(&self, of_store: Currencies) -> bool {
        let listed = &self.conditions.currencies;
        (listed.is_empty() || listed.contains(&of_store.wanted)) && self.has_amounts(of_store)
    }

    /// Whether all of its amounts are there in the wanted currency.
    pub fn has_amounts(&self, of_store: Currencies) -> bool {
        let currencies = self.currencies(of_store);
        let least = self.conditions.min_order_amount.as_ref();
        least.is_none_or(|least| least.is_in(currencies)) && self.benefit.has_amounts(currencies)
    }
}

fn yes() -> bool {
    true
}

/// How a promotion stands to others.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Goes with every other that is not exclusive.
    #[default]
    Combinable,
    /// Goes with no other.
    Exclusive,
    /// Goes with no other of the same group.
    ExclusiveInGroup(String),
}

/// How often a promotion may be used. `None` means without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Orders altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_uses: Option<u32>,
    /// Orders of one customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses_per_customer: Option<u32>,
}
