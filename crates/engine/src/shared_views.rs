//! Answers about large carts, shared among nodes: what one node has priced and written, another need not price again. An answer
//! is shown only where it was made of the very same cart, goods, customer and configuration as the database has now: all of
//! them go into a stamp, and the value is sealed with it. So the memory may lose, delay, mix up or falsify what it likes by
//! accident: a value that is older, another cart's or garbage does not fit its seal.

use crate::cache::{CartView, LineView};
use crate::shared_memory::SharedMemory;
use bytes::{BufMut, Bytes, BytesMut};
use cartwright_domain::cart::Cart;
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::quoting::CustomerFacts;
use cartwright_domain::store::StoreConfig;
use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Days for which answers about guests' and customers' carts are kept at most.
const DAYS: (u64, u64) = (30, 1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Layout of a sealed answer; nodes of another one do not understand each other, and need not.
const LAYOUT: &str = concat!("2 ", env!("CARGO_PKG_VERSION"));
/// Bytes of the seal, of two times and of the tag's length.
const HEAD: usize = 32 + 8 + 8 + 1;

/// A cart's answer as it was written once, in the store's own locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartAnswer {
    /// Its tag.
    pub tag: String,
    /// Its body.
    pub body: Bytes,
    made_at: Timestamp,
    fresh_until: Timestamp,
}

/// What an answer was made of, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([u8; 32]);

/// How often answers were found.
#[derive(Debug, Default)]
pub struct SharedViewMetrics {
    /// Found, and shown.
    pub hits: AtomicU64,
    /// Not there.
    pub misses: AtomicU64,
    /// There, but made of something else than is true now, or broken.
    pub outdated: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct SharedViews {
    pub memory: Arc<dyn SharedMemory>,
    pub metrics: SharedViewMetrics,
}

impl SharedViews {
    pub(crate) fn new(memory: Arc<dyn SharedMemory>) -> SharedViews {
        SharedViews { memory, metrics: SharedViewMetrics::default() }
    }

    /// The answer that was made of what the stamp says, if some node has shared it.
    pub(crate) async fn get(&self, store: StoreId, cart: &Cart, stamp: &Stamp, now: Timestamp) -> Option<CartAnswer> {
        let found = self.memory.get(&key(store, cart)).await.ok()?;
        let answer = found.as_ref().and_then(|sealed| CartAnswer::opened(sealed, stamp, now));
        let counter = match (&found, &answer) {
            (_, Some(_)) => &self.metrics.hits,
            (Some(_), None) => &self.metrics.outdated,
            (None, None) => &self.metrics.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// Shares an answer, without waiting for it.
    pub(crate) fn put(&self, view: &CartView, tag: String, body: Bytes) {
        let stamp = stamp(&view.config, &view.cart, view.goods().map(Option::as_ref), &view.customer);
        let answer = CartAnswer { tag, body, made_at: view.made_at, fresh_until: view.fresh_until };
        let key = key(view.config.store.id, &view.cart);
        let fresh_ms = u64::try_from(view.fresh_until.0 - view.made_at.0).unwrap_or(0);
        let days = if view.cart.customer.is_none() { DAYS.0 } else { DAYS.1 };
        let keep = Duration::from_millis(fresh_ms).min(DAY * days as u32);
        if keep.is_zero() {
            return;
        }
        let memory = self.memory.clone();
        tokio::spawn(async move { memory.put(&key, answer.sealed(&stamp), keep).await });
    }
}

fn key(store: StoreId, cart: &Cart) -> String {
    format!("cartwright:cart:{}:{}", store.0, cart.id)
}

/// The stamp of all that an answer about a cart is made of, but for the time.
pub(crate) fn stamp<'a>(
    config: &StoreConfig,
    cart: &Cart,
    goods: impl Iterator<Item = Option<&'a LineView>>,
    customer: &CustomerFacts,
) -> Stamp {
    let mut all = Hashed(Sha256::new());
    LAYOUT.hash(&mut all);
    (config.store.id.0, config.store.version).hash(&mut all);
    // The time beside the version: a database that was put back counts the same versions again.
    (cart.id, cart.version, cart.updated_at).hash(&mut all);
    customer.hash(&mut all);
    for line in goods {
        line.map(|line| (&line.variant, line.stock)).hash(&mut all);
    }
    Stamp(all.0.finalize().into())
}

/// SHA-256 over what `Hash` writes: lengths and marks between the parts are its affair.
struct Hashed(Sha256);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

impl CartAnswer {
    /// Whether it may be shown at this time: no boundary has passed since it was made.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.made_at <= now && now < self.fresh_until
    }

    fn sealed(&self, stamp: &Stamp) -> Bytes {
        let mut sealed = BytesMut::with_capacity(HEAD + self.tag.len() + self.body.len());
        sealed.put_bytes(0, 32);
        sealed.put_i64(self.made_at.0);
        sealed.put_i64(self.fresh_until.0);
        sealed.put_u8(self.tag.len() as u8);
        sealed.put_slice(self.tag.as_bytes());
        sealed.put_slice(&self.body);
        let seal = seal(stamp, &sealed[32..]);
        sealed[..32].copy_from_slice(&seal);
        sealed.freeze()
    }

    fn opened(sealed: &Bytes, stamp: &Stamp, now: Timestamp) -> Option<CartAnswer> {
        if sealed.len() < HEAD || sealed[..32] != seal(stamp, &sealed[32..]) {
            return None;
        }
        let number = |from: usize| Some(Timestamp(i64::from_be_bytes(sealed[from..from + 8].try_into().ok()?)));
        let body = HEAD + usize::from(sealed[HEAD - 1]);
        let tag = std::str::from_utf8(sealed.get(HEAD..body)?).ok()?.to_owned();
        let answer = CartAnswer { tag, body: sealed.slice(body..), made_at: number(32)?, fresh_until: number(40)? };
        answer.is_fresh(now).then_some(answer)
    }
}

fn seal(stamp: &Stamp, rest: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(stamp.0).chain_update(rest).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(5_000);

    fn answer() -> CartAnswer {
        let body = Bytes::from_static(br#"{"id": 1}"#);
        CartAnswer { tag: "\"3-ab\"".to_owned(), body, made_at: Timestamp(4_000), fresh_until: Timestamp(6_000) }
    }

    #[test]
    fn an_answer_is_shown_for_its_own_stamp_and_its_own_time_alone() {
        let stamp = Stamp([7; 32]);
        let sealed = answer().sealed(&stamp);
        assert_eq!(CartAnswer::opened(&sealed, &stamp, NOW), Some(answer()));
        assert_eq!(CartAnswer::opened(&sealed, &Stamp([8; 32]), NOW), None);
        assert_eq!(CartAnswer::opened(&sealed, &stamp, Timestamp(6_000)), None);
        assert_eq!(CartAnswer::opened(&sealed, &stamp, Timestamp(3_999)), None);
    }

    #[test]
    fn whatever_byte_is_changed_or_missing_the_seal_is_broken() {
        let stamp = Stamp([7; 32]);
        let sealed = answer().sealed(&stamp);
        for at in 0..sealed.len() {
            let mut changed = sealed.to_vec();
            changed[at] ^= 1;
            assert_eq!(CartAnswer::opened(&Bytes::from(changed), &stamp, NOW), None, "byte {at}");
            assert_eq!(CartAnswer::opened(&sealed.slice(..at), &stamp, NOW), None, "cut at {at}");
        }
    }
}
