//! Decisions about accounts: register, confirm, log in and out, passwords, profiles, roles, keys. Known and unknown addresses
//! are answered alike; what happened is told by mail to whoever reads it.

use super::{Context, forget, mails, persons};
use crate::account::{
    Account, MOST_ADDRESSES, MailedToken, NewSecret, Profile, ProfileChange, Purpose, Role, SESSION_MS, SecretHash,
    Session, StoreKey, plain_email,
};
use crate::command::{AccountCommand, Reply};
use crate::email::counted_email;
use crate::forget::ErasedNames;
use crate::id::{AccountId, Timestamp};
use crate::mail::MailKind;
use crate::mailbox::Asked;
use crate::person::spellings;
use crate::refusal::{FieldError, Refusal};
use crate::working_set::{Keys, WorkingSet};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn need(command: &AccountCommand, set: &WorkingSet, keys: &mut Keys) {
    match command {
        AccountCommand::Register { email, .. } | AccountCommand::ForgotPassword { email, .. } => {
            persons::need_owner(email.plain(), set, keys);
            mails::need_mailbox(email.plain(), set, keys);
        }
        AccountCommand::SetRole { email, .. } => {
            persons::need_owner(email.plain(), set, keys);
        }
        AccountCommand::SetPassword { token, .. } => need_token(*token, set, keys),
        AccountCommand::LogIn { account, ends, .. } => {
            need_account(*account, set, keys);
            if let Some(session) = ends {
                need_session(*session, set, keys);
            }
        }
        AccountCommand::EndSession { session } => need_session(*session, set, keys),
        AccountCommand::ChangePassword { account, keeps, .. } => {
            need_account(*account, set, keys);
            need_session(*keeps, set, keys);
        }
        AccountCommand::ChangeProfile { account, .. } => need_account(*account, set, keys),
        AccountCommand::Close { account, .. } => {
            need_account(*account, set, keys);
            let customer = account.to_string();
            super::cart::need_customer(&customer, set, keys);
            if !set.customers.knows(&customer) {
                keys.customers.insert(customer);
            }
            need_links(*account, set, keys);
        }
        AccountCommand::CreateKey { hash, name, .. } => {
            if !set.people.keys.knows(hash) {
                keys.people.keys.insert(*hash);
            }
            if !set.people.key_names.knows(name) {
                keys.people.key_names.insert(name.clone());
            }
        }
        AccountCommand::RevokeKey { hash } => {
            if !set.people.keys.knows(hash) {
                keys.people.keys.insert(*hash);
            }
        }
        AccountCommand::RevokeKeyOfAll { .. }
        | AccountCommand::NoteUse(_)
        | AccountCommand::Note
        | AccountCommand::ForgetEnded => {}
    }
}

fn need_account(id: AccountId, set: &WorkingSet, keys: &mut Keys) {
    if !set.people.accounts.knows(&id) {
        keys.people.accounts.insert(id);
    }
}

/// The customers that the shop has linked to an account's address.
fn need_links(id: AccountId, set: &WorkingSet, keys: &mut Keys) {
    let account = if set.people.accounts.knows(&id) { set.people.accounts.get(&id) } else { None };
    let Some(email) = account.map(|account| plain_email(&account.email)) else { return };
    if !persons::need_linked(&email, set, keys) {
        let missing = |customer: &String| !set.customers.knows(customer);
        keys.customers.extend(persons::linked(&email, set).into_iter().filter(missing));
    }
}

fn need_session(hash: SecretHash, set: &WorkingSet, keys: &mut Keys) {
    if !set.people.sessions.knows(&hash) {
        keys.people.sessions.insert(hash);
    }
}

fn need_token(hash: SecretHash, set: &WorkingSet, keys: &mut Keys) {
    if !set.people.tokens.knows(&hash) {
        keys.people.tokens.insert(hash);
    } else if let Some(token) = set.people.tokens.get(&hash) {
        need_account(token.account_id, set, keys);
    }
}

