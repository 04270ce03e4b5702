//! Memory in flight: bytes of bodies that are being read, and of answers that are not yet written. It is bounded in all and for
//! one address, so that nobody holds the server's memory by sending or reading slowly, over however many connections. Small bodies
//! and answers are not counted: the connection's own buffers take them.

use crate::problem::{Problem, registry as kinds};
use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use cartwright_engine::Network;
use hyper::body::{Frame, SizeHint};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// From so many bytes on a body or an answer counts.
pub(crate) const COUNTED_FROM: usize = 16 * 1024;
/// One address may hold a part of all.
const SHARE: usize = 4;

/// What is in flight.
pub(crate) struct InFlight {
    limit: usize,
    all: AtomicUsize,
    by_network: Mutex<HashMap<Network, usize>>,
}

/// Where a request came from, and what counts its bytes.
#[derive(Clone)]
pub(crate) struct Holder {
    pub in_flight: Arc<InFlight>,
    pub network: Network,
}

/// Bytes that count as long as the value lives.
pub(crate) struct Held {
    holder: Holder,
    bytes: usize,
}

impl InFlight {
    pub(crate) fn new(limit: usize) -> Arc<InFlight> {
        Arc::new(InFlight { limit, all: AtomicUsize::new(0), by_network: Mutex::default() })
    }

    /// In place of a request for which there is no room.
    pub(crate) fn full() -> Problem {
        let detail =
            "More is being read and written than this server keeps, in all or for this address; nothing was changed.";
        Problem::new(&kinds::BUSY, detail).with_remedy("retry", None)
    }

    fn by_network(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.by_network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    /// Whether a request from here may begin.
    pub(crate) fn may_begin(&self) -> bool {
        let InFlight { limit, all, .. } = &*self.in_flight;
        let share = limit / SHARE;
        let all = all.load(Ordering::Relaxed);
        // While little is held nobody can hold too much; the rest is for bad hours.
        all < share || (all < *limit && self.in_flight.by_network().get(&self.network).is_none_or(|own| *own < share))
    }

    /// Counts bytes; none where they are too many. One body or answer always has its place with whoever holds nothing else,
    /// unless others hold all there is.
    pub(crate) fn hold(&self, bytes: usize) -> Option<Held> {
        let mut held = Held { holder: self.clone(), bytes: 0 };
        held.grow(bytes).then_some(held)
    }
}

impl Held {
    /// Counts more bytes; false where they are too many, and then they do not count.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let InFlight { limit, all, by_network } = &*self.holder.in_flight;
        let mut by_network = by_network.lock().unwrap_or_else(PoisonError::into_inner);
        let own = by_network.get(&self.holder.network).copied().unwrap_or(0);
        let before = all.load(Ordering::Relaxed);
        let others = before - own;
        let fits_all = before + more <= *limit || others == 0 && own == self.bytes;
        let fits_share = own + more <= limit / SHARE || own == self.bytes;
        if !(fits_all && fits_share) {
            return false;
        }
        by_network.insert(self.holder.network, own + more);
        all.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let InFlight { all, by_network, .. } = &*self.holder.in_flight;
        let mut by_network = by_network.lock().unwrap_or_else(PoisonError::into_inner);
        all.fetch_sub(self.bytes, Ordering::Relaxed);
        if let Some(own) = by_network.get_mut(&self.holder.network) {
            *own -= self.bytes;
            if *own == 0 {
                by_network.remove(&self.holder.network);
            }
        }
    }
}

/// Counts an answer until its last byte is handed to the system. Gives nothing where it is too large for what is in flight.
pub(crate) fn counted(response: Response, holder: &Holder) -> Option<Response> {
    // Streams say no size, and have bounds of their own.
    let Some(bytes) = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()) else {
        return Some(response);
    };
    if bytes < COUNTED_FROM {
        return Some(response);
    }
    let held = Arc::new(holder.hold(bytes)?);
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

    fn holder(in_flight: &Arc<InFlight>, last: u8) -> Holder {
        Holder {
            in_flight: in_flight.clone(),
            network: cartwright_engine::Origin::of([10, 0, 0, last].into()).network(),
        }
    }

    #[test]
    fn one_address_holds_its_share_and_all_together_no_more_than_there_is() {
        let in_flight = InFlight::new(400 * KIB);
        let one = holder(&in_flight, 1);
        let held: Vec<Option<Held>> = (0..3).map(|_| one.hold(50 * KIB)).collect();
        assert_eq!(held.iter().flatten().count(), 2);
        assert!(!one.may_begin() && holder(&in_flight, 2).may_begin());
        let others: Vec<Option<Held>> = (2..9).map(|last| holder(&in_flight, last).hold(50 * KIB)).collect();
        assert_eq!(others.iter().flatten().count(), 6);
        assert!(!holder(&in_flight, 20).may_begin() && holder(&in_flight, 20).hold(1).is_none());
        drop(others);
        assert!(holder(&in_flight, 20).may_begin());
        drop(held);
        assert!(one.may_begin());
        assert_eq!((in_flight.all.load(Ordering::Relaxed), in_flight.by_network().len()), (0, 0));
    }

    #[test]
    fn a_large_one_has_its_place_where_nothing_else_is_held() {
        let in_flight = InFlight::new(400 * KIB);
        let one = holder(&in_flight, 1);
        let mut held = one.hold(300 * KIB).expect("a report, say");
        assert!(held.grow(300 * KIB), "as long as it is the only one");
        assert!(one.hold(KIB).is_none() && holder(&in_flight, 2).hold(KIB).is_none());
    }

    #[tokio::test]
    async fn an_answer_counts_until_its_last_piece_is_gone() {
        let in_flight = InFlight::new(400 * KIB);
        let one = holder(&in_flight, 1);
        let answer = counted(Response::new(Body::from(vec![0; 30 * KIB])), &one).expect("fits");
        assert_eq!(answer.body().size_hint().exact(), Some(30 * KIB as u64));
        let piece = answer.into_body().collect().await.expect("read").to_bytes();
        assert_eq!((piece.len(), in_flight.all.load(Ordering::Relaxed)), (30 * KIB, 30 * KIB));
        drop(piece);
        assert_eq!(in_flight.all.load(Ordering::Relaxed), 0);
        let small = counted(Response::new(Body::from("small")), &one).expect("fits");
        assert_eq!((small.body().size_hint().exact(), in_flight.all.load(Ordering::Relaxed)), (Some(5), 0));
    }
}
