//! Accounts, sessions, mailed secrets, keys of a store, mails, and the log of what operators did.

use super::{persons, rows};
use cartwright_domain::account::{
    ALL_STORES, Account, MailedToken, Purpose, Role, SecretHash, Session, SessionKind, StoreKey, UsedSecret,
};
use cartwright_domain::command::SecretChange;
use cartwright_domain::id::{AccountId, AuditId, CartId, MailId, StoreId, Timestamp};
use cartwright_domain::mail::{KEEP_MS, Mail, MailKind, MailState, MailTemplate, TemplateChange};
use cartwright_domain::mailbox::Mailbox;
use cartwright_domain::people::{AuditEntry, AuditOutcome, PeopleKeys};
use cartwright_domain::recovery::{ReplanStep, Visited};
use cartwright_domain::working_set::WorkingSet;
use cartwright_engine::{Replan, TemplateName};
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};
use std::sync::Arc;

const ACCOUNT: &str = "a.account_id, a.email, a.password, a.role, a.verified_at, a.generation, a.profile, a.created_at, \
     a.updated_at";
const ACCOUNT_COLUMNS: usize = 9;
const SESSION: &str = "s.token_hash, s.account_id, s.generation, s.kind, s.created_at, s.expires_at, \
     coalesce(s.used_at, s.created_at)";
const KEY: &str = "hash, name, role, scopes, created_at, revoked_at, expires_at, used_at";
/// Withdraws a key past its store's commands.
pub const REVOKE_KEY: &str =
    "UPDATE api_keys SET revoked_at = ?3 WHERE store_id = ?1 AND hash = ?2 AND revoked_at IS NULL";
pub const MAIL: &str = "mail_id, recipient, kind, locale, data, state, tries, due_at, created_at";
const AUDIT: &str = "audit_id, at, actor, operation, subject, outcome";

fn account(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        id: AccountId(rows::uuid(row, 0)?),
        email: row.get(1)?,
        password: row.get(2)?,
        role: role(row, 3)?,
        verified_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        generation: row.get(5)?,
        profile: rows::from_json(row, 6)?,
        created_at: Timestamp(row.get(7)?),
        updated_at: Timestamp(row.get(8)?),
    })
}

fn role(row: &Row<'_>, column: usize) -> Result<Option<Role>> {
    match row.get_ref(column)?.as_str_or_null()? {
        Some(_) => rows::named(row, column, &Role::ALL, Role::as_str).map(Some),
        None => Ok(None),
    }
}

/// A session with its hash, from a column on.
fn session_at(row: &Row<'_>, column: usize) -> Result<(SecretHash, Session)> {
    let session = Session {
        account_id: AccountId(rows::uuid(row, column + 1)?),
        generation: row.get(column + 2)?,
        kind: rows::named(row, column + 3, &SessionKind::ALL, SessionKind::as_str)?,
        created_at: Timestamp(row.get(column + 4)?),
        expires_at: Timestamp(row.get(column + 5)?),
        used_at: Timestamp(row.get(column + 6)?),
    };
    Ok((row.get(column)?, session))
}

fn store_key(row: &Row<'_>) -> Result<(SecretHash, StoreKey)> {
    let key = StoreKey {
        name: row.get(1)?,
        role: rows::named(row, 2, &Role::ALL, Role::as_str)?,
        scopes: rows::from_json(row, 3)?,
        created_at: Timestamp(row.get(4)?),
        revoked_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        expires_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        used_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
    };
    Ok((row.get(0)?, key))
}

pub fn mail(row: &Row<'_>) -> Result<Mail> {
    Ok(Mail {
        id: MailId(rows::uuid(row, 0)?),
        recipient: row.get(1)?,
        kind: rows::named(row, 2, &MailKind::ALL, MailKind::as_str)?,
        locale: row.get(3)?,
        data: rows::from_json(row, 4)?,
        state: rows::named(row, 5, &MailState::ALL, MailState::as_str)?,
        tries: row.get(6)?,
        due_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        created_at: Timestamp(row.get(8)?),
    })
}