pub(super) fn decide(command: &AccountCommand, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    match command {
        AccountCommand::Register { email, name, locale, secret } => {
            register(email.plain(), name, locale, secret, set, context);
            Ok(Reply::Done)
        }
        AccountCommand::ForgotPassword { email, secret } => {
            forgot_password(email.plain(), secret, set, context);
            Ok(Reply::Done)
        }
        AccountCommand::SetPassword { token, purpose, password } => {
            set_password(*token, *purpose, password, set, context)
        }
        AccountCommand::LogIn { account, seen_password, session, kind, ends } => {
            let made = Session {
                account_id: *account,
                generation: 0,
                kind: *kind,
                created_at: context.now,
                expires_at: context.now.plus_ms(SESSION_MS),
                used_at: context.now,
            };
            log_in(seen_password, *session, made, *ends, set, context.now)
        }
        AccountCommand::EndSession { session } => {
            end_session(*session, set, context.now);
            Ok(Reply::Done)
        }
        AccountCommand::ChangePassword { account, seen_password, password, keeps } => {
            change_password(*account, (seen_password, password), *keeps, set, context)
        }
        AccountCommand::ChangeProfile { account, change } => change_profile(*account, change, set, context.now),
        AccountCommand::Close { account, seen_password } => close(*account, seen_password.as_deref(), set, context),
        AccountCommand::SetRole { email, role, by, secret } => {
            set_role(email.plain(), *role, *by, secret, set, context)
        }
        AccountCommand::CreateKey { hash, name, role, scopes, lasts_ms } => {
            let key = StoreKey {
                name: name.clone(),
                role: *role,
                scopes: scopes.clone(),
                created_at: context.now,
                revoked_at: None,
                expires_at: lasts_ms.map(|ms| context.now.plus_ms(ms)),
                used_at: None,
            };
            create_key(*hash, key, set)
        }
        AccountCommand::RevokeKey { hash } => revoke_key(*hash, set, context.now),
        AccountCommand::RevokeKeyOfAll { hash } => {
            set.people.revoked.insert(*hash, context.now);
            Ok(Reply::Done)
        }
        AccountCommand::NoteUse(secret) => {
            set.people.used.insert(*secret, context.now);
            Ok(Reply::Done)
        }
        AccountCommand::Note => Ok(Reply::Done),
        AccountCommand::ForgetEnded => {
            set.people.forget_before = Some(context.now);
            Ok(Reply::Done)
        }
    }
}

fn new_account(email: &str, profile: Profile, set: &mut WorkingSet, context: &mut Context) -> AccountId {
    let id = AccountId(context.ids.next_id());
    let account = Account {
        id,
        email: email.to_owned(),
        password: None,
        role: None,
        verified_at: None,
        generation: 0,
        profile,
        created_at: context.now,
        updated_at: context.now,
    };
    set.people.accounts.put(id, account);
    set.people.emails.put(email.to_owned(), id);
    id
}

/// Makes a mailed secret for an account and the mail that brings it.
fn mail_secret(
    (account, purpose, kind): (AccountId, Purpose, MailKind),
    secret: &NewSecret,
    mut data: Value,
    set: &mut WorkingSet,
    context: &mut Context,
) {
    let Some(row) = set.people.accounts.get(&account).cloned() else { return };
    let expires_at = context.now.plus_ms(purpose.lasts_ms());
    let token = MailedToken { account_id: account, purpose, generation: row.generation, expires_at };
    set.people.tokens.put(secret.hash, token);
    data["token"] = Value::String(secret.text.clone());
    mails::write(&row.email, kind, row.profile.locale.clone(), data, set, context);
}

fn register(
    email: &str,
    name: &Option<String>,
    locale: &Option<String>,
    secret: &NewSecret,
    set: &mut WorkingSet,
    context: &mut Context,
) {
    let known = persons::owner(email, set).cloned();
    if !mails::admits(&counted_as(email, known.as_ref()), Asked::Register, set, context.now) {
        return;
    }
    let account = match known {
        Some(account) if account.verified_at.is_some() => {
            mails::write(email, MailKind::AccountExists, account.profile.locale, json!({}), set, context);
            return;
        }
        Some(account) => {
            let profile = Profile { name: name.clone(), locale: locale.clone(), ..Profile::default() };
            begin_anew(&account, profile, set, context.now);
            account.id
        }
        None => {
            let profile = Profile { name: name.clone(), locale: locale.clone(), ..Profile::default() };
            new_account(email, profile, set, context)
        }
    };
    mail_secret((account, Purpose::Verify, MailKind::VerifyAccount), secret, json!({}), set, context);
}

/// An address that nobody has confirmed may have been typed by somebody else, so the next try takes nothing over: what was told of
/// the person goes, and links of mails open nothing any more. An operator's invitation was written by the shop, and stays.
fn begin_anew(account: &Account, profile: Profile, set: &mut WorkingSet, now: Timestamp) {
    if account.role.is_some() {
        return;
    }
    if let Some(row) = set.people.accounts.edit(&account.id) {
        row.profile = profile;
        row.password = None;
        row.generation += 1;
        row.updated_at = now;
    }
}

