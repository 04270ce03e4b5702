//! The outgoing sockets: payment gateways. Nothing here knows the storage, and nothing is called while a transaction is open.

mod stripe;
mod test_gateway;

pub use stripe::{StripeGateway, StripeSettings};
pub use test_gateway::TestGateway;
