//! The port to what nodes share besides the database: a memory that is quick and that may lose, delay or mix up everything at
//! any moment. So nothing is in it that may not vanish, and nothing that comes from it is believed unchecked.

use async_trait::async_trait;
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

/// No answer came in time. The caller does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared memory does not answer")]
pub struct NoAnswer;

/// How often something may happen: `burst` times at once, then once in each `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedQuota {
    /// Time after which it may happen once more.
    pub interval: Duration,
    /// How often it may happen at once.
    pub burst: u32,
}

/// What nodes share. Each method answers within milliseconds, or not at all.
#[async_trait]
pub trait SharedMemory: std::fmt::Debug + Send + Sync {
    /// What was put under a key, if it is still there.
    ///
    /// # Errors
    /// No answer in time.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, NoAnswer>;

    /// Puts a value under a key for so long, or does not: nobody learns of it.
    async fn put(&self, key: &str, value: Bytes, keep: Duration);

    /// Counts one more under a key over all nodes, if the quota admits it; whether it did.
    ///
    /// # Errors
    /// No answer in time.
    async fn admits(&self, key: &str, quota: SharedQuota) -> Result<bool, NoAnswer>;

    /// How it does.
    fn health(&self) -> &SharedHealth;
}

/// How a shared memory does.
#[derive(Debug, Default)]
pub struct SharedHealth {
    /// Questions that had no answer in time, those that were not asked because of it among them.
    pub unanswered: AtomicU64,
    /// Whether the last questions had no answer.
    pub is_down: AtomicBool,
}
