//! Places the orders: sets the prices of the invoices that come next, fills a cart for each, checks it out.
//!
//! Invoices go in the order of the file. Several go at once only where none of them would see another's prices or
//! another's cart: they agree on the price of every article they share, and are of different customers.

use super::goods::Prices;
use super::invoices::{Invoice, Line, Plan};
use crate::cli::catalogue::progress_bar;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use cartwright_client::wire::{
    Cart, Checkout, CreateCart, LineInput, Order, PaymentInput, PriceInput, Problem, SetPrices,
};
use cartwright_client::{CartAccess, Client, Error, OrderQuery};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinSet;

const PRICES_AT_ONCE: usize = 1_000;
const PAGE_ROWS: u32 = 100;
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of an invoice.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Its order was placed just now, or by an earlier run.
    Placed { total: i64, is_new: bool },
    /// The shop refused it, or it waits for its payment.
    Failed(Reason),
}

/// Why there is no placed order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reason {
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// Outcomes by invoice number.
pub(crate) type Outcomes = HashMap<String, Outcome>;

/// The address that marks an order as this invoice's, so that a later run finds it.
fn mark_of(number: &str) -> String {
    format!("invoice-{}@replay.invalid", number.to_lowercase())
}

/// The outcomes of earlier runs, read from the store's orders.
pub(crate) async fn earlier(invoices: &[Invoice], terminal: &Terminal) -> Result<Outcomes, Failure> {
    let marks: HashMap<String, &str> =
        invoices.iter().map(|invoice| (mark_of(&invoice.number), invoice.number.as_str())).collect();
    let mut outcomes = Outcomes::new();
    let mut pages = terminal.client.orders(&OrderQuery { limit: Some(PAGE_ROWS), ..OrderQuery::default() });
    while let Some(page) = pages.next().await? {
        for order in page.items {
            let number = order.email.as_deref().and_then(|email| marks.get(email));
            if let Some(number) = number {
                outcomes.insert((*number).to_owned(), outcome_of(&order, false));
            }
        }
    }
    Ok(outcomes)
}

fn outcome_of(order: &Order, is_new: bool) -> Outcome {
    match order.status.as_str() {
        "placed" => Outcome::Placed { total: order.totals.total.amount, is_new },
        status => {
            Outcome::Failed(Reason { code: status.to_owned(), detail: format!("the order {} is {status}", order.id) })
        }
    }
}

/// Places the orders of these invoices, at most `width` at once.
pub(crate) async fn play(
    plan: &Plan,
    invoices: &[&Invoice],
    mut prices: Prices,
    width: usize,
    terminal: &Terminal,
) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::new();
    let bar = progress_bar(invoices.len(), "invoices");
    let mut rest = invoices;
    while !rest.is_empty() {
        let (wave, later) = rest.split_at(wave_length(rest, width));
        set_prices(plan, wave, &mut prices, &terminal.client).await?;
        let mut tasks = JoinSet::new();
        for invoice in wave {
            let (client, number, request) = (terminal.client.clone(), invoice.number.clone(), cart_of(plan, invoice));
            let expected = invoice.total();
            tasks.spawn(async move { (number.clone(), place(&client, &number, request, expected).await) });
        }
        while let Some(done) = tasks.join_next().await {
            let (number, outcome) = done.map_err(|error| Failure::Unexpected(error.to_string()))?;
            outcomes.insert(number, outcome?);
            bar.inc(1);
        }
        rest = later;
    }
    bar.finish_and_clear();
    Ok(outcomes)
}

/// How many of the next invoices can go at once.
fn wave_length(invoices: &[&Invoice], most: usize) -> usize {
    let mut prices: HashMap<(usize, usize), i64> = HashMap::new();
    let mut customers: Vec<&str> = Vec::new();
    for (index, invoice) in invoices.iter().enumerate().take(most.max(1)) {
        let differs = |line: &Line| prices.get(&(line.article, line.place)).is_some_and(|price| *price != line.price);
        let returns = invoice.customer.as_deref().is_some_and(|customer| customers.contains(&customer));
        if returns || invoice.lines.iter().any(differs) {
            return index.max(1);
        }
        customers.extend(invoice.customer.as_deref());
        prices.extend(invoice.lines.iter().map(|line| ((line.article, line.place), line.price)));
    }
    invoices.len().min(most.max(1))
}

