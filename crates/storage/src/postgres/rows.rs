//! Between rows of the database and values of the domain. A value that cannot be read back is a fault, told with its column.

use super::error::Fault;
use crate::retired::name_of;
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::catalogue::{CatalogueState, Product, Variant};
use cartwright_domain::coupon::Coupon;
use cartwright_domain::customer::Customer;
use cartwright_domain::id::{
    AttemptId, CartId, LineId, OrderId, ProductId, PromotionId, StoreId, Timestamp, VariantId,
};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Order, OrderLine, OrderStatus, Payment, PaymentStatus, Reservation};
use cartwright_domain::pricing::Totals;
use cartwright_domain::promotion::{KeptPromotion, Promotion};
use cartwright_domain::stock::{Cause, Movement, Reference, Stock};
use cartwright_domain::store::{PricePolicy, Store};
use cartwright_domain::working_set::IdempotencyRow;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::Json;

pub type Result<T> = std::result::Result<T, Fault>;

pub fn from_json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    Ok(row.try_get::<_, Json<T>>(column)?.0)
}

fn unreadable(row: &Row, column: usize, why: &str) -> Fault {
    let name = row.columns().get(column).map_or("?", |column| column.name());
    Fault::Unreadable(format!("column {name}: {why}"))
}

fn currency(row: &Row, column: usize) -> Result<Currency> {
    row.try_get::<_, &str>(column)?.parse().map_err(|_| unreadable(row, column, "not a currency"))
}

pub fn named<T: Copy>(row: &Row, column: usize, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| unreadable(row, column, "unknown value"))
}

/// 32 bytes.
pub fn hash(row: &Row, column: usize) -> Result<[u8; 32]> {
    optional_hash(row, column)?.ok_or_else(|| unreadable(row, column, "missing"))
}

fn optional_hash(row: &Row, column: usize) -> Result<Option<[u8; 32]>> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(|bytes| bytes.try_into().map_err(|_| unreadable(row, column, "not 32 bytes"))).transpose()
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident, $($text:literal),+) => {
        $(#[$doc])*
        macro_rules! $name { () => { concat!($($text),+) }; }
        pub(super) use $name;
    };
}

columns!(
    STORE,
    "s.store_id, l.version, s.handle, s.name, s.currency, s.hosts, s.settings, s.shipping_methods, s.tax_rates"
);

/// Of `stores s` joined with `lanes l`.
pub fn store(row: &Row) -> Result<Store> {
    Ok(Store {
        id: StoreId(row.try_get(0)?),
        version: row.try_get(1)?,
        handle: row.try_get(2)?,
        name: row.try_get(3)?,
        currency: currency(row, 4)?,
        hosts: from_json(row, 5)?,
        settings: from_json(row, 6)?,
        shipping_methods: from_json(row, 7)?,
        tax_rates: from_json(row, 8)?,
    })
}

pub fn promotion(row: &Row) -> Result<Promotion> {
    from_json(row, 0)
}

pub fn kept_promotion(row: &Row) -> Result<KeptPromotion> {
    Ok(KeptPromotion { promotion: Arc::new(promotion(row)?), until: Timestamp(row.try_get(1)?) })
}

pub fn price_policy(row: &Row) -> Result<PricePolicy> {
    from_json(row, 0)
}

columns!(
    /// Of `coupons c`. Uses are counted where there is a limit, which is small.
    COUPON,
    "c.code, c.promotion_id, c.max_uses, CASE WHEN c.max_uses IS NULL THEN 0 ELSE ",
    "(SELECT count(*) FROM redemptions r WHERE r.store_id = c.store_id AND r.code = c.code ",
    "AND r.promotion_id = c.promotion_id AND r.live) END, c.bulk"
);

pub fn coupon(row: &Row) -> Result<(String, Coupon)> {
    let coupon = Coupon {
        promotion_id: PromotionId(row.try_get(1)?),
        max_uses: row.try_get(2)?,
        uses: row.try_get(3)?,
        bulk: row.try_get(4)?,
    };
    Ok((row.try_get(0)?, coupon))
}

columns!(CUSTOMER, "customer, groups, tax_exempt, email, email_since");

pub fn customer(row: &Row) -> Result<(String, Customer)> {
    let customer = Customer {
        groups: from_json(row, 1)?,
        tax_exempt: row.try_get(2)?,
        email: row.try_get(3)?,
        email_since: row.try_get::<_, Option<i64>>(4)?.map(Timestamp),
    };
    Ok((row.try_get(0)?, customer))
}

