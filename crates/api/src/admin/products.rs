//! `POST /admin/products`.

use crate::access::Operator;
use crate::input::Body;
use crate::problem::{Outcome, Problem};
use crate::respond::ok;
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::catalogue::ProductDetail;
use cartwright_domain::command::{Command, ProductDraft, Reply, Upserted, VariantDraft};
use cartwright_domain::money::Currency;
use cartwright_domain::store::{HoldPolicy, PricePolicy};
use cartwright_engine::Failure;
use cartwright_wire as wire;
use cartwright_wire::{ProductInput, UpsertOutcome, UpsertProducts, UpsertReport, UpsertResult, VariantInput};
use futures_util::future::join_all;

/// Creates products or brings them up to date
///
/// By handle, each for itself: a product that is refused is reported, the others are still taken. Sent twice, the second time
/// changes nothing.
#[utoipa::path(
    post, path = "/api/v1/admin/products", tag = "Catalogue", request_body = UpsertProducts,
    responses((status = 200, description = "What became of each product.", body = UpsertReport)),
)]
pub(crate) async fn upsert_products(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<UpsertProducts>,
) -> Outcome {
    // Together they become few batches of the lane.
    let results = join_all(request.products.into_iter().map(|product| upsert(&api, &operator, product))).await;
    let results: Vec<UpsertResult> = results.into_iter().collect::<Outcome<_>>()?;
    Ok(ok(&UpsertReport { results }))
}

async fn upsert(api: &Api, operator: &Operator, product: ProductInput) -> Outcome<UpsertResult> {
    let handle = product.handle.clone();
    let command = Command::UpsertProduct(Box::new(draft_of(product, operator.store.store.currency)));
    let outcome = match api.engine.run(&operator.store, command).await {
        Ok(Reply::Product(_, Upserted::Created)) => UpsertOutcome::Created,
        Ok(Reply::Product(_, Upserted::Updated)) => UpsertOutcome::Updated,
        Ok(_) => UpsertOutcome::Unchanged,
        Err(failure @ Failure::Refused(_)) => {
            let reason = Some(reason_of(failure.into()));
            return Ok(UpsertResult { handle, outcome: UpsertOutcome::Refused, reason });
        }
        Err(failure) => return Err(failure.into()),
    };
    Ok(UpsertResult { handle, outcome, reason: None })
}

fn reason_of(problem: Problem) -> String {
    let body = problem.into_body();
    let fields = body.errors.iter().filter_map(|error| Some(format!("{}: {}", error.field.as_ref()?, error.detail)));
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { body.detail } else { fields.join("; ") }
}

fn draft_of(product: ProductInput, currency: Currency) -> ProductDraft {
    let ProductInput { handle, name, tags, active, tax_category, price_policy, hold_policy, .. } = product;
    let detail = ProductDetail { description: product.description, vendor: product.vendor, images: product.images };
    let variants = product.variants.into_iter().map(|variant| variant_of(variant, currency)).collect();
    let price_policy = price_policy.map(|policy| match policy {
        wire::PricePolicy::Latest {} => PricePolicy::Latest {},
        wire::PricePolicy::Captured { minutes } => PricePolicy::Captured { minutes },
    });
    let hold_policy = hold_policy.map(|policy| match policy {
        wire::HoldPolicy::AtCheckout {} => HoldPolicy::AtCheckout {},
        wire::HoldPolicy::AtAdd { minutes, max_units } => HoldPolicy::AtAdd { minutes, max_units },
    });
    ProductDraft { handle, name, active, tags, tax_category, price_policy, hold_policy, detail, variants }
}

fn variant_of(variant: VariantInput, currency: Currency) -> VariantDraft {
    let VariantInput { sku, attributes, price, prices, weight_grams, track_stock, on_hand, .. } = variant;
    let mut floors = variant.min_unit_prices;
    floors.extend(variant.min_unit_price.map(|floor| (currency.code().to_owned(), floor)));
    VariantDraft { sku, attributes, price, prices, floors, weight_grams, track_stock, on_hand }
}
