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
use cartwright_domain::order::PaymentStatus;
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{Left, SizedCart, StorageError, TraceReader};
use rusqlite::{Connection, Result, Row, params};
use uuid::Uuid;

type Answer<T> = std::result::Result<T, StorageError>;

/// About how many bytes a cart has.
const BYTES: &str = "octet_length(c.lines) + octet_length(c.detail)";
/// No order of the cart waits for its payment: it might give the cart back.
const IDLE: &str = "NOT EXISTS (SELECT 1 FROM orders o WHERE o.store_id = ?1 AND o.order_id = c.order_id \
                    AND o.status = 'pending_payment')";

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
        let (id, names) = (erasure.id.0.as_bytes(), rows::json(&erasure.names)?);
        // Who is asked for again goes with all that was done until now.
        let sql = "DELETE FROM erasures WHERE store_id = ?1 AND names = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, names])?;
        let sql = "INSERT INTO erasures (store_id, erasure_id, names, begun_at) VALUES (?1, ?2, ?3, ?4)";
        connection.prepare_cached(sql)?.execute(params![store.0, id, names, erasure.begun_at.0])?;
        wipe(connection, store, &erasure.names, Timestamp(i64::MAX))?;
        let sql = "DELETE FROM mailboxes WHERE store_id = ?1 AND address IN rarray(?2)";
        connection.prepare_cached(sql)?.execute(params![store.0, rows::texts(&erasure.names.emails)])?;
        let sql = "DELETE FROM unpaid_units WHERE store_id = ?1 AND holder IN rarray(?2)";
        connection.prepare_cached(sql)?.execute(params![store.0, rows::texts(&erasure.names.holders())])?;
    }
    for erasure in &set.people.erasures_ended {
        wipe(connection, store, &erasure.names, erasure.begun_at)?;
        let sql = "DELETE FROM erasures WHERE store_id = ?1 AND erasure_id = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, erasure.id.0.as_bytes()])?;
    }
    Ok(())
}

/// What nobody needs once the person goes: what opens the account; mails and wishes about mails from before an instant.
fn wipe(connection: &Connection, store: StoreId, names: &ErasedNames, before: Timestamp) -> Result<()> {
    if let Some(account) = names.account {
        for sql in [
            "DELETE FROM sessions WHERE store_id = ?1 AND account_id = ?2",
            "DELETE FROM mailed_tokens WHERE store_id = ?1 AND account_id = ?2",
        ] {
            connection.prepare_cached(sql)?.execute(params![store.0, account.0.as_bytes()])?;
        }
    }
    for sql in [
        "DELETE FROM mails WHERE store_id = ?1 AND lower(recipient) IN rarray(?2) AND created_at < ?3",
        "DELETE FROM unsubscribed WHERE store_id = ?1 AND email IN rarray(?2) AND at < ?3",
    ] {
        connection.prepare_cached(sql)?.execute(params![store.0, rows::texts(&names.emails), before.0])?;
    }
    Ok(())
}

fn cart(row: &Row<'_>) -> Result<SizedCart> {
    let bytes: i64 = row.get(1)?;
    Ok(SizedCart { id: CartId(rows::uuid(row, 0)?), bytes: usize::try_from(bytes).unwrap_or(usize::MAX) })
}

fn order_id(row: &Row<'_>) -> Result<OrderId> {
    Ok(OrderId(rows::uuid(row, 0)?))
}

/// The carts of these customers, and of guests with these addresses, of which this holds: a page, in the order of their ids.
fn carts(
    connection: &Connection,
    store: StoreId,
    names: &ErasedNames,
    condition: &str,
    end: Uuid,
    limit: usize,
) -> Result<Vec<SizedCart>> {
    let mut found = Vec::new();
    for (column, wanted, guests) in
        [("customer", &names.customers, ""), ("email", &names.emails, "AND c.customer IS NULL")]
    {
        let sql = format!(
            "SELECT c.cart_id, {BYTES} FROM rarray(?2) w CROSS JOIN carts c ON c.store_id = ?1 AND c.{column} = w.value \
             AND {condition} {guests} ORDER BY c.cart_id LIMIT ?4"
        );
        let values = params![store.0, rows::texts(wanted), end.as_bytes(), limit as i64];
        found.extend(list(connection, &sql, values, cart)?);
    }
    found.sort_unstable();
    found.truncate(limit);
    Ok(found)
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
    async fn carts_of(
        &self,
        store: StoreId,
        names: &ErasedNames,
        after: CartId,
        limit: usize,
    ) -> Answer<Vec<SizedCart>> {
        self.with(|connection| carts(connection, store, names, "c.cart_id > ?3", after.0, limit))
    }

    async fn left_of(&self, store: StoreId, erasure: &Erasure, limit: usize) -> Answer<Left> {
        let (names, end) = (&erasure.names, erasure.first_id_after());
        let idle = format!("c.cart_id < ?3 AND {IDLE}");
        let buyers = rows::texts(&names.buyers());
        let orders =
            "FROM rarray(?2) w CROSS JOIN orders o ON o.store_id = ?1 AND o.buyer = w.value AND o.order_id < ?3";
        let forgettable = format!("SELECT o.order_id {orders} WHERE o.forgettable = 1 LIMIT ?4");
        let open = format!(
            "SELECT o.order_id {orders} JOIN payments p ON p.store_id = ?1 AND p.order_id = o.order_id \
             WHERE o.status = 'pending_payment' OR p.status IN rarray(?4) LIMIT 1"
        );
        let under_way: Vec<String> = PaymentStatus::open().map(|status| status.as_str().to_owned()).collect();
        self.with(|connection| {
            let idle = carts(connection, store, names, &idle, end, limit)?;
            let values = params![store.0, buyers.clone(), end.as_bytes(), limit as i64];
            let orders = list(connection, &forgettable, values, order_id)?;
            let values = params![store.0, buyers, end.as_bytes(), rows::texts(&under_way)];
            let waits = !list(connection, &open, values, order_id)?.is_empty()
                || !carts(connection, store, names, "c.cart_id < ?3", end, 1)?.is_empty();
            Ok(Left { carts: idle, orders, waits })
        })
    }

    async fn forgettable_carts(
        &self,
        store: StoreId,
        status: CartStatus,
        before: Timestamp,
        limit: usize,
    ) -> Answer<Vec<SizedCart>> {
        let sql = format!(
            "SELECT c.cart_id, {BYTES} FROM carts c WHERE c.store_id = ?1 AND c.status = ?2 AND c.updated_at < ?3 \
             AND c.forgettable = 1 AND {IDLE} ORDER BY c.updated_at LIMIT ?4"
        );
        self.with(|connection| list(connection, &sql, params![store.0, status.as_str(), before.0, limit as i64], cart))
    }

    async fn forgettable_orders(&self, store: StoreId, before: Timestamp, limit: usize) -> Answer<Vec<OrderId>> {
        let sql = "SELECT order_id FROM orders WHERE store_id = ?1 AND updated_at < ?2 AND forgettable = 1 \
                   ORDER BY updated_at LIMIT ?3";
        self.with(|connection| list(connection, sql, params![store.0, before.0, limit as i64], order_id))
    }

    async fn erasures(&self, store: StoreId, after: ErasureId, limit: usize) -> Answer<Vec<Erasure>> {
        let sql = "SELECT erasure_id, names, begun_at FROM erasures WHERE store_id = ?1 AND erasure_id > ?2 \
                   ORDER BY erasure_id LIMIT ?3";
        self.with(|connection| list(connection, sql, params![store.0, after.0.as_bytes(), limit as i64], erasure))
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
