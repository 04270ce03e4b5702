//! How many requests may come from one place. Only requests to the interface count: health and metrics are always answered. The
//! shop's own programs, which act for all their shoppers, are left out once their key was found to be good.

use crate::access::{KeyCache, bearer};
use crate::limiter::OriginLimiter;
use crate::peer::Peer;
use crate::settings::{ApiSettings, RequestRate};
use cartwright_engine::Origin;
use governor::Quota;
use http::Request;
use std::num::NonZeroU32;

/// Requests a second from one place where nobody said otherwise: several pages a second of the busiest shop.
const USUAL: NonZeroU32 = NonZeroU32::new(100).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(2).unwrap();

pub(crate) struct RateLimit {
    limiter: OriginLimiter,
    /// Whether this machine's own addresses count too. Behind a proxy beside the server, whose header is not trusted, all
    /// shoppers have them; so only where somebody set a rate on purpose.
    counts_loopback: bool,
}

impl RateLimit {
    /// `None` where there is no limit.
    pub(crate) fn new(settings: &ApiSettings) -> Option<RateLimit> {
        // The usual rate holds at each node: to ask a shared memory at each request costs more than it saves.
        let (rate, shared, counts_loopback) = match settings.request_rate {
            RequestRate::Off => return None,
            RequestRate::Usual => (USUAL, None, false),
            RequestRate::PerSecond(rate) => (rate, settings.shared_memory.clone(), true),
        };
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST));
        Some(RateLimit { limiter: OriginLimiter::new("requests", quota, shared), counts_loopback })
    }

    /// From where a request counts; `None` where it does not.
    pub(crate) fn counts<B>(&self, request: &Request<B>, keys: &KeyCache) -> Option<Origin> {
        let Peer(origin, _) = request.extensions().get().copied().unwrap_or_default();
        let is_left_out = !request.uri().path().starts_with("/api/")
            || (!self.counts_loopback && origin.is_loopback())
            || bearer(request.headers()).is_some_and(|secret| keys.has_seen(secret));
        (!is_left_out).then_some(origin)
    }

    /// Whether a request from there may go on; counts it.
    pub(crate) async fn admits(&self, origin: Origin) -> bool {
        self.limiter.admits(origin).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::note_peer;
    use std::net::IpAddr;

    fn settings(trust_forwarded_for: bool) -> ApiSettings {
        let request_rate = RequestRate::PerSecond(NonZeroU32::new(2).expect("some"));
        ApiSettings { request_rate, trust_forwarded_for, ..ApiSettings::default() }
    }

    async fn admits(settings: &ApiSettings, limit: &RateLimit, peer: IpAddr, path: &str, forwarded: &str) -> bool {
        let request = Request::get(path).header("x-forwarded-for", forwarded);
        let mut request = request.header("authorization", "Bearer sk_made-up").body(()).expect("a request");
        note_peer(peer, settings, &mut request);
        match limit.counts(&request, &KeyCache::default()) {
            Some(origin) => limit.admits(origin).await,
            None => true,
        }
    }

    #[tokio::test]
    async fn an_address_gets_a_burst_and_then_waits_while_others_go_on() {
        let settings = settings(false);
        let limit = RateLimit::new(&settings).expect("a limit");
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut admitted = 0;
        for _ in 0..2_000 {
            admitted += usize::from(admits(&settings, &limit, one, "/api/v1/products", "1.1.1.1").await);
        }
        // Four at once, and two more for each second that this takes.
        assert!((4..1_000).contains(&admitted), "{admitted}");
        assert!(admits(&settings, &limit, other, "/api/v1/products", "1.1.1.1").await);
        assert!(admits(&settings, &limit, one, "/healthz", "1.1.1.1").await);
    }

    #[tokio::test]
    async fn behind_a_proxy_the_last_address_counts_and_cannot_be_made_up() {
        let settings = settings(true);
        let limit = RateLimit::new(&settings).expect("a limit");
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let mut admitted = 0;
        for n in 0..2_000 {
            let made_up = format!("9.9.{}.{}, 1.1.1.1", n / 250, n % 250);
            admitted += usize::from(admits(&settings, &limit, proxy, "/api/v1/carts", &made_up).await);
        }
        // Four at once, and two more for each second that this takes.
        assert!((4..1_000).contains(&admitted), "{admitted}");
        assert!(admits(&settings, &limit, proxy, "/api/v1/carts", "1.1.1.1, 2.2.2.2").await);
    }

    #[tokio::test]
    async fn there_is_a_limit_unless_it_is_off_and_the_usual_one_leaves_this_machine_out() {
        let usual = ApiSettings::default();
        let limit = RateLimit::new(&usual).expect("a limit");
        let (mut of_one, mut of_loopback) = (0, 0);
        for _ in 0..2_000 {
            of_one += u32::from(admits(&usual, &limit, [10, 0, 0, 1].into(), "/api/v1/carts", "").await);
            of_loopback += u32::from(admits(&usual, &limit, [127, 0, 0, 1].into(), "/api/v1/carts", "").await);
        }
        assert!((200..2_000).contains(&of_one), "{of_one}");
        assert_eq!(of_loopback, 2_000);
        assert!(RateLimit::new(&ApiSettings { request_rate: RequestRate::Off, ..usual }).is_none());
    }
}