columns!(
    CART,
    "cart_id, token_hash, customer, status, version, currency, lines, detail, order_id, created_at, updated_at, expires_at"
);

pub fn cart(row: &Row) -> Result<Cart> {
    Ok(Cart {
        id: CartId(row.try_get(0)?),
        token_hash: optional_hash(row, 1)?,
        customer: row.try_get(2)?,
        status: named(row, 3, &CartStatus::ALL, CartStatus::as_str)?,
        version: row.try_get(4)?,
        currency: currency(row, 5)?,
        lines: from_json(row, 6)?,
        detail: from_json(row, 7)?,
        order_id: row.try_get::<_, Option<_>>(8)?.map(OrderId),
        created_at: Timestamp(row.try_get(9)?),
        updated_at: Timestamp(row.try_get(10)?),
        expires_at: Timestamp(row.try_get(11)?),
    })
}

columns!(
    /// Of `variants v` joined with `products p`.
    VARIANT,
    "v.variant_id, v.product_id, p.handle, p.name, v.sku, v.attributes, v.price, v.prices, v.floors, v.weight_grams, ",
    "v.track_stock, p.state, p.tags, p.tax_category, p.price_policy, v.position, p.hold_policy, v.state, v.requires_shipping"
);
/// How many columns [`VARIANT`] has.
pub const VARIANT_COLUMNS: usize = 19;

pub fn variant(row: &Row) -> Result<Variant> {
    let (product_state, state) = (state(row, 11)?, state(row, 17)?);
    Ok(Variant {
        id: VariantId(row.try_get(0)?),
        product_id: ProductId(row.try_get(1)?),
        handle: name_of(row.try_get(2)?),
        product_name: row.try_get(3)?,
        sku: name_of(row.try_get(4)?),
        attributes: from_json(row, 5)?,
        price: row.try_get(6)?,
        prices: from_json(row, 7)?,
        floors: from_json(row, 8)?,
        weight_grams: row.try_get(9)?,
        track_stock: row.try_get(10)?,
        active: product_state == CatalogueState::On && state == CatalogueState::On,
        state,
        tags: from_json(row, 12)?,
        tax_category: row.try_get(13)?,
        price_policy: row.try_get::<_, Option<Json<_>>>(14)?.map(|policy| policy.0),
        hold_policy: row.try_get::<_, Option<Json<_>>>(16)?.map(|policy| policy.0),
        position: row.try_get(15)?,
        requires_shipping: row.try_get(18)?,
    })
}

/// From `on_hand` and `reserved`, which are missing where the variant has no stock on record.
pub fn stock(row: &Row, column: usize) -> Result<Stock> {
    let on_hand: Option<i64> = row.try_get(column)?;
    let reserved: Option<i64> = row.try_get(column + 1)?;
    Ok(Stock { on_hand: on_hand.unwrap_or(0), reserved: reserved.unwrap_or(0) })
}

/// A variant followed by its stock.
pub fn variant_with_stock(row: &Row) -> Result<(Variant, Stock)> {
    Ok((variant(row)?, stock(row, VARIANT_COLUMNS)?))
}

fn state(row: &Row, column: usize) -> Result<CatalogueState> {
    Ok(CatalogueState::by_name(row.try_get(column)?))
}

columns!(PRODUCT, "p.product_id, p.handle, p.name, p.state, p.detail, p.sort_name, p.min_price");

/// Of `products p`, without its variants.
pub fn product(row: &Row) -> Result<Product> {
    Ok(Product {
        id: ProductId(row.try_get(0)?),
        handle: name_of(row.try_get(1)?),
        name: row.try_get(2)?,
        state: state(row, 3)?,
        detail: from_json(row, 4)?,
        variants: Vec::new(),
    })
}

columns!(
    /// Of `orders o` joined with `payments p`.
    ORDER,
    "o.order_id, o.cart_id, o.token_hash, o.customer, o.status, o.currency, o.subtotal, o.discount, o.shipping, ",
    "o.tax_added, o.tax_included, o.relief, o.rounding, o.total, o.detail, o.created_at, o.updated_at, ",
    "p.attempt_id, p.gateway, p.method, p.status, p.captured, p.refunded, p.tries, p.due_at"
);

