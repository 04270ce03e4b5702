//! Accounts, sessions, mailed secrets, keys of a store, mails, and the log of what operators did.

use super::persons;
use super::rows::{self, Result};
use super::session::{Pipeline, Value, column, value};
use super::uses;
use cartwright_domain::account::{Account, MailedToken, Purpose, Role, SecretHash, Session, SessionKind, StoreKey};
use cartwright_domain::command::SecretChange;
use cartwright_domain::id::{AccountId, AuditId, CartId, MailId, StoreId, Timestamp};
use cartwright_domain::mail::{KEEP_MS, Mail, MailKind, MailState, MailTemplate, TemplateChange};
use cartwright_domain::mailbox::Mailbox;
use cartwright_domain::people::{AuditEntry, AuditOutcome, People, PeopleKeys};
use cartwright_domain::recovery::{ReplanStep, Visited};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::TemplateName;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::Json;

macro_rules! columns {
    ($name:ident, $text:literal) => {
        macro_rules! $name {
            () => {
                $text
            };
        }
    };
}

columns!(
    ACCOUNT,
    "a.account_id, a.email, a.password, a.role, a.verified_at, a.generation, a.profile, a.created_at, a.updated_at"
);
const ACCOUNT_COLUMNS: usize = 9;
columns!(
    SESSION,
    "s.token_hash, s.account_id, s.generation, s.kind, s.created_at, s.expires_at, \
     coalesce(s.used_at, s.created_at)"
);
columns!(TOKEN, "token_hash, account_id, purpose, generation, expires_at");
columns!(KEY, "hash, name, role, scopes, created_at, revoked_at, expires_at, used_at");
columns!(MAIL, "mail_id, recipient, kind, locale, data, state, tries, due_at, created_at");

const ACCOUNTS: &str =
    concat!("SELECT ", ACCOUNT!(), " FROM accounts a WHERE a.store_id = $1 AND a.account_id = ANY($2)");
const EMAILS: &str = concat!("SELECT ", ACCOUNT!(), " FROM accounts a WHERE a.store_id = $1 AND a.email = ANY($2)");
const SESSIONS: &str =
    concat!("SELECT ", SESSION!(), " FROM sessions s WHERE s.store_id = $1 AND s.token_hash = ANY($2)");
const TOKENS: &str = concat!("SELECT ", TOKEN!(), " FROM mailed_tokens WHERE store_id = $1 AND token_hash = ANY($2)");
const KEYS: &str = concat!("SELECT ", KEY!(), " FROM api_keys WHERE store_id = $1 AND hash = ANY($2)");
const KEY_NAMES: &str = "SELECT name, hash FROM api_keys WHERE store_id = $1 AND name = ANY($2) AND revoked_at IS NULL";
const MAILS: &str = concat!("SELECT ", MAIL!(), " FROM mails WHERE store_id = $1 AND mail_id = ANY($2)");

const MAILBOXES: &str = "SELECT address, detail FROM mailboxes WHERE store_id = $1 AND address = ANY($2)";
pub const MAILS_TO: &str = concat!(
    "SELECT ",
    MAIL!(),
    " FROM mails WHERE store_id = $1 AND lower(recipient) = ANY($2) ORDER BY mail_id DESC LIMIT $3"
);

const UNSUBSCRIBED: &str = "SELECT email, at FROM unsubscribed WHERE store_id = $1 AND email = ANY($2)";

pub const ACCOUNT_BY_ID: &str =
    concat!("SELECT ", ACCOUNT!(), " FROM accounts a WHERE a.store_id = $1 AND a.account_id = $2");
pub const ACCOUNT_BY_EMAIL: &str =
    concat!("SELECT ", ACCOUNT!(), " FROM accounts a WHERE a.store_id = $1 AND a.email = $2");
