//! Webhooks on their way out. Each receiver has a place in the store's log; a round takes up what came after it and what is due
//! again, sends it, and writes what became of it with one command. Events of one cart or order go out one after another, those
//! of different ones beside each other. A round that is cut off anywhere is done again: each event comes at least once, with
//! the same id. Nothing is sent in a transaction.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::{DeliveryQuery, DeliverySelection, EventQuery};
use crate::vault::SealedFor;
use async_trait::async_trait;
use bytes::Bytes;
use cartwright_domain::command::Command;
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::id::{StoreId, Timestamp, WebhookId};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use cartwright_domain::webhook::{Chain, Delivery, DeliveryStatus, Webhook};
use futures_util::StreamExt;
use futures_util::stream::iter;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use uuid::Uuid;

const TICK: Duration = Duration::from_millis(250);
/// How long a node keeps a store's receivers without renewing it.
const LEASE_MS: i64 = 5_000;
/// Events that a round takes up at most.
const PAGE: usize = 200;
/// Events that may wait for a receiver before no more are taken up: the log keeps them.
const MOST_WAITING: usize = 1_000;
/// Carts and orders of which a receiver is told at the same time.
const BESIDE: usize = 16;
/// A round sends nothing more after this long, so that what became of its events is written soon.
const ROUND: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Clone, Debug)]
pub struct WebhookMessage {
    /// Where to.
    pub url: String,
    /// The event's id.
    pub id: String,
    /// When it is sent.
    pub at: Timestamp,
    /// The event as JSON.
    pub body: Bytes,
    /// The secrets to sign with, `whsec_…`.
    pub keys: Vec<String>,
}

/// What a receiver said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// It has the event.
    Taken(String),
    /// It does not, or nobody knows.
    Refused(String),
    /// It wants no more events at all.
    Gone(String),
}

/// Sends to receivers. Answers within bounded time.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Sends once.
    async fn send(&self, message: &WebhookMessage) -> WebhookAnswer;
}

/// What a round is given.
struct Round<'r> {
    engine: &'r Engine,
    sender: &'r dyn WebhookSender,
    config: &'r StoreConfig,
    webhook: &'r Webhook,
    /// Events that were just read.
    fresh: BTreeMap<i64, LoggedEvent>,
    begun: Instant,
    gone: AtomicBool,
}

impl Engine {
    /// Sends to receivers until the engine is gone. To be spawned.
    pub async fn send_webhooks_forever(engine: Weak<Engine>) {
        let mut running: HashMap<(StoreId, WebhookId), JoinHandle<()>> = HashMap::new();
        while let Some(engine) = engine.upgrade() {
            running.retain(|_, task| !task.is_finished());
            for config in engine.stores() {
                match engine.receivers(&config).await {
                    Ok(webhooks) => {
                        for webhook in webhooks {
                            let key = (config.store.id, webhook.id);
                            let begin = || tokio::spawn(go_on(engine.clone(), config.clone(), webhook));
                            running.entry(key).or_insert_with(begin);
                        }
                    }
                    Err(error) => tracing::warn!(store = config.store.handle, %error, "receivers cannot be read"),
                }
            }
            drop(engine);
            tokio::time::sleep(TICK).await;
        }
    }

    /// The receivers that this node has to serve.
    async fn receivers(&self, config: &StoreConfig) -> Result<Vec<Webhook>, Failure> {
        let (store, now) = (config.store.id, self.now());
        let webhooks = self.reader.webhooks(store).await?;
        let active: Vec<Webhook> = webhooks.into_iter().filter(|webhook| webhook.definition.active).collect();
        let ours =
            !active.is_empty() && self.reader.lease(store, "webhooks", self.node, now, now.plus_ms(LEASE_MS)).await?;
        Ok(if ours { active } else { Vec::new() })
    }