fn audit_entry(row: &Row<'_>) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: AuditId(rows::uuid(row, 0)?),
        at: Timestamp(row.get(1)?),
        actor: row.get(2)?,
        operation: row.get(3)?,
        subject: row.get(4)?,
        outcome: rows::named(row, 5, &AuditOutcome::ALL, AuditOutcome::as_str)?,
    })
}

fn one<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    connection.prepare_cached(sql)?.query_row(values, read).optional()
}

fn list<T>(connection: &Connection, sql: &str, values: impl Params, read: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(values, read)?.collect()
}

/// Loads what the keys name.
pub fn load(connection: &Connection, store: StoreId, keys: &PeopleKeys, set: &mut WorkingSet) -> Result<()> {
    let people = &mut set.people;
    for email in &keys.emails {
        let found = account_by_email(connection, store, email)?;
        people.emails.load(email.clone(), found.as_ref().map(|account| Arc::new(account.id)));
        if let Some(account) = found {
            people.accounts.load(account.id, Some(Arc::new(account)));
        }
    }
    for id in &keys.accounts {
        people.accounts.load(*id, account_by_id(connection, store, *id)?.map(Arc::new));
    }
    for hash in &keys.sessions {
        let sql = format!("SELECT {SESSION} FROM sessions s WHERE s.store_id = ?1 AND s.token_hash = ?2");
        let found = one(connection, &sql, params![store.0, hash], |row| session_at(row, 0))?;
        people.sessions.load(*hash, found.map(|(_, session)| Arc::new(session)));
    }
    for hash in &keys.tokens {
        people.tokens.load(*hash, mailed_token(connection, store, *hash)?.map(Arc::new));
    }
    for hash in &keys.keys {
        let sql = format!("SELECT {KEY} FROM api_keys WHERE store_id = ?1 AND hash = ?2");
        let found = one(connection, &sql, params![store.0, hash], store_key)?;
        people.keys.load(*hash, found.map(|(_, key)| Arc::new(key)));
    }
    for name in &keys.key_names {
        let sql = "SELECT hash FROM api_keys WHERE store_id = ?1 AND name = ?2 AND revoked_at IS NULL";
        let found = one(connection, sql, params![store.0, name], |row| row.get(0))?;
        people.key_names.load(name.clone(), found.map(Arc::new));
    }
    for id in &keys.mails {
        let sql = format!("SELECT {MAIL} FROM mails WHERE store_id = ?1 AND mail_id = ?2");
        let found = one(connection, &sql, params![store.0, id.0.as_bytes()], mail)?;
        people.mails.load(*id, found.map(Arc::new));
    }
    for email in &keys.unsubscribed {
        let sql = "SELECT at FROM unsubscribed WHERE store_id = ?1 AND email = ?2";
        let found = one(connection, sql, params![store.0, email], |row| row.get(0).map(Timestamp))?;
        people.unsubscribed.load(email.clone(), found.map(Arc::new));
    }
    for email in &keys.bought {
        let sql = "SELECT max(updated_at) FROM carts WHERE store_id = ?1 AND email = ?2 AND status = 'checked_out'";
        let found: Option<Option<i64>> = one(connection, sql, params![store.0, email], |row| row.get(0))?;
        people.bought.load(email.clone(), found.flatten().map(|at| Arc::new(Timestamp(at))));
    }
    for address in &keys.mailboxes {
        let sql = "SELECT detail FROM mailboxes WHERE store_id = ?1 AND address = ?2";
        let found = one(connection, sql, params![store.0, address], |row| rows::from_json::<Mailbox>(row, 0))?;
        people.mailboxes.load(address.clone(), found.map(Arc::new));
    }
    persons::load_linked(connection, store, &keys.linked, people)
}