pub const SESSION_WITH_ACCOUNT: &str = concat!(
    "SELECT ",
    ACCOUNT!(),
    ", ",
    SESSION!(),
    " FROM sessions s JOIN accounts a ON a.store_id = $1 AND a.account_id = s.account_id ",
    "WHERE s.store_id = $1 AND s.token_hash = $2"
);
pub const SESSIONS_NAMED: &str = concat!(
    "SELECT ",
    ACCOUNT!(),
    ", ",
    SESSION!(),
    " FROM sessions s JOIN accounts a ON a.store_id = $1 AND a.account_id = s.account_id ",
    "WHERE s.store_id = $1 AND s.token_hash = ANY($2)"
);
pub const SESSIONS_OF: &str = concat!(
    "SELECT ",
    SESSION!(),
    " FROM sessions s WHERE s.store_id = $1 AND s.account_id = $2 AND s.expires_at > $3 ",
    "ORDER BY s.expires_at DESC LIMIT $4"
);
pub const TOKEN_BY_HASH: &str =
    concat!("SELECT ", TOKEN!(), " FROM mailed_tokens WHERE store_id = $1 AND token_hash = $2");
pub const OPERATORS: &str = concat!(
    "SELECT ",
    ACCOUNT!(),
    " FROM accounts a WHERE a.store_id = $1 AND a.role IS NOT NULL ORDER BY a.account_id LIMIT $2"
);
pub const STORE_KEYS: &str =
    concat!("SELECT ", KEY!(), " FROM api_keys WHERE store_id = $1 ORDER BY revoked_at IS NOT NULL, hash LIMIT $2");
pub const DUE_MAILS: &str = "SELECT mail_id FROM mails WHERE store_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3";
const BOUGHT: &str = "SELECT email, max(updated_at) FROM carts WHERE store_id = $1 AND email = ANY($2) \
     AND status = 'checked_out' GROUP BY email";
const BEGIN_REPLAN: &str = "INSERT INTO cart_replans (store_id, expires_at, cart_id) VALUES ($1, $2, $3) \
     ON CONFLICT (store_id) DO UPDATE SET expires_at = excluded.expires_at, cart_id = excluded.cart_id";
const GO_ON_REPLANNING: &str = "UPDATE cart_replans SET expires_at = $4, cart_id = $5 \
     WHERE store_id = $1 AND expires_at = $2 AND cart_id = $3";
const END_REPLAN: &str = "DELETE FROM cart_replans WHERE store_id = $1 AND expires_at = $2 AND cart_id = $3";
pub const REPLAN: &str = "SELECT expires_at, cart_id FROM cart_replans WHERE store_id = $1";
pub const REPLANNED: &str = "SELECT expires_at, cart_id FROM carts WHERE store_id = $1 AND status IN ('active', 'abandoned') \
     AND (expires_at, cart_id) > ($2, $3) ORDER BY expires_at, cart_id LIMIT $4";
pub const DUE_RECOVERIES: &str =
    "SELECT cart_id FROM carts WHERE store_id = $1 AND recovery_at <= $2 ORDER BY recovery_at LIMIT $3";
pub const LINK_SECRET: &str = "SELECT secret FROM link_secrets WHERE store_id = $1";
pub const MAIL_TEMPLATES: &str = "SELECT kind, locale, subject, text, html, updated_at FROM mail_templates \
     WHERE store_id = $1 AND kind = $2 ORDER BY locale";
pub const MAIL_TEMPLATE_NAMES: &str =
    "SELECT kind, locale, updated_at FROM mail_templates WHERE store_id = $1 ORDER BY kind, locale";
pub const AUDIT_LOG: &str = "SELECT audit_id, at, actor, operation, subject, outcome FROM audit_log \
     WHERE store_id = $1 AND audit_id < $2 ORDER BY audit_id DESC LIMIT $3";

const PUT_ACCOUNTS: &str = "INSERT INTO accounts (store_id, account_id, email, password, role, verified_at, generation, \
     profile, created_at, updated_at) SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], \
     $6::bigint[], $7::bigint[], $8::json[], $9::bigint[], $10::bigint[]) ON CONFLICT (store_id, account_id) DO UPDATE SET \
     email = excluded.email, password = excluded.password, role = excluded.role, verified_at = excluded.verified_at, \
     generation = excluded.generation, profile = excluded.profile, updated_at = excluded.updated_at";
const PUT_SESSIONS: &str = "INSERT INTO sessions (store_id, token_hash, account_id, generation, kind, created_at, \
     expires_at, used_at) SELECT $1, * FROM unnest($2::bytea[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], \
     $7::bigint[], $8::bigint[]) ON CONFLICT (store_id, token_hash) DO UPDATE SET generation = excluded.generation, expires_at = excluded.expires_at";
