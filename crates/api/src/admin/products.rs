//! `/admin/products` and `/admin/variants`: what operators do to the catalogue.

use super::drafts::{draft_of, product_change, variant_change};
use crate::access::Operator;
use crate::input::{Body, HandlePath, SkuPath};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{Audience, nothing, ok, product_of};
use crate::state::{Api, Shared};
use axum::extract::State;
use axum::response::Response;
use cartwright_domain::command::{self, Command, ProductDraft, Reply, Upserted};
use cartwright_engine::Failure;
use cartwright_wire::{
    ImportProducts, Product, ProductPatch, StockDone, UpsertOutcome, UpsertProducts, UpsertReport, UpsertResult,
    VariantPatch,
};
use futures_util::future::join_all;

/// Creates products or brings them up to date
///
/// By handle, each for itself: a product that is refused is reported, the others are still taken. What is absent stays as it was.
/// Sent twice, the second time changes nothing but stock that was sold in between; with `stock` `leave` that neither.
#[utoipa::path(
    post, path = "/api/v1/admin/products", tag = "Catalogue", request_body = UpsertProducts,
    responses((status = 200, description = "What became of each product.", body = UpsertReport)),
)]
pub(crate) async fn upsert_products(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<UpsertProducts>,
) -> Outcome {
    let currency = operator.store.store.currency;
    let drafts = request.products.into_iter().map(|product| draft_of(product, request.stock, currency));
    take(&api, &operator, drafts).await
}

/// Takes in the rows of a file
///
/// As `POST /admin/products`, but nothing but the handle must be there: a product that is there stays as it was in all that the
/// rows do not state. The stock of variants that are there stays unless `stock` says otherwise.
#[utoipa::path(
    post, path = "/api/v1/admin/products/import", tag = "Catalogue", request_body = ImportProducts,
    responses((status = 200, description = "What became of each product.", body = UpsertReport)),
)]
pub(crate) async fn import_products(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<ImportProducts>,
) -> Outcome {
    let currency = operator.store.store.currency;
    let drafts = request.products.into_iter().map(|product| draft_of(product, request.stock, currency));
    take(&api, &operator, drafts).await
}

async fn take(api: &Api, operator: &Operator, drafts: impl Iterator<Item = ProductDraft>) -> Outcome {
    // Together they become few batches of the lane.
    let results = join_all(drafts.map(|draft| upsert(api, operator, draft))).await;
    let results: Vec<UpsertResult> = results.into_iter().collect::<Outcome<_>>()?;
    Ok(ok(&UpsertReport { results }))
}

async fn upsert(api: &Api, operator: &Operator, draft: ProductDraft) -> Outcome<UpsertResult> {
    let handle = draft.handle.clone();
    let (outcome, stock) = match api.engine.run(&operator.store, Command::UpsertProduct(Box::new(draft))).await {
        Ok(Reply::Product(_, outcome, stock)) => (outcome_of(outcome), stock_of(stock)),
        Ok(_) => (UpsertOutcome::Unchanged, StockDone::default()),
        Err(failure @ Failure::Refused(_)) => {
            let (reason, stock) = (Some(reason_of(failure.into())), StockDone::default());
            return Ok(UpsertResult { handle, outcome: UpsertOutcome::Refused, reason, stock });
        }
        Err(failure) => return Err(failure.into()),
    };
    Ok(UpsertResult { handle, outcome, reason: None, stock })
}

fn outcome_of(outcome: Upserted) -> UpsertOutcome {
    match outcome {
        Upserted::Created => UpsertOutcome::Created,
        Upserted::Updated => UpsertOutcome::Updated,
        Upserted::Unchanged => UpsertOutcome::Unchanged,
    }
}

fn stock_of(done: command::StockDone) -> StockDone {
    let command::StockDone { new, set, added, left } = done;
    StockDone { new, set, added, left }
}

fn reason_of(problem: Problem) -> String {
    let body = problem.into_body();
    let fields = body.errors.iter().filter_map(|error| Some(format!("{}: {}", error.field.as_ref()?, error.detail)));
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { body.detail } else { fields.join("; ") }
}

