//! Set-wise loading of named rows into a working set: all tables in one round trip, behind the store's turn.

use super::error::Fault;
use super::rows::{self, CART, COUPON, CUSTOMER, ORDER, ORDER_LINE, PRODUCT, Result, VARIANT};
use super::session::{Pipeline, column, value};
use super::told::{self, Position};
use super::{demand, holds, inbox, people, unpaid, webhooks};
use cartwright_domain::catalogue::{CatalogueState, Product};
use cartwright_domain::customer::LiveOrders;
use cartwright_domain::id::{CartId, ProductId, PromotionId, StoreId, Timestamp, VariantId};
use cartwright_domain::working_set::{Keys, WorkingSet};
use cartwright_engine::StorageError;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio_postgres::Row;
use uuid::Uuid;

/// Which rows an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Turn,
    Told,
    MovedStock,
    Carts,
    CustomerCarts,
    Goods,
    Handles,
    Products,
    ProductVariants,
    Stock,
    Orders,
    OrderLines,
    Customers,
    Buyers,
    Coupons,
    Uses,
    CustomerUses,
    Unpaid,
    Idempotency,
    Webhooks,
    Inbox,
    DemandPage,
    ExpiredHolds,
    People(people::Part),
}

/// Variants with their stock, which nobody wants one without the other.
macro_rules! goods {
    () => {
        "FROM variants v JOIN products p ON p.store_id = v.store_id AND p.product_id = v.product_id \
         LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id "
    };
}

/// Waits for the store's turn and takes it. Whoever writes a store has this row locked from the first load of a batch to its
/// end, so that between nodes too a store's batches come one after another: what a batch has read stays true, counters and
/// rows that do not exist yet included, and two batches can never wait for each other.
pub const TURN: &str = "SELECT version, catalogue, last_movement, last_event, writer, batch, untold, \
     told_writer IS NOT DISTINCT FROM writer AND told_batch IS NOT DISTINCT FROM batch FROM lanes WHERE store_id = $1 FOR NO KEY UPDATE";
/// Takes the turn only where nobody has had it since this batch of this writer; otherwise the division fails, and with it the
/// transaction.
pub const SAME_TURN: &str = "SELECT 1 / (writer IS NOT DISTINCT FROM $2 AND batch IS NOT DISTINCT FROM $3)::int FROM lanes \
     WHERE store_id = $1 FOR NO KEY UPDATE";
const CARTS: &str = concat!("SELECT ", CART!(), " FROM carts WHERE store_id = $1 AND cart_id = ANY($2)");
const CUSTOMER_CARTS: &str = "SELECT customer, cart_id FROM customer_carts WHERE store_id = $1 AND customer = ANY($2)";
const GOODS_BY_SKU: &str = concat!(
    "SELECT ",
    VARIANT!(),
    ", s.on_hand, s.reserved, s.last_movement ",
    goods!(),
    "WHERE v.store_id = $1 AND v.sku = ANY($2)"
);
const GOODS: &str = concat!(
    "SELECT ",
    VARIANT!(),
    ", s.on_hand, s.reserved, s.last_movement ",
    goods!(),
    "WHERE v.store_id = $1 AND v.variant_id = ANY($2)"
);
/// Products by the handle that they have, and by those that they had.
const HANDLES: &str = "SELECT handle, product_id, true FROM products WHERE store_id = $1 AND handle = ANY($2) \
     UNION ALL SELECT handle, product_id, false FROM old_handles WHERE store_id = $1 AND handle = ANY($2)";
const PRODUCTS: &str =
    concat!("SELECT ", PRODUCT!(), " FROM products p WHERE p.store_id = $1 AND p.product_id = ANY($2)");
const PRODUCT_VARIANTS: &str = "SELECT product_id, variant_id FROM variants \
     WHERE store_id = $1 AND product_id = ANY($2) AND state <> 'deleted' ORDER BY product_id, position";
const STOCK: &str =
    "SELECT on_hand, reserved, variant_id, last_movement FROM stock WHERE store_id = $1 AND variant_id = ANY($2)";
pub const ORDERS: &str = concat!(
    "SELECT ",
    ORDER!(),
    " FROM orders o JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id ",
    "WHERE o.store_id = $1 AND o.order_id = ANY($2) ORDER BY o.order_id"
);
pub const ORDER_LINES: &str = concat!(
    "SELECT ",
    ORDER_LINE!(),
    " FROM order_lines WHERE store_id = $1 AND order_id = ANY($2) ORDER BY order_id, position"
);
const CUSTOMERS: &str = concat!("SELECT ", CUSTOMER!(), " FROM customers WHERE store_id = $1 AND customer = ANY($2)");
const BUYERS: &str = "SELECT o.buyer, count(*), max(o.created_at) FROM orders o WHERE o.store_id = $1 AND o.buyer = ANY($2) \
     AND o.status IN ('pending_payment', 'placed') GROUP BY o.buyer";
