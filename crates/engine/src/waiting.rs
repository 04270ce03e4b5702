//! What waits in front of the lane, and who goes next. As long as a batch holds all that waits, everything goes as it came. When
//! more waits, each address gets one command into the batch before any gets its second; and commands of heavy carts, which take
//! as long as hundreds of others, share a batch with few of their kind. Of those few wait, and of them few from one place.

use crate::failure::Failure;
use crate::lane::Message;
use crate::origin::{Origin, Tally};
use crate::turns::{Turn, cart_of};
use cartwright_domain::cart::{LINE_BYTES, options_bytes};
use cartwright_domain::command::{Command, NewLine};
use cartwright_domain::id::CartId;
use cartwright_domain::working_set::WorkingSet;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Most that are looked at together; what comes beyond waits in the queue.
pub(crate) const WINDOW: usize = 2_048;
/// From so many bytes on a command is heavy: of its cart, as it is stored, and its own.
const HEAVY_FROM: usize = 64 * 1024;
/// Bytes of heavy commands in one batch, unless it is a single one.
const BUDGET: usize = 256 * 1024;
/// Most heavy commands that wait; beyond that they are told to come back.
const MOST_HEAVY: usize = 128;
/// Most of them from one network; this machine's own addresses may be those of all shoppers, behind a proxy.
const MOST_HEAVY_OF_NETWORK: usize = 16;
/// Bytes that heavy commands from one network may have in a second: many more than a person makes. Each is written whole, and
/// what is written keeps the disk from others.
const HEAVY_BYTES_A_SECOND: usize = 2 * 1024 * 1024;
/// How many times as many from a site.
const HEAVY_OF_SITE: usize = 2;
/// Most of them of one cart and secret.
const MOST_HEAVY_OF_CART: usize = 8;
/// How many networks of a site have a turn together.
const OF_SITE: usize = 8;
/// Most heavy carts that are known by name.
const MOST_KNOWN: usize = 4_096;

/// What waits.
#[derive(Default)]
pub(crate) struct Waiting {
    line: VecDeque<Entry>,
    heavy: Heavy,
    /// Heavy carts that were seen lately, with their weight.
    known: HashMap<CartId, usize>,
    /// Whether one of them went last.
    heavy_went: bool,
}

struct Entry {
    message: Message,
    share: Share,
}

/// What counts when turns are dealt.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    /// Whose it is; none is the shop's own.
    from: Option<Origin>,
    /// Of which cart and secret, if of any.
    whose: Option<usize>,
    /// In bytes; 0 unless heavy.
    weight: usize,
}

/// How many heavy ones wait, and what came in this second.
#[derive(Debug, Default)]
struct Heavy {
    all: usize,
    origins: Tally,
    carts: HashMap<usize, usize>,
    second: Option<Instant>,
    bytes: Tally,
}

impl Heavy {
    /// Counts one in that comes now, if there is room.
    fn enter(&mut self, share: &Share, now: Instant) -> bool {
        let of_cart = share.whose.and_then(|whose| self.carts.get(&whose)).copied().unwrap_or(0);
        let from = share.from.filter(|from| !from.is_loopback());
        if self.second.is_none_or(|second| now.duration_since(second) >= Duration::from_secs(1)) {
            (self.second, self.bytes) = (Some(now), Tally::default());
        }
        let has_room = |from| {
            self.origins.has_room(from, MOST_HEAVY_OF_NETWORK, HEAVY_OF_SITE)
                && self.bytes.has_room(from, HEAVY_BYTES_A_SECOND, HEAVY_OF_SITE)
        };
        if self.all >= MOST_HEAVY || of_cart >= MOST_HEAVY_OF_CART || !from.is_none_or(has_room) {
            return false;
        }
        self.all += 1;
        from.into_iter().for_each(|from| self.bytes.add(from, share.weight));
        share.from.into_iter().for_each(|from| self.origins.add(from, 1));
        if let Some(whose) = share.whose {
            self.carts.insert(whose, of_cart + 1);
        }
        true
    }

