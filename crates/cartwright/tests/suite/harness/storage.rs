//! Which storage the tests run on: SQLite, or with `CARTWRIGHT_TEST_STORAGE=postgres` a PostgreSQL server that is started for
//! this process, on a free port, and ends with it. Each test has a database of its own.

use super::postgres::PostgresServer;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// Where this address says; whoever made it ends it.
    Elsewhere(String),
}

impl Database {
    /// An empty database; a file lies in this folder.
    pub(crate) fn new(folder: &Path) -> Database {
        if on_postgres() { Database::on_server() } else { Database::File(folder.join("shop.db")) }
    }

    /// An empty database on the PostgreSQL server of this process, whatever the other tests run on.
    pub(crate) fn on_server() -> Database {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("shop_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {name}"));
        Database::Postgres(name)
    }

    /// As an argument of the program.
    pub(crate) fn url(&self) -> String {
        match self {
            Database::File(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(name) => PostgresServer::get().url(name),
            Database::Elsewhere(url) => url.clone(),
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
            Database::Elsewhere(url) => panic!("{url} is for its own server to change"),
        }
    }

    /// All that a PostgreSQL database holds, as text; of a file nothing, since it lies in the server's folder.
    pub(crate) fn dump(&self) -> Vec<u8> {
        match self {
            Database::File(_) | Database::Elsewhere(_) => Vec::new(),
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
