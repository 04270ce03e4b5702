//! How often codes may be tried: whoever guesses gets few tries per cart and, with many carts, not many more per place.
//! Operators, whose servers act for all their shoppers, are not counted.
//!
//! Whether a secret opens the cart is not known yet when its tries are counted, so they are counted by cart and secret: whoever
//! comes with a wrong one spends nothing of the owner's.

use crate::limiter::{Limiter, OriginLimiter};
use crate::peer::Peer;
use crate::settings::ApiSettings;
use cartwright_domain::command::Access;
use cartwright_domain::id::CartId;
use governor::Quota;
use sha2::{Digest, Sha256};
use std::fmt;

/// Counts tries.
pub(crate) struct CouponAttempts {
    carts: Limiter<Opened>,
    origins: OriginLimiter,
}

/// A cart, and what is to open it; of the latter a part of its hash.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Opened(CartId, u64);

impl Opened {
    fn new(cart: CartId, access: &Access) -> Opened {
        let hash = match access {
            Access::Token(hash) => Sha256::digest(hash),
            Access::Customer(name) => Sha256::digest(name),
            Access::Operator => Sha256::digest([]),
        };
        Opened(cart, hash.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{:x}", self.0, self.1)
    }
}

impl CouponAttempts {
    pub(crate) fn new(settings: &ApiSettings) -> CouponAttempts {
        let (carts, addresses) = (settings.coupon_attempts_per_cart, settings.coupon_attempts_per_address);
        let shared = settings.shared_memory.clone();
        CouponAttempts {
            carts: Limiter::new("codes-of-cart", Quota::per_minute(carts), shared.clone()),
            origins: OriginLimiter::new("codes-from", Quota::per_minute(addresses), shared),
        }
    }

    /// Whether a code may be tried once more; counts the try.
    pub(crate) async fn admits(&self, cart: CartId, access: &Access, peer: Peer) -> bool {
        let from_there = match peer.place() {
            Some(origin) => self.origins.admits(origin).await,
            None => true,
        };
        from_there && self.carts.admits(&Opened::new(cart, access)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_engine::Origin;
    use std::num::NonZeroU32;
    use uuid::Uuid;

    fn attempts() -> CouponAttempts {
        let most = |count| NonZeroU32::new(count).expect("some");
        let settings = ApiSettings {
            coupon_attempts_per_cart: most(3),
            coupon_attempts_per_address: most(10),
            ..ApiSettings::default()
        };
        CouponAttempts::new(&settings)
    }

    fn cart(number: u128) -> CartId {
        CartId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn tries_are_few_per_cart_and_not_many_more_with_many_carts() {
        let attempts = attempts();
        let peer = |last| Peer::from(Origin::of([10, 0, 0, last].into()));
        let (one, other) = (peer(1), peer(2));
        let (mut of_one_cart, mut of_many) = (0, 0);
        for number in 0..20 {
            let access = Access::Token([1; 32]);
            of_one_cart += u32::from(attempts.admits(cart(1), &access, other).await);
            of_many += u32::from(attempts.admits(cart(100 + number), &access, one).await);
        }
        assert_eq!((of_one_cart, of_many), (3, 10));
    }

    #[tokio::test]
    async fn a_wrong_secret_spends_nothing_of_the_owners() {
        let attempts = attempts();
        let peer = |last| Peer::from(Origin::of([10, 0, 0, last].into()));
        for guess in 0..20 {
            attempts.admits(cart(1), &Access::Token([guess; 32]), peer(guess)).await;
            attempts.admits(cart(1), &Access::Customer(format!("eve {guess}")), peer(guess)).await;
        }
        assert!(attempts.admits(cart(1), &Access::Token([99; 32]), peer(99)).await);
    }
}
