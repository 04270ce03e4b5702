//! The reading side: a pool of connections. A read sees whole transactions only; one that meets a broken connection is asked
//! once more on another.

use super::error::Fault;
use super::load::{ORDER_LINES, ORDERS};
use super::rows::{self, CART, COUPON, CUSTOMER, MOVEMENT, PRODUCT, Result, STORE, VARIANT};
use super::{audit, events, holds, inbox, orders, people, products, report, unmatched, webhooks};
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
use deadpool_postgres::{Object, Pool, PoolError};
use futures_util::future::{join_all, join3};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

pub(super) type Answer<T> = std::result::Result<T, StorageError>;
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// For lists whose best plan hangs on what is sought.
const PLANNED_ANEW: &str = "BEGIN READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan";
const STORES: &str =
    concat!("SELECT ", STORE!(), " FROM stores s JOIN lanes l ON l.store_id = s.store_id ORDER BY s.store_id");
const PROMOTIONS: &str = "SELECT definition FROM promotions WHERE store_id = $1 ORDER BY promotion_id";
const KEPT_PROMOTIONS: &str =
    "SELECT definition, until FROM kept_promotions WHERE store_id = $1 ORDER BY promotion_id, until";
const PRICE_POLICIES: &str = "SELECT price_policy::json FROM (SELECT DISTINCT price_policy::text AS price_policy FROM products \
     WHERE store_id = $1 AND price_policy IS NOT NULL) p";
const PROMOTION_USES: &str = "SELECT p.promotion_id, coalesce(u.uses, 0), p.bulk_codes FROM promotions p LEFT JOIN promotion_uses u \
     ON u.store_id = p.store_id AND u.promotion_id = p.promotion_id WHERE p.store_id = $1 ORDER BY p.promotion_id";
const PROMOTION_CODES: &str = "SELECT p.promotion_id, c.code FROM promotions p CROSS JOIN LATERAL (SELECT i.code FROM coupons i \
     WHERE i.store_id = p.store_id AND i.promotion_id = p.promotion_id AND NOT i.bulk ORDER BY i.code LIMIT $2) c \
     WHERE p.store_id = $1";
/// Both kinds of codes lie apart in the index; each part is walked in order.
const COUPONS: &str = concat!(
    "SELECT ",
    COUPON!(),
    " FROM ((SELECT * FROM coupons WHERE store_id = $1 AND promotion_id = $2 AND code > $3 AND NOT bulk ORDER BY code LIMIT $4) ",
    "UNION ALL (SELECT * FROM coupons WHERE store_id = $1 AND promotion_id = $2 AND code > $3 AND bulk ORDER BY code LIMIT $4)) c ",
    "ORDER BY c.code LIMIT $4"
);
const CUSTOMER_BY_ID: &str = concat!("SELECT ", CUSTOMER!(), " FROM customers WHERE store_id = $1 AND customer = $2");
const CUSTOMERS: &str =
    concat!("SELECT ", CUSTOMER!(), " FROM customers WHERE store_id = $1 AND customer > $2 ORDER BY customer LIMIT $3");
const STORE_VERSION: &str = "SELECT version FROM lanes WHERE store_id = $1";
const CART_BY_ID: &str = concat!("SELECT ", CART!(), " FROM carts WHERE store_id = $1 AND cart_id = $2");
/// The variants that a cart shows, in its lines and saved for later; the cart is named, so that nobody waits for its lines first.
const GOODS_OF_CART: &str = concat!(
    "SELECT ",
    VARIANT!(),
    ", s.on_hand, s.reserved FROM carts c CROSS JOIN LATERAL (SELECT DISTINCT (line ->> 'variant_id')::uuid AS variant_id ",
    "FROM (SELECT json_array_elements(c.lines) UNION ALL SELECT json_array_elements(c.detail -> 'saved')) l(line)) w JOIN variants v ON v.store_id = $1 AND v.variant_id = w.variant_id ",
    "JOIN products p ON p.store_id = $1 AND p.product_id = v.product_id ",
    "LEFT JOIN stock s ON s.store_id = $1 AND s.variant_id = v.variant_id WHERE c.store_id = $1 AND c.cart_id = $2"
);
const VARIANTS: &str = concat!(
    "SELECT ",
    VARIANT!(),
    ", s.on_hand, s.reserved FROM variants v ",
    "JOIN products p ON p.store_id = v.store_id AND p.product_id = v.product_id ",
    "LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id ",
    "WHERE v.store_id = $1 AND v.variant_id = ANY($2)"
);
const SKU: &str = "SELECT v.variant_id, v.sku, s.on_hand, s.reserved FROM variants v \
     LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id WHERE v.store_id = $1 AND v.sku = $2";
