//! `GET /products/{handle}`.

use crate::access::Store;
use crate::input::{HandlePath, Query};
use crate::locale::{Locale, LocaleQuery};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{Audience, ok_for_all, product_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_wire::Product;

/// Reads a product
#[utoipa::path(
    get, path = "/api/v1/products/{handle}", tag = "Products", params(LocaleQuery),
    responses(
        (status = 200, description = "The product.", body = Product),
        (status = 404, description = "`product_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_product(
    State(api): State<Shared>,
    Store(store): Store,
    HandlePath(handle): HandlePath,
    Query(query): Query<LocaleQuery>,
) -> Outcome {
    let found = api.engine.reader().product(store.store.id, &handle).await?;
    let active = found.filter(|listing| listing.product.active);
    let listing = active.ok_or_else(|| Problem::new(&kinds::PRODUCT_NOT_FOUND, "There is no such product."))?;
    let locale = query.locale.or_else(|| Locale::of_store(&store));
    let variants: Vec<_> = listing.variants.iter().map(|(variant, _)| variant.id).collect();
    let in_carts = api.engine.in_carts(&store, &variants).await?;
    Ok(ok_for_all(&product_of(&listing, &store.store, Audience::Shopper, locale.as_ref(), in_carts.as_ref())))
}
