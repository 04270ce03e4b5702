//! Ways to pay: which a store offers, and a checkout that may have to end an attempt by another way first.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::payments::goes_on_by_itself;
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::manual::{MANUAL, ManualMethod, TEST};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;

/// How often a checkout is run while another order of the cart makes room for it.
const ROUNDS: usize = 4;
/// How often a gateway is asked to void within one round: the first time somebody may join a question that is under way.
const ASKED: usize = 2;

/// A way to pay that a store offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayToPay<'a> {
    /// By a method of a gateway: name of the gateway, name of the method, title.
    Gateway(&'a str, &'static str, &'static str),
    /// Past every gateway.
    Manual(&'a ManualMethod),
}

impl Engine {
    /// Names of the gateways that this installation has.
    pub fn gateways(&self) -> Vec<&'static str> {
        self.payments.all().iter().map(|gateway| gateway.name()).chain([MANUAL]).collect()
    }

    /// Whether this installation has a real gateway, besides the one of money that operators record.
    pub fn has_real_gateway(&self) -> bool {
        self.gateways().iter().any(|name| ![TEST, MANUAL].contains(name))
    }

    /// What shoppers of a store may pay by, in the order in which it is shown.
    pub fn ways_to_pay<'a>(&self, config: &'a StoreConfig) -> Vec<WayToPay<'a>> {
        let (settings, installed) = (&config.store.settings, self.gateways());
        let mut ways = Vec::new();
        for gateway in self.payments.all().iter().filter(|one| settings.offers_gateway(one.name(), &installed)) {
            let methods = gateway.shown_methods().iter();
            ways.extend(methods.map(|(method, title)| WayToPay::Gateway(gateway.name(), method, title)));
        }
        if settings.offers_gateway(MANUAL, &installed) {
            ways.extend(settings.manual_methods.iter().map(WayToPay::Manual));
        }
        ways
    }

    /// Whether a store takes payments by this method of a gateway; `None` where it does not offer the gateway.
    pub fn knows_method(&self, config: &StoreConfig, gateway: &str, method: &str) -> Option<bool> {
        let settings = &config.store.settings;
        if !settings.offers_gateway(gateway, &self.gateways()) {
            return None;
        }
        match gateway {
            MANUAL => Some(settings.manual_method(method).is_some()),
            other => self.payments.gateway(other).map(|gateway| gateway.knows_method(method)),
        }
    }

    /// Runs a checkout, and sees the order's payment through as far as it goes without the shopper. Where the cart is an order that
    /// waits and is to be paid in another way, that attempt is voided first; if its money was quicker, that order is answered.
    ///
    /// # Errors
    /// The refusal, or why it did not run. Refused with `PaymentInProgress` while nobody knows whether the old attempt is void.
    pub async fn check_out(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        command: Command,
    ) -> Result<Arc<Order>, Failure> {
        let Command::Checkout { cart, .. } = &command else {
            return Err(Failure::Fault("only a checkout checks out".to_owned()));
        };
        let compared = |failure| self.compared_with_what_was_shown(config.store.id, cart.id, failure);
        for _ in 0..ROUNDS {
            let order = match self.run(config, command.clone()).await.map_err(compared)? {
                Reply::OrderCreated(order) | Reply::Order(order) if goes_on_by_itself(&order) => {
                    return self.drive(config, order).await.map_err(Failure::after_a_change);
                }
                Reply::OrderCreated(order) | Reply::Order(order) => return Ok(order),
                Reply::OrderGivesWay(order) => order,
                other => return Err(Failure::Fault(format!("expected an order, got {other:?}"))),
            };
            let ended = self.end_attempt(config, order).await.map_err(Failure::after_a_change)?;
            match ended.status {
                OrderStatus::Placed => return Ok(ended),
                OrderStatus::PendingPayment if ended.payment.status == PaymentStatus::VoidPending => {
                    return Err(Refusal::PaymentInProgress { order_id: ended.id }.into());
                }
                _ => {}
            }
        }
        Err(Failure::Busy)
    }

    /// Has the gateway void the attempt of an order.
    async fn end_attempt(
        self: &Arc<Self>,
        config: &Arc<StoreConfig>,
        mut order: Arc<Order>,
    ) -> Result<Arc<Order>, Failure> {
        for _ in 0..ASKED {
            if order.status != OrderStatus::PendingPayment || !goes_on_by_itself(&order) {
                break;
            }
            let tries = order.payment.tries;
            order = self.drive(config, order).await?;
            // Asked in vain: whoever comes back asks again, and so does the sweeper.
            if order.payment.tries > tries {
                break;
            }
        }
        Ok(order)
    }
}
