//! Codes of a cart that a checkout cannot use: all of them at once, each with its reason and what helps.

use super::{Problem, registry as kinds};
use cartwright_domain::coupon::Hindrance;
use cartwright_wire::{ProblemItem, Remedy};
use serde_json::json;

/// The problem has the code of its first entry; its remedy too, where that is all there is to do.
pub(super) fn codes_refused(codes: Vec<(String, Hindrance)>) -> Problem {
    let kind = match codes.first().map(|(_, hindrance)| *hindrance) {
        Some(Hindrance::EmailRequired) => &kinds::EMAIL_REQUIRED,
        Some(Hindrance::Withdrawn) => &kinds::COUPON_WITHDRAWN,
        Some(Hindrance::TooManyCodes) => &kinds::TOO_MANY_COUPONS,
        Some(Hindrance::UsedUp | Hindrance::UsedByYou) | None => &kinds::COUPON_EXHAUSTED,
    };
    let errors: Vec<ProblemItem> = codes.iter().map(|(code, hindrance)| entry(code, *hindrance)).collect();
    let detail = match errors.as_slice() {
        [one] => one.detail.clone(),
        many => format!("{} codes of the cart cannot be used.", many.len()),
    };
    let remedy = errors.first().and_then(|error| error.remedy.clone());
    let problem = Problem::new(kind, detail).with_errors(errors);
    match remedy {
        Some(remedy) => problem.with_remedy(&remedy.action, remedy.with),
        None => problem,
    }
}

fn entry(code: &str, hindrance: Hindrance) -> ProblemItem {
    let (action, with) = match hindrance {
        Hindrance::EmailRequired => ("give_email", None),
        _ => ("remove_coupon", Some(json!({ "code": code }))),
    };
    ProblemItem {
        code: hindrance.as_str().to_owned(),
        detail: hindrance.sentence(code),
        coupon: Some(code.to_owned()),
        remedy: Some(Remedy { action: action.to_owned(), with }),
        ..ProblemItem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_codes_are_named_with_what_helps_and_the_first_gives_the_problem_its_code() {
        let codes = [("EACH", Hindrance::EmailRequired), ("OLD", Hindrance::Withdrawn), ("ALL", Hindrance::UsedUp)];
        let body = codes_refused(codes.map(|(code, why)| (code.to_owned(), why)).to_vec()).into_body();
        assert_eq!((body.status, body.code.as_str()), (409, "email_required"));
        let told = |item: &ProblemItem| {
            let remedy = item.remedy.clone().expect("a remedy");
            (item.code.clone(), item.coupon.clone().expect("a code"), remedy.action)
        };
        let expected = [
            ("email_required", "EACH", "give_email"),
            ("withdrawn", "OLD", "remove_coupon"),
            ("used_up", "ALL", "remove_coupon"),
        ];
        let expected = expected.map(|(why, code, action)| (why.to_owned(), code.to_owned(), action.to_owned()));
        assert_eq!(body.errors.iter().map(told).collect::<Vec<_>>(), expected);
        assert_eq!(body.remedy.expect("a remedy").action, "give_email");
    }
}