    fn leave(&mut self, share: &Share) {
        self.all -= 1;
        share.from.into_iter().for_each(|from| self.origins.take(from, 1));
        let Some(whose) = share.whose else { return };
        if let Some(count) = self.carts.get_mut(&whose) {
            *count -= 1;
            if *count == 0 {
                self.carts.remove(&whose);
            }
        }
    }
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
            let request = &job.request;
            let whose = request.turn.as_ref().map(Turn::whose);
            share = Share { from: request.from, whose, weight: self.weight(&request.command) };
        }
        if share.weight > 0 && !self.heavy.enter(&share, Instant::now()) {
            return message.refuse(Failure::Busy);
        }
        self.line.push_back(Entry { message, share });
    }

    /// What runs next, at most so many, in the order in which they came.
    pub(crate) fn take(&mut self, most: usize) -> Vec<Message> {
        let rests = std::mem::take(&mut self.heavy_went);
        if self.heavy.all == 0 && self.line.len() <= most {
            return self.line.drain(..).map(|entry| entry.message).collect();
        }
        let shares: Vec<Share> = self.line.iter().map(|entry| entry.share).collect();
        let picked = pick(&shares, most, rests);
        let (mut taken, mut left) = (Vec::with_capacity(most), VecDeque::with_capacity(self.line.len()));
        for (entry, picked) in self.line.drain(..).zip(picked) {
            if picked {
                if entry.share.weight > 0 {
                    self.heavy.leave(&entry.share);
                    self.heavy_went = true;
                }
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
        let of_cart = || self.known.get(&cart_of(command)?.id).copied();
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
            let weight = cart.stored_bytes();
            if weight < HEAVY_FROM {
                if !self.known.is_empty() {
                    self.known.remove(id);
                }
                continue;
            }
            if self.known.len() >= MOST_KNOWN {
                // Any of them: whoever is forgotten is known again after its next command.
                if let Some(one) = self.known.keys().next().copied() {
                    self.known.remove(&one);
                }
            }
            self.known.insert(*id, weight);
        }
    }
}

fn line_bytes(line: &NewLine) -> usize {
    LINE_BYTES + options_bytes(&line.options)
}

