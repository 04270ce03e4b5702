//! Forgetting people: what the storage tells of traces of a person, and how somebody who is to go is erased. It goes slice by
//! slice through the lane; whatever cuts it off, the sweeper takes it up again until nothing is left.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::storage::{Reader, StorageError};
use async_trait::async_trait;
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{Command, ForgetCommand};
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::forget::{ErasedNames, Erasure, Retention, ended_before};
use cartwright_domain::id::{CartId, OrderId, StoreId, Timestamp};
use cartwright_domain::mail::Mail;
use cartwright_domain::order::{Order, OrderStatus};
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;
use uuid::Uuid;

/// Carts or orders that one command forgets at most.
const SLICE: usize = 100;
/// Orders that are read at once.
const PAGE: usize = 200;
/// Carts in one state, or orders, that one sweep forgets at most.
const CARTS: usize = 500;

/// Reads about traces of persons.
#[async_trait]
pub trait TraceReader: Send + Sync {
    /// A page of the carts of these customers, and of guests with these addresses, after one of them, in the order of their ids.
    async fn carts_of(
        &self,
        store: StoreId,
        names: &ErasedNames,
        after: CartId,
        limit: usize,
    ) -> Result<Vec<CartId>, StorageError>;
    /// Carts in this state that ended before and still tell of a person, without those whose order waits for its payment.
    async fn forgettable_carts(
        &self,
        store: StoreId,
        status: CartStatus,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<CartId>, StorageError>;
    /// Orders that came to nothing before and still tell of a person.
    async fn forgettable_orders(
        &self,
        store: StoreId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderId>, StorageError>;
    /// People who are to go, the first first.
    async fn erasures(&self, store: StoreId, limit: usize) -> Result<Vec<Erasure>, StorageError>;
    /// Mails to these addresses, the newest first.
    async fn mails_to(&self, store: StoreId, emails: &[String], limit: usize) -> Result<Vec<Mail>, StorageError>;
    /// Which of these addresses have unsubscribed, and since when.
    async fn unsubscribed(&self, store: StoreId, emails: &[String]) -> Result<Vec<(String, Timestamp)>, StorageError>;
    /// A page of the events of these carts after a number, in their order.
    async fn cart_events(
        &self,
        store: StoreId,
        carts: &[CartId],
        after: i64,
        limit: usize,
    ) -> Result<Vec<LoggedEvent>, StorageError>;
}

/// How often an erasure that somebody waits for goes on at once; what is left is done by the sweeper.
const MOST_SLICES: usize = 200;

/// The next slice of erasing everybody who is to go. A person whose order waits for its payment is looked at again.
pub(crate) async fn erasing(reader: &dyn Reader, store: StoreId) -> Result<Vec<Command>, StorageError> {
    let mut commands = Vec::new();
    for erasure in reader.erasures(store, SLICE).await? {
        let carts = reader.carts_of(store, &erasure.names, CartId(Uuid::nil()), SLICE).await?;
        let (orders, settled) = orders_to_erase(reader, store, &erasure.names).await?;
        let done = carts.is_empty() && orders.is_empty() && settled;
        if !carts.is_empty() {
            commands.push(ForgetCommand::ErasedCarts(carts));
        }
        commands.extend(orders.chunks(SLICE).map(|slice| ForgetCommand::Orders(slice.to_vec())));
        if done {
            commands.push(ForgetCommand::End(Box::new(erasure)));
        }
    }
    Ok(commands.into_iter().map(Command::Forget).collect())
}

/// The orders of a person that are to be forgotten now, and whether none waits for anything.
async fn orders_to_erase(
    reader: &dyn Reader,
    store: StoreId,
    names: &ErasedNames,
) -> Result<(Vec<OrderId>, bool), StorageError> {
    let (buyers, mut before) = (names.buyers(), OrderId(Uuid::max()));
    let (mut gone, mut settled) = (Vec::new(), true);
    loop {
        let page = reader.orders_of(store, &buyers, before, PAGE).await?;
        let Some(last) = page.last() else { return Ok((gone, settled)) };
        before = last.id;
        let waits = |order: &Order| order.status == OrderStatus::PendingPayment || order.payment.status.is_open();
        settled &= !page.iter().any(waits);
        gone.extend(page.iter().filter(|order| order.is_forgettable()).map(|order| order.id));
    }
}

async fn retention(reader: &dyn Reader, store: StoreId) -> Result<Retention, StorageError> {
    let stores = reader.stores().await?;
    Ok(stores.iter().find(|known| known.id == store).map(|known| known.settings.retention).unwrap_or_default())
}

/// Carts that forget whose they were.
pub(crate) async fn old_carts(
    reader: &dyn Reader,
    store: StoreId,
    now: Timestamp,
) -> Result<Vec<Command>, StorageError> {
    let retention = retention(reader, store).await?;
    let mut found = Vec::new();
    for status in CartStatus::ALL {
        let Some(days) = retention.cart_days(status) else { continue };
        found.extend(reader.forgettable_carts(store, status, ended_before(now, days), CARTS).await?);
    }
    let slices = found.chunks(SLICE).map(|slice| Command::Forget(ForgetCommand::Carts(slice.to_vec())));
    Ok(slices.collect())
}

/// Orders that forget whose they were.
pub(crate) async fn unpaid_orders(
    reader: &dyn Reader,
    store: StoreId,
    now: Timestamp,
) -> Result<Vec<Command>, StorageError> {
    let days = retention(reader, store).await?.unpaid_order_days;
    if days == 0 {
        return Ok(Vec::new());
    }
    let found = reader.forgettable_orders(store, ended_before(now, days), CARTS).await?;
    Ok(found.chunks(SLICE).map(|slice| Command::Forget(ForgetCommand::Orders(slice.to_vec()))).collect())
}

impl Engine {
    /// Erases people who are to go, as far as it can be done now; the sweeper does what is left.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn erase(&self, config: &Arc<StoreConfig>) -> Result<(), Failure> {
        let mut before = String::new();
        for _ in 0..MOST_SLICES {
            let commands = erasing(self.reader.as_ref(), config.store.id).await?;
            // The same again: it waits for payments.
            let now = format!("{commands:?}");
            if commands.is_empty() || now == before {
                break;
            }
            before = now;
            for command in commands {
                self.run(config, command).await?;
            }
        }
        Ok(())
    }
}
