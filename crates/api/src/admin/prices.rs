//! `POST /admin/prices`.

use crate::access::Operator;
use crate::input::Body;
use crate::problem::Outcome;
use crate::respond::nothing;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::SetPrices;

/// Sets unit prices
///
/// All or none. Carts keep the prices they captured, and tell the difference.
#[utoipa::path(
    post, path = "/api/v1/admin/prices", tag = "Catalogue", request_body = SetPrices,
    responses(
        (status = 204, description = "The prices hold."),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn set_prices(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<SetPrices>,
) -> Outcome {
    let prices = request.prices.into_iter().map(|price| (price.sku, price.currency, price.price)).collect();
    api.engine.run(&operator.store, Command::SetPrices(prices)).await?;
    Ok(nothing())
}
