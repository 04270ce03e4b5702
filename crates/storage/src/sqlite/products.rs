//! Lists of products: only the conditions that are asked for, values always bound. A list is walked in its order until the page
//! is full; where few products have the text that is looked for, these are found by the index of its runs of three letters.

use super::read::{list as rows_of, variant_with_stock, variants_with_stock};
use super::rows;
use crate::search::{BETWEEN_WORDS, Sought, like};
use cartwright_domain::id::{ProductId, StoreId};
use cartwright_engine::{ProductListing, ProductPosition, ProductQuery, ProductSort};
use rusqlite::{Connection, Result, Row, ToSql, params};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Products with a text up to which they are looked at one by one. Of more than these, a page is soon full.
const FEW: usize = 500;
/// Runs of a text that are asked for; what is found is compared with all of it anyway.
const MOST_RUNS: usize = 32;

const HAVING_RUNS: &str = "SELECT n.product_id FROM product_runs r CROSS JOIN product_numbers n ON n.store_id = ?1 AND n.number = r.rowid \
     WHERE r.product_runs MATCH ?2 AND r.rowid BETWEEN (?1 << 32) AND (?1 << 32) + 4294967295 LIMIT ?3";
const IN_STOCK: &str = "EXISTS (SELECT 1 FROM variants v LEFT JOIN stock s ON s.store_id = v.store_id AND s.variant_id = v.variant_id \
     WHERE v.store_id = p.store_id AND v.product_id = p.product_id AND v.state = 'on' AND (v.track_stock = 0 OR s.on_hand > s.reserved))";

/// A page of products.
pub fn list(connection: &Connection, store: StoreId, query: &ProductQuery) -> Result<Vec<ProductListing>> {
    let sought = query.text.as_deref().map_or(Sought::Everything, Sought::by);
    if sought == Sought::Nothing {
        return Ok(Vec::new());
    }
    let few = few_having(connection, store, &sought)?;
    if few.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let (sql, values) = statement(store, query, &sought, few);
    let mut statement = connection.prepare_cached(&sql)?;
    let bound: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
    let found = statement.query_map(&bound[..], listing)?.collect::<Result<Vec<_>>>()?;
    with_variants(connection, store, found)
}

/// A product by handle.
pub fn one(connection: &Connection, store: StoreId, handle: &str) -> Result<Option<ProductListing>> {
    let sql = format!("SELECT {} FROM products WHERE store_id = ?1 AND handle = ?2", rows::PRODUCT);
    let found = rows_of(connection, &sql, params![store.0, handle], listing)?;
    Ok(with_variants(connection, store, found)?.pop())
}

/// The handle that a product has now which had this one once, and whether it is for sale.
pub fn renamed(connection: &Connection, store: StoreId, handle: &str) -> Result<Option<(String, bool)>> {
    let sql = "SELECT p.handle, p.active FROM old_handles o JOIN products p ON p.store_id = o.store_id AND p.product_id = o.product_id \
               WHERE o.store_id = ?1 AND o.handle = ?2 AND p.state <> 'deleted'";
    Ok(rows_of(connection, sql, params![store.0, handle], |row| Ok((row.get(0)?, row.get(1)?)))?.pop())
}

/// The handle of a product.
pub fn handle(connection: &Connection, store: StoreId, id: ProductId) -> Result<Option<String>> {
    let sql = "SELECT handle FROM products WHERE store_id = ?1 AND product_id = ?2";
    Ok(rows_of(connection, sql, params![store.0, id.0.as_bytes()], |row| row.get(0))?.pop())
}

/// The products that may have the text, where there are few of them.
fn few_having(connection: &Connection, store: StoreId, sought: &Sought) -> Result<Option<Vec<Uuid>>> {
    let Some(runs) = runs(sought) else { return Ok(None) };
    let values = params![store.0, runs, FEW as i64 + 1];
    let found = rows_of(connection, HAVING_RUNS, values, |row| rows::uuid(row, 0))?;
    Ok(Some(found).filter(|found| found.len() <= FEW))
}

