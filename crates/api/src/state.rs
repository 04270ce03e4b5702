//! What all handlers share.

use crate::access::{KeyCache, StoreDirectory};
use crate::coupon_attempts::CouponAttempts;
use crate::service::HttpMetrics;
use crate::settings::ApiSettings;
use bytes::Bytes;
use cartwright_engine::Engine;
use std::sync::Arc;

/// What all handlers share.
pub(crate) struct Api {
    pub engine: Arc<Engine>,
    pub settings: ApiSettings,
    pub stores: StoreDirectory,
    pub keys: KeyCache,
    pub coupon_attempts: CouponAttempts,
    pub metrics: HttpMetrics,
    /// The OpenAPI document.
    pub document: Bytes,
}

/// How handlers hold it.
pub(crate) type Shared = Arc<Api>;
