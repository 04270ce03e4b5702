//! Settings of the server's connections: how many, how patient, how much memory.

use crate::config::ConfigFile;
use cartwright_api::ApiSettings;
use cartwright_engine::LiveLimits;
use rustix::process::{Resource, getrlimit};
use std::num::{NonZeroU32, NonZeroUsize};

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
    max_connections: Option<NonZeroUsize>,
    /// Most connections from one address, or one IPv6 network of 64 bits [default: a tenth of --max-connections, and at least
    /// 1000 more than --max-streams-per-address, but no more than half of all; behind a proxy of one's own, as --trust-forwarded-for says, no limit of its own].
    #[arg(long, env = "CARTWRIGHT_MAX_CONNECTIONS_PER_ADDRESS")]
    max_connections_per_address: Option<NonZeroUsize>,
    /// Mebibytes of bodies being read and answers not yet written, a quarter of it for one address; beyond that requests are
    /// answered 503 [default: 64].
    #[arg(long, env = "CARTWRIGHT_MAX_IN_FLIGHT_MIB")]
    max_in_flight_mib: Option<NonZeroUsize>,
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
        let asked = self.max_connections.or(file.max_connections).map(NonZeroUsize::get);
        api.max_connections = asked.unwrap_or(api.max_connections).min(handles);
        if let Some(asked) = asked.filter(|asked| *asked > handles) {
            tracing::warn!(
                asked,
                carried = handles,
                "there are fewer file handles than connections that are asked for"
            );
        }
        let own = self.max_connections_per_address.or(file.max_connections_per_address);
        let usual = of_address(api.max_connections, live.per_address, api.trust_forwarded_for);
        api.max_connections_per_address = own.map_or(usual, NonZeroUsize::get);
        if let Some(mib) = self.max_in_flight_mib.or(file.max_in_flight_mib) {
            api.in_flight_bytes = mib.get().saturating_mul(1024 * 1024);
        }
        if let Some(seconds) = self.write_timeout_seconds.or(file.write_timeout_seconds) {
            api.write_timeout_ms = u64::from(seconds.get()) * 1_000;
        }
    }
}

/// How many connections one address may have where nobody said: enough for its streams, and never all there are, unless the
/// address is that of a proxy.
fn of_address(all: usize, streams: usize, is_behind_proxy: bool) -> usize {
    match is_behind_proxy {
        true => all,
        false => (all / 10).max(streams.saturating_add(BESIDE_STREAMS)).min(all / 2).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::of_address;

    #[test]
    fn no_address_may_have_all_connections_unless_it_is_a_proxys() {
        assert_eq!(of_address(20_000, 1_000, false), 2_000);
        assert_eq!(of_address(100_000, 1_000, false), 10_000);
        assert_eq!(of_address(960, 1_000, false), 480);
        assert_eq!(of_address(1, 1_000, false), 1);
        assert_eq!(of_address(960, 1_000, true), 960);
    }
}