/// Under which name mails to an address are counted. Whoever has confirmed it as an account's is not kept out by mails to its
/// mailbox under other `+tag`s.
fn counted_as(email: &str, account: Option<&Account>) -> String {
    let is_confirmed = account.is_some_and(|account| account.verified_at.is_some());
    if is_confirmed { email.to_owned() } else { counted_email(email) }
}

fn forgot_password(email: &str, secret: &NewSecret, set: &mut WorkingSet, context: &mut Context) {
    let known = persons::owner(email, set).cloned();
    let counted_as = counted_as(email, known.as_ref());
    if !mails::admits(&counted_as, Asked::Forgot, set, context.now) {
        return;
    }
    let Some(account) = known else {
        // As much work as for one that is there; and whoever has forgotten which address it was learns it.
        mails::write(email, MailKind::NoAccount, None, json!({}), set, context);
        return;
    };
    let (purpose, kind) = match account.verified_at {
        Some(_) => (Purpose::Reset, MailKind::ResetPassword),
        None => {
            begin_anew(&account, Profile::default(), set, context.now);
            (Purpose::Verify, MailKind::VerifyAccount)
        }
    };
    mail_secret((account.id, purpose, kind), secret, json!({}), set, context);
    // Whoever reads the address always gets in: where strangers have used up its mails, by the last one.
    let next_at = mails::free_at(&counted_as, Asked::Forgot, set, context.now);
    if let Some(token) = set.people.tokens.edit(&secret.hash) {
        token.expires_at = token.expires_at.max(next_at);
    }
}

/// Whoever reads the mail sets the password: that confirms the address, and ends all that was opened before.
fn set_password(
    token: SecretHash,
    purpose: Purpose,
    password: &str,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let now = context.now;
    let mailed = set.people.tokens.get(&token).filter(|mailed| mailed.purpose == purpose && now < mailed.expires_at);
    let mailed = mailed.cloned().ok_or(Refusal::TokenInvalid)?;
    let account = set.people.accounts.get(&mailed.account_id).filter(|account| account.generation == mailed.generation);
    let account = account.cloned().ok_or(Refusal::TokenInvalid)?;
    if let Some(row) = set.people.tokens.edit(&token) {
        row.expires_at = now;
    }
    if let Some(row) = set.people.accounts.edit(&account.id) {
        row.password = Some(password.to_owned());
        row.verified_at = row.verified_at.or(Some(now));
        row.generation += 1;
        row.updated_at = now;
    }
    if purpose == Purpose::Reset {
        let locale = account.profile.locale.clone();
        mails::write(&account.email, MailKind::PasswordChanged, locale, json!({}), set, context);
    }
    Ok(current(account.id, set))
}

fn log_in(
    seen_password: &str,
    hash: SecretHash,
    mut session: Session,
    ends: Option<SecretHash>,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let account = open(session.account_id, seen_password, set)?;
    session.generation = account.generation;
    if let Some(before) = ends {
        end_session(before, set, now);
    }
    set.people.sessions.put(hash, session);
    Ok(Reply::Account(account))
}

/// The account, if its password is still the one that was compared outside.
fn open(id: AccountId, seen_password: &str, set: &WorkingSet) -> Result<Arc<Account>, Refusal> {
    let account = set.people.accounts.get(&id);
    let account = account.filter(|account| account.password.as_deref() == Some(seen_password));
    account.filter(|account| account.verified_at.is_some()).cloned().ok_or(Refusal::CredentialsWrong)
}

fn current(id: AccountId, set: &WorkingSet) -> Reply {
    Reply::Account(set.people.accounts.get(&id).expect("it was there before").clone())
}

fn end_session(hash: SecretHash, set: &mut WorkingSet, now: Timestamp) {
    if let Some(session) = set.people.sessions.get(&hash).filter(|session| now < session.expires_at) {
        let ended = Session { expires_at: now, ..(**session).clone() };
        set.people.sessions.put(hash, ended);
    }
}

fn change_password(
    id: AccountId,
    (seen, new): (&str, &str),
    keeps: SecretHash,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let account = open(id, seen, set)?;
    if let Some(row) = set.people.accounts.edit(&id) {
        row.password = Some(new.to_owned());
        row.generation += 1;
        row.updated_at = context.now;
    }
    if let Some(session) = set.people.sessions.edit(&keeps).filter(|session| session.account_id == id) {
        session.generation = account.generation + 1;
    }
    let locale = account.profile.locale.clone();
    mails::write(&account.email, MailKind::PasswordChanged, locale, json!({}), set, context);
    Ok(current(id, set))
}

