//! Passwords: forgotten, reset, changed.

use super::account_in;
use super::register::{mailed_secret, set_password};
use crate::access::{Person, Store};
use crate::input::{Body, email_of};
use crate::login_attempts::WantedMail;
use crate::passwords::Asker;
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::nothing;
use crate::state::{Api, Shared};
use crate::weak_passwords::known_to_all;
use axum::extract::State;
use cartwright_domain::account::Purpose;
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_wire::{ChangePassword, ConfirmedAccount, ForgotPassword, SetPassword};

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
    peer: Peer,
    Body(request): Body<ForgotPassword>,
) -> Outcome {
    let email = email_of(&request.email)?;
    api.login_attempts.mail(WantedMail::Forgot, peer, store.store.id, email.plain()).await?;
    let command = AccountCommand::ForgotPassword { email, secret: mailed_secret(&api, &store)? };
    api.engine.run(&store, Command::Account(command)).await?;
    Ok(nothing())
}

/// Resets the password
///
/// With the secret of the mail, which is good once and for an hour; the last mail of a day until the next can be had. All sessions
/// of the account end.
#[utoipa::path(
    post, path = "/api/v1/account/password/reset", tag = "Account", request_body = SetPassword,
    responses(
        (status = 200, description = "The account; log in now.", body = ConfirmedAccount),
        (status = 404, description = "`token_invalid`: the secret is unknown, was used, or is too old."),
    ),
)]
pub(crate) async fn reset_password(
    State(api): State<Shared>,
    Store(store): Store,
    peer: Peer,
    Body(request): Body<SetPassword>,
) -> Outcome {
    api.login_attempts.secret(peer).await?;
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
    let seen_password = confirm(&api, &person, request.current_password).await?;
    let known = known_to_all(&person.account.email, &person.store.store.name);
    let password = api.passwords.choose(Asker::Known, request.password, known).await?;
    let command =
        AccountCommand::ChangePassword { account: person.account.id, seen_password, password, keeps: person.session };
    account_in(api.engine.run(&person.store, Command::Account(command)).await?)?;
    Ok(nothing())
}

/// Asks whoever is logged in for the password once more; answers its hash, as it was compared. Whoever has found an open session
/// must not guess it either.
pub(super) async fn confirm(api: &Api, person: &Person, password: String) -> Outcome<String> {
    api.login_attempts.confirmed(person.store.store.id, &person.account.email).await?;
    let seen = person.account.password.clone();
    if !api.passwords.fits(Asker::Known, password, seen.clone()).await? {
        return Err(Problem::new(&kinds::PASSWORD_WRONG, "That is not the password of this account."));
    }
    Ok(seen.unwrap_or_default())
}
