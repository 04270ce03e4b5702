//! `GET /products`, and the same list for operators.

use super::cursor;
use crate::access::{Operator, Store};
use crate::input::{Check, Filter, Query};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, ok, ok_for_all, product_of};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::money::MOST_AMOUNT;
use cartwright_domain::store::StoreConfig;
use cartwright_engine::{ProductQuery, ProductSort};
use cartwright_wire::{Page, Product};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: usize = 20;

/// Which products to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProductFilter {
    /// Part of the name, the handle or a SKU; case does not matter. One or two letters find words that begin so, where words are
    /// parted by blanks, hyphens and slashes.
    #[param(max_length = 200, pattern = "^[^\\u0000]*$", nullable = false)]
    text: Option<String>,
    /// At least this price for one of the variants, minor units of the store's currency.
    #[param(minimum = 0, maximum = 9007199254740991_i64, nullable = false)]
    min_price: Option<i64>,
    /// At most this price for one of the variants.
    #[param(minimum = 0, maximum = 9007199254740991_i64, nullable = false)]
    max_price: Option<i64>,
    /// Only those of which a variant is available.
    #[param(nullable = false)]
    in_stock: Option<bool>,
    /// Order; by name unless given.
    #[param(inline, nullable = false)]
    sort: Option<Sort>,
    /// Products per page, 1 to 100; 20 unless given.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 4000, nullable = false)]
    cursor: Option<String>,
    /// Locale in which prices are written for people; the store's own unless given.
    #[param(inline, nullable = false)]
    locale: Option<Locale>,
}

/// In which order products are listed.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
enum Sort {
    /// By name.
    #[default]
    #[serde(rename = "name")]
    Name,
    /// By name, backwards.
    #[serde(rename = "-name")]
    NameDown,
    /// Cheapest first.
    #[serde(rename = "price")]
    Price,
    /// Dearest first.
    #[serde(rename = "-price")]
    PriceDown,
    /// Newest first.
    #[serde(rename = "newest")]
    Newest,
}

impl Filter for ProductFilter {
    fn check(&self, check: &mut Check) {
        check.optional_text("text", self.text.as_deref(), 0..=200);
        check.expect(
            !self.text.as_deref().unwrap_or_default().contains('\0'),
            || "text".to_owned(),
            "must not contain NUL",
        );
        for (field, price) in [("min_price", self.min_price), ("max_price", self.max_price)] {
            if let Some(price) = price {
                check.number(field, price, 0..=MOST_AMOUNT);
            }
        }
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=100);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=4000);
    }
}

/// Lists products
///
/// What is for sale, page by page.
#[utoipa::path(
    get, path = "/api/v1/products", tag = "Products", params(ProductFilter),
    responses(
        (status = 200, description = "A page of products.", body = Page<Product>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_products(
    State(api): State<Shared>,
    Store(store): Store,
    Query(filter): Query<ProductFilter>,
) -> Outcome {
    Ok(ok_for_all(&list(&api, &store, filter, Audience::Shopper).await?))
}

/// Lists products, inactive ones too
///
/// As `GET /products`, with units on hand and reserved.
#[utoipa::path(
    get, path = "/api/v1/admin/products", tag = "Catalogue", params(ProductFilter),
    responses(
        (status = 200, description = "A page of products.", body = Page<Product>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_all_products(
    State(api): State<Shared>,
    operator: Operator,
    Query(filter): Query<ProductFilter>,
) -> Outcome {
    Ok(ok(&list(&api, &operator.store, filter, Audience::Operator).await?))
}

async fn list(api: &Api, store: &StoreConfig, filter: ProductFilter, audience: Audience) -> Outcome<Page<Product>> {
    let sort = match filter.sort.unwrap_or_default() {
        Sort::Name => ProductSort::Name,
        Sort::NameDown => ProductSort::NameDown,
        Sort::Price => ProductSort::Price,
        Sort::PriceDown => ProductSort::PriceDown,
        Sort::Newest => ProductSort::Newest,
    };
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let query = ProductQuery {
        text: filter.text.filter(|text| !text.is_empty()),
        min_price: filter.min_price,
        max_price: filter.max_price,
        in_stock: filter.in_stock.unwrap_or(false),
        inactive: audience == Audience::Operator,
        sort,
        after: filter.cursor.map(|cursor| cursor::read(sort, &cursor)).transpose()?,
        // One more than asked tells whether there is a page after.
        limit: limit + 1,
    };
    let mut found = api.engine.reader().products(store.store.id, &query).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| cursor::write(sort, &last.position));
    let locale = filter.locale.or_else(|| Locale::of_store(store));
    let variants: Vec<_> = found.iter().flat_map(|listing| &listing.variants).map(|(variant, _)| variant.id).collect();
    let in_carts = api.engine.in_carts(store, &variants).await?;
    let shown = |listing| product_of(listing, &store.store, audience, locale.as_ref(), in_carts.as_ref());
    let items = found.iter().map(shown).collect();
    Ok(Page { items, next })
}
