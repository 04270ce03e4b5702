//! The client itself: where the server is, which store is meant, and who asks.

use crate::Error;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::time::Duration;

const DEFAULT_URL: &str = "http://127.0.0.1:8080";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const STORE: HeaderName = HeaderName::from_static("cartwright-store");
const CUSTOMER: HeaderName = HeaderName::from_static("cartwright-customer");

/// A client of one store on one server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
}

/// Sets up a [`Client`].
#[derive(Clone, Default)]
pub struct Builder {
    url: Option<String>,
    store: Option<String>,
    api_key: Option<String>,
    customer: Option<String>,
    timeout: Option<Duration>,
}

impl Client {
    /// Starts to set up a client. Without further ado it asks the store `default` at `http://127.0.0.1:8080` as a guest.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address of the server.
    #[must_use]
    pub fn url(&self) -> &str {
        self.base.as_str()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Builder {
    /// The address of the server, without `/api/v1`.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The store, by handle.
    #[must_use]
    pub fn store(mut self, store: impl Into<String>) -> Self {
        self.store = Some(store.into());
        self
    }

    /// An operator's secret key (`sk_…`). Operators' operations need one; shoppers have none.
    #[must_use]
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// A person's session, by the token of its login (`cs_…`), in place of a key.
    #[must_use]
    pub fn session(self, token: impl Into<String>) -> Self {
        self.api_key(token)
    }

    /// The customer for whom an operator's key acts: then only that customer's carts and orders open.
    #[must_use]
    pub fn acting_for(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// How long one request may take in all; 30 seconds unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the address, the store or the key cannot be sent.
    pub fn build(self) -> Result<Client, Error> {
        let base = base_url(self.url.as_deref().unwrap_or(DEFAULT_URL))?;
        let mut headers = HeaderMap::new();
        if let Some(store) = &self.store {
            headers.insert(STORE, header_value("the store's handle", store)?);
        }
        if let Some(api_key) = &self.api_key {
            let mut value = header_value("the API key", &format!("Bearer {api_key}"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(customer) = &self.customer {
            let value = HeaderValue::from_bytes(customer.as_bytes());
            let wrong = |_| Error::Invalid("the customer's name has characters that cannot be sent".to_owned());
            headers.insert(CUSTOMER, value.map_err(wrong)?);
        }
        choose_tls_provider();
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout.unwrap_or(DEFAULT_TIMEOUT))
            // A redirect could carry a cart's secret or an operator's key to another host.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("cartwright-client/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::Invalid(format!("the HTTP client cannot be set up: {error}")))?;
        Ok(Client { http, base })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Builder").field("url", &self.url).field("store", &self.store).finish_non_exhaustive()
    }
}

/// The process may have chosen a provider already; then that one stays.
fn choose_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

fn base_url(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| Error::Invalid(format!("`{text}` is not an address: {error}")))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(Error::Invalid(format!("`{text}` begins with `{other}`; it must be http or https"))),
    }
}

pub(crate) fn header_value(what: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| Error::Invalid(format!("{what} has characters that cannot be sent")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_must_be_http() {
        assert!(Client::builder().url("https://shop.example/base").build().is_ok());
        assert!(matches!(Client::builder().url("ftp://shop.example").build(), Err(Error::Invalid(_))));
        assert!(matches!(Client::builder().url("not an address").build(), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_key_with_a_line_break_is_refused_and_no_key_is_ever_printed() {
        assert!(matches!(Client::builder().api_key("sk_1\nx").build(), Err(Error::Invalid(_))));
        let builder = Client::builder().api_key("sk_secret");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().expect("a client")).contains("secret"));
    }
}