/// Writes what changed.
pub fn write(connection: &Connection, store: StoreId, set: &WorkingSet) -> Result<()> {
    let people = &set.people;
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| connection.prepare_cached(sql)?.execute(values).map(|_| ());
    for (id, account, _) in people.accounts.changes() {
        let sql = "INSERT INTO accounts (store_id, account_id, email, password, role, verified_at, generation, profile, \
                   created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
                   ON CONFLICT (store_id, account_id) DO UPDATE SET email = excluded.email, password = excluded.password, \
                   role = excluded.role, verified_at = excluded.verified_at, generation = excluded.generation, \
                   profile = excluded.profile, updated_at = excluded.updated_at";
        let role = account.role.map(Role::as_str);
        let (verified, profile) = (account.verified_at.map(|at| at.0), rows::json(&account.profile)?);
        let values = params![
            store.0,
            id.0.as_bytes(),
            account.email,
            account.password,
            role,
            verified,
            account.generation,
            profile,
            account.created_at.0,
            account.updated_at.0
        ];
        run(sql, values)?;
    }
    for (hash, session, _) in people.sessions.changes() {
        let sql = "INSERT OR REPLACE INTO sessions (store_id, token_hash, account_id, generation, kind, created_at, \
                   expires_at, used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (account, kind) = (session.account_id.0.as_bytes(), session.kind.as_str());
        let (created, expires, used) = (session.created_at.0, session.expires_at.0, session.used_at.0);
        run(sql, params![store.0, hash, account, session.generation, kind, created, expires, used])?;
    }
    for (hash, token, _) in people.tokens.changes() {
        let sql = "INSERT OR REPLACE INTO mailed_tokens (store_id, token_hash, account_id, purpose, generation, \
                   expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (account, purpose) = (token.account_id.0.as_bytes(), token.purpose.as_str());
        run(sql, params![store.0, hash, account, purpose, token.generation, token.expires_at.0])?;
    }
    for (hash, key, _) in people.keys.changes() {
        let sql = "INSERT INTO api_keys (store_id, hash, name, role, scopes, created_at, revoked_at, expires_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (store_id, hash) DO UPDATE SET revoked_at = excluded.revoked_at";
        let (role, scopes) = (key.role.as_str(), rows::json(&key.scopes)?);
        let (revoked, expires) = (key.revoked_at.map(|at| at.0), key.expires_at.map(|at| at.0));
        run(sql, params![store.0, hash, key.name, role, scopes, key.created_at.0, revoked, expires])?;
    }
    for (secret, at) in &people.used {
        match secret {
            UsedSecret::Key(owner, hash) => {
                let sql = "UPDATE api_keys SET used_at = ?3 WHERE store_id = ?1 AND hash = ?2";
                run(sql, params![owner.0, hash, at.0])?;
            }
            UsedSecret::Session(hash) => {
                let sql = "UPDATE sessions SET used_at = ?3 WHERE store_id = ?1 AND token_hash = ?2";
                run(sql, params![store.0, hash, at.0])?;
            }
        }
    }
    for (hash, at) in &people.revoked {
        run(REVOKE_KEY, params![ALL_STORES.0, hash, at.0])?;
    }
    for (id, mail, _) in people.mails.changes() {
        let sql = "INSERT OR REPLACE INTO mails (store_id, mail_id, recipient, kind, locale, data, state, tries, due_at, \
                   created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let (kind, state, due) = (mail.kind.as_str(), mail.state.as_str(), mail.due_at.map(|due| due.0));
        let data = rows::json(&mail.data)?;
        let id = id.0.as_bytes();
        let created = mail.created_at.0;
        run(sql, params![store.0, id, mail.recipient, kind, mail.locale, data, state, mail.tries, due, created])?;
    }
    for (email, at, _) in people.unsubscribed.changes() {
        let sql = "INSERT OR IGNORE INTO unsubscribed (store_id, email, at) VALUES (?1, ?2, ?3)";
        run(sql, params![store.0, email, at.0])?;
    }
    for step in &people.replans {
        let key = |visited: Visited| (visited.expires_at.0, *visited.cart_id.0.as_bytes());
        match *step {
            ReplanStep::Begin => {
                let sql = "INSERT OR REPLACE INTO cart_replans (store_id, expires_at, cart_id) VALUES (?1, ?2, ?3)";
                let (at, cart) = key(Visited::default());
                run(sql, params![store.0, at, cart])?;
            }
            ReplanStep::Done { after, last } => {
                let (before, cart) = key(after);
                let sql = match last {
                    Some(_) => {
                        "UPDATE cart_replans SET expires_at = ?4, cart_id = ?5 WHERE store_id = ?1 AND expires_at = ?2 AND cart_id = ?3"
                    }
                    None => "DELETE FROM cart_replans WHERE store_id = ?1 AND expires_at = ?2 AND cart_id = ?3",
                };
                match last.map(key) {
                    Some((at, last)) => run(sql, params![store.0, before, cart, at, last])?,
                    None => run(sql, params![store.0, before, cart])?,
                }
            }
        }
    }
    for (address, mailbox, _) in people.mailboxes.changes() {
        let sql = "INSERT OR REPLACE INTO mailboxes (store_id, address, detail, until) VALUES (?1, ?2, ?3, ?4)";
        let until = mailbox.until(&set.config.store.settings.recovery).0;
        run(sql, params![store.0, address, rows::json(&**mailbox)?, until])?;
    }
    for reminder in &people.reminders {
        let sql = "INSERT INTO reminders (store_id, cart_id, stage, mail_id, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (cart, mail) = (reminder.cart_id.0.as_bytes(), reminder.mail_id.as_ref().map(|id| id.0.as_bytes()));
        run(sql, params![store.0, cart, reminder.stage, mail, reminder.at.0])?;
    }
    for change in &people.templates {
        write_template(connection, store, change)?;
    }
    for SecretChange { from, to } in &people.link_secrets {
        match (from, to) {
            (None, Some(to)) => {
                run("INSERT OR IGNORE INTO link_secrets (store_id, secret) VALUES (?1, ?2)", params![store.0, to])?;
            }
            (Some(from), Some(to)) => {
                let sql = "UPDATE link_secrets SET secret = ?3 WHERE store_id = ?1 AND secret = ?2";
                run(sql, params![store.0, from, to])?;
            }
            (Some(from), None) => {
                run("DELETE FROM link_secrets WHERE store_id = ?1 AND secret = ?2", params![store.0, from])?;
            }
            (None, None) => {}
        }
    }
    for entry in &people.audit {
        // A request may take several batches; it has one entry.
        let sql = "INSERT OR IGNORE INTO audit_log (store_id, audit_id, at, actor, operation, subject, outcome) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (id, outcome) = (entry.id.0.as_bytes(), entry.outcome.as_str());
        run(sql, params![store.0, id, entry.at.0, entry.actor, entry.operation, entry.subject, outcome])?;
    }
    people.forget_before.map_or(Ok(()), |before| forget(connection, store, before))
}

