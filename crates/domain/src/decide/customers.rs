//! What is known of customers, and what the shop tells about them.

use crate::cart::Cart;
use crate::command::Reply;
use crate::customer::Customer;
use crate::id::Timestamp;
use crate::quoting::CustomerFacts;
use crate::refusal::{FieldError, Refusal};
use crate::working_set::{Keys, WorkingSet};

/// Most groups of one customer.
const MOST_GROUPS: usize = 100;

/// What pricing this cart needs to know of its customer.
pub(super) fn need(cart: &Cart, set: &WorkingSet, keys: &mut Keys) {
    need_told(cart.customer.as_ref(), cart.buyer(), set, keys);
}

/// As [`need`], of a customer whose cart may not be there yet.
pub(super) fn need_named(customer: &String, set: &WorkingSet, keys: &mut Keys) {
    need_told(Some(customer), Some(customer.clone()), set, keys);
}

fn need_told(customer: Option<&String>, buyer: Option<String>, set: &WorkingSet, keys: &mut Keys) {
    if let Some(customer) = customer.filter(|customer| !set.customers.knows(customer)) {
        keys.customers.insert(customer.clone());
    }
    if set.config.asks_first_order
        && let Some(buyer) = buyer.filter(|buyer| !set.buyers.knows(buyer))
    {
        keys.buyers.insert(buyer);
    }
}

/// What is known, among the loaded rows.
pub(super) fn facts(cart: &Cart, set: &WorkingSet) -> CustomerFacts {
    let told = cart.customer.as_ref().and_then(|customer| set.customers.get(customer)).cloned();
    let first_order = set.config.asks_first_order
        && cart.buyer().is_some_and(|buyer| set.buyers.get(&buyer).is_none_or(|orders| orders.count == 0));
    CustomerFacts { told: told.unwrap_or_default(), first_order }
}

/// Counts an order that begins or ends to be live, where the batch counts the buyer's orders.
pub(super) fn count_order(buyer: Option<String>, by: i64, set: &mut WorkingSet, now: Timestamp) {
    let Some(buyer) = buyer.filter(|buyer| set.buyers.knows(buyer)) else { return };
    let mut orders = set.buyers.get(&buyer).map(|orders| **orders).unwrap_or_default();
    if orders.count == 0 {
        orders.first_at = now;
    }
    orders.count += by;
    set.buyers.put(buyer, orders);
}

pub(super) fn put(id: &str, customer: &Customer, set: &mut WorkingSet) -> Result<Reply, Refusal> {
    let mut groups = customer.groups.clone();
    groups.sort_unstable();
    groups.dedup();
    let wrong = groups.iter().any(|group| group.is_empty() || group.len() > 100);
    if wrong || groups.len() > MOST_GROUPS {
        let reason = "must be at most 100 names of 1 to 100 characters".to_owned();
        return Err(Refusal::Invalid(vec![FieldError { field: "groups".to_owned(), reason }]));
    }
    let customer = Customer { groups, ..customer.clone() };
    if set.customers.get(&id.to_owned()).is_none_or(|known| **known != customer) {
        set.customers.put(id.to_owned(), customer);
    }
    Ok(Reply::Done)
}
