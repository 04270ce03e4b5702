//! What a batch changed, as statements: one per table and kind, each with arrays of all its rows.

use super::known::changes_catalogue;
use super::load::Turn;
use super::session::{Pipeline, Value, column, value};
use super::told::untold;
use super::{demand, events, holds, inbox, people, traces, unmatched, webhooks};
use crate::promotions::new_bulk_codes;
use crate::retired::stored_name;
use crate::search::text_of;
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::{Product, Variant};
use cartwright_domain::fulfilment::{self, FulfilmentStatus};
use cartwright_domain::id::{CartId, ProductId, StoreId, VariantId, first_id_at};
use cartwright_domain::order::{Order, Reservation};
use cartwright_domain::stock::{Reference, Stock};
use cartwright_domain::working_set::{ConfigChange, RowState, WorkingSet};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio_postgres::types::Json;
use uuid::Uuid;

pub type Changes<'a> = Pipeline<'a, ()>;

const UPSERT_VARIANTS: &str = "INSERT INTO variants (store_id, variant_id, product_id, sku, attributes, price, prices, floors, \
     weight_grams, track_stock, position, state, requires_shipping) SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::json[], \
     $6::bigint[], $7::json[], $8::json[], $9::bigint[], $10::boolean[], $11::bigint[], $12::text[], $13::boolean[]) \
     ON CONFLICT (store_id, variant_id) DO UPDATE SET product_id = excluded.product_id, sku = excluded.sku, \
     attributes = excluded.attributes, price = excluded.price, prices = excluded.prices, floors = excluded.floors, \
     weight_grams = excluded.weight_grams, track_stock = excluded.track_stock, position = excluded.position, \
     state = excluded.state, requires_shipping = excluded.requires_shipping";
const UPSERT_PRODUCTS: &str = "INSERT INTO products (store_id, min_price, max_price, active, product_id, handle, name, sort_name, \
     search, state, tags, tax_category, detail, price_policy, hold_policy) SELECT $1, 0, 0, false, * FROM unnest($2::uuid[], $3::text[], \
     $4::text[], $5::text[], $6::text[], $7::text[], $8::json[], $9::text[], $10::json[], $11::json[], $12::json[]) \
     ON CONFLICT (store_id, product_id) DO UPDATE SET handle = excluded.handle, name = excluded.name, \
     sort_name = excluded.sort_name, search = excluded.search, state = excluded.state, tags = excluded.tags, \
     tax_category = excluded.tax_category, detail = excluded.detail, price_policy = excluded.price_policy, \
     hold_policy = excluded.hold_policy";
/// What is known of products by their variants: the prices of those for sale, and whether there are any.
const SUM_UP: &str = "UPDATE products p SET min_price = coalesce(r.least, 0), max_price = coalesce(r.most, 0), \
     active = p.state = 'on' AND coalesce(r.any_on, false) FROM unnest($2::uuid[]) w(product_id) LEFT JOIN ( \
     SELECT v.product_id, coalesce(min(v.price) FILTER (WHERE v.state = 'on'), min(v.price)) AS least, \
     coalesce(max(v.price) FILTER (WHERE v.state = 'on'), max(v.price)) AS most, bool_or(v.state = 'on') AS any_on \
     FROM variants v WHERE v.store_id = $1 AND v.product_id = ANY($2) AND v.state <> 'deleted' GROUP BY v.product_id) r \
     ON r.product_id = w.product_id WHERE p.store_id = $1 AND p.product_id = w.product_id";
const PUT_OLD_HANDLES: &str = "INSERT INTO old_handles (store_id, handle, product_id) \
     SELECT $1, * FROM unnest($2::text[], $3::uuid[]) ON CONFLICT (store_id, handle) DO UPDATE SET product_id = excluded.product_id";
const DROP_OLD_HANDLES: &str = "DELETE FROM old_handles WHERE store_id = $1 AND handle = ANY($2)";
/// Ledger entries and the stock that they lead to, together: every statement costs the server a start and an end.
const APPEND_LEDGER: &str = "WITH m AS (INSERT INTO stock_movements (store_id, sequence, variant_id, previous, on_hand_delta, \
     reserved_delta, cause, order_id, reason, at, cart_id) SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::uuid[], $9::text[], $10::bigint[], $11::uuid[])) \
     UPDATE stock s SET on_hand = n.on_hand, reserved = n.reserved, last_movement = n.last_movement \
     FROM unnest($12::uuid[], $13::bigint[], $14::bigint[], $15::bigint[]) n(variant_id, on_hand, reserved, last_movement) \
     WHERE s.store_id = $1 AND s.variant_id = n.variant_id";
