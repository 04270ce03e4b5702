//! Why a request to the engine has no answer.

use cartwright_domain::refusal::Refusal;

/// Why a request to the engine has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The rules say no; nothing changed.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// More work waits than is taken on; try again shortly. Nothing changed.
    #[error("the engine is busy")]
    Busy,
    /// The engine is shutting down. Nothing changed.
    #[error("the engine is stopping")]
    Stopping,
    /// The storage cannot write just now (locked, full); nothing changed.
    #[error("the storage is unavailable: {0}")]
    Unavailable(String),
    /// The storage became unavailable in the middle; whether anything changed is not known.
    #[error("the storage is unavailable, and what became of it is not known: {0}")]
    Uncertain(String),
    /// A fault of ours. Nothing changed.
    #[error("internal fault: {0}")]
    Fault(String),
}

impl Failure {
    /// The same, met by a later part of a request whose first part is done.
    pub(crate) fn after_a_change(self) -> Failure {
        match self {
            Failure::Unavailable(reason) => Failure::Uncertain(reason),
            other => other,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<crate::StorageError> for Failure {
    fn from(error: crate::StorageError) -> Failure {
        match error {
            crate::StorageError::Unavailable(reason) => Failure::Unavailable(reason),
            crate::StorageError::Uncertain(reason) => Failure::Uncertain(reason),
            crate::StorageError::Fault(reason) => Failure::Fault(reason),
            met @ (crate::StorageError::StaleConfig | crate::StorageError::Conflict(_)) => {
                Failure::Unavailable(met.to_string())
            }
        }
    }
}
