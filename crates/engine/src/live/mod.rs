//! Live carts: whoever has a cart open hears what happens to it, to its goods and to its order. One task per node reads what was
//! committed, by this node or another, and deals it out to the streams that it concerns. The lane only says that there is
//! something, never waits for a stream, and does not even say so while none is open.

mod feed;
mod goods;
mod opening;
mod queue;
mod reader;
mod registry;
mod stream;

pub use opening::Opening;
pub use reader::{LiveReader, StoreHead};
pub(crate) use registry::Live;
pub use registry::LiveLimits;
pub use stream::{EndReason, LiveEvent, LiveStream, StreamRefusal, StreamRequest};
