//! Live carts under load: thousands of open streams of events while goods are added at a steady pace. Adds do not wait for one
//! another here, so that their times are those of a server at ease, and what the streams cost shows.

use super::connection::{Answer, Connection, position};
use super::load::Tally;
use super::measure::{Measured, Measurement, Stage};
use super::requests::{self, CartKey};
use super::shoppers::FilledCart;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Streams that are open.
pub(super) const STREAMS: usize = 5_000;
/// Units that are added in a second, in all.
pub(super) const ADDS_PER_SECOND: usize = 1_000;
/// Clients that add, each at its part of the pace.
const ADDERS: usize = 20;
/// Streams that are opened at the same time.
const OPENING: usize = 64;
/// After the last add, until its event must have come.
const LINGER: Duration = Duration::from_secs(2);
const EVENT: &[u8] = b"event: cart.changed\n";
const VERSION: &[u8] = b"\"version\":";

/// A cart's number and its version after a change.
type Change = (usize, u64);

/// When changes were asked for, and when they were heard of.
#[derive(Default)]
struct Log {
    asked: Mutex<HashMap<Change, Instant>>,
    heard: Mutex<Vec<(Change, Instant)>>,
}

impl Stage<'_> {
    /// Opens the streams, adds for the time set, and tells how long adds took and how long it was until a stream told of one.
    ///
    /// # Errors
    /// When the generator cannot work, or the streams cannot be opened.
    pub(super) fn live(&self) -> Result<Measured, String> {
        let address = self.servers[0].address;
        let carts: Arc<Vec<FilledCart>> = Arc::new(self.carts.to_vec());
        let (log, gate) = (Arc::<Log>::default(), Arc::new(Barrier::new(ADDERS + 1)));
        self.servers.iter().for_each(super::server::Server::forget_peak);
        let span = Duration::from_secs_f64(self.seconds);
        let listeners = {
            let (carts, log, gate) = (carts.clone(), log.clone(), gate.clone());
            std::thread::spawn(move || runtime()?.block_on(listen(address, carts, log, gate, span + LINGER)))
        };
        let adders = {
            let log = log.clone();
            std::thread::spawn(move || runtime().map(|runtime| runtime.block_on(add(address, carts, log, gate, span))))
        };
        let died = |_| "a thread of the generator died".to_owned();
        let tally = adders.join().map_err(died)??;
        listeners.join().map_err(died)??;
        let mut measured = self.sum_up(Measurement::Live, tally);
        let delays = log.delays_ms();
        let expected = measured.operations as usize * (STREAMS / self.carts.len());
        if delays.len() < expected {
            measured.errors += 1;
            let fault = format!("of {expected} events {} were heard", delays.len());
            measured.first_error.get_or_insert(fault);
        }
        measured.heard_p99_ms = delays.get(delays.len() * 99 / 100).copied();
        eprintln!("{}", measured.in_words());
        Ok(measured)
    }
}

impl Log {
    /// From the request to the event, for every stream that heard of it; sorted.
    fn delays_ms(&self) -> Vec<f64> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.iter().filter_map(|(change, at)| Some((*asked.get(change)?, *at)));
        let mut delays: Vec<f64> = known.map(|(asked, at)| (at - asked).as_secs_f64() * 1e3).collect();
        delays.sort_by(f64::total_cmp);
        delays
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| format!("no runtime for the generator: {error}"))
}

/// Opens the streams, lets the adders begin, and reads until the time is over.
async fn listen(
    address: SocketAddr,
    carts: Arc<Vec<FilledCart>>,
    log: Arc<Log>,
    gate: Arc<Barrier>,
    span: Duration,
) -> Result<(), String> {
    let mut streams = Vec::with_capacity(STREAMS);
    while streams.len() < STREAMS {
        let mut opening = JoinSet::new();
        for number in streams.len()..(streams.len() + OPENING).min(STREAMS) {
            let cart = number % carts.len();
            let key = carts[cart].key.clone();
            opening.spawn(async move { open(address, &key).await.map(|stream| (cart, stream)) });
        }
        streams.extend(opening.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?);
    }
    gate.wait().await;
    let mut reading = JoinSet::new();
    for (cart, stream) in streams {
        reading.spawn(read(cart, stream, log.clone()));
    }
    tokio::time::sleep(span).await;
    match reading.try_join_next() {
        Some(ended) => Err(format!("a stream ended: {ended:?}")),
        None => Ok(()),
    }
}

