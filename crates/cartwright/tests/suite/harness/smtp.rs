//! A mail server that others wrote (aiosmtpd, PyPI), and what it was sent.

use super::{eventually, workspace};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// A running mail server. It ends with the value.
pub(crate) struct SmtpCatcher {
    child: Child,
    port: u16,
    mails: Arc<Mutex<Vec<Value>>>,
}

impl SmtpCatcher {
    /// One that takes so long before it says that it has a mail.
    pub(crate) fn start(hold_seconds: u32) -> SmtpCatcher {
        SmtpCatcher::made(hold_seconds, "plain")
    }

    /// One of these kinds: see the script.
    pub(crate) fn of_kind(kind: &str) -> SmtpCatcher {
        SmtpCatcher::made(0, kind)
    }

    fn made(hold_seconds: u32, kind: &str) -> SmtpCatcher {
        let python = std::env::var_os("CARTWRIGHT_PYTHON")
            .map_or_else(|| workspace().join("target/tools/venv/bin/python"), std::path::PathBuf::from);
        assert!(python.is_file(), "no python at {}: run ./test, which installs it", python.display());
        let script = workspace().join("crates/cartwright/tests/peers/smtp_catcher.py");
        let mut command = Command::new(python);
        command.arg(script).args([&hold_seconds.to_string(), kind]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python runs");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (found, port) = mpsc::channel();
        let mails = Arc::<Mutex<Vec<Value>>>::default();
        let taken = mails.clone();
        std::thread::spawn(move || {
            let mut lines = out.lines().map_while(Result::ok);
            let port = lines.next().and_then(|line| line.parse().ok());
            let _ = found.send(port);
            for line in lines {
                taken.lock().expect("no test panicked here").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        let port =
            port.recv_timeout(Duration::from_secs(30)).ok().flatten().expect("aiosmtpd listens; ./test installs it");
        SmtpCatcher { child, port, mails }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Its address with a password.
    pub(crate) fn url_with_password(&self, scheme: &str) -> String {
        format!("{scheme}://ada:s3cret@localhost:{}", self.port)
    }

    /// The certificate by which its own is to be trusted.
    pub(crate) fn ca() -> String {
        workspace().join("crates/cartwright/tests/peers/tls/ca.pem").display().to_string()
    }

    /// All that it was sent so far, passwords too.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.mails.lock().expect("no test panicked here").clone()
    }

    /// The mails to an address so far.
    pub(crate) fn to(&self, email: &str) -> Vec<Value> {
        let all = self.mails.lock().expect("no test panicked here");
        all.iter().filter(|mail| mail["to"][0] == email).cloned().collect()
    }

    /// The mails to an address, once there are so many.
    pub(crate) async fn wait_for(&self, email: &str, count: usize) -> Vec<Value> {
        eventually("mails", Duration::from_secs(40), async || {
            let mails = self.to(email);
            (mails.len() >= count).then_some(mails)
        })
        .await
    }
}

impl Drop for SmtpCatcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The secret of a reminder's link.
pub(crate) fn link_of(mail: &Value) -> String {
    let text = mail["text"].as_str().expect("a text");
    let link = text.lines().find_map(|line| line.split_once("/cart/recover?token=")).expect("a link");
    link.1.trim().to_owned()
}
