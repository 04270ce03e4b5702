//! A Redis server of a test's own, on a free port, that keeps nothing on a disk. It ends with the value.

use super::HUNG;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running Redis server.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
}

impl RedisServer {
    /// An empty server on a port that the system picks.
    pub(crate) fn start() -> RedisServer {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        RedisServer { child: launch(port), port }
    }

    /// Its address, with a password that must not turn up anywhere.
    pub(crate) fn url(&self) -> String {
        format!("redis://default:pa55-of-the-tests@127.0.0.1:{}", self.port)
    }

    /// Pulls the plug: SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts again, empty, on the same port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = launch(self.port);
    }

    /// A connection past the nodes.
    pub(crate) fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).expect("an address");
        client.get_connection().expect("it answers")
    }
}

fn launch(port: u16) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.args(["--requirepass", "pa55-of-the-tests", "--enable-debug-command", "local"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("no redis-server here: install the package `redis-server`");
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < HUNG, "Redis does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
