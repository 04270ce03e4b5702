//! A pricing under way: what is left of each item and of shipping after the promotions so far. The only place where a
//! discount is taken off anything, and so the only one where it is clamped.

use super::eligible::{Candidate, Candidates};
use super::input::PricingInput;
use super::items::Goods;
use super::policy::{Pick, Stack, Threshold};
use super::quote::Reason;
use super::split::split;
use super::{discount, shipping_step};
use crate::money::Minor;
use crate::promotion::Scope;
use crate::shipping::CannotShip;
use std::cmp::Ordering;
use std::ops::Range;

/// What does not change while promotions are applied.
pub(super) struct Setting<'a> {
    pub input: &'a PricingInput<'a>,
    pub goods: Goods<'a>,
    pub candidates: Candidates<'a>,
}

/// What a promotion has taken off.
pub(super) struct Applied {
    /// Index of the candidate.
    pub candidate: usize,
    /// Its parts in [`State::parts`].
    pub parts: Range<usize>,
    pub goods: Minor,
    pub shipping: Minor,
}

/// What is left.
pub(super) struct State {
    pub left: Vec<Minor>,
    pub goods_left: Minor,
    pub shipping_fee: Minor,
    pub shipping_left: Minor,
    pub unavailable: Option<CannotShip>,
    pub applied: Vec<Applied>,
    /// Items and what came off them, promotion by promotion.
    pub parts: Vec<(u32, Minor)>,
    /// Candidates that gave nothing.
    pub missed: Vec<(usize, Reason)>,
}

/// A promotion being applied.
pub(super) struct Step<'a> {
    pub setting: &'a Setting<'a>,
    pub state: &'a mut State,
    /// Where the parts of this promotion begin.
    pub first_part: usize,
}

impl Setting<'_> {
    /// Applies the chosen candidates in their order.
    pub fn run(&self, chosen: impl Fn(usize) -> bool) -> State {
        let mut state = State {
            left: self.goods.items.iter().map(|item| item.original).collect(),
            goods_left: self.goods.subtotal,
            shipping_fee: 0,
            shipping_left: 0,
            unavailable: None,
            applied: Vec::with_capacity(self.candidates.list.len()),
            parts: Vec::with_capacity(self.goods.items.len() * self.candidates.list.len().min(4)),
            missed: Vec::new(),
        };
        let mut fee_known = false;
        for (index, candidate) in self.candidates.list.iter().enumerate() {
            if candidate.scope == Scope::Shipping && !fee_known {
                shipping_step::set_fee(self, &mut state);
                fee_known = true;
            }
            if chosen(index)
                && let Err(reason) = self.apply(index, candidate, &mut state)
                && self.input.explain
            {
                state.missed.push((index, reason));
            }
        }
        if !fee_known {
            shipping_step::set_fee(self, &mut state);
        }
        state
    }

    fn apply(&self, index: usize, candidate: &Candidate<'_>, state: &mut State) -> Result<(), Reason> {
        let goods_value = match self.input.policy.threshold {
            Threshold::Discounted => state.goods_left,
            Threshold::Original => self.goods.subtotal,
        };
        let missing = candidate.promotion.conditions.min_order_amount.unwrap_or(0).saturating_sub(goods_value);
        if missing > 0 {
            return Err(Reason::MinOrderAmount { missing });
        }
        let first_part = state.parts.len();
        let shipping = if candidate.scope == Scope::Shipping {
            shipping_step::discount(self, state, &candidate.promotion.benefit, goods_value)?
        } else {
            let mut step = Step { setting: self, state, first_part };
            discount::of_benefit(&mut step, candidate, goods_value)?;
            0
        };
        let goods = state.parts[first_part..].iter().map(|part| part.1).sum();
        if goods == 0 && shipping == 0 {
            return Err(Reason::NothingToDiscount);
        }
        state.applied.push(Applied { candidate: index, parts: first_part..state.parts.len(), goods, shipping });
        Ok(())
    }
}

impl State {
    /// What the customer pays before tax; of two ways to combine promotions the lower is the better.
    pub fn payable(&self) -> Minor {
        self.goods_left + self.shipping_left
    }
}

impl Step<'_> {
    /// What a benefit is computed from.
    pub fn base(&self, item: usize) -> Minor {
        match self.setting.input.policy.stack {
            Stack::Sequential => self.state.left[item],
            Stack::Parallel => self.setting.goods.items[item].original,
        }
    }

    pub fn quantity(&self, item: usize) -> i64 {
        self.setting.goods.items[item].quantity
    }

    /// The most that may still come off an item.
    pub fn room(&self, item: usize) -> Minor {
        (self.state.left[item] - self.setting.goods.items[item].floor).max(0)
    }

    /// Takes an amount off an item, or as much of it as there is room for.
    pub fn take(&mut self, item: usize, amount: Minor) {
        let taken = amount.clamp(0, self.room(item));
        if taken > 0 {
            self.state.left[item] -= taken;
            self.state.goods_left -= taken;
            self.state.parts.push((item as u32, taken));
        }
    }

    /// Takes an amount off several items in proportion to their values.
    pub fn take_spread(&mut self, items: &[u32], values: &[Minor], amount: Minor) {
        let policy = self.setting.input.policy;
        let weigh = |(&item, &value): (&u32, &Minor)| self.setting.goods.weight(item as usize, value, policy.weights);
        let weights: Vec<i128> = items.iter().zip(values).map(weigh).collect();
        let caps: Vec<Minor> = items.iter().map(|&item| self.room(item as usize)).collect();
        for (&item, part) in items.iter().zip(split(amount, &weights, &caps, policy.split)) {
            self.take(item as usize, part);
        }
    }

    /// Gives back what this promotion took beyond a limit, so that its parts keep their proportions.
    pub fn limit_to(&mut self, most: Minor) {
        let taken: Vec<(u32, Minor)> = self.state.parts.drain(self.first_part..).collect();
        let sum: Minor = taken.iter().map(|part| part.1).sum();
        for &(item, part) in &taken {
            self.state.left[item as usize] += part;
        }
        self.state.goods_left += sum;
        let (items, parts): (Vec<u32>, Vec<Minor>) = taken.into_iter().unzip();
        let weights: Vec<i128> = parts.iter().map(|&part| i128::from(part)).collect();
        let kept = split(sum.min(most.max(0)), &weights, &parts, self.setting.input.policy.split);
        for (item, part) in items.into_iter().zip(kept) {
            self.take(item as usize, part);
        }
    }

    /// The items by the present value of a unit; equal ones in the order of items.
    pub fn by_unit_value(&self, items: &[u32], pick: Pick) -> Vec<u32> {
        let mut sorted = items.to_vec();
        let compare = |a: &u32, b: &u32| -> Ordering {
            let (a, b) = (*a as usize, *b as usize);
            let left = i128::from(self.base(a)) * i128::from(self.quantity(b));
            let right = i128::from(self.base(b)) * i128::from(self.quantity(a));
            match pick {
                Pick::Cheapest => left.cmp(&right),
                Pick::Dearest => right.cmp(&left),
            }
        };
        sorted.sort_by(|a, b| compare(a, b).then(a.cmp(b)));
        sorted
    }
}
