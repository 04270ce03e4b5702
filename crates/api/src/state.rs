//! What all handlers share.

use crate::access::{KeyCache, Rules, StoreDirectory, Uses};
use crate::account::export::Exports;
use crate::coupon_attempts::CouponAttempts;
use crate::login_attempts::LoginAttempts;
use crate::login_watch::LoginWatch;
use crate::passwords::Passwords;
use crate::rate::RateLimit;
use crate::service::HttpMetrics;
use crate::settings::ApiSettings;
use crate::turns::Turns;
use bytes::Bytes;
use cartwright_engine::Engine;
use std::sync::Arc;

/// What all handlers share.
pub(crate) struct Api {
    pub engine: Arc<Engine>,
    pub settings: ApiSettings,
    pub stores: Arc<StoreDirectory>,
    pub keys: KeyCache,
    pub uses: Uses,
    /// Who may do what.
    pub rules: Rules,
    /// How many requests may come from one place.
    pub rate: Option<RateLimit>,
    pub coupon_attempts: CouponAttempts,
    pub login_attempts: LoginAttempts,
    pub login_watch: LoginWatch,
    pub passwords: Passwords,
    /// Templates of mails that are tried.
    pub previews: Turns,
    /// All that the shop has of somebody, being written.
    pub exports: Exports,
    pub metrics: HttpMetrics,
    /// The OpenAPI document.
    pub document: Bytes,
}

/// How handlers hold it.
pub(crate) type Shared = Arc<Api>;
