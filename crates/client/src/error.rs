//! What can go wrong with a request, sorted by what the caller can do about it.

use cartwright_wire::Problem;
use std::error::Error as _;

/// A request that did not bring what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server understood and refused. `code` says why in a stable word, `remedy` what to do next.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// No answer: the server cannot be reached, or did not answer in time. The request may or may not have been
    /// carried out.
    #[error("{0}")]
    Transport(String),
    /// An answer that is none of this interface: another program listens there, or a version that does not fit.
    #[error("the answer (status {status}) is not one of Cartwright's: {detail}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What was wrong with it.
        detail: String,
    },
    /// The client was set up with something that cannot be sent (a malformed address, a key with a line break).
    #[error("{0}")]
    Invalid(String),
}

impl Error {
    /// The problem, where the server refused.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The stable code of the problem, where the server refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    pub(crate) fn of_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let next = inner.to_string();
            if !text.contains(&next) {
                text = format!("{text}: {next}");
            }
            source = inner.source();
        }
        Self::Transport(text)
    }
}
