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
use cartwright_domain::id::{CartId, ErasureId, OrderId, StoreId, Timestamp};
use cartwright_domain::mail::Mail;
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Carts or orders that one command forgets at most.
const SLICE: usize = 100;
/// Bytes of the carts that one command forgets at most, unless it is one cart: others wait for it.
const SLICE_BYTES: usize = 256 * 1024;
/// People who are to go that are read at once.
const PAGE: usize = 100;
/// From so many commands on one sweep looks for no more people who are to go.
const MOST_COMMANDS: usize = 100;
/// Carts in one state, or orders, that one sweep forgets at most.
const CARTS: usize = 500;
/// For how long a request goes on erasing; the sweeper does what is left.
const PATIENCE: Duration = Duration::from_secs(10);

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
    ) -> Result<Vec<SizedCart>, StorageError>;
    /// What there still is of a person who is to go, from before it was asked for; carts and orders up to a number.
    async fn left_of(&self, store: StoreId, erasure: &Erasure, limit: usize) -> Result<Left, StorageError>;
    /// Carts in this state that ended before and still tell of a person, without those whose order waits for its payment.
    async fn forgettable_carts(
        &self,
        store: StoreId,
        status: CartStatus,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<SizedCart>, StorageError>;
    /// Orders that came to nothing before and still tell of a person.
    async fn forgettable_orders(
        &self,
        store: StoreId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<OrderId>, StorageError>;
    /// A page of the people who are to go, after one of them, the first first.
    async fn erasures(&self, store: StoreId, after: ErasureId, limit: usize) -> Result<Vec<Erasure>, StorageError>;
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

/// A cart, and about how many bytes its row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SizedCart {
    /// Which.
    pub id: CartId,
    /// Bytes of lines and details.
    pub bytes: usize,
}

/// What there is of a person who is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Carts that can go now.
    pub carts: Vec<SizedCart>,
    /// Orders that can forget the person now.
    pub orders: Vec<OrderId>,
    /// Whether any cart is left, or an order whose payment is not over.
    pub waits: bool,
}

/// The next steps of erasing everybody who is to go. Whoever waits for a payment makes none, and keeps nobody else waiting.
pub(crate) async fn erasing(reader: &dyn Reader, store: StoreId) -> Result<Vec<Command>, StorageError> {
    let (mut commands, mut after) = (Vec::new(), ErasureId(Uuid::nil()));
    while commands.len() < MOST_COMMANDS {
        let page = reader.erasures(store, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for erasure in &page {
            commands.extend(erase_on(reader, store, erasure).await?);
        }
    }
    Ok(commands)
}

/// The next steps of erasing somebody; none while what is left waits for a payment.
async fn erase_on(reader: &dyn Reader, store: StoreId, erasure: &Erasure) -> Result<Vec<Command>, StorageError> {
    let Left { carts, orders, waits } = reader.left_of(store, erasure, SLICE).await?;
    let mut commands: Vec<ForgetCommand> = slices(&carts).into_iter().map(ForgetCommand::ErasedCarts).collect();
    if !orders.is_empty() {
        commands.push(ForgetCommand::Orders(orders));
    }
    if commands.is_empty() && !waits {
        commands.push(ForgetCommand::End(Box::new(erasure.clone())));
    }
    Ok(commands.into_iter().map(Command::Forget).collect())
}

/// Carts in slices that one command forgets: few, and not too large together.
fn slices(carts: &[SizedCart]) -> Vec<Vec<CartId>> {
    let mut slices: Vec<Vec<CartId>> = Vec::new();
    let mut bytes = 0;
    for cart in carts {
        bytes += cart.bytes;
        match slices.last_mut().filter(|slice| slice.len() < SLICE && bytes <= SLICE_BYTES) {
            Some(slice) => slice.push(cart.id),
            None => {
                bytes = cart.bytes;
                slices.push(vec![cart.id]);
            }
        }
    }
    slices
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
    Ok(slices(&found).into_iter().map(|slice| Command::Forget(ForgetCommand::Carts(slice))).collect())
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
    /// Erases somebody who is to go, as far as it can be done now and in a short time; the sweeper does what is left.
    ///
    /// # Errors
    /// The storage's failure.
    pub async fn erase(&self, config: &Arc<StoreConfig>, erasure: &Erasure) -> Result<(), Failure> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let commands = erase_on(self.reader.as_ref(), config.store.id, erasure).await?;
            let last = commands.is_empty() || matches!(commands[..], [Command::Forget(ForgetCommand::End(_))]);
            for command in commands {
                self.run(config, command).await?;
            }
            if last {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carts_are_forgotten_few_at_once_and_never_many_bytes_together() {
        let cart = |(at, bytes)| SizedCart { id: CartId(Uuid::from_u128(at)), bytes };
        let lengths = |bytes: &[usize]| {
            let carts: Vec<SizedCart> = (0..).zip(bytes.iter().copied()).map(cart).collect();
            let slices = slices(&carts);
            assert_eq!(slices.concat(), carts.iter().map(|cart| cart.id).collect::<Vec<_>>());
            slices.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert!(lengths(&[]).is_empty());
        assert_eq!(lengths(&[10; 250]), [100, 100, 50]);
        assert_eq!(lengths(&[SLICE_BYTES + 1, 10, SLICE_BYTES, 10, 10]), [1, 1, 1, 2]);
        assert_eq!(lengths(&[SLICE_BYTES / 2; 5]), [2, 2, 1]);
    }
}