const PUT_TOKENS: &str = "INSERT INTO mailed_tokens (store_id, token_hash, account_id, purpose, generation, expires_at) \
     SELECT $1, * FROM unnest($2::bytea[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[]) \
     ON CONFLICT (store_id, token_hash) DO UPDATE SET expires_at = excluded.expires_at";
const PUT_KEYS: &str = "INSERT INTO api_keys (store_id, hash, name, role, scopes, created_at, revoked_at, \
     expires_at) SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::text[], $5::json[], $6::bigint[], $7::bigint[], \
     $8::bigint[]) ON CONFLICT (store_id, hash) DO UPDATE SET revoked_at = excluded.revoked_at";
const PUT_MAILS: &str = "INSERT INTO mails (store_id, mail_id, recipient, kind, locale, data, state, tries, due_at, \
     created_at) SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::json[], $7::text[], \
     $8::bigint[], $9::bigint[], $10::bigint[]) ON CONFLICT (store_id, mail_id) DO UPDATE SET data = excluded.data, \
     state = excluded.state, tries = excluded.tries, due_at = excluded.due_at";
const PUT_UNSUBSCRIBED: &str = "INSERT INTO unsubscribed (store_id, email, at) SELECT $1, * FROM unnest($2::text[], $3::bigint[]) \
     ON CONFLICT (store_id, email) DO NOTHING";
const PUT_MAILBOXES: &str = "INSERT INTO mailboxes (store_id, address, detail, until) \
     SELECT $1, * FROM unnest($2::text[], $3::json[], $4::bigint[]) \
     ON CONFLICT (store_id, address) DO UPDATE SET detail = excluded.detail, until = excluded.until";
const APPEND_REMINDERS: &str = "INSERT INTO reminders (store_id, cart_id, stage, mail_id, at) \
     SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[])";
const PUT_MAIL_TEMPLATE: &str = "INSERT INTO mail_templates (store_id, kind, locale, subject, text, html, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (store_id, kind, locale) DO UPDATE SET subject = excluded.subject, \
     text = excluded.text, html = excluded.html, updated_at = excluded.updated_at";
const REMOVE_MAIL_TEMPLATE: &str = "DELETE FROM mail_templates WHERE store_id = $1 AND kind = $2 AND locale = $3";
const KEEP_LINK_SECRET: &str =
    "INSERT INTO link_secrets (store_id, secret) VALUES ($1, $2) ON CONFLICT (store_id) DO NOTHING";
const RESEAL_LINK_SECRET: &str = "UPDATE link_secrets SET secret = $3 WHERE store_id = $1 AND secret = $2";
const DROP_LINK_SECRET: &str = "DELETE FROM link_secrets WHERE store_id = $1 AND secret = $2";
/// Ends all links of all stores: each makes itself another secret when it needs one.
pub const END_LINKS: &str = "DELETE FROM link_secrets";
/// A request may take several batches; it has one entry.
const APPEND_AUDIT: &str = "INSERT INTO audit_log (store_id, audit_id, at, actor, operation, subject, outcome) \
     SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]) \
     ON CONFLICT (store_id, audit_id) DO NOTHING";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE store_id = $1 AND expires_at < $2";
const FORGET_TOKENS: &str = "DELETE FROM mailed_tokens WHERE store_id = $1 AND expires_at < $2";
const FORGET_MAILBOXES: &str = "DELETE FROM mailboxes WHERE store_id = $1 AND until < $2";
const FORGET_MAILS: &str = "DELETE FROM mails WHERE store_id = $1 AND mail_id < $2 AND due_at IS NULL";

/// Which rows about people an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Accounts,
    Emails,
    Sessions,
    Tokens,
    Keys,
    KeyNames,
    Mails,
    Unsubscribed,
    Bought,
    Linked,
    Mailboxes,
}

pub fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: AccountId(row.try_get(0)?),
        email: row.try_get(1)?,
        password: row.try_get(2)?,
        role: match row.try_get::<_, Option<&str>>(3)? {
            Some(_) => Some(rows::named(row, 3, &Role::ALL, Role::as_str)?),
            None => None,
        },
        verified_at: row.try_get::<_, Option<i64>>(4)?.map(Timestamp),
        generation: row.try_get(5)?,
        profile: rows::from_json(row, 6)?,
        created_at: Timestamp(row.try_get(7)?),
        updated_at: Timestamp(row.try_get(8)?),
    })
}

