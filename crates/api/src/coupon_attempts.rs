//! How often codes may be tried: whoever guesses gets few tries per cart and, with many carts, not many more per address.
//! Operators, whose servers act for all their shoppers, are not counted.

use crate::rate::forwarded_for;
use crate::settings::ApiSettings;
use cartwright_domain::id::CartId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::Request;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// Carts and addresses remembered before those that have been quiet are forgotten.
const FORGET_FROM: usize = 10_000;

/// Where a request to apply a code came from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub IpAddr);

/// Notes where a request came from, if it is one to apply a code.
pub(crate) fn note_peer<B>(peer: IpAddr, settings: &ApiSettings, request: &mut Request<B>) {
    if request.uri().path().ends_with("/coupons") {
        let forwarded = if settings.trust_forwarded_for { forwarded_for(request) } else { None };
        request.extensions_mut().insert(Peer(forwarded.unwrap_or(peer)));
    }
}

/// Counts tries.
pub(crate) struct CouponAttempts {
    carts: DefaultKeyedRateLimiter<CartId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl CouponAttempts {
    pub(crate) fn new(settings: &ApiSettings) -> CouponAttempts {
        let quota = |tries: NonZeroU32| Quota::per_minute(tries);
        CouponAttempts {
            carts: RateLimiter::keyed(quota(settings.coupon_attempts_per_cart)),
            addresses: RateLimiter::keyed(quota(settings.coupon_attempts_per_address)),
        }
    }

    /// Whether a code may be tried once more; counts the try.
    pub(crate) fn admits(&self, cart: CartId, peer: Option<Peer>) -> bool {
        if self.carts.len() > FORGET_FROM {
            self.carts.retain_recent();
        }
        if self.addresses.len() > FORGET_FROM {
            self.addresses.retain_recent();
        }
        peer.is_none_or(|peer| self.addresses.check_key(&peer.0).is_ok()) && self.carts.check_key(&cart).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn tries_are_few_per_cart_and_not_many_more_with_many_carts() {
        let most = |count| NonZeroU32::new(count).expect("some");
        let settings = ApiSettings {
            coupon_attempts_per_cart: most(3),
            coupon_attempts_per_address: most(10),
            ..ApiSettings::default()
        };
        let attempts = CouponAttempts::new(&settings);
        let cart = |number| CartId(Uuid::from_u128(number));
        let (one, other) = (Some(Peer(IpAddr::from([10, 0, 0, 1]))), Some(Peer(IpAddr::from([10, 0, 0, 2]))));
        assert_eq!((0..20).filter(|_| attempts.admits(cart(1), other)).count(), 3);
        assert_eq!((0..20).filter(|number| attempts.admits(cart(100 + number), one)).count(), 10);
    }
}
