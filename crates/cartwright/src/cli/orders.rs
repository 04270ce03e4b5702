//! Checkout and what comes after it: orders, for the shopper who made them and for operators.

use super::corrections::{self, CorrectCommand, RestockCommand};
use super::failure::Failure;
use super::handling::{self, FulfilCommand, NoteCommand, ParcelCommand};
use super::paying::{self, PaidCommand, SentBackCommand};
use super::session::Session;
use super::terminal::Terminal;
use super::{events, screen};
use cartwright_client::wire::{CancelOrder, CaptureInput, Checkout, Order, Problem, RefundInput, RefundLineInput};
use cartwright_client::{CartAccess, Error, OrderQuery};
use clap::{Args, Subcommand};
use uuid::Uuid;

const PAGE_ROWS: usize = 100;

/// `checkout`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
No more is charged than this client last showed of the cart (`cart add`, `cart show`, …), or than --expected-total names. If
the total has risen since, or nothing was shown yet, the answer says what differs; the same command again agrees. The
same --key again answers the same order: use one in a script that may have to repeat itself.

Examples:
  cartwright checkout
  cartwright checkout --expected-total 3250           # minor units: no more than 32.50€
  cartwright checkout --gateway manual --method invoice
  cartwright cart payment-methods                     # what the shop offers")]
pub struct CheckoutCommand {
    /// How to pay: a method of the gateway; the first that the shop offers unless given.
    #[arg(long)]
    method: Option<String>,
    /// Payment gateway; the one that has the method unless given.
    #[arg(long)]
    gateway: Option<String>,
    /// The total you agree to, in minor units; a higher one is refused. The one that was last shown unless given.
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
    /// Show what happened to an order.
    Timeline {
        /// The order's id.
        id: Uuid,
    },
    /// Say that what the payment asked for is done.
    Confirm {
        /// The order's id.
        id: Uuid,
    },
}

/// `orders …`
#[derive(Subcommand, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright orders list --fulfilment unfulfilled --from 2026-11-01
  cartwright orders fulfil ID --carrier DHL --number 00340434161094042557
  cartwright orders parcel ID --status delivered
  cartwright orders note ID \"Leave it with the neighbour\" --visible")]
pub enum OrdersCommand {
    /// List orders, the newest first.
    List(ListCommand),
    /// Say that goods were sent: all that is left, or some lines.
    #[command(alias = "ship")]
    Fulfil(FulfilCommand),
    /// Tell a parcel's number, that it arrived, or that it was not sent.
    Parcel(ParcelCommand),
    /// Write a note on an order.
    Note(NoteCommand),
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
    /// Show what happened to an order.
    Timeline {
        /// The order's id.
        id: Uuid,
    },
    /// Send money of an order back: units of lines, shipping, an amount. They add up.
    Refund(RefundCommand),
    /// Record money that left by other means, or that the provider does not have.
    Correct(CorrectCommand),
    /// Put refunded units back on the shelf.
    Restock(RestockCommand),
    /// Record money that came past every gateway: a part of what is to be paid, or all.
    Paid(PaidCommand),
    /// Record that the money of a refund was sent past every gateway.
    SentBack(SentBackCommand),
    /// Capture money that was set aside; the rest is let go.
    Capture {
        /// The order's id.
        id: Uuid,
        /// Minor units; all of it unless given.
        #[arg(long)]
        amount: Option<i64>,
    },
}

/// `orders refund`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright orders refund ID --line PEN=1 --restock        # one pen, which goes back on the shelf
  cartwright orders refund ID --shipping --amount 250       # the shipping, and 2.50€ besides
  cartwright orders refund ID --line PEN=1 --key return-17  # in a script that may have to repeat itself")]
