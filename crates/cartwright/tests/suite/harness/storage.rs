//! Which storage the tests run on: SQLite, or with `CARTWRIGHT_TEST_STORAGE=postgres` a PostgreSQL server that is started for
//! this process, on a free port, and ends with it. Each test has a database of its own.

use super::program::run;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Tests that are about the file, by name, with the reason why they say nothing about a server.
const OF_THE_FILE: [(&str, &str); 3] = [
    (
        "a_second_server_on_the_same_database_is_turned_away_and_the_first_goes_on",
        "a second node on a server is welcome; the lock file is SQLite's",
    ),
    (
        "a_database_locked_by_another_process_answers_503_and_heals",
        "locks the whole file; a_store_whose_turn_is_held_answers_503_and_heals does the like with the store's row",
    ),
    (
        "a_full_database_answers_503_loses_nothing_and_still_reads",
        "the limit is one of the file; a server has the disk that it is given",
    ),
];

/// How the PostgreSQL server is set up.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "max_connections=300",
    "shared_buffers=64MB",
    "autovacuum_naptime=5s",
    // A standby that never comes: a test whose database asks for it finds its commits waiting.
    "synchronous_standby_names=nobody",
    "synchronous_commit=local",
];

/// Whether a test that is about the file is to be left out.
#[track_caller]
pub(crate) fn left_out(test: &str) -> bool {
    assert!(OF_THE_FILE.iter().any(|(name, _)| *name == test), "{test} is not in the list");
    on_postgres()
}

/// Whether the tests run on PostgreSQL.
pub(crate) fn on_postgres() -> bool {
    match std::env::var("CARTWRIGHT_TEST_STORAGE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("CARTWRIGHT_TEST_STORAGE is sqlite or postgres, not {other}"),
    }
}

/// How many nodes each test's server has: one, or on PostgreSQL as many as `CARTWRIGHT_TEST_NODES` says.
pub(crate) fn nodes() -> usize {
    let told = std::env::var("CARTWRIGHT_TEST_NODES").ok();
    let count = told.map_or(1, |count| count.parse().expect("CARTWRIGHT_TEST_NODES is a number"));
    assert!(count == 1 || on_postgres(), "only PostgreSQL is shared by several nodes");
    count
}

/// A database of a test's own; it ends with the value.
pub(crate) enum Database {
    File(PathBuf),
    Postgres(String),
}

impl Database {
    /// An empty database; a file lies in this folder.
    pub(crate) fn new(folder: &Path) -> Database {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        if !on_postgres() {
            return Database::File(folder.join("shop.db"));
        }
        let name = format!("shop_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {name}"));
        Database::Postgres(name)
    }

    /// As an argument of the program.
    pub(crate) fn url(&self) -> String {
        match self {
            Database::File(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(name) => PostgresServer::get().url(name),
        }
    }

    /// Runs a statement past the server, and returns how many rows it touched.
    pub(crate) fn execute(&self, sql: &str) -> usize {
        match self {
            Database::File(path) => {
                let file = rusqlite::Connection::open(path).expect("the file opens");
                file.execute(sql, []).expect("it can be written")
            }
            Database::Postgres(name) => {
                let said = PostgresServer::get().sql(name, sql);
                said.split_whitespace().next_back().and_then(|count| count.parse().ok()).expect("a count")
            }
        }
    }

    /// All that a PostgreSQL database holds, as text; of a file nothing, since it lies in the server's folder.
    pub(crate) fn dump(&self) -> Vec<u8> {
        match self {
            Database::File(_) => Vec::new(),
            Database::Postgres(name) => {
                let dump = Command::new(PostgresServer::get().tool("pg_dump")).arg(self.url()).output();
                let dump = dump.expect("pg_dump can be started");
                assert!(dump.status.success() && !dump.stdout.is_empty(), "{name}: {dump:?}");
                dump.stdout
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Database::Postgres(name) = self {
            PostgresServer::get().sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// The PostgreSQL server of this process.
pub(crate) struct PostgresServer {
    tools: PathBuf,
    port: u16,
    /// A shell that waits for our end, be it a panic or SIGKILL: then its standard input ends.
    _watchdog: Child,
}

impl PostgresServer {
    /// The server, started when first asked for.
    pub(crate) fn get() -> &'static PostgresServer {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(PostgresServer::start)
    }

    fn start() -> PostgresServer {
        let tools = tools();
        let folder = TempDir::new().expect("a folder for the server").keep();
        let user = unprivileged_user();
        if let Some(user) = &user {
            must(Command::new("chown").arg(user).arg(&folder));
        }
        let data = folder.join("data");
        let mut initdb = as_user(user.as_deref(), &tools.join("initdb"));
        initdb
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"])
            .arg(&data);
        must(initdb.current_dir(&folder));
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut postgres = as_user(user.as_deref(), &tools.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder).arg("-p").arg(port.to_string());
        for setting in SETTINGS {
            postgres.args(["-c", setting]);
        }
        let watchdog = watched(&postgres, &folder);
        let server = PostgresServer { tools, port, _watchdog: watchdog };
        let begun = Instant::now();
        while !server.psql("postgres", "SELECT 1").status.success() {
            assert!(begun.elapsed() < Duration::from_secs(30), "PostgreSQL does not start; see {}", folder.display());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The address of a database, with a password that must not turn up anywhere.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres:pa55-of-the-tests@127.0.0.1:{}/{database}", self.port)
    }

    /// A program of this server's version.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.tools.join(name)
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

/// Starts a command that is killed, and its folder removed, when this process ends, however it ends.
fn watched(command: &Command, folder: &Path) -> Child {
    let script = "folder=$0; \"$@\" >\"$folder.log\" 2>&1 </dev/null & cat; kill -QUIT $!; wait $!; rm -rf \"$folder\" \"$folder.log\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(folder).arg(command.get_program()).args(command.get_args());
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).current_dir(folder);
    // Not to be reached by the interrupt key, which ends the tests first.
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
