//! Which promotions count together. Those that exclude each other are tried against each other by pricing the goods
//! with each; what leaves the customer the least to pay counts, and between equals the one of higher priority.
//!
//! The rule, in this order:
//! 1. Without promotions that exclude each other all count, and the goods are priced once.
//! 2. Of each group one counts. While the groups can be combined in few ways all are tried, and the best is certain.
//! 3. Otherwise those members of each group are kept that give most by themselves, and group after group these are tried
//!    with the others as they stand: the best of each group given the others, but not always the best of all ways. Of
//!    more groups than time allows the rest has the member that gives most by itself.
//! 4. An exclusive promotion is priced by itself and compared with that.
//!
//! A way to combine is priced from the first promotion on in which it differs from the best so far.

use super::policy::Exclusive;
use super::state::{Setting, State};
use crate::money::Minor;
use crate::promotion::Stacking;

/// Ways to combine groups that are tried, at most: more than a shop has, except on purpose.
const MOST_WAYS: usize = 64;

/// Of large carts in shops with many promotions fewer ways are tried, so that the time stays bounded: about as many as
/// make so many pairs of item and promotion.
const MOST_PAIRS: usize = 250_000;

/// The same for groups that are tried one after the other.
const MOST_PAIRS_BY_GROUP: usize = 150_000;

/// The outcome, with what counts.
pub(super) struct Choice {
    pub state: State,
    pub counts: Counts,
}

/// Which candidates count.
pub(super) enum Counts {
    /// All.
    All,
    /// This exclusive one only.
    Only(usize),
    /// Those marked; of a group one.
    Marked(Vec<bool>),
}

impl Counts {
    pub fn includes(&self, candidate: usize) -> bool {
        match self {
            Counts::All => true,
            Counts::Only(one) => candidate == *one,
            Counts::Marked(marks) => marks[candidate],
        }
    }
}

/// Finds the best combination.
pub(super) fn choose(setting: &Setting<'_>) -> Choice {
    let list = &setting.candidates.list;
    let exclusive: Vec<usize> =
        (0..list.len()).filter(|&at| list[at].promotion.stacking == Stacking::Exclusive).collect();
    let groups = groups(setting);
    if exclusive.is_empty() && groups.iter().all(|group| group.len() == 1) {
        return Choice { state: setting.run(|_| true), counts: Counts::All };
    }
    if setting.input.policy.exclusive == Exclusive::HighestPriority {
        return by_priority(setting, groups, exclusive);
    }
    let Combined { mut state, marks, mut spare, .. } = Combined::best(setting, groups);
    let mut only = None;
    for at in exclusive {
        let payable = alone(setting, &mut spare, at);
        let wins = setting.input.policy.exclusive == Exclusive::Wins && only.is_none() && !spare.applied.is_empty();
        if payable < state.payable() || wins {
            std::mem::swap(&mut state, &mut spare);
            only = Some(at);
        }
    }
    Choice { state, counts: only.map_or(Counts::Marked(marks), Counts::Only) }
}

/// The choice where the higher priority counts: of each group, of the exclusive ones, and between the best exclusive one and
/// what counts together. What gives nothing is passed over; between equals counts what leaves the least to pay.
fn by_priority(setting: &Setting<'_>, mut groups: Vec<Vec<usize>>, mut exclusive: Vec<usize>) -> Choice {
    let mut spare = setting.start();
    for group in &mut groups {
        keep_highest(setting, &mut spare, group);
    }
    keep_highest(setting, &mut spare, &mut exclusive);
    let priority = |at: usize| setting.candidates.list[at].promotion.priority;
    let Combined { mut state, marks, mut spare, .. } = Combined::best(setting, groups);
    let combined = state.applied.iter().map(|applied| priority(applied.candidate)).max();
    let mut only = None;
    for at in exclusive {
        let payable = alone(setting, &mut spare, at);
        let higher = only.is_none() && combined.is_none_or(|other| priority(at) > other);
        let equal = only.is_some() || combined == Some(priority(at));
        if !spare.applied.is_empty() && (higher || equal && payable < state.payable()) {
            std::mem::swap(&mut state, &mut spare);
            only = Some(at);
        }
    }
    Choice { state, counts: only.map_or(Counts::Marked(marks), Counts::Only) }
}

/// Keeps those of the highest priority at which one gives something by itself; all where none does.
fn keep_highest(setting: &Setting<'_>, spare: &mut State, members: &mut Vec<usize>) {
    let priority = |at: usize| setting.candidates.list[at].promotion.priority;
    let gives = |spare: &mut State, at: usize| {
        alone(setting, spare, at);
        !spare.applied.is_empty()
    };
    members.sort_by_key(|&at| std::cmp::Reverse(priority(at)));
    if let Some(highest) = members.iter().copied().find(|&at| gives(spare, at)) {
        members.retain(|&at| priority(at) == priority(highest));
    }
}

