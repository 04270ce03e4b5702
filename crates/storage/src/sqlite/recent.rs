//! Rows as last committed, kept in memory by the writer. It alone writes this database (a lock file sees to that), so what it
//! wrote or read last is what the database holds, and need not be read again. Only committed rows come in here.

use super::load::Heads;
use crate::room;
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_domain::order::Order;
use cartwright_domain::stock::Stock;
use cartwright_domain::working_set::{Keys, RowState, WorkingSet};
use quick_cache::unsync::Cache;
use std::collections::HashMap;
use std::sync::Arc;

/// Carts of each store; they are shared with the engine's cache.
const CARTS: usize = 8_000;
/// Orders of each store: those that are being paid.
const ORDERS: usize = 2_000;
/// Variants of each store, with SKU and stock.
const VARIANTS: usize = 20_000;

/// Rows as last committed, by store.
#[derive(Default)]
pub struct Recent {
    stores: HashMap<StoreId, Rows>,
}

struct Rows {
    carts: room::Rows<CartId, Arc<Cart>>,
    orders: room::Rows<OrderId, Arc<Order>>,
    skus: Cache<String, Arc<VariantId>>,
    variants: Cache<VariantId, Arc<Variant>>,
    stock: Cache<VariantId, (Arc<Stock>, i64)>,
}

impl Recent {
    /// Puts what is known into the set, and returns the keys of what is not.
    pub fn recall(&self, store: StoreId, keys: &Keys, set: &mut WorkingSet, heads: &mut Heads) -> Keys {
        let mut missing = Keys {
            customer_carts: keys.customer_carts.clone(),
            customers: keys.customers.clone(),
            buyers: keys.buyers.clone(),
            handles: keys.handles.clone(),
            products: keys.products.clone(),
            coupons: keys.coupons.clone(),
            uses: keys.uses.clone(),
            customer_uses: keys.customer_uses.clone(),
            unpaid: keys.unpaid.clone(),
            idempotency: keys.idempotency.clone(),
            webhooks: keys.webhooks.clone(),
            inbox: keys.inbox.clone(),
            people: keys.people.clone(),
            demand_page: keys.demand_page,
            expired_holds: keys.expired_holds.clone(),
            ..Keys::default()
        };
        let rows = self.stores.get(&store);
        for id in &keys.carts {
            match rows.and_then(|rows| rows.carts.get(id)) {
                Some(cart) => set.carts.load(*id, Some(cart.clone())),
                None => drop(missing.carts.insert(*id)),
            }
        }
        for id in &keys.orders {
            match rows.and_then(|rows| rows.orders.get(id)) {
                Some(order) => set.orders.load(*id, Some(order.clone())),
                None => drop(missing.orders.insert(*id)),
            }
        }
        for sku in &keys.skus {
            match rows.and_then(|rows| rows.skus.get(sku)) {
                Some(id) => set.skus.load(sku.clone(), Some(id.clone())),
                None => drop(missing.skus.insert(sku.clone())),
            }
        }
        for id in &keys.variants {
            match rows.and_then(|rows| rows.variants.get(id)) {
                Some(variant) => set.variants.load(*id, Some(variant.clone())),
                None => drop(missing.variants.insert(*id)),
            }
        }
        for id in &keys.stock {
            match rows.and_then(|rows| rows.stock.get(id)) {
                Some((stock, head)) => {
                    set.stock.load(*id, Some(stock.clone()));
                    heads.insert(*id, *head);
                }
                None => drop(missing.stock.insert(*id)),
            }
        }
        missing
    }

    /// Takes in the rows of a batch that is committed.
    pub fn remember(&mut self, store: StoreId, set: &WorkingSet, heads: &Heads) {
        let rows = self.stores.entry(store).or_insert_with(|| Rows {
            carts: room::rows(CARTS),
            orders: room::rows(ORDERS),
            skus: Cache::new(VARIANTS),
            variants: Cache::new(VARIANTS),
            stock: Cache::new(VARIANTS),
        });
        set.carts.rows().for_each(|(id, cart)| rows.carts.insert(*id, cart.clone()));
        set.orders.rows().for_each(|(id, order)| rows.orders.insert(*id, order.clone()));
        set.skus.rows().for_each(|(sku, id)| rows.skus.insert(sku.clone(), id.clone()));
        // An SKU may have been given up.
        set.skus.absent().for_each(|sku| drop(rows.skus.remove(sku)));
        set.variants.rows().for_each(|(id, variant)| rows.variants.insert(*id, variant.clone()));
        for (id, stock) in set.stock.rows() {
            // Stock without a ledger entry is stock that has no row yet.
            if let Some(head) = heads.get(id) {
                rows.stock.insert(*id, (stock.clone(), *head));
            }
        }
        // A product's own data stand in each of its variants: those that were not part of this batch are read again.
        if set.products.changes().any(|(_, _, state)| state == RowState::Changed) {
            rows.variants.clear();
            set.variants.rows().for_each(|(id, variant)| rows.variants.insert(*id, variant.clone()));
        }
    }
}
