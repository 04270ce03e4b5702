//! The writing side: one connection, one transaction per batch.

use super::load::{self, Heads};
use super::recent::Recent;
use super::{demand, events, holds, inbox, people, rows, storage_error, traces, unmatched, webhooks};
use crate::promotions::new_bulk_codes;
use crate::retired::stored_name;
use crate::search::text_of;
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::demand::ALL_COUNTED;
use cartwright_domain::fulfilment::{self, FulfilmentStatus};
use cartwright_domain::id::{ProductId, StoreId};
use cartwright_domain::order::{Order, Reservation};
use cartwright_domain::stock::Reference;
use cartwright_domain::store::Store;
use cartwright_domain::working_set::{ConfigChange, Keys, RowState, WorkingSet};
use cartwright_engine::{StorageError, Writer};
use rusqlite::{Connection, Result, params};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::sync::Arc;

/// The writer of the lane.
pub struct SqliteWriter {
    connection: Connection,
    /// Last numbers of each store.
    last: HashMap<i64, Last>,
    /// Rows as last committed.
    recent: Recent,
    /// The newest ledger entry of each variant of the batch.
    heads: Heads,
    /// Held for as long as the writer lives; a database in memory needs none.
    _lock: Option<File>,
}

/// The last numbers of a store's ledger and of its events.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    movement: i64,
    event: i64,
}

const LAST: &str = "SELECT store_id, \
     (SELECT coalesce(max(sequence), 0) FROM stock_movements m WHERE m.store_id = s.store_id), \
     (SELECT coalesce(max(sequence), 0) FROM events e WHERE e.store_id = s.store_id) FROM stores s";

impl SqliteWriter {
    pub(super) fn new(connection: Connection, lock: Option<File>) -> Result<SqliteWriter> {
        let last = {
            let mut statement = connection.prepare(LAST)?;
            let numbers =
                |row: &rusqlite::Row<'_>| Ok((row.get(0)?, Last { movement: row.get(1)?, event: row.get(2)? }));
            statement.query_map([], numbers)?.collect::<Result<_>>()?
        };
        Ok(SqliteWriter { connection, last, recent: Recent::default(), heads: Heads::new(), _lock: lock })
    }

