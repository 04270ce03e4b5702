//! Persons with several names, and what is counted per person.

use super::read::SqliteReader;
use super::{load, rows};
use async_trait::async_trait;
use cartwright_domain::account::plain_email;
use cartwright_domain::coupon::Coupon;
use cartwright_domain::id::{AccountId, OrderId, PromotionId, StoreId};
use cartwright_domain::order::Order;
use cartwright_domain::people::People;
use cartwright_domain::person::Who;
use cartwright_engine::{PersonReader, StorageError, UsesOf};
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

type Answer<T> = std::result::Result<T, StorageError>;

/// Loads which customers the shop has linked to addresses.
pub fn load_linked(
    connection: &Connection,
    store: StoreId,
    addresses: &BTreeSet<String>,
    people: &mut People,
) -> Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for (address, customer) in linked(connection, store, rows::texts(addresses))? {
        found.entry(address).or_default().push(customer);
    }
    for address in addresses {
        people.linked.load(address.clone(), found.remove(address).map(Arc::new));
    }
    Ok(())
}

fn linked(connection: &Connection, store: StoreId, addresses: Rc<Vec<Value>>) -> Result<Vec<(String, String)>> {
    let sql = "SELECT c.email, c.customer FROM rarray(?2) wanted CROSS JOIN customers c \
               ON c.store_id = ?1 AND c.email = wanted.value ORDER BY c.customer";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params![store.0, addresses], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn addresses_of(connection: &Connection, store: StoreId, customers: &[String]) -> Result<Vec<(String, String)>> {
    let sql = "SELECT c.customer, c.email FROM rarray(?2) wanted CROSS JOIN customers c \
               ON c.store_id = ?1 AND c.customer = wanted.value WHERE c.email IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let told = statement.query_map(params![store.0, rows::texts(customers)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found: HashMap<String, String> = told.collect::<Result<_>>()?;
    let ids = customers.iter().filter_map(|name| Who { customer: Some(name), email: None }.account());
    let ids = rows::array(ids.map(|id| id.0));
    if !ids.is_empty() {
        let sql = "SELECT a.account_id, a.email, a.verified_at IS NOT NULL FROM rarray(?2) wanted CROSS JOIN accounts a \
                   ON a.store_id = ?1 AND a.account_id = wanted.value";
        let mut statement = connection.prepare_cached(sql)?;
        let accounts = statement.query_map(params![store.0, ids], |row| {
            Ok((AccountId(rows::uuid(row, 0)?), row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
        })?;
        for account in accounts {
            let (id, email, confirmed) = account?;
            match confirmed {
                true => found.insert(id.to_string(), plain_email(&email)),
                false => found.remove(&id.to_string()),
            };
        }
    }
    Ok(found.into_iter().collect())
}

/// Of each name the newest before this one: together they hold the newest of all.
fn order_ids(
    connection: &Connection,
    store: StoreId,
    names: &[String],
    before: OrderId,
    limit: usize,
) -> Result<Vec<OrderId>> {
    let sql = "SELECT order_id FROM orders WHERE store_id = ?1 AND buyer = ?2 AND order_id < ?3 \
               ORDER BY order_id DESC LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let mut ids: Vec<OrderId> = Vec::new();
    for name in names {
        let values = params![store.0, name, before.0.as_bytes(), limit as i64];
        for id in statement.query_map(values, |row| Ok(OrderId(rows::uuid(row, 0)?)))? {
            ids.push(id?);
        }
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(limit);
    Ok(ids)
}

fn uses_of(
    connection: &Connection,
    store: StoreId,
    promotions: &[PromotionId],
    names: &[String],
) -> Result<Vec<UsesOf>> {
    let sql = "SELECT coalesce((SELECT uses FROM promotion_uses WHERE store_id = ?1 AND promotion_id = ?2), 0), \
               (SELECT coalesce(sum(u.uses), 0) FROM rarray(?3) wanted CROSS JOIN customer_uses u \
               ON u.store_id = ?1 AND u.promotion_id = ?2 AND u.customer = wanted.value)";
    let mut statement = connection.prepare_cached(sql)?;
    let names = rows::texts(names);
    let mut found = Vec::with_capacity(promotions.len());
    for id in promotions {
        let values = params![store.0, id.0.as_bytes(), names.clone()];
        found.push(statement.query_row(values, |row| Ok((*id, row.get(0)?, row.get(1)?)))?);
    }
    Ok(found)
}

#[async_trait]
impl PersonReader for SqliteReader {
    async fn addresses_of(&self, store: StoreId, customers: &[String]) -> Answer<Vec<(String, String)>> {
        self.with(|connection| addresses_of(connection, store, customers))
    }

    async fn confirmed(&self, store: StoreId, addresses: &[String]) -> Answer<Vec<(String, AccountId)>> {
        let sql = "SELECT a.email, a.account_id FROM rarray(?2) wanted CROSS JOIN accounts a \
                   ON a.store_id = ?1 AND a.email = wanted.value WHERE a.verified_at IS NOT NULL";
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let values = params![store.0, rows::texts(addresses)];
            statement.query_map(values, |row| Ok((row.get(0)?, AccountId(rows::uuid(row, 1)?))))?.collect()
        })
    }

    async fn linked(&self, store: StoreId, addresses: &[String]) -> Answer<Vec<(String, String)>> {
        self.with(|connection| linked(connection, store, rows::texts(addresses)))
    }

    async fn live_orders(&self, store: StoreId, names: &[String]) -> Answer<i64> {
        let sql = "SELECT count(*) FROM rarray(?2) wanted CROSS JOIN orders o ON o.store_id = ?1 AND o.buyer = wanted.value \
                   WHERE o.status IN ('pending_payment', 'placed')";
        self.with(|connection| {
            connection.prepare_cached(sql)?.query_row(params![store.0, rows::texts(names)], |row| row.get(0))
        })
    }

    async fn orders_of(&self, store: StoreId, names: &[String], before: OrderId, limit: usize) -> Answer<Vec<Order>> {
        self.with(|connection| {
            let ids = order_ids(connection, store, names, before, limit)?;
            let mut orders = load::orders(connection, store, ids.into_iter())?;
            orders.reverse();
            Ok(orders)
        })
    }

    async fn codes_named(&self, store: StoreId, codes: &[String]) -> Answer<Vec<(String, Coupon)>> {
        let sql = format!(
            "SELECT {} FROM rarray(?2) wanted CROSS JOIN coupons c ON c.store_id = ?1 AND c.code = wanted.value",
            rows::COUPON
        );
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params![store.0, rows::texts(codes)], rows::coupon)?.collect()
        })
    }

    async fn uses_of(&self, store: StoreId, promotions: &[PromotionId], names: &[String]) -> Answer<Vec<UsesOf>> {
        self.with(|connection| uses_of(connection, store, promotions, names))
    }
}
