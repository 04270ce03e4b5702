//! The outgoing sockets: payment gateways, receivers of webhooks, NATS, mail, and Redis. Nothing here knows the storage, and
//! nothing is called while a transaction is open.

mod mail;
mod nats;
mod redis;
mod stripe;
mod test_gateway;
mod webhooks;

pub use mail::{FileMailer, SmtpMailer};
pub use nats::NatsSink;
pub use redis::Redis;
pub use stripe::{StripeGateway, StripeSettings};
pub use test_gateway::TestGateway;
pub use webhooks::WebhookClient;
