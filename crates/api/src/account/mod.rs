//! Accounts of those who are or want to be logged in: register, sessions, passwords, profile, own cart and orders.

pub(crate) mod export;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod purchases;
pub(crate) mod register;
pub(crate) mod session;

use crate::problem::{Problem, registry as kinds};
use crate::respond::rfc3339;
use cartwright_domain::account::Account;
use cartwright_domain::command::Reply;
use cartwright_domain::order::Address;
use cartwright_wire as wire;
use std::sync::Arc;

/// An account as its owner sees it.
pub(crate) fn account_of(account: &Account) -> wire::Account {
    let profile = account.profile.clone();
    wire::Account {
        id: account.id.0,
        email: account.email.clone(),
        name: profile.name,
        phone: profile.phone,
        locale: profile.locale,
        marketing: profile.marketing,
        addresses: profile.addresses.into_iter().map(shown_address).collect(),
        role: account.role.map(|role| role.as_str().to_owned()),
        created_at: rfc3339(account.created_at),
    }
}

fn shown_address(address: Address) -> wire::Address {
    let Address { name, line1, line2, city, region, postcode, country, phone } = address;
    wire::Address { name, line1, line2, city, region, postcode, country, phone }
}

fn account_in(reply: Reply) -> Result<Arc<Account>, Problem> {
    match reply {
        Reply::Account(account) => Ok(account),
        other => {
            tracing::error!(?other, "the engine answered something else than was asked");
            Err(Problem::new(&kinds::INTERNAL, "Something failed on our side."))
        }
    }
}
