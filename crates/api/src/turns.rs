//! Work in the background in turns: few pieces at once. A few more wait their turn; whoever
//! comes after them is told at once to come back, so that a flood neither fills the memory nor makes others wait for long.

use crate::background;
use crate::problem::{Outcome, Problem, registry as kinds};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The turns of one kind of work.
pub(crate) struct Turns {
    /// Places for those at work and those who wait.
    places: Arc<Semaphore>,
    at_once: Arc<Semaphore>,
    /// What is said where the work itself takes too long.
    too_long: &'static str,
}

impl Turns {
    /// So many at once, and so many who wait.
    pub(crate) fn new(at_once: usize, waiting: usize, too_long: &'static str) -> Turns {
        let places = Arc::new(Semaphore::new(at_once + waiting));
        Turns { places, at_once: Arc::new(Semaphore::new(at_once)), too_long }
    }

    /// Does this work in its turn. Where it takes longer than `deadline` the caller is answered without it; it keeps its turn
    /// until it ends, so that no more are at work than may be.
    ///
    /// # Errors
    /// `busy` where too many wait already or its turn does not come before the deadline, `definition_refused` where the work takes
    /// longer than that by itself, `internal` where it panics.
    pub(crate) async fn take<T: Send + 'static>(
        &self,
        deadline: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Outcome<T> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| busy())?;
        let turn = tokio::time::timeout(deadline, self.at_once.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| failed())?;
        let done = background::begin(move || {
            let done = work();
            // Held until here also where the caller has gone away.
            drop((turn, place));
            done
        });
        let done = tokio::time::timeout(deadline, done).await;
        done.map_err(|_| Problem::new(&kinds::DEFINITION_REFUSED, self.too_long))?.map_err(|_| failed())
    }
}

fn busy() -> Problem {
    Problem::new(&kinds::BUSY, "Too much of this is asked at once; nothing was changed.")
}

fn failed() -> Problem {
    Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const TOO_LONG: &str = "It takes too long.";
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn who_comes_after_those_who_wait_is_refused_at_once_and_turns_come_back() {
        let turns = Arc::new(Turns::new(1, 1, TOO_LONG));
        let (go, wait) = channel::<()>();
        let (first, second) = (turns.clone(), turns.clone());
        let first = tokio::spawn(async move { first.take(LONG, move || wait.recv()).await.is_ok() });
        while turns.places.available_permits() == 2 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn(async move { second.take(LONG, || 2).await.ok() });
        while turns.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(turns.take(LONG, || 3).await.is_err());
        go.send(()).expect("somebody at work");
        assert!(first.await.expect("the first"));
        assert_eq!(second.await.expect("the second"), Some(2));
        assert_eq!(turns.take(LONG, || 4).await.ok(), Some(4));
    }

    #[tokio::test]
    async fn work_past_its_deadline_is_answered_for_and_keeps_its_turn() {
        let turns = Turns::new(1, 0, TOO_LONG);
        let (go, wait) = channel::<()>();
        let late =
            turns.take(Duration::from_millis(1), move || wait.recv()).await.expect_err("it takes long").into_body();
        assert_eq!((late.code.as_str(), late.detail.as_str()), ("definition_refused", TOO_LONG));
        let refused = turns.take(LONG, || 1).await.expect_err("its turn is not over");
        assert_eq!(refused.into_body().code, "busy");
        go.send(()).expect("somebody at work");
        while turns.take(LONG, || 1).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
