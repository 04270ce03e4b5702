//! The few calls of Stripe's HTTP interface that are needed, over HTTPS with bounded times. Keys and client secrets are never
//! logged.

use super::StripeSettings;
use super::objects::{DisputeObject, Found, Intent, Intents, Page, Refund, Refused, StripeError};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The version of Stripe's interface that the objects are written for; an account's own default may be another.
const API_VERSION: &str = "2024-06-20";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// For a whole call. Two of them fit into what the engine waits for a gateway.
const CALL_TIMEOUT: Duration = Duration::from_secs(9);

/// Parameters of a request: Stripe reads forms.
pub(super) type Form<'f> = [(&'f str, String)];

/// Why there is no object.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody knows what was done: no answer, an error of Stripe's, a key it refuses, or a lock.
    Silent,
    /// Refused: the request has done nothing.
    Refused(StripeError),
}

pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    secret_key: String,
}

/// An object, and whether Stripe repeated the answer of an earlier request instead of looking anew.
pub(super) struct Answered<T> {
    pub object: T,
    pub replayed: bool,
}

impl Client {
    pub(super) fn new(settings: &StripeSettings) -> Result<Client, String> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("cartwright/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("the HTTP client for Stripe cannot be set up: {error}"))?;
        let base = settings.api_base.trim_end_matches('/').to_owned();
        if reqwest::Url::parse(&base).is_err() {
            return Err(format!("`{base}` is no address"));
        }
        Ok(Client { http, base, secret_key: settings.secret_key.clone() })
    }

    pub(super) async fn create_intent(&self, form: &Form<'_>, key: &str) -> Result<Answered<Intent>, Trouble> {
        self.post("/v1/payment_intents", form, key).await
    }

    pub(super) async fn confirm_intent(&self, id: &str, key: &str) -> Result<Intent, Trouble> {
        self.post(&format!("/v1/payment_intents/{id}/confirm"), &[], key).await.map(|answer| answer.object)
    }

    /// Needs no idempotency key: what is cancelled stays so. With one a refusal would be repeated for a day.
    pub(super) async fn cancel_intent(&self, id: &str) -> Result<Intent, Trouble> {
        let request = self.http.post(format!("{}/v1/payment_intents/{id}/cancel", self.base));
        self.send(request).await.map(|answer| answer.object)
    }

    pub(super) async fn intent(&self, id: &str) -> Result<Intent, Trouble> {
        let request = self.http.get(format!("{}/v1/payment_intents/{id}", self.base));
        self.send(request).await.map(|answer| answer.object)
    }

    /// A page of the intents made in a period of seconds, the newest first, with their charges.
    pub(super) async fn list_intents(&self, from: i64, until: i64, after: Option<&str>) -> Result<Intents, Trouble> {
        let mut query = vec![
            ("created[gte]", from.to_string()),
            ("created[lt]", until.to_string()),
            ("limit", "100".to_owned()),
            ("expand[]", "data.latest_charge".to_owned()),
        ];
        query.extend(after.map(|id| ("starting_after", id.to_owned())));
        let request = self.http.get(format!("{}/v1/payment_intents", self.base)).query(&query);
        self.send(request).await.map(|answer| answer.object)
    }

    /// Finds intents by metadata. Stripe's index lags a minute behind, at times more.
    pub(super) async fn search_intents(&self, field: &str, value: &str) -> Result<Vec<Intent>, Trouble> {
        let query = [("query", format!("metadata['{field}']:'{value}'"))];
        let request = self.http.get(format!("{}/v1/payment_intents/search", self.base)).query(&query);
        self.send::<Found>(request).await.map(|answer| answer.object.data)
    }

    pub(super) async fn capture_intent(&self, id: &str, amount: i64, key: &str) -> Result<Intent, Trouble> {
        let form = [("amount_to_capture", amount.to_string())];
        self.post(&format!("/v1/payment_intents/{id}/capture"), &form, key).await.map(|answer| answer.object)
    }

    /// `None` where Stripe repeats an error of its own: the refund may have been made all the same.
    pub(super) async fn create_refund(&self, form: &Form<'_>, key: &str) -> Result<Option<Refund>, Trouble> {
        let answer = self.post_once("/v1/refunds", form, key).await?;
        if answer.is_repeated_error() { Ok(None) } else { answer.read().map(|answer| Some(answer.object)) }
    }