const RENAMED_PRODUCT: &str = "SELECT p.handle, p.active FROM old_handles o JOIN products p ON p.store_id = o.store_id AND \
     p.product_id = o.product_id WHERE o.store_id = $1 AND o.handle = $2 AND p.state <> 'deleted'";
const HANDLE_OF_PRODUCT: &str = "SELECT handle FROM products WHERE store_id = $1 AND product_id = $2";
const PRODUCT_BY_HANDLE: &str =
    concat!("SELECT ", PRODUCT!(), " FROM products p WHERE p.store_id = $1 AND p.handle = $2");
/// Walks a variant's ledger back from the entry before `$3`, or from its newest where that one is none of its entries.
const LEDGER: &str = concat!(
    "WITH RECURSIVE chain AS (SELECT m.* FROM stock_movements m WHERE m.store_id = $1 AND m.sequence = coalesce( ",
    "(SELECT previous FROM stock_movements WHERE store_id = $1 AND sequence = $3 AND variant_id = $2), ",
    "(SELECT last_movement FROM stock WHERE store_id = $1 AND variant_id = $2)) UNION ALL ",
    "SELECT m.* FROM chain c JOIN stock_movements m ON m.store_id = $1 AND m.sequence = c.previous) ",
    "SELECT ",
    MOVEMENT!(),
    " FROM chain LIMIT $4"
);
const DUE_PAYMENTS: &str =
    "SELECT order_id FROM payments WHERE store_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3";
const EXPIRED_CARTS: &str = "SELECT cart_id FROM carts WHERE store_id = $1 AND expires_at <= $2 \
     AND status IN ('active', 'abandoned') ORDER BY expires_at LIMIT $3";
const LEASE: &str = "INSERT INTO leases AS l (store_id, job, holder, until) VALUES ($1, $2, $3, $5) \
     ON CONFLICT (store_id, job) DO UPDATE SET holder = excluded.holder, until = excluded.until \
     WHERE l.until < $4 OR l.holder = excluded.holder RETURNING l.holder";
/// Placed orders of a period, one range of the index.
const ORDERS_BETWEEN: &str = "SELECT order_id FROM orders WHERE store_id = $1 AND order_id > $2 AND order_id < $3 \
     AND status = 'placed' ORDER BY order_id LIMIT $4";
const OPEN_CARTS: &str = concat!(
    "SELECT ",
    CART!(),
    " FROM carts WHERE store_id = $1 AND (expires_at, cart_id) > ($2, $3) AND status IN ('active', 'abandoned') ",
    "ORDER BY expires_at, cart_id LIMIT $4"
);
const CUSTOMERS_NAMED: &str =
    concat!("SELECT ", CUSTOMER!(), " FROM customers WHERE store_id = $1 AND customer = ANY($2)");
const FIRST_ORDERS: &str = "SELECT w.buyer, f.order_id FROM unnest($2::text[]) w(buyer) CROSS JOIN LATERAL ( \
     SELECT o.order_id FROM orders o WHERE o.store_id = $1 AND o.buyer = w.buyer \
     AND o.status IN ('pending_payment', 'placed') ORDER BY o.order_id LIMIT 1) f";
/// The one query that does not know its store: the key tells it.
const API_KEY: &str =
    "SELECT name, store_id, role, scopes, expires_at, used_at FROM api_keys WHERE hash = $1 AND revoked_at IS NULL";

/// The reader.
pub struct PostgresReader {
    pool: Pool,
    limit: Duration,
}

/// How long a read is made again whose connections are cut.
const CUT_LIMIT: Duration = Duration::from_secs(1);

/// A read whose connection was cut is made again: all of the pool may have been, and each is found out only by its next user.
struct Tries {
    begun: Instant,
    left: usize,
}

