//! Money of several currencies in the model: what was stated in which, and what orders may have of it. It reads stated amounts
//! by itself, as the interface takes them.

use super::{Checked, Model};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Command, StoreChange};
use cartwright_domain::id::{OrderId, PromotionId};
use cartwright_domain::order::Order;
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The store's own currency.
const OWN: &str = "EUR";
/// Currencies in which all goods have a price.
const PRICED: [&str; 2] = [OWN, "USD"];

/// What was stated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    /// What each promotion that takes an amount off takes off.
    off: BTreeMap<PromotionId, Value>,
    /// Fees of shipping methods that always cost the same, by handle.
    fees: BTreeMap<String, Value>,
    /// Currencies besides the own that shoppers may choose, where they are listed.
    listed: Option<Vec<String>>,
}

/// A stated amount in a currency.
fn amount(stated: &Value, currency: &str) -> Option<i64> {
    match stated {
        Value::Object(named) => named.get(currency)?.as_i64(),
        plain => plain.as_i64().filter(|_| currency == OWN),
    }
}

impl Model {
    pub(super) fn note_amounts(&mut self, id: PromotionId, promotion: &Promotion) {
        let stated = json!(promotion.benefit);
        match stated.get("amount") {
            Some(off) => self.stated.off.insert(id, off.clone()),
            None => self.stated.off.remove(&id),
        };
    }

    pub(super) fn note_store(&mut self, change: &StoreChange) {
        if let Some(settings) = &change.settings {
            let codes = |list: &Vec<_>| list.iter().map(|currency| format!("{currency}")).collect();
            self.stated.listed = settings.currencies.as_ref().map(codes);
        }
        if let Some(methods) = &change.shipping_methods {
            let fees = methods.iter().map(|method| (method.handle.clone(), json!(method.rate)["amount"].clone()));
            self.stated.fees = fees.collect();
        }
    }

    fn offers(&self, currency: &str) -> bool {
        match &self.seen_stated.listed {
            Some(listed) => currency == OWN || listed.iter().any(|code| code == currency),
            None => PRICED.contains(&currency),
        }
    }

    /// A new cart is in the currency that was asked for, which the store offers.
    pub(super) fn check_currency(&self, command: &Command, cart: &Cart) -> Checked {
        let Command::CreateCart { currency, .. } = command else { return Ok(()) };
        let asked = currency.as_deref().unwrap_or(OWN);
        match cart.currency.code() == asked && self.offers(asked) {
            true => Ok(()),
            false => {
                Err(format!("cart {} is in {}, asked was {asked}: {:?}", cart.id, cart.currency, self.seen_stated))
            }
        }
    }

    /// A currency is refused only where the store does not offer it.
    pub(super) fn currency_refused(&self, refusal: &Refusal) -> Checked {
        match refusal {
            Refusal::CurrencyUnknown { currency, .. } if self.offers(currency) => {
                Err(format!("{currency} was refused: {:?}", self.seen_stated))
            }
            _ => Ok(()),
        }
    }

    /// An order has no discount and no fee but those that were stated in its currency.
    pub(super) fn check_amounts(&self, order: &Order) -> Checked {
        let (id, currency): (OrderId, _) = (order.id, order.currency.code());
        for discount in &order.detail.discounts {
            // Where prices are held, lines keep what was stated when they were captured.
            let stated = self.seen_stated.off.get(&discount.promotion_id).filter(|_| !self.held_prices);
            let Some(stated) = stated else { continue };
            if amount(stated, currency).is_none_or(|most| discount.goods + discount.shipping > most) {
                return Err(format!("order {id} in {currency} has {discount:?}, stated is {stated}"));
            }
        }
        let shipping = order.detail.shipping.amount;
        let chosen = order.detail.shipping_method.as_ref();
        let fee = chosen.map(|method| self.seen_stated.fees.get(method).and_then(|fee| amount(fee, currency)));
        if fee.unwrap_or(Some(0)) != Some(shipping) {
            return Err(format!(
                "order {id} in {currency} ships for {shipping}, stated is {:?}",
                self.seen_stated.fees
            ));
        }
        Ok(())
    }
}
