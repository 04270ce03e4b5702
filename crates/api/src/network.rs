//! The network that a request came from, as the engine knows it: an IPv4 address, or the /64 of an IPv6 one, which a household or a
//! phone has as a whole. Only its hash goes further.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::IpAddr;

/// Bytes of the hash that are kept: enough that no two networks meet.
const KEPT: usize = 16;

/// The hash of an address's network, another one in each store.
pub(crate) fn hash_of(address: IpAddr, store: &str) -> String {
    let mut hash = Sha256::new_with_prefix(b"network\0");
    hash.update(store.as_bytes());
    match address.to_canonical() {
        IpAddr::V4(address) => hash.update(address.octets()),
        IpAddr::V6(address) => hash.update(&address.octets()[..8]),
    }
    hash.finalize()[..KEPT].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_have_one_hash() {
        let hash = |text: &str| hash_of(text.parse().expect("an address"), "shop");
        assert_eq!(hash("2001:db8:1:2::1"), hash("2001:db8:1:2:ffff::9"));
        assert_ne!(hash("2001:db8:1:2::1"), hash("2001:db8:1:3::1"));
        assert_eq!(hash("192.0.2.7"), hash("::ffff:192.0.2.7"));
        assert_ne!(hash("192.0.2.7"), hash("192.0.2.8"));
        assert_ne!(hash_of([192, 0, 2, 7].into(), "other"), hash("192.0.2.7"));
    }
}
