//! How often somebody may try to log in or have mails sent. Each kind of try has budgets of its own, and a stranger spends nothing
//! that the owner of an account needs:
//!
//! - a log-in from a device that is known (`engine::devices`) counts for that device alone;
//! - one of a stranger counts for the place, for place and account together, and for all strangers at this account;
//! - mails that somebody wants count apart from log-ins, and what is mailed opens the account from anywhere.
//!
//! All are counted whether an address has an account or not. Keys are hashes: no address is kept here or in a shared memory.

use crate::limiter::{Limiter, OriginLimiter};
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::settings::ApiSettings;
use cartwright_domain::id::StoreId;
use cartwright_engine::Device;
use governor::Quota;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::Duration;

/// Which mail somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantedMail {
    /// The one that confirms an address.
    Register,
    /// The one that resets a password.
    Forgot,
}

/// Half of a hash of what is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Hashed(u128);

impl fmt::Display for Hashed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

fn hashed(store: StoreId, email: &str, with: &str) -> Hashed {
    let hash = Sha256::digest(format!("{}\0{email}\0{with}", store.0));
    Hashed(hash.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte)))
}

/// Counts one kind of try.
struct Budget {
    from: OriginLimiter,
    /// By place and account together.
    pairs: Limiter<Hashed>,
    accounts: Limiter<Hashed>,
}

/// Counts tries.
pub(crate) struct LoginAttempts {
    log_ins: Budget,
    registrations: Budget,
    resets: Budget,
    devices: Limiter<Hashed>,
    /// Secrets of mails that are tried, from one place.
    secrets: OriginLimiter,
    /// Passwords asked for once more of whoever is logged in.
    confirmed: Limiter<Hashed>,
}

impl LoginAttempts {
    pub(crate) fn new(settings: &ApiSettings) -> LoginAttempts {
        let (of_pair, from) = (settings.login_attempts_per_account, settings.login_attempts_per_address);
        let (of_pair, from) = (Quota::per_minute(of_pair), Quota::per_minute(from));
        let strangers = Quota::per_hour(settings.login_attempts_of_strangers_per_hour);
        let shared = || settings.shared_memory.clone();
        let budget = |names: [&'static str; 3], of_account| Budget {
            from: OriginLimiter::new(names[0], from, shared()),
            pairs: Limiter::new(names[1], of_pair, shared()),
            accounts: Limiter::new(names[2], of_account, shared()),
        };
        LoginAttempts {
            log_ins: budget(["logins-from", "logins-from-at", "logins-at"], strangers),
            registrations: budget(["registers-from", "registers-from-at", "registers-at"], of_pair),
            resets: budget(["resets-from", "resets-from-at", "resets-at"], of_pair),
            devices: Limiter::new("logins-device", of_pair, shared()),
            secrets: OriginLimiter::new("secrets-from", from, shared()),
            confirmed: Limiter::new("passwords-of", of_pair, shared()),
        }
    }

    /// Counts a log-in; refused where there were too many.
    pub(crate) async fn log_in(&self, peer: Peer, store: StoreId, email: &str, known: Option<Device>) -> Outcome<()> {
        match known {
            Some(Device(number)) => {
                let device = hashed(store, email, &u64::from_be_bytes(number).to_string());
                if self.devices.admits(&device).await { Ok(()) } else { Err(too_many(WAIT, self.devices.wait())) }
            }
            None => self.log_ins.admits(peer, store, email, OR_RESET).await,
        }
    }

    /// Counts a mail that somebody wants to an address.
    pub(crate) async fn mail(&self, wanted: WantedMail, peer: Peer, store: StoreId, email: &str) -> Outcome<()> {
        let budget = match wanted {
            WantedMail::Register => &self.registrations,
            WantedMail::Forgot => &self.resets,
        };
        budget.admits(peer, store, email, "Mails were wanted too often; see what has arrived, or wait a while.").await
    }

    /// Counts a try of a mailed secret.
    pub(crate) async fn secret(&self, peer: Peer) -> Outcome<()> {
        let Some(origin) = peer.place() else { return Ok(()) };
        if self.secrets.admits(origin).await { Ok(()) } else { Err(too_many(WAIT, self.secrets.wait())) }
    }

    /// Counts a password that whoever is logged in was asked for.
    pub(crate) async fn confirmed(&self, store: StoreId, email: &str) -> Outcome<()> {
        let admitted = self.confirmed.admits(&hashed(store, email, "")).await;
        if admitted { Ok(()) } else { Err(too_many(WAIT, self.confirmed.wait())) }
    }
}

