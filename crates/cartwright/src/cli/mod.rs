//! The client side of the binary: commands for shoppers and operators. They speak to a server over HTTP through
//! `cartwright-client` and know nothing of the engine or its database. `ClientCommand` stands next to the server's
//! commands in `main.rs`, which calls [`run`].

mod account;
mod amount;
mod basket;
mod cart;
mod carts;
mod catalogue;
mod codes;
mod corrections;
mod customers;
mod events;
mod failure;
mod fields;
mod goods;
mod handling;
mod instant;
mod mails;
mod orders;
mod paying;
mod people;
mod products;
mod promotions;
mod rates;
mod receipt;
mod reconcile;
mod recovery;
mod replay;
mod reports;
mod screen;
mod session;
mod stock;
mod stores;
mod terminal;
mod tryout;
mod verify;
mod webhooks;

use clap::{Args, Subcommand};
use failure::Failure;
use std::process::ExitCode;
use terminal::Terminal;

pub use people::{ALL, KeysOverHttp, keys_over_http, keys_table};
pub use verify::{show_findings, verify_over_http};

/// What the exit codes of the client commands mean; for `after_help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused by the shop (the reason and what to do are on stderr), or something to look at was found
  2  the command cannot be understood as typed, or a file cannot be read or written
  3  the server cannot be reached
  4  the answer is not one of Cartwright's";

