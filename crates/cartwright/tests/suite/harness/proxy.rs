//! A small proxy between a node and PostgreSQL that can do what a bad network does. It knows just enough of the protocol to
//! act when a COMMIT passes by.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// What the line does with what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Passes,
    /// Each piece waits so long, either way.
    Delays(Duration),
    /// Takes everything and passes nothing on; nobody is told.
    Holds,
    /// Whoever connects anew is sent away.
    Refuses,
}

/// What happens at a COMMIT of a node's writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtCommit {
    /// The connection is cut before it is passed on.
    CutBefore,
    /// The server commits; the connection is cut before its answer is passed on.
    CutBeforeTheAnswer,
    /// The server commits, and from then on the line holds everything.
    HoldBeforeTheAnswer,
}

/// A statement that only the writer of a node prepares.
const OF_A_WRITER: &[u8] = b"INSERT INTO writers";
const COMMIT: &[u8] = b"COMMIT\0";

/// The proxy, in threads of its own. Ends with the value.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

struct State {
    line: watch::Sender<Line>,
    /// A new number cuts all connections.
    cuts: watch::Sender<u64>,
    /// What is to happen, after so many commits.
    at_commit: Mutex<Option<(AtCommit, usize)>>,
}

impl Proxy {
    /// Between a port of its own and this one.
    pub(crate) fn to(port: u16) -> Proxy {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let own_port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            line: watch::Sender::new(Line::Passes),
            cuts: watch::Sender::new(0),
            at_commit: Mutex::default(),
        });
        runtime.spawn(listen(listener, port, state.clone()));
        Proxy { port: own_port, state, runtime: Some(runtime) }
    }

    /// The port to connect to instead.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on.
    pub(crate) fn line(&self, line: Line) {
        self.state.line.send_replace(line);
    }

    /// Cuts all connections that there are.
    pub(crate) fn cut(&self) {
        self.state.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// At the next commit of a writer but so many, once.
    pub(crate) fn at_commit(&self, what: AtCommit, skipped: usize) {
        *self.state.at_commit.lock().expect("the proxy lives") = Some((what, skipped));
    }

    /// Whether what was to happen at a commit has begun.
    pub(crate) fn has_met_the_commit(&self) -> bool {
        self.state.at_commit.lock().expect("the proxy lives").is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl State {
    /// What is to happen at a commit that passes now.
    fn meet_commit(&self) -> Option<AtCommit> {
        let mut planned = self.at_commit.lock().expect("no panic here");
        match planned.as_mut()? {
            (what, 0) => {
                let what = *what;
                *planned = None;
                Some(what)
            }
            (_, skipped) => {
                *skipped -= 1;
                None
            }
        }
    }

    /// Returns when the line lets something through.
    async fn pass(&self) {
        let mut line = self.line.subscribe();
        let now = *line.wait_for(|line| *line != Line::Holds).await.expect("the state lives");
        if let Line::Delays(delay) = now {
            tokio::time::sleep(delay).await;
        }
    }
}

async fn listen(listener: std::net::TcpListener, port: u16, state: Arc<State>) {
    let listener = TcpListener::from_std(listener).expect("a socket");
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if *state.line.borrow() != Line::Refuses {
            tokio::spawn(carry(client, port, state.clone()));
        }
    }
}

/// Carries one connection until an end closes it, or it is cut.
async fn carry(client: TcpStream, port: u16, state: Arc<State>) {
    let mut cuts = state.cuts.subscribe();
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (swallow, swallows) = watch::channel(false);
    tokio::select! {
        () = carry_up(from_client, to_server, &state, swallow) => {}
        () = carry_down(from_server, to_client, &state, swallows) => {}
        _ = cuts.changed() => {}
    }
}

/// From the node to the server.
async fn carry_up(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State, swallow: watch::Sender<bool>) {
    let (mut writer, mut commit) = (Finder::of(OF_A_WRITER), Finder::of(COMMIT));
    let mut is_writer = false;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let piece = &buffer[..length];
        is_writer |= writer.found_in(piece);
        state.pass().await;
        if commit.found_in(piece) && is_writer {
            match state.meet_commit() {
                Some(AtCommit::CutBefore) => return,
                Some(AtCommit::CutBeforeTheAnswer) => drop(swallow.send(true)),
                Some(AtCommit::HoldBeforeTheAnswer) => drop(state.line.send_replace(Line::Holds)),
                None => {}
            }
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// From the server to the node. What is swallowed ends with the connection, once the server has committed.
async fn carry_down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State, swallows: watch::Receiver<bool>) {
    let mut committed = Finder::of(COMMIT);
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let piece = &buffer[..length];
        if *swallows.borrow() {
            if committed.found_in(piece) {
                return;
            }
            continue;
        }
        state.pass().await;
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// Finds a text in a stream that comes in pieces.
struct Finder {
    text: &'static [u8],
    tail: Vec<u8>,
}

impl Finder {
    fn of(text: &'static [u8]) -> Finder {
        Finder { text, tail: Vec::new() }
    }

    fn found_in(&mut self, piece: &[u8]) -> bool {
        self.tail.extend_from_slice(piece);
        let found = self.tail.windows(self.text.len()).any(|window| window == self.text);
        // What may be the beginning of it; what was found is not to be found again.
        let kept = if found { 0 } else { self.tail.len().min(self.text.len() - 1) };
        self.tail.drain(..self.tail.len() - kept);
        found
    }
}
