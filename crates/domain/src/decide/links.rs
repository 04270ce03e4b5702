//! Links of the shop's customers to e-mail addresses: said by an operator, or with the cart that the shop makes or fills for a
//! customer. What a shopper types links nothing.

use super::cart::{is_in_use, loaded, need_cart};
use crate::account::Account;
use crate::command::{Access, CartChange, CartRef};
use crate::customer::Customer;
use crate::email::EmailAddress;
use crate::id::Timestamp;
use crate::person::Who;
use crate::refusal::{FieldError, Refusal};
use crate::working_set::{Keys, WorkingSet};

/// What it takes to link the customer of a cart that is to be made to the address that comes with it.
pub(super) fn need_new(customer: Option<&String>, email: Option<&EmailAddress>, set: &WorkingSet, keys: &mut Keys) {
    let (Some(customer), Some(_)) = (customer, email) else { return };
    if !set.customer_carts.knows(customer) {
        return;
    }
    let last = set.customer_carts.get(customer).map(|id| loaded(**id, set));
    let is_made = match last {
        // Not loaded yet, or in use: then none is made.
        Some(cart) => cart.is_some_and(|cart| !is_in_use(cart, set.now)),
        None => true,
    };
    if is_made {
        need_link(customer, set, keys);
    }
}

/// What it takes to change what a cart tells, and to link its customer where the shop says the address.
pub(super) fn need_change(named: &CartRef, change: &CartChange, set: &WorkingSet, keys: &mut Keys) {
    need_cart(named.id, set, keys);
    let customer = loaded(named.id, set).and_then(|cart| cart.customer.as_deref());
    if let Some(customer) = customer.filter(|_| change.email.is_some() && matches!(named.access, Access::Operator)) {
        need_link(customer, set, keys);
    }
}

/// The shop knows its customers' addresses: what it sets is theirs. What a shopper types is not proven.
pub(super) fn link_told(
    access: &Access,
    customer: Option<&str>,
    email: Option<&EmailAddress>,
    set: &mut WorkingSet,
    now: Timestamp,
) {
    if let (Access::Operator, Some(customer), Some(email)) = (access, customer, email) {
        link(customer, email.plain(), set, now);
    }
}

pub(super) fn need_account(id: &str, set: &WorkingSet, keys: &mut Keys) {
    let who = Who { customer: Some(id), email: None };
    if let Some(id) = who.account().filter(|id| !set.people.accounts.knows(id)) {
        keys.people.accounts.insert(id);
    }
}

/// What it takes to link the customer of a cart, whose shop says the address.
pub(super) fn need_link(id: &str, set: &WorkingSet, keys: &mut Keys) {
    if !set.customers.knows(&id.to_owned()) {
        keys.customers.insert(id.to_owned());
    }
    need_account(id, set, keys);
}

/// The account that a customer's name is the id of. Its address is its own affair.
fn account_named<'a>(id: &str, set: &'a WorkingSet) -> Option<&'a Account> {
    let who = Who { customer: Some(id), email: None };
    who.account().and_then(|id| set.people.accounts.get(&id)).map(|account| &**account)
}

/// Links a customer to the address, in its normal form, that the shop gives for it.
pub(super) fn link(id: &str, email: &str, set: &mut WorkingSet, now: Timestamp) {
    if account_named(id, set).is_some() {
        return;
    }
    let known = set.customers.get(&id.to_owned()).map(|known| (**known).clone()).unwrap_or_default();
    if known.email.as_deref() != Some(email) {
        set.customers.put(id.to_owned(), Customer { email: Some(email.to_owned()), email_since: Some(now), ..known });
    }
}

/// The address that a customer has after a command, and since when.
pub(super) fn told(
    id: &str,
    told: &Option<String>,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<(Option<String>, Option<Timestamp>), Refusal> {
    let known = set.customers.get(&id.to_owned());
    let known = known.map_or((None, None), |known| (known.email.clone(), known.email_since));
    let Some(told) = told else { return Ok(known) };
    if account_named(id, set).is_some() {
        let reason = "belongs to an account, whose address is the one that it has confirmed".to_owned();
        return Err(Refusal::Invalid(vec![FieldError { field: "email".to_owned(), reason }]));
    }
    if told.is_empty() {
        return Ok((None, None));
    }
    let email = EmailAddress::parse(told)
        .map_err(|error| Refusal::Invalid(vec![FieldError { field: "email".to_owned(), reason: error.to_string() }]))?;
    Ok(match Some(email.plain().to_owned()) {
        same if same == known.0 => known,
        email => (email, Some(now)),
    })
}
