//! A pricing under way: what is left of each item and of shipping after the promotions so far. The only place where a
//! discount is taken off anything, and so the only one where it is clamped.

use super::eligible::{Candidate, Candidates};
use super::elsewhere::{self, Elsewhere, Ratio};
use super::input::{MOST_LINES, PricingInput};
use super::items::Goods;
use super::pieces::Piece;
use super::policy::{Pick, Threshold};
use super::quote::Reason;
use super::split::split;
use super::units::Chosen;
use super::{discount, shipping_step};
use crate::money::Minor;
use crate::promotion::Scope;
use crate::shipping::CannotShip;
use std::ops::{Range, Sub};

/// Bits that hold any place.
const PLACE_BITS: u32 = 12;
/// Places that items and their pieces take up, at most; beyond it discounts are averaged over the units of a piece.
pub(super) const MOST_PLACES: usize = 1 << PLACE_BITS;
const _: () = assert!(MOST_LINES <= MOST_PLACES);

/// What does not change while promotions are applied.
pub(super) struct Setting<'a> {
    pub input: &'a PricingInput<'a>,
    pub goods: Goods<'a>,
    pub candidates: Candidates<'a>,
    /// Where prices are not those at home: how they are found, and what those of each line have become.
    pub elsewhere: Option<(Elsewhere<'a>, &'a [Ratio])>,
}

