//! How many requests one address may make. Only requests to the interface count: health and metrics are always answered.

use crate::limiter::Limiter;
use crate::settings::ApiSettings;
use governor::Quota;
use http::Request;
use std::net::IpAddr;
use std::num::NonZeroU32;

pub(crate) struct RateLimit {
    limiter: Limiter<IpAddr>,
    trust_forwarded_for: bool,
}

impl RateLimit {
    /// `None` where there is no limit.
    pub(crate) fn new(settings: &ApiSettings) -> Option<RateLimit> {
        let rate = settings.rate_limit_per_second?;
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(1)));
        let limiter = Limiter::new("requests", quota, settings.shared_memory.clone());
        Some(RateLimit { limiter, trust_forwarded_for: settings.trust_forwarded_for })
    }

    /// Whether this request may go on; counts it.
    pub(crate) async fn admits<B>(&self, peer: IpAddr, request: &Request<B>) -> bool {
        if !request.uri().path().starts_with("/api/") {
            return true;
        }
        let forwarded = if self.trust_forwarded_for { forwarded_for(request) } else { None };
        self.limiter.admits(&forwarded.unwrap_or(peer)).await
    }
}

/// The address that the nearest proxy saw: the last one of the header, since a client can send the ones before it.
pub(crate) fn forwarded_for<B>(request: &Request<B>) -> Option<IpAddr> {
    let header = request.headers().get_all("x-forwarded-for").iter().next_back()?;
    header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, forwarded: &str) -> Request<()> {
        Request::get(path).header("x-forwarded-for", forwarded).body(()).expect("a request")
    }

    fn limit(trust_forwarded_for: bool) -> RateLimit {
        let rate_limit_per_second = NonZeroU32::new(2);
        RateLimit::new(&ApiSettings { rate_limit_per_second, trust_forwarded_for, ..ApiSettings::default() })
            .expect("a limit")
    }

    async fn admitted(limit: &RateLimit, peer: IpAddr, requests: impl Iterator<Item = Request<()>>) -> usize {
        let mut admitted = 0;
        for request in requests {
            admitted += usize::from(limit.admits(peer, &request).await);
        }
        admitted
    }

    #[tokio::test]
    async fn an_address_gets_a_burst_and_then_waits_while_others_go_on() {
        let limit = limit(false);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let asked = || request("/api/v1/products", "1.1.1.1");
        assert_eq!(admitted(&limit, one, (0..20).map(|_| asked())).await, 4);
        assert!(limit.admits(other, &asked()).await);
        assert!(limit.admits(one, &request("/healthz", "1.1.1.1")).await);
    }

    #[tokio::test]
    async fn behind_a_proxy_the_last_address_counts_and_cannot_be_made_up() {
        let limit = limit(true);
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let made_up = (0..20).map(|n| request("/api/v1/carts", &format!("9.9.9.{n}, 1.1.1.1")));
        assert_eq!(admitted(&limit, proxy, made_up).await, 4);
        assert!(limit.admits(proxy, &request("/api/v1/carts", "1.1.1.1, 2.2.2.2")).await);
    }
}
