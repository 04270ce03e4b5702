//! What can go wrong with a PostgreSQL server, and what it means to the engine. No text here ever holds a password.

use cartwright_engine::StorageError;
use tokio_postgres::error::SqlState;

/// Why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be understood.
    #[error("the database's address cannot be understood: {0}")]
    Address(String),
    /// Nobody answers there, or not to us.
    #[error("cannot open {shown}: {reason}")]
    Unreachable {
        /// The address without its password.
        shown: String,
        /// Why.
        reason: String,
    },
    /// It was written by a newer version of this program.
    #[error("{shown} has schema version {found}, newer than this program's {known}; use the newer program")]
    NewerSchema {
        /// The address without its password.
        shown: String,
        /// Its version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// It lacks migrations and was opened for reading only.
    #[error("{shown} has schema version {found}, older than this program's {known}; run `cartwright migrate` first")]
    OlderSchema {
        /// The address without its password.
        shown: String,
        /// Its version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
}

/// What went wrong with a statement.
#[derive(Debug)]
pub enum Fault {
    /// The server's or the driver's word.
    Database(tokio_postgres::Error),
    /// No connection, or none within the time.
    NoConnection(String),
    /// No answer within the time; whether the statement ran is not known.
    NoAnswer,
    /// A row that cannot be read back.
    Unreadable(String),
    /// Told as it is.
    Told(StorageError),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Fault {
        Fault::Database(error)
    }
}

impl Fault {
    /// Whether the connection is of no more use, so that what was under way on it may or may not have happened.
    pub fn lost_connection(&self) -> bool {
        match self {
            Fault::NoAnswer | Fault::NoConnection(_) => true,
            Fault::Database(error) => match error.code() {
                Some(code) => {
                    let code = code.code();
                    code.starts_with("08") || ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(&code)
                }
                None => error.is_closed() || has_io_error(error),
            },
            Fault::Unreadable(_) | Fault::Told(_) => false,
        }
    }

    /// In one line, without what the statement was about.
    pub fn in_words(&self) -> String {
        match self {
            Fault::Database(error) => match error.as_db_error() {
                Some(said) => format!("{} ({})", said.message(), said.code().code()),
                None => with_causes(error),
            },
            Fault::NoConnection(reason) | Fault::Unreadable(reason) => reason.clone(),
            Fault::NoAnswer => "the database does not answer".to_owned(),
            Fault::Told(error) => error.to_string(),
        }
    }
}

/// The driver's error with what lies behind it, each told once.
fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}

fn has_io_error(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if next.is::<std::io::Error>() {
            return true;
        }
        cause = next.source();
    }
    false
}

impl From<Fault> for StorageError {
    fn from(fault: Fault) -> StorageError {
        let words = fault.in_words();
        match fault {
            Fault::Told(error) => error,
            Fault::Unreadable(_) => StorageError::Fault(words),
            Fault::NoConnection(_) | Fault::NoAnswer => StorageError::Unavailable(words),
            Fault::Database(ref error) => match error.code() {
                Some(code) => of_state(code, words),
                None if fault.lost_connection() => StorageError::Unavailable(words),
                None => StorageError::Fault(words),
            },
        }
    }
}

/// By the server's code; <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_state(code: &SqlState, words: String) -> StorageError {
    match code.code() {
        // Serialisation failure, deadlock, a row that another node made meanwhile, a turn that another node had (`SAME_TURN`).
        "40001" | "40P01" | "23505" | "22012" => StorageError::Conflict(words),
        // Waited too long for a lock; cancelled; going down or coming up; not allowed to write (a standby).
        "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25006" | "25P03" | "58030" => {
            StorageError::Unavailable(words)
        }
        // Connections; resources: disk full, out of memory, too many connections.
        state if state.starts_with("08") || state.starts_with("53") => StorageError::Unavailable(words),
        _ => StorageError::Fault(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let told = |code: &str| of_state(&SqlState::from_code(code), String::new());
        for code in ["40001", "40P01", "23505", "22012"] {
            assert!(matches!(told(code), StorageError::Conflict(_)), "{code}");
        }
        for code in ["53100", "53300", "57P01", "57014", "55P03", "25006", "08006"] {
            assert!(matches!(told(code), StorageError::Unavailable(_)), "{code}");
        }
        for code in ["42P01", "23514", "22021"] {
            assert!(matches!(told(code), StorageError::Fault(_)), "{code}");
        }
    }
}