    fn begin(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        }
        Ok(())
    }

    /// Ends a transaction that is to leave no trace.
    fn end(&self) {
        if !self.connection.is_autocommit() {
            // An error means that SQLite has rolled back by itself: nothing is open any more.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn write(&mut self, store: StoreId, set: &WorkingSet) -> Result<()> {
        self.begin()?;
        let connection = &self.connection;
        products(connection, store, set)?;
        let last = self.last.get(&store.0).copied().unwrap_or_default();
        movements(connection, store, set, last.movement, &mut self.heads)?;
        stock(connection, store, set, &self.heads)?;
        for (_, cart, state) in set.carts.changes() {
            write_cart(connection, store, cart, state)?;
        }
        holds::write(connection, store, set)?;
        customer_carts(connection, store, set)?;
        customers(connection, store, set)?;
        orders(connection, store, set)?;
        config(connection, store, set)?;
        coupons(connection, store, set)?;
        promotions(connection, store, set)?;
        super::unpaid::write(connection, store, set)?;
        idempotency(connection, store, set)?;
        webhooks::write(connection, store, set)?;
        unmatched::write(connection, store, set)?;
        people::write(connection, store, set)?;
        traces::write(connection, store, set)?;
        inbox::write(connection, store, set)?;
        demand::write(connection, store, set)?;
        let event = events::append(connection, store, set, last.event)?;
        if let Some(before) = set.forget_cart_events_before {
            events::forget(connection, store, before)?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        self.last.insert(store.0, Last { movement: last.movement + set.movements.len() as i64, event });
        Ok(())
    }
}

impl Writer for SqliteWriter {
    fn load(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> std::result::Result<(), StorageError> {
        let missing = self.recent.recall(store, keys, set, &mut self.heads);
        if missing.is_empty() {
            return Ok(());
        }
        let loaded = self.begin().and_then(|()| load::load(&self.connection, store, &missing, set, &mut self.heads));
        loaded.map_err(|error| storage_error(&error))
    }

    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> std::result::Result<(), StorageError> {
        if set.has_changes() {
            self.write(store, set).map_err(|error| storage_error(&error))?;
        } else {
            self.end();
        }
        self.recent.remember(store, set, &self.heads);
        self.heads.clear();
        Ok(())
    }

    fn rollback(&mut self) {
        self.heads.clear();
        self.end();
    }

    fn create_store(&mut self, store: &Store) -> std::result::Result<StoreId, StorageError> {
        let insert = || -> Result<i64> {
            self.begin()?;
            self.connection.execute(
                "INSERT INTO stores (handle, name, currency, hosts, settings, shipping_methods, tax_rates) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    store.handle,
                    store.name,
                    store.currency.code(),
                    rows::json(&store.hosts)?,
                    rows::json(&store.settings)?,
                    rows::json(&store.shipping_methods)?,
                    rows::json(&store.tax_rates)?
                ],
            )?;
            let id = self.connection.last_insert_rowid();
            if store.settings.urgency {
                demand::begin(&self.connection, StoreId(id), ALL_COUNTED)?;
            }
            self.connection.execute_batch("COMMIT")?;
            Ok(id)
        };
        let created = insert();
        if created.is_err() {
            self.end();
        }
        created.map(StoreId).map_err(|error| storage_error(&error))
    }
}

fn products(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (id, variant, _) in set.variants.changes() {
        let sql = "INSERT OR REPLACE INTO variants (store_id, variant_id, product_id, sku, attributes, price, prices, \
                   weight_grams, track_stock, position, floors, state, requires_shipping) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            id.0.as_bytes(),
            variant.product_id.0.as_bytes(),
            stored_name(&variant.sku, variant.state, id.0),
            rows::json(&variant.attributes)?,
            variant.price,
            rows::json(&variant.prices)?,
            variant.weight_grams,
            variant.track_stock,
            variant.position,
            rows::json(&variant.floors)?,
            variant.state.as_str(),
            variant.requires_shipping
        ])?;
    }
    for (id, product, _) in set.products.changes() {
        let variants: Vec<&Arc<Variant>> = product.variants.iter().filter_map(|id| set.variants.get(id)).collect();
        let sql = "INSERT INTO products (store_id, product_id, handle, name, sort_name, search, min_price, max_price, active, \
                   tags, tax_category, detail, price_policy, hold_policy, state) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, ?8, ?9, ?10, ?11, ?12, ?7) \
                   ON CONFLICT (store_id, product_id) DO UPDATE SET handle = ?3, name = ?4, sort_name = ?5, search = ?6, \
                   tags = ?8, tax_category = ?9, detail = ?10, price_policy = ?11, hold_policy = ?12, state = ?7";
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            id.0.as_bytes(),
            stored_name(&product.handle, product.state, id.0),
            product.name,
            product.name.to_lowercase(),
            text_of(product, &variants),
            product.state.as_str(),
            rows::json(variants.first().map_or(&[][..], |variant| &variant.tags))?,
            variants.first().map_or("standard", |variant| &variant.tax_category),
            rows::json(&product.detail)?,
            variants.first().and_then(|variant| variant.price_policy).map(|policy| rows::json(&policy)).transpose()?,
            variants.first().and_then(|variant| variant.hold_policy).map(|policy| rows::json(&policy)).transpose()?
        ])?;
    }
    for (handle, product) in &set.handle_changes {
        match product {
            Some(id) => {
                let sql = "INSERT OR REPLACE INTO old_handles (store_id, handle, product_id) VALUES (?1, ?2, ?3)";
                connection.prepare_cached(sql)?.execute(params![store.0, handle, id.0.as_bytes()])?;
            }
            None => {
                let sql = "DELETE FROM old_handles WHERE store_id = ?1 AND handle = ?2";
                connection.prepare_cached(sql)?.execute(params![store.0, handle])?;
            }
        }
    }
    let touched = set.variants.changes().map(|(_, variant, _)| variant.product_id);
    let touched: BTreeSet<ProductId> = touched.chain(set.products.changes().map(|(id, ..)| *id)).collect();
    touched.into_iter().try_for_each(|id| sum_up(connection, store, id))
}

/// What is known of a product by its variants: the prices of those for sale, and whether there are any.
fn sum_up(connection: &Connection, store: StoreId, product: ProductId) -> Result<()> {
    let sql = "UPDATE products SET (min_price, max_price, active) = (SELECT \
               coalesce(min(v.price) FILTER (WHERE v.state = 'on'), min(v.price), 0), \
               coalesce(max(v.price) FILTER (WHERE v.state = 'on'), max(v.price), 0), \
               coalesce(products.state = 'on' AND max(v.state = 'on'), 0) FROM variants v \
               WHERE v.store_id = ?1 AND v.product_id = ?2 AND v.state <> 'deleted') WHERE store_id = ?1 AND product_id = ?2";
    connection.prepare_cached(sql)?.execute(params![store.0, product.0.as_bytes()]).map(|_| ())
}

