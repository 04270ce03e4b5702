//! Set-wise loading of named rows into a working set.

use super::{holds, rows, webhooks};
use cartwright_domain::catalogue::Product;
use cartwright_domain::customer::LiveOrders;
use cartwright_domain::id::{CartId, OrderId, ProductId, StoreId, Timestamp, VariantId};
use cartwright_domain::order::Order;
use cartwright_domain::working_set::{IdempotencyRow, Keys, WorkingSet};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::HashMap;
use std::sync::Arc;

/// The newest ledger entry of each variant whose stock is loaded.
pub type Heads = HashMap<VariantId, i64>;

/// Loads all that `keys` names; what is not there is noted as absent.
pub fn load(
    connection: &Connection,
    store: StoreId,
    keys: &Keys,
    set: &mut WorkingSet,
    heads: &mut Heads,
) -> Result<()> {
    carts(connection, store, keys, set)?;
    catalogue(connection, store, keys, set)?;
    stock(connection, store, keys, set, heads)?;
    for order in orders(connection, store, keys.orders.iter().copied())? {
        set.orders.load(order.id, Some(Arc::new(order)));
    }
    keys.orders.iter().for_each(|id| set.orders.load(*id, None));
    customers(connection, store, keys, set)?;
    coupons(connection, store, keys, set)?;
    uses(connection, store, keys, set)?;
    super::people::load(connection, store, &keys.people, set)?;
    super::unpaid::load(connection, store, keys, set)?;
    idempotency(connection, store, keys, set)?;
    super::inbox::load(connection, store, keys, set)?;
    super::demand::load(connection, store, keys, set)?;
    holds::load(connection, store, keys, set)?;
    webhooks::load(connection, store, keys, set)
}

fn carts(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if !keys.carts.is_empty() {
        let sql = format!("SELECT {} FROM carts WHERE store_id = ?1 AND cart_id IN rarray(?2)", rows::CART);
        let mut statement = connection.prepare_cached(&sql)?;
        let ids = rows::array(keys.carts.iter().map(|id| id.0));
        for cart in statement.query_map(params![store.0, ids], rows::cart)? {
            let cart = cart?;
            set.carts.load(cart.id, Some(Arc::new(cart)));
        }
        keys.carts.iter().for_each(|id| set.carts.load(*id, None));
    }
    if !keys.customer_carts.is_empty() {
        let sql = "SELECT c.customer, c.cart_id FROM rarray(?2) wanted \
                   CROSS JOIN customer_carts c ON c.store_id = ?1 AND c.customer = wanted.value";
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map(params![store.0, rows::texts(&keys.customer_carts)], |row| {
            Ok((row.get::<_, String>(0)?, CartId(rows::uuid(row, 1)?)))
        })?;
        for row in found {
            let (customer, cart) = row?;
            set.customer_carts.load(customer, Some(Arc::new(cart)));
        }
        keys.customer_carts.iter().for_each(|customer| set.customer_carts.load(customer.clone(), None));
    }
    Ok(())
}

