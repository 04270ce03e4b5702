//! Persons with several names, and what is counted per person.

use super::read::{Answer, PostgresReader, Values, count};
use super::rows::{self, COUPON};
use async_trait::async_trait;
use cartwright_domain::account::plain_email;
use cartwright_domain::coupon::Coupon;
use cartwright_domain::id::{AccountId, OrderId, PromotionId, StoreId};
use cartwright_domain::order::Order;
use cartwright_domain::person::Who;
use cartwright_engine::{PersonReader, UsesOf};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An address, and the customers that the shop has linked to it.
pub const LINKED: &str = "SELECT email, array_agg(customer ORDER BY customer) FROM customers \
     WHERE store_id = $1 AND email = ANY($2) GROUP BY email";
const TOLD_ADDRESSES: &str =
    "SELECT customer, email FROM customers WHERE store_id = $1 AND customer = ANY($2) AND email IS NOT NULL";
const ACCOUNT_ADDRESSES: &str = "SELECT account_id, email, verified_at IS NOT NULL FROM accounts \
     WHERE store_id = $1 AND account_id = ANY($2)";
const CONFIRMED: &str = "SELECT email, account_id FROM accounts WHERE store_id = $1 AND email = ANY($2) \
     AND verified_at IS NOT NULL";
const LIVE_ORDERS: &str = "SELECT count(*) FROM orders WHERE store_id = $1 AND buyer = ANY($2) \
     AND status IN ('pending_payment', 'placed')";
/// Of each name the newest before this one: together they hold the newest of all.
const ORDERS_OF: &str = "SELECT f.order_id FROM unnest($2::text[]) w(buyer) CROSS JOIN LATERAL ( \
     SELECT o.order_id FROM orders o WHERE o.store_id = $1 AND o.buyer = w.buyer AND o.order_id < $3 \
     ORDER BY o.order_id DESC LIMIT $4) f";
const CODES: &str = concat!("SELECT ", COUPON!(), " FROM coupons c WHERE c.store_id = $1 AND c.code = ANY($2)");
const USES_OF: &str = "SELECT w.promotion_id, coalesce((SELECT p.uses FROM promotion_uses p WHERE p.store_id = $1 \
     AND p.promotion_id = w.promotion_id), 0), coalesce((SELECT sum(u.uses)::bigint FROM customer_uses u \
     WHERE u.store_id = $1 AND u.promotion_id = w.promotion_id AND u.customer = ANY($3)), 0) \
     FROM unnest($2::uuid[]) w(promotion_id)";

fn two<One, Other>(row: &Row) -> rows::Result<(One, Other)>
where
    One: for<'a> tokio_postgres::types::FromSql<'a>,
    Other: for<'a> tokio_postgres::types::FromSql<'a>,
{
    Ok((row.try_get(0)?, row.try_get(1)?))
}

#[async_trait]
impl PersonReader for PostgresReader {
    async fn addresses_of(&self, store: StoreId, customers: &[String]) -> Answer<Vec<(String, String)>> {
        let told: Vec<(String, String)> = self.list(TOLD_ADDRESSES, &[&store.0, &customers], two).await?;
        let mut found: HashMap<String, String> = told.into_iter().collect();
        let ids = customers.iter().filter_map(|name| Who { customer: Some(name), email: None }.account());
        let ids: Vec<Uuid> = ids.map(|id| id.0).collect();
        if !ids.is_empty() {
            let read = |row: &Row| Ok((AccountId(row.try_get(0)?), row.try_get::<_, String>(1)?, row.try_get(2)?));
            for (id, email, confirmed) in self.list(ACCOUNT_ADDRESSES, &[&store.0, &ids], read).await? {
                match confirmed {
                    true => found.insert(id.to_string(), plain_email(&email)),
                    false => found.remove(&id.to_string()),
                };
            }
        }
        Ok(found.into_iter().collect())
    }

    async fn confirmed(&self, store: StoreId, addresses: &[String]) -> Answer<Vec<(String, AccountId)>> {
        let read = |row: &Row| Ok((row.try_get(0)?, AccountId(row.try_get(1)?)));
        Ok(self.list(CONFIRMED, &[&store.0, &addresses], read).await?)
    }

    async fn linked(&self, store: StoreId, addresses: &[String]) -> Answer<Vec<(String, String)>> {
        let found: Vec<(String, Vec<String>)> = self.list(LINKED, &[&store.0, &addresses], two).await?;
        let pairs = |(address, customers): (String, Vec<String>)| {
            customers.into_iter().map(move |customer| (address.clone(), customer))
        };
        Ok(found.into_iter().flat_map(pairs).collect())
    }

    async fn live_orders(&self, store: StoreId, names: &[String]) -> Answer<i64> {
        let found = self.one(LIVE_ORDERS, &[&store.0, &names], |row| Ok(row.try_get(0)?)).await?;
        Ok(found.unwrap_or(0))
    }

    async fn orders_of(&self, store: StoreId, names: &[String], before: OrderId, limit: usize) -> Answer<Vec<Order>> {
        let values: Values<'_> = &[&store.0, &names, &before.0, &count(limit)];
        let mut ids: Vec<Uuid> = self.list(ORDERS_OF, values, |row| Ok(row.try_get(0)?)).await?;
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids.truncate(limit);
        let mut orders = self.orders_named(store, &ids).await?;
        orders.reverse();
        Ok(orders)
    }

    async fn codes_named(&self, store: StoreId, codes: &[String]) -> Answer<Vec<(String, Coupon)>> {
        Ok(self.list(CODES, &[&store.0, &codes], rows::coupon).await?)
    }

    async fn uses_of(&self, store: StoreId, promotions: &[PromotionId], names: &[String]) -> Answer<Vec<UsesOf>> {
        let ids: Vec<Uuid> = promotions.iter().map(|id| id.0).collect();
        let read = |row: &Row| Ok((PromotionId(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?));
        Ok(self.list(USES_OF, &[&store.0, &ids, &names], read).await?)
    }
}