fn stock(connection: &Connection, store: StoreId, set: &WorkingSet, heads: &Heads) -> Result<()> {
    for (id, stock, state) in set.stock.changes() {
        let sql = match state {
            RowState::Created => {
                "INSERT INTO stock (on_hand, reserved, last_movement, store_id, variant_id) VALUES (?1, ?2, ?3, ?4, ?5)"
            }
            _ => {
                "UPDATE stock SET on_hand = ?1, reserved = ?2, last_movement = ?3 WHERE store_id = ?4 AND variant_id = ?5"
            }
        };
        let head = heads.get(id).copied().unwrap_or(0);
        connection.prepare_cached(sql)?.execute(params![
            stock.on_hand,
            stock.reserved,
            head,
            store.0,
            id.0.as_bytes()
        ])?;
    }
    Ok(())
}

/// Appends the ledger entries; each names the one before it of its variant, and becomes its variant's newest.
fn movements(
    connection: &Connection,
    store: StoreId,
    set: &WorkingSet,
    mut sequence: i64,
    heads: &mut Heads,
) -> Result<()> {
    let sql = "INSERT INTO stock_movements (store_id, sequence, variant_id, previous, on_hand_delta, reserved_delta, cause, \
               order_id, reason, at, cart_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let mut statement = connection.prepare_cached(sql)?;
    for movement in &set.movements {
        sequence += 1;
        let previous = heads.insert(movement.variant_id, sequence).unwrap_or(0);
        let (order, cart, reason) = match &movement.reference {
            Reference::Order(id) => (Some(*id.0.as_bytes()), None, None),
            Reference::Cart(id) => (None, Some(*id.0.as_bytes()), None),
            Reference::Reason(reason) => (None, None, Some(reason)),
        };
        statement.execute(params![
            store.0,
            sequence,
            movement.variant_id.0.as_bytes(),
            previous,
            movement.on_hand_delta,
            movement.reserved_delta,
            movement.cause.as_str(),
            order,
            reason,
            movement.at.0,
            cart
        ])?;
    }
    Ok(())
}

fn write_cart(connection: &Connection, store: StoreId, cart: &Cart, state: RowState) -> Result<()> {
    let sql = match state {
        RowState::Created => {
            "INSERT INTO carts (token_hash, customer, status, version, currency, lines, detail, order_id, created_at, \
             updated_at, expires_at, store_id, cart_id, recovery_at, email, forgettable) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
        }
        _ => {
            "UPDATE carts SET token_hash = ?1, customer = ?2, status = ?3, version = ?4, currency = ?5, lines = ?6, \
             detail = ?7, order_id = ?8, created_at = ?9, updated_at = ?10, expires_at = ?11, recovery_at = ?14, email = ?15, \
             forgettable = ?16 \
             WHERE store_id = ?12 AND cart_id = ?13"
        }
    };
    connection.prepare_cached(sql)?.execute(params![
        cart.token_hash,
        cart.customer,
        cart.status.as_str(),
        cart.version,
        cart.currency.code(),
        rows::json(&cart.lines)?,
        rows::json(&cart.detail)?,
        cart.order_id.map(|id| *id.0.as_bytes()),
        cart.created_at.0,
        cart.updated_at.0,
        cart.expires_at.0,
        store.0,
        cart.id.0.as_bytes(),
        cart.recovery_at().map(|at| at.0),
        cart.plain_email(),
        cart.is_forgettable()
    ])?;
    Ok(())
}

fn customer_carts(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (customer, cart, _) in set.customer_carts.changes() {
        let sql = "INSERT OR REPLACE INTO customer_carts (store_id, customer, cart_id) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(sql)?.execute(params![store.0, customer, cart.0.as_bytes()])?;
    }
    Ok(())
}

