//! Traces of persons: found by name or by age, forgotten, erased.

use super::events;
use super::people;
use super::read::{Answer, PostgresReader, Values, count};
use super::rows::{self, Result};
use super::session::{Pipeline, column, value};
use async_trait::async_trait;
use cartwright_domain::cart::CartStatus;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::forget::{ErasedNames, Erasure};
use cartwright_domain::id::{CartId, ErasureId, OrderId, StoreId, Timestamp};
use cartwright_domain::mail::Mail;
use cartwright_domain::order::PaymentStatus;
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{Left, SizedCart, TraceReader};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

const FORGET_ORDERS: &str =
    "UPDATE orders SET token_hash = NULL, customer = NULL, buyer = NULL WHERE store_id = $1 AND order_id = ANY($2)";
const FORGET_OPTIONS: &str = "UPDATE order_lines SET options = '{}' WHERE store_id = $1 AND order_id = ANY($2)";
const FORGET_REDEMPTIONS: &str =
    "UPDATE redemptions SET customer = '' WHERE store_id = $1 AND order_id = ANY($2) AND NOT live";
const FORGET_USES: &str = "DELETE FROM customer_uses u USING unnest($2::uuid[], $3::text[]) g(promotion_id, customer) \
     WHERE u.store_id = $1 AND u.promotion_id = g.promotion_id AND u.customer = g.customer AND u.uses = 0";
const FORGET_EARLIER: &str = "DELETE FROM erasures WHERE store_id = $1 AND names::text = $2::json::text";
const BEGIN: &str = "INSERT INTO erasures (store_id, erasure_id, names, begun_at) VALUES ($1, $2, $3, $4)";
const END: &str = "DELETE FROM erasures WHERE store_id = $1 AND erasure_id = $2";
const WIPE_SESSIONS: &str = "DELETE FROM sessions WHERE store_id = $1 AND account_id = $2";
const WIPE_TOKENS: &str = "DELETE FROM mailed_tokens WHERE store_id = $1 AND account_id = $2";
const WIPE_MAILS: &str = "DELETE FROM mails WHERE store_id = $1 AND lower(recipient) = ANY($2) AND created_at < $3";
const WIPE_WISHES: &str = "DELETE FROM unsubscribed WHERE store_id = $1 AND email = ANY($2) AND at < $3";
const WIPE_MAILBOXES: &str = "DELETE FROM mailboxes WHERE store_id = $1 AND address = ANY($2)";
const WIPE_UNPAID: &str = "DELETE FROM unpaid_units WHERE store_id = $1 AND holder = ANY($2)";

/// About how many bytes a cart has.
macro_rules! BYTES {
    () => {
        "(octet_length(c.lines::text) + octet_length(c.detail::text))::bigint"
    };
}

/// No order of the cart waits for its payment: it might give the cart back.
macro_rules! IDLE {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.store_id = $1 AND o.order_id = c.order_id \
         AND o.status = 'pending_payment')"
    };
}

/// The carts of customers, and of guests with addresses, of which something holds. Of each name the first ones: together they hold
/// the first of all.
macro_rules! carts {
    ($($condition:tt)+) => {
        concat!(
            "SELECT f.cart_id, f.bytes FROM unnest($2::text[]) w(name) CROSS JOIN LATERAL (SELECT c.cart_id, ",
            BYTES!(),
            " AS bytes FROM carts c WHERE c.store_id = $1 AND c.customer = w.name AND ",
            $($condition)+,
            " ORDER BY c.cart_id LIMIT $5) f UNION ALL SELECT f.cart_id, f.bytes FROM unnest($3::text[]) w(name) \
             CROSS JOIN LATERAL (SELECT c.cart_id, ",
            BYTES!(),
            " AS bytes FROM carts c WHERE c.store_id = $1 AND c.email = w.name AND c.customer IS NULL AND ",
            $($condition)+,
            " ORDER BY c.cart_id LIMIT $5) f"
        )
    };
}