/// Which of those that wait go next: by turns, and of the heavy ones no more than a batch bears, but one. After such a batch the heavy
/// ones rest for one while others wait, so that nobody waits for two of them. A site has the turns of some networks, however
/// many of its networks come.
fn pick(waiting: &[Share], most: usize, heavy_rest: bool) -> Vec<bool> {
    let heavy_rest = heavy_rest && waiting.iter().any(|share| share.weight == 0);
    let mut turns = Tally::default();
    let mut turn_of = |share: &Share| {
        let Some(from) = share.from else { return 0 };
        turns.add(from, 1);
        let of_site = from.site().map_or(0, |site| turns.of(site).div_ceil(OF_SITE));
        turns.of(from.network()).max(of_site)
    };
    let mut order: Vec<(usize, usize)> = waiting.iter().map(&mut turn_of).zip(0..).collect();
    order.sort_unstable();
    let mut picked = vec![false; waiting.len()];
    let (mut left, mut budget) = (most, BUDGET);
    for (_, at) in order {
        let weight = waiting[at].weight;
        let is_first = budget == BUDGET;
        if left == 0 || weight > 0 && (heavy_rest || weight > budget && !is_first) {
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
        Share { from: Some(Origin::of([10, 0, 0, last].into())), ..Share::default() }
    }

    fn household(number: u32) -> Share {
        let address = format!("2001:db8:1:{number:x}::1");
        Share { from: Some(Origin::of(address.parse().expect("an address"))), ..Share::default() }
    }

    fn heavy(last: u8, weight: usize) -> Share {
        Share { weight, ..light(last) }
    }

    fn places(waiting: &[Share], most: usize) -> Vec<usize> {
        pick(waiting, most, false).into_iter().enumerate().filter_map(|(at, picked)| picked.then_some(at)).collect()
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
    fn a_site_has_no_turn_for_each_of_its_households() {
        let mut waiting: Vec<Share> = (0..100).map(household).collect();
        waiting.extend([light(1), light(1)]);
        let picked = places(&waiting, 10);
        assert_eq!(picked, [0, 1, 2, 3, 4, 5, 6, 7, 8, 100]);
        assert!(places(&waiting, 18).contains(&101), "a second turn before the site's third");
    }

    #[test]
    fn of_heavy_ones_few_wait_from_one_place_or_for_one_cart_and_others_find_room() {
        let (mut heavy_ones, now) = (Heavy::default(), Instant::now());
        let heavy = |share: Share, whose| Share { whose: Some(whose), weight: HEAVY_FROM, ..share };
        let mut entered = Vec::new();
        let mut enter = |share: Share| {
            let is_in = heavy_ones.enter(&share, now);
            entered.extend(is_in.then_some(share));
            usize::from(is_in)
        };
        let of_cart: usize = (0..50).map(|_| enter(heavy(light(1), 7))).sum();
        assert_eq!(of_cart, MOST_HEAVY_OF_CART);
        let of_network: usize = (100..150).map(|cart| enter(heavy(light(1), cart))).sum();
        assert_eq!(of_cart + of_network, MOST_HEAVY_OF_NETWORK);
        let of_site: usize = (0..100).map(|number| enter(heavy(household(number), 200 + number as usize))).sum();
        assert_eq!(of_site, MOST_HEAVY_OF_NETWORK * HEAVY_OF_SITE);
        assert_eq!((enter(heavy(light(2), 300)), enter(heavy(light(2), 7))), (1, 0), "that cart has enough");
        let own: usize = (400..600).map(|cart| enter(heavy(Share::default(), cart))).sum();
        assert_eq!(of_network + of_cart + of_site + 1 + own, MOST_HEAVY);
        entered.iter().for_each(|share| heavy_ones.leave(share));
        assert!(heavy_ones.all == 0 && heavy_ones.origins.is_empty() && heavy_ones.carts.is_empty());
    }

    #[test]
    fn one_network_has_so_many_heavy_bytes_a_second_and_the_shop_as_many_as_it_likes() {
        let (mut heavy_ones, start) = (Heavy::default(), Instant::now());
        let mut enter = |share: Share, ms| {
            let is_in = heavy_ones.enter(&share, start + Duration::from_millis(ms));
            if is_in {
                heavy_ones.leave(&share);
            }
            is_in
        };
        let quarter = HEAVY_BYTES_A_SECOND / 4;
        assert_eq!([0, 10, 20, 30, 40].map(|ms| enter(heavy(1, quarter), ms)), [true, true, true, true, false]);
        assert!(enter(heavy(2, quarter), 50) && enter(heavy(1, quarter), 1_000));
        let own = Share { weight: quarter, ..Share::default() };
        assert!((0..100).all(|ms| enter(own, 2_000 + ms)));
        let loopback = Share { from: Some(Origin::of([127, 0, 0, 1].into())), ..own };
        assert!((0..100).all(|ms| enter(loopback, 3_000 + ms)), "it may be all shoppers, behind a proxy");
    }

    #[test]
    fn heavy_commands_share_a_batch_with_few_of_their_kind_and_hold_no_light_one_up() {
        let mut waiting: Vec<Share> = (0..20).map(|_| heavy(1, 80 * 1024)).collect();
        waiting.extend([light(2), light(3), heavy(4, 80 * 1024)]);
        // Three fit: one of the other address before the second of the first.
        assert_eq!(places(&waiting, 256), [0, 1, 20, 21, 22]);
    }

    #[test]
    fn after_a_heavy_command_others_go_before_the_next_one() {
        let waiting = [heavy(1, HEAVY_FROM), light(2), heavy(3, HEAVY_FROM)];
        assert_eq!(pick(&waiting, 256, true), [false, true, false]);
        assert_eq!(pick(&waiting, 256, false), [true, true, true]);
        let alone = [heavy(1, HEAVY_FROM), heavy(3, HEAVY_FROM)];
        assert_eq!(pick(&alone, 256, true), [true, true], "nobody else waits");
    }

    #[test]
    fn the_heaviest_goes_all_the_same_and_alone_among_its_kind() {
        let waiting = [heavy(1, 5 * BUDGET), heavy(2, HEAVY_FROM), light(3)];
        assert_eq!(places(&waiting, 256), [0, 2]);
        assert_eq!(places(&waiting[1..], 256), [0, 1]);
    }
}
