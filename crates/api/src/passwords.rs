//! Passwords: hashed with Argon2id, on threads that may block, few at once, since each takes 19 MiB and some ten milliseconds.

use crate::problem::{Outcome, Problem, registry as kinds};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Hashes made at once.
const AT_ONCE: usize = 2;
/// What OWASP recommends for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// A hash that no password has: compared with where there is no account, so that the answer takes as long.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5c3NhbHRub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    /// A new hash of a password in PHC form.
    pub(crate) async fn hash(&self, password: String) -> Outcome<String> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|_| failed())?;
        let hashed = self.in_turn(move || {
            let salt = SaltString::encode_b64(&salt).ok()?;
            argon2().hash_password(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
        });
        hashed.await?.ok_or_else(failed)
    }

    /// Whether this is the password; where there is no hash it is not, and takes as long.
    pub(crate) async fn fits(&self, password: String, hash: Option<String>) -> Outcome<bool> {
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
            let parsed = PasswordHash::new(&hash);
            let same = parsed.is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
            same && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| failed())?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // Held until here also where the caller has gone away.
            drop(turn);
            done
        });
        done.await.map_err(|_| failed())
    }
}

fn failed() -> Problem {
    Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobodys_is_as_much_work() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.fits("correct horse".to_owned(), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.fits("wrong horse".to_owned(), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.fits("correct horse".to_owned(), None).await.expect("an answer"));
        // The work is told by these parts, so that no clock needs to be asked, which runs unevenly where others are at work.
        let work = |hash: &str| {
            let parsed = PasswordHash::new(hash).expect("a hash");
            let length = parsed.hash.map(|output| output.len());
            (parsed.algorithm.to_string(), parsed.version, parsed.params.to_string(), length)
        };
        assert_eq!(work(NOBODYS), work(&hash));
    }
}
