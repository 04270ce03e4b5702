//! What the writer knows without asking. Variants as last read are true while the store's catalogue has not changed, which the
//! turn tells. Carts and orders of late are only hints: which rows will be asked for next, so that they come in the same round
//! trip; nothing that is decided is taken from them.

use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_domain::order::Order;
use cartwright_domain::working_set::{Keys, WorkingSet};
use quick_cache::unsync::Cache;
use std::collections::HashMap;
use std::sync::Arc;

/// Variants of each store, with SKU.
const VARIANTS: usize = 20_000;
/// Carts and orders of each store.
const HINTS: usize = 4_000;

/// What is known, by store.
#[derive(Default)]
pub struct Known {
    stores: HashMap<StoreId, Rows>,
}

struct Rows {
    /// The catalogue's version that the variants are of.
    catalogue: i64,
    skus: Cache<String, Arc<VariantId>>,
    variants: Cache<VariantId, Arc<Variant>>,
    carts: Cache<CartId, Arc<Cart>>,
    orders: Cache<OrderId, Arc<Order>>,
}

/// Rows that are true if the catalogue is of this version.
#[derive(Default)]
pub struct Recalled {
    catalogue: i64,
    skus: Vec<(String, Arc<VariantId>)>,
    variants: Vec<(VariantId, Arc<Variant>)>,
}

impl Recalled {
    /// Puts them into the set; or, where the catalogue has changed, returns the keys of what is to be read.
    pub fn settle(self, catalogue: i64, set: &mut WorkingSet) -> Option<Keys> {
        if self.skus.is_empty() && self.variants.is_empty() {
            return None;
        }
        if self.catalogue != catalogue {
            let skus = self.skus.into_iter().map(|(sku, _)| sku).collect();
            let variants = self.variants.into_iter().map(|(id, _)| id).collect();
            return Some(Keys { skus, variants, ..Keys::default() });
        }
        self.skus.into_iter().for_each(|(sku, id)| set.skus.load(sku, Some(id)));
        self.variants.into_iter().for_each(|(id, variant)| set.variants.load(id, Some(variant)));
        None
    }
}

impl Known {
    /// What is to be read for these keys: without what is known, and with what will be asked for next.
    pub fn plan(&self, store: StoreId, keys: &Keys, set: &WorkingSet) -> (Keys, Recalled) {
        let mut wanted = copy(keys);
        let Some(rows) = self.stores.get(&store) else { return (wanted, Recalled::default()) };
        let mut recalled = Recalled { catalogue: rows.catalogue, ..Recalled::default() };
        for order in keys.orders.iter().filter_map(|id| rows.orders.get(id)) {
            wanted.carts.insert(order.cart_id);
            wanted.stock.extend(order.lines.iter().map(|line| line.variant_id));
        }
        for cart in keys.carts.iter().filter_map(|id| rows.carts.get(id)) {
            for line in &cart.lines {
                wanted.stock.insert(line.variant_id);
                wanted.variants.insert(line.variant_id);
            }
        }
        for sku in &keys.skus {
            if let Some(id) = rows.skus.get(sku) {
                wanted.skus.remove(sku);
                wanted.stock.insert(**id);
                wanted.variants.insert(**id);
                recalled.skus.push((sku.clone(), id.clone()));
            }
        }
        wanted.stock.retain(|id| !set.stock.knows(id));
        wanted.carts.retain(|id| !set.carts.knows(id));
        wanted.variants.retain(|id| match rows.variants.get(id) {
            _ if set.variants.knows(id) => false,
            Some(variant) => {
                recalled.variants.push((*id, variant.clone()));
                false
            }
            None => true,
        });
        (wanted, recalled)
    }

    /// Takes in the rows of a batch that is committed. `catalogue` is the version that the batch has read.
    pub fn remember(&mut self, store: StoreId, set: &WorkingSet, catalogue: i64) {
        let fresh = || Rows {
            catalogue,
            skus: Cache::new(VARIANTS),
            variants: Cache::new(VARIANTS),
            carts: Cache::new(HINTS),
            orders: Cache::new(HINTS),
        };
        let rows = self.stores.entry(store).or_insert_with(fresh);
        set.carts.rows().for_each(|(id, cart)| rows.carts.insert(*id, cart.clone()));
        set.orders.rows().for_each(|(id, order)| rows.orders.insert(*id, order.clone()));
        if rows.catalogue != catalogue {
            rows.skus.clear();
            rows.variants.clear();
            rows.catalogue = catalogue;
        }
        if changes_catalogue(set) {
            return;
        }
        set.skus.rows().for_each(|(sku, id)| rows.skus.insert(sku.clone(), id.clone()));
        set.variants.rows().for_each(|(id, variant)| rows.variants.insert(*id, variant.clone()));
    }
}

/// Whether the batch changes products or variants.
pub fn changes_catalogue(set: &WorkingSet) -> bool {
    set.variants.changes().next().is_some() || set.products.changes().next().is_some()
}

fn copy(keys: &Keys) -> Keys {
    Keys {
        carts: keys.carts.clone(),
        customer_carts: keys.customer_carts.clone(),
        customers: keys.customers.clone(),
        buyers: keys.buyers.clone(),
        skus: keys.skus.clone(),
        variants: keys.variants.clone(),
        stock: keys.stock.clone(),
        handles: keys.handles.clone(),
        products: keys.products.clone(),
        orders: keys.orders.clone(),
        coupons: keys.coupons.clone(),
        uses: keys.uses.clone(),
        customer_uses: keys.customer_uses.clone(),
        idempotency: keys.idempotency.clone(),
    }
}
