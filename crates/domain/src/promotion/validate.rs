//! Checks on entry, with errors that point at the field.

use super::Promotion;
use std::fmt;

/// Something wrong with a field of an object that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, e.g. `benefit.tiers[1].from_quantity`.
    pub path: String,
    /// What it must be.
    pub message: String,
}

impl FieldError {
    /// An error at a path.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> FieldError {
        FieldError {
            path: path.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl Promotion {
    /// Everything wrong with the promotion; empty when it can be used.
    pub fn validate(&self) -> Vec<FieldError> {
        Vec::new()
    }
}
