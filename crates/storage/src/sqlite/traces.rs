//! Traces of persons: found by name or by age, forgotten, erased.

use super::events::{COLUMNS, event};
use super::people::{MAIL, mail};
use super::read::{SqliteReader, list};
use super::rows;
use async_trait::async_trait;
use cartwright_domain::cart::CartStatus;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::forget::{ErasedNames, Erasure};
use cartwright_domain::id::{CartId, ErasureId, OrderId, StoreId, Timestamp};
use cartwright_domain::mail::Mail;
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{StorageError, TraceReader};
use rusqlite::{Connection, Result, Row, params};

type Answer<T> = std::result::Result<T, StorageError>;

/// Forgets what stands beside orders that forgot whose they were, and writes who is to go.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for order in &set.forgotten_orders {
        let id = order.id.0.as_bytes();
        for sql in [
            "UPDATE orders SET token_hash = NULL, customer = NULL, buyer = NULL WHERE store_id = ?1 AND order_id = ?2",
            "UPDATE order_lines SET options = '{}' WHERE store_id = ?1 AND order_id = ?2",
            "UPDATE redemptions SET customer = '' WHERE store_id = ?1 AND order_id = ?2 AND live = 0",
        ] {
            connection.prepare_cached(sql)?.execute(params![store.0, id])?;
        }
        for promotion in &order.promotions {
            let sql =
                "DELETE FROM customer_uses WHERE store_id = ?1 AND promotion_id = ?2 AND customer = ?3 AND uses = 0";
            connection.prepare_cached(sql)?.execute(params![store.0, promotion.0.as_bytes(), order.buyer])?;
        }
    }
    for erasure in &set.people.erasures_begun {
        let sql = "INSERT INTO erasures (store_id, erasure_id, names, begun_at) VALUES (?1, ?2, ?3, ?4)";
        let (id, names) = (erasure.id.0.as_bytes(), rows::json(&erasure.names)?);
        connection.prepare_cached(sql)?.execute(params![store.0, id, names, erasure.begun_at.0])?;
        wipe(connection, store, &erasure.names)?;
    }
    for erasure in &set.people.erasures_ended {
        wipe(connection, store, &erasure.names)?;
        let sql = "DELETE FROM erasures WHERE store_id = ?1 AND erasure_id = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, erasure.id.0.as_bytes()])?;
    }
    Ok(())
}

/// What nobody needs once the person goes: what opens the account, mails, wishes about mails.
fn wipe(connection: &Connection, store: StoreId, names: &ErasedNames) -> Result<()> {
    if let Some(account) = names.account {
        for sql in [
            "DELETE FROM sessions WHERE store_id = ?1 AND account_id = ?2",
            "DELETE FROM mailed_tokens WHERE store_id = ?1 AND account_id = ?2",
        ] {
            connection.prepare_cached(sql)?.execute(params![store.0, account.0.as_bytes()])?;
        }
    }
    for sql in [
        "DELETE FROM mails WHERE store_id = ?1 AND lower(recipient) IN rarray(?2)",
        "DELETE FROM unsubscribed WHERE store_id = ?1 AND email IN rarray(?2)",
    ] {
        connection.prepare_cached(sql)?.execute(params![store.0, rows::texts(&names.emails)])?;
    }
    Ok(())
}

fn cart_id(row: &Row<'_>) -> Result<CartId> {
    Ok(CartId(rows::uuid(row, 0)?))
}

fn erasure(row: &Row<'_>) -> Result<Erasure> {
    Ok(Erasure {
        id: ErasureId(rows::uuid(row, 0)?),
        names: rows::from_json(row, 1)?,
        begun_at: Timestamp(row.get(2)?),
    })
}

#[async_trait]
impl TraceReader for SqliteReader {
    async fn carts_of(&self, store: StoreId, names: &ErasedNames, after: CartId, limit: usize) -> Answer<Vec<CartId>> {
        let by_name = |column: &str, guests: &str| {
            format!(
                "SELECT c.cart_id FROM rarray(?2) w CROSS JOIN carts c ON c.store_id = ?1 AND c.{column} = w.value \
                 AND c.cart_id > ?3 {guests} ORDER BY c.cart_id LIMIT ?4"
            )
        };
        let (customers, emails) = (rows::texts(&names.customers), rows::texts(&names.emails));
        let (customer, email) = (by_name("customer", ""), by_name("email", "WHERE c.customer IS NULL"));
        self.with(|connection| {
            let mut found = Vec::new();
            for (sql, wanted) in [(&customer, customers), (&email, emails)] {
                let values = params![store.0, wanted, after.0.as_bytes(), limit as i64];
                found.extend(list(connection, sql, values, cart_id)?);
            }
            found.sort_unstable();
            found.truncate(limit);
            Ok(found)
        })
    }

    async fn forgettable_carts(
        &self,
        store: StoreId,
        status: CartStatus,
        before: Timestamp,
        limit: usize,
    ) -> Answer<Vec<CartId>> {
        let sql = "SELECT c.cart_id FROM carts c WHERE c.store_id = ?1 AND c.status = ?2 AND c.updated_at < ?3 \
                   AND c.forgettable = 1 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.store_id = ?1 \
                   AND o.order_id = c.order_id AND o.status = 'pending_payment') ORDER BY c.updated_at LIMIT ?4";
        self.with(|connection| {
            list(connection, sql, params![store.0, status.as_str(), before.0, limit as i64], cart_id)
        })
    }

    async fn forgettable_orders(&self, store: StoreId, before: Timestamp, limit: usize) -> Answer<Vec<OrderId>> {
        let sql = "SELECT order_id FROM orders WHERE store_id = ?1 AND updated_at < ?2 AND forgettable = 1 \
                   ORDER BY updated_at LIMIT ?3";
        self.with(|connection| {
            list(connection, sql, params![store.0, before.0, limit as i64], |row| Ok(OrderId(rows::uuid(row, 0)?)))
        })
    }

    async fn erasures(&self, store: StoreId, limit: usize) -> Answer<Vec<Erasure>> {
        let sql = "SELECT erasure_id, names, begun_at FROM erasures WHERE store_id = ?1 ORDER BY erasure_id LIMIT ?2";
        self.with(|connection| list(connection, sql, params![store.0, limit as i64], erasure))
    }

    async fn mails_to(&self, store: StoreId, emails: &[String], limit: usize) -> Answer<Vec<Mail>> {
        let sql = format!(
            "SELECT {MAIL} FROM mails WHERE store_id = ?1 AND lower(recipient) IN rarray(?2) ORDER BY mail_id DESC LIMIT ?3"
        );
        self.with(|connection| list(connection, &sql, params![store.0, rows::texts(emails), limit as i64], mail))
    }

    async fn unsubscribed(&self, store: StoreId, emails: &[String]) -> Answer<Vec<(String, Timestamp)>> {
        let sql = "SELECT email, at FROM unsubscribed WHERE store_id = ?1 AND email IN rarray(?2)";
        self.with(|connection| {
            list(connection, sql, params![store.0, rows::texts(emails)], |row| {
                Ok((row.get(0)?, Timestamp(row.get(1)?)))
            })
        })
    }

    async fn cart_events(
        &self,
        store: StoreId,
        carts: &[CartId],
        after: i64,
        limit: usize,
    ) -> Answer<Vec<LoggedEvent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE store_id = ?1 AND cart_id IN rarray(?2) AND sequence > ?3 \
             ORDER BY sequence LIMIT ?4"
        );
        let carts = rows::array(carts.iter().map(|id| id.0));
        self.with(|connection| list(connection, &sql, params![store.0, carts, after, limit as i64], event))
    }
}
