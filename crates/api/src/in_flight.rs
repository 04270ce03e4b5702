//! Memory in flight: bytes of bodies that are being read, and of answers that are not yet written. It is bounded in all and for
//! one address, so that nobody holds the server's memory by sending or reading slowly, over however many connections. Small bodies
//! and answers are not counted: the connection's own buffers take them.
//!
//! Where it is full, whoever has held the most for the longest makes way: the connection is cut. So nobody keeps others out.

use crate::problem::{Problem, registry as kinds};
use crate::serve::HangUp;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use cartwright_engine::{Network, Origin, Tally};
use hyper::body::{Frame, SizeHint};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// From so many bytes on a body or an answer counts.
pub(crate) const COUNTED_FROM: usize = 16 * 1024;
/// One address may hold a part of all.
const SHARE: usize = 4;
/// A site may hold so many times as much.
const OF_SITE: usize = 2;
/// Whoever has held bytes for so long makes way for others of the same address.
const LONG: Duration = Duration::from_secs(5);

/// What is in flight.
pub(crate) struct InFlight {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: usize,
    origins: Tally,
    /// What is held, the oldest first.
    held: BTreeMap<u64, Entry>,
    next: u64,
    /// How many were cut off.
    cut: u64,
}

/// A body or an answer.
struct Entry {
    origin: Origin,
    bytes: usize,
    since: Instant,
    hang_up: HangUp,
}

/// Who holds too much together.
enum Crowd {
    All,
    Of(Network),
}

/// Where a request came from, what counts its bytes, and how its connection is cut.
#[derive(Clone)]
pub(crate) struct Holder {
    pub in_flight: Arc<InFlight>,
    pub origin: Origin,
    pub hang_up: HangUp,
}

/// Bytes that count as long as the value lives.
pub(crate) struct Held {
    in_flight: Arc<InFlight>,
    number: u64,
}

impl InFlight {
    pub(crate) fn new(limit: usize) -> Arc<InFlight> {
        Arc::new(InFlight { limit, state: Mutex::default() })
    }

    /// In place of a body for which there is no room.
    pub(crate) fn full() -> Problem {
        let detail =
            "More is being read and written than this server keeps, in all or for this address; nothing was changed.";
        Problem::new(&kinds::BUSY, detail).with_remedy("retry", None)
    }

    /// Bytes that count, and how many connections were cut to make room.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let state = self.state();
        (state.all, state.cut)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts so many bytes more of an entry, if there is or can be made room. `must` makes it of whoever is oldest.
    fn grow(&mut self, limit: usize, number: u64, more: usize, must: bool) -> bool {
        let Some(Entry { origin, bytes, .. }) = self.held.get(&number) else { return false };
        let (origin, bytes) = (*origin, *bytes);
        while let Some(crowd) = self.crowd(limit, origin, bytes, more) {
            // What is larger than all there is drives nobody out.
            let victim = if bytes + more > limit { None } else { self.victim(&crowd, number, more, must) };
            match victim {
                Some(victim) => self.cut(victim),
                None if must => break,
                None => return false,
            }
        }
        self.all += more;
        self.origins.add(origin, more);
        if let Some(entry) = self.held.get_mut(&number) {
            entry.bytes += more;
        }
        true
    }

    /// Who holds too much for so much more. One body or answer always has its place with whoever holds nothing else.
    fn crowd(&self, limit: usize, origin: Origin, own: usize, more: usize) -> Option<Crowd> {
        let share = limit / SHARE;
        let is_full = |held: usize, most: usize| held > own && held + more > most;
        let of = |network| self.origins.of(network);
        if is_full(of(origin.network()), share) {
            return Some(Crowd::Of(origin.network()));
        }
        if let Some(site) = origin.site().filter(|site| is_full(of(*site), share * OF_SITE)) {
            return Some(Crowd::Of(site));
        }
        is_full(self.all, limit).then_some(Crowd::All)
    }

    /// Who makes way: whoever has held for long, or where all is full, whose address holds more than this one would.
    fn victim(&self, crowd: &Crowd, number: u64, more: usize, must: bool) -> Option<u64> {
        // Of a site all of it, or its many networks would hold little each.
        let of = |entry: &Entry| self.origins.of(entry.origin.site().unwrap_or(entry.origin.network()));
        let own = self.held.get(&number).map_or(0, of);
        let makes_way = |entry: &Entry| match crowd {
            Crowd::All => entry.since.elapsed() >= LONG || of(entry) > own + more,
            Crowd::Of(_) => entry.since.elapsed() >= LONG,
        };
        let belongs = |entry: &Entry| match crowd {
            Crowd::All => true,
            Crowd::Of(network) => entry.origin.networks().any(|own| own == *network),
        };
        let others =
            || self.held.iter().filter(|(other, entry)| **other != number && entry.bytes > 0 && belongs(entry));
        let found = others().find(|(_, entry)| makes_way(entry));
        found.or_else(|| others().next().filter(|_| must)).map(|(number, _)| *number)
    }