fn write_template(connection: &Connection, store: StoreId, change: &TemplateChange) -> Result<()> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| connection.prepare_cached(sql)?.execute(values).map(|_| ());
    match change {
        TemplateChange::Put(MailTemplate { kind, locale, subject, text, html, updated_at }) => {
            let sql = "INSERT OR REPLACE INTO mail_templates (store_id, kind, locale, subject, text, html, updated_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            run(sql, params![store.0, kind.as_str(), locale, subject, text, html, updated_at.0])
        }
        TemplateChange::Remove(kind, locale) => {
            let sql = "DELETE FROM mail_templates WHERE store_id = ?1 AND kind = ?2 AND locale = ?3";
            run(sql, params![store.0, kind.as_str(), locale])
        }
    }
}

fn forget(connection: &Connection, store: StoreId, before: Timestamp) -> Result<()> {
    for sql in [
        "DELETE FROM sessions WHERE store_id = ?1 AND expires_at < ?2",
        "DELETE FROM mailed_tokens WHERE store_id = ?1 AND expires_at < ?2",
        "DELETE FROM mailboxes WHERE store_id = ?1 AND until < ?2",
    ] {
        connection.prepare_cached(sql)?.execute(params![store.0, before.0])?;
    }
    let sql = "DELETE FROM mails WHERE store_id = ?1 AND mail_id < ?2 AND due_at IS NULL";
    let oldest = MailId::first_at(before.plus_ms(-KEEP_MS));
    connection.prepare_cached(sql)?.execute(params![store.0, oldest.0.as_bytes()]).map(|_| ())
}