const INSERT_STOCK: &str = "INSERT INTO stock (store_id, variant_id, on_hand, reserved, last_movement) \
     SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])";
const INSERT_CARTS: &str = "INSERT INTO carts (store_id, cart_id, token_hash, customer, status, version, currency, lines, \
     detail, order_id, created_at, updated_at, expires_at, recovery_at, email, forgettable) SELECT $1, * FROM unnest($2::uuid[], $3::bytea[], $4::text[], \
     $5::text[], $6::bigint[], $7::text[], $8::json[], $9::json[], $10::uuid[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::boolean[])";
const UPDATE_CARTS: &str = "UPDATE carts c SET token_hash = n.token_hash, customer = n.customer, status = n.status, \
     version = n.version, currency = n.currency, lines = n.lines, detail = n.detail, order_id = n.order_id, \
     created_at = n.created_at, updated_at = n.updated_at, expires_at = n.expires_at, recovery_at = n.recovery_at, \
     email = n.email, forgettable = n.forgettable FROM unnest($2::uuid[], $3::bytea[], \
     $4::text[], $5::text[], $6::bigint[], $7::text[], $8::json[], $9::json[], $10::uuid[], $11::bigint[], $12::bigint[], \
     $13::bigint[], $14::bigint[], $15::text[], $16::boolean[]) n(cart_id, token_hash, customer, status, version, currency, lines, detail, order_id, created_at, \
     updated_at, expires_at, recovery_at, email, forgettable) WHERE c.store_id = $1 AND c.cart_id = n.cart_id";
const PUT_CUSTOMER_CARTS: &str = "INSERT INTO customer_carts (store_id, customer, cart_id) \
     SELECT $1, * FROM unnest($2::text[], $3::uuid[]) ON CONFLICT (store_id, customer) DO UPDATE SET cart_id = excluded.cart_id";
const PUT_CUSTOMERS: &str = "INSERT INTO customers (store_id, customer, groups, tax_exempt, email, email_since) \
     SELECT $1, * FROM unnest($2::text[], $3::json[], $4::boolean[], $5::text[], $6::bigint[]) \
     ON CONFLICT (store_id, customer) DO UPDATE SET groups = excluded.groups, tax_exempt = excluded.tax_exempt, \
     email = excluded.email, email_since = excluded.email_since";
/// New orders with their lines and payments.
const INSERT_ORDERS: &str = "WITH o AS (INSERT INTO orders (store_id, order_id, cart_id, token_hash, customer, buyer, status, \
     currency, subtotal, discount, shipping, tax_added, tax_included, relief, rounding, total, detail, created_at, updated_at, fulfilment) \
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::json[], $18::bigint[], $19::bigint[], $20::text[])), \
     l AS (INSERT INTO order_lines (store_id, order_id, position, line_id, variant_id, sku, name, quantity, \
     unit_price, discount, tax_added, tax_included, relief, options, reservation) \
     SELECT $1, * FROM unnest($21::uuid[], $22::bigint[], $23::uuid[], $24::uuid[], $25::text[], $26::text[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[], $33::json[], $34::text[])) \
     INSERT INTO payments (store_id, order_id, attempt_id, gateway, method, status, captured, refunded, tries, due_at) \
     SELECT $1, * FROM unnest($35::uuid[], $36::uuid[], $37::text[], $38::text[], $39::text[], $40::bigint[], $41::bigint[], $42::bigint[], $43::bigint[])";
/// What changes of orders, of the reservations of their lines, and of their payments.
const UPDATE_ORDERS: &str = "WITH o AS (UPDATE orders o SET status = n.status, detail = n.detail, updated_at = n.updated_at, fulfilment = n.fulfilment, forgettable = n.forgettable \
     FROM unnest($2::uuid[], $3::text[], $4::json[], $5::bigint[], $6::text[], $18::boolean[]) n(order_id, status, detail, updated_at, fulfilment, forgettable) \
     WHERE o.store_id = $1 AND o.order_id = n.order_id), \
     l AS (UPDATE order_lines l SET reservation = n.reservation FROM unnest($7::uuid[], $8::text[]) n(order_id, reservation) \
     WHERE l.store_id = $1 AND l.order_id = n.order_id AND l.reservation <> 'none') \
     UPDATE payments p SET attempt_id = n.attempt_id, gateway = n.gateway, method = n.method, \
     status = n.status, captured = n.captured, refunded = n.refunded, tries = n.tries, due_at = n.due_at \
     FROM unnest($9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]) n(order_id, attempt_id, gateway, method, status, captured, refunded, tries, due_at) \
     WHERE p.store_id = $1 AND p.order_id = n.order_id";
