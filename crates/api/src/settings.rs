//! Limits of the HTTP interface.

use cartwright_engine::SharedMemory;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

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
    /// Requests that one address may make in a second on average, with bursts of twice as many. Default: no limit.
    pub rate_limit_per_second: Option<NonZeroU32>,
    /// Codes that may be tried on one cart in a minute. Default 10.
    pub coupon_attempts_per_cart: NonZeroU32,
    /// Codes that may be tried from one address in a minute. Default 300.
    pub coupon_attempts_per_address: NonZeroU32,
    /// Tries to log in, and mails wanted, for one e-mail address in a minute. Default 10.
    pub login_attempts_per_account: NonZeroU32,
    /// The same from one address in a minute. Default 60.
    pub login_attempts_per_address: NonZeroU32,
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
            rate_limit_per_second: None,
            coupon_attempts_per_cart: const { NonZeroU32::new(10).unwrap() },
            coupon_attempts_per_address: const { NonZeroU32::new(300).unwrap() },
            login_attempts_per_account: const { NonZeroU32::new(10).unwrap() },
            login_attempts_per_address: const { NonZeroU32::new(60).unwrap() },
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
