//! Why each promotion counted or did not, as data and as a sentence.

use super::choose::{Choice, Counts};
use super::quote::{About, Explanation, Outcome, Reason};
use super::state::Setting;
use crate::money::{Currency, Percent, write_formatted};
use crate::promotion::{Benefit, Scope};
use std::fmt::Write;

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
        return Outcome::NotApplied { reason: Reason::Excluded { by: excluded_by(setting, choice, candidate) } };
    }
    let missed = choice.state.missed.iter().find(|missed| missed.0 == candidate);
    Outcome::NotApplied { reason: missed.map_or(Reason::NothingToDiscount, |missed| missed.1.clone()) }
}

fn excluded_by(setting: &Setting<'_>, choice: &Choice, candidate: usize) -> Option<crate::id::PromotionId> {
    let list = &setting.candidates.list;
    let winner = match &choice.counts {
        Counts::All => None,
        Counts::Only(one) => Some(*one),
        Counts::Marked(marks) => {
            let stacking = &list[candidate].promotion.stacking;
            (0..list.len()).find(|&at| marks[at] && at != candidate && list[at].promotion.stacking == *stacking)
        }
    };
    winner.map(|at| list[at].promotion.id)
}

impl Explanation {
    /// A sentence for the customer, e.g. `Summer sale: 4.20€ more for free shipping`.
    pub fn sentence(&self, currency: Currency) -> String {
        let mut text = format!("{}: ", self.name);
        let mut money = |before: &str, amount, after: &str| {
            text.push_str(before);
            write_formatted(&mut text, amount, currency);
            text.push_str(after);
        };
        let reason = match &self.outcome {
            Outcome::Applied { amount } => {
                money("saves ", *amount, "");
                return text;
            }
            Outcome::NotApplied { reason } => reason,
        };
        let what = match self.about {
            About::FreeShipping => "free shipping",
            About::Shipping => "cheaper shipping",
            About::Goods => "this offer",
        };
        match reason {
            Reason::MinOrderAmount { missing } => money("", *missing, &format!(" more for {what}")),
            Reason::MinQuantity { missing } => pieces(&mut text, *missing, what),
            Reason::SetIncomplete { missing } => pieces(&mut text, *missing, what),
            Reason::Inactive => text.push_str("is switched off"),
            Reason::NotStarted { .. } => text.push_str("has not started yet"),
            Reason::Ended { .. } => text.push_str("has ended"),
            Reason::OtherTime => text.push_str("holds at other days or hours"),
            Reason::CodeRequired => text.push_str("needs a code"),
            Reason::Exhausted => text.push_str("is used up"),
            Reason::OtherCurrency => text.push_str("is for another currency"),
            Reason::OtherDestination => text.push_str("is for another destination"),
            Reason::OtherShippingMethod => text.push_str("is for another shipping method"),
            Reason::OtherCustomer => text.push_str("is for certain customers"),
            Reason::NotFirstOrder => text.push_str("is for a customer's first order"),
            Reason::GoodsMissing => text.push_str("is for goods that are not in the cart"),
            Reason::NothingToDiscount => text.push_str("has nothing left to come off"),
            Reason::Excluded { .. } => text.push_str("does not go with a better offer"),
        }
        text
    }
}

fn pieces(text: &mut String, missing: u32, what: &str) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{missing} more {} for {what}", if missing == 1 { "piece" } else { "pieces" });
}