const PUT_PROMOTION: &str = "INSERT INTO promotions (store_id, promotion_id, definition) VALUES ($1, $2, $3) \
     ON CONFLICT (store_id, promotion_id) DO UPDATE SET definition = excluded.definition";
const DROP_OTHER_CODES: &str =
    "DELETE FROM coupons WHERE store_id = $1 AND promotion_id = $2 AND NOT bulk AND code <> ALL($3)";
const DELETE_PROMOTION: &str = "DELETE FROM promotions WHERE store_id = $1 AND promotion_id = $2";
const DELETE_CODES: &str = "DELETE FROM coupons WHERE store_id = $1 AND promotion_id = $2";
const KEEP_PROMOTION: &str = "INSERT INTO kept_promotions (store_id, promotion_id, until, definition) \
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const FORGET_KEPT: &str = "DELETE FROM kept_promotions WHERE store_id = $1 AND until < $2";
const UPDATE_STORE: &str = "UPDATE stores SET name = $2, hosts = $3, settings = $4, shipping_methods = $5, tax_rates = $6 \
     WHERE store_id = $1";
const PUT_COUPONS: &str = "INSERT INTO coupons (store_id, code, promotion_id, max_uses, bulk) \
     SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::boolean[]) ON CONFLICT (store_id, code) \
     DO UPDATE SET promotion_id = excluded.promotion_id, max_uses = excluded.max_uses, bulk = excluded.bulk";
const COUNT_NEW_CODES: &str = "UPDATE promotions p SET bulk_codes = p.bulk_codes + n.added \
     FROM unnest($2::uuid[], $3::bigint[]) n(promotion_id, added) WHERE p.store_id = $1 AND p.promotion_id = n.promotion_id";
const PUT_USES: &str = "INSERT INTO promotion_uses (store_id, promotion_id, uses) \
     SELECT $1, * FROM unnest($2::uuid[], $3::bigint[]) ON CONFLICT (store_id, promotion_id) DO UPDATE SET uses = excluded.uses";
const PUT_CUSTOMER_USES: &str = "INSERT INTO customer_uses (store_id, promotion_id, customer, uses) \
     SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::bigint[]) \
     ON CONFLICT (store_id, promotion_id, customer) DO UPDATE SET uses = excluded.uses";
const INSERT_REDEMPTIONS: &str = "INSERT INTO redemptions (store_id, live, order_id, promotion_id, customer, code) \
     SELECT $1, true, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])";
const RETAKE_REDEMPTIONS: &str = "UPDATE redemptions SET live = true WHERE store_id = $1 AND order_id = ANY($2)";
const RELEASE_REDEMPTIONS: &str = "UPDATE redemptions SET live = false WHERE store_id = $1 AND order_id = ANY($2)";
const INSERT_IDEMPOTENCY: &str = "INSERT INTO idempotency (store_id, scope, key, fingerprint, order_id, created_at, cart_id) \
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bytea[], $5::uuid[], $6::bigint[], $7::uuid[])";
const FORGET_ANSWERS: &str = "DELETE FROM idempotency WHERE store_id = $1 AND created_at < $2";
/// The end of each batch: what happened, the last numbers, whether the store or its catalogue changed, who did it, and the note
/// that tells of the batch.
const END_BATCH: &str = "WITH w AS (INSERT INTO writers (store_id, writer, batch, written_at) VALUES ($1, $5, $6, $7) \
     ON CONFLICT (store_id, writer) DO UPDATE SET batch = excluded.batch, written_at = excluded.written_at), \
     e AS (INSERT INTO events (store_id, sequence, event_id, at, kind, cart_id, order_id, actor, data) SELECT $1, * FROM \
     unnest($9::bigint[], $10::uuid[], $11::bigint[], $12::text[], $13::uuid[], $14::uuid[], $15::text[], $16::json[])) \
     UPDATE lanes SET last_movement = $2, version = version + $3, catalogue = catalogue + $4, last_event = $8, \
     writer = $5, batch = $6, untold = $17, told_writer = $5, told_batch = $6 \
     WHERE store_id = $1";

