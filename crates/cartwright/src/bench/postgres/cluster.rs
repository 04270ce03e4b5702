//! A PostgreSQL server for the time of the benchmark: in a folder of its own, on a free port, as durable as it is by default.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(30);
/// `fsync` and `synchronous_commit` are on by default and stay so.
const SETTINGS: [&str; 3] =
    ["listen_addresses=127.0.0.1", "max_connections=200", "shared_preload_libraries=pg_stat_statements"];

/// The running server; it ends with the value, and with this process.
pub(super) struct Cluster {
    port: u16,
    /// A shell that waits for our end, be it a panic or SIGKILL: then its standard input ends.
    watchdog: Child,
}

impl Cluster {
    /// Makes a new one below `parent` and waits until it answers.
    ///
    /// # Errors
    /// In words, where there are no programs of PostgreSQL or they fail.
    pub(super) fn start(parent: &Path) -> Result<Cluster, String> {
        let tools = tools()?;
        let folder = parent.join("postgres");
        std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let user = unprivileged_user()?;
        if let Some(user) = &user {
            must(Command::new("chown").arg(user).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut initdb = as_user(user.as_deref(), &tools.join("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"]);
        must(initdb.arg(&data).current_dir(&folder))?;
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let mut postgres = as_user(user.as_deref(), &tools.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder).arg("-p").arg(port.to_string());
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        let watchdog = watched(&postgres, &folder).map_err(|error| format!("no shell: {error}"))?;
        let cluster = Cluster { port, watchdog };
        cluster.wait(&tools.join("pg_isready"), &folder)?;
        Ok(cluster)
    }

    fn wait(&self, pg_isready: &Path, folder: &Path) -> Result<(), String> {
        let begun = Instant::now();
        let mut ask = Command::new(pg_isready);
        ask.args(["--quiet", "--host=127.0.0.1", "--port"]).arg(self.port.to_string());
        while !ask.status().is_ok_and(|status| status.success()) {
            if begun.elapsed() > START_LIMIT {
                let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL does not start: {}", log.trim()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The address of the database that every server has.
    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Starts a command that is ended when our side of its shell's standard input closes.
fn watched(command: &Command, folder: &Path) -> std::io::Result<Child> {
    let script = "\"$@\" >\"$0/log\" 2>&1 </dev/null & cat; kill -INT $!; wait $!";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(folder).arg(command.get_program()).args(command.get_args());
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).current_dir(folder);
    // Not to be reached by the interrupt key, which ends the benchmark first.
    shell.process_group(0).spawn()
}

/// A program of the newest PostgreSQL there is.
pub(super) fn tool(name: &str) -> Result<PathBuf, String> {
    Ok(tools()?.join(name))
}

fn tools() -> Result<PathBuf, String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, tools)| tools.join("initdb").exists() && tools.join("pgbench").exists())
        .max();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|tools| tools.join("pgbench").exists())
    };
    let tools = newest.map(|(_, tools)| tools).or_else(in_path);
    tools.ok_or_else(|| "no PostgreSQL here: install the package `postgresql`".to_owned())
}

/// PostgreSQL refuses to run as root; then it runs as somebody else.
fn unprivileged_user() -> Result<Option<String>, String> {
    if id("--user").as_deref() != Some("0") {
        return Ok(None);
    }
    let known = ["postgres", "nobody"].into_iter().find(|user| {
        Command::new("id")
            .arg(user)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|found| found.success())
    });
    known.map(|user| Some(user.to_owned())).ok_or_else(|| "no user other than root to run PostgreSQL as".to_owned())
}

fn id(what: &str) -> Option<String> {
    let output = Command::new("id").arg(what).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
    command
}

fn must(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