fn session_at(row: &Row, column: usize) -> Result<(SecretHash, Session)> {
    let session = Session {
        account_id: AccountId(row.try_get(column + 1)?),
        generation: row.try_get(column + 2)?,
        kind: rows::named(row, column + 3, &SessionKind::ALL, SessionKind::as_str)?,
        created_at: Timestamp(row.try_get(column + 4)?),
        expires_at: Timestamp(row.try_get(column + 5)?),
        used_at: Timestamp(row.try_get(column + 6)?),
    };
    Ok((rows::hash(row, column)?, session))
}

pub fn session(row: &Row) -> Result<(SecretHash, Session)> {
    session_at(row, 0)
}

pub fn named_session(row: &Row) -> Result<(SecretHash, Session, Account)> {
    let (hash, session) = session_at(row, ACCOUNT_COLUMNS)?;
    Ok((hash, session, account(row)?))
}

pub fn session_with_account(row: &Row) -> Result<(Session, Account)> {
    Ok((session_at(row, ACCOUNT_COLUMNS)?.1, account(row)?))
}

fn token_with_hash(row: &Row) -> Result<(SecretHash, MailedToken)> {
    let token = MailedToken {
        account_id: AccountId(row.try_get(1)?),
        purpose: rows::named(row, 2, &Purpose::ALL, Purpose::as_str)?,
        generation: row.try_get(3)?,
        expires_at: Timestamp(row.try_get(4)?),
    };
    Ok((rows::hash(row, 0)?, token))
}

pub fn token(row: &Row) -> Result<MailedToken> {
    Ok(token_with_hash(row)?.1)
}

pub fn store_key(row: &Row) -> Result<(SecretHash, StoreKey)> {
    let key = StoreKey {
        name: row.try_get(1)?,
        role: rows::named(row, 2, &Role::ALL, Role::as_str)?,
        scopes: rows::from_json(row, 3)?,
        created_at: Timestamp(row.try_get(4)?),
        revoked_at: row.try_get::<_, Option<i64>>(5)?.map(Timestamp),
        expires_at: row.try_get::<_, Option<i64>>(6)?.map(Timestamp),
        used_at: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
    };
    Ok((rows::hash(row, 0)?, key))
}

pub fn mail(row: &Row) -> Result<Mail> {
    Ok(Mail {
        id: MailId(row.try_get(0)?),
        recipient: row.try_get(1)?,
        kind: rows::named(row, 2, &MailKind::ALL, MailKind::as_str)?,
        locale: row.try_get(3)?,
        data: rows::from_json(row, 4)?,
        state: rows::named(row, 5, &MailState::ALL, MailState::as_str)?,
        tries: row.try_get(6)?,
        due_at: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
        created_at: Timestamp(row.try_get(8)?),
    })
}

pub fn audit_entry(row: &Row) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: AuditId(row.try_get(0)?),
        at: Timestamp(row.try_get(1)?),
        actor: row.try_get(2)?,
        operation: row.try_get(3)?,
        subject: row.try_get(4)?,
        outcome: rows::named(row, 5, &AuditOutcome::ALL, AuditOutcome::as_str)?,
    })
}

/// Asks for what the keys name.
pub fn ask<'a>(pipeline: &mut Pipeline<'a, super::load::Part>, store: StoreId, keys: &'a PeopleKeys) {
    let mut add = |part, sql, empty: bool, values| {
        if !empty {
            pipeline.add(super::load::Part::People(part), sql, vec![value(store.0), values]);
        }
    };
    add(Part::Accounts, ACCOUNTS, keys.accounts.is_empty(), column(keys.accounts.iter().map(|id| id.0)));
    add(Part::Emails, EMAILS, keys.emails.is_empty(), column(keys.emails.iter()));
    add(Part::Sessions, SESSIONS, keys.sessions.is_empty(), column(keys.sessions.iter().map(|hash| &hash[..])));
    add(Part::Tokens, TOKENS, keys.tokens.is_empty(), column(keys.tokens.iter().map(|hash| &hash[..])));
    add(Part::Keys, KEYS, keys.keys.is_empty(), column(keys.keys.iter().map(|hash| &hash[..])));
    add(Part::KeyNames, KEY_NAMES, keys.key_names.is_empty(), column(keys.key_names.iter()));
    add(Part::Unsubscribed, UNSUBSCRIBED, keys.unsubscribed.is_empty(), column(keys.unsubscribed.iter()));
    add(Part::Bought, BOUGHT, keys.bought.is_empty(), column(keys.bought.iter()));
    add(Part::Linked, persons::LINKED, keys.linked.is_empty(), column(keys.linked.iter()));
    add(Part::Mailboxes, MAILBOXES, keys.mailboxes.is_empty(), column(keys.mailboxes.iter()));
    add(Part::Mails, MAILS, keys.mails.is_empty(), column(keys.mails.iter().map(|id| id.0)));
}

