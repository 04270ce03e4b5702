//! Seals secrets that the database has to keep and give back: those with which webhooks and links are signed, and those on their
//! way in mails. They are encrypted (ChaCha20-Poly1305) with keys that are not in the database, so that whoever reads it, or a
//! backup of it, cannot sign in the shop's name. The newest key seals; the others still open what they have sealed
//! (`docs/decisions/0033-secrets-at-rest.md`).

use crate::storage::StorageError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cartwright_domain::id::StoreId;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};

/// What a sealed text begins with: no secret of ours does.
const MARK: &str = "sealed:";
/// What the text of a key begins with.
const KEY_MARK: &str = "ck_";

/// What a sealed text is for. One that was sealed for another purpose, or for another store, does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedFor {
    /// A webhook's signing secret.
    Webhook,
    /// The secret with which a store signs links and devices.
    Links,
    /// A secret in a mail.
    Mail,
}

impl SealedFor {
    fn bound_to(self, store: StoreId) -> Vec<u8> {
        let name: &[u8] = match self {
            SealedFor::Webhook => b"cartwright webhook v1\0",
            SealedFor::Links => b"cartwright links v1\0",
            SealedFor::Mail => b"cartwright mail v1\0",
        };
        [name, &store.0.to_be_bytes()].concat()
    }
}

/// A key: `ck_` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct VaultKey([u8; 32]);

impl VaultKey {
    /// Draws one.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn draw() -> Result<VaultKey, StorageError> {
        Ok(VaultKey(crate::recovery::random()?))
    }

    /// Reads one from its text.
    pub fn parse(text: &str) -> Option<VaultKey> {
        crate::recovery::bytes_of(text.strip_prefix(KEY_MARK)?).map(VaultKey)
    }

    /// Its text, which is a secret.
    pub fn text(&self) -> String {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{KEY_MARK}{digits}")
    }

    /// What tells it from others; it is no secret.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(b"cartwright key id v1\0").chain_update(self.0).finalize();
        hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Shows which key it is, and nothing of it.
impl std::fmt::Debug for VaultKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "VaultKey({})", self.id())
    }
}

/// Which key has sealed a text; `None` for one in the clear.
pub fn sealed_by(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).map(|rest| rest.split(':').next().unwrap_or_default())
}

/// Why a sealed text does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed with the key {0}, which this server does not have, or it was changed")]
pub struct CannotOpen(pub String);

/// Learns whether the keys have changed: the new ones, or `None`.
pub type KeySource = Box<dyn Fn() -> Option<Vec<VaultKey>> + Send + Sync>;

/// The keys of this process, the newest first. Without a key everything stays in the clear.
#[derive(Default)]
pub struct Vault {
    keys: RwLock<Arc<Vec<VaultKey>>>,
    source: Option<KeySource>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Vault").field(&self.keys()).finish()
    }
}

impl Vault {
    /// With these keys, the newest first. `source` is asked again when a key is missing, and by [`Vault::refresh`].
    pub fn new(keys: Vec<VaultKey>, source: Option<KeySource>) -> Vault {
        Vault { keys: RwLock::new(Arc::new(keys)), source }
    }

    fn keys(&self) -> Arc<Vec<VaultKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the keys as they are now; whether they have changed.
    pub fn refresh(&self) -> bool {
        let Some(keys) = self.source.as_ref().and_then(|source| source()) else { return false };
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let changed = **held != keys;
        *held = Arc::new(keys);
        changed
    }

    /// Whether a text stands as it would if it were sealed now: by the newest key, or in the clear where there is none.
    pub fn is_current(&self, text: &str) -> bool {
        sealed_by(text) == self.keys().first().map(VaultKey::id).as_deref()
    }

