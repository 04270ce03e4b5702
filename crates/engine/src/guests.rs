//! Secrets of guests' carts that are asked for under an idempotency key: they follow from the key and a secret of the store, so
//! that the same request is answered with the same secret, and none is kept.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::recovery::sign;
use cartwright_domain::account::SecretHash;
use cartwright_domain::command::Idempotency;
use cartwright_domain::store::StoreConfig;
use hmac::Mac;
use std::sync::Arc;

/// Says what is signed: the secret of the store signs other things too.
const PURPOSE: &[u8] = b"cartwright guest v1\0";

impl Engine {
    /// The secret of the cart that is made under this key.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn guest_secret(&self, config: &Arc<StoreConfig>, key: &Idempotency) -> Result<[u8; 32], Failure> {
        Ok(derive(&self.link_secret(config).await?, key))
    }
}

fn derive(secret: &SecretHash, key: &Idempotency) -> [u8; 32] {
    let Idempotency { scope, key, fingerprint } = key;
    // Neither a scope nor a key has the character NUL.
    let signed = [PURPOSE, scope.as_bytes(), b"\0", key.as_bytes(), b"\0", fingerprint].concat();
    sign(secret, &signed, b"").finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_follows_from_whose_key_it_is_the_key_the_request_and_the_store() {
        let key = |scope: &str, key: &str, request: u8| Idempotency {
            scope: scope.to_owned(),
            key: key.to_owned(),
            fingerprint: [request; 32],
        };
        let one = derive(&[1; 32], &key("guests/a", "k", 7));
        assert_eq!(one, derive(&[1; 32], &key("guests/a", "k", 7)));
        for (secret, other) in [
            ([2; 32], key("guests/a", "k", 7)),
            ([1; 32], key("guests/b", "k", 7)),
            ([1; 32], key("guests/a", "l", 7)),
            ([1; 32], key("guests/a", "k", 8)),
        ] {
            assert_ne!(one, derive(&secret, &other), "{other:?}");
        }
    }
}
