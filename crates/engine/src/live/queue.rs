//! What waits for one stream: a few events, never more. A reader that falls behind loses them, and is told where the cart stands
//! instead once it reads again.

use super::LiveEvent;
use super::stream::EndReason;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// Most events that wait for one reader.
const MOST_WAITING: usize = 32;

#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    pub(super) ready: Notify,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<LiveEvent>,
    /// Since when events were dropped.
    behind: Option<Instant>,
    end: Option<EndReason>,
}

/// What is next for a reader.
pub(super) enum Next {
    Event(LiveEvent),
    /// Events were dropped.
    Behind,
    End(EndReason),
    Nothing,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, event: LiveEvent) {
        let mut waiting = self.lock();
        if waiting.end.is_some() || waiting.behind.is_some() {
            return;
        }
        if waiting.events.len() < MOST_WAITING {
            waiting.events.push_back(event);
        } else {
            waiting.events = VecDeque::new();
            waiting.behind = Some(Instant::now());
        }
        drop(waiting);
        self.ready.notify_one();
    }

    /// Nothing that waits is sure to be all: the reader is to be told where the cart stands.
    pub(super) fn start_anew(&self) {
        self.lock().behind.get_or_insert_with(Instant::now);
        self.ready.notify_one();
    }

    /// Nothing comes after what waits.
    pub(super) fn end(&self, reason: EndReason) {
        self.lock().end.get_or_insert(reason);
        self.ready.notify_one();
    }

    /// Since when the reader has not taken what waits for it, where something was dropped.
    pub(super) fn behind_since(&self) -> Option<Instant> {
        self.lock().behind
    }

    pub(super) fn take(&self) -> Next {
        let mut waiting = self.lock();
        if let Some(event) = waiting.events.pop_front() {
            return Next::Event(event);
        }
        if waiting.behind.take().is_some() {
            return Next::Behind;
        }
        waiting.end.map_or(Next::Nothing, Next::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_falls_behind_loses_what_waited_and_is_told_once() {
        let queue = Queue::default();
        (0..=MOST_WAITING + 5).for_each(|_| queue.push(LiveEvent::StoreChanged));
        assert!(queue.behind_since().is_some());
        assert!(matches!(queue.take(), Next::Behind));
        assert!(matches!(queue.take(), Next::Nothing) && queue.behind_since().is_none());
        queue.push(LiveEvent::StoreChanged);
        assert!(matches!(queue.take(), Next::Event(LiveEvent::StoreChanged)));
    }

    #[test]
    fn the_end_comes_after_what_waits_and_stays_the_end() {
        let queue = Queue::default();
        queue.push(LiveEvent::StoreChanged);
        queue.end(EndReason::CartClosed);
        queue.end(EndReason::Stopping);
        queue.push(LiveEvent::StoreChanged);
        assert!(matches!(queue.take(), Next::Event(_)));
        assert!(matches!(queue.take(), Next::End(EndReason::CartClosed)));
        assert!(matches!(queue.take(), Next::End(EndReason::CartClosed)));
    }
}
