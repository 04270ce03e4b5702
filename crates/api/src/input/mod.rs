//! From a request to values that cannot be wrong: bodies, queries, paths, headers. What is refused here is refused with a
//! problem that names the place.

mod body;
mod cart_requests;
mod catalogue_requests;
mod check;
mod cursor;
mod headers;
mod path;
mod query;
mod shape;
mod store_requests;

pub(crate) use body::{Body, NoFields, RawJson};
pub(crate) use check::Check;
pub(crate) use cursor::{decode_cursor, encode_cursor, no_such_page};
pub(crate) use headers::{OptionalKey, RequiredKey, idempotency, is_unchanged, versions_wanted};
pub(crate) use path::{CartPath, CouponPath, CustomerPath, HandlePath, LinePath, OrderPath, PromotionPath, SkuPath};
pub(crate) use query::{Filter, Query};
pub(crate) use shape::write_whole;
