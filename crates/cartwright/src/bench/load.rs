//! The closed loop: so many shoppers at once, each on a connection of its own, each asking again as soon as it was
//! answered. Counts operations and takes their times; what is no expected answer is counted apart and its first body
//! kept. Each thread of the generator has a single-threaded runtime, so that shoppers never move between cores.

use super::connection::{Answer, Connection};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(20);

/// One who asks: writes the next request, hears the answer. An operation may take several requests.
pub(super) trait Shopper: Send + 'static {
    /// Writes the next request; false when there is nothing left to ask.
    fn ask(&mut self, request: &mut Vec<u8>) -> bool;
    /// Hears the answer to the request just written.
    fn hear(&mut self, answer: &Answer<'_>) -> Heard;
}

/// What an answer means for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The operation needs another request.
    Unfinished,
    /// The operation is complete.
    Done,
    /// The operation is complete: it was refused, as it may be.
    Refused,
    /// The answer should not have come; the operation is given up.
    Unexpected,
}

/// Where the load goes, and for how long.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// The nodes; shoppers are spread over them, and each stays with one.
    pub(super) nodes: Vec<SocketAddr>,
    /// Threads of the generator.
    pub(super) threads: usize,
    /// Until when; without it, until all shoppers have nothing left to ask.
    pub(super) span: Option<Span>,
}

/// How long to measure, and how long to run before that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) warm_up: Duration,
    pub(super) measured: Duration,
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Operations completed, refusals among them.
    pub(super) operations: u64,
    pub(super) refused: u64,
    pub(super) unexpected: u64,
    pub(super) first_unexpected: Option<String>,
    pub(super) elapsed: Duration,
    /// Times of the operations in nanoseconds; sorted in the tally that [`drive`] returns.
    times_ns: Vec<u32>,
}

impl Tally {
    pub(super) fn per_second(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// The time in milliseconds that `share` of the operations took at most.
    pub(super) fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.times_ns.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.times_ns.get(index).map_or(0.0, |ns| f64::from(*ns) / 1e6)
    }

    pub(super) fn take_time(&mut self, time: Duration) {
        self.operations += 1;
        self.times_ns.push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
    }

    pub(super) fn take_unexpected(&mut self, what: impl FnOnce() -> String) {
        self.unexpected += 1;
        self.first_unexpected.get_or_insert_with(what);
    }

    /// To be called once all is counted, before percentiles are asked for.
    pub(super) fn sort(&mut self) {
        self.times_ns.sort_unstable();
    }

    pub(super) fn add(&mut self, other: Tally) {
        self.operations += other.operations;
        self.refused += other.refused;
        self.unexpected += other.unexpected;
        self.first_unexpected = self.first_unexpected.take().or(other.first_unexpected);
        self.elapsed = self.elapsed.max(other.elapsed);
        self.times_ns.extend(other.times_ns);
    }
}

/// Lets the shoppers ask, all at once, and gives them back with what was counted.
///
/// # Errors
/// When a runtime cannot be made or a thread of the generator dies.
pub(super) fn drive<S: Shopper>(load: Load, shoppers: Vec<S>) -> Result<(Tally, Vec<S>), String> {
    let gate = Arc::new(Barrier::new(shoppers.len()));
    let threads = load.threads.clamp(1, shoppers.len().max(1));
    let mut shares: Vec<Vec<Visit<S>>> = (0..threads).map(|_| Vec::new()).collect();
    for (index, shopper) in shoppers.into_iter().enumerate() {
        let visit = Visit { node: load.nodes[index % load.nodes.len()], span: load.span, shopper };
        shares[index / load.nodes.len() % threads].push(visit);
    }
    let running: Vec<_> = shares
        .into_iter()
        .map(|share| (share, Arc::clone(&gate)))
        .map(|(share, gate)| std::thread::spawn(move || drive_share(share, &gate)))
        .collect();
    let (mut tally, mut returned) = (Tally::default(), Vec::new());
    for thread in running {
        let (counted, shoppers) = thread.join().map_err(|_| "a thread of the generator died".to_owned())??;
        tally.add(counted);
        returned.extend(shoppers);
    }
    tally.sort();
    Ok((tally, returned))
}

/// One shopper at one node.
struct Visit<S> {
    node: SocketAddr,
    span: Option<Span>,
    shopper: S,
}

fn drive_share<S: Shopper>(share: Vec<Visit<S>>, gate: &Arc<Barrier>) -> Result<(Tally, Vec<S>), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime for the generator: {error}"))?;
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for visit in share {
            tasks.spawn(visit.make(Arc::clone(gate)));
        }
        let (mut tally, mut returned) = (Tally::default(), Vec::new());
        for (counted, shopper) in tasks.join_all().await {
            tally.add(counted);
            returned.push(shopper);
        }
        Ok((tally, returned))
    })
}

impl<S: Shopper> Visit<S> {
    /// One shopper from the first request to the last.
    async fn make(self, gate: Arc<Barrier>) -> (Tally, S) {
        let Visit { node, span, mut shopper } = self;
        let mut connection = Connection::open(node).await;
        gate.wait().await;
        let begin = Instant::now() + span.map_or(Duration::ZERO, |span| span.warm_up);
        let end = span.map(|span| begin + span.measured);
        let mut tally = Tally::default();
        let mut request = Vec::with_capacity(1024);
        let mut started = Instant::now();
        let mut now = started;
        let mut under_way = false;
        while under_way || end.is_none_or(|end| now < end) {
            let Ok(open) = &mut connection else {
                tally.take_unexpected(|| "no connection to the server".to_owned());
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                connection = Connection::open(node).await;
                (now, under_way) = (Instant::now(), false);
                if end.is_none() { break } else { continue }
            };
            if !under_way {
                started = now;
            }
            request.clear();
            if !shopper.ask(&mut request) {
                break;
            }
            let heard = match open.exchange(&request).await {
                Ok(answer) => {
                    let heard = shopper.hear(&answer);
                    if heard == Heard::Unexpected {
                        tally.take_unexpected(|| answer.in_words());
                    }
                    heard
                }
                Err(error) => {
                    tally.take_unexpected(|| error.to_string());
                    connection = Err(error);
                    Heard::Unexpected
                }
            };
            now = Instant::now();
            under_way = heard == Heard::Unfinished;
            if matches!(heard, Heard::Done | Heard::Refused) && started >= begin {
                tally.refused += u64::from(heard == Heard::Refused);
                tally.take_time(now - started);
            }
        }
        tally.elapsed = now.saturating_duration_since(begin);
        (tally, shopper)
    }
}
