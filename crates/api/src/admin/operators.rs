//! `/admin/operators`: people who may run the shop.

use crate::access::Operator;
use crate::account::register::mailed_secret;
use crate::input::{Body, email_of};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::ok;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::account::{Account, Role};
use cartwright_domain::command::{AccountCommand, Command, Reply};
use cartwright_wire as wire;
use cartwright_wire::{OperatorInput, Operators};

const MOST: usize = 500;

/// Lists operators
#[utoipa::path(
    get, path = "/api/v1/admin/operators", tag = "Operators",
    responses((status = 200, description = "People with a role.", body = Operators)),
)]
pub(crate) async fn list_operators(State(api): State<Shared>, operator: Operator) -> Outcome {
    let found = api.engine.reader().operators(operator.store.store.id, MOST).await?;
    Ok(ok(&Operators { operators: found.iter().map(shown).collect() }))
}

/// Gives or takes a role
///
/// An address without a confirmed account is invited by mail, and chooses a password with the link in it. Nobody changes their own
/// role.
#[utoipa::path(
    put, path = "/api/v1/admin/operators", tag = "Operators", request_body = OperatorInput,
    responses(
        (status = 200, description = "The operator as it is now.", body = wire::Operator),
        (status = 404, description = "`operator_not_found`: there is no role to take; `store_not_found`."),
        (status = 409, description = "`conflict`: it is one's own role."),
    ),
)]
pub(crate) async fn put_operator(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<OperatorInput>,
) -> Outcome {
    let command = AccountCommand::SetRole {
        email: email_of(&request.email)?,
        role: request.role.map(role_of),
        by: operator.account,
        secret: mailed_secret(&api, &operator.store)?,
    };
    match api.engine.run(&operator.store, Command::Account(command)).await? {
        Reply::Account(account) => Ok(ok(&shown(&account))),
        _ => Err(Problem::new(&kinds::INTERNAL, "Something failed on our side.")),
    }
}

/// A role of a request.
pub(super) fn role_of(role: wire::Role) -> Role {
    match role {
        wire::Role::ReadOnly => Role::ReadOnly,
        wire::Role::Staff => Role::Staff,
        wire::Role::Owner => Role::Owner,
    }
}

fn shown(account: &Account) -> wire::Operator {
    wire::Operator {
        id: account.id.0,
        email: account.email.clone(),
        name: account.profile.name.clone(),
        role: account.role.map(|role| role.as_str().to_owned()),
        verified: account.verified_at.is_some(),
    }
}
