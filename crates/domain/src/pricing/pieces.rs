//! Pieces: units of an item that have had different discounts, where the store keeps a discount on the units that it was
//! given to; and units that a buy-x-get-y has used, where these are not offered to the next. By default there are none, and a
//! place is an item.

use super::eligible::Candidate;
use super::policy::{BxgyUnits, Pick, PricingPolicy, Stack, UnitDiscounts};
use super::state::{MOST_PLACES, Setting, State, Step};
use crate::money::Minor;
use crate::promotion::Benefit;
use std::borrow::Cow;
use std::ops::Range;

/// Units of an item that are alike. They stand in the order of the items.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub item: u32,
    pub quantity: i64,
    /// Whether it was among the units that a promotion for some units was given to.
    pub reduced: bool,
}

impl PricingPolicy {
    /// Whether a state depends on more than what is left of each item, so that it cannot be rewound by giving back.
    pub(super) fn knows_units(&self) -> bool {
        self.unit_discounts == UnitDiscounts::OnUnits || self.bxgy_units == BxgyUnits::UsedOnce
    }
}

impl State {
    /// Begins with one piece for each item, all unused.
    #[cold]
    pub(super) fn unpack(&mut self, setting: &Setting<'_>) {
        let items = &setting.goods.items;
        self.pieces.clear();
        self.used.clear();
        self.chosen.clear();
        if setting.input.policy.unit_discounts == UnitDiscounts::OnUnits {
            let piece = |(at, quantity): (usize, i64)| Piece { item: at as u32, quantity, reduced: false };
            self.pieces.extend(items.iter().map(|item| item.quantity).enumerate().map(piece));
        }
        if setting.input.policy.bxgy_units == BxgyUnits::UsedOnce {
            self.used.resize(items.len(), 0);
        }
    }

    /// Ends the step of a promotion: what it took is told by item again, and units that it was given to become pieces of
    /// their own.
    #[cold]
    pub(super) fn part_pieces(&mut self, candidate: &Candidate<'_>, first_part: usize) {
        let uses_given = matches!(candidate.promotion.benefit, Benefit::BuyXGetY { .. });
        let mut chosen = std::mem::take(&mut self.chosen);
        chosen.sort_unstable();
        let parts = self.parts.split_off(first_part);
        let taken = |place: u32| parts.iter().filter(|part| part.0 == place).map(|part| part.1).sum::<Minor>();
        // Sums first: parting moves the places behind.
        let chosen: Vec<(u32, i64, Minor)> =
            chosen.into_iter().map(|(place, count)| (place, count, taken(place))).collect();
        let mut by_item: Vec<(u32, Minor)> =
            parts.iter().map(|&(place, part)| (self.pieces[place as usize].item, part)).collect();
        by_item.sort_by_key(|part| part.0);
        for (item, part) in by_item {
            match self.parts[first_part..].last_mut() {
                Some(last) if last.0 == item => last.1 += part,
                _ => self.parts.push((item, part)),
            }
        }
        for (place, count, taken) in chosen.into_iter().rev().filter(|one| one.2 > 0) {
            self.part(place as usize, count, taken, uses_given);
        }
    }

    /// Puts the pieces of each item together again, once all promotions are applied.
    pub(super) fn pack(&mut self) {
        if self.pieces.is_empty() {
            return;
        }
        let last = self.pieces.last().map_or(0, |piece| piece.item as usize);
        let mut by_item = vec![0; last + 1];
        for (piece, left) in self.pieces.drain(..).zip(&self.left) {
            by_item[piece.item as usize] += left;
        }
        self.left = by_item;
        self.used.clear();
    }

    fn part(&mut self, place: usize, count: i64, taken: Minor, uses_given: bool) {
        let piece = self.pieces[place];
        if count >= piece.quantity || self.pieces.len() >= MOST_PLACES {
            self.pieces[place].reduced |= count >= piece.quantity;
            return;
        }
        let before = self.left[place] + taken;
        let worth = share(before, count, piece.quantity);
        self.left[place] = worth - taken;
        self.left.insert(place + 1, before - worth);
        self.pieces[place] = Piece { quantity: count, reduced: true, ..piece };
        self.pieces.insert(place + 1, Piece { quantity: piece.quantity - count, ..piece });
        if let Some(&used) = self.used.get(place) {
            let of_chosen = if uses_given { count } else { (used - (piece.quantity - count)).max(0) };
            self.used[place] = of_chosen;
            self.used.insert(place + 1, used - of_chosen);
        }
    }
}

/// What `count` of `quantity` units are worth that are worth `value` together, in whole minor units.
fn share(value: Minor, count: i64, quantity: i64) -> Minor {
    (i128::from(value) * i128::from(count) / i128::from(quantity)) as Minor
}

