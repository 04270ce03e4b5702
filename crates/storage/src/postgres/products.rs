//! Lists of products: only the conditions that are asked for, values always bound.

use super::read::{PostgresReader, count};
use super::rows::{self, PRODUCT, Result, VARIANT};
use super::session::{Value, value};
use crate::search::{Sought, like};
use cartwright_domain::id::{ProductId, StoreId};
use cartwright_engine::{ProductListing, ProductPosition, ProductQuery, ProductSort};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

const VARIANTS_OF_PRODUCTS: &str = concat!(
    "SELECT ",
    VARIANT!(),
    ", s.on_hand, s.reserved FROM variants v ",
    "JOIN products p ON p.store_id = v.store_id AND p.product_id = v.product_id ",
    "LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id ",
    "WHERE v.store_id = $1 AND v.product_id = ANY($2) AND v.state <> 'deleted' ORDER BY v.product_id, v.position"
);
const PRODUCTS: &str = concat!("SELECT ", PRODUCT!(), " FROM products p WHERE p.store_id = $1");
const IN_STOCK: &str = " AND EXISTS (SELECT 1 FROM variants v \
     LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id \
     WHERE v.store_id = p.store_id AND v.product_id = p.product_id AND v.state = 'on' AND (NOT v.track_stock OR s.on_hand > s.reserved))";

/// A product without its variants, at its place in the list.
pub fn listing(row: &Row) -> Result<ProductListing> {
    let product = rows::product(row)?;
    let position = ProductPosition { text: row.try_get(5)?, number: row.try_get(6)?, id: product.id.0 };
    Ok(ProductListing { product, variants: Vec::new(), position })
}

/// Adds the variants of all listed products with one query.
pub async fn with_variants(
    reader: &PostgresReader,
    store: StoreId,
    mut found: Vec<ProductListing>,
) -> Result<Vec<ProductListing>> {
    let places: HashMap<ProductId, usize> =
        found.iter().enumerate().map(|(place, listing)| (listing.product.id, place)).collect();
    let ids: Vec<Uuid> = found.iter().map(|listing| listing.product.id.0).collect();
    for row in reader.rows(VARIANTS_OF_PRODUCTS, &[&store.0, &ids]).await? {
        let (variant, stock) = rows::variant_with_stock(&row)?;
        if let Some(place) = places.get(&variant.product_id) {
            found[*place].product.variants.push(variant.id);
            found[*place].variants.push((variant, stock));
        }
    }
    Ok(found)
}

/// The statement for a list, and its values.
pub fn statement(store: StoreId, query: &ProductQuery) -> (String, Vec<Value<'_>>) {
    let mut values: Vec<Value<'_>> = vec![value(store.0)];
    let mut bind = |bound: Value<'static>| {
        values.push(bound);
        format!("${}", values.len())
    };
    let mut sql = PRODUCTS.to_owned();
    sql.push_str(if query.inactive { " AND p.state <> 'deleted'" } else { " AND p.active" });
    let sought = query.text.as_deref().map_or(Sought::Everything, Sought::by);
    sql.push_str(&text_condition(&sought, &mut bind));
    if query.min_price.is_some() || query.max_price.is_some() {
        let least = bind(value(query.min_price.unwrap_or(0)));
        let most = bind(value(query.max_price.unwrap_or(i64::MAX)));
        // A product whose cheapest or dearest variant lies inside is in; only for one that spans the whole range its other
        // variants are looked at.
        sql.push_str(&format!(
            " AND p.max_price >= {least} AND p.min_price <= {most} AND (p.min_price >= {least} OR p.max_price <= {most} \
             OR EXISTS (SELECT 1 FROM variants v WHERE v.store_id = p.store_id AND v.product_id = p.product_id \
             AND v.state = 'on' AND v.price BETWEEN {least} AND {most}))"
        ));
    }
    if query.in_stock {
        sql.push_str(IN_STOCK);
    }
    let (column, descending) = match query.sort {
        ProductSort::Name => (Some("p.sort_name"), false),
        ProductSort::NameDown => (Some("p.sort_name"), true),
        ProductSort::Price => (Some("p.min_price"), false),
        ProductSort::PriceDown => (Some("p.min_price"), true),
        ProductSort::Newest => (None, true),
    };
    if let Some(after) = &query.after {
        let comparison = if descending { "<" } else { ">" };
        let id = bind(value(after.id));
        let place = match query.sort {
            ProductSort::Name | ProductSort::NameDown => Some(bind(value(after.text.clone()))),
            ProductSort::Price | ProductSort::PriceDown => Some(bind(value(after.number))),
            ProductSort::Newest => None,
        };
        sql.push_str(&match (column, place) {
            (Some(column), Some(place)) => format!(" AND ({column}, p.product_id) {comparison} ({place}, {id})"),
            _ => format!(" AND p.product_id {comparison} {id}"),
        });
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let order = column.map_or(String::new(), |column| format!("{column} {direction}, "));
    let limit = bind(value(count(query.limit)));
    // The store first, as in the indexes, so that their order serves.
    sql.push_str(&format!(" ORDER BY p.store_id {direction}, {order}p.product_id {direction} LIMIT {limit}"));
    (sql, values)
}

/// The condition that a text makes. A word begins behind one of the letters between words; `\\` before what is neither letter nor
/// digit makes it stand for itself.
fn text_condition(sought: &Sought, bind: &mut impl FnMut(Value<'static>) -> String) -> String {
    match sought {
        Sought::Everything => String::new(),
        Sought::Nothing => " AND false".to_owned(),
        Sought::Part(text) => format!(" AND p.search LIKE {}", bind(value(like("%", text, "%")))),
        Sought::Beginning(text) => {
            let mut pattern = "(^|[ /\n-])".to_owned();
            for letter in text.chars() {
                if letter.is_ascii_punctuation() {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
            format!(" AND p.search ~ {}", bind(value(pattern)))
        }
    }
}
