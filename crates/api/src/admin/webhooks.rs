//! `/admin/webhooks`: receivers of events, and what became of the events on their way.

use crate::access::{Operator, draw_webhook_secret};
use crate::input::{
    Body, Check, DeliveryPath, Filter, Query, WebhookPath, decode_cursor, encode_cursor, instant_of, no_such_page,
};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{created, nothing, ok, rfc3339};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Command, Reply, WebhookChange};
use cartwright_domain::id::WebhookId;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::webhook::{Delivery, DeliveryStatus, MAX_WEBHOOKS, Replay, Webhook};
use cartwright_engine::{DeliveryQuery, DeliverySelection, SealedFor, WebhookAnswer};
use cartwright_wire as wire;
use cartwright_wire::{ChangeWebhook, CreateWebhook, Page, ReplayWebhook, WebhookDelivery, WebhookPing, Webhooks};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: usize = 50;

/// Lists receivers of events
#[utoipa::path(
    get, path = "/api/v1/admin/webhooks", tag = "Events",
    responses((status = 200, description = "All receivers.", body = Webhooks)),
)]
pub(crate) async fn list_webhooks(State(api): State<Shared>, operator: Operator) -> Outcome {
    let webhooks = api.engine.reader().webhooks(operator.store.store.id).await?;
    Ok(ok(&Webhooks { webhooks: webhooks.iter().map(|webhook| told(webhook, None)).collect() }))
}

/// Creates a receiver of events
///
/// It gets what happens from now on, signed as Standard Webhooks says. The answer has its secret, which is never shown again.
#[utoipa::path(
    post, path = "/api/v1/admin/webhooks", tag = "Events", request_body = CreateWebhook,
    responses(
        (status = 201, description = "The receiver.", body = wire::Webhook, headers(("Location" = String, description = "Where it is."))),
        (status = 409, description = "`too_many_webhooks`."),
    ),
)]
pub(crate) async fn create_webhook(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<CreateWebhook>,
) -> Outcome {
    let store = operator.store.store.id;
    if api.engine.reader().webhooks(store).await?.len() >= MAX_WEBHOOKS {
        return Err(Problem::new(&kinds::TOO_MANY_WEBHOOKS, format!("A store may have {MAX_WEBHOOKS}.")));
    }
    let CreateWebhook { url, description, types } = request;
    let change = WebhookChange { url: Some(url), description, types: Some(types), active: None };
    let (secret, position) = (draw_webhook_secret()?, api.engine.reader().newest_event(store).await?);
    let sealed = api.engine.seal(SealedFor::Webhook, store, &secret)?;
    let command = Command::CreateWebhook { change: Box::new(change), secret: sealed, position };
    let webhook = told(&*run(&api, &operator, command).await?, Some(secret));
    Ok(created(&webhook, &format!("/api/v1/admin/webhooks/{}", webhook.id)))
}

/// Reads a receiver of events
#[utoipa::path(
    get, path = "/api/v1/admin/webhooks/{webhook_id}", tag = "Events",
    responses(
        (status = 200, description = "The receiver.", body = wire::Webhook),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_webhook(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
) -> Outcome {
    Ok(ok(&told(&find(&api, &operator, id).await?, None)))
}

/// Changes a receiver of events
///
/// A JSON Merge Patch (RFC 7396): what is absent stays, `null` unsets. While it is not active its events wait in the log.
#[utoipa::path(
    patch, path = "/api/v1/admin/webhooks/{webhook_id}", tag = "Events", request_body = ChangeWebhook,
    responses(
        (status = 200, description = "The receiver.", body = wire::Webhook),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn change_webhook(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
    Body(request): Body<ChangeWebhook>,
) -> Outcome {
    let ChangeWebhook { url, description, types, active } = request;
    let (description, types) = (description.or_unset(String::new()), types.or_unset(Vec::new()));
    let change = Box::new(WebhookChange { url, description, types, active });
    Ok(ok(&told(&*run(&api, &operator, Command::ChangeWebhook { id, change }).await?, None)))
}

/// Removes a receiver of events
#[utoipa::path(
    delete, path = "/api/v1/admin/webhooks/{webhook_id}", tag = "Events",
    responses(
        (status = 204, description = "It is gone, with what was on its way."),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn delete_webhook(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
) -> Outcome {
    api.engine.run(&operator.store, Command::DeleteWebhook(id)).await?;
    Ok(nothing())
}

/// Gives a receiver another secret
///
/// The one before stays valid for a day: until then each event carries both signatures. The answer has the new one, which is
/// never shown again.
#[utoipa::path(
    post, path = "/api/v1/admin/webhooks/{webhook_id}/rotate", tag = "Events",
    responses(
        (status = 200, description = "The receiver.", body = wire::Webhook),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn rotate_webhook_secret(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
) -> Outcome {
    let secret = draw_webhook_secret()?;
    let sealed = api.engine.seal(SealedFor::Webhook, operator.store.store.id, &secret)?;
    let command = Command::RotateWebhook { id, secret: sealed };
    Ok(ok(&told(&*run(&api, &operator, command).await?, Some(secret))))
}

/// Sends a receiver a test message
///
/// Its type is `ping`. It is sent once, at once, and stands in no log.
#[utoipa::path(
    post, path = "/api/v1/admin/webhooks/{webhook_id}/ping", tag = "Events",
    responses(
        (status = 200, description = "What the receiver said.", body = WebhookPing),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn ping_webhook(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
) -> Outcome {
    let (taken, answer) = match api.engine.ping_webhook(&operator.store, id).await? {
        WebhookAnswer::Taken(answer) => (true, answer),
        WebhookAnswer::Refused(answer) | WebhookAnswer::Gone(answer) => (false, answer),
    };
    Ok(ok(&WebhookPing { taken, answer }))
}

/// Which events on their way to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryFilter {
    /// Only those that stand so.
    #[param(inline, nullable = false)]
    status: Option<Status>,
    /// Events per page, 1 to 100; 50 unless given.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 200, nullable = false)]
    cursor: Option<String>,
}

/// Where an event stands on its way.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Delivered,
    Dead,
}

impl Filter for DeliveryFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=100);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=200);
    }
}