/// Those that shoppers cause, to be prepared ahead.
pub const STATEMENTS: [&str; 16] = [
    APPEND_LEDGER,
    INSERT_CARTS,
    UPDATE_CARTS,
    PUT_CUSTOMER_CARTS,
    INSERT_ORDERS,
    UPDATE_ORDERS,
    PUT_USES,
    PUT_CUSTOMER_USES,
    INSERT_REDEMPTIONS,
    RETAKE_REDEMPTIONS,
    RELEASE_REDEMPTIONS,
    INSERT_IDEMPOTENCY,
    demand::ADD,
    holds::PUT,
    holds::DROP,
    END_BATCH,
];

/// The note of a batch, by which a lost answer to its COMMIT can be made up for.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// Who writes.
    pub writer: Uuid,
    /// The batch.
    pub batch: i64,
    /// Now, in milliseconds.
    pub written_at: i64,
}

/// The turn as the batch leaves it, where it changes neither configuration nor catalogue.
pub fn left_by(turn: &Turn, set: &WorkingSet, note: Note) -> Turn {
    let mut left = turn.clone();
    left.token = Some((note.writer, note.batch));
    let newest = set.movements.iter().zip(turn.last_movement + 1..);
    left.heads.extend(newest.map(|(movement, sequence)| (movement.variant_id, sequence)));
    left.last_movement += count(&set.movements);
    left.last_event += count(&set.events);
    left.untold = untold(turn, set);
    left.is_counted = true;
    left
}

/// Adds all changes of the set, and what ends the batch. The turn becomes what the batch leaves.
pub fn add<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet, turn: &mut Turn, note: Note) {
    products(changes, store, set);
    turn.last_movement = stock(changes, store, set, turn.last_movement, &mut turn.heads);
    turn.token = Some((note.writer, note.batch));
    carts(changes, store, set);
    holds::add(changes, store, set);
    customers(changes, store, set);
    orders(changes, store, set);
    config(changes, store, set);
    coupons(changes, store, set);
    promotion_uses(changes, store, set);
    super::unpaid::add(changes, store, set);
    idempotency(changes, store, set);
    webhooks::add(changes, store, set);
    unmatched::add(changes, store, set);
    people::write(changes, store, set);
    traces::add(changes, store, set);
    inbox::add(changes, store, set);
    demand::add(changes, store, set);
    let version = i64::from(!set.config_changes.is_empty());
    let catalogue = i64::from(changes_catalogue(set));
    let mut values = vec![value(store.0), value(turn.last_movement), value(version), value(catalogue)];
    values.extend([value(note.writer), value(note.batch), value(note.written_at)]);
    values.push(value(turn.last_event + count(&set.events)));
    values.extend(events::columns(set, turn.last_event));
    turn.untold = untold(turn, set);
    turn.is_counted = true;
    values.push(value(turn.untold));
    turn.last_event += count(&set.events);
    changes.add((), END_BATCH, values);
}

fn products<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let variants: Vec<&'a Arc<Variant>> = set.variants.changes().map(|(_, variant, _)| variant).collect();
    if !variants.is_empty() {
        let all = || variants.iter();
        let values = vec![
            value(store.0),
            column(all().map(|variant| variant.id.0)),
            column(all().map(|variant| variant.product_id.0)),
            column(all().map(|variant| stored_name(&variant.sku, variant.state, variant.id.0))),
            column(all().map(|variant| Json(&variant.attributes))),
            column(all().map(|variant| variant.price)),
            column(all().map(|variant| Json(&variant.prices))),
            column(all().map(|variant| Json(&variant.floors))),
            column(all().map(|variant| variant.weight_grams)),
            column(all().map(|variant| variant.track_stock)),
            column(all().map(|variant| variant.position)),
            column(all().map(|variant| variant.state.as_str())),
            column(all().map(|variant| variant.requires_shipping)),
        ];
        changes.add((), UPSERT_VARIANTS, values);
    }
    let products: Vec<(&'a Arc<Product>, Vec<&'a Arc<Variant>>)> = set
        .products
        .changes()
        .map(|(_, product, _)| (product, product.variants.iter().filter_map(|id| set.variants.get(id)).collect()))
        .collect();
    if !products.is_empty() {
        changes.add((), UPSERT_PRODUCTS, product_columns(store, &products));
    }
    old_handles(changes, store, set);
    let touched = variants.iter().map(|variant| variant.product_id);
    let touched: BTreeSet<ProductId> = touched.chain(products.iter().map(|(product, _)| product.id)).collect();
    if !touched.is_empty() {
        changes.add((), SUM_UP, vec![value(store.0), column(touched.into_iter().map(|id| id.0))]);
    }
}