async fn set_prices(plan: &Plan, wave: &[&Invoice], prices: &mut Prices, client: &Client) -> Result<(), Failure> {
    let mut changes: Vec<PriceInput> = Vec::new();
    for line in wave.iter().flat_map(|invoice| &invoice.lines) {
        let sku = plan.articles[line.article].sku(line.place);
        if prices.insert(sku.clone(), line.price) != Some(line.price) {
            changes.push(PriceInput { sku, price: line.price, currency: None });
        }
    }
    for changes in changes.chunks(PRICES_AT_ONCE) {
        client.set_prices(&SetPrices { prices: changes.to_vec() }).await?;
    }
    Ok(())
}

fn cart_of(plan: &Plan, invoice: &Invoice) -> CreateCart {
    let line = |line: &Line| LineInput {
        sku: Some(plan.articles[line.article].sku(line.place)),
        quantity: line.quantity,
        ..LineInput::default()
    };
    CreateCart {
        currency: None,
        email: Some(mark_of(&invoice.number)),
        customer: invoice.customer.clone(),
        lines: invoice.lines.iter().map(line).collect(),
        cookie: false,
    }
}

/// A refusal is the invoice's outcome; no answer, or one that is not the shop's, ends the run.
async fn place(client: &Client, number: &str, request: CreateCart, expected: Option<i64>) -> Result<Outcome, Failure> {
    match place_or_refuse(client, number, request, expected).await {
        Ok(order) => Ok(outcome_of(&order, true)),
        Err(Error::Problem(problem)) if problem.status < 500 && !is_about_the_caller(&problem) => {
            Ok(Outcome::Failed(Reason { code: problem.code.clone(), detail: in_a_line(&problem) }))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_about_the_caller(problem: &Problem) -> bool {
    matches!(problem.status, 401 | 403 | 429)
}

fn in_a_line(problem: &Problem) -> String {
    let items = problem.errors.iter().map(|item| format!("; {}", item.detail));
    std::iter::once(problem.detail.clone()).chain(items).collect()
}

async fn place_or_refuse(
    client: &Client,
    number: &str,
    request: CreateCart,
    expected: Option<i64>,
) -> Result<Order, Error> {
    let cart = fresh_cart(client, &request).await?;
    let payment = PaymentInput { gateway: "test".to_owned(), method: "ok".to_owned() };
    let expected_total = expected.or(Some(cart.totals.total.amount));
    let checkout = Checkout { expected_total, payment, idempotency_key: None };
    client.checkout(&CartAccess::of(&cart), &format!("replay-invoice-{number}"), &checkout).await
}

/// A customer's cart may still hold what a run that was cut short put into it; then it is begun anew.
async fn fresh_cart(client: &Client, request: &CreateCart) -> Result<Cart, Error> {
    let cart = create_patiently(client, request).await?;
    let wanted = (request.lines.len(), request.lines.iter().map(|line| line.quantity).sum::<i64>());
    let found = (cart.lines.len(), cart.lines.iter().map(|line| line.quantity).sum::<i64>());
    if found == wanted && cart.email == request.email {
        return Ok(cart);
    }
    client.delete_cart(&CartAccess::of(&cart)).await?;
    create_patiently(client, request).await
}

/// The client does not send a customer's cart twice by itself, for its lines would count twice; here that is seen.
async fn create_patiently(client: &Client, request: &CreateCart) -> Result<Cart, Error> {
    for _ in 1..ATTEMPTS {
        match client.create_cart(request).await {
            Err(Error::Problem(problem)) if matches!(problem.status, 429 | 503) => tokio::time::sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
    client.create_cart(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave_of(rows: &str, most: usize) -> usize {
        let text = format!("InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID\n{rows}");
        let plan = Plan::read(text.as_bytes(), 2, usize::MAX).expect("a plan");
        wave_length(&plan.invoices.iter().collect::<Vec<_>>(), most)
    }

    #[test]
    fn invoices_go_together_only_where_prices_agree_and_customers_differ() {
        assert_eq!(wave_of("1,A,x,1,1,7\n2,A,x,1,1,8\n3,A,x,1,2,9\n", 8), 2, "the price of A changes");
        assert_eq!(wave_of("1,A,x,1,1,7\n2,B,x,1,1,7\n", 8), 1, "the same customer again");
        assert_eq!(wave_of("1,A,x,1,1,\n2,B,x,1,1,\n3,A,x,1,1,\n", 8), 3, "guests do not share carts");
        assert_eq!(wave_of("1,A,x,1,1,\n2,B,x,1,1,\n3,A,x,1,1,\n", 1), 1);
    }
}
