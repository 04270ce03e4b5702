//! Where a request came from: the address at the other end of the connection or, behind a proxy of one's own, the one that the
//! proxy saw.

use crate::problem::Outcome;
use crate::settings::ApiSettings;
use crate::state::Shared;
use axum::extract::FromRequestParts;
use cartwright_engine::Origin;
use http::Request;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request came from, and whether that is only a proxy of one's own whose word is not trusted: then all shoppers seem to
/// come from there, and nothing may be counted by it that one of them could use up for all.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub Origin, pub bool);

impl Peer {
    /// The place by which shoppers are told apart; `None` where a proxy hides them.
    pub(crate) fn place(self) -> Option<Origin> {
        let Peer(origin, is_hidden) = self;
        (!is_hidden).then_some(origin)
    }
}

impl From<Origin> for Peer {
    fn from(origin: Origin) -> Peer {
        Peer(origin, false)
    }
}

impl Default for Peer {
    fn default() -> Self {
        Origin::of(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).into()
    }
}

/// Notes on a request where it came from.
pub(crate) fn note_peer<B>(peer: IpAddr, settings: &ApiSettings, request: &mut Request<B>) {
    let forwarded = if settings.trust_forwarded_for { forwarded_for(request) } else { None };
    let hides = !settings.trust_forwarded_for && request.headers().contains_key(FORWARDED_FOR) && is_near(peer);
    if hides && WARNED.is_due() {
        tracing::warn!(
            "a proxy beside the server tells in X-Forwarded-For where shoppers come from, and is not trusted: limits by place \
             do not hold; start with --trust-forwarded-for if it is yours"
        );
    }
    request.extensions_mut().insert(Peer(Origin::of(forwarded.unwrap_or(peer)), hides));
}

/// Whether an address is of this machine or of a private network: where one's own proxies are.
fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Lets one line a minute through.
struct Minutely(AtomicU64);

static WARNED: Minutely = Minutely(AtomicU64::new(0));

impl Minutely {
    fn is_due(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        // The first minute counts from 1, so that a clock at zero is due too.
        self.0.swap(now + 1, Ordering::Relaxed) != now + 1
    }
}

/// The address that the nearest proxy saw: the last one of the header, since a client can send the ones before it.
fn forwarded_for<B>(request: &Request<B>) -> Option<IpAddr> {
    let header = request.headers().get_all(FORWARDED_FOR).iter().next_back()?;
    address(header.to_str().ok()?.rsplit(',').next()?)
}

/// An address as proxies write it: some with its port, those of IPv6 then in brackets, some with its zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    if let Ok(with_port) = text.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.split('%').next()?.parse().ok()
}

impl FromRequestParts<Shared> for Peer {
    type Rejection = crate::problem::Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Peer> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(headers: &[&str], trust_forwarded_for: bool) -> String {
        let mut request = Request::get("/");
        for value in headers {
            request = request.header(FORWARDED_FOR, *value);
        }
        let mut request = request.body(()).expect("a request");
        let settings = ApiSettings { trust_forwarded_for, ..ApiSettings::default() };
        note_peer(IpAddr::from([10, 0, 0, 1]), &settings, &mut request);
        let Peer(origin, _) = request.extensions().get().expect("it is noted");
        origin.network().to_string()
    }

    #[test]
    fn the_last_address_counts_however_a_proxy_writes_it_and_only_where_the_proxy_is_ones_own() {
        for (header, network) in [
            ("9.9.9.9, 192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2::3", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::3]", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::3]:4711", "2001:db8:1:2::/64"),
            ("\"[2001:db8:1:2::3]:4711\"", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::3%eth0", "2001:db8:1:2::/64"),
            ("unknown", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(noted(&[header], true), network, "{header}");
            assert_eq!(noted(&[header], false), "10.0.0.1", "{header}");
        }
        assert_eq!(noted(&["192.0.2.7", "192.0.2.8"], true), "192.0.2.8");
    }

    #[test]
    fn a_proxy_beside_the_server_that_is_not_trusted_hides_where_shoppers_come_from() {
        let place = |peer: &str, header: Option<&str>, trust_forwarded_for| {
            let mut request = Request::get("/");
            if let Some(value) = header {
                request = request.header(FORWARDED_FOR, value);
            }
            let mut request = request.body(()).expect("a request");
            let settings = ApiSettings { trust_forwarded_for, ..ApiSettings::default() };
            note_peer(peer.parse().expect("an address"), &settings, &mut request);
            let peer: &Peer = request.extensions().get().expect("it is noted");
            peer.place().map(|origin| origin.network().to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        for near in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "172.17.0.1", "fd00::1"] {
            assert_eq!(place(near, Some("192.0.2.7"), false), None, "{near}");
            assert_eq!(place(near, Some("192.0.2.7"), true), some("192.0.2.7"), "{near}");
            assert!(place(near, None, false).is_some(), "{near}");
        }
        // Whoever comes from far cannot hide.
        assert_eq!(place("198.51.100.1", Some("192.0.2.7"), false), some("198.51.100.1"));
    }
}