/// A stream that has begun.
async fn open(address: SocketAddr, cart: &CartKey) -> Result<TcpStream, String> {
    let mut request = Vec::new();
    let headers = format!("Cart-Token: {}\r\nAccept: text/event-stream\r\n", cart.token);
    requests::get(&mut request, &format!("/api/v1/carts/{}/events", cart.id), &headers);
    let begin = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&request).await?;
        let mut head = vec![0; 4096];
        let read = stream.read(&mut head).await?;
        head.truncate(read);
        std::io::Result::Ok((stream, head))
    };
    let (stream, head) = begin.await.map_err(|error| format!("a stream cannot be opened: {error}"))?;
    if head.starts_with(b"HTTP/1.1 200") {
        Ok(stream)
    } else {
        Err(format!("a stream was not opened: {}", String::from_utf8_lossy(&head)))
    }
}

/// Notes every change that is told.
async fn read(cart: usize, mut stream: TcpStream, log: Arc<Log>) -> std::io::Result<()> {
    let (mut text, mut chunk) = (Vec::new(), [0; 2048]);
    loop {
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            read => text.extend_from_slice(&chunk[..read]),
        }
        let now = Instant::now();
        while let Some(end) = position(&text, b"\n\n") {
            if let Some(version) = version_of(&text[..end]) {
                log.heard.lock().unwrap_or_else(PoisonError::into_inner).push(((cart, version), now));
            }
            text.drain(..end + 2);
        }
    }
}

fn version_of(event: &[u8]) -> Option<u64> {
    position(event, EVENT)?;
    number_after(event, VERSION)
}

fn number_after(text: &[u8], opening: &[u8]) -> Option<u64> {
    let rest = &text[position(text, opening)? + opening.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |sum, digit| Some(sum.unwrap_or(0) * 10 + u64::from(digit - b'0')))
}

/// Adds at a steady pace.
async fn add(
    address: SocketAddr,
    carts: Arc<Vec<FilledCart>>,
    log: Arc<Log>,
    gate: Arc<Barrier>,
    span: Duration,
) -> Tally {
    let mut adding = JoinSet::new();
    for client in 0..ADDERS {
        adding.spawn(add_to_own(client, address, carts.clone(), log.clone(), gate.clone(), span));
    }
    let mut tally = Tally::default();
    adding.join_all().await.into_iter().for_each(|counted| tally.add(counted));
    tally.sort();
    tally
}

/// One client, with carts that are no other client's.
async fn add_to_own(
    client: usize,
    address: SocketAddr,
    carts: Arc<Vec<FilledCart>>,
    log: Arc<Log>,
    gate: Arc<Barrier>,
    span: Duration,
) -> Tally {
    let mut tally = Tally::default();
    let connection = Connection::open(address).await;
    gate.wait().await;
    let Ok(mut connection) = connection else {
        tally.take_unexpected(|| "no connection to the server".to_owned());
        return tally;
    };
    let begin = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_secs_f64(ADDERS as f64 / ADDS_PER_SECOND as f64));
    let mut own = (0..carts.len()).filter(|number| number % ADDERS == client).cycle();
    let mut request = Vec::new();
    while begin.elapsed() < span {
        pace.tick().await;
        let Some(number) = own.next() else { break };
        request.clear();
        requests::add_line(&mut request, &carts[number].key, &carts[number].skus[0]);
        let asked = Instant::now();
        match connection.exchange(&request).await {
            Ok(Answer { status: 200, body }) => {
                tally.take_time(asked.elapsed());
                if let Some(version) = number_after(body, VERSION) {
                    log.asked.lock().unwrap_or_else(PoisonError::into_inner).insert((number, version), asked);
                }
            }
            Ok(answer) => tally.take_unexpected(|| answer.in_words()),
            Err(error) => {
                tally.take_unexpected(|| error.to_string());
                break;
            }
        }
    }
    tally.elapsed = begin.elapsed();
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_looked_at() {
        let changed =
            b"event: cart.changed\nid: 7\ndata: {\"type\":\"cart.changed\",\"data\":{\"version\":12,\"cause\":\"x\"}}";
        assert_eq!(version_of(changed), Some(12));
        assert_eq!(version_of(b"event: cart.state\nid: 7\ndata: {\"data\":{\"version\":12}}"), None);
        assert_eq!(version_of(b": still here"), None);
    }
}