    /// All refunds of an intent. Lists do not lag, other than searches.
    pub(super) async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, Trouble> {
        let mut all: Vec<Refund> = Vec::new();
        loop {
            let mut query = vec![("payment_intent", intent.to_owned()), ("limit", "100".to_owned())];
            query.extend(all.last().map(|refund| ("starting_after", refund.id.clone())));
            let request = self.http.get(format!("{}/v1/refunds", self.base)).query(&query);
            let page = self.send::<Page<Refund>>(request).await?.object;
            let ended = !page.has_more || page.data.is_empty();
            all.extend(page.data);
            if ended {
                return Ok(all);
            }
        }
    }

    /// All disputes of an intent; there are hardly ever two.
    pub(super) async fn disputes_of(&self, intent: &str) -> Result<Vec<DisputeObject>, Trouble> {
        let query = [("payment_intent", intent), ("limit", "100")];
        let request = self.http.get(format!("{}/v1/disputes", self.base)).query(&query);
        self.send::<Page<DisputeObject>>(request).await.map(|answer| answer.object.data)
    }

    /// An intent with its charge.
    pub(super) async fn intent_with_charge(&self, id: &str) -> Result<Intent, Trouble> {
        let query = [("expand[]", "latest_charge.balance_transaction")];
        let request = self.http.get(format!("{}/v1/payment_intents/{id}", self.base)).query(&query);
        self.send(request).await.map(|answer| answer.object)
    }

    /// Stripe repeats even its own errors for as long as it remembers the key. All that is posted by this is harmless to do again
    /// (an unconfirmed intent moves no money, an intent is confirmed once), so after a repeated error another key is tried.
    async fn post<T: DeserializeOwned>(&self, path: &str, form: &Form<'_>, key: &str) -> Result<Answered<T>, Trouble> {
        let answer = self.post_once(path, form, key).await?;
        if answer.is_repeated_error() {
            return self.post_once(path, form, &format!("{key}/again")).await?.read();
        }
        answer.read()
    }

    async fn post_once(&self, path: &str, form: &Form<'_>, key: &str) -> Result<Raw, Trouble> {
        let request = self.http.post(format!("{}{path}", self.base)).header("Idempotency-Key", key);
        exchange(self.authorised(request.form(form))).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Answered<T>, Trouble> {
        exchange(self.authorised(request)).await?.read()
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.secret_key).header("Stripe-Version", API_VERSION)
    }
}

/// An answer as it came.
struct Raw {
    status: u16,
    replayed: bool,
    body: Vec<u8>,
}

async fn exchange(request: RequestBuilder) -> Result<Raw, Trouble> {
    let silent = |error: reqwest::Error| {
        tracing::warn!(%error, "Stripe gave no answer; it is asked again");
        Trouble::Silent
    };
    let response = request.send().await.map_err(silent)?;
    let status = response.status().as_u16();
    let replayed = response.headers().get("Idempotent-Replayed").is_some_and(|value| value == "true");
    let body = response.bytes().await.map_err(silent)?.to_vec();
    Ok(Raw { status, replayed, body })
}

impl Raw {
    fn is_repeated_error(&self) -> bool {
        self.status >= 500 && self.replayed
    }

    fn read<T: DeserializeOwned>(self) -> Result<Answered<T>, Trouble> {
        let told = || serde_json::from_slice::<Refused>(&self.body).map(|refused| refused.error).unwrap_or_default();
        match self.status {
            200..300 => match serde_json::from_slice(&self.body) {
                Ok(object) => Ok(Answered { object, replayed: self.replayed }),
                Err(error) => {
                    tracing::error!(%error, "Stripe's answer cannot be read");
                    Err(Trouble::Silent)
                }
            },
            400 | 402 | 404 => Err(Trouble::Refused(told())),
            // Money may have moved while the key was still good: the outcome is not known.
            401 | 403 => {
                let error = told();
                tracing::error!(self.status, message = error.message, "Stripe refuses the secret key; payments wait");
                Err(Trouble::Silent)
            }
            status => {
                let error = told();
                tracing::warn!(status, code = error.code, message = error.message, "Stripe cannot tell; asked again");
                Err(Trouble::Silent)
            }
        }
    }
}
