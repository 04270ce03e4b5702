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

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request came from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub Origin);

impl Default for Peer {
    fn default() -> Self {
        Peer(Origin::of(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

/// Notes on a request where it came from.
pub(crate) fn note_peer<B>(peer: IpAddr, settings: &ApiSettings, request: &mut Request<B>) {
    let forwarded = if settings.trust_forwarded_for { forwarded_for(request) } else { None };
    request.extensions_mut().insert(Peer(Origin::of(forwarded.unwrap_or(peer))));
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
        let Peer(origin) = request.extensions().get().expect("it is noted");
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
}
