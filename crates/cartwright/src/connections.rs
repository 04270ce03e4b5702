//! Settings of the server's connections: how many, how patient, how much memory.

use crate::config::ConfigFile;
use cartwright_api::ApiSettings;
use cartwright_engine::LiveLimits;
use rustix::process::{Resource, getrlimit};
use std::num::NonZeroU32;

/// File handles that are kept for the database, mails and payments.
const KEPT_HANDLES: u64 = 64;
/// Connections from one address beside its streams of live carts.
const BESIDE_STREAMS: usize = 1_000;

/// Bounds on connections.
#[derive(clap::Args)]
pub(crate) struct ConnectionArgs {
    /// Most connections that may be open; beyond that a connection is answered 503 and closed [default: 20000, and no more
    /// than there are file handles].
    #[arg(long, env = "CARTWRIGHT_MAX_CONNECTIONS")]
    max_connections: Option<usize>,
    /// Most connections from one address, or one IPv6 network of 64 bits [default: a tenth of --max-connections, and at least
    /// 1000 more than --max-streams-per-address; behind a proxy of one's own, as --trust-forwarded-for says, no limit of its own].
    #[arg(long, env = "CARTWRIGHT_MAX_CONNECTIONS_PER_ADDRESS")]
    max_connections_per_address: Option<usize>,
    /// Mebibytes of bodies being read and answers not yet written, a quarter of it for one address; beyond that requests are
    /// answered 503 [default: 64].
    #[arg(long, env = "CARTWRIGHT_MAX_IN_FLIGHT_MIB")]
    max_in_flight_mib: Option<usize>,
    /// Seconds after which a client that does not read its answer is cut off [default: 30].
    #[arg(long, env = "CARTWRIGHT_WRITE_TIMEOUT_SECONDS")]
    write_timeout_seconds: Option<NonZeroU32>,
}

impl ConnectionArgs {
    /// Sets what is asked for. Who is behind a proxy is not known when a connection is accepted, so its connections are not counted
    /// by address; what they hold in flight is, by the address that the proxy names.
    pub(crate) fn apply(&self, file: &ConfigFile, live: &LiveLimits, api: &mut ApiSettings) {
        let handles = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let handles = usize::try_from(handles.saturating_sub(KEPT_HANDLES)).unwrap_or(usize::MAX).max(1);
        let asked = self.max_connections.or(file.max_connections);
        api.max_connections = asked.unwrap_or(api.max_connections).min(handles);
        let own = self.max_connections_per_address.or(file.max_connections_per_address);
        let usual = match api.trust_forwarded_for {
            true => api.max_connections,
            false => (api.max_connections / 10).max(live.per_address.saturating_add(BESIDE_STREAMS)),
        };
        api.max_connections_per_address = own.unwrap_or(usual);
        if let Some(mib) = self.max_in_flight_mib.or(file.max_in_flight_mib) {
            api.in_flight_bytes = mib.saturating_mul(1024 * 1024);
        }
        if let Some(seconds) = self.write_timeout_seconds.or(file.write_timeout_seconds) {
            api.write_timeout_ms = u64::from(seconds.get()) * 1_000;
        }
    }
}
