//! Why each promotion counted or did not, as data and as a sentence.

use super::choose::{Choice, Counts};
use super::quote::{About, Explanation, Outcome, Reason};
use super::state::Setting;
use crate::id::PromotionId;
use crate::money::{Minor, Percent};
use crate::promotion::{Benefit, Scope, Stacking};

/// One explanation for each promotion of the input, in its order.
pub(super) fn all(setting: &Setting<'_>, choice: &Choice) -> Vec<Explanation> {
    let promotions = setting.input.promotions;
    let explain = |(index, promotion): (usize, &std::sync::Arc<crate::promotion::Promotion>)| Explanation {
        promotion_id: promotion.id,
        name: promotion.name.clone(),
        about: about(&promotion.benefit),
        outcome: outcome(setting, choice, index),
    };
    promotions.iter().enumerate().map(explain).collect()
}

fn about(benefit: &Benefit) -> About {
    match benefit {
        Benefit::FreeShipping {} => About::FreeShipping,
        Benefit::Percentage { percent, max_discount: None, .. }
            if benefit.scope() == Scope::Shipping && *percent == Percent::HUNDRED =>
        {
            About::FreeShipping
        }
        _ if benefit.scope() == Scope::Shipping => About::Shipping,
        _ => About::Goods,
    }
}

fn outcome(setting: &Setting<'_>, choice: &Choice, index: usize) -> Outcome {
    let refused = setting.candidates.refused.iter().find(|refused| refused.0 == index);
    if let Some((_, reason)) = refused {
        return Outcome::NotApplied { reason: reason.clone() };
    }
    let wanted: *const _ = &*setting.input.promotions[index];
    let list = &setting.candidates.list;
    let Some(candidate) = list.iter().position(|candidate| std::ptr::eq(candidate.promotion, wanted)) else {
        return Outcome::NotApplied { reason: Reason::NothingToDiscount };
    };
    if let Some(applied) = choice.state.applied.iter().find(|applied| applied.candidate == candidate) {
        return Outcome::Applied { amount: applied.goods + applied.shipping };
    }
    if !choice.counts.includes(candidate) {
        return Outcome::NotApplied { reason: why_left_out(setting, choice, candidate) };
    }
    let missed = choice.state.missed.iter().find(|missed| missed.0 == candidate);
    Outcome::NotApplied { reason: missed.map_or(Reason::NothingToDiscount, |missed| missed.1.clone()) }
}

/// Why a promotion does not count that others exclude. Where the one in its place gives nothing either, what it misses
/// itself is the reason.
fn why_left_out(setting: &Setting<'_>, choice: &Choice, candidate: usize) -> Reason {
    let by = excluded_by(setting, choice, candidate);
    let id = |at: usize| setting.candidates.list[at].promotion.id;
    if by.is_none_or(|winner| choice.state.applied.iter().all(|applied| id(applied.candidate) != winner)) {
        let alone = setting.run(|other| other == candidate);
        if let Some((_, reason)) = alone.missed.into_iter().next() {
            return reason;
        }
    }
    Reason::Excluded { by }
}

/// The one promotion that counts instead, where it is a single one.
fn excluded_by(setting: &Setting<'_>, choice: &Choice, candidate: usize) -> Option<PromotionId> {
    let list = &setting.candidates.list;
    let winner = match &choice.counts {
        Counts::All => None,
        Counts::Only(one) => Some(*one),
        Counts::Marked(marks) => match &list[candidate].promotion.stacking {
            group @ Stacking::ExclusiveInGroup(_) => {
                (0..list.len()).find(|&at| marks[at] && list[at].promotion.stacking == *group)
            }
            // An exclusive one goes with no other; all that count together beat it.
            _ => match choice.state.applied.as_slice() {
                [only] => Some(only.candidate),
                _ => None,
            },
        },
    };
    winner.map(|at| list[at].promotion.id)
}

impl Explanation {
    /// A sentence for the customer, e.g. `Summer sale: 4.20€ more for free shipping`. `money` writes an amount; `others` are
    /// the explanations of the same quote, of which one may have won.
    pub fn sentence(&self, money: impl Fn(Minor) -> String, others: &[Explanation]) -> String {
        let what = match &self.outcome {
            Outcome::Applied { amount } => format!("saves {}", money(*amount)),
            Outcome::NotApplied { reason } => self.words(reason, money, others),
        };
        format!("{}: {what}", self.name)
    }

    /// Why it gave nothing, e.g. `has ended`; `None` where it counts.
    pub fn why_not(&self, money: impl Fn(Minor) -> String, others: &[Explanation]) -> Option<String> {
        match &self.outcome {
            Outcome::Applied { .. } => None,
            Outcome::NotApplied { reason } => Some(self.words(reason, money, others)),
        }
    }

    fn words(&self, reason: &Reason, money: impl Fn(Minor) -> String, others: &[Explanation]) -> String {
        let goal = match self.about {
            About::FreeShipping => "free shipping",
            About::Shipping => "cheaper shipping",
            About::Goods => "this offer",
        };
        let fixed = match reason {
            Reason::MinOrderAmount { missing } => return format!("{} more for {goal}", money(*missing)),
            Reason::MinQuantity { missing } | Reason::SetIncomplete { missing } => {
                return format!("{missing} more {} for {goal}", if *missing == 1 { "piece" } else { "pieces" });
            }
            Reason::Excluded { by } => return words_of_excluded(by.as_ref(), others),
            Reason::Inactive => "is switched off",
            Reason::NotStarted { .. } => "has not started yet",
            Reason::Ended { .. } => "has ended",
            Reason::OtherTime => "holds on other days or at other hours",
            Reason::CodeRequired => "needs a code",
            Reason::Exhausted => "is used up",
            Reason::OtherCurrency => "is for another currency",
            Reason::NoAmountInCurrency { currency } => return format!("has no amount in {currency}"),
            Reason::OtherDestination => "is for another destination",
            Reason::OtherShippingMethod => "is for another shipping method",
            Reason::OtherCustomer => "is for certain customers",
            Reason::NotFirstOrder => "is for a customer's first order",
            Reason::GoodsMissing => "is for goods that are not in the cart",
            Reason::NothingToDiscount if self.about == About::Goods => "there is nothing left to take off",
            Reason::NothingToDiscount => "there is no shipping fee to take off",
        };
        fixed.to_owned()
    }
}

fn words_of_excluded(by: Option<&PromotionId>, others: &[Explanation]) -> String {
    match by.and_then(|winner| others.iter().find(|other| other.promotion_id == *winner)) {
        Some(winner) => format!("does not go with \"{}\", which counts instead", winner.name),
        None => "does not go with the other offers, which count instead".to_owned(),
    }
}