/// Without its lines.
pub fn order(row: &Row) -> Result<Order> {
    Ok(Order {
        id: OrderId(row.try_get(0)?),
        cart_id: CartId(row.try_get(1)?),
        token_hash: optional_hash(row, 2)?,
        customer: row.try_get(3)?,
        status: named(row, 4, &OrderStatus::ALL, OrderStatus::as_str)?,
        currency: currency(row, 5)?,
        lines: Vec::new(),
        totals: totals(row)?,
        detail: from_json(row, 14)?,
        created_at: Timestamp(row.try_get(15)?),
        updated_at: Timestamp(row.try_get(16)?),
        payment: payment(row)?,
    })
}

fn totals(row: &Row) -> Result<Totals> {
    let (tax_added, tax_included): (i64, i64) = (row.try_get(9)?, row.try_get(10)?);
    Ok(Totals {
        subtotal: row.try_get(6)?,
        discount: row.try_get(7)?,
        shipping: row.try_get(8)?,
        tax: tax_added + tax_included,
        tax_added,
        tax_included,
        relief: row.try_get(11)?,
        rounding: row.try_get(12)?,
        total: row.try_get(13)?,
    })
}

fn payment(row: &Row) -> Result<Payment> {
    Ok(Payment {
        attempt_id: AttemptId(row.try_get(17)?),
        gateway: row.try_get(18)?,
        method: row.try_get(19)?,
        status: named(row, 20, &PaymentStatus::ALL, PaymentStatus::as_str)?,
        captured: row.try_get(21)?,
        refunded: row.try_get(22)?,
        tries: row.try_get(23)?,
        due_at: row.try_get::<_, Option<i64>>(24)?.map(Timestamp),
    })
}

columns!(
    ORDER_LINE,
    "order_id, line_id, variant_id, sku, name, quantity, unit_price, discount, tax_added, tax_included, relief, options, ",
    "reservation"
);

pub fn order_line(row: &Row) -> Result<(OrderId, OrderLine)> {
    let states = [Reservation::None, Reservation::Held, Reservation::Committed, Reservation::Released];
    let line = OrderLine {
        id: LineId(row.try_get(1)?),
        variant_id: VariantId(row.try_get(2)?),
        sku: row.try_get(3)?,
        name: row.try_get(4)?,
        quantity: row.try_get(5)?,
        unit_price: row.try_get(6)?,
        discount: row.try_get(7)?,
        tax_added: row.try_get(8)?,
        tax_included: row.try_get(9)?,
        relief: row.try_get(10)?,
        options: from_json(row, 11)?,
        reservation: named(row, 12, &states, Reservation::as_str)?,
    };
    Ok((OrderId(row.try_get(0)?), line))
}

/// Orders of their rows, and of the rows of their lines.
pub fn orders(orders: &[Row], lines: &[Row]) -> Result<Vec<Order>> {
    let mut found: Vec<Order> = orders.iter().map(order).collect::<Result<_>>()?;
    let places: std::collections::HashMap<OrderId, usize> =
        found.iter().enumerate().map(|(place, order)| (order.id, place)).collect();
    for row in lines {
        let (id, line) = order_line(row)?;
        if let Some(place) = places.get(&id) {
            found[*place].lines.push(line);
        }
    }
    Ok(found)
}

columns!(MOVEMENT, "sequence, variant_id, on_hand_delta, reserved_delta, cause, order_id, reason, at, cart_id");

pub fn movement(row: &Row) -> Result<(i64, Movement)> {
    let movement = Movement {
        variant_id: VariantId(row.try_get(1)?),
        on_hand_delta: row.try_get(2)?,
        reserved_delta: row.try_get(3)?,
        cause: named(row, 4, &Cause::ALL, Cause::as_str)?,
        reference: match (row.try_get(5)?, row.try_get(8)?) {
            (Some(id), _) => Reference::Order(OrderId(id)),
            (None, Some(id)) => Reference::Cart(CartId(id)),
            (None, None) => Reference::Reason(row.try_get::<_, Option<String>>(6)?.unwrap_or_default()),
        },
        at: Timestamp(row.try_get(7)?),
    };
    Ok((row.try_get(0)?, movement))
}

/// From `fingerprint, order_id, created_at, cart_id`, at a column.
pub fn idempotency(row: &Row, column: usize) -> Result<IdempotencyRow> {
    let fingerprint = optional_hash(row, column)?.ok_or_else(|| unreadable(row, column, "missing"))?;
    Ok(IdempotencyRow {
        fingerprint,
        order_id: row.try_get::<_, Option<_>>(column + 1)?.map(OrderId),
        created_at: Timestamp(row.try_get(column + 2)?),
        cart_id: row.try_get::<_, Option<_>>(column + 3)?.map(CartId),
    })
}
