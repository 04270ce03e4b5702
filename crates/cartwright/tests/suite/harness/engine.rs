//! A store and its goods for tests that run the engine without a server in front of it.

use cartwright_domain::command::{ProductDraft, VariantDraft};
use cartwright_domain::id::StoreId;
use cartwright_domain::money::Currency;
use cartwright_domain::store::{Store, StoreSettings};

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
        price: Some(price),
        track_stock: Some(on_hand.is_some()),
        on_hand,
        ..VariantDraft::default()
    };
    ProductDraft {
        handle: sku.to_lowercase(),
        name: Some(sku.to_owned()),
        active: Some(true),
        tax_category: Some(String::new()),
        variants: vec![variant],
        ..ProductDraft::default()
    }
}
