//! How often somebody may try to log in, or have mails sent: few times per e-mail address, whether it has an account or not, and
//! not many more from one place.

use crate::coupon_attempts::Peer;
use crate::limiter::Limiter;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::settings::ApiSettings;
use governor::Quota;
use std::net::IpAddr;

/// Counts tries.
pub(crate) struct LoginAttempts {
    emails: Limiter<String>,
    addresses: Limiter<IpAddr>,
}

impl LoginAttempts {
    pub(crate) fn new(settings: &ApiSettings) -> LoginAttempts {
        let (emails, addresses) = (settings.login_attempts_per_account, settings.login_attempts_per_address);
        LoginAttempts {
            emails: Limiter::new("logins-of", Quota::per_minute(emails), settings.shared_memory.clone()),
            addresses: Limiter::new("logins-from", Quota::per_minute(addresses), settings.shared_memory.clone()),
        }
    }

    /// Counts a try from a place; refused where there were too many.
    pub(crate) async fn from(&self, peer: Option<Peer>) -> Outcome<()> {
        match peer {
            Some(peer) if !self.addresses.admits(&peer.0).await => Err(too_many()),
            _ => Ok(()),
        }
    }

    /// Counts a try for an e-mail address, as its account is found by, in this store.
    pub(crate) async fn of(&self, store: i64, email: &str) -> Outcome<()> {
        if self.emails.admits(&format!("{store}/{email}")).await { Ok(()) } else { Err(too_many()) }
    }
}

fn too_many() -> Problem {
    Problem::new(&kinds::LOGIN_ATTEMPTS, "That was tried too often; wait a while.").with_remedy("retry", None)
}
