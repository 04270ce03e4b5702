//! What waits in front of the lane, and who goes next. As long as a batch holds all that waits, everything goes as it came. When
//! more waits, each address gets one command into the batch before any gets its second; and commands of heavy carts, which take
//! as long as hundreds of others, share a batch with few of their kind.

use crate::failure::Failure;
use crate::lane::Message;
use crate::origin::Network;
use crate::turns::cart_of;
use cartwright_domain::cart::{Cart, Undo, options_bytes};
use cartwright_domain::command::{Command, NewLine};
use cartwright_domain::id::CartId;
use cartwright_domain::working_set::WorkingSet;
use std::collections::{HashMap, VecDeque};

/// Most that are looked at together; what comes beyond waits in the queue.
pub(crate) const WINDOW: usize = 2_048;
/// From so many bytes on a command is heavy: of its cart, as it is stored, and its own.
const HEAVY_FROM: usize = 64 * 1024;
/// Bytes of heavy commands in one batch, unless it is a single one.
const BUDGET: usize = 1024 * 1024;
/// Most heavy commands that wait; beyond that they are told to come back.
const MOST_HEAVY: usize = 128;
/// Most heavy carts that are known by name.
const MOST_KNOWN: usize = 4_096;
/// Bytes of a line as it is stored, without its texts.
const LINE_BYTES: usize = 150;

/// What waits.
#[derive(Default)]
pub(crate) struct Waiting {
    line: VecDeque<Entry>,
    /// How many of them are heavy.
    heavy: usize,
    /// Heavy carts that were seen lately, with their weight.
    known: HashMap<CartId, usize>,
}

struct Entry {
    message: Message,
    share: Share,
}

/// What counts when turns are dealt.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    /// Whose it is; none is the shop's own.
    from: Option<Network>,
    /// In bytes; 0 unless heavy.
    weight: usize,
}

impl Waiting {
    pub(crate) fn len(&self) -> usize {
        self.line.len()
    }

    /// The one that came first.
    pub(crate) fn first(&self) -> Option<&Message> {
        self.line.front().map(|entry| &entry.message)
    }

    /// Takes a message in, or answers that there is too much of its kind.
    pub(crate) fn enter(&mut self, message: Message) {
        let mut share = Share::default();
        if let Message::Run(job) = &message {
            share = Share { from: job.request.from, weight: self.weight(&job.request.command) };
        }
        if share.weight > 0 {
            if self.heavy >= MOST_HEAVY {
                return message.refuse(Failure::Busy);
            }
            self.heavy += 1;
        }
        self.line.push_back(Entry { message, share });
    }

    /// What runs next, at most so many, in the order in which they came.
    pub(crate) fn take(&mut self, most: usize) -> Vec<Message> {
        if self.heavy == 0 && self.line.len() <= most {
            return self.line.drain(..).map(|entry| entry.message).collect();
        }
        let shares: Vec<Share> = self.line.iter().map(|entry| entry.share).collect();
        let picked = pick(&shares, most);
        let (mut taken, mut left) = (Vec::with_capacity(most), VecDeque::with_capacity(self.line.len()));
        for (entry, picked) in self.line.drain(..).zip(picked) {
            if picked {
                self.heavy -= usize::from(entry.share.weight > 0);
                taken.push(entry.message);
            } else {
                left.push_back(entry);
            }
        }
        self.line = left;
        taken
    }

    /// A command's weight, if it is heavy.
    fn weight(&self, command: &Command) -> usize {
        let of_cart = || self.known.get(&cart_of(command)?).copied();
        let known = if self.known.is_empty() { 0 } else { of_cart().unwrap_or(0) };
        let own = match command {
            Command::CreateCart { lines, .. } | Command::AddLines { lines, .. } => lines.iter().map(line_bytes).sum(),
            _ => 0,
        };
        let weight: usize = known + own;
        if weight >= HEAVY_FROM { weight } else { 0 }
    }

