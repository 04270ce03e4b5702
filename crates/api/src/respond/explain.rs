//! Why a cart costs what it costs: each promotion with its share of every line, or with what is missing for it.

use super::{MoneyForm, rfc3339};
use cartwright_domain::coupon::Hindrance;
use cartwright_domain::id::PromotionId;
use cartwright_domain::pricing::{AppliedDiscount, Explanation, Outcome, Quote, Reason};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::quoting::currencies;
use cartwright_domain::store::FirstOrderNeeds;
use cartwright_engine::CartView;
use cartwright_wire as wire;

/// Whom an answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Operator,
    Shopper,
}

/// Adds to a cart what is told about its promotions, and what the totals do not show of its price.
pub(crate) fn explain(cart: &mut wire::Cart, view: &CartView, audience: Audience, form: &MoneyForm) {
    let quote = &view.quote;
    // Both lists have the promotions of the store, in its order.
    let all = view.config.promotions.iter().zip(&quote.explanations);
    let told = all.filter(|(promotion, _)| audience == Audience::Operator || is_open(promotion, view));
    // Behind them stand those that count as they stood before they were changed or deleted.
    let kept = quote.explanations.iter().skip(view.config.promotions.len());
    let told = told.map(|(_, explanation)| explanation).chain(kept);
    cart.explanations = Some(told.map(|explanation| explanation_of(explanation, view, form)).collect());
    cart.shipping_fee = Some(form.money(quote.shipping.amount));
    cart.missing_for_free_shipping = missing_for_free_shipping(view).map(|missing| form.money(missing));
    cart.rounding = Some(quote.totals.rounding).filter(|rounding| *rounding != 0).map(|rounding| form.money(rounding));
}

/// How near the chosen shipping method is to being free by itself, where a fee is left to pay.
fn missing_for_free_shipping(view: &CartView) -> Option<i64> {
    let totals = &view.quote.totals;
    let chosen = view.cart.detail.shipping_method.as_deref().filter(|_| totals.shipping > 0)?;
    let method = view.config.store.shipping_methods.iter().find(|method| method.handle == chosen)?;
    method.missing_for_free(currencies(&view.cart, &view.config), totals.subtotal - totals.discount)
}

/// Whether a shopper may know of it: an offer that is switched off, or whose code the cart does not have, is the shop's secret.
fn is_open(promotion: &Promotion, view: &CartView) -> bool {
    promotion.active && (!promotion.requires_code || code_of(promotion, view).is_some())
}

/// Why no code of the cart unlocks a promotion, where none does.
fn hindrance_of(id: PromotionId, view: &CartView) -> Option<Hindrance> {
    let coupons = || view.cart.detail.coupons.iter().zip(&view.codes).filter(|(coupon, _)| coupon.promotion_id == id);
    if coupons().any(|(_, hindrance)| hindrance.is_none()) {
        return None;
    }
    coupons().find_map(|(_, hindrance)| *hindrance)
}

fn code_of<'a>(promotion: &Promotion, view: &'a CartView) -> Option<&'a str> {
    let unlocking = view.cart.detail.coupons.iter().find(|coupon| coupon.promotion_id == promotion.id);
    unlocking.map(|coupon| coupon.code.as_str())
}

