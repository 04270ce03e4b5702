//! What the shop sells, for shoppers; operators list the same with what shoppers do not see.

mod cursor;
pub(crate) mod list;
pub(crate) mod read;