pub fn account_by_id(connection: &Connection, store: StoreId, id: AccountId) -> Result<Option<Account>> {
    let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.store_id = ?1 AND a.account_id = ?2");
    one(connection, &sql, params![store.0, id.0.as_bytes()], account)
}

pub fn account_by_email(connection: &Connection, store: StoreId, email: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.store_id = ?1 AND a.email = ?2");
    one(connection, &sql, params![store.0, email], account)
}

pub fn mailed_token(connection: &Connection, store: StoreId, hash: SecretHash) -> Result<Option<MailedToken>> {
    let sql =
        "SELECT account_id, purpose, generation, expires_at FROM mailed_tokens WHERE store_id = ?1 AND token_hash = ?2";
    one(connection, sql, params![store.0, hash], |row| {
        Ok(MailedToken {
            account_id: AccountId(rows::uuid(row, 0)?),
            purpose: rows::named(row, 1, &Purpose::ALL, Purpose::as_str)?,
            generation: row.get(2)?,
            expires_at: Timestamp(row.get(3)?),
        })
    })
}

pub fn session(connection: &Connection, store: StoreId, hash: SecretHash) -> Result<Option<(Session, Account)>> {
    let sql = format!(
        "SELECT {ACCOUNT}, {SESSION} FROM sessions s JOIN accounts a ON a.store_id = ?1 AND a.account_id = s.account_id \
         WHERE s.store_id = ?1 AND s.token_hash = ?2"
    );
    one(connection, &sql, params![store.0, hash], |row| Ok((session_at(row, ACCOUNT_COLUMNS)?.1, account(row)?)))
}

/// Those of these hashes that exist, with their accounts.
pub fn sessions_named(
    connection: &Connection,
    store: StoreId,
    hashes: &[SecretHash],
) -> Result<Vec<(SecretHash, Session, Account)>> {
    let sql = format!(
        "SELECT {ACCOUNT}, {SESSION} FROM rarray(?2) w CROSS JOIN sessions s ON s.store_id = ?1 AND s.token_hash = w.value \
         JOIN accounts a ON a.store_id = ?1 AND a.account_id = s.account_id"
    );
    let hashes: Vec<_> = hashes.iter().map(|hash| rusqlite::types::Value::Blob(hash.to_vec())).collect();
    list(connection, &sql, params![store.0, std::rc::Rc::new(hashes)], |row| {
        let (hash, session) = session_at(row, ACCOUNT_COLUMNS)?;
        Ok((hash, session, account(row)?))
    })
}

pub fn sessions(
    connection: &Connection,
    store: StoreId,
    id: AccountId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(SecretHash, Session)>> {
    let sql = format!(
        "SELECT {SESSION} FROM sessions s WHERE s.store_id = ?1 AND s.account_id = ?2 AND s.expires_at > ?3 \
         ORDER BY s.expires_at DESC LIMIT ?4"
    );
    list(connection, &sql, params![store.0, id.0.as_bytes(), now.0, limit as i64], |row| session_at(row, 0))
}

pub fn operators(connection: &Connection, store: StoreId, limit: usize) -> Result<Vec<Account>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM accounts a WHERE a.store_id = ?1 AND a.role IS NOT NULL ORDER BY a.account_id LIMIT ?2"
    );
    list(connection, &sql, params![store.0, limit as i64], account)
}