fn explanation_of(explanation: &Explanation, view: &CartView, form: &MoneyForm) -> wire::Explanation {
    let quote = &view.quote;
    let id = explanation.promotion_id;
    let promotion = view.config.promotion_ever(id);
    let discount = quote.discounts.iter().find(|discount| discount.promotion_id == id);
    let mut told = wire::Explanation {
        promotion_id: id.0,
        name: explanation.name.clone(),
        code: promotion.and_then(|promotion| code_of(promotion, view)).map(str::to_owned),
        outcome: "applied".to_owned(),
        reason: None,
        sentence: explanation.sentence(|amount| form.text(amount), &quote.explanations),
        amount: None,
        kept_until: explanation.kept_until.map(rfc3339),
        missing_amount: None,
        missing_quantity: None,
        excluded_by: None,
        lines: shares_of(explanation, quote, form),
        shipping_amount: discount.and_then(|discount| off_shipping(discount, form)),
    };
    match &explanation.outcome {
        Outcome::Applied { amount } => told.amount = Some(form.money(*amount)),
        Outcome::NotApplied { reason } => tell_reason(&mut told, reason, form),
    }
    if let Outcome::NotApplied { reason } = &explanation.outcome
        && needs_login(reason, view)
    {
        told.reason = Some(LOGIN_REQUIRED.to_owned());
        told.sentence = login_sentence(explanation);
    }
    // As the code itself says.
    if let Some((hindrance, code)) = hindrance_of(id, view).zip(told.code.as_deref()) {
        told.reason = Some(hindrance.as_str().to_owned());
        told.sentence = hindrance.sentence(code);
    }
    told
}

fn off_shipping(discount: &AppliedDiscount, form: &MoneyForm) -> Option<wire::Money> {
    Some(discount.shipping_amount).filter(|amount| *amount != 0).map(|amount| form.money(amount))
}

fn shares_of(explanation: &Explanation, quote: &Quote, form: &MoneyForm) -> Vec<wire::LineShare> {
    let share = |line: &cartwright_domain::pricing::LineQuote| {
        let own = line.adjustments.iter().filter(|adjustment| adjustment.promotion_id == explanation.promotion_id);
        let amount: i64 = own.map(|adjustment| adjustment.amount).sum();
        (amount != 0).then(|| wire::LineShare { line_id: line.line_id.0, amount: form.money(amount) })
    };
    quote.lines.iter().filter_map(share).collect()
}

/// The reason of a promotion for first orders to whoever has not said who they are by logging in.
pub(super) const LOGIN_REQUIRED: &str = "login_required";

/// Whether a promotion would count, as far as is known, if the shopper were logged in: of a guest it is not looked up.
pub(super) fn needs_login(reason: &Reason, view: &CartView) -> bool {
    let trusted = view.config.store.settings.first_order_needs == FirstOrderNeeds::Trust;
    *reason == Reason::NotFirstOrder && view.cart.customer.is_none() && !trusted
}

/// The same for people.
pub(super) fn login_sentence(explanation: &Explanation) -> String {
    format!("{}: is for a customer's first order; log in to get it if this is yours", explanation.name)
}

fn tell_reason(told: &mut wire::Explanation, reason: &Reason, form: &MoneyForm) {
    match reason {
        Reason::MinOrderAmount { missing } => told.missing_amount = Some(form.money(*missing)),
        Reason::MinQuantity { missing } | Reason::SetIncomplete { missing } => {
            told.missing_quantity = Some(i64::from(*missing));
        }
        Reason::Excluded { by } => told.excluded_by = by.map(|winner| winner.0),
        _ => {}
    }
    told.outcome = "not_applied".to_owned();
    told.reason = Some(code_of_reason(reason).to_owned());
}

/// The stable code of a reason.
pub(crate) fn code_of_reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::Inactive => "inactive",
        Reason::NotStarted { .. } => "not_started",
        Reason::Ended { .. } => "ended",
        Reason::OtherTime => "other_time",
        Reason::CodeRequired => "code_required",
        Reason::Exhausted => "exhausted",
        Reason::OtherCurrency => "other_currency",
        Reason::NoAmountInCurrency { .. } => "no_amount_in_currency",
        Reason::OtherDestination => "other_destination",
        Reason::OtherShippingMethod => "other_shipping_method",
        Reason::OtherCustomer => "other_customer",
        Reason::NotFirstOrder => "not_first_order",
        Reason::GoodsMissing => "goods_missing",
        Reason::MinOrderAmount { .. } => "min_order_amount",
        Reason::MinQuantity { .. } => "min_quantity",
        Reason::SetIncomplete { .. } => "set_incomplete",
        Reason::NothingToDiscount => "nothing_to_discount",
        Reason::Excluded { .. } => "excluded",
    }
}
