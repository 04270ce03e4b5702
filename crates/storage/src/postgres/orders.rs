//! Lists of orders: only the conditions that are asked for, values always bound. The newest come first, walked down an index
//! that has the ids in order: that of the buyer, of rare payments, of rare states, of fulfilment, or that of all orders.

use super::read::count;
use super::session::{Value, value};
use cartwright_domain::id::StoreId;
use cartwright_engine::OrderQuery;

/// An order is of the buyer with this e-mail address if it is a guest's, otherwise of a customer who has it.
fn of_email(email: &str) -> String {
    format!(
        " AND o.order_id = ANY(ARRAY(SELECT order_id FROM orders WHERE store_id = $1 AND buyer = {email} AND customer IS NULL \
         UNION ALL SELECT order_id FROM orders WHERE store_id = $1 AND customer IS NOT NULL \
         AND lower(trim(detail ->> 'email') COLLATE \"C\") = {email}))"
    )
}

/// The statement for the ids of a page of orders, and its values.
pub fn statement(store: StoreId, query: &OrderQuery) -> (String, Vec<Value<'_>>) {
    let mut values: Vec<Value<'_>> = vec![value(store.0)];
    let mut bind = |bound: Value<'static>| {
        values.push(bound);
        format!("${}", values.len())
    };
    let mut conditions = String::new();
    let named = query.customer.is_some() || query.email.is_some();
    // Whose ids are walked: those of the payments where these are rare.
    let at = if query.payment.is_some_and(|payment| payment != "captured") && !named { "p" } else { "o" };
    let from = match query.payment {
        None => "orders o",
        Some(_) => "orders o JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id",
    };
    if let Some(payment) = query.payment {
        let rare = if at == "p" { " AND p.status <> 'captured'" } else { "" };
        conditions.push_str(&format!(" AND p.store_id = $1 AND p.status = {}{rare}", bind(value(payment))));
    }
    if let Some(customer) = &query.customer {
        let name = bind(value(customer.clone()));
        conditions.push_str(&format!(" AND o.buyer = {name} AND o.customer = {name}"));
    }
    if let Some(email) = &query.email {
        conditions.push_str(&of_email(&bind(value(email.clone()))));
    }
    if let Some(fulfilment) = query.fulfilment {
        conditions.push_str(&format!(" AND o.fulfilment = {}", bind(value(fulfilment))));
    }
    match query.status {
        // Nearly all orders are placed: found quickly by walking down the ids.
        Some("placed") => conditions.push_str(" AND o.status = 'placed'"),
        Some(status) => {
            conditions.push_str(&format!(" AND o.status = {} AND o.status <> 'placed'", bind(value(status))))
        }
        None => {}
    }
    if let Some(before) = query.before {
        conditions.push_str(&format!(" AND {at}.order_id < {}", bind(value(before.0))));
    }
    if let Some(from) = query.from {
        conditions.push_str(&format!(" AND {at}.order_id >= {}", bind(value(from.0))));
    }
    let limit = bind(value(count(query.limit)));
    let sql = format!(
        "SELECT {at}.order_id FROM {from} WHERE o.store_id = $1{conditions} ORDER BY {at}.order_id DESC LIMIT {limit}"
    );
    (sql, values)
}
