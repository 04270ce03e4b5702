//! One person, several names. A shopper is known by an e-mail address, an account, or the id of the shop's own system, and
//! what is limited per person must count all of them. A confirmed address is the hub: an account has one, and the shop can
//! link a customer to one. Every order is counted under exactly one name, its buyer's, so the orders of a person are the sum over
//! its names, and none counts twice.

use crate::id::AccountId;
use unicode_normalization::UnicodeNormalization;

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

/// The form in which e-mail addresses are compared and stored: without surrounding blanks, in lower case, composed (Unicode
/// NFC), an international domain in its ASCII form (RFC 5891).
pub fn plain_email(email: &str) -> String {
    let email = email.trim();
    if email.is_ascii() {
        return email.to_ascii_lowercase();
    }
    let email: String = email.nfc().collect::<String>().to_lowercase().nfc().collect();
    match email.rsplit_once('@') {
        Some((name, domain)) if !domain.is_ascii() => match idna::domain_to_ascii(domain) {
            Ok(domain) => format!("{name}@{domain}"),
            Err(_) => email,
        },
        _ => email,
    }
}

/// The normal form of an address, then the other forms under which rows may have been recorded before there was one.
pub fn spellings(email: &str) -> Vec<String> {
    let plain = plain_email(email);
    let mut all = vec![plain.clone()];
    let unicode = match plain.rsplit_once('@') {
        Some((name, domain)) if domain.contains("xn--") => format!("{name}@{}", idna::domain_to_unicode(domain).0),
        _ => plain.clone(),
    };
    for form in [unicode.clone(), unicode.nfd().collect(), plain.nfd().collect()] {
        if !all.contains(&form) {
            all.push(form);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_form_whatever_way_it_is_typed() {
        for typed in ["ann@example.com", " Ann@Example.COM ", "ANN@EXAMPLE.com\t"] {
            assert_eq!(plain_email(typed), "ann@example.com", "{typed:?}");
        }
        let composed = "jos\u{e9}@example.com";
        for typed in ["jose\u{301}@example.com", "JOS\u{c9}@example.com", "JOSE\u{301}@Example.com"] {
            assert_eq!(plain_email(typed), composed, "{typed:?}");
        }
        for typed in ["ann@m\u{fc}ller.example", "ann@mu\u{308}ller.example", "Ann@XN--MLLER-KVA.example"] {
            assert_eq!(plain_email(typed), "ann@xn--mller-kva.example", "{typed:?}");
        }
    }

    #[test]
    fn a_normal_form_stays_as_it_is_and_is_among_its_spellings() {
        for typed in ["a@b", "", "no address", "jose\u{301}@m\u{fc}ller.example", "a@b@c\u{e9}", "\u{130}@x.example"] {
            let plain = plain_email(typed);
            assert_eq!(plain_email(&plain), plain, "{typed:?}");
            assert_eq!(spellings(typed)[0], plain);
        }
        let found = spellings("jose\u{301}@mu\u{308}ller.example");
        for before in ["jos\u{e9}@m\u{fc}ller.example", "jose\u{301}@mu\u{308}ller.example"] {
            assert!(found.iter().any(|form| form == before), "{before} in {found:?}");
        }
        assert_eq!(spellings("Ann@example.com"), ["ann@example.com"]);
    }

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
