//! What the checker looks at, from one snapshot, row by row: nothing is held in memory but a page of orders.

use super::load::{ORDER_LINES, ORDERS};
use super::rows::{self, CART, COUPON, MOVEMENT, Result};
use cartwright_domain::cart::Hold;
use cartwright_domain::id::{CartId, OrderId, PromotionId, StoreId, Timestamp, VariantId};
use cartwright_engine::AuditRow;
use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// Orders loaded at a time.
const PAGE: i64 = 500;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";
const STOCK: &str = "SELECT on_hand, reserved, variant_id FROM stock WHERE store_id = $1";
const MOVEMENTS: &str = concat!("SELECT ", MOVEMENT!(), " FROM stock_movements WHERE store_id = $1 ORDER BY sequence");
const ORDER_PAGE: &str = "SELECT order_id FROM orders WHERE store_id = $1 AND order_id > $2 ORDER BY order_id LIMIT $3";
const CARTS: &str = "SELECT cart_id, order_id FROM carts WHERE store_id = $1 AND status = 'checked_out'";
const HOLDS: &str = "SELECT cart_id, variant_id, units, until FROM holds WHERE store_id = $1";
const HOLDING_CARTS: &str = concat!(
    "SELECT ",
    CART!(),
    " FROM carts WHERE store_id = $1 AND cart_id IN (SELECT cart_id FROM holds WHERE store_id = $1)"
);
const USES: &str = "SELECT promotion_id, uses FROM promotion_uses WHERE store_id = $1";
const CUSTOMER_USES: &str =
    "SELECT promotion_id, customer, uses FROM customer_uses WHERE store_id = $1 AND customer <> ''";
const REDEMPTIONS: &str = "SELECT promotion_id, order_id, customer, code FROM redemptions WHERE store_id = $1 AND live";
const COUPONS: &str = concat!("SELECT ", COUPON!(), " FROM coupons c WHERE c.store_id = $1 AND c.max_uses IS NOT NULL");
/// Names that belong to whoever has an address.
const LINKED: &str =
    "SELECT customer, email, coalesce(email_since, 0) FROM customers WHERE store_id = $1 AND email IS NOT NULL";
const ACCOUNTS: &str =
    "SELECT account_id, email, verified_at FROM accounts WHERE store_id = $1 AND verified_at IS NOT NULL";

/// Where the store shows it; carts that the count has not come to yet are not in it.
const COUNTED_CARTS: &str = "SELECT c.cart_id, c.lines FROM demand_counts p JOIN carts c ON c.store_id = $1 \
     AND c.cart_id <= p.counted_to WHERE p.store_id = $1 AND c.status = 'active'";
const DEMAND: &str = "SELECT d.variant_id, d.carts, d.units FROM demand_counts p JOIN cart_demand d ON d.store_id = $1 \
     WHERE p.store_id = $1";

type Visit<'a> = &'a mut (dyn FnMut(AuditRow) + Send);

/// Shows all rows that the checker looks at. The transaction ends with the connection.
pub async fn audit(client: &Client, store: StoreId, visit: Visit<'_>) -> Result<()> {
    client.batch_execute(BEGIN).await?;
    each(client, STOCK, store, visit, |row| Ok(AuditRow::Stock(VariantId(row.try_get(2)?), rows::stock(row, 0)?)))
        .await?;
    each(client, MOVEMENTS, store, visit, |row| Ok(AuditRow::Movement(rows::movement(row)?.1))).await?;
    orders(client, store, visit).await?;
    each(client, CARTS, store, visit, |row| {
        Ok(AuditRow::CheckedOutCart(CartId(row.try_get(0)?), row.try_get::<_, Option<_>>(1)?.map(OrderId)))
    })
    .await?;
    each(client, HOLDS, store, visit, |row| {
        let variant_id = VariantId(row.try_get(1)?);
        let hold = Hold { variant_id, units: row.try_get(2)?, until: Timestamp(row.try_get(3)?) };
        Ok(AuditRow::Hold(CartId(row.try_get(0)?), hold))
    })
    .await?;
    each(client, HOLDING_CARTS, store, visit, |row| Ok(AuditRow::HoldingCart(Box::new(rows::cart(row)?)))).await?;
    each(client, USES, store, visit, |row| Ok(AuditRow::Uses(PromotionId(row.try_get(0)?), row.try_get(1)?))).await?;
    each(client, CUSTOMER_USES, store, visit, |row| {
        Ok(AuditRow::CustomerUses(PromotionId(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?))
    })
    .await?;
    each(client, REDEMPTIONS, store, visit, |row| {
        let (promotion, order) = (PromotionId(row.try_get(0)?), OrderId(row.try_get(1)?));
        Ok(AuditRow::Redemption(promotion, order, row.try_get(2)?, row.try_get(3)?))
    })
    .await?;
    each(client, COUPONS, store, visit, |row| rows::coupon(row).map(|(code, coupon)| AuditRow::Coupon(code, coupon)))
        .await?;
    each(client, LINKED, store, visit, |row| {
        Ok(AuditRow::Name { name: row.try_get(0)?, address: row.try_get(1)?, since: Timestamp(row.try_get(2)?) })
    })
    .await?;
    each(client, ACCOUNTS, store, visit, |row| {
        let name = row.try_get::<_, Uuid>(0)?.to_string();
        Ok(AuditRow::Name { name, address: row.try_get(1)?, since: Timestamp(row.try_get(2)?) })
    })
    .await?;
    each(client, COUNTED_CARTS, store, visit, |row| {
        Ok(AuditRow::CountedCart(CartId(row.try_get(0)?), rows::from_json(row, 1)?))
    })
    .await?;
    each(client, DEMAND, store, visit, |row| {
        super::demand::demand(row).map(|(id, demand)| AuditRow::Demand(id, demand))
    })
    .await
}

async fn each(
    client: &Client,
    sql: &str,
    store: StoreId,
    visit: Visit<'_>,
    read: fn(&Row) -> Result<AuditRow>,
) -> Result<()> {
    let found = client.query_raw(sql, [store.0]).await?;
    pin_mut!(found);
    while let Some(row) = found.try_next().await? {
        visit(read(&row)?);
    }
    Ok(())
}

async fn orders(client: &Client, store: StoreId, visit: Visit<'_>) -> Result<()> {
    let page = client.prepare(ORDER_PAGE).await?;
    let (orders, lines) = (client.prepare(ORDERS).await?, client.prepare(ORDER_LINES).await?);
    let mut after = Uuid::nil();
    loop {
        let found = client.query(&page, &[&store.0, &after, &PAGE]).await?;
        let ids: Vec<Uuid> = found.iter().map(|row| row.try_get(0)).collect::<std::result::Result<_, _>>()?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        let orders = client.query(&orders, &[&store.0, &ids]).await?;
        let lines = client.query(&lines, &[&store.0, &ids]).await?;
        for order in rows::orders(&orders, &lines)? {
            visit(AuditRow::Order(Box::new(order)));
        }
    }
}