/// The groups of which one promotion counts: their members by priority.
fn groups(setting: &Setting<'_>) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (at, candidate) in setting.candidates.list.iter().enumerate() {
        if let Stacking::ExclusiveInGroup(name) = &candidate.promotion.stacking {
            match groups.iter_mut().find(|group| group.0 == name) {
                Some(group) => group.1.push(at),
                None => groups.push((name, vec![at])),
            }
        }
    }
    for (_, members) in &mut groups {
        members.sort_by_key(|&at| std::cmp::Reverse(setting.candidates.list[at].promotion.priority));
    }
    groups.into_iter().map(|group| group.1).collect()
}

/// What is to be paid with this candidate alone; `state` is what it leaves.
fn alone(setting: &Setting<'_>, state: &mut State, at: usize) -> Minor {
    setting.restart(state);
    setting.run_on(state, 0, |candidate| candidate == at);
    state.payable()
}

/// The best way so far to combine all that are not exclusive.
struct Combined<'a> {
    setting: &'a Setting<'a>,
    groups: Vec<Vec<usize>>,
    /// Place of the member of each group that counts.
    picked: Vec<usize>,
    state: State,
    marks: Vec<bool>,
    /// Where others are priced, so that each needs no memory of its own.
    spare: State,
}

impl<'a> Combined<'a> {
    fn best(setting: &'a Setting<'a>, mut groups: Vec<Vec<usize>>) -> Combined<'a> {
        let pairs = setting.goods.items.len() * setting.candidates.list.len();
        let most_ways = (MOST_PAIRS / pairs.max(1)).clamp(4, MOST_WAYS);
        let ways = groups.iter().try_fold(1usize, |ways, group| ways.checked_mul(group.len()));
        let all = ways.is_some_and(|ways| ways <= most_ways);
        let mut spare = setting.start();
        if !all {
            let most_members = (most_ways / groups.len()).max(2);
            let tried = most_groups(setting, &groups);
            for (at, group) in groups.iter_mut().enumerate() {
                keep_members(setting, &mut spare, group, if at < tried { most_members } else { 1 });
            }
        }
        let picked = vec![0; groups.len()];
        let marks = marks(setting, &groups, &picked);
        let state = setting.run(|candidate| marks[candidate]);
        let mut combined = Combined { setting, groups, picked, state, marks, spare };
        if all {
            combined.try_all_ways()
        } else {
            combined.try_group_by_group()
        }
        combined
    }

    fn try_all_ways(&mut self) {
        while next_way(&self.groups, &mut self.picked) {
            self.try_picked();
        }
    }

    fn try_group_by_group(&mut self) {
        for group in 0..self.groups.len() {
            let mut best_member = self.picked[group];
            for member in 1..self.groups[group].len() {
                self.picked[group] = member;
                if self.try_picked() {
                    best_member = member;
                }
            }
            self.picked[group] = best_member;
        }
    }

    /// Prices the members picked, and keeps them if they are better.
    fn try_picked(&mut self) -> bool {
        let marks = marks(self.setting, &self.groups, &self.picked);
        let Some(first) = (0..marks.len()).find(|&at| marks[at] != self.marks[at]) else {
            return false;
        };
        let first = if self.setting.input.policy.knows_units() {
            self.setting.restart(&mut self.spare);
            0
        } else {
            self.spare.rewind(&self.state, first);
            first
        };
        self.setting.run_on(&mut self.spare, first, |candidate| marks[candidate]);
        let better = self.spare.payable() < self.state.payable();
        if better {
            std::mem::swap(&mut self.state, &mut self.spare);
            self.marks = marks;
        }
        better
    }
}

/// Groups that are tried one after the other, at most: each takes about one pricing with all that count.
fn most_groups(setting: &Setting<'_>, groups: &[Vec<usize>]) -> usize {
    let counting = marks(setting, groups, &vec![0; groups.len()]).into_iter().filter(|marked| *marked).count();
    let pairs = setting.goods.items.len() * counting;
    (MOST_PAIRS_BY_GROUP / pairs.max(1)).clamp(5, MOST_WAYS)
}

/// Keeps those members that give most by themselves, the best first.
fn keep_members(setting: &Setting<'_>, spare: &mut State, members: &mut Vec<usize>, most: usize) {
    if members.len() > most {
        members.sort_by_cached_key(|&at| alone(setting, spare, at));
        members.truncate(most);
    }
}

/// Counts through all ways like an odometer.
fn next_way(groups: &[Vec<usize>], picked: &mut [usize]) -> bool {
    for (place, group) in picked.iter_mut().zip(groups) {
        *place += 1;
        if *place < group.len() {
            return true;
        }
        *place = 0;
    }
    false
}

fn marks(setting: &Setting<'_>, groups: &[Vec<usize>], picked: &[usize]) -> Vec<bool> {
    let combinable = |stacking: &Stacking| *stacking == Stacking::Combinable;
    let mut marks: Vec<bool> =
        setting.candidates.list.iter().map(|candidate| combinable(&candidate.promotion.stacking)).collect();
    for (group, &member) in groups.iter().zip(picked) {
        marks[group[member]] = true;
    }
    marks
}