pub fn visited(row: &Row) -> Result<Visited> {
    Ok(Visited { expires_at: Timestamp(row.try_get(0)?), cart_id: CartId(row.try_get(1)?) })
}

pub fn mail_template(row: &Row) -> Result<MailTemplate> {
    Ok(MailTemplate {
        kind: rows::named(row, 0, &MailKind::ALL, MailKind::as_str)?,
        locale: row.try_get(1)?,
        subject: row.try_get(2)?,
        text: row.try_get(3)?,
        html: row.try_get(4)?,
        updated_at: Timestamp(row.try_get(5)?),
    })
}

pub fn mail_template_name(row: &Row) -> Result<TemplateName> {
    Ok((rows::named(row, 0, &MailKind::ALL, MailKind::as_str)?, row.try_get(1)?, Timestamp(row.try_get(2)?)))
}

/// Takes a row into the set.
pub fn take_row(part: Part, row: &Row, people: &mut People) -> Result<()> {
    match part {
        Part::Accounts | Part::Emails => {
            let account = account(row)?;
            if part == Part::Emails {
                people.emails.load(account.email.clone(), Some(Arc::new(account.id)));
            }
            people.accounts.load(account.id, Some(Arc::new(account)));
        }
        Part::Sessions => {
            let (hash, session) = session(row)?;
            people.sessions.load(hash, Some(Arc::new(session)));
        }
        Part::Tokens => {
            let (hash, token) = token_with_hash(row)?;
            people.tokens.load(hash, Some(Arc::new(token)));
        }
        Part::Keys => {
            let (hash, key) = store_key(row)?;
            people.keys.load(hash, Some(Arc::new(key)));
        }
        Part::KeyNames => people.key_names.load(row.try_get(0)?, Some(Arc::new(rows::hash(row, 1)?))),
        Part::Mails => {
            let mail = mail(row)?;
            people.mails.load(mail.id, Some(Arc::new(mail)));
        }
        Part::Unsubscribed => {
            let at = Timestamp(row.try_get(1)?);
            people.unsubscribed.load(row.try_get(0)?, Some(Arc::new(at)));
        }
        Part::Bought => {
            let at = Timestamp(row.try_get(1)?);
            people.bought.load(row.try_get(0)?, Some(Arc::new(at)));
        }
        Part::Mailboxes => {
            let mailbox: Mailbox = rows::from_json(row, 1)?;
            people.mailboxes.load(row.try_get(0)?, Some(Arc::new(mailbox)));
        }
        Part::Linked => people.linked.load(row.try_get(0)?, Some(Arc::new(row.try_get(1)?))),
    }
    Ok(())
}

/// What was asked for and did not come is known to be absent.
pub fn note_absent(keys: &PeopleKeys, people: &mut People) {
    keys.accounts.iter().for_each(|id| people.accounts.load(*id, None));
    keys.emails.iter().for_each(|email| people.emails.load(email.clone(), None));
    keys.sessions.iter().for_each(|hash| people.sessions.load(*hash, None));
    keys.tokens.iter().for_each(|hash| people.tokens.load(*hash, None));
    keys.keys.iter().for_each(|hash| people.keys.load(*hash, None));
    keys.key_names.iter().for_each(|name| people.key_names.load(name.clone(), None));
    keys.mails.iter().for_each(|id| people.mails.load(*id, None));
    keys.unsubscribed.iter().for_each(|email| people.unsubscribed.load(email.clone(), None));
    keys.bought.iter().for_each(|email| people.bought.load(email.clone(), None));
    keys.linked.iter().for_each(|email| people.linked.load(email.clone(), None));
    keys.mailboxes.iter().for_each(|address| people.mailboxes.load(address.clone(), None));
}

