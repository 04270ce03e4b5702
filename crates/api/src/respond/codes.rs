//! The codes of a cart: whether each takes something off, and if not why, and how far off it is.

use super::explain::{LOGIN_REQUIRED, code_of_reason, login_sentence, needs_login};
use super::{MoneyForm, rfc3339};
use cartwright_domain::pricing::{Explanation, Outcome, Reason};
use cartwright_engine::{CartView, CodeReason};
use cartwright_wire as wire;

pub(super) fn coupons_of(view: &CartView, form: &MoneyForm) -> Vec<wire::Coupon> {
    let coupons = view.cart.detail.coupons.iter().zip(view.code_reasons()).map(|(coupon, reason)| {
        let promotion = view.config.promotion_ever(coupon.promotion_id).map(|promotion| promotion.name.clone());
        let gives = view.quote.discounts.iter().any(|discount| discount.promotion_id == coupon.promotion_id);
        let shown = wire::Coupon {
            code: coupon.code.clone(),
            promotion: promotion.unwrap_or_default(),
            applied: gives && reason.is_none(),
            reason: None,
            sentence: None,
            missing_amount: None,
            missing_quantity: None,
            excluded_by: None,
            starts_at: None,
            ended_at: None,
        };
        match reason {
            None => shown,
            Some(CodeReason::Hindered(hindrance)) => wire::Coupon {
                reason: Some(hindrance.as_str().to_owned()),
                sentence: Some(hindrance.sentence(&coupon.code)),
                ..shown
            },
            Some(CodeReason::Explained(explanation)) => explained(shown, explanation, view, form),
        }
    });
    coupons.collect()
}

fn explained(shown: wire::Coupon, why: &Explanation, view: &CartView, form: &MoneyForm) -> wire::Coupon {
    let Outcome::NotApplied { reason } = &why.outcome else { return shown };
    let mut shown = shown;
    match reason {
        Reason::MinOrderAmount { missing } => shown.missing_amount = Some(form.money(*missing)),
        Reason::MinQuantity { missing } | Reason::SetIncomplete { missing } => {
            shown.missing_quantity = Some(i64::from(*missing));
        }
        Reason::Excluded { by } => shown.excluded_by = by.map(|winner| winner.0),
        Reason::NotStarted { starts_at } => shown.starts_at = Some(rfc3339(*starts_at)),
        Reason::Ended { ended_at } => shown.ended_at = Some(rfc3339(*ended_at)),
        _ => {}
    }
    let word = match reason {
        Reason::Excluded { .. } => "excluded_by",
        Reason::Exhausted => "used_up",
        Reason::Inactive | Reason::CodeRequired => "withdrawn",
        other => code_of_reason(other),
    };
    shown.reason = Some(word.to_owned());
    shown.sentence = Some(why.sentence(|amount| form.text(amount), view.explained()));
    if needs_login(reason, view) {
        shown.reason = Some(LOGIN_REQUIRED.to_owned());
        shown.sentence = Some(login_sentence(why));
    }
    shown
}