fn customers(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (id, customer, _) in set.customers.changes() {
        let sql = "INSERT OR REPLACE INTO customers (store_id, customer, groups, tax_exempt, email, email_since) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (groups, since) = (rows::json(&customer.groups)?, customer.email_since.map(|at| at.0));
        let values = params![store.0, id, groups, customer.tax_exempt, customer.email, since];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

fn coupons(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (code, coupon, _) in set.coupons.changes() {
        let sql =
            "INSERT OR REPLACE INTO coupons (store_id, code, promotion_id, max_uses, bulk) VALUES (?1, ?2, ?3, ?4, ?5)";
        let id = coupon.promotion_id.0;
        let values = params![store.0, code, id.as_bytes(), coupon.max_uses, coupon.bulk];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    for (id, added) in new_bulk_codes(set) {
        let sql = "UPDATE promotions SET bulk_codes = bulk_codes + ?3 WHERE store_id = ?1 AND promotion_id = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, id.0.as_bytes(), added])?;
    }
    Ok(())
}

/// Changes come first: an order that has failed makes room for its cart's next. The order of a hash table would do it or not.
fn orders(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    let mut changes: Vec<_> = set.orders.changes().collect();
    changes.sort_unstable_by_key(|(id, _, state)| (*state == RowState::Created, **id));
    changes.into_iter().try_for_each(|(_, order, state)| write_order(connection, store, order, state))
}

fn write_order(connection: &Connection, store: StoreId, order: &Order, state: RowState) -> Result<()> {
    if state == RowState::Created {
        insert_order(connection, store, order)?;
        insert_lines(connection, store, order)?;
    } else {
        let sql = "UPDATE orders SET status = ?1, detail = ?2, updated_at = ?3, fulfilment = ?6, forgettable = ?7 \
                   WHERE store_id = ?4 AND order_id = ?5";
        let detail = rows::json(&order.detail)?;
        let id = order.id.0.as_bytes();
        let forgettable = order.is_forgettable();
        let (status, updated) = (order.status.as_str(), order.updated_at.0);
        let values = params![status, detail, updated, store.0, id, fulfilment(order), forgettable];
        connection.prepare_cached(sql)?.execute(values)?;
        // All reservations of an order are in one state.
        if let Some(line) = order.lines.iter().find(|line| line.reservation != Reservation::None) {
            let sql = "UPDATE order_lines SET reservation = ?1 WHERE store_id = ?2 AND order_id = ?3 AND reservation <> 'none'";
            let values = params![line.reservation.as_str(), store.0, order.id.0.as_bytes()];
            connection.prepare_cached(sql)?.execute(values)?;
        }
    }
    let payment = &order.payment;
    let sql = match state {
        RowState::Created => {
            "INSERT INTO payments (attempt_id, gateway, method, status, captured, refunded, tries, due_at, store_id, order_id) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        }
        _ => {
            "UPDATE payments SET attempt_id = ?1, gateway = ?2, method = ?3, status = ?4, captured = ?5, refunded = ?6, \
             tries = ?7, due_at = ?8 WHERE store_id = ?9 AND order_id = ?10"
        }
    };
    connection.prepare_cached(sql)?.execute(params![
        payment.attempt_id.0.as_bytes(),
        payment.gateway,
        payment.method,
        payment.status.as_str(),
        payment.captured,
        payment.refunded,
        payment.tries,
        payment.due_at.map(|due| due.0),
        store.0,
        order.id.0.as_bytes()
    ])?;
    Ok(())
}

/// What lists are filtered by.
fn fulfilment(order: &Order) -> Option<&'static str> {
    fulfilment::status(order).map(FulfilmentStatus::as_str)
}

fn insert_order(connection: &Connection, store: StoreId, order: &Order) -> Result<()> {
    let sql = "INSERT INTO orders (store_id, order_id, cart_id, token_hash, customer, status, currency, subtotal, discount, \
               shipping, tax_added, tax_included, relief, rounding, total, detail, created_at, updated_at, buyer, fulfilment) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
    let totals = &order.totals;
    connection.prepare_cached(sql)?.execute(params![
        store.0,
        order.id.0.as_bytes(),
        order.cart_id.0.as_bytes(),
        order.token_hash,
        order.customer,
        order.status.as_str(),
        order.currency.code(),
        totals.subtotal,
        totals.discount,
        totals.shipping,
        totals.tax_added,
        totals.tax_included,
        totals.relief,
        totals.rounding,
        totals.total,
        rows::json(&order.detail)?,
        order.created_at.0,
        order.updated_at.0,
        order.buyer(),
        fulfilment(order)
    ])?;
    Ok(())
}

fn insert_lines(connection: &Connection, store: StoreId, order: &Order) -> Result<()> {
    let sql = "INSERT INTO order_lines (store_id, order_id, position, line_id, variant_id, sku, name, quantity, unit_price, \
               discount, tax_added, tax_included, relief, options, reservation) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let mut statement = connection.prepare_cached(sql)?;
    for (position, line) in order.lines.iter().enumerate() {
        statement.execute(params![
            store.0,
            order.id.0.as_bytes(),
            position as i64,
            line.id.0.as_bytes(),
            line.variant_id.0.as_bytes(),
            line.sku,
            line.name,
            line.quantity,
            line.unit_price,
            line.discount,
            line.tax_added,
            line.tax_included,
            line.relief,
            rows::json(&line.options)?,
            line.reservation.as_str()
        ])?;
    }
    Ok(())
}

fn promotions(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for (id, uses, _) in set.uses.changes() {
        let sql = "INSERT OR REPLACE INTO promotion_uses (store_id, promotion_id, uses) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(sql)?.execute(params![store.0, id.0.as_bytes(), **uses])?;
    }
    for ((id, customer), uses, _) in set.customer_uses.changes() {
        let sql =
            "INSERT OR REPLACE INTO customer_uses (store_id, promotion_id, customer, uses) VALUES (?1, ?2, ?3, ?4)";
        connection.prepare_cached(sql)?.execute(params![store.0, id.0.as_bytes(), customer, **uses])?;
    }
    for redemption in &set.redemptions {
        let sql = "INSERT INTO redemptions (store_id, order_id, promotion_id, customer, code, live) VALUES (?1, ?2, ?3, ?4, ?5, 1)";
        connection.prepare_cached(sql)?.execute(params![
            store.0,
            redemption.order_id.0.as_bytes(),
            redemption.promotion_id.0.as_bytes(),
            redemption.customer,
            redemption.code
        ])?;
    }
    for order in &set.retaken_redemptions {
        let sql = "UPDATE redemptions SET live = 1 WHERE store_id = ?1 AND order_id = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, order.0.as_bytes()])?;
    }
    for order in &set.released_redemptions {
        let sql = "UPDATE redemptions SET live = 0 WHERE store_id = ?1 AND order_id = ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, order.0.as_bytes()])?;
    }
    Ok(())
}

fn config(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for change in &set.config_changes {
        match change {
            ConfigChange::PutPromotion(promotion, codes) => {
                let id = promotion.id.0;
                let sql = "INSERT INTO promotions (store_id, promotion_id, definition) VALUES (?1, ?2, ?3) \
                           ON CONFLICT (store_id, promotion_id) DO UPDATE SET definition = ?3";
                connection.prepare_cached(sql)?.execute(params![store.0, id.as_bytes(), rows::json(&**promotion)?])?;
                let sql = "DELETE FROM coupons WHERE store_id = ?1 AND promotion_id = ?2 AND bulk = 0 \
                           AND code NOT IN (SELECT value FROM rarray(?3))";
                connection.prepare_cached(sql)?.execute(params![store.0, id.as_bytes(), rows::texts(codes)])?;
            }
            ConfigChange::DeletePromotion(id) => {
                let sql = "DELETE FROM promotions WHERE store_id = ?1 AND promotion_id = ?2";
                connection.prepare_cached(sql)?.execute(params![store.0, id.0.as_bytes()])?;
                let sql = "DELETE FROM coupons WHERE store_id = ?1 AND promotion_id = ?2";
                connection.prepare_cached(sql)?.execute(params![store.0, id.0.as_bytes()])?;
            }
            ConfigChange::KeepPromotion(kept) => {
                let sql = "INSERT INTO kept_promotions (store_id, promotion_id, until, definition) VALUES (?1, ?2, ?3, ?4) \
                           ON CONFLICT DO NOTHING";
                let (id, definition) = (kept.promotion.id.0, rows::json(&*kept.promotion)?);
                connection.prepare_cached(sql)?.execute(params![store.0, id.as_bytes(), kept.until.0, definition])?;
            }
            ConfigChange::ForgetKept { before } => {
                let sql = "DELETE FROM kept_promotions WHERE store_id = ?1 AND until < ?2";
                connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
            }
            ConfigChange::PutStore(new) => {
                let sql = "UPDATE stores SET name = ?1, hosts = ?2, settings = ?3, shipping_methods = ?4, tax_rates = ?5 WHERE store_id = ?6";
                connection.prepare_cached(sql)?.execute(params![
                    new.name,
                    rows::json(&new.hosts)?,
                    rows::json(&new.settings)?,
                    rows::json(&new.shipping_methods)?,
                    rows::json(&new.tax_rates)?,
                    store.0
                ])?;
            }
        }
    }
    Ok(())
}

fn idempotency(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    for ((scope, key), row, _) in set.idempotency.changes() {
        let sql = "INSERT INTO idempotency (store_id, scope, key, fingerprint, order_id, created_at, cart_id) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let order = row.order_id.map(|id| *id.0.as_bytes());
        let cart = row.cart_id.map(|id| *id.0.as_bytes());
        let values = params![store.0, scope, key, row.fingerprint, order, row.created_at.0, cart];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    if let Some(before) = set.forget_answers_before {
        let sql = "DELETE FROM idempotency WHERE store_id = ?1 AND created_at < ?2";
        connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
    }
    Ok(())
}