/// Where the shop is and who asks. These apply to every client command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where the shop is")]
pub struct ClientOptions {
    /// Address of the server.
    #[arg(long, global = true, env = "CARTWRIGHT_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Store to use, by handle [default: default].
    #[arg(long, global = true, env = "CARTWRIGHT_STORE")]
    pub store: Option<String>,
    /// An operator's secret key (sk_…). Better given by the variable than typed.
    #[arg(long, global = true, env = "CARTWRIGHT_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    /// With an operator's key: the customer for whom it acts; then only that one's carts and orders open.
    #[arg(long, global = true, env = "CARTWRIGHT_ACTING_FOR")]
    pub acting_for: Option<String>,
    /// Prints the server's JSON instead of tables; refusals as JSON on stderr.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Commands that speak to a server.
#[derive(Subcommand, Clone, Debug)]
pub enum ClientCommand {
    /// List and search products.
    Products(products::ProductsCommand),
    /// Show one product with its variants.
    Product(products::ProductCommand),
    /// Make a cart of the SKUs named, print its total, and remove it again.
    Basket(basket::BasketCommand),
    /// Fill and change the current cart.
    #[command(subcommand)]
    Cart(cart::CartCommand),
    /// Pay for the current cart: it becomes an order.
    Checkout(orders::CheckoutCommand),
    /// One order: show, cancel, confirm its payment.
    #[command(subcommand)]
    Order(orders::OrderCommand),
    /// Register, log in, and what is one's own.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// What the links of reminders do.
    #[command(subcommand)]
    Recovery(recovery::RecoveryCommand),
    /// [operator] List, show, fulfil and cancel orders; notes.
    #[command(subcommand)]
    Orders(orders::OrdersCommand),
    /// [operator] List what happened to carts and orders.
    Events(events::EventsCommand),
    /// [operator] List and change receivers of events, and send events again.
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    /// [operator] Look into carts.
    #[command(subcommand)]
    Carts(carts::CartsCommand),
    /// [operator] List people who run the shop, give and take roles.
    #[command(subcommand)]
    Operators(people::OperatorsCommand),
    /// [operator] Export or erase what is kept of a person, by address.
    #[command(subcommand)]
    Persons(people::PersonsCommand),
    /// [operator] List what operators did.
    Audit(people::AuditCommand),
    /// [operator] Preview what mails say, and put words of the store's own.
    #[command(subcommand)]
    Mails(mails::MailsCommand),
    /// [operator] Compare the providers' payments with the orders, and repair what differs.
    Reconcile(reconcile::ReconcileCommand),
    /// [operator] Deal with payments at a provider that no order is for.
    #[command(subcommand)]
    Unmatched(corrections::UnmatchedCommand),
    /// [operator] Sales, products, promotions, carts, payments and recovered revenue of a period.
    #[command(subcommand)]
    Reports(reports::ReportsCommand),
    /// [operator] Load products from CSV files (Shopify's format or a plain one).
    Import(catalogue::ImportCommand),
    /// [operator] Write the catalogue as CSV.
    Export(catalogue::ExportCommand),
    /// [operator] Show, change, rename and remove single products and variants.
    #[command(subcommand)]
    Goods(goods::GoodsCommand),
    /// [operator] Show and change stock.
    #[command(subcommand)]
    Stock(stock::StockCommand),
    /// [operator] List, try, create and delete promotions.
    #[command(subcommand)]
    Promotions(promotions::PromotionsCommand),
    /// [operator] Tell groups and tax exemption of customers.
    #[command(subcommand)]
    Customers(customers::CustomersCommand),
    /// [operator] Show and set how the store ships.
    #[command(subcommand)]
    Shipping(rates::RatesCommand),
    /// [operator] Show and set the store's tax rates.
    #[command(subcommand)]
    Taxes(rates::RatesCommand),
    /// [operator] List, show, create and change stores.
    #[command(subcommand)]
    Stores(stores::StoresCommand),
    /// [operator] Place the orders of a file of real invoices, and compare their totals.
    Replay(replay::ReplayCommand),
}

/// Runs one command against the server and tells what went wrong, if something did.
pub async fn run(command: ClientCommand, options: ClientOptions) -> ExitCode {
    let outcome = match Terminal::open(&options) {
        Ok(terminal) => dispatch(command, &terminal).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(&options),
    }
}

async fn dispatch(command: ClientCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        ClientCommand::Products(command) => products::list(command, terminal).await,
        ClientCommand::Product(command) => products::show(command, terminal).await,
        ClientCommand::Basket(command) => basket::run(command, terminal).await,
        ClientCommand::Cart(command) => cart::run(command, terminal).await,
        ClientCommand::Checkout(command) => orders::checkout(command, terminal).await,
        ClientCommand::Order(command) => orders::run_order(command, terminal).await,
        ClientCommand::Account(command) => account::run(command, terminal).await,
        ClientCommand::Recovery(command) => recovery::run(command, terminal).await,
        ClientCommand::Operators(command) => people::operators(command, terminal).await,
        ClientCommand::Persons(command) => people::persons(command, terminal).await,
        ClientCommand::Audit(command) => people::audit(command, terminal).await,
        ClientCommand::Mails(command) => mails::run(command, terminal).await,
        ClientCommand::Orders(command) => orders::run_orders(command, terminal).await,
        ClientCommand::Events(command) => events::run(command, terminal).await,
        ClientCommand::Webhooks(command) => webhooks::run(command, terminal).await,
        ClientCommand::Carts(command) => carts::run(command, terminal).await,
        ClientCommand::Reconcile(command) => reconcile::run(command, terminal).await,
        ClientCommand::Unmatched(command) => corrections::unmatched(command, terminal).await,
        ClientCommand::Reports(command) => reports::run(command, terminal).await,
        ClientCommand::Import(command) => catalogue::import(command, terminal).await,
        ClientCommand::Export(command) => catalogue::export(command, terminal).await,
        ClientCommand::Goods(command) => goods::run(command, terminal).await,
        ClientCommand::Stock(command) => stock::run(command, terminal).await,
        ClientCommand::Promotions(command) => promotions::run(command, terminal).await,
        ClientCommand::Customers(command) => customers::run(command, terminal).await,
        ClientCommand::Shipping(command) => rates::run_shipping(command, terminal).await,
        ClientCommand::Taxes(command) => rates::run_taxes(command, terminal).await,
        ClientCommand::Stores(command) => stores::run(command, terminal).await,
        ClientCommand::Replay(command) => replay::run(command, terminal).await,
    }
}