const COUPONS: &str = concat!("SELECT ", COUPON!(), " FROM coupons c WHERE c.store_id = $1 AND c.code = ANY($2)");
const USES: &str = "SELECT promotion_id, uses FROM promotion_uses WHERE store_id = $1 AND promotion_id = ANY($2)";
const CUSTOMER_USES: &str = "SELECT u.promotion_id, u.customer, u.uses FROM unnest($2::uuid[], $3::text[]) w(promotion_id, customer) \
     JOIN customer_uses u ON u.store_id = $1 AND u.promotion_id = w.promotion_id AND u.customer = w.customer";
const IDEMPOTENCY: &str = "SELECT i.scope, i.key, i.fingerprint, i.order_id, i.created_at, i.cart_id FROM unnest($2::text[], $3::text[]) w(scope, key) \
     JOIN idempotency i ON i.store_id = $1 AND i.scope = w.scope AND i.key = w.key";

/// All statements of this side, to be prepared ahead.
pub const STATEMENTS: [&str; 22] = [
    TURN,
    told::TOLD,
    told::MOVED_STOCK,
    SAME_TURN,
    CARTS,
    CUSTOMER_CARTS,
    GOODS_BY_SKU,
    GOODS,
    HANDLES,
    PRODUCTS,
    PRODUCT_VARIANTS,
    STOCK,
    ORDERS,
    ORDER_LINES,
    CUSTOMERS,
    BUYERS,
    COUPONS,
    USES,
    CUSTOMER_USES,
    IDEMPOTENCY,
    holds::EXPIRED_OF,
    unpaid::NAMED,
];

/// Who changed a store last, and in which of his batches. No two batches have the same.
pub type Token = (Uuid, i64);

/// The turn of a store, as far as a batch needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The store's version.
    pub version: i64,
    /// The catalogue's version.
    pub catalogue: i64,
    /// The ledger's last number.
    pub last_movement: i64,
    /// The last event's number.
    pub last_event: i64,
    /// Who had the turn before.
    pub token: Option<Token>,
    /// Batches so far of which log and ledger do not tell all that they changed.
    pub untold: i64,
    /// Whether who had the turn before has counted them.
    pub is_counted: bool,
    /// The newest ledger entry of each variant whose stock is loaded.
    pub heads: HashMap<VariantId, i64>,
}

impl Turn {
    /// For the next batch, which loads stock of its own.
    pub fn without_heads(&self) -> Turn {
        let Turn { version, catalogue, last_movement, last_event, token, untold, is_counted, heads: _ } = *self;
        Turn { version, catalogue, last_movement, last_event, token, untold, is_counted, heads: HashMap::new() }
    }
}

/// Begins the transaction, waits for the turn, and asks what has changed since a position.
pub fn begin(pipeline: &mut Pipeline<'_, Part>, store: StoreId, since: Option<Position>) {
    pipeline.plain("BEGIN");
    pipeline.add(Part::Turn, TURN, vec![value(store.0)]);
    if let Some(since) = since {
        told::ask(pipeline, store, since);
    }
}

