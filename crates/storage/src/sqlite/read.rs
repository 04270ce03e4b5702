//! The reading side: a few connections, each used by one reader at a time, in the thread that asks. A read sees the last
//! committed transaction.

use super::{
    audit, events, holds, inbox, load, orders, people, products, report, rows, storage_error, unmatched, walk, webhooks,
};
use async_trait::async_trait;
use cartwright_domain::account::{Account, MailedToken, Role, SecretHash, Session, StoreKey};
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::coupon::Coupon;
use cartwright_domain::customer::Customer;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{
    AccountId, AuditId, CartId, MailId, OrderId, ProductId, PromotionId, StoreId, Timestamp, VariantId,
};
use cartwright_domain::inbox::InboxEvent;
use cartwright_domain::mail::{MailKind, MailTemplate};
use cartwright_domain::order::Order;
use cartwright_domain::outside::UnmatchedPayment;
use cartwright_domain::people::AuditEntry;
use cartwright_domain::promotion::{KeptPromotion, Promotion};
use cartwright_domain::stock::Stock;
use cartwright_domain::store::{PricePolicy, Store};
use cartwright_domain::webhook::{Delivery, Webhook};
use cartwright_engine::{
    ApiKey, AuditRow, CartWithGoods, DeliveryQuery, EventQuery, LedgerEntry, OrderQuery, PeopleReader, ProductListing,
    ProductQuery, PromotionUse, Reader, Replan, ReportQuery, ReportRow, SkuStock, StorageError, TemplateName,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};

/// The reader.
pub struct SqliteReader {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl SqliteReader {
    pub(super) fn new(connections: Vec<Connection>) -> SqliteReader {
        SqliteReader { idle: Mutex::new(connections), returned: Condvar::new() }
    }

    /// Shows every connection, to watch them.
    #[cfg(test)]
    pub(super) fn each_connection(&self, look: impl Fn(&mut Connection)) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(look);
    }

    /// Runs a query on a connection of the pool. Queries are short; a caller waits only where all connections are in use.
    pub(super) fn with<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> std::result::Result<T, StorageError> {
        self.with_own(|connection| query(connection))
    }

    /// As [`Self::with`], for a query that sets something on its connection, and sets it back.
    fn with_own<T>(&self, query: impl FnOnce(&mut Connection) -> Result<T>) -> std::result::Result<T, StorageError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = loop {
            match idle.pop() {
                Some(connection) => break connection,
                None => idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(idle);
        let result = query(&mut connection).map_err(|error| storage_error(&error));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.returned.notify_one();
        result
    }
}

#[async_trait]
impl Reader for SqliteReader {
    async fn ping(&self) -> std::result::Result<(), StorageError> {
        self.with(|connection| connection.query_row("SELECT 1", [], |_| Ok(())))
    }

    async fn stores(&self) -> std::result::Result<Vec<Store>, StorageError> {
        let sql = format!("SELECT {} FROM stores ORDER BY store_id", rows::STORE);
        self.with(|connection| list(connection, &sql, [], rows::store))
    }

    async fn promotions(&self, store: StoreId) -> std::result::Result<Vec<Promotion>, StorageError> {
        let sql = "SELECT definition FROM promotions WHERE store_id = ?1 ORDER BY promotion_id";
        self.with(|connection| list(connection, sql, [store.0], rows::promotion))
    }

    async fn kept_promotions(&self, store: StoreId) -> std::result::Result<Vec<KeptPromotion>, StorageError> {
        let sql = "SELECT definition, until FROM kept_promotions WHERE store_id = ?1 ORDER BY promotion_id, until";
        self.with(|connection| list(connection, sql, [store.0], rows::kept_promotion))
    }

    async fn price_policies(&self, store: StoreId) -> std::result::Result<Vec<PricePolicy>, StorageError> {
        let sql = "SELECT DISTINCT price_policy FROM products WHERE store_id = ?1 AND price_policy IS NOT NULL";
        self.with(|connection| list(connection, sql, [store.0], rows::price_policy))
    }

    async fn promotion_uses(
        &self,
        store: StoreId,
        codes: usize,
    ) -> std::result::Result<Vec<PromotionUse>, StorageError> {
        self.with(|connection| promotion_uses(connection, store, codes))
    }

