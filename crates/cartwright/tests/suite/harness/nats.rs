//! A NATS server of a test's own with JetStream, on a free port. It ends with the value.

use super::HUNG;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running NATS server.
pub(crate) struct NatsServer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl NatsServer {
    /// An empty server on a port that the system picks.
    pub(crate) fn start() -> NatsServer {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        NatsServer { child: launch(port, folder.path()), port, folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Pulls the plug: SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts again with what it kept, on the same port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = launch(self.port, self.folder.path());
    }
}

fn launch(port: u16, folder: &Path) -> Child {
    let known = ["/usr/sbin/nats-server", "/usr/bin/nats-server"];
    let program = known.into_iter().find(|path| Path::new(path).exists()).unwrap_or("nats-server");
    let mut command = Command::new(program);
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--store_dir"]).arg(folder);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("no nats-server here: install the package `nats-server`");
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < HUNG, "NATS does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