/// Lists events on their way to a receiver
///
/// The newest first. What was done with is known for 30 days.
#[utoipa::path(
    get, path = "/api/v1/admin/webhooks/{webhook_id}/deliveries", tag = "Events", params(DeliveryFilter),
    responses(
        (status = 200, description = "A page of events.", body = Page<WebhookDelivery>),
        (status = 404, description = "`webhook_not_found`, `cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_deliveries(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
    Query(filter): Query<DeliveryFilter>,
) -> Outcome {
    let before = match filter.cursor {
        Some(cursor) => decode_cursor(&cursor).ok_or_else(no_such_page)?,
        None => i64::MAX,
    };
    find(&api, &operator, id).await?;
    let status = filter.status.map(|status| match status {
        Status::Pending => DeliveryStatus::Pending,
        Status::Delivered => DeliveryStatus::Delivered,
        Status::Dead => DeliveryStatus::Dead,
    });
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let selection = DeliverySelection::Newest { status, before };
    // One more than asked tells whether there is a page after.
    let query = DeliveryQuery { webhook: id, selection, limit: limit + 1 };
    let mut found = api.engine.reader().deliveries(operator.store.store.id, &query).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| encode_cursor(&last.sequence));
    Ok(ok(&Page { items: found.iter().map(delivery_of).collect(), next }))
}

/// Sends an event again
///
/// Whatever became of it: it keeps its id, and those behind it of the same cart or order wait for it.
#[utoipa::path(
    post, path = "/api/v1/admin/webhooks/{webhook_id}/deliveries/{sequence}/replay", tag = "Events",
    responses(
        (status = 204, description = "It is sent soon."),
        (status = 404, description = "`webhook_not_found`, `delivery_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn replay_delivery(
    State(api): State<Shared>,
    operator: Operator,
    DeliveryPath(id, sequence): DeliveryPath,
) -> Outcome {
    let selection = DeliverySelection::Newest { status: None, before: sequence.saturating_add(1) };
    find(&api, &operator, id).await?;
    let query = DeliveryQuery { webhook: id, selection, limit: 1 };
    let found = api.engine.reader().deliveries(operator.store.store.id, &query).await?;
    if found.first().is_none_or(|delivery| delivery.sequence != sequence) {
        return Err(Problem::new(&kinds::DELIVERY_NOT_FOUND, "This event was not on its way to this receiver."));
    }
    run(&api, &operator, Command::ReplayDeliveries { id, replay: Replay::One(sequence) }).await?;
    Ok(nothing())
}

/// Sends many events again
///
/// All that were given up, or, with `since`, all that happened since then, as if they were new. They keep their ids.
#[utoipa::path(
    post, path = "/api/v1/admin/webhooks/{webhook_id}/replay", tag = "Events", request_body = ReplayWebhook,
    responses(
        (status = 204, description = "They are sent soon."),
        (status = 404, description = "`webhook_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn replay_webhook(
    State(api): State<Shared>,
    operator: Operator,
    WebhookPath(id): WebhookPath,
    Body(request): Body<ReplayWebhook>,
) -> Outcome {
    let store = &operator.store.store;
    let replay = match instant_of(request.since, &store.settings.time_zone) {
        None => Replay::Dead,
        Some(since) => Replay::After(api.engine.last_event_before(store.id, since).await?),
    };
    run(&api, &operator, Command::ReplayDeliveries { id, replay }).await?;
    Ok(nothing())
}

async fn run(api: &Api, operator: &Operator, command: Command) -> Outcome<std::sync::Arc<Webhook>> {
    match api.engine.run(&operator.store, command).await? {
        Reply::Webhook(webhook) => Ok(webhook),
        other => {
            tracing::error!(?other, "the engine answered something else than was asked");
            Err(Problem::new(&kinds::INTERNAL, "Something failed on our side."))
        }
    }
}

async fn find(api: &Api, operator: &Operator, id: WebhookId) -> Outcome<Webhook> {
    let all = api.engine.reader().webhooks(operator.store.store.id).await?;
    all.into_iter().find(|webhook| webhook.id == id).ok_or_else(|| Refusal::WebhookNotFound.into())
}

fn told(webhook: &Webhook, secret: Option<String>) -> wire::Webhook {
    let definition = &webhook.definition;
    wire::Webhook {
        id: webhook.id.0,
        url: definition.url.clone(),
        description: definition.description.clone(),
        types: definition.types.clone(),
        active: definition.active,
        off_reason: definition.off_reason.clone(),
        position: webhook.position,
        created_at: rfc3339(webhook.created_at),
        secret,
    }
}

fn delivery_of(delivery: &Delivery) -> WebhookDelivery {
    WebhookDelivery {
        sequence: delivery.sequence,
        event_id: delivery.event_id.0,
        kind: delivery.kind.as_str().to_owned(),
        subject: delivery.subject,
        status: delivery.status.as_str().to_owned(),
        tries: delivery.tries,
        due_at: delivery.due_at.map(rfc3339),
        answer: delivery.answer.clone(),
        changed_at: rfc3339(delivery.changed_at),
    }
}
