//! The header `Cartwright-Customer`: an operator says for which customer a request is. Then only that customer's carts and orders
//! open, so a program that mixes its users up is refused instead of buying in somebody else's name.

use super::guard::Principal;
use super::rules::Rule;
use crate::input::is_control;
use crate::problem::{Outcome, Problem, registry as kinds};
use http::HeaderMap;

const HEADER: &str = "cartwright-customer";
/// Most characters of a customer's name.
const LONGEST: usize = 100;

/// The customer whom a request names, if it names one.
pub(super) fn customer(headers: &HeaderMap) -> Outcome<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let name = std::str::from_utf8(value.as_bytes()).ok();
    let fits = |name: &&str| (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(is_control);
    match name.filter(fits) {
        Some(name) if headers.get_all(HEADER).iter().count() == 1 => Ok(Some(name.to_owned())),
        _ => Err(Problem::invalid_field(
            "Cartwright-Customer",
            "must be one customer's name, 1 to 100 characters of UTF-8",
        )),
    }
}

/// Whoever asks acts for this customer from here on. It takes an operator, and an operation that shoppers have.
pub(super) fn act_for(customer: String, principal: &mut Principal, rule: Rule) -> Outcome<()> {
    match (principal, rule) {
        (Principal::Operator(operator), Rule::Shopper(..)) => {
            operator.acts_for = Some(customer);
            Ok(())
        }
        (Principal::Operator(_), _) => {
            let detail = "With `Cartwright-Customer` only that customer's carts and orders open; send this without it.";
            Err(Problem::new(&kinds::NOT_ALLOWED, detail))
        }
        _ => {
            let detail = "`Cartwright-Customer` is for operators: whoever else asks opens what is their own.";
            Err(Problem::new(&kinds::OPERATOR_REQUIRED, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_one_customer() {
        let read = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, http::HeaderValue::from_bytes(value).expect("a value"));
            }
            customer(&headers).map_err(|_| ())
        };
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[b"ada"]), Ok(Some("ada".to_owned())));
        assert_eq!(read(&["Zo\u{eb}".as_bytes()]), Ok(Some("Zo\u{eb}".to_owned())));
        for wrong in [&[b"" as &[u8]][..], &[b"ada", b"eve"], &[b"a\tb"], &[&[0xff]], &["x".repeat(101).as_bytes()]] {
            assert_eq!(read(wrong), Err(()));
        }
    }
}