    /// Notes which carts of a batch are heavy.
    pub(crate) fn note(&mut self, set: &WorkingSet) {
        for (id, cart) in set.carts.rows() {
            let weight = stored_bytes(cart);
            if weight < HEAVY_FROM {
                if !self.known.is_empty() {
                    self.known.remove(id);
                }
                continue;
            }
            if self.known.len() >= MOST_KNOWN {
                // Whoever is forgotten is known again after its next command.
                self.known.clear();
            }
            self.known.insert(*id, weight);
        }
    }
}

fn line_bytes(line: &NewLine) -> usize {
    LINE_BYTES + options_bytes(&line.options)
}

/// About as many bytes as its row has.
fn stored_bytes(cart: &Cart) -> usize {
    let undo = cart.detail.undo.as_ref();
    let kept = match undo {
        Some(Undo::Removals { removed, .. }) => removed.len(),
        Some(Undo::Merge(merged)) => merged.lines.len() + merged.detail.saved.len(),
        None => 0,
    };
    let lines = cart.lines.len() + cart.detail.saved.len() + kept;
    lines * LINE_BYTES + cart.text_bytes() + undo.map_or(0, Undo::text_bytes)
}

/// Which of those that wait go next: by turns, and of the heavy ones no more than a batch bears, but one.
fn pick(waiting: &[Share], most: usize) -> Vec<bool> {
    let mut turns: HashMap<Network, usize> = HashMap::new();
    let mut turn_of = |share: &Share| {
        let Some(from) = share.from else { return 0 };
        let turn = turns.entry(from).or_default();
        *turn += 1;
        *turn
    };
    let mut order: Vec<(usize, usize)> = waiting.iter().map(&mut turn_of).zip(0..).collect();
    order.sort_unstable();
    let mut picked = vec![false; waiting.len()];
    let (mut left, mut budget) = (most, BUDGET);
    for (_, at) in order {
        let weight = waiting[at].weight;
        let is_first = budget == BUDGET;
        if left == 0 || weight > budget && !is_first {
            continue;
        }
        budget = budget.saturating_sub(weight);
        left -= 1;
        picked[at] = true;
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light(last: u8) -> Share {
        Share { from: Some(crate::origin::Origin::of([10, 0, 0, last].into()).network()), weight: 0 }
    }

    fn heavy(last: u8, weight: usize) -> Share {
        Share { weight, ..light(last) }
    }

    fn places(waiting: &[Share], most: usize) -> Vec<usize> {
        pick(waiting, most).into_iter().enumerate().filter_map(|(at, picked)| picked.then_some(at)).collect()
    }

    #[test]
    fn each_address_has_a_turn_before_any_has_its_second() {
        let waiting = [light(1), light(1), light(1), light(2), light(3), light(2)];
        assert_eq!(places(&waiting, 3), [0, 3, 4]);
        assert_eq!(places(&waiting, 5), [0, 1, 3, 4, 5]);
        let own = [light(1), light(2), Share::default(), Share::default()];
        assert_eq!(places(&own, 2), [2, 3], "the shop's own work comes first");
    }

    #[test]
    fn heavy_commands_share_a_batch_with_few_of_their_kind_and_hold_no_light_one_up() {
        let mut waiting: Vec<Share> = (0..20).map(|_| heavy(1, 300 * 1024)).collect();
        waiting.extend([light(2), light(3), heavy(4, 300 * 1024)]);
        // Three fit: one of the other address before the second of the first.
        assert_eq!(places(&waiting, 256), [0, 1, 20, 21, 22]);
    }

    #[test]
    fn the_heaviest_goes_all_the_same_and_alone_among_its_kind() {
        let waiting = [heavy(1, 5 * BUDGET), heavy(2, HEAVY_FROM), light(3)];
        assert_eq!(places(&waiting, 256), [0, 2]);
        assert_eq!(places(&waiting[1..], 256), [0, 1]);
    }
}
