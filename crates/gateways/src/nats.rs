//! NATS JetStream: every event of every store as a message of the stream `cartwright`, under `cartwright.<store>.<type>`. Each message
//! is acknowledged before the next one is sent, so that they keep their order; what was sent twice is known by its id.

use async_nats::jetstream::context::Context;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Config;
use async_nats::{Client, ConnectOptions};
use async_trait::async_trait;
use cartwright_domain::event::LoggedEvent;
use cartwright_engine::EventSink;
use std::time::Duration;
use tokio::sync::OnceCell;

const STREAM: &str = "cartwright";
/// For the acknowledgement of one message.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A page of events is handed over for at most this long; its lease is longer.
const PAGE_TIME: Duration = Duration::from_secs(15);

/// A JetStream that takes events.
pub struct NatsSink {
    url: String,
    connected: OnceCell<Context>,
}

impl NatsSink {
    /// Nothing is asked of the server yet: it may be away.
    ///
    /// # Errors
    /// Why the address is none.
    pub fn new(url: &str) -> Result<NatsSink, String> {
        url.parse::<async_nats::ServerAddr>().map_err(|error| error.to_string())?;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        Ok(NatsSink { url: url.to_owned(), connected: OnceCell::new() })
    }

    /// The connection, which mends itself from then on; the stream is made where it is missing.
    async fn context(&self) -> Result<&Context, String> {
        let connect = async || {
            let options = ConnectOptions::new().connection_timeout(TIMEOUT).request_timeout(Some(TIMEOUT));
            let client: Client = options.connect(&self.url).await.map_err(|error| error.to_string())?;
            let mut context = async_nats::jetstream::new(client);
            context.set_timeout(TIMEOUT);
            let stream = Config { name: STREAM.to_owned(), subjects: vec![format!("{STREAM}.>")], ..Config::default() };
            context.get_or_create_stream(stream).await.map_err(|error| error.to_string())?;
            Ok(context)
        };
        self.connected.get_or_try_init(connect).await
    }

    async fn publish(&self, store: &str, logged: &LoggedEvent) -> Result<(), String> {
        let subject = format!("{STREAM}.{store}.{}", logged.event.kind.as_str());
        let message = PublishMessage::build()
            .message_id(logged.event.id.to_string())
            .payload(logged.to_json(store).to_string().into());
        let sent = self.context().await?.send_publish(subject, message).await.map_err(|error| error.to_string())?;
        sent.await.map(drop).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl EventSink for NatsSink {
    fn name(&self) -> &'static str {
        "nats"
    }

    async fn take(&self, store: &str, events: &[LoggedEvent]) -> (usize, Option<String>) {
        let begun = std::time::Instant::now();
        for (taken, logged) in events.iter().enumerate() {
            if begun.elapsed() > PAGE_TIME {
                return (taken, None);
            }
            if let Err(reason) = self.publish(store, logged).await {
                return (taken, Some(format!("NATS: {reason}")));
            }
        }
        (events.len(), None)
    }
}
