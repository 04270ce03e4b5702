//! The server under measurement: this very program as a child process, on a database of its own in a directory that goes
//! away with it. What it uses of memory and processor time is read from outside, from `/proc`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

const READY: &str = "listening on http://";
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// `/proc` counts processor time in hundredths of a second on all Linux machines of today.
const TICKS_PER_SECOND: f64 = 100.0;

/// A directory for a database and what goes with it; removed when dropped.
pub(super) struct Workplace {
    directory: PathBuf,
}

/// A build of Cartwright.
#[derive(Clone, Debug)]
pub(super) struct Program(PathBuf);

/// A database, by the address that `--database` takes, and the build that works on it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) url: String,
    pub(super) program: Program,
}

impl Program {
    /// This very program.
    pub(super) fn this() -> Result<Program, String> {
        std::env::current_exe().map(Program).map_err(|error| format!("cannot find this program: {error}"))
    }

    /// The program in this file.
    pub(super) fn at(file: &Path) -> Result<Program, String> {
        file.canonicalize().map(Program).map_err(|error| format!("cannot find {}: {error}", file.display()))
    }

    /// Ready to start, deaf to the settings of whoever runs the benchmark.
    fn command(&self) -> Command {
        // Not with this program's own umask: a build keeps its files private by itself, or does not.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 022 && exec \"$0\" \"$@\""]).arg(&self.0);
        for (name, _) in std::env::vars_os() {
            if name == "DATABASE_URL" || name.to_string_lossy().starts_with("CARTWRIGHT_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Lets anybody send as much as they like. Builds before the limit was on by default do not know its `off`.
    fn unlimited(&self) -> Result<&'static [&'static str], String> {
        let help = self.run(&["serve", "--help"])?;
        let knows = String::from_utf8_lossy(&help.stdout).contains("`off`");
        Ok(if knows { &["--rate-limit", "off"] } else { &[] })
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, String> {
        let output = self.command().args(arguments).stdin(Stdio::null()).output();
        output.map_err(|error| format!("cannot run `{}`: {error}", arguments.join(" ")))
    }
}

impl Workplace {
    /// A new directory below `parent`.
    pub(super) fn create(parent: &Path) -> Result<Self, String> {
        let directory = parent.join(format!("cartwright-bench-{}", std::process::id()));
        fs::create_dir_all(&directory).map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
        Ok(Self { directory })
    }

    pub(super) fn path(&self) -> &Path {
        &self.directory
    }

    /// The SQLite database here, for this program.
    pub(super) fn database(&self) -> Result<Database, String> {
        Ok(self.database_of(Program::this()?))
    }

    /// The SQLite database here, for a build.
    pub(super) fn database_of(&self, program: Program) -> Database {
        Database { url: format!("sqlite:{}", self.directory.join("bench.sqlite").display()), program }
    }

    /// Size of the database with its log, in bytes.
    pub(super) fn database_bytes(&self) -> u64 {
        let sizes = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let of_database = sizes.filter(|entry| entry.file_name().to_string_lossy().starts_with("bench.sqlite"));
        of_database.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
    }
}

impl Database {
    /// An operator's key, made by `keys create`.
    pub(super) fn operator_key(&self) -> Result<String, String> {
        // A database may have seen other runs: no two keys have one name.
        self.key(&format!("bench {}", uuid::Uuid::new_v4()), &[])
    }

    /// A key of this name, made by `keys create` with these flags.
    pub(super) fn key(&self, name: &str, flags: &[&str]) -> Result<String, String> {
        let arguments = [&["keys", "create", "--name", name, "--database", &self.url], flags].concat();
        let output = self.program.run(&arguments)?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.lines().map(str::trim).find(|line| line.starts_with("sk_")) {
            Some(key) if output.status.success() => Ok(key.to_owned()),
            _ => Err(format!("`keys create` failed: {}", said_by(&output))),
        }
    }

    /// The checker's verdict on the database at rest: whether all holds, and what it said.
    pub(super) fn verify(&self) -> Result<(bool, String), String> {
        let output = self.program.run(&["verify", "--database", &self.url])?;
        Ok((output.status.success(), said_by(&output)))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The running server; killed when dropped.
pub(super) struct Server {
    child: Child,
    // Kept open: the server may write to it.
    _stdout: BufReader<ChildStdout>,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it listens; `name` is that of its log.
    pub(super) fn start(place: &Workplace, database: &Database, name: &str) -> Result<Self, String> {
        Server::start_with(place, database, name, &[])
    }

    /// The same with these flags.
    pub(super) fn start_with(
        place: &Workplace,
        database: &Database,
        name: &str,
        flags: &[&str],
    ) -> Result<Self, String> {
        let log_path = place.path().join(format!("{name}.log"));
        let log = File::create(&log_path).map_err(|error| format!("cannot write the server's log: {error}"))?;
        let mut child = database
            .program
            .command()
            .args(["serve", "--database", &database.url, "--listen", "127.0.0.1:0"])
            .arg("--test-gateway")
            // All come from this machine.
            .args(["--max-streams-per-address", "10000"])
            .args(database.program.unlimited()?)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("cannot start the server: {error}"))?;
        let Some(stdout) = child.stdout.take() else { return Err("the server has no output".to_owned()) };
        let mut stdout = BufReader::new(stdout);
        match wait_for_address(&mut stdout) {
            Some(address) => Ok(Self { child, _stdout: stdout, address }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                let log = fs::read_to_string(&log_path).unwrap_or_default();
                Err(format!("the server did not start: {}", log.trim()))
            }
        }
    }

    /// Most memory it held since it started or since [`Server::forget_peak`], in bytes.
    pub(super) fn peak_memory_bytes(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
    }

    /// From here on the peak of memory counts anew.
    pub(super) fn forget_peak(&self) {
        // Where the kernel refuses, the peak stays that of the whole run: higher, never lower.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    /// Processor time so far in seconds, by name of thread.
    pub(super) fn processor_seconds(&self) -> BTreeMap<String, f64> {
        let mut seconds = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten() {
            if let Some((name, used)) = fs::read_to_string(task.path().join("stat")).ok().as_deref().and_then(used_by) {
                *seconds.entry(name).or_default() += used;
            }
        }
        seconds
    }

    /// Asks it to stop and waits until it has.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let begin = Instant::now();
        while begin.elapsed() < STOP_PATIENCE {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the server stopped with {status}")),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        Err(format!("the server did not stop within {} s", STOP_PATIENCE.as_secs()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for_address(stdout: &mut impl BufRead) -> Option<SocketAddr> {
    let mut line = String::new();
    loop {
        line.clear();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((_, rest)) = line.split_once(READY) {
            return rest.split_whitespace().next()?.trim_end_matches('/').parse().ok();
        }
    }
}

/// Processor time of this process so far, in seconds.
pub(super) fn own_processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat");
    stat.ok().as_deref().and_then(used_by).map_or(0.0, |(_, seconds)| seconds)
}

/// Name and processor seconds out of a `stat` file: `pid (name) state …`, time in user and system mode as fields 14, 15.
fn used_by(stat: &str) -> Option<(String, f64)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((name, (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND))
}

fn said_by(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{}", out.trim_end(), err.trim_end()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_blanks_and_brackets() {
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194304 10 0 0 0 150 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(used_by(stat), Some(("a (b) c".to_owned(), 2.0)));
    }

    #[test]
    fn the_address_is_found_among_other_lines() {
        let mut said = "hello\nlistening on http://127.0.0.1:4711\n".as_bytes();
        assert_eq!(wait_for_address(&mut said), Some("127.0.0.1:4711".parse().unwrap()));
        assert_eq!(wait_for_address(&mut "hello\n".as_bytes()), None);
    }
}
