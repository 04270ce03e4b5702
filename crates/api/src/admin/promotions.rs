//! `/admin/promotions`.

use super::definition;
use super::rates::check_zone;
use crate::access::Operator;
use crate::input::{Body, Check, LAST_MS, PromotionPath};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{created, nothing, ok, rfc3339};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::id::PromotionId;
use cartwright_domain::promotion::Promotion;
use cartwright_engine::PromotionUse;
use cartwright_wire as wire;
use cartwright_wire::{PromotionInput, Promotions};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Most codes of one promotion that are listed.
const CODES: usize = 10_000;

/// Lists promotions
#[utoipa::path(
    get, path = "/api/v1/admin/promotions", tag = "Promotions",
    responses((status = 200, description = "All promotions, in the order in which they were made; that of application is by priority first.", body = Promotions)),
)]
pub(crate) async fn list_promotions(State(api): State<Shared>, operator: Operator) -> Outcome {
    let store = operator.store.store.id;
    let uses = api.engine.reader().promotion_uses(store, CODES).await?;
    let mut uses: HashMap<PromotionId, _> = uses.into_iter().map(|entry| (entry.promotion_id, entry)).collect();
    let promotions = operator.store.promotions.iter().map(|promotion| told(promotion, uses.remove(&promotion.id)));
    Ok(ok(&Promotions { promotions: promotions.collect() }))
}

fn told(promotion: &Promotion, uses: Option<PromotionUse>) -> wire::Promotion {
    let (codes, bulk_codes, redemptions) =
        uses.map_or((Vec::new(), 0, 0), |entry| (entry.codes, entry.bulk_codes, entry.uses));
    wire::Promotion { id: promotion.id.0, definition: definition_of(promotion), codes, bulk_codes, redemptions }
}

/// The definition as it may be sent: its id stands beside it.
fn definition_of(promotion: &Promotion) -> Value {
    let mut definition = serde_json::to_value(promotion).unwrap_or_default();
    if let Some(fields) = definition.as_object_mut() {
        fields.remove("id");
        // Stored as milliseconds, shown as every other instant.
        for (name, instant) in [("starts_at", promotion.starts_at), ("ends_at", promotion.ends_at)] {
            if let Some(instant) = instant {
                fields.insert(name.to_owned(), json!(rfc3339(instant)));
            }
        }
    }
    definition
}

/// Creates a promotion
///
/// With codes it counts only for carts that carry one of them; without, it is automatic.
#[utoipa::path(
    post, path = "/api/v1/admin/promotions", tag = "Promotions", request_body = PromotionInput,
    responses(
        (status = 201, description = "The promotion.", body = wire::Promotion, headers(("Location" = String, description = "Where it is."))),
        (status = 409, description = "`definition_refused`: its parts do not go together, or a code belongs to another promotion."),
    ),
)]
pub(crate) async fn create_promotion(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<PromotionInput>,
) -> Outcome {
    let promotion = put(&api, &operator, None, request).await?;
    Ok(created(&promotion, &format!("/api/v1/admin/promotions/{}", promotion.id)))
}

/// Replaces a promotion
///
/// Definition and codes; what was redeemed stays counted.
#[utoipa::path(
    put, path = "/api/v1/admin/promotions/{promotion_id}", tag = "Promotions", request_body = PromotionInput,
    responses(
        (status = 200, description = "The promotion.", body = wire::Promotion),
        (status = 404, description = "`promotion_not_found`, `store_not_found`."),
        (status = 409, description = "`definition_refused`: its parts do not go together, or a code belongs to another promotion."),
    ),
)]
pub(crate) async fn replace_promotion(
    State(api): State<Shared>,
    operator: Operator,
    PromotionPath(id): PromotionPath,
    Body(request): Body<PromotionInput>,
) -> Outcome {
    Ok(ok(&put(&api, &operator, Some(id), request).await?))
}

/// Ends a promotion
#[utoipa::path(
    delete, path = "/api/v1/admin/promotions/{promotion_id}", tag = "Promotions",
    responses(
        (status = 204, description = "It is gone, with its codes."),
        (status = 404, description = "`promotion_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn delete_promotion(
    State(api): State<Shared>,
    operator: Operator,
    PromotionPath(id): PromotionPath,
) -> Outcome {
    api.engine.run(&operator.store, Command::DeletePromotion(id)).await?;
    Ok(nothing())
}

/// Reads the definition of a promotion that stands at `definition` in a request.
pub(super) fn definition_from(mut definition: Value) -> Outcome<Promotion> {
    let Some(fields) = definition.as_object_mut() else {
        return Err(Problem::invalid_field("definition", "must be an object"));
    };
    // The engine gives the id; the type wants one.
    fields.insert("id".to_owned(), json!(Uuid::nil()));
    let promotion: Promotion = definition::read("definition", definition)?;
    let mut check = Check::default();
    for (index, zone) in promotion.conditions.destinations.iter().enumerate() {
        check_zone(&format!("definition.conditions.destinations[{index}]"), zone, &mut check);
    }
    for (name, instant) in [("starts_at", promotion.starts_at), ("ends_at", promotion.ends_at)] {
        if let Some(instant) = instant {
            check.number(&format!("definition.{name}"), instant.0, 0..=LAST_MS);
        }
    }
    check.finish()?;
    Ok(promotion)
}

async fn put(
    api: &Api,
    operator: &Operator,
    id: Option<PromotionId>,
    request: PromotionInput,
) -> Outcome<wire::Promotion> {
    let promotion = definition_from(request.definition)?;
    let command = Command::PutPromotion { id, promotion: Box::new(promotion), codes: request.codes };
    let id = match api.engine.run(&operator.store, command).await? {
        Reply::Promotion(id) => id,
        other => {
            tracing::error!(?other, "the engine answered something else than was asked");
            return Err(Problem::new(&kinds::INTERNAL, "Something failed on our side."));
        }
    };
    shown(api, operator, id).await
}

/// A promotion as it is now.
async fn shown(api: &Api, operator: &Operator, id: PromotionId) -> Outcome<wire::Promotion> {
    let store = operator.store.store.id;
    let config = api.engine.store(store).unwrap_or_else(|| operator.store.clone());
    let gone = || Problem::new(&kinds::PROMOTION_NOT_FOUND, "The promotion was removed meanwhile.");
    let promotion = config.promotion(id).ok_or_else(gone)?;
    let uses = api.engine.reader().promotion_uses(store, CODES).await?;
    Ok(told(promotion, uses.into_iter().find(|entry| entry.promotion_id == id)))
}