fn old_handles<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let put: Vec<_> = set.handle_changes.iter().filter_map(|(handle, id)| Some((handle, id.as_ref()?.0))).collect();
    if !put.is_empty() {
        let values = vec![value(store.0), column(put.iter().map(|row| row.0)), column(put.iter().map(|row| row.1))];
        changes.add((), PUT_OLD_HANDLES, values);
    }
    let dropped: Vec<_> = set.handle_changes.iter().filter(|(_, id)| id.is_none()).map(|(handle, _)| handle).collect();
    if !dropped.is_empty() {
        changes.add((), DROP_OLD_HANDLES, vec![value(store.0), column(dropped.into_iter())]);
    }
}

fn product_columns<'a>(store: StoreId, products: &[(&'a Arc<Product>, Vec<&'a Arc<Variant>>)]) -> Vec<Value<'a>> {
    let first = || products.iter().map(|(_, variants)| variants.first().copied());
    let all = || products.iter().map(|(product, _)| *product);
    vec![
        value(store.0),
        column(all().map(|product| product.id.0)),
        column(all().map(|product| stored_name(&product.handle, product.state, product.id.0))),
        column(all().map(|product| &product.name)),
        column(all().map(|product| product.name.to_lowercase())),
        column(products.iter().map(|(product, variants)| text_of(product, variants))),
        column(all().map(|product| product.state.as_str())),
        column(first().map(|variant| Json(variant.map_or(&[][..], |variant| &variant.tags)))),
        column(first().map(|variant| variant.map_or("standard", |variant| &variant.tax_category))),
        column(all().map(|product| Json(&product.detail))),
        column(first().map(|variant| variant.and_then(|variant| variant.price_policy).map(Json))),
        column(first().map(|variant| variant.and_then(|variant| variant.hold_policy).map(Json))),
    ]
}

/// Writes stock and its ledger. Returns the ledger's last number.
fn stock<'a>(
    changes: &mut Changes<'a>,
    store: StoreId,
    set: &'a WorkingSet,
    last: i64,
    heads: &mut HashMap<VariantId, i64>,
) -> i64 {
    let mut values = vec![value(store.0)];
    values.extend(movement_columns(set, last, heads));
    let (created, changed): (Vec<_>, Vec<_>) = set.stock.changes().partition(|(.., state)| *state == RowState::Created);
    let empty = changed.is_empty() && set.movements.is_empty();
    let rows = |rows: Vec<(&VariantId, &Arc<Stock>, RowState)>| {
        [
            column(rows.iter().map(|(id, ..)| id.0)),
            column(rows.iter().map(|(_, stock, _)| stock.on_hand)),
            column(rows.iter().map(|(_, stock, _)| stock.reserved)),
            column(rows.iter().map(|(id, ..)| heads.get(id).copied().unwrap_or(0))),
        ]
    };
    if !created.is_empty() {
        let values = std::iter::once(value(store.0)).chain(rows(created)).collect();
        changes.add((), INSERT_STOCK, values);
    }
    if !empty {
        values.extend(rows(changed));
        changes.add((), APPEND_LEDGER, values);
    }
    last + count(&set.movements)
}