/// What a promotion has taken off.
#[derive(Clone)]
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
    /// By place: an item, or one of its pieces.
    pub left: Vec<Minor>,
    /// What stands at each place; empty while a place is an item.
    pub pieces: Vec<Piece>,
    /// Units at each place that a buy-x-get-y has used; empty where they are offered again.
    pub used: Vec<i64>,
    /// Places and how many of their units the promotion being applied is given to.
    pub chosen: Vec<(u32, i64)>,
    pub goods_left: Minor,
    pub shipping_fee: Minor,
    pub shipping_left: Minor,
    pub unavailable: Option<CannotShip>,
    pub applied: Vec<Applied>,
    /// Items and what came off them, promotion by promotion; of the one being applied, places.
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
    /// What a shipping fee at home is here.
    pub fn fee_here(&self, state: &State, at_home: Minor) -> Minor {
        let Some((elsewhere, _)) = &self.elsewhere else { return at_home };
        let category = self.input.shipping_method.map_or("shipping", |method| method.tax_category.as_str());
        let item = |place: usize| state.pieces.get(place).map_or(place, |piece| piece.item as usize);
        let places = state.left.iter().enumerate();
        let goods = places.map(|(place, left)| (*left, self.goods.items[item(place)].line.tax_category));
        elsewhere.fee_ratio(category, goods).price(at_home).unwrap_or(at_home)
    }

    /// The state before all promotions.
    pub fn start(&self) -> State {
        let mut state = State {
            pieces: Vec::new(),
            used: Vec::new(),
            chosen: Vec::new(),
            left: self.goods.items.iter().map(|item| item.original).collect(),
            goods_left: self.goods.subtotal,
            shipping_fee: 0,
            shipping_left: 0,
            unavailable: None,
            applied: Vec::with_capacity(self.candidates.list.len()),
            parts: Vec::with_capacity(self.goods.items.len() * self.candidates.list.len().min(4)),
            missed: Vec::new(),
        };
        if self.input.policy.knows_units() {
            state.unpack(self);
        }
        state
    }

    /// Makes a state that was used before the one before all promotions.
    pub fn restart(&self, state: &mut State) {
        state.left.clear();
        state.left.extend(self.goods.items.iter().map(|item| item.original));
        state.goods_left = self.goods.subtotal;
        state.applied.clear();
        state.parts.clear();
        state.missed.clear();
        if self.input.policy.knows_units() {
            state.unpack(self);
        }
    }

    /// Applies the chosen candidates in their order.
    pub fn run(&self, chosen: impl Fn(usize) -> bool) -> State {
        let mut state = self.start();
        self.run_on(&mut state, 0, chosen);
        state
    }

    /// Goes on from the state before the candidate `from`.
    pub fn run_on(&self, state: &mut State, from: usize, chosen: impl Fn(usize) -> bool) {
        let list = &self.candidates.list;
        let mut fee_known = from > 0 && list[from - 1].scope == Scope::Shipping;
        for (index, candidate) in list.iter().enumerate().skip(from) {
            if candidate.scope == Scope::Shipping && !fee_known {
                shipping_step::set_fee(self, state);
                fee_known = true;
            }
            if chosen(index)
                && let Err(reason) = self.apply(index, candidate, state)
                && self.input.explain
            {
                state.missed.push((index, reason));
            }
        }
        if !fee_known {
            shipping_step::set_fee(self, state);
        }
    }

    fn apply(&self, index: usize, candidate: &Candidate<'_>, state: &mut State) -> Result<(), Reason> {
        let goods_value = match self.input.policy.threshold {
            Threshold::Discounted => state.goods_left,
            Threshold::Original => self.goods.subtotal,
        };
        let least = match &candidate.promotion.conditions.min_order_amount {
            Some(least) => candidate.amount(least)?,
            None => 0,
        };
        let missing = least.saturating_sub(goods_value);
        if missing > 0 {
            return Err(Reason::MinOrderAmount { missing });
        }
        let first_part = state.parts.len();
        let shipping = if candidate.scope == Scope::Shipping {
            shipping_step::discount(self, state, candidate, goods_value)?
        } else {
            let mut step = Step { setting: self, state, first_part };
            let given = discount::of_benefit(&mut step, candidate, goods_value);
            if !state.pieces.is_empty() {
                state.part_pieces(candidate, first_part);
            }
            given?;
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
    /// Makes this the state that `other` was before the candidate `before`, without pricing again what came first: what
    /// later candidates took is given back. The fee of shipping is found anew if it was not known by then. Not for states
    /// that know more than what is left of each item.
    pub fn rewind(&mut self, other: &State, before: usize) {
        self.left.clone_from(&other.left);
        let kept = other.applied.partition_point(|applied| applied.candidate < before);
        let undone = &other.applied[kept..];
        let kept_parts = undone.first().map_or(other.parts.len(), |first| first.parts.start);
        for &(item, part) in &other.parts[kept_parts..] {
            self.left[item as usize] += part;
        }
        self.goods_left = other.goods_left + undone.iter().map(|applied| applied.goods).sum::<Minor>();
        self.shipping_fee = other.shipping_fee;
        self.shipping_left = other.shipping_left + undone.iter().map(|applied| applied.shipping).sum::<Minor>();
        self.unavailable = other.unavailable;
        self.parts.clear();
        self.parts.extend_from_slice(&other.parts[..kept_parts]);
        self.applied.clear();
        self.applied.extend_from_slice(&other.applied[..kept]);
        let missed = other.missed.partition_point(|missed| missed.0 < before);
        self.missed.clear();
        self.missed.extend_from_slice(&other.missed[..missed]);
    }

    /// What the customer pays before tax; of two ways to combine promotions the lower is the better.
    pub fn payable(&self) -> Minor {
        self.goods_left + self.shipping_left
    }
}

impl Step<'_> {
    /// What a price at home is here for the goods at these places: the one that they have together, or each unit of one.
    pub fn price_here<'i>(&self, places: impl IntoIterator<Item = &'i u32, IntoIter: Clone>, at_home: Minor) -> Minor {
        let Some((_, ratios)) = self.setting.elsewhere else { return at_home };
        let goods = &self.setting.goods;
        let ratio = |place: usize| ratios[goods.order[goods.items[self.item(place)].members.start]];
        let places = places.into_iter().map(|&place| (self.original(place as usize), ratio(place as usize)));
        elsewhere::price_of_all(at_home, places, self.setting.input.policy.tax_rounding)
    }

    /// What a benefit is computed from.
    pub fn base(&self, item: usize) -> Minor {
        if self.is_parallel() { self.original(item) } else { self.state.left[item] }
    }

    /// The most that may still come off an item.
    pub fn room(&self, item: usize) -> Minor {
        (self.state.left[item] - self.floor(item)).max(0)
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

    /// Takes an amount off an item, or off those of its units that a benefit is for.
    #[inline]
    pub fn take_chosen(&mut self, item: usize, chosen: Chosen<'_>, at: usize, amount: Minor) {
        match chosen {
            Chosen::All => self.take(item, amount),
            Chosen::Some(counts) => self.take_units(item, counts[at], amount),
        }
    }

    /// Takes an amount off several items, or off some units of each, in proportion to their values.
    pub fn take_spread(&mut self, items: &[u32], values: &[Minor], chosen: Chosen<'_>, amount: Minor) {
        let policy = self.setting.input.policy;
        let weigh = |(&item, &value): (&u32, &Minor)| {
            self.setting.goods.weight(self.item(item as usize), value, policy.weights)
        };
        let weights: Vec<i128> = items.iter().zip(values).map(weigh).collect();
        let caps: Vec<Minor> = match chosen {
            Chosen::Some(counts) if self.has_pieces() => {
                items.iter().zip(counts).map(|(&item, &count)| self.room_of(item as usize, count)).collect()
            }
            _ => items.iter().map(|&item| self.room(item as usize)).collect(),
        };
        for (at, (&item, part)) in items.iter().zip(split(amount, &weights, &caps, policy.split)).enumerate() {
            self.take_chosen(item as usize, chosen, at, part);
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

    /// The places of the items in `items`, by the present value of a unit; equal ones in their order.
    ///
    /// Unit values are fractions over quantities of at most `q`, so two that differ do so by at least 1/q²: times q² and
    /// cut off they are whole numbers that compare alike, and sorting numbers is far faster than multiplying crosswise.
    pub fn by_unit_value(&self, items: &[u32], pick: Pick) -> Vec<usize> {
        let all = || items.iter().map(|&item| (self.base(item as usize) as u64, self.quantity(item as usize) as u64));
        let (base, quantity) = all().fold((0, 1), |most, one| (most.0.max(one.0), most.1.max(one.1)));
        let most = u128::from(base) * u128::from(quantity) * u128::from(quantity);
        // Key and place in one number, so that one comparison sorts by both.
        let places = || 0..items.len() as u64;
        if most < 1 << (u64::BITS - PLACE_BITS) {
            let (most, scale) = (most as u64, quantity * quantity);
            let key = |one: (u64, u64)| in_direction(one.0 * scale / one.1, most, pick);
            let mut sorted: Vec<u64> =
                all().map(key).zip(places()).map(|(key, place)| key << PLACE_BITS | place).collect();
            sorted.sort_unstable();
            return sorted.into_iter().map(|key| (key as usize) % (1 << PLACE_BITS)).collect();
        }
        let scale = u128::from(quantity) * u128::from(quantity);
        let key = |one: (u64, u64)| in_direction(u128::from(one.0) * scale / u128::from(one.1), most, pick);
        let with_place = |(key, place): (u128, u64)| key << PLACE_BITS | u128::from(place);
        let mut sorted: Vec<u128> = all().map(key).zip(places()).map(with_place).collect();
        sorted.sort_unstable();
        sorted.into_iter().map(|key| (key as usize) % (1 << PLACE_BITS)).collect()
    }
}

/// A key, none above `most`, so that what is picked first has the lowest.
fn in_direction<K: Sub<Output = K>>(key: K, most: K, pick: Pick) -> K {
    match pick {
        Pick::Cheapest => key,
        Pick::Dearest => most - key,
    }
}
