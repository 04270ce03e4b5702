//! Decisions about receivers of events, and about what became of the events on their way.

use super::Context;
use crate::command::{Reply, SecretChange, WebhookChange};
use crate::id::{Timestamp, WebhookId};
use crate::refusal::Refusal;
use crate::webhook::{Delivery, Replay, Webhook, WebhookDefinition};
use crate::working_set::{DeliveryChange, Keys, WorkingSet};
use std::sync::Arc;

pub(super) fn need(id: WebhookId, set: &WorkingSet, keys: &mut Keys) {
    if !set.webhooks.knows(&id) {
        keys.webhooks.insert(id);
    }
}

fn open(id: WebhookId, set: &WorkingSet) -> Result<Arc<Webhook>, Refusal> {
    set.webhooks.get(&id).cloned().ok_or(Refusal::WebhookNotFound)
}

fn write(webhook: Webhook, set: &mut WorkingSet) -> Reply {
    let id = webhook.id;
    set.webhooks.put(id, webhook);
    Reply::Webhook(set.webhooks.get(&id).expect("just written").clone())
}

/// Events after `position` are for it.
pub(super) fn create(
    change: &WebhookChange,
    secret: &str,
    position: i64,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Reply {
    let mut definition = WebhookDefinition { active: true, ..WebhookDefinition::default() };
    apply(change, &mut definition);
    definition.rotate(secret.to_owned(), context.now);
    let id = WebhookId(context.ids.next_id());
    write(Webhook { id, definition, position, round: 0, created_at: context.now }, set)
}

pub(super) fn change(id: WebhookId, change: &WebhookChange, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let mut webhook = (*open(id, set)?).clone();
    apply(change, &mut webhook.definition);
    Ok(write(webhook, set))
}

fn apply(change: &WebhookChange, definition: &mut WebhookDefinition) {
    if let Some(url) = &change.url {
        definition.url.clone_from(url);
    }
    if let Some(description) = &change.description {
        definition.description.clone_from(description);
    }
    if let Some(types) = &change.types {
        definition.types.clone_from(types);
    }
    if let Some(active) = change.active {
        definition.active = active;
        definition.off_reason = None;
    }
}

pub(super) fn rotate(id: WebhookId, secret: &str, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let mut webhook = (*open(id, set)?).clone();
    webhook.definition.rotate(secret.to_owned(), now);
    Ok(write(webhook, set))
}

/// A receiver whose last secret is gone is switched off: what it got could not be told from a forgery.
pub(super) fn change_secrets(id: WebhookId, changes: &[SecretChange], set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let mut webhook = (*open(id, set)?).clone();
    let definition = &mut webhook.definition;
    for change in changes {
        let Some(from) = &change.from else { continue };
        match &change.to {
            Some(to) => {
                definition.secrets.iter_mut().filter(|kept| kept.key == *from).for_each(|kept| kept.key.clone_from(to))
            }
            None => definition.secrets.retain(|kept| kept.key != *from),
        }
    }
    if definition.secrets.is_empty() && definition.active {
        definition.active = false;
        definition.off_reason =
            Some("Its signing secret was lost. Rotate the secret, then switch it on again.".to_owned());
    }
    Ok(write(webhook, set))
}

pub(super) fn delete(id: WebhookId, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    open(id, set)?;
    set.delivery_changes.push(DeliveryChange::Forget(id));
    Ok(Reply::Done)
}

/// Takes in what became of a round of deliveries, if nothing was written about the receiver since it began.
pub(super) fn record(
    id: WebhookId,
    round: i64,
    position: i64,
    deliveries: &[Delivery],
    off: Option<&str>,
    set: &mut WorkingSet,
) -> Result<Reply, Refusal> {
    let mut webhook = (*open(id, set)?).clone();
    if webhook.round != round {
        let detail = "somebody else has written about this receiver meanwhile".to_owned();
        return Err(Refusal::Conflict { detail });
    }
    webhook.round += 1;
    webhook.position = position;
    if let Some(reason) = off {
        webhook.definition.active = false;
        webhook.definition.off_reason = Some(reason.to_owned());
    }
    set.delivery_changes.extend(deliveries.iter().map(|delivery| DeliveryChange::Put(id, Box::new(delivery.clone()))));
    Ok(write(webhook, set))
}

pub(super) fn replay(id: WebhookId, replay: Replay, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let mut webhook = (*open(id, set)?).clone();
    webhook.round += 1;
    match replay {
        Replay::After(position) => webhook.position = webhook.position.min(position),
        Replay::One(sequence) => set.delivery_changes.push(DeliveryChange::Revive(id, Some(sequence), now)),
        Replay::Dead => set.delivery_changes.push(DeliveryChange::Revive(id, None, now)),
    }
    Ok(write(webhook, set))
}