impl Budget {
    /// The place first: who is refused there spends nothing of the account.
    async fn admits(&self, peer: Peer, store: StoreId, email: &str, of_account: &'static str) -> Outcome<()> {
        if let Some(origin) = peer.place() {
            let pair = hashed(store, email, &origin.network().to_string());
            if !self.from.admits(origin).await {
                return Err(too_many(WAIT, self.from.wait()));
            }
            if !self.pairs.admits(&pair).await {
                return Err(too_many(WAIT, self.pairs.wait()));
            }
        }
        let admitted = self.accounts.admits(&hashed(store, email, "")).await;
        if admitted { Ok(()) } else { Err(too_many(of_account, self.accounts.wait())) }
    }
}

const WAIT: &str = "That was tried too often; wait a while.";
const OR_RESET: &str = "That was tried too often from many places; wait a while, or have a mail sent with which to choose \
                        another password: whoever has done that may log in at once.";

fn too_many(detail: &'static str, wait: Duration) -> Problem {
    Problem::new(&kinds::LOGIN_ATTEMPTS, detail).with_remedy("retry", None).with_wait(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;
    use cartwright_engine::Origin;
    use std::num::NonZeroU32;

    const STORE: StoreId = StoreId(1);
    const ADA: &str = "ada@example.com";

    fn peer(number: u32) -> Peer {
        Origin::of(std::net::IpAddr::V4(number.into())).into()
    }

    fn attempts() -> LoginAttempts {
        LoginAttempts::new(&ApiSettings {
            login_attempts_of_strangers_per_hour: NonZeroU32::new(50).expect("some"),
            ..ApiSettings::default()
        })
    }

    async fn log_ins(attempts: &LoginAttempts, peers: impl Iterator<Item = u32>, known: Option<Device>) -> usize {
        let mut admitted = 0;
        for number in peers {
            admitted += usize::from(attempts.log_in(peer(number), STORE, ADA, known).await.is_ok());
        }
        admitted
    }

    #[tokio::test]
    async fn a_stranger_locks_out_neither_other_places_nor_a_known_device_nor_whoever_resets_by_mail() {
        let attempts = attempts();
        assert_eq!(log_ins(&attempts, (0..1_000).map(|_| 7), None).await, 10);
        assert_eq!(log_ins(&attempts, [8].into_iter(), None).await, 1, "another place");
        // Many strangers together are slowed for this account.
        assert_eq!(log_ins(&attempts, 1_000..2_000, None).await, 39);
        // They are told when one more is free, of fifty an hour.
        let refused = attempts.log_in(peer(5_000), STORE, ADA, None).await.expect_err("refused").into_response();
        assert_eq!(refused.headers()[http::header::RETRY_AFTER], "72");
        let device = Some(Device([1; 8]));
        assert_eq!(log_ins(&attempts, [7, 8, 9].into_iter(), device).await, 3, "a device that is known");
        attempts.mail(WantedMail::Forgot, peer(7), STORE, ADA).await.expect("resets have a budget of their own");
        attempts.secret(peer(7)).await.expect("so has what is mailed");
        attempts.confirmed(STORE, ADA).await.expect("and whoever is logged in");
        let other = attempts.log_in(peer(9_999), STORE, "eve@example.com", None).await;
        other.expect("another account is another matter");
    }

    #[tokio::test]
    async fn where_a_proxy_hides_places_those_who_guess_keep_nobody_else_out() {
        let attempts = attempts();
        let hidden = Peer(Origin::of([127, 0, 0, 1].into()), true);
        for guess in 0..1_000 {
            let _ = attempts.log_in(hidden, STORE, &format!("{guess}@example.com"), None).await;
            let _ = attempts.secret(hidden).await;
        }
        assert!(attempts.log_in(hidden, STORE, ADA, None).await.is_ok());
        assert!(attempts.secret(hidden).await.is_ok());
    }

    #[tokio::test]
    async fn a_device_that_was_stolen_gets_no_more_tries_than_others_and_spends_nobody_elses() {
        let attempts = attempts();
        assert_eq!(log_ins(&attempts, 0..1_000, Some(Device([1; 8]))).await, 10);
        assert_eq!(log_ins(&attempts, [7].into_iter(), Some(Device([2; 8]))).await, 1);
        assert_eq!(log_ins(&attempts, [7].into_iter(), None).await, 1);
    }

    #[tokio::test]
    async fn registering_an_address_over_and_over_keeps_nobody_from_resetting() {
        let attempts = attempts();
        let mut admitted = 0;
        for number in 0..100 {
            admitted += usize::from(attempts.mail(WantedMail::Register, peer(number), STORE, ADA).await.is_ok());
        }
        assert_eq!(admitted, 10, "mails to one address, wherever they are wanted from");
        attempts.mail(WantedMail::Forgot, peer(1), STORE, ADA).await.expect("another budget");
    }
}
