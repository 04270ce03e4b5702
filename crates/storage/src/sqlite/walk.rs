//! Pages for walks over many rows, each page one range of an index: placed orders of a period, open carts.

use super::{load, rows};
use cartwright_domain::cart::Cart;
use cartwright_domain::customer::Customer;
use cartwright_domain::id::{CartId, OrderId, StoreId, Timestamp};
use cartwright_domain::order::Order;
use rusqlite::{Connection, Result, params};

const PLACED_ORDERS: &str = "SELECT order_id FROM orders WHERE store_id = ?1 AND order_id > ?2 AND order_id < ?3 \
     AND status = 'placed' ORDER BY order_id LIMIT ?4";

/// Placed orders between two ids, both left out, the oldest first.
pub fn placed_orders(
    connection: &Connection,
    store: StoreId,
    between: (OrderId, OrderId),
    limit: usize,
) -> Result<Vec<Order>> {
    let mut statement = connection.prepare_cached(PLACED_ORDERS)?;
    let (after, before) = (between.0.0.as_bytes(), between.1.0.as_bytes());
    let ids: Vec<OrderId> = statement
        .query_map(params![store.0, after, before, limit as i64], |row| Ok(OrderId(rows::uuid(row, 0)?)))?
        .collect::<Result<_>>()?;
    load::orders(connection, store, ids.into_iter())
}

fn open_carts_sql() -> String {
    format!(
        "SELECT {} FROM carts WHERE store_id = ?1 AND (expires_at, cart_id) > (?2, ?3) \
         AND status IN ('active', 'abandoned') ORDER BY expires_at, cart_id LIMIT ?4",
        rows::CART
    )
}

/// Open carts that expire after this place, the next to expire first.
pub fn open_carts(
    connection: &Connection,
    store: StoreId,
    after: (Timestamp, CartId),
    limit: usize,
) -> Result<Vec<Cart>> {
    let mut statement = connection.prepare_cached(&open_carts_sql())?;
    let place = params![store.0, after.0.0, after.1.0.as_bytes(), limit as i64];
    statement.query_map(place, rows::cart)?.collect()
}

/// What was told about these customers.
pub fn customers_named(connection: &Connection, store: StoreId, ids: &[String]) -> Result<Vec<(String, Customer)>> {
    let sql = format!(
        "SELECT {} FROM rarray(?2) wanted CROSS JOIN customers ON store_id = ?1 AND customer = wanted.value",
        rows::CUSTOMER
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![store.0, rows::texts(ids)], rows::customer)?.collect()
}

/// The first live order of these buyers.
pub fn first_orders(connection: &Connection, store: StoreId, buyers: &[String]) -> Result<Vec<(String, OrderId)>> {
    let sql = "SELECT o.buyer, min(o.order_id) FROM rarray(?2) wanted CROSS JOIN orders o \
               ON o.store_id = ?1 AND o.buyer = wanted.value \
               WHERE o.status IN ('pending_payment', 'placed') GROUP BY o.buyer";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_map(params![store.0, rows::texts(buyers)], |row| Ok((row.get(0)?, OrderId(rows::uuid(row, 1)?))))?;
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the planner means to run a statement on a database that has only its schema.
    fn plan(sql: &str) -> String {
        let mut connection = Connection::open_in_memory().expect("a database");
        super::super::migrations::migrations::runner().run(&mut connection).expect("the schema");
        connection.execute_batch("ANALYZE sqlite_schema").expect("the statistics are read");
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        let steps = statement.query_map(params![1, vec![0_u8; 16], vec![0_u8; 16], 10], |row| row.get::<_, String>(3));
        steps.expect("a plan").collect::<Result<Vec<_>>>().expect("steps").join("; ")
    }

    #[test]
    fn a_page_is_one_range_of_an_index_and_is_not_sorted() {
        let orders = plan(PLACED_ORDERS);
        assert_eq!(orders, "SEARCH orders USING PRIMARY KEY (store_id=? AND order_id>? AND order_id<?)");
        let carts = plan(&open_carts_sql());
        assert_eq!(carts, "SEARCH carts USING INDEX carts_by_expiry (store_id=? AND (expires_at,cart_id)>(?,?))");
    }
}