    /// One round for every receiver of a store; whether any has more to do at once.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn send_webhooks(&self, config: &Arc<StoreConfig>) -> Result<bool, Failure> {
        let mut more = false;
        for webhook in self.receivers(config).await? {
            more |= self.round(config, &webhook).await?;
        }
        Ok(more)
    }

    /// One round for a receiver; whether there is more to do at once.
    async fn round(&self, config: &Arc<StoreConfig>, webhook: &Webhook) -> Result<bool, Failure> {
        let Some(sender) = &self.webhook_sender else { return Ok(false) };
        let page = self.page(config.store.id, webhook).await?;
        let position = page.last().map_or(webhook.position, |last| last.sequence);
        let full = page.len() == PAGE;
        let fresh: BTreeMap<i64, LoggedEvent> = page
            .into_iter()
            .filter(|logged| webhook.definition.wants(logged.event.kind))
            .map(|logged| (logged.sequence, logged))
            .collect();
        let chains = self.chains(config.store.id, webhook, &fresh).await?;
        if chains.is_empty() && position == webhook.position {
            return Ok(false);
        }
        let (begun, gone) = (Instant::now(), AtomicBool::new(false));
        let round = Round { engine: self, sender: sender.as_ref(), config, webhook, fresh, begun, gone };
        let walks = iter(chains).map(|chain| round.walk(chain)).buffer_unordered(BESIDE);
        let walked: Vec<Result<Vec<Delivery>, Failure>> = walks.collect().await;
        let mut deliveries = Vec::new();
        for chain in walked {
            deliveries.extend(chain?);
        }
        let more = full || deliveries.iter().any(|delivery| delivery.due_at.is_some_and(|due| due <= self.now()));
        let off = round.gone.load(Ordering::Relaxed).then(|| "The receiver wants no more events (410).".to_owned());
        let (id, round) = (webhook.id, webhook.round);
        match self.run(config, Command::RecordDeliveries { id, round, position, deliveries, off }).await {
            // Replayed, changed or served by another node meanwhile: what was sent may be sent again.
            Err(Failure::Refused(Refusal::Conflict { .. } | Refusal::WebhookNotFound)) => Ok(false),
            Err(error) => Err(error),
            Ok(_) => Ok(more),
        }
    }

    /// New events, as far as there is room for them.
    async fn page(&self, store: StoreId, webhook: &Webhook) -> Result<Vec<LoggedEvent>, Failure> {
        let query = EventQuery { after: webhook.position, limit: PAGE, ..EventQuery::default() };
        let mut page = self.reader.events(store, &query).await?;
        if !page.is_empty() {
            let selection = DeliverySelection::Newest { status: Some(DeliveryStatus::Pending), before: i64::MAX };
            let query = DeliveryQuery { webhook: webhook.id, selection, limit: MOST_WAITING };
            page.truncate(MOST_WAITING - self.reader.deliveries(store, &query).await?.len());
        }
        Ok(page)
    }

    /// What is new and what is due, by subject, with all that waits of the same.
    async fn chains(
        &self,
        store: StoreId,
        webhook: &Webhook,
        fresh: &BTreeMap<i64, LoggedEvent>,
    ) -> Result<Vec<Chain>, Failure> {
        let now = self.now();
        let ask = async |selection, limit| {
            self.reader.deliveries(store, &DeliveryQuery { webhook: webhook.id, selection, limit }).await
        };
        let mut subjects: BTreeMap<Uuid, (Vec<Delivery>, Vec<Delivery>)> = BTreeMap::new();
        for due in ask(DeliverySelection::Due(now), PAGE).await? {
            subjects.entry(due.subject).or_default();
        }
        for logged in fresh.values() {
            let delivery = Delivery::of(logged, now);
            subjects.entry(delivery.subject).or_default().1.push(delivery);
        }
        if !subjects.is_empty() {
            let named = subjects.keys().copied().collect();
            // All of them: one left out would be left behind for good.
            for waiting in ask(DeliverySelection::Waiting(named), u32::MAX as usize).await? {
                subjects.entry(waiting.subject).or_default().0.push(waiting);
            }
        }
        Ok(subjects.into_values().map(|(waiting, fresh)| Chain::new(waiting, fresh)).collect())
    }

    /// Sends a receiver a message that is no event, to see whether it answers.
    ///
    /// # Errors
    /// The storage's failure; `WebhookNotFound`.
    pub async fn ping_webhook(&self, config: &StoreConfig, id: WebhookId) -> Result<WebhookAnswer, Failure> {
        let webhooks = self.reader.webhooks(config.store.id).await?;
        let webhook = webhooks.into_iter().find(|webhook| webhook.id == id).ok_or(Refusal::WebhookNotFound)?;
        let Some(sender) = &self.webhook_sender else {
            return Ok(WebhookAnswer::Refused("this server sends no webhooks".to_owned()));
        };
        let (now, id) = (self.now(), self.dice());
        let id = cartwright_domain::id::IdSource::new(now, id).next_id().to_string();
        let timestamp = cartwright_domain::rfc3339::rfc3339(now);
        let body = serde_json::json!({ "id": id, "store": config.store.handle, "type": "ping", "timestamp": timestamp, "data": {} });
        let keys = match self.webhook_keys(config.store.id, &webhook, now) {
            Ok(keys) => keys,
            Err(reason) => return Ok(WebhookAnswer::Refused(reason)),
        };
        let body = Bytes::from(body.to_string());
        Ok(sender.send(&WebhookMessage { url: webhook.definition.url, id, at: now, body, keys }).await)
    }

    /// The secrets to sign with now, as far as they open; or why there is none.
    fn webhook_keys(&self, store: StoreId, webhook: &Webhook, now: Timestamp) -> Result<Vec<String>, String> {
        let (mut keys, mut reason) = (Vec::new(), "it has no secret to sign with: give it one (`rotate`)".to_owned());
        for kept in webhook.definition.keys_at(now) {
            match self.vault.open(SealedFor::Webhook, store, &kept) {
                Ok(key) => keys.push(key),
                Err(error) => reason = format!("its secret cannot be opened: {error}"),
            }
        }
        if keys.is_empty() { Err(reason) } else { Ok(keys) }
    }

    /// The number of the last event before this instant. The log is nearly in the order of time: nodes' clocks may differ a little.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn last_event_before(&self, store: StoreId, at: Timestamp) -> Result<i64, Failure> {
        let (mut low, mut high) = (0, self.reader.newest_event(store).await?);
        while low < high {
            let middle = low + (high - low) / 2;
            let query = EventQuery { after: middle, limit: 1, ..EventQuery::default() };
            match self.reader.events(store, &query).await?.first() {
                Some(next) if next.event.at < at => low = next.sequence,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}

impl Round<'_> {
    /// Sends the events of one subject in their order, as far as the receiver takes them. Returns what is to be written.
    async fn walk(&self, mut chain: Chain) -> Result<Vec<Delivery>, Failure> {
        while !self.gone.load(Ordering::Relaxed) && self.begun.elapsed() < ROUND {
            let Some(next) = chain.next(self.engine.now()) else { break };
            let Some(message) = self.message(next.sequence).await? else {
                next.answer = Some("the event is no longer kept".to_owned());
                next.given_up();
                continue;
            };
            let answer = match message {
                Ok(message) => self.sender.send(&message).await,
                Err(reason) => WebhookAnswer::Refused(reason),
            };
            let now = self.engine.now();
            match answer {
                WebhookAnswer::Taken(answer) => next.taken(answer, now),
                WebhookAnswer::Refused(answer) => next.refused(answer, now, self.engine.dice()),
                WebhookAnswer::Gone(answer) => {
                    next.refused(answer, now, self.engine.dice());
                    self.gone.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(chain.settle(self.engine.now()))
    }

    /// The event of this number, signed anew each time, or why it cannot be; `None` where it is no longer kept.
    async fn message(&self, sequence: i64) -> Result<Option<Result<WebhookMessage, String>>, Failure> {
        let store = &self.config.store;
        let logged = match self.fresh.get(&sequence) {
            Some(logged) => Some(logged.clone()),
            None => {
                let query = EventQuery { after: sequence - 1, limit: 1, ..EventQuery::default() };
                self.engine.reader.events(store.id, &query).await?.pop()
            }
        };
        let now = self.engine.now();
        let Some(logged) = logged.filter(|logged| logged.sequence == sequence) else { return Ok(None) };
        Ok(Some(self.engine.webhook_keys(store.id, self.webhook, now).map(|keys| WebhookMessage {
            url: self.webhook.definition.url.clone(),
            id: logged.event.id.to_string(),
            at: now,
            body: Bytes::from(logged.to_json(&store.handle).to_string()),
            keys,
        })))
    }
}

/// Rounds for a receiver until there is nothing to do.
async fn go_on(engine: Arc<Engine>, config: Arc<StoreConfig>, mut webhook: Webhook) {
    loop {
        match engine.round(&config, &webhook).await {
            Ok(true) => {}
            Ok(false) | Err(Failure::Stopping) => return,
            Err(error) => {
                tracing::warn!(store = config.store.handle, webhook = %webhook.id, %error, "a round of webhooks failed");
                return;
            }
        }
        let Ok(receivers) = engine.receivers(&config).await else { return };
        let Some(newest) = receivers.into_iter().find(|receiver| receiver.id == webhook.id) else { return };
        webhook = newest;
    }
}
