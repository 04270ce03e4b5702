//! Orders, for those who bought: read, cancel, confirm the payment.

pub(crate) mod cancel;
pub(crate) mod confirm;
pub(crate) mod read;
