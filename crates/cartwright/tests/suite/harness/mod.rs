//! What all tests stand on: a server that can be started, killed and started again, cheap HTTP, the command line, and the
//! checker.

mod desk;
pub(crate) mod engine;
mod listener;
mod nats;
pub(crate) mod people;
mod postgres;
mod program;
mod proxy;
mod receiver;
mod redis;
mod server;
mod shop;
mod shown;
mod smtp;
mod storage;
mod storm;
pub(crate) mod stripe;

pub(crate) use desk::{Desk, PENS};
pub(crate) use listener::Listener;
pub(crate) use nats::NatsServer;
pub(crate) use postgres::PostgresServer;
pub(crate) use program::{Ran, program, run};
pub(crate) use proxy::{AtCommit, Line, Proxy};
pub(crate) use receiver::{Received, Receiver, SILENCE};
pub(crate) use redis::RedisServer;
pub(crate) use server::Server;
pub(crate) use shop::{Answer, Ask, CartKey, Shop, http_client};
pub(crate) use shown::shown;
pub(crate) use smtp::{SmtpCatcher, link_of};
pub(crate) use storage::{Database, left_out, nodes, on_postgres};
pub(crate) use storm::{Dice, Storm, right_or_none};

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The workspace's root.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

/// A folder of files that is not part of the project: where the variable points, else beside the project's root.
/// Nothing, said aloud, where it is absent.
pub(crate) fn shared(variable: &str, folder: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(|| workspace().join("../shared").join(folder), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    leave_out(&format!("what needs {} (set {variable} to have it elsewhere)", path.display()));
    None
}

/// Says that a part of the tests is not run, so that nobody takes it for passed: aloud, and in the list that `./test` shows at its
/// end (the file that `CARTWRIGHT_TEST_LEFT_OUT` names).
pub(crate) fn leave_out(what: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{test}: {what}\n");
    eprint!("left out: {line}");
    let Some(list) = std::env::var_os("CARTWRIGHT_TEST_LEFT_OUT") else { return };
    let list = std::fs::OpenOptions::new().create(true).append(true).open(list);
    list.and_then(|mut list| list.write_all(line.as_bytes())).expect("the list of what was left out can be written");
}

/// A machine that is busy with other things takes its time, and to wait longer costs only those tests that fail.
const LEAST_PATIENCE: Duration = Duration::from_secs(90);

/// Ends a test that hangs, and nothing else: no machine is as slow as that.
pub(crate) const HUNG: Duration = Duration::from_secs(600);

/// Asks again and again until there is an answer; fails the test when there is none in time, or in [`LEAST_PATIENCE`].
pub(crate) async fn eventually<T>(what: &str, limit: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let (begun, limit) = (Instant::now(), limit.max(LEAST_PATIENCE));
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
