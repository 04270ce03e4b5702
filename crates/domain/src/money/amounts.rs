//! Amounts that an operator states, for promotions, fees and settings. A plain amount is money of one currency only: the
//! store's own, unless what it stands in names another. For further currencies amounts are named one by one.

use super::{Currency, MOST_AMOUNT, Minor};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

/// An amount in minor units. In JSON `5000`, or by currency `{"EUR": 5000, "USD": 5500}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Amounts {
    /// In the own currency.
    Own(Minor),
    /// In each of these currencies; in others there is none.
    Named(BTreeMap<Currency, Minor>),
}

/// In which currency an amount is wanted, and to which a plain one belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currencies {
    /// The one wanted: the cart's.
    pub wanted: Currency,
    /// The one of plain amounts: the store's, unless what they stand in names another.
    pub own: Currency,
}

impl Currencies {
    /// The same, where plain amounts belong to `own` if there is one.
    pub fn with_own(self, own: Option<Currency>) -> Currencies {
        Currencies { own: own.unwrap_or(self.own), ..self }
    }
}

impl Amounts {
    /// The amount in the wanted currency, minor units.
    #[inline]
    pub fn get(&self, currencies: Currencies) -> Option<Minor> {
        match self {
            Amounts::Own(amount) if currencies.own == currencies.wanted => Some(*amount),
            Amounts::Own(_) => None,
            Amounts::Named(named) => named.get(&currencies.wanted).copied(),
        }
    }

    /// Whether there is one in the wanted currency.
    #[inline]
    pub fn is_in(&self, currencies: Currencies) -> bool {
        self.get(currencies).is_some()
    }

    /// Whether there is at least one amount, and each lies within the range.
    pub fn are_within(&self, range: RangeInclusive<Minor>) -> bool {
        match self {
            Amounts::Own(amount) => range.contains(amount),
            Amounts::Named(named) => !named.is_empty() && named.values().all(|amount| range.contains(amount)),
        }
    }

    /// Whether each is at least zero and at most [`MOST_AMOUNT`].
    pub fn are_amounts(&self) -> bool {
        self.are_within(0..=MOST_AMOUNT)
    }

    /// Whether `next` names the same currencies, with a higher amount in each.
    pub fn rise_to(&self, next: &Amounts) -> bool {
        match (self, next) {
            (Amounts::Own(first), Amounts::Own(second)) => first < second,
            (Amounts::Named(first), Amounts::Named(second)) => {
                first.len() == second.len()
                    && first.iter().all(|(currency, amount)| second.get(currency).is_some_and(|next| amount < next))
            }
            _ => false,
        }
    }
}

impl From<Minor> for Amounts {
    fn from(amount: Minor) -> Amounts {
        Amounts::Own(amount)
    }
}

impl Serialize for Amounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Amounts::Own(amount) => serializer.serialize_i64(*amount),
            Amounts::Named(named) => named.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Amounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amounts, D::Error> {
        deserializer.deserialize_any(NumberOrMap)
    }
}

struct NumberOrMap;

impl<'de> Visitor<'de> for NumberOrMap {
    type Value = Amounts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in minor units, or amounts by currency such as {\"EUR\": 5000, \"USD\": 5500}")
    }

    fn visit_i64<E: Error>(self, amount: i64) -> Result<Amounts, E> {
        Ok(Amounts::Own(amount))
    }

    fn visit_u64<E: Error>(self, amount: u64) -> Result<Amounts, E> {
        i64::try_from(amount).map(Amounts::Own).map_err(|_| E::custom("the amount is out of range"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Amounts, A::Error> {
        let mut named = BTreeMap::new();
        while let Some((currency, amount)) = map.next_entry::<Currency, Minor>()? {
            if named.insert(currency, amount).is_some() {
                return Err(A::Error::custom(format!("{currency} stands twice")));
            }
        }
        Ok(Amounts::Named(named))
    }
}
