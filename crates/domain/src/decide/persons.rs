//! All names of a person, among the loaded rows: what limits, first orders and reminders ask. Only where something is
//! counted per person are these rows asked for.

use crate::account::Account;
use crate::id::Timestamp;
use crate::person::{Who, names, plain_email, spellings};
use crate::working_set::{Keys, WorkingSet};

/// What it takes to know all names of somebody; whether it is all there.
pub(super) fn need(who: Who<'_>, set: &WorkingSet, keys: &mut Keys) -> bool {
    if let Some(customer) = who.customer {
        let customer = customer.to_owned();
        let mut missing = !set.customers.knows(&customer);
        if missing {
            keys.customers.insert(customer);
        }
        if let Some(id) = who.account().filter(|id| !set.people.accounts.knows(id)) {
            keys.people.accounts.insert(id);
            missing = true;
        }
        if missing {
            return false;
        }
    }
    let Some(address) = address(who, set) else { return true };
    let missing = need_owner(&address, set, keys) | need_linked(&address, set, keys);
    !missing
}

/// The account of an address, under whatever form it was recorded; whether something is missing.
pub(super) fn need_owner(address: &str, set: &WorkingSet, keys: &mut Keys) -> bool {
    let mut missing = false;
    for form in spellings(address) {
        if !set.people.emails.knows(&form) {
            keys.people.emails.insert(form);
            missing = true;
        } else if let Some(id) = set.people.emails.get(&form).filter(|id| !set.people.accounts.knows(id)) {
            keys.people.accounts.insert(**id);
            missing = true;
        }
    }
    missing
}

pub(super) fn need_linked(address: &str, set: &WorkingSet, keys: &mut Keys) -> bool {
    let missing = !set.people.linked.knows(&address.to_owned());
    if missing {
        keys.people.linked.insert(address.to_owned());
    }
    missing
}

/// The address that is known to be somebody's: a guest is their address; an account's is the one it has confirmed; a customer's
/// the one that the shop has linked.
pub(super) fn address(who: Who<'_>, set: &WorkingSet) -> Option<String> {
    let Some(customer) = who.customer else { return who.guest_address() };
    match who.account().and_then(|id| set.people.accounts.get(&id)) {
        Some(account) => account.verified_at.is_some().then(|| plain_email(&account.email)),
        None => set.customers.get(&customer.to_owned())?.email.clone(),
    }
}

/// The account that leads to an address, confirmed or not.
pub(super) fn owner<'a>(address: &str, set: &'a WorkingSet) -> Option<&'a Account> {
    spellings(address).iter().find_map(|form| set.people.by_email(form))
}

/// The customers that the shop has linked to an address, with what the batch has changed of them.
pub(super) fn linked(address: &str, set: &WorkingSet) -> Vec<String> {
    let stands = |customer: &String| {
        let known = set.customers.knows(customer).then(|| set.customers.get(customer));
        known.is_none_or(|row| row.is_some_and(|row| row.email.as_deref() == Some(address)))
    };
    let loaded = set.people.linked.get(&address.to_owned()).cloned().unwrap_or_default();
    let mut all: Vec<String> = loaded.iter().filter(|customer| stands(customer)).cloned().collect();
    let mut fresh: Vec<&String> = set
        .customers
        .changes()
        .filter(|(id, row, _)| row.email.as_deref() == Some(address) && !all.contains(id))
        .map(|(id, ..)| id)
        .collect();
    fresh.sort_unstable();
    all.extend(fresh.into_iter().cloned());
    all
}

/// All names of somebody; the buyer's own first. [`need`] must have been answered.
pub(super) fn all_names(who: Who<'_>, set: &WorkingSet) -> Vec<String> {
    let Some(address) = address(who, set) else { return names(who, None, None, &[]) };
    let account = owner(&address, set).filter(|account| account.verified_at.is_some());
    names(who, Some(&address), account.map(|account| account.id), &linked(&address, set))
}

/// As [`need`], and the live orders of all names.
pub(super) fn need_orders(who: Who<'_>, set: &WorkingSet, keys: &mut Keys) {
    if need(who, set, keys) {
        keys.buyers.extend(all_names(who, set).into_iter().filter(|name| !set.buyers.knows(name)));
    }
}

/// When the last live order of somebody was made, under all names; `None` where there is none.
pub(super) fn last_live_order(who: Who<'_>, set: &WorkingSet) -> Option<Timestamp> {
    let all = all_names(who, set);
    let orders = all.iter().filter_map(|name| set.buyers.get(name)).filter(|orders| orders.count > 0);
    orders.map(|orders| orders.last_at).max()
}