/// Adds what changed.
pub fn write<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    accounts(changes, store, &set.people);
    secrets(changes, store, &set.people);
    uses::write(changes, store, &set.people);
    mails(changes, store, &set.people);
    recovery(changes, store, &set.people);
    mailboxes(changes, store, set);
    templates(changes, store, &set.people);
    audit(changes, store, &set.people);
    if let Some(before) = set.people.forget_before {
        changes.add((), FORGET_SESSIONS, vec![value(store.0), value(before.0)]);
        changes.add((), FORGET_TOKENS, vec![value(store.0), value(before.0)]);
        changes.add((), FORGET_MAILBOXES, vec![value(store.0), value(before.0)]);
        let oldest = MailId::first_at(before.plus_ms(-KEEP_MS));
        changes.add((), FORGET_MAILS, vec![value(store.0), value(oldest.0)]);
    }
}

fn accounts<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    let all: Vec<&'a Arc<Account>> = people.accounts.changes().map(|(_, account, _)| account).collect();
    if all.is_empty() {
        return;
    }
    let all = || all.iter().copied();
    let values = vec![
        value(store.0),
        column(all().map(|account| account.id.0)),
        column(all().map(|account| &account.email)),
        column(all().map(|account| account.password.as_ref())),
        column(all().map(|account| account.role.map(Role::as_str))),
        column(all().map(|account| account.verified_at.map(|at| at.0))),
        column(all().map(|account| account.generation)),
        column(all().map(|account| Json(&account.profile))),
        column(all().map(|account| account.created_at.0)),
        column(all().map(|account| account.updated_at.0)),
    ];
    changes.add((), PUT_ACCOUNTS, values);
}

fn secrets<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    let sessions: Vec<_> = people.sessions.changes().map(|(hash, session, _)| (hash, session)).collect();
    if !sessions.is_empty() {
        let all = || sessions.iter();
        let values = vec![
            value(store.0),
            column(all().map(|(hash, _)| &hash[..])),
            column(all().map(|(_, session)| session.account_id.0)),
            column(all().map(|(_, session)| session.generation)),
            column(all().map(|(_, session)| session.kind.as_str())),
            column(all().map(|(_, session)| session.created_at.0)),
            column(all().map(|(_, session)| session.expires_at.0)),
            column(all().map(|(_, session)| session.used_at.0)),
        ];
        changes.add((), PUT_SESSIONS, values);
    }
    let tokens: Vec<_> = people.tokens.changes().map(|(hash, token, _)| (hash, token)).collect();
    if !tokens.is_empty() {
        let all = || tokens.iter();
        let values = vec![
            value(store.0),
            column(all().map(|(hash, _)| &hash[..])),
            column(all().map(|(_, token)| token.account_id.0)),
            column(all().map(|(_, token)| token.purpose.as_str())),
            column(all().map(|(_, token)| token.generation)),
            column(all().map(|(_, token)| token.expires_at.0)),
        ];
        changes.add((), PUT_TOKENS, values);
    }
    let keys: Vec<_> = people.keys.changes().map(|(hash, key, _)| (hash, key)).collect();
    if !keys.is_empty() {
        let all = || keys.iter();
        let values = vec![
            value(store.0),
            column(all().map(|(hash, _)| &hash[..])),
            column(all().map(|(_, key)| &key.name)),
            column(all().map(|(_, key)| key.role.as_str())),
            column(all().map(|(_, key)| Json(&key.scopes))),
            column(all().map(|(_, key)| key.created_at.0)),
            column(all().map(|(_, key)| key.revoked_at.map(|at| at.0))),
            column(all().map(|(_, key)| key.expires_at.map(|at| at.0))),
        ];
        changes.add((), PUT_KEYS, values);
    }
}

fn mails<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    let all: Vec<&'a Arc<Mail>> = people.mails.changes().map(|(_, mail, _)| mail).collect();
    if all.is_empty() {
        return;
    }
    let all = || all.iter().copied();
    let values = vec![
        value(store.0),
        column(all().map(|mail| mail.id.0)),
        column(all().map(|mail| &mail.recipient)),
        column(all().map(|mail| mail.kind.as_str())),
        column(all().map(|mail| mail.locale.as_ref())),
        column(all().map(|mail| Json(&mail.data))),
        column(all().map(|mail| mail.state.as_str())),
        column(all().map(|mail| mail.tries)),
        column(all().map(|mail| mail.due_at.map(|due| due.0))),
        column(all().map(|mail| mail.created_at.0)),
    ];
    changes.add((), PUT_MAILS, values);
}

