//! Persons of the model: which names belong together, and what is counted of all of them. Found anew from what was answered,
//! with maps of its own.

use super::{Checked, Model, ModelOrder};
use cartwright_domain::command::{Access, Command, Reply};
use cartwright_domain::id::{OrderId, PromotionId};
use cartwright_domain::order::{Order, OrderStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Who is who.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelPersons {
    /// The address of each customer of whom the shop has said one.
    links: BTreeMap<String, String>,
    /// The confirmed address of each account.
    accounts: BTreeMap<String, String>,
}

fn plain(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Model {
    /// A command was committed that may say whose an address is.
    pub(super) fn learn_names(&mut self, command: &Command, reply: &Reply) {
        match (command, reply) {
            (Command::CreateCart { customer: Some(customer), email: Some(email), .. }, Reply::CartCreated(_)) => {
                self.link(customer, email.typed());
            }
            (Command::ChangeCart { cart: named, change }, Reply::Cart(cart)) => {
                let told = change.email.as_ref().filter(|_| matches!(named.access, Access::Operator));
                if let (Some(customer), Some(email)) = (&cart.customer, told) {
                    self.link(customer, email.typed());
                }
            }
            (Command::PutCustomer { id, customer }, Reply::Done) => match customer.email.as_deref() {
                Some("") => drop(self.persons.links.remove(id)),
                Some(email) => self.link(id, email),
                None => {}
            },
            (Command::Account(_), Reply::Account(account)) if account.verified_at.is_some() => {
                self.persons.accounts.insert(account.id.to_string(), plain(&account.email));
            }
            _ => {}
        }
    }

    fn link(&mut self, customer: &str, email: &str) {
        if !self.persons.accounts.contains_key(customer) {
            self.persons.links.insert(customer.to_owned(), plain(email));
        }
    }

    /// The customers that the shop has linked to an address, which it no longer is.
    pub(super) fn unlinked(&mut self, email: &str) -> Vec<String> {
        let address = plain(email);
        let links = &mut self.persons.links;
        let gone: Vec<String> = links.iter().filter(|(_, of)| **of == address).map(|(name, _)| name.clone()).collect();
        links.retain(|_, of| *of != address);
        gone
    }

    /// All names of whoever has made an order.
    fn names(&self, buyer: &str, is_guest: bool) -> BTreeSet<String> {
        let persons = &self.persons;
        let address = match is_guest {
            true => Some(buyer),
            false => persons.accounts.get(buyer).or(persons.links.get(buyer)).map(String::as_str),
        };
        let mut names = BTreeSet::from([buyer.to_owned()]);
        if let Some(address) = address {
            names.insert(address.to_owned());
            let known = persons.accounts.iter().chain(&persons.links);
            names.extend(known.filter(|(_, of)| *of == address).map(|(name, _)| name.clone()));
        }
        names
    }

    /// How often whoever made an order uses a promotion, under all names.
    pub(super) fn uses_of_person(&self, id: PromotionId, order: &ModelOrder) -> i64 {
        let names = self.names(&order.buyer, order.is_guest);
        let used = |name: String| self.uses.get(&(id, Some(name))).copied().unwrap_or(0);
        names.into_iter().map(used).sum()
    }

    /// A price for first orders is for persons without another live order.
    pub(super) fn is_first(&self, id: OrderId, order: &Order) -> Checked {
        let names = self.names(&order.buyer().unwrap_or_default(), order.customer.is_none());
        let live = |order: &ModelOrder| matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
        let other =
            self.orders.iter().find(|(other, known)| **other != id && live(known) && names.contains(&known.buyer));
        match other {
            Some((other, known)) => {
                Err(format!("order {id} has a price for first orders, {} has {other}", known.buyer))
            }
            None => Ok(()),
        }
    }
}
