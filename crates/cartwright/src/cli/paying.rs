//! Ways to pay, and money that comes and goes past every gateway.

use super::failure::Failure;
use super::session::Session;
use super::terminal::Terminal;
use cartwright_client::CartAccess;
use cartwright_client::wire::{Order, PaymentInput, PaymentMethods, RecordPayment, RefundSent};
use clap::Args;
use uuid::Uuid;

/// `orders paid …`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  cartwright orders paid ID 3250 --reference 'statement 12, line 4'
  cartwright orders paid ID 3200 --reference 'statement 12, line 4' --waive-rest")]
pub struct PaidCommand {
    /// The order's id.
    id: Uuid,
    /// Minor units; 0 only with --waive-rest.
    amount: i64,
    /// Where it is found outside: a line of the bank statement, the number of a receipt.
    #[arg(long)]
    reference: String,
    /// The shop does without what is still missing.
    #[arg(long)]
    waive_rest: bool,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

/// `orders sent-back …`
#[derive(Args, Clone, Debug)]
pub struct SentBackCommand {
    /// The order's id.
    id: Uuid,
    /// The refund's id; the oldest that waits unless given.
    refund: Option<Uuid>,
    /// Where it is found outside.
    #[arg(long)]
    reference: String,
    /// Idempotency key; a new one unless given.
    #[arg(long)]
    key: Option<String>,
}

pub(super) async fn paid(command: PaidCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let PaidCommand { id, amount, reference, waive_rest, key } = command;
    let payment = RecordPayment { amount, reference, waive_rest };
    Ok(terminal.client.record_payment(id, &key.unwrap_or_else(new_key), &payment).await?)
}

pub(super) async fn sent_back(command: SentBackCommand, terminal: &Terminal) -> Result<Order, Failure> {
    let refund = match command.refund {
        Some(refund) => refund,
        None => {
            let order = terminal.client.order(command.id, None).await?;
            let waiting = order.refunds.iter().find(|refund| refund.status == "pending");
            waiting.ok_or_else(|| Failure::Usage("no refund of the order waits to be sent".to_owned()))?.id
        }
    };
    let sent = RefundSent { reference: command.reference };
    Ok(terminal.client.record_refund_sent(command.id, refund, &command.key.unwrap_or_else(new_key), &sent).await?)
}

fn new_key() -> String {
    Uuid::new_v4().to_string()
}

/// `cart payment-methods`
pub(super) async fn list(terminal: &Terminal, session: &Session) -> Result<(), Failure> {
    let methods = terminal.client.cart_payment_methods(&session.require_cart()?).await?;
    terminal.show(&methods, shown)
}

fn shown(methods: &PaymentMethods) -> String {
    if methods.methods.is_empty() {
        return "The shop offers no way to pay.".to_owned();
    }
    let line = |method: &cartwright_client::wire::PaymentMethod| {
        let text = method.text.as_deref().map(|text| format!("\n    {text}")).unwrap_or_default();
        format!("--gateway {} --method {}  {}{text}", method.gateway, method.method, method.title)
    };
    methods.methods.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a checkout names: what was typed, the rest from what the shop offers.
pub(super) async fn way_to_pay(
    gateway: Option<String>,
    method: Option<String>,
    cart: &CartAccess,
    terminal: &Terminal,
) -> Result<PaymentInput, Failure> {
    if let (Some(gateway), Some(method)) = (&gateway, &method) {
        return Ok(PaymentInput { gateway: gateway.clone(), method: method.clone() });
    }
    let offered = terminal.client.cart_payment_methods(cart).await?.methods;
    let fits = |typed: &Option<String>, name: &str| typed.as_ref().is_none_or(|typed| typed == name);
    let found = offered.into_iter().find(|way| fits(&gateway, &way.gateway) && fits(&method, &way.method));
    let found = found.ok_or_else(|| {
        Failure::Usage("the shop does not offer this; `cartwright cart payment-methods` lists what it does".to_owned())
    })?;
    Ok(PaymentInput { gateway: found.gateway, method: found.method })
}