fn recovery<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    let unsubscribed: Vec<_> = people.unsubscribed.changes().map(|(email, at, _)| (email, at.0)).collect();
    if !unsubscribed.is_empty() {
        let emails = column(unsubscribed.iter().map(|(email, _)| *email));
        changes.add((), PUT_UNSUBSCRIBED, vec![value(store.0), emails, column(unsubscribed.iter().map(|(_, at)| *at))]);
    }
    for step in &people.replans {
        let key = |visited: Visited| [value(visited.expires_at.0), value(visited.cart_id.0)];
        let with = |keys: Vec<Value<'a>>| std::iter::once(value(store.0)).chain(keys).collect::<Vec<_>>();
        match *step {
            ReplanStep::Begin => changes.add((), BEGIN_REPLAN, with(key(Visited::default()).into())),
            ReplanStep::Done { after, last: Some(last) } => {
                changes.add((), GO_ON_REPLANNING, with(key(after).into_iter().chain(key(last)).collect()));
            }
            ReplanStep::Done { after, last: None } => changes.add((), END_REPLAN, with(key(after).into())),
        }
    }
    if !people.reminders.is_empty() {
        let all = || people.reminders.iter();
        let values = vec![
            value(store.0),
            column(all().map(|reminder| reminder.cart_id.0)),
            column(all().map(|reminder| i64::from(reminder.stage))),
            column(all().map(|reminder| reminder.mail_id.map(|id| id.0))),
            column(all().map(|reminder| reminder.at.0)),
        ];
        changes.add((), APPEND_REMINDERS, values);
    }
    for SecretChange { from, to } in &people.link_secrets {
        match (from, to) {
            (None, Some(to)) => changes.add((), KEEP_LINK_SECRET, vec![value(store.0), value(to.as_str())]),
            (Some(from), Some(to)) => {
                changes.add((), RESEAL_LINK_SECRET, vec![value(store.0), value(from.as_str()), value(to.as_str())]);
            }
            (Some(from), None) => changes.add((), DROP_LINK_SECRET, vec![value(store.0), value(from.as_str())]),
            (None, None) => {}
        }
    }
}

fn mailboxes<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, set: &'a WorkingSet) {
    let all: Vec<(&'a String, &'a Arc<Mailbox>)> =
        set.people.mailboxes.changes().map(|(address, mailbox, _)| (address, mailbox)).collect();
    if all.is_empty() {
        return;
    }
    let settings = &set.config.store.settings.recovery;
    let all = || all.iter();
    let values = vec![
        value(store.0),
        column(all().map(|(address, _)| *address)),
        column(all().map(|(_, mailbox)| Json(&***mailbox))),
        column(all().map(|(_, mailbox)| mailbox.until(settings).0)),
    ];
    changes.add((), PUT_MAILBOXES, values);
}

/// One by one: an operator changes one of them now and then.
fn templates<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    for change in &people.templates {
        match change {
            TemplateChange::Put(template) => {
                let values = vec![
                    value(store.0),
                    value(template.kind.as_str()),
                    value(&template.locale),
                    value(&template.subject),
                    value(&template.text),
                    value(template.html.as_ref()),
                    value(template.updated_at.0),
                ];
                changes.add((), PUT_MAIL_TEMPLATE, values);
            }
            TemplateChange::Remove(kind, locale) => {
                let values = vec![value(store.0), value(kind.as_str()), value(locale)];
                changes.add((), REMOVE_MAIL_TEMPLATE, values);
            }
        }
    }
}

fn audit<'a>(changes: &mut Pipeline<'a, ()>, store: StoreId, people: &'a People) {
    if people.audit.is_empty() {
        return;
    }
    let all = || people.audit.iter();
    let values = vec![
        value(store.0),
        column(all().map(|entry| entry.id.0)),
        column(all().map(|entry| entry.at.0)),
        column(all().map(|entry| &entry.actor)),
        column(all().map(|entry| &entry.operation)),
        column(all().map(|entry| &entry.subject)),
        column(all().map(|entry| entry.outcome.as_str())),
    ];
    changes.add((), APPEND_AUDIT, values);
}
