//! What of a cart's goods shoppers are told: today's price, and how many are to be had.

use super::LiveEvent;
use super::registry::Watched;
use crate::cache::LineView;
use cartwright_domain::id::{Timestamp, VariantId};
use cartwright_domain::money::Currency;

/// How long before its end a hold is spoken of: a minute.
const HOLD_ENDS_MS: i64 = 60_000;

/// Whether both show a shopper the same.
pub(super) fn is_same(one: Option<&LineView>, other: Option<&LineView>) -> bool {
    let prices = |line: Option<&LineView>| line.map(|line| (line.variant.price, line.variant.prices.clone()));
    available(one) == available(other) && prices(one) == prices(other)
}

/// Whether it is sold, and how many are to be had where that is counted.
fn available(line: Option<&LineView>) -> Option<Option<i64>> {
    let line = line.filter(|line| line.variant.active)?;
    Some(line.variant.track_stock.then(|| line.stock.available()))
}

fn price(line: Option<&LineView>, currency: Currency, of_store: Currency) -> Option<i64> {
    line.filter(|line| line.variant.active)?.variant.price_in(currency, of_store)
}

impl Watched {
    /// Takes in a variant as it is now, and tells those who have it in their carts what has changed.
    pub(super) fn tell_goods(&mut self, variant: VariantId, now: Option<LineView>, of_store: Currency) {
        let Some(streams) = self.by_variant.get(&variant) else { return };
        let before = self.goods.insert(variant, now.clone()).flatten();
        let sku = || now.as_ref().or(before.as_ref()).map(|line| line.variant.sku.clone()).unwrap_or_default();
        let other_stock = available(before.as_ref()) != available(now.as_ref());
        for watcher in streams.iter().filter_map(|number| self.streams.get(number)) {
            let mine = || watcher.lines.iter().filter(|line| line.variant == variant);
            let was = price(before.as_ref(), watcher.currency, of_store);
            let today = price(now.as_ref(), watcher.currency, of_store);
            let units = mine().map(|line| line.quantity).sum();
            for line in mine() {
                if was != today {
                    let currency = watcher.currency;
                    let event = LiveEvent::Price { line: line.line, sku: sku(), before: was, now: today, currency };
                    watcher.queue.push(event);
                }
                if other_stock || was.is_some() != today.is_some() {
                    let goods = now.clone();
                    let quantity = line.quantity;
                    let held = line.held;
                    let event = LiveEvent::Stock { line: line.line, sku: sku(), quantity, units, held, goods, today };
                    watcher.queue.push(event);
                }
            }
        }
    }

    /// Tells whose goods will not be held much longer, once for each hold.
    pub(super) fn tell_holds(&mut self, now: Timestamp) {
        let soon = now.plus_ms(HOLD_ENDS_MS);
        for watcher in self.streams.values_mut() {
            for line in watcher.lines.iter_mut().filter(|line| !line.warned) {
                let Some(until) = line.held_until.filter(|until| *until > now && *until <= soon) else { continue };
                line.warned = true;
                let goods = self.goods.get(&line.variant).and_then(Option::as_ref);
                let sku = goods.map(|goods| goods.variant.sku.clone()).unwrap_or_default();
                watcher.queue.push(LiveEvent::HoldEnds { line: line.line, sku, until });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::catalogue::Variant;
    use cartwright_domain::id::ProductId;
    use cartwright_domain::stock::Stock;
    use std::sync::Arc;

    fn pen(price: i64, on_hand: i64, reserved: i64) -> LineView {
        let variant = Variant {
            id: VariantId::default(),
            product_id: ProductId::default(),
            handle: "pen".to_owned(),
            product_name: "Pen".to_owned(),
            sku: "PEN".to_owned(),
            attributes: Default::default(),
            price,
            prices: Default::default(),
            floors: Default::default(),
            weight_grams: 0,
            track_stock: true,
            requires_shipping: true,
            active: true,
            state: Default::default(),
            tags: Vec::new(),
            tax_category: "standard".to_owned(),
            price_policy: None,
            hold_policy: None,
            position: 0,
        };
        LineView { variant: Arc::new(variant), stock: Stock { on_hand, reserved } }
    }

    #[test]
    fn shoppers_hear_of_what_is_available_not_of_what_lies_behind_it() {
        let same = |one: &LineView, other: &LineView| is_same(Some(one), Some(other));
        assert!(same(&pen(500, 10, 2), &pen(500, 9, 1)));
        assert!(!same(&pen(500, 10, 2), &pen(500, 10, 1)));
        assert!(!same(&pen(500, 10, 2), &pen(501, 10, 2)));
        assert!(!is_same(Some(&pen(500, 10, 2)), None) && is_same(None, None));
    }
}
