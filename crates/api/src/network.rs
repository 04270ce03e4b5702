//! The network that a request came from, as the engine knows it: only its hash goes further.

use cartwright_engine::Origin;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Bytes of the hash that are kept: enough that no two networks meet.
const KEPT: usize = 16;

/// The hash of the network that a request came from, another one in each store.
pub(crate) fn hash_of(origin: Origin, store: &str) -> String {
    hash_of_told(origin, b"", store)
}

/// The same, with what a proxy told of where the request came from before.
pub(crate) fn hash_of_told(origin: Origin, told: &[u8], store: &str) -> String {
    let mut hash = Sha256::new_with_prefix(b"network\0");
    hash.update(store.as_bytes());
    hash.update(origin.network().to_string().as_bytes());
    if !told.is_empty() {
        hash.update(b"\0");
        hash.update(told);
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
        let hash = |text: &str| hash_of(Origin::of(text.parse().expect("an address")), "shop");
        assert_eq!(hash("2001:db8:1:2::1"), hash("2001:db8:1:2:ffff::9"));
        assert_ne!(hash("2001:db8:1:2::1"), hash("2001:db8:1:3::1"));
        assert_eq!(hash("192.0.2.7"), hash("::ffff:192.0.2.7"));
        assert_ne!(hash("192.0.2.7"), hash("192.0.2.8"));
        assert_ne!(hash_of(Origin::of([192, 0, 2, 7].into()), "other"), hash("192.0.2.7"));
    }
}