/// Asks for all that `keys` names.
pub fn ask<'a>(pipeline: &mut Pipeline<'a, Part>, store: StoreId, keys: &'a Keys) {
    let mut ids = |part, sql, ids: Vec<Uuid>| {
        if !ids.is_empty() {
            pipeline.add(part, sql, vec![value(store.0), value(ids)]);
        }
    };
    ids(Part::Carts, CARTS, keys.carts.iter().map(|id| id.0).collect());
    ids(Part::Goods, GOODS, keys.variants.iter().map(|id| id.0).collect());
    ids(Part::Products, PRODUCTS, keys.products.iter().map(|id| id.0).collect());
    ids(Part::ProductVariants, PRODUCT_VARIANTS, keys.products.iter().map(|id| id.0).collect());
    ids(Part::Stock, STOCK, keys.stock.difference(&keys.variants).map(|id| id.0).collect());
    ids(Part::Orders, ORDERS, keys.orders.iter().map(|id| id.0).collect());
    ids(Part::OrderLines, ORDER_LINES, keys.orders.iter().map(|id| id.0).collect());
    ids(Part::Webhooks, webhooks::NAMED, keys.webhooks.iter().map(|id| id.0).collect());
    ids(Part::Uses, USES, keys.uses.iter().map(|id| id.0).collect());
    let mut texts = |part, sql, texts: &'a BTreeSet<String>| {
        if !texts.is_empty() {
            pipeline.add(part, sql, vec![value(store.0), column(texts.iter())]);
        }
    };
    texts(Part::CustomerCarts, CUSTOMER_CARTS, &keys.customer_carts);
    texts(Part::Goods, GOODS_BY_SKU, &keys.skus);
    texts(Part::Handles, HANDLES, &keys.handles);
    texts(Part::Customers, CUSTOMERS, &keys.customers);
    texts(Part::Buyers, BUYERS, &keys.buyers);
    texts(Part::Coupons, COUPONS, &keys.coupons);
    people::ask(pipeline, store, &keys.people);
    inbox::ask(pipeline, store, keys);
    demand::ask(pipeline, store, keys);
    holds::ask(pipeline, store, keys);
    unpaid::ask(pipeline, store, keys);
    if !keys.customer_uses.is_empty() {
        let (promotions, customers) = (keys.customer_uses.iter().map(|key| key.0.0), keys.customer_uses.iter());
        let values = vec![value(store.0), column(promotions), column(customers.map(|key| &key.1))];
        pipeline.add(Part::CustomerUses, CUSTOMER_USES, values);
    }
    if !keys.idempotency.is_empty() {
        let (scopes, names) = (keys.idempotency.iter().map(|key| &key.0), keys.idempotency.iter().map(|key| &key.1));
        pipeline.add(Part::Idempotency, IDEMPOTENCY, vec![value(store.0), column(scopes), column(names)]);
    }
}

/// Takes the answers into the set; what was asked for and did not come is known to be absent. Where the turn comes with the
/// answers, it is returned; if the store has meanwhile changed, nothing is taken in.
pub fn take_in(answers: Vec<(Part, Vec<Row>)>, keys: &Keys, set: &mut WorkingSet, turn: &mut Turn) -> Result<()> {
    let mut orders = Vec::new();
    let mut products = HashMap::new();
    for (part, found) in answers {
        match part {
            Part::Turn => {
                *turn = read_turn(&found)?;
                same_version(turn, set)?;
            }
            // They come in parts: the order and its lines, the product and its variants.
            Part::Orders => orders = found,
            Part::OrderLines => {
                for order in rows::orders(&orders, &found)? {
                    set.orders.load(order.id, Some(Arc::new(order)));
                }
            }
            Part::Products => {
                for row in &found {
                    let product = rows::product(row)?;
                    products.insert(product.id, product);
                }
            }
            Part::ExpiredHolds => holds::take_in(&found, keys, set)?,
            Part::ProductVariants => products_with_variants(std::mem::take(&mut products), &found, set)?,
            part => found.iter().try_for_each(|row| take_row(part, row, set, turn))?,
        }
    }
    note_absent(keys, set);
    Ok(())
}

fn read_turn(found: &[Row]) -> Result<Turn> {
    let Some(row) = found.first() else {
        return Err(Fault::Told(StorageError::Fault("there is no such store".to_owned())));
    };
    let (version, catalogue) = (row.try_get(0)?, row.try_get(1)?);
    let (last_movement, last_event) = (row.try_get(2)?, row.try_get(3)?);
    let token = row.try_get::<_, Option<Uuid>>(4)?.zip(row.try_get(5)?);
    let (untold, is_counted) = (row.try_get(6)?, row.try_get(7)?);
    Ok(Turn { version, catalogue, last_movement, last_event, token, untold, is_counted, heads: HashMap::new() })
}

/// Whether the batch is decided on the configuration that the store has.
pub fn same_version(turn: &Turn, set: &WorkingSet) -> Result<()> {
    match turn.version == set.config.store.version {
        true => Ok(()),
        false => Err(Fault::Told(StorageError::StaleConfig)),
    }
}

fn products_with_variants(
    mut products: HashMap<ProductId, Product>,
    variants: &[Row],
    set: &mut WorkingSet,
) -> Result<()> {
    for row in variants {
        if let Some(product) = products.get_mut(&ProductId(row.try_get(0)?)) {
            product.variants.push(VariantId(row.try_get(1)?));
        }
    }
    products.into_iter().for_each(|(id, product)| set.products.load(id, Some(Arc::new(product))));
    Ok(())
}

