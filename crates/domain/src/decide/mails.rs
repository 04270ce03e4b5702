//! Decisions about mails: written with what they tell of, claimed by one worker, settled by what became of them.

use super::{Context, recovery};
use crate::command::{MailCommand, Reply};
use crate::email::counted_email;
use crate::id::{MailId, Timestamp};
use crate::mail::{
    CLAIM_MS, MOST_TRIES, Mail, MailKind, MailOutcome, MailState, MailTemplate, TemplateChange, pause_ms,
};
use crate::mailbox::{Asked, Mailbox};
use crate::refusal::Refusal;
use crate::working_set::{Keys, WorkingSet};
use serde_json::{Value, json};

/// Writes the intent to send a mail.
pub(super) fn write(
    recipient: &str,
    kind: MailKind,
    locale: Option<String>,
    data: Value,
    set: &mut WorkingSet,
    context: &mut Context,
) -> MailId {
    let id = MailId(context.ids.next_id());
    let mail = Mail {
        id,
        recipient: recipient.to_owned(),
        kind,
        locale,
        data,
        state: MailState::Waiting,
        tries: 0,
        due_at: Some(context.now),
        created_at: context.now,
    };
    set.people.mails.put(id, mail);
    id
}

/// What it takes to write a mail to this address, in its normal form, that a stranger can cause.
pub(super) fn need_mailbox(address: &str, set: &WorkingSet, keys: &mut Keys) {
    let rows = [address.to_owned(), counted_email(address)];
    keys.people.mailboxes.extend(rows.into_iter().filter(|row| !set.people.mailboxes.knows(row)));
}

/// What is known of an address in its normal form.
pub(super) fn mailbox(address: &str, set: &WorkingSet) -> Mailbox {
    set.people.mailboxes.get(&address.to_owned()).map(|known| (**known).clone()).unwrap_or_default()
}

/// Counts a mail under this name, if one that a stranger can cause may go now; whether it may.
#[must_use]
pub(super) fn admits(counted_as: &str, asked: Asked, set: &mut WorkingSet, now: Timestamp) -> bool {
    let mut known = mailbox(counted_as, set);
    let admitted = known.admits(asked, set.config.store.settings.mails_per_address, now);
    set.people.mailboxes.put(counted_as.to_owned(), known);
    admitted
}

/// When the next mail under this name may go.
pub(super) fn free_at(counted_as: &str, asked: Asked, set: &WorkingSet, now: Timestamp) -> Timestamp {
    mailbox(counted_as, set).free_at(asked, set.config.store.settings.mails_per_address, now)
}

pub(super) fn need(command: &MailCommand, set: &WorkingSet, keys: &mut Keys) {
    let (MailCommand::Claim(id) | MailCommand::Settle { id, .. }) = command else { return };
    if !set.people.mails.knows(id) {
        keys.people.mails.insert(*id);
    } else if let Some(cart) = set.people.mails.get(id).and_then(|mail| recovery::reminded_cart(mail)) {
        recovery::need_recipient(cart, set, keys);
    }
}

pub(super) fn decide(command: &MailCommand, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    match command {
        MailCommand::Claim(id) => claim(*id, set, now),
        MailCommand::Settle { id, tries, outcome } => {
            settle(*id, *tries, *outcome, set, now);
            Ok(Reply::Done)
        }
        MailCommand::Template(change) => {
            let change = match change.clone() {
                TemplateChange::Put(template) => TemplateChange::Put(MailTemplate { updated_at: now, ..template }),
                removal @ TemplateChange::Remove(..) => removal,
            };
            set.people.templates.push(change);
            Ok(Reply::Done)
        }
    }
}

/// Hands a mail to one worker. One that was claimed and never settled may have been sent: it is given up.
fn claim(id: MailId, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let due = set.people.mails.get(&id).filter(|mail| mail.due_at.is_some_and(|due| due <= now));
    match due.map(|mail| mail.state) {
        Some(MailState::Waiting) => {}
        Some(MailState::Sending) => {
            finish(id, MailState::Unknown, set);
            return Ok(Reply::Done);
        }
        _ => return Ok(Reply::Done),
    }
    if due.is_some_and(|mail| !recovery::is_wanted(mail, set)) {
        finish(id, MailState::Failed, set);
        return Ok(Reply::Done);
    }
    if let Some(mail) = set.people.mails.edit(&id) {
        mail.state = MailState::Sending;
        mail.tries += 1;
        mail.due_at = Some(now.plus_ms(CLAIM_MS));
    }
    Ok(Reply::Mail(set.people.mails.get(&id).expect("just claimed").clone()))
}

/// Takes in what became of the try that was claimed as number `tries`.
fn settle(id: MailId, tries: i64, outcome: MailOutcome, set: &mut WorkingSet, now: Timestamp) {
    let claimed = set.people.mails.get(&id).filter(|mail| mail.state == MailState::Sending && mail.tries == tries);
    if claimed.is_none() {
        return;
    }
    match outcome {
        MailOutcome::Sent => finish(id, MailState::Sent, set),
        MailOutcome::Unknown => finish(id, MailState::Unknown, set),
        MailOutcome::Refused => finish(id, MailState::Failed, set),
        MailOutcome::NotSent if tries >= MOST_TRIES => finish(id, MailState::Failed, set),
        MailOutcome::NotSent => {
            if let Some(mail) = set.people.mails.edit(&id) {
                mail.state = MailState::Waiting;
                mail.due_at = Some(now.plus_ms(pause_ms(tries)));
            }
        }
    }
}

fn finish(id: MailId, state: MailState, set: &mut WorkingSet) {
    if let Some(mail) = set.people.mails.edit(&id) {
        mail.state = state;
        mail.due_at = None;
        mail.data = json!({});
    }
}