/// What the index is asked for: the runs of three letters of the text. See the migration that made it for how words begin there.
fn runs(sought: &Sought) -> Option<String> {
    let quoted = |run: String| format!("\"{}\"", run.replace('"', "\"\""));
    match sought {
        Sought::Everything | Sought::Nothing => None,
        Sought::Part(text) => {
            let letters: Vec<char> = text.chars().collect();
            let all: BTreeSet<String> = letters.windows(3).take(MOST_RUNS).map(|run| run.iter().collect()).collect();
            Some(all.into_iter().map(quoted).collect::<Vec<_>>().join(" "))
        }
        Sought::Beginning(text) if text.chars().count() == 1 => Some(quoted(format!("\n\n{text}"))),
        Sought::Beginning(text) => {
            let all = BETWEEN_WORDS.map(|before| quoted(format!("{before}{text}")));
            Some(all.join(" OR "))
        }
    }
}

/// The statement for a list, and its values.
fn statement(
    store: StoreId,
    query: &ProductQuery,
    sought: &Sought,
    few: Option<Vec<Uuid>>,
) -> (String, Vec<Box<dyn ToSql>>) {
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(store.0)];
    let mut bind = |value: Box<dyn ToSql>| {
        values.push(value);
        format!("?{}", values.len())
    };
    let mut conditions = vec!["p.store_id = ?1".to_owned()];
    let source = match few {
        Some(few) => {
            let few = bind(Box::new(rows::array(few)));
            conditions.push("p.product_id = w.value".to_owned());
            format!("rarray({few}) w CROSS JOIN products p")
        }
        None => "products p".to_owned(),
    };
    conditions.push(if query.inactive { "p.state <> 'deleted'" } else { "p.active = 1" }.to_owned());
    conditions.extend(text_condition(sought, &mut bind));
    if query.min_price.is_some() || query.max_price.is_some() {
        let least = bind(Box::new(query.min_price.unwrap_or(0)));
        let most = bind(Box::new(query.max_price.unwrap_or(i64::MAX)));
        // A product whose cheapest or dearest variant lies inside is in; only for one that spans the whole range its other
        // variants are looked at.
        conditions.push(format!(
            "p.max_price >= {least} AND p.min_price <= {most} AND (p.min_price >= {least} OR p.max_price <= {most} \
             OR EXISTS (SELECT 1 FROM variants v WHERE v.store_id = p.store_id AND v.product_id = p.product_id \
             AND v.state = 'on' AND v.price BETWEEN {least} AND {most}))"
        ));
    }
    if query.in_stock {
        conditions.push(IN_STOCK.to_owned());
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
        let id = bind(Box::new(*after.id.as_bytes()));
        conditions.push(match column {
            Some("p.min_price") => {
                format!("(p.min_price, p.product_id) {comparison} ({}, {id})", bind(Box::new(after.number)))
            }
            Some(column) => {
                format!("({column}, p.product_id) {comparison} ({}, {id})", bind(Box::new(after.text.clone())))
            }
            None => format!("p.product_id {comparison} {id}"),
        });
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let order = match column {
        Some(column) => format!("{column} {direction}, p.product_id {direction}"),
        None => format!("p.product_id {direction}"),
    };
    let limit = bind(Box::new(query.limit as i64));
    let conditions = conditions.join(" AND ");
    (format!("SELECT {} FROM {source} WHERE {conditions} ORDER BY {order} LIMIT {limit}", rows::PRODUCT), values)
}

fn text_condition(sought: &Sought, bind: &mut impl FnMut(Box<dyn ToSql>) -> String) -> Option<String> {
    let mut matches =
        |before: &str, text: &str| format!("p.search LIKE {} ESCAPE '\\'", bind(Box::new(like(before, text, "%"))));
    match sought {
        Sought::Everything | Sought::Nothing => None,
        Sought::Part(text) => Some(matches("%", text)),
        Sought::Beginning(text) => {
            let inside = BETWEEN_WORDS.map(|between| matches(&format!("%{between}"), text));
            Some(format!("({} OR {})", matches("", text), inside.join(" OR ")))
        }
    }
}

