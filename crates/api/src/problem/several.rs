//! Several things that speak against one request, told at once: the first gives code and remedy, and each has its entry with the
//! line or field at fault and a remedy of its own.

use super::refused::remedy;
use super::{Problem, field_error, registry as kinds};
use cartwright_domain::refusal::{Missing, Refusal};
use cartwright_wire::ProblemItem;
use serde_json::json;

/// All that is wrong with a cart.
pub(super) fn several(refusals: Vec<Refusal>) -> Problem {
    let mut problems = refusals.into_iter().map(Problem::from);
    let Some(mut first) = problems.next() else {
        return Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.");
    };
    let rest: Vec<Problem> = problems.collect();
    let more = match rest.len() {
        0 => String::new(),
        1 => " One thing more is wrong; `errors` has both.".to_owned(),
        more => format!(" {more} things more are wrong; `errors` has all."),
    };
    let mut errors = entries(&first);
    errors.extend(rest.iter().flat_map(entries));
    first.detail = format!("{}{more}", first.detail).into();
    first.with_errors(errors)
}

/// What a problem by itself tells, as entries, each with its remedy.
fn entries(problem: &Problem) -> Vec<ProblemItem> {
    let (code, detail) = (problem.kind.code.to_owned(), problem.detail.to_string());
    let whole = || ProblemItem { code: code.clone(), detail, ..ProblemItem::default() };
    let mut errors = if problem.errors.is_empty() { vec![whole()] } else { problem.errors.clone() };
    for error in &mut errors {
        // By itself a field says only that it is not as it must be.
        if error.code == "invalid" {
            error.code.clone_from(&code);
        }
        error.remedy = error.remedy.take().or_else(|| problem.remedy.as_deref().cloned());
    }
    errors
}

/// What the store needs to know before it sells.
pub(super) fn details_missing(missing: Vec<Missing>) -> Problem {
    let names: Vec<&str> = missing.iter().map(|missing| missing.field.as_str()).collect();
    let detail = format!("The store needs more before it sells: {}.", names.join(", "));
    let with = json!({ "fields": names });
    let error = |missing: &Missing| ProblemItem {
        remedy: Some(remedy("give_details", Some(json!({ "fields": [missing.field] })))),
        ..field_error(&missing.field, missing.reason.as_str())
    };
    Problem::new(&kinds::DETAILS_REQUIRED, detail)
        .with_errors(missing.iter().map(error).collect())
        .with_remedy("give_details", Some(with))
}