pub struct RefundCommand {
    /// The order's id.
    id: Uuid,
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
    /// Why, for the record.
    #[arg(long)]
    reason: Option<String>,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// `orders list …`
#[derive(Args, Clone, Debug)]
pub struct ListCommand {
    /// pending_payment, placed, cancelled, payment_failed, expired.
    #[arg(long)]
    status: Option<String>,
    /// State of the payment: captured, declined, refunded, …
    #[arg(long)]
    payment: Option<String>,
    /// unfulfilled, partially_fulfilled, fulfilled, delivered.
    #[arg(long)]
    fulfilment: Option<String>,
    /// The customer's name in the shop's own system.
    #[arg(long)]
    customer: Option<String>,
    /// E-mail address.
    #[arg(long)]
    email: Option<String>,
    /// First day on which they were made by the store's clock, as 2026-11-01.
    #[arg(long)]
    from: Option<String>,
    /// Last such day.
    #[arg(long)]
    to: Option<String>,
    /// Most orders to list.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub(crate) async fn checkout(command: CheckoutCommand, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let access = session.require_cart()?;
    let expected_total = command.expected_total.or_else(|| session.shown(access.id));
    let payment = paying::way_to_pay(command.gateway, command.method, &access, terminal).await?;
    let request = Checkout { expected_total, payment, idempotency_key: None };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    match terminal.client.checkout(&access, &key, &request).await {
        Ok(order) => {
            session.remember_order(&order, &access)?;
            terminal.show(&order, screen::order)
        }
        Err(Error::Problem(problem)) => {
            show_new_total(&problem, &access, &mut session, terminal).await?;
            Err(Failure::Refused(problem))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a refusal shows of the total is what the next checkout agrees to. Where nothing was shown before, the cart is.
async fn show_new_total(
    problem: &Problem,
    access: &CartAccess,
    session: &mut Session,
    terminal: &Terminal,
) -> Result<(), Failure> {
    match problem.code.as_str() {
        "total_required" => {
            let cart = terminal.client.cart(access).await?;
            session.show_cart(&cart, terminal, screen::cart)
        }
        "price_changed" => {
            let with = problem.remedy.as_ref().and_then(|remedy| remedy.with.as_ref());
            match with.and_then(|with| with["expected_total"].as_i64()) {
                Some(total) => session.remember_shown(access.id, total),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

pub(crate) async fn run_order(command: OrderCommand, terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(terminal)?;
    let order = match command {
        OrderCommand::Show { id } => terminal.client.order(id, session.order_token(id).as_deref()).await?,
        OrderCommand::Cancel { id, reason } => {
            let token = session.order_token(id);
            terminal.client.cancel_order(id, token.as_deref(), &CancelOrder { reason }).await?
        }
        OrderCommand::Timeline { id } => {
            return events::order(id, session.order_token(id).as_deref(), terminal).await;
        }
        OrderCommand::Confirm { id } => terminal.client.confirm_payment(id, session.order_token(id).as_deref()).await?,
    };
    session.note_order(&order)?;
    terminal.show(&order, screen::order)
}

pub(crate) async fn run_orders(command: OrdersCommand, terminal: &Terminal) -> Result<(), Failure> {
    let order = match command {
        OrdersCommand::Timeline { id } => return events::order(id, None, terminal).await,
        OrdersCommand::List(command) => return list(command, terminal).await,
        OrdersCommand::Fulfil(command) => handling::fulfil(command, terminal).await?,
        OrdersCommand::Parcel(command) => handling::parcel(command, terminal).await?,
        OrdersCommand::Note(command) => handling::note(command, terminal).await?,
        OrdersCommand::Show { id } => terminal.client.order(id, None).await?,
        OrdersCommand::Cancel { id, reason } => terminal.client.cancel_order(id, None, &CancelOrder { reason }).await?,
        OrdersCommand::Paid(command) => paying::paid(command, terminal).await?,
        OrdersCommand::SentBack(command) => paying::sent_back(command, terminal).await?,
        OrdersCommand::Refund(command) => refund(command, terminal).await?,
        OrdersCommand::Correct(command) => corrections::correct(command, terminal).await?,
        OrdersCommand::Restock(command) => corrections::restock(command, terminal).await?,
        OrdersCommand::Capture { id, amount } => terminal.client.capture_payment(id, &CaptureInput { amount }).await?,
    };
    terminal.show(&order, screen::order)
}

async fn refund(command: RefundCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let order = terminal.client.order(command.id, None).await?;
    let lines = command.lines.iter().map(|line| refund_line(line, &order, command.restock));
    let request = RefundInput {
        lines: lines.collect::<Result<_, _>>()?,
        shipping: command.shipping,
        shipping_amount: None,
        amount: command.amount,
        reason: command.reason,
    };
    let key = command.key.unwrap_or_else(|| Uuid::new_v4().to_string());
    Ok(terminal.client.refund_order(command.id, &key, &request).await?)
}

/// `PEN=2`
pub(super) fn refund_line(text: &str, order: &Order, restock: bool) -> Result<RefundLineInput, Failure> {
    let usage = || Failure::Usage(format!("`{text}` is not like PEN=1: a SKU of the order, and units"));
    let (name, units) = text.rsplit_once('=').ok_or_else(usage)?;
    let line = order.lines.iter().find(|line| line.sku == name || line.id.to_string() == name).ok_or_else(usage)?;
    let quantity = units.parse().map_err(|_| usage())?;
    Ok(RefundLineInput { line_id: line.id, quantity, restock })
}

async fn list(command: ListCommand, terminal: &Terminal) -> Result<(), Failure> {
    let query = OrderQuery {
        status: command.status,
        payment_status: command.payment,
        fulfilment_status: command.fulfilment,
        customer: command.customer,
        email: command.email,
        created_from: command.from,
        created_to: command.to,
        limit: u32::try_from(command.limit.clamp(1, PAGE_ROWS)).ok(),
    };
    let orders: Vec<Order> = terminal.client.orders(&query).take(command.limit).await?;
    terminal.show(&orders, |orders| match orders.len() {
        0 => "No orders.".to_owned(),
        _ => screen::orders(orders),
    })
}
