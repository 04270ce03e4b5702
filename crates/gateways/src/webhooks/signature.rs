//! The signature of Standard Webhooks: HMAC-SHA256 over `{id}.{timestamp}.{body}`, as `v1,` and base64; several with spaces
//! between them while a secret is being changed. Source: the specification at github.com/standard-webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// One signature for each key.
pub(super) fn sign_with_all(keys: &[String], id: &str, seconds: &str, body: &[u8]) -> Result<String, String> {
    let signed: Result<Vec<String>, String> = keys.iter().map(|key| sign(key, id, seconds, body)).collect();
    Ok(signed?.join(" "))
}

fn sign(key: &str, id: &str, seconds: &str, body: &[u8]) -> Result<String, String> {
    let secret = STANDARD.decode(key.trim_start_matches(PREFIX)).map_err(|_| "the secret is not base64".to_owned())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).map_err(|error| error.to_string())?;
    for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
        mac.update(part);
    }
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let body = br#"{"test": 2432232314}"#;
        let signed = sign_with_all(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body).expect("a signature");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
