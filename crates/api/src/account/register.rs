//! `POST /account` and `POST /account/verify`.

use super::account_in;
use crate::access::{Secret, Store, device_cookie};
use crate::account::account_of;
use crate::input::{Body, email_of};
use crate::login_attempts::WantedMail;
use crate::passwords::Asker;
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{nothing, ok};
use crate::state::{Api, Shared};
use crate::weak_passwords::known_to_all;
use axum::extract::State;
use cartwright_domain::account::{NewSecret, Purpose};
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::SealedFor;
use cartwright_wire::{ConfirmedAccount, RegisterAccount, SetPassword};
use http::header::SET_COOKIE;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Registers
///
/// The answer is the same whether the address has an account. A mail tells what happened; its link confirms the address and lets
/// its owner choose the password (`/account/verify`).
#[utoipa::path(
    post, path = "/api/v1/account", tag = "Account", request_body = RegisterAccount,
    responses((status = 204, description = "A mail is on its way.")),
)]
pub(crate) async fn register_account(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Peer,
    Body(request): Body<RegisterAccount>,
) -> Outcome {
    let email = email_of(&request.email)?;
    api.login_attempts.mail(WantedMail::Register, peer, store.store.id, email.plain()).await?;
    let (name, locale) = (request.name, request.locale);
    let command = AccountCommand::Register { email, name, locale, secret: mailed_secret(&api, &store)? };
    api.engine.run(&store, Command::Account(command)).await?;
    Ok(nothing())
}

/// Confirms an address
///
/// With the secret of the mail, which is good once and for three days, and the password of one's choice.
#[utoipa::path(
    post, path = "/api/v1/account/verify", tag = "Account", request_body = SetPassword,
    responses(
        (status = 200, description = "The account; log in now.", body = ConfirmedAccount),
        (status = 404, description = "`token_invalid`: the secret is unknown, was used, or is too old."),
    ),
)]
pub(crate) async fn verify_account(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Peer,
    Body(request): Body<SetPassword>,
) -> Outcome {
    api.login_attempts.secret(peer).await?;
    set_password(&api, &store, request, Purpose::Verify).await
}

/// Sets a password with a mailed secret.
pub(super) async fn set_password(
    api: &Api,
    store: &Arc<StoreConfig>,
    request: SetPassword,
    purpose: Purpose,
) -> Outcome {
    let token = Sha256::digest(&request.token).into();
    // Nobody gets a hash made without a secret; whether it is still good is decided where it is used.
    let invalid = || Problem::new(&kinds::TOKEN_INVALID, "The link is unknown, was used, or is too old.");
    let reader = api.engine.reader();
    let mailed = reader.mailed_token(store.store.id, token).await?.ok_or_else(invalid)?;
    let owner = reader.account(store.store.id, mailed.account_id).await?.ok_or_else(invalid)?;
    let known = known_to_all(&owner.email, &store.store.name);
    let password = api.passwords.choose(Asker::Known, request.password, known).await?;
    let command = AccountCommand::SetPassword { token, purpose, password };
    let account = account_in(api.engine.run(store, Command::Account(command)).await?)?;
    // Whoever reads the owner's mail is no stranger, however often strangers have tried.
    let device = api.engine.new_device(store, &account.email).await?;
    let mut response = ok(&ConfirmedAccount { account: account_of(&account), device: device.clone() });
    response.headers_mut().append(SET_COOKIE, device_cookie(&device));
    Ok(response)
}

/// A new secret to be mailed: sealed, since the mail is kept in the database.
pub(crate) fn mailed_secret(api: &Api, store: &StoreConfig) -> Outcome<NewSecret> {
    let Secret { token, hash } = Secret::draw()?;
    Ok(NewSecret { text: api.engine.seal(SealedFor::Mail, store.store.id, &token)?, hash })
}
