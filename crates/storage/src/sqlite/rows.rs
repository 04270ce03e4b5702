//! Between rows of the database and values of the domain. A value that cannot be read back is a fault, told with its column.

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
use cartwright_domain::promotion::KeptPromotion;
use cartwright_domain::stock::{Cause, Movement, Reference, Stock};
use cartwright_domain::store::{PricePolicy, Store};
use rusqlite::types::{Type, Value};
use rusqlite::{Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;

/// Ids as a table-valued parameter.
pub fn array(ids: impl IntoIterator<Item = Uuid>) -> Rc<Vec<Value>> {
    Rc::new(ids.into_iter().map(|id| Value::Blob(id.as_bytes().to_vec())).collect())
}

/// Texts as a table-valued parameter.
pub fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Rc<Vec<Value>> {
    Rc::new(values.into_iter().map(|text| Value::Text(text.clone())).collect())
}

/// A value as JSON text.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

pub fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error))
}

fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    match row.get_ref(column)?.as_str_or_null()? {
        Some(text) => serde_json::from_str(text).map(Some).map_err(|error| unreadable(column, error)),
        None => Ok(None),
    }
}

fn unreadable(column: usize, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
}

pub fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    Uuid::from_slice(row.get_ref(column)?.as_blob()?).map_err(|error| unreadable(column, error))
}

pub fn optional_uuid(row: &Row<'_>, column: usize) -> Result<Option<Uuid>> {
    match row.get_ref(column)?.as_blob_or_null()? {
        Some(bytes) => Uuid::from_slice(bytes).map(Some).map_err(|error| unreadable(column, error)),
        None => Ok(None),
    }
}

fn currency(row: &Row<'_>, column: usize) -> Result<Currency> {
    row.get_ref(column)?.as_str()?.parse().map_err(|_| unreadable(column, "not a currency"))
}

pub fn named<T: Copy>(row: &Row<'_>, column: usize, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| unreadable(column, format!("unknown value {text}")))
}

pub const STORE: &str = "store_id, handle, name, currency, hosts, settings, shipping_methods, tax_rates";

pub fn store(row: &Row<'_>) -> Result<Store> {
    Ok(Store {
        id: StoreId(row.get(0)?),
        version: 0,
        handle: row.get(1)?,
        name: row.get(2)?,
        currency: currency(row, 3)?,
        hosts: from_json(row, 4)?,
        settings: from_json(row, 5)?,
        shipping_methods: from_json(row, 6)?,
        tax_rates: from_json(row, 7)?,
    })
}

pub fn promotion(row: &Row<'_>) -> Result<cartwright_domain::promotion::Promotion> {
    from_json(row, 0)
}

pub fn kept_promotion(row: &Row<'_>) -> Result<KeptPromotion> {
    Ok(KeptPromotion { promotion: Arc::new(promotion(row)?), until: Timestamp(row.get(1)?) })
}

pub fn price_policy(row: &Row<'_>) -> Result<PricePolicy> {
    from_json(row, 0)
}

/// Of `coupons c`. Uses are counted where there is a limit, which is small.
pub const COUPON: &str = "c.code, c.promotion_id, c.max_uses, CASE WHEN c.max_uses IS NULL THEN 0 ELSE \
     (SELECT count(*) FROM redemptions r WHERE r.store_id = c.store_id AND r.code = c.code \
     AND r.promotion_id = c.promotion_id AND r.live = 1) END, c.bulk";

pub fn coupon(row: &Row<'_>) -> Result<(String, Coupon)> {
    let coupon = Coupon {
        promotion_id: PromotionId(uuid(row, 1)?),
        max_uses: row.get(2)?,
        uses: row.get(3)?,
        bulk: row.get(4)?,
    };
    Ok((row.get(0)?, coupon))
}

pub const CUSTOMER: &str = "customer, groups, tax_exempt, email, email_since";

pub fn customer(row: &Row<'_>) -> Result<(String, Customer)> {
    let customer = Customer {
        groups: from_json(row, 1)?,
        tax_exempt: row.get(2)?,
        email: row.get(3)?,
        email_since: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    };
    Ok((row.get(0)?, customer))
}

pub const CART: &str = "cart_id, token_hash, customer, status, version, currency, lines, detail, order_id, created_at, updated_at, expires_at";

pub fn cart(row: &Row<'_>) -> Result<Cart> {
    Ok(Cart {
        id: CartId(uuid(row, 0)?),
        token_hash: row.get(1)?,
        customer: row.get(2)?,
        status: named(row, 3, &CartStatus::ALL, CartStatus::as_str)?,
        version: row.get(4)?,
        currency: currency(row, 5)?,
        lines: from_json(row, 6)?,
        detail: from_json(row, 7)?,
        order_id: optional_uuid(row, 8)?.map(OrderId),
        created_at: Timestamp(row.get(9)?),
        updated_at: Timestamp(row.get(10)?),
        expires_at: Timestamp(row.get(11)?),
    })
}

/// Of `variants v` joined with `products p`.
pub const VARIANT: &str = "v.variant_id, v.product_id, p.handle, p.name, v.sku, v.attributes, v.price, v.prices, \
     v.floors, v.weight_grams, v.track_stock, p.state, p.tags, p.tax_category, p.price_policy, v.position, p.hold_policy, v.state, \
     v.requires_shipping";
/// How many columns [`VARIANT`] has.
pub const VARIANT_COLUMNS: usize = 19;

