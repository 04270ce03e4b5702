//! Orders, for those who bought: read, cancel, confirm the payment; and for operators: refund, capture.

pub(crate) mod cancel;
pub(crate) mod confirm;
pub(crate) mod manual;
pub(crate) mod read;
pub(crate) mod refund;
