//! Stripe. An attempt is one PaymentIntent, made unconfirmed and then confirmed: by us where the request names a payment method,
//! by the shopper's browser otherwise. So at every moment there is one known intent to be asked about, and an intent is
//! paid once at most, whatever is lost or repeated between us and Stripe.

mod amounts;
mod books;
mod client;
mod list;
mod objects;
mod refunds;
mod signature;

use amounts::{from_stripe, to_stripe};
use async_trait::async_trait;
use cartwright_domain::command::Settlement;
use cartwright_domain::id::{AttemptId, OrderId, RefundId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Dispute, DisputeStanding};
use cartwright_domain::outside::Books;
use cartwright_domain::store::PaymentCapture;
use cartwright_engine::{
    CaptureCall, Charge, ClientKeys, Gateway, ListedPage, ListedPayment, Look, Notice, NoticeError, Owner, RefundCall,
    SentBack, SignedNotice, Silent,
};
use client::{Answered, Client, Trouble};
use objects::{Event, EventObject, Intent, StripeError};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use uuid::Uuid;

/// The method that leaves the confirmation to the shopper's browser.
const BROWSER: &str = "browser";
/// How long idempotency keys are relied upon. Stripe keeps them for at least 24 hours.
const KEYS_LIVE_MS: i64 = 23 * 60 * 60 * 1000;
/// Intents that are remembered, so that Stripe need not be asked for them by key.
const REMEMBERED: usize = 20_000;

const STORE: &str = "cartwright_store";
const ORDER: &str = "cartwright_order";
const ATTEMPT: &str = "cartwright_attempt";

/// How to reach Stripe.
#[derive(Clone)]
pub struct StripeSettings {
    /// The secret key, `sk_…` or `rk_…`.
    pub secret_key: String,
    /// The secret of the webhook's endpoint, `whsec_…`; without it no webhook is taken.
    pub webhook_secret: Option<String>,
    /// The key for browsers, `pk_…`.
    pub publishable_key: Option<String>,
    /// Where Stripe is.
    pub api_base: String,
}

impl StripeSettings {
    /// Stripe itself.
    pub const API_BASE: &str = "https://api.stripe.com";
}

/// Payments through Stripe. Methods: `pm_…`, a card as Stripe's browser library has collected it; `browser`, confirmed there.
pub struct StripeGateway {
    client: Client,
    settings: StripeSettings,
    /// Id and client secret of the intents asked about last.
    known: Cache<AttemptId, (String, Option<String>)>,
}

impl StripeGateway {
    /// A gateway with these settings.
    ///
    /// # Errors
    /// What cannot be used, in a sentence.
    pub fn new(settings: StripeSettings) -> Result<StripeGateway, String> {
        Ok(StripeGateway { client: Client::new(&settings)?, settings, known: Cache::new(REMEMBERED) })
    }

    /// The attempt's intent as it is now, made where Stripe has none. `None` where it has none and it is too late to make one:
    /// once keys are forgotten a second one could be made.
    async fn intent(&self, charge: &Charge) -> Result<Option<Intent>, Trouble> {
        let intent = match self.known.get(&charge.attempt_id) {
            Some((id, _)) => Some(self.client.intent(&id).await?),
            None if charge.age_ms > KEYS_LIVE_MS => self.search(charge).await?,
            None => Some(self.create(charge).await?),
        };
        if let Some(intent) = &intent {
            self.known.insert(charge.attempt_id, (intent.id.clone(), intent.client_secret.clone()));
        }
        Ok(intent)
    }