    /// Seals a text; without a key it stays in the clear.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn seal(&self, purpose: SealedFor, store: StoreId, text: &str) -> Result<String, StorageError> {
        let keys = self.keys();
        let Some(key) = keys.first() else { return Ok(text.to_owned()) };
        let nonce: [u8; NONCE_LEN] = crate::recovery::random()?;
        let mut sealed = text.as_bytes().to_vec();
        let aad = Aad::from(purpose.bound_to(store));
        let done = cipher(key).seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed);
        done.map_err(|_| StorageError::Fault("a secret cannot be sealed".to_owned()))?;
        Ok(format!("{MARK}{}:{}", key.id(), URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens a sealed text. One in the clear is from before there were keys, and is what it says.
    ///
    /// # Errors
    /// The key is not here, or the text is not what it sealed.
    pub fn open(&self, purpose: SealedFor, store: StoreId, text: &str) -> Result<String, CannotOpen> {
        let Some((id, sealed)) = text.strip_prefix(MARK).map(|rest| rest.split_once(':').unwrap_or((rest, ""))) else {
            return Ok(text.to_owned());
        };
        let known = || self.keys().iter().find(|key| key.id() == id).cloned();
        // Somebody may just have put another key in place.
        let key = known().or_else(|| self.refresh().then(known).flatten());
        key.and_then(|key| opened(&key, purpose, store, sealed)).ok_or_else(|| CannotOpen(id.to_owned()))
    }
}

fn opened(key: &VaultKey, purpose: SealedFor, store: StoreId, sealed: &str) -> Option<String> {
    let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let text = cipher(key).open_in_place(nonce, Aad::from(purpose.bound_to(store)), sealed).ok()?;
    String::from_utf8(text.to_vec()).ok()
}

fn cipher(key: &VaultKey) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key.0).expect("a key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use SealedFor::{Links, Mail, Webhook};

    const STORE: StoreId = StoreId(1);

    fn key(number: u8) -> VaultKey {
        VaultKey([number; 32])
    }

    #[test]
    fn a_text_opens_for_its_purpose_and_store_alone_and_no_byte_of_it_can_be_changed() {
        let vault = Vault::new(vec![key(1)], None);
        let sealed = vault.seal(Webhook, STORE, "whsec_1").expect("sealed");
        assert_eq!(sealed_by(&sealed), Some(key(1).id().as_str()));
        assert!(!sealed.contains("whsec"));
        assert_eq!(vault.open(Webhook, STORE, &sealed).as_deref(), Ok("whsec_1"));
        assert_ne!(vault.seal(Webhook, STORE, "whsec_1").expect("sealed"), sealed, "no two are alike");
        for (purpose, store) in [(Links, STORE), (Mail, STORE), (Webhook, StoreId(2))] {
            assert!(vault.open(purpose, store, &sealed).is_err(), "{purpose:?} {store:?}");
        }
        for place in MARK.len()..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("text");
            assert!(vault.open(Webhook, STORE, &changed).is_err(), "byte {place}");
            assert!(vault.open(Webhook, STORE, &sealed[..place]).is_err(), "{place} bytes");
        }
    }

    #[test]
    fn the_newest_key_seals_and_older_ones_open_until_they_are_gone() {
        let old = Vault::new(vec![key(1)], None);
        let sealed = old.seal(Links, STORE, "x").expect("sealed");
        let both = Vault::new(vec![key(2), key(1)], None);
        assert_eq!(both.open(Links, STORE, &sealed).as_deref(), Ok("x"));
        assert!(old.is_current(&sealed) && !both.is_current(&sealed));
        let again = both.seal(Links, STORE, "x").expect("sealed");
        assert!(both.is_current(&again));
        assert_eq!(old.open(Links, STORE, &again), Err(CannotOpen(key(2).id())));
    }

    #[test]
    fn without_a_key_texts_stay_as_they_are_and_what_was_in_the_clear_is_still_read() {
        let (none, one) = (Vault::default(), Vault::new(vec![key(1)], None));
        assert_eq!(none.seal(Mail, STORE, "x").as_deref().ok(), Some("x"));
        assert_eq!(
            [none.open(Mail, STORE, "x").ok(), one.open(Mail, STORE, "x").ok()],
            [Some("x".into()), Some("x".into())]
        );
        assert!(none.is_current("x") && !one.is_current("x"));
        let sealed = one.seal(Mail, STORE, "x").expect("sealed");
        assert!(none.open(Mail, STORE, &sealed).is_err() && !none.is_current(&sealed));
    }

    #[test]
    fn a_key_that_is_not_known_yet_is_looked_for() {
        let sealed = Vault::new(vec![key(2)], None).seal(Links, STORE, "x").expect("sealed");
        let node = Vault::new(vec![key(1)], Some(Box::new(|| Some(vec![key(2), key(1)]))));
        assert_eq!(node.open(Links, STORE, &sealed).as_deref(), Ok("x"));
        assert!(!node.refresh(), "it has them already");
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_its_id_tells_nothing() {
        let drawn = VaultKey::draw().expect("randomness");
        assert_eq!(VaultKey::parse(&drawn.text()).as_ref(), Some(&drawn));
        assert!(!drawn.text().contains(&drawn.id()) && !format!("{drawn:?}").contains(&drawn.text()));
        for wrong in
            ["", "ck_", "ck_00", &format!("ck_{}", "g".repeat(64)), &format!("ck_{}", "é".repeat(32)), &"0".repeat(67)]
        {
            assert_eq!(VaultKey::parse(wrong), None, "{wrong}");
        }
    }
}
