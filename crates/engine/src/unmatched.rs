//! Payments at a provider that no order is for, or more than its order: an operator sends the money back, or records that it was
//! dealt with elsewhere. Reconciliation then no longer names them, until they change.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::gateway::{ListedPayment, SentBack, Silent};
use cartwright_domain::command::{Command, MoneyCommand};
use cartwright_domain::outside::{UnmatchedAction, UnmatchedPayment};
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;

/// What an operator wants done about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedRequest {
    /// The gateway.
    pub gateway: String,
    /// The provider's id of the payment.
    pub reference: String,
    /// What is to be done.
    pub action: UnmatchedAction,
    /// Why.
    pub reason: String,
    /// The operator.
    pub by: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// Done.
    Done(UnmatchedPayment),
    /// There is no such gateway, or it has no such payment of this store.
    Unknown,
    /// The money is an order's: it is refunded there.
    OfAnOrder,
    /// The provider would not send it back, with its reason.
    Refused(String),
    /// The provider does not answer.
    Silent,
}

impl Engine {
    /// Deals with a payment without an order. Asked again, money is sent back once.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn deal_with(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        request: UnmatchedRequest,
    ) -> Result<Unmatched, Failure> {
        let Some(gateway) = self.payments.gateway(&request.gateway).cloned() else { return Ok(Unmatched::Unknown) };
        let payment = match gateway.payment(&request.reference).await {
            Ok(Some(payment)) if payment.is_of(&config.store.handle) => payment,
            Ok(_) => return Ok(Unmatched::Unknown),
            Err(Silent) => return Ok(Unmatched::Silent),
        };
        let mut refunded = payment.refunded.unwrap_or(0);
        if request.action == UnmatchedAction::Refunded {
            let known = self.reader().unmatched_payment(config.store.id, &request.gateway, &request.reference).await?;
            if let Some(known) = known.filter(|known| known.action == UnmatchedAction::Refunded)
                && (known.captured, known.refunded) == (payment.captured, refunded)
            {
                return Ok(Unmatched::Done(known));
            }
            let amount = self.owned_by_none(config, &payment).await?;
            if amount <= 0 {
                return Ok(Unmatched::OfAnOrder);
            }
            match gateway.send_back(&payment, amount).await {
                Ok(SentBack::Sent) => refunded += amount,
                Ok(SentBack::Refused(reason)) => return Ok(Unmatched::Refused(reason)),
                Err(Silent) => return Ok(Unmatched::Silent),
            }
        }
        let UnmatchedRequest { gateway, reference, action, reason, by } = request;
        let (captured, at) = (payment.captured, self.now());
        let done = UnmatchedPayment { gateway, reference, captured, refunded, action, reason, by, at };
        self.run(config, Command::Money(MoneyCommand::DealWith(done.clone()))).await?;
        Ok(Unmatched::Done(done))
    }

    /// How much of a payment no order owns: all that is left of it, or what was taken beyond its order's total.
    async fn owned_by_none(&self, config: &StoreConfig, payment: &ListedPayment) -> Result<i64, Failure> {
        let left = payment.captured - payment.refunded.unwrap_or(0);
        Ok(match self.order_of(config, payment).await? {
            Some(order) => left.min(payment.captured - order.totals.total),
            None => left,
        })
    }
}