    fn cut(&mut self, number: u64) {
        let Some(entry) = self.held.remove(&number) else { return };
        self.all -= entry.bytes;
        self.origins.take(entry.origin, entry.bytes);
        self.cut += 1;
        entry.hang_up.now();
    }
}

impl Holder {
    /// Begins to count a body.
    pub(crate) fn begin(&self) -> Held {
        let mut state = self.in_flight.state();
        state.next += 1;
        let number = state.next;
        let entry = Entry { origin: self.origin, bytes: 0, since: Instant::now(), hang_up: self.hang_up.clone() };
        state.held.insert(number, entry);
        Held { in_flight: self.in_flight.clone(), number }
    }

    /// Counts an answer; none where there is no room for it, unless it `must` be given.
    fn hold(&self, bytes: usize, must: bool) -> Option<Held> {
        let held = self.begin();
        let fits = self.in_flight.state().grow(self.in_flight.limit, held.number, bytes, must);
        fits.then_some(held)
    }
}

impl Held {
    /// Counts more bytes; false where they are too many, and then they do not count.
    pub(crate) fn grow(&self, more: usize) -> bool {
        self.in_flight.state().grow(self.in_flight.limit, self.number, more, false)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.in_flight.state();
        // Nothing is there where it was cut.
        if let Some(entry) = state.held.remove(&self.number) {
            state.all -= entry.bytes;
            state.origins.take(entry.origin, entry.bytes);
        }
    }
}

/// Counts an answer until its last byte is handed to the system. Gives nothing where there is no room for it; what `must` be
/// given, since it tells of a change that was done, always has room.
pub(crate) fn counted(response: Response, holder: impl FnOnce() -> Holder, must: bool) -> Option<Response> {
    // Streams say no size, and have bounds of their own.
    let Some(bytes) = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()) else {
        return Some(response);
    };
    if bytes < COUNTED_FROM {
        return Some(response);
    }
    let held = Arc::new(holder().hold(bytes, must)?);
    Some(response.map(|body| Body::new(Counted { body, held })))
}

/// The body of an answer that counts.
struct Counted {
    body: Body,
    held: Arc<Held>,
}

/// A piece of one. Whoever writes it keeps it until it is written.
struct Piece {
    bytes: Bytes,
    _held: Arc<Held>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        let held = &self.held;
        let piece = |bytes| Bytes::from_owner(Piece { bytes, _held: held.clone() });
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    const KIB: usize = 1024;

    fn holder(in_flight: &Arc<InFlight>, address: &str) -> Holder {
        let origin = Origin::of(address.parse().expect("an address"));
        Holder { in_flight: in_flight.clone(), origin, hang_up: HangUp::default() }
    }

    fn of(in_flight: &Arc<InFlight>, last: u8) -> Holder {
        holder(in_flight, &format!("10.0.0.{last}"))
    }

    /// Lets time pass.
    fn age(in_flight: &InFlight) {
        in_flight.state().held.values_mut().for_each(|entry| entry.since -= LONG);
    }

    fn count(in_flight: &InFlight) -> (usize, u64) {
        in_flight.counts()
    }

    #[test]
    fn one_address_holds_its_share_and_a_site_two_shares() {
        let in_flight = InFlight::new(400 * KIB);
        let one = of(&in_flight, 1);
        let held: Vec<Held> = (0..3).filter_map(|_| one.hold(50 * KIB, false)).collect();
        assert_eq!(held.len(), 2);
        let households = (0..9).map(|number| holder(&in_flight, &format!("2001:db8:1:{number}::1")));
        let of_site: Vec<Held> = households.filter_map(|household| household.hold(50 * KIB, false)).collect();
        assert_eq!((of_site.len(), count(&in_flight)), (4, (300 * KIB, 0)));
        assert!(one.hold(1, false).is_none() && of(&in_flight, 2).hold(50 * KIB, false).is_some());
        drop((held, of_site));
        assert!(count(&in_flight) == (0, 0) && in_flight.state().origins.is_empty());
    }

