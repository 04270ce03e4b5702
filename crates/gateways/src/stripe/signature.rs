//! The signature of a webhook: HMAC-SHA256 over `{t}.{body}`, as `Stripe-Signature: t=…,v1=…`, with several `v1` while the
//! secret is being changed. Source: docs.stripe.com/webhooks, "verify manually".

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far a signature's time may lie from ours: an old one may be somebody's recording.
const TOLERANCE_SECONDS: i64 = 300;

/// Checks the header against the body as it came over the wire. The comparison takes the same time for every wrong signature.
pub(super) fn check(secret: &str, header: &str, body: &[u8], now_ms: i64) -> Result<(), &'static str> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let stamp = parts().find(|(name, _)| *name == "t").map(|(_, value)| value);
    let seconds: i64 = stamp.and_then(|stamp| stamp.parse().ok()).ok_or("Stripe-Signature has no time.")?;
    let stamp = stamp.unwrap_or_default();
    let signed_by_us = |given: &str| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(stamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        from_hex(given).is_some_and(|given| mac.verify_slice(&given).is_ok())
    };
    if !parts().any(|(name, value)| name == "v1" && signed_by_us(value)) {
        return Err("Stripe-Signature does not fit the body.");
    }
    if seconds.abs_diff(now_ms.div_euclid(1000)) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err("Stripe-Signature is too old.");
    }
    Ok(())
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test";
    const NOW: i64 = 1_700_000_000_000;

    fn sign(secret: &str, seconds: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key does");
        mac.update(format!("{seconds}.{body}").as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn one_of_several_signatures_is_enough_while_the_secret_changes() {
        let (old, new) = (sign("whsec_old", 1_700_000_000, "{}"), sign(SECRET, 1_700_000_000, "{}"));
        assert_eq!(check(SECRET, &format!("t=1700000000,v1={old},v1={new},v0=00"), b"{}", NOW), Ok(()));
        assert!(check(SECRET, &format!("t=1700000000,v1={old}"), b"{}", NOW).is_err());
        assert!(check(SECRET, &format!("t=1700000000,v0={new}"), b"{}", NOW).is_err());
    }

    #[test]
    fn a_signature_counts_for_its_body_and_for_five_minutes() {
        let header = format!("t=1700000000,v1={}", sign(SECRET, 1_700_000_000, "{}"));
        assert_eq!(check(SECRET, &header, b"{}", NOW + 300_000), Ok(()));
        assert!(check(SECRET, &header, b"{}", NOW + 301_000).is_err());
        assert!(check(SECRET, &header, b"{} ", NOW).is_err());
        assert!(check(SECRET, &header.replace("t=1700000000", "t=1700000001"), b"{}", NOW).is_err());
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for header in ["", "t=", "t=x,v1=00", "v1=00", "t=1700000000", "t=1700000000,v1=zz", "t=1700000000,v1=é"] {
            assert!(check(SECRET, header, b"{}", NOW).is_err(), "{header}");
        }
    }
}
