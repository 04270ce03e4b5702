//! Which promotions count together. Those that exclude each other are tried against each other by pricing the goods
//! with each; what leaves the customer the least to pay counts, and between equals the one of higher priority.

use super::policy::Exclusive;
use super::state::{Setting, State};
use crate::promotion::Stacking;

/// Ways to combine groups that are tried, at most: more than a shop has, except on purpose.
const MOST_WAYS: usize = 64;

/// Of large carts in shops with many promotions fewer ways are tried, so that the time stays bounded: about as many as
/// make so many pairs of item and promotion.
const MOST_PAIRS: usize = 250_000;

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
    if exclusive.is_empty() && groups.iter().all(|group| group.1.len() == 1) {
        return Choice { state: setting.run(|_| true), counts: Counts::All };
    }
    let mut best = combined(setting, groups);
    let mut best_is_exclusive = false;
    for at in exclusive {
        let state = setting.run(|candidate| candidate == at);
        let wins = setting.input.policy.exclusive == Exclusive::Wins && !best_is_exclusive && !state.applied.is_empty();
        let better = state.payable() < best.state.payable();
        if better || wins {
            best = Choice { state, counts: Counts::Only(at) };
            best_is_exclusive = true;
        }
    }
    best
}

/// The groups of which one promotion counts, with their members by priority.
fn groups<'a>(setting: &'a Setting<'_>) -> Vec<(&'a str, Vec<usize>)> {
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
    groups
}

/// The best way to combine all that are not exclusive. Where there are more ways than are tried, the members of each
/// group that give most by themselves are tried, group after group: the best of each group given the others, but not
/// always the best of all ways.
fn combined(setting: &Setting<'_>, mut groups: Vec<(&str, Vec<usize>)>) -> Choice {
    let pairs = setting.goods.items.len() * setting.candidates.list.len();
    let most_ways = (MOST_PAIRS / pairs.max(1)).clamp(4, MOST_WAYS);
    let ways = groups.iter().try_fold(1usize, |ways, group| ways.checked_mul(group.1.len()));
    let all = ways.is_some_and(|ways| ways <= most_ways);
    if !all {
        let most_members = (most_ways / groups.len()).max(2);
        groups.iter_mut().for_each(|group| keep_members(setting, &mut group.1, most_members));
    }
    let mut picked = vec![0; groups.len()];
    let mut best = with(setting, &groups, &picked);
    if all {
        while next_way(&groups, &mut picked) {
            keep_better(&mut best, with(setting, &groups, &picked));
        }
        return best;
    }
    for group in 0..groups.len() {
        let mut best_member = picked[group];
        for member in 1..groups[group].1.len() {
            picked[group] = member;
            if keep_better(&mut best, with(setting, &groups, &picked)) {
                best_member = member;
            }
        }
        picked[group] = best_member;
    }
    best
}

/// Keeps those members that give most by themselves, the best first.
fn keep_members(setting: &Setting<'_>, members: &mut Vec<usize>, most: usize) {
    if members.len() > most {
        members.sort_by_cached_key(|&at| setting.run(|candidate| candidate == at).payable());
        members.truncate(most);
    }
}

fn keep_better(best: &mut Choice, other: Choice) -> bool {
    let better = other.state.payable() < best.state.payable();
    if better {
        *best = other;
    }
    better
}

/// Counts through all ways like an odometer.
fn next_way(groups: &[(&str, Vec<usize>)], picked: &mut [usize]) -> bool {
    for (place, group) in picked.iter_mut().zip(groups) {
        *place += 1;
        if *place < group.1.len() {
            return true;
        }
        *place = 0;
    }
    false
}

fn with(setting: &Setting<'_>, groups: &[(&str, Vec<usize>)], picked: &[usize]) -> Choice {
    let combinable = |stacking: &Stacking| *stacking == Stacking::Combinable;
    let mut marks: Vec<bool> =
        setting.candidates.list.iter().map(|candidate| combinable(&candidate.promotion.stacking)).collect();
    for (group, &member) in groups.iter().zip(picked) {
        marks[group.1[member]] = true;
    }
    Choice { state: setting.run(|candidate| marks[candidate]), counts: Counts::Marked(marks) }
}
