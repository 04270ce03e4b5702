//! Where a promotion is in force: by switch and clock everywhere or nowhere, but for lines whose captured price holds. Such a
//! line keeps the offers that were in force when its price was captured, as they stood then, and only the line does.

use super::input::PricingInput;
use super::items::{Goods, Item};
use super::quote::Reason;
use crate::id::Timestamp;
use crate::promotion::{Promotion, Scope, as_it_stood};

/// The items for which a promotion is in force.
pub(super) enum Reach {
    /// All.
    All,
    /// Those marked; and until when, at the least, where some have it only because their price holds.
    Marked(Vec<bool>, Option<Timestamp>),
}

impl Reach {
    pub fn includes(&self, item: usize) -> bool {
        match self {
            Reach::All => true,
            Reach::Marked(marks, _) => marks[item],
        }
    }

    pub fn kept_until(&self) -> Option<Timestamp> {
        match self {
            Reach::All => None,
            Reach::Marked(_, until) => *until,
        }
    }
}

/// By switch and clock alone.
pub(super) fn now(input: &PricingInput<'_>, promotion: &Promotion) -> Result<Reach, Reason> {
    why_not(input, promotion).map_or(Ok(Reach::All), Err)
}

/// Item by item. Shipping is no item: an offer for it is in force where all items have it.
pub(super) fn reach(input: &PricingInput<'_>, promotion: &Promotion, goods: &Goods<'_>) -> Result<Reach, Reason> {
    let current = input.promotions.iter().find(|current| current.id == promotion.id).map(|current| &**current);
    let stands = current.is_some_and(|current| std::ptr::eq(current, promotion));
    let not_now = why_not(input, promotion).or((!stands).then_some(Reason::Inactive));
    if not_now.is_none() && input.kept.iter().all(|kept| kept.promotion.id != promotion.id) {
        return Ok(Reach::All);
    }
    let mut until = None;
    let mut is_in_force = |item: &Item<'_>| {
        let Some(held) = item.line.held else { return not_now.is_none() };
        let stood = as_it_stood(promotion.id, held.since, current, input.kept);
        let kept = stood.filter(|stood| stood.is_in_force(held.since, input.time_zone));
        match kept {
            Some(kept) if std::ptr::eq(kept, promotion) => {
                if not_now.is_some() {
                    until = until.min(Some(held.until)).or(Some(held.until));
                }
                true
            }
            // As it stood before, it is another candidate.
            Some(kept) if !current.is_some_and(|current| std::ptr::eq(current, kept)) => false,
            _ => not_now.is_none(),
        }
    };
    let marks: Vec<bool> = goods.items.iter().map(&mut is_in_force).collect();
    let all = marks.iter().all(|marked| *marked);
    match not_now {
        Some(reason) if !marks.contains(&true) || (promotion.benefit.scope() == Scope::Shipping && !all) => Err(reason),
        None if all && until.is_none() => Ok(Reach::All),
        _ => Ok(Reach::Marked(marks, until)),
    }
}

/// Why it is not in force now.
fn why_not(input: &PricingInput<'_>, promotion: &Promotion) -> Option<Reason> {
    let at = input.now;
    if !promotion.active {
        return Some(Reason::Inactive);
    }
    if let Some(starts_at) = promotion.starts_at.filter(|start| at < *start) {
        return Some(Reason::NotStarted { starts_at });
    }
    if let Some(ended_at) = promotion.ends_at.filter(|end| at > *end) {
        return Some(Reason::Ended { ended_at });
    }
    (!promotion.conditions.hold_at(at, input.time_zone)).then_some(Reason::OtherTime)
}