/// A product without its variants, at its place in the list.
fn listing(row: &Row<'_>) -> Result<ProductListing> {
    let product = rows::product(row)?;
    let position = ProductPosition { text: row.get(5)?, number: row.get(6)?, id: product.id.0 };
    Ok(ProductListing { product, variants: Vec::new(), position })
}

/// Adds the variants of all listed products with one query.
fn with_variants(
    connection: &Connection,
    store: StoreId,
    mut found: Vec<ProductListing>,
) -> Result<Vec<ProductListing>> {
    let places: HashMap<ProductId, usize> =
        found.iter().enumerate().map(|(place, listing)| (listing.product.id, place)).collect();
    let ids = rows::array(found.iter().map(|listing| listing.product.id.0));
    let sql = format!(
        "{} WHERE v.store_id = ?1 AND v.product_id IN rarray(?2) AND v.state <> 'deleted' ORDER BY v.product_id, v.position",
        variants_with_stock()
    );
    for (variant, stock) in rows_of(connection, &sql, params![store.0, ids], variant_with_stock)? {
        if let Some(place) = places.get(&variant.product_id) {
            found[*place].product.variants.push(variant.id);
            found[*place].variants.push((variant, stock));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::Place;
    use crate::generate::{Shape, generate};
    use crate::sqlite::connect;
    use cartwright_domain::id::Timestamp;

    const SHAPE: Shape = Shape {
        seed: 3,
        variants: 12_000,
        carts: 1,
        orders: 1,
        customers: 0,
        promotions: 0,
        codes: 0,
        until: Timestamp(1_800_000_000_000),
    };

    const TEXTS: [&str; 12] = ["shirt", "small", "p-0", "v-00004", "linen b", "v-0", "s", "p", "li", "29", "x", "irt"];

    /// What the reader is to find, by looking at every product.
    fn has(listing: &ProductListing, text: &str) -> bool {
        let product = &listing.product;
        let skus = listing.variants.iter().map(|(variant, _)| variant.sku.as_str());
        let mut texts = [product.name.as_str(), product.handle.as_str()].into_iter().chain(skus).map(str::to_lowercase);
        match text.len() {
            1 | 2 => texts.any(|own| own.split(BETWEEN_WORDS).any(|word| word.starts_with(text))),
            _ => texts.any(|own| own.contains(text)),
        }
    }

    #[tokio::test]
    async fn a_text_finds_what_looking_at_every_product_finds_be_it_few_or_many() {
        let path = std::env::temp_dir().join(format!("cartwright-texts-{}.sqlite", std::process::id()));
        generate(&Place::Sqlite(path.clone()), SHAPE, &mut |_| {}).await.expect("a shop");
        let connection = connect(&path).expect("it opens");
        rusqlite::vtab::array::load_module(&connection).expect("lists as values");
        for sort in [ProductSort::Name, ProductSort::PriceDown, ProductSort::Newest] {
            let ask = |text: Option<&str>| {
                let text = text.map(str::to_owned);
                let query = ProductQuery { text, sort, limit: 10_000, ..ProductQuery::default() };
                list(&connection, StoreId(1), &query).expect("products")
            };
            let all = ask(None);
            let mut walked = 0;
            for text in TEXTS {
                let found = ask(Some(text));
                let expected: Vec<_> = all.iter().filter(|listing| has(listing, text)).cloned().collect();
                assert_eq!(found, expected, "{text}");
                let few = few_having(&connection, StoreId(1), &Sought::by(text)).expect("an answer");
                walked += usize::from(few.is_none());
            }
            assert!((3..=TEXTS.len() - 3).contains(&walked), "{walked} were walked for");
        }
        drop(connection);
        for ending in ["", "-wal", "-shm", ".lock"] {
            let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
        }
    }
}
