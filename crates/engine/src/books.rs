//! A provider's books of one payment: all that was taken, sent back and disputed, whoever did it. They are asked for where an event,
//! a refused refund or reconciliation gives a reason, and taken in as one command.

use crate::gateway::{Gateway, Look, Notice, Silent};
use crate::notices::observe;
use crate::payments::{ask, charge_for};
use cartwright_domain::command::{Command, MoneyCommand, Settlement};
use cartwright_domain::id::{OrderId, Timestamp};
use cartwright_domain::order::Order;
use cartwright_domain::outside::Books;
use cartwright_domain::store::StoreConfig;

/// The books of an order's payment; `None` where the gateway keeps none, or a glance shows nothing new.
///
/// # Errors
/// [`Silent`] where the gateway does not answer.
pub async fn books_of(
    gateway: &dyn Gateway,
    config: &StoreConfig,
    order: &Order,
    look: Look,
    now: Timestamp,
) -> Result<Option<Books>, Silent> {
    let books = gateway.books(&charge_for(config, order, now), look).await?;
    Ok(books.map(|books| Books { asked_at: now, ..books }))
}

/// The command that takes books in.
pub fn take_books(order_id: OrderId, books: Books) -> Command {
    Command::Money(MoneyCommand::TakeBooks { order_id, books })
}

/// Asks the gateway what the order's payment needs next, as commands in their order. A refund that was refused is a reason to ask
/// for the books first: somebody may have been quicker, and what is left is then asked for instead.
pub async fn ask_and_look(gateway: &dyn Gateway, config: &StoreConfig, order: &Order, now: Timestamp) -> Vec<Command> {
    let settlement = ask(gateway, config, order, now).await;
    let settled = |settlement| Command::SettlePayment { order_id: order.id, settlement };
    if !matches!(settlement, Settlement::RefundFailed { .. }) {
        return vec![settled(settlement)];
    }
    match books_of(gateway, config, order, Look::Whole, now).await {
        Ok(Some(books)) => vec![take_books(order.id, books), settled(settlement)],
        Ok(None) => vec![settled(settlement)],
        // Given up without a look, the buyer's money could stay for good.
        Err(Silent) => vec![settled(Settlement::Unknown)],
    }
}

/// Asks the gateway about what a notice names, as commands in their order.
///
/// # Errors
/// [`Silent`] where the gateway does not answer.
pub async fn look_into(
    gateway: &dyn Gateway,
    config: &StoreConfig,
    order: &Order,
    notice: &Notice,
    now: Timestamp,
) -> Result<Vec<Command>, Silent> {
    let order_id = order.id;
    let settled = |known: Option<Settlement>| known.map(|settlement| Command::SettlePayment { order_id, settlement });
    let look = match notice {
        // Of a payment that the order knows to be taken: whether something went back is told by a glance.
        Notice::Payment(_) if order.payment.captured > 0 => Look::Glance {
            captured: order.payment.captured - order.written_off(),
            refunded: order.refunded_at_provider(),
            disputed: !order.detail.disputes.is_empty(),
        },
        Notice::Payment(_) => {
            return Ok(settled(observe(gateway, config, order, notice, now).await?).into_iter().collect());
        }
        Notice::Refund(_, id) if order.detail.refunds.iter().any(|refund| refund.id == *id) => {
            return Ok(settled(observe(gateway, config, order, notice, now).await?).into_iter().collect());
        }
        Notice::Refund(..) | Notice::Reference(_) | Notice::Dispute(..) => Look::Whole,
    };
    let books = books_of(gateway, config, order, look, now).await?;
    let known = books.as_ref().is_some_and(|books| books.captured > 0);
    let mut commands = Vec::new();
    if let Notice::Dispute(_, dispute) = notice
        && !books.iter().flat_map(|books| &books.disputes).any(|booked| booked.id == dispute.id)
    {
        commands.push(Command::NoteDispute { order_id, dispute: dispute.clone() });
    }
    commands.extend(books.filter(|_| known).map(|books| take_books(order_id, books)));
    if !known && !matches!(notice, Notice::Dispute(..)) {
        commands.extend(settled(observe(gateway, config, order, notice, now).await?));
    }
    Ok(commands)
}