    async fn coupons(
        &self,
        store: StoreId,
        promotion: PromotionId,
        after: &str,
        limit: usize,
    ) -> std::result::Result<Vec<(String, Coupon)>, StorageError> {
        // Both kinds of codes lie apart in the index; each part is walked in order.
        let half = "SELECT * FROM coupons WHERE store_id = ?1 AND promotion_id = ?2 AND code > ?3";
        let sql = format!(
            "SELECT {} FROM (SELECT * FROM ({half} AND bulk = 0 ORDER BY code LIMIT ?4) \
             UNION ALL SELECT * FROM ({half} AND bulk = 1 ORDER BY code LIMIT ?4)) c ORDER BY c.code LIMIT ?4",
            rows::COUPON
        );
        self.with(|connection| {
            list(connection, &sql, params![store.0, promotion.0.as_bytes(), after, limit as i64], rows::coupon)
        })
    }

    async fn customer(&self, store: StoreId, id: &str) -> std::result::Result<Option<Customer>, StorageError> {
        let sql = format!("SELECT {} FROM customers WHERE store_id = ?1 AND customer = ?2", rows::CUSTOMER);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_row(params![store.0, id], |row| Ok(rows::customer(row)?.1)).optional()
        })
    }

    async fn customers(
        &self,
        store: StoreId,
        after: &str,
        limit: usize,
    ) -> std::result::Result<Vec<(String, Customer)>, StorageError> {
        let sql = format!(
            "SELECT {} FROM customers WHERE store_id = ?1 AND customer > ?2 ORDER BY customer LIMIT ?3",
            rows::CUSTOMER
        );
        self.with(|connection| list(connection, &sql, params![store.0, after, limit as i64], rows::customer))
    }

    async fn customers_named(
        &self,
        store: StoreId,
        ids: &[String],
    ) -> std::result::Result<Vec<(String, Customer)>, StorageError> {
        self.with(|connection| walk::customers_named(connection, store, ids))
    }

    async fn first_orders(
        &self,
        store: StoreId,
        buyers: &[String],
    ) -> std::result::Result<Vec<(String, OrderId)>, StorageError> {
        self.with(|connection| walk::first_orders(connection, store, buyers))
    }

    async fn store_version(&self, _: StoreId) -> std::result::Result<i64, StorageError> {
        // One process alone writes this database; what it keeps in memory is the newest.
        Ok(0)
    }

    async fn cart_with_goods(
        &self,
        store: StoreId,
        id: CartId,
    ) -> std::result::Result<Option<CartWithGoods>, StorageError> {
        let Some(cart) = self.cart(store, id).await? else { return Ok(None) };
        let ids: Vec<VariantId> = cart.shown_variants().collect();
        let variants = self.variants(store, &ids).await?;
        Ok(Some(CartWithGoods { cart, variants, store_version: 0 }))
    }

    async fn cart(&self, store: StoreId, id: CartId) -> std::result::Result<Option<Cart>, StorageError> {
        let sql = format!("SELECT {} FROM carts WHERE store_id = ?1 AND cart_id = ?2", rows::CART);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_row(params![store.0, id.0.as_bytes()], rows::cart).optional()
        })
    }

    async fn variants(
        &self,
        store: StoreId,
        ids: &[VariantId],
    ) -> std::result::Result<Vec<(Variant, Stock)>, StorageError> {
        self.with(|connection| {
            let sql = format!("{} WHERE v.store_id = ?1 AND v.variant_id IN rarray(?2)", variants_with_stock());
            list(connection, &sql, params![store.0, rows::array(ids.iter().map(|id| id.0))], variant_with_stock)
        })
    }

    async fn sku(&self, store: StoreId, sku: &str) -> std::result::Result<Option<SkuStock>, StorageError> {
        let query = "SELECT v.variant_id, v.sku, s.on_hand, s.reserved FROM variants v \
                     LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id \
                     WHERE v.store_id = ?1 AND v.sku = ?2";
        self.with(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let found = statement.query_row(params![store.0, sku], |row| {
                Ok(SkuStock {
                    variant_id: VariantId(rows::uuid(row, 0)?),
                    sku: row.get(1)?,
                    stock: rows::stock(row, 2)?,
                })
            });
            found.optional()
        })
    }

    async fn order(&self, store: StoreId, id: OrderId) -> std::result::Result<Option<Order>, StorageError> {
        self.with(|connection| Ok(load::orders(connection, store, std::iter::once(id))?.pop()))
    }

    async fn products(
        &self,
        store: StoreId,
        query: &ProductQuery,
    ) -> std::result::Result<Vec<ProductListing>, StorageError> {
        self.with(|connection| products::list(connection, store, query))
    }

    async fn renamed_product(
        &self,
        store: StoreId,
        handle: &str,
    ) -> std::result::Result<Option<(String, bool)>, StorageError> {
        self.with(|connection| products::renamed(connection, store, handle))
    }

    async fn handle_of_product(
        &self,
        store: StoreId,
        id: ProductId,
    ) -> std::result::Result<Option<String>, StorageError> {
        self.with(|connection| products::handle(connection, store, id))
    }

    async fn product(&self, store: StoreId, handle: &str) -> std::result::Result<Option<ProductListing>, StorageError> {
        self.with(|connection| products::one(connection, store, handle))
    }

    async fn orders(&self, store: StoreId, query: &OrderQuery) -> std::result::Result<Vec<Order>, StorageError> {
        self.with(|connection| {
            let ids = orders::ids(connection, store, query)?;
            let mut orders = load::orders(connection, store, ids.into_iter())?;
            orders.reverse();
            Ok(orders)
        })
    }

    async fn ledger(
        &self,
        store: StoreId,
        id: VariantId,
        before: i64,
        limit: usize,
    ) -> std::result::Result<Vec<LedgerEntry>, StorageError> {
        let sql = format!("{LEDGER} SELECT {} FROM chain", rows::MOVEMENT);
        self.with(|connection| {
            list(connection, &sql, params![store.0, id.0.as_bytes(), before, limit as i64], |row| {
                rows::movement(row).map(|(sequence, movement)| LedgerEntry { sequence, movement })
            })
        })
    }

    async fn due_payments(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<Order>, StorageError> {
        let sql = "SELECT order_id FROM payments WHERE store_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3";
        self.with(|connection| {
            let ids =
                list(connection, sql, params![store.0, now.0, limit as i64], |row| Ok(OrderId(rows::uuid(row, 0)?)))?;
            load::orders(connection, store, ids.into_iter())
        })
    }

    async fn expired_carts(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<CartId>, StorageError> {
        let sql = "SELECT cart_id FROM carts WHERE store_id = ?1 AND expires_at <= ?2 AND status IN ('active', 'abandoned') \
                   ORDER BY expires_at LIMIT ?3";
        self.with(|connection| {
            list(connection, sql, params![store.0, now.0, limit as i64], |row| Ok(CartId(rows::uuid(row, 0)?)))
        })
    }

    async fn expired_holds(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<CartId>, StorageError> {
        self.with(|connection| holds::expired(connection, store, now, limit))
    }

    async fn lease(
        &self,
        _: StoreId,
        _: &str,
        _: uuid::Uuid,
        _: Timestamp,
        _: Timestamp,
    ) -> std::result::Result<bool, StorageError> {
        // The lock file sees to it that there is no other node.
        Ok(true)
    }

    async fn placed_orders(
        &self,
        store: StoreId,
        between: (OrderId, OrderId),
        limit: usize,
    ) -> std::result::Result<Vec<Order>, StorageError> {
        self.with(|connection| walk::placed_orders(connection, store, between, limit))
    }

    async fn open_carts(
        &self,
        store: StoreId,
        after: (Timestamp, CartId),
        limit: usize,
    ) -> std::result::Result<Vec<Cart>, StorageError> {
        self.with(|connection| walk::open_carts(connection, store, after, limit))
    }

    async fn events(&self, store: StoreId, query: &EventQuery) -> std::result::Result<Vec<LoggedEvent>, StorageError> {
        self.with(|connection| events::page(connection, store, query))
    }

    async fn newest_event(&self, store: StoreId) -> std::result::Result<i64, StorageError> {
        let sql = "SELECT coalesce(max(sequence), 0) FROM events WHERE store_id = ?1";
        self.with(|connection| connection.prepare_cached(sql)?.query_row([store.0], |row| row.get(0)))
    }

    async fn webhooks(&self, store: StoreId) -> std::result::Result<Vec<Webhook>, StorageError> {
        self.with(|connection| webhooks::all(connection, store))
    }

    async fn deliveries(
        &self,
        store: StoreId,
        query: &DeliveryQuery,
    ) -> std::result::Result<Vec<Delivery>, StorageError> {
        self.with(|connection| webhooks::deliveries(connection, store, query))
    }

    async fn due_gateway_events(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<InboxEvent>, StorageError> {
        self.with(|connection| inbox::due(connection, store, now, limit))
    }

    async fn unmatched_payment(
        &self,
        store: StoreId,
        gateway: &str,
        reference: &str,
    ) -> std::result::Result<Option<UnmatchedPayment>, StorageError> {
        self.with(|connection| unmatched::find(connection, store, gateway, reference))
    }

    async fn sink_position(&self, store: StoreId, name: &str) -> std::result::Result<i64, StorageError> {
        let sql = "SELECT position FROM event_sinks WHERE store_id = ?1 AND name = ?2";
        self.with(|connection| {
            let found = connection.prepare_cached(sql)?.query_row(params![store.0, name], |row| row.get(0)).optional();
            found.map(Option::unwrap_or_default)
        })
    }

    async fn report(&self, store: StoreId, query: &ReportQuery) -> std::result::Result<Vec<ReportRow>, StorageError> {
        self.with_own(|connection| report::report(connection, store, query))
    }

    async fn api_key(&self, hash: [u8; 32]) -> std::result::Result<Option<ApiKey>, StorageError> {
        // The one query that does not know its store: the key tells it.
        let sql = "SELECT name, store_id, role, scopes, expires_at, used_at FROM api_keys WHERE hash = ?1 AND revoked_at IS NULL";
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_row(params![hash], |row| {
                let store: i64 = row.get(1)?;
                Ok(ApiKey {
                    name: row.get(0)?,
                    store: (store != 0).then_some(StoreId(store)),
                    role: rows::named(row, 2, &Role::ALL, Role::as_str)?,
                    scopes: rows::from_json(row, 3)?,
                    expires_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
                    used_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
                })
            });
            found.optional()
        })
    }

    async fn audit(
        &self,
        store: StoreId,
        visit: &mut (dyn FnMut(AuditRow) + Send),
    ) -> std::result::Result<(), StorageError> {
        self.with(|connection| audit::audit(connection, store, visit))
    }
}

#[async_trait]
impl PeopleReader for SqliteReader {
    async fn account(&self, store: StoreId, id: AccountId) -> std::result::Result<Option<Account>, StorageError> {
        self.with(|connection| people::account_by_id(connection, store, id))
    }

    async fn account_by_email(
        &self,
        store: StoreId,
        email: &str,
    ) -> std::result::Result<Option<Account>, StorageError> {
        self.with(|connection| people::account_by_email(connection, store, email))
    }

    async fn session(
        &self,
        store: StoreId,
        hash: SecretHash,
    ) -> std::result::Result<Option<(Session, Account)>, StorageError> {
        self.with(|connection| people::session(connection, store, hash))
    }

    async fn sessions(
        &self,
        store: StoreId,
        id: AccountId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<(SecretHash, Session)>, StorageError> {
        self.with(|connection| people::sessions(connection, store, id, now, limit))
    }

    async fn mailed_token(
        &self,
        store: StoreId,
        hash: SecretHash,
    ) -> std::result::Result<Option<MailedToken>, StorageError> {
        self.with(|connection| people::mailed_token(connection, store, hash))
    }

    async fn operators(&self, store: StoreId, limit: usize) -> std::result::Result<Vec<Account>, StorageError> {
        self.with(|connection| people::operators(connection, store, limit))
    }

    async fn store_keys(
        &self,
        store: StoreId,
        limit: usize,
    ) -> std::result::Result<Vec<(SecretHash, StoreKey)>, StorageError> {
        self.with(|connection| people::keys(connection, store, limit))
    }

    async fn due_mails(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<MailId>, StorageError> {
        self.with(|connection| people::due_mails(connection, store, now, limit))
    }

    async fn replan(&self, store: StoreId, limit: usize) -> Result<Option<Replan>, StorageError> {
        self.with(|connection| people::replan(connection, store, limit))
    }

    async fn due_recoveries(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> std::result::Result<Vec<CartId>, StorageError> {
        self.with(|connection| people::due_recoveries(connection, store, now, limit))
    }

    async fn mail_templates(
        &self,
        store: StoreId,
        kind: MailKind,
    ) -> std::result::Result<Vec<MailTemplate>, StorageError> {
        self.with(|connection| people::mail_templates(connection, store, kind))
    }

    async fn mail_template_names(&self, store: StoreId) -> std::result::Result<Vec<TemplateName>, StorageError> {
        self.with(|connection| people::mail_template_names(connection, store))
    }

    async fn link_secret(&self, store: StoreId) -> std::result::Result<Option<String>, StorageError> {
        self.with(|connection| people::link_secret(connection, store))
    }

    async fn audit_log(
        &self,
        store: StoreId,
        before: AuditId,
        limit: usize,
    ) -> std::result::Result<Vec<AuditEntry>, StorageError> {
        self.with(|connection| people::audit_log(connection, store, before, limit))
    }
}

/// Walks a variant's ledger back from the entry before `?3`, or from its newest where that one is none of its entries.
const LEDGER: &str = "WITH RECURSIVE chain AS ( \
     SELECT m.* FROM stock_movements m WHERE m.store_id = ?1 AND m.sequence = coalesce( \
         (SELECT previous FROM stock_movements WHERE store_id = ?1 AND sequence = ?3 AND variant_id = ?2), \
         (SELECT last_movement FROM stock WHERE store_id = ?1 AND variant_id = ?2)) \
     UNION ALL \
     SELECT m.* FROM chain c CROSS JOIN stock_movements m ON m.store_id = ?1 AND m.sequence = c.previous \
     LIMIT ?4)";

pub(super) fn list<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(values, read)?.collect()
}

pub(super) fn variants_with_stock() -> String {
    format!(
        "SELECT {}, s.on_hand, s.reserved FROM variants v \
         JOIN products p ON p.store_id = v.store_id AND p.product_id = v.product_id \
         LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id",
        rows::VARIANT
    )
}

pub(super) fn variant_with_stock(row: &Row<'_>) -> Result<(Variant, Stock)> {
    Ok((rows::variant(row)?, rows::stock(row, rows::VARIANT_COLUMNS)?))
}

fn promotion_uses(connection: &Connection, store: StoreId, codes: usize) -> Result<Vec<PromotionUse>> {
    let sql = "SELECT p.promotion_id, coalesce(u.uses, 0), p.bulk_codes FROM promotions p LEFT JOIN promotion_uses u \
               ON u.store_id = p.store_id AND u.promotion_id = p.promotion_id WHERE p.store_id = ?1";
    let mut found = list(connection, sql, [store.0], |row| {
        Ok(PromotionUse {
            promotion_id: PromotionId(rows::uuid(row, 0)?),
            codes: Vec::new(),
            bulk_codes: row.get(2)?,
            uses: row.get(1)?,
        })
    })?;
    let places: HashMap<PromotionId, usize> =
        found.iter().enumerate().map(|(place, promotion)| (promotion.promotion_id, place)).collect();
    let sql = "SELECT p.promotion_id, c.code FROM promotions p CROSS JOIN coupons c ON c.store_id = p.store_id \
               AND c.promotion_id = p.promotion_id AND c.bulk = 0 WHERE p.store_id = ?1 ORDER BY p.promotion_id, c.code";
    let mut statement = connection.prepare_cached(sql)?;
    let mut all = statement.query([store.0])?;
    while let Some(row) = all.next()? {
        if let Some(place) = places.get(&PromotionId(rows::uuid(row, 0)?))
            && found[*place].codes.len() < codes
        {
            found[*place].codes.push(row.get(1)?);
        }
    }
    Ok(found)
}
