//! `GET`, `PATCH` and `DELETE /account`, and the export of all that the shop has of a person.

use super::password::confirm;
use super::session::{live, session_of};
use super::{account_in, account_of};
use crate::access::{Person, cookies};
use crate::account::export::{Subject, answer};
use crate::account::purchases::own_cart;
use crate::input::{Body, address_of};
use crate::problem::Outcome;
use crate::respond::{cart_of, form_of, nothing, ok};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::account::ProfileChange;
use cartwright_domain::command::{AccountCommand, Command, Reply};
use cartwright_wire::{Account, AccountExport, ChangeAccount, DeleteAccount};
use http::header::SET_COOKIE;

/// Reads one's account
#[utoipa::path(
    get, path = "/api/v1/account", tag = "Account",
    responses((status = 200, description = "The account.", body = Account)),
)]
pub(crate) async fn read_account(person: Person) -> Outcome {
    Ok(ok(&account_of(&person.account)))
}

/// Changes one's account
///
/// A JSON Merge Patch (RFC 7396): what is absent stays, `null` unsets; `addresses` replaces all of them.
#[utoipa::path(
    patch, path = "/api/v1/account", tag = "Account", request_body = ChangeAccount,
    responses((status = 200, description = "The account.", body = Account)),
)]
pub(crate) async fn change_account(
    State(api): State<Shared>,
    person: Person,
    Body(request): Body<ChangeAccount>,
) -> Outcome {
    let change = ProfileChange {
        name: request.name.or_unset(String::new()),
        phone: request.phone.or_unset(String::new()),
        locale: request.locale.or_unset(String::new()),
        marketing: request.marketing.or_unset(false),
        addresses: request
            .addresses
            .or_unset(Vec::new())
            .map(|addresses| addresses.into_iter().map(address_of).collect()),
    };
    let command = AccountCommand::ChangeProfile { account: person.account.id, change: Box::new(change) };
    let account = account_in(api.engine.run(&person.store, Command::Account(command)).await?)?;
    Ok(ok(&account_of(&account)))
}

/// Deletes one's account
///
/// Whoever has found an open session cannot do it: the password is asked for once more. The person goes: address, password,
/// profile, sessions, mails, groups, all carts, orders that came to nothing; also what was done as a guest with the address.
/// Placed orders stay as they are, since the law wants them kept. What waits for a payment follows once that has ended. It cannot
/// be undone; the address may register again.
#[utoipa::path(
    delete, path = "/api/v1/account", tag = "Account", request_body = DeleteAccount,
    responses(
        (status = 204, description = "It is deleted."),
        (status = 409, description = "`password_wrong`: `password` is not the password."),
    ),
)]
pub(crate) async fn delete_account(
    State(api): State<Shared>,
    person: Person,
    Body(request): Body<DeleteAccount>,
) -> Outcome {
    let seen_password = confirm(&api, &person, request.password).await?;
    let command = AccountCommand::Close { account: person.account.id, seen_password: Some(seen_password) };
    if let Reply::Erasing(erasure) = api.engine.run(&person.store, Command::Account(command)).await?
        && let Err(failure) = api.engine.erase(&person.store, &erasure).await
    {
        tracing::warn!(%failure, "a person is erased by the sweeper");
    }
    let mut response = nothing();
    for cookie in cookies(None, 0) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Exports one's data
///
/// All that the shop has of the person; what is kept and not shown is named in `left_out`.
#[utoipa::path(
    get, path = "/api/v1/account/export", tag = "Account",
    responses((status = 200, description = "The data.", body = AccountExport)),
)]
pub(crate) async fn export_account(State(api): State<Shared>, person: Person) -> Outcome {
    let sessions = live(api.engine.reader().as_ref(), &person.store, &person.account, api.engine.now()).await?;
    let sessions = sessions.iter().map(|session| session_of(session, person.session)).collect();
    let view = own_cart(&api, &person).await?;
    let cart = cart_of(&view, None, &form_of(&view, None));
    let account = (*person.account).clone();
    let subject = Subject::of(&api, &person.store, &account.email.clone(), Some(account)).await?;
    answer(api.clone(), person.store.clone(), subject, Some(cart), sessions).await
}