/// Reads a product, inactive ones too
#[utoipa::path(
    get, path = "/api/v1/admin/products/{handle}", tag = "Catalogue",
    responses(
        (status = 200, description = "The product, with units on hand and reserved.", body = Product),
        (status = 404, description = "`product_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_any_product(
    State(api): State<Shared>,
    operator: Operator,
    HandlePath(handle): HandlePath,
) -> Outcome {
    show(&api, &operator, &handle).await
}

async fn show(api: &Api, operator: &Operator, handle: &str) -> Outcome<Response> {
    let found = api.engine.reader().product(operator.store.store.id, handle).await?;
    let listing = found.ok_or_else(|| Problem::new(&kinds::PRODUCT_NOT_FOUND, "There is no such product."))?;
    let variants: Vec<_> = listing.variants.iter().map(|(variant, _)| variant.id).collect();
    let in_carts = api.engine.in_carts(&operator.store, &variants).await?;
    Ok(ok(&product_of(&listing, &operator.store.store, Audience::Operator, None, in_carts.as_ref())))
}

/// Changes a product
///
/// A JSON Merge Patch: what is absent stays, `null` is none. With another `handle` the one before leads to the product.
#[utoipa::path(
    patch, path = "/api/v1/admin/products/{handle}", tag = "Catalogue", request_body = ProductPatch,
    responses(
        (status = 200, description = "The product.", body = Product),
        (status = 404, description = "`product_not_found`, `store_not_found`."),
        (status = 409, description = "`conflict`: the handle belongs to another product."),
    ),
)]
pub(crate) async fn change_product(
    State(api): State<Shared>,
    operator: Operator,
    HandlePath(handle): HandlePath,
    Body(patch): Body<ProductPatch>,
) -> Outcome {
    let change = product_change(handle, patch);
    let mut handle = change.handle.clone().unwrap_or_else(|| change.draft.handle.clone());
    api.engine.run(&operator.store, Command::ChangeProduct(Box::new(change))).await?;
    // Who changes a product under a name that it had sees it under the one that it has.
    if let Some((now, _)) = api.engine.reader().renamed_product(operator.store.store.id, &handle).await? {
        handle = now;
    }
    show(&api, &operator, &handle).await
}

/// Removes a product
///
/// With its variants. Orders, carts and ledgers that name them keep them; the handle and the SKUs are free.
#[utoipa::path(
    delete, path = "/api/v1/admin/products/{handle}", tag = "Catalogue",
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "`product_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn delete_product(
    State(api): State<Shared>,
    operator: Operator,
    HandlePath(handle): HandlePath,
) -> Outcome {
    api.engine.run(&operator.store, Command::DeleteProduct(handle)).await?;
    Ok(nothing())
}

/// Changes a variant
///
/// A JSON Merge Patch: what is absent stays, `null` is none, in its maps too. Answers the whole product.
#[utoipa::path(
    patch, path = "/api/v1/admin/variants/{sku}", tag = "Catalogue", request_body = VariantPatch,
    responses(
        (status = 200, description = "Its product.", body = Product),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
        (status = 409, description = "`conflict`: the SKU belongs to another variant."),
    ),
)]
pub(crate) async fn change_variant(
    State(api): State<Shared>,
    operator: Operator,
    SkuPath(sku): SkuPath,
    Body(patch): Body<VariantPatch>,
) -> Outcome {
    let Reply::Product(id, ..) =
        api.engine.run(&operator.store, Command::ChangeVariant(Box::new(variant_change(sku, patch)))).await?
    else {
        return Ok(nothing());
    };
    let handle = api.engine.reader().handle_of_product(operator.store.store.id, id).await?.unwrap_or_default();
    show(&api, &operator, &handle).await
}

/// Removes a variant
///
/// Orders, carts and ledgers that name it keep it; the SKU is free. The last variant of a product goes with the product only.
#[utoipa::path(
    delete, path = "/api/v1/admin/variants/{sku}", tag = "Catalogue",
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
        (status = 409, description = "`conflict`: it is the last variant of its product."),
    ),
)]
pub(crate) async fn delete_variant(State(api): State<Shared>, operator: Operator, SkuPath(sku): SkuPath) -> Outcome {
    api.engine.run(&operator.store, Command::DeleteVariant(sku)).await?;
    Ok(nothing())
}
