//! Links of reminders. A link is a cart, the mail that brought it and its end, signed with HMAC-SHA256 by a secret of the store, so
//! nothing of it is stored: it is made when the mail is sent, and checked when somebody comes with it.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::StorageError;
use crate::vault::SealedFor;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cartwright_domain::account::SecretHash;
use cartwright_domain::command::{Command, RecoveryCommand, SecretChange};
use cartwright_domain::id::{CartId, MailId, Timestamp};
use cartwright_domain::mail::{Mail, MailKind};
use cartwright_domain::store::StoreConfig;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::sync::Arc;
use uuid::Uuid;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of what is signed: two ids and an instant.
const SIGNED: usize = 40;
/// Letters of codes: none that look alike. Their number divides 256, so that each is as likely.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// What a link says whose signature was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryLink {
    /// The cart.
    pub cart_id: CartId,
    /// The mail that brought it.
    pub mail_id: MailId,
    /// Until when it restores the cart. It unsubscribes for longer.
    pub expires_at: Timestamp,
    /// What it is for besides.
    pub purpose: LinkPurpose,
}

/// What a link is for, besides dismissing and unsubscribing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Restores the cart.
    Restore,
    /// Says that whoever reads the address wants to be reminded. It opens nothing.
    Confirm,
}

impl LinkPurpose {
    const ALL: [LinkPurpose; 2] = [LinkPurpose::Restore, LinkPurpose::Confirm];

    /// What is signed besides: no link serves for another purpose.
    fn salt(self) -> &'static [u8] {
        match self {
            LinkPurpose::Restore => b"",
            LinkPurpose::Confirm => b"confirm",
        }
    }
}

impl RecoveryLink {
    fn signed(self) -> [u8; SIGNED] {
        let mut bytes = [0; SIGNED];
        bytes[..16].copy_from_slice(self.cart_id.0.as_bytes());
        bytes[16..32].copy_from_slice(self.mail_id.0.as_bytes());
        bytes[32..].copy_from_slice(&self.expires_at.0.to_be_bytes());
        bytes
    }

    fn write(self, secret: &SecretHash) -> String {
        let signed = self.signed();
        let signature = sign(secret, &signed, self.purpose.salt()).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&signed[..], &signature[..]].concat())
    }

    fn read(text: &str, secret: &SecretHash) -> Option<RecoveryLink> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, signature) = bytes.split_at_checked(SIGNED)?;
        let fits = |purpose: &LinkPurpose| sign(secret, signed, purpose.salt()).verify_slice(signature).is_ok();
        let purpose = LinkPurpose::ALL.into_iter().find(fits)?;
        Some(RecoveryLink {
            cart_id: CartId(Uuid::from_slice(&signed[..16]).ok()?),
            mail_id: MailId(Uuid::from_slice(&signed[16..32]).ok()?),
            expires_at: Timestamp(i64::from_be_bytes(signed[32..].try_into().ok()?)),
            purpose,
        })
    }
}

/// Signs bytes; `salt` keeps what is signed for one end from being used for another.
pub(crate) fn sign(secret: &SecretHash, signed: &[u8], salt: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(signed);
    mac.update(salt);
    mac
}