/// The orders of somebody who is to go.
macro_rules! orders {
    () => {
        "SELECT o.order_id FROM unnest($2::text[]) w(buyer) JOIN orders o ON o.store_id = $1 AND o.buyer = w.buyer \
         AND o.order_id < $3"
    };
}

const CARTS_OF: &str = carts!("c.cart_id > $4");
const CARTS_LEFT: &str = carts!("c.cart_id < $4");
const IDLE_CARTS_LEFT: &str = carts!(concat!("c.cart_id < $4", IDLE!()));
const ORDERS_LEFT: &str = concat!(orders!(), " WHERE o.forgettable LIMIT $4");
const ORDERS_OPEN: &str = concat!(
    orders!(),
    " JOIN payments p ON p.store_id = $1 AND p.order_id = o.order_id \
     WHERE o.status = 'pending_payment' OR p.status = ANY($4) LIMIT 1"
);
const FORGETTABLE_CARTS: &str = concat!(
    "SELECT c.cart_id, ",
    BYTES!(),
    " FROM carts c WHERE c.store_id = $1 AND c.status = $2 AND c.updated_at < $3 AND c.forgettable",
    IDLE!(),
    " ORDER BY c.updated_at LIMIT $4"
);
const FORGETTABLE_ORDERS: &str = "SELECT order_id FROM orders WHERE store_id = $1 AND updated_at < $2 AND forgettable \
     ORDER BY updated_at LIMIT $3";
const ERASURES: &str = "SELECT erasure_id, names, begun_at FROM erasures WHERE store_id = $1 AND erasure_id > $2 \
     ORDER BY erasure_id LIMIT $3";
const UNSUBSCRIBED: &str = "SELECT email, at FROM unsubscribed WHERE store_id = $1 AND email = ANY($2)";

/// Forgets what stands beside orders that forgot whose they were, and writes who is to go.
pub fn add<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    let forgotten = &set.forgotten_orders;
    if !forgotten.is_empty() {
        for sql in [FORGET_ORDERS, FORGET_OPTIONS, FORGET_REDEMPTIONS] {
            changes.add((), sql, vec![value(store.0), column(forgotten.iter().map(|order| order.id.0))]);
        }
        let uses = || forgotten.iter().flat_map(|order| order.promotions.iter().map(move |id| (id.0, &order.buyer)));
        let (promotions, buyers) = (column(uses().map(|row| row.0)), column(uses().map(|row| row.1)));
        changes.add((), FORGET_USES, vec![value(store.0), promotions, buyers]);
    }
    for erasure in &set.people.erasures_begun {
        let (id, names) = (value(erasure.id.0), value(Json(&erasure.names)));
        // Who is asked for again goes with all that was done until now.
        changes.add((), FORGET_EARLIER, vec![value(store.0), value(Json(&erasure.names))]);
        changes.add((), BEGIN, vec![value(store.0), id, names, value(erasure.begun_at.0)]);
        wipe(changes, store, &erasure.names, Timestamp(i64::MAX));
        changes.add((), WIPE_MAILBOXES, vec![value(store.0), column(erasure.names.emails.iter())]);
        changes.add((), WIPE_UNPAID, vec![value(store.0), column(erasure.names.holders().into_iter())]);
    }
    for erasure in &set.people.erasures_ended {
        wipe(changes, store, &erasure.names, erasure.begun_at);
        changes.add((), END, vec![value(store.0), value(erasure.id.0)]);
    }
}

/// What nobody needs once the person goes: what opens the account; mails and wishes about mails from before an instant.
fn wipe<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, names: &'a ErasedNames, before: Timestamp) {
    if let Some(account) = names.account {
        changes.add((), WIPE_SESSIONS, vec![value(store.0), value(account.0)]);
        changes.add((), WIPE_TOKENS, vec![value(store.0), value(account.0)]);
    }
    for sql in [WIPE_MAILS, WIPE_WISHES] {
        changes.add((), sql, vec![value(store.0), column(names.emails.iter()), value(before.0)]);
    }
}

fn id(row: &Row) -> Result<Uuid> {
    Ok(row.try_get(0)?)
}

