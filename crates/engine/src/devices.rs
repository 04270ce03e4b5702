//! Devices that somebody has logged in from. At a log-in a device gets a token, signed by the store; whoever shows it at the next
//! one is no stranger, so strangers who guess at the account cannot keep its owner out. It opens nothing: the password is asked
//! for all the same. Nothing of it is stored (OWASP: "device cookies"; `docs/decisions/0025-known-devices.md`).

use crate::engine::Engine;
use crate::failure::Failure;
use crate::recovery::{random, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cartwright_domain::account::{SecretHash, plain_email};
use cartwright_domain::id::Timestamp;
use cartwright_domain::store::StoreConfig;
use hmac::Mac;
use std::sync::Arc;

/// How long a device is known: 180 days after the last log-in.
pub const DEVICE_MS: i64 = 180 * 24 * 60 * 60 * 1000;
/// Says what is signed: the secret of the store signs other things too.
const PURPOSE: &[u8] = b"cartwright device v1\0";
/// Bytes that tell one device from another.
const NUMBER: usize = 8;
/// Bytes of the number and the end.
const SIGNED: usize = NUMBER + 8;

/// A device whose token was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device(pub [u8; NUMBER]);

impl Engine {
    /// A new token of a device from which somebody has just proved to be the owner of this address.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn new_device(&self, config: &Arc<StoreConfig>, email: &str) -> Result<String, Failure> {
        let secret = self.link_secret(config).await?;
        Ok(write(random()?, self.now().plus_ms(DEVICE_MS), &plain_email(email), &secret))
    }

    /// The device, if its token was made for this address and has not ended.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn known_device(
        &self,
        config: &Arc<StoreConfig>,
        email: &str,
        token: &str,
    ) -> Result<Option<Device>, Failure> {
        let secret = self.link_secret(config).await?;
        Ok(read(token, &plain_email(email), &secret, self.now()))
    }
}

fn write(number: [u8; NUMBER], ends: Timestamp, email: &str, secret: &SecretHash) -> String {
    let mut bytes = number.to_vec();
    bytes.extend(ends.0.to_be_bytes());
    let signature = sign(secret, &signed(&bytes, email), b"").finalize().into_bytes();
    bytes.extend(signature);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(token: &str, email: &str, secret: &SecretHash, now: Timestamp) -> Option<Device> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (told, signature) = bytes.split_at_checked(SIGNED)?;
    sign(secret, &signed(told, email), b"").verify_slice(signature).ok()?;
    let (number, ends) = told.split_at_checked(NUMBER)?;
    let ends = Timestamp(i64::from_be_bytes(ends.try_into().ok()?));
    (now < ends).then_some(Device(number.try_into().ok()?))
}

/// What is signed. The address comes last: what stands before it is always as long.
fn signed(told: &[u8], email: &str) -> Vec<u8> {
    [PURPOSE, told, email.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_for_its_address_alone_until_it_ends_and_cannot_be_made_up() {
        let (secret, ends) = ([1; 32], Timestamp(1_000));
        let token = write([7; 8], ends, "ada@example.com", &secret);
        let known = |token: &str, email: &str, secret, now| read(token, email, &secret, Timestamp(now));
        assert_eq!(known(&token, "ada@example.com", secret, 999), Some(Device([7; 8])));
        assert_eq!(known(&token, "ada@example.com", secret, 1_000), None);
        assert_eq!(known(&token, "eve@example.com", secret, 999), None);
        assert_eq!(known(&token, "ada@example.com", [2; 32], 999), None);
        let bytes = URL_SAFE_NO_PAD.decode(&token).expect("base64");
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(known(&URL_SAFE_NO_PAD.encode(&changed), "ada@example.com", secret, 999), None, "byte {place}");
            let short = URL_SAFE_NO_PAD.encode(&bytes[..place]);
            assert_eq!(known(&short, "ada@example.com", secret, 999), None, "{place} bytes");
        }
    }
}
