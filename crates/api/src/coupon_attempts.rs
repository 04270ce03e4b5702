//! How often codes may be tried: whoever guesses gets few tries per cart and, with many carts, not many more per address.
//! Operators, whose servers act for all their shoppers, are not counted.

use crate::limiter::Limiter;
use crate::rate::forwarded_for;
use crate::settings::ApiSettings;
use cartwright_domain::id::CartId;
use governor::Quota;
use http::Request;
use std::net::IpAddr;

/// Where a request came from whose tries or streams are counted.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub IpAddr);

/// Notes where a request came from, if it is one whose tries or streams are counted.
pub(crate) fn note_peer<B>(peer: IpAddr, settings: &ApiSettings, request: &mut Request<B>) {
    let path = request.uri().path();
    if path.ends_with("/coupons")
        || path.ends_with("/checkout")
        || path.ends_with("/events")
        || path.starts_with("/api/v1/account")
    {
        let forwarded = if settings.trust_forwarded_for { forwarded_for(request) } else { None };
        request.extensions_mut().insert(Peer(forwarded.unwrap_or(peer)));
    }
}

/// Counts tries.
pub(crate) struct CouponAttempts {
    carts: Limiter<CartId>,
    addresses: Limiter<IpAddr>,
}

impl CouponAttempts {
    pub(crate) fn new(settings: &ApiSettings) -> CouponAttempts {
        let (carts, addresses) = (settings.coupon_attempts_per_cart, settings.coupon_attempts_per_address);
        CouponAttempts {
            carts: Limiter::new("codes-of-cart", Quota::per_minute(carts), settings.shared_memory.clone()),
            addresses: Limiter::new("codes-from", Quota::per_minute(addresses), settings.shared_memory.clone()),
        }
    }

    /// Whether a code may be tried once more; counts the try.
    pub(crate) async fn admits(&self, cart: CartId, peer: Option<Peer>) -> bool {
        let address_may = match peer {
            Some(peer) => self.addresses.admits(&peer.0).await,
            None => true,
        };
        address_may && self.carts.admits(&cart).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;
    use uuid::Uuid;

    #[tokio::test]
    async fn tries_are_few_per_cart_and_not_many_more_with_many_carts() {
        let most = |count| NonZeroU32::new(count).expect("some");
        let settings = ApiSettings {
            coupon_attempts_per_cart: most(3),
            coupon_attempts_per_address: most(10),
            ..ApiSettings::default()
        };
        let attempts = CouponAttempts::new(&settings);
        let cart = |number| CartId(Uuid::from_u128(number));
        let (one, other) = (Some(Peer(IpAddr::from([10, 0, 0, 1]))), Some(Peer(IpAddr::from([10, 0, 0, 2]))));
        let (mut of_one_cart, mut of_many) = (0, 0);
        for number in 0..20 {
            of_one_cart += u32::from(attempts.admits(cart(1), other).await);
            of_many += u32::from(attempts.admits(cart(100 + number), one).await);
        }
        assert_eq!((of_one_cart, of_many), (3, 10));
    }
}
