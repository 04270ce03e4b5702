//! The rows about people in a batch: accounts, sessions, mailed secrets, keys, mails, and what operators did.

use crate::account::{Account, MailedToken, SecretHash, Session, StoreKey, UsedSecret};
use crate::command::SecretChange;
use crate::forget::Erasure;
use crate::id::{AccountId, AuditId, MailId, Timestamp};
use crate::mail::{Mail, TemplateChange};
use crate::mailbox::Mailbox;
use crate::recovery::{Reminder, ReplanStep};
use crate::working_set::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Names of the rows about people that are to be loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleKeys {
    /// Accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Accounts by e-mail address in lower case.
    pub emails: BTreeSet<String>,
    /// Sessions by the hash of their secret.
    pub sessions: BTreeSet<SecretHash>,
    /// Mailed secrets by their hash.
    pub tokens: BTreeSet<SecretHash>,
    /// Keys of the store by the hash of their secret.
    pub keys: BTreeSet<SecretHash>,
    /// Keys of the store that open it, by name.
    pub key_names: BTreeSet<String>,
    /// Mails.
    pub mails: BTreeSet<MailId>,
    /// Addresses that may have unsubscribed.
    pub unsubscribed: BTreeSet<String>,
    /// Addresses, in their normal form, that may stand on a cart which became an order.
    pub bought: BTreeSet<String>,
    /// Addresses to which the shop may have linked customers.
    pub linked: BTreeSet<String>,
    /// Addresses, in their normal form, to which mails may have gone that strangers can cause.
    pub mailboxes: BTreeSet<String>,
}

/// The rows about people.
#[derive(Debug, Default)]
pub struct People {
    /// Accounts.
    pub accounts: Table<AccountId, Account>,
    /// Which account an address led to when it was loaded, or leads to since; never written. See [`People::by_email`].
    pub emails: Table<String, AccountId>,
    /// Sessions.
    pub sessions: Table<SecretHash, Session>,
    /// Mailed secrets.
    pub tokens: Table<SecretHash, MailedToken>,
    /// Keys of the store.
    pub keys: Table<SecretHash, StoreKey>,
    /// Which key had a name when it was loaded, or has it since; never written.
    pub key_names: Table<String, SecretHash>,
    /// Secrets that were used, and when. Written, never read by decisions.
    pub used: BTreeMap<UsedSecret, Timestamp>,
    /// Keys for all stores that are withdrawn, and when. Written, never read by decisions.
    pub revoked: BTreeMap<SecretHash, Timestamp>,
    /// Mails.
    pub mails: Table<MailId, Mail>,
    /// Addresses, in lower case, that want no reminders, and since when.
    pub unsubscribed: Table<String, Timestamp>,
    /// When the last cart with an address became an order that stands, as it was when loaded; never written.
    pub bought: Table<String, Timestamp>,
    /// The customers that the shop has linked to an address, as they were when loaded; never written.
    pub linked: Table<String, Vec<String>>,
    /// Addresses in their normal form, with the mails that went to them and that strangers can cause.
    pub mailboxes: Table<String, Mailbox>,
    /// Stages that carts have reached.
    pub reminders: Vec<Reminder>,
    /// What becomes of the store's own words for mails, one after another.
    pub templates: Vec<TemplateChange>,
    /// What becomes of the secret with which the store signs links, one after another.
    pub link_secrets: Vec<SecretChange>,
    /// How far the carts have come that are planned anew since settings changed, step by step.
    pub replans: Vec<ReplanStep>,
    /// People who are to go, from now on.
    pub erasures_begun: Vec<Erasure>,
    /// People of whom nothing is left to erase.
    pub erasures_ended: Vec<Erasure>,
    /// What operators did.
    pub audit: Vec<AuditEntry>,
    /// Sessions and mailed secrets that ended before this are to go, and mails that were done with long before.
    pub forget_before: Option<Timestamp>,
}

/// An entry of the log of what operators did. One request has one entry, however much it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Identity: one request, one id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who: `key:NAME:ID`, `account:ID`, or `database` for who works on it beside the server.
    pub actor: String,
    /// What: the operation's name in the OpenAPI document.
    pub operation: String,
    /// To what: the address of the request.
    pub subject: String,
    /// Whether it was done.
    pub outcome: AuditOutcome,
}

/// Whether what an operator wanted was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It was done, in the transaction of this entry.
    Done,
    /// The role or the scopes do not allow it.
    Denied,
}

impl AuditOutcome {
    /// Both.
    pub const ALL: [AuditOutcome; 2] = [AuditOutcome::Done, AuditOutcome::Denied];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditOutcome::Done => "done",
            AuditOutcome::Denied => "denied",
        }
    }
}

impl People {
    /// The account of an e-mail address.
    pub fn by_email(&self, email: &str) -> Option<&Account> {
        let account = self.accounts.get(&**self.emails.get(&email.to_owned())?)?;
        // An account that was deleted in this batch has given its address back.
        (account.email == email).then_some(account)
    }

    /// Writes down what an operator did; a request is written down once.
    pub fn note(&mut self, entry: &AuditEntry, at: Timestamp) {
        if self.audit.iter().all(|known| known.id != entry.id) {
            self.audit.push(AuditEntry { at, ..entry.clone() });
        }
    }

    /// Whether anything is to be written.
    pub fn has_changes(&self) -> bool {
        self.accounts.changes().next().is_some()
            || self.sessions.changes().next().is_some()
            || self.tokens.changes().next().is_some()
            || self.keys.changes().next().is_some()
            || self.mails.changes().next().is_some()
            || self.unsubscribed.changes().next().is_some()
            || self.mailboxes.changes().next().is_some()
            || !self.used.is_empty()
            || !self.revoked.is_empty()
            || !self.reminders.is_empty()
            || !self.templates.is_empty()
            || !self.link_secrets.is_empty()
            || !self.replans.is_empty()
            || !self.erasures_begun.is_empty()
            || !self.erasures_ended.is_empty()
            || !self.audit.is_empty()
            || self.forget_before.is_some()
    }
}
