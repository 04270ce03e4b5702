//! The outgoing sockets: payment gateways, and Redis. Nothing here knows the storage, and nothing is called while a transaction
//! is open.

mod redis;
mod stripe;
mod test_gateway;

pub use redis::Redis;
pub use stripe::{StripeGateway, StripeSettings};
pub use test_gateway::TestGateway;
