//! What those who run the server ask: is it alive, is it ready, what does it do. And what happens around every request.

mod around;
mod compress;
mod cors;
mod headers;
pub(crate) mod health;
pub(crate) mod metrics;

pub(crate) use around::{method_not_allowed, observe, route_not_found};
pub(crate) use compress::{compressed, plain_tag, taken};
pub(crate) use cors::Cors;
pub(crate) use headers::{LINES, is_page, protect};
pub(crate) use metrics::HttpMetrics;