pub fn variant(row: &Row<'_>) -> Result<Variant> {
    let (product_state, state) = (state(row, 11)?, state(row, 17)?);
    Ok(Variant {
        id: VariantId(uuid(row, 0)?),
        product_id: ProductId(uuid(row, 1)?),
        handle: name_of(row.get(2)?),
        product_name: row.get(3)?,
        sku: name_of(row.get(4)?),
        attributes: from_json(row, 5)?,
        price: row.get(6)?,
        prices: from_json(row, 7)?,
        floors: from_json(row, 8)?,
        weight_grams: row.get(9)?,
        track_stock: row.get(10)?,
        active: product_state == CatalogueState::On && state == CatalogueState::On,
        state,
        tags: from_json(row, 12)?,
        tax_category: row.get(13)?,
        price_policy: optional_json(row, 14)?,
        hold_policy: optional_json(row, 16)?,
        position: row.get(15)?,
        requires_shipping: row.get(18)?,
    })
}

pub fn stock(row: &Row<'_>, column: usize) -> Result<Stock> {
    let on_hand: Option<i64> = row.get(column)?;
    let reserved: Option<i64> = row.get(column + 1)?;
    Ok(Stock { on_hand: on_hand.unwrap_or(0), reserved: reserved.unwrap_or(0) })
}

fn state(row: &Row<'_>, column: usize) -> Result<CatalogueState> {
    Ok(CatalogueState::by_name(row.get_ref(column)?.as_str()?))
}

pub const PRODUCT: &str = "product_id, handle, name, state, detail, sort_name, min_price";

/// Without its variants.
pub fn product(row: &Row<'_>) -> Result<Product> {
    Ok(Product {
        id: ProductId(uuid(row, 0)?),
        handle: name_of(row.get(1)?),
        name: row.get(2)?,
        state: state(row, 3)?,
        detail: from_json(row, 4)?,
        variants: Vec::new(),
    })
}

/// Of `orders o` joined with `payments p`.
pub const ORDER: &str = "o.order_id, o.cart_id, o.token_hash, o.customer, o.status, o.currency, o.subtotal, o.discount, \
     o.shipping, o.tax_added, o.tax_included, o.relief, o.rounding, o.total, o.detail, o.created_at, o.updated_at, \
     p.attempt_id, p.gateway, p.method, p.status, p.captured, p.refunded, p.tries, p.due_at";

/// Without its lines.
pub fn order(row: &Row<'_>) -> Result<Order> {
    let (tax_added, tax_included): (i64, i64) = (row.get(9)?, row.get(10)?);
    Ok(Order {
        id: OrderId(uuid(row, 0)?),
        cart_id: CartId(uuid(row, 1)?),
        token_hash: row.get(2)?,
        customer: row.get(3)?,
        status: named(row, 4, &OrderStatus::ALL, OrderStatus::as_str)?,
        currency: currency(row, 5)?,
        lines: Vec::new(),
        totals: Totals {
            subtotal: row.get(6)?,
            discount: row.get(7)?,
            shipping: row.get(8)?,
            tax: tax_added + tax_included,
            tax_added,
            tax_included,
            relief: row.get(11)?,
            rounding: row.get(12)?,
            total: row.get(13)?,
        },
        detail: from_json(row, 14)?,
        created_at: Timestamp(row.get(15)?),
        updated_at: Timestamp(row.get(16)?),
        payment: Payment {
            attempt_id: AttemptId(uuid(row, 17)?),
            gateway: row.get(18)?,
            method: row.get(19)?,
            status: named(row, 20, &PaymentStatus::ALL, PaymentStatus::as_str)?,
            captured: row.get(21)?,
            refunded: row.get(22)?,
            tries: row.get(23)?,
            due_at: row.get::<_, Option<i64>>(24)?.map(Timestamp),
        },
    })
}

pub const ORDER_LINE: &str = "order_id, line_id, variant_id, sku, name, quantity, unit_price, discount, tax_added, \
     tax_included, relief, options, reservation";

pub fn order_line(row: &Row<'_>) -> Result<(OrderId, OrderLine)> {
    let states = [Reservation::None, Reservation::Held, Reservation::Committed, Reservation::Released];
    let line = OrderLine {
        id: LineId(uuid(row, 1)?),
        variant_id: VariantId(uuid(row, 2)?),
        sku: row.get(3)?,
        name: row.get(4)?,
        quantity: row.get(5)?,
        unit_price: row.get(6)?,
        discount: row.get(7)?,
        tax_added: row.get(8)?,
        tax_included: row.get(9)?,
        relief: row.get(10)?,
        options: from_json(row, 11)?,
        reservation: named(row, 12, &states, Reservation::as_str)?,
    };
    Ok((OrderId(uuid(row, 0)?), line))
}

pub const MOVEMENT: &str = "sequence, variant_id, on_hand_delta, reserved_delta, cause, order_id, reason, at, cart_id";

pub fn movement(row: &Row<'_>) -> Result<(i64, Movement)> {
    let order: Option<Uuid> = optional_uuid(row, 5)?;
    let cart: Option<Uuid> = optional_uuid(row, 8)?;
    let movement = Movement {
        variant_id: VariantId(uuid(row, 1)?),
        on_hand_delta: row.get(2)?,
        reserved_delta: row.get(3)?,
        cause: named(row, 4, &Cause::ALL, Cause::as_str)?,
        reference: match (order, cart) {
            (Some(id), _) => Reference::Order(OrderId(id)),
            (None, Some(id)) => Reference::Cart(CartId(id)),
            (None, None) => Reference::Reason(row.get::<_, Option<String>>(6)?.unwrap_or_default()),
        },
        at: Timestamp(row.get(7)?),
    };
    Ok((row.get(0)?, movement))
}
