//! Spreading an amount over parts so that they sum to it: the one place where cents are dealt out.

use super::policy::Split;
use crate::money::Minor;
use std::cmp::Reverse;

/// The parts of `amount`, in proportion to `weights` (at least zero), none above its cap. What the caps do not let one
/// part take moves to those that have room; what nobody can take is dropped.
pub(super) fn split(amount: Minor, weights: &[i128], caps: &[Minor], rule: Split) -> Vec<Minor> {
    let mut parts = vec![0; weights.len()];
    let mut open: Vec<usize> = (0..weights.len()).filter(|&at| weights[at] > 0 && caps[at] > 0).collect();
    let mut left = amount;
    let mut shares: Vec<(Minor, i128)> = Vec::with_capacity(open.len());
    while left > 0 && !open.is_empty() {
        let total: i128 = open.iter().map(|&at| weights[at]).sum();
        shares.clear();
        shares.extend(open.iter().map(|&at| share(left, weights[at], total)));
        let full = |(&at, share): (&usize, &(Minor, i128))| share.0 >= caps[at];
        if !open.iter().zip(&shares).any(full) {
            deal(left, weights, total, &open, &shares, rule, &mut parts);
            settle(left, caps, &open, &mut parts);
            return parts;
        }
        for (&at, share) in open.iter().zip(&shares) {
            if share.0 >= caps[at] {
                parts[at] = caps[at].min(left);
                left -= parts[at];
            }
        }
        open.retain(|&at| parts[at] == 0);
    }
    parts
}

/// The parts where every weight is its own cap, so that the caps are never reached before the amount is dealt out.
pub(super) fn split_over_values(amount: Minor, values: &[Minor], rule: Split) -> Vec<Minor> {
    let weights: Vec<i128> = values.iter().map(|&value| i128::from(value)).collect();
    split(amount, &weights, values, rule)
}

/// The whole minor units of a share, and its remainder in parts of `total`.
fn share(amount: Minor, weight: i128, total: i128) -> (Minor, i128) {
    // Most amounts are small, and dividing 64 bits is several times faster than 128.
    if let (Ok(weight), Ok(total)) = (i64::try_from(weight), i64::try_from(total))
        && let Some(product) = amount.checked_mul(weight)
    {
        return (product / total, i128::from(product % total));
    }
    match i128::from(amount).checked_mul(weight) {
        Some(product) => ((product / total) as Minor, product % total),
        // Beyond the stated limits of value and precision together: give up precision of the weights, not the sum.
        None => ((i128::from(amount) * (weight / 1_000_000) / (total / 1_000_000).max(1)) as Minor, 0),
    }
}

fn deal(
    amount: Minor,
    weights: &[i128],
    total: i128,
    open: &[usize],
    shares: &[(Minor, i128)],
    rule: Split,
    parts: &mut [Minor],
) {
    let mut dealt: Minor = 0;
    let mut rest = (amount, total);
    for (place, (&at, &(whole, remainder))) in open.iter().zip(shares).enumerate() {
        parts[at] = match rule {
            Split::LargestRemainder | Split::FloorFirst => whole,
            Split::RoundLastRest if place + 1 == open.len() => amount - dealt,
            Split::RoundLastRest => (whole + Minor::from(remainder * 2 >= total)).min(amount - dealt),
            Split::HalfDownFirst => whole + Minor::from(remainder * 2 > total),
            Split::FromEnd => {
                let at = open[open.len() - 1 - place];
                let taken = share(rest.0, weights[at], rest.1).0;
                rest = (rest.0 - taken, rest.1 - weights[at]);
                parts[at] = taken;
                continue;
            }
        };
        dealt += parts[at];
    }
    match rule {
        Split::LargestRemainder => {
            for at in largest_remainders(open, shares, (amount - dealt) as usize) {
                parts[at] += 1;
            }
        }
        Split::FloorFirst | Split::HalfDownFirst => level(amount - dealt, open, parts),
        Split::RoundLastRest | Split::FromEnd => {}
    }
}

/// Those of the largest remainders, the first of equal ones; which they are is enough, so they are not sorted.
fn largest_remainders(open: &[usize], shares: &[(Minor, i128)], count: usize) -> impl Iterator<Item = usize> {
    let mut all: Vec<(Reverse<i128>, usize)> =
        open.iter().zip(shares).map(|(&at, share)| (Reverse(share.1), at)).collect();
    if (1..all.len()).contains(&count) {
        all.select_nth_unstable(count - 1);
    }
    all.into_iter().take(count).map(|(_, at)| at)
}

/// One unit each from the first on, up or down, until nothing is over.
fn level(mut over: Minor, open: &[usize], parts: &mut [Minor]) {
    for &at in open {
        let step = over.signum();
        if parts[at] + step >= 0 {
            parts[at] += step;
            over -= step;
        }
    }
}

/// Rounding may have lifted a part above its cap by a little, and very large amounts are dealt out with less precision;
/// what is over goes to the first that have room, what is too much is taken from the last.
fn settle(amount: Minor, caps: &[Minor], open: &[usize], parts: &mut [Minor]) {
    let mut over = amount;
    for &at in open {
        parts[at] = parts[at].min(caps[at]);
        over -= parts[at];
    }
    for &at in open {
        let more = over.clamp(0, caps[at] - parts[at]);
        parts[at] += more;
        over -= more;
    }
    for &at in open.iter().rev() {
        let less = (-over).clamp(0, parts[at]);
        parts[at] -= less;
        over += less;
    }
}
