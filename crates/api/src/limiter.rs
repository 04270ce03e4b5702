//! Counting by key: by this node for itself and, where nodes share a memory, over all of them. A node's own count always holds,
//! so that a flood ends here, and so that a memory that forgets, lies or does not answer leaves each node to count for itself.
//!
//! The keys remembered are bounded: of too many those are forgotten that came once, not those that come again and again. So a
//! flood from ever new addresses neither fills the memory nor frees an account that is guessed at.

use cartwright_engine::{Origin, SharedMemory, SharedQuota};
use governor::clock::DefaultClock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use quick_cache::sync::Cache;
use std::fmt::Display;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Most keys that one limiter remembers; each takes some 200 bytes.
const MOST_KEYS: usize = 20_000;
/// How many times as much as a /64 of IPv6 a /48 may do.
const OF_SITE: NonZeroU32 = NonZeroU32::new(8).unwrap();

pub(crate) struct Limiter<K> {
    /// What is counted, in the shared memory.
    what: &'static str,
    own: Cache<K, Arc<DefaultDirectRateLimiter>>,
    clock: DefaultClock,
    quota: Quota,
    shared: Option<Arc<dyn SharedMemory>>,
}

impl<K: Clone + Display + Eq + Hash> Limiter<K> {
    pub(crate) fn new(what: &'static str, quota: Quota, shared: Option<Arc<dyn SharedMemory>>) -> Limiter<K> {
        Limiter { what, own: Cache::new(MOST_KEYS), clock: DefaultClock::default(), quota, shared }
    }

    /// Whether it may happen once more; counts it.
    pub(crate) async fn admits(&self, key: &K) -> bool {
        let of_key = match self.own.get(key) {
            Some(of_key) => of_key,
            None => self.remember(key),
        };
        if of_key.check().is_err() {
            return false;
        }
        let Some(shared) = &self.shared else { return true };
        let quota = SharedQuota { interval: self.quota.replenish_interval(), burst: self.quota.burst_size().get() };
        shared.admits(&format!("cartwright:{}:{key}", self.what), quota).await.unwrap_or(true)
    }

    /// After how long at most there is one more.
    pub(crate) fn wait(&self) -> Duration {
        self.quota.replenish_interval()
    }

    /// Two that come at the same time get one.
    fn remember(&self, key: &K) -> Arc<DefaultDirectRateLimiter> {
        let new = || {
            Ok::<_, std::convert::Infallible>(Arc::new(RateLimiter::direct_with_clock(self.quota, self.clock.clone())))
        };
        let Ok(of_key) = self.own.get_or_insert_with(key, new);
        of_key
    }
}

/// Counts by where a request comes from: by its network and, more generously, by the site that the network is part of.
pub(crate) struct OriginLimiter {
    networks: Limiter<cartwright_engine::Network>,
    sites: Limiter<cartwright_engine::Network>,
}

impl OriginLimiter {
    pub(crate) fn new(what: &'static str, quota: Quota, shared: Option<Arc<dyn SharedMemory>>) -> OriginLimiter {
        let of_site = wider(quota);
        OriginLimiter {
            networks: Limiter::new(what, quota, shared.clone()),
            sites: Limiter::new(what, of_site, shared),
        }
    }

    /// Whether it may happen once more; counts it. What its network may not does not count for the site.
    pub(crate) async fn admits(&self, origin: Origin) -> bool {
        if !self.networks.admits(&origin.network()).await {
            return false;
        }
        match origin.site() {
            Some(site) => self.sites.admits(&site).await,
            None => true,
        }
    }
}

impl OriginLimiter {
    /// After how long at most there is one more for a network.
    pub(crate) fn wait(&self) -> Duration {
        self.networks.wait()
    }
}

fn wider(quota: Quota) -> Quota {
    let burst = quota.burst_size().saturating_mul(OF_SITE);
    let interval = quota.replenish_interval() / OF_SITE.get();
    Quota::with_period(interval).unwrap_or(quota).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(burst: u32) -> Quota {
        Quota::per_hour(NonZeroU32::new(burst).expect("some"))
    }

    async fn admitted(limiter: &OriginLimiter, origins: impl Iterator<Item = String>) -> usize {
        let mut admitted = 0;
        for text in origins {
            let origin = Origin::of(text.parse().expect("an address"));
            admitted += usize::from(limiter.admits(origin).await);
        }
        admitted
    }

    #[tokio::test]
    async fn many_addresses_of_one_household_count_as_one_and_a_site_has_no_more_than_eight_times_as_much() {
        let limiter = OriginLimiter::new("tests", quota(5), None);
        assert_eq!(admitted(&limiter, (0..100).map(|n| format!("2001:db8:1:1::{n:x}"))).await, 5);
        let households = (0..1_000).map(|n| format!("2001:db8:1:{:x}::1", 2 + n));
        assert_eq!(admitted(&limiter, households).await, 35, "5 of 40 are spent");
        assert_eq!(admitted(&limiter, (0..100).map(|n| format!("2001:db8:2:1::{n:x}"))).await, 5);
        assert_eq!(admitted(&limiter, (0..9).map(|_| "::ffff:192.0.2.1".to_owned())).await, 5);
        assert_eq!(admitted(&limiter, (0..9).map(|_| "192.0.2.1".to_owned())).await, 0);
    }

    #[tokio::test]
    async fn keys_without_number_are_not_all_remembered_and_one_that_comes_again_is_not_forgotten() {
        let limiter: Limiter<u64> = Limiter::new("tests", quota(3), None);
        let mut of_one = 0;
        for key in 1..200_000 {
            limiter.admits(&key).await;
            if key % 1_000 == 0 {
                of_one += usize::from(limiter.admits(&0).await);
            }
        }
        assert!(limiter.own.len() <= MOST_KEYS, "{} keys", limiter.own.len());
        assert_eq!(of_one, 3);
    }
}
