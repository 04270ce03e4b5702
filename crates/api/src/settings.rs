//! Limits of the HTTP interface.

use cartwright_engine::SharedMemory;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How many requests may come from one place (an IPv4 address or a /64 of IPv6; from a /48 eight times as many) in a second on
/// average, with bursts of twice as many. Keys of operators are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRate {
    /// As many as wanted.
    Off,
    /// 100, at each node by itself; this machine's own addresses are left out.
    Usual,
    /// So many over all nodes, also from this machine.
    PerSecond(NonZeroU32),
}

impl RequestRate {
    /// That of a number, 0 for no limit.
    pub fn of(per_second: u32) -> RequestRate {
        NonZeroU32::new(per_second).map_or(RequestRate::Off, RequestRate::PerSecond)
    }
}

/// Limits of the HTTP interface.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Largest body of a shopper's request. Default 1 MiB.
    pub body_limit_bytes: usize,
    /// Largest body of an operator's request. Default 8 MiB.
    pub operator_body_limit_bytes: usize,
    /// How long a client may take to send a request's head, or let a connection idle. Default 20 s.
    pub header_timeout_ms: u64,
    /// How long a client may take to send a request's body. Default 15 s.
    pub body_timeout_ms: u64,
    /// How long a request may take altogether. Default 30 s.
    pub request_timeout_ms: u64,
    /// How long a client that is to read an answer may take next to nothing of it; then the connection ends. Default 30 s.
    pub write_timeout_ms: u64,
    /// Connections that may be open. Default 20,000.
    pub max_connections: usize,
    /// Connections that may be open from one address, or one IPv6 network of 64 bits. Default 2,000.
    pub max_connections_per_address: usize,
    /// Bytes of bodies that are being read and answers that are not yet written; a quarter of it for one address. Default 64 MiB.
    pub in_flight_bytes: usize,
    /// Requests that may come from one place in a second. Default [`RequestRate::Usual`].
    pub request_rate: RequestRate,
    /// Codes that may be tried on one cart in a minute. Default 10.
    pub coupon_attempts_per_cart: NonZeroU32,
    /// Codes that may be tried from one place in a minute. Default 300.
    pub coupon_attempts_per_address: NonZeroU32,
    /// Log-ins to one account from one place, or from one known device, in a minute; and mails to one address. Default 10.
    pub login_attempts_per_account: NonZeroU32,
    /// Log-ins from one place in a minute, and as many mails wanted. Default 60.
    pub login_attempts_per_address: NonZeroU32,
    /// Log-ins to one account from all places and devices that are not known, in an hour. Default 100.
    pub login_attempts_of_strangers_per_hour: NonZeroU32,
    /// How long a session of an operator may be left alone before it ends, milliseconds. Default 12 h.
    pub operator_idle_ms: i64,
    /// Whether the last entry of `X-Forwarded-For` is the address, as behind a proxy of one's own. Default false.
    pub trust_forwarded_for: bool,
    /// Whether `/metrics`, `/docs` and `/openapi.json` are answered at an address of their own only. Default false.
    pub internal_apart: bool,
    /// Whether `/docs` and `/openapi.json` are answered at all. Default true.
    pub offers_docs: bool,
    /// Whether `/metrics` is answered at all. Default true.
    pub offers_metrics: bool,
    /// How long a stop waits for requests under way. Default 25 s.
    pub stop_timeout_ms: u64,
    /// Where requests and tries are counted over all nodes. Default: each node counts for itself.
    pub shared_memory: Option<Arc<dyn SharedMemory>>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        ApiSettings {
            body_limit_bytes: 1024 * 1024,
            operator_body_limit_bytes: 8 * 1024 * 1024,
            header_timeout_ms: 20_000,
            body_timeout_ms: 15_000,
            request_timeout_ms: 30_000,
            write_timeout_ms: 30_000,
            max_connections: 20_000,
            max_connections_per_address: 2_000,
            in_flight_bytes: 64 * 1024 * 1024,
            request_rate: RequestRate::Usual,
            coupon_attempts_per_cart: const { NonZeroU32::new(10).unwrap() },
            coupon_attempts_per_address: const { NonZeroU32::new(300).unwrap() },
            login_attempts_per_account: const { NonZeroU32::new(10).unwrap() },
            login_attempts_per_address: const { NonZeroU32::new(60).unwrap() },
            login_attempts_of_strangers_per_hour: const { NonZeroU32::new(100).unwrap() },
            operator_idle_ms: 12 * 60 * 60 * 1000,
            trust_forwarded_for: false,
            internal_apart: false,
            offers_docs: true,
            offers_metrics: true,
            stop_timeout_ms: 25_000,
            shared_memory: None,
        }
    }
}

impl ApiSettings {
    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_millis(self.body_timeout_ms)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }
}