impl Tries {
    fn go_on(&mut self, fault: &Fault) -> bool {
        let cut = fault.lost_connection() && !matches!(fault, Fault::NoAnswer);
        self.left = self.left.saturating_sub(1);
        cut && self.left > 0 && self.begun.elapsed() < CUT_LIMIT
    }
}

impl PostgresReader {
    pub(super) fn new(pool: Pool, limit: Duration) -> PostgresReader {
        PostgresReader { pool, limit }
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => Fault::Database(error),
            PoolError::Timeout(_) => Fault::NoConnection("no connection to the database became free".to_owned()),
            other => Fault::NoConnection(other.to_string()),
        })
    }

    /// The rows of one query.
    pub(super) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>> {
        let mut tries = self.tries();
        loop {
            match self.rows_once(sql, values).await {
                Err(fault) if tries.go_on(&fault) => {}
                rows => return rows,
            }
        }
    }

    fn tries(&self) -> Tries {
        Tries { begun: Instant::now(), left: self.pool.status().max_size + 1 }
    }

    async fn rows_once(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>> {
        let client = self.client().await?;
        let rows = async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, values).await
        };
        match tokio::time::timeout(self.limit, rows).await {
            Ok(rows) => Ok(rows?),
            Err(_) => {
                // Whoever came next would wait for this one's answer.
                drop(Object::take(client));
                Err(Fault::NoAnswer)
            }
        }
    }

    pub(super) async fn list<T>(&self, sql: &str, values: Values<'_>, read: fn(&Row) -> Result<T>) -> Result<Vec<T>> {
        self.rows(sql, values).await?.iter().map(read).collect()
    }

    pub(super) async fn one<T>(&self, sql: &str, values: Values<'_>, read: fn(&Row) -> Result<T>) -> Result<Option<T>> {
        self.rows(sql, values).await?.first().map(read).transpose()
    }

    /// The rows of several queries, seen in one snapshot: they are sent together and take one round trip.
    async fn snapshot(&self, begin: &str, queries: &[(&str, Values<'_>)]) -> Result<Vec<Vec<Row>>> {
        let mut tries = self.tries();
        loop {
            match self.snapshot_once(begin, queries).await {
                Err(fault) if tries.go_on(&fault) => {}
                rows => return rows,
            }
        }
    }

    async fn snapshot_once(&self, begin: &str, queries: &[(&str, Values<'_>)]) -> Result<Vec<Vec<Row>>> {
        let client = self.client().await?;
        let asked = async {
            let mut prepared = Vec::with_capacity(queries.len());
            for (sql, values) in queries {
                prepared.push((client.prepare_cached(sql).await?, *values));
            }
            // Each is sent when it is first polled, and they are polled first in this order.
            let (begun, rows, ended) = join3(
                client.batch_execute(begin),
                join_all(prepared.iter().map(|(statement, values)| client.query(statement, values))),
                client.batch_execute("COMMIT"),
            )
            .await;
            begun?;
            let rows = rows.into_iter().collect::<std::result::Result<Vec<_>, tokio_postgres::Error>>()?;
            ended.map(|()| rows)
        };
        match tokio::time::timeout(self.limit, asked).await {
            Ok(rows) => Ok(rows?),
            Err(_) => {
                // Whoever came next would wait for this one's answer.
                drop(Object::take(client));
                Err(Fault::NoAnswer)
            }
        }
    }

    /// Orders with their lines and payments, those that exist, by id.
    pub(super) async fn orders_named(&self, store: StoreId, ids: &[Uuid]) -> Result<Vec<Order>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let key: Values<'_> = &[&store.0, &ids];
        let rows = self.snapshot(SNAPSHOT, &[(ORDERS, key), (ORDER_LINES, key)]).await?;
        rows::orders(&rows[0], &rows[1])
    }

    async fn cart_and_goods(&self, store: StoreId, id: CartId) -> Result<Option<CartWithGoods>> {
        let key: Values<'_> = &[&store.0, &id.0];
        let rows =
            self.snapshot(SNAPSHOT, &[(CART_BY_ID, key), (GOODS_OF_CART, key), (STORE_VERSION, &[&store.0])]).await?;
        let Some(cart) = rows[0].first().map(rows::cart).transpose()? else { return Ok(None) };
        let variants = rows[1].iter().map(rows::variant_with_stock).collect::<Result<_>>()?;
        let store_version = rows[2].first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(Some(CartWithGoods { cart, variants, store_version }))
    }

    async fn report_of(&self, store: StoreId, query: &ReportQuery) -> Result<Vec<ReportRow>> {
        let (sql, filters) = report::statement(query);
        let values: Vec<_> =
            query.buckets.iter().map(|bucket| report::values(store, *bucket, query, &filters)).collect();
        let values: Vec<Vec<&(dyn ToSql + Sync)>> =
            values.iter().map(|values| values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()).collect();
        let queries: Vec<(&str, Values<'_>)> = values.iter().map(|values| (sql.as_str(), values.as_slice())).collect();
        let found = self.snapshot(report::BEGIN, &queries).await?;
        let rows = found.iter().enumerate().flat_map(|(bucket, rows)| rows.iter().map(move |row| (bucket, row)));
        rows.map(|(bucket, row)| report::row(row, bucket, query.kind)).collect()
    }

    async fn uses_of_promotions(&self, store: StoreId, codes: usize) -> Result<Vec<PromotionUse>> {
        let mut found = self
            .list(PROMOTION_USES, &[&store.0], |row| {
                Ok(PromotionUse {
                    promotion_id: PromotionId(row.try_get(0)?),
                    codes: Vec::new(),
                    bulk_codes: row.try_get(2)?,
                    uses: row.try_get(1)?,
                })
            })
            .await?;
        let places: HashMap<PromotionId, usize> =
            found.iter().enumerate().map(|(place, promotion)| (promotion.promotion_id, place)).collect();
        for row in self.rows(PROMOTION_CODES, &[&store.0, &count(codes)]).await? {
            if let Some(place) = places.get(&PromotionId(row.try_get(0)?)) {
                found[*place].codes.push(row.try_get(1)?);
            }
        }
        Ok(found)
    }
}

/// As the database counts.
pub(super) fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn id(row: &Row) -> Result<Uuid> {
    Ok(row.try_get(0)?)
}

#[async_trait]
impl Reader for PostgresReader {
    async fn ping(&self) -> Answer<()> {
        self.rows("SELECT 1", &[]).await?;
        Ok(())
    }

    async fn stores(&self) -> Answer<Vec<Store>> {
        Ok(self.list(STORES, &[], rows::store).await?)
    }

    async fn promotions(&self, store: StoreId) -> Answer<Vec<Promotion>> {
        Ok(self.list(PROMOTIONS, &[&store.0], rows::promotion).await?)
    }

    async fn kept_promotions(&self, store: StoreId) -> Answer<Vec<KeptPromotion>> {
        Ok(self.list(KEPT_PROMOTIONS, &[&store.0], rows::kept_promotion).await?)
    }

    async fn price_policies(&self, store: StoreId) -> Answer<Vec<PricePolicy>> {
        Ok(self.list(PRICE_POLICIES, &[&store.0], rows::price_policy).await?)
    }

    async fn promotion_uses(&self, store: StoreId, codes: usize) -> Answer<Vec<PromotionUse>> {
        Ok(self.uses_of_promotions(store, codes).await?)
    }

    async fn coupons(
        &self,
        store: StoreId,
        promotion: PromotionId,
        after: &str,
        limit: usize,
    ) -> Answer<Vec<(String, Coupon)>> {
        Ok(self.list(COUPONS, &[&store.0, &promotion.0, &after, &count(limit)], rows::coupon).await?)
    }

    async fn customer(&self, store: StoreId, id: &str) -> Answer<Option<Customer>> {
        Ok(self.one(CUSTOMER_BY_ID, &[&store.0, &id], rows::customer).await?.map(|(_, customer)| customer))
    }

    async fn customers(&self, store: StoreId, after: &str, limit: usize) -> Answer<Vec<(String, Customer)>> {
        Ok(self.list(CUSTOMERS, &[&store.0, &after, &count(limit)], rows::customer).await?)
    }

    async fn customers_named(&self, store: StoreId, ids: &[String]) -> Answer<Vec<(String, Customer)>> {
        Ok(self.list(CUSTOMERS_NAMED, &[&store.0, &ids], rows::customer).await?)
    }

    async fn first_orders(&self, store: StoreId, buyers: &[String]) -> Answer<Vec<(String, OrderId)>> {
        let read = |row: &Row| Ok((row.try_get(0)?, OrderId(row.try_get(1)?)));
        Ok(self.list(FIRST_ORDERS, &[&store.0, &buyers], read).await?)
    }

    async fn store_version(&self, store: StoreId) -> Answer<i64> {
        let found = self.one(STORE_VERSION, &[&store.0], |row| Ok(row.try_get(0)?)).await?;
        Ok(found.unwrap_or(0))
    }

    async fn cart_with_goods(&self, store: StoreId, id: CartId) -> Answer<Option<CartWithGoods>> {
        Ok(self.cart_and_goods(store, id).await?)
    }

    async fn cart(&self, store: StoreId, id: CartId) -> Answer<Option<Cart>> {
        Ok(self.one(CART_BY_ID, &[&store.0, &id.0], rows::cart).await?)
    }

    async fn variants(&self, store: StoreId, ids: &[VariantId]) -> Answer<Vec<(Variant, Stock)>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        Ok(self.list(VARIANTS, &[&store.0, &ids], rows::variant_with_stock).await?)
    }

    async fn sku(&self, store: StoreId, sku: &str) -> Answer<Option<SkuStock>> {
        let read = |row: &Row| {
            let variant_id = VariantId(row.try_get(0)?);
            Ok(SkuStock { variant_id, sku: row.try_get(1)?, stock: rows::stock(row, 2)? })
        };
        Ok(self.one(SKU, &[&store.0, &sku], read).await?)
    }

    async fn order(&self, store: StoreId, id: OrderId) -> Answer<Option<Order>> {
        Ok(self.orders_named(store, &[id.0]).await?.pop())
    }

    async fn products(&self, store: StoreId, query: &ProductQuery) -> Answer<Vec<ProductListing>> {
        let (sql, values) = products::statement(store, query);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        let rows = self.snapshot(PLANNED_ANEW, &[(&sql, &values)]).await?;
        let found = rows[0].iter().map(products::listing).collect::<Result<_>>()?;
        Ok(products::with_variants(self, store, found).await?)
    }

    async fn renamed_product(&self, store: StoreId, handle: &str) -> Answer<Option<(String, bool)>> {
        let found = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
        Ok(self.list(RENAMED_PRODUCT, &[&store.0, &handle], found).await?.pop())
    }

    async fn handle_of_product(&self, store: StoreId, id: ProductId) -> Answer<Option<String>> {
        Ok(self.list(HANDLE_OF_PRODUCT, &[&store.0, &id.0], |row| Ok(row.try_get(0)?)).await?.pop())
    }

    async fn product(&self, store: StoreId, handle: &str) -> Answer<Option<ProductListing>> {
        let found = self.list(PRODUCT_BY_HANDLE, &[&store.0, &handle], products::listing).await?;
        Ok(products::with_variants(self, store, found).await?.pop())
    }

    async fn orders(&self, store: StoreId, query: &OrderQuery) -> Answer<Vec<Order>> {
        let (sql, values) = orders::statement(store, query);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        let found = self.snapshot(PLANNED_ANEW, &[(&sql, &values)]).await?;
        let ids = found[0].iter().map(id).collect::<Result<Vec<_>>>()?;
        let mut orders = self.orders_named(store, &ids).await?;
        orders.reverse();
        Ok(orders)
    }

    async fn ledger(&self, store: StoreId, id: VariantId, before: i64, limit: usize) -> Answer<Vec<LedgerEntry>> {
        let read = |row: &Row| rows::movement(row).map(|(sequence, movement)| LedgerEntry { sequence, movement });
        Ok(self.list(LEDGER, &[&store.0, &id.0, &before, &count(limit)], read).await?)
    }

    async fn due_payments(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<Order>> {
        let ids = self.list(DUE_PAYMENTS, &[&store.0, &now.0, &count(limit)], id).await?;
        Ok(self.orders_named(store, &ids).await?)
    }

    async fn expired_carts(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<CartId>> {
        Ok(self.list(EXPIRED_CARTS, &[&store.0, &now.0, &count(limit)], |row| id(row).map(CartId)).await?)
    }

    async fn expired_holds(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<CartId>> {
        Ok(self.list(holds::EXPIRED, &[&store.0, &now.0, &count(limit)], |row| id(row).map(CartId)).await?)
    }

    async fn lease(&self, store: StoreId, job: &str, holder: Uuid, now: Timestamp, until: Timestamp) -> Answer<bool> {
        Ok(!self.rows(LEASE, &[&store.0, &job, &holder, &now.0, &until.0]).await?.is_empty())
    }

    async fn placed_orders(&self, store: StoreId, between: (OrderId, OrderId), limit: usize) -> Answer<Vec<Order>> {
        let values: Values<'_> = &[&store.0, &between.0.0, &between.1.0, &count(limit)];
        let ids = self.list(ORDERS_BETWEEN, values, id).await?;
        Ok(self.orders_named(store, &ids).await?)
    }

    async fn open_carts(&self, store: StoreId, after: (Timestamp, CartId), limit: usize) -> Answer<Vec<Cart>> {
        Ok(self.list(OPEN_CARTS, &[&store.0, &after.0.0, &after.1.0, &count(limit)], rows::cart).await?)
    }

    async fn events(&self, store: StoreId, query: &EventQuery) -> Answer<Vec<LoggedEvent>> {
        let (sql, subject) = events::page(query);
        let kinds: Vec<&str> = query.kinds.iter().map(|kind| kind.as_str()).collect();
        let values: Values<'_> = &[&store.0, &query.after, &count(query.limit), &kinds, &subject];
        Ok(self.list(sql, values, events::event).await?)
    }

    async fn newest_event(&self, store: StoreId) -> Answer<i64> {
        Ok(self.one(webhooks::NEWEST_EVENT, &[&store.0], |row| Ok(row.try_get(0)?)).await?.unwrap_or(0))
    }

    async fn webhooks(&self, store: StoreId) -> Answer<Vec<Webhook>> {
        Ok(self.list(webhooks::ALL, &[&store.0], webhooks::webhook).await?)
    }

    async fn deliveries(&self, store: StoreId, query: &DeliveryQuery) -> Answer<Vec<Delivery>> {
        let (sql, sought) = webhooks::question(query);
        let values: Values<'_> = &[&store.0, &query.webhook.0, &*sought, &count(query.limit)];
        Ok(self.list(sql, values, webhooks::delivery).await?)
    }

    async fn due_gateway_events(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<InboxEvent>> {
        Ok(self.list(inbox::DUE, &[&store.0, &now.0, &count(limit)], inbox::event).await?)
    }

    async fn unmatched_payment(
        &self,
        store: StoreId,
        gateway: &str,
        reference: &str,
    ) -> Answer<Option<UnmatchedPayment>> {
        Ok(self.one(unmatched::FIND, &[&store.0, &gateway, &reference], unmatched::payment).await?)
    }

    async fn sink_position(&self, store: StoreId, name: &str) -> Answer<i64> {
        Ok(self.one(webhooks::SINK, &[&store.0, &name], |row| Ok(row.try_get(0)?)).await?.unwrap_or(0))
    }

    async fn report(&self, store: StoreId, query: &ReportQuery) -> Answer<Vec<ReportRow>> {
        Ok(self.report_of(store, query).await?)
    }

    async fn api_key(&self, hash: [u8; 32]) -> Answer<Option<ApiKey>> {
        let read = |row: &Row| {
            let store: i64 = row.try_get(1)?;
            Ok(ApiKey {
                name: row.try_get(0)?,
                store: (store != 0).then_some(StoreId(store)),
                role: rows::named(row, 2, &Role::ALL, Role::as_str)?,
                scopes: rows::from_json(row, 3)?,
                expires_at: row.try_get::<_, Option<i64>>(4)?.map(Timestamp),
                used_at: row.try_get::<_, Option<i64>>(5)?.map(Timestamp),
            })
        };
        Ok(self.one(API_KEY, &[&&hash[..]], read).await?)
    }

    async fn audit(&self, store: StoreId, visit: &mut (dyn FnMut(AuditRow) + Send)) -> Answer<()> {
        // Out of the pool for good: it ends with its transaction, however the audit ends.
        let client = Object::take(self.client().await?);
        Ok(audit::audit(&client, store, visit).await?)
    }
}

#[async_trait]
impl PeopleReader for PostgresReader {
    async fn account(&self, store: StoreId, id: AccountId) -> Answer<Option<Account>> {
        Ok(self.one(people::ACCOUNT_BY_ID, &[&store.0, &id.0], people::account).await?)
    }

    async fn account_by_email(&self, store: StoreId, email: &str) -> Answer<Option<Account>> {
        Ok(self.one(people::ACCOUNT_BY_EMAIL, &[&store.0, &email], people::account).await?)
    }

    async fn session(&self, store: StoreId, hash: SecretHash) -> Answer<Option<(Session, Account)>> {
        Ok(self.one(people::SESSION_WITH_ACCOUNT, &[&store.0, &&hash[..]], people::session_with_account).await?)
    }

    async fn sessions(
        &self,
        store: StoreId,
        id: AccountId,
        now: Timestamp,
        limit: usize,
    ) -> Answer<Vec<(SecretHash, Session)>> {
        let values: Values<'_> = &[&store.0, &id.0, &now.0, &count(limit)];
        Ok(self.list(people::SESSIONS_OF, values, people::session).await?)
    }

    async fn mailed_token(&self, store: StoreId, hash: SecretHash) -> Answer<Option<MailedToken>> {
        Ok(self.one(people::TOKEN_BY_HASH, &[&store.0, &&hash[..]], people::token).await?)
    }

    async fn operators(&self, store: StoreId, limit: usize) -> Answer<Vec<Account>> {
        Ok(self.list(people::OPERATORS, &[&store.0, &count(limit)], people::account).await?)
    }

    async fn store_keys(&self, store: StoreId, limit: usize) -> Answer<Vec<(SecretHash, StoreKey)>> {
        Ok(self.list(people::STORE_KEYS, &[&store.0, &count(limit)], people::store_key).await?)
    }

    async fn due_mails(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<MailId>> {
        let values: Values<'_> = &[&store.0, &now.0, &count(limit)];
        Ok(self.list(people::DUE_MAILS, values, |row| Ok(MailId(id(row)?))).await?)
    }

    async fn replan(&self, store: StoreId, limit: usize) -> Answer<Option<Replan>> {
        let Some(after) = self.list(people::REPLAN, &[&store.0], people::visited).await?.pop() else { return Ok(None) };
        let values: Values<'_> = &[&store.0, &after.expires_at.0, &after.cart_id.0, &count(limit)];
        Ok(Some(Replan { after, next: self.list(people::REPLANNED, values, people::visited).await? }))
    }

    async fn due_recoveries(&self, store: StoreId, now: Timestamp, limit: usize) -> Answer<Vec<CartId>> {
        let values: Values<'_> = &[&store.0, &now.0, &count(limit)];
        Ok(self.list(people::DUE_RECOVERIES, values, |row| id(row).map(CartId)).await?)
    }

    async fn mail_templates(&self, store: StoreId, kind: MailKind) -> Answer<Vec<MailTemplate>> {
        Ok(self.list(people::MAIL_TEMPLATES, &[&store.0, &kind.as_str()], people::mail_template).await?)
    }

    async fn mail_template_names(&self, store: StoreId) -> Answer<Vec<TemplateName>> {
        Ok(self.list(people::MAIL_TEMPLATE_NAMES, &[&store.0], people::mail_template_name).await?)
    }

    async fn link_secret(&self, store: StoreId) -> Answer<Option<String>> {
        Ok(self.list(people::LINK_SECRET, &[&store.0], |row| Ok(row.try_get(0)?)).await?.pop())
    }

    async fn audit_log(&self, store: StoreId, before: AuditId, limit: usize) -> Answer<Vec<AuditEntry>> {
        let values: Values<'_> = &[&store.0, &before.0, &count(limit)];
        Ok(self.list(people::AUDIT_LOG, values, people::audit_entry).await?)
    }
}
