//! Says that log-ins fail: one line per region and minute, and not many lines in all, so that a flood does not flood the log. No line
//! names an account or a whole address; how many there were is counted in the metrics.

use crate::limiter::Limiter;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::problem::registry as kinds;
use cartwright_domain::id::StoreId;
use governor::Quota;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use std::num::NonZeroU32;

const MOST_LINES: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// How a log-in ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct LoginLabels {
    outcome: &'static str,
}

/// Counts log-ins by how they ended.
pub(crate) type LoginCounts = Family<LoginLabels, Counter>;

/// Watches log-ins.
pub(crate) struct LoginWatch {
    counts: LoginCounts,
    regions: Limiter<String>,
    lines: Limiter<&'static str>,
}

impl LoginWatch {
    pub(crate) fn new() -> LoginWatch {
        let once = Quota::per_minute(NonZeroU32::MIN);
        let counts = LoginCounts::default();
        for outcome in [OPENED, WRONG, TOO_MANY, REFUSED] {
            counts.get_or_create(&LoginLabels { outcome }).inc_by(0);
        }
        LoginWatch {
            counts,
            regions: Limiter::new("log", once, None),
            lines: Limiter::new("log", Quota::per_minute(MOST_LINES), None),
        }
    }

    /// What it counts in.
    pub(crate) fn counts(&self) -> LoginCounts {
        self.counts.clone()
    }

    /// Somebody has logged in.
    pub(crate) fn opened(&self) {
        self.counts.get_or_create(&LoginLabels { outcome: OPENED }).inc();
    }

    /// Somebody has not.
    pub(crate) async fn failed(&self, store: StoreId, Peer(origin, _): Peer, problem: &Problem) {
        let outcome = if problem.is(&kinds::CREDENTIALS_WRONG) {
            WRONG
        } else if problem.is(&kinds::LOGIN_ATTEMPTS) {
            TOO_MANY
        } else {
            REFUSED
        };
        self.counts.get_or_create(&LoginLabels { outcome }).inc();
        let region = origin.region();
        if self.regions.admits(&format!("{outcome} {region}")).await && self.lines.admits(&outcome).await {
            tracing::warn!(store = store.0, from = %region, outcome, "log-ins fail; further ones from there are only counted for a minute");
        }
    }
}

const OPENED: &str = "opened";
const WRONG: &str = "wrong";
const TOO_MANY: &str = "too_many";
const REFUSED: &str = "refused";
