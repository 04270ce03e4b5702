//! Carts and amounts in several currencies: who asks for which, and what operators state. The chance of it is a die of its own,
//! so that the rest of a run does not hang on it.

use crate::broken::Broken;
use crate::world::World;
use cartwright_domain::money::{Amounts, Currency};
use cartwright_domain::promotion::{Benefit, Promotion};
use cartwright_domain::store::StoreConfig;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

impl World {
    /// The currency of a new cart: mostly the store's own, now and then one that has prices or one that nobody sells in.
    pub(crate) fn some_currency(&mut self) -> Option<String> {
        let asked = self.money.weighted(&[(70, None), (26, Some("USD")), (4, Some("JPY"))]);
        if asked == Some("USD") {
            self.count("carts asked for in another currency");
        }
        asked.map(str::to_owned)
    }

    /// An amount as an operator states it: plain, or by currency.
    pub(crate) fn stated(&mut self, amount: i64) -> Value {
        if self.money.percent(50) { json!(amount) } else { json!({"EUR": amount, "USD": amount + 7}) }
    }

    /// The currencies that a store lists, if it does.
    pub(crate) fn some_list(&mut self) -> Option<Vec<Currency>> {
        self.money.weighted(&[(6, None), (1, Some(&[][..])), (3, Some(&[Currency::USD][..]))]).map(<[_]>::to_vec)
    }
}

impl Broken {
    /// The configuration as a broken engine sees it.
    pub(crate) fn misread(self, config: &Arc<StoreConfig>) -> Arc<StoreConfig> {
        if self != Broken::MixesCurrencies {
            return config.clone();
        }
        let promotions = config.promotions.iter().map(|promotion| in_any_currency((**promotion).clone()));
        Arc::new(StoreConfig::new(config.store.clone(), promotions.collect()))
    }
}

/// The promotion with a plain amount taken for one of any currency.
fn in_any_currency(mut promotion: Promotion) -> Promotion {
    if let Benefit::FixedAmount { amount, .. } = &mut promotion.benefit
        && let Amounts::Own(plain) = *amount
    {
        *amount = Amounts::Named(BTreeMap::from([(Currency::EUR, plain), (Currency::USD, plain)]));
    }
    promotion
}
