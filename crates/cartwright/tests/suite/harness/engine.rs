//! A store and its goods for tests that run the engine without a server in front of it.

use cartwright_domain::catalogue::ProductDetail;
use cartwright_domain::command::{ProductDraft, VariantDraft};
use cartwright_domain::id::StoreId;
use cartwright_domain::money::Currency;
use cartwright_domain::store::{Store, StoreSettings};
use std::collections::BTreeMap;

/// A store that is to be created.
pub(crate) fn store(settings: StoreSettings) -> Store {
    Store {
        id: StoreId(0),
        version: 0,
        handle: "default".to_owned(),
        name: "Default".to_owned(),
        currency: Currency::EUR,
        hosts: Vec::new(),
        settings,
        shipping_methods: Vec::new(),
        tax_rates: Vec::new(),
    }
}

/// A product with one variant; without units its stock is not counted.
pub(crate) fn goods(sku: &str, price: i64, on_hand: Option<i64>) -> ProductDraft {
    let variant = VariantDraft {
        sku: sku.to_owned(),
        attributes: BTreeMap::new(),
        price,
        prices: BTreeMap::new(),
        floors: BTreeMap::new(),
        weight_grams: 0,
        track_stock: on_hand.is_some(),
        on_hand,
    };
    ProductDraft {
        handle: sku.to_lowercase(),
        name: sku.to_owned(),
        active: true,
        tags: Vec::new(),
        tax_category: String::new(),
        price_policy: None,
        hold_policy: None,
        detail: ProductDetail::default(),
        variants: vec![variant],
    }
}