    async fn create(&self, charge: &Charge) -> Result<Intent, Trouble> {
        let key = format!("{}/charge", charge.attempt_id);
        match self.client.create_intent(&form_of(charge)?, &key).await {
            Ok(Answered { object, replayed: false }) => Ok(object),
            // A repeated answer shows the intent as it was when it was made.
            Ok(Answered { object, replayed: true }) => self.client.intent(&object.id).await,
            // Made with other parameters, by an earlier version of this program.
            Err(Trouble::Refused(error)) if error.kind.as_deref() == Some("idempotency_error") => {
                self.search(charge).await?.ok_or(Trouble::Silent)
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn search(&self, charge: &Charge) -> Result<Option<Intent>, Trouble> {
        let found = self.client.search_intents(ATTEMPT, &charge.attempt_id.to_string()).await?;
        // The index may lag: the intent itself tells its state.
        match found.first() {
            Some(intent) => self.client.intent(&intent.id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Goes on with an attempt as far as it goes, from wherever it is.
    async fn proceed(&self, charge: &Charge) -> Result<Settlement, Trouble> {
        let Some(intent) = self.intent(charge).await? else { return Ok(Settlement::Voided) };
        let settlement = match intent.outcome(charge) {
            Some(settlement) => settlement,
            // Too late to be confirmed under a key that is still known.
            None if charge.age_ms > KEYS_LIVE_MS => return self.cancel(&intent.id, charge).await,
            None => self.confirm(&intent.id, charge).await?,
        };
        if matches!(settlement, Settlement::Declined(_)) && intent.status != "canceled" {
            // Nobody shall pay it any more: its goods go back. Should this be lost, late money is refunded.
            let _ = self.client.cancel_intent(&intent.id).await;
        }
        Ok(settlement)
    }

    async fn confirm(&self, id: &str, charge: &Charge) -> Result<Settlement, Trouble> {
        let refused = match self.client.confirm_intent(id, &format!("{}/confirm", charge.attempt_id)).await {
            Ok(intent) => return Ok(intent.outcome(charge).unwrap_or(Settlement::Unknown)),
            Err(Trouble::Refused(error)) => error,
            Err(Trouble::Silent) => return Err(Trouble::Silent),
        };
        // Declined, or confirmed by somebody else meanwhile: the intent tells which.
        Ok(match self.client.intent(id).await?.outcome(charge) {
            Some(Settlement::Declined(_)) | None => declined(&refused, charge),
            Some(settlement) => settlement,
        })
    }

    async fn cancel(&self, id: &str, charge: &Charge) -> Result<Settlement, Trouble> {
        let intent = match self.client.cancel_intent(id).await {
            Err(Trouble::Refused(_)) => self.client.intent(id).await?,
            other => other?,
        };
        Ok(match intent.outcome(charge) {
            Some(captured @ Settlement::Captured(_)) => captured,
            _ if intent.status == "canceled" => Settlement::Voided,
            _ => Settlement::Unknown,
        })
    }

    /// An intent is captured once, and tells whether it was. The key is for refusals: who asks twice at once is told one thing.
    async fn capture_part(&self, charge: &Charge, capture: &CaptureCall) -> Result<Settlement, Trouble> {
        let number = capture.number;
        let failed = |reason| Settlement::CaptureFailed { capture: number, reason };
        let Some(intent) = self.intent(charge).await? else { return Ok(Settlement::Voided) };
        let Some(part) = to_stripe(capture.amount, charge.currency) else {
            return Ok(failed("amount_not_chargeable".to_owned()));
        };
        let key = format!("{}/capture/{number}", charge.attempt_id);
        let (intent, refused) = match self.client.capture_intent(&intent.id, part, &key).await {
            Ok(intent) => (intent, None),
            Err(Trouble::Refused(error)) => (self.client.intent(&intent.id).await?, Some(error)),
            Err(Trouble::Silent) => return Err(Trouble::Silent),
        };
        Ok(match (intent.outcome(charge), refused) {
            (Some(Settlement::Authorized(_)), Some(error)) => failed(error.reason()),
            (Some(settlement @ (Settlement::Captured(_) | Settlement::Voided)), _) => settlement,
            _ => Settlement::Unknown,
        })
    }
}

/// How an intent is asked for: always the same for an attempt, or Stripe would not take it for a repetition.
fn form_of(charge: &Charge) -> Result<Vec<(&'static str, String)>, Trouble> {
    let amount = to_stripe(charge.amount, charge.currency).ok_or_else(|| {
        let code = Some("amount_not_chargeable".to_owned());
        Trouble::Refused(StripeError { code, ..StripeError::default() })
    })?;
    let mut form = vec![
        ("amount", amount.to_string()),
        ("currency", charge.currency.code().to_ascii_lowercase()),
        ("metadata[cartwright_store]", charge.store.clone()),
        ("metadata[cartwright_order]", charge.order_id.to_string()),
        ("metadata[cartwright_attempt]", charge.attempt_id.to_string()),
    ];
    if charge.capture == PaymentCapture::Manual {
        form.push(("capture_method", "manual".to_owned()));
    }
    if charge.method != BROWSER {
        // Cards only: other methods send the shopper away, which needs the browser.
        form.extend([("payment_method", charge.method.clone()), ("payment_method_types[]", "card".to_owned())]);
    }
    Ok(form)
}

/// Refused by the bank, or by Stripe for what we sent: in both cases asking again would change nothing.
fn declined(error: &StripeError, charge: &Charge) -> Settlement {
    if error.kind.as_deref() != Some("card_error") {
        tracing::error!(order = %charge.order_id, ?error, "Stripe refuses a payment");
    }
    Settlement::Declined(error.reason())
}

/// Whose a payment or refund is, by the metadata that we gave it.
fn owner_of(metadata: Option<&HashMap<String, String>>) -> Option<Owner> {
    let metadata = metadata?;
    let id = |field: &str| metadata.get(field).and_then(|id| id.parse::<Uuid>().ok());
    let (order_id, attempt_id) = (OrderId(id(ORDER)?), AttemptId(id(ATTEMPT)?));
    Some(Owner { store: metadata.get(STORE)?.clone(), order_id, attempt_id })
}

fn notice_of(object: &EventObject) -> Option<Notice> {
    match object.object.as_deref()? {
        "payment_intent" => owner_of(object.metadata.as_ref()).map(Notice::Payment),
        "refund" => {
            let own = object.metadata.as_ref().and_then(|metadata| metadata.get(refunds::REFUND)?.parse().ok());
            match (own, owner_of(object.metadata.as_ref())) {
                (Some(id), Some(owner)) => Some(Notice::Refund(owner, RefundId(id))),
                // Made by hand: whose it is, Stripe is asked.
                _ => object.payment_intent.clone().map(Notice::Reference),
            }
        }
        // It went back in part or as a whole, whoever did it.
        "charge" => object.payment_intent.clone().map(Notice::Reference),
        "dispute" => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let currency: Currency = object.currency.as_deref()?.to_ascii_uppercase().parse().ok()?;
            let dispute = Dispute {
                id: object.id.clone()?,
                amount: from_stripe(object.amount?, currency)?,
                reason: text(&object.reason),
                status: text(&object.status),
                at: Timestamp(0),
                standing: DisputeStanding::Noted,
                fee: None,
            };
            Some(Notice::Dispute(object.payment_intent.clone()?, dispute))
        }
        _ => None,
    }
}

#[async_trait]
impl Gateway for StripeGateway {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn knows_method(&self, method: &str) -> bool {
        let id = method.strip_prefix("pm_").unwrap_or_default();
        method == BROWSER || !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    fn shown_methods(&self) -> &'static [(&'static str, &'static str)] {
        &[(BROWSER, "Card and other ways, in the browser")]
    }

    async fn charge(&self, charge: &Charge) -> Settlement {
        match self.proceed(charge).await {
            Ok(settlement) => settlement,
            Err(Trouble::Refused(error)) => declined(&error, charge),
            Err(Trouble::Silent) => Settlement::Unknown,
        }
    }

    async fn look_up(&self, charge: &Charge) -> Settlement {
        self.charge(charge).await
    }

    async fn void(&self, charge: &Charge) -> Settlement {
        // An intent that was never made is made now, to be cancelled: a charge that is still on its way finds it so.
        let voided = async {
            match self.intent(charge).await? {
                Some(intent) => self.cancel(&intent.id, charge).await,
                None => Ok(Settlement::Voided),
            }
        };
        match voided.await {
            Ok(settlement) => settlement,
            // Stripe would not even make it.
            Err(Trouble::Refused(_)) => Settlement::Voided,
            Err(Trouble::Silent) => Settlement::Unknown,
        }
    }

    async fn capture(&self, charge: &Charge, capture: &CaptureCall) -> Settlement {
        self.capture_part(charge, capture).await.unwrap_or(Settlement::Unknown)
    }

    async fn refund(&self, charge: &Charge, refund: &RefundCall) -> Settlement {
        self.send_refund(charge, refund).await.unwrap_or(Settlement::Unknown)
    }

    async fn observe(&self, charge: &Charge) -> Result<Option<Settlement>, Silent> {
        match self.intent(charge).await {
            Ok(intent) => Ok(intent.and_then(|intent| intent.outcome(charge))),
            Err(Trouble::Refused(_)) => Ok(None),
            Err(Trouble::Silent) => Err(Silent),
        }
    }

    async fn observe_refund(&self, charge: &Charge, refund: &RefundCall) -> Result<Option<Settlement>, Silent> {
        self.refund_outcome(charge, refund).await.map_err(|_| Silent)
    }

    async fn books(&self, charge: &Charge, look: Look) -> Result<Option<Books>, Silent> {
        match self.books_of(charge, look).await {
            Ok(books) => Ok(books),
            Err(Trouble::Refused(_)) => Ok(None),
            Err(Trouble::Silent) => Err(Silent),
        }
    }

    async fn payment(&self, reference: &str) -> Result<Option<ListedPayment>, Silent> {
        self.payment_of(reference).await.map_err(|_| Silent)
    }

    async fn send_back(&self, payment: &ListedPayment, amount: i64) -> Result<SentBack, Silent> {
        self.send_unmatched_back(payment, amount).await.map_err(|_| Silent)
    }

    async fn owner(&self, reference: &str) -> Result<Option<Owner>, Silent> {
        match self.client.intent(reference).await {
            Ok(intent) => Ok(owner_of(intent.metadata.as_ref())),
            Err(Trouble::Refused(_)) => Ok(None),
            Err(Trouble::Silent) => Err(Silent),
        }
    }

    async fn list(&self, from: Timestamp, until: Timestamp, after: Option<&str>) -> Result<ListedPage, Silent> {
        self.list_page(from, until, after).await.map_err(|_| Silent)
    }

    async fn client_keys(&self, charge: &Charge) -> Option<ClientKeys> {
        let known = self.known.get(&charge.attempt_id).and_then(|(_, secret)| secret);
        let secret = match known {
            Some(secret) => Some(secret),
            None => self.intent(charge).await.ok().flatten().and_then(|intent| intent.client_secret),
        };
        let publishable_key = self.settings.publishable_key.clone();
        secret.map(|client_secret| ClientKeys { client_secret, publishable_key })
    }

    fn read_notice(&self, header: &str, body: &[u8], now: Timestamp) -> Result<Option<SignedNotice>, NoticeError> {
        let secret = self.settings.webhook_secret.as_deref().ok_or(NoticeError::NotTaken)?;
        signature::check(secret, header, body, now.0).map_err(NoticeError::Signature)?;
        let event: Event = serde_json::from_slice(body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
        let Some(notice) = notice_of(&event.data.object) else { return Ok(None) };
        Ok(Some(SignedNotice { event_id: event.id, notice }))
    }
}