fn take_row(part: Part, row: &Row, set: &mut WorkingSet, turn: &mut Turn) -> Result<()> {
    match part {
        Part::Carts => {
            let cart = rows::cart(row)?;
            set.carts.load(cart.id, Some(Arc::new(cart)));
        }
        Part::CustomerCarts => set.customer_carts.load(row.try_get(0)?, Some(Arc::new(CartId(row.try_get(1)?)))),
        Part::Goods => {
            let (variant, stock) = rows::variant_with_stock(row)?;
            let last_movement: Option<i64> = row.try_get(rows::VARIANT_COLUMNS + 2)?;
            let id = variant.id;
            if variant.state != CatalogueState::Deleted {
                set.skus.load(variant.sku.clone(), Some(Arc::new(id)));
            }
            set.variants.load(id, Some(Arc::new(variant)));
            set.stock.load(id, last_movement.map(|_| Arc::new(stock)));
            turn.heads.extend(last_movement.map(|last| (id, last)));
        }
        Part::Handles => {
            let handles = if row.try_get(2)? { &mut set.handles } else { &mut set.old_handles };
            handles.load(row.try_get(0)?, Some(Arc::new(ProductId(row.try_get(1)?))));
        }
        Part::Stock => {
            let id = VariantId(row.try_get(2)?);
            set.stock.load(id, Some(Arc::new(rows::stock(row, 0)?)));
            turn.heads.insert(id, row.try_get(3)?);
        }
        Part::Customers => {
            let (id, customer) = rows::customer(row)?;
            set.customers.load(id, Some(Arc::new(customer)));
        }
        Part::Buyers => {
            let orders = LiveOrders { count: row.try_get(1)?, last_at: Timestamp(row.try_get(2)?) };
            set.buyers.load(row.try_get(0)?, Some(Arc::new(orders)));
        }
        Part::Coupons => {
            let (code, coupon) = rows::coupon(row)?;
            set.coupons.load(code, Some(Arc::new(coupon)));
        }
        Part::Uses => set.uses.load(PromotionId(row.try_get(0)?), Some(Arc::new(row.try_get(1)?))),
        Part::CustomerUses => {
            let key = (PromotionId(row.try_get(0)?), row.try_get(1)?);
            set.customer_uses.load(key, Some(Arc::new(row.try_get(2)?)));
        }
        Part::Unpaid => unpaid::take_row(row, set)?,
        Part::Idempotency => {
            let key = (row.try_get(0)?, row.try_get(1)?);
            set.idempotency.load(key, Some(Arc::new(rows::idempotency(row, 2)?)));
        }
        Part::Webhooks => {
            let webhook = webhooks::webhook(row)?;
            set.webhooks.load(webhook.id, Some(Arc::new(webhook)));
        }
        Part::Inbox => inbox::take_row(row, set)?,
        Part::DemandPage => set.demand.page.get_or_insert_default().push(rows::cart(row)?),
        Part::People(part) => people::take_row(part, row, &mut set.people)?,
        Part::Turn | Part::Told | Part::MovedStock => {}
        Part::Orders | Part::OrderLines | Part::Products | Part::ProductVariants | Part::ExpiredHolds => {}
    }
    Ok(())
}

fn note_absent(keys: &Keys, set: &mut WorkingSet) {
    people::note_absent(&keys.people, &mut set.people);
    if keys.demand_page {
        set.demand.page.get_or_insert_default();
    }
    keys.carts.iter().for_each(|id| set.carts.load(*id, None));
    keys.customer_carts.iter().for_each(|customer| set.customer_carts.load(customer.clone(), None));
    keys.buyers.iter().for_each(|buyer| set.buyers.load(buyer.clone(), None));
    keys.customers.iter().for_each(|id| set.customers.load(id.clone(), None));
    keys.skus.iter().for_each(|sku| set.skus.load(sku.clone(), None));
    keys.variants.iter().for_each(|id| set.variants.load(*id, None));
    keys.stock.iter().for_each(|id| set.stock.load(*id, None));
    keys.handles.iter().for_each(|handle| set.handles.load(handle.clone(), None));
    keys.handles.iter().for_each(|handle| set.old_handles.load(handle.clone(), None));
    keys.products.iter().for_each(|id| set.products.load(*id, None));
    keys.orders.iter().for_each(|id| set.orders.load(*id, None));
    keys.coupons.iter().for_each(|code| set.coupons.load(code.clone(), None));
    keys.uses.iter().for_each(|id| set.uses.load(*id, None));
    keys.customer_uses.iter().for_each(|key| set.customer_uses.load(key.clone(), None));
    keys.unpaid.iter().for_each(|key| set.unpaid.load(key.clone(), None));
    keys.webhooks.iter().for_each(|id| set.webhooks.load(*id, None));
    keys.inbox.iter().for_each(|key| set.inbox.load(key.clone(), None));
    keys.idempotency.iter().for_each(|key| set.idempotency.load(key.clone(), None));
}