/// New ledger entries; each names the one before it of its variant, and becomes its variant's newest.
fn movement_columns<'a>(set: &'a WorkingSet, last: i64, heads: &mut HashMap<VariantId, i64>) -> [Value<'a>; 10] {
    let all = || set.movements.iter();
    let sequences = last + 1..=last + count(&set.movements);
    let previous: Vec<i64> = sequences
        .clone()
        .zip(all())
        .map(|(sequence, movement)| heads.insert(movement.variant_id, sequence).unwrap_or(0))
        .collect();
    let orders = all().map(|movement| match &movement.reference {
        Reference::Order(id) => Some(id.0),
        Reference::Cart(_) | Reference::Reason(_) => None,
    });
    let carts = all().map(|movement| match &movement.reference {
        Reference::Cart(id) => Some(id.0),
        Reference::Order(_) | Reference::Reason(_) => None,
    });
    let reasons = all().map(|movement| match &movement.reference {
        Reference::Order(_) | Reference::Cart(_) => None,
        Reference::Reason(reason) => Some(reason),
    });
    [
        column(sequences),
        column(all().map(|movement| movement.variant_id.0)),
        value(previous),
        column(all().map(|movement| movement.on_hand_delta)),
        column(all().map(|movement| movement.reserved_delta)),
        column(all().map(|movement| movement.cause.as_str())),
        column(orders),
        column(reasons),
        column(all().map(|movement| movement.at.0)),
        column(carts),
    ]
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

fn carts<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    for (sql, created) in [(INSERT_CARTS, true), (UPDATE_CARTS, false)] {
        let carts = set.carts.changes().filter(|(.., state)| (*state == RowState::Created) == created);
        let carts: Vec<&'a Cart> = carts.map(|(_, cart, _)| &**cart).collect();
        if carts.is_empty() {
            continue;
        }
        let all = || carts.iter().copied();
        let values = vec![
            value(store.0),
            column(all().map(|cart| cart.id.0)),
            column(all().map(|cart| cart.token_hash.as_ref().map(|hash| &hash[..]))),
            column(all().map(|cart| cart.customer.as_ref())),
            column(all().map(|cart| cart.status.as_str())),
            column(all().map(|cart| cart.version)),
            column(all().map(|cart| cart.currency.code())),
            column(all().map(|cart| Json(&cart.lines))),
            column(all().map(|cart| Json(&cart.detail))),
            column(all().map(|cart| cart.order_id.map(|id| id.0))),
            column(all().map(|cart| cart.created_at.0)),
            column(all().map(|cart| cart.updated_at.0)),
            column(all().map(|cart| cart.expires_at.0)),
            column(all().map(|cart| cart.recovery_at().map(|at| at.0))),
            column(all().map(Cart::plain_email)),
            column(all().map(Cart::is_forgettable)),
        ];
        changes.add((), sql, values);
    }
}

fn customers<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let carts: Vec<(&'a String, CartId)> = set.customer_carts.changes().map(|(id, cart, _)| (id, **cart)).collect();
    if !carts.is_empty() {
        let names = column(carts.iter().map(|(customer, _)| *customer));
        let values = vec![value(store.0), names, column(carts.iter().map(|(_, cart)| cart.0))];
        changes.add((), PUT_CUSTOMER_CARTS, values);
    }
    let told: Vec<_> = set.customers.changes().map(|(id, customer, _)| (id, customer)).collect();
    if !told.is_empty() {
        let values = vec![
            value(store.0),
            column(told.iter().map(|(id, _)| *id)),
            column(told.iter().map(|(_, customer)| Json(&customer.groups))),
            column(told.iter().map(|(_, customer)| customer.tax_exempt)),
            column(told.iter().map(|(_, customer)| customer.email.as_deref())),
            column(told.iter().map(|(_, customer)| customer.email_since.map(|at| at.0))),
        ];
        changes.add((), PUT_CUSTOMERS, values);
    }
}

/// Changes come first: an order that has failed makes room for its cart's next.
fn orders<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let (created, changed): (Vec<_>, Vec<_>) =
        set.orders.changes().partition(|(.., state)| *state == RowState::Created);
    let created: Vec<&'a Order> = created.into_iter().map(|(_, order, _)| &**order).collect();
    let changed: Vec<&'a Order> = changed.into_iter().map(|(_, order, _)| &**order).collect();
    if !changed.is_empty() {
        let values = std::iter::once(value(store.0)).chain(changed_columns(&changed)).chain(payment_columns(&changed));
        let forgettable = column(changed.iter().map(|order| order.is_forgettable()));
        changes.add((), UPDATE_ORDERS, values.chain([forgettable]).collect());
    }
    if !created.is_empty() {
        let values = std::iter::once(value(store.0)).chain(order_columns(&created)).chain(line_columns(&created));
        changes.add((), INSERT_ORDERS, values.chain(payment_columns(&created)).collect());
    }
}

