//! Passwords: forgotten, reset, changed.

use super::account_in;
use super::register::{mailed_secret, set_password};
use crate::access::{Person, Store};
use crate::coupon_attempts::Peer;
use crate::input::{Body, email_of};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::nothing;
use crate::state::Shared;
use axum::Extension;
use axum::extract::State;
use cartwright_domain::account::Purpose;
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_wire::{Account, ChangePassword, ForgotPassword, SetPassword};

/// Forgot the password
///
/// The answer is the same whether the address has an account; a mail tells.
#[utoipa::path(
    post, path = "/api/v1/account/password/forgot", tag = "Account", request_body = ForgotPassword,
    responses((status = 204, description = "A mail is on its way.")),
)]
pub(crate) async fn forgot_password(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Option<Extension<Peer>>,
    Body(request): Body<ForgotPassword>,
) -> Outcome {
    let email = email_of(&request.email)?;
    api.login_attempts.from(peer.map(|Extension(peer)| peer)).await?;
    api.login_attempts.of(store.store.id.0, email.plain()).await?;
    let command = AccountCommand::ForgotPassword { email, secret: mailed_secret()? };
    api.engine.run(&store, Command::Account(command)).await?;
    Ok(nothing())
}

/// Resets the password
///
/// With the secret of the mail, which is good once and for an hour. All sessions of the account end.
#[utoipa::path(
    post, path = "/api/v1/account/password/reset", tag = "Account", request_body = SetPassword,
    responses(
        (status = 200, description = "The account; log in now.", body = Account),
        (status = 404, description = "`token_invalid`: the secret is unknown, was used, or is too old."),
    ),
)]
pub(crate) async fn reset_password(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Option<Extension<Peer>>,
    Body(request): Body<SetPassword>,
) -> Outcome {
    api.login_attempts.from(peer.map(|Extension(peer)| peer)).await?;
    set_password(&api, &store, request, Purpose::Reset).await
}

/// Changes the password
///
/// All other sessions of the account end.
#[utoipa::path(
    put, path = "/api/v1/account/password", tag = "Account", request_body = ChangePassword,
    responses(
        (status = 204, description = "It is changed."),
        (status = 409, description = "`password_wrong`: `current_password` is not the password."),
    ),
)]
pub(crate) async fn change_password(
    State(api): State<Shared>,
    person: Person,
    Body(request): Body<ChangePassword>,
) -> Outcome {
    // Whoever has found an open session must not guess the password either.
    api.login_attempts.of(person.store.store.id.0, &person.account.email).await?;
    let seen = person.account.password.clone();
    if !api.passwords.fits(request.current_password, seen.clone()).await? {
        return Err(Problem::new(&kinds::PASSWORD_WRONG, "That is not the password of this account."));
    }
    let password = api.passwords.hash(request.password).await?;
    let command = AccountCommand::ChangePassword {
        account: person.account.id,
        seen_password: seen.unwrap_or_default(),
        password,
        keeps: person.session,
    };
    account_in(api.engine.run(&person.store, Command::Account(command)).await?)?;
    Ok(nothing())
}