fn cart(row: &Row) -> Result<SizedCart> {
    let bytes: i64 = row.try_get(1)?;
    Ok(SizedCart { id: CartId(row.try_get(0)?), bytes: usize::try_from(bytes).unwrap_or(usize::MAX) })
}

fn erasure(row: &Row) -> Result<Erasure> {
    Ok(Erasure {
        id: ErasureId(row.try_get(0)?),
        names: rows::from_json(row, 1)?,
        begun_at: Timestamp(row.try_get(2)?),
    })
}

impl PostgresReader {
    async fn carts_by(
        &self,
        sql: &'static str,
        store: StoreId,
        names: &ErasedNames,
        end: Uuid,
        limit: usize,
    ) -> Answer<Vec<SizedCart>> {
        let values: Values<'_> = &[&store.0, &names.customers, &names.emails, &end, &count(limit)];
        let mut found = self.list(sql, values, cart).await?;
        found.sort_unstable();
        found.truncate(limit);
        Ok(found)
    }
}

#[async_trait]
impl TraceReader for PostgresReader {
    async fn carts_of(
        &self,
        store: StoreId,
        names: &ErasedNames,
        after: CartId,
        limit: usize,
    ) -> Answer<Vec<SizedCart>> {
        self.carts_by(CARTS_OF, store, names, after.0, limit).await
    }

    async fn left_of(&self, store: StoreId, erasure: &Erasure, limit: usize) -> Answer<Left> {
        let (names, end) = (&erasure.names, erasure.first_id_after());
        let buyers = names.buyers();
        let carts = self.carts_by(IDLE_CARTS_LEFT, store, names, end, limit).await?;
        let values: Values<'_> = &[&store.0, &buyers, &end, &count(limit)];
        let orders = self.list(ORDERS_LEFT, values, |row| id(row).map(OrderId)).await?;
        let under_way: Vec<&str> = PaymentStatus::open().map(PaymentStatus::as_str).collect();
        let open = self.one(ORDERS_OPEN, &[&store.0, &buyers, &end, &under_way], id).await?;
        let waits = open.is_some() || !self.carts_by(CARTS_LEFT, store, names, end, 1).await?.is_empty();
        Ok(Left { carts, orders, waits })
    }

    async fn forgettable_carts(
        &self,
        store: StoreId,
        status: CartStatus,
        before: Timestamp,
        limit: usize,
    ) -> Answer<Vec<SizedCart>> {
        let values: Values<'_> = &[&store.0, &status.as_str(), &before.0, &count(limit)];
        Ok(self.list(FORGETTABLE_CARTS, values, cart).await?)
    }

    async fn forgettable_orders(&self, store: StoreId, before: Timestamp, limit: usize) -> Answer<Vec<OrderId>> {
        let values: Values<'_> = &[&store.0, &before.0, &count(limit)];
        Ok(self.list(FORGETTABLE_ORDERS, values, |row| id(row).map(OrderId)).await?)
    }

    async fn erasures(&self, store: StoreId, after: ErasureId, limit: usize) -> Answer<Vec<Erasure>> {
        Ok(self.list(ERASURES, &[&store.0, &after.0, &count(limit)], erasure).await?)
    }

    async fn mails_to(&self, store: StoreId, emails: &[String], limit: usize) -> Answer<Vec<Mail>> {
        Ok(self.list(people::MAILS_TO, &[&store.0, &emails, &count(limit)], people::mail).await?)
    }

    async fn unsubscribed(&self, store: StoreId, emails: &[String]) -> Answer<Vec<(String, Timestamp)>> {
        let read = |row: &Row| Ok((row.try_get(0)?, Timestamp(row.try_get(1)?)));
        Ok(self.list(UNSUBSCRIBED, &[&store.0, &emails], read).await?)
    }

    async fn cart_events(
        &self,
        store: StoreId,
        carts: &[CartId],
        after: i64,
        limit: usize,
    ) -> Answer<Vec<LoggedEvent>> {
        let ids: Vec<Uuid> = carts.iter().map(|id| id.0).collect();
        Ok(self.list(events::OF_CARTS, &[&store.0, &ids, &after, &count(limit)], events::event).await?)
    }
}
