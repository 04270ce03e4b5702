//! Decisions about events of payment gateways: taken once, put off until they can be done, given up in the end.

use crate::command::{InboxCommand, Reply};
use crate::id::{OrderId, Timestamp};
use crate::inbox::{CLAIM_MS, FEWEST_TRIES, InboxEvent, InboxKey, InboxState, Inboxed, Notice, PATIENCE_MS, pause_ms};
use crate::working_set::{Keys, WorkingSet};

pub(super) fn need(command: &InboxCommand, set: &WorkingSet, keys: &mut Keys) {
    match command {
        InboxCommand::Receive { key, .. } | InboxCommand::Finish(key) | InboxCommand::PutOff { key, .. } => {
            if !set.inbox.knows(key) {
                keys.inbox.insert(key.clone());
            }
        }
        InboxCommand::Forget { .. } => {}
    }
}

pub(super) fn decide(command: &InboxCommand, set: &mut WorkingSet, now: Timestamp) -> Reply {
    match command {
        InboxCommand::Receive { key, order_id, notice } => Reply::Inbox(receive(key, *order_id, notice, set, now)),
        InboxCommand::Finish(key) => {
            end(key, InboxState::Done, set, now);
            Reply::Done
        }
        InboxCommand::PutOff { key, tries } => Reply::Inbox(put_off(key, *tries, set, now)),
        InboxCommand::Forget { before } => {
            set.forget_inbox_before = Some(*before);
            Reply::Done
        }
    }
}

fn receive(key: &InboxKey, order_id: OrderId, notice: &Notice, set: &mut WorkingSet, now: Timestamp) -> Inboxed {
    if set.inbox.get(key).is_some_and(|known| known.state != InboxState::Dropped) {
        return Inboxed::Known;
    }
    let event = InboxEvent {
        key: key.clone(),
        order_id,
        notice: notice.clone(),
        state: InboxState::Pending,
        received_at: now,
        tries: 0,
        due_at: Some(now.plus_ms(CLAIM_MS)),
        done_at: None,
    };
    set.inbox.put(key.clone(), event);
    Inboxed::New
}

/// Puts an event off that could not be done when it had been put off `tries` times.
fn put_off(key: &InboxKey, tries: i64, set: &mut WorkingSet, now: Timestamp) -> Inboxed {
    let tried = set.inbox.get(key).filter(|event| event.state == InboxState::Pending && event.tries == tries);
    let Some(event) = tried else { return Inboxed::Known };
    if now.0 - event.received_at.0 >= PATIENCE_MS && tries >= FEWEST_TRIES {
        end(key, InboxState::Dropped, set, now);
        return Inboxed::Dropped;
    }
    if let Some(event) = set.inbox.edit(key) {
        event.tries += 1;
        event.due_at = Some(now.plus_ms(pause_ms(tries)));
    }
    Inboxed::Waits
}

fn end(key: &InboxKey, state: InboxState, set: &mut WorkingSet, now: Timestamp) {
    if set.inbox.get(key).is_none_or(|event| event.state != InboxState::Pending) {
        return;
    }
    if let Some(event) = set.inbox.edit(key) {
        event.state = state;
        event.due_at = None;
        event.done_at = Some(now);
    }
}
