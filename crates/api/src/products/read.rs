//! `GET /products/{handle}`.

use crate::access::Store;
use crate::input::{HandlePath, Query};
use crate::locale::{Locale, LocaleQuery};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{Audience, moved_for_good, ok_for_all, product_of};
use crate::state::Shared;
use axum::extract::{RawQuery, State};
use cartwright_engine::ProductListing;
use cartwright_wire::Product;

/// Reads a product
///
/// Under a handle that a product had once, the answer leads to the one that it has.
#[utoipa::path(
    get, path = "/api/v1/products/{handle}", tag = "Products", params(LocaleQuery),
    responses(
        (status = 200, description = "The product.", body = Product),
        (status = 301, description = "The product has another handle now; `Location` is its address.",
            headers(("Location" = String, description = "The address."))),
        (status = 404, description = "`product_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_product(
    State(api): State<Shared>,
    Store(store): Store,
    HandlePath(handle): HandlePath,
    RawQuery(raw): RawQuery,
    Query(query): Query<LocaleQuery>,
) -> Outcome {
    let found = api.engine.reader().product(store.store.id, &handle).await?;
    let for_sale = |listing: &ProductListing| listing.variants.iter().any(|(variant, _)| variant.active);
    let Some(listing) = found.filter(for_sale) else {
        let renamed = api.engine.reader().renamed_product(store.store.id, &handle).await?;
        let now = renamed.filter(|(_, active)| *active).map(|(handle, _)| handle);
        let now = now.ok_or_else(|| Problem::new(&kinds::PRODUCT_NOT_FOUND, "There is no such product."))?;
        return Ok(moved_for_good(&["products", &now], raw.as_deref()));
    };
    let locale = query.locale.or_else(|| Locale::of_store(&store));
    let variants: Vec<_> = listing.variants.iter().map(|(variant, _)| variant.id).collect();
    let in_carts = api.engine.in_carts(&store, &variants).await?;
    Ok(ok_for_all(&product_of(&listing, &store.store, Audience::Shopper, locale.as_ref(), in_carts.as_ref())))
}
