//! Lists of orders: only the conditions that are asked for, values always bound. The newest come first, walked down an index
//! that has the ids in order: that of the buyer, of rare payments, of rare states, of fulfilment, or that of all orders.

use super::rows;
use cartwright_domain::id::{OrderId, StoreId};
use cartwright_engine::OrderQuery;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, ToSql};

/// The ids of a page of orders.
pub fn ids(connection: &Connection, store: StoreId, query: &OrderQuery) -> Result<Vec<OrderId>> {
    let (sql, values) = statement(store, query);
    let bound: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(&bound[..], |row| Ok(OrderId(rows::uuid(row, 0)?)))?.collect()
}

/// Whether an index lists the payments in this state.
fn is_rare(payment: &str) -> bool {
    payment != "captured"
}

fn statement(store: StoreId, query: &OrderQuery) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![Value::Integer(store.0)];
    let mut bind = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let text = |value: &str| Value::Text(value.to_owned());
    let blob = |id: OrderId| Value::Blob(id.0.as_bytes().to_vec());
    let mut conditions = Vec::new();
    let named = query.customer.is_some() || query.email.is_some();
    // CROSS JOIN keeps this order: what is rare is walked, the other looked up.
    let (from, at) = match query.payment {
        None => ("orders o", "o"),
        Some(payment) if is_rare(payment) && !named => {
            conditions
                .push("p.status <> 'captured' AND o.store_id = p.store_id AND o.order_id = p.order_id".to_owned());
            ("payments p CROSS JOIN orders o", "p")
        }
        Some(_) => {
            conditions.push("p.store_id = o.store_id AND p.order_id = o.order_id".to_owned());
            ("orders o CROSS JOIN payments p", "o")
        }
    };
    if let Some(payment) = query.payment {
        conditions.push(format!("p.status = {}", bind(text(payment))));
    }
    if let Some(customer) = &query.customer {
        let name = bind(text(customer));
        conditions.push(format!("o.buyer = {name} AND o.customer = {name}"));
    }
    if let Some(email) = &query.email {
        let email = bind(text(email));
        conditions.push(format!(
            "o.order_id IN (SELECT order_id FROM orders WHERE store_id = ?1 AND buyer = {email} AND customer IS NULL \
             UNION ALL SELECT order_id FROM orders WHERE store_id = ?1 AND customer IS NOT NULL \
             AND lower(trim(json_extract(detail, '$.email'))) = {email})"
        ));
    }
    if let Some(fulfilment) = query.fulfilment {
        conditions.push(format!("o.fulfilment = {}", bind(text(fulfilment))));
    }
    match query.status {
        // Nearly all orders are placed: found quickly by walking down the ids.
        Some("placed") => conditions.push("o.status = 'placed'".to_owned()),
        Some(status) => conditions.push(format!("o.status = {} AND o.status <> 'placed'", bind(text(status)))),
        None => {}
    }
    if let Some(before) = query.before {
        conditions.push(format!("{at}.order_id < {}", bind(blob(before))));
    }
    if let Some(from) = query.from {
        conditions.push(format!("{at}.order_id >= {}", bind(blob(from))));
    }
    let limit = bind(Value::Integer(query.limit as i64));
    let conditions: String = conditions.iter().map(|condition| format!(" AND {condition}")).collect();
    let sql = format!(
        "SELECT {at}.order_id FROM {from} WHERE {at}.store_id = ?1{conditions} ORDER BY {at}.order_id DESC LIMIT {limit}"
    );
    (sql, values)
}
