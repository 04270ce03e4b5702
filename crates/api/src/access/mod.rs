//! Which store a request is about, who asks, and whether they may: a guest with a cart's secret, a customer who is logged in, or an
//! operator with a key or a role. The guard asks the rule of each operation before its handler runs.

mod acting;
mod cart_cookie;
mod guard;
mod key;
mod rules;
mod session;
mod store;
mod uses;
mod visitor;

pub(crate) use cart_cookie::{CartCookie, check_page, keep};
pub(crate) use guard::{bearer, guard, log_in_entry};
pub(crate) use key::{KeyCache, Operator};
pub use rules::scopes;
pub(crate) use rules::{Rule, Rules, SCOPES};
pub(crate) use session::{carried, cookies, csrf_token, device_carried, device_cookie, draw as draw_session};
pub(crate) use store::{Store, StoreDirectory};
pub(crate) use uses::Uses;
pub(crate) use visitor::{Person, Secret, Visitor, draw_webhook_secret};