pub fn keys(connection: &Connection, store: StoreId, limit: usize) -> Result<Vec<(SecretHash, StoreKey)>> {
    let sql = format!("SELECT {KEY} FROM api_keys WHERE store_id = ?1 ORDER BY revoked_at IS NOT NULL, hash LIMIT ?2");
    list(connection, &sql, params![store.0, limit as i64], store_key)
}

pub fn due_mails(connection: &Connection, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<MailId>> {
    let sql = "SELECT mail_id FROM mails WHERE store_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3";
    list(connection, sql, params![store.0, now.0, limit as i64], |row| Ok(MailId(rows::uuid(row, 0)?)))
}

pub fn due_recoveries(connection: &Connection, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<CartId>> {
    let sql = "SELECT cart_id FROM carts WHERE store_id = ?1 AND recovery_at <= ?2 ORDER BY recovery_at LIMIT ?3";
    list(connection, sql, params![store.0, now.0, limit as i64], |row| Ok(CartId(rows::uuid(row, 0)?)))
}

pub fn replan(connection: &Connection, store: StoreId, limit: usize) -> Result<Option<Replan>> {
    let visited =
        |row: &Row<'_>| Ok(Visited { expires_at: Timestamp(row.get(0)?), cart_id: CartId(rows::uuid(row, 1)?) });
    let sql = "SELECT expires_at, cart_id FROM cart_replans WHERE store_id = ?1";
    let Some(after) = one(connection, sql, params![store.0], visited)? else { return Ok(None) };
    let sql = "SELECT expires_at, cart_id FROM carts WHERE store_id = ?1 AND status IN ('active', 'abandoned') \
               AND (expires_at, cart_id) > (?2, ?3) ORDER BY expires_at, cart_id LIMIT ?4";
    let from = params![store.0, after.expires_at.0, after.cart_id.0.as_bytes(), limit as i64];
    Ok(Some(Replan { after, next: list(connection, sql, from, visited)? }))
}

pub fn link_secret(connection: &Connection, store: StoreId) -> Result<Option<String>> {
    one(connection, "SELECT secret FROM link_secrets WHERE store_id = ?1", params![store.0], |row| row.get(0))
}

pub fn mail_templates(connection: &Connection, store: StoreId, kind: MailKind) -> Result<Vec<MailTemplate>> {
    let sql = "SELECT kind, locale, subject, text, html, updated_at FROM mail_templates WHERE store_id = ?1 AND kind = ?2 \
               ORDER BY locale";
    list(connection, sql, params![store.0, kind.as_str()], |row| {
        Ok(MailTemplate {
            kind: rows::named(row, 0, &MailKind::ALL, MailKind::as_str)?,
            locale: row.get(1)?,
            subject: row.get(2)?,
            text: row.get(3)?,
            html: row.get(4)?,
            updated_at: Timestamp(row.get(5)?),
        })
    })
}

pub fn mail_template_names(connection: &Connection, store: StoreId) -> Result<Vec<TemplateName>> {
    let sql = "SELECT kind, locale, updated_at FROM mail_templates WHERE store_id = ?1 ORDER BY kind, locale";
    list(connection, sql, params![store.0], |row| {
        Ok((rows::named(row, 0, &MailKind::ALL, MailKind::as_str)?, row.get(1)?, Timestamp(row.get(2)?)))
    })
}

pub fn audit_log(connection: &Connection, store: StoreId, before: AuditId, limit: usize) -> Result<Vec<AuditEntry>> {
    let sql =
        format!("SELECT {AUDIT} FROM audit_log WHERE store_id = ?1 AND audit_id < ?2 ORDER BY audit_id DESC LIMIT ?3");
    list(connection, &sql, params![store.0, before.0.as_bytes(), limit as i64], audit_entry)
}
