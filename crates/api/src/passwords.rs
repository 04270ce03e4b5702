//! Passwords: hashed with Argon2id, in the background, few at once, since each takes 19 MiB and some ten milliseconds.
//!
//! Who waits for a turn is counted: strangers get a part of the queue, one network a part of theirs, and whoever is known finds
//! places that no stranger takes. Beyond that the answer is 503 at once, since a queue that grows serves nobody.

use crate::background;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::weak_passwords::{is_weak, too_weak};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use cartwright_engine::{Origin, Tally};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Most hashes that are made at once. No more than half of the processors make them.
const MOST_AT_ONCE: usize = 4;
/// What OWASP recommends for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// A hash that no password has: compared with where there is no account, so that the answer takes as long.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5c3NhbHRub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Most strangers that wait or have their turn.
const MOST_STRANGERS: usize = 64;
/// Most of them from one network; this machine's own addresses may be those of all shoppers, behind a proxy.
const MOST_OF_NETWORK: usize = 16;
/// How many times as many from one site.
const OF_SITE: usize = 2;
/// Most that wait or have their turn, with those who are known.
const MOST: usize = 128;

/// Whose password is hashed or compared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    /// Somebody who is logged in, comes from a known device or with a mailed secret.
    Known,
    /// Anybody else, and from where.
    Stranger(Origin),
}

/// Hashes and compares passwords.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Queue>,
}

/// Who waits or has a turn.
#[derive(Default)]
struct Queue(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    all: usize,
    strangers: usize,
    /// Strangers by where they come from.
    origins: Tally,
}

/// A place in the queue; given back when it is dropped.
struct Place {
    queue: Arc<Queue>,
    asker: Asker,
}

impl Queue {
    fn enter(self: &Arc<Queue>, asker: Asker) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= MOST {
            return None;
        }
        if let Asker::Stranger(origin) = asker {
            let share = if origin.is_loopback() { MOST_STRANGERS } else { MOST_OF_NETWORK };
            if counts.strangers >= MOST_STRANGERS || !counts.origins.has_room(origin, share, OF_SITE) {
                return None;
            }
            counts.strangers += 1;
            counts.origins.add(origin, 1);
        }
        counts.all += 1;
        Some(Place { queue: self.clone(), asker })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.queue.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Asker::Stranger(origin) = self.asker {
            counts.strangers -= 1;
            counts.origins.take(origin, 1);
        }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = (processors / 2).clamp(1, MOST_AT_ONCE);
        Passwords { turns: Arc::new(Semaphore::new(at_once)), queue: Arc::default() }
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    /// A new hash of a password in PHC form, if it is not one that is guessed at once. `known` is what whoever guesses knows.
    pub(crate) async fn choose(&self, asker: Asker, password: String, known: Vec<String>) -> Outcome<String> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|_| failed())?;
        let hashed = self.in_turn(asker, move || {
            if is_weak(&password, &known) {
                return Err(too_weak());
            }
            let salt = SaltString::encode_b64(&salt).map_err(|_| failed())?;
            let hash = argon2().hash_password(password.as_bytes(), &salt).map_err(|_| failed())?;
            Ok(hash.to_string())
        });
        hashed.await?
    }

    /// Whether this is the password; where there is no hash it is not, and takes as long.
    pub(crate) async fn fits(&self, asker: Asker, password: String, hash: Option<String>) -> Outcome<bool> {
        self.in_turn(asker, move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
            let parsed = PasswordHash::new(&hash);
            let same = parsed.is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
            same && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, asker: Asker, work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
        let place = self.queue.enter(asker).ok_or_else(busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| failed())?;
        let done = background::begin(move || {
            let done = work();
            // Held until here also where the caller has gone away.
            drop((turn, place));
            done
        });
        done.await.map_err(|_| failed())
    }
}

fn busy() -> Problem {
    Problem::new(&kinds::BUSY, "Too many passwords are being checked; come back in a moment.")
}

fn failed() -> Problem {
    Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Asker = Asker::Known;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone_and_nobodys_hash_costs_the_same() {
        let passwords = Passwords::default();
        let hash = passwords.choose(KNOWN, "correct horse".to_owned(), Vec::new()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        // The work is told by these parts, so that no clock needs to be asked, which runs unevenly where others are at work.
        let work = |hash: &str| {
            let parsed = PasswordHash::new(hash).expect("a hash");
            let length = parsed.hash.map(|output| output.len());
            (parsed.algorithm.to_string(), parsed.version, parsed.params.to_string(), length)
        };
        assert_eq!(work(NOBODYS), work(&hash));
        assert!(passwords.fits(KNOWN, "correct horse".to_owned(), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.fits(KNOWN, "wrong horse".to_owned(), Some(hash)).await.expect("an answer"));
        assert!(!passwords.fits(KNOWN, "wrong horse".to_owned(), None).await.expect("an answer"));
        let weak = passwords.choose(KNOWN, "password1".to_owned(), Vec::new()).await.expect_err("weak");
        assert_eq!(weak.into_body().code, "invalid_request");
    }

    fn stranger(number: u32) -> Asker {
        Asker::Stranger(Origin::of(std::net::IpAddr::V4(number.into())))
    }

    #[test]
    fn a_flood_of_strangers_leaves_room_for_other_networks_and_for_whoever_is_known() {
        let queue = Arc::new(Queue::default());
        let enter = |asker| queue.enter(asker);
        let of_one: Vec<Place> = (0..500).map_while(|_| enter(stranger(7))).collect();
        assert_eq!(of_one.len(), MOST_OF_NETWORK);
        let others: Vec<Place> = (0..500).map_while(|number| enter(stranger(1_000 + number))).collect();
        assert_eq!(of_one.len() + others.len(), MOST_STRANGERS);
        drop(others);
        let household = |number: u32| format!("2001:db8:1:{number:x}::1").parse().expect("an address");
        let of_site = |number| enter(Asker::Stranger(Origin::of(household(number))));
        let of_site: Vec<Place> = (0..500).filter_map(of_site).collect();
        assert_eq!(of_site.len(), MOST_OF_NETWORK * OF_SITE, "of whichever networks of a site");
        drop(of_site);
        let others: Vec<Place> = (0..500).map_while(|number| enter(stranger(1_000 + number))).collect();
        let known: Vec<Place> = (0..500).map_while(|_| enter(KNOWN)).collect();
        assert_eq!(known.len(), MOST - MOST_STRANGERS);
        drop((of_one, others, known));
        let counts = queue.0.lock().expect("nobody panicked");
        assert!(counts.all == 0 && counts.strangers == 0 && counts.origins.is_empty());
    }

    #[tokio::test]
    async fn beyond_its_bound_the_queue_refuses_at_once_and_says_when_to_come_back() {
        let passwords = Passwords::default();
        let _full: Vec<Place> = (0..500).map_while(|number| passwords.queue.enter(stranger(number))).collect();
        // Nobody has a turn: had it waited, this would never end.
        passwords.turns.forget_permits(Semaphore::MAX_PERMITS);
        let refused = passwords.fits(stranger(9_999), "guess".to_owned(), None).await.expect_err("full");
        assert_eq!(refused.into_body().code, "busy");
    }
}
