//! Checkouts that would charge more than the shopper was shown, or that do not say what was shown: what differs, as fields
//! and in sentences.

use super::refused::item;
use super::{Problem, field_error, registry as kinds};
use crate::respond::code_of_reason;
use cartwright_domain::difference::{Difference, PriceChanged, Why};
use cartwright_domain::id::PromotionId;
use cartwright_domain::money::{self, Currency};
use cartwright_wire::{Money, ProblemItem};
use serde_json::json;

/// The request names no total.
pub(super) fn total_required(total: i64, currency: Currency) -> Problem {
    let amount = money::format(total, currency);
    let detail = format!("Name the total that the shopper was shown as `expected_total`. The cart costs {amount} now.");
    let missing = field_error("expected_total", "is missing: the total that the shopper was shown, in minor units");
    accept(Problem::new(&kinds::TOTAL_REQUIRED, detail).with_errors(vec![missing]), total)
}

/// The total is higher than the one that the request names.
pub(super) fn changed(changed: &PriceChanged) -> Problem {
    let (total, currency) = (changed.now.totals.total, changed.now.currency);
    let (now, shown) = (money::format(total, currency), money::format(changed.expected, currency));
    let detail = format!("The total is now {now}; the shopper was shown {shown}.");
    let errors = changed.differences.iter().map(|difference| entry(difference, changed));
    accept(Problem::new(&kinds::PRICE_CHANGED, detail).with_errors(errors.collect()), total)
}

fn accept(problem: Problem, total: i64) -> Problem {
    problem.with_remedy("accept_total", Some(json!({ "expected_total": total })))
}

fn entry(difference: &Difference, changed: &PriceChanged) -> ProblemItem {
    let currency = changed.now.currency;
    let text = |amount: i64| money::format(amount, currency);
    match difference {
        Difference::UnitPrice { line_id, sku, old, new, .. } => ProblemItem {
            detail: format!("The unit price of {sku:?} was {} and is {}.", text(*old), text(*new)),
            line_id: Some(line_id.to_string()),
            sku: Some(sku.clone()),
            old_unit_price: Some(*old),
            new_unit_price: Some(*new),
            ..compared("price_changed", (*old, *new), currency)
        },
        Difference::Discount { promotion_id, name, code, old, new, why } => {
            let because = because(*promotion_id, why, changed).map(|why| format!(" ({why})")).unwrap_or_default();
            ProblemItem {
                detail: format!("{name:?} took {} off and takes {} off{because}.", text(*old), text(*new)),
                promotion_id: Some(promotion_id.to_string()),
                promotion_code: code.clone(),
                reason: Some(code_of_why(why).to_owned()),
                ..compared("discount_changed", (*old, *new), currency)
            }
        }
        Difference::Shipping { old, new } => said(
            "shipping_changed",
            format!("Shipping was {} and is {}.", text(*old), text(*new)),
            (*old, *new),
            currency,
        ),
        Difference::Tax { name, old, new } => {
            said("tax_changed", format!("{name} was {} and is {}.", text(*old), text(*new)), (*old, *new), currency)
        }
        Difference::Relief { old, new } => {
            let detail = format!("Tax taken out of prices was {} and is {}.", text(*old), text(*new));
            said("tax_changed", detail, (*old, *new), currency)
        }
        Difference::Exemption { old, new } => {
            let detail = match new > old {
                true => format!("The exemption from tax does not hold any more: {} of tax.", text(new - old)),
                false => format!("An exemption from tax holds now: {} less.", text(old - new)),
            };
            said("exemption_changed", detail, (*old, *new), currency)
        }
        Difference::Rounding { old, new } => said(
            "rounding_changed",
            format!("Rounding was {} and is {}.", text(*old), text(*new)),
            (*old, *new),
            currency,
        ),
        Difference::Total { old, new } => said(
            "total_changed",
            format!("The total was {} and is {}.", text(*old), text(*new)),
            (*old, *new),
            currency,
        ),
    }
}

fn said(code: &str, detail: String, amounts: (i64, i64), currency: Currency) -> ProblemItem {
    ProblemItem { detail, ..compared(code, amounts, currency) }
}

fn compared(code: &str, (old, new): (i64, i64), currency: Currency) -> ProblemItem {
    let money = |amount: i64| {
        Some(Money { amount, currency: currency.code().to_owned(), formatted: money::format(amount, currency) })
    };
    ProblemItem { code: code.to_owned(), old_amount: money(old), new_amount: money(new), ..item() }
}

fn code_of_why(why: &Why) -> &'static str {
    match why {
        Why::Deleted => "deleted",
        Why::Amount => "amount",
        Why::NotApplied(reason) => code_of_reason(reason),
    }
}

/// In words, as the explanation of the promotion has it.
fn because(id: PromotionId, why: &Why, changed: &PriceChanged) -> Option<String> {
    let now = &changed.now;
    match why {
        Why::Deleted => Some("it was withdrawn".to_owned()),
        Why::Amount => None,
        Why::NotApplied(_) => {
            let explained = now.explanations.iter().find(|explanation| explanation.promotion_id == id)?;
            explained.why_not(|amount| money::format(amount, now.currency), &now.explanations)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::refusal::Refusal;

    #[test]
    fn a_checkout_without_a_total_is_offered_to_accept_the_one_of_now() {
        let body = Problem::from(Refusal::TotalRequired { total: 3250, currency: Currency::EUR }).into_body();
        assert_eq!((body.status, body.code.as_str()), (409, "total_required"));
        assert!(body.detail.contains("32.50€") && !body.detail.contains("3250"), "{}", body.detail);
        let remedy = body.remedy.expect("a remedy");
        assert_eq!((remedy.action.as_str(), remedy.with), ("accept_total", Some(json!({ "expected_total": 3250 }))));
    }
}
