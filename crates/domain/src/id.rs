//! Identities and instants. Both are handed into the domain: ids come from an [`IdSource`] that the engine seeds, time
//! from the engine's clock, so that a decision is a pure function of its input.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A store (shop). The first part of every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoreId(pub i64);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )*};
}

ids! {
    /// A product: what the shop presents; its variants are what it sells.
    ProductId
    /// A variant: what is sold, has a SKU, a price and stock.
    VariantId
    /// A cart.
    CartId
    /// A line of a cart; it keeps its id as a line of the order.
    LineId
    /// A promotion.
    PromotionId
    /// An order.
    OrderId
    /// An event.
    EventId
    /// A receiver of events.
    WebhookId
    /// A person's account.
    AccountId
    /// A mail.
    MailId
    /// An entry of the log of what operators did.
    AuditId
    /// The erasing of a person.
    ErasureId
    /// One attempt to pay for an order; also the gateway's idempotency key.
    AttemptId
    /// One refund of an order.
    RefundId
    /// Goods of an order that were sent together.
    FulfilmentId
}

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This instant moved by `ms` milliseconds.
    pub fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }
}

/// The least id that can be made at this instant: 48 bits of a version-7 UUID are its time.
pub fn first_id_at(at: Timestamp) -> Uuid {
    let ms = at.0.clamp(0, (1 << 48) - 1);
    Uuid::from_u128((ms as u128) << 80)
}

impl PromotionId {
    /// When it was made: 48 bits of a version-7 UUID are its time. Long ago for ids of other kinds.
    pub fn made_at(&self) -> Timestamp {
        if self.0.get_version_num() == 7 { Timestamp((self.0.as_u128() >> 80) as i64) } else { Timestamp(i64::MIN) }
    }
}

impl MailId {
    /// The least id that a mail of this instant can have.
    pub fn first_at(at: Timestamp) -> MailId {
        MailId(first_id_at(at))
    }
}

/// A deterministic source of version-7 UUIDs: time in the upper bits, so that rows made together lie together, and a
/// stream of bits from the seed below. The same time and seed give the same ids.
#[derive(Clone, Debug)]
pub struct IdSource {
    now: Timestamp,
    state: u64,
}

impl IdSource {
    /// A source for one command; `seed` must differ from command to command (the engine draws it at random).
    pub fn new(now: Timestamp, seed: u64) -> IdSource {
        // Mixed, because the seeds of neighbouring commands may be one increment apart: unmixed, their ids would overlap.
        IdSource { now, state: mix(seed) }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// The next id. Its form follows RFC 9562, section 5.7.
    pub fn next_id(&mut self) -> Uuid {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.bits().to_be_bytes());
        random[8..].copy_from_slice(&self.bits().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(self.now.0.max(0) as u64, &random).into_uuid()
    }
}

/// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_of_an_instant_lie_between_its_first_id_and_that_of_the_next() {
        let at = Timestamp(1_700_000_000_123);
        for seed in 0..100 {
            let id = IdSource::new(at, seed).next_id();
            assert!(first_id_at(at) < id && id < first_id_at(at.plus_ms(1)), "{id}");
        }
        assert!(first_id_at(Timestamp(i64::MIN)) < first_id_at(Timestamp(i64::MAX)));
    }

    #[test]
    fn sources_of_neighbouring_commands_never_make_the_same_id() {
        let now = Timestamp(1_700_000_000_000);
        for step in [1, 0x9E37_79B9_7F4A_7C15_u64, 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2)] {
            let mut seen = HashSet::new();
            for command in 0..500_u64 {
                let mut ids = IdSource::new(now, command.wrapping_mul(step));
                assert!((0..20).all(|_| seen.insert(ids.next_id())), "seeds {step} apart");
            }
        }
    }
}
