//! `orders correct`, `orders restock`, `unmatched`: what operators record about money that moved without this program.

use super::failure::Failure;
use super::orders::refund_line;
use super::terminal::Terminal;
use cartwright_client::wire::{
    CorrectionInput, CorrectionKind, Order, RestockInput, RestockLineInput, UnmatchedAction, UnmatchedInput,
    UnmatchedPayment,
};
use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

/// `orders correct …`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright orders correct ID --kind elsewhere --line PEN=1 --restock --reason \"paid back in cash\"
  cartwright orders correct ID --kind elsewhere --amount 500 --reference TRANSFER-17 --reason \"bank transfer\"
  cartwright orders correct ID --kind loss --amount 3000 --reason \"the provider has no such payment\"")]
pub struct CorrectCommand {
    /// The order's id.
    id: Uuid,
    /// What happened to the money.
    #[arg(long)]
    kind: Kind,
    /// Units of a line, by SKU or by the line's id.
    #[arg(long = "line", value_name = "SKU=UNITS")]
    lines: Vec<String>,
    /// The units go back on the shelf.
    #[arg(long)]
    restock: bool,
    /// All that is left of the shipping.
    #[arg(long)]
    shipping: bool,
    /// Besides, in minor units.
    #[arg(long)]
    amount: Option<i64>,
    /// Its name where it happened; recorded once.
    #[arg(long)]
    reference: Option<String>,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// What happened to the money.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// The buyer has it back by other means.
    Elsewhere,
    /// The provider does not have it.
    Loss,
}

/// `orders restock …`
#[derive(Args, Clone, Debug)]
pub struct RestockCommand {
    /// The order's id.
    id: Uuid,
    /// Units of a line, by SKU or by the line's id.
    #[arg(long = "line", value_name = "SKU=UNITS", required = true)]
    lines: Vec<String>,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// `unmatched …`
#[derive(Subcommand, Clone, Debug)]
pub enum UnmatchedCommand {
    /// Send back at the provider what no order owns of a payment.
    Refund(UnmatchedArgs),
    /// Record that a payment was dealt with elsewhere.
    Dismiss(UnmatchedArgs),
}

/// A payment at a provider.
#[derive(Args, Clone, Debug)]
pub struct UnmatchedArgs {
    /// The gateway.
    gateway: String,
    /// The provider's id of the payment, as `cartwright reconcile` names it.
    reference: String,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

pub(super) async fn correct(command: CorrectCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let order = terminal.client.order(command.id, None).await?;
    let lines = command.lines.iter().map(|line| refund_line(line, &order, command.restock));
    let request = CorrectionInput {
        kind: match command.kind {
            Kind::Elsewhere => CorrectionKind::Elsewhere,
            Kind::Loss => CorrectionKind::Loss,
        },
        lines: lines.collect::<Result<_, _>>()?,
        shipping: command.shipping,
        amount: command.amount,
        reference: command.reference,
        reason: command.reason,
    };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    Ok(terminal.client.correct_order(command.id, &key, &request).await?)
}

pub(super) async fn restock(command: RestockCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let order = terminal.client.order(command.id, None).await?;
    let line = |text: &String| {
        let line = refund_line(text, &order, true)?;
        Ok::<_, Failure>(RestockLineInput { line_id: line.line_id, quantity: line.quantity })
    };
    let request = RestockInput { lines: command.lines.iter().map(line).collect::<Result<_, _>>()? };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    Ok(terminal.client.restock_order(command.id, &key, &request).await?)
}

pub(crate) async fn unmatched(command: UnmatchedCommand, terminal: &Terminal) -> Result<(), Failure> {
    let (action, named) = match command {
        UnmatchedCommand::Refund(named) => (UnmatchedAction::Refund, named),
        UnmatchedCommand::Dismiss(named) => (UnmatchedAction::Dismiss, named),
    };
    let UnmatchedArgs { gateway, reference, reason } = named;
    let done = terminal.client.deal_with_payment(&UnmatchedInput { gateway, reference, action, reason }).await?;
    terminal.show(&done, |done: &UnmatchedPayment| format!("{} at {}: {}.", done.reference, done.gateway, done.action))
}
