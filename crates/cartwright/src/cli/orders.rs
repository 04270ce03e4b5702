//! Checkout and what comes after it: orders, for the shopper who made them and for operators.

use super::failure::Failure;
use super::screen;
use super::session::Session;
use super::terminal::Terminal;
use cartwright_client::wire::{CancelOrder, Checkout, Order, PaymentInput};
use clap::{Args, Subcommand};
use uuid::Uuid;

const PAGE_ROWS: usize = 100;

/// `checkout`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Without --expected-total the client first reads the cart and agrees to the total it finds. The same --key again answers
the same order: use one in a script that may have to repeat itself.

Examples:
  cartwright checkout
  cartwright checkout --expected-total 3250           # minor units: no more than 32.50€
  cartwright checkout --method declined               # the test gateway also knows: requires_action, timeout")]
pub struct CheckoutCommand {
    /// How to pay; the test gateway knows ok, declined, requires_action, timeout.
    #[arg(long, default_value = "ok")]
    method: String,
    /// Payment gateway.
    #[arg(long, default_value = "test")]
    gateway: String,
    /// The total you agree to, in minor units; a higher one is refused.
    #[arg(long)]
    expected_total: Option<i64>,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// `order …`
#[derive(Subcommand, Clone, Debug)]
pub enum OrderCommand {
    /// Show an order.
    Show {
        /// The order's id.
        id: Uuid,
    },
    /// Cancel an order: goods go back to the shelf, money to the shopper.
    Cancel {
        /// The order's id.
        id: Uuid,
        /// Why, for the record.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Say that what the payment asked for is done.
    Confirm {
        /// The order's id.
        id: Uuid,
    },
}

/// `orders …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "Example:\n  cartwright orders list --status pending_payment")]
pub enum OrdersCommand {
    /// List orders, the newest first.
    List {
        /// pending_payment, placed, cancelled, payment_failed, expired.
        #[arg(long)]
        status: Option<String>,
        /// Most orders to list.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show an order.
    Show {
        /// The order's id.
        id: Uuid,
    },
    /// Cancel an order.
    Cancel {
        /// The order's id.
        id: Uuid,
        /// Why, for the record.
        #[arg(long)]
        reason: Option<String>,
    },
}

pub(crate) async fn checkout(command: CheckoutCommand, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let access = session.require_cart()?;
    let expected_total = match command.expected_total {
        Some(total) => total,
        None => terminal.client.cart(&access).await?.totals.total.amount,
    };
    let payment = PaymentInput { gateway: command.gateway, method: command.method };
    let request = Checkout { expected_total: Some(expected_total), payment };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    let order = terminal.client.checkout(&access, &key, &request).await?;
    session.remember_order(&order, &access)?;
    terminal.show(&order, screen::order)
}

pub(crate) async fn run_order(command: OrderCommand, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let order = match command {
        OrderCommand::Show { id } => terminal.client.order(id, session.order_token(id).as_deref()).await?,
        OrderCommand::Cancel { id, reason } => {
            let token = session.order_token(id);
            terminal.client.cancel_order(id, token.as_deref(), &CancelOrder { reason }).await?
        }
        OrderCommand::Confirm { id } => terminal.client.confirm_payment(id, session.order_token(id).as_deref()).await?,
    };
    session.note_order(&order)?;
    terminal.show(&order, screen::order)
}

pub(crate) async fn run_orders(command: OrdersCommand, terminal: &Terminal) -> Result<(), Failure> {
    let order = match command {
        OrdersCommand::List { status, limit } => return list(status, limit, terminal).await,
        OrdersCommand::Show { id } => terminal.client.order(id, None).await?,
        OrdersCommand::Cancel { id, reason } => terminal.client.cancel_order(id, None, &CancelOrder { reason }).await?,
    };
    terminal.show(&order, screen::order)
}

async fn list(status: Option<String>, limit: usize, terminal: &Terminal) -> Result<(), Failure> {
    let rows = u32::try_from(limit.clamp(1, PAGE_ROWS)).unwrap_or(1);
    let orders: Vec<Order> = terminal.client.orders(status.as_deref(), Some(rows)).take(limit).await?;
    terminal.show(&orders, |orders| match orders.len() {
        0 => "No orders.".to_owned(),
        _ => screen::orders(orders),
    })
}
