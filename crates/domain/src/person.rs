//! One person, several names. A shopper is known by an e-mail address, an account, or the id of the shop's own system, and
//! what is limited per person must count all of them. A confirmed address is the hub: an account has one, and the shop can
//! link a customer to one. Every order is counted under exactly one name, its buyer's, so the orders of a person are the sum over
//! its names, and none counts twice.

pub use crate::email::{plain_email, spellings};

use crate::id::AccountId;

/// Whoever a cart or an order is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Who<'a> {
    /// The customer's name in the shop's own system, or the id of an account.
    pub customer: Option<&'a str>,
    /// The e-mail address as it was typed. It counts where there is no customer.
    pub email: Option<&'a str>,
}

impl Who<'_> {
    /// The one name under which orders and uses of promotions are recorded: the customer, else the address in its normal
    /// form. `None` when nobody is known.
    pub fn buyer(self) -> Option<String> {
        self.customer.map(str::to_owned).or_else(|| self.guest_address())
    }

    /// The address of a guest, in its normal form.
    pub fn guest_address(self) -> Option<String> {
        let typed = self.email.filter(|_| self.customer.is_none());
        typed.map(plain_email).filter(|email| !email.is_empty())
    }

    /// The account that the customer's name is the id of, if it is written like one.
    pub fn account(self) -> Option<AccountId> {
        let name = self.customer?;
        let id = AccountId(name.parse().ok()?);
        (id.to_string() == name).then_some(id)
    }
}

/// All names of a person: `address` is the one known to be theirs, `account` the one that has confirmed it, `linked` the
/// customers that the shop has linked to it.
pub fn names(who: Who<'_>, address: Option<&str>, account: Option<AccountId>, linked: &[String]) -> Vec<String> {
    let mut names: Vec<String> = who.buyer().into_iter().collect();
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    if let Some(address) = address {
        spellings(address).into_iter().for_each(&mut add);
        account.map(|id| id.to_string()).into_iter().for_each(&mut add);
        linked.iter().cloned().for_each(&mut add);
    }
    // Before addresses had a normal form they were recorded in lower case, as typed.
    let typed = who.email.filter(|_| who.customer.is_none()).map(|email| email.trim().to_lowercase());
    typed.filter(|email| !email.is_empty()).into_iter().for_each(&mut add);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_each_name_once_and_an_address_only_where_it_is_theirs() {
        let account = AccountId(uuid::Uuid::from_u128(7));
        let guest = Who { customer: None, email: Some("Ann@example.com") };
        let ada = ["ada".to_owned()];
        let all = names(guest, Some("ann@example.com"), Some(account), &ada);
        assert_eq!(all, ["ann@example.com".to_owned(), account.to_string(), "ada".to_owned()]);
        // What a shopper who is known types is not theirs for it.
        let eve = Who { customer: Some("eve"), email: Some("ann@example.com") };
        assert_eq!(names(eve, None, None, &[]), ["eve"]);
        assert_eq!(eve.guest_address(), None);
        assert!(names(Who::default(), None, None, &[]).is_empty());
    }
}
