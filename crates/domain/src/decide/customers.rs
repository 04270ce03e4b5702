//! What is known of customers, and what the shop tells about them.

use super::{links, persons};
use crate::cart::Cart;
use crate::command::Reply;
use crate::customer::Customer;
use crate::id::Timestamp;
use crate::person::Who;
use crate::quoting::CustomerFacts;
use crate::refusal::{FieldError, Refusal};
use crate::working_set::{Keys, WorkingSet};

/// Most groups of one customer.
const MOST_GROUPS: usize = 100;

/// What pricing this cart needs to know of its customer.
pub(super) fn need(cart: &Cart, set: &WorkingSet, keys: &mut Keys) {
    need_told(cart.who(), set, keys);
}

/// As [`need`], of a customer whose cart may not be there yet.
pub(super) fn need_named(customer: &str, set: &WorkingSet, keys: &mut Keys) {
    need_told(Who { customer: Some(customer), email: None }, set, keys);
}

fn need_told(who: Who<'_>, set: &WorkingSet, keys: &mut Keys) {
    if let Some(customer) = who.customer.map(str::to_owned).filter(|customer| !set.customers.knows(customer)) {
        keys.customers.insert(customer);
    }
    if set.config.asks_first_order_of(who) {
        persons::need_orders(who, set, keys);
    }
}

/// What is known, among the loaded rows.
pub(super) fn facts(cart: &Cart, set: &WorkingSet) -> CustomerFacts {
    let told = cart.customer.as_ref().and_then(|customer| set.customers.get(customer)).cloned();
    let first_order = set.config.asks_first_order_of(cart.who()) && persons::last_live_order(cart.who(), set).is_none();
    CustomerFacts { told: told.unwrap_or_default(), first_order }
}

/// Counts an order that begins or ends to be live, where the batch counts the buyer's orders.
pub(super) fn count_order(buyer: Option<String>, by: i64, set: &mut WorkingSet, now: Timestamp) {
    let Some(buyer) = buyer.filter(|buyer| set.buyers.knows(buyer)) else { return };
    let mut orders = set.buyers.get(&buyer).map(|orders| **orders).unwrap_or_default();
    if by > 0 {
        orders.last_at = now;
    }
    orders.count += by;
    set.buyers.put(buyer, orders);
}

/// What it takes to say something of a customer.
pub(super) fn need_put(id: &str, customer: &Customer, set: &WorkingSet, keys: &mut Keys) {
    if !set.customers.knows(&id.to_owned()) {
        keys.customers.insert(id.to_owned());
    }
    if customer.email.is_some() {
        links::need_account(id, set, keys);
    }
}

pub(super) fn put(id: &str, customer: &Customer, set: &mut WorkingSet, now: Timestamp) -> Result<Reply, Refusal> {
    let mut groups = customer.groups.clone();
    groups.sort_unstable();
    groups.dedup();
    let wrong = groups.iter().any(|group| group.is_empty() || group.len() > 100);
    if wrong || groups.len() > MOST_GROUPS {
        let reason = "must be at most 100 names of 1 to 100 characters".to_owned();
        return Err(Refusal::Invalid(vec![FieldError { field: "groups".to_owned(), reason }]));
    }
    let (email, email_since) = links::told(id, &customer.email, set, now)?;
    let customer = Customer { groups, email, email_since, ..customer.clone() };
    if set.customers.get(&id.to_owned()).is_none_or(|known| **known != customer) {
        set.customers.put(id.to_owned(), customer);
    }
    Ok(Reply::Done)
}
