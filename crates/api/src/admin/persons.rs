//! `/admin/persons`: what a person has a right to, asked by an operator for whoever has no account to ask with. The address
//! stands in the body, so that no log has it.

use crate::access::Operator;
use crate::account::export::{Subject, answer};
use crate::input::Body;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::nothing;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::account::plain_email;
use cartwright_domain::command::{AccountCommand, Command, ForgetCommand, Reply};
use cartwright_wire::{AccountExport, PersonInput};

/// Exports a person's data
///
/// All that the shop has of whoever has this address: the account, and what was done as a guest.
#[utoipa::path(
    post, path = "/api/v1/admin/persons/export", tag = "Operators", request_body = PersonInput,
    responses((status = 200, description = "The data.", body = AccountExport)),
)]
pub(crate) async fn export_person(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<PersonInput>,
) -> Outcome {
    // The log tells that somebody looked.
    api.engine.run(&operator.store, Command::Account(AccountCommand::Note)).await?;
    let account = api.engine.account_by_email(operator.store.store.id, &request.email).await?;
    let subject = Subject::of(&api, &operator.store, &request.email, account).await?;
    answer(api.clone(), operator.store.clone(), subject, None, Vec::new()).await
}

/// Erases a person
///
/// Account, carts, mails and orders that came to nothing forget whoever has this address; placed orders stay as the law wants
/// them. What waits for a payment follows once that has ended. It cannot be undone.
#[utoipa::path(
    post, path = "/api/v1/admin/persons/erase", tag = "Operators", request_body = PersonInput,
    responses(
        (status = 204, description = "It is done, or will be once no payment is waited for."),
        (status = 409, description = "`conflict`: it is an operator, whose role must be removed first."),
    ),
)]
pub(crate) async fn erase_person(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<PersonInput>,
) -> Outcome {
    let account = api.engine.account_by_email(operator.store.store.id, &request.email).await?;
    let command = match account {
        Some(account) if account.role.is_some() => {
            return Err(Problem::new(&kinds::CONFLICT, "This is an operator. Take the role first."));
        }
        Some(account) => Command::Account(AccountCommand::Close { account: account.id, seen_password: None }),
        None => Command::Forget(ForgetCommand::Begin { email: plain_email(&request.email) }),
    };
    if let Reply::Erasing(erasure) = api.engine.run(&operator.store, command).await? {
        api.engine.erase(&operator.store, &erasure).await?;
    }
    Ok(nothing())
}
