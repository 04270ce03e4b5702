//! Counting by key: by this node for itself and, where nodes share a memory, over all of them. A node's own count always holds,
//! so that a flood ends here, and so that a memory that forgets, lies or does not answer leaves each node to count for itself.

use cartwright_engine::{SharedMemory, SharedQuota};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

/// Keys remembered before those that have been quiet are forgotten.
const FORGET_FROM: usize = 10_000;

pub(crate) struct Limiter<K: Clone + Eq + Hash> {
    /// What is counted, in the shared memory.
    what: &'static str,
    own: DefaultKeyedRateLimiter<K>,
    quota: SharedQuota,
    shared: Option<Arc<dyn SharedMemory>>,
}

impl<K: Clone + Display + Eq + Hash> Limiter<K> {
    pub(crate) fn new(what: &'static str, quota: Quota, shared: Option<Arc<dyn SharedMemory>>) -> Limiter<K> {
        let own = RateLimiter::keyed(quota);
        let quota = SharedQuota { interval: quota.replenish_interval(), burst: quota.burst_size().get() };
        Limiter { what, own, quota, shared }
    }

    /// Whether it may happen once more; counts it.
    pub(crate) async fn admits(&self, key: &K) -> bool {
        if self.own.len() > FORGET_FROM {
            self.own.retain_recent();
        }
        if self.own.check_key(key).is_err() {
            return false;
        }
        let Some(shared) = &self.shared else { return true };
        shared.admits(&format!("cartwright:{}:{key}", self.what), self.quota).await.unwrap_or(true)
    }
}
