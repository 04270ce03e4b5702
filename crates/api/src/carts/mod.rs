//! Carts: create, read, change, delete; lines, codes, items saved for later, merging, ways to ship, checkout.

pub(crate) mod change;
pub(crate) mod checkout;
pub(crate) mod coupons;
pub(crate) mod create;
pub(crate) mod lines;
pub(crate) mod live;
pub(crate) mod merge;
pub(crate) mod read;
pub(crate) mod recovery;
pub(crate) mod reply;
pub(crate) mod saved;
