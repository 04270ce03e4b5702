//! Request and response shapes of `/api/v1`, shared by the server and the client. Requests refuse unknown fields, and
//! none of them has a price, total or discount except the total that the client says it saw. With the feature `openapi`
//! each shape describes itself for the OpenAPI document.

mod cart;
mod catalogue;
mod money;
mod order;
mod problem;
mod store;
mod tryout;

pub use cart::*;
pub use catalogue::*;
pub use money::*;
pub use order::*;
pub use problem::*;
pub use store::*;
pub use tryout::*;