impl Engine {
    /// What a link of this store says, if its signature is right; its end is the caller's to look at.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn read_recovery_link(&self, config: &StoreConfig, text: &str) -> Result<Option<RecoveryLink>, Failure> {
        let secret = self.kept_link_secret(config).await?;
        Ok(secret.and_then(|secret| RecoveryLink::read(text, &secret)))
    }

    /// A mail with the secret that it brings: the link, if it is about a cart that was left; else as it was before it was sealed.
    pub(crate) async fn with_link(&self, config: &Arc<StoreConfig>, mail: &Mail) -> Result<Mail, Failure> {
        let mut mail = mail.clone();
        if let Some(token) = mail.data.get("token").and_then(Value::as_str) {
            let token = self.vault.open(SealedFor::Mail, config.store.id, token);
            mail.data["token"] =
                Value::String(token.map_err(|error| Failure::Fault(format!("a mail's secret: {error}")))?);
        }
        let cart_id = mail.data.get("cart_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        if let Some(cart_id) = cart_id.map(CartId).filter(|_| mail.kind.is_about_cart()) {
            let days = i64::from(config.store.settings.recovery.link_days);
            let expires_at = mail.created_at.plus_ms(days * DAY_MS);
            let purpose = match mail.kind {
                MailKind::ConfirmReminders => LinkPurpose::Confirm,
                _ => LinkPurpose::Restore,
            };
            let link = RecoveryLink { cart_id, mail_id: mail.id, expires_at, purpose };
            mail.data["token"] = Value::String(link.write(&self.link_secret(config).await?));
        }
        Ok(mail)
    }

    /// The store's secret, made at its first use. Of two nodes that make one the first is right.
    pub(crate) async fn link_secret(&self, config: &Arc<StoreConfig>) -> Result<SecretHash, Failure> {
        if let Some(secret) = self.kept_link_secret(config).await? {
            return Ok(secret);
        }
        let secret: SecretHash = random()?;
        let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let sealed = self.vault.seal(SealedFor::Links, config.store.id, &digits)?;
        let keep = SecretChange { from: None, to: Some(sealed) };
        self.run(config, Command::Recovery(RecoveryCommand::ChangeSecret(keep))).await?;
        let kept = self.kept_link_secret(config).await?;
        kept.ok_or_else(|| Failure::Fault("the secret of links was not kept".to_owned()))
    }

    async fn kept_link_secret(&self, config: &StoreConfig) -> Result<Option<SecretHash>, Failure> {
        let store = config.store.id;
        let Some(kept) = self.reader().link_secret(store).await? else { return Ok(None) };
        let digits = self.vault.open(SealedFor::Links, store, &kept);
        let digits = digits.map_err(|error| Failure::Fault(format!("the secret of links: {error}")))?;
        let secret = bytes_of(&digits).ok_or_else(|| Failure::Fault("the secret of links is none".to_owned()))?;
        Ok(Some(secret))
    }
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn bytes_of<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digits = digits.as_bytes();
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// A code that nobody guesses: 80 random bits.
pub(crate) fn draw_code() -> Result<String, StorageError> {
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    Ok(random::<16>()?.iter().map(letter).collect())
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], StorageError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StorageError::Fault(format!("no randomness: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_with_its_own_secret_only_and_no_bit_of_it_can_be_changed() {
        let id = Uuid::from_u128(0x0190_1234_5678_7000_8000_1234_5678_9abc);
        let expires_at = Timestamp(1_700_000_000_000);
        let purpose = LinkPurpose::Restore;
        let link = RecoveryLink { cart_id: CartId(id), mail_id: MailId(id), expires_at, purpose };
        let text = link.write(&[1; 32]);
        let confirms = RecoveryLink { purpose: LinkPurpose::Confirm, ..link };
        assert_eq!(RecoveryLink::read(&confirms.write(&[1; 32]), &[1; 32]), Some(confirms));
        assert_ne!(confirms.write(&[1; 32]), text);
        assert_eq!(RecoveryLink::read(&text, &[1; 32]), Some(link));
        assert_eq!(RecoveryLink::read(&text, &[2; 32]), None);
        assert_eq!(RecoveryLink::read("", &[1; 32]), None);
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("base64");
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(RecoveryLink::read(&URL_SAFE_NO_PAD.encode(&changed), &[1; 32]), None, "byte {place}");
            assert_eq!(RecoveryLink::read(&URL_SAFE_NO_PAD.encode(&bytes[..place]), &[1; 32]), None, "{place} bytes");
        }
        let (one, other) = (draw_code().expect("a code"), draw_code().expect("a code"));
        assert_eq!(one.len(), 16);
        assert_ne!(one, other);
    }
}
