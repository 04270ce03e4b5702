//! Request and response shapes of `/api/v1`, shared by the server and the client. Requests refuse unknown fields, and
//! none of them has a price, total or discount except the total that the client says it saw. With the feature `openapi`
//! each shape describes itself for the OpenAPI document.

mod account;
mod brief;
mod cart;
mod catalogue;
mod cell;
mod event;
mod export;
mod fulfilment;
mod handle;
mod instant;
mod live;
mod mail;
mod money;
mod order;
mod patch;
mod problem;
mod reconcile;
mod refund;
mod report;
mod saved;
mod store;
mod tryout;

pub use account::*;
pub use brief::{LONGEST_VALUE, brief, cut, cut_path};
pub use cart::*;
pub use catalogue::*;
pub use cell::{read_cell, write_cell};
pub use event::*;
pub use export::*;
pub use fulfilment::*;
pub use handle::plain_handle;
pub use instant::*;
pub use live::*;
pub use mail::*;
pub use money::*;
pub use order::*;
pub use patch::Patch;
pub use problem::*;
pub use reconcile::*;
pub use refund::*;
pub use report::*;
pub use saved::*;
pub use store::*;
pub use tryout::*;