/// Of orders and of the reservations of their lines, which are all in one state.
fn changed_columns<'a>(orders: &[&'a Order]) -> [Value<'a>; 7] {
    let all = || orders.iter().copied();
    let reserved =
        |order: &Order| order.lines.iter().map(|line| line.reservation).find(|one| *one != Reservation::None);
    let states: Vec<_> = all().filter_map(|order| Some((order.id.0, reserved(order)?.as_str()))).collect();
    [
        column(all().map(|order| order.id.0)),
        column(all().map(|order| order.status.as_str())),
        column(all().map(|order| Json(&order.detail))),
        column(all().map(|order| order.updated_at.0)),
        column(all().map(fulfilment)),
        column(states.iter().map(|row| row.0)),
        column(states.iter().map(|row| row.1)),
    ]
}

/// What lists are filtered by.
fn fulfilment(order: &Order) -> Option<&'static str> {
    fulfilment::status(order).map(FulfilmentStatus::as_str)
}

fn order_columns<'a>(orders: &[&'a Order]) -> Vec<Value<'a>> {
    let all = || orders.iter().copied();
    vec![
        column(all().map(|order| order.id.0)),
        column(all().map(|order| order.cart_id.0)),
        column(all().map(|order| order.token_hash.as_ref().map(|hash| &hash[..]))),
        column(all().map(|order| order.customer.as_ref())),
        column(all().map(Order::buyer)),
        column(all().map(|order| order.status.as_str())),
        column(all().map(|order| order.currency.code())),
        column(all().map(|order| order.totals.subtotal)),
        column(all().map(|order| order.totals.discount)),
        column(all().map(|order| order.totals.shipping)),
        column(all().map(|order| order.totals.tax_added)),
        column(all().map(|order| order.totals.tax_included)),
        column(all().map(|order| order.totals.relief)),
        column(all().map(|order| order.totals.rounding)),
        column(all().map(|order| order.totals.total)),
        column(all().map(|order| Json(&order.detail))),
        column(all().map(|order| order.created_at.0)),
        column(all().map(|order| order.updated_at.0)),
        column(all().map(fulfilment)),
    ]
}

fn line_columns<'a>(orders: &[&'a Order]) -> Vec<Value<'a>> {
    let places = || orders.iter().flat_map(|order| order.lines.iter().enumerate().map(|(place, _)| (order.id, place)));
    let all = || orders.iter().copied().flat_map(|order| order.lines.iter());
    vec![
        column(places().map(|(order, _)| order.0)),
        column(places().map(|(_, place)| place as i64)),
        column(all().map(|line| line.id.0)),
        column(all().map(|line| line.variant_id.0)),
        column(all().map(|line| &line.sku)),
        column(all().map(|line| &line.name)),
        column(all().map(|line| line.quantity)),
        column(all().map(|line| line.unit_price)),
        column(all().map(|line| line.discount)),
        column(all().map(|line| line.tax_added)),
        column(all().map(|line| line.tax_included)),
        column(all().map(|line| line.relief)),
        column(all().map(|line| Json(&line.options))),
        column(all().map(|line| line.reservation.as_str())),
    ]
}

fn payment_columns<'a>(orders: &[&'a Order]) -> Vec<Value<'a>> {
    let all = || orders.iter().copied().map(|order| &order.payment);
    vec![
        column(orders.iter().map(|order| order.id.0)),
        column(all().map(|payment| payment.attempt_id.0)),
        column(all().map(|payment| &payment.gateway)),
        column(all().map(|payment| &payment.method)),
        column(all().map(|payment| payment.status.as_str())),
        column(all().map(|payment| payment.captured)),
        column(all().map(|payment| payment.refunded)),
        column(all().map(|payment| payment.tries)),
        column(all().map(|payment| payment.due_at.map(|due| due.0))),
    ]
}

fn config<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    for change in &set.config_changes {
        match change {
            ConfigChange::PutPromotion(promotion, codes) => {
                let id = promotion.id.0;
                changes.add((), PUT_PROMOTION, vec![value(store.0), value(id), value(Json(&**promotion))]);
                changes.add((), DROP_OTHER_CODES, vec![value(store.0), value(id), column(codes.iter())]);
            }
            ConfigChange::DeletePromotion(id) => {
                changes.add((), DELETE_PROMOTION, vec![value(store.0), value(id.0)]);
                changes.add((), DELETE_CODES, vec![value(store.0), value(id.0)]);
            }
            ConfigChange::KeepPromotion(kept) => {
                let (id, definition) = (value(kept.promotion.id.0), value(Json(&*kept.promotion)));
                changes.add((), KEEP_PROMOTION, vec![value(store.0), id, value(kept.until.0), definition]);
            }
            ConfigChange::ForgetKept { before } => {
                changes.add((), FORGET_KEPT, vec![value(store.0), value(before.0)]);
            }
            ConfigChange::PutStore(new) => {
                let values = vec![
                    value(store.0),
                    value(&new.name),
                    value(Json(&new.hosts)),
                    value(Json(&new.settings)),
                    value(Json(&new.shipping_methods)),
                    value(Json(&new.tax_rates)),
                ];
                changes.add((), UPDATE_STORE, values);
            }
        }
    }
}

