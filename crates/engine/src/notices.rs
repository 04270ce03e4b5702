//! Notices of payment gateways (webhooks). They may come in any order, any number of times, before the direct answer or
//! long after the order was given up: each is only a reason to ask the gateway, whose answer goes the way of all settlements.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{Charge, ClientKeys, Gateway, Notice, NoticeError};
use crate::payments::{GATEWAY_TIMEOUT, charge_for};
use cartwright_domain::command::{Command, Settlement};
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
    /// The gateway was asked, and the order is as its answer makes it.
    Settled,
    /// The gateway gave no answer: the notice should come again.
    Silent,
}

impl Engine {
    /// Checks a notice's signature and reads whom it is about; `None` where it is about nobody of ours.
    ///
    /// # Errors
    /// Why it is not taken; [`NoticeError::NotTaken`] also where there is no such gateway.
    pub fn read_notice(&self, gateway: &str, signature: &str, body: &[u8]) -> Result<Option<Notice>, NoticeError> {
        let gateway = self.payments.gateway(gateway).ok_or(NoticeError::NotTaken)?;
        gateway.read_notice(signature, body, self.now())
    }

    /// Asks the gateway about the payment that a notice names, and settles it.
    ///
    /// # Errors
    /// Refused with `OrderNotFound` where the order is not there (yet); otherwise the storage's failure.
    pub async fn take_notice(self: &Arc<Self>, gateway: &str, notice: &Notice) -> Result<Noticed, Failure> {
        let store = self.stores().into_iter().find(|config| config.store.handle == notice.store);
        let config = store.ok_or(Refusal::OrderNotFound)?;
        let order = self.reader().order(config.store.id, notice.order_id).await?.ok_or(Refusal::OrderNotFound)?;
        let payment = &order.payment;
        if payment.gateway != gateway || payment.attempt_id != notice.attempt_id {
            return Err(Refusal::OrderNotFound.into());
        }
        let Some(gateway) = self.payments.gateway(gateway) else { return Ok(Noticed::Silent) };
        let charge = charge_for(&config, &order, self.now());
        let Ok(Ok(known)) = tokio::time::timeout(GATEWAY_TIMEOUT, gateway.observe(&charge)).await else {
            return Ok(Noticed::Silent);
        };
        if let Some(settlement) = known {
            let settlement = close_declined(gateway.as_ref(), &charge, settlement).await;
            self.run(&config, Command::SettlePayment { order_id: order.id, settlement }).await?;
        }
        Ok(Noticed::Settled)
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

/// Nobody shall pay a declined attempt any more, since its goods go back; money that was quicker counts.
async fn close_declined(gateway: &dyn Gateway, charge: &Charge, settlement: Settlement) -> Settlement {
    if !matches!(settlement, Settlement::Declined(_)) {
        return settlement;
    }
    match tokio::time::timeout(GATEWAY_TIMEOUT, gateway.void(charge)).await {
        Ok(captured @ Settlement::Captured(_)) => captured,
        _ => settlement,
    }
}
