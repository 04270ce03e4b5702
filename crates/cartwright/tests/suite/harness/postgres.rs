//! PostgreSQL servers that a test starts, on free ports and in folders of their own: one for the whole process, and those of
//! single tests, which may be stopped, killed, started again and followed by a standby. They end with this process, however
//! it ends.

use super::program::run;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How every server is set up.
const SETTINGS: [&str; 3] = ["listen_addresses=127.0.0.1", "shared_buffers=64MB", "autovacuum_naptime=5s"];

/// And the one of the whole process.
const SHARED_SETTINGS: [&str; 3] = [
    "max_connections=300",
    // A standby that never comes: a test whose database asks for it finds its commits waiting.
    "synchronous_standby_names=nobody",
    "synchronous_commit=local",
];

/// Ends a server and removes its folder when its standard input ends, which is when we do: by a panic or by SIGKILL.
const WATCHDOG: &str = r#"cat
server=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$server" && while kill -0 "$server"; do sleep 0.1; done
rm -rf "$0""#;

/// How long a server may take to start, or a standby to be promoted.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A PostgreSQL server. It ends with the value.
pub(crate) struct PostgresServer {
    tools: PathBuf,
    user: Option<String>,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    child: Option<Child>,
    /// Closes its standard input when it is dropped.
    _watchdog: Child,
}

impl PostgresServer {
    /// The server of the whole process, started when first asked for.
    pub(crate) fn get() -> &'static PostgresServer {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(|| PostgresServer::start(&SHARED_SETTINGS))
    }

    /// A new server with further settings.
    pub(crate) fn start(settings: &[&str]) -> PostgresServer {
        let mut server = PostgresServer::prepare(settings);
        let mut initdb = server.command("initdb");
        initdb
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("--pgdata")
            .arg(server.data());
        must(&mut initdb);
        server.launch();
        server
    }

    /// A standby that follows this server, under a name that the primary may wait for.
    pub(crate) fn standby(&self, name: &str) -> PostgresServer {
        let mut standby = PostgresServer::prepare(&[]);
        standby.settings = self.settings.clone();
        let primary = format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port);
        let mut backup = standby.command("pg_basebackup");
        backup.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname", &primary, "--pgdata"]);
        must(backup.arg(standby.data()));
        standby.launch();
        standby
    }

    /// A folder, a port and a watchdog.
    fn prepare(settings: &[&str]) -> PostgresServer {
        let folder = TempDir::new().expect("a folder for the server").keep();
        let user = unprivileged_user();
        if let Some(user) = &user {
            must(Command::new("chown").arg(user).arg(&folder));
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        PostgresServer {
            tools: tools(),
            user,
            port: free.local_addr().expect("an address").port(),
            settings: SETTINGS.iter().chain(settings).map(|setting| (*setting).to_owned()).collect(),
            child: None,
            _watchdog: watchdog(&folder),
            folder,
        }
    }

    /// Starts it and waits until it answers.
    pub(crate) fn launch(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("server.log"));
        let log = log.expect("a file for the log");
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).arg("-p").arg(self.port.to_string());
        for setting in &self.settings {
            postgres.args(["-c", setting]);
        }
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // Not to be reached by the interrupt key, which ends the tests first.
        std::os::unix::process::CommandExt::process_group(&mut postgres, 0);
        self.child = Some(postgres.spawn().expect("PostgreSQL can be started"));
        self.wait_until("it answers", "SELECT 1", "1");
    }

    /// Stops it at once, with nothing finished, as a crash would; its clients are told.
    pub(crate) fn stop_immediately(&mut self) {
        let mut child = self.child.take().expect("it runs");
        super::program::signal(&child, "QUIT");
        child.wait().expect("it ends");
    }

    /// Stops it at once and starts it again.
    pub(crate) fn restart_immediately(&mut self) {
        self.stop_immediately();
        self.launch();
    }

    /// SIGKILL for the server and every process of it. Its clients are told nothing.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let server = child.id();
        let lock_file = self.data().join("postmaster.pid");
        let lock = std::fs::read_to_string(&lock_file).unwrap_or_default();
        // Stopped first, so that it does not start new ones meanwhile.
        let script = format!(
            "kill -STOP {server}; kill -KILL $(cat /proc/{server}/task/{server}/children) 2>/dev/null; kill -KILL {server}"
        );
        must(Command::new("sh").args(["-c", &script]));
        child.wait().expect("it ends");
        std::fs::remove_file(lock_file).expect("the lock of a server that is dead");
        // It had no time to give back its piece of shared memory: key and number stand in the lock file.
        let segment = lock.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
        if let Some(segment) = segment {
            run(Command::new("ipcrm").args(["-m", segment]));
        }
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self) {
        must(self.command("pg_ctl").args(["promote", "--wait", "--pgdata"]).arg(self.data()));
    }

    /// Waits until a query answers this.
    pub(crate) fn wait_until(&self, what: &str, sql: &str, answer: &str) {
        let begun = Instant::now();
        while String::from_utf8_lossy(&self.psql("postgres", sql).stdout).trim() != answer {
            let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            assert!(begun.elapsed() < START_LIMIT, "{what}: not within {START_LIMIT:?}; PostgreSQL logged:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database, with a password that must not turn up anywhere.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres:pa55-of-the-tests@127.0.0.1:{}/{database}", self.port)
    }

    /// A program of this server's version.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.tools.join(name)
    }

    /// A program of this server's version, run as the server's user in its folder.
    fn command(&self, name: &str) -> Command {
        let mut command = as_user(self.user.as_deref(), &self.tool(name));
        command.current_dir(&self.folder);
        command
    }

    fn psql(&self, database: &str, sql: &str) -> std::process::Output {
        self.psql_command(database).args(["-c", sql]).output().expect("psql can be started")
    }

    /// `psql` on a database, without the user's own settings.
    pub(crate) fn psql_command(&self, database: &str) -> Command {
        let mut psql = Command::new(self.tool("psql"));
        psql.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"]).arg(self.url(database)).stdin(Stdio::null());
        psql
    }

    /// Runs a statement and returns what `psql` prints.
    #[track_caller]
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let ran = self.psql(database, sql);
        assert!(ran.status.success(), "{sql}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.stop_immediately();
        }
    }
}

fn watchdog(folder: &Path) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCHDOG]).arg(folder).current_dir("/");
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    shell.spawn().expect("a shell")
}

/// The newest server programs there are.
fn tools() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, tools)| tools.join("initdb").exists() && tools.join("psql").exists())
        .collect();
    found.sort();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|tools| tools.join("initdb").exists())
    };
    let tools = found.pop().map(|(_, tools)| tools).or_else(in_path);
    tools.expect("no PostgreSQL server here: install the package `postgresql`")
}

/// PostgreSQL refuses to run as root; then it runs as somebody else.
fn unprivileged_user() -> Option<String> {
    let id = |arguments: &[&str]| run(Command::new("id").args(arguments)).out.trim().to_owned();
    if id(&["-u"]) != "0" {
        return None;
    }
    let users = ["postgres", "nobody"].into_iter();
    Some(users.map(|user| id(&["-u", user])).find(|id| !id.is_empty()).expect("a user other than root"))
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
    command
}

#[track_caller]
fn must(command: &mut Command) {
    let ran = run(command);
    assert_eq!(ran.code, Some(0), "{command:?}: {ran:#?}");
}
