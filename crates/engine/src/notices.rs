//! Notices of payment gateways (webhooks). They may come in any order, any number of times, before the order is known or long
//! after it was given up. Each is first kept in the inbox, then taken up: it is only a reason to ask the gateway, whose answer goes
//! the way of all settlements. What cannot be done yet is done by the sweeper.

use crate::books::look_into;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{ClientKeys, Gateway, Notice, NoticeError, Owner, SignedNotice, Silent};
use crate::payments::{GATEWAY_TIMEOUT, call_of, charge_for};
use cartwright_domain::command::{Command, InboxCommand, Reply, Settlement};
use cartwright_domain::id::Timestamp;
use cartwright_domain::inbox::{InboxEvent, InboxKey, Inboxed};
use cartwright_domain::order::{Order, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;
use std::time::Duration;

/// How long a shopper's answer waits for what the browser needs; without it the next read tries again.
const CLIENT_KEYS_TIMEOUT: Duration = Duration::from_secs(8);

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It is kept, or was before, or is about nobody of ours: it need not come again.
    Taken,
    /// Whose it is could not be learned, so it is not kept: it should come again.
    Silent,
}

impl Engine {
    /// Checks a notice's signature and reads what it is about; `None` where it is about nobody of ours.
    ///
    /// # Errors
    /// Why it is not taken; [`NoticeError::NotTaken`] also where there is no such gateway.
    pub fn read_notice(
        &self,
        gateway: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<SignedNotice>, NoticeError> {
        let gateway = self.payments.gateway(gateway).ok_or(NoticeError::NotTaken)?;
        gateway.read_notice(signature, body, self.now())
    }

    /// Keeps a notice in the inbox of its store and, where it is new, takes it up at once. What becomes of it then is no longer the
    /// concern of whoever brought it.
    ///
    /// # Errors
    /// Refused with `OrderNotFound` where there is no such store; otherwise the storage's failure. Then it is not kept.
    pub async fn take_notice(self: &Arc<Self>, gateway: &str, told: SignedNotice) -> Result<Noticed, Failure> {
        let SignedNotice { event_id, notice } = told;
        let Some(asked) = self.payments.gateway(gateway) else { return Ok(Noticed::Silent) };
        let owner = match whose(asked.as_ref(), &notice).await {
            Ok(Some(owner)) => owner,
            Ok(None) => return Ok(Noticed::Taken),
            Err(Silent) => return Ok(Noticed::Silent),
        };
        let store = self.stores().into_iter().find(|config| config.store.handle == owner.store);
        let config = store.ok_or(Refusal::OrderNotFound)?;
        let key = InboxKey { gateway: gateway.to_owned(), event_id };
        let receive = InboxCommand::Receive { key: key.clone(), order_id: owner.order_id, notice: notice.clone() };
        if matches!(self.run(&config, Command::Inbox(receive)).await?, Reply::Inbox(Inboxed::New)) {
            let engine = self.clone();
            // It goes on when whoever brought it goes away.
            let run = tokio::spawn(async move { engine.take_up_or_tell(&config, &key, &notice, 0).await });
            if let Err(error) = run.await {
                tracing::error!(%error, "an event of a gateway could not be taken up; the sweeper tries again");
            }
        }
        Ok(Noticed::Taken)
    }

    /// Takes up events that are due. What fails is due again by itself.
    ///
    /// # Errors
    /// Where the engine stops.
    pub(crate) async fn take_up_all(&self, config: &Arc<StoreConfig>, due: Vec<InboxEvent>) -> Result<(), Failure> {
        let runs = due.iter().map(|event| self.take_up_or_tell(config, &event.key, &event.notice, event.tries));
        futures_util::future::join_all(runs).await;
        Ok(())
    }

    async fn take_up_or_tell(&self, config: &Arc<StoreConfig>, key: &InboxKey, notice: &Notice, tries: i64) {
        if let Err(error) = self.take_up(config, key, notice, tries).await {
            tracing::warn!(event = key.event_id, %error, "an event of a gateway could not be taken in; tried again");
        }
    }

    /// Asks the gateway about what an event names and settles it; where that cannot be done yet, the event is put off.
    async fn take_up(
        &self,
        config: &Arc<StoreConfig>,
        key: &InboxKey,
        notice: &Notice,
        tries: i64,
    ) -> Result<(), Failure> {
        let command = match self.heard(config, key, notice).await? {
            Heard::Settled => InboxCommand::Finish(key.clone()),
            Heard::NotYet => InboxCommand::PutOff { key: key.clone(), tries },
        };
        if matches!(self.run(config, Command::Inbox(command)).await?, Reply::Inbox(Inboxed::Dropped)) {
            tracing::error!(
                event = key.event_id,
                gateway = key.gateway,
                store = config.store.handle,
                "an event of a gateway is given up after three days: its order is not known, or the gateway is silent"
            );
        }
        Ok(())
    }

    async fn heard(&self, config: &Arc<StoreConfig>, key: &InboxKey, notice: &Notice) -> Result<Heard, Failure> {
        let Some(gateway) = self.payments.gateway(&key.gateway) else { return Ok(Heard::NotYet) };
        let owner = match whose(gateway.as_ref(), notice).await {
            Ok(Some(owner)) => owner,
            Ok(None) => return Ok(Heard::Settled),
            Err(Silent) => return Ok(Heard::NotYet),
        };
        let order = self.reader().order(config.store.id, owner.order_id).await?;
        let ours = |order: &Order| order.payment.gateway == key.gateway && order.payment.attempt_id == owner.attempt_id;
        let Some(order) = order.filter(ours) else { return Ok(Heard::NotYet) };
        let asked = look_into(gateway.as_ref(), config, &order, notice, self.now());
        let Ok(commands) = in_time(asked).await else { return Ok(Heard::NotYet) };
        for command in commands {
            self.run(config, command).await?;
        }
        Ok(Heard::Settled)
    }

    /// What the browser of whoever opened this order needs to go on with its payment; `None` where nothing waits for the shopper.
    pub async fn client_keys(&self, config: &StoreConfig, order: &Order) -> Option<ClientKeys> {
        if order.payment.status != PaymentStatus::RequiresAction {
            return None;
        }
        let gateway = self.payments.gateway(&order.payment.gateway)?;
        let charge = charge_for(config, order, self.now());
        tokio::time::timeout(CLIENT_KEYS_TIMEOUT, gateway.client_keys(&charge)).await.ok().flatten()
    }
}

/// What became of an event that was taken up.
enum Heard {
    /// Its order has heard of it, or need not.
    Settled,
    /// The order is not known, or the gateway was silent.
    NotYet,
}

/// Whose payment a notice is about; `None` where it was not made by us.
async fn whose(gateway: &dyn Gateway, notice: &Notice) -> Result<Option<Owner>, Silent> {
    match notice {
        Notice::Payment(owner) | Notice::Refund(owner, _) => Ok(Some(owner.clone())),
        Notice::Dispute(payment, _) | Notice::Reference(payment) => in_time(gateway.owner(payment)).await,
    }
}

/// Asks the gateway about the payment or refund that a notice names, without moving money but for one thing: nobody shall pay a
/// declined attempt any more, since its goods go back; money that was quicker counts. `None` where nothing has come of it yet.
///
/// # Errors
/// [`Silent`] where the gateway does not answer.
pub async fn observe(
    gateway: &dyn Gateway,
    config: &StoreConfig,
    order: &Order,
    notice: &Notice,
    now: Timestamp,
) -> Result<Option<Settlement>, Silent> {
    let charge = charge_for(config, order, now);
    if let Notice::Refund(_, id) = notice {
        let Some(refund) = order.detail.refunds.iter().find(|refund| refund.id == *id) else { return Ok(None) };
        return gateway.observe_refund(&charge, &call_of(refund, now)).await;
    }
    let known = gateway.observe(&charge).await?;
    if matches!(known, Some(Settlement::Declined(_)))
        && let captured @ Settlement::Captured(_) = gateway.void(&charge).await
    {
        return Ok(Some(captured));
    }
    Ok(known)
}

/// The answer; none counts as silence.
async fn in_time<T>(asked: impl Future<Output = Result<T, Silent>>) -> Result<T, Silent> {
    tokio::time::timeout(GATEWAY_TIMEOUT, asked).await.unwrap_or(Err(Silent))
}