fn catalogue(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if !keys.skus.is_empty() {
        // Written so that each SKU is sought in the index; with IN, all variants of the store would be read.
        let sql = "SELECT v.sku, v.variant_id FROM rarray(?2) wanted \
                   CROSS JOIN variants v ON v.store_id = ?1 AND v.sku = wanted.value";
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map(params![store.0, rows::texts(&keys.skus)], |row| {
            Ok((row.get::<_, String>(0)?, VariantId(rows::uuid(row, 1)?)))
        })?;
        for row in found {
            let (sku, id) = row?;
            set.skus.load(sku, Some(Arc::new(id)));
        }
        keys.skus.iter().for_each(|sku| set.skus.load(sku.clone(), None));
    }
    if !keys.variants.is_empty() {
        let sql = format!(
            "SELECT {} FROM variants v JOIN products p ON p.store_id = v.store_id AND p.product_id = v.product_id \
             WHERE v.store_id = ?1 AND v.variant_id IN rarray(?2)",
            rows::VARIANT
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let ids = rows::array(keys.variants.iter().map(|id| id.0));
        for variant in statement.query_map(params![store.0, ids], rows::variant)? {
            let variant = variant?;
            set.variants.load(variant.id, Some(Arc::new(variant)));
        }
        keys.variants.iter().for_each(|id| set.variants.load(*id, None));
    }
    products(connection, store, keys, set)
}

fn products(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for handle in &keys.handles {
        let sql = "SELECT product_id FROM products WHERE store_id = ?1 AND handle = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let id = statement.query_row(params![store.0, handle], |row| rows::uuid(row, 0)).optional()?;
        set.handles.load(handle.clone(), id.map(|id| Arc::new(ProductId(id))));
        let sql = "SELECT product_id FROM old_handles WHERE store_id = ?1 AND handle = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let id = statement.query_row(params![store.0, handle], |row| rows::uuid(row, 0)).optional()?;
        set.old_handles.load(handle.clone(), id.map(|id| Arc::new(ProductId(id))));
    }
    for id in &keys.products {
        let product = product(connection, store, *id)?;
        set.products.load(*id, product.map(Arc::new));
    }
    Ok(())
}

fn product(connection: &Connection, store: StoreId, id: ProductId) -> Result<Option<Product>> {
    let sql = format!("SELECT {} FROM products WHERE store_id = ?1 AND product_id = ?2", rows::PRODUCT);
    let mut statement = connection.prepare_cached(&sql)?;
    let Some(mut product) = statement.query_row(params![store.0, id.0.as_bytes()], rows::product).optional()? else {
        return Ok(None);
    };
    let sql = "SELECT variant_id FROM variants WHERE store_id = ?1 AND product_id = ?2 AND state <> 'deleted' ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let ids = statement.query_map(params![store.0, id.0.as_bytes()], |row| Ok(VariantId(rows::uuid(row, 0)?)))?;
    product.variants = ids.collect::<Result<_>>()?;
    Ok(Some(product))
}

fn stock(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet, heads: &mut Heads) -> Result<()> {
    if keys.stock.is_empty() {
        return Ok(());
    }
    let sql = "SELECT on_hand, reserved, variant_id, last_movement FROM stock \
               WHERE store_id = ?1 AND variant_id IN rarray(?2)";
    let mut statement = connection.prepare_cached(sql)?;
    let ids = rows::array(keys.stock.iter().map(|id| id.0));
    let found = statement.query_map(params![store.0, ids], |row| {
        Ok((VariantId(rows::uuid(row, 2)?), rows::stock(row, 0)?, row.get::<_, i64>(3)?))
    })?;
    for row in found {
        let (id, stock, head) = row?;
        set.stock.load(id, Some(Arc::new(stock)));
        heads.insert(id, head);
    }
    keys.stock.iter().for_each(|id| set.stock.load(*id, None));
    Ok(())
}

/// Orders with their lines and payments, those that exist.
pub fn orders(connection: &Connection, store: StoreId, ids: impl Iterator<Item = OrderId>) -> Result<Vec<Order>> {
    let ids = rows::array(ids.map(|id| id.0));
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM orders o JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id \
         WHERE o.store_id = ?1 AND o.order_id IN rarray(?2) ORDER BY o.order_id",
        rows::ORDER
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut orders: Vec<Order> =
        statement.query_map(params![store.0, ids.clone()], rows::order)?.collect::<Result<_>>()?;
    let places: HashMap<OrderId, usize> = orders.iter().enumerate().map(|(place, order)| (order.id, place)).collect();
    let sql = format!(
        "SELECT {} FROM order_lines WHERE store_id = ?1 AND order_id IN rarray(?2) ORDER BY order_id, position",
        rows::ORDER_LINE
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for row in statement.query_map(params![store.0, ids], rows::order_line)? {
        let (order_id, line) = row?;
        if let Some(place) = places.get(&order_id) {
            orders[*place].lines.push(line);
        }
    }
    Ok(orders)
}

fn customers(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if !keys.customers.is_empty() {
        let sql = format!(
            "SELECT {} FROM rarray(?2) wanted CROSS JOIN customers ON store_id = ?1 AND customer = wanted.value",
            rows::CUSTOMER
        );
        let mut statement = connection.prepare_cached(&sql)?;
        for row in statement.query_map(params![store.0, rows::texts(&keys.customers)], rows::customer)? {
            let (id, customer) = row?;
            set.customers.load(id, Some(Arc::new(customer)));
        }
        keys.customers.iter().for_each(|id| set.customers.load(id.clone(), None));
    }
    if !keys.buyers.is_empty() {
        let sql = "SELECT o.buyer, count(*), max(o.created_at) FROM rarray(?2) wanted CROSS JOIN orders o \
                   ON o.store_id = ?1 AND o.buyer = wanted.value \
                   WHERE o.status IN ('pending_payment', 'placed') GROUP BY o.buyer";
        let mut statement = connection.prepare_cached(sql)?;
        let counted = statement.query_map(params![store.0, rows::texts(&keys.buyers)], |row| {
            Ok((row.get::<_, String>(0)?, LiveOrders { count: row.get(1)?, last_at: Timestamp(row.get(2)?) }))
        })?;
        for row in counted {
            let (buyer, orders) = row?;
            set.buyers.load(buyer, Some(Arc::new(orders)));
        }
        keys.buyers.iter().for_each(|buyer| set.buyers.load(buyer.clone(), None));
    }
    Ok(())
}

fn coupons(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    if keys.coupons.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT {} FROM rarray(?2) wanted CROSS JOIN coupons c ON c.store_id = ?1 AND c.code = wanted.value",
        rows::COUPON
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for row in statement.query_map(params![store.0, rows::texts(&keys.coupons)], rows::coupon)? {
        let (code, coupon) = row?;
        set.coupons.load(code, Some(Arc::new(coupon)));
    }
    keys.coupons.iter().for_each(|code| set.coupons.load(code.clone(), None));
    Ok(())
}

fn uses(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for id in &keys.uses {
        let sql = "SELECT uses FROM promotion_uses WHERE store_id = ?1 AND promotion_id = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let uses = statement.query_row(params![store.0, id.0.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
        set.uses.load(*id, uses.map(Arc::new));
    }
    for (id, customer) in &keys.customer_uses {
        let sql = "SELECT uses FROM customer_uses WHERE store_id = ?1 AND promotion_id = ?2 AND customer = ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let key = params![store.0, id.0.as_bytes(), customer];
        let uses = statement.query_row(key, |row| row.get::<_, i64>(0)).optional()?;
        set.customer_uses.load((*id, customer.clone()), uses.map(Arc::new));
    }
    Ok(())
}

fn idempotency(connection: &Connection, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<()> {
    for (scope, key) in &keys.idempotency {
        let sql = "SELECT fingerprint, order_id, created_at, cart_id FROM idempotency WHERE store_id = ?1 AND scope = ?2 AND key = ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let row = statement.query_row(params![store.0, scope, key], |row| {
            let (order, cart): (Option<[u8; 16]>, Option<[u8; 16]>) = (row.get(1)?, row.get(3)?);
            Ok(IdempotencyRow {
                fingerprint: row.get(0)?,
                order_id: order.map(|bytes| OrderId(uuid::Uuid::from_bytes(bytes))),
                cart_id: cart.map(|bytes| CartId(uuid::Uuid::from_bytes(bytes))),
                created_at: Timestamp(row.get(2)?),
            })
        });
        set.idempotency.load((scope.clone(), key.clone()), row.optional()?.map(Arc::new));
    }
    Ok(())
}
