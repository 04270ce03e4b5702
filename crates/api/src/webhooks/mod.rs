//! What payment providers tell by themselves.

pub(crate) mod stripe;