impl<'a> Step<'a> {
    /// The places of the items in a range of what the candidates match.
    pub fn places(&self, range: Range<usize>) -> Cow<'a, [u32]> {
        let setting: &'a Setting<'a> = self.setting;
        let items = &setting.candidates.matches[range];
        if self.state.pieces.is_empty() {
            return Cow::Borrowed(items);
        }
        let wanted = |(_, piece): &(usize, &Piece)| items.binary_search(&piece.item).is_ok();
        Cow::Owned(self.state.pieces.iter().enumerate().filter(wanted).map(|(place, _)| place as u32).collect())
    }

    /// Whether units of an item may stand at several places.
    #[inline]
    pub fn has_pieces(&self) -> bool {
        !self.state.pieces.is_empty()
    }

    /// The item at a place.
    #[inline]
    pub fn item(&self, place: usize) -> usize {
        if self.has_pieces() { self.piece(place).item as usize } else { place }
    }

    // By default there are no pieces: what follows must cost nothing then, so it stands apart.
    #[cold]
    #[inline(never)]
    fn piece(&self, place: usize) -> Piece {
        self.state.pieces[place]
    }

    /// Units at a place.
    #[inline]
    pub fn quantity(&self, place: usize) -> i64 {
        if self.has_pieces() { self.piece(place).quantity } else { self.setting.goods.items[place].quantity }
    }

    /// Units at a place that no buy-x-get-y has used.
    #[inline]
    pub fn unused(&self, place: usize) -> i64 {
        let used = if self.state.used.is_empty() { 0 } else { self.state.used[place] };
        self.quantity(place) - used
    }

    /// Notes units that a buy-x-get-y uses.
    pub fn use_up(&mut self, place: usize, units: i64) {
        if let Some(used) = self.state.used.get_mut(place) {
            *used += units;
        }
    }

    /// What the units of a place cost before all promotions.
    #[inline]
    pub(super) fn original(&self, place: usize) -> Minor {
        if self.has_pieces() { self.original_of_piece(place) } else { self.setting.goods.items[place].original }
    }

    #[cold]
    #[inline(never)]
    fn original_of_piece(&self, place: usize) -> Minor {
        let piece = self.piece(place);
        self.setting.goods.items[piece.item as usize].line.unit_price * piece.quantity
    }

    /// What discounts may not take a place below.
    #[inline]
    pub(super) fn floor(&self, place: usize) -> Minor {
        if self.has_pieces() { self.floor_of_piece(place) } else { self.setting.goods.items[place].floor }
    }

    #[cold]
    #[inline(never)]
    fn floor_of_piece(&self, place: usize) -> Minor {
        let piece = self.piece(place);
        self.setting.goods.items[piece.item as usize].unit_floor() * piece.quantity
    }

    /// The most that may still come off some units of a place: where discounts stay on units, no unit goes below its floor.
    #[inline]
    pub fn room_of(&self, place: usize, count: i64) -> Minor {
        if self.has_pieces() { self.room_of_piece(place, count) } else { self.room(place) }
    }

    #[cold]
    #[inline(never)]
    fn room_of_piece(&self, place: usize, count: i64) -> Minor {
        let piece = self.piece(place);
        if count >= piece.quantity {
            return self.room(place);
        }
        let floor = self.setting.goods.items[piece.item as usize].unit_floor() * count;
        (share(self.state.left[place], count, piece.quantity) - floor).max(0)
    }

    /// Takes an amount off some units of a place, to which it stays where discounts stay on units.
    #[inline]
    pub fn take_units(&mut self, place: usize, count: i64, amount: Minor) {
        if self.has_pieces() { self.take_units_of_piece(place, count, amount) } else { self.take(place, amount) }
    }

    #[cold]
    #[inline(never)]
    fn take_units_of_piece(&mut self, place: usize, count: i64, amount: Minor) {
        let most = self.room_of_piece(place, count);
        if count > 0 {
            self.state.chosen.push((place as u32, count));
        }
        self.take(place, amount.min(most));
    }

    /// The places in `places` in the order in which a benefit for some units takes them: by the present value of a unit, but
    /// pieces that were reduced for themselves after all others, and those from which nothing more can be taken last.
    pub fn by_pick(&self, places: &[u32], pick: Pick) -> Vec<usize> {
        let mut order = self.by_unit_value(places, pick);
        if self.has_pieces() {
            order.sort_by_key(|&at| {
                let place = places[at] as usize;
                (self.room(place) == 0, self.state.pieces[place].reduced)
            });
        }
        order
    }

    /// Whether later promotions are computed from the original prices.
    #[inline]
    pub(super) fn is_parallel(&self) -> bool {
        self.setting.input.policy.stack == Stack::Parallel
    }
}
