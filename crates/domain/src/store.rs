//! A store (shop) and its configuration: everything that is the same for every cart of the store, loaded as one value.

use crate::id::{PromotionId, StoreId, Timestamp};
use crate::money::Currency;
use crate::pricing::PricingPolicy;
use crate::promotion::Promotion;
use crate::shipping::ShippingMethod;
use crate::tax::TaxRate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A store.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Identity; first part of every key.
    pub id: StoreId,
    /// Its name in requests.
    pub handle: String,
    /// Its name for people.
    pub name: String,
    /// Currency of its list prices.
    pub currency: Currency,
    /// Host names that lead to it.
    pub hosts: Vec<String>,
    /// Settings.
    pub settings: StoreSettings,
    /// Ways to ship, in the order offered.
    pub shipping_methods: Vec<ShippingMethod>,
    /// Rates of tax.
    pub tax_rates: Vec<TaxRate>,
}

/// Settings of a store; what is absent takes its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Days until a guest's cart expires, counted from its last change. Default 30.
    pub guest_cart_days: u16,
    /// Days until a customer's cart expires. Default 365.
    pub customer_cart_days: u16,
    /// Minutes in which an order that waits for the shopper must be paid. Default 60.
    pub payment_minutes: u16,
    /// Whether prices contain tax. Default true.
    pub prices_include_tax: bool,
    /// Whether checkout needs a shipping address and method. Default false.
    pub require_shipping: bool,
    /// Locale in which amounts are written for people, e.g. `de-DE`; by default they are written by currency alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// How amounts are rounded, split and stacked.
    pub pricing: PricingPolicy,
}

impl Default for StoreSettings {
    fn default() -> Self {
        StoreSettings {
            guest_cart_days: 30,
            customer_cart_days: 365,
            payment_minutes: 60,
            prices_include_tax: true,
            require_shipping: false,
            locale: None,
            pricing: PricingPolicy::default(),
        }
    }
}

impl StoreSettings {
    /// When a cart changed now expires.
    pub fn cart_expiry(&self, now: Timestamp, customer: bool) -> Timestamp {
        let days = if customer { self.customer_cart_days } else { self.guest_cart_days };
        now.plus_ms(i64::from(days) * DAY_MS)
    }

    /// Until when an order made now must be paid.
    pub fn payment_deadline(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(i64::from(self.payment_minutes) * 60_000)
    }
}

/// A store with its promotions: what pricing needs besides the cart and its goods.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The store.
    pub store: Store,
    /// Promotions in the order in which they were made; pricing goes by their priority, and by this order where it is equal.
    pub promotions: Vec<Arc<Promotion>>,
    by_id: HashMap<PromotionId, usize>,
}

impl StoreConfig {
    /// Puts the promotions in order.
    pub fn new(store: Store, promotions: Vec<Promotion>) -> StoreConfig {
        let mut promotions: Vec<Arc<Promotion>> = promotions.into_iter().map(Arc::new).collect();
        promotions.sort_by_key(|promotion| promotion.id);
        let by_id = promotions.iter().enumerate().map(|(index, promotion)| (promotion.id, index)).collect();
        StoreConfig { store, promotions, by_id }
    }

    /// A promotion by id.
    pub fn promotion(&self, id: PromotionId) -> Option<&Arc<Promotion>> {
        self.by_id.get(&id).map(|index| &self.promotions[*index])
    }

    /// The first instant after `now` at which a promotion begins or ends, so at which a quote may change by itself.
    pub fn next_boundary(&self, now: Timestamp) -> Option<Timestamp> {
        let instants = self.promotions.iter().flat_map(|promotion| {
            // The end is inside the period: the change comes one millisecond later.
            [promotion.starts_at, promotion.ends_at.map(|end| end.plus_ms(1))]
        });
        instants.flatten().filter(|instant| *instant > now).min()
    }
}
