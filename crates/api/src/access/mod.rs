//! Which store a request is about, and who asks: a guest with a cart's secret, or an operator with a key.

mod key;
mod store;
mod visitor;

pub(crate) use key::{KeyCache, Operator};
pub(crate) use store::{Store, StoreDirectory};
pub(crate) use visitor::{Secret, Visitor};