fn coupons<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let coupons: Vec<_> = set.coupons.changes().map(|(code, coupon, _)| (code, coupon)).collect();
    if !coupons.is_empty() {
        let values = vec![
            value(store.0),
            column(coupons.iter().map(|(code, _)| *code)),
            column(coupons.iter().map(|(_, coupon)| coupon.promotion_id.0)),
            column(coupons.iter().map(|(_, coupon)| coupon.max_uses)),
            column(coupons.iter().map(|(_, coupon)| coupon.bulk)),
        ];
        changes.add((), PUT_COUPONS, values);
    }
    let added = new_bulk_codes(set);
    if !added.is_empty() {
        let values = vec![value(store.0), column(added.keys().map(|id| id.0)), column(added.values().copied())];
        changes.add((), COUNT_NEW_CODES, values);
    }
}

fn promotion_uses<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let uses: Vec<_> = set.uses.changes().map(|(id, uses, _)| (id.0, **uses)).collect();
    if !uses.is_empty() {
        let values = vec![value(store.0), column(uses.iter().map(|row| row.0)), column(uses.iter().map(|row| row.1))];
        changes.add((), PUT_USES, values);
    }
    let uses: Vec<_> = set.customer_uses.changes().map(|((id, customer), uses, _)| (id.0, customer, **uses)).collect();
    if !uses.is_empty() {
        let values = vec![
            value(store.0),
            column(uses.iter().map(|row| row.0)),
            column(uses.iter().map(|row| row.1)),
            column(uses.iter().map(|row| row.2)),
        ];
        changes.add((), PUT_CUSTOMER_USES, values);
    }
    if !set.redemptions.is_empty() {
        let all = || set.redemptions.iter();
        let values = vec![
            value(store.0),
            column(all().map(|redemption| redemption.order_id.0)),
            column(all().map(|redemption| redemption.promotion_id.0)),
            column(all().map(|redemption| &redemption.customer)),
            column(all().map(|redemption| redemption.code.as_ref())),
        ];
        changes.add((), INSERT_REDEMPTIONS, values);
    }
    if !set.retaken_redemptions.is_empty() {
        let orders = column(set.retaken_redemptions.iter().map(|id| id.0));
        changes.add((), RETAKE_REDEMPTIONS, vec![value(store.0), orders]);
    }
    if !set.released_redemptions.is_empty() {
        let orders = column(set.released_redemptions.iter().map(|id| id.0));
        changes.add((), RELEASE_REDEMPTIONS, vec![value(store.0), orders]);
    }
}

fn idempotency<'a>(changes: &mut Changes<'a>, store: StoreId, set: &'a WorkingSet) {
    let rows: Vec<_> = set.idempotency.changes().map(|(key, row, _)| (key, row)).collect();
    if !rows.is_empty() {
        let values = vec![
            value(store.0),
            column(rows.iter().map(|(key, _)| &key.0)),
            column(rows.iter().map(|(key, _)| &key.1)),
            column(rows.iter().map(|(_, row)| &row.fingerprint[..])),
            column(rows.iter().map(|(_, row)| row.order_id.map(|id| id.0))),
            column(rows.iter().map(|(_, row)| row.created_at.0)),
            column(rows.iter().map(|(_, row)| row.cart_id.map(|id| id.0))),
        ];
        changes.add((), INSERT_IDEMPOTENCY, values);
    }
    if let Some(before) = set.forget_answers_before {
        changes.add((), FORGET_ANSWERS, vec![value(store.0), value(before.0)]);
    }
    if let Some(before) = set.forget_cart_events_before {
        changes.add((), events::FORGET, vec![value(store.0), value(first_id_at(before)), value(before.0)]);
    }
}
