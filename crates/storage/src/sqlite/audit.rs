//! What the checker looks at, from one snapshot.

use super::{load, rows};
use cartwright_domain::cart::Hold;
use cartwright_domain::demand::Demand;
use cartwright_domain::id::{CartId, OrderId, PromotionId, StoreId, Timestamp, VariantId};
use cartwright_engine::AuditRow;
use rusqlite::{Connection, Result, Row, params};

/// Orders loaded at a time.
const PAGE: i64 = 500;

type Visit<'a> = &'a mut (dyn FnMut(AuditRow) + Send);

/// Shows all rows that the checker looks at. Runs in one read transaction.
pub fn audit(connection: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    let snapshot = connection.unchecked_transaction()?;
    each(&snapshot, "SELECT on_hand, reserved, variant_id FROM stock WHERE store_id = ?1", store, visit, |row| {
        Ok(AuditRow::Stock(VariantId(rows::uuid(row, 2)?), rows::stock(row, 0)?))
    })?;
    let sql = format!("SELECT {} FROM stock_movements WHERE store_id = ?1 ORDER BY sequence", rows::MOVEMENT);
    each(&snapshot, &sql, store, visit, |row| Ok(AuditRow::Movement(rows::movement(row)?.1)))?;
    orders(&snapshot, store, visit)?;
    let sql = "SELECT cart_id, order_id FROM carts WHERE store_id = ?1 AND status = 'checked_out'";
    each(&snapshot, sql, store, visit, |row| {
        let order: Option<[u8; 16]> = row.get(1)?;
        let order = order.map(|bytes| OrderId(uuid::Uuid::from_bytes(bytes)));
        Ok(AuditRow::CheckedOutCart(CartId(rows::uuid(row, 0)?), order))
    })?;
    held(&snapshot, store, visit)?;
    uses(&snapshot, store, visit)?;
    names(&snapshot, store, visit)?;
    demand(&snapshot, store, visit)
}

/// Where the store shows it; carts that the count has not come to yet are not in it.
fn demand(snapshot: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    let sql = "SELECT c.cart_id, c.lines FROM demand_counts p CROSS JOIN carts c ON c.store_id = ?1 \
               AND c.cart_id <= p.counted_to WHERE p.store_id = ?1 AND c.status = 'active'";
    each(snapshot, sql, store, visit, |row| {
        Ok(AuditRow::CountedCart(CartId(rows::uuid(row, 0)?), rows::from_json(row, 1)?))
    })?;
    let sql = "SELECT d.variant_id, d.carts, d.units FROM demand_counts p CROSS JOIN cart_demand d ON d.store_id = ?1 \
               WHERE p.store_id = ?1";
    each(snapshot, sql, store, visit, |row| {
        let demand = Demand { carts: row.get(1)?, units: row.get(2)? };
        Ok(AuditRow::Demand(VariantId(rows::uuid(row, 0)?), demand))
    })
}

/// What is held, as it is found by variant and time, and as the carts say.
fn held(snapshot: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    each(snapshot, "SELECT cart_id, variant_id, units, until FROM holds WHERE store_id = ?1", store, visit, |row| {
        let variant_id = VariantId(rows::uuid(row, 1)?);
        let hold = Hold { variant_id, units: row.get(2)?, until: Timestamp(row.get(3)?) };
        Ok(AuditRow::Hold(CartId(rows::uuid(row, 0)?), hold))
    })?;
    let sql = format!(
        "SELECT {} FROM carts WHERE store_id = ?1 AND cart_id IN (SELECT cart_id FROM holds WHERE store_id = ?1)",
        rows::CART
    );
    each(snapshot, &sql, store, visit, |row| Ok(AuditRow::HoldingCart(Box::new(rows::cart(row)?))))
}

fn uses(snapshot: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    each(snapshot, "SELECT promotion_id, uses FROM promotion_uses WHERE store_id = ?1", store, visit, |row| {
        Ok(AuditRow::Uses(PromotionId(rows::uuid(row, 0)?), row.get(1)?))
    })?;
    let sql = "SELECT promotion_id, customer, uses FROM customer_uses WHERE store_id = ?1 AND customer <> ''";
    each(snapshot, sql, store, visit, |row| {
        Ok(AuditRow::CustomerUses(PromotionId(rows::uuid(row, 0)?), row.get(1)?, row.get(2)?))
    })?;
    let sql = "SELECT promotion_id, order_id, customer, code FROM redemptions WHERE store_id = ?1 AND live = 1";
    each(snapshot, sql, store, visit, |row| {
        Ok(AuditRow::Redemption(
            PromotionId(rows::uuid(row, 0)?),
            OrderId(rows::uuid(row, 1)?),
            row.get(2)?,
            row.get(3)?,
        ))
    })?;
    let sql = format!("SELECT {} FROM coupons c WHERE c.store_id = ?1 AND c.max_uses IS NOT NULL", rows::COUPON);
    each(snapshot, &sql, store, visit, |row| rows::coupon(row).map(|(code, coupon)| AuditRow::Coupon(code, coupon)))
}

/// Names that belong to whoever has an address.
fn names(snapshot: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    let sql =
        "SELECT customer, email, coalesce(email_since, 0) FROM customers WHERE store_id = ?1 AND email IS NOT NULL";
    each(snapshot, sql, store, visit, |row| {
        Ok(AuditRow::Name { name: row.get(0)?, address: row.get(1)?, since: Timestamp(row.get(2)?) })
    })?;
    let sql = "SELECT account_id, email, verified_at FROM accounts WHERE store_id = ?1 AND verified_at IS NOT NULL";
    each(snapshot, sql, store, visit, |row| {
        let name = rows::uuid(row, 0)?.to_string();
        Ok(AuditRow::Name { name, address: row.get(1)?, since: Timestamp(row.get(2)?) })
    })
}

fn each(
    snapshot: &Connection,
    sql: &str,
    store: StoreId,
    visit: Visit<'_>,
    read: fn(&Row<'_>) -> Result<AuditRow>,
) -> Result<()> {
    let mut statement = snapshot.prepare(sql)?;
    let mut found = statement.query(params![store.0])?;
    while let Some(row) = found.next()? {
        visit(read(row)?);
    }
    Ok(())
}

fn orders(snapshot: &Connection, store: StoreId, visit: Visit<'_>) -> Result<()> {
    let sql = "SELECT order_id FROM orders WHERE store_id = ?1 AND order_id > ?2 ORDER BY order_id LIMIT ?3";
    let mut after: Vec<u8> = Vec::new();
    loop {
        let mut statement = snapshot.prepare_cached(sql)?;
        let ids: Vec<OrderId> = statement
            .query_map(params![store.0, after, PAGE], |row| Ok(OrderId(rows::uuid(row, 0)?)))?
            .collect::<Result<_>>()?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = last.0.as_bytes().to_vec();
        for order in load::orders(snapshot, store, ids.into_iter())? {
            visit(AuditRow::Order(Box::new(order)));
        }
    }
}