    #[test]
    fn whoever_holds_for_long_makes_way_for_others_of_the_address() {
        let in_flight = InFlight::new(400 * KIB);
        let (slow, one) = (of(&in_flight, 1), of(&in_flight, 1));
        let old = slow.hold(60 * KIB, false).expect("the first");
        assert!(one.hold(60 * KIB, false).is_none());
        age(&in_flight);
        let new = one.hold(60 * KIB, false).expect("room was made");
        assert_eq!((count(&in_flight), slow.hang_up.is_cut(), one.hang_up.is_cut()), ((60 * KIB, 1), true, false));
        assert!(!old.grow(1), "what was cut does not grow");
        drop(old);
        assert_eq!(count(&in_flight).0, 60 * KIB);
        drop(new);
        assert_eq!(count(&in_flight).0, 0);
    }

    #[test]
    fn where_all_is_full_the_oldest_of_those_who_hold_more_makes_way_and_a_newcomer_is_served() {
        let in_flight = InFlight::new(400 * KIB);
        let attackers: Vec<Holder> = (1..=4).map(|last| of(&in_flight, last)).collect();
        let mut held: Vec<Held> = Vec::new();
        for attacker in &attackers {
            held.extend((0..2).map(|_| attacker.hold(50 * KIB, false).expect("its share")));
        }
        let newcomer = of(&in_flight, 9).hold(30 * KIB, false).expect("room");
        assert_eq!(count(&in_flight), (380 * KIB, 1));
        assert!(attackers[0].hang_up.is_cut() && !attackers[1].hang_up.is_cut());
        assert!(attackers[0].hold(50 * KIB, false).is_none(), "it would hold as much as the others");
        drop((newcomer, held));
        assert_eq!(count(&in_flight).0, 0);
    }

    #[test]
    fn the_many_networks_of_two_sites_make_way_too() {
        let in_flight = InFlight::new(400 * KIB);
        let mut held = Vec::new();
        for number in 0..20 {
            let site = 1 + number % 2;
            let household = holder(&in_flight, &format!("2001:db8:{site}:{number}::1"));
            held.extend(household.hold(20 * KIB, false));
        }
        assert_eq!(count(&in_flight), (400 * KIB, 0));
        assert!(of(&in_flight, 1).hold(60 * KIB, false).is_some());
        assert_eq!(count(&in_flight).1, 3);
    }

    #[test]
    fn the_answer_of_a_change_is_always_given() {
        let in_flight = InFlight::new(400 * KIB);
        let one = of(&in_flight, 1);
        let mut held: Vec<Held> = Vec::new();
        for _ in 0..10 {
            held.push(one.hold(60 * KIB, true).expect("it must be given"));
            assert!(count(&in_flight).0 <= 100 * KIB);
        }
        assert_eq!(count(&in_flight), (60 * KIB, 9));
    }

    #[test]
    fn a_large_one_has_its_place_where_nothing_else_is_held_and_drives_nobody_out() {
        let in_flight = InFlight::new(400 * KIB);
        let one = of(&in_flight, 1);
        let held = one.hold(300 * KIB, false).expect("a report, say");
        assert!(held.grow(300 * KIB), "as long as it is the only one");
        assert!(of(&in_flight, 2).hold(KIB, false).is_some(), "whose address holds so much makes way");
        assert_eq!(count(&in_flight), (0, 1));
        let other = of(&in_flight, 2).hold(KIB, false).expect("room");
        assert!(one.hold(500 * KIB, false).is_none());
        drop(other);
    }

    #[tokio::test]
    async fn an_answer_counts_until_its_last_piece_is_gone() {
        let in_flight = InFlight::new(400 * KIB);
        let one = of(&in_flight, 1);
        let answer = counted(Response::new(Body::from(vec![0; 30 * KIB])), || one.clone(), false).expect("fits");
        assert_eq!(answer.body().size_hint().exact(), Some(30 * KIB as u64));
        let piece = answer.into_body().collect().await.expect("read").to_bytes();
        assert_eq!((piece.len(), count(&in_flight).0), (30 * KIB, 30 * KIB));
        drop(piece);
        assert_eq!(count(&in_flight).0, 0);
        let small = counted(Response::new(Body::from("small")), || one.clone(), false).expect("fits");
        assert_eq!((small.body().size_hint().exact(), count(&in_flight).0), (Some(5), 0));
    }
}
