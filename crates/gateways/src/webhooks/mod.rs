//! Webhooks out: signed requests to receivers that operators name. What an operator may name is not to be trusted with our own
//! network, so nothing connects to a private address unless the server was told to; what is checked is the address that is
//! connected to, since a name may mean another one tomorrow. No redirects and no proxies, for the same reason.

mod public;
mod signature;

use async_trait::async_trait;
use cartwright_engine::{WebhookAnswer, WebhookMessage, WebhookSender};
use public::PublicOnly;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use std::sync::Arc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For a whole request; receivers are to answer first and work later.
const TIMEOUT: Duration = Duration::from_secs(15);
/// By this a receiver says that it wants no more events at all.
const GONE: u16 = 410;

/// Sends to receivers over HTTP.
pub struct WebhookClient {
    http: reqwest::Client,
    allow_private: bool,
}

impl WebhookClient {
    /// A client that connects to private addresses, or does not.
    ///
    /// # Errors
    /// Why HTTP cannot be set up.
    pub fn new(allow_private: bool) -> Result<WebhookClient, String> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { allow_private }))
            .user_agent(concat!("cartwright/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("the HTTP client for webhooks cannot be set up: {error}"))?;
        Ok(WebhookClient { http, allow_private })
    }

    async fn post(&self, message: &WebhookMessage) -> Result<u16, String> {
        let url = reqwest::Url::parse(&message.url).map_err(|error| format!("not an address: {error}"))?;
        // An address in digits is not looked up, so the resolver never sees it.
        public::check_digits(&url, self.allow_private)?;
        let seconds = message.at.0.div_euclid(1_000).to_string();
        let signatures = signature::sign_with_all(&message.keys, &message.id, &seconds, &message.body)?;
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures)
            .body(message.body.clone());
        request.send().await.map(|answer| answer.status().as_u16()).map_err(|error| in_words(&error))
    }
}

#[async_trait]
impl WebhookSender for WebhookClient {
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer {
        match self.post(message).await {
            Ok(status @ 200..=299) => WebhookAnswer::Taken(status.to_string()),
            Ok(status @ GONE) => WebhookAnswer::Gone(status.to_string()),
            Ok(status) => WebhookAnswer::Refused(status.to_string()),
            Err(reason) => WebhookAnswer::Refused(reason),
        }
    }
}

/// The innermost cause says most; the address may contain a secret, and is left out.
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().chars().take(200).collect()
}
