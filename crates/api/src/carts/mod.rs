//! Carts: create, read, change, delete; lines, codes, ways to ship, checkout.

pub(crate) mod change;
pub(crate) mod checkout;
pub(crate) mod coupons;
pub(crate) mod create;
pub(crate) mod lines;
pub(crate) mod read;
mod reply;