fn change_profile(
    id: AccountId,
    change: &ProfileChange,
    set: &mut WorkingSet,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    if change.addresses.as_ref().is_some_and(|addresses| addresses.len() > MOST_ADDRESSES) {
        let reason = format!("must be at most {MOST_ADDRESSES} addresses");
        return Err(Refusal::Invalid(vec![FieldError { field: "addresses".to_owned(), reason }]));
    }
    let account = set.people.accounts.edit(&id).ok_or(Refusal::CredentialsWrong)?;
    let profile = &mut account.profile;
    let set_or_unset = |known: &mut Option<String>, change: &Option<String>| {
        *known = change.clone().or(known.take()).filter(|text| !text.is_empty());
    };
    set_or_unset(&mut profile.name, &change.name);
    set_or_unset(&mut profile.phone, &change.phone);
    set_or_unset(&mut profile.locale, &change.locale);
    profile.marketing = change.marketing.unwrap_or(profile.marketing);
    if let Some(addresses) = &change.addresses {
        profile.addresses.clone_from(addresses);
    }
    account.updated_at = now;
    Ok(current(id, set))
}

/// The person goes: address, password, profile, role, groups, links of the shop's customers to the address, and the open cart.
/// The rest goes step by step ([`crate::forget`]). Orders stay, as the law wants them, and count under their names.
fn close(
    id: AccountId,
    seen_password: Option<&str>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    seen_password.map_or(Ok(()), |seen| open(id, seen, set).map(drop))?;
    let now = context.now;
    let known = set.people.accounts.get(&id).ok_or(Refusal::CredentialsWrong)?;
    let (email, confirmed) = (known.email.clone(), known.verified_at.is_some());
    // An address that nobody has confirmed is not known to be this person's: only mails to it are.
    let linked = if confirmed { forget::unlink(&email, set) } else { Vec::new() };
    let customers = std::iter::once(id.to_string()).chain(linked).collect();
    let begun = forget::begin(ErasedNames { account: Some(id), customers, emails: spellings(&email) }, set, context);
    let account = set.people.accounts.edit(&id).ok_or(Refusal::CredentialsWrong)?;
    account.email = format!("{id}@deleted.invalid");
    account.password = None;
    account.role = None;
    account.verified_at = None;
    account.generation += 1;
    account.profile = Profile::default();
    account.updated_at = now;
    let customer = id.to_string();
    if set.customers.get(&customer).is_some() {
        set.customers.put(customer.clone(), Default::default());
    }
    super::cart::forget_customer(&customer, set, now);
    Ok(begun)
}

/// Gives or takes a role. An address that nobody has confirmed may have been registered by somebody else: whatever stood there
/// opens nothing any more, and the mail lets the owner of the address set the password.
fn set_role(
    email: &str,
    role: Option<Role>,
    by: Option<AccountId>,
    secret: &NewSecret,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let known = persons::owner(email, set).cloned();
    let account = match (known, role) {
        (Some(account), _) if by == Some(account.id) => {
            let detail = "Nobody changes their own role.".to_owned();
            return Err(Refusal::Conflict { detail });
        }
        (Some(account), _) => account,
        (None, None) => return Err(Refusal::OperatorNotFound),
        (None, Some(_)) => {
            let id = new_account(email, Profile::default(), set, context);
            (**set.people.accounts.get(&id).expect("just written")).clone()
        }
    };
    if account.role.is_none() && role.is_none() {
        return Err(Refusal::OperatorNotFound);
    }
    if let Some(row) = set.people.accounts.edit(&account.id) {
        row.role = role;
        row.updated_at = context.now;
        if row.verified_at.is_none() {
            row.password = None;
            row.profile = Profile::default();
            row.generation += 1;
        }
    }
    if let Some(role) = role.filter(|_| account.verified_at.is_none()) {
        let data = json!({ "role": role.as_str() });
        mail_secret((account.id, Purpose::Verify, MailKind::OperatorInvited), secret, data, set, context);
    }
    Ok(current(account.id, set))
}

/// One name, one key: whoever reads the list or the log must not take one for another.
fn create_key(hash: SecretHash, key: StoreKey, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    if set.people.key_names.get(&key.name).is_some() {
        let detail = "There is a key of this name already: choose another name, or withdraw that key first.".to_owned();
        return Err(Refusal::Conflict { detail });
    }
    set.people.key_names.put(key.name.clone(), hash);
    set.people.keys.put(hash, key);
    Ok(Reply::Done)
}

fn revoke_key(hash: SecretHash, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let key = set.people.keys.edit(&hash).ok_or(Refusal::KeyNotFound)?;
    key.revoked_at = key.revoked_at.or(Some(now));
    Ok(Reply::Done)
}
