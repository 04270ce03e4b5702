//! From a request to values that cannot be wrong: bodies, queries, paths, headers. What is refused here is refused with a
//! problem that names the place.

mod account_requests;
mod body;
mod cart_requests;
mod catalogue_requests;
mod check;
mod control;
mod cursor;
mod date;
mod event_requests;
mod headers;
mod instant;
mod order_requests;
mod path;
mod query;
mod shape;
mod store_requests;

pub(crate) use body::{Body, NoFields, RawJson};
pub(crate) use cart_requests::{address_change_of, address_of};
pub(crate) use check::{Check, email_of};
pub(crate) use control::is_control;
pub(crate) use cursor::{decode_cursor, encode_cursor, no_such_page};
pub(crate) use date::Day;
pub(crate) use event_requests::URL_PATTERN;
pub(crate) use headers::{OptionalKey, RequiredKey, idempotency, is_unchanged, versions_wanted};
pub(crate) use instant::{LAST_MS, instant_of};
pub(crate) use path::{
    CartPath, CouponPath, CustomerPath, DeliveryPath, FulfilmentPath, HandlePath, KeyPath, LinePath, OrderPath,
    PromotionPath, RefundPath, SavedPath, SessionPath, SkuPath, StorePath, TemplatePath, TokenPath, WebhookPath,
};
pub(crate) use query::{Filter, Query};
#[cfg(test)]
pub(crate) use shape::LISTS;
pub(crate) use shape::write_whole;
